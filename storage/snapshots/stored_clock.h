/* How far the clock was moved, in DATABASE_META: a restart goes on from the moved time. */

#ifndef REHEARSEDB_STORAGE_SNAPSHOTS_STORED_CLOCK_H
#define REHEARSEDB_STORAGE_SNAPSHOTS_STORED_CLOCK_H

#include "storage/lmdb/txn.h"

/* 0 when it never was. */
int64_t stored_clock_read(struct txn *txn);
void stored_clock_write(struct txn *txn, int64_t offset_ms);

#endif
