/*
 * Requests against capacity: what is refused, in which words, what passes beside it, and what it
 * costs. The clock stands, so that a bucket holds what the test has left in it.
 */

#include "api/internal.h"
#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HASH(name) "[{'AttributeName':'" name "','KeyType':'HASH'}]"
#define UNITS(reads, writes)                                                                       \
    "'ProvisionedThroughput':{'ReadCapacityUnits':" reads ",'WriteCapacityUnits':" writes "}"
#define ALL "'Projection':{'ProjectionType':'ALL'}"

/* Table: 10 reads, 5 writes. Index "few" on g: 2 and 2; "many" on m: plenty. "local" on n. */
#define TABLE                                                                                      \
    "{'TableName':'Tab'," UNITS(                                                                   \
        "10", "5") ",'AttributeDefinitions':["                                                     \
                   "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk','"            \
                   "AttributeType':'S'},"                                                          \
                   "{'AttributeName':'n','AttributeType':'S'},{'AttributeName':'g','"              \
                   "AttributeType':'S'},"                                                          \
                   "{'AttributeName':'m','AttributeType':'S'}],"                                   \
                   "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"                         \
                   "{'AttributeName':'sk','KeyType':'RANGE'}],"                                    \
                   "'LocalSecondaryIndexes':[{'IndexName':'local','KeySchema':["                   \
                   "{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'n','KeyType':'"      \
                   "RANGE'}]," ALL "}],"                                                           \
                   "'GlobalSecondaryIndexes':[{'IndexName':'few','KeySchema':" HASH(               \
                       "g") "," ALL                                                                \
                            "," UNITS("2", "2") "},{'IndexName':'many','KeySchema':" HASH(         \
                                "m") "," ALL "," UNITS("100", "100") "}]}"

#define ITEM(members)  "{'pk':{'S':'p'},'sk':{'S':'s'}" members "}"
#define PUT(members)   "{'TableName':'Tab','Item':" ITEM(members) "}"
#define GET            "{'TableName':'Tab','Key':" ITEM("") "}"
#define CONSISTENT_GET "{'TableName':'Tab','Key':" ITEM("") ",'ConsistentRead':true}"
#define QUERY_OF(index, attribute)                                                                 \
    "{'TableName':'Tab','IndexName':'" index "','KeyConditionExpression':'" attribute " = :v',"    \
    "'ExpressionAttributeValues':{':v':{'S':'p'}}}"

#define EXCEEDED SERVICE "ProvisionedThroughputExceededException"
#define TABLE_TEXT                                                                                 \
    "The level of configured provisioned throughput for the table was exceeded. Consider "         \
    "increasing your provisioning level with the UpdateTable API."
#define INDEX_TEXT                                                                                 \
    "The level of configured provisioned throughput for one or more global secondary indexes of "  \
    "the table was exceeded. Consider increasing your provisioning level for the "                 \
    "under-provisioned global secondary indexes with the UpdateTable API"
#define THROTTLED "com.amazon.coral.availability#ThrottlingException"
#define MAXIMUM_TEXT                                                                               \
    "Throughput exceeds the maximum OnDemandThroughput configured on table or index"
#define ARN                      "arn:aws:dynamodb:eu-test-1:000000000000:table/Tab"
#define REASON(reason, resource) "[{'reason':'" reason "','resource':'" resource "'}]"

static int set_up(void **state)
{
    (void)api_fixture_set_up_throttling(state);
    create_table(*state, TABLE);
    return 0;
}

/* The text of an error, under either spelling. */
static void assert_refused_for(struct api_fixture *fixture,
                               const char *operation,
                               const char *request,
                               const char *type,
                               const char *message,
                               const char *reasons)
{
    assert_refused(fixture, operation, request, type, message);
    struct api_reply reply = call(fixture, operation, request);
    assert_member_is(fixture, reply.json, "ThrottlingReasons", reasons);
}

