/* DescribeTable: statuses under the moved clock, throughput, refusals. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S(name)    "{'AttributeName':'" name "','AttributeType':'S'}"
#define HASH(name) "{'AttributeName':'" name "','KeyType':'HASH'}"
#define ALL        "'Projection':{'ProjectionType':'ALL'}"

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[" S("pk") "," S(
        "g") "],'KeySchema':[" HASH("pk") "],'GlobalSecondaryIndexes':["
                                          "{'IndexName':'with','KeySchema':[" HASH("g") "]," ALL
                                                                                        "}]}";

static const char PROVISIONED[] =
    "{'TableName':'Tab','AttributeDefinitions':[" S("pk") "],'KeySchema':[" HASH(
        "pk") "],"
              "'ProvisionedThroughput':{'ReadCapacityUnits':3,'WriteCapacityUnits':4}}";

static void an_index_made_with_its_table_is_never_backfilling(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "CreateTable", TABLE);
    api_fixture_advance(fixture, TABLE_CREATE_INDEXED_MS - 1);
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_member_is(fixture, reply, "Table.TableStatus", "'CREATING'");
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.0.IndexStatus", "'CREATING'");
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.0.Backfilling", NULL);

    /* table and index turn together */
    api_fixture_advance(fixture, 1);
    reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_member_is(fixture, reply, "Table.TableStatus", "'ACTIVE'");
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.0.IndexStatus", "'ACTIVE'");
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.0.Backfilling", NULL);
}

static void a_description_on_demand_shows_what_is_warm(void **state)
{
    static const char *const ROWS[][2] = {
        { "WarmThroughput",
          "{'ReadUnitsPerSecond':12000,'WriteUnitsPerSecond':4000,'Status':'ACTIVE'}" },
        { "GlobalSecondaryIndexes.0.WarmThroughput",
          "{'ReadUnitsPerSecond':12000,'WriteUnitsPerSecond':4000,'Status':'ACTIVE'}" },
        { "BillingModeSummary",
          "{'BillingMode':'PAY_PER_REQUEST','LastUpdateToPayPerRequestDateTime':1767225600}" },
        { "DeletionProtectionEnabled", "false" },
        { "CreationDateTime", "1767225600" },
        { "ItemCount", "0" },
        { "OnDemandThroughput", NULL },
    };
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        assert_member_is(fixture, json_at(reply, "Table"), ROWS[i][0], ROWS[i][1]);
    }
}

static void a_provisioned_table_is_as_warm_as_it_is_provisioned(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_member_is(fixture, reply, "Table.WarmThroughput",
                     "{'ReadUnitsPerSecond':3,'WriteUnitsPerSecond':4,'Status':'ACTIVE'}");
    assert_member_is(fixture, reply, "Table.BillingModeSummary", NULL);
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes", NULL);
    assert_member_is(fixture, reply, "Table.LocalSecondaryIndexes", NULL);
}

static void a_table_may_be_named_by_its_arn(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const struct cJSON *reply =
        assert_accepted(fixture, "DescribeTable",
                        "{'TableName':'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab'}");
    assert_member_is(fixture, reply, "Table.TableName", "'Tab'");
}

#define NAME_64  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME_256 NAME_64 NAME_64 NAME_64 NAME_64
#define NAMED(name)                                                                                \
    "1 validation error detected: Value '" name                                                    \
    "' at 'tableName' failed to satisfy constraint: Member must "

static const struct {
    const char *request;
    const char *type;
    const char *message;
} FAULTS[] = {
    { "{}", VALIDATION,
      "The parameter 'TableName' is required but was not present in the request" },
    { "{'TableName':null}", VALIDATION,
      "The parameter 'TableName' is required but was not present in the request" },
    { "{'TableName':''}", VALIDATION, NAMED("") "have length greater than or equal to 1" },
    { "{'TableName':'ab'}", VALIDATION, NAMED("ab") "have length greater than or equal to 3" },
    { "{'TableName':'" NAME_256 "'}", VALIDATION,
      NAMED(NAME_256) "have length less than or equal to 255" },
    { "{'TableName':'a/b'}", VALIDATION,
      NAMED("a/b") "satisfy regular expression pattern: [a-zA-Z0-9_.-]+" },
    { "{'TableName':'None'}", NOT_FOUND, "Requested resource not found: Table: None not found" },
    { "{'TableName':'tab'}", NOT_FOUND, "Requested resource not found: Table: tab not found" },
};

