/*
 * The range cursor against a naive one: all items of a partition sorted by their values. The values
 * are chosen to hurt: prefixes of one another, zero bytes (which double), and families that share
 * their first 463 stored bytes and more, so that their keys are cut.
 */

#include "storage/items/items.h"

#include "storage/items/indexes.h"
#include "tests/support/literal.h"
#include "tests/support/random.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ENTRIES_MAX = 128, VALUE_SIZE_MAX = 1024 };

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

/* ---- a partition and what it should look like ---- */

struct place {
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    int id;
};

struct partition {
    struct txn *txn;
    struct item_source source;
    const struct key_schema *table_key;
    uint8_t hash[KEY_HASH_SIZE];
    struct place places[ENTRIES_MAX]; /* in the order of the values of the sort key */
    size_t count;
};

static const struct partition *sorting;

static int compare_places(const void *left, const void *right)
{
    const struct place *one = left;
    const struct place *other = right;
    const struct key_schema *key = sorting->source.key;
    for (size_t i = key->partition_count; i < key->partition_count + key->sort_count; i++) {
        int order = attribute_value_compare(one->values[i], other->values[i]);
        if (order != 0) {
            return order;
        }
    }
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

/* Every item of the source that is in the partition of `values`, by reading all there is. */
static void collect(struct partition *partition, const struct attribute_value *values)
{
    struct cursor cursor;
    struct bytes key;
    struct bytes item;
    const struct key_schema *schema = partition->source.key;
    key_hash_partition(values, schema->partition_count, partition->hash);
    partition->count = 0;
    cursor_open(partition->txn, partition->source.database, &cursor);
    for (bool more = cursor_seek(&cursor, BYTES(""), &key, &item); more;
         more = cursor_next(&cursor, &key, &item)) {
        struct place *place = &partition->places[partition->count];
        assert_true(item_key_values(item, schema, place->values));
        place->id = id_of(item);
        bool inside = true;
        for (size_t i = 0; i < schema->partition_count; i++) {
            inside = inside && attribute_value_equal(place->values[i], values[i]);
        }
        partition->count += inside;
        assert_true(partition->count < ENTRIES_MAX);
    }
    cursor_close(&cursor);
    sorting = partition;
    qsort(partition->places, partition->count, sizeof *partition->places, compare_places);
}

struct result {
    int ids[ENTRIES_MAX];
    struct bytes positions[ENTRIES_MAX];
    size_t count;
};

/* The position as the service's LastEvaluatedKey gives it back: from the values alone. */
static struct bytes position_of(const struct partition *partition, struct bytes item)
{
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    struct attribute_value table_values[KEY_ATTRIBUTES_MAX];
    uint8_t item_hash[KEY_HASH_SIZE];
    assert_true(item_key_values(item, partition->source.key, values));
    assert_true(item_key_values(item, partition->table_key, table_values));
    index_item_hash(&store.arena, partition->table_key, table_values, item_hash);
    return item_position(&store.arena, &partition->source, values, item_hash);
}

static void
read_range(const struct partition *partition, struct item_range range, struct result *out_result)
{
    struct item_cursor cursor;
    struct item_entry entry;
    range.partition = partition->hash;
    out_result->count = 0;
    item_cursor_open(partition->txn, &store.arena, partition->source, range, &cursor);
    while (item_cursor_next(&cursor, &entry)) {
        assert_true(out_result->count < ENTRIES_MAX);
        out_result->ids[out_result->count] = id_of(entry.item);
        out_result->positions[out_result->count] = position_of(partition, entry.item);
        out_result->count++;
    }
    item_cursor_close(&cursor);
    assert_int_equal(partition->txn->status, STORAGE_OK);
}

static const struct place *place_of(const struct partition *partition, int id)
{
    for (size_t i = 0; i < partition->count; i++) {
        if (partition->places[i].id == id) {
            return &partition->places[i];
        }
    }
    fail_msg("item %d is not in the partition", id);
    return NULL;
}

/* Each item once, and their values never descend: equal ones may come in any order. */
static void assert_is_in_order(const struct partition *partition, const struct result *result)
{
    sorting = partition;
    assert_int_equal(result->count, partition->count);
    for (size_t i = 0; i < result->count; i++) {
        const struct place *place = place_of(partition, result->ids[i]);
        assert_int_equal(compare_places(place, &partition->places[i]), 0);
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(result->ids[i], result->ids[j]);
        }
    }
}

static void assert_is_slice(const struct result *all,
                            size_t first,
                            size_t end,
                            bool is_backward,
                            const struct result *result)
{
    assert_int_equal(result->count, end - first);
    for (size_t i = 0; i < result->count; i++) {
        size_t place = is_backward ? end - 1 - i : first + i;
        assert_int_equal(result->ids[i], all->ids[place]);
    }
}

static struct bytes just_after(struct bytes position)
{
    return (struct bytes){ (const uint8_t *)bytes_to_text(&store.arena, position),
                           position.length + 1 };
}

