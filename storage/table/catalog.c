#include "storage/table/catalog.h"

#include "storage/base/arena.h"
#include "storage/base/log.h"
#include "storage/lmdb/env.h"
#include "storage/table/table_record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

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

void table_set_name(struct table_definition *table, struct bytes qualified_name)
{
    size_t start = qualified_name.length;
    while (start > 0 && qualified_name.data[start - 1] != WORLD_SEPARATOR) {
        start--;
    }
    table->qualified_name = qualified_name;
    table->name = (struct bytes){ qualified_name.data + start, qualified_name.length - start };
}

struct table_definition *
catalog_find(struct txn *txn, struct arena *arena, struct bytes qualified_name)
{
    struct bytes record;
    if (qualified_name.length == 0 || qualified_name.length > QUALIFIED_NAME_SIZE_MAX ||
        !txn_get(txn, DATABASE_CATALOG, qualified_name, &record)) {
        return NULL;
    }
    struct table_definition *table = arena_alloc(arena, sizeof *table);
    table_set_name(table, bytes_copy(arena, qualified_name));
    if (!table_record_read(bytes_copy(arena, record), arena, table)) {
        log_error("catalog: the record of table %.*s is damaged", BYTES_ARGUMENTS(qualified_name));
        txn_fail(txn, STORAGE_CORRUPT);
        return NULL;
    }
    table_derive(table, arena);
    return table;
}

static void observe(struct txn *txn,
                    struct arena *arena,
                    struct bytes qualified_name,
                    const struct table_definition *after)
{
    const struct table_observer *observer = env_observer(txn->env);
    if (observer != NULL) {
        const struct table_definition *before = catalog_find(txn, arena, qualified_name);
        observer->changing(observer->context, txn, arena, before, after);
    }
}

void catalog_put(struct txn *txn, struct arena *arena, const struct table_definition *table)
{
    struct buffer record;
    txn->changes_definitions = true;
    observe(txn, arena, table->qualified_name, table);
    buffer_init(&record, arena, 1024);
    table_record_write(&record, table);
    txn_put(txn, DATABASE_CATALOG, table->qualified_name, buffer_view(&record));
}

void catalog_remove(struct txn *txn, struct arena *arena, struct bytes qualified_name)
{
    txn->changes_definitions = true;
    observe(txn, arena, qualified_name, NULL);
    (void)txn_delete(txn, DATABASE_CATALOG, qualified_name);
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

/* Goes on to the next entry of the range, the present one included. */
static bool find_in_range(struct cursor *cursor,
                          const struct catalog_range *range,
                          bool found,
                          struct bytes *key)
{
    struct bytes record;
    while (found && bytes_start_with(*key, range->world)) {
        const uint8_t *name = key->data + range->world.length;
        if (range->has_all ||
            memchr(name, WORLD_SEPARATOR, key->length - range->world.length) == NULL) {
            return true;
        }
        found = cursor_next(cursor, key, &record);
    }
    return false;
}

size_t catalog_names(struct txn *txn,
                     struct arena *arena,
                     const struct catalog_range *range,
                     struct bytes *out_names,
                     bool *out_more)
{
    struct cursor cursor;
    struct bytes key;
    struct bytes record;
    struct buffer start;
    size_t count = 0;
    buffer_init(&start, arena, QUALIFIED_NAME_SIZE_MAX + 1);
    buffer_append_bytes(&start, range->world);
    buffer_append_bytes(&start, just_after(arena, range->after));
    cursor_open(txn, DATABASE_CATALOG, &cursor);
    bool found = cursor_seek(&cursor, buffer_view(&start), &key, &record);
    found = find_in_range(&cursor, range, found, &key);
    while (found && count < range->limit) {
        struct bytes name = { key.data + range->world.length, key.length - range->world.length };
        out_names[count++] = bytes_copy(arena, name);
        found = cursor_next(&cursor, &key, &record);
        found = find_in_range(&cursor, range, found, &key);
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
    while (found && !table_record_waits(record)) {
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
