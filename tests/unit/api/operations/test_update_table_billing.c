/*
 * UpdateTable's throughput and billing mode: refusals, what is described until a change is done and
 * after it, and the decreases that a day allows.
 */

#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

#define TABLE(mode, index)                                                                         \
    TAB(DEFINE(S("pk") "," S("a")) "," KEY(HASH("pk")) "," mode "," GSIS(GSI("one", "a", index)))

static const char TEN[] = TABLE(UNITS("10", "10"), "," UNITS("10", "10"));
static const char MANY[] = TABLE(UNITS("100", "100"), "," UNITS("100", "100"));
static const char DEMAND[] = TABLE(ON_DEMAND, "");

static const struct cJSON *described(struct api_fixture *fixture)
{
    return json_at(assert_accepted(fixture, "DescribeTable", TAB_ALONE), "Table");
}

static const struct cJSON *updated(struct api_fixture *fixture, const char *request)
{
    return json_at(assert_accepted(fixture, "UpdateTable", request), "TableDescription");
}

/* ---- refusals ---- */

#define SAME(what, owner, read, write)                                                             \
    "The provisioned throughput for the " what " will not change. The requested value equals the " \
    "current value. Current ReadCapacityUnits provisioned for " owner ": " read                    \
    ". Requested ReadCapacityUnits: " read ". Current WriteCapacityUnits provisioned for " owner   \
    ": " write ". Requested WriteCapacityUnits: " write                                            \
    ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher " \
    "limits."
#define NO_UNITS                                                                                   \
    INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode "  \
            "is PAY_PER_REQUEST"
#define ONLY_UPDATES                                                                               \
    INVALID "The only Updates for index: one when TableThroughputMode is PAY_PER_REQUEST can be "  \
            "to OnDemandThroughput, WarmThroughput"

static const struct {
    const char *table;
    const char *request;
    const char *type;
    const char *message;
} FAULTS[] = {
    { TEN, TAB(UNITS("10", "10")), VALIDATION, SAME("table", "the table", "10", "10") },
    { TEN, TAB(PROVISIONED "," UNITS("10", "10")), VALIDATION,
      SAME("table", "the table", "10", "10") },
    { TEN, TAB(UPDATES(UPDATE("one", UNITS("10", "10")))), VALIDATION,
      SAME("index one", "index one", "10", "10") },
    { TEN, TAB(UPDATES("{'Update':{'IndexName':'one'}}")), VALIDATION,
      SAME("index one", "index one", "10", "10") },
    { TEN, TAB(UPDATES(UPDATE("one", LIMITS("")))), VALIDATION,
      SAME("index one", "index one", "10", "10") },
    { TEN, TAB(UNITS("1000000000001", "10")), VALIDATION,
      "Given value 1000000000001 for ReadCapacityUnits is out of bounds" },
    { TEN, TAB(UNITS("40001", "10")), LIMIT,
      "The requested ReadCapacityUnits, 40001, is above the per table maximum for the account in "
      "eu-test-1. Per table maximum: 40000. Refer to the Amazon DynamoDB Developer Guide for "
      "current limits and how to request higher limits." },
    { TEN, TAB(UPDATES(UPDATE("one", UNITS("10", "40001")))), LIMIT,
      "The requested WriteCapacityUnits for index one, 40001, is above the per index maximum for "
      "the account in eu-test-1. Per table maximum: 40000. Refer to the Amazon DynamoDB Developer "
      "Guide for current limits and how to request higher limits." },
    { TEN, TAB("'ProvisionedThroughput':{'ReadCapacityUnits':4}"), VALIDATION,
      "1 validation error detected: Value null at 'provisionedThroughput.writeCapacityUnits' "
      "failed to satisfy constraint: Member must not be null" },
    { TEN, TAB(UNITS("0", "0")), VALIDATION,
      "2 validation errors detected: Value '0' at 'provisionedThroughput.writeCapacityUnits' "
      "failed to satisfy constraint: Member must have value greater than or equal to 1; Value '0' "
      "at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have "
      "value greater than or equal to 1" },

    { DEMAND, TAB(UNITS("10", "10")), VALIDATION, NO_UNITS },
    { DEMAND, TAB(UPDATES(UPDATE("one", UNITS("10", "10")))), VALIDATION, ONLY_UPDATES },
    { DEMAND, TAB(UPDATES("{'Update':{'IndexName':'one'}}")), VALIDATION, ONLY_UPDATES },
    { DEMAND, TAB(UPDATES(UPDATE("one", LIMITS("")))), VALIDATION, ONLY_UPDATES },
    { DEMAND, TAB(UPDATES(UPDATE("none", LIMITS("")))), NOT_FOUND,
      "Requested resource not found: Index none for table Tab" },
    { DEMAND, TAB(PROVISIONED "," UNITS("5", "5")), VALIDATION,
      INVALID "ProvisionedThroughput must be specified for index: one" },
    { DEMAND,
      TAB(PROVISIONED "," UNITS("5", "5") "," UPDATES(UPDATE("one", WARM("12000", "4000")))),
      VALIDATION, INVALID "ProvisionedThroughput must be specified for index: one" },
    { DEMAND, TAB(PROVISIONED "," UNITS("40001", "5") "," UPDATES(UPDATE("one", UNITS("5", "5")))),
      LIMIT,
      "The requested ReadCapacityUnits, 40001, is above the per table maximum for the account in "
      "eu-test-1. Per table maximum: 40000. Refer to the Amazon DynamoDB Developer Guide for "
      "current limits and how to request higher limits." },
};

