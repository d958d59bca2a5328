/*
 * Changes that time alone ends: each begins at its moment, is due when its duration is over, ends
 * then and not before, and leaves the others alone.
 */

#include "storage/table/table_changes.h"

#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DAY_MS INT64_C(86400000)
#define NOW_MS (20000 * DAY_MS + 5000)

static const struct durations DURATIONS = {
    .table_update_ms = 100,
    .index_update_ms = 200,
    .billing_provisioned_ms = 300,
    .billing_on_demand_ms = 400,
    .billing_return_ms = 150,
    .stream_update_ms = 500,
    .table_class_ms = 600,
    .encryption_ms = 700,
    .warm_throughput_ms = 800,
};

static const struct throughput MORE = { .read_units = 20, .write_units = 20 };
static const struct throughput LESS = { .read_units = 5, .write_units = 20 };

/* ACTIVE, provisioned with 10 and 10, with an index that is ACTIVE and one in backfill. */
struct subject {
    struct table_definition table;
    struct index_definition indexes[3];
};

static struct capacity ten(void)
{
    return (struct capacity){ .throughput = { .read_units = 10, .write_units = 10 },
                              .pending_throughput = { .read_units = 10, .write_units = 10 },
                              .warm = { .read_units = 10, .write_units = 10 } };
}

static void set_up_subject(struct subject *subject)
{
    memset(subject, 0, sizeof *subject);
    subject->table = (struct table_definition){
        .status = TABLE_ACTIVE, .capacity = ten(), .indexes = subject->indexes, .index_count = 3
    };
    subject->indexes[0] = (struct index_definition){ .is_local = true, .phase = INDEX_ACTIVE };
    subject->indexes[1] = (struct index_definition){ .phase = INDEX_ACTIVE, .capacity = ten() };
    subject->indexes[2] =
        (struct index_definition){ .phase = INDEX_BACKFILLING, .capacity = ten() };
}

/* ---- when each is due ---- */

static void begin_throughput(struct subject *subject)
{
    table_begin_throughput(&subject->table, MORE, &DURATIONS, NOW_MS);
}
static void begin_index(struct subject *subject)
{
    index_begin_update(&subject->indexes[1], MORE, &DURATIONS, NOW_MS);
}
static void begin_index_limits(struct subject *subject)
{
    index_begin_on_demand_update(&subject->indexes[2], &DURATIONS, NOW_MS);
}
static void begin_provisioned(struct subject *subject)
{
    subject->table.billing.is_on_demand = true;
    table_begin_provisioned(&subject->table, MORE, &DURATIONS, NOW_MS);
}
static void begin_stream(struct subject *subject)
{
    table_begin_stream(&subject->table, true, STREAM_NEW_IMAGE, &DURATIONS, NOW_MS);
}
static void begin_class(struct subject *subject)
{
    table_begin_class(&subject->table, TABLE_CLASS_INFREQUENT_ACCESS, &DURATIONS, NOW_MS);
}
static void begin_encryption(struct subject *subject)
{
    table_begin_encryption(&subject->table, true, BYTES("arn"), &DURATIONS, NOW_MS);
}
static void begin_warm(struct subject *subject)
{
    capacity_begin_warm(&subject->table.capacity, 11, 10, &DURATIONS, NOW_MS);
}
static void begin_warm_index(struct subject *subject)
{
    capacity_begin_warm(&subject->indexes[1].capacity, 10, 10, &DURATIONS, NOW_MS);
}

static const struct {
    void (*begin)(struct subject *subject);
    int64_t lasts_ms;
} CHANGES[] = {
    { begin_throughput, 100 },  { begin_index, 200 },  { begin_index_limits, 200 },
    { begin_provisioned, 300 }, { begin_stream, 500 }, { begin_class, 600 },
    { begin_encryption, 700 },  { begin_warm, 800 },   { begin_warm_index, 100 },
};

