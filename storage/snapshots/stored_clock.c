#include "storage/snapshots/stored_clock.h"

#include "storage/lmdb/layout.h"

int64_t stored_clock_read(struct txn *txn)
{
    struct bytes record;
    if (!txn_get(txn, DATABASE_META, BYTES("clock"), &record)) {
        return 0;
    }
    struct reader reader = reader_of(record);
    int64_t offset_ms = (int64_t)reader_u64(&reader);
    if (reader.failed || offset_ms < 0) {
        txn_fail(txn, STORAGE_CORRUPT);
        return 0;
    }
    return offset_ms;
}

void stored_clock_write(struct txn *txn, int64_t offset_ms)
{
    uint8_t record[8];
    for (size_t i = 0; i < sizeof record; i++) {
        record[i] = (uint8_t)((uint64_t)offset_ms >> (8 * i));
    }
    txn_put(txn, DATABASE_META, BYTES("clock"), (struct bytes){ record, sizeof record });
}
