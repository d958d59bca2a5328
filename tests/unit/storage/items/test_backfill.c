/* Filling an index from what was there before: step by step, and with writes between the steps. */

#include "storage/items/backfill.h"

#include "tests/support/literal.h"
#include "tests/support/store.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Builds do not move by themselves here: allocation never ends. */
static const struct durations STANDING = { .index_allocate_ms = 1000000 };
static const struct store_index BY_A = { "by_a", "a:S", "ALL", false };

static struct store store;

static int open_store(bool is_durable)
{
    store_open(&store, (struct store_options){ .is_durable = is_durable, .durations = STANDING });
    store_create_table(&store, "T", "pk:S", NULL, 0);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return open_store(false);
}

static int set_up_durable(void **state)
{
    (void)state;
    return open_store(true);
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

/* `pattern` with the number for each #, and the number modulo 3 for each @. */
static const char *numbered(const char *pattern, int number)
{
    struct buffer text;
    buffer_init(&text, &store.arena, 64);
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '#' || *pattern == '@') {
            buffer_append_format(&text, "%d", *pattern == '#' ? number : number % 3);
        } else {
            buffer_append_u8(&text, (uint8_t)*pattern);
        }
    }
    return bytes_to_text(&store.arena, buffer_view(&text));
}

/* In one transaction: there are many. */
static void put_items(int count)
{
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    struct table_definition *table = catalog_find(&txn, &store.arena, BYTES("T"));
    for (int i = 0; i < count; i++) {
        struct index_effect effects[INDEXES_MAX];
        struct bytes item = literal_item(&store.arena, numbered("{pk: 'p#', a: 'a@'}", i));
        store_change(&txn, &store.arena, table, item, item, effects);
    }
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static struct backfill_progress step_to(uint64_t items_end)
{
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    struct table_definition *table = catalog_find(&txn, &store.arena, BYTES("T"));
    struct index_definition *index = table_find_index(table, BYTES("by_a"));
    assert_non_null(index);
    struct backfill_progress progress =
        backfill_step(&txn, &store.arena, table, index, items_end, INFINITY);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    txn_begin_read(store.storage.env, &txn);
    struct backfill_progress kept = backfill_find(&txn, index);
    txn_abort(&txn);
    assert_int_equal(kept.items_scanned, progress.items_scanned);
    assert_int_equal(kept.items_skipped, progress.items_skipped);
    assert_int_equal(kept.is_complete, progress.is_complete);
    return progress;
}

static void assert_progress(struct backfill_progress progress,
                            uint64_t scanned,
                            uint64_t skipped,
                            bool is_complete)
{
    assert_int_equal(progress.items_scanned, scanned);
    assert_int_equal(progress.items_skipped, skipped);
    assert_int_equal(progress.is_complete, is_complete);
}

static void assert_index_is_table(void)
{
    assert_string_equal(store_content(&store, "T", "by_a"), store_content(&store, "T", NULL));
    assert_int_equal(store_size(&store, "T", "by_a"), store_size(&store, "T", NULL));
    assert_int_equal(store_count(&store, "T", "by_a"), store_count(&store, "T", NULL));
}

static void an_empty_table_is_done_at_once(void **state)
{
    (void)state;
    store_create_index(&store, "T", BY_A);
    assert_progress(step_to(UINT64_MAX), 0, 0, true);
    assert_int_equal(store_count(&store, "T", "by_a"), 0);
}

static void a_step_stops_where_it_is_told_and_the_next_goes_on_there(void **state)
{
    (void)state;
    put_items(10);
    store_create_index(&store, "T", BY_A);
    assert_progress(step_to(4), 4, 0, false);
    assert_int_equal(store_count(&store, "T", "by_a"), 4);
    assert_progress(step_to(4), 4, 0, false);
    store_reopen(&store);
    assert_progress(step_to(5), 5, 0, false);
    assert_progress(step_to(9), 9, 0, false);
    assert_progress(step_to(10), 10, 0, true); /* the tenth is the last: it says so */
    assert_progress(step_to(UINT64_MAX), 10, 0, true);
    assert_index_is_table();
}

static void a_long_build_comes_to_its_end_step_by_step(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    put_items(COUNT);
    store_create_index(&store, "T", BY_A);
    uint64_t scanned = 0;
    for (int steps = 0; scanned < COUNT; steps++) {
        struct backfill_progress progress = step_to(UINT64_MAX);
        assert_true(progress.items_scanned > scanned);
        assert_true(steps < COUNT);
        scanned = progress.items_scanned;
        arena_reset(&store.arena);
    }
    assert_int_equal(scanned, COUNT);
    assert_index_is_table();
}

static void items_that_cannot_be_in_the_index_are_skipped_and_counted(void **state)
{
    (void)state;
    store_put(&store, "T", "{pk: 'fits', a: 'x'}");
    store_put(&store, "T", "{pk: 'missing'}");
    store_put(&store, "T", "{pk: 'mistyped', a: 1}");
    store_put(&store, "T", "{pk: 'null', a: null}");
    store_put(&store, "T", "{pk: 'empty', a: ''}");
    store_put(&store, "T", "{pk: 'also_fits', a: 'x'}");
    struct buffer text;
    buffer_init(&text, &store.arena, 4096);
    buffer_append_text(&text, "{pk: 'too_large', a: '");
    for (int i = 0; i < 2049; i++) {
        buffer_append_u8(&text, 'x');
    }
    buffer_append_text(&text, "'}");
    store_put(&store, "T", bytes_to_text(&store.arena, buffer_view(&text)));
    store_create_index(&store, "T", BY_A);
    assert_progress(step_to(UINT64_MAX), 7, 5, true);
    assert_string_equal(store_content(&store, "T", "by_a"),
                        "{a: 'x', pk: 'also_fits'}\n{a: 'x', pk: 'fits'}");
}

static void what_writers_put_first_is_not_put_over(void **state)
{
    (void)state;
    put_items(10);
    store_create_index(&store, "T", BY_A);
    store_put(&store, "T", "{pk: 'p3', a: 'new', more: 1}");
    store_put(&store, "T", "{pk: 'p4', a: 'a1', more: 1}"); /* its entry's key stays */
    store_delete(&store, "T", "{pk: 'p5'}");
    store_put(&store, "T", "{pk: 'other', a: 'new'}");
    assert_int_equal(store_count(&store, "T", "by_a"), 3);
    assert_progress(step_to(UINT64_MAX), 10, 0, true);
    assert_index_is_table();
}

/* Each kind of write, to an item on either side of where the build stands. */
static void writes_between_the_steps_leave_nothing_behind(void **state)
{
    (void)state;
    for (uint64_t position = 0; position <= 12; position++) {
        put_items(12);
        store_create_index(&store, "T", BY_A);
        (void)step_to(position);
        for (int i = 0; i < 12; i += 4) {
            store_put(&store, "T", numbered("{pk: 'p#', a: 'moved'}", i));
            store_put(&store, "T", numbered("{pk: 'p#', b: 'left'}", i + 1));
            store_delete(&store, "T", numbered("{pk: 'p#'}", i + 2));
            store_put(&store, "T", numbered("{pk: 'p#', a: 'a@', b: 'changed'}", i + 3));
        }
        (void)step_to(UINT64_MAX);
        for (int i = 1; i < 12; i += 4) { /* those that left are not to be compared */
            store_delete(&store, "T", numbered("{pk: 'p#'}", i));
        }
        assert_int_equal(store_count(&store, "T", NULL), 6);
        assert_index_is_table();
        store_delete_index(&store, "T", "by_a");
        store_settle(&store);
    }
}

static void an_item_whose_value_becomes_usable_is_put_by_its_write(void **state)
{
    (void)state;
    store_put(&store, "T", "{pk: 'p', a: 1}");
    store_create_index(&store, "T", BY_A);
    assert_progress(step_to(UINT64_MAX), 1, 1, true);
    store_put(&store, "T", "{pk: 'p', a: 'x'}");
    assert_index_is_table();
}

static void a_forgotten_build_begins_anew(void **state)
{
    (void)state;
    put_items(6);
    store_create_index(&store, "T", BY_A);
    (void)step_to(3);
    struct txn txn;
    struct index_definition *index = store_index(&store, "T", "by_a");
    txn_begin_write(store.storage.env, &txn);
    backfill_forget(&txn, index);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_progress(step_to(UINT64_MAX), 6, 0, true);
    assert_index_is_table(); /* what was put before is not put twice */
}

#define CASE(function)    cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define DURABLE(function) cmocka_unit_test_setup_teardown(function, set_up_durable, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_empty_table_is_done_at_once),
        DURABLE(a_step_stops_where_it_is_told_and_the_next_goes_on_there),
        CASE(a_long_build_comes_to_its_end_step_by_step),
        CASE(items_that_cannot_be_in_the_index_are_skipped_and_counted),
        CASE(what_writers_put_first_is_not_put_over),
        CASE(writes_between_the_steps_leave_nothing_behind),
        CASE(an_item_whose_value_becomes_usable_is_put_by_its_write),
        CASE(a_forgotten_build_begins_anew),
    };
    return cmocka_run_group_tests_name("backfill", tests, NULL, NULL);
}
