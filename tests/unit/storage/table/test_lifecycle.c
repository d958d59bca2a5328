/*
 * Tables and indexes on their way, under a clock moved by hand; and every state again with the
 * store closed and opened in its midst, for a restart must go on as if nothing had been.
 */

#include "storage/table/lifecycle.h"
#include "storage/table/table_changes.h"

#include "storage/items/backfill.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum {
    CREATE_MS = 100,
    UPDATE_MS = 200,
    DELETE_MS = 300,
    ALLOCATE_MS = 400,
    BACKFILL_MS = 500,
    INDEX_DELETE_MS = 600,
};

static const struct durations DURATIONS = {
    .table_create_ms = CREATE_MS,
    .table_create_indexed_ms = CREATE_MS,
    .table_update_ms = UPDATE_MS,
    .index_update_ms = UPDATE_MS,
    .table_delete_ms = DELETE_MS,
    .index_allocate_ms = ALLOCATE_MS,
    .index_backfill_ms = BACKFILL_MS,
    .index_delete_ms = INDEX_DELETE_MS,
};

static const struct store_index BY_A = { "by_a", "a:S", "ALL", false };
static const struct store_index BY_B = { "by_b", "b:S", "KEYS_ONLY", false };
static const struct store_index LOCAL = { "local", "pk:S / n:N", "ALL", true };

static struct store store;

static int open_with(struct durations durations)
{
    store_open(&store, (struct store_options){ .is_durable = true, .durations = durations });
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return open_with(DURATIONS);
}

static int set_up_instant(void **state)
{
    (void)state;
    return open_with((struct durations){ .table_create_ms = 0 });
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

static void put_items(int first, int end)
{
    for (int i = first; i < end; i++) {
        struct buffer text;
        buffer_init(&text, &store.arena, 64);
        buffer_append_format(&text, "{pk: 'p%d', a: 'a%d', b: 'b', n: %d}", i, i % 3, i);
        store_put(&store, "T", bytes_to_text(&store.arena, buffer_view(&text)));
    }
}

static void make_table(const struct store_index *indexes, size_t count)
{
    store_create_table(&store, "T", "pk:S", indexes, count);
    store_advance(&store, CREATE_MS);
}

static enum table_status status(void)
{
    struct table_definition *table = store_table(&store, "T");
    assert_non_null(table);
    return table->status;
}

static enum index_phase phase(const char *index)
{
    struct index_definition *found = store_index(&store, "T", index);
    assert_non_null(found);
    return found->phase;
}

static bool is_held(const char *index)
{
    struct txn txn;
    struct table_definition *table = store_table(&store, "T");
    txn_begin_read(store.storage.env, &txn);
    bool held = index_is_held(&txn, table, table_find_index(table, bytes_of_text(index)));
    txn_abort(&txn);
    return held;
}

static struct backfill_progress progress(const char *index)
{
    struct txn txn;
    struct index_definition *found = store_index(&store, "T", index);
    txn_begin_read(store.storage.env, &txn);
    struct backfill_progress progress = backfill_find(&txn, found);
    txn_abort(&txn);
    return progress;
}

/* With projection ALL the index has what the table has. */
static void assert_by_a_is_whole(void)
{
    assert_int_equal(phase("by_a"), INDEX_ACTIVE);
    assert_string_equal(store_content(&store, "T", "by_a"), store_content(&store, "T", NULL));
    assert_int_equal(store_size(&store, "T", "by_a"), store_size(&store, "T", NULL));
}

/* ---- tables ---- */

static void a_table_is_active_when_its_time_has_come_and_not_before(void **state)
{
    (void)state;
    const struct store_index indexes[] = { LOCAL, BY_A };
    store_create_table(&store, "T", "pk:S", indexes, 2);
    store_settle(&store);
    assert_int_equal(status(), TABLE_CREATING);
    assert_int_equal(phase("by_a"), INDEX_CREATING_WITH_TABLE);
    store_advance(&store, CREATE_MS - 1);
    assert_int_equal(status(), TABLE_CREATING);
    store_reopen(&store);
    store_settle(&store);
    assert_int_equal(status(), TABLE_CREATING);
    store_advance(&store, 1);
    assert_int_equal(status(), TABLE_ACTIVE);
    assert_int_equal(phase("by_a"), INDEX_ACTIVE);
    assert_int_equal(phase("local"), INDEX_ACTIVE);
}

static void time_that_passed_while_the_server_was_down_counts(void **state)
{
    (void)state;
    store_create_table(&store, "T", "pk:S", NULL, 0);
    clock_advance(&store.clock, CREATE_MS);
    store_reopen(&store);
    store_settle(&store);
    assert_int_equal(status(), TABLE_ACTIVE);
}

static void a_deleted_table_is_gone_when_its_time_has_come(void **state)
{
    (void)state;
    make_table(&BY_A, 1);
    put_items(0, 10);
    store_delete_table(&store, "T");
    store_advance(&store, DELETE_MS - 1);
    assert_int_equal(status(), TABLE_DELETING);
    store_reopen(&store);
    store_settle(&store);
    assert_int_equal(status(), TABLE_DELETING);
    store_advance(&store, 1);
    assert_null(store_table(&store, "T"));
    store_reopen(&store);
    assert_null(store_table(&store, "T"));
}

static void a_table_of_the_same_name_starts_empty(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        make_table(&BY_A, 1);
        assert_int_equal(store_count(&store, "T", NULL), 0);
        assert_int_equal(store_count(&store, "T", "by_a"), 0);
        assert_int_equal(store_size(&store, "T", NULL), 0);
        assert_int_equal(store_size(&store, "T", "by_a"), 0);
        put_items(0, 10);
        store_delete_table(&store, "T");
        store_advance(&store, DELETE_MS);
    }
}

