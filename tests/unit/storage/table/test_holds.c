/* Where builds must stop: set, found, replaced, released, kept. */

#include "storage/table/holds.h"

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
    store_open(&store, (struct store_options){ .is_durable = true });
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

static bool find(const char *table, const char *index, struct hold *out_hold)
{
    struct txn txn;
    txn_begin_read(store.storage.env, &txn);
    bool found = hold_find(&txn, bytes_of_text(table), bytes_of_text(index), out_hold);
    assert_int_equal(txn.status, STORAGE_OK);
    txn_abort(&txn);
    return found;
}

static void a_hold_is_found_as_it_was_set_after_a_restart_too(void **state)
{
    (void)state;
    struct hold hold;
    static const struct hold HOLDS[] = {
        { HOLD_ALLOCATING, 0 },
        { HOLD_BACKFILLING, 0 },
        { HOLD_BACKFILLING, 258 },
        { HOLD_BACKFILLING, UINT64_MAX },
    };
    assert_false(find("T", "i", &hold));
    for (size_t i = 0; i < sizeof HOLDS / sizeof HOLDS[0]; i++) {
        store_hold(&store, "T", "i", HOLDS[i]); /* the newest counts */
        store_reopen(&store);
        assert_true(find("T", "i", &hold));
        assert_int_equal(hold.phase, HOLDS[i].phase);
        assert_true(hold.after_items == HOLDS[i].after_items);
    }
}

static void a_released_hold_is_gone_and_the_others_stay(void **state)
{
    (void)state;
    struct hold hold;
    struct txn txn;
    store_hold(&store, "T", "i", (struct hold){ HOLD_ALLOCATING, 0 });
    store_hold(&store, "T", "ii", (struct hold){ HOLD_ALLOCATING, 0 });
    store_hold(&store, "Ti", "i", (struct hold){ HOLD_ALLOCATING, 0 });
    store_release(&store, "T", "i");
    assert_false(find("T", "i", &hold));
    assert_true(find("T", "ii", &hold));
    assert_true(find("Ti", "i", &hold));
    txn_begin_write(store.storage.env, &txn);
    assert_false(hold_release(&txn, BYTES("T"), BYTES("i")));
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static void names_do_not_run_together(void **state)
{
    (void)state;
    struct hold hold;
    store_hold(&store, "ab", "c", (struct hold){ HOLD_ALLOCATING, 0 });
    assert_false(find("a", "bc", &hold));
    assert_false(find("abc", "", &hold));
    assert_true(find("ab", "c", &hold));
}

static void the_longest_names_have_room(void **state)
{
    (void)state;
    char table[256];
    char index[256];
    struct hold hold;
    memset(table, 't', 255);
    memset(index, 'i', 255);
    table[255] = index[255] = '\0';
    store_hold(&store, table, index, (struct hold){ HOLD_BACKFILLING, 5 });
    assert_true(find(table, index, &hold));
    assert_int_equal(hold.after_items, 5);
}

static void a_table_that_goes_takes_its_holds_along(void **state)
{
    (void)state;
    struct hold hold;
    struct txn txn;
    store_hold(&store, "T", "i", (struct hold){ HOLD_ALLOCATING, 0 });
    store_hold(&store, "T", "never-built", (struct hold){ HOLD_BACKFILLING, 7 });
    store_hold(&store, "T2", "i", (struct hold){ HOLD_ALLOCATING, 0 });
    txn_begin_write(store.storage.env, &txn);
    hold_forget_table(&txn, bytes_of_text("T"));
    hold_forget_table(&txn, bytes_of_text("unknown"));
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_false(find("T", "i", &hold));
    assert_false(find("T", "never-built", &hold));
    assert_true(find("T2", "i", &hold));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_hold_is_found_as_it_was_set_after_a_restart_too),
        CASE(a_released_hold_is_gone_and_the_others_stay),
        CASE(a_table_that_goes_takes_its_holds_along),
        CASE(names_do_not_run_together),
        CASE(the_longest_names_have_room),
    };
    return cmocka_run_group_tests_name("holds", tests, NULL, NULL);
}