/* How many are accepted before the first refusal. */
static int count_accepted(struct api_fixture *fixture, const char *operation, const char *request)
{
    int count = 0;
    while (count < 10000 && call(fixture, operation, request).status == 200) {
        count++;
    }
    return count;
}

/* How many a second, once nothing is left of before. */
static int count_per_second(struct api_fixture *fixture, const char *operation, const char *request)
{
    (void)count_accepted(fixture, operation, request);
    api_fixture_advance(fixture, 1000);
    return count_accepted(fixture, operation, request);
}

/* ---- single requests ---- */

static void writes_beyond_the_capacity_are_refused(void **state)
{
    struct api_fixture *fixture = *state;
    int count = count_accepted(fixture, "PutItem", PUT("")); /* 5 and the time of CREATING */
    assert_int_equal(count, 6);
    assert_refused_for(fixture, "PutItem", PUT(",'v':{'S':'lost'}"), EXCEEDED, TABLE_TEXT,
                       REASON("TableWriteProvisionedThroughputExceeded", ARN));
    assert_answer(fixture, "GetItem", GET, "{'Item':" ITEM("") "}");
    assert_refused(fixture, "DeleteItem", GET, EXCEEDED, TABLE_TEXT);
    assert_refused(fixture, "UpdateItem", GET, EXCEEDED, TABLE_TEXT);
    assert_int_equal(count_per_second(fixture, "PutItem", PUT("")), 5);
}

static void reads_beyond_the_capacity_are_refused(void **state)
{
    struct api_fixture *fixture = *state;
    assert_int_equal(count_per_second(fixture, "GetItem", CONSISTENT_GET), 10);
    assert_refused_for(fixture, "GetItem", GET, EXCEEDED, TABLE_TEXT,
                       REASON("TableReadProvisionedThroughputExceeded", ARN));
    (void)count_per_second(fixture, "GetItem", GET); /* pays half a unit back */
    assert_int_equal(count_per_second(fixture, "GetItem", GET), 20);
    (void)assert_accepted(fixture, "PutItem", PUT(""));
}

static void what_is_consumed_counts_not_the_request(void **state)
{
    struct api_fixture *fixture = *state;
    const char *large = api_fixture_repeat(fixture, 'v', 12 * 1024);
    const char *put = api_fixture_text(fixture, PUT(",'v':{'S':'%s'}"), large);
    (void)assert_accepted(fixture, "PutItem", put); /* 13 units of 5.75 */
    assert_refused(fixture, "PutItem", PUT(""), EXCEEDED, TABLE_TEXT);
    api_fixture_advance(fixture, 1000);
    assert_refused(fixture, "PutItem", PUT(""), EXCEEDED, TABLE_TEXT);
    api_fixture_advance(fixture, 1000);
    (void)assert_accepted(fixture, "PutItem", PUT(""));
}

static void what_was_not_used_is_there_for_a_burst(void **state)
{
    struct api_fixture *fixture = *state;
    api_fixture_advance(fixture, 100 * 1000);
    assert_int_equal(count_accepted(fixture, "PutItem", PUT("")), 506);
    api_fixture_advance(fixture, 400 * 1000);
    assert_int_equal(count_accepted(fixture, "PutItem", PUT("")), 5 * 300);
}

static void pages_take_from_the_table_or_the_global_index(void **state)
{
    struct api_fixture *fixture = *state;
    assert_int_equal(count_per_second(fixture, "Scan", "{'TableName':'Tab'}"), 20);
    assert_refused(fixture, "Query", QUERY_OF("local", "pk"), EXCEEDED, TABLE_TEXT);
    assert_refused(fixture, "Scan", "{'TableName':'Tab','IndexName':'local'}", EXCEEDED,
                   TABLE_TEXT);
    assert_int_equal(count_accepted(fixture, "Query", QUERY_OF("few", "g")), 9); /* 2 + 2.3 */
    assert_refused_for(fixture, "Query", QUERY_OF("few", "g"), EXCEEDED, INDEX_TEXT,
                       REASON("IndexReadProvisionedThroughputExceeded", ARN "/index/few"));
    assert_refused(fixture, "Scan", "{'TableName':'Tab','IndexName':'few'}", EXCEEDED, INDEX_TEXT);
    (void)assert_accepted(fixture, "Query", QUERY_OF("many", "m"));
    (void)assert_accepted(fixture, "PutItem", PUT(",'g':{'S':'p'}"));
}

