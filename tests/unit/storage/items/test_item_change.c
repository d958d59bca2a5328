/* One write and what follows from it in the indexes: entries, images, effects and sizes. */

#include "storage/items/item_change.h"

#include "tests/support/literal.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

static void make_table(const char *key, struct store_index index)
{
    store_create_table(&store, "T", key, &index, 1);
}

/* Applies one change and gives the first index's effect. `item` NULL deletes `key`. */
static struct index_effect change(const char *key, const char *item)
{
    struct index_effect effects[INDEXES_MAX];
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    struct table_definition *table = catalog_find(&txn, &store.arena, BYTES("T"));
    assert_non_null(table);
    store_change(&txn, &store.arena, table, literal_item(&store.arena, key),
                 literal_item(&store.arena, item), effects);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    return effects[0];
}

static void assert_contents(const char *index, const char *expected)
{
    assert_string_equal(store_content(&store, "T", index), expected);
}

static size_t size_of(const char *item)
{
    return item != NULL ? item_size(literal_item(&store.arena, item)) : 0;
}

/* ---- tables of cases: the images an index sees before and after, and what it did ---- */

struct effect_case {
    const char *before; /* the item, or NULL for none */
    const char *after;
    const char *old_entry; /* the index's image, or NULL */
    const char *new_entry;
    bool is_changed;
    bool is_moved;
};

static void check_effects(struct store_index index, const struct effect_case *cases, size_t count)
{
    make_table("pk:S", index);
    for (size_t i = 0; i < count; i++) {
        const struct effect_case *expected = &cases[i];
        (void)change("{pk: 'p'}", expected->before);
        assert_contents(index.name, expected->old_entry != NULL ? expected->old_entry : "");
        struct index_effect effect = change("{pk: 'p'}", expected->after);
        assert_contents(index.name, expected->new_entry != NULL ? expected->new_entry : "");
        assert_contents(NULL, expected->after != NULL ? expected->after : "");
        assert_int_equal(effect.old_size_bytes, size_of(expected->old_entry));
        assert_int_equal(effect.new_size_bytes, size_of(expected->new_entry));
        assert_int_equal(effect.is_changed, expected->is_changed);
        assert_int_equal(effect.is_moved, expected->is_moved);
        assert_int_equal(store_size(&store, "T", index.name), size_of(expected->new_entry));
        assert_int_equal(store_size(&store, "T", NULL), size_of(expected->after));
        (void)change("{pk: 'p'}", NULL);
    }
}

static void an_index_sees_every_change_of_a_whole_item(void **state)
{
    (void)state;
    static const struct effect_case CASES[] = {
        /* comes and goes */
        { NULL, "{a: 'x', pk: 'p'}", NULL, "{a: 'x', pk: 'p'}", true, false },
        { "{a: 'x', pk: 'p'}", NULL, "{a: 'x', pk: 'p'}", NULL, true, false },
        { "{pk: 'p'}", "{a: 'x', pk: 'p'}", NULL, "{a: 'x', pk: 'p'}", true, false },
        { "{a: 'x', pk: 'p'}", "{pk: 'p'}", "{a: 'x', pk: 'p'}", NULL, true, false },
        /* is never in it */
        { NULL, "{pk: 'p'}", NULL, NULL, false, false },
        { "{pk: 'p'}", "{n: 1, pk: 'p'}", NULL, NULL, false, false },
        { "{pk: 'p'}", NULL, NULL, NULL, false, false },
        { NULL, NULL, NULL, NULL, false, false },
        /* stays, changed or not */
        { "{a: 'x', pk: 'p'}", "{a: 'x', pk: 'p'}", "{a: 'x', pk: 'p'}", "{a: 'x', pk: 'p'}", false,
          false },
        { "{a: 'x', pk: 'p'}", "{a: 'x', n: 1, pk: 'p'}", "{a: 'x', pk: 'p'}",
          "{a: 'x', n: 1, pk: 'p'}", true, false },
        /* moves */
        { "{a: 'x', pk: 'p'}", "{a: 'y', pk: 'p'}", "{a: 'x', pk: 'p'}", "{a: 'y', pk: 'p'}", true,
          true },
    };
    check_effects((struct store_index){ "i", "a:S", "ALL", false }, CASES,
                  sizeof CASES / sizeof CASES[0]);
}

