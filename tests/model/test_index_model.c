/*
 * Random operations on a table and its indexes against a model that keeps items in an array and
 * computes an index anew each time it is asked. After every few operations the table and every
 * index must agree with it: content, projection, order of a query, counts and sizes. An index that
 * is still being built holds a part of what it will hold, and nothing else.
 */

#include "storage/items/backfill.h"
#include "tests/model/random_item.h"
#include "tests/support/literal.h"
#include "tests/support/random.h"
#include "tests/support/store.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    ITEMS_MAX = 512,
    OPERATIONS_A_ROUND = 400,
    OPERATIONS_A_CHECK = 20,
    NAME_COUNT = 6,
};

static const struct durations DURATIONS = {
    .table_create_ms = 10,
    .table_update_ms = 10,
    .table_delete_ms = 10,
    .index_allocate_ms = 20,
    .index_backfill_ms = 30,
    .index_delete_ms = 10,
};

/* Every way to key and project; the sort keys of the last two are long enough to be cut. */
static const struct store_index INDEXES[NAME_COUNT] = {
    { "by_a", "a:S", "ALL", false },
    { "by_a_n", "a:S / n:N", "KEYS_ONLY", false },
    { "by_n", "n:N / a:S", "extra b", false },
    { "by_b", "b:B / long:S", "ALL", false },
    { "by_many", "a:S, n:N / b:B, long:S", "extra", false },
    { "by_long", "pk:S / long:S", "KEYS_ONLY", true },
};

enum { LOCAL_INDEX = NAME_COUNT - 1 };

struct model_item {
    struct bytes item; /* malloc'd */
};

struct model {
    struct store store;
    struct random random;
    struct model_item items[ITEMS_MAX];
    size_t count;
    struct arena arena; /* of the operation or check under way */
};

/* ---- the model of an index ---- */

static bool is_named(const char *names, struct bytes name)
{
    for (const char *word = names; *word != '\0';) {
        size_t length = strcspn(word, " ");
        if (length == name.length && memcmp(word, name.data, length) == 0) {
            return true;
        }
        word += length + (word[length] == ' ' ? 1 : 0);
    }
    return false;
}