static void each_fault_has_its_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        struct api_fixture fixture;
        api_fixture_open(&fixture);
        create_table(&fixture, FAULTS[i].table);
        struct bytes before = call(&fixture, "DescribeTable", TAB_ALONE).body;
        assert_refused(&fixture, "UpdateTable", FAULTS[i].request, FAULTS[i].type,
                       FAULTS[i].message);
        assert_true(bytes_equal(before, call(&fixture, "DescribeTable", TAB_ALONE).body));
        api_fixture_close(&fixture);
    }
}

static void a_switch_names_every_index_that_lacks_throughput(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture,
                 TAB(DEFINE(S("pk") "," S("a")) "," KEY(HASH("pk")) "," ON_DEMAND "," GSIS(
                     GSI("one", "a", "") "," GSI("two", "a", "") "," GSI("three", "a", ""))));
    assert_refused(fixture, "UpdateTable",
                   TAB(PROVISIONED "," UNITS("5", "5") "," UPDATES(UPDATE("two", UNITS("5", "5")))),
                   VALIDATION,
                   INVALID "ProvisionedThroughput must be specified for index: one,three");
}

/* ---- new throughput: old values until it is there ---- */

static void new_throughput_of_a_table_is_shown_when_it_is_there(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TEN);
    const struct cJSON *table = updated(fixture, TAB(UNITS("20", "20")));
    assert_member_is(fixture, table, "TableStatus", "'UPDATING'");
    assert_member_is(fixture, table, "ProvisionedThroughput",
                     "{'ReadCapacityUnits':10,'WriteCapacityUnits':10,'NumberOfDecreasesToday':0,"
                     "'LastIncreaseDateTime':1767225600.15}");
    assert_member_is(fixture, table, "GlobalSecondaryIndexes.0.IndexStatus", "'ACTIVE'");
    api_fixture_advance(fixture, TABLE_UPDATE_MS - 1);
    assert_member_is(fixture, described(fixture), "TableStatus", "'UPDATING'");
    assert_member_is(fixture, described(fixture), "ProvisionedThroughput.ReadCapacityUnits", "10");
    assert_member_is(fixture, described(fixture), "WarmThroughput.ReadUnitsPerSecond", "10");
    api_fixture_advance(fixture, 1);
    table = described(fixture);
    assert_member_is(fixture, table, "TableStatus", "'ACTIVE'");
    assert_member_is(fixture, table, "ProvisionedThroughput",
                     "{'ReadCapacityUnits':20,'WriteCapacityUnits':20,'NumberOfDecreasesToday':0,"
                     "'LastIncreaseDateTime':1767225600.15}");
    assert_member_is(fixture, table, "WarmThroughput",
                     "{'ReadUnitsPerSecond':20,'WriteUnitsPerSecond':20,'Status':'ACTIVE'}");
}

