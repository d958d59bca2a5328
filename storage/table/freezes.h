/*
 * Tables whose items nobody may write for now: clients are refused, and items whose time to live is
 * over stay. A freeze outlives a restart, as a hold does (storage/table/holds.h), and goes with its
 * table.
 *
 * Tables are meant by their qualified name.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_FREEZES_H
#define REHEARSEDB_STORAGE_TABLE_FREEZES_H

#include "storage/lmdb/txn.h"

/* True and what writes are refused with, as it was given; borrowed from the store. */
bool freeze_find(struct txn *txn, struct bytes table, struct bytes *out_error);

/* Freezes the table, or changes what writes are refused with. */
void freeze_set(struct txn *txn, struct bytes table, struct bytes error);

/* True when it was frozen. */
bool freeze_remove(struct txn *txn, struct bytes table);

#endif