/* Pages that start after, or end before, every single item. */
static void assert_restarts_anywhere(const struct partition *partition, const struct result *all)
{
    struct result result;
    for (size_t i = 0; i < all->count; i++) {
        struct bytes after = just_after(all->positions[i]);
        struct bytes at = all->positions[i];
        read_range(partition, (struct item_range){ .low = after }, &result);
        assert_is_slice(all, i + 1, all->count, false, &result);
        read_range(partition, (struct item_range){ .high = at, .is_backward = true }, &result);
        assert_is_slice(all, 0, i, true, &result);
        read_range(partition, (struct item_range){ .low = at, .is_backward = true }, &result);
        assert_is_slice(all, i, all->count, true, &result);
        read_range(partition, (struct item_range){ .high = after }, &result);
        assert_is_slice(all, 0, i + 1, false, &result);
    }
}

/* Bounds in the middle of a page, and those that cross. */
static void assert_ranges_between(const struct partition *partition, const struct result *all)
{
    struct result result;
    for (size_t first = 0; first < all->count; first += 3) {
        for (size_t end = 0; end < all->count; end += 5) {
            struct item_range range = { .low = all->positions[first], .high = all->positions[end] };
            size_t real_end = end < first ? first : end;
            read_range(partition, range, &result);
            assert_is_slice(all, first, real_end, false, &result);
            range.is_backward = true;
            read_range(partition, range, &result);
            assert_is_slice(all, first, real_end, true, &result);
        }
    }
}

/* How many of the partition's items have a first sort value below `value`. */
static size_t
count_below(const struct partition *partition, struct attribute_value value, bool or_equal)
{
    size_t place = partition->source.key->partition_count;
    size_t count = 0;
    for (size_t i = 0; i < partition->count; i++) {
        int order = attribute_value_compare(partition->places[i].values[place], value);
        count += order < 0 || (or_equal && order == 0);
    }
    return count;
}

/* Conditions as a query states them, on the first sort attribute: <, <=, =, >=, >. */
static void assert_conditions(const struct partition *partition,
                              const struct result *all,
                              struct attribute_value value)
{
    struct buffer from;
    struct buffer past;
    struct result result;
    buffer_init(&from, &store.arena, 64);
    key_append_sort(&from, value);
    buffer_init(&past, &store.arena, 64);
    key_append_sort(&past, value);
    assert_true(key_next_after_prefix(&past));
    size_t below = count_below(partition, value, false);
    size_t to = count_below(partition, value, true);
    const struct {
        struct bytes low, high;
        size_t first, end;
    } cases[] = {
        { BYTES(""), buffer_view(&from), 0, below },
        { BYTES(""), buffer_view(&past), 0, to },
        { buffer_view(&from), buffer_view(&past), below, to },
        { buffer_view(&from), { NULL, 0 }, below, all->count },
        { buffer_view(&past), { NULL, 0 }, to, all->count },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct item_range range = { .low = cases[i].low, .high = cases[i].high };
        read_range(partition, range, &result);
        assert_is_slice(all, cases[i].first, cases[i].end, false, &result);
        range.is_backward = true;
        read_range(partition, range, &result);
        assert_is_slice(all, cases[i].first, cases[i].end, true, &result);
    }
}

/* begins_with: what starts with the first `length` bytes of `value`. */
static void
assert_prefix(const struct partition *partition, const struct result *all, struct bytes prefix)
{
    struct buffer from;
    struct buffer past;
    struct result result;
    size_t place = partition->source.key->partition_count;
    size_t first = all->count;
    size_t count = 0;
    for (size_t i = 0; i < partition->count; i++) {
        if (bytes_start_with(partition->places[i].values[place].payload, prefix)) {
            first = count == 0 ? i : first;
            count++;
        }
    }
    first = count == 0 ? 0 : first;
    buffer_init(&from, &store.arena, 64);
    key_append_sort_prefix(&from, prefix);
    buffer_init(&past, &store.arena, 64);
    key_append_sort_prefix(&past, prefix);
    bool is_bounded = key_next_after_prefix(&past);
    struct item_range range = { .low = buffer_view(&from) };
    if (is_bounded) {
        range.high = buffer_view(&past);
    }
    read_range(partition, range, &result);
    assert_is_slice(all, first, first + count, false, &result);
    range.is_backward = true;
    read_range(partition, range, &result);
    assert_is_slice(all, first, first + count, true, &result);
}

