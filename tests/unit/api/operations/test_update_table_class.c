/* UpdateTable's TableClass and DeletionProtectionEnabled: changes, repetitions, how often. */

#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DAY_MS INT64_C(86400000)

static const char TABLE[] =
    TAB(DEFINE(S("pk") "," S("a")) "," KEY(HASH("pk")) "," ON_DEMAND "," GSIS(GSI("one", "a", "")));

static const struct cJSON *described(struct api_fixture *fixture)
{
    return json_at(assert_accepted(fixture, "DescribeTable", TAB_ALONE), "Table");
}

static const struct cJSON *updated(struct api_fixture *fixture, const char *request)
{
    return json_at(assert_accepted(fixture, "UpdateTable", request), "TableDescription");
}

/* ---- class ---- */

static void a_new_class_is_shown_when_it_is_there(void **state)
{
    static const char SECOND[] = "{'TableClass':'STANDARD','LastUpdateDateTime':1767225602.15}";
    static const char FIRST[] =
        "{'TableClass':'STANDARD_INFREQUENT_ACCESS','LastUpdateDateTime':1767225601.15}";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const struct cJSON *table = updated(fixture, TAB(INFREQUENT));
    assert_member_is(fixture, table, "TableStatus", "'UPDATING'");
    assert_member_is(fixture, table, "TableClassSummary", NULL);
    assert_member_is(fixture, table, "GlobalSecondaryIndexes.0.IndexStatus", "'UPDATING'");
    api_fixture_advance(fixture, TABLE_CLASS_MS - 1);
    assert_member_is(fixture, described(fixture), "TableStatus", "'UPDATING'");
    assert_member_is(fixture, described(fixture), "TableClassSummary", NULL);
    api_fixture_advance(fixture, 1);
    assert_member_is(fixture, described(fixture), "TableStatus", "'ACTIVE'");
    assert_member_is(fixture, described(fixture), "GlobalSecondaryIndexes.0.IndexStatus",
                     "'ACTIVE'");
    assert_member_is(fixture, described(fixture), "TableClassSummary", FIRST);

    table = updated(fixture, TAB(CLASS("STANDARD")));
    assert_member_is(fixture, table, "TableClassSummary", FIRST);
    api_fixture_advance(fixture, TABLE_CLASS_MS);
    assert_member_is(fixture, described(fixture), "TableClassSummary", SECOND);
}

/* Answered as if it were begun; of a class that was never given, nothing is shown after it. */
static void the_same_class_again_changes_and_counts_nothing(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    for (int i = 0; i < 5; i++) {
        const struct cJSON *table = updated(fixture, TAB(CLASS("STANDARD")));
        assert_member_is(fixture, table, "TableStatus", "'UPDATING'");
        assert_member_is(fixture, described(fixture), "TableStatus", "'ACTIVE'");
        assert_member_is(fixture, described(fixture), "TableClassSummary", NULL);
    }
    (void)updated(fixture, TAB(INFREQUENT));
    api_fixture_advance(fixture, TABLE_CLASS_MS);
    (void)updated(fixture, TAB(INFREQUENT));
    assert_member_is(fixture, described(fixture), "TableStatus", "'ACTIVE'");
    (void)updated(fixture, TAB(CLASS("STANDARD")));
}

static void thirty_days_have_two_changes(void **state)
{
    static const char TOO_MANY[] = "Subscriber limit exceeded: Updates to TableClass are limited "
                                   "to 2 times in 30 day(s).";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)updated(fixture, TAB(INFREQUENT));
    api_fixture_advance(fixture, 10 * DAY_MS);
    (void)updated(fixture, TAB(CLASS("STANDARD")));
    api_fixture_advance(fixture, TABLE_CLASS_MS);
    assert_refused(fixture, "UpdateTable", TAB(INFREQUENT), LIMIT, TOO_MANY);
    assert_refused(fixture, "UpdateTable", TAB(CLASS("STANDARD")), LIMIT, TOO_MANY);
    api_fixture_advance(fixture, 20 * DAY_MS - TABLE_CLASS_MS - 1);
    assert_refused(fixture, "UpdateTable", TAB(INFREQUENT), LIMIT, TOO_MANY);
    /* counted from when the first was done, which the background saw late here */
    api_fixture_advance(fixture, 10 * DAY_MS + 1);
    (void)updated(fixture, TAB(INFREQUENT));
}

static void a_change_of_class_goes_on_after_a_restart(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_durable(&fixture);
    create_table(&fixture, TABLE);
    (void)updated(&fixture, TAB(INFREQUENT));
    api_fixture_reopen(&fixture);
    assert_member_is(&fixture, described(&fixture), "TableStatus", "'UPDATING'");
    api_fixture_advance(&fixture, TABLE_CREATE_INDEXED_MS + TABLE_CLASS_MS);
    assert_member_is(&fixture, described(&fixture), "TableClassSummary.TableClass",
                     "'STANDARD_INFREQUENT_ACCESS'");
    api_fixture_close(&fixture);
}

/* ---- deletion protection ---- */

#define WAIT_UNTIL(time)                                                                           \
    "Deletion protection setting for table Tab modified within the previous 1300 milliseconds. "   \
    "Please try again after 2026-01-01T00:00:0" time "Z"

static void protection_is_there_at_once_and_rests_then(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const struct cJSON *table = updated(fixture, TAB(PROTECT("true")));
    assert_member_is(fixture, table, "DeletionProtectionEnabled", "true");
    assert_member_is(fixture, table, "TableStatus", "'ACTIVE'");
    assert_member_is(fixture, described(fixture), "DeletionProtectionEnabled", "true");
    assert_refused(fixture, "UpdateTable", TAB(PROTECT("false")), THROTTLED, WAIT_UNTIL("1.450"));
    assert_refused(fixture, "UpdateTable", TAB(PROTECT("true")), THROTTLED, WAIT_UNTIL("1.450"));
    api_fixture_advance(fixture, PROTECTION_PAUSE_MS - 1);
    assert_refused(fixture, "UpdateTable", TAB(PROTECT("false")), THROTTLED, WAIT_UNTIL("1.450"));
    api_fixture_advance(fixture, 1);
    (void)updated(fixture, TAB(PROTECT("false")));
    /* the pause keeps nobody from deleting the table */
    (void)assert_accepted(fixture, "DeleteTable", TAB_ALONE);
}

static void the_same_protection_again_begins_no_pause(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    for (int i = 0; i < 3; i++) {
        (void)updated(fixture, TAB(PROTECT("false")));
    }
    (void)updated(fixture, TAB(PROTECT("true")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_new_class_is_shown_when_it_is_there),
        API_TEST(the_same_class_again_changes_and_counts_nothing),
        API_TEST(thirty_days_have_two_changes),
        cmocka_unit_test(a_change_of_class_goes_on_after_a_restart),
        API_TEST(protection_is_there_at_once_and_rests_then),
        API_TEST(the_same_protection_again_begins_no_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
