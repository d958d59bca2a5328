/*
 * CreateTable's capacity: what the billing mode asks for and forbids, on-demand limits, warm
 * throughput, the account's quotas; and what of it is described when.
 */

#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TABLE(mode, index)                                                                         \
    "'TableName':'Tab'," DEFINE(S("pk") "," S("a")) "," KEY(HASH("pk")) "," mode "," GSIS(         \
        GSI("one", "a", index))

#define TEN      UNITS("10", "10")
#define TOO_MANY "1000000000001"
#define SEE                                                                                        \
    " See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"                      \
    "on-demand-capacity-mode.html#on-demand-capacity-mode-initial"

/* In the service's order: of two rows of one mode the earlier one would be told. */
static const struct {
    const char *request;
    const char *message;
} FAULTS[] = {
    /* the mode and the table's throughput, before anything of keys and indexes */
    { TABLE(ON_DEMAND "," TEN, ",'x':1") ",'AttributeDefinitions':[]",
      INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode "
              "is PAY_PER_REQUEST" },
    { TABLE("'x':1", "," TEN) ",'AttributeDefinitions':[]",
      INVALID "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
              "PROVISIONED" },
    { TABLE(PROVISIONED, "," TEN),
      INVALID "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
              "PROVISIONED" },
    { TABLE(UNITS(TOO_MANY, TOO_MANY), "," TEN) ",'AttributeDefinitions':[]",
      "Given value 1000000000001 for ReadCapacityUnits is out of bounds" },
    { TABLE(UNITS("1e12", "9e300"), "," TEN) ",'AttributeDefinitions':[]",
      "Given value 9223372036854775807 for WriteCapacityUnits is out of bounds" },

    /* of an index */
    { TABLE(TEN, "") "," MAX("1", "1"),
      INVALID "ProvisionedThroughput is not specified for index: one" },
    { TABLE(ON_DEMAND, "," TEN) "," MAX("0", "0"),
      INVALID "ProvisionedThroughput should not be specified for index: one when BillingMode is "
              "PAY_PER_REQUEST" },
    { TABLE(TEN, "," UNITS("1", TOO_MANY)) "," MAX("1", "1"),
      "Given value 1000000000001 for WriteCapacityUnits is out of bounds" },

    /* limits of the table, of the table's warm throughput, then of each index */
    { TABLE(TEN, "," TEN) "," MAX("1", "1"),
      INVALID "MaxReadRequestUnits for OnDemandThroughput cannot be specified when table "
              "BillingMode is PROVISIONED." },
    { TABLE(TEN, "," TEN) "," LIMITS("'MaxWriteRequestUnits':0"),
      INVALID "MaxWriteRequestUnits for OnDemandThroughput cannot be specified when table "
              "BillingMode is PROVISIONED." },
    { TABLE(ON_DEMAND, "") "," MAX("0", "0") "," WARM("1", "1"),
      INVALID "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid "
              "range" },
    { TABLE(ON_DEMAND, "") "," MAX("-1", "5"),
      INVALID "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid "
              "range" },
    { TABLE(ON_DEMAND, "") "," MAX("5", "-2"),
      INVALID "Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside of valid "
              "range" },
    { TABLE(ON_DEMAND, "," MAX("0", "1")) "," WARM("11999", "1"),
      INVALID "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than initial "
              "throughput for OnDemand." SEE },
    { TABLE(ON_DEMAND, "," MAX("0", "1")) "," WARM_OF("'WriteUnitsPerSecond':3999"),
      INVALID "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than initial "
              "throughput for OnDemand." SEE },
    { TABLE(TEN, "," TEN) "," WARM("9", "9"),
      INVALID "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than "
              "ReadCapacityUnits of ProvisionedThroughput" },
    { TABLE(TEN, "," TEN) "," WARM("10", "9"),
      INVALID "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than "
              "WriteCapacityUnits of ProvisionedThroughput" },
    { TABLE(TEN, "," TEN "," MAX("10", "10")),
      INVALID "MaxReadRequestUnits for OnDemandThroughput for index: one cannot be specified when "
              "table BillingMode is PROVISIONED." },
    { TABLE(ON_DEMAND, "," MAX("-1", "1") "," WARM("1", "1")),
      INVALID "Requested MaxReadRequestUnits for OnDemandThroughput for index : one is outside of "
              "valid range" },
    { TABLE(ON_DEMAND, "," WARM("1", "1")),
      INVALID "Requested ReadUnitsPerSecond for WarmThroughput for index one is lower than initial "
              "throughput for OnDemand." SEE },
    { TABLE(TEN, "," TEN "," WARM("1", "1")),
      INVALID "Requested ReadUnitsPerSecond for WarmThroughput for index one is lower than "
              "ReadCapacityUnits of ProvisionedThroughput" },
};

static void each_fault_has_its_text(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "CreateTable", api_fixture_text(fixture, "{%s}", FAULTS[i].request),
                       VALIDATION, FAULTS[i].message);
    }
}

/* ---- the account's quotas, after everything else ---- */