/* One unit up and the other down is both, and one decrease. Warm throughput never falls. */
static void a_decrease_shows_its_time_at_once_and_counts_when_it_is_done(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TEN);
    const struct cJSON *table = updated(fixture, TAB(PROVISIONED "," UNITS("5", "20")));
    assert_member_is(fixture, table, "ProvisionedThroughput",
                     "{'ReadCapacityUnits':10,'WriteCapacityUnits':10,'NumberOfDecreasesToday':0,"
                     "'LastIncreaseDateTime':1767225600.15,'LastDecreaseDateTime':1767225600.15}");
    api_fixture_advance(fixture, TABLE_UPDATE_MS);
    table = described(fixture);
    assert_member_is(fixture, table, "ProvisionedThroughput",
                     "{'ReadCapacityUnits':5,'WriteCapacityUnits':20,'NumberOfDecreasesToday':1,"
                     "'LastIncreaseDateTime':1767225600.15,'LastDecreaseDateTime':1767225600.15}");
    assert_member_is(fixture, table, "WarmThroughput",
                     "{'ReadUnitsPerSecond':10,'WriteUnitsPerSecond':20,'Status':'ACTIVE'}");
}

static void table_and_indexes_may_change_together(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TEN);
    const struct cJSON *table =
        updated(fixture, TAB(UNITS("20", "20") "," UPDATES(UPDATE("one", UNITS("30", "30")))));
    assert_member_is(fixture, table, "TableStatus", "'UPDATING'");
    assert_member_is(fixture, table, "GlobalSecondaryIndexes.0.IndexStatus", "'UPDATING'");
    api_fixture_advance(fixture, INDEX_UPDATE_MS);
    table = described(fixture);
    assert_member_is(fixture, table, "ProvisionedThroughput.ReadCapacityUnits", "20");
    assert_member_is(fixture, table,
                     "GlobalSecondaryIndexes.0.ProvisionedThroughput.ReadCapacityUnits", "30");
    assert_member_is(fixture, table, "GlobalSecondaryIndexes.0.IndexStatus", "'ACTIVE'");
}

/* ---- the decreases of a day ---- */

/* Decreases to one unit less, `times` times, each after the one before is done. */
static void decrease(struct api_fixture *fixture, int from, int times)
{
    for (int i = 1; i <= times; i++) {
        (void)assert_accepted(
            fixture, "UpdateTable",
            api_fixture_text(fixture, "{'TableName':'Tab'," UNITS("%d", "%d") "}", from - i, from));
        api_fixture_advance(fixture, TABLE_UPDATE_MS);
    }
}

#define DECREASES(count, last, next)                                                               \
    "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC "  \
    "day. After the first 4 decreases, each subsequent decrease in the same UTC day can be "       \
    "performed at most once every 3600 seconds. Number of decreases today: " count                 \
    ". Last decrease at Thursday, January 1, 2026 at " last                                        \
    " Coordinated Universal Time. Next decrease can be made at " next                              \
    " Coordinated Universal Time"

static void the_fifth_decrease_waits_for_an_hour_after_the_fourth(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, MANY);
    api_fixture_advance(fixture, 12 * HOUR_MS - TABLE_CREATE_INDEXED_MS);
    decrease(fixture, 100, 4);
    assert_member_is(fixture, described(fixture), "ProvisionedThroughput.NumberOfDecreasesToday",
                     "4");
    static const char TOO_MANY[] =
        DECREASES("4", "12:00:00 PM", "Thursday, January 1, 2026 at 1:00:00 PM");
    assert_refused(fixture, "UpdateTable", TAB(UNITS("95", "100")), LIMIT, TOO_MANY);
    /* one unit up does not make it an increase */
    assert_refused(fixture, "UpdateTable", TAB(UNITS("95", "101")), LIMIT, TOO_MANY);
    (void)assert_accepted(fixture, "UpdateTable", TAB(UNITS("96", "101")));
    api_fixture_advance(fixture, HOUR_MS - TABLE_UPDATE_MS - 1);
    assert_refused(fixture, "UpdateTable", TAB(UNITS("95", "101")), LIMIT, TOO_MANY);
    api_fixture_advance(fixture, 1);
    decrease(fixture, 96, 1);
    assert_member_is(fixture, described(fixture), "ProvisionedThroughput.NumberOfDecreasesToday",
                     "5");
    assert_refused(fixture, "UpdateTable", TAB(UNITS("94", "96")), LIMIT,
                   DECREASES("5", "1:00:00 PM", "Thursday, January 1, 2026 at 2:00:00 PM"));
}

