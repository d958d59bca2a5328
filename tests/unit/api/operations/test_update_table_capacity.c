/*
 * UpdateTable's WarmThroughput and OnDemandThroughput, of the table and of an index: refusals, what
 * is shown until a raise is done, limits merged and removed.
 */

#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KEYS DEFINE(S("pk") "," S("a")) "," KEY(HASH("pk"))

static const char DEMAND[] = TAB(KEYS "," ON_DEMAND "," GSIS(GSI("one", "a", "")));
static const char TEN[] =
    TAB(KEYS "," UNITS("10", "10") "," GSIS(GSI("one", "a", "," UNITS("10", "10"))));

#define OF_ONE(members) UPDATES(UPDATE("one", members))

static const struct cJSON *described(struct api_fixture *fixture)
{
    return json_at(assert_accepted(fixture, "DescribeTable", TAB_ALONE), "Table");
}

static const struct cJSON *updated(struct api_fixture *fixture, const char *request)
{
    return json_at(assert_accepted(fixture, "UpdateTable", request), "TableDescription");
}

/* ---- refusals ---- */

#define LOWER(what, owner)                                                                         \
    INVALID "Requested " what " for WarmThroughput for " owner " is lower than current "           \
            "WarmThroughput, decreasing WarmThroughput is not supported"
#define EXCEEDS(what, owner, quota)                                                                \
    "Subscriber limit exceeded: Requested " what " for " owner " exceeds TableMax" quota           \
    "CapacityUnits of the account in region eu-test-1"
#define OUT_OF_RANGE(what, owner)                                                                  \
    INVALID "Requested " what " for OnDemandThroughput for " owner " is outside of valid range"

static const struct {
    const char *table;
    const char *members;
    const char *type;
    const char *message;
} FAULTS[] = {
    { DEMAND, WARM("11999", "3999"), VALIDATION, LOWER("ReadUnitsPerSecond", "table") },
    { DEMAND, WARM("12000", "3999"), VALIDATION, LOWER("WriteUnitsPerSecond", "table") },
    { DEMAND, WARM_OF("'ReadUnitsPerSecond':-1"), VALIDATION,
      LOWER("ReadUnitsPerSecond", "table") },
    { TEN, WARM("9", "10"), VALIDATION, LOWER("ReadUnitsPerSecond", "table") },
    { DEMAND, WARM("40001", "4000"), LIMIT,
      EXCEEDS("ReadUnitsPerSecond for WarmThroughput", "table", "Read") },
    { DEMAND, WARM_OF("'WriteUnitsPerSecond':9e99"), LIMIT,
      EXCEEDS("WriteUnitsPerSecond for WarmThroughput", "table", "Write") },
    { DEMAND, OF_ONE(WARM("100", "100")), VALIDATION, LOWER("ReadUnitsPerSecond", "index one") },
    { DEMAND, OF_ONE(WARM("12000", "40001")), LIMIT,
      EXCEEDS("WriteUnitsPerSecond for WarmThroughput", "index one", "Write") },
    { DEMAND, OF_ONE(WARM_OF("")), VALIDATION,
      INVALID "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond "
              "specified for index: one" },

    { TEN, MAX("1", "1"), VALIDATION,
      INVALID "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table "
              "BillingMode is PROVISIONED" },
    { TEN, LIMITS("'MaxWriteRequestUnits':-1"), VALIDATION,
      INVALID "MaxWriteRequestUnits for OnDemandThroughput cannot be specified when the table "
              "BillingMode is PROVISIONED" },
    { TEN, OF_ONE(MAX("1", "1")), VALIDATION,
      INVALID "MaxReadRequestUnits for OnDemandThroughput for index : one cannot be specified when "
              "the table BillingMode is PROVISIONED" },
    { DEMAND, MAX("0", "1"), VALIDATION, OUT_OF_RANGE("MaxReadRequestUnits", "table") },
    { DEMAND, LIMITS("'MaxWriteRequestUnits':0"), VALIDATION,
      OUT_OF_RANGE("MaxWriteRequestUnits", "table") },
    { DEMAND, MAX("-1", "-2"), VALIDATION, OUT_OF_RANGE("MaxWriteRequestUnits", "table") },
    { DEMAND, OF_ONE(MAX("0", "0")), VALIDATION,
      OUT_OF_RANGE("MaxReadRequestUnits", "index : one") },
    { DEMAND, MAX("40001", "1"), LIMIT,
      EXCEEDS("MaxReadRequestUnits for OnDemandThroughput", "table", "Read") },
    { DEMAND, OF_ONE(MAX("1", "40001")), LIMIT,
      EXCEEDS("MaxWriteRequestUnits for OnDemandThroughput", "index : one", "Write") },
};