static void what_is_wrong_with_a_request_comes_first(void **state)
{
    struct api_fixture *fixture = *state;
    (void)count_accepted(fixture, "PutItem", PUT(""));
    (void)count_accepted(fixture, "GetItem", GET);
    assert_refused(fixture, "PutItem", "{'TableName':'None','Item':" ITEM("") "}", NOT_FOUND,
                   "Requested resource not found");
    assert_refused(fixture, "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'p'}}}", VALIDATION,
                   INVALID "Missing the key sk in the item");
    assert_refused(fixture, "GetItem", "{'TableName':'Tab','Key':{'pk':{'S':'p'}}}", VALIDATION,
                   "The provided key element does not match the schema");
    assert_refused(fixture, "PutItem", PUT(""), EXCEEDED, TABLE_TEXT);
}

static void a_condition_that_fails_consumes(void **state)
{
    static const char FAILING[] =
        "{'TableName':'Tab','Item':" ITEM("") ",'ConditionExpression':'attribute_exists(nope)'}";
    struct api_fixture *fixture = *state;
    (void)count_accepted(fixture, "PutItem", PUT(""));
    assert_refused(fixture, "PutItem", FAILING, EXCEEDED, TABLE_TEXT);
    api_fixture_advance(fixture, 1000);
    for (int i = 0; i < 5; i++) {
        assert_refused(fixture, "PutItem", FAILING, NOT_MET, "The conditional request failed");
    }
    assert_refused(fixture, "PutItem", FAILING, EXCEEDED, TABLE_TEXT);
}

/* ---- index back-pressure ---- */

static void an_index_short_of_capacity_holds_up_its_table(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "PutItem", PUT(",'g':{'S':'1'}"));
    (void)assert_accepted(fixture, "PutItem", PUT(",'g':{'S':'2'}")); /* 2: leaves and enters */
    assert_refused_for(fixture, "PutItem", PUT(",'g':{'S':'3'}"), EXCEEDED, INDEX_TEXT,
                       REASON("IndexWriteProvisionedThroughputExceeded", ARN "/index/few"));
    assert_refused(fixture, "DeleteItem", GET, EXCEEDED, INDEX_TEXT);
    assert_answer(fixture, "GetItem", GET, "{'Item':" ITEM(",'g':{'S':'2'}") "}");
    assert_answer(fixture, "Query",
                  "{'TableName':'Tab','IndexName':'few','KeyConditionExpression':'g = :v',"
                  "'ExpressionAttributeValues':{':v':{'S':'2'}},'Select':'COUNT'}",
                  "{'Count':1,'ScannedCount':1}");
}

static void writes_that_do_not_touch_the_index_pass(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "PutItem", PUT(",'g':{'S':'1'}"));
    (void)assert_accepted(fixture, "PutItem", PUT(",'g':{'S':'2'}"));
    (void)assert_accepted(fixture, "PutItem", PUT(",'g':{'S':'2'}")); /* no change */
    (void)assert_accepted(fixture, "PutItem",
                          "{'TableName':'Tab','Item':{'pk':{'S':'q'},'sk':{'S':'s'},"
                          "'m':{'S':'other index'}}}");
    assert_refused(fixture, "PutItem", PUT(",'g':{'S':'2'},'v':{'S':'projected'}"), EXCEEDED,
                   INDEX_TEXT);
    api_fixture_advance(fixture, 1000);
    (void)assert_accepted(fixture, "PutItem", PUT(",'g':{'S':'2'},'v':{'S':'projected'}"));
}

