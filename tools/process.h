/*
 * Child processes that never outlive us, and the interruption of ourselves.
 *
 * Every child leads its own process group, so that it can be ended together with everything it
 * started, and gets SIGTERM from the kernel when we die. One thread only: the kernel's signal is
 * bound to the thread that started the child.
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

/* In the child, `to` becomes a copy of our `from`. */
struct process_redirect {
    int from;
    int to;
};

/* Starts argv[0], looked up in PATH unless it has a slash. Returns 0 or an errno value. */
int process_start(struct process *process,
                  const char *const *argv,
                  const struct process_redirect *redirects,
                  size_t redirect_count);

/* Whether the child still runs. */
bool process_poll(struct process *process);

/* Ends the child and its group: SIGTERM, and SIGKILL to what is left after `grace_ms`. */
void process_end(struct process *process, int64_t grace_ms);

/* "exit status 3" or "signal 9 (Killed)": how a child that no longer runs has ended. */
void process_describe_end(const struct process *process, char *out_text, size_t size);

/* The status as bash counts it: of a child ended by a signal, 128 plus the signal. */
int process_exit_code(const struct process *process);

/* A pipe whose ends no child inherits. Returns 0 or an errno value. */
int process_pipe(int *out_read, int *out_write);

void process_catch_interrupts(void);
bool process_interrupted(void);

/* If we were interrupted: ends us now by that signal, as our caller expects. */
void process_yield_to_interrupt(void);

/* Milliseconds of a clock that only goes forward. */
int64_t process_now_ms(void);

/* Returns early when interrupted. */
void process_sleep_ms(int64_t duration_ms);

#endif