static void tables_do_not_wait_for_one_another(void **state)
{
    (void)state;
    store_create_table(&store, "T", "pk:S", NULL, 0);
    store_advance(&store, CREATE_MS / 2);
    store_create_table(&store, "U", "pk:S", NULL, 0);
    store_advance(&store, CREATE_MS / 2);
    assert_int_equal(status(), TABLE_ACTIVE);
    assert_int_equal(store_table(&store, "U")->status, TABLE_CREATING);
    store_advance(&store, CREATE_MS / 2);
    assert_int_equal(store_table(&store, "U")->status, TABLE_ACTIVE);
}

/* ---- the walk of an index ---- */

static void maybe_reopen(bool reopens)
{
    if (reopens) {
        store_reopen(&store);
        store_settle(&store);
    }
}

static void walk_index(bool reopens)
{
    make_table(NULL, 0);
    put_items(0, 20);
    store_create_index(&store, "T", BY_A);
    store_settle(&store);
    maybe_reopen(reopens);
    assert_int_equal(phase("by_a"), INDEX_ALLOCATING);
    store_advance(&store, ALLOCATE_MS - 1);
    maybe_reopen(reopens);
    assert_int_equal(phase("by_a"), INDEX_ALLOCATING);
    assert_int_equal(progress("by_a").items_scanned, 0);
    store_advance(&store, 1);
    maybe_reopen(reopens);
    assert_int_equal(phase("by_a"), INDEX_BACKFILLING);
    assert_true(progress("by_a").is_complete); /* the work is done, its time is not up */
    assert_int_equal(progress("by_a").items_scanned, 20);
    store_advance(&store, BACKFILL_MS - 1);
    maybe_reopen(reopens);
    assert_int_equal(phase("by_a"), INDEX_BACKFILLING);
    store_advance(&store, 1);
    maybe_reopen(reopens);
    assert_by_a_is_whole();
    assert_int_equal(progress("by_a").items_scanned, 0); /* nothing of the build is kept */

    store_delete_index(&store, "T", "by_a");
    store_advance(&store, INDEX_DELETE_MS - 1);
    maybe_reopen(reopens);
    assert_int_equal(phase("by_a"), INDEX_DELETING);
    store_advance(&store, 1);
    maybe_reopen(reopens);
    assert_null(store_index(&store, "T", "by_a"));
    assert_int_equal(store_count(&store, "T", NULL), 20);
}

static void an_index_goes_from_state_to_state_as_the_clock_says(void **state)
{
    (void)state;
    walk_index(false);
}

static void an_index_goes_the_same_way_through_restarts(void **state)
{
    (void)state;
    walk_index(true);
}