static void every_index_that_is_short_is_a_reason(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','GlobalSecondaryIndexUpdates':[{'Update':{"
                          "'IndexName':'many'," UNITS("1", "1") "}}]}");
    api_fixture_advance(fixture, INDEX_UPDATE_MS);
    api_fixture_advance(fixture, 400 * 1000); /* 300 for many, 600 for few, 1500 for the table */
    const char *large = api_fixture_repeat(fixture, 'v', 390 * 1024);
    (void)assert_accepted(
        fixture, "PutItem",
        api_fixture_text(fixture, PUT(",'g':{'S':'g'},'m':{'S':'m'},'v':{'S':'%s'}"), large));
    assert_refused_for(fixture, "DeleteItem", GET, EXCEEDED, INDEX_TEXT,
                       REASON("IndexWriteProvisionedThroughputExceeded", ARN "/index/many"));
    (void)assert_accepted(fixture, "PutItem",
                          api_fixture_text(fixture,
                                           "{'TableName':'Tab','Item':{'pk':{'S':'q'},'sk':"
                                           "{'S':'s'},'g':{'S':'g'},'v':{'S':'%s'}}}",
                                           large));
    assert_refused_for(
        fixture, "DeleteItem", GET, EXCEEDED, INDEX_TEXT,
        "[{'reason':'IndexWriteProvisionedThroughputExceeded','resource':'" ARN "/index/few'},"
        "{'reason':'IndexWriteProvisionedThroughputExceeded','resource':'" ARN "/index/many'}]");
}

/* ---- batches ---- */

#define BATCH_PUT(key, members)                                                                    \
    "{'PutRequest':{'Item':{'pk':{'S':'" key "'},'sk':{'S':'s'}" members "}}}"
#define BATCH_DELETE(key) "{'DeleteRequest':{'Key':{'pk':{'S':'" key "'},'sk':{'S':'s'}}}}"
#define FOUR_PUTS                                                                                  \
    BATCH_PUT("1", "") "," BATCH_PUT("2", "") "," BATCH_PUT("3", "") "," BATCH_PUT("4", "")

static void a_batch_of_writes_leaves_over_what_does_not_fit(void **state)
{
    struct api_fixture *fixture = *state;
    const struct cJSON *reply =
        assert_accepted(fixture, "BatchWriteItem",
                        "{'RequestItems':{'Tab':[" FOUR_PUTS
                        "," BATCH_PUT("5", "") "," BATCH_PUT("6", "") "," BATCH_PUT(
                            "7", "") "," BATCH_DELETE("8") "]},'ReturnConsumedCapacity':'TOTAL'}");
    assert_member_is(fixture, reply, "UnprocessedItems",
                     "{'Tab':[" BATCH_PUT("7", "") "," BATCH_DELETE("8") "]}");
    assert_member_is(fixture, reply, "ConsumedCapacity", "[{'TableName':'Tab','CapacityUnits':6}]");
    reply = assert_accepted(fixture, "Scan", "{'TableName':'Tab','Select':'COUNT'}");
    assert_member_is(fixture, reply, "Count", "6");
    assert_refused_for(fixture, "BatchWriteItem", "{'RequestItems':{'Tab':[" FOUR_PUTS "]}}",
                       EXCEEDED, TABLE_TEXT,
                       REASON("TableWriteProvisionedThroughputExceeded", ARN));
}

static void a_batch_of_writes_skips_what_an_index_refuses(void **state)
{
    struct api_fixture *fixture = *state;
    const struct cJSON *reply = assert_accepted(
        fixture, "BatchWriteItem",
        "{'RequestItems':{'Tab':[" BATCH_PUT("1", ",'g':{'S':'g'}") "," BATCH_PUT(
            "2",
            ",'g':{'S':'"
            "g'}") "," BATCH_PUT("3",
                                 ",'g':{'S':'g'}") "," BATCH_PUT("4",
                                                                 ",'g':{'S':'g'}") "," BATCH_PUT("5",
                                                                                                 "") "]}}");
    assert_member_is(fixture, reply, "UnprocessedItems",
                     "{'Tab':[" BATCH_PUT("4", ",'g':{'S':'g'}") "]}");
    assert_refused(fixture, "BatchWriteItem",
                   "{'RequestItems':{'Tab':[" BATCH_PUT("4", ",'g':{'S':'g'}") "]}}", EXCEEDED,
                   INDEX_TEXT);
}

