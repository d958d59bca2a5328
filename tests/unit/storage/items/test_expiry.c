/* Items whose time to live is over: which they are, and that they go in the background. */

#include "storage/items/expiry.h"

#include "storage/metrics/metrics.h"
#include "storage/table/freezes.h"
#include "storage/table/time_to_live.h"
#include "tests/support/literal.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { SWEEP_MS = 1000 * 1000 };

static const struct durations DURATIONS = { .ttl_sweep_ms = SWEEP_MS };

static int open_store(void **state)
{
    static struct store store;
    store_open(&store, (struct store_options){ .durations = DURATIONS });
    *state = &store;
    return 0;
}

static int close_store(void **state)
{
    store_close(*state);
    return 0;
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)

static int64_t now_s(struct store *store)
{
    return clock_now_ms(&store->clock) / 1000;
}

static void enable(struct store *store, const char *table, const char *attribute)
{
    struct txn txn;
    const struct time_to_live setting = { .is_enabled = true,
                                          .attribute_name = bytes_of_text(attribute) };
    txn_begin_write(store->storage.env, &txn);
    time_to_live_put(&txn, &store->arena, bytes_of_text(table), &setting);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

/* An item that expires `in_s` from now. */
static void put_expiring(struct store *store, const char *table, const char *pk, int64_t in_s)
{
    char item[128];
    (void)snprintf(item, sizeof item, "{pk:'%s', at:%lld}", pk, (long long)(now_s(store) + in_s));
    store_put(store, table, item);
}

static double deleted_count(struct store *store, const char *table)
{
    size_t count;
    double sum = 0;
    struct metric_total *totals = metrics_totals(store->storage.metrics, &store->arena, &count);
    for (size_t i = 0; i < count; i++) {
        if (totals[i].series.metric == METRIC_TIME_TO_LIVE_DELETED_ITEM_COUNT &&
            bytes_equal(totals[i].series.table_name, bytes_of_text(table))) {
            sum += totals[i].value.sum;
        }
    }
    return sum;
}

static void numbers_of_the_last_five_years_expire(void **state)
{
    static const struct {
        const char *item;
        bool is_expired;
    } rows[] = {
        { "{pk:'a', at:1000000000}", true },
        { "{pk:'a', at:1000000001}", false },
        { "{pk:'a', at:999999999.5}", true },
        { "{pk:'a', at:1000000000.999}", true },
        { "{pk:'a', at:842320000}", true },
        { "{pk:'a', at:842319999}", false },
        { "{pk:'a', at:0}", false },
        { "{pk:'a', at:-1000000000}", false },
        { "{pk:'a', at:10000000000000000000000000000}", false },
        { "{pk:'a', at:'1000000000'}", false },
        { "{pk:'a', at:[1000000000]}", false },
        { "{pk:'a', at:true}", false },
        { "{pk:'a'}", false },
    };
    struct store *store = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes item = literal_item(&store->arena, rows[i].item);
        assert_int_equal(item_is_expired(item, BYTES("at"), INT64_C(1000000000999)),
                         rows[i].is_expired);
    }
}

static void a_sweep_deletes_from_the_table_and_its_indexes(void **state)
{
    static const struct store_index INDEX = { .name = "by", .key = "at:N", .projection = "ALL" };
    struct store *store = *state;
    store_create_table(store, "Tab", "pk:S", &INDEX, 1);
    store_create_table(store, "Other", "pk:S", NULL, 0);
    put_expiring(store, "Tab", "old", -10);
    put_expiring(store, "Tab", "new", 10);
    put_expiring(store, "Other", "old", -10);
    enable(store, "Tab", "at");
    assert_int_equal(store_count(store, "Tab", NULL), 2);
    store_settle(store);
    assert_null(store_get(store, "Tab", "{pk:'old'}"));
    assert_non_null(store_get(store, "Tab", "{pk:'new'}"));
    assert_int_equal(store_count(store, "Tab", "by"), 1);
    assert_int_equal(store_count(store, "Other", NULL), 1);
    assert_true(deleted_count(store, "Tab") == 1);
    store_advance(store, 10 * 1000); /* expired, and not looked at yet */
    assert_int_equal(store_count(store, "Tab", NULL), 1);
    store_advance(store, SWEEP_MS);
    assert_int_equal(store_count(store, "Tab", NULL), 0);
    assert_int_equal(store_size(store, "Tab", NULL), 0);
    assert_int_equal(store_size(store, "Tab", "by"), 0);
    assert_true(deleted_count(store, "Tab") == 2);
}

static void many_items_go_in_steps(void **state)
{
    enum { ITEMS = 1000 };
    struct store *store = *state;
    store_create_table(store, "Tab", "pk:S", NULL, 0);
    for (int i = 0; i < ITEMS; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%d", i);
        put_expiring(store, "Tab", name, i % 10 == 0 ? 100 : -1);
    }
    enable(store, "Tab", "at");
    size_t steps = 0;
    while (store_step(store)) {
        steps++;
    }
    assert_true(steps >= 3); /* 900 to delete, at most 256 in one transaction */
    assert_int_equal(store_count(store, "Tab", NULL), ITEMS / 10);
    assert_true(deleted_count(store, "Tab") == ITEMS - ITEMS / 10);
}