/* Not a day after the first, but when the day (UTC) ends; the time of the last one stays. */
static void midnight_allows_four_again(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, MANY);
    api_fixture_advance(fixture, 24 * HOUR_MS - 40 * MINUTE_MS - TABLE_CREATE_INDEXED_MS);
    decrease(fixture, 100, 4);
    assert_refused(fixture, "UpdateTable", TAB(UNITS("90", "100")), LIMIT,
                   DECREASES("4", "11:20:00 PM", "Friday, January 2, 2026 at 12:00:00 AM"));
    api_fixture_advance(fixture, 40 * MINUTE_MS - INT64_C(4) * TABLE_UPDATE_MS - 1);
    assert_member_is(fixture, described(fixture), "ProvisionedThroughput.NumberOfDecreasesToday",
                     "4");
    api_fixture_advance(fixture, 1);
    assert_member_is(fixture, described(fixture), "ProvisionedThroughput.NumberOfDecreasesToday",
                     "0");
    assert_member_is(fixture, described(fixture), "ProvisionedThroughput.LastDecreaseDateTime",
                     "1767309600.6");
    decrease(fixture, 96, 4);
    assert_member_is(fixture, described(fixture), "ProvisionedThroughput.NumberOfDecreasesToday",
                     "4");
}

static void a_table_and_its_indexes_count_their_own_decreases(void **state)
{
    static const char OF_INDEX[] =
        "GlobalSecondaryIndexes.0.ProvisionedThroughput.NumberOfDecreasesToday";
    struct api_fixture *fixture = *state;
    create_table(fixture, MANY);
    api_fixture_advance(fixture, 12 * HOUR_MS - TABLE_CREATE_INDEXED_MS);
    decrease(fixture, 100, 4);
    struct bytes before = call(fixture, "DescribeTable", TAB_ALONE).body;
    /* both at once: the table may not, so the index is not changed either */
    assert_refused(fixture, "UpdateTable",
                   TAB(UNITS("50", "50") "," UPDATES(UPDATE("one", UNITS("40", "40")))), LIMIT,
                   DECREASES("4", "12:00:00 PM", "Thursday, January 1, 2026 at 1:00:00 PM"));
    assert_true(bytes_equal(before, call(fixture, "DescribeTable", TAB_ALONE).body));
    for (int i = 1; i <= 4; i++) {
        (void)assert_accepted(
            fixture, "UpdateTable",
            api_fixture_text(fixture,
                             "{'TableName':'Tab'," UPDATES(UPDATE("one", UNITS("100", "%d"))) "}",
                             100 - i));
        api_fixture_advance(fixture, INDEX_UPDATE_MS);
    }
    assert_member_is(fixture, described(fixture), OF_INDEX, "4");
    assert_refused(fixture, "UpdateTable", TAB(UPDATES(UPDATE("one", UNITS("1", "1")))), LIMIT,
                   DECREASES("4", "12:00:01 PM", "Thursday, January 1, 2026 at 1:00:01 PM"));
}

/* ---- to provisioned ---- */

#define TO_PROVISIONED                                                                             \
    TAB(PROVISIONED "," UNITS("5", "6") "," UPDATES(UPDATE("one", UNITS("7", "8"))))

static void a_switch_to_provisioned_shows_its_values_at_once(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE(ON_DEMAND "," MAX("50", "50"), "," MAX("60", "60")));
    const struct cJSON *table = updated(fixture, TO_PROVISIONED);
    assert_member_is(fixture, table, "TableStatus", "'UPDATING'");
    assert_member_is(fixture, table, "BillingModeSummary", "{'BillingMode':'PROVISIONED'}");
    assert_member_is(fixture, table, "ProvisionedThroughput",
                     "{'ReadCapacityUnits':5,'WriteCapacityUnits':6,'NumberOfDecreasesToday':0}");
    assert_member_is(fixture, table, "OnDemandThroughput", NULL);
    assert_member_is(fixture, table, "GlobalSecondaryIndexes.0.IndexStatus", "'UPDATING'");
    assert_member_is(fixture, table, "GlobalSecondaryIndexes.0.ProvisionedThroughput",
                     "{'ReadCapacityUnits':7,'WriteCapacityUnits':8,'NumberOfDecreasesToday':0}");
    assert_member_is(fixture, table, "GlobalSecondaryIndexes.0.OnDemandThroughput", NULL);
    assert_member_is(
        fixture, described(fixture), "BillingModeSummary",
        "{'BillingMode':'PROVISIONED','LastUpdateToPayPerRequestDateTime':1767225600}");

    /* the index is through with it long before its table */
    api_fixture_advance(fixture, INDEX_UPDATE_MS);
    assert_member_is(fixture, described(fixture), "GlobalSecondaryIndexes.0.IndexStatus",
                     "'ACTIVE'");
    api_fixture_advance(fixture, BILLING_PROVISIONED_MS - INDEX_UPDATE_MS - 1);
    assert_member_is(fixture, described(fixture), "TableStatus", "'UPDATING'");
    api_fixture_advance(fixture, 1);
    table = described(fixture);
    assert_member_is(fixture, table, "TableStatus", "'ACTIVE'");
    assert_member_is(
        fixture, table, "BillingModeSummary",
        "{'BillingMode':'PROVISIONED','LastUpdateToPayPerRequestDateTime':1767225600}");
    assert_member_is(fixture, table, "WarmThroughput",
                     "{'ReadUnitsPerSecond':12000,'WriteUnitsPerSecond':4000,'Status':'ACTIVE'}");
    assert_refused(fixture, "UpdateTable", TAB(UNITS("5", "6")), VALIDATION,
                   SAME("table", "the table", "5", "6"));
}