static void each_fault_has_its_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        struct api_fixture fixture;
        api_fixture_open(&fixture);
        create_table(&fixture, FAULTS[i].table);
        struct bytes before = call(&fixture, "DescribeTable", TAB_ALONE).body;
        assert_refused(&fixture, "UpdateTable",
                       api_fixture_text(&fixture, "{'TableName':'Tab',%s}", FAULTS[i].members),
                       FAULTS[i].type, FAULTS[i].message);
        assert_true(bytes_equal(before, call(&fixture, "DescribeTable", TAB_ALONE).body));
        api_fixture_close(&fixture);
    }
}

/* An index that is not there: the service's own failure, unless the entry is empty. */
static void warm_throughput_of_no_index_is_a_failure_of_the_service(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, DEMAND);
    assert_failed(fixture, "UpdateTable", TAB(UPDATES(UPDATE("none", WARM("13000", "5000")))),
                  FAILURE, "");
    assert_refused(fixture, "UpdateTable", TAB(UPDATES(UPDATE("none", WARM_OF("")))), VALIDATION,
                   INVALID "WarmThroughput must have at least one of ReadUnitsPerSecond or "
                           "WriteUnitsPerSecond specified for index: none");
    assert_refused(fixture, "UpdateTable", TAB(UPDATES(UPDATE("none", MAX("1", "1")))), NOT_FOUND,
                   "Requested resource not found: Index none for table Tab");
}

/* ---- warm throughput ---- */

#define READY(read, write)                                                                         \
    "{'ReadUnitsPerSecond':" read ",'WriteUnitsPerSecond':" write ",'Status':'ACTIVE'}"
#define COMING(read, write)                                                                        \
    "{'ReadUnitsPerSecond':" read ",'WriteUnitsPerSecond':" write ",'Status':'UPDATING'}"

static const struct {
    const char *members;
    const char *path;
    const char *before;
    const char *after;
} RAISES[] = {
    { WARM("13000", "5000"), "WarmThroughput", COMING("12000", "4000"), READY("13000", "5000") },
    { WARM_OF("'WriteUnitsPerSecond':4001"), "WarmThroughput", COMING("12000", "4000"),
      READY("12000", "4001") },
    { OF_ONE(WARM_OF("'ReadUnitsPerSecond':12001")), "GlobalSecondaryIndexes.0.WarmThroughput",
      COMING("12000", "4000"), READY("12001", "4000") },
};

/* The old values, and only their own Status tells; table and index are ACTIVE all the time. */
static void a_raise_shows_old_values_until_it_is_done(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof RAISES / sizeof *RAISES; i++) {
        struct api_fixture fixture;
        api_fixture_open(&fixture);
        create_table(&fixture, DEMAND);
        const struct cJSON *table = updated(
            &fixture, api_fixture_text(&fixture, "{'TableName':'Tab',%s}", RAISES[i].members));
        assert_member_is(&fixture, table, "TableStatus", "'ACTIVE'");
        assert_member_is(&fixture, table, "GlobalSecondaryIndexes.0.IndexStatus", "'ACTIVE'");
        assert_member_is(&fixture, table, RAISES[i].path, RAISES[i].before);
        assert_refused(&fixture, "DeleteTable", TAB_ALONE, IN_USE,
                       STILL_IN_USE "Table: Tab is in the process of being updated.");
        api_fixture_advance(&fixture, WARM_THROUGHPUT_MS - 1);
        assert_member_is(&fixture, described(&fixture), RAISES[i].path, RAISES[i].before);
        api_fixture_advance(&fixture, 1);
        assert_member_is(&fixture, described(&fixture), RAISES[i].path, RAISES[i].after);
        (void)assert_accepted(&fixture, "DeleteTable", TAB_ALONE);
        api_fixture_close(&fixture);
    }
}

