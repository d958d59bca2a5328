#include "storage/items/items.h"

#include "storage/base/arena.h"
#include "storage/base/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool item_key_values(struct bytes item,
                     const struct key_schema *key,
                     struct attribute_value out_values[KEY_ATTRIBUTES_MAX])
{
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        if (!item_find(item, key->attributes[i].name, &out_values[i]) ||
            out_values[i].type != key->attributes[i].type) {
            return false;
        }
    }
    return true;
}

static struct bytes
sort_bytes(struct arena *arena, const struct key_schema *key, const struct attribute_value *values)
{
    struct buffer sort;
    buffer_init(&sort, arena, key->sort_count > 0 ? 64 : 0);
    for (size_t i = 0; i < key->sort_count; i++) {
        key_append_sort(&sort, values[key->partition_count + i]);
    }
    return buffer_view(&sort);
}

void item_key_of_values(struct arena *arena,
                        const struct key_schema *key,
                        const struct attribute_value *values,
                        struct key *out_key)
{
    uint8_t partition[KEY_HASH_SIZE];
    key_hash_partition(values, key->partition_count, partition);
    key_build(out_key, partition, sort_bytes(arena, key, values), NULL);
}

static bool
has_key(struct bytes item, const struct key_schema *key, const struct attribute_value *values)
{
    struct attribute_value stored[KEY_ATTRIBUTES_MAX];
    if (!item_key_values(item, key, stored)) {
        return false;
    }
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        if (!bytes_equal(stored[i].payload, values[i].payload)) {
            return false;
        }
    }
    return true;
}

bool items_get(struct txn *txn,
               const struct table_definition *table,
               const struct key *key,
               const struct attribute_value *values,
               struct bytes *out_item)
{
    if (!txn_get(txn, table->database, key_view(key), out_item)) {
        return false;
    }
    if (has_key(*out_item, &table->key, values)) {
        return true;
    }
    if (txn->writes) {
        log_error("table %.*s: two keys share one MD5; the second is refused",
                  BYTES_ARGUMENTS(table->name));
        txn_fail(txn, STORAGE_CORRUPT);
    }
    return false;
}

struct bytes item_position(struct arena *arena,
                           const struct item_source *source,
                           const struct attribute_value *values,
                           const uint8_t *item_hash)
{
    struct buffer position;
    buffer_init(&position, arena, 64);
    for (size_t i = 0; i < source->key->sort_count; i++) {
        key_append_sort(&position, values[source->key->partition_count + i]);
    }
    if (source->is_index) {
        buffer_append(&position, item_hash, KEY_HASH_SIZE);
    }
    return buffer_view(&position);
}

/* ---- ranges ---- */

struct group_entry {
    struct item_entry entry;
    struct bytes position;
};

static bool in_partition(const struct item_cursor *cursor, struct bytes key)
{
    return key.length >= KEY_HASH_SIZE &&
           memcmp(key.data, cursor->range.partition, KEY_HASH_SIZE) == 0;
}

/* Sort bytes, for an index then the hash: contiguous in an uncut key. */
static struct bytes uncut_position(struct bytes key)
{
    return (struct bytes){ key.data + KEY_HASH_SIZE, key.length - KEY_HASH_SIZE };
}

static struct bytes full_position(const struct item_cursor *cursor, struct item_entry entry)
{
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    if (!item_key_values(entry.item, cursor->source.key, values)) {
        txn_fail(cursor->txn, STORAGE_CORRUPT);
        return (struct bytes){ entry.key.data, 0 };
    }
    const uint8_t *hash = entry.key.data + entry.key.length - KEY_HASH_SIZE;
    return item_position(cursor->arena, &cursor->source, values, hash);
}

static bool below_low(const struct item_cursor *cursor, struct bytes position)
{
    return bytes_compare(position, cursor->range.low) < 0;
}

static bool at_or_above_high(const struct item_cursor *cursor, struct bytes position)
{
    return cursor->range.high.data != NULL && bytes_compare(position, cursor->range.high) >= 0;
}

/* The stored key where a bound's cut form starts: partition and at most KEY_SORT_MAX bytes. */
static struct buffer seek_key(const struct item_cursor *cursor, struct bytes bound)
{
    struct buffer key;
    buffer_init(&key, cursor->arena, KEY_SIZE_MAX);
    buffer_append(&key, cursor->range.partition, KEY_HASH_SIZE);
    size_t length = bound.length < KEY_SORT_MAX ? bound.length : KEY_SORT_MAX;
    /* An uncut index position is up to KEY_SORT_MAX + KEY_HASH_SIZE long; cutting it here only
     * starts a little early, and entries below `low` are skipped. */
    buffer_append(&key, bound.data, length);
    return key;
}

static void load(struct item_cursor *cursor, bool found)
{
    cursor->has_current = found && in_partition(cursor, cursor->current.key);
}

static void step(struct item_cursor *cursor)
{
    struct item_entry *current = &cursor->current;
    bool found = cursor->range.is_backward
                     ? cursor_previous(&cursor->cursor, &current->key, &current->item)
                     : cursor_next(&cursor->cursor, &current->key, &current->item);
    load(cursor, found);
}

