#include "storage/table/catalog.h"

#include "storage/base/arena.h"
#include "storage/base/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD_VERSION = 1 };

static bool index_waits(const struct index_definition *index)
{
    return index->phase != INDEX_ACTIVE;
}

static bool table_waits(const struct table_definition *table)
{
    bool waits = table->status != TABLE_ACTIVE;
    for (size_t i = 0; !waits && i < table->index_count; i++) {
        waits = index_waits(&table->indexes[i]);
    }
    return waits;
}

/* ---- record: write ---- */

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
    buffer_append_u64(to, (uint64_t)throughput->last_increase_ms);
    buffer_append_u64(to, (uint64_t)throughput->last_decrease_ms);
    buffer_append_u32(to, throughput->decreases_today);
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
    buffer_append_u64(to, (uint64_t)index->phase_due_ms);
    write_throughput(to, &index->throughput);
    write_throughput(to, &index->pending_throughput);
    buffer_append_u64(to, (uint64_t)index->item_count);
    buffer_append_u64(to, (uint64_t)index->size_bytes);
}

void catalog_put(struct txn *txn, struct arena *arena, const struct table_definition *table)
{
    struct buffer record;
    buffer_init(&record, arena, 1024);
    buffer_append_u8(&record, table_waits(table));
    buffer_append_u8(&record, RECORD_VERSION);
    buffer_append_sized(&record, table->id);
    buffer_append_sized(&record, table->region);
    buffer_append_sized(&record, table->account);
    buffer_append_u32(&record, table->database);
    buffer_append_u8(&record, (uint8_t)table->status);
    buffer_append_u64(&record, (uint64_t)table->status_due_ms);
    buffer_append_u64(&record, (uint64_t)table->created_ms);
    write_key(&record, &table->key);
    buffer_append_varint(&record, (uint32_t)table->attribute_count);
    for (size_t i = 0; i < table->attribute_count; i++) {
        buffer_append_u8(&record, (uint8_t)table->attributes[i].type);
        buffer_append_sized(&record, table->attributes[i].name);
    }
    buffer_append_u8(&record, table->is_on_demand);
    buffer_append_u64(&record, (uint64_t)table->on_demand_since_ms);
    write_throughput(&record, &table->throughput);
    buffer_append_u8(&record, table->is_deletion_protected);
    buffer_append_u64(&record, (uint64_t)table->item_count);
    buffer_append_u64(&record, (uint64_t)table->size_bytes);
    buffer_append_u64(&record, (uint64_t)table->refreshed_ms);
    buffer_append_varint(&record, (uint32_t)table->index_count);
    for (size_t i = 0; i < table->index_count; i++) {
        write_index(&record, &table->indexes[i]);
    }
    txn_put(txn, DATABASE_CATALOG, table->name, buffer_view(&record));
}

/* ---- record: read; names stay views into the record's copy ---- */

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

static struct throughput read_throughput(struct reader *reader)
{
    struct throughput throughput;
    throughput.read_units = (int64_t)reader_u64(reader);
    throughput.write_units = (int64_t)reader_u64(reader);
    throughput.last_increase_ms = (int64_t)reader_u64(reader);
    throughput.last_decrease_ms = (int64_t)reader_u64(reader);
    throughput.decreases_today = reader_u32(reader);
    return throughput;
}

