#include "storage/table/table_record.h"

#include "storage/base/arena.h"

enum { RECORD_VERSION = 2 };

static bool index_waits(const struct index_definition *index)
{
    return index->phase != INDEX_ACTIVE || index->update_due_ms != 0 ||
           index->capacity.warm.due_ms != 0;
}

static bool table_waits(const struct table_definition *table)
{
    bool waits = table->status != TABLE_ACTIVE || table->billing.due_ms != 0 ||
                 table->capacity.warm.due_ms != 0 || table->stream.due_ms != 0 ||
                 table->encryption.due_ms != 0 || table->table_class.due_ms != 0;
    for (size_t i = 0; !waits && i < table->index_count; i++) {
        waits = index_waits(&table->indexes[i]);
    }
    return waits;
}

/* ---- write ---- */

static void write_time(struct buffer *to, int64_t time_ms)
{
    buffer_append_u64(to, (uint64_t)time_ms);
}

static void write_key(struct buffer *to, const struct key_schema *key)
{
    buffer_append_u8(to, (uint8_t)key->partition_count);
    buffer_append_u8(to, (uint8_t)key->sort_count);
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        buffer_append_u8(to, (uint8_t)key->attributes[i].type);
        buffer_append_sized(to, key->attributes[i].name);
    }
}

static void write_throughput(struct buffer *to, const struct throughput *throughput)
{
    buffer_append_u64(to, (uint64_t)throughput->read_units);
    buffer_append_u64(to, (uint64_t)throughput->write_units);
    write_time(to, throughput->last_increase_ms);
    write_time(to, throughput->last_decrease_ms);
    buffer_append_u32(to, throughput->decreases_today);
}

static void write_capacity(struct buffer *to, const struct capacity *capacity)
{
    write_throughput(to, &capacity->throughput);
    write_throughput(to, &capacity->pending_throughput);
    buffer_append_u64(to, (uint64_t)capacity->max_read_units);
    buffer_append_u64(to, (uint64_t)capacity->max_write_units);
    buffer_append_u64(to, (uint64_t)capacity->warm.read_units);
    buffer_append_u64(to, (uint64_t)capacity->warm.write_units);
    buffer_append_u64(to, (uint64_t)capacity->warm.pending_read_units);
    buffer_append_u64(to, (uint64_t)capacity->warm.pending_write_units);
    write_time(to, capacity->warm.due_ms);
}

static void write_index(struct buffer *to, const struct index_definition *index)
{
    buffer_append_sized(to, index->name);
    buffer_append_u8(to, index->is_local);
    buffer_append_u32(to, index->database);
    write_key(to, &index->key);
    buffer_append_u8(to, (uint8_t)index->projection);
    buffer_append_varint(to, (uint32_t)index->non_key_count);
    for (size_t i = 0; i < index->non_key_count; i++) {
        buffer_append_sized(to, index->non_key_attributes[i]);
    }
    buffer_append_u8(to, (uint8_t)index->phase);
    write_time(to, index->phase_due_ms);
    write_capacity(to, &index->capacity);
    write_time(to, index->update_due_ms);
    buffer_append_u64(to, (uint64_t)index->item_count);
    buffer_append_u64(to, (uint64_t)index->size_bytes);
}

static void write_attributes(struct buffer *to, const struct table_definition *table)
{
    buffer_append_varint(to, (uint32_t)table->attribute_count);
    for (size_t i = 0; i < table->attribute_count; i++) {
        buffer_append_u8(to, (uint8_t)table->attributes[i].type);
        buffer_append_sized(to, table->attributes[i].name);
    }
}

static void write_billing(struct buffer *to, const struct billing *billing)
{
    buffer_append_u8(to, billing->is_on_demand);
    buffer_append_u8(to, billing->was_on_demand);
    buffer_append_u8(to, billing->is_switching);
    write_time(to, billing->on_demand_since_ms);
    write_time(to, billing->due_ms);
}

static void write_stream(struct buffer *to, const struct stream_settings *stream)
{
    buffer_append_u8(to, stream->is_enabled);
    buffer_append_u8(to, (uint8_t)stream->view);
    write_time(to, stream->label_ms);
    write_time(to, stream->due_ms);
}

static void write_encryption(struct buffer *to, const struct encryption *encryption)
{
    buffer_append_u8(to, encryption->is_enabled);
    buffer_append_sized(to, encryption->key_arn);
    buffer_append_u8(to, encryption->pending_enabled);
    buffer_append_sized(to, encryption->pending_key_arn);
    write_time(to, encryption->started_ms);
    write_time(to, encryption->due_ms);
    write_time(to, encryption->window_ms);
    write_time(to, encryption->changed_ms);
    buffer_append_u32(to, encryption->changes);
}

