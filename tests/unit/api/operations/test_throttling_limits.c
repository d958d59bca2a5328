/*
 * Where the capacity comes from: provisioned or the maximum on demand, changed by UpdateTable,
 * after a restart; and what throttling leaves in the metrics.
 */

#include "api/internal.h"
#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define UNITS(reads, writes)                                                                       \
    "'ProvisionedThroughput':{'ReadCapacityUnits':" reads ",'WriteCapacityUnits':" writes "}"
#define MAXIMA(reads, writes)                                                                      \
    "'OnDemandThroughput':{'MaxReadRequestUnits':" reads ",'MaxWriteRequestUnits':" writes "}"
#define HASH(name) "[{'AttributeName':'" name "','KeyType':'HASH'}]"
#define TABLE(capacity, index_capacity)                                                            \
    "{'TableName':'Tab'," capacity ",'AttributeDefinitions':["                                     \
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'g','AttributeType':'S'}],"       \
    "'KeySchema':" HASH("pk") ",'GlobalSecondaryIndexes':[{'IndexName':'idx','KeySchema':" HASH(   \
        "g") ",'Projection':{'ProjectionType':'ALL'}," index_capacity "}]}"
#define PROVISIONED TABLE(UNITS("10", "5"), UNITS("4", "2"))
#define ON_DEMAND   TABLE("'BillingMode':'PAY_PER_REQUEST'," MAXIMA("3", "2"), MAXIMA("1", "1"))

#define PUT             "{'TableName':'Tab','Item':{'pk':{'S':'p'}}}"
#define INDEX_PUT       "{'TableName':'Tab','Item':{'pk':{'S':'p'},'g':{'S':'%d'}}}"
#define GET             "{'TableName':'Tab','Key':{'pk':{'S':'p'}},'ConsistentRead':true}"
#define SCAN            "{'TableName':'Tab','IndexName':'idx'}"
#define UPDATE(members) "{'TableName':'Tab'," members "}"
#define UPDATE_INDEX(members)                                                                      \
    "'GlobalSecondaryIndexUpdates':[{'Update':{'IndexName':'idx'," members "}}]"

#define EXCEEDED  SERVICE "ProvisionedThroughputExceededException"
#define THROTTLED "com.amazon.coral.availability#ThrottlingException"
#define TABLE_TEXT                                                                                 \
    "The level of configured provisioned throughput for the table was exceeded. Consider "         \
    "increasing your provisioning level with the UpdateTable API."
#define MAXIMUM_TEXT                                                                               \
    "Throughput exceeds the maximum OnDemandThroughput configured on table or index"
#define ARN                      "arn:aws:dynamodb:eu-test-1:000000000000:table/Tab"
#define REASON(reason, resource) "[{'reason':'" reason "','resource':'" resource "'}]"

static int count_accepted(struct api_fixture *fixture, const char *operation, const char *request)
{
    int count = 0;
    while (count < 10000 && call(fixture, operation, request).status == 200) {
        count++;
    }
    return count;
}

static int count_per_second(struct api_fixture *fixture, const char *operation, const char *request)
{
    (void)count_accepted(fixture, operation, request);
    api_fixture_advance(fixture, 1000);
    return count_accepted(fixture, operation, request);
}

/* The same for writes that change the index, so that each consumes two units of it. */
static int count_index_writes(struct api_fixture *fixture)
{
    static int value;
    int count = 0;
    while (call(fixture, "PutItem", api_fixture_text(fixture, INDEX_PUT, value)).status == 200) {
        count++;
        value++;
    }
    return count;
}

static void assert_reasons(struct api_fixture *fixture,
                           const char *operation,
                           const char *request,
                           const char *reasons)
{
    assert_refused(fixture, operation, request, THROTTLED, MAXIMUM_TEXT);
    assert_member_is(fixture, call(fixture, operation, request).json, "ThrottlingReasons", reasons);
}

/* ---- whose capacity ---- */

static void without_the_option_nothing_is_refused(void **state)
{
    struct api_fixture fixture;
    (void)state;
    api_fixture_open(&fixture);
    create_table(&fixture, PROVISIONED);
    assert_int_equal(count_accepted(&fixture, "PutItem", PUT), 10000);
    assert_int_equal(count_accepted(&fixture, "GetItem", GET), 10000);
    api_fixture_close(&fixture);
}