/* Taken for the mode that the table has, and lost. */
static void going_back_to_on_demand_in_the_midst_is_answered_and_lost(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, DEMAND);
    (void)updated(fixture, TO_PROVISIONED);
    const struct cJSON *table = updated(fixture, TAB(ON_DEMAND));
    assert_member_is(fixture, table, "TableStatus", "'UPDATING'");
    assert_member_is(fixture, table, "BillingModeSummary.BillingMode", "'PAY_PER_REQUEST'");
    assert_member_is(fixture, table, "ProvisionedThroughput",
                     "{'ReadCapacityUnits':0,'WriteCapacityUnits':0,'NumberOfDecreasesToday':0}");
    assert_member_is(fixture, described(fixture), "BillingModeSummary.BillingMode",
                     "'PROVISIONED'");
    api_fixture_advance(fixture, BILLING_PROVISIONED_MS);
    table = described(fixture);
    assert_member_is(fixture, table, "BillingModeSummary.BillingMode", "'PROVISIONED'");
    assert_member_is(fixture, table, "ProvisionedThroughput.ReadCapacityUnits", "5");
}

/* ---- to on-demand ---- */

static void the_first_switch_to_on_demand_takes_long(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TEN);
    const struct cJSON *table = updated(fixture, TAB(ON_DEMAND));
    assert_member_is(fixture, table, "TableStatus", "'UPDATING'");
    assert_member_is(fixture, table, "BillingModeSummary", "{'BillingMode':'PAY_PER_REQUEST'}");
    assert_member_is(fixture, table, "ProvisionedThroughput",
                     "{'ReadCapacityUnits':0,'WriteCapacityUnits':0,'NumberOfDecreasesToday':0,"
                     "'LastDecreaseDateTime':1767225600.15}");
    assert_member_is(fixture, table, "GlobalSecondaryIndexes.0.IndexStatus", "'UPDATING'");
    assert_member_is(fixture, table,
                     "GlobalSecondaryIndexes.0.ProvisionedThroughput.ReadCapacityUnits", "0");
    assert_member_is(fixture, described(fixture), "BillingModeSummary",
                     "{'BillingMode':'PAY_PER_REQUEST'}");
    assert_member_is(fixture, described(fixture), "WarmThroughput.ReadUnitsPerSecond", "10");
    api_fixture_advance(fixture, BILLING_ON_DEMAND_MS - 1);
    assert_member_is(fixture, described(fixture), "TableStatus", "'UPDATING'");
    api_fixture_advance(fixture, 1);
    table = described(fixture);
    assert_member_is(fixture, table, "TableStatus", "'ACTIVE'");
    assert_member_is(fixture, table, "BillingModeSummary",
                     "{'BillingMode':'PAY_PER_REQUEST',"
                     "'LastUpdateToPayPerRequestDateTime':1767225600.95}");
    assert_member_is(fixture, table, "WarmThroughput",
                     "{'ReadUnitsPerSecond':12000,'WriteUnitsPerSecond':4000,'Status':'ACTIVE'}");
    /* the time of the decrease was that of the switch; the index has counted one */
    assert_member_is(fixture, table, "ProvisionedThroughput",
                     "{'ReadCapacityUnits':0,'WriteCapacityUnits':0,'NumberOfDecreasesToday':0}");
    assert_member_is(fixture, table, "GlobalSecondaryIndexes.0.ProvisionedThroughput",
                     "{'ReadCapacityUnits':0,'WriteCapacityUnits':0,'NumberOfDecreasesToday':1,"
                     "'LastDecreaseDateTime':1767225600.15}");
}

