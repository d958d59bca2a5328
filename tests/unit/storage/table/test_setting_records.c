/* The records of the settings: what is written is read, and what is damaged is noticed. */

#include "storage/table/continuous_backups.h"
#include "storage/table/contributor_insights.h"
#include "storage/table/kinesis_destinations.h"
#include "storage/table/resource_policy.h"
#include "storage/table/tags.h"
#include "storage/table/time_to_live.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct bytes OWNER = { (const uint8_t *)"Tab", 3 };

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

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)

static void assert_text(struct bytes actual, const char *expected)
{
    assert_true(bytes_equal(actual, bytes_of_text(expected)));
}

static void tags_are_read_as_written(void **state)
{
    struct store *store = *state;
    struct arena *arena = &store->arena;
    struct tag tags[] = { { BYTES("a"), BYTES("1") }, { BYTES("b"), BYTES("") } };
    const struct tag_state written = {
        .tags = { tags, 2 }, .before = { tags, 1 }, .change = { tags + 1, 1 }, .due_ms = 1000
    };
    struct txn txn;
    txn_begin_write(store->storage.env, &txn);
    struct tag_state none = tags_find(&txn, arena, OWNER);
    assert_int_equal(none.tags.count, 0);
    assert_false(tags_are_changing(&none, 0));
    tags_put(&txn, arena, OWNER, &written);
    struct tag_state read = tags_find(&txn, arena, OWNER);
    assert_int_equal(tags_seen(&read, 999).count, 1);
    assert_int_equal(tags_seen(&read, 1000).count, 2);
    assert_text(tag_find(&read.tags, BYTES("b"))->value, "");
    assert_null(tag_find(&read.tags, BYTES("c")));
    assert_text(read.change.tags[0].key, "b");
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static void sets_of_tags_are_merged_and_cut(void **state)
{
    struct store *store = *state;
    struct tag first[] = { { BYTES("a"), BYTES("1") }, { BYTES("b"), BYTES("1") } };
    struct tag second[] = { { BYTES("c"), BYTES("2") }, { BYTES("a"), BYTES("2") } };
    struct tag_set left = { first, 2 };
    struct tag_set right = { second, 2 };
    struct tag_set both = tags_with(&store->arena, &left, &right);
    assert_int_equal(both.count, 3);
    assert_text(both.tags[0].value, "2");
    assert_text(both.tags[1].value, "1");
    assert_text(both.tags[2].key, "c");
    assert_true(tags_contain(&both, &right));
    assert_false(tags_contain(&both, &left));
    struct bytes keys[] = { BYTES("b"), BYTES("none"), BYTES("c") };
    struct tag_set rest = tags_without(&store->arena, &both, keys, 3);
    assert_int_equal(rest.count, 1);
    assert_text(rest.tags[0].key, "a");
}

static void time_to_live_is_read_as_written(void **state)
{
    struct store *store = *state;
    struct arena *arena = &store->arena;
    struct time_to_live setting = {
        .is_enabled = true, .attribute_name = BYTES("at"), .changed_ms = 5, .due_ms = 10
    };
    struct txn txn;
    txn_begin_write(store->storage.env, &txn);
    time_to_live_put(&txn, arena, BYTES("B"), &setting);
    struct time_to_live read = time_to_live_find(&txn, arena, BYTES("B"));
    assert_text(read.attribute_name, "at");
    assert_int_equal(read.changed_ms, 5);
    assert_int_equal(time_to_live_status(&read, 9), TIME_TO_LIVE_ENABLING);
    assert_int_equal(time_to_live_status(&read, 10), TIME_TO_LIVE_ENABLED);
    setting.is_enabled = false;
    time_to_live_put(&txn, arena, BYTES("A"), &setting);
    assert_int_equal(time_to_live_status(&setting, 9), TIME_TO_LIVE_DISABLING);
    assert_int_equal(time_to_live_status(&setting, 10), TIME_TO_LIVE_DISABLED);
    struct bytes table;
    assert_true(time_to_live_next(&txn, arena, BYTES(""), &table, &read)); /* passes over A */
    assert_text(table, "B");
    assert_false(time_to_live_next(&txn, arena, table, &table, &read));
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static void insights_are_a_list_with_the_table_first(void **state)
{
    struct store *store = *state;
    struct arena *arena = &store->arena;
    struct txn txn;
    txn_begin_write(store->storage.env, &txn);
    static const char *const NAMES[] = { "two", "", "one" };
    for (size_t i = 0; i < 3; i++) {
        struct insights_list list = insights_find(&txn, arena, OWNER);
        struct insights *insights = insights_add(&list, bytes_of_text(NAMES[i]));
        insights->is_enabled = true;
        insights->mode = INSIGHTS_THROTTLED_KEYS;
        insights->rules_ms = (int64_t)i;
        insights->due_ms = 10;
        assert_ptr_equal(insights_add(&list, bytes_of_text(NAMES[i])), insights);
        insights_put(&txn, arena, OWNER, &list);
    }
    struct bytes table;
    struct insights_list list;
    assert_true(insights_next(&txn, arena, BYTES(""), &table, &list));
    assert_text(table, "Tab");
    assert_int_equal(list.count, 3);
    assert_text(list.entries[0].index_name, "");
    assert_text(list.entries[1].index_name, "two");
    assert_int_equal(list.entries[2].rules_ms, 2);
    assert_int_equal(insights_status(&list.entries[2], 9), INSIGHTS_ENABLING);
    assert_int_equal(insights_status(&list.entries[2], 10), INSIGHTS_ENABLED);
    insights_forget_index(&txn, arena, OWNER, BYTES("two"));
    insights_forget_index(&txn, arena, OWNER, BYTES("none"));
    list = insights_find(&txn, arena, OWNER);
    assert_int_equal(list.count, 2);
    assert_text(list.entries[1].index_name, "one");
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static void backups_and_policies_are_read_as_written(void **state)
{
    struct store *store = *state;
    struct arena *arena = &store->arena;
    const struct continuous_backups backups = { .is_recoverable = true,
                                                .recovery_days = 7,
                                                .recoverable_since_ms = INT64_C(1767225600123) };
    const struct resource_policy policy = {
        .version = { .document = BYTES("new"), .revision_ms = 2 },
        .before = { .document = BYTES("old"), .revision_ms = 1 },
        .due_ms = 10,
    };
    struct txn txn;
    txn_begin_write(store->storage.env, &txn);
    assert_false(continuous_backups_find(&txn, OWNER).is_recoverable);
    continuous_backups_put(&txn, OWNER, &backups);
    assert_true(continuous_backups_find(&txn, OWNER).is_recoverable);
    assert_int_equal(continuous_backups_find(&txn, OWNER).recovery_days, 7);
    assert_int_equal(continuous_backups_find(&txn, OWNER).recoverable_since_ms,
                     INT64_C(1767225600123));
    assert_int_equal(resource_policy_find(&txn, arena, OWNER).version.revision_ms, 0);
    resource_policy_put(&txn, arena, OWNER, &policy);
    struct resource_policy read = resource_policy_find(&txn, arena, OWNER);
    assert_text(resource_policy_seen(&read, 9).document, "old");
    assert_text(resource_policy_seen(&read, 10).document, "new");
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

static void destinations_stand_newest_first(void **state)
{
    struct store *store = *state;
    struct arena *arena = &store->arena;
    struct txn txn;
    txn_begin_write(store->storage.env, &txn);
    struct kinesis_destinations list = kinesis_destinations_find(&txn, arena, OWNER);
    *kinesis_destination_add(&list, BYTES("one")) =
        (struct kinesis_destination){ .stream_arn = BYTES("one"),
                                      .action = KINESIS_ENABLE,
                                      .failure = KINESIS_OTHER_REGION,
                                      .precision = KINESIS_MICROSECOND,
                                      .due_ms = 10 };
    kinesis_destinations_put(&txn, arena, OWNER, &list);
    list = kinesis_destinations_find(&txn, arena, OWNER);
    (void)kinesis_destination_add(&list, BYTES("two"));
    kinesis_destinations_put(&txn, arena, OWNER, &list);
    list = kinesis_destinations_find(&txn, arena, OWNER);
    assert_int_equal(list.count, 2);
    assert_text(list.entries[0].stream_arn, "two");
    struct kinesis_destination *one = kinesis_destination_of(&list, BYTES("one"));
    assert_int_equal(one->precision, KINESIS_MICROSECOND);
    static const struct {
        enum kinesis_action action;
        enum kinesis_failure failure;
        enum kinesis_status before;
        enum kinesis_status after;
    } rows[] = {
        { KINESIS_ENABLE, KINESIS_OTHER_REGION, KINESIS_ENABLING, KINESIS_ENABLE_FAILED },
        { KINESIS_ENABLE, KINESIS_NO_FAILURE, KINESIS_ENABLING, KINESIS_ACTIVE },
        { KINESIS_UPDATE, KINESIS_NO_FAILURE, KINESIS_UPDATING, KINESIS_ACTIVE },
        { KINESIS_DISABLE, KINESIS_NO_FAILURE, KINESIS_DISABLING, KINESIS_DISABLED },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        one->action = rows[i].action;
        one->failure = rows[i].failure;
        assert_int_equal(kinesis_status(one, 9), rows[i].before);
        assert_int_equal(kinesis_status(one, 10), rows[i].after);
    }
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
}

/* The reading of each kind fails its transaction. */
static void a_damaged_record_is_noticed(void **state)
{
    struct store *store = *state;
    for (int kind = 0; kind < SETTING_KIND_COUNT; kind++) {
        struct txn txn;
        struct arena *arena = &store->arena;
        txn_begin_write(store->storage.env, &txn);
        setting_put(&txn, (enum setting_kind)kind, OWNER, BYTES("\x7F"));
        switch ((enum setting_kind)kind) {
        case SETTING_TAGS:
            assert_int_equal(tags_find(&txn, arena, OWNER).tags.count, 0);
            break;
        case SETTING_TIME_TO_LIVE:
            assert_false(time_to_live_find(&txn, arena, OWNER).is_enabled);
            break;
        case SETTING_CONTRIBUTOR_INSIGHTS:
            assert_int_equal(insights_find(&txn, arena, OWNER).count, 0);
            break;
        case SETTING_CONTINUOUS_BACKUPS:
            (void)continuous_backups_find(&txn, OWNER);
            break;
        case SETTING_RESOURCE_POLICY:
            assert_int_equal(resource_policy_find(&txn, arena, OWNER).version.revision_ms, 0);
            break;
        case SETTING_KINESIS_DESTINATIONS:
            assert_int_equal(kinesis_destinations_find(&txn, arena, OWNER).count, 0);
            break;
        case SETTING_KIND_COUNT:
            break;
        }
        assert_int_equal(txn.status, STORAGE_CORRUPT);
        txn_abort(&txn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(tags_are_read_as_written),
        STORE_TEST(sets_of_tags_are_merged_and_cut),
        STORE_TEST(time_to_live_is_read_as_written),
        STORE_TEST(insights_are_a_list_with_the_table_first),
        STORE_TEST(backups_and_policies_are_read_as_written),
        STORE_TEST(destinations_stand_newest_first),
        STORE_TEST(a_damaged_record_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