#define KEY(key) "{'pk':{'S':'" key "'},'sk':{'S':'s'}}"
#define EIGHT_KEYS                                                                                 \
    KEY("1")                                                                                       \
    "," KEY("2") "," KEY("3") "," KEY("4") "," KEY("5") "," KEY("6") "," KEY("7") "," KEY("8")

static void a_batch_of_reads_leaves_over_what_does_not_fit(void **state)
{
    static const char BATCH[] =
        "{'RequestItems':{'" ARN "':{'Keys':[" EIGHT_KEYS "],'ConsistentRead':true}}}";
    struct api_fixture *fixture = *state;
    assert_answer(fixture, "BatchGetItem", BATCH,
                  "{'Responses':{'" ARN "':[]},"
                  "'UnprocessedKeys':{}}");
    assert_answer(fixture, "BatchGetItem", BATCH,
                  "{'Responses':{'" ARN "':[]},'UnprocessedKeys':{'" ARN
                  "':{'Keys':[" KEY("5") "," KEY("6") "," KEY("7") "," KEY(
                      "8") "],'ConsistentRead':true}}}"); /* 11.5 of CREATING, less 8 */
    assert_refused_for(fixture, "BatchGetItem", BATCH, EXCEEDED, TABLE_TEXT,
                       REASON("TableReadProvisionedThroughputExceeded", ARN));
}

static void a_table_without_capacity_does_not_hold_up_another(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, "{'TableName':'Free','BillingMode':'PAY_PER_REQUEST',"
                          "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"
                          "'KeySchema':" HASH("pk") "}");
    (void)count_accepted(fixture, "GetItem", GET);
    (void)count_accepted(fixture, "PutItem", PUT(""));
    assert_answer(
        fixture, "BatchGetItem",
        "{'RequestItems':{'Tab':{'Keys':[" KEY("1") "]},'Free':{'Keys':["
                                                    "{'pk':{'S':'p'}}]}}}",
        "{'Responses':{'Tab':[],'Free':[]},'UnprocessedKeys':{'Tab':{'Keys':[" KEY("1") "]}}}");
    assert_answer(fixture, "BatchWriteItem",
                  "{'RequestItems':{'Tab':[" BATCH_PUT("1", "") "],'Free':[{'PutRequest':{'Item':"
                                                                "{'pk':{'S':'p'}}}}]}}",
                  "{'UnprocessedItems':{'Tab':[" BATCH_PUT("1", "") "]}}");
}

/* ---- transactions ---- */

#define TRANSACT_PUT(key, members)                                                                 \
    "{'Put':{'TableName':'Tab','Item':{'pk':{'S':'" key "'},'sk':{'S':'s'}" members "}}}"

static void assert_cancelled(struct api_fixture *fixture,
                             const char *operation,
                             const char *request,
                             const char *codes,
                             const char *reasons)
{
    assert_refused(fixture, operation, request, TRANSACTION_CANCELED,
                   api_fixture_text(fixture,
                                    "Transaction cancelled, please refer cancellation reasons for "
                                    "specific reasons [%s]",
                                    codes));
    struct api_reply reply = call(fixture, operation, request);
    assert_member_is(fixture, reply.json, "CancellationReasons", reasons);
    assert_member_is(fixture, reply.json, "ThrottlingReasons", NULL);
}

