/* Metrics per minute of the clock: in memory, moved to the store, read back as one, and dropped. */

#include "storage/metrics/metrics.h"

#include "storage/lmdb/layout.h"
#include "tests/support/literal.h"
#include "tests/support/store.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { THREADS = 4, SAMPLES = 4000 };

static const int64_t HOUR_MS = INT64_C(3600) * 1000;
static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

static const struct store_index BY_A = { "by_a", "a:S", "ALL", false };

static const struct metric_series READS = { .metric = METRIC_CONSUMED_READ_CAPACITY_UNITS,
                                            .table_name = { (const uint8_t *)"T", 1 } };
static const struct metric_series INDEX_READS = { .metric = METRIC_CONSUMED_READ_CAPACITY_UNITS,
                                                  .table_name = { (const uint8_t *)"T", 1 },
                                                  .index_name = { (const uint8_t *)"I", 1 } };

static struct store store;

static int set_up(void **state)
{
    (void)state;
    store_open(&store, (struct store_options){ .is_durable = true });
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

static int64_t this_minute(void)
{
    return clock_now_ms(&store.clock) / METRIC_MINUTE_MS;
}

static void record(const struct metric_series *series, double value)
{
    metrics_add(store.storage.metrics, series, value);
}

static struct metric_value value_at(const struct metric_series *series, int64_t minute)
{
    struct metrics_view view;
    struct metric_value value;
    metrics_view_begin(store.storage.metrics, &view);
    metrics_view_read(&view, series, minute, minute + 1, &value);
    assert_int_equal(metrics_view_end(&view), STORAGE_OK);
    return value;
}

static void
assert_value(const struct metric_series *series, int64_t minute, struct metric_value expected)
{
    struct metric_value value = value_at(series, minute);
    assert_int_equal(value.count, expected.count);
    assert_true(value.count == 0 ||
                (value.sum == expected.sum && value.minimum == expected.minimum &&
                 value.maximum == expected.maximum));
}

static uint64_t records_kept(void)
{
    struct txn txn;
    txn_begin_read(store.storage.env, &txn);
    uint64_t count = txn_count(&txn, DATABASE_METRICS);
    txn_abort(&txn);
    return count;
}

static void samples_of_a_minute_are_summed_up(void **state)
{
    (void)state;
    record(&READS, 0.5);
    record(&READS, 3);
    record(&READS, 1);
    record(&INDEX_READS, 7);
    assert_value(&READS, this_minute(), (struct metric_value){ 4.5, 0.5, 3, 3 });
    assert_value(&INDEX_READS, this_minute(), (struct metric_value){ 7, 7, 7, 1 });
    assert_value(&READS, this_minute() - 1, (struct metric_value){ 0 });
}

static void a_minute_that_is_over_is_moved_and_reads_the_same(void **state)
{
    (void)state;
    int64_t minute = this_minute();
    record(&READS, 2);
    assert_false(store_step(&store));
    assert_int_equal(records_kept(), 0); /* not over yet */
    store_advance(&store, METRIC_MINUTE_MS);
    assert_int_equal(records_kept(), 1);
    record(&READS, 5);
    assert_value(&READS, minute, (struct metric_value){ 2, 2, 2, 1 });
    assert_value(&READS, minute + 1, (struct metric_value){ 5, 5, 5, 1 });
}

static void minutes_of_an_hour_share_a_record(void **state)
{
    (void)state;
    int64_t first = this_minute();
    assert_int_equal(first % METRIC_HOUR_MINUTES, 0);
    for (int i = 0; i < METRIC_HOUR_MINUTES; i++) {
        record(&READS, i);
        store_advance(&store, METRIC_MINUTE_MS);
    }
    assert_int_equal(records_kept(), 1);
    for (int i = 0; i < METRIC_HOUR_MINUTES; i++) {
        assert_value(&READS, first + i, (struct metric_value){ i, i, i, 1 });
    }
}

static void minutes_pass_before_the_background_comes(void **state)
{
    (void)state;
    int64_t minute = this_minute();
    for (int i = 0; i < 3; i++) {
        record(&READS, i + 1);
        clock_advance(&store.clock, METRIC_MINUTE_MS);
    }
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
            assert_value(&READS, minute + i, (struct metric_value){ i + 1, i + 1, i + 1, 1 });
        }
        store_settle(&store);
    }
}

static void a_restart_keeps_all_of_it(void **state)
{
    (void)state;
    int64_t minute = this_minute();
    record(&READS, 2);
    store_advance(&store, METRIC_MINUTE_MS);
    record(&READS, 3);
    store_reopen(&store);
    record(&READS, 4); /* the same minute goes on */
    assert_value(&READS, minute, (struct metric_value){ 2, 2, 2, 1 });
    assert_value(&READS, minute + 1, (struct metric_value){ 7, 3, 4, 2 });
    store_advance(&store, METRIC_MINUTE_MS);
    assert_value(&READS, minute + 1, (struct metric_value){ 7, 3, 4, 2 });
}

