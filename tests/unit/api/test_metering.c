/* What calls add to the metrics, seen through the totals since the start. */

#include "api/internal.h"
#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define KEYS(partition, sort)                                                                      \
    "'KeySchema':[{'AttributeName':'" partition "','KeyType':'HASH'},"                             \
    "{'AttributeName':'" sort "','KeyType':'RANGE'}],'Projection':{'ProjectionType':'ALL'}"
#define TABLE                                                                                      \
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["                  \
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk','AttributeType':'S'},"       \
    "{'AttributeName':'g','AttributeType':'S'}],"                                                  \
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"                                        \
    "{'AttributeName':'sk','KeyType':'RANGE'}],"                                                   \
    "'LocalSecondaryIndexes':[{'IndexName':'local'," KEYS(                                         \
        "pk", "g") "}],"                                                                           \
                   "'GlobalSecondaryIndexes':[{'IndexName':'global'," KEYS("g", "sk") "}]}"
#define ITEM "{'pk':{'S':'p'},'sk':{'S':'s'},'g':{'S':'g'}}"
#define KEY  "{'pk':{'S':'p'},'sk':{'S':'s'}}"

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    return 0;
}

/* "sum/count" of a metric with dimensions written as "Tab", "Tab/global" or "Tab GetItem". */
static const char *total(struct api_fixture *fixture, const char *metric, const char *dimensions)
{
    size_t count;
    const struct metric_total *totals =
        metrics_totals(fixture->api->storage.metrics, &fixture->arena, &count);
    for (size_t i = 0; i < count; i++) {
        const struct metric_series *series = &totals[i].series;
        const char *name = api_fixture_text(
            fixture, "%.*s%s%.*s%s%.*s", BYTES_ARGUMENTS(series->table_name),
            series->index_name.length > 0 ? "/" : "", BYTES_ARGUMENTS(series->index_name),
            series->operation.length > 0 ? " " : "", BYTES_ARGUMENTS(series->operation));
        if (strcmp(metric_name(series->metric), metric) == 0 && strcmp(name, dimensions) == 0) {
            return api_fixture_text(fixture, "%g/%u", totals[i].value.sum,
                                    (unsigned)totals[i].value.count);
        }
    }
    return "-";
}

static void assert_total(struct api_fixture *fixture,
                         const char *metric,
                         const char *dimensions,
                         const char *expected)
{
    assert_string_equal(total(fixture, metric, dimensions), expected);
}

static void writes_count_for_the_table_and_each_global_index(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "PutItem", "{'TableName':'Tab','Item':" ITEM "}");
    assert_total(fixture, "ConsumedWriteCapacityUnits", "Tab",
                 "2/1"); /* the local index's is the table's */
    assert_total(fixture, "ConsumedWriteCapacityUnits", "Tab/global", "1/1");
    assert_total(fixture, "ConsumedWriteCapacityUnits", "Tab/local", "-");
    (void)assert_accepted(fixture, "UpdateItem",
                          "{'TableName':'Tab','Key':" KEY ",'UpdateExpression':'SET v = :v',"
                          "'ExpressionAttributeValues':{':v':{'N':'1'}}}");
    (void)assert_accepted(fixture, "DeleteItem", "{'TableName':'Tab','Key':" KEY "}");
    assert_total(fixture, "ConsumedWriteCapacityUnits", "Tab", "6/3");
    assert_total(fixture, "ConsumedWriteCapacityUnits", "Tab/global", "3/3");
    (void)assert_accepted(fixture, "BatchWriteItem",
                          "{'RequestItems':{'Tab':[{'PutRequest':{'Item':" ITEM "}},"
                          "{'PutRequest':{'Item':{'pk':{'S':'q'},'sk':{'S':'s'}}}}]}}");
    assert_total(fixture, "ConsumedWriteCapacityUnits", "Tab", "9/4");
    (void)assert_accepted(
        fixture, "TransactWriteItems",
        "{'TransactItems':[{'Put':{'TableName':'Tab','Item':{'pk':{'S':'r'},'sk':{'S':'s'}}}}]}");
    assert_total(fixture, "ConsumedWriteCapacityUnits", "Tab",
                 "11/5"); /* to prepare and to commit */
    assert_total(fixture, "ConsumedReadCapacityUnits", "Tab", "-");
}