static void a_transaction_of_writes_is_cancelled(void **state)
{
    struct api_fixture *fixture = *state;
    static const char ONE[] = "{'TransactItems':[" TRANSACT_PUT("1", "") "]}";
    assert_int_equal(count_accepted(fixture, "TransactWriteItems", ONE), 3); /* 2 units each */
    assert_cancelled(fixture, "TransactWriteItems", ONE, "ProvisionedThroughputExceeded",
                     "[{'Code':'ProvisionedThroughputExceeded','Message':'" TABLE_TEXT "'}]");
    assert_int_equal(count_per_second(fixture, "TransactWriteItems", ONE), 3);
    api_fixture_advance(fixture, 1000);
    assert_int_equal(count_accepted(fixture, "TransactWriteItems", ONE), 2);
}

static void a_transaction_tells_which_action_an_index_refused(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "PutItem", PUT(",'g':{'S':'1'}"));
    (void)assert_accepted(fixture, "PutItem", PUT(",'g':{'S':'2'}"));
    assert_cancelled(
        fixture, "TransactWriteItems",
        "{'TransactItems':[" TRANSACT_PUT("1", "") "," TRANSACT_PUT(
            "2",
            ",'g':{'S':'g'}") ",{'ConditionCheck':{'TableName':'Tab',"
                              "'Key':" ITEM("") ",'ConditionExpression':'attribute_exists(pk)'}}]}",
        "None, ProvisionedThroughputExceeded, None",
        "[{'Code':'None'},{'Code':'ProvisionedThroughputExceeded','Message':'" INDEX_TEXT
        "'},{'Code':'None'}]");
    assert_answer(fixture, "GetItem", "{'TableName':'Tab','Key':" KEY("1") "}", "{}");
}

static void a_transaction_of_reads_is_cancelled(void **state)
{
    struct api_fixture *fixture = *state;
    static const char TWO[] = "{'TransactItems':[{'Get':{'TableName':'Tab','Key':" KEY(
        "1") "}},{'Get':{'TableName':'Tab','Key':" KEY("2") "}}]}";
    assert_int_equal(count_accepted(fixture, "TransactGetItems", TWO), 3); /* 4 of 11.5 each */
    assert_cancelled(fixture, "TransactGetItems", TWO,
                     "ProvisionedThroughputExceeded, ProvisionedThroughputExceeded",
                     "[{'Code':'ProvisionedThroughputExceeded','Message':'" TABLE_TEXT "'},"
                     "{'Code':'ProvisionedThroughputExceeded','Message':'" TABLE_TEXT "'}]");
    api_fixture_advance(fixture, 1000); /* 9.5: a refused one has consumed nothing */
    assert_int_equal(count_accepted(fixture, "TransactGetItems", TWO), 3);
}

#define THROTTLING_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        THROTTLING_TEST(writes_beyond_the_capacity_are_refused),
        THROTTLING_TEST(reads_beyond_the_capacity_are_refused),
        THROTTLING_TEST(what_is_consumed_counts_not_the_request),
        THROTTLING_TEST(what_was_not_used_is_there_for_a_burst),
        THROTTLING_TEST(pages_take_from_the_table_or_the_global_index),
        THROTTLING_TEST(what_is_wrong_with_a_request_comes_first),
        THROTTLING_TEST(a_condition_that_fails_consumes),
        THROTTLING_TEST(an_index_short_of_capacity_holds_up_its_table),
        THROTTLING_TEST(writes_that_do_not_touch_the_index_pass),
        THROTTLING_TEST(every_index_that_is_short_is_a_reason),
        THROTTLING_TEST(a_batch_of_writes_leaves_over_what_does_not_fit),
        THROTTLING_TEST(a_batch_of_writes_skips_what_an_index_refuses),
        THROTTLING_TEST(a_batch_of_reads_leaves_over_what_does_not_fit),
        THROTTLING_TEST(a_table_without_capacity_does_not_hold_up_another),
        THROTTLING_TEST(a_transaction_of_writes_is_cancelled),
        THROTTLING_TEST(a_transaction_tells_which_action_an_index_refused),
        THROTTLING_TEST(a_transaction_of_reads_is_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