static void on_demand_a_maximum_is_the_limit(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, ON_DEMAND);
    assert_int_equal(count_per_second(fixture, "PutItem", PUT), 2);
    assert_int_equal(count_per_second(fixture, "GetItem", GET), 3);
    assert_reasons(fixture, "GetItem", GET, REASON("TableReadMaxOnDemandThroughputExceeded", ARN));
    (void)count_per_second(fixture, "Scan", SCAN);
    assert_reasons(fixture, "Scan", SCAN,
                   REASON("IndexReadMaxOnDemandThroughputExceeded", ARN "/index/idx"));
    (void)count_index_writes(fixture);
    api_fixture_advance(fixture, 1000);
    assert_int_equal(count_index_writes(fixture), 1); /* two units of the index's one a second */
    assert_reasons(fixture, "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'p'}}}",
                   REASON("IndexWriteMaxOnDemandThroughputExceeded", ARN "/index/idx"));
    assert_in_range(
        count_accepted(fixture, "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'another'}}}"), 1,
        4);
    assert_reasons(fixture, "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'another'}}}",
                   REASON("TableWriteMaxOnDemandThroughputExceeded", ARN));
}

static void a_transaction_names_a_maximum_a_throttling_error(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, ON_DEMAND);
    (void)count_accepted(fixture, "PutItem", PUT);
    assert_refused(fixture, "TransactWriteItems", "{'TransactItems':[{'Put':" PUT "}]}",
                   TRANSACTION_CANCELED,
                   "Transaction cancelled, please refer cancellation reasons for specific reasons "
                   "[ThrottlingError]");
}

static void on_demand_without_a_maximum_there_is_none(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST',"
                          "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"
                          "'KeySchema':" HASH("pk") "}");
    assert_int_equal(count_accepted(fixture, "PutItem", PUT), 10000);
}

static void a_table_made_anew_has_a_bucket_of_its_own(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    (void)count_accepted(fixture, "PutItem", PUT);
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
    api_fixture_advance(fixture, TABLE_DELETE_MS);
    create_table(fixture, PROVISIONED);
    assert_int_equal(count_accepted(fixture, "PutItem", PUT), 6); /* 5 and the time of CREATING */
}

static void a_new_table_has_saved_up_nothing(void **state)
{
    struct api_fixture *fixture = *state;
    api_fixture_advance(fixture, 3600 * 1000);
    create_table(fixture, PROVISIONED);
    assert_int_equal(count_accepted(fixture, "PutItem", PUT), 6);
}

/* ---- changes ---- */

static void a_raise_counts_when_it_is_done(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    (void)count_accepted(fixture, "PutItem", PUT); /* owes a quarter */
    (void)assert_accepted(fixture, "UpdateTable", UPDATE(UNITS("10", "50")));
    api_fixture_advance(fixture, TABLE_UPDATE_MS - 1);
    assert_int_equal(count_accepted(fixture, "PutItem", PUT), 1); /* a fifth of a second at 5 */
    api_fixture_advance(fixture, 1);
    assert_int_equal(count_accepted(fixture, "PutItem", PUT), 0);
    api_fixture_advance(fixture, 1000);
    assert_int_equal(count_accepted(fixture, "PutItem", PUT), 50);
}

static void a_raise_of_an_index_frees_its_table(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    (void)count_index_writes(fixture);
    (void)assert_accepted(fixture, "UpdateTable", UPDATE(UPDATE_INDEX(UNITS("4", "40"))));
    api_fixture_advance(fixture, INDEX_UPDATE_MS);
    assert_int_equal(count_index_writes(fixture), 0);
    api_fixture_advance(fixture,
                        1000); /* the index's 40 would do for 20; the table has 3.75 + 6.25 */
    assert_int_equal(count_index_writes(fixture), 10);
    assert_refused(fixture, "PutItem", PUT, EXCEEDED, TABLE_TEXT);
}