static bool is_key_attribute(const struct key_schema *key, struct bytes name)
{
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        if (bytes_equal(key->attributes[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Is in the index: has every key attribute, of its type, not empty and not too large. */
static bool model_has(const struct key_schema *key, struct bytes item)
{
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        struct attribute_value value;
        size_t size_max = i < key->partition_count ? 2048 : 1024;
        if (!item_find(item, key->attributes[i].name, &value) ||
            value.type != key->attributes[i].type || value.payload.length == 0 ||
            value.payload.length > size_max) {
            return false;
        }
    }
    return true;
}

static struct bytes model_project(struct arena *arena,
                                  const struct key_schema *table_key,
                                  const struct key_schema *key,
                                  const char *projection,
                                  struct bytes item)
{
    struct buffer projected;
    struct reader cursor = reader_of(item_attributes(item));
    struct attribute_name name;
    struct attribute_value value;
    buffer_init(&projected, arena, item.length);
    size_t mark = item_begin(&projected);
    while (map_next(&cursor, &name, &value)) {
        if (strcmp(projection, "ALL") == 0 || is_key_attribute(table_key, name.text) ||
            is_key_attribute(key, name.text) || is_named(projection, name.text)) {
            write_name(&projected, name);
            write_value(&projected, value);
        }
    }
    return item_end(&projected, mark);
}

struct images {
    struct bytes items[ITEMS_MAX];
    size_t count;
    uint64_t size_bytes;
};

static int compare_images(const void *left, const void *right)
{
    return bytes_compare(*(const struct bytes *)left, *(const struct bytes *)right);
}

static void images_add(struct images *images, struct bytes item)
{
    assert_true(images->count < ITEMS_MAX);
    images->items[images->count++] = item;
    images->size_bytes += item_size(item);
}

static void images_sort(struct images *images)
{
    qsort(images->items, images->count, sizeof images->items[0], compare_images);
}

static void model_images(struct model *model,
                         const struct key_schema *table_key,
                         const struct store_index *index,
                         struct images *out_images)
{
    out_images->count = 0;
    out_images->size_bytes = 0;
    struct key_schema key = { .sort_count = 0 };
    if (index != NULL) {
        key = store_key_schema(&model->arena, index->key);
    }
    for (size_t i = 0; i < model->count; i++) {
        struct bytes item = model->items[i].item;
        if (index == NULL) {
            images_add(out_images, item);
        } else if (model_has(&key, item)) {
            images_add(out_images,
                       model_project(&model->arena, table_key, &key, index->projection, item));
        }
    }
    images_sort(out_images);
}

/* ---- checks ---- */

static void stored_images(struct txn *txn, uint32_t database, struct images *out_images)
{
    struct cursor cursor;
    struct bytes key;
    struct bytes item;
    out_images->count = 0;
    out_images->size_bytes = 0;
    cursor_open(txn, database, &cursor);
    for (bool more = cursor_seek(&cursor, BYTES(""), &key, &item); more;
         more = cursor_next(&cursor, &key, &item)) {
        assert_true(item_is_valid(item));
        images_add(out_images, item);
    }
    cursor_close(&cursor);
    images_sort(out_images);
    assert_int_equal(txn_count(txn, database), out_images->count);
    assert_int_equal(database_size(txn, database), out_images->size_bytes);
}

static void assert_same(struct model *model,
                        const char *what,
                        const struct images *stored,
                        const struct images *expected)
{
    for (size_t i = 0; i < stored->count && i < expected->count; i++) {
        if (!bytes_equal(stored->items[i], expected->items[i])) {
            fail_msg("%s holds\n%.300s\nwhere the model has\n%.300s", what,
                     literal_of_item(&model->arena, stored->items[i]),
                     literal_of_item(&model->arena, expected->items[i]));
        }
    }
    if (stored->count != expected->count) {
        fail_msg("%s holds %zu items, the model %zu", what, stored->count, expected->count);
    }
}

static void
assert_part(const char *what, const struct images *stored, const struct images *expected)
{
    for (size_t i = 0; i < stored->count; i++) {
        if (bsearch(&stored->items[i], expected->items, expected->count, sizeof expected->items[0],
                    compare_images) == NULL) {
            fail_msg("%s, being built, holds what no item puts there", what);
        }
    }
}

static int compare_sort(const struct key_schema *key, struct bytes left, struct bytes right)
{
    struct attribute_value one[KEY_ATTRIBUTES_MAX];
    struct attribute_value other[KEY_ATTRIBUTES_MAX];
    assert_true(item_key_values(left, key, one) && item_key_values(right, key, other));
    int order = 0;
    for (size_t i = key->partition_count; order == 0 && i < key->partition_count + key->sort_count;
         i++) {
        order = attribute_value_compare(one[i], other[i]);
    }
    return order;
}

static bool same_partition(const struct key_schema *key, struct bytes left, struct bytes right)
{
    struct attribute_value one[KEY_ATTRIBUTES_MAX];
    struct attribute_value other[KEY_ATTRIBUTES_MAX];
    assert_true(item_key_values(left, key, one) && item_key_values(right, key, other));
    for (size_t i = 0; i < key->partition_count; i++) {
        if (!attribute_value_equal(one[i], other[i])) {
            return false;
        }
    }
    return true;
}

/* A query of the partition that `member` is in gives its items, each once, in order. */
static void assert_query(struct model *model,
                         struct txn *txn,
                         struct item_source source,
                         const struct images *expected,
                         struct bytes member,
                         bool is_backward)
{
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    uint8_t partition[KEY_HASH_SIZE];
    struct item_cursor cursor;
    struct item_entry entry;
    static struct images queried;
    static struct images wanted;
    queried.count = wanted.count = 0;
    for (size_t i = 0; i < expected->count; i++) {
        if (same_partition(source.key, expected->items[i], member)) {
            images_add(&wanted, expected->items[i]);
        }
    }
    assert_true(item_key_values(member, source.key, values));
    key_hash_partition(values, source.key->partition_count, partition);
    struct item_range range = { .partition = partition, .is_backward = is_backward };
    struct bytes last = { NULL, 0 };
    item_cursor_open(txn, &model->arena, source, range, &cursor);
    while (item_cursor_next(&cursor, &entry)) {
        if (last.data != NULL) {
            int order = compare_sort(source.key, last, entry.item);
            assert_true(is_backward ? order >= 0 : order <= 0);
        }
        last = entry.item;
        images_add(&queried, entry.item);
    }
    item_cursor_close(&cursor);
    images_sort(&queried);
    assert_same(model, "a query", &queried, &wanted);
}

static const struct store_index *described(struct bytes name)
{
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (bytes_equal(name, bytes_of_text(INDEXES[i].name))) {
            return &INDEXES[i];
        }
    }
    fail_msg("an index that nobody made");
    return NULL;
}

static void check(struct model *model)
{
    static struct images stored;
    static struct images expected;
    struct txn txn;
    txn_begin_read(model->store.storage.env, &txn);
    struct table_definition *table = catalog_find(&txn, &model->arena, BYTES("T"));
    assert_non_null(table);
    stored_images(&txn, table->database, &stored);
    model_images(model, &table->key, NULL, &expected);
    assert_same(model, "the table", &stored, &expected);
    for (size_t i = 0; i < table->index_count; i++) {
        struct index_definition *index = &table->indexes[i];
        const struct store_index *description = described(index->name);
        if (index->phase == INDEX_DELETING) {
            continue;
        }
        stored_images(&txn, index->database, &stored);
        model_images(model, &table->key, description, &expected);
        if (index->phase == INDEX_ALLOCATING || index->phase == INDEX_BACKFILLING) {
            assert_part(description->name, &stored, &expected);
            continue;
        }
        assert_same(model, description->name, &stored, &expected);
        if (expected.count > 0) {
            struct bytes member = expected.items[random_below(&model->random, expected.count)];
            struct item_source source = index_source(index);
            assert_query(model, &txn, source, &expected, member, false);
            assert_query(model, &txn, source, &expected, member, true);
        }
    }
    assert_int_equal(txn.status, STORAGE_OK);
    txn_abort(&txn);
}

/* ---- operations ---- */

static size_t model_find(const struct model *model, struct bytes key_item)
{
    for (size_t i = 0; i < model->count; i++) {
        struct attribute_value stored;
        struct attribute_value wanted;
        bool equal = true;
        static const char *const KEY[] = { "pk", "sk" };
        for (size_t j = 0; j < 2; j++) {
            assert_true(item_find(model->items[i].item, bytes_of_text(KEY[j]), &stored));
            assert_true(item_find(key_item, bytes_of_text(KEY[j]), &wanted));
            equal = equal && attribute_value_equal(stored, wanted);
        }
        if (equal) {
            return i;
        }
    }
    return model->count;
}

static void model_put(struct model *model, struct bytes item)
{
    size_t place = model_find(model, item);
    assert_true(place < ITEMS_MAX);
    if (place == model->count) {
        model->count++;
    } else {
        free((void *)(uintptr_t)model->items[place].item.data);
    }
    uint8_t *copy = malloc(item.length);
    assert_non_null(copy);
    memcpy(copy, item.data, item.length);
    model->items[place].item = (struct bytes){ copy, item.length };
}

static void model_delete(struct model *model, struct bytes key_item)
{
    size_t place = model_find(model, key_item);
    if (place < model->count) {
        free((void *)(uintptr_t)model->items[place].item.data);
        model->items[place] = model->items[--model->count];
    }
}

/* Several changes in one transaction, sometimes given up. */
static void change_items(struct model *model)
{
    struct index_effect effects[INDEXES_MAX];
    struct txn txn;
    size_t count = 1 + random_below(&model->random, 6);
    bool is_aborted = random_once_in(&model->random, 8);
    txn_begin_write(model->store.storage.env, &txn);
    struct table_definition *table = catalog_find(&txn, &model->arena, BYTES("T"));
    for (size_t i = 0; i < count; i++) {
        bool deletes = random_once_in(&model->random, 4);
        struct bytes image = deletes ? random_key(&model->random, &model->arena)
                                     : random_item(&model->random, &model->arena);
        struct bytes new_item = deletes ? (struct bytes){ NULL, 0 } : image;
        store_change(&txn, &model->arena, table, image, new_item, effects);
        if (is_aborted) {
            continue;
        }
        if (deletes) {
            model_delete(model, image);
        } else {
            model_put(model, image);
        }
    }
    if (is_aborted) {
        txn_abort(&txn);
    } else {
        assert_int_equal(txn_commit(&txn), STORAGE_OK);
    }
}

static struct index_definition *random_index(struct model *model, const char **out_name)
{
    *out_name = INDEXES[random_below(&model->random, LOCAL_INDEX)].name;
    return store_index(&model->store, "T", *out_name);
}

static void define_index(struct model *model)
{
    const char *name;
    struct index_definition *index = random_index(model, &name);
    if (index == NULL) {
        store_create_index(&model->store, "T", *described(bytes_of_text(name)));
    } else if (index->phase == INDEX_ACTIVE || index->phase == INDEX_BACKFILLING) {
        store_delete_index(&model->store, "T", name);
    }
}

static void hold_or_release(struct model *model)
{
    const char *name;
    struct hold hold;
    struct txn txn;
    (void)random_index(model, &name);
    txn_begin_read(model->store.storage.env, &txn);
    bool is_set = hold_find(&txn, BYTES("T"), bytes_of_text(name), &hold);
    txn_abort(&txn);
    if (is_set) {
        store_release(&model->store, "T", name);
    } else {
        hold.phase = random_once_in(&model->random, 4) ? HOLD_ALLOCATING : HOLD_BACKFILLING;
        hold.after_items = random_below(&model->random, 80);
        store_hold(&model->store, "T", name, hold);
    }
}

/* A part of a backfill, as a step that ran out of time leaves it. */
static void backfill_in_part(struct model *model)
{
    struct txn txn;
    txn_begin_write(model->store.storage.env, &txn);
    struct table_definition *table = catalog_find(&txn, &model->arena, BYTES("T"));
    for (size_t i = 0; i < table->index_count; i++) {
        struct index_definition *index = &table->indexes[i];
        if (index->phase == INDEX_BACKFILLING) {
            uint64_t scanned = backfill_find(&txn, index).items_scanned;
            uint64_t end = scanned + 1 + random_below(&model->random, 10);
            (void)backfill_step(&txn, &model->arena, table, index, end, INFINITY);
        }
    }
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static void operate(struct model *model)
{
    size_t choice = random_below(&model->random, 100);
    if (choice < 70) {
        change_items(model);
    } else if (choice < 78) {
        define_index(model);
    } else if (choice < 83) {
        hold_or_release(model);
    } else if (choice < 90) {
        backfill_in_part(model);
    } else if (choice < 94) {
        (void)store_step(&model->store);
    } else if (choice < 98) {
        store_advance(&model->store, (int64_t)random_below(&model->random, 25));
    } else if (model->store.options.is_durable) {
        store_reopen(&model->store);
    }
}

/* ---- rounds ---- */

/* Whatever holds is let go, and time passes: every index must come to be active and whole. */
static void finish(struct model *model)
{
    for (size_t i = 0; i < NAME_COUNT; i++) {
        struct hold hold;
        struct txn txn;
        txn_begin_read(model->store.storage.env, &txn);
        bool is_set = hold_find(&txn, BYTES("T"), bytes_of_text(INDEXES[i].name), &hold);
        txn_abort(&txn);
        if (is_set) {
            store_release(&model->store, "T", INDEXES[i].name);
        }
    }
    for (size_t i = 0; i < 4; i++) {
        store_advance(&model->store, 100);
    }
    struct table_definition *table = store_table(&model->store, "T");
    for (size_t i = 0; i < table->index_count; i++) {
        assert_int_equal(table->indexes[i].phase, INDEX_ACTIVE);
    }
    check(model);
}

static void run_round(struct model *model, bool is_durable)
{
    const struct store_index first[] = { INDEXES[0], INDEXES[LOCAL_INDEX] };
    store_open(&model->store,
               (struct store_options){ .is_durable = is_durable, .durations = DURATIONS });
    arena_init(&model->arena);
    model->count = 0;
    store_create_table(&model->store, "T", "pk:S / sk:N", first, 2);
    store_advance(&model->store, 20);
    for (size_t i = 1; i <= OPERATIONS_A_ROUND; i++) {
        operate(model);
        if (i % OPERATIONS_A_CHECK == 0) {
            check(model);
        }
        arena_reset(&model->arena);
        arena_reset(&model->store.arena);
    }
    finish(model);
    for (size_t i = 0; i < model->count; i++) {
        free((void *)(uintptr_t)model->items[i].item.data);
    }
    arena_deinit(&model->arena);
    store_close(&model->store);
}

static void every_index_agrees_with_the_model(void **state)
{
    (void)state;
    static struct model model;
    random_start(&model.random, "index_model");
    for (size_t round = random_rounds(16); round > 0; round--) {
        run_round(&model, round % 8 == 0); /* a durable one syncs at each commit */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_agrees_with_the_model),
    };
    return cmocka_run_group_tests_name("index_model", tests, NULL, NULL);
}