static void assert_partition(struct partition *partition)
{
    struct result all;
    struct result back;
    read_range(partition, (struct item_range){ .low = BYTES("") }, &all);
    assert_is_in_order(partition, &all);
    read_range(partition, (struct item_range){ .is_backward = true }, &back);
    assert_is_slice(&all, 0, all.count, true, &back);
    assert_restarts_anywhere(partition, &all);
    assert_ranges_between(partition, &all);
    size_t first_sort = partition->source.key->partition_count;
    for (size_t i = 0; i < partition->count; i++) {
        struct attribute_value value = partition->places[i].values[first_sort];
        assert_conditions(partition, &all, value);
        if (value.type != ATTRIBUTE_N) {
            static const size_t LENGTHS[] = { 0, 1, 2, 231, 461, 462, 463, 464, 500 };
            for (size_t j = 0; j < sizeof LENGTHS / sizeof *LENGTHS; j++) {
                if (LENGTHS[j] <= value.payload.length) {
                    assert_prefix(partition, &all,
                                  (struct bytes){ value.payload.data, LENGTHS[j] });
                }
            }
        }
    }
}

/* ---- values that hurt ---- */

/*
 * A few letters, zeros and FFs among them, so that values are often prefixes of one another; in
 * families of long values only the end differs, around the place where keys are cut.
 */
static struct bytes random_value(struct random *random, size_t size_max)
{
    static const uint8_t LETTERS[] = { 0x00, 0x01, 0x61, 0xFE, 0xFF };
    uint8_t *data = arena_alloc(&store.arena, VALUE_SIZE_MAX);
    size_t shared = 0;
    if (size_max > KEY_SORT_MAX && !random_once_in(random, 3)) {
        static const size_t SHARED[] = { 455, 460, 461, 462, 463, 464, 600 };
        static const uint8_t FILL[] = { 0x61, 0x61, 0xFF, 0x00 };
        shared = SHARED[random_below(random, sizeof SHARED / sizeof *SHARED)];
        memset(data, FILL[random_below(random, sizeof FILL)], shared);
    }
    size_t length = shared + random_below(random, 6);
    if (length == 0) {
        length = 1; /* key values are not empty */
    }
    for (size_t i = shared; i < length; i++) {
        data[i] = LETTERS[random_below(random, sizeof LETTERS)];
    }
    return (struct bytes){ data, length };
}

static struct attribute_value random_number(struct random *random)
{
    struct buffer text;
    buffer_init(&text, &store.arena, 16);
    static const char *const TEXTS[] = { "0", "-1", "1", "10", "-10", "0.5", "-0.5", "99", "100" };
    buffer_append_text(&text, TEXTS[random_below(random, sizeof TEXTS / sizeof *TEXTS)]);
    return (struct attribute_value){ ATTRIBUTE_N, false, buffer_view(&text) };
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

/* In the index several items share their keys: "g" has one value, "sk" few. */
static const struct store_index BY_GROUP = { "by_group", "g:S / sk:B", "id", false };
static const struct store_index BY_SEVERAL = { "by_several", "g:S / n:N, sk:B, t:B", "id", false };

static void put_random_items(struct random *random, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bytes sort = random_value(random, VALUE_SIZE_MAX);
        struct bytes other = random_value(random, VALUE_SIZE_MAX);
        const struct field fields[] = {
            { "g", literal(random_once_in(random, 5) ? "'other'" : "'group'") },
            { "id", id_value((int)i) },
            { "n", random_number(random) },
            { "pk", literal(random_once_in(random, 4) ? "'b'" : "'a'") },
            { "sk", { ATTRIBUTE_B, false, sort } },
            { "t", { ATTRIBUTE_B, false, other } },
        };
        struct bytes item = item_of_fields(fields, sizeof fields / sizeof fields[0]);
        assert_int_equal(store_try_put(&store, "T", item), STORAGE_OK);
    }
}

static void check_source(struct txn *txn, const char *index_name, const char *partition_literal)
{
    static struct partition partition;
    struct table_definition *table = catalog_find(txn, &store.arena, BYTES("T"));
    struct attribute_value values[] = { literal(partition_literal) };
    partition.txn = txn;
    partition.source = table_source(table);
    partition.table_key = &table->key;
    if (index_name != NULL) {
        partition.source = index_source(table_find_index(table, bytes_of_text(index_name)));
    }
    collect(&partition, values);
    assert_partition(&partition);
}

static void every_range_of_table_and_index_is_as_its_values_say(void **state)
{
    (void)state;
    struct random random;
    random_start(&random, "items");
    for (size_t round = random_rounds(6); round > 0; round--) {
        const struct store_index indexes[] = { BY_GROUP, BY_SEVERAL };
        store_close(&store);
        store_open(&store, (struct store_options){ .is_durable = false });
        store_create_table(&store, "T", "pk:S / sk:B", indexes, 2);
        put_random_items(&random, 1 + random_below(&random, 60));
        struct txn txn;
        txn_begin_read(store.storage.env, &txn);
        check_source(&txn, NULL, "'a'");
        check_source(&txn, NULL, "'b'");
        check_source(&txn, NULL, "'none'");
        check_source(&txn, "by_group", "'group'");
        check_source(&txn, "by_group", "'other'");
        check_source(&txn, "by_several", "'group'");
        txn_abort(&txn);
    }
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_range_of_table_and_index_is_as_its_values_say),
    };
    return cmocka_run_group_tests_name("item_range", tests, NULL, NULL);
}
