/*
 * Bytes that item_is_valid accepts are an item all through: every value can be walked, sized,
 * compared and found, and writing what was read gives the same bytes.
 */

#include "storage/base/arena.h"
#include "storage/value/item_codec.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Rewrites a container's parts, one level after the other. */
static void copy_value(struct buffer *to, struct attribute_value value)
{
    if (value.type < ATTRIBUTE_SS) {
        write_value(to, value);
        return;
    }
    size_t mark = write_open(to, value.type);
    struct reader cursor = reader_of(value.payload);
    if (value.type == ATTRIBUTE_M) {
        struct attribute_name name;
        struct attribute_value part;
        while (map_next(&cursor, &name, &part)) {
            write_name(to, name);
            copy_value(to, part);
        }
    } else if (value.type == ATTRIBUTE_L) {
        struct attribute_value part;
        while (list_next(&cursor, &part)) {
            copy_value(to, part);
        }
    } else {
        struct bytes element;
        while (set_next(&cursor, &element)) {
            buffer_append_sized(to, element);
        }
    }
    check(!cursor.failed);
    write_close(to, mark);
    if (value.is_plain) {
        write_mark_plain(to, mark);
    }
}

static void check_value(struct attribute_value value)
{
    check(attribute_payload_is_valid(value.type, value.payload));
    check(attribute_value_equal(value, value));
    check(attribute_value_depth(value) <= 64);
    check(attribute_value_count(value) <= value.payload.length);
    if (value.type <= ATTRIBUTE_B) {
        check(attribute_value_compare(value, value) == 0);
    }
    check(attribute_type_name(value.type) != NULL);
    (void)attribute_value_size(value);
}

/* Every second attribute, and all of them, as projections. */
static void check_projections(struct arena *arena, struct bytes item, size_t count)
{
    struct bytes *names = arena_alloc(arena, (count + 1) * sizeof *names);
    struct reader cursor = reader_of(item_attributes(item));
    struct attribute_name name;
    struct attribute_value value;
    for (size_t i = 0; map_next(&cursor, &name, &value); i++) {
        names[i] = name.text;
    }
    struct buffer buffer;
    buffer_init(&buffer, arena, item.length);
    check(bytes_equal(item_project(&buffer, item, names, count), item));
    size_t halved = 0;
    for (size_t i = 0; i < count; i += 2) {
        names[halved++] = names[i];
    }
    struct bytes half = item_project(&buffer, item, names, halved);
    check(item_is_valid(half) && item_size(half) <= item_size(item));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes item = { data, size };
    if (!item_is_valid(item)) {
        return 0;
    }
    struct arena arena;
    arena_init(&arena);
    struct buffer shallow;
    struct buffer deep;
    buffer_init(&shallow, &arena, size);
    buffer_init(&deep, &arena, size);
    size_t shallow_mark = item_begin(&shallow);
    size_t deep_mark = item_begin(&deep);
    struct reader cursor = reader_of(item_attributes(item));
    struct attribute_name name;
    struct attribute_value value;
    size_t count = 0;
    for (; map_next(&cursor, &name, &value); count++) {
        struct attribute_value found;
        check(item_find(item, name.text, &found) && found.payload.data == value.payload.data);
        check_value(value);
        write_name(&shallow, name);
        write_value(&shallow, value);
        write_name(&deep, name);
        copy_value(&deep, value);
    }
    check(bytes_equal(item_end(&shallow, shallow_mark), item));
    check(bytes_equal(item_end(&deep, deep_mark), item));
    check_projections(&arena, item, count);
    arena_deinit(&arena);
    return 0;
}
