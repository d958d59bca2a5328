/* Moments of the past: which one is found, and how many are kept. */

#include "storage/lmdb/past.h"

#include "storage/lmdb/env.h"
#include "storage/lmdb/layout.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SPAN_MS = 480 }; /* a moment every 10 ms */

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

static void keep(int64_t span_ms)
{
    past_keep(store.storage.env, &store.clock, span_ms);
}

static void write_number(uint8_t number, bool is_definition)
{
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    txn_put(&txn, DATABASE_HOLDS, BYTES("n"), (struct bytes){ &number, 1 });
    txn.changes_definitions = is_definition;
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static void write_at(uint8_t number, int64_t after_ms)
{
    clock_advance(&store.clock, after_ms);
    write_number(number, false);
}

static uint8_t number_in(struct txn *txn)
{
    struct bytes value;
    return txn_get(txn, DATABASE_HOLDS, BYTES("n"), &value) ? value.data[0] : 0;
}

static bool is_at_least(void *context, struct txn *txn)
{
    return number_in(txn) >= *(const uint8_t *)context;
}

/* The number as it was; the oldest moment with at least `minimum` counts. */
static uint8_t seen(int64_t age_ms, uint8_t minimum)
{
    struct txn txn;
    struct past_view view;
    txn_begin_read(store.storage.env, &txn);
    uint8_t number = number_in(&txn);
    if (past_begin(&txn, age_ms, is_at_least, &minimum, &view)) {
        number = number_in(&view.txn);
        past_end(&view);
    }
    txn_abort(&txn);
    return number;
}

static void nothing_is_kept_unless_asked_for(void **state)
{
    (void)state;
    write_number(1, false);
    write_at(2, 100);
    assert_int_equal(seen(100, 0), 2);
    keep(SPAN_MS);
    write_at(3, 100);
    assert_int_equal(seen(100, 0), 2);
    keep(0);
    assert_int_equal(seen(100, 0), 3);
}

static void the_newest_moment_that_is_old_enough_is_found(void **state)
{
    (void)state;
    keep(SPAN_MS);
    for (uint8_t number = 1; number <= 40; number++) {
        write_at(number, 12);
    }
    for (int age = 0; age < 30; age++) {
        assert_int_equal(seen(age * (int64_t)12, 0), 40 - age);
        assert_int_equal(seen(age * (int64_t)12 + 11, 0), 39 - age);
    }
    clock_advance(&store.clock, 100);
    assert_int_equal(seen(100, 0), 40);
    assert_int_equal(seen(101, 0), 39);
}

static void what_does_not_fit_makes_way_for_what_came_next(void **state)
{
    (void)state;
    keep(SPAN_MS);
    for (uint8_t number = 1; number <= 10; number++) {
        write_at(number, 12);
    }
    assert_int_equal(seen(8 * 12, 0), 2);
    assert_int_equal(seen(8 * 12, 7), 7);
    assert_int_equal(seen(8 * 12, 10), 10); /* the present */
    assert_int_equal(seen(8 * 12, 11), 10); /* nothing fits */
}

static void a_changed_definition_is_always_a_moment(void **state)
{
    (void)state;
    keep(SPAN_MS);
    write_number(1, false);
    write_number(2, true);
    write_number(3, false);
    write_number(4, false);
    assert_int_equal(seen(100, 2), 2);
    assert_int_equal(seen(100, 3), 4);
}

static void many_definitions_at_once_make_the_past_shorter(void **state)
{
    (void)state;
    keep(SPAN_MS);
    for (int number = 1; number <= 250; number++) {
        write_number((uint8_t)number, true);
    }
    uint8_t oldest = seen(100, 0);
    assert_true(oldest >= 250 - PAST_MOMENTS_MAX && oldest < 250);
}

/* What was overwritten before the span is used again. */
static void the_file_does_not_grow_with_the_number_of_writes(void **state)
{
    (void)state;
    uint64_t early;
    uint64_t late;
    uint64_t map;
    keep(SPAN_MS);
    for (int i = 0; i < 2000; i++) {
        write_at((uint8_t)i, 1);
    }
    env_usage(store.storage.env, &early, &map);
    for (int i = 0; i < 20000; i++) {
        write_at((uint8_t)i, 1);
    }
    env_usage(store.storage.env, &late, &map);
    assert_true(late <= early + early / 4);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_is_kept_unless_asked_for),
        CASE(the_newest_moment_that_is_old_enough_is_found),
        CASE(what_does_not_fit_makes_way_for_what_came_next),
        CASE(a_changed_definition_is_always_a_moment),
        CASE(many_definitions_at_once_make_the_past_shorter),
        CASE(the_file_does_not_grow_with_the_number_of_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