static void on_demand_frees_at_once_and_provisioned_begins_anew(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    (void)count_accepted(fixture, "PutItem", PUT);
    (void)assert_accepted(fixture, "UpdateTable", UPDATE("'BillingMode':'PAY_PER_REQUEST'"));
    assert_int_equal(count_accepted(fixture, "PutItem", PUT), 10000);
    api_fixture_advance(fixture, BILLING_ON_DEMAND_MS);
    (void)assert_accepted(
        fixture, "UpdateTable",
        UPDATE("'BillingMode':'PROVISIONED'," UNITS("10", "7") "," UPDATE_INDEX(UNITS("4", "2"))));
    assert_int_equal(count_accepted(fixture, "PutItem", PUT), 10000);
    api_fixture_advance(fixture, BILLING_PROVISIONED_MS);
    assert_int_equal(count_accepted(fixture, "PutItem", PUT), 7);
}

static void a_restart_saves_up_anew(void **state)
{
    struct api_fixture fixture;
    (void)state;
    api_fixture_open_throttling(&fixture, true);
    create_table(&fixture, PROVISIONED);
    api_fixture_advance(&fixture, 400 * 1000);
    api_fixture_reopen(&fixture);
    assert_int_equal(count_accepted(&fixture, "PutItem", PUT), 5);
    api_fixture_advance(&fixture, 10 * 1000);
    assert_int_equal(count_accepted(&fixture, "PutItem", PUT), 50);
    api_fixture_close(&fixture);
}

/* ---- metrics ---- */

static void assert_total(struct api_fixture *fixture,
                         enum metric metric,
                         const char *index,
                         const char *operation,
                         double expected)
{
    struct metric_series series = { .metric = metric,
                                    .table_name = BYTES("Tab"),
                                    .index_name = bytes_of_text(index),
                                    .operation = bytes_of_text(operation) };
    size_t count;
    double sum = 0;
    const struct metric_total *totals =
        metrics_totals(fixture->api->storage.metrics, &fixture->arena, &count);
    for (size_t i = 0; i < count; i++) {
        sum += metric_series_equal(&totals[i].series, &series) ? totals[i].value.sum : 0;
    }
    assert_float_equal(sum, expected, 0.001);
}

static void every_refusal_is_an_event(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    (void)count_accepted(fixture, "PutItem", PUT);
    (void)count_accepted(fixture, "GetItem", GET);
    assert_total(fixture, METRIC_WRITE_THROTTLE_EVENTS, "", "", 1);
    assert_total(fixture, METRIC_READ_THROTTLE_EVENTS, "", "", 1);
    assert_total(fixture, METRIC_THROTTLED_REQUESTS, "", "PutItem", 1);
    assert_total(fixture, METRIC_THROTTLED_REQUESTS, "", "GetItem", 1);
    assert_refused(fixture, "BatchGetItem",
                   "{'RequestItems':{'Tab':{'Keys':[{'pk':{'S':'1'}},{'pk':{'S':'2'}},"
                   "{'pk':{'S':'3'}}]}}}",
                   EXCEEDED, TABLE_TEXT);
    assert_total(fixture, METRIC_READ_THROTTLE_EVENTS, "", "", 4);
    assert_total(fixture, METRIC_THROTTLED_REQUESTS, "", "BatchGetItem", 1);
    api_fixture_advance(fixture, 10 * 1000);
    (void)count_index_writes(fixture);
    assert_total(fixture, METRIC_WRITE_THROTTLE_EVENTS, "idx", "", 1);
    assert_total(fixture, METRIC_WRITE_THROTTLE_EVENTS, "", "", 1);
    assert_total(fixture, METRIC_THROTTLED_REQUESTS, "", "PutItem", 2);
}

#define LIMITS_TEST(test)                                                                          \
    cmocka_unit_test_setup_teardown(test, api_fixture_set_up_throttling, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_option_nothing_is_refused),
        LIMITS_TEST(on_demand_a_maximum_is_the_limit),
        LIMITS_TEST(a_transaction_names_a_maximum_a_throttling_error),
        LIMITS_TEST(on_demand_without_a_maximum_there_is_none),
        LIMITS_TEST(a_table_made_anew_has_a_bucket_of_its_own),
        LIMITS_TEST(a_new_table_has_saved_up_nothing),
        LIMITS_TEST(a_raise_counts_when_it_is_done),
        LIMITS_TEST(a_raise_of_an_index_frees_its_table),
        LIMITS_TEST(on_demand_frees_at_once_and_provisioned_begins_anew),
        cmocka_unit_test(a_restart_saves_up_anew),
        LIMITS_TEST(every_refusal_is_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
