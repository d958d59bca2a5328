/* GetItem: keys and their refusals, projections, capacity. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk','AttributeType':'B'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'sk','KeyType':'RANGE'}]"
    "}";

#define KEY "'pk':{'S':'a'},'sk':{'B':'AAEC'}"

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    put_items(*state, "Tab",
              (const char *const[]){ "{" KEY
                                     ",'s':{'S':'x'},'m':{'M':{'b':{'N':'2'},'a':{'N':'1'}}},"
                                     "'l':{'L':[{'N':'10'},{'N':'11'},{'N':'12'}]}}",
                                     NULL });
    return 0;
}

#define GET(members) "{'TableName':'Tab','Key':{" KEY "}," members "}"

static const struct {
    const char *request;
    const char *expected;
} REPLIES[] = {
    { "{'TableName':'Tab','Key':{'sk':{'B':'AAEC'},'pk':{'S':'a'}}}",
      "{'Item':{" KEY ",'s':{'S':'x'},'m':{'M':{'b':{'N':'2'},'a':{'N':'1'}}},"
      "'l':{'L':[{'N':'10'},{'N':'11'},{'N':'12'}]}}}" },
    { "{'TableName':'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab','Key':{" KEY "},"
      "'ProjectionExpression':'s'}",
      "{'Item':{'s':{'S':'x'}}}" },
    { "{'TableName':'Tab','Key':{'pk':{'S':'a'},'sk':{'B':'AAED'}}}", "{}" },
    { "{'TableName':'Tab','Key':{'pk':{'S':'b'},'sk':{'B':'AAEC'}}}", "{}" },
    { GET("'ProjectionExpression':'pk, m.a, l[2], l[0], nothing'"),
      "{'Item':{'pk':{'S':'a'},'m':{'M':{'a':{'N':'1'}}},'l':{'L':[{'N':'10'},{'N':'12'}]}}}" },
    { GET("'ProjectionExpression':'nothing'"), "{'Item':{}}" },
    { GET("'ProjectionExpression':'#s','ExpressionAttributeNames':{'#s':'s'}"),
      "{'Item':{'s':{'S':'x'}}}" },
    { GET("'ProjectionExpression':'s','ReturnConsumedCapacity':'TOTAL'"),
      "{'Item':{'s':{'S':'x'}},'ConsumedCapacity':{'TableName':'Tab','CapacityUnits':0.5}}" },
    { GET("'ProjectionExpression':'s','ReturnConsumedCapacity':'INDEXES','ConsistentRead':true"),
      "{'Item':{'s':{'S':'x'}},'ConsumedCapacity':{'TableName':'Tab','CapacityUnits':1,"
      "'Table':{'CapacityUnits':1}}}" },
    { "{'TableName':'Tab','Key':{'pk':{'S':'b'},'sk':{'B':'AAEC'}},'ReturnConsumedCapacity':'TOTAL'"
      "}",
      "{'ConsumedCapacity':{'TableName':'Tab','CapacityUnits':0.5}}" },
    /* values belong to other operations: unknown here, and ignored */
    { GET("'ProjectionExpression':'s','ExpressionAttributeValues':{':v':{}}"),
      "{'Item':{'s':{'S':'x'}}}" },
};

static void replies_hold_the_item_or_what_is_projected(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof REPLIES / sizeof *REPLIES; i++) {
        assert_answer(fixture, "GetItem", REPLIES[i].request, REPLIES[i].expected);
    }
}

#define NO_MATCH "The provided key element does not match the schema"
#define EMPTY                                                                                      \
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"

static const struct {
    const char *request;
    const char *type;
    const char *message;
} FAULTS[] = {
    { "{}", VALIDATION,
      "2 validation errors detected: Value null at 'tableName' failed to satisfy constraint: "
      "Member "
      "must not be null; Value null at 'key' failed to satisfy constraint: Member must not be "
      "null" },
    { "{'TableName':'None','Key':{'x':{}},'ExpressionAttributeNames':{'#x':'y'}}", VALIDATION,
      "ExpressionAttributeNames can only be specified when using expressions" },
    { "{'TableName':'None','Key':{'x':{}},'ProjectionExpression':''}", VALIDATION, EMPTY },
    { "{'TableName':'None','Key':{},'ProjectionExpression':''}", VALIDATION,
      "Invalid ProjectionExpression: The expression can not be empty;" },
    { "{'TableName':'None','Key':{},'ProjectionExpression':'a, a.b'}", VALIDATION,
      "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or "
      "rewrite "
      "one of these paths; path one: [a], path two: [a, b]" },
    { "{'TableName':'None','Key':{}}", NOT_FOUND, "Requested resource not found" },
    { "{'TableName':'Tab','Key':{}}", VALIDATION, NO_MATCH },
    { "{'TableName':'Tab','Key':{'pk':{'S':'a'}}}", VALIDATION, NO_MATCH },
    { "{'TableName':'Tab','Key':{" KEY ",'x':{'S':'a'}}}", VALIDATION, NO_MATCH },
    { "{'TableName':'Tab','Key':{'pk':{'S':'a'},'x':{'B':'AAEC'}}}", VALIDATION, NO_MATCH },
    { "{'TableName':'Tab','Key':{'pk':{'S':'a'},'sk':{'S':'AAEC'}}}", VALIDATION, NO_MATCH },
    { "{'TableName':'Tab','Key':{'pk':{'S':''},'sk':{'B':'AAEC'}}}", VALIDATION,
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
      "contain an empty string value. Key: pk" },
    { "{'TableName':'Tab','Key':{'pk':{'S':'a'},'sk':{'B':''}}}", VALIDATION,
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
      "contain an empty binary value. Key: sk" },
};

static void faults_are_refused(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "GetItem", FAULTS[i].request, FAULTS[i].type, FAULTS[i].message);
    }
}

/* Half a unit a started 4 KB; of the whole item, whatever is projected. */
static void capacity_is_that_of_the_whole_item(void **state)
{
    static const struct {
        size_t length;
        const char *units;
    } ROWS[] = { { 4096 - 9, "0.5" }, { 4096 - 8, "1" }, { 8192 - 8, "1.5" } };
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        /* pk 2+1, sk 2+3, v 1: nine bytes beside the text */
        const char *item = api_fixture_text(fixture, "{" KEY ",'v':{'S':'%s'}}",
                                            api_fixture_repeat(fixture, 'x', ROWS[i].length));
        put_items(fixture, "Tab", (const char *const[]){ item, NULL });
        const struct cJSON *reply =
            assert_accepted(fixture, "GetItem",
                            GET("'ProjectionExpression':'pk','ReturnConsumedCapacity':'TOTAL'"));
        assert_member_is(fixture, reply, "ConsumedCapacity.CapacityUnits", ROWS[i].units);
    }
}

int main(void)
{
#define GET_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        GET_TEST(replies_hold_the_item_or_what_is_projected),
        GET_TEST(faults_are_refused),
        GET_TEST(capacity_is_that_of_the_whole_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
