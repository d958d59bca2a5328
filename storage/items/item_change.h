/*
 * THE WRITE. One function changes items; whatever else follows from a change (indexes, sizes)
 * changes in it, in the same transaction. So the indexes agree with the items by construction, an
 * index that is still being built included: from the moment it exists it is kept up here, and the
 * backfill (storage/items/backfill.h) only adds what was there before.
 */

#ifndef REHEARSEDB_STORAGE_ITEMS_ITEM_CHANGE_H
#define REHEARSEDB_STORAGE_ITEMS_ITEM_CHANGE_H

#include "storage/items/indexes.h"

/* What a change did to one index, in DynamoDB's bytes of the projected image; for capacity units.
 */
struct index_effect {
    size_t old_size_bytes; /* 0: the item was not in it */
    size_t new_size_bytes; /* 0: it is not in it now */
    bool is_changed;       /* something was written */
    bool is_moved;         /* the entry's key changed: one delete and one put */
};

struct item_change {
    const struct table_definition *table;
    const struct attribute_value *key_values; /* in the order of the table's key schema */
    const struct key *key;                    /* the same, encoded */
    struct bytes old_item;                    /* data NULL: there is none */
    struct bytes new_item;                    /* data NULL: delete */
};

/* What the change would do to each index; reads and writes nothing. `out_effects`: as below. */
void item_change_plan(struct arena *arena,
                      const struct item_change *change,
                      struct index_effect *out_effects);

/*
 * Writes the change. `old_item` may be borrowed from the transaction: it is not looked at after the
 * first write, and is dead then. `out_effects` has room for an entry per index of the table.
 */
void item_change_apply(struct txn *txn,
                       struct arena *arena,
                       const struct item_change *change,
                       struct index_effect *out_effects);

#endif
