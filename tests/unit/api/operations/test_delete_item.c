/* DeleteItem: keys, conditions, return values, capacity. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'g','AttributeType':'N'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],'GlobalSecondaryIndexes':["
    "{'IndexName':'idx','KeySchema':[{'AttributeName':'g','KeyType':'HASH'}],"
    "'Projection':{'ProjectionType':'KEYS_ONLY'}}]}";

#define ITEM            "'pk':{'S':'a'},'g':{'N':'1'},'v':{'S':'x'}"
#define DELETE(members) "{'TableName':'Tab','Key':{'pk':{'S':'a'}}," members "}"

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    put_items(*state, "Tab", (const char *const[]){ "{" ITEM "}", NULL });
    return 0;
}

/* One after the other, on the item of the set-up and then on none. */
static const struct {
    const char *request;
    const char *expected;
} STEPS[] = {
    { "{'TableName':'Tab','Key':{'pk':{'S':'b'}},'ReturnValues':'ALL_OLD'}", "{}" },
    { DELETE("'ConditionExpression':'v = :v','ExpressionAttributeValues':{':v':{'S':'x'}},"
             "'ReturnValues':'ALL_OLD','ReturnConsumedCapacity':'INDEXES'"),
      "{'Attributes':{" ITEM "},'ConsumedCapacity':{'TableName':'Tab','CapacityUnits':2,"
      "'Table':{'CapacityUnits':1},'GlobalSecondaryIndexes':{'idx':{'CapacityUnits':1}}}}" },
    { DELETE("'ReturnValues':'ALL_OLD'"), "{}" },
    { DELETE("'ConditionExpression':'attribute_not_exists(pk)','ReturnValues':'NONE'"), "{}" },
    { DELETE("'ReturnConsumedCapacity':'INDEXES'"),
      "{'ConsumedCapacity':{'TableName':'Tab','CapacityUnits':1,'Table':{'CapacityUnits':1}}}" },
};

static void an_item_goes_once_and_comes_back_once(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
        assert_answer(fixture, "DeleteItem", STEPS[i].request, STEPS[i].expected);
    }
    static const char NOTHING[] = "{'Items':[],'Count':0,'ScannedCount':0}";
    assert_answer(fixture, "Scan", "{'TableName':'Tab'}", NOTHING);
    assert_answer(fixture, "Scan", "{'TableName':'Tab','IndexName':'idx'}", NOTHING);
}

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
    { "{'TableName':'None','Key':{'x':{}},'ReturnValues':'ALL_NEW'}", VALIDATION,
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { "{'TableName':'None','Key':{},'ReturnValues':'UPDATED_OLD','ConditionExpression':''}",
      VALIDATION, "ReturnValues can only be ALL_OLD or NONE" },
    { "{'TableName':'None','Key':{},'ConditionExpression':''}", VALIDATION,
      "Invalid ConditionExpression: The expression can not be empty;" },
    { "{'TableName':'None','Key':{}}", NOT_FOUND, "Requested resource not found" },
    { "{'TableName':'Tab','Key':{}}", VALIDATION,
      "The provided key element does not match the schema" },
    { "{'TableName':'Tab','Key':{'pk':{'N':'1'}}}", VALIDATION,
      "The provided key element does not match the schema" },
    { "{'TableName':'Tab','Key':{'pk':{'S':'a'},'g':{'N':'1'}}}", VALIDATION,
      "The provided key element does not match the schema" },
    { "{'TableName':'Tab','Key':{'pk':{'S':''}}}", VALIDATION,
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
      "contain an empty string value. Key: pk" },
    { DELETE("'ConditionExpression':'attribute_not_exists(pk)'"), NOT_MET,
      "The conditional request failed" },
};

static void faults_are_refused_and_the_item_stays(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "DeleteItem", FAULTS[i].request, FAULTS[i].type, FAULTS[i].message);
    }
    struct api_reply reply = call(fixture, "DeleteItem",
                                  DELETE("'ConditionExpression':'attribute_not_exists(pk)',"
                                         "'ReturnValuesOnConditionCheckFailure':'ALL_OLD'"));
    assert_member_is(fixture, reply.json, "Item", "{" ITEM "}");
    assert_answer(fixture, "GetItem", "{'TableName':'Tab','Key':{'pk':{'S':'a'}}}",
                  "{'Item':{" ITEM "}}");
}

int main(void)
{
#define DELETE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        DELETE_TEST(an_item_goes_once_and_comes_back_once),
        DELETE_TEST(faults_are_refused_and_the_item_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