static void every_change_ends_when_it_is_due(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++) {
        struct subject subject;
        set_up_subject(&subject);
        assert_true(table_next_change_ms(&subject.table) == CHANGES_NEVER);
        CHANGES[i].begin(&subject);
        int64_t due_ms = NOW_MS + CHANGES[i].lasts_ms;
        assert_true(table_next_change_ms(&subject.table) == due_ms);
        table_settle_changes(&subject.table, due_ms - 1);
        assert_true(table_next_change_ms(&subject.table) == due_ms);
        table_settle_changes(&subject.table, due_ms);
        assert_true(table_next_change_ms(&subject.table) == CHANGES_NEVER);
    }
}

/* Every one of them at once: the soonest is next, and each ends alone. */
static void changes_under_way_together_end_one_by_one(void **state)
{
    static const int64_t ENDS[] = { 200, 300, 500, 600, 700, 800 };
    struct subject subject;
    (void)state;
    set_up_subject(&subject);
    begin_index(&subject);
    begin_provisioned(&subject);
    begin_stream(&subject);
    begin_class(&subject);
    begin_encryption(&subject);
    begin_warm(&subject);
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        assert_true(table_next_change_ms(&subject.table) == NOW_MS + ENDS[i]);
        table_settle_changes(&subject.table, NOW_MS + ENDS[i]);
    }
    assert_true(table_next_change_ms(&subject.table) == CHANGES_NEVER);
    assert_int_equal(subject.table.table_class.value, TABLE_CLASS_INFREQUENT_ACCESS);
    assert_true(subject.table.encryption.is_enabled);
    assert_int_equal(subject.table.capacity.warm.read_units, 20);
}

/* Late is as good as in time, with everything that is overdue. */
static void a_late_look_ends_all_that_is_overdue(void **state)
{
    struct subject subject;
    (void)state;
    set_up_subject(&subject);
    begin_index(&subject);
    begin_throughput(&subject);
    begin_stream(&subject);
    table_settle_changes(&subject.table, NOW_MS + 500);
    assert_true(table_next_change_ms(&subject.table) == CHANGES_NEVER);
    assert_int_equal(subject.table.capacity.throughput.read_units, 20);
    assert_int_equal(subject.indexes[1].capacity.throughput.read_units, 20);
}

/* ---- billing mode ---- */

static void on_demand_takes_every_global_index_along(void **state)
{
    struct subject subject;
    (void)state;
    set_up_subject(&subject);
    table_begin_on_demand(&subject.table, &DURATIONS, NOW_MS);
    assert_int_equal(subject.table.capacity.throughput.read_units, 0);
    for (size_t i = 1; i <= 2; i++) {
        assert_int_equal(subject.indexes[i].capacity.throughput.read_units, 0);
        assert_int_equal(subject.indexes[i].update_due_ms, NOW_MS + 200);
    }
    assert_int_equal(subject.indexes[0].update_due_ms, 0);
    table_settle_changes(&subject.table, NOW_MS + 400);
    assert_true(subject.table.billing.is_on_demand);
    assert_int_equal(subject.table.billing.on_demand_since_ms, NOW_MS + 400);
    assert_int_equal(subject.table.capacity.throughput.last_decrease_ms, 0);
    assert_int_equal(subject.table.capacity.warm.read_units, WARM_ON_DEMAND_READ_UNITS);
    assert_int_equal(subject.indexes[1].capacity.warm.write_units, WARM_ON_DEMAND_WRITE_UNITS);
    assert_int_equal(subject.indexes[1].capacity.throughput.decreases_today, 1);

    /* back, and again: only the first time is long */
    table_begin_provisioned(&subject.table, MORE, &DURATIONS, NOW_MS + 1000);
    assert_int_equal(subject.table.billing.due_ms, NOW_MS + 1300);
    table_settle_changes(&subject.table, NOW_MS + 1300);
    assert_false(subject.table.billing.is_on_demand);
    assert_int_equal(subject.table.billing.on_demand_since_ms, NOW_MS + 400);
    table_begin_on_demand(&subject.table, &DURATIONS, NOW_MS + 2000);
    assert_int_equal(subject.table.billing.due_ms, NOW_MS + 2150);
}

