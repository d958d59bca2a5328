/*
 * Where the build of an index must stop. A hold may be set before the index exists and outlives a
 * restart; it is gone when the index is active or deleted, or its table is.
 *
 * Tables are meant by their qualified name.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_HOLDS_H
#define REHEARSEDB_STORAGE_TABLE_HOLDS_H

#include "storage/lmdb/txn.h"

enum hold_phase {
    HOLD_ALLOCATING,  /* the index does not leave resource allocation */
    HOLD_BACKFILLING, /* the backfill stops once it has scanned `after_items` items of the table */
};

struct hold {
    enum hold_phase phase;
    uint64_t after_items;
};

bool hold_find(struct txn *txn, struct bytes table, struct bytes index, struct hold *out_hold);
void hold_set(struct txn *txn, struct bytes table, struct bytes index, struct hold hold);

/* Releases every hold on an index of the table, whether the index exists or not, and its freeze. */
void hold_forget_table(struct txn *txn, struct bytes table);

/* True when there was one. */
bool hold_release(struct txn *txn, struct bytes table, struct bytes index);

#endif