#define ABOVE(what, owner)                                                                         \
    "The requested " what ", 40001, is above the per " owner " maximum for the account in "        \
    "eu-test-1. Per table maximum: 40000. Refer to the Amazon DynamoDB Developer Guide for "       \
    "current limits and how to request higher limits."
#define EXCEEDS(what, owner, quota)                                                                \
    "Subscriber limit exceeded: Requested " what " for " owner " exceeds TableMax" quota           \
    "CapacityUnits of the account in region eu-test-1"

static const struct {
    const char *request;
    const char *message;
} QUOTAS[] = {
    { TABLE(UNITS("40001", "40001"), "," TEN), ABOVE("ReadCapacityUnits", "table") },
    { TABLE(UNITS("40000", "40001"), "," TEN), ABOVE("WriteCapacityUnits", "table") },
    { TABLE(TEN, "," UNITS("40001", "1")), ABOVE("ReadCapacityUnits for index one", "index") },
    { TABLE(TEN, "," UNITS("1", "40001")), ABOVE("WriteCapacityUnits for index one", "index") },
    { TABLE(ON_DEMAND, "") "," MAX("40001", "1"),
      EXCEEDS("MaxReadRequestUnits for OnDemandThroughput", "table", "Read") },
    { TABLE(ON_DEMAND, "," MAX("1", "40001")),
      EXCEEDS("MaxWriteRequestUnits for OnDemandThroughput", "index : one", "Write") },
    { TABLE(ON_DEMAND, "") "," WARM("40001", "4000"),
      EXCEEDS("ReadUnitsPerSecond for WarmThroughput", "table", "Read") },
    { TABLE(ON_DEMAND, "," WARM("12000", "40001")),
      EXCEEDS("WriteUnitsPerSecond for WarmThroughput", "index one", "Write") },
};

static void quotas_come_after_whether_the_name_is_free(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, "{" TABLE(ON_DEMAND, "") ",'TableName':'Taken'}");
    for (size_t i = 0; i < sizeof QUOTAS / sizeof *QUOTAS; i++) {
        assert_refused(fixture, "CreateTable", api_fixture_text(fixture, "{%s}", QUOTAS[i].request),
                       LIMIT, QUOTAS[i].message);
        assert_refused(fixture, "CreateTable",
                       api_fixture_text(fixture, "{%s,'TableName':'Taken'}", QUOTAS[i].request),
                       IN_USE, "Table already exists: Taken");
        assert_refused(fixture, "CreateTable",
                       api_fixture_text(fixture, "{%s," CLASS("COLD") "}", QUOTAS[i].request),
                       VALIDATION,
                       "Invalid table-class parameter provided. Please try again with a valid "
                       "table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS].");
    }
    /* nothing is left behind: the name is free */
    assert_refused(fixture, "DescribeTable", TAB_ALONE, NOT_FOUND,
                   "Requested resource not found: Table: Tab not found");
}

/* Indexes do not count towards their table's quota. */
static void a_table_and_its_indexes_have_quotas_of_their_own(void **state)
{
    (void)assert_accepted(*state, "CreateTable",
                          "{" TABLE(UNITS("39900", "40000"), "," UNITS("40000", "40000")) "}");
}

/* ---- what is described, in the reply to CreateTable and ever after ---- */

#define READY(read, write)                                                                         \
    "{'ReadUnitsPerSecond':" read ",'WriteUnitsPerSecond':" write ",'Status':'ACTIVE'}"
#define COMING(read, write)                                                                        \
    "{'ReadUnitsPerSecond':" read ",'WriteUnitsPerSecond':" write ",'Status':'UPDATING'}"
#define HAS(read, write)                                                                           \
    "{'NumberOfDecreasesToday':0,'ReadCapacityUnits':" read ",'WriteCapacityUnits':" write "}"
#define OF_INDEX "GlobalSecondaryIndexes.0."