/* Just past everything that could be below `high`, then one back. */
static void seek_backward(struct item_cursor *cursor)
{
    struct item_entry *current = &cursor->current;
    struct buffer key = seek_key(cursor, cursor->range.high);
    bool bounded = true;
    if (cursor->range.high.data == NULL || cursor->range.high.length > KEY_SORT_MAX) {
        bounded = key_next_after_prefix(&key);
    }
    bool found =
        bounded && cursor_seek(&cursor->cursor, buffer_view(&key), &current->key, &current->item);
    if (found) {
        found = cursor_previous(&cursor->cursor, &current->key, &current->item);
    } else {
        found = cursor_last(&cursor->cursor, &current->key, &current->item);
    }
    load(cursor, found);
}

void item_cursor_open(struct txn *txn,
                      struct arena *arena,
                      struct item_source source,
                      struct item_range range,
                      struct item_cursor *out_cursor)
{
    *out_cursor = (struct item_cursor){
        .txn = txn,
        .arena = arena,
        .source = source,
        .range = range,
    };
    cursor_open(txn, source.database, &out_cursor->cursor);
    if (range.is_backward) {
        seek_backward(out_cursor);
        return;
    }
    struct buffer key = seek_key(out_cursor, range.low);
    struct item_entry *current = &out_cursor->current;
    load(out_cursor,
         cursor_seek(&out_cursor->cursor, buffer_view(&key), &current->key, &current->item));
}

void item_cursor_close(struct item_cursor *cursor)
{
    cursor_close(&cursor->cursor);
}

static int compare_positions(const void *left, const void *right)
{
    const struct group_entry *one = left;
    const struct group_entry *other = right;
    return bytes_compare(one->position, other->position);
}

static bool same_group(struct bytes sort, bool is_index, struct bytes key)
{
    bool is_cut;
    struct bytes other = key_sort_part(key, is_index, &is_cut);
    return is_cut && bytes_equal(sort, other);
}

/* Gathers the neighbours of a cut key that share its first bytes, and puts them in order. */
static void gather_group(struct item_cursor *cursor)
{
    bool is_cut;
    struct bytes sort = key_sort_part(cursor->current.key, cursor->source.is_index, &is_cut);
    size_t capacity = 16;
    cursor->group = arena_alloc(cursor->arena, capacity * sizeof *cursor->group);
    cursor->group_count = 0;
    cursor->group_next = 0;
    while (cursor->has_current && same_group(sort, cursor->source.is_index, cursor->current.key)) {
        if (cursor->group_count == capacity) {
            cursor->group =
                arena_grow(cursor->arena, cursor->group, capacity * sizeof *cursor->group,
                           2 * capacity * sizeof *cursor->group);
            capacity *= 2;
        }
        cursor->group[cursor->group_count++] = (struct group_entry){
            .entry = cursor->current,
            .position = full_position(cursor, cursor->current),
        };
        step(cursor);
    }
    qsort(cursor->group, cursor->group_count, sizeof *cursor->group, compare_positions);
}

/* The group's first entry, in the direction of reading, is past the range: so is everything
 * further. */
static bool group_is_past_range(const struct item_cursor *cursor)
{
    if (cursor->range.is_backward) {
        return below_low(cursor, cursor->group[cursor->group_count - 1].position);
    }
    return at_or_above_high(cursor, cursor->group[0].position);
}

/* The next entry of the gathered group that lies in the range. */
static bool group_next(struct item_cursor *cursor, struct item_entry *out_entry)
{
    while (cursor->group_next < cursor->group_count) {
        size_t place = cursor->group_next++;
        if (cursor->range.is_backward) {
            place = cursor->group_count - 1 - place;
        }
        const struct group_entry *candidate = &cursor->group[place];
        if (!below_low(cursor, candidate->position) &&
            !at_or_above_high(cursor, candidate->position)) {
            *out_entry = candidate->entry;
            return true;
        }
    }
    return false;
}

bool item_cursor_next(struct item_cursor *cursor, struct item_entry *out_entry)
{
    for (;;) {
        if (group_next(cursor, out_entry)) {
            return true;
        }
        if (!cursor->has_current) {
            return false;
        }
        bool is_cut;
        (void)key_sort_part(cursor->current.key, cursor->source.is_index, &is_cut);
        if (is_cut) {
            gather_group(cursor);
            if (group_is_past_range(cursor)) {
                cursor->has_current = false;
                return false;
            }
            continue;
        }
        struct item_entry entry = cursor->current;
        struct bytes position = uncut_position(entry.key);
        bool low = below_low(cursor, position);
        bool high = at_or_above_high(cursor, position);
        if (cursor->range.is_backward ? low : high) {
            cursor->has_current = false; /* everything further lies outside */
            return false;
        }
        step(cursor);
        if (!low && !high) {
            *out_entry = entry;
            return true;
        }
    }
}
