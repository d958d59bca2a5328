/*
 * A run as it is shown on stdout: a line for each step, what went wrong, a summary.
 *
 * On a terminal the line of the running step moves and outcomes have colour (unless NO_COLOR is
 * set); in a pipe there are plain lines only. With `verbose` each step's command and output are
 * shown as they come.
 */

#ifndef REHEARSEDB_TOOLS_PROGRESS_H
#define REHEARSEDB_TOOLS_PROGRESS_H

#include "storage/base/bytes.h"
#include "tools/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    const struct runbook *runbook;
    bool verbose;
    bool terminal;
    bool colour;
    /* The running step. */
    size_t index;
    int64_t begin_ms;
    int64_t drawn_ms;
    unsigned frame;
    bool at_line_start; /* of its output */
};

void progress_begin(struct progress *progress,
                    const struct runbook *runbook,
                    const char *endpoint,
                    bool verbose);

void progress_step_begin(struct progress *progress, size_t index);
void progress_step_printed(struct progress *progress, struct bytes output);
void progress_step_waiting(struct progress *progress);

/*
 * For a step that is skipped this is the only call; one in the background has only been started.
 */
void progress_step_end(struct progress *progress, size_t index, const struct step_record *record);

/* A step that was in the background is over. */
void progress_background_end(struct progress *progress,
                             size_t index,
                             const struct step_record *record);

/* "N passed, N failed, N not run": the last line. Skipped steps were not run either. */
void progress_end(const struct progress *progress, const struct run_record *record);

#endif
