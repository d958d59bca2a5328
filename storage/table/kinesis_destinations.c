#include "storage/table/kinesis_destinations.h"

#include "storage/base/arena.h"

struct kinesis_destinations
kinesis_destinations_find(struct txn *txn, struct arena *arena, struct bytes table)
{
    struct bytes record = BYTES("");
    bool found = setting_find(txn, SETTING_KINESIS_DESTINATIONS, table, &record);
    struct reader reader = reader_of(bytes_copy(arena, record));
    uint32_t count = found ? reader_varint(&reader) : 0;
    if (count > KINESIS_DESTINATIONS_MAX) {
        reader.failed = true;
        count = 0;
    }
    struct kinesis_destinations destinations = {
        .entries = arena_alloc(arena, (count + 1) * sizeof *destinations.entries),
        .count = count,
    };
    for (uint32_t i = 0; i < count; i++) {
        struct kinesis_destination *destination = &destinations.entries[i];
        destination->stream_arn = reader_sized(&reader);
        destination->action = (enum kinesis_action)reader_u8(&reader);
        destination->failure = (enum kinesis_failure)reader_u8(&reader);
        destination->precision = (enum kinesis_precision)reader_u8(&reader);
        destination->due_ms = (int64_t)reader_u64(&reader);
    }
    if (reader.failed) {
        txn_fail(txn, STORAGE_CORRUPT);
        destinations.count = 0;
    }
    return destinations;
}

void kinesis_destinations_put(struct txn *txn,
                              struct arena *arena,
                              struct bytes table,
                              const struct kinesis_destinations *destinations)
{
    struct buffer record;
    buffer_init(&record, arena, 128);
    buffer_append_varint(&record, (uint32_t)destinations->count);
    for (size_t i = 0; i < destinations->count; i++) {
        const struct kinesis_destination *destination = &destinations->entries[i];
        buffer_append_sized(&record, destination->stream_arn);
        buffer_append_u8(&record, (uint8_t)destination->action);
        buffer_append_u8(&record, (uint8_t)destination->failure);
        buffer_append_u8(&record, (uint8_t)destination->precision);
        buffer_append_u64(&record, (uint64_t)destination->due_ms);
    }
    setting_put(txn, SETTING_KINESIS_DESTINATIONS, table, buffer_view(&record));
}

struct kinesis_destination *kinesis_destination_of(const struct kinesis_destinations *destinations,
                                                   struct bytes stream_arn)
{
    for (size_t i = 0; i < destinations->count; i++) {
        if (bytes_equal(destinations->entries[i].stream_arn, stream_arn)) {
            return &destinations->entries[i];
        }
    }
    return NULL;
}

struct kinesis_destination *kinesis_destination_add(struct kinesis_destinations *destinations,
                                                    struct bytes stream_arn)
{
    struct kinesis_destination *found = kinesis_destination_of(destinations, stream_arn);
    if (found != NULL) {
        return found;
    }
    if (destinations->count == KINESIS_DESTINATIONS_MAX) {
        destinations->count--;
    }
    for (size_t i = destinations->count++; i > 0; i--) {
        destinations->entries[i] = destinations->entries[i - 1];
    }
    destinations->entries[0] = (struct kinesis_destination){ .stream_arn = stream_arn };
    return &destinations->entries[0];
}

enum kinesis_status kinesis_status(const struct kinesis_destination *destination, int64_t now_ms)
{
    bool is_done = destination->due_ms <= now_ms;
    switch (destination->action) {
    case KINESIS_DISABLE:
        return is_done ? KINESIS_DISABLED : KINESIS_DISABLING;
    case KINESIS_UPDATE:
        return is_done ? KINESIS_ACTIVE : KINESIS_UPDATING;
    case KINESIS_ENABLE:
        break;
    }
    if (!is_done) {
        return KINESIS_ENABLING;
    }
    return destination->failure == KINESIS_NO_FAILURE ? KINESIS_ACTIVE : KINESIS_ENABLE_FAILED;
}