static void only_what_is_enabled_is_swept(void **state)
{
    struct store *store = *state;
    store_create_table(store, "Tab", "pk:S", NULL, 0);
    put_expiring(store, "Tab", "old", -10);
    struct txn txn;
    const struct time_to_live later = { .is_enabled = true,
                                        .attribute_name = BYTES("at"),
                                        .due_ms = clock_now_ms(&store->clock) + 5 };
    const struct time_to_live disabled = { .attribute_name = BYTES("at") };
    txn_begin_write(store->storage.env, &txn);
    time_to_live_put(&txn, &store->arena, BYTES("Tab"), &later);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    store_settle(store);
    assert_int_equal(store_count(store, "Tab", NULL), 1);
    txn_begin_write(store->storage.env, &txn);
    time_to_live_put(&txn, &store->arena, BYTES("Tab"), &disabled);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    store_advance(store, 2 * SWEEP_MS);
    assert_int_equal(store_count(store, "Tab", NULL), 1);
    enable(store, "Tab", "another");
    store_advance(store, 2 * SWEEP_MS);
    assert_int_equal(store_count(store, "Tab", NULL), 1);
}

static void without_tables_that_expire_nothing_waits(void **state)
{
    struct store *store = *state;
    struct expiry expiry = { .interval_ms = 10 };
    struct metric_samples samples = { .arena = &store->arena };
    assert_true(expiry_step(store->storage.env, &store->arena, &expiry, 5, &samples) ==
                EXPIRY_NEVER);
    store_create_table(store, "Tab", "pk:S", NULL, 0);
    enable(store, "Tab", "at");
    int64_t now_ms = clock_now_ms(&store->clock);
    int64_t next_ms = now_ms;
    for (int i = 0; next_ms == now_ms; i++) {
        assert_true(i < 10);
        next_ms = expiry_step(store->storage.env, &store->arena, &expiry, now_ms, &samples);
    }
    assert_true(next_ms >= now_ms + 10);
    assert_true(expiry_step(store->storage.env, &store->arena, &expiry, next_ms - 1, &samples) ==
                next_ms);
    expiry.interval_ms = 0; /* turned off */
    assert_true(expiry_step(store->storage.env, &store->arena, &expiry, next_ms, &samples) ==
                EXPIRY_NEVER);
}

/* What a long sweep took is waited for ten times over. */
static void a_sweep_rests(void **state)
{
    struct store *store = *state;
    struct expiry expiry = { .interval_ms = 10, .is_sweeping = true };
    struct metric_samples samples = { .arena = &store->arena };
    store_create_table(store, "Tab", "pk:S", NULL, 0);
    enable(store, "Tab", "at");
    expiry.table_length = 3; /* past the only table */
    expiry.table[0] = 'Z';
    expiry.table[1] = 'Z';
    expiry.table[2] = 'Z';
    expiry.worked_ns = INT64_C(5) * 1000 * 1000 * 1000;
    assert_true(expiry_step(store->storage.env, &store->arena, &expiry, 7, &samples) >=
                7 + 50 * 1000);
}

static void an_item_with_a_later_time_stays(void **state)
{
    struct store *store = *state;
    store_create_table(store, "Tab", "pk:S", NULL, 0);
    put_expiring(store, "Tab", "old", -10);
    put_expiring(store, "Tab", "renewed", -10);
    enable(store, "Tab", "at");
    put_expiring(store, "Tab", "renewed", 10);
    store_settle(store);
    assert_null(store_get(store, "Tab", "{pk:'old'}"));
    assert_non_null(store_get(store, "Tab", "{pk:'renewed'}"));
}

static void a_restart_goes_on(void **state)
{
    (void)state;
    struct store store;
    store_open(&store, (struct store_options){ .is_durable = true, .durations = DURATIONS });
    store_create_table(&store, "Tab", "pk:S", NULL, 0);
    for (int i = 0; i < 600; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%d", i);
        put_expiring(&store, "Tab", name, -1);
    }
    enable(&store, "Tab", "at");
    assert_true(store_step(&store));
    uint64_t left = store_count(&store, "Tab", NULL);
    assert_in_range(left, 1, 599);
    store_reopen(&store);
    store_settle(&store);
    assert_int_equal(store_count(&store, "Tab", NULL), 0);
    store_close(&store);
}

static void items_of_a_frozen_table_stay(void **state)
{
    struct store *store = *state;
    store_create_table(store, "Tab", "pk:S", NULL, 0);
    put_expiring(store, "Tab", "old", -10);
    enable(store, "Tab", "at");
    struct txn txn;
    txn_begin_write(store->storage.env, &txn);
    freeze_set(&txn, BYTES("Tab"), BYTES("ThrottlingException"));
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    store_settle(store);
    assert_int_equal(store_count(store, "Tab", NULL), 1);
    txn_begin_write(store->storage.env, &txn);
    assert_true(freeze_remove(&txn, BYTES("Tab")));
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    store_advance(store, SWEEP_MS);
    assert_int_equal(store_count(store, "Tab", NULL), 0);
}

static void a_table_that_goes_is_passed_over(void **state)
{
    struct store *store = *state;
    store_create_table(store, "Gone", "pk:S", NULL, 0);
    store_create_table(store, "Tab", "pk:S", NULL, 0);
    put_expiring(store, "Tab", "old", -10);
    enable(store, "Tab", "at");
    enable(store, "Gone", "at");
    enable(store, "Never was", "at");
    store_delete_table(store, "Gone");
    store_settle(store);
    assert_int_equal(store_count(store, "Tab", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(numbers_of_the_last_five_years_expire),
        STORE_TEST(a_sweep_deletes_from_the_table_and_its_indexes),
        STORE_TEST(many_items_go_in_steps),
        STORE_TEST(only_what_is_enabled_is_swept),
        STORE_TEST(without_tables_that_expire_nothing_waits),
        STORE_TEST(a_sweep_rests),
        STORE_TEST(an_item_with_a_later_time_stays),
        cmocka_unit_test(a_restart_goes_on),
        STORE_TEST(items_of_a_frozen_table_stay),
        STORE_TEST(a_table_that_goes_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
