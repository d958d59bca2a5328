/*
 * The input is cut into values: for each a byte that says its type and size, then its bytes. Every
 * pair of neighbours of one type is turned into sort bytes and keys, whose order must be that of
 * the values.
 */

#include "storage/base/arena.h"
#include "storage/value/key_codec.h"
#include "storage/value/number.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* False at the end of the input, and for a number that is none. */
static bool
next_value(struct arena *arena, struct reader *reader, struct attribute_value *out_value)
{
    uint8_t head = reader_u8(reader);
    size_t size = (size_t)(head >> 2) * 9; /* up to 567: past KEY_SORT_MAX */
    if (size > reader_left(reader)) {
        size = reader_left(reader);
    }
    *out_value = (struct attribute_value){ .type = (enum attribute_type)(head % 3),
                                           .payload = reader_take(reader, size) };
    if (out_value->type == ATTRIBUTE_N) {
        struct number_text *number = arena_alloc(arena, sizeof *number);
        if (number_parse(out_value->payload, number) != NUMBER_OK) {
            return false;
        }
        out_value->payload = number_view(number);
    }
    return !reader->failed;
}

static struct bytes sort_bytes(struct arena *arena, struct attribute_value value)
{
    struct buffer sort;
    buffer_init(&sort, arena, 64);
    key_append_sort(&sort, value);
    return buffer_view(&sort);
}

static void check_prefix(struct arena *arena, struct attribute_value value, struct bytes sort)
{
    struct buffer prefix;
    buffer_init(&prefix, arena, 64);
    struct bytes half = { value.payload.data, value.payload.length / 2 };
    key_append_sort_prefix(&prefix, half);
    check(bytes_start_with(sort, buffer_view(&prefix)));
    if (key_next_after_prefix(&prefix)) {
        check(bytes_compare(sort, buffer_view(&prefix)) < 0);
    }
}

static void check_key(struct bytes sort, const uint8_t *item_hash, struct key *out_key)
{
    static const uint8_t PARTITION[KEY_HASH_SIZE] = { 1 };
    bool is_cut;
    key_build(out_key, PARTITION, sort, item_hash);
    check(out_key->length <= KEY_SIZE_MAX);
    struct bytes part = key_sort_part(key_view(out_key), item_hash != NULL, &is_cut);
    check(is_cut == (sort.length > KEY_SORT_MAX));
    check(part.length == (is_cut ? KEY_SORT_MAX : sort.length));
    check(bytes_start_with(sort, part));
}

static void
check_pair(struct arena *arena, struct attribute_value left, struct attribute_value right)
{
    static const uint8_t ITEM_HASH[KEY_HASH_SIZE] = { 2 };
    int order = sign(attribute_value_compare(left, right));
    struct bytes one = sort_bytes(arena, left);
    struct bytes other = sort_bytes(arena, right);
    check(sign(bytes_compare(one, other)) == order);
    check(bytes_start_with(one, other) == (order == 0));
    for (size_t i = 0; i < 2; i++) {
        const uint8_t *hash = i == 0 ? NULL : ITEM_HASH;
        struct key one_key;
        struct key other_key;
        check_key(one, hash, &one_key);
        check_key(other, hash, &other_key);
        int key_order = sign(bytes_compare(key_view(&one_key), key_view(&other_key)));
        check((key_order == 0) == (order == 0));
        if (one.length <= KEY_SORT_MAX || other.length <= KEY_SORT_MAX ||
            memcmp(one.data, other.data, KEY_SORT_MAX) != 0) {
            check(key_order == order);
        }
    }
    if (left.type != ATTRIBUTE_N) {
        check_prefix(arena, left, one);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct reader reader = reader_of((struct bytes){ data, size });
    struct attribute_value last = { .type = ATTRIBUTE_TYPE_COUNT };
    struct attribute_value value;
    arena_init(&arena);
    while (reader_left(&reader) > 0) {
        if (!next_value(&arena, &reader, &value)) {
            continue;
        }
        check_pair(&arena, value, value);
        if (last.type == value.type) {
            check_pair(&arena, last, value);
            check_pair(&arena, value, last);
        }
        last = value;
    }
    arena_deinit(&arena);
    return 0;
}
