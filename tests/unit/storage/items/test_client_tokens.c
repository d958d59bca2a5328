/* Tokens of transactions: kept, found until their time is over, removed by the background. */

#include "storage/items/client_tokens.h"

#include "storage/lmdb/layout.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LIFE_MS = 1000, EXPIRED_PER_STEP = 256 };

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

static void put(struct bytes token, uint8_t mark)
{
    const struct client_token_reads reads[] = {
        { .table_name = BYTES("Accounts"), .units = 4 },
        { .table_name = BYTES("Audit"), .units = UINT64_MAX },
    };
    struct client_token value = {
        .expires_ms = clock_now_ms(&store.clock) + LIFE_MS,
        .reads = reads,
        .reads_count = 2,
    };
    struct txn txn;
    memset(value.fingerprint, mark, sizeof value.fingerprint);
    txn_begin_write(store.storage.env, &txn);
    client_token_put(&txn, &store.arena, token, &value);
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static bool find(struct bytes token, struct client_token *out_token)
{
    struct txn txn;
    txn_begin_read(store.storage.env, &txn);
    bool found =
        client_token_find(&txn, &store.arena, token, clock_now_ms(&store.clock), out_token);
    assert_int_equal(txn.status, STORAGE_OK);
    txn_abort(&txn);
    return found;
}

static uint64_t entries(void)
{
    struct txn txn;
    txn_begin_read(store.storage.env, &txn);
    uint64_t count = txn_count(&txn, DATABASE_CLIENT_TOKENS);
    txn_abort(&txn);
    return count;
}

static void a_token_comes_back_as_it_was_kept(void **state)
{
    (void)state;
    struct client_token token;
    put(BYTES("one"), 1);
    put(BYTES("one more"), 2);
    store_reopen(&store);
    assert_true(find(BYTES("one"), &token));
    assert_int_equal(token.expires_ms, clock_now_ms(&store.clock) + LIFE_MS);
    assert_int_equal(token.fingerprint[0], 1);
    assert_int_equal(token.fingerprint[CLIENT_TOKEN_FINGERPRINT_SIZE - 1], 1);
    assert_int_equal(token.reads_count, 2);
    assert_true(bytes_equal(token.reads[0].table_name, BYTES("Accounts")));
    assert_int_equal(token.reads[0].units, 4);
    assert_true(bytes_equal(token.reads[1].table_name, BYTES("Audit")));
    assert_true(token.reads[1].units == UINT64_MAX);
    assert_false(find(BYTES("on"), &token));
    assert_false(find(BYTES("two"), &token));
}

static void a_token_counts_until_its_time_is_over(void **state)
{
    (void)state;
    struct client_token token;
    put(BYTES("t"), 1);
    clock_advance(&store.clock, LIFE_MS - 1);
    assert_true(find(BYTES("t"), &token));
    clock_advance(&store.clock, 1);
    assert_false(find(BYTES("t"), &token)); /* though nobody has removed it */
    assert_int_equal(entries(), 2);
}

static void a_token_used_anew_expires_anew(void **state)
{
    (void)state;
    struct client_token token;
    put(BYTES("t"), 1);
    clock_advance(&store.clock, LIFE_MS);
    put(BYTES("t"), 2);
    assert_int_equal(entries(), 2);
    store_advance(&store, LIFE_MS - 1);
    assert_true(find(BYTES("t"), &token));
    assert_int_equal(token.fingerprint[0], 2);
    store_advance(&store, 1);
    assert_int_equal(entries(), 0);
}

static void the_background_removes_what_is_due_and_no_more(void **state)
{
    (void)state;
    struct client_token token;
    put(BYTES("early"), 1);
    clock_advance(&store.clock, 10);
    put(BYTES("late"), 2);
    assert_int_equal(background_step(store.storage.background),
                     clock_now_ms(&store.clock) - 10 + LIFE_MS);
    store_advance(&store, LIFE_MS - 10);
    assert_int_equal(entries(), 2);
    assert_true(find(BYTES("late"), &token));
    store_advance(&store, 10);
    assert_int_equal(entries(), 0);
    assert_int_equal(background_step(store.storage.background), LIFECYCLE_NEVER);
}

static void many_are_removed_in_bounded_steps(void **state)
{
    (void)state;
    for (int i = 0; i <= EXPIRED_PER_STEP; i++) {
        char token[16];
        (void)snprintf(token, sizeof token, "%d", i);
        put(bytes_of_text(token), 0);
    }
    clock_advance(&store.clock, LIFE_MS);
    assert_true(store_step(&store));
    assert_int_equal(entries(), 2);
    assert_false(store_step(&store));
    assert_int_equal(entries(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_token_comes_back_as_it_was_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_counts_until_its_time_is_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_used_anew_expires_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_background_removes_what_is_due_and_no_more, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(many_are_removed_in_bounded_steps, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