static void provisioned_drops_the_limits(void **state)
{
    struct subject subject;
    (void)state;
    set_up_subject(&subject);
    subject.table.billing.is_on_demand = true;
    subject.table.capacity.max_read_units = 7;
    subject.indexes[1].capacity.max_write_units = 8;
    table_begin_provisioned(&subject.table, MORE, &DURATIONS, NOW_MS);
    index_begin_switch(&subject.indexes[1], LESS, &DURATIONS, NOW_MS);
    assert_int_equal(subject.table.capacity.max_read_units, 0);
    assert_int_equal(subject.indexes[1].capacity.max_write_units, 0);
    assert_int_equal(subject.indexes[1].capacity.throughput.read_units, 5);
    table_settle_changes(&subject.table, NOW_MS + 300);
    assert_int_equal(subject.table.capacity.throughput.read_units, 20);
}

/* ---- decreases ---- */

static void decreases_count_on_their_own_day(void **state)
{
    struct subject subject;
    const struct throughput *throughput = &subject.table.capacity.throughput;
    (void)state;
    set_up_subject(&subject);
    table_begin_throughput(&subject.table, LESS, &DURATIONS, NOW_MS);
    assert_int_equal(throughput_decreases_today(throughput, NOW_MS), 0); /* until it is done */
    table_settle_changes(&subject.table, NOW_MS + 100);
    assert_int_equal(throughput_decreases_today(throughput, NOW_MS + 100), 1);
    assert_int_equal(throughput_decreases_today(throughput, 20001 * DAY_MS - 1), 1);
    assert_int_equal(throughput_decreases_today(throughput, 20001 * DAY_MS), 0);

    /* on the next day it begins anew, also where a switch shows a time of its own */
    table_begin_on_demand(&subject.table, &DURATIONS, 20001 * DAY_MS);
    assert_int_equal(throughput_decreases_today(throughput, 20001 * DAY_MS), 0);
}

static void an_increase_is_no_decrease(void **state)
{
    struct subject subject;
    (void)state;
    set_up_subject(&subject);
    table_begin_throughput(&subject.table, MORE, &DURATIONS, NOW_MS);
    table_settle_changes(&subject.table, NOW_MS + 100);
    assert_int_equal(subject.table.capacity.throughput.last_increase_ms, NOW_MS);
    assert_int_equal(subject.table.capacity.throughput.last_decrease_ms, 0);
    assert_int_equal(subject.table.capacity.throughput.decreases_today, 0);
}

/* ---- encryption ---- */

static void changes_of_encryption_are_counted_in_a_window(void **state)
{
    struct subject subject;
    struct encryption *encryption = &subject.table.encryption;
    (void)state;
    set_up_subject(&subject);
    begin_encryption(&subject);
    begin_encryption(&subject);
    assert_int_equal(encryption->changes, 2);
    assert_int_equal(encryption->window_ms, NOW_MS);
    table_begin_encryption(&subject.table, false, BYTES(""), &DURATIONS, NOW_MS + DAY_MS - 1);
    assert_int_equal(encryption->changes, 3);
    table_begin_encryption(&subject.table, true, BYTES("arn"), &DURATIONS, NOW_MS + DAY_MS);
    assert_int_equal(encryption->changes, 1);
    assert_int_equal(encryption->window_ms, NOW_MS + DAY_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_ends_when_it_is_due),
        cmocka_unit_test(changes_under_way_together_end_one_by_one),
        cmocka_unit_test(a_late_look_ends_all_that_is_overdue),
        cmocka_unit_test(on_demand_takes_every_global_index_along),
        cmocka_unit_test(provisioned_drops_the_limits),
        cmocka_unit_test(decreases_count_on_their_own_day),
        cmocka_unit_test(an_increase_is_no_decrease),
        cmocka_unit_test(changes_of_encryption_are_counted_in_a_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