static void nothing_is_written_while_nothing_happens(void **state)
{
    (void)state;
    record(&READS, 1);
    store_advance(&store, METRIC_MINUTE_MS);
    assert_true(background_step(store.storage.background) == LIFECYCLE_NEVER);
    store_advance(&store, HOUR_MS);
    assert_true(background_step(store.storage.background) == LIFECYCLE_NEVER);
    assert_int_equal(records_kept(), 1);
}

static void what_is_older_than_fifteen_days_is_removed(void **state)
{
    (void)state;
    int64_t minute = this_minute();
    record(&READS, 1);
    store_advance(&store, 15 * DAY_MS);
    record(&READS, 2);
    store_advance(&store, METRIC_MINUTE_MS);
    assert_value(&READS, minute, (struct metric_value){ 1, 1, 1, 1 }); /* its hour is not over */
    store_advance(&store, HOUR_MS);
    record(&READS, 3);
    store_advance(&store, METRIC_MINUTE_MS);
    assert_value(&READS, minute, (struct metric_value){ 0 });
    assert_int_equal(records_kept(), 2);
}

struct seen {
    int reads;
    int index_reads;
    int64_t last_minute;
};

static void see(void *context, const struct metric_series *series, int64_t last_minute)
{
    struct seen *seen = context;
    seen->reads += metric_series_equal(series, &READS);
    seen->index_reads += metric_series_equal(series, &INDEX_READS);
    seen->last_minute = last_minute;
}

static void series_are_told_since_a_minute(void **state)
{
    (void)state;
    struct metrics_view view;
    struct seen all = { 0 };
    struct seen recent = { 0 };
    record(&READS, 1);
    store_advance(&store, 3 * HOUR_MS);
    record(&INDEX_READS, 1);
    metrics_view_begin(store.storage.metrics, &view);
    metrics_view_visit(&view, 0, see, &all);
    metrics_view_visit(&view, this_minute() - METRIC_HOUR_MINUTES, see, &recent);
    assert_int_equal(metrics_view_end(&view), STORAGE_OK);
    assert_true(all.reads == 1 && all.index_reads == 1);
    assert_true(recent.reads == 0 && recent.index_reads == 1);
    assert_int_equal(recent.last_minute, this_minute());
}

static void *record_many(void *context)
{
    for (int i = 0; i < SAMPLES / THREADS; i++) {
        record(context, 1);
    }
    return NULL;
}

static void threads_record_at_once(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct metric_series series = READS;
    struct arena arena;
    size_t count;
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, record_many, &series), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    assert_value(&READS, this_minute(), (struct metric_value){ SAMPLES, 1, 1, SAMPLES });
    arena_init(&arena);
    const struct metric_total *totals = metrics_totals(store.storage.metrics, &arena, &count);
    assert_int_equal(count, 1);
    assert_int_equal(totals[0].value.count, SAMPLES);
    arena_deinit(&arena);
}

static void totals_grow_over_minutes(void **state)
{
    (void)state;
    struct arena arena;
    size_t count;
    record(&READS, 1);
    store_advance(&store, METRIC_MINUTE_MS);
    record(&READS, 2);
    record(&INDEX_READS, 8);
    arena_init(&arena);
    const struct metric_total *totals = metrics_totals(store.storage.metrics, &arena, &count);
    assert_int_equal(count, 2);
    assert_true(metric_series_equal(&totals[0].series, &READS) && totals[0].value.sum == 3);
    assert_true(metric_series_equal(&totals[1].series, &INDEX_READS) && totals[1].value.sum == 8);
    arena_deinit(&arena);
}

static enum storage_status put_numbered(unsigned number)
{
    static char filler[10000];
    char text[sizeof filler + 64];
    memset(filler, 'x', sizeof filler - 1);
    (void)snprintf(text, sizeof text, "{pk:'%u',f:'%s'}", number, filler);
    return store_try_put(&store, "T", literal_item(&store.arena, text));
}

static enum storage_status delete_numbered(unsigned number)
{
    char text[64];
    (void)snprintf(text, sizeof text, "{pk:'%u'}", number);
    return store_try_delete(&store, "T", literal_item(&store.arena, text));
}

