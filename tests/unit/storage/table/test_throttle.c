/* Buckets under a clock that is a number: how they begin, fill, owe and follow their rate. */

#include "storage/table/throttle.h"

#include "storage/lmdb/layout.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { OPENED_MS = 1000 * 1000, SECOND_MS = 1000, TABLE = DATABASE_FIRST, INDEX };

static struct throttle *throttle;

static int set_up(void **state)
{
    (void)state;
    throttle = throttle_open(OPENED_MS);
    return throttle != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    throttle_close(throttle);
    return 0;
}

static struct throttle_limit limit_of(int64_t units_per_second, int64_t since_ms)
{
    return (struct throttle_limit){ .database = TABLE,
                                    .kind = UNITS_OF_WRITES,
                                    .units_per_second = units_per_second,
                                    .since_ms = since_ms };
}

static void assert_holds(struct throttle_limit limit, double units, int64_t now_ms)
{
    assert_float_equal(throttle_available(throttle, limit, now_ms), units, 1e-6);
}

/* ---- one bucket ---- */

static void a_new_bucket_holds_one_second(void **state)
{
    (void)state;
    assert_holds(limit_of(5, OPENED_MS), 5, OPENED_MS);
    assert_holds(limit_of(5, OPENED_MS), 5, OPENED_MS);
}

static void it_fills_with_time(void **state)
{
    (void)state;
    struct throttle_limit limit = limit_of(5, OPENED_MS);
    throttle_charge(throttle, limit, 5, OPENED_MS);
    assert_holds(limit, 0, OPENED_MS);
    assert_holds(limit, 0.005, OPENED_MS + 1);
    assert_holds(limit, 2.5, OPENED_MS + 500);
    assert_holds(limit, 50, OPENED_MS + 10 * SECOND_MS);
}

static void it_holds_300_seconds_at_most(void **state)
{
    (void)state;
    struct throttle_limit limit = limit_of(5, OPENED_MS);
    assert_holds(limit, 5, OPENED_MS);
    assert_holds(limit, 1500, OPENED_MS + 299 * SECOND_MS);
    assert_holds(limit, 1500, OPENED_MS + 3000 * SECOND_MS);
    throttle_charge(throttle, limit, 1500, OPENED_MS + 3000 * SECOND_MS);
    assert_holds(limit, 0, OPENED_MS + 3000 * SECOND_MS);
}

static void it_may_owe_and_is_paid_back_first(void **state)
{
    (void)state;
    struct throttle_limit limit = limit_of(10, OPENED_MS);
    throttle_charge(throttle, limit, 40, OPENED_MS);
    assert_holds(limit, -30, OPENED_MS);
    assert_holds(limit, -10, OPENED_MS + 2 * SECOND_MS);
    assert_holds(limit, 10, OPENED_MS + 4 * SECOND_MS);
}

static void what_is_given_back_does_not_exceed_the_burst(void **state)
{
    (void)state;
    struct throttle_limit limit = limit_of(1, OPENED_MS);
    int64_t full_ms = OPENED_MS + 400 * SECOND_MS;
    assert_holds(limit, 300, full_ms);
    throttle_charge(throttle, limit, 7, full_ms);
    throttle_charge(throttle, limit, -7, full_ms);
    throttle_charge(throttle, limit, -7, full_ms);
    assert_holds(limit, 300, full_ms);
}

static void a_clock_that_seems_to_go_back_takes_nothing(void **state)
{
    (void)state; /* threads read the clock before they come here, each at its own time */
    struct throttle_limit limit = limit_of(10, OPENED_MS);
    throttle_charge(throttle, limit, 10, OPENED_MS + SECOND_MS);
    assert_holds(limit, 10, OPENED_MS + SECOND_MS);
    assert_holds(limit, 10, OPENED_MS);
    assert_holds(limit, 10, OPENED_MS + SECOND_MS);
}

static void reads_and_writes_have_buckets_of_their_own(void **state)
{
    (void)state;
    struct throttle_limit writes = limit_of(5, OPENED_MS);
    struct throttle_limit reads = writes;
    struct throttle_limit index = writes;
    reads.kind = UNITS_OF_READS;
    index.database = INDEX;
    throttle_charge(throttle, writes, 4, OPENED_MS);
    throttle_charge(throttle, index, 2, OPENED_MS);
    assert_holds(writes, 1, OPENED_MS);
    assert_holds(reads, 5, OPENED_MS);
    assert_holds(index, 3, OPENED_MS);
}

static void without_a_limit_there_is_always_enough(void **state)
{
    (void)state;
    struct throttle_limit limit = limit_of(0, OPENED_MS);
    throttle_charge(throttle, limit, 1e9, OPENED_MS);
    assert_true(throttle_available(throttle, limit, OPENED_MS) > 1e9);
}