static void the_table_stays_active_while_an_index_is_built(void **state)
{
    (void)state;
    make_table(NULL, 0);
    store_create_index(&store, "T", BY_A);
    assert_int_equal(status(), TABLE_ACTIVE);
    put_items(0, 5);
    store_advance(&store, ALLOCATE_MS);
    put_items(5, 10);
    store_advance(&store, BACKFILL_MS);
    put_items(10, 15);
    assert_by_a_is_whole();
}

static void an_index_that_is_being_deleted_takes_no_more_writes(void **state)
{
    (void)state;
    make_table(&BY_A, 1);
    put_items(0, 5);
    store_delete_index(&store, "T", "by_a");
    put_items(0, 10);
    assert_int_equal(store_count(&store, "T", "by_a"), 5);
    assert_int_equal(store_count(&store, "T", NULL), 10);
}

static void an_updated_index_has_its_new_throughput_when_its_time_has_come(void **state)
{
    (void)state;
    make_table(&BY_A, 1);
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    struct table_definition *table = catalog_find(&txn, &store.arena, BYTES("T"));
    struct throughput wanted = { .read_units = 7, .write_units = 8 };
    index_begin_update(&table->indexes[0], wanted, &DURATIONS, clock_now_ms(&store.clock));
    catalog_put(&txn, &store.arena, table);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    put_items(0, 5); /* it is kept up meanwhile */
    store_advance(&store, UPDATE_MS - 1);
    assert_int_not_equal(store_index(&store, "T", "by_a")->update_due_ms, 0);
    assert_int_equal(store_index(&store, "T", "by_a")->capacity.throughput.read_units, 0);
    store_reopen(&store);
    store_advance(&store, 1);
    assert_int_equal(store_index(&store, "T", "by_a")->update_due_ms, 0);
    assert_int_equal(store_index(&store, "T", "by_a")->capacity.throughput.read_units, 7);
    assert_int_equal(store_index(&store, "T", "by_a")->capacity.throughput.write_units, 8);
    assert_by_a_is_whole();
}

static void a_build_can_be_cancelled_and_begun_again(void **state)
{
    (void)state;
    make_table(NULL, 0);
    put_items(0, 20);
    store_hold(&store, "T", "by_a", (struct hold){ HOLD_BACKFILLING, 8 });
    store_create_index(&store, "T", BY_A);
    store_advance(&store, ALLOCATE_MS);
    assert_int_equal(progress("by_a").items_scanned, 8);
    store_delete_index(&store, "T", "by_a");
    store_reopen(&store);
    store_advance(&store, INDEX_DELETE_MS);
    assert_null(store_index(&store, "T", "by_a"));

    store_create_index(&store, "T", BY_A); /* its hold and its progress went with it */
    store_advance(&store, ALLOCATE_MS);
    assert_int_equal(progress("by_a").items_scanned, 20);
    store_advance(&store, BACKFILL_MS);
    assert_by_a_is_whole();
}

static void an_index_takes_the_attributes_with_it_that_nothing_else_uses(void **state)
{
    (void)state;
    const struct store_index indexes[] = { BY_A, { "by_a_b", "a:S / b:S", "ALL", false } };
    make_table(indexes, 2);
    assert_int_equal(store_table(&store, "T")->attribute_count, 3);
    store_delete_index(&store, "T", "by_a_b");
    store_advance(&store, INDEX_DELETE_MS);
    struct table_definition *table = store_table(&store, "T");
    assert_int_equal(table->attribute_count, 2);
    assert_true(bytes_equal(table->attributes[0].name, BYTES("a")));
    assert_true(bytes_equal(table->attributes[1].name, BYTES("pk")));
    assert_int_equal(table->index_count, 1);
}

/* ---- holds ---- */

static void a_hold_in_allocation_keeps_the_index_there(void **state)
{
    (void)state;
    make_table(NULL, 0);
    put_items(0, 5);
    store_hold(&store, "T", "by_a", (struct hold){ HOLD_ALLOCATING, 0 });
    store_create_index(&store, "T", BY_A);
    store_advance(&store, 100 * ALLOCATE_MS);
    assert_int_equal(phase("by_a"), INDEX_ALLOCATING);
    assert_true(is_held("by_a"));
    store_reopen(&store);
    store_settle(&store);
    assert_int_equal(phase("by_a"), INDEX_ALLOCATING);
    store_release(&store, "T", "by_a");
    store_settle(&store);
    assert_int_equal(phase("by_a"), INDEX_BACKFILLING);
    assert_false(is_held("by_a"));
    store_advance(&store, BACKFILL_MS);
    assert_by_a_is_whole();
}

