/* Freezes: set, found, changed, removed; they outlive a restart and go with their table. */

#include "storage/table/freezes.h"
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

static void freeze(const char *table, const char *error)
{
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    freeze_set(&txn, bytes_of_text(table), bytes_of_text(error));
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static bool thaw(const char *table)
{
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    bool was_frozen = freeze_remove(&txn, bytes_of_text(table));
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    return was_frozen;
}

/* NULL: it is not frozen. */
static void assert_frozen(const char *table, const char *error)
{
    struct txn txn;
    struct bytes found = BYTES("");
    txn_begin_read(store.storage.env, &txn);
    assert_int_equal(freeze_find(&txn, bytes_of_text(table), &found), error != NULL);
    if (error != NULL) {
        assert_true(bytes_equal(found, bytes_of_text(error)));
    }
    txn_abort(&txn);
}

static void a_table_is_frozen_until_it_is_thawed(void **state)
{
    (void)state;
    assert_frozen("Tab", NULL);
    freeze("Tab", "First");
    assert_frozen("Tab", "First");
    assert_frozen("Tabl", NULL);
    assert_frozen("Ta", NULL);
    assert_frozen("", NULL);
    freeze("Tab", "Second");
    assert_frozen("Tab", "Second");
    assert_true(thaw("Tab"));
    assert_frozen("Tab", NULL);
    assert_false(thaw("Tab"));
}

static void a_freeze_outlives_a_restart(void **state)
{
    (void)state;
    freeze("Tab", "Error");
    store_reopen(&store);
    assert_frozen("Tab", "Error");
}

static void a_freeze_is_no_hold_and_no_hold_a_freeze(void **state)
{
    (void)state;
    struct hold hold;
    struct txn txn;
    freeze("Tab", "Error");
    txn_begin_read(store.storage.env, &txn);
    assert_false(hold_find(&txn, BYTES("Tab"), BYTES("index"), &hold));
    txn_abort(&txn);
    assert_true(thaw("Tab"));
    store_hold(&store, "Tab", "index", (struct hold){ .phase = HOLD_ALLOCATING });
    assert_frozen("Tab", NULL);
}

static void a_freeze_goes_with_its_table(void **state)
{
    (void)state;
    store_create_table(&store, "Tab", "pk:S", NULL, 0);
    store_create_table(&store, "Tab2", "pk:S", NULL, 0);
    freeze("Tab", "Error");
    freeze("Tab2", "Error");
    store_delete_table(&store, "Tab");
    store_settle(&store);
    assert_frozen("Tab", NULL);
    assert_frozen("Tab2", "Error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_table_is_frozen_until_it_is_thawed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_freeze_outlives_a_restart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_freeze_is_no_hold_and_no_hold_a_freeze, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_freeze_goes_with_its_table, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("freezes", tests, NULL, NULL);
}