/* The last to ask decides where it leads, not when it ends; the present values are the floor. */
static void a_raise_under_way_takes_a_new_aim(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, DEMAND);
    (void)updated(fixture, TAB(WARM("13000", "5000")));
    api_fixture_advance(fixture, WARM_THROUGHPUT_MS - 1);
    (void)updated(fixture, TAB(WARM("12000", "4000")));
    (void)updated(fixture, TAB(WARM_OF("'ReadUnitsPerSecond':14000")));
    assert_member_is(fixture, described(fixture), "WarmThroughput", COMING("12000", "4000"));
    api_fixture_advance(fixture, 1);
    assert_member_is(fixture, described(fixture), "WarmThroughput", READY("14000", "4000"));
}

static void what_is_warm_already_is_ready_soon(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, DEMAND);
    assert_member_is(fixture, updated(fixture, TAB(WARM("12000", "4000"))), "WarmThroughput",
                     COMING("12000", "4000"));
    api_fixture_advance(fixture, TABLE_UPDATE_MS);
    assert_member_is(fixture, described(fixture), "WarmThroughput", READY("12000", "4000"));
}

static void a_raise_goes_on_after_a_restart(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_durable(&fixture);
    create_table(&fixture, DEMAND);
    (void)updated(&fixture, TAB(WARM("13000", "5000")));
    (void)updated(&fixture, TAB(OF_ONE(WARM("14000", "6000"))));
    api_fixture_reopen(&fixture);
    api_fixture_advance(&fixture, TABLE_CREATE_INDEXED_MS + WARM_THROUGHPUT_MS);
    assert_member_is(&fixture, described(&fixture), "WarmThroughput", READY("13000", "5000"));
    assert_member_is(&fixture, described(&fixture), "GlobalSecondaryIndexes.0.WarmThroughput",
                     READY("14000", "6000"));
    api_fixture_close(&fixture);
}

/* ---- on-demand limits ---- */

#define BOTH(read, write) "{'MaxReadRequestUnits':" read ",'MaxWriteRequestUnits':" write "}"
#define READ(units)       "{'MaxReadRequestUnits':" units "}"
#define WRITE(units)      "{'MaxWriteRequestUnits':" units "}"

/* One after the other; a removed limit is -1 in the reply and gone after it. */
static const struct {
    const char *members;
    const char *in_reply;
    const char *after;
} MERGES[] = {
    { MAX("1000", "500"), BOTH("1000", "500"), BOTH("1000", "500") },
    { MAX("1000", "500"), BOTH("1000", "500"), BOTH("1000", "500") },
    { LIMITS("'MaxReadRequestUnits':2000"), BOTH("2000", "500"), BOTH("2000", "500") },
    { LIMITS("'MaxReadRequestUnits':-1"), BOTH("-1", "500"), WRITE("500") },
    { LIMITS("'MaxWriteRequestUnits':-1"), WRITE("-1"), NULL },
    { MAX("-1", "-1"), BOTH("-1", "-1"), NULL },
    { LIMITS("'MaxReadRequestUnits':300"), READ("300"), READ("300") },
    { LIMITS("'MaxWriteRequestUnits':700") "," ON_DEMAND, BOTH("300", "700"), BOTH("300", "700") },
    { MAX("-1", "-1"), BOTH("-1", "-1"), NULL },
};

