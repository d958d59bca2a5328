/* The command line of `rehearse run`, and which of a runbook's steps it chooses. */

#ifndef REHEARSEDB_TOOLS_RUN_ARGUMENTS_H
#define REHEARSEDB_TOOLS_RUN_ARGUMENTS_H

#include "tools/runbook.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts are borrowed from argv. */
struct run_arguments {
    const char *runbook_path;
    const char *endpoint; /* NULL: a private server */
    const char *data_directory;
    const char *report_directory;
    const char *from;
    const char *only;
    int64_t step_timeout_ms; /* 0: not given */
    bool list;
    bool keep;
    bool verbose;
};

enum { RUN_ARGUMENTS_HELPED = -1 }; /* help was asked for and shown */

/* CODE_FINE, CODE_USAGE with a message on stderr, or RUN_ARGUMENTS_HELPED. */
int run_arguments_read(int argc, char **argv, struct run_arguments *out);

/*
 * The first of the chosen steps and the one after the last. CODE_FINE, or CODE_USAGE with a message
 * when there is no such step.
 */
int run_arguments_choose(const struct run_arguments *arguments,
                         const struct runbook *runbook,
                         size_t *out_first,
                         size_t *out_end);

/* Prints one line to stderr and returns the exit code. */
int run_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
