/*
 * How tables and indexes come, change state and go.
 *
 *   table   CREATING -> ACTIVE -> DELETING -> gone
 *   index   with its table: CREATING_WITH_TABLE -> ACTIVE
 *           by UpdateTable: ALLOCATING -> BACKFILLING -> ACTIVE -> DELETING -> gone
 *
 * A state ends when the clock says so (its due time is in the catalog) and its work is done, never
 * because somebody asked; so everybody who looks sees the same, and a restart goes on from there.
 *
 * The functions that begin a change fill in states, due times and databases and leave the writing
 * back to the caller, which first shows the new state in its reply.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_LIFECYCLE_H
#define REHEARSEDB_STORAGE_TABLE_LIFECYCLE_H

#include "storage/base/durations.h"
#include "storage/metrics/metric_samples.h"
#include "storage/table/catalog.h"
#include "storage/table/throttle.h"

/* A table that CreateTable has described: takes databases for it and its indexes. */
void table_begin_create(struct txn *txn,
                        struct table_definition *table,
                        const struct durations *durations,
                        int64_t now_ms);

void table_begin_delete(struct table_definition *table,
                        const struct durations *durations,
                        int64_t now_ms);

/* The last index of `table`, just appended: takes a database for it. */
void index_begin_create(struct txn *txn,
                        const struct table_definition *table,
                        struct index_definition *index,
                        const struct durations *durations,
                        int64_t now_ms);

void index_begin_delete(struct index_definition *index,
                        const struct durations *durations,
                        int64_t now_ms);

/*
 * Takes every step of `table` that is due and needs no work, then writes the table back or, at the
 * end of its deletion, removes it. `throttle` (NULL: there is none) learns what it is now.
 */
void table_settle(struct txn *txn,
                  struct arena *arena,
                  struct table_definition *table,
                  const struct durations *durations,
                  struct throttle *throttle,
                  int64_t now_ms);

#define LIFECYCLE_NEVER INT64_MAX

/* What a turn of the background works with. */
struct lifecycle_turn {
    struct txn *txn;
    struct arena *arena;
    const struct durations *durations;
    struct throttle *throttle; /* NULL: nothing is throttled */
    int64_t now_ms;

    /* Gets the metrics of the indexes that are being built, for when `txn` is committed. */
    struct metric_samples *samples;
};

/*
 * Moves every unsettled table on by one bounded step each. Returns when to come again: `now_ms`
 * when there is more to do at once, a due time, or LIFECYCLE_NEVER.
 */
int64_t lifecycle_step(const struct lifecycle_turn *turn);

/* True when the index is being built and stands at its hold. */
bool index_is_held(struct txn *txn,
                   const struct table_definition *table,
                   const struct index_definition *index);

#endif