static const struct {
    const char *request;
    const char *path;
    const char *in_reply;
    const char *while_creating;
    const char *when_active;
} DESCRIBED[] = {
    { TABLE(ON_DEMAND, ""), "ProvisionedThroughput", HAS("0", "0"), HAS("0", "0"), HAS("0", "0") },
    { TABLE(ON_DEMAND, ""), OF_INDEX "ProvisionedThroughput", HAS("0", "0"), HAS("0", "0"),
      HAS("0", "0") },
    { TABLE(TEN, "," UNITS("3", "4")), "ProvisionedThroughput", HAS("10", "10"), HAS("10", "10"),
      HAS("10", "10") },
    { TABLE(TEN, "," UNITS("3", "4")), OF_INDEX "ProvisionedThroughput", HAS("3", "4"),
      HAS("3", "4"), HAS("3", "4") },

    { TABLE(TEN, "," TEN), "BillingModeSummary", NULL, NULL, NULL },
    { TABLE(PROVISIONED "," TEN, "," TEN), "BillingModeSummary", NULL, NULL, NULL },
    { TABLE(TEN, "," TEN), "TableThroughputModeSummary", NULL, NULL, NULL },
    { TABLE(ON_DEMAND, ""), "BillingModeSummary", "{'BillingMode':'PAY_PER_REQUEST'}",
      "{'BillingMode':'PAY_PER_REQUEST'}",
      "{'BillingMode':'PAY_PER_REQUEST','LastUpdateToPayPerRequestDateTime':1767225600}" },
    { TABLE(ON_DEMAND, ""), "TableThroughputModeSummary",
      "{'TableThroughputMode':'PAY_PER_REQUEST'}", "{'TableThroughputMode':'PAY_PER_REQUEST'}",
      "{'TableThroughputMode':'PAY_PER_REQUEST','LastUpdateToPayPerRequestDateTime':1767225600}" },

    { TABLE(ON_DEMAND, ""), "WarmThroughput", NULL, READY("12000", "4000"),
      READY("12000", "4000") },
    { TABLE(TEN, "," UNITS("3", "4")), "WarmThroughput", NULL, READY("10", "10"),
      READY("10", "10") },
    { TABLE(TEN, "," UNITS("3", "4")), OF_INDEX "WarmThroughput", NULL, COMING("3", "4"),
      READY("3", "4") },
    { TABLE(ON_DEMAND, "") "," WARM("12001", "4001"), "WarmThroughput", COMING("12001", "4001"),
      COMING("12001", "4001"), READY("12001", "4001") },
    { TABLE(ON_DEMAND, "") "," WARM_OF("'ReadUnitsPerSecond':12001"), "WarmThroughput",
      COMING("12001", "4000"), COMING("12001", "4000"), READY("12001", "4000") },
    { TABLE(ON_DEMAND, "") "," WARM_OF(""), "WarmThroughput", NULL, READY("12000", "4000"),
      READY("12000", "4000") },
    { TABLE(TEN, "," TEN) "," WARM("100", "100"), "WarmThroughput", COMING("100", "100"),
      COMING("100", "100"), READY("100", "100") },
    { TABLE(ON_DEMAND, "," WARM("13000", "5000")), OF_INDEX "WarmThroughput", NULL,
      COMING("13000", "5000"), READY("13000", "5000") },
    { TABLE(ON_DEMAND, "," WARM_OF("")), OF_INDEX "WarmThroughput", NULL, COMING("12000", "4000"),
      READY("12000", "4000") },

    { TABLE(ON_DEMAND, ""), "OnDemandThroughput", NULL, NULL, NULL },
    { TABLE(ON_DEMAND, "") "," LIMITS(""), "OnDemandThroughput", NULL, NULL, NULL },
    { TABLE(TEN, "," TEN) "," LIMITS(""), "OnDemandThroughput", NULL, NULL, NULL },
    { TABLE(ON_DEMAND, "") "," MAX("100", "40000"), "OnDemandThroughput",
      "{'MaxReadRequestUnits':100,'MaxWriteRequestUnits':40000}",
      "{'MaxReadRequestUnits':100,'MaxWriteRequestUnits':40000}",
      "{'MaxReadRequestUnits':100,'MaxWriteRequestUnits':40000}" },
    { TABLE(ON_DEMAND, "") "," LIMITS("'MaxReadRequestUnits':100"), "OnDemandThroughput",
      "{'MaxReadRequestUnits':100}", "{'MaxReadRequestUnits':100}", "{'MaxReadRequestUnits':100}" },
    { TABLE(ON_DEMAND, "," MAX("50", "60")), OF_INDEX "OnDemandThroughput",
      "{'MaxReadRequestUnits':50,'MaxWriteRequestUnits':60}",
      "{'MaxReadRequestUnits':50,'MaxWriteRequestUnits':60}",
      "{'MaxReadRequestUnits':50,'MaxWriteRequestUnits':60}" },
    { TABLE(ON_DEMAND, "," MAX("50", "60")), "OnDemandThroughput", NULL, NULL, NULL },
};

static void assert_at(struct api_fixture *fixture, size_t row, const char *expected)
{
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(fixture, json_at(reply, "Table"), DESCRIBED[row].path, expected);
}

static void capacity_is_described_from_the_reply_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof DESCRIBED / sizeof *DESCRIBED; i++) {
        struct api_fixture fixture;
        api_fixture_open(&fixture);
        const struct cJSON *reply = assert_accepted(
            &fixture, "CreateTable", api_fixture_text(&fixture, "{%s}", DESCRIBED[i].request));
        assert_member_is(&fixture, json_at(reply, "TableDescription"), DESCRIBED[i].path,
                         DESCRIBED[i].in_reply);
        assert_at(&fixture, i, DESCRIBED[i].while_creating);
        api_fixture_advance(&fixture, TABLE_CREATE_INDEXED_MS - 1);
        assert_at(&fixture, i, DESCRIBED[i].while_creating);
        api_fixture_advance(&fixture, 1);
        assert_at(&fixture, i, DESCRIBED[i].when_active);
        api_fixture_close(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(each_fault_has_its_text),
        API_TEST(quotas_come_after_whether_the_name_is_free),
        API_TEST(a_table_and_its_indexes_have_quotas_of_their_own),
        cmocka_unit_test(capacity_is_described_from_the_reply_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