static void an_index_sees_only_what_it_projects(void **state)
{
    (void)state;
    static const struct effect_case CASES[] = {
        { NULL, "{a: 'x', b: 1, c: 2, d: 3, pk: 'p'}", NULL, "{a: 'x', b: 1, c: 2, pk: 'p'}", true,
          false },
        { "{a: 'x', b: 1, d: 3, pk: 'p'}", "{a: 'x', b: 1, d: 4, pk: 'p'}",
          "{a: 'x', b: 1, pk: 'p'}", "{a: 'x', b: 1, pk: 'p'}", false, false },
        { "{a: 'x', b: 1, pk: 'p'}", "{a: 'x', b: 2, pk: 'p'}", "{a: 'x', b: 1, pk: 'p'}",
          "{a: 'x', b: 2, pk: 'p'}", true, false },
        { "{a: 'x', pk: 'p'}", "{a: 'x', c: 1, pk: 'p'}", "{a: 'x', pk: 'p'}",
          "{a: 'x', c: 1, pk: 'p'}", true, false },
    };
    check_effects((struct store_index){ "i", "a:S", "c b", false }, CASES,
                  sizeof CASES / sizeof CASES[0]);
}

static void an_index_of_keys_holds_the_keys_of_table_and_index(void **state)
{
    (void)state;
    static const struct effect_case CASES[] = {
        { NULL, "{a: 'x', b: 1, n: 2, pk: 'p'}", NULL, "{a: 'x', n: 2, pk: 'p'}", true, false },
        { "{a: 'x', b: 1, n: 2, pk: 'p'}", "{a: 'x', b: 2, n: 2, pk: 'p'}",
          "{a: 'x', n: 2, pk: 'p'}", "{a: 'x', n: 2, pk: 'p'}", false, false },
        { "{a: 'x', n: 2, pk: 'p'}", "{a: 'x', n: 3, pk: 'p'}", "{a: 'x', n: 2, pk: 'p'}",
          "{a: 'x', n: 3, pk: 'p'}", true, true },
        { "{a: 'x', n: 2, pk: 'p'}", "{a: 'x', pk: 'p'}", "{a: 'x', n: 2, pk: 'p'}", NULL, true,
          false },
    };
    check_effects((struct store_index){ "i", "a:S / n:N", "KEYS_ONLY", false }, CASES,
                  sizeof CASES / sizeof CASES[0]);
}

/* ---- sparse ---- */

static void only_usable_key_values_put_an_item_into_an_index(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        bool is_in;
    } cases[] = {
        { "{a: 'x', b: x'00', n: 0, pk: 'p'}", true },
        { "{b: x'00', n: 0, pk: 'p'}", false },
        { "{a: 'x', n: 0, pk: 'p'}", false },
        { "{a: 'x', b: x'00', pk: 'p'}", false },
        { "{a: 1, b: x'00', n: 0, pk: 'p'}", false },
        { "{a: 'x', b: 'x', n: 0, pk: 'p'}", false },
        { "{a: 'x', b: x'00', n: '0', pk: 'p'}", false },
        { "{a: null, b: x'00', n: 0, pk: 'p'}", false },
        { "{a: ['x'], b: x'00', n: 0, pk: 'p'}", false },
        { "{a: <'x'>, b: x'00', n: 0, pk: 'p'}", false },
        { "{a: '', b: x'00', n: 0, pk: 'p'}", false },
        { "{a: 'x', b: x'', n: 0, pk: 'p'}", false },
    };
    make_table("pk:S", (struct store_index){ "i", "a:S, n:N / b:B", "ALL", false });
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct index_effect effect = change("{pk: 'p'}", cases[i].item);
        assert_contents("i", cases[i].is_in ? cases[i].item : "");
        assert_int_equal(effect.new_size_bytes > 0, cases[i].is_in);
        (void)change("{pk: 'p'}", NULL);
    }
}

static bool is_indexed_with(size_t partition_size, size_t sort_size)
{
    static uint8_t letters[4096];
    memset(letters, 'x', sizeof letters);
    struct buffer item;
    buffer_init(&item, &store.arena, 8192);
    size_t mark = item_begin(&item);
    const struct {
        const char *name;
        size_t size;
    } fields[] = { { "a", partition_size }, { "b", sort_size }, { "pk", 1 } };
    for (size_t i = 0; i < 3; i++) {
        write_name(&item, (struct attribute_name){ bytes_of_text(fields[i].name), true });
        write_value(&item,
                    (struct attribute_value){ ATTRIBUTE_S, true, { letters, fields[i].size } });
    }
    assert_int_equal(store_try_put(&store, "T", item_end(&item, mark)), STORAGE_OK);
    assert_int_equal(store_count(&store, "T", NULL), 1);
    return store_count(&store, "T", "i") == 1;
}

static void key_values_past_the_size_of_a_key_keep_an_item_out(void **state)
{
    (void)state;
    make_table("pk:S", (struct store_index){ "i", "a:S / b:S", "ALL", false });
    assert_true(is_indexed_with(2048, 1024));
    assert_false(is_indexed_with(2049, 1024));
    assert_true(is_indexed_with(2048, 1));
    assert_false(is_indexed_with(2048, 1025));
    assert_true(is_indexed_with(1, 1));
}

