/* Settings by kind and owner: kept apart, found in order, gone with their table. */

#include "storage/table/table_settings.h"

#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int open_store(void **state)
{
    static struct store store;
    store_open(&store, (struct store_options){ .is_durable = false });
    *state = &store;
    return 0;
}

static int close_store(void **state)
{
    store_close(*state);
    return 0;
}

static void put(struct store *store, enum setting_kind kind, struct bytes owner, const char *record)
{
    struct txn txn;
    txn_begin_write(store->storage.env, &txn);
    setting_put(&txn, kind, owner, bytes_of_text(record));
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

/* The record as text, or NULL. */
static const char *find(struct store *store, enum setting_kind kind, struct bytes owner)
{
    struct txn txn;
    struct bytes record;
    txn_begin_read(store->storage.env, &txn);
    bool found = setting_find(&txn, kind, owner, &record);
    const char *text = found ? bytes_to_text(&store->arena, record) : NULL;
    txn_abort(&txn);
    return text;
}

static void kinds_and_owners_are_kept_apart(void **state)
{
    struct store *store = *state;
    put(store, SETTING_TAGS, BYTES("T"), "tags of T");
    put(store, SETTING_TAGS, BYTES("TT"), "tags of TT");
    put(store, SETTING_TIME_TO_LIVE, BYTES("T"), "ttl of T");
    put(store, SETTING_TAGS, BYTES("T"), "new tags of T");
    assert_string_equal(find(store, SETTING_TAGS, BYTES("T")), "new tags of T");
    assert_string_equal(find(store, SETTING_TAGS, BYTES("TT")), "tags of TT");
    assert_string_equal(find(store, SETTING_TIME_TO_LIVE, BYTES("T")), "ttl of T");
    assert_null(find(store, SETTING_TIME_TO_LIVE, BYTES("TT")));
    assert_null(find(store, SETTING_RESOURCE_POLICY, BYTES("T")));
}

static void one_kind_is_walked_in_order_of_owners(void **state)
{
    struct store *store = *state;
    put(store, SETTING_TAGS, BYTES("Z"), "of another kind");
    put(store, SETTING_CONTINUOUS_BACKUPS, BYTES("A"), "of another kind");
    put(store, SETTING_CONTRIBUTOR_INSIGHTS, BYTES("b"), "2");
    put(store, SETTING_CONTRIBUTOR_INSIGHTS, BYTES("a"), "1");
    put(store, SETTING_CONTRIBUTOR_INSIGHTS, BYTES("bb"), "3");
    static const char *const EXPECTED[] = { "1", "2", "3" };
    struct txn txn;
    struct bytes owner = BYTES("");
    struct bytes record;
    txn_begin_read(store->storage.env, &txn);
    for (size_t i = 0; i < 3; i++) {
        assert_true(setting_next(&txn, &store->arena, SETTING_CONTRIBUTOR_INSIGHTS, owner, &owner,
                                 &record));
        assert_string_equal(bytes_to_text(&store->arena, record), EXPECTED[i]);
    }
    assert_false(
        setting_next(&txn, &store->arena, SETTING_CONTRIBUTOR_INSIGHTS, owner, &owner, &record));
    txn_abort(&txn);
}

static void all_of_a_table_goes_and_nothing_else(void **state)
{
    struct store *store = *state;
    struct bytes stream = setting_owner_of_stream(&store->arena, BYTES("T"), BYTES("label"));
    put(store, SETTING_TAGS, BYTES("T"), "1");
    put(store, SETTING_TAGS, stream, "2");
    put(store, SETTING_KINESIS_DESTINATIONS, BYTES("T"), "3");
    put(store, SETTING_TAGS, BYTES("T1"), "kept");
    put(store, SETTING_TAGS, BYTES("S"), "kept");
    struct txn txn;
    txn_begin_write(store->storage.env, &txn);
    settings_forget_table(&txn, BYTES("T"));
    setting_remove(&txn, SETTING_TAGS, BYTES("none"));
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    assert_null(find(store, SETTING_TAGS, BYTES("T")));
    assert_null(find(store, SETTING_TAGS, stream));
    assert_null(find(store, SETTING_KINESIS_DESTINATIONS, BYTES("T")));
    assert_string_equal(find(store, SETTING_TAGS, BYTES("T1")), "kept");
    assert_string_equal(find(store, SETTING_TAGS, BYTES("S")), "kept");
}

static void a_table_takes_its_settings_along(void **state)
{
    struct store *store = *state;
    store_create_table(store, "Tab", "pk:S", NULL, 0);
    put(store, SETTING_RESOURCE_POLICY, BYTES("Tab"), "policy");
    store_delete_table(store, "Tab");
    store_settle(store);
    assert_null(find(store, SETTING_RESOURCE_POLICY, BYTES("Tab")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kinds_and_owners_are_kept_apart, open_store, close_store),
        cmocka_unit_test_setup_teardown(one_kind_is_walked_in_order_of_owners, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(all_of_a_table_goes_and_nothing_else, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(a_table_takes_its_settings_along, open_store, close_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