static void a_hold_in_backfill_stops_at_its_item_and_survives_a_restart(void **state)
{
    (void)state;
    make_table(NULL, 0);
    put_items(0, 20);
    store_hold(&store, "T", "by_a", (struct hold){ HOLD_BACKFILLING, 7 });
    store_create_index(&store, "T", BY_A);
    store_advance(&store, ALLOCATE_MS + BACKFILL_MS);
    assert_int_equal(phase("by_a"), INDEX_BACKFILLING);
    assert_int_equal(progress("by_a").items_scanned, 7);
    assert_int_equal(store_count(&store, "T", "by_a"), 7);
    store_reopen(&store);
    store_advance(&store, 10 * BACKFILL_MS);
    assert_int_equal(progress("by_a").items_scanned, 7);
    store_hold(&store, "T", "by_a", (struct hold){ HOLD_BACKFILLING, 9 });
    store_settle(&store);
    assert_int_equal(progress("by_a").items_scanned, 9);
    assert_true(is_held("by_a"));
    store_release(&store, "T", "by_a");
    store_settle(&store);
    assert_by_a_is_whole();
}

static void a_hold_after_the_last_item_keeps_a_complete_index_from_being_active(void **state)
{
    (void)state;
    make_table(NULL, 0);
    put_items(0, 5);
    store_hold(&store, "T", "by_a", (struct hold){ HOLD_BACKFILLING, 5 });
    store_create_index(&store, "T", BY_A);
    store_advance(&store, ALLOCATE_MS);
    store_advance(&store, BACKFILL_MS);
    assert_int_equal(phase("by_a"), INDEX_BACKFILLING);
    assert_true(is_held("by_a"));
    store_release(&store, "T", "by_a");
    store_settle(&store);
    assert_by_a_is_whole();
}

static void a_hold_past_the_end_of_the_table_holds_nothing(void **state)
{
    (void)state;
    make_table(NULL, 0);
    put_items(0, 5);
    store_hold(&store, "T", "by_a", (struct hold){ HOLD_BACKFILLING, 6 });
    store_create_index(&store, "T", BY_A);
    store_advance(&store, ALLOCATE_MS);
    store_advance(&store, BACKFILL_MS);
    assert_by_a_is_whole();
}

static void a_hold_on_an_index_is_no_hold_on_its_neighbours(void **state)
{
    (void)state;
    make_table(NULL, 0);
    put_items(0, 5);
    store_hold(&store, "T", "by_b", (struct hold){ HOLD_ALLOCATING, 0 });
    store_create_index(&store, "T", BY_B);
    store_create_index(&store, "T", BY_A);
    store_create_table(&store, "U", "pk:S", NULL, 0);
    store_create_index(&store, "U", BY_B);
    store_advance(&store, ALLOCATE_MS);
    store_advance(&store, BACKFILL_MS);
    assert_int_equal(phase("by_b"), INDEX_ALLOCATING);
    assert_int_equal(store_index(&store, "U", "by_b")->phase, INDEX_ACTIVE);
    assert_by_a_is_whole();
}

static void a_hold_ends_with_its_table(void **state)
{
    (void)state;
    make_table(NULL, 0);
    store_hold(&store, "T", "by_a", (struct hold){ HOLD_ALLOCATING, 0 });
    store_create_index(&store, "T", BY_A);
    store_delete_table(&store, "T");
    store_advance(&store, DELETE_MS);
    make_table(NULL, 0);
    store_create_index(&store, "T", BY_A);
    store_advance(&store, ALLOCATE_MS);
    assert_int_equal(phase("by_a"), INDEX_BACKFILLING);
}

/* ---- when to come again ---- */

static int64_t next_turn(void)
{
    store_settle(&store);
    int64_t next_ms = background_step(store.storage.background);
    return next_ms == LIFECYCLE_NEVER ? next_ms : next_ms - clock_now_ms(&store.clock);
}

