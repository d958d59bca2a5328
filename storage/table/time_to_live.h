/*
 * Whether and by which attribute the items of a table expire (UpdateTimeToLive). What expires is
 * deleted by storage/items/expiry.h.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_TIME_TO_LIVE_H
#define REHEARSEDB_STORAGE_TABLE_TIME_TO_LIVE_H

#include "storage/table/table_settings.h"

#include <stdint.h>

enum time_to_live_status {
    TIME_TO_LIVE_DISABLED,
    TIME_TO_LIVE_ENABLING,
    TIME_TO_LIVE_ENABLED,
    TIME_TO_LIVE_DISABLING,
};

struct time_to_live {
    bool is_enabled; /* as asked for */
    struct bytes attribute_name;
    int64_t changed_ms; /* 0: never */
    int64_t due_ms;     /* when the change is done */
};

/* In the arena; disabled and never changed when nothing was set. */
struct time_to_live time_to_live_find(struct txn *txn, struct arena *arena, struct bytes table);
void time_to_live_put(struct txn *txn,
                      struct arena *arena,
                      struct bytes table,
                      const struct time_to_live *time_to_live);

enum time_to_live_status time_to_live_status(const struct time_to_live *time_to_live,
                                             int64_t now_ms);

/* The first table after `after` (empty: the first of all) with time to live asked for, both by
 * qualified name, and its setting; in the arena. */
bool time_to_live_next(struct txn *txn,
                       struct arena *arena,
                       struct bytes after,
                       struct bytes *out_table,
                       struct time_to_live *out_time_to_live);

#endif
