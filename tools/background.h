/*
 * The steps that run in the background: started, watched, and ended before a later step or with the
 * run.
 *
 * Such a step is to run until it is ended. One that ends earlier has failed, unless it says by
 * exit=… with which status it may.
 */

#ifndef REHEARSEDB_TOOLS_BACKGROUND_H
#define REHEARSEDB_TOOLS_BACKGROUND_H

#include "tools/record.h"
#include "tools/shell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BACKGROUND_COUNT_MAX = 32 }; /* at one time */

struct background_job {
    size_t index; /* of the step */
    int64_t began_ms;
    struct shell_job shell_job;
};

struct background {
    struct arena *arena;
    struct shell *shell;
    struct run_record *record;
    struct background_job jobs[BACKGROUND_COUNT_MAX];
    size_t count;
};

/* False: the step has failed already, and its record says why. */
bool background_start(struct background *background, size_t index);

/* The first that has ended before its time, by itself and as it must not; NULL: none. */
const struct step *background_find_ended(struct background *background);

/* The first whose time ends before the step `index`; false: none. */
bool background_find_due(const struct background *background, size_t index, size_t *out_due);

/* Ends the step and judges it, or not if the run ends before its time. */
void background_end(struct background *background, size_t index, bool before_its_time);

#endif
