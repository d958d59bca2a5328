/*
 * Fills a new index from the items that were there before it, in bounded steps.
 *
 * A step reads the table from where the last one stopped, in the order of its keys, and puts each
 * item's entry. It runs in a write transaction like any client's write, so it sees each item as it
 * is then; writes before and after it keep the index up themselves (storage/items/item_change.h).
 * An entry is therefore in the index exactly once, with the newest image, whatever the
 * interleaving. The position is written in the same transaction: a restart goes on from there.
 */

#ifndef REHEARSEDB_STORAGE_ITEMS_BACKFILL_H
#define REHEARSEDB_STORAGE_ITEMS_BACKFILL_H

#include "storage/items/indexes.h"

struct backfill_progress {
    uint64_t items_scanned;
    uint64_t items_skipped; /* scanned and not put: a key attribute is missing or unusable */
    bool is_complete;       /* the whole table was scanned */
    uint64_t write_units;   /* of the entries put by this step: one a started KB; not kept */
};

/* Progress of a build; all zero when it has not begun. */
struct backfill_progress backfill_find(struct txn *txn, const struct index_definition *index);

/* How far it is, 0 to 100. */
double backfill_percentage(struct txn *txn,
                           const struct table_definition *table,
                           struct backfill_progress progress);

/* Forgets the progress, when the index is done or dropped. */
void backfill_forget(struct txn *txn, const struct index_definition *index);

/*
 * One step: at most until `items_end` items have been scanned in all or, of this step's entries,
 * `units_end` write units consumed, and a tenth of a second; sooner when a client waits to write.
 * Returns the progress after it. The caller commits.
 */
struct backfill_progress backfill_step(struct txn *txn,
                                       struct arena *arena,
                                       const struct table_definition *table,
                                       const struct index_definition *index,
                                       uint64_t items_end,
                                       double units_end);

#endif
