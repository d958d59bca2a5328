/*
 * The one bash that runs all steps of a runbook, so that variables and functions carry over.
 *
 * A step is written to a file that the shell sources; the shell reads the file's name from one pipe
 * and answers with the exit status on another, both out of the step's sight. What the step prints
 * on stdout and stderr comes on a third pipe, in the order it was written. Nothing is told from
 * marks in the output.
 *
 *                 198: what to do with the step's file, its name
 *     rehearse  ------------------------------->  bash, with all it starts in one process group
 *               <-------------------------------
 *                 199: exit status    1, 2: output
 *
 * The file is called as the runbook is, and filled up with empty lines, so that bash's messages
 * name the runbook's own lines.
 *
 * A step in the background runs in a copy of the shell that is left behind at once, so that it is
 * our child and not the shell's: its exit status is ours, and a step's `wait` does not wait for it.
 * It begins when we let it through a third pipe, 197, and writes its output to a file.
 */

#ifndef REHEARSEDB_TOOLS_SHELL_H
#define REHEARSEDB_TOOLS_SHELL_H

#include "storage/base/bytes.h"
#include "tools/process.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct step;

struct shell {
    struct process process;
    int command_fd;
    int status_fd;
    int output_fd;
    int gate_fd;
    const char *directory;
    const char *file_name;
};

/* A step in the background. */
struct shell_job {
    struct process process;
    char output_path[PATH_MAX];
};

/* Told while a step runs; both must return soon. */
struct shell_observer {
    void (*printed)(void *context, struct bytes output);
    bool (*waiting)(void *context); /* ten times a second or more; false: end the step */
    void *context;
};

enum shell_outcome {
    SHELL_STEP_DONE,   /* the exit status is known, the shell waits for the next step */
    SHELL_ENDED,       /* the step ended the shell: exit, exec, set -e; the status is the shell's */
    SHELL_TIMED_OUT,   /* the shell and all it started have been ended; no status */
    SHELL_INTERRUPTED, /* the same, because we were interrupted */
    SHELL_STOPPED,     /* the same, because the observer wished so */
    SHELL_BROKEN,      /* the step could not be handed over: errno says why */
};

/*
 * Starts bash with the environment as it is now. `directory` takes the steps' files, named
 * `file_name`; both texts must be there until shell_close. Returns 0 or an errno value.
 */
int shell_open(struct shell *shell, const char *directory, const char *file_name);

/*
 * Runs one step until `deadline_ms` of process_now_ms. Its output is appended to `output`, up to
 * SHELL_OUTPUT_SIZE_MAX; each zero byte becomes '?', so that the output is text.
 */
enum shell_outcome shell_run(struct shell *shell,
                             const struct step *step,
                             int64_t deadline_ms,
                             const struct shell_observer *observer,
                             struct buffer *output,
                             int *out_exit_code);

/* Sets a variable in the shell. False: the shell does not let itself, or is gone. */
bool shell_set_variable(struct shell *shell, const char *name, struct bytes value);

/* Starts a step in the background; `number` tells it from others. Returns 0 or an errno value. */
int shell_start_job(struct shell *shell,
                    const struct step *step,
                    size_t number,
                    struct shell_job *out_job);

/* Ends what has not ended yet. Its output is appended as shell_run appends it. */
void shell_end_job(struct shell_job *job, struct buffer *output);

enum { SHELL_OUTPUT_SIZE_MAX = 4 * 1024 * 1024 };

/* Lets the shell end by itself (its EXIT trap runs), then ends what it has left. */
void shell_close(struct shell *shell);

#endif
