/*
 * Runs a runbook's steps one after the other, judges each and stops at the first that fails.
 */

#ifndef REHEARSEDB_TOOLS_RUN_H
#define REHEARSEDB_TOOLS_RUN_H

#include "tools/record.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct observation;
struct progress;
struct shell;

struct run_options {
    size_t first; /* of the steps to run, and … */
    size_t end;   /* … the one after the last */
    bool is_aws;
    bool is_rehearsedb;
    bool restored; /* the store is in the state of the first step's snapshot */
    /*
     * How long a step may take, in milliseconds. 0: five minutes for each try, and `within` of the
     * step for all of them; else this is the limit of all tries together, whatever `within` says.
     */
    int64_t step_timeout_ms;
};

struct run_parts {
    struct shell *shell;
    struct progress *progress;
    struct observation *observation;
};

/*
 * Fills in record->steps, which must be as many as the runbook has, all zero, and
 * record->duration_ms. True when no step failed. Output and failures are kept in the arena.
 */
bool run_steps(struct arena *arena,
               const struct run_options *options,
               const struct run_parts *parts,
               struct run_record *record);

#endif
