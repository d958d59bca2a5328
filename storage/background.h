/*
 * The thread for what nobody waits for: states that come due, backfills, emptying dropped
 * databases, expired client tokens, expired items, refreshing item counts, metrics of minutes that
 * are over.
 *
 * Each turn is a bounded write transaction or few, between which clients' writes pass. Nothing of
 * its own need be kept: a restart goes on where the store says. Tests open the storage without the
 * thread and call background_step themselves.
 */

#ifndef REHEARSEDB_STORAGE_BACKGROUND_H
#define REHEARSEDB_STORAGE_BACKGROUND_H

#include "storage/base/clock.h"
#include "storage/table/lifecycle.h"

struct background;
struct env;
struct metrics;
struct throttle;

struct background_options {
    struct durations durations;
    struct throttle *throttle; /* borrowed; NULL: nothing is throttled */
    int64_t
        item_count_refresh_ms; /* how far apart the marks of the clock stand at which item
                                  counts are refreshed (storage/table/item_counts.h); 0: never */
    bool has_thread;           /* else nothing happens by itself */
};

/* NULL when the thread cannot be started. */
struct background *background_open(struct env *env,
                                   struct clock *clock,
                                   struct metrics *metrics,
                                   const struct background_options *options);
void background_close(struct background *background);

/* Something changed that may be due: look now. Any thread. */
void background_wake(struct background *background);

/*
 * Looks now, and returns once all is done that is due and needs no more time: true; or after
 * `timeout_ms`, or at once where there is no thread: false. Any thread but its own.
 */
bool background_settle(struct background *background, int64_t timeout_ms);

/*
 * One turn. Returns when to come again, in milliseconds of the clock: now or earlier when there is
 * more to do at once, LIFECYCLE_NEVER when nothing waits.
 */
int64_t background_step(struct background *background);

#endif
