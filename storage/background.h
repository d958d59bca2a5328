/*
 * The thread for what nobody waits for: states that come due, backfills, emptying dropped
 * databases, expired client tokens.
 *
 * Each turn is one bounded write transaction, between which clients' writes pass. Nothing of its
 * own is in memory: a restart goes on where the store says. Tests open the storage without the
 * thread and call background_step themselves.
 */

#ifndef REHEARSEDB_STORAGE_BACKGROUND_H
#define REHEARSEDB_STORAGE_BACKGROUND_H

#include "storage/base/clock.h"
#include "storage/table/lifecycle.h"

struct background;
struct env;

/* Without `with_thread` nothing happens by itself. NULL when the thread cannot be started. */
struct background *background_open(struct env *env,
                                   struct clock *clock,
                                   const struct durations *durations,
                                   bool with_thread);
void background_close(struct background *background);

/* Something changed that may be due: look now. Any thread. */
void background_wake(struct background *background);

/*
 * One turn. Returns when to come again, in milliseconds of the clock: now or earlier when there is
 * more to do at once, LIFECYCLE_NEVER when nothing waits.
 */
int64_t background_step(struct background *background);

#endif
