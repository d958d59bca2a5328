/*
 * What the server told of a run while it ran: plain data in the run's arena, written by
 * observation.c, read by the reports.
 *
 * Times are milliseconds since the run began, by our own clock.
 */

#ifndef REHEARSEDB_TOOLS_OBSERVED_H
#define REHEARSEDB_TOOLS_OBSERVED_H

#include "storage/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum observed_kind {
    OBSERVED_CALL,    /* of the control plane; accepted */
    OBSERVED_STATE,   /* a table or an index has another state */
    OBSERVED_REFUSAL, /* a call was refused */
    OBSERVED_FAULT,   /* one was made to fail, or be late */
    OBSERVED_OTHER,   /* a hold, a snapshot, the clock, … */
};

/* Texts are never NULL; "" is: does not apply. */
struct observed_event {
    enum observed_kind kind;
    int64_t at_ms; /* never before the one before it; 0 for what was before the run */
    bool is_before_run;
    const char *word;      /* the server's own word for the kind */
    const char *operation; /* "UpdateTable" */
    const char *table;
    const char *index; /* "" is the table itself */
    const char *state; /* of OBSERVED_STATE: "CREATING", "BACKFILLING", …; "" is: gone */
    const char *error; /* "ValidationException" */
    const char *message;
};

/* Reads and writes of a table or index between two looks. */
struct observed_use {
    int64_t from_ms;
    int64_t to_ms;
    const char *table;
    const char *index; /* "" is the table itself */
    int64_t reads;
    int64_t writes;
};

/* Items of the table that are in an index not at all, for want of a key attribute. */
struct observed_skip {
    const char *table;
    const char *index;
    int64_t most_count; /* at any look */
    int64_t last_count; /* at the last one; 0: all are in it by now */
};

struct observed {
    const char *version; /* of rehearsedb; "" if it is something else */
    const char *profile;
    const struct observed_event *events;
    size_t event_count;
    const struct observed_use *uses;
    size_t use_count;
    const struct observed_skip *skips;
    size_t skip_count;
    const char *const *lacks; /* what the report has not, and why: sentences */
    size_t lack_count;
};

#endif