static void a_switch_to_on_demand_keeps_the_decreases_before_it(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TEN);
    decrease(fixture, 10, 1);
    (void)updated(fixture, TAB(ON_DEMAND));
    assert_member_is(fixture, described(fixture), "ProvisionedThroughput.LastDecreaseDateTime",
                     "1767225600.35");
    api_fixture_advance(fixture, BILLING_ON_DEMAND_MS);
    assert_member_is(fixture, described(fixture), "ProvisionedThroughput",
                     "{'ReadCapacityUnits':0,'WriteCapacityUnits':0,'NumberOfDecreasesToday':1,"
                     "'LastDecreaseDateTime':1767225600.15}");
}

static void later_switches_to_on_demand_are_quick(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, DEMAND);
    (void)updated(fixture, TO_PROVISIONED);
    api_fixture_advance(fixture, BILLING_PROVISIONED_MS);
    (void)updated(fixture, TAB(ON_DEMAND));
    assert_member_is(fixture, described(fixture), "BillingModeSummary",
                     "{'BillingMode':'PAY_PER_REQUEST',"
                     "'LastUpdateToPayPerRequestDateTime':1767225600}");
    api_fixture_advance(fixture, BILLING_RETURN_MS - 1);
    assert_member_is(fixture, described(fixture), "TableStatus", "'UPDATING'");
    api_fixture_advance(fixture, 1);
    assert_member_is(fixture, described(fixture), "TableStatus", "'ACTIVE'");
    assert_member_is(fixture, described(fixture),
                     "BillingModeSummary.LastUpdateToPayPerRequestDateTime", "1767225601.075");
    /* ACTIVE, though the index is still UPDATING: the next change of it is refused */
    assert_member_is(fixture, described(fixture), "GlobalSecondaryIndexes.0.IndexStatus",
                     "'UPDATING'");
    assert_refused(fixture, "UpdateTable", TAB(UPDATES(DELETE("one"))), IN_USE,
                   STILL_IN_USE "Index is being updated.  Table: Tab Index: one");
}

static void the_same_mode_again_changes_nothing(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, DEMAND);
    struct bytes before = call(fixture, "DescribeTable", TAB_ALONE).body;
    for (int i = 0; i < 3; i++) {
        const struct cJSON *table = updated(fixture, TAB(ON_DEMAND));
        assert_member_is(fixture, table, "TableStatus", "'UPDATING'");
        assert_member_is(fixture, table, "BillingModeSummary",
                         "{'BillingMode':'PAY_PER_REQUEST',"
                         "'LastUpdateToPayPerRequestDateTime':1767225600}");
        assert_true(bytes_equal(before, call(fixture, "DescribeTable", TAB_ALONE).body));
    }
}

/* ---- restarts ---- */

static void a_switch_goes_on_after_a_restart(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_durable(&fixture);
    create_table(&fixture, TEN);
    (void)updated(&fixture, TAB(ON_DEMAND));
    api_fixture_reopen(&fixture);
    assert_member_is(&fixture, described(&fixture), "TableStatus", "'UPDATING'");
    assert_member_is(&fixture, described(&fixture), "BillingModeSummary.BillingMode",
                     "'PAY_PER_REQUEST'");
    /* the clock begins anew */
    api_fixture_advance(&fixture, TABLE_CREATE_INDEXED_MS + BILLING_ON_DEMAND_MS - 1);
    assert_member_is(&fixture, described(&fixture), "TableStatus", "'UPDATING'");
    api_fixture_advance(&fixture, 1);
    assert_member_is(&fixture, described(&fixture), "TableStatus", "'ACTIVE'");
    api_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_has_its_text),
        API_TEST(a_switch_names_every_index_that_lacks_throughput),
        API_TEST(new_throughput_of_a_table_is_shown_when_it_is_there),
        API_TEST(a_decrease_shows_its_time_at_once_and_counts_when_it_is_done),
        API_TEST(table_and_indexes_may_change_together),
        API_TEST(the_fifth_decrease_waits_for_an_hour_after_the_fourth),
        API_TEST(midnight_allows_four_again),
        API_TEST(a_table_and_its_indexes_count_their_own_decreases),
        API_TEST(a_switch_to_provisioned_shows_its_values_at_once),
        API_TEST(going_back_to_on_demand_in_the_midst_is_answered_and_lost),
        API_TEST(the_first_switch_to_on_demand_takes_long),
        API_TEST(a_switch_to_on_demand_keeps_the_decreases_before_it),
        API_TEST(later_switches_to_on_demand_are_quick),
        API_TEST(the_same_mode_again_changes_nothing),
        cmocka_unit_test(a_switch_goes_on_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