static void write_table_class(struct buffer *to, const struct table_class_settings *table_class)
{
    buffer_append_u8(to, (uint8_t)table_class->value);
    buffer_append_u8(to, (uint8_t)table_class->pending);
    write_time(to, table_class->due_ms);
    write_time(to, table_class->changed_ms);
    write_time(to, table_class->changed_before_ms);
}

void table_record_write(struct buffer *to, const struct table_definition *table)
{
    buffer_append_u8(to, table_waits(table));
    buffer_append_u8(to, RECORD_VERSION);
    buffer_append_sized(to, table->id);
    buffer_append_sized(to, table->region);
    buffer_append_sized(to, table->account);
    buffer_append_u32(to, table->database);
    buffer_append_u8(to, (uint8_t)table->status);
    write_time(to, table->status_due_ms);
    write_time(to, table->created_ms);
    write_key(to, &table->key);
    write_attributes(to, table);
    write_billing(to, &table->billing);
    write_capacity(to, &table->capacity);
    write_stream(to, &table->stream);
    write_encryption(to, &table->encryption);
    write_table_class(to, &table->table_class);
    buffer_append_u8(to, table->is_deletion_protected);
    write_time(to, table->protection_changed_ms);
    buffer_append_u64(to, (uint64_t)table->item_count);
    buffer_append_u64(to, (uint64_t)table->size_bytes);
    write_time(to, table->refreshed_ms);
    buffer_append_varint(to, (uint32_t)table->index_count);
    for (size_t i = 0; i < table->index_count; i++) {
        write_index(to, &table->indexes[i]);
    }
}

bool table_record_waits(struct bytes record)
{
    return record.length > 0 && record.data[0] != 0;
}

/* ---- read; names stay views into the record ---- */

static int64_t read_time(struct reader *reader)
{
    return (int64_t)reader_u64(reader);
}

static bool read_flag(struct reader *reader)
{
    return reader_u8(reader) != 0;
}

static void read_key(struct reader *reader, struct key_schema *out_key)
{
    out_key->partition_count = reader_u8(reader);
    out_key->sort_count = reader_u8(reader);
    if (out_key->partition_count > KEY_PARTITION_ATTRIBUTES_MAX ||
        out_key->sort_count > KEY_SORT_ATTRIBUTES_MAX) {
        reader->failed = true;
        return;
    }
    for (size_t i = 0; i < out_key->partition_count + out_key->sort_count; i++) {
        out_key->attributes[i].type = (enum attribute_type)reader_u8(reader);
        out_key->attributes[i].name = reader_sized(reader);
    }
}

static void read_throughput(struct reader *reader, struct throughput *out_throughput)
{
    out_throughput->read_units = (int64_t)reader_u64(reader);
    out_throughput->write_units = (int64_t)reader_u64(reader);
    out_throughput->last_increase_ms = read_time(reader);
    out_throughput->last_decrease_ms = read_time(reader);
    out_throughput->decreases_today = reader_u32(reader);
}

static void read_capacity(struct reader *reader, struct capacity *out_capacity)
{
    read_throughput(reader, &out_capacity->throughput);
    read_throughput(reader, &out_capacity->pending_throughput);
    out_capacity->max_read_units = (int64_t)reader_u64(reader);
    out_capacity->max_write_units = (int64_t)reader_u64(reader);
    out_capacity->warm.read_units = (int64_t)reader_u64(reader);
    out_capacity->warm.write_units = (int64_t)reader_u64(reader);
    out_capacity->warm.pending_read_units = (int64_t)reader_u64(reader);
    out_capacity->warm.pending_write_units = (int64_t)reader_u64(reader);
    out_capacity->warm.due_ms = read_time(reader);
}

static struct bytes *read_names(struct reader *reader, struct arena *arena, size_t *out_count)
{
    uint32_t count = reader_varint(reader);
    if (count > reader_left(reader)) {
        reader->failed = true;
        count = 0;
    }
    struct bytes *names = arena_alloc(arena, count * sizeof *names);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = reader_sized(reader);
    }
    *out_count = count;
    return names;
}

