#include "storage/table/time_to_live.h"

#include "storage/base/arena.h"

static struct time_to_live read_record(struct txn *txn, struct bytes record)
{
    struct reader reader = reader_of(record);
    struct time_to_live result;
    result.is_enabled = reader_u8(&reader) != 0;
    result.changed_ms = (int64_t)reader_u64(&reader);
    result.due_ms = (int64_t)reader_u64(&reader);
    result.attribute_name = reader_sized(&reader);
    if (reader.failed) {
        txn_fail(txn, STORAGE_CORRUPT);
        result = (struct time_to_live){ .is_enabled = false };
    }
    return result;
}

struct time_to_live time_to_live_find(struct txn *txn, struct arena *arena, struct bytes table)
{
    struct bytes record;
    if (!setting_find(txn, SETTING_TIME_TO_LIVE, table, &record)) {
        return (struct time_to_live){ .is_enabled = false };
    }
    return read_record(txn, bytes_copy(arena, record));
}

void time_to_live_put(struct txn *txn,
                      struct arena *arena,
                      struct bytes table,
                      const struct time_to_live *time_to_live)
{
    struct buffer record;
    buffer_init(&record, arena, 32 + time_to_live->attribute_name.length);
    buffer_append_u8(&record, time_to_live->is_enabled);
    buffer_append_u64(&record, (uint64_t)time_to_live->changed_ms);
    buffer_append_u64(&record, (uint64_t)time_to_live->due_ms);
    buffer_append_sized(&record, time_to_live->attribute_name);
    setting_put(txn, SETTING_TIME_TO_LIVE, table, buffer_view(&record));
}

enum time_to_live_status time_to_live_status(const struct time_to_live *time_to_live,
                                             int64_t now_ms)
{
    if (now_ms < time_to_live->due_ms) {
        return time_to_live->is_enabled ? TIME_TO_LIVE_ENABLING : TIME_TO_LIVE_DISABLING;
    }
    return time_to_live->is_enabled ? TIME_TO_LIVE_ENABLED : TIME_TO_LIVE_DISABLED;
}

bool time_to_live_next(struct txn *txn,
                       struct arena *arena,
                       struct bytes after,
                       struct bytes *out_table,
                       struct time_to_live *out_time_to_live)
{
    struct bytes record;
    *out_table = after;
    while (setting_next(txn, arena, SETTING_TIME_TO_LIVE, *out_table, out_table, &record)) {
        *out_time_to_live = read_record(txn, record);
        if (out_time_to_live->is_enabled) {
            return true;
        }
    }
    return false;
}
