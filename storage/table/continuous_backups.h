/* Point-in-time recovery of a table: whether it is asked for, and since when. */

#ifndef REHEARSEDB_STORAGE_TABLE_CONTINUOUS_BACKUPS_H
#define REHEARSEDB_STORAGE_TABLE_CONTINUOUS_BACKUPS_H

#include "storage/table/table_settings.h"

#include <stdint.h>

enum { RECOVERY_PERIOD_DAYS_MAX = 35 };

struct continuous_backups {
    bool is_recoverable;          /* point-in-time recovery is on */
    uint8_t recovery_days;        /* 1 to 35 */
    int64_t recoverable_since_ms; /* when it was last turned on */
};

/* Off when nothing was set. */
struct continuous_backups continuous_backups_find(struct txn *txn, struct bytes table);
void continuous_backups_put(struct txn *txn,
                            struct bytes table,
                            const struct continuous_backups *backups);

#endif
