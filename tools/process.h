/*
 * Child processes that never outlive us, and the interruption of ourselves.
 *
 * Every child leads its own process group, so that it can be ended together with everything it
 * started, and gets SIGTERM from the kernel when we die. What leaves the group (a daemon makes a
 * session of its own) is found by its parentage: who loses its parent is adopted by us. One thread
 * only: the kernel's signal is bound to the thread that started the child.
 *
 * SIGINT, SIGTERM and SIGHUP do not end us at once: they set a flag that every wait below looks at,
 * so that the children are ended first.
 */

#ifndef REHEARSEDB_TOOLS_PROCESS_H
#define REHEARSEDB_TOOLS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
    pid_t id;        /* also of its group; 0: never started */
    bool running;    /* as far as we know; process_poll looks again */
    int wait_status; /* once it is not running */
};

enum {
    PROCESS_COUNT_MAX = 64, /* that run at one time */
};

/* In the child, `to` becomes a copy of our `from`. */
struct process_redirect {
    int from;
    int to;
};

/*
 * Starts argv[0], looked up in PATH unless it has a slash. Returns 0 or an errno value, EAGAIN for
 * one process too many.
 */
int process_start(struct process *process,
                  const char *const *argv,
                  const struct process_redirect *redirects,
                  size_t redirect_count);

/*
 * The same in a session of its own, which no hang-up of our terminal reaches; and it outlives us
 * unless it is ended.
 */
int process_start_lasting(struct process *process,
                          const char *const *argv,
                          const struct process_redirect *redirects,
                          size_t redirect_count);

/*
 * Takes a process that a child of ours has started and left behind as our own child, with a group
 * of its own if it has not executed another program yet. Waits until the kernel has given it to us;
 * false if it does not within a second, or as one too many.
 */
bool process_adopt(struct process *process, pid_t id);

/* Whether the child still runs. */
bool process_poll(struct process *process);

/*
 * Ends the child with all it has started, its group and those below it: SIGTERM, and SIGKILL to
 * what is left after `grace_ms`.
 */
void process_end(struct process *process, int64_t grace_ms);

/* The same for all that we have inherited from children: what has made itself a daemon. */
void process_end_orphans(int64_t grace_ms);

/* From now on the child is not ours to end: it stays when we go. */
void process_let_go(struct process *process);

/* "exit status 3" or "signal 9 (Killed)": how a child that no longer runs has ended. */
void process_describe_end(const struct process *process, char *out_text, size_t size);

/* The status as bash counts it: of a child ended by a signal, 128 plus the signal. */
int process_exit_code(const struct process *process);

/* A pipe whose ends no child inherits. Returns 0 or an errno value. */
int process_pipe(int *out_read, int *out_write);

/* Also makes us the parent of all below us who lose theirs. */
void process_catch_interrupts(void);
bool process_interrupted(void);

/* Forgets an interruption that was heeded, so that waits wait again and a second one is told. */
void process_heed_interrupt(void);

/* If we were interrupted: ends us now by that signal, as our caller expects. */
void process_yield_to_interrupt(void);

/* Milliseconds of a clock that only goes forward. */
int64_t process_now_ms(void);

/* Microseconds of the same clock. */
int64_t process_now_us(void);

/* Returns early when interrupted. */
void process_sleep_ms(int64_t duration_ms);

#endif
