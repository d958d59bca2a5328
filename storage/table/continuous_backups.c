#include "storage/table/continuous_backups.h"

struct continuous_backups continuous_backups_find(struct txn *txn, struct bytes table)
{
    struct continuous_backups backups = { .is_recoverable = false };
    struct bytes record;
    if (setting_find(txn, SETTING_CONTINUOUS_BACKUPS, table, &record)) {
        struct reader reader = reader_of(record);
        backups.is_recoverable = reader_u8(&reader) != 0;
        backups.recovery_days = reader_u8(&reader);
        backups.recoverable_since_ms = (int64_t)reader_u64(&reader);
        if (reader.failed) {
            txn_fail(txn, STORAGE_CORRUPT);
        }
    }
    return backups;
}

void continuous_backups_put(struct txn *txn,
                            struct bytes table,
                            const struct continuous_backups *backups)
{
    enum { SINCE_SIZE = 8 };
    uint8_t record[2 + SINCE_SIZE] = { backups->is_recoverable, backups->recovery_days };
    for (size_t i = 0; i < SINCE_SIZE; i++) {
        record[2 + i] = (uint8_t)((uint64_t)backups->recoverable_since_ms >> (8 * i));
    }
    setting_put(txn, SETTING_CONTINUOUS_BACKUPS, table, (struct bytes){ record, sizeof record });
}