static void reads_count_for_what_they_read(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "PutItem", "{'TableName':'Tab','Item':" ITEM "}");
    (void)assert_accepted(fixture, "GetItem", "{'TableName':'Tab','Key':" KEY "}");
    assert_total(fixture, "ConsumedReadCapacityUnits", "Tab", "0.5/1");
    (void)assert_accepted(fixture, "BatchGetItem",
                          "{'RequestItems':{'Tab':{'Keys':[" KEY "],'ConsistentRead':true}}}");
    assert_total(fixture, "ConsumedReadCapacityUnits", "Tab", "1.5/2");
    (void)assert_accepted(fixture, "TransactGetItems",
                          "{'TransactItems':[{'Get':{'TableName':'Tab','Key':" KEY "}}]}");
    assert_total(fixture, "ConsumedReadCapacityUnits", "Tab", "3.5/3");
    (void)assert_accepted(fixture, "Scan", "{'TableName':'Tab'}");
    assert_total(fixture, "ConsumedReadCapacityUnits", "Tab", "4/4");
    (void)assert_accepted(fixture, "Scan", "{'TableName':'Tab','IndexName':'local'}");
    assert_total(fixture, "ConsumedReadCapacityUnits", "Tab", "4.5/5");
    (void)assert_accepted(fixture, "Query",
                          "{'TableName':'Tab','IndexName':'global','KeyConditionExpression':"
                          "'g = :g','ExpressionAttributeValues':{':g':{'S':'g'}}}");
    assert_total(fixture, "ConsumedReadCapacityUnits", "Tab", "4.5/5");
    assert_total(fixture, "ConsumedReadCapacityUnits", "Tab/global", "0.5/1");
    assert_total(fixture, "ReturnedItemCount", "Tab Scan", "2/2");
    assert_total(fixture, "ReturnedItemCount", "Tab Query", "1/1");
    assert_total(fixture, "ReturnedItemCount", "Tab GetItem", "-");
}

static void each_success_has_a_latency(void **state)
{
    struct api_fixture *fixture = *state;
    size_t count;
    (void)assert_accepted(fixture, "GetItem", "{'TableName':'Tab','Key':" KEY "}");
    (void)assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_refused(fixture, "GetItem", "{'TableName':'Tab','Key':{}}", VALIDATION,
                   "The provided key element does not match the schema");
    const struct metric_total *totals =
        metrics_totals(fixture->api->storage.metrics, &fixture->arena, &count);
    size_t latencies = 0;
    for (size_t i = 0; i < count; i++) {
        if (totals[i].series.metric == METRIC_SUCCESSFUL_REQUEST_LATENCY) {
            latencies++;
            assert_true(bytes_equal(totals[i].series.operation, BYTES("GetItem")));
            assert_int_equal(totals[i].value.count, 1);
            assert_true(totals[i].value.sum > 0 && totals[i].value.sum < 60000);
        }
    }
    assert_int_equal(latencies, 1);
}

static void a_failed_condition_costs_and_is_no_user_error(void **state)
{
    struct api_fixture *fixture = *state;
    const char *put =
        "{'TableName':'Tab','Item':" ITEM ",'ConditionExpression':'attribute_not_exists(pk)'}";
    (void)assert_accepted(fixture, "PutItem", put);
    assert_refused(fixture, "PutItem", put, NOT_MET, "The conditional request failed");
    assert_total(fixture, "ConditionalCheckFailedRequests", "Tab", "1/1");
    assert_total(fixture, "ConsumedWriteCapacityUnits", "Tab", "3/2");
    assert_total(fixture, "ConsumedWriteCapacityUnits", "Tab/global", "1/1");
    assert_total(fixture, "UserErrors", "", "-");
}

static void a_cancelled_transaction_has_been_prepared(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "PutItem", "{'TableName':'Tab','Item':" ITEM "}");
    struct api_reply reply =
        call(fixture, "TransactWriteItems",
             "{'TransactItems':[{'Put':{'TableName':'Tab','Item':" ITEM
             ",'ConditionExpression':'attribute_not_exists(pk)'}},"
             "{'Delete':{'TableName':'Tab','Key':{'pk':{'S':'q'},'sk':{'S':'s'}}}}]}");
    assert_int_equal(reply.status, 400);
    assert_total(fixture, "ConsumedWriteCapacityUnits", "Tab", "4/2");
    assert_total(fixture, "ConditionalCheckFailedRequests", "Tab",
                 "-"); /* of the three operations only */
    assert_total(fixture, "UserErrors", "", "1/1");
}

static void client_errors_have_no_dimensions(void **state)
{
    struct api_fixture *fixture = *state;
    struct api_reply reply = call(fixture, "GetItem", "{'TableName':'None','Key':" KEY "}");
    assert_int_equal(reply.status, 400);
    reply = call(fixture, "NoSuchOperation", "{}");
    assert_int_equal(reply.status, 400);
    assert_total(fixture, "UserErrors", "", "2/2");
}

int main(void)
{
#define METERING_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        METERING_TEST(writes_count_for_the_table_and_each_global_index),
        METERING_TEST(reads_count_for_what_they_read),
        METERING_TEST(each_success_has_a_latency),
        METERING_TEST(a_failed_condition_costs_and_is_no_user_error),
        METERING_TEST(a_cancelled_transaction_has_been_prepared),
        METERING_TEST(client_errors_have_no_dimensions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