/* They are lost instead, and the server goes on. */
static void metrics_leave_the_room_for_deleting_in_a_full_map(void **state)
{
    (void)state;
    unsigned count = 0;
    store_close(&store);
    store_open(&store, (struct store_options){ .map_size_bytes = UINT64_C(4) << 20 });
    store_create_table(&store, "T", "pk:S", NULL, 0);
    while (put_numbered(count) == STORAGE_OK) {
        count++;
    }
    for (int i = 0; i < 100; i++) {
        record(&READS, 1);
        store_advance(&store, METRIC_MINUTE_MS);
    }
    assert_int_equal(records_kept(), 0);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(delete_numbered(i), STORAGE_OK);
    }
    record(&READS, 1);
    store_advance(&store, METRIC_MINUTE_MS);
    assert_int_equal(records_kept(), 1);
}

static void totals_of_a_table_that_is_gone_are_dropped(void **state)
{
    (void)state;
    const struct metric_series gone = { .metric = METRIC_CONSUMED_READ_CAPACITY_UNITS,
                                        .table_name = BYTES("Gone") };
    const struct metric_series none = { .metric = METRIC_USER_ERRORS };
    struct arena arena;
    size_t count;
    store_create_table(&store, "T", "pk:S", NULL, 0);
    record(&READS, 1);
    record(&gone, 1);
    record(&none, 1);
    arena_init(&arena);
    store_advance(&store, HOUR_MS);
    (void)metrics_totals(store.storage.metrics, &arena, &count);
    assert_int_equal(count, 3);
    for (int i = 0; i < 10; i++) { /* a part of the series is looked through at each move */
        record(&INDEX_READS, 1);
        store_advance(&store, METRIC_MINUTE_MS);
    }
    const struct metric_total *totals = metrics_totals(store.storage.metrics, &arena, &count);
    assert_int_equal(count, 3);
    assert_true(metric_series_equal(&totals[0].series, &READS) && totals[0].value.sum == 1);
    assert_true(metric_series_equal(&totals[1].series, &INDEX_READS));
    assert_true(metric_series_equal(&totals[2].series, &none));
    arena_deinit(&arena);
}

/* ---- an index that is being built ---- */

static const struct metric_series PROGRESS = { .metric = METRIC_ONLINE_INDEX_PERCENTAGE_PROGRESS,
                                               .table_name = { (const uint8_t *)"T", 1 },
                                               .index_name = { (const uint8_t *)"by_a", 4 } };
static const struct metric_series CONSUMED = { .metric =
                                                   METRIC_ONLINE_INDEX_CONSUMED_WRITE_CAPACITY,
                                               .table_name = { (const uint8_t *)"T", 1 },
                                               .index_name = { (const uint8_t *)"by_a", 4 } };

static void a_build_is_measured_minute_by_minute(void **state)
{
    (void)state;
    int64_t minute = this_minute();
    store_create_table(&store, "T", "pk:S", NULL, 0);
    store_settle(&store);
    store_put(&store, "T", "{pk:'1',a:'x'}");
    store_put(&store, "T", "{pk:'2',a:'x'}");
    store_put(&store, "T", "{pk:'3'}");
    store_put(&store, "T", "{pk:'4',a:'x'}");
    store_hold(&store, "T", "by_a", (struct hold){ HOLD_BACKFILLING, 2 });
    store_create_index(&store, "T", BY_A);
    store_settle(&store);
    assert_true(value_at(&PROGRESS, minute).maximum == 50);
    store_advance(&store, METRIC_MINUTE_MS);
    assert_true(value_at(&PROGRESS, minute + 1).minimum == 50); /* held is not gone */
    store_release(&store, "T", "by_a");
    store_settle(&store);
    assert_true(value_at(&PROGRESS, minute + 1).maximum == 100);
    assert_true(value_at(&CONSUMED, minute).sum + value_at(&CONSUMED, minute + 1).sum == 3);
    store_advance(&store, METRIC_MINUTE_MS);
    assert_int_equal(value_at(&PROGRESS, minute + 2).count, 0);
    assert_true(background_step(store.storage.background) == LIFECYCLE_NEVER);
}

int main(void)
{
#define METRICS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        METRICS_TEST(samples_of_a_minute_are_summed_up),
        METRICS_TEST(a_minute_that_is_over_is_moved_and_reads_the_same),
        METRICS_TEST(minutes_of_an_hour_share_a_record),
        METRICS_TEST(minutes_pass_before_the_background_comes),
        METRICS_TEST(a_restart_keeps_all_of_it),
        METRICS_TEST(nothing_is_written_while_nothing_happens),
        METRICS_TEST(what_is_older_than_fifteen_days_is_removed),
        METRICS_TEST(series_are_told_since_a_minute),
        METRICS_TEST(threads_record_at_once),
        METRICS_TEST(totals_grow_over_minutes),
        METRICS_TEST(metrics_leave_the_room_for_deleting_in_a_full_map),
        METRICS_TEST(totals_of_a_table_that_is_gone_are_dropped),
        METRICS_TEST(a_build_is_measured_minute_by_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