static void faults_are_refused_by_describe_and_delete(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "DescribeTable", FAULTS[i].request, FAULTS[i].type,
                       FAULTS[i].message);
        assert_refused(fixture, "DeleteTable", FAULTS[i].request, FAULTS[i].type,
                       FAULTS[i].message);
    }
}

/* ItemCount, TableSizeBytes; ItemCount, IndexSizeBytes of the index. */
static void assert_counts(struct api_fixture *fixture, const char *const counts[4])
{
    static const char *const paths[4] = {
        "ItemCount",
        "TableSizeBytes",
        "GlobalSecondaryIndexes.0.ItemCount",
        "GlobalSecondaryIndexes.0.IndexSizeBytes",
    };
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_member_is(fixture, json_at(reply, "Table"), paths[i], counts[i]);
    }
}

static const char *const NO_ITEMS[] = { "0", "0", "0", "0" };
static const char *const TWO_ITEMS[] = { "2", "9", "1", "6" };
static const char *const THREE_ITEMS[] = { "3", "15", "2", "12" };

static void put_two_items(struct api_fixture *fixture)
{
    put_items(fixture, "Tab",
              (const char *const[]){ "{'pk':{'S':'a'},'g':{'S':'xx'}}", "{'pk':{'S':'b'}}", NULL });
}

static void put_a_third_item(struct api_fixture *fixture)
{
    put_items(fixture, "Tab", (const char *const[]){ "{'pk':{'S':'c'},'g':{'S':'xx'}}", NULL });
}

static void counts_are_those_of_the_last_six_hour_mark(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    put_two_items(fixture);
    api_fixture_advance(fixture, ITEM_COUNT_REFRESH_MS - TABLE_CREATE_INDEXED_MS - 1);
    assert_counts(fixture, NO_ITEMS);
    api_fixture_advance(fixture, 1);
    assert_counts(fixture, TWO_ITEMS);

    put_a_third_item(fixture);
    api_fixture_advance(fixture, ITEM_COUNT_REFRESH_MS - 1);
    assert_counts(fixture, TWO_ITEMS);
    api_fixture_advance(fixture, 1 + 3 * (int64_t)ITEM_COUNT_REFRESH_MS / 2);
    assert_counts(fixture, THREE_ITEMS);
}

static void every_table_is_refreshed(void **state)
{
    enum { COUNT = 150 }; /* more than one step of the sweep */
    struct api_fixture *fixture = *state;
    for (int i = 0; i < COUNT; i++) {
        (void)assert_accepted(
            fixture, "CreateTable",
            api_fixture_text(fixture,
                             "{'TableName':'Tab%d','BillingMode':'PAY_PER_REQUEST',"
                             "'AttributeDefinitions':[" S("pk") "],'KeySchema':[" HASH("pk") "]}",
                             i));
    }
    api_fixture_advance(fixture, TABLE_CREATE_MS);
    for (int i = 0; i < COUNT; i++) {
        put_items(fixture, api_fixture_text(fixture, "Tab%d", i),
                  (const char *const[]){ "{'pk':{'S':'a'}}", NULL });
    }
    api_fixture_advance(fixture, ITEM_COUNT_REFRESH_MS);
    for (int i = 0; i < COUNT; i++) {
        const struct cJSON *reply = assert_accepted(
            fixture, "DescribeTable", api_fixture_text(fixture, "{'TableName':'Tab%d'}", i));
        assert_member_is(fixture, reply, "Table.ItemCount", "1");
    }
}

static void counts_are_current_when_the_server_is_told_so(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_counting(&fixture);
    create_table(&fixture, TABLE);
    assert_counts(&fixture, NO_ITEMS);
    put_two_items(&fixture);
    assert_counts(&fixture, TWO_ITEMS);
    put_a_third_item(&fixture);
    assert_counts(&fixture, THREE_ITEMS);
    api_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(an_index_made_with_its_table_is_never_backfilling),
        API_TEST(a_description_on_demand_shows_what_is_warm),
        API_TEST(a_provisioned_table_is_as_warm_as_it_is_provisioned),
        API_TEST(a_table_may_be_named_by_its_arn),
        API_TEST(faults_are_refused_by_describe_and_delete),
        API_TEST(counts_are_those_of_the_last_six_hour_mark),
        API_TEST(every_table_is_refreshed),
        cmocka_unit_test(counts_are_current_when_the_server_is_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