static void
read_index(struct reader *reader, struct arena *arena, struct index_definition *out_index)
{
    *out_index = (struct index_definition){ .name = reader_sized(reader) };
    out_index->is_local = read_flag(reader);
    out_index->database = reader_u32(reader);
    read_key(reader, &out_index->key);
    out_index->projection = (enum projection_type)reader_u8(reader);
    out_index->non_key_attributes = read_names(reader, arena, &out_index->non_key_count);
    out_index->phase = (enum index_phase)reader_u8(reader);
    out_index->phase_due_ms = read_time(reader);
    read_capacity(reader, &out_index->capacity);
    out_index->update_due_ms = read_time(reader);
    out_index->item_count = (int64_t)reader_u64(reader);
    out_index->size_bytes = (int64_t)reader_u64(reader);
}

static void
read_attributes(struct reader *reader, struct arena *arena, struct table_definition *table)
{
    uint32_t count = reader_varint(reader);
    if (count > reader_left(reader)) {
        reader->failed = true;
        count = 0;
    }
    struct key_attribute *attributes = arena_alloc(arena, count * sizeof *attributes);
    for (uint32_t i = 0; i < count; i++) {
        attributes[i].type = (enum attribute_type)reader_u8(reader);
        attributes[i].name = reader_sized(reader);
    }
    table->attributes = attributes;
    table->attribute_count = count;
}

static void read_billing(struct reader *reader, struct billing *out_billing)
{
    out_billing->is_on_demand = read_flag(reader);
    out_billing->was_on_demand = read_flag(reader);
    out_billing->is_switching = read_flag(reader);
    out_billing->on_demand_since_ms = read_time(reader);
    out_billing->due_ms = read_time(reader);
}

static void read_stream(struct reader *reader, struct stream_settings *out_stream)
{
    out_stream->is_enabled = read_flag(reader);
    out_stream->view = (enum stream_view)reader_u8(reader);
    out_stream->label_ms = read_time(reader);
    out_stream->due_ms = read_time(reader);
}

static void read_encryption(struct reader *reader, struct encryption *out_encryption)
{
    out_encryption->is_enabled = read_flag(reader);
    out_encryption->key_arn = reader_sized(reader);
    out_encryption->pending_enabled = read_flag(reader);
    out_encryption->pending_key_arn = reader_sized(reader);
    out_encryption->started_ms = read_time(reader);
    out_encryption->due_ms = read_time(reader);
    out_encryption->window_ms = read_time(reader);
    out_encryption->changed_ms = read_time(reader);
    out_encryption->changes = reader_u32(reader);
}

static void read_table_class(struct reader *reader, struct table_class_settings *out_table_class)
{
    out_table_class->value = (enum table_class)reader_u8(reader);
    out_table_class->pending = (enum table_class)reader_u8(reader);
    out_table_class->due_ms = read_time(reader);
    out_table_class->changed_ms = read_time(reader);
    out_table_class->changed_before_ms = read_time(reader);
}

bool table_record_read(struct bytes record, struct arena *arena, struct table_definition *out_table)
{
    struct reader reader = reader_of(record);
    (void)reader_u8(&reader); /* whether it waits */
    if (reader_u8(&reader) != RECORD_VERSION) {
        return false;
    }
    out_table->id = reader_sized(&reader);
    out_table->region = reader_sized(&reader);
    out_table->account = reader_sized(&reader);
    out_table->database = reader_u32(&reader);
    out_table->status = (enum table_status)reader_u8(&reader);
    out_table->status_due_ms = read_time(&reader);
    out_table->created_ms = read_time(&reader);
    read_key(&reader, &out_table->key);
    read_attributes(&reader, arena, out_table);
    read_billing(&reader, &out_table->billing);
    read_capacity(&reader, &out_table->capacity);
    read_stream(&reader, &out_table->stream);
    read_encryption(&reader, &out_table->encryption);
    read_table_class(&reader, &out_table->table_class);
    out_table->is_deletion_protected = read_flag(&reader);
    out_table->protection_changed_ms = read_time(&reader);
    out_table->item_count = (int64_t)reader_u64(&reader);
    out_table->size_bytes = (int64_t)reader_u64(&reader);
    out_table->refreshed_ms = read_time(&reader);
    out_table->index_count = reader_varint(&reader);
    if (out_table->index_count > INDEXES_MAX) {
        return false;
    }
    out_table->indexes =
        arena_alloc(arena, (out_table->index_count + 1) * sizeof *out_table->indexes);
    for (size_t i = 0; i < out_table->index_count; i++) {
        read_index(&reader, arena, &out_table->indexes[i]);
    }
    return !reader.failed;
}