static void due_is_the_first_moment_with_more(void **state)
{
    (void)state;
    static const struct {
        int64_t rate;
        double charged;
        double wanted;
        int64_t due_ms; /* from now */
    } rows[] = {
        { 10, 0, 0, 0 },        { 10, 0, 9.5, 0 },   { 10, 10, 0, 1 }, { 10, 10, 1, 101 },
        { 10, 40, 0, 3001 },    { 10, 40, 1, 3101 }, { 1, 1, 0, 1 },   { 1, 401, 0, 400001 },
        { 40000, 40000, 0, 1 }, { 3, 3, 0.3, 101 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct throttle_limit limit = limit_of(rows[i].rate, OPENED_MS);
        limit.database += (uint32_t)i;
        throttle_charge(throttle, limit, rows[i].charged, OPENED_MS);
        int64_t due_ms = throttle_due_ms(throttle, limit, rows[i].wanted, OPENED_MS);
        assert_int_equal(due_ms - OPENED_MS, rows[i].due_ms);
        assert_true(throttle_available(throttle, limit, due_ms) > rows[i].wanted);
    }
}

/* ---- how it begins ---- */

static void what_was_there_before_the_start_has_saved_up_since_then(void **state)
{
    (void)state;
    struct throttle_limit limit = limit_of(5, OPENED_MS - 1000 * SECOND_MS);
    assert_holds(limit, 5 + 5 * 60, OPENED_MS + 60 * SECOND_MS);
}

static void what_was_made_unseen_has_saved_up_since_it_was_made(void **state)
{
    (void)state;
    struct throttle_limit limit = limit_of(5, OPENED_MS + 50 * SECOND_MS);
    assert_holds(limit, 5 + 5 * 10, OPENED_MS + 60 * SECOND_MS);
}

static void what_is_being_made_has_saved_up_nothing(void **state)
{
    (void)state;
    assert_holds(limit_of(5, INT64_MAX), 5, OPENED_MS + 60 * SECOND_MS);
}

static void a_forgotten_bucket_begins_anew(void **state)
{
    (void)state;
    struct throttle_limit limit = limit_of(5, OPENED_MS);
    int64_t now_ms = OPENED_MS + 60 * SECOND_MS;
    throttle_charge(throttle, limit, 1000, OPENED_MS);
    throttle_forget(throttle, TABLE);
    assert_holds(limit_of(5, now_ms), 5, now_ms);
}

/* ---- another rate ---- */

static void a_raise_counts_from_when_it_is_seen(void **state)
{
    (void)state;
    throttle_charge(throttle, limit_of(1, OPENED_MS), 1 + 50, OPENED_MS);
    assert_holds(limit_of(100, OPENED_MS), -40, OPENED_MS + 10 * SECOND_MS);
    assert_holds(limit_of(100, OPENED_MS), 60, OPENED_MS + 11 * SECOND_MS);
}

static void a_lower_rate_keeps_less(void **state)
{
    (void)state;
    assert_holds(limit_of(100, OPENED_MS), 30000, OPENED_MS + 400 * SECOND_MS);
    assert_holds(limit_of(2, OPENED_MS), 600, OPENED_MS + 400 * SECOND_MS);
}

static void debts_stay_at_another_rate(void **state)
{
    (void)state;
    throttle_charge(throttle, limit_of(1, OPENED_MS), 501, OPENED_MS);
    assert_holds(limit_of(100, OPENED_MS), -500, OPENED_MS);
}

static void a_limit_after_none_begins_with_one_second(void **state)
{
    (void)state;
    struct table_definition table = { .database = TABLE };
    throttle_charge(throttle, limit_of(100, OPENED_MS), 5000, OPENED_MS);
    throttle_follow(throttle, &table, OPENED_MS); /* no units: on its way to on-demand */
    assert_holds(limit_of(8, OPENED_MS), 8, OPENED_MS + 100 * SECOND_MS);
    assert_holds(limit_of(8, OPENED_MS), 16, OPENED_MS + 101 * SECOND_MS);
}

/* ---- from definitions ---- */

static struct index_definition indexes[] = {
    { .is_local = true,
      .database = INDEX,
      .capacity = { .throughput = { .read_units = 91, .write_units = 92 } } },
    { .database = INDEX + 1,
      .phase = INDEX_ACTIVE,
      .capacity = { .throughput = { .read_units = 3, .write_units = 4 },
                    .max_read_units = 31,
                    .max_write_units = 41 } },
    { .database = INDEX + 2,
      .phase = INDEX_ALLOCATING,
      .capacity = { .throughput = { .read_units = 5, .write_units = 6 }, .max_write_units = 61 } },
};

static struct table_definition definition(bool is_on_demand)
{
    return (struct table_definition){
        .database = TABLE,
        .created_ms = OPENED_MS,
        .billing = { .is_on_demand = is_on_demand },
        .capacity = { .throughput = { .read_units = 1, .write_units = 2 }, .max_read_units = 11 },
        .index_count = 3,
        .indexes = indexes,
    };
}

static void limits_are_the_definitions(void **state)
{
    (void)state;
    static const struct {
        bool is_on_demand;
        int index; /* -1: the table */
        enum capacity_units kind;
        uint32_t database;
        int64_t units_per_second;
    } rows[] = {
        { false, -1, UNITS_OF_READS, TABLE, 1 },    { false, -1, UNITS_OF_WRITES, TABLE, 2 },
        { false, 0, UNITS_OF_READS, TABLE, 1 },     { false, 0, UNITS_OF_WRITES, TABLE, 2 },
        { false, 1, UNITS_OF_READS, INDEX + 1, 3 }, { false, 1, UNITS_OF_WRITES, INDEX + 1, 4 },
        { true, -1, UNITS_OF_READS, TABLE, 11 },    { true, -1, UNITS_OF_WRITES, TABLE, 0 },
        { true, 1, UNITS_OF_READS, INDEX + 1, 31 }, { true, 1, UNITS_OF_WRITES, INDEX + 1, 41 },
        { true, 2, UNITS_OF_READS, INDEX + 2, 0 },  { true, 2, UNITS_OF_WRITES, INDEX + 2, 61 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct table_definition table = definition(rows[i].is_on_demand);
        struct throttle_limit limit =
            rows[i].index < 0
                ? throttle_limit_of_table(&table, rows[i].kind)
                : throttle_limit_of_index(&table, &indexes[rows[i].index], rows[i].kind);
        assert_int_equal(limit.database, rows[i].database);
        assert_int_equal(limit.kind, rows[i].kind);
        assert_int_equal(limit.units_per_second, rows[i].units_per_second);
    }
}

static void following_makes_the_buckets(void **state)
{
    (void)state;
    struct table_definition table = definition(false);
    table.created_ms = OPENED_MS + 10 * SECOND_MS;
    int64_t later_ms = table.created_ms + 20 * SECOND_MS;
    throttle_follow(throttle, &table, table.created_ms);
    assert_holds(throttle_limit_of_table(&table, UNITS_OF_WRITES), 2 + 2 * 20, later_ms);
    assert_holds(throttle_limit_of_index(&table, &indexes[1], UNITS_OF_READS), 3 + 3 * 20,
                 later_ms);
    assert_holds(throttle_limit_of_index(&table, &indexes[2], UNITS_OF_WRITES), 6 + 6 * 20,
                 later_ms);
}

static void following_fills_at_the_old_rate(void **state)
{
    (void)state;
    struct table_definition table = definition(false);
    throttle_follow(throttle, &table, OPENED_MS);
    table.capacity.throughput.write_units = 50;
    throttle_follow(throttle, &table, OPENED_MS + 10 * SECOND_MS);
    assert_holds(throttle_limit_of_table(&table, UNITS_OF_WRITES), 2 + 2 * 10 + 50,
                 OPENED_MS + 11 * SECOND_MS);
}

#define THROTTLE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        THROTTLE_TEST(a_new_bucket_holds_one_second),
        THROTTLE_TEST(it_fills_with_time),
        THROTTLE_TEST(it_holds_300_seconds_at_most),
        THROTTLE_TEST(it_may_owe_and_is_paid_back_first),
        THROTTLE_TEST(what_is_given_back_does_not_exceed_the_burst),
        THROTTLE_TEST(a_clock_that_seems_to_go_back_takes_nothing),
        THROTTLE_TEST(reads_and_writes_have_buckets_of_their_own),
        THROTTLE_TEST(without_a_limit_there_is_always_enough),
        THROTTLE_TEST(due_is_the_first_moment_with_more),
        THROTTLE_TEST(what_was_there_before_the_start_has_saved_up_since_then),
        THROTTLE_TEST(what_was_made_unseen_has_saved_up_since_it_was_made),
        THROTTLE_TEST(what_is_being_made_has_saved_up_nothing),
        THROTTLE_TEST(a_forgotten_bucket_begins_anew),
        THROTTLE_TEST(a_raise_counts_from_when_it_is_seen),
        THROTTLE_TEST(a_lower_rate_keeps_less),
        THROTTLE_TEST(debts_stay_at_another_rate),
        THROTTLE_TEST(a_limit_after_none_begins_with_one_second),
        THROTTLE_TEST(limits_are_the_definitions),
        THROTTLE_TEST(following_makes_the_buckets),
        THROTTLE_TEST(following_fills_at_the_old_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
