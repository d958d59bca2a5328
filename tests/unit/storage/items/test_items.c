/* Items by key, and ranges by example; tests/unit/storage/items/test_item_range.c has the rest. */

#include "storage/items/items.h"

#include "storage/items/indexes.h"
#include "tests/support/literal.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct store store;

static int set_up(void **state)
{
    (void)state;
    store_open(&store, (struct store_options){ .is_durable = false });
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

static int id_of(struct bytes item)
{
    struct attribute_value id;
    assert_true(item_find(item, BYTES("id"), &id));
    char text[16] = "";
    memcpy(text, id.payload.data, id.payload.length);
    return atoi(text);
}

struct field {
    const char *name;
    struct attribute_value value;
};

/* `fields` in ascending order of name. */
static struct bytes item_of_fields(const struct field *fields, size_t count)
{
    struct buffer item;
    buffer_init(&item, &store.arena, 256);
    size_t mark = item_begin(&item);
    for (size_t i = 0; i < count; i++) {
        struct bytes name = bytes_of_text(fields[i].name);
        write_name(&item, (struct attribute_name){ name, true });
        write_value(&item, fields[i].value);
    }
    return item_end(&item, mark);
}

static struct attribute_value literal(const char *text)
{
    return literal_value(&store.arena, text);
}

static struct attribute_value id_value(int id)
{
    struct buffer text;
    buffer_init(&text, &store.arena, 16);
    buffer_append_format(&text, "%d", id);
    return (struct attribute_value){ ATTRIBUTE_N, false, buffer_view(&text) };
}

static void assert_query(const char *index_name,
                         const char *partition_literal,
                         bool is_backward,
                         const char *expected_ids)
{
    struct txn txn;
    struct item_cursor cursor;
    struct item_entry entry;
    struct buffer ids;
    uint8_t hash[KEY_HASH_SIZE];
    txn_begin_read(store.storage.env, &txn);
    struct table_definition *table = catalog_find(&txn, &store.arena, BYTES("T"));
    struct item_source source = table_source(table);
    if (index_name != NULL) {
        source = index_source(table_find_index(table, bytes_of_text(index_name)));
    }
    struct attribute_value value = literal(partition_literal);
    key_hash_partition(&value, 1, hash);
    buffer_init(&ids, &store.arena, 64);
    item_cursor_open(&txn, &store.arena, source,
                     (struct item_range){ .partition = hash, .is_backward = is_backward }, &cursor);
    while (item_cursor_next(&cursor, &entry)) {
        buffer_append_format(&ids, ids.length > 0 ? " %d" : "%d", id_of(entry.item));
    }
    item_cursor_close(&cursor);
    txn_abort(&txn);
    assert_string_equal(bytes_to_text(&store.arena, buffer_view(&ids)), expected_ids);
}

static void numbers_are_read_in_the_order_of_their_values(void **state)
{
    (void)state;
    const struct store_index index = { "by_n", "pk:S / n:N", "KEYS_ONLY", true };
    store_create_table(&store, "T", "pk:S / id:N", &index, 1);
    store_put(&store, "T", "{pk: 'a', id: 1, n: 10}");
    store_put(&store, "T", "{pk: 'a', id: 2, n: -10}");
    store_put(&store, "T", "{pk: 'a', id: 3, n: 9}");
    store_put(&store, "T", "{pk: 'a', id: 4, n: 0.25}");
    store_put(&store, "T", "{pk: 'a', id: 5}");
    assert_query("by_n", "'a'", false, "2 4 3 1");
    assert_query("by_n", "'a'", true, "1 3 4 2");
    assert_query(NULL, "'a'", false, "1 2 3 4 5");
}

static void a_table_without_a_sort_key_has_one_item_a_partition(void **state)
{
    (void)state;
    store_create_table(&store, "T", "pk:S", NULL, 0);
    store_put(&store, "T", "{pk: 'a', id: 1}");
    store_put(&store, "T", "{pk: 'b', id: 2}");
    store_put(&store, "T", "{pk: 'a', id: 3}");
    assert_query(NULL, "'a'", false, "3");
    assert_query(NULL, "'b'", true, "2");
    assert_query(NULL, "'c'", false, "");
}

static void an_item_is_found_by_its_whole_key_alone(void **state)
{
    (void)state;
    store_create_table(&store, "T", "pk:S / sk:B", NULL, 0);
    store_put(&store, "T", "{pk: 'a', sk: x'00', id: 1}");
    assert_string_equal(store_get(&store, "T", "{pk: 'a', sk: x'00'}"),
                        "{id: 1, pk: 'a', sk: x'00'}");
    assert_null(store_get(&store, "T", "{pk: 'a', sk: x'0000'}"));
    assert_null(store_get(&store, "T", "{pk: 'b', sk: x'00'}"));
}

static void long_keys_that_differ_at_their_end_are_different_items(void **state)
{
    (void)state;
    enum { LONG = 1024 };
    store_create_table(&store, "T", "pk:S / sk:B", NULL, 0);
    for (int id = 0; id < 3; id++) {
        uint8_t *data = arena_alloc_zero(&store.arena, LONG); /* doubles: 2,048 bytes and more */
        data[LONG - 1] = (uint8_t)(2 - id);
        const struct field fields[] = {
            { "id", id_value(id) },
            { "pk", literal("'a'") },
            { "sk", { ATTRIBUTE_B, false, { data, LONG } } },
        };
        assert_int_equal(store_try_put(&store, "T", item_of_fields(fields, 3)), STORAGE_OK);
    }
    assert_query(NULL, "'a'", false, "2 1 0");
    assert_query(NULL, "'a'", true, "0 1 2");
}

static void put_long(int number)
{
    uint8_t *data = arena_alloc_zero(&store.arena, 500);
    data[0] = (uint8_t)(number / 256 + 1);
    data[1] = (uint8_t)(number % 256);
    const struct field fields[] = {
        { "id", id_value(number) },
        { "pk", literal("'a'") },
        { "sk", { ATTRIBUTE_B, false, { data, 500 } } },
    };
    assert_int_equal(store_try_put(&store, "T", item_of_fields(fields, 3)), STORAGE_OK);
}

/* What the cursor reads of cut keys takes memory: so it shows how far it went. */
static void a_range_of_long_keys_is_not_read_past_its_end(void **state)
{
    (void)state;
    enum { COUNT = 1000, NEAR = 10 };
    uint8_t hash[KEY_HASH_SIZE];
    struct attribute_value value = literal("'a'");
    store_create_table(&store, "T", "pk:S / sk:B", NULL, 0);
    for (int i = 0; i < COUNT; i++) {
        put_long(i);
    }
    key_hash_partition(&value, 1, hash);
    for (int backward = 0; backward < 2; backward++) {
        struct txn txn;
        struct item_cursor cursor;
        struct item_entry entry;
        struct arena arena;
        size_t count = 0;
        const struct item_range near_start = { .partition = hash, .high = BYTES("\x01\x0A") };
        const struct item_range near_end = { .partition = hash,
                                             .low = BYTES("\x04\xDE"),
                                             .is_backward = true };
        arena_init(&arena);
        txn_begin_read(store.storage.env, &txn);
        struct table_definition *table = catalog_find(&txn, &arena, BYTES("T"));
        item_cursor_open(&txn, &arena, table_source(table), backward ? near_end : near_start,
                         &cursor);
        while (item_cursor_next(&cursor, &entry)) {
            count++;
        }
        item_cursor_close(&cursor);
        txn_abort(&txn);
        assert_int_equal(count, NEAR);
        assert_true(arena_footprint(&arena) < (size_t)COUNT * KEY_SORT_MAX);
        arena_deinit(&arena);
    }
}

static void key_values_are_there_only_with_their_declared_types(void **state)
{
    (void)state;
    struct key_schema key = store_key_schema(&store.arena, "pk:S / sk:N");
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    static const struct {
        const char *item;
        bool has_key;
    } cases[] = {
        { "{pk: 'a', sk: 1}", true },     { "{pk: 'a', sk: 1, z: true}", true },
        { "{pk: 'a'}", false },           { "{sk: 1}", false },
        { "{pk: 'a', sk: '1'}", false },  { "{pk: 1, sk: 1}", false },
        { "{pk: 'a', sk: null}", false }, { "{}", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes item = literal_item(&store.arena, cases[i].item);
        assert_int_equal(item_key_values(item, &key, values), cases[i].has_key);
    }
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(numbers_are_read_in_the_order_of_their_values),
        CASE(a_table_without_a_sort_key_has_one_item_a_partition),
        CASE(an_item_is_found_by_its_whole_key_alone),
        CASE(long_keys_that_differ_at_their_end_are_different_items),
        CASE(a_range_of_long_keys_is_not_read_past_its_end),
        CASE(key_values_are_there_only_with_their_declared_types),
    };
    return cmocka_run_group_tests_name("items", tests, NULL, NULL);
}
