/* TransactGetItems: what comes back, what cancels it, what is refused, and what it costs. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";
static const char OTHER[] =
    "{'TableName':'Other','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'n','AttributeType':'N'}],"
    "'KeySchema':[{'AttributeName':'n','KeyType':'HASH'}]}";

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    create_table(*state, OTHER);
    put_items(*state, "Tab",
              (const char *const[]){ "{'pk':{'S':'a'},'v':{'N':'1'},'m':{'M':{'x':{'S':'y'}}}}",
                                     "{'pk':{'S':'b'},'v':{'N':'2'}}", NULL });
    put_items(*state, "Other", (const char *const[]){ "{'n':{'N':'7'}}", NULL });
    return 0;
}

#define CANCELED       "Transaction cancelled, please refer cancellation reasons for specific reasons "
#define GET(key, more) "{'Get':{'TableName':'Tab','Key':{'pk':{'S':'" key "'}}" more "}}"
#define GET_OTHER(key) "{'Get':{'TableName':'Other','Key':{'n':{'N':'" key "'}}}}"
#define PROJECT(text)  ",'ProjectionExpression':'" text "'"
#define REQUEST(gets)  "{'TransactItems':[" gets "]}"

static void items_come_in_the_order_asked_for(void **state)
{
    assert_answer(*state, "TransactGetItems",
                  REQUEST(GET("b", "") "," GET("none", "") "," GET_OTHER("7.0") "," GET("a", "")),
                  "{'Responses':[{'Item':{'pk':{'S':'b'},'v':{'N':'2'}}},{},"
                  "{'Item':{'n':{'N':'7'}}},"
                  "{'Item':{'pk':{'S':'a'},'v':{'N':'1'},'m':{'M':{'x':{'S':'y'}}}}}]}");
}

static void each_get_has_a_projection_of_its_own(void **state)
{
    assert_answer(
        *state, "TransactGetItems",
        REQUEST(GET("a", PROJECT("m.x, #v") ",'ExpressionAttributeNames':{'#v':'v'}") "," GET(
            "b", PROJECT("pk"))),
        "{'Responses':[{'Item':{'v':{'N':'1'},'m':{'M':{'x':{'S':'y'}}}}},"
        "{'Item':{'pk':{'S':'b'}}}]}");
}

static void an_item_of_which_nothing_is_left_is_left_out(void **state)
{
    assert_answer(*state, "TransactGetItems", REQUEST(GET("b", PROJECT("m"))),
                  "{'Responses':[{}]}");
}

static void reads_cost_double(void **state)
{
    struct api_fixture *fixture = *state;
    assert_accepted(fixture, "PutItem",
                    api_fixture_text(fixture,
                                     "{'TableName':'Tab','Item':{'pk':{'S':'big'},'v':{'S':'%s'}}}",
                                     api_fixture_repeat(fixture, 'f', 5000)));
    const char *gets =
        GET_OTHER("7") "," GET("big", PROJECT("pk")) "," GET("none", "") "," GET_OTHER("8");
    const struct cJSON *reply = assert_accepted(
        fixture, "TransactGetItems",
        api_fixture_text(fixture, "{'ReturnConsumedCapacity':'TOTAL','TransactItems':[%s]}", gets));
    assert_member_is(fixture, reply, "ConsumedCapacity",
                     "[{'TableName':'Other','CapacityUnits':4,'ReadCapacityUnits':4},"
                     "{'TableName':'Tab','CapacityUnits':6,'ReadCapacityUnits':6}]");
    reply = assert_accepted(
        fixture, "TransactGetItems",
        "{'ReturnConsumedCapacity':'INDEXES','TransactItems':[" GET_OTHER("7") "]}");
    assert_member_is(fixture, reply, "ConsumedCapacity",
                     "[{'TableName':'Other','CapacityUnits':2,'ReadCapacityUnits':2,"
                     "'Table':{'CapacityUnits':2,'ReadCapacityUnits':2}}]");
}

static void keys_that_do_not_fit_cancel_it(void **state)
{
    struct api_fixture *fixture = *state;
    static const char *const keys[] = { "", "'pk':{'N':'1'}", "'pk':{'S':'a'},'v':{'N':'1'}",
                                        "'v':{'S':'a'}" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *request = api_fixture_text(
            fixture, REQUEST(GET("a", "") ",{'Get':{'TableName':'Tab','Key':{%s}}}"), keys[i]);
        assert_refused(fixture, "TransactGetItems", request, TRANSACTION_CANCELED,
                       CANCELED "[None, ValidationError]");
        assert_member_is(fixture, call(fixture, "TransactGetItems", request).json,
                         "CancellationReasons",
                         "[{'Code':'None'},{'Code':'ValidationError','Message':'The provided key "
                         "element does not match the schema'}]");
    }
}

static const struct {
    const char *request;
    const char *type;
    const char *message;
} REFUSALS[] = {
    { "{}", VALIDATION,
      "1 validation error detected: Value null at 'transactItems' failed to satisfy constraint: "
      "Member must not be null" },
    { REQUEST(""), VALIDATION,
      "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: "
      "Member must have length greater than or equal to 1" },
    { REQUEST("{}"), VALIDATION,
      "1 validation error detected: Value null at 'transactItems.1.member.get' failed to satisfy "
      "constraint: Member must not be null" },
    { REQUEST(GET("a", PROJECT("a,"))), VALIDATION,
      "Invalid ProjectionExpression: Syntax error; token: \"<EOF>\", near: \",\"" },
    { REQUEST(GET("a", ",'ExpressionAttributeNames':{'#v':'v'}")), VALIDATION,
      "ExpressionAttributeNames can only be specified when using expressions" },
    { REQUEST("{'Get':{'TableName':'None','Key':{'pk':{'S':''}}}}"), NOT_FOUND,
      "Requested resource not found" },
    { REQUEST(GET("", "") ",{'Get':{'TableName':'Tab','Key':{}}}"), VALIDATION,
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
      "contain an empty string value. Key: pk" },
    { REQUEST(GET("a", "") "," GET("b", "") "," GET("a", PROJECT("v"))), VALIDATION,
      "Transaction request cannot include multiple operations on one item" },
};

static void faults_of_the_request_refuse_it_whole(void **state)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof *REFUSALS; i++) {
        assert_refused(*state, "TransactGetItems", REFUSALS[i].request, REFUSALS[i].type,
                       REFUSALS[i].message);
    }
}

static void more_than_4_mb_are_refused(void **state)
{
    struct api_fixture *fixture = *state;
    const char *filling = api_fixture_repeat(fixture, 'f', 400000);
    const char *gets = "";
    for (int i = 0; i < 11; i++) {
        assert_accepted(fixture, "PutItem",
                        api_fixture_text(fixture,
                                         "{'TableName':'Tab','Item':{'pk':{'S':'%d'},"
                                         "'v':{'S':'%s'}}}",
                                         i, filling));
        gets =
            api_fixture_text(fixture, "%s%s" GET("%d", PROJECT("pk")), gets, i > 0 ? "," : "", i);
    }
    assert_refused(fixture, "TransactGetItems", api_fixture_text(fixture, REQUEST("%s"), gets),
                   VALIDATION,
                   "Collection size of items exceeded, which can also be caused by the aggregate "
                   "size of the items in the transaction exceeding the 4MB limit");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(items_come_in_the_order_asked_for),
        TEST(each_get_has_a_projection_of_its_own),
        TEST(an_item_of_which_nothing_is_left_is_left_out),
        TEST(reads_cost_double),
        TEST(keys_that_do_not_fit_cancel_it),
        TEST(faults_of_the_request_refuse_it_whole),
        TEST(more_than_4_mb_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