static void the_background_knows_when_to_come_again(void **state)
{
    (void)state;
    assert_true(next_turn() == LIFECYCLE_NEVER);
    store_create_table(&store, "T", "pk:S", NULL, 0);
    assert_int_equal(next_turn(), CREATE_MS);
    store_advance(&store, CREATE_MS);
    assert_true(next_turn() == LIFECYCLE_NEVER);
    put_items(0, 5);
    store_create_index(&store, "T", BY_A);
    assert_int_equal(next_turn(), ALLOCATE_MS);
    store_create_table(&store, "U", "pk:S", NULL, 0);
    assert_int_equal(next_turn(), CREATE_MS); /* the sooner of the two */
    store_advance(&store, ALLOCATE_MS);
    assert_int_equal(next_turn(), BACKFILL_MS);
    store_hold(&store, "T", "by_a", (struct hold){ HOLD_BACKFILLING, 0 });
    int64_t rest_of_minute = METRIC_MINUTE_MS - clock_now_ms(&store.clock) % METRIC_MINUTE_MS;
    assert_int_equal(next_turn(), rest_of_minute); /* held: measured once a minute */
    store_release(&store, "T", "by_a");
    store_advance(&store, BACKFILL_MS);
    store_advance(&store, METRIC_MINUTE_MS);
    assert_true(next_turn() == LIFECYCLE_NEVER);
    store_delete_index(&store, "T", "by_a");
    assert_int_equal(next_turn(), INDEX_DELETE_MS);
    store_advance(&store, INDEX_DELETE_MS);
    store_delete_table(&store, "T");
    assert_int_equal(next_turn(), DELETE_MS);
    store_advance(&store, DELETE_MS);
    assert_true(next_turn() == LIFECYCLE_NEVER);
}

/* ---- no waiting ---- */

static void with_no_durations_everything_is_done_as_soon_as_the_work_is(void **state)
{
    (void)state;
    store_create_table(&store, "T", "pk:S", &BY_B, 1);
    assert_int_equal(status(), TABLE_ACTIVE);
    assert_int_equal(phase("by_b"), INDEX_ACTIVE);
    put_items(0, 5);
    store_create_index(&store, "T", BY_A);
    assert_int_equal(phase("by_a"), INDEX_BACKFILLING); /* there is work to do */
    store_settle(&store);
    assert_by_a_is_whole();
    store_delete_index(&store, "T", "by_a");
    assert_null(store_index(&store, "T", "by_a"));
    store_delete_table(&store, "T");
    assert_null(store_table(&store, "T"));
}

#define CASE(function)    cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define INSTANT(function) cmocka_unit_test_setup_teardown(function, set_up_instant, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_table_is_active_when_its_time_has_come_and_not_before),
        CASE(time_that_passed_while_the_server_was_down_counts),
        CASE(a_deleted_table_is_gone_when_its_time_has_come),
        CASE(a_table_of_the_same_name_starts_empty),
        CASE(tables_do_not_wait_for_one_another),
        CASE(an_index_goes_from_state_to_state_as_the_clock_says),
        CASE(an_index_goes_the_same_way_through_restarts),
        CASE(the_table_stays_active_while_an_index_is_built),
        CASE(an_index_that_is_being_deleted_takes_no_more_writes),
        CASE(an_updated_index_has_its_new_throughput_when_its_time_has_come),
        CASE(a_build_can_be_cancelled_and_begun_again),
        CASE(an_index_takes_the_attributes_with_it_that_nothing_else_uses),
        CASE(a_hold_in_allocation_keeps_the_index_there),
        CASE(a_hold_in_backfill_stops_at_its_item_and_survives_a_restart),
        CASE(a_hold_after_the_last_item_keeps_a_complete_index_from_being_active),
        CASE(a_hold_past_the_end_of_the_table_holds_nothing),
        CASE(a_hold_on_an_index_is_no_hold_on_its_neighbours),
        CASE(a_hold_ends_with_its_table),
        CASE(the_background_knows_when_to_come_again),
        INSTANT(with_no_durations_everything_is_done_as_soon_as_the_work_is),
    };
    return cmocka_run_group_tests_name("lifecycle", tests, NULL, NULL);
}
