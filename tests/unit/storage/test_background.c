/* The thread by itself: it walks the states, is woken, and closes in the midst of work. */

#include "storage/background.h"

#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000, HOUR_MS = 60 * 60 * 1000 };

static const struct store_index BY_A = { "by_a", "a:S", "ALL", false };

static struct store store;

static int open_store(struct durations durations)
{
    store_open(&store, (struct store_options){
                           .is_durable = true, .has_thread = true, .durations = durations });
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return open_store((struct durations){
        .table_create_ms = 5,
        .table_delete_ms = 5,
        .index_allocate_ms = 5,
        .index_backfill_ms = 5,
        .index_delete_ms = 5,
    });
}

static int set_up_slow(void **state)
{
    (void)state;
    return open_store((struct durations){ .table_create_ms = HOUR_MS });
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

/* Looks every millisecond; the thread is given time, not a moment. */
static void wait_until(bool (*holds)(void))
{
    struct timespec pause = { .tv_nsec = 1000000 };
    background_wake(store.storage.background);
    for (int i = 0; i < PATIENCE_MS && !holds(); i++) {
        (void)nanosleep(&pause, NULL);
    }
    assert_true(holds());
}

static bool table_is_active(void)
{
    return store_table(&store, "T")->status == TABLE_ACTIVE;
}

static bool table_is_gone(void)
{
    return store_table(&store, "T") == NULL;
}

static bool index_is_active(void)
{
    return store_index(&store, "T", "by_a")->phase == INDEX_ACTIVE;
}

static bool index_is_gone(void)
{
    return store_index(&store, "T", "by_a") == NULL;
}

static bool index_stands(void)
{
    struct txn txn;
    struct table_definition *table = store_table(&store, "T");
    struct index_definition *index = table_find_index(table, BYTES("by_a"));
    txn_begin_read(store.storage.env, &txn);
    bool held = index->phase == INDEX_BACKFILLING && index_is_held(&txn, table, index);
    txn_abort(&txn);
    return held;
}

static bool nothing_waits_to_be_emptied(void)
{
    struct txn txn;
    txn_begin_read(store.storage.env, &txn);
    bool waits = database_waits_for_drop(&txn);
    txn_abort(&txn);
    return !waits;
}

static void put_items(int count)
{
    for (int i = 0; i < count; i++) {
        struct buffer text;
        buffer_init(&text, &store.arena, 64);
        buffer_append_format(&text, "{pk: 'p%d', a: 'a%d'}", i, i % 3);
        store_put(&store, "T", bytes_to_text(&store.arena, buffer_view(&text)));
    }
}

static void the_thread_walks_every_state_by_itself(void **state)
{
    (void)state;
    store_create_table(&store, "T", "pk:S", NULL, 0);
    wait_until(table_is_active);
    put_items(20);
    store_create_index(&store, "T", BY_A);
    wait_until(index_is_active);
    assert_string_equal(store_content(&store, "T", "by_a"), store_content(&store, "T", NULL));
    store_delete_index(&store, "T", "by_a");
    wait_until(index_is_gone);
    store_delete_table(&store, "T");
    wait_until(table_is_gone);
    wait_until(nothing_waits_to_be_emptied);
}

static void the_thread_sees_that_the_clock_was_moved(void **state)
{
    (void)state;
    store_create_table(&store, "T", "pk:S", NULL, 0);
    assert_false(table_is_active());
    clock_advance(&store.clock, HOUR_MS);
    wait_until(table_is_active);
}

static void whoever_settles_waits_until_what_is_due_is_done(void **state)
{
    (void)state;
    store_create_table(&store, "T", "pk:S", NULL, 0);
    for (int i = 0; i < 5; i++) {
        clock_advance(&store.clock, HOUR_MS);
        assert_true(background_settle(store.storage.background, PATIENCE_MS));
        assert_true(table_is_active());
        put_items(20);
        store_create_index(&store, "T", BY_A);
        clock_advance(&store.clock, HOUR_MS);
        assert_true(background_settle(store.storage.background, PATIENCE_MS));
        assert_int_equal(store_count(&store, "T", "by_a"), 20);
        clock_advance(&store.clock, HOUR_MS);
        assert_true(background_settle(store.storage.background, PATIENCE_MS));
        assert_true(index_is_active());
        store_delete_index(&store, "T", "by_a");
        clock_advance(&store.clock, HOUR_MS);
        assert_true(background_settle(store.storage.background, PATIENCE_MS));
        assert_true(index_is_gone());
    }
}

static void a_released_build_goes_on_when_the_thread_is_woken(void **state)
{
    (void)state;
    store_create_table(&store, "T", "pk:S", NULL, 0);
    wait_until(table_is_active);
    put_items(20);
    store_hold(&store, "T", "by_a", (struct hold){ HOLD_BACKFILLING, 7 });
    store_create_index(&store, "T", BY_A);
    wait_until(index_stands);
    assert_int_equal(store_count(&store, "T", "by_a"), 7);
    store_release(&store, "T", "by_a");
    wait_until(index_is_active);
    assert_int_equal(store_count(&store, "T", "by_a"), 20);
}

static void closed_in_the_midst_the_thread_goes_on_when_opened_again(void **state)
{
    (void)state;
    store_create_table(&store, "T", "pk:S", NULL, 0);
    wait_until(table_is_active);
    put_items(20);
    for (int i = 0; i < 5; i++) {
        store_create_index(&store, "T", BY_A);
        store_reopen(&store);
        wait_until(index_is_active);
        assert_string_equal(store_content(&store, "T", "by_a"), store_content(&store, "T", NULL));
        store_delete_index(&store, "T", "by_a");
        store_reopen(&store);
        wait_until(index_is_gone);
    }
}

static void an_idle_turn_writes_nothing(void **state)
{
    (void)state;
    uint64_t used_before;
    uint64_t used_after;
    uint64_t map;
    store_create_table(&store, "T", "pk:S", NULL, 0);
    env_usage(store.storage.env, &used_before, &map);
    for (int i = 0; i < 1000; i++) {
        (void)background_step(store.storage.background);
    }
    env_usage(store.storage.env, &used_after, &map);
    assert_int_equal(used_after, used_before);
}

static int set_up_without_thread(void **state)
{
    (void)state;
    store_open(&store, (struct store_options){ .is_durable = true });
    return 0;
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_thread_walks_every_state_by_itself),
        cmocka_unit_test_setup_teardown(the_thread_sees_that_the_clock_was_moved, set_up_slow,
                                        tear_down),
        CASE(whoever_settles_waits_until_what_is_due_is_done),
        CASE(a_released_build_goes_on_when_the_thread_is_woken),
        CASE(closed_in_the_midst_the_thread_goes_on_when_opened_again),
        cmocka_unit_test_setup_teardown(an_idle_turn_writes_nothing, set_up_without_thread,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("background", tests, NULL, NULL);
}
