/* Stored keys: their bytes are ordered as their values are. Random cases print their seed. */

#include "storage/value/key_codec.h"

#include "storage/base/arena.h"
#include "storage/value/number.h"
#include "tests/support/literal.h"
#include "tests/support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static const uint8_t PARTITION[KEY_HASH_SIZE] = "a partition hash";
static const uint8_t ITEM_HASH[KEY_HASH_SIZE] = "the hash of item";

static struct attribute_value literal(const char *text)
{
    return literal_value(&arena, text);
}

static struct bytes sort_bytes(const struct attribute_value *values, size_t count)
{
    struct buffer sort;
    buffer_init(&sort, &arena, 64);
    for (size_t i = 0; i < count; i++) {
        key_append_sort(&sort, values[i]);
    }
    return buffer_view(&sort);
}

static struct key *build(struct bytes sort, const uint8_t *item_hash)
{
    struct key *key = arena_alloc(&arena, sizeof *key);
    key_build(key, PARTITION, sort, item_hash);
    return key;
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* ---- the documented form ---- */

static void sort_bytes_have_the_documented_form(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        struct bytes expected;
    } cases[] = {
        { "'a'", { (const uint8_t *)"a\0\0", 3 } },
        { "''", { (const uint8_t *)"\0\0", 2 } },
        { "x'00'", { (const uint8_t *)"\0\xFF\0\0", 4 } },
        { "x'610062'",
          { (const uint8_t *)"a\0\xFF"
                             "b\0\0",
            6 } },
        { "x'ff00'", { (const uint8_t *)"\xFF\0\xFF\0\0", 5 } },
        { "0", { (const uint8_t *)"\x80\0", 2 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct attribute_value value = literal(cases[i].value);
        assert_true(bytes_equal(sort_bytes(&value, 1), cases[i].expected));
    }
}

static void a_key_is_partition_sort_and_for_an_index_the_items_hash(void **state)
{
    (void)state;
    struct bytes table_key = key_view(build(BYTES("sort"), NULL));
    assert_int_equal(table_key.length, 16 + 4);
    assert_memory_equal(table_key.data, PARTITION, 16);
    assert_memory_equal(table_key.data + 16, "sort", 4);
    struct bytes index_key = key_view(build(BYTES("sort"), ITEM_HASH));
    assert_int_equal(index_key.length, 16 + 4 + 16);
    assert_memory_equal(index_key.data, table_key.data, 16 + 4);
    assert_memory_equal(index_key.data + 20, ITEM_HASH, 16);
    assert_int_equal(key_view(build(BYTES(""), NULL)).length, 16);
}

static void a_partition_is_hashed_as_the_service_does(void **state)
{
    (void)state;
    /* md5("Outliers" + value), computed apart */
    static const struct {
        const char *value;
        const char *md5;
    } cases[] = {
        { "'a'", "f6558e516275dee248591cc7cee85dae" },
        { "x'61'", "f6558e516275dee248591cc7cee85dae" },
        { "x'00ff'", "7c24c3cc726244b299750e0bc10b13b2" },
        { "0", "ce212d751674ab5d7a4c2add6a1b39b8" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t hash[KEY_HASH_SIZE];
        char text[2 * KEY_HASH_SIZE + 1];
        struct attribute_value value = literal(cases[i].value);
        key_hash_partition(&value, 1, hash);
        for (size_t j = 0; j < KEY_HASH_SIZE; j++) {
            (void)snprintf(text + 2 * j, 3, "%02x", hash[j]);
        }
        assert_string_equal(text, cases[i].md5);
    }
}

static void partitions_of_several_attributes_do_not_run_together(void **state)
{
    (void)state;
    const struct attribute_value one[] = { literal("'a'"), literal("'bc'") };
    const struct attribute_value other[] = { literal("'ab'"), literal("'c'") };
    const struct attribute_value swapped[] = { literal("'bc'"), literal("'a'") };
    uint8_t hashes[3][KEY_HASH_SIZE];
    key_hash_partition(one, 2, hashes[0]);
    key_hash_partition(other, 2, hashes[1]);
    key_hash_partition(swapped, 2, hashes[2]);
    assert_memory_not_equal(hashes[0], hashes[1], KEY_HASH_SIZE);
    assert_memory_not_equal(hashes[0], hashes[2], KEY_HASH_SIZE);
    key_hash_partition(one, 2, hashes[1]);
    assert_memory_equal(hashes[0], hashes[1], KEY_HASH_SIZE);
}

static void items_with_different_keys_have_different_hashes(void **state)
{
    (void)state;
    static const uint8_t OTHER[KEY_HASH_SIZE] = "another hash...";
    uint8_t hashes[3][KEY_HASH_SIZE];
    key_hash_item(PARTITION, BYTES("a"), hashes[0]);
    key_hash_item(PARTITION, BYTES("b"), hashes[1]);
    key_hash_item(OTHER, BYTES("a"), hashes[2]);
    assert_memory_not_equal(hashes[0], hashes[1], KEY_HASH_SIZE);
    assert_memory_not_equal(hashes[0], hashes[2], KEY_HASH_SIZE);
}

/* ---- order ---- */

static void sort_bytes_are_ordered_as_their_values(void **state)
{
    (void)state;
    static const char *const STRINGS[] = { "''",  "'a'",    "'aa'",      "'ab'",
                                           "'b'", "'\x7F'", "'\xC3\xA9'" };
    static const char *const BINARIES[] = { "x''",     "x'00'",   "x'0000'", "x'0001'", "x'00ff'",
                                            "x'01'",   "x'0100'", "x'61'",   "x'6100'", "x'610000'",
                                            "x'6101'", "x'fe'",   "x'ff'",   "x'ff00'", "x'ffff'" };
    static const char *const NUMBERS[] = { "-100", "-99.5", "-10", "-9", "-0.5", "-0.05", "0",
                                           "0.05", "0.5",   "9",   "10", "99.5", "100" };
    static const struct {
        const char *const *ascending;
        size_t count;
    } types[] = {
        { STRINGS, sizeof STRINGS / sizeof *STRINGS },
        { BINARIES, sizeof BINARIES / sizeof *BINARIES },
        { NUMBERS, sizeof NUMBERS / sizeof *NUMBERS },
    };
    for (size_t type = 0; type < sizeof types / sizeof types[0]; type++) {
        for (size_t i = 0; i < types[type].count; i++) {
            for (size_t j = 0; j < types[type].count; j++) {
                struct attribute_value left = literal(types[type].ascending[i]);
                struct attribute_value right = literal(types[type].ascending[j]);
                int order = bytes_compare(sort_bytes(&left, 1), sort_bytes(&right, 1));
                assert_int_equal(sign(order), (i > j) - (i < j));
            }
        }
    }
}

static struct bytes random_bytes(struct random *random, size_t size_max)
{
    static const uint8_t LETTERS[] = { 0x00, 0x00, 0x01, 0x61, 0xFE, 0xFF };
    size_t length = random_below(random, size_max + 1);
    uint8_t *data = arena_alloc(&arena, length);
    for (size_t i = 0; i < length; i++) {
        data[i] = LETTERS[random_below(random, sizeof LETTERS)];
    }
    return (struct bytes){ data, length };
}

static struct attribute_value random_number(struct random *random)
{
    struct buffer text;
    struct number_text *number = arena_alloc(&arena, sizeof *number);
    do {
        buffer_init(&text, &arena, 64);
        buffer_append_text(&text, random_once_in(random, 2) ? "-" : "");
        for (size_t digits = 1 + random_below(random, 38); digits > 0; digits--) {
            buffer_append_format(&text, "%zu", random_below(random, 10));
        }
        buffer_append_format(&text, "e%d", (int)random_below(random, 250) - 125);
    } while (number_parse(buffer_view(&text), number) != NUMBER_OK);
    return (struct attribute_value){ .type = ATTRIBUTE_N, .payload = number_view(number) };
}

/* Two lists of values of the same types, often with a beginning in common. */
static void random_pair(struct random *random,
                        size_t count,
                        struct attribute_value *out_left,
                        struct attribute_value *out_right)
{
    for (size_t i = 0; i < count; i++) {
        enum attribute_type type = (enum attribute_type)random_below(random, 3);
        for (size_t side = 0; side < 2; side++) {
            struct attribute_value *value = side == 0 ? &out_left[i] : &out_right[i];
            *value =
                type == ATTRIBUTE_N
                    ? random_number(random)
                    : (struct attribute_value){ .type = type, .payload = random_bytes(random, 5) };
        }
        if (random_once_in(random, 3)) {
            out_right[i] = out_left[i];
        }
    }
}

static int compare_values(const struct attribute_value *left,
                          const struct attribute_value *right,
                          size_t count)
{
    int order = 0;
    for (size_t i = 0; order == 0 && i < count; i++) {
        order = attribute_value_compare(left[i], right[i]);
    }
    return sign(order);
}

static void sort_bytes_of_several_attributes_are_ordered_as_their_values(void **state)
{
    (void)state;
    struct random random;
    random_start(&random, "key_codec");
    for (size_t round = random_rounds(100000); round > 0; round--) {
        struct attribute_value left[4];
        struct attribute_value right[4];
        size_t count = 1 + random_below(&random, 4);
        random_pair(&random, count, left, right);
        struct bytes one = sort_bytes(left, count);
        struct bytes other = sort_bytes(right, count);
        int order = compare_values(left, right, count);
        assert_int_equal(sign(bytes_compare(one, other)), order);
        /* Neither is the beginning of the other: so a position and what follows it are kept apart.
         */
        assert_int_equal(bytes_start_with(one, other), order == 0);
        /* Uncut, stored keys are ordered alike. */
        struct bytes left_key = key_view(build(one, NULL));
        struct bytes right_key = key_view(build(other, NULL));
        assert_int_equal(sign(bytes_compare(left_key, right_key)), order);
        left_key = key_view(build(one, ITEM_HASH));
        right_key = key_view(build(other, ITEM_HASH));
        assert_int_equal(sign(bytes_compare(left_key, right_key)), order);
        arena_reset(&arena);
    }
}

/* ---- prefixes ---- */

static void a_prefix_begins_what_starts_with_it_and_nothing_else(void **state)
{
    (void)state;
    struct random random;
    random_start(&random, "key_codec, prefixes");
    for (size_t round = random_rounds(100000); round > 0; round--) {
        struct attribute_value value = { .type = ATTRIBUTE_B, .payload = random_bytes(&random, 6) };
        struct bytes prefix = random_bytes(&random, 4);
        if (random_once_in(&random, 2) && prefix.length <= value.payload.length) {
            prefix.data = value.payload.data;
        }
        struct buffer begin;
        buffer_init(&begin, &arena, 16);
        key_append_sort_prefix(&begin, prefix);
        struct bytes sort = sort_bytes(&value, 1);
        assert_int_equal(bytes_start_with(sort, buffer_view(&begin)),
                         bytes_start_with(value.payload, prefix));
        arena_reset(&arena);
    }
}

static void what_follows_a_prefix_is_the_smallest_of_all_that_is_greater(void **state)
{
    (void)state;
    static const struct {
        struct bytes prefix;
        struct bytes next; /* data NULL: there is none */
    } cases[] = {
        { { (const uint8_t *)"a", 1 }, { (const uint8_t *)"b", 1 } },
        { { (const uint8_t *)"a\0", 2 }, { (const uint8_t *)"a\1", 2 } },
        { { (const uint8_t *)"a\xFF", 2 }, { (const uint8_t *)"b", 1 } },
        { { (const uint8_t *)"a\xFE\xFF\xFF", 4 }, { (const uint8_t *)"a\xFF", 2 } },
        { { (const uint8_t *)"\xFF\xFF", 2 }, { NULL, 0 } },
        { { (const uint8_t *)"", 0 }, { NULL, 0 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer prefix;
        buffer_init(&prefix, &arena, 1);
        buffer_append_bytes(&prefix, cases[i].prefix);
        bool exists = key_next_after_prefix(&prefix);
        assert_int_equal(exists, cases[i].next.data != NULL);
        assert_true(!exists || bytes_equal(buffer_view(&prefix), cases[i].next));
    }
}

/* ---- cut keys ---- */

static struct bytes long_sort(size_t length, char last)
{
    char *data = arena_alloc(&arena, length);
    memset(data, 'x', length);
    data[length - 1] = last;
    return (struct bytes){ (const uint8_t *)data, length };
}

static void sort_bytes_are_cut_when_they_are_too_long_and_only_then(void **state)
{
    (void)state;
    static const struct {
        size_t length;
        bool is_cut;
    } cases[] = {
        { 0, false },  { 1, false },  { 462, false }, { 463, false },
        { 464, true }, { 479, true }, { 480, true },  { 2050, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t is_index = 0; is_index < 2; is_index++) {
            struct bytes sort = cases[i].length > 0 ? long_sort(cases[i].length, 'y') : BYTES("");
            struct key *key = build(sort, is_index ? ITEM_HASH : NULL);
            bool is_cut;
            struct bytes part = key_sort_part(key_view(key), is_index, &is_cut);
            assert_true(key->length <= 511); /* LMDB's limit */
            assert_int_equal(is_cut, cases[i].is_cut);
            assert_int_equal(part.length, is_cut ? KEY_SORT_MAX : sort.length);
            assert_memory_equal(part.data, sort.data, part.length);
            if (is_index) {
                assert_memory_equal(key->data + key->length - KEY_HASH_SIZE, ITEM_HASH,
                                    KEY_HASH_SIZE);
            }
        }
    }
}

static void cut_keys_of_different_values_are_different_neighbours(void **state)
{
    (void)state;
    struct bytes one = key_view(build(long_sort(600, 'a'), NULL));
    struct bytes other = key_view(build(long_sort(600, 'b'), NULL));
    struct bytes longer = key_view(build(long_sort(601, 'x'), NULL));
    assert_false(bytes_equal(one, other));
    assert_false(bytes_equal(one, longer));
    assert_true(bytes_equal(one, key_view(build(long_sort(600, 'a'), NULL))));
    assert_memory_equal(one.data, other.data, KEY_HASH_SIZE + KEY_SORT_MAX);
    assert_memory_equal(one.data, longer.data, KEY_HASH_SIZE + KEY_SORT_MAX);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(sort_bytes_have_the_documented_form),
        CASE(a_key_is_partition_sort_and_for_an_index_the_items_hash),
        CASE(a_partition_is_hashed_as_the_service_does),
        CASE(partitions_of_several_attributes_do_not_run_together),
        CASE(items_with_different_keys_have_different_hashes),
        CASE(sort_bytes_are_ordered_as_their_values),
        CASE(sort_bytes_of_several_attributes_are_ordered_as_their_values),
        CASE(a_prefix_begins_what_starts_with_it_and_nothing_else),
        CASE(what_follows_a_prefix_is_the_smallest_of_all_that_is_greater),
        CASE(sort_bytes_are_cut_when_they_are_too_long_and_only_then),
        CASE(cut_keys_of_different_values_are_different_neighbours),
    };
    return cmocka_run_group_tests_name("key_codec", tests, NULL, NULL);
}
