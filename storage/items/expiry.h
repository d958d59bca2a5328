/*
 * Deletes the items whose time to live is over, in the background and a while after: until then
 * every read still sees them. Writes do nothing for it; a sweep looks at all items of every table
 * that has time to live enabled.
 *
 * A sweep goes on in bounded steps. A step reads a stretch of one table over a snapshot, then, only
 * if something in it has expired, deletes that in a short write transaction, under which each item
 * is looked at again: what a client has changed or deleted meanwhile is left as it is. The next
 * sweep begins no sooner than the interval says, and than ten times what the last one took; so a
 * huge table costs a tenth of a core at the most.
 *
 * The position is not kept: after a restart a sweep begins anew, and finds what is still there.
 *
 * Items of a frozen table stay (storage/table/freezes.h).
 *
 * An item has expired when its attribute is a number and, taken as seconds since 1970, not later
 * than now and not more than five years before (developer guide, "Using time to live").
 */

#ifndef REHEARSEDB_STORAGE_ITEMS_EXPIRY_H
#define REHEARSEDB_STORAGE_ITEMS_EXPIRY_H

#include "storage/metrics/metric_samples.h"
#include "storage/table/table_definition.h"
#include "storage/value/key_codec.h"

struct arena;
struct env;

/* Five years of 365 days. */
#define EXPIRY_WINDOW_S INT64_C(157680000)

/* Where the sweep is. One thread at a time. */
struct expiry {
    int64_t interval_ms; /* from the end of a sweep to the next one, of the clock; 0: never */
    int64_t due_ms;      /* of the next sweep; good while none is under way */
    bool is_sweeping;
    uint8_t table[QUALIFIED_NAME_SIZE_MAX]; /* being swept, or the last one done */
    size_t table_length;
    bool is_in_table;
    uint8_t position[KEY_SIZE_MAX]; /* the last key done with in that table */
    size_t position_length;
    int64_t worked_ns; /* in this sweep */
};

/* Whether an item whose `attribute_name` is this has expired. */
bool item_is_expired(struct bytes item, struct bytes attribute_name, int64_t now_ms);

#define EXPIRY_NEVER INT64_MAX

/*
 * One step, in transactions of its own. Returns when to come again, in milliseconds of the clock:
 * `now_ms` when there is more to do at once, EXPIRY_NEVER while no table has time to live.
 * `samples` gets the metrics of what was deleted.
 */
int64_t expiry_step(struct env *env,
                    struct arena *arena,
                    struct expiry *expiry,
                    int64_t now_ms,
                    struct metric_samples *samples);

#endif