static struct bytes *read_names(struct reader *reader, struct arena *arena, size_t *out_count)
{
    uint32_t count = reader_varint(reader);
    if (count > reader_left(reader)) { /* each takes at least a byte */
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
    out_index->name = reader_sized(reader);
    out_index->is_local = reader_u8(reader) != 0;
    out_index->database = reader_u32(reader);
    read_key(reader, &out_index->key);
    out_index->projection = (enum projection_type)reader_u8(reader);
    out_index->non_key_attributes = read_names(reader, arena, &out_index->non_key_count);
    out_index->phase = (enum index_phase)reader_u8(reader);
    out_index->phase_due_ms = (int64_t)reader_u64(reader);
    out_index->throughput = read_throughput(reader);
    out_index->pending_throughput = read_throughput(reader);
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

static bool read_table(struct bytes record, struct arena *arena, struct table_definition *out_table)
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
    out_table->status_due_ms = (int64_t)reader_u64(&reader);
    out_table->created_ms = (int64_t)reader_u64(&reader);
    read_key(&reader, &out_table->key);
    read_attributes(&reader, arena, out_table);
    out_table->is_on_demand = reader_u8(&reader) != 0;
    out_table->on_demand_since_ms = (int64_t)reader_u64(&reader);
    out_table->throughput = read_throughput(&reader);
    out_table->is_deletion_protected = reader_u8(&reader) != 0;
    out_table->item_count = (int64_t)reader_u64(&reader);
    out_table->size_bytes = (int64_t)reader_u64(&reader);
    out_table->refreshed_ms = (int64_t)reader_u64(&reader);
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

/* ---- derived members ---- */

static int compare_names(const void *left, const void *right)
{
    return bytes_compare(*(const struct bytes *)left, *(const struct bytes *)right);
}

static size_t append_key_names(struct bytes *names, size_t count, const struct key_schema *key)
{
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        names[count++] = key->attributes[i].name;
    }
    return count;
}

void table_derive(struct table_definition *table, struct arena *arena)
{
    for (size_t i = 0; i < table->index_count; i++) {
        struct index_definition *index = &table->indexes[i];
        size_t room = 2 * (size_t)KEY_ATTRIBUTES_MAX + index->non_key_count;
        struct bytes *names = arena_alloc(arena, room * sizeof *names);
        size_t count = append_key_names(names, 0, &table->key);
        count = append_key_names(names, count, &index->key);
        for (size_t j = 0; j < index->non_key_count; j++) {
            names[count++] = index->non_key_attributes[j];
        }
        qsort(names, count, sizeof *names, compare_names);
        size_t distinct = 0;
        for (size_t j = 0; j < count; j++) {
            if (distinct == 0 || !bytes_equal(names[distinct - 1], names[j])) {
                names[distinct++] = names[j];
            }
        }
        index->projected = names;
        index->projected_count = distinct;
    }
}

/* ---- the catalog ---- */

struct table_definition *catalog_find(struct txn *txn, struct arena *arena, struct bytes name)
{
    struct bytes record;
    if (name.length == 0 || name.length > TABLE_NAME_SIZE_MAX ||
        !txn_get(txn, DATABASE_CATALOG, name, &record)) {
        return NULL;
    }
    struct table_definition *table = arena_alloc(arena, sizeof *table);
    table->name = bytes_copy(arena, name);
    if (!read_table(bytes_copy(arena, record), arena, table)) {
        log_error("catalog: the record of table %.*s is damaged", BYTES_ARGUMENTS(name));
        txn_fail(txn, STORAGE_CORRUPT);
        return NULL;
    }
    table_derive(table, arena);
    return table;
}

void catalog_remove(struct txn *txn, struct bytes name)
{
    (void)txn_delete(txn, DATABASE_CATALOG, name);
}

uint64_t catalog_count(struct txn *txn)
{
    return txn_count(txn, DATABASE_CATALOG);
}

/* `name` and a zero byte: the smallest key greater than `name`. */
static struct bytes just_after(struct arena *arena, struct bytes name)
{
    if (name.length == 0) {
        return name;
    }
    return (struct bytes){ .data = (const uint8_t *)bytes_to_text(arena, name),
                           .length = name.length + 1 };
}

size_t catalog_names(struct txn *txn,
                     struct arena *arena,
                     struct bytes after,
                     size_t limit,
                     struct bytes *out_names,
                     bool *out_more)
{
    struct cursor cursor;
    struct bytes name;
    struct bytes record;
    size_t count = 0;
    cursor_open(txn, DATABASE_CATALOG, &cursor);
    bool found = cursor_seek(&cursor, just_after(arena, after), &name, &record);
    while (found && count < limit) {
        out_names[count++] = bytes_copy(arena, name);
        found = cursor_next(&cursor, &name, &record);
    }
    cursor_close(&cursor);
    *out_more = found;
    return count;
}

bool catalog_next_unsettled(struct txn *txn,
                            struct arena *arena,
                            struct bytes after,
                            struct bytes *out_name)
{
    struct cursor cursor;
    struct bytes name;
    struct bytes record;
    cursor_open(txn, DATABASE_CATALOG, &cursor);
    bool found = cursor_seek(&cursor, just_after(arena, after), &name, &record);
    while (found && !(record.length > 0 && record.data[0] != 0)) {
        found = cursor_next(&cursor, &name, &record);
    }
    if (found) {
        *out_name = bytes_copy(arena, name);
    }
    cursor_close(&cursor);
    return found;
}

struct index_definition *table_find_index(struct table_definition *table, struct bytes name)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (bytes_equal(table->indexes[i].name, name)) {
            return &table->indexes[i];
        }
    }
    return NULL;
}

static bool key_uses(const struct key_schema *key, struct bytes name)
{
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        if (bytes_equal(key->attributes[i].name, name)) {
            return true;
        }
    }
    return false;
}

static bool table_uses(const struct table_definition *table, struct bytes name)
{
    bool used = key_uses(&table->key, name);
    for (size_t i = 0; !used && i < table->index_count; i++) {
        used = key_uses(&table->indexes[i].key, name);
    }
    return used;
}

void table_remove_index(struct table_definition *table, struct arena *arena, size_t position)
{
    assert(position < table->index_count);
    for (size_t i = position; i + 1 < table->index_count; i++) {
        table->indexes[i] = table->indexes[i + 1];
    }
    table->index_count--;
    struct key_attribute *kept = arena_alloc(arena, table->attribute_count * sizeof *kept);
    size_t count = 0;
    for (size_t i = 0; i < table->attribute_count; i++) {
        if (table_uses(table, table->attributes[i].name)) {
            kept[count++] = table->attributes[i];
        }
    }
    table->attributes = kept;
    table->attribute_count = count;
}