/* The table's are there at once. */
static void limits_of_a_table_are_merged(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, DEMAND);
    for (size_t i = 0; i < sizeof MERGES / sizeof *MERGES; i++) {
        const struct cJSON *table = updated(
            fixture, api_fixture_text(fixture, "{'TableName':'Tab',%s}", MERGES[i].members));
        assert_member_is(fixture, table, "OnDemandThroughput", MERGES[i].in_reply);
        assert_member_is(fixture, described(fixture), "TableStatus", "'ACTIVE'");
        assert_member_is(fixture, described(fixture), "OnDemandThroughput", MERGES[i].after);
        assert_member_is(fixture, described(fixture), "GlobalSecondaryIndexes.0.OnDemandThroughput",
                         NULL);
    }
}

/* Of an index, too, though it is UPDATING for a while; the table's are no bound for them. */
static void limits_of_an_index_are_merged(void **state)
{
    static const char PATH[] = "GlobalSecondaryIndexes.0.OnDemandThroughput";
    static const char STATUS[] = "GlobalSecondaryIndexes.0.IndexStatus";
    struct api_fixture *fixture = *state;
    create_table(fixture, DEMAND);
    (void)updated(fixture, TAB(MAX("10", "10")));
    const struct cJSON *table = updated(fixture, TAB(OF_ONE(MAX("5000", "600"))));
    assert_member_is(fixture, table, "TableStatus", "'ACTIVE'");
    assert_member_is(fixture, table, STATUS, "'UPDATING'");
    assert_member_is(fixture, table, PATH, BOTH("5000", "600"));
    assert_member_is(fixture, described(fixture), PATH, BOTH("5000", "600"));
    assert_refused(fixture, "UpdateTable", TAB(OF_ONE(MAX("1", "1"))), IN_USE,
                   STILL_IN_USE "Index is being updated.  Table: Tab Index: one");
    assert_refused(fixture, "DeleteTable", TAB_ALONE, IN_USE,
                   STILL_IN_USE
                   "Cannot delete table while indexes are being created, updated, or deleted.");
    api_fixture_advance(fixture, INDEX_UPDATE_MS - 1);
    assert_member_is(fixture, described(fixture), STATUS, "'UPDATING'");
    api_fixture_advance(fixture, 1);
    assert_member_is(fixture, described(fixture), STATUS, "'ACTIVE'");
    assert_member_is(fixture, updated(fixture, TAB(OF_ONE(LIMITS("'MaxWriteRequestUnits':-1")))),
                     PATH, BOTH("5000", "-1"));
    assert_member_is(fixture, described(fixture), PATH, READ("5000"));
    assert_member_is(fixture, described(fixture), "OnDemandThroughput", BOTH("10", "10"));
}

/* Both of an index in one entry. */
static void an_entry_may_change_limits_and_warm_throughput(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, DEMAND);
    (void)updated(fixture, TAB(OF_ONE(MAX("5", "6") "," WARM("13000", "5000"))));
    api_fixture_advance(fixture, WARM_THROUGHPUT_MS);
    assert_member_is(fixture, described(fixture), "GlobalSecondaryIndexes.0.OnDemandThroughput",
                     BOTH("5", "6"));
    assert_member_is(fixture, described(fixture), "GlobalSecondaryIndexes.0.WarmThroughput",
                     READY("13000", "5000"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_has_its_text),
        API_TEST(warm_throughput_of_no_index_is_a_failure_of_the_service),
        cmocka_unit_test(a_raise_shows_old_values_until_it_is_done),
        API_TEST(a_raise_under_way_takes_a_new_aim),
        API_TEST(what_is_warm_already_is_ready_soon),
        cmocka_unit_test(a_raise_goes_on_after_a_restart),
        API_TEST(limits_of_a_table_are_merged),
        API_TEST(limits_of_an_index_are_merged),
        API_TEST(an_entry_may_change_limits_and_warm_throughput),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