/* ---- several items, several indexes ---- */

static void items_with_equal_index_keys_are_all_there(void **state)
{
    (void)state;
    make_table("pk:S / sk:N", (struct store_index){ "i", "a:S / n:N", "KEYS_ONLY", false });
    store_put(&store, "T", "{pk: 'p', sk: 1, a: 'x', n: 5}");
    store_put(&store, "T", "{pk: 'p', sk: 2, a: 'x', n: 5}");
    store_put(&store, "T", "{pk: 'q', sk: 1, a: 'x', n: 5}");
    assert_contents("i", "{a: 'x', n: 5, pk: 'p', sk: 1}\n"
                         "{a: 'x', n: 5, pk: 'p', sk: 2}\n"
                         "{a: 'x', n: 5, pk: 'q', sk: 1}");
    store_delete(&store, "T", "{pk: 'p', sk: 2}");
    assert_contents("i", "{a: 'x', n: 5, pk: 'p', sk: 1}\n"
                         "{a: 'x', n: 5, pk: 'q', sk: 1}");
    assert_int_equal(store_count(&store, "T", "i"), 2);
}

static void each_index_has_its_own_effect(void **state)
{
    (void)state;
    const struct store_index indexes[] = {
        { "local", "pk:S / n:N", "ALL", true },
        { "by_a", "a:S", "KEYS_ONLY", false },
        { "by_b", "b:S", "ALL", false },
    };
    struct index_effect effects[3];
    store_create_table(&store, "T", "pk:S / sk:N", indexes, 3);
    store_put(&store, "T", "{pk: 'p', sk: 1, a: 'x', n: 1}");
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    struct table_definition *table = catalog_find(&txn, &store.arena, BYTES("T"));
    struct bytes item = literal_item(&store.arena, "{pk: 'p', sk: 1, a: 'x', b: 'y', n: 2}");
    store_change(&txn, &store.arena, table, item, item, effects);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_true(effects[0].is_changed && effects[0].is_moved);
    assert_false(effects[1].is_changed);
    assert_true(effects[2].is_changed && !effects[2].is_moved);
    assert_int_equal(effects[2].old_size_bytes, 0);
    assert_contents("local", "{a: 'x', b: 'y', n: 2, pk: 'p', sk: 1}");
    assert_contents("by_a", "{a: 'x', pk: 'p', sk: 1}");
    assert_contents("by_b", "{a: 'x', b: 'y', n: 2, pk: 'p', sk: 1}");
}

static void an_aborted_change_leaves_no_trace(void **state)
{
    (void)state;
    struct index_effect effects[1];
    make_table("pk:S", (struct store_index){ "i", "a:S", "ALL", false });
    store_put(&store, "T", "{pk: 'p', a: 'x'}");
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    struct table_definition *table = catalog_find(&txn, &store.arena, BYTES("T"));
    struct bytes item = literal_item(&store.arena, "{pk: 'p', a: 'y'}");
    store_change(&txn, &store.arena, table, item, item, effects);
    txn_abort(&txn);
    assert_contents("i", "{a: 'x', pk: 'p'}");
    assert_contents(NULL, "{a: 'x', pk: 'p'}");
    assert_int_equal(store_size(&store, "T", "i"), size_of("{a: 'x', pk: 'p'}"));
}

static void the_same_change_twice_in_a_transaction_counts_once(void **state)
{
    (void)state;
    struct index_effect effects[1];
    make_table("pk:S", (struct store_index){ "i", "a:S", "ALL", false });
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    struct table_definition *table = catalog_find(&txn, &store.arena, BYTES("T"));
    struct bytes item = literal_item(&store.arena, "{pk: 'p', a: 'y'}");
    store_change(&txn, &store.arena, table, item, item, effects);
    assert_true(effects[0].is_changed);
    store_change(&txn, &store.arena, table, item, item, effects);
    assert_false(effects[0].is_changed);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_int_equal(store_size(&store, "T", "i"), item_size(item));
    assert_int_equal(store_size(&store, "T", NULL), item_size(item));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_index_sees_every_change_of_a_whole_item),
        CASE(an_index_sees_only_what_it_projects),
        CASE(an_index_of_keys_holds_the_keys_of_table_and_index),
        CASE(only_usable_key_values_put_an_item_into_an_index),
        CASE(key_values_past_the_size_of_a_key_keep_an_item_out),
        CASE(items_with_equal_index_keys_are_all_there),
        CASE(each_index_has_its_own_effect),
        CASE(an_aborted_change_leaves_no_trace),
        CASE(the_same_change_twice_in_a_transaction_counts_once),
    };
    return cmocka_run_group_tests_name("item_change", tests, NULL, NULL);
}
