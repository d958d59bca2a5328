/* The Update action of TransactWriteItems: what it does, its reasons, and what it costs. */

#include "api/json.h"
#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'g','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],"
    "'GlobalSecondaryIndexes':[{'IndexName':'by-g','KeySchema':["
    "{'AttributeName':'g','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}]}";

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    put_items(*state, "Tab",
              (const char *const[]){ "{'pk':{'S':'a'},'n':{'N':'5'},'g':{'S':'x'}}",
                                     "{'pk':{'S':'b'},'n':{'N':'7'}}", NULL });
    return 0;
}

#define CANCELED "Transaction cancelled, please refer cancellation reasons for specific reasons "
#define UPDATE(key, expression, more)                                                              \
    "{'Update':{'TableName':'Tab','Key':{'pk':{'S':'" key "'}},'UpdateExpression':'" expression    \
    "'" more "}}"
#define VALUES(values)  ",'ExpressionAttributeValues':{" values "}"
#define CONDITION(text) ",'ConditionExpression':'" text "'"
#define PUT(key)        "{'Put':{'TableName':'Tab','Item':{'pk':{'S':'" key "'}}}}"
#define REQUEST(text)   "{'TransactItems':[" text "]}"

static void assert_item(struct api_fixture *fixture, const char *key, const char *expected)
{
    const char *request =
        api_fixture_text(fixture, "{'TableName':'Tab','Key':{'pk':{'S':'%s'}}}", key);
    assert_member_is(fixture, assert_accepted(fixture, "GetItem", request), "Item", expected);
}

static void updates_change_what_is_there_and_make_what_is_not(void **state)
{
    struct api_fixture *fixture = *state;
    assert_answer(
        fixture, "TransactWriteItems",
        REQUEST(UPDATE(
            "a", "SET n = n - :d, g = :g",
            VALUES("':d':{'N':'2'},':g':{'S':'y'}") CONDITION(
                "attribute_exists(pk)")) "," UPDATE("b", "ADD n :d",
                                                    VALUES(
                                                        "':d':{'N':'2'}")) "," UPDATE("c",
                                                                                      "SET v = "
                                                                                      "if_not_"
                                                                                      "exists(v, "
                                                                                      ":v)",
                                                                                      VALUES(
                                                                                          "':v':{'"
                                                                                          "S':'new'"
                                                                                          "}"))),
        "{}");
    assert_item(fixture, "a", "{'pk':{'S':'a'},'n':{'N':'3'},'g':{'S':'y'}}");
    assert_item(fixture, "b", "{'pk':{'S':'b'},'n':{'N':'9'}}");
    assert_item(fixture, "c", "{'pk':{'S':'c'},'v':{'S':'new'}}");
    const struct cJSON *reply =
        assert_accepted(fixture, "Scan", "{'TableName':'Tab','IndexName':'by-g'}");
    assert_string_equal(column(fixture, reply, "g"), "y");
}

static void a_failed_condition_returns_the_item_on_request(void **state)
{
    struct api_fixture *fixture = *state;
    const char *request = REQUEST(PUT("new") "," UPDATE(
        "a", "SET n = :n",
        VALUES("':n':{'N':'0'}")
            CONDITION("n < :n") ",'ReturnValuesOnConditionCheckFailure':'ALL_OLD'"));
    assert_refused(fixture, "TransactWriteItems", request, TRANSACTION_CANCELED,
                   CANCELED "[None, ConditionalCheckFailed]");
    assert_member_is(fixture, call(fixture, "TransactWriteItems", request).json,
                     "CancellationReasons",
                     "[{'Code':'None'},{'Code':'ConditionalCheckFailed',"
                     "'Message':'The conditional request failed',"
                     "'Item':{'pk':{'S':'a'},'n':{'N':'5'},'g':{'S':'x'}}}]");
    assert_item(fixture, "new", NULL);
}

static const struct {
    const char *update;
    const char *message;
} REASONS[] = {
    { UPDATE("a", "SET v = w + :v", VALUES("':v':{'N':'1'}")),
      "The provided expression refers to an attribute that does not exist in the item" },
    { UPDATE("a", "SET g.x = :v", VALUES("':v':{'N':'1'}")),
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
      "IndexKey: g" },
    { UPDATE("a", "SET v.x = :v", VALUES("':v':{'N':'1'}")),
      "The document path provided in the update expression is invalid for update" },
    { UPDATE("a", "SET n = list_append(n, :v)", VALUES("':v':{'L':[]}")),
      "An operand in the update expression has an incorrect data type" },
    { UPDATE("a", "SET pk = :v", VALUES("':v':{'S':'1'}")),
      INVALID "Cannot update attribute pk. This attribute is part of the key" },
    { UPDATE("a", "SET g = :v", VALUES("':v':{'N':'1'}")),
      INVALID "Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g" },
};

static void what_the_item_does_not_take_is_a_reason(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof REASONS / sizeof *REASONS; i++) {
        const char *request =
            api_fixture_text(fixture, REQUEST(PUT("new") ",%s"), REASONS[i].update);
        assert_refused(fixture, "TransactWriteItems", request, TRANSACTION_CANCELED,
                       CANCELED "[None, ValidationError]");
        const struct cJSON *reply = call(fixture, "TransactWriteItems", request).json;
        const struct cJSON *message = json_at(reply, "CancellationReasons.1.Message");
        assert_string_equal(bytes_to_text(&fixture->arena, json_text(&fixture->arena, message)),
                            REASONS[i].message);
    }
    assert_item(fixture, "new", NULL);
}

static void an_item_that_grows_too_large_is_a_reason(void **state)
{
    struct api_fixture *fixture = *state;
    const char *request = api_fixture_text(
        fixture, REQUEST(PUT("new") "," UPDATE("a", "SET v = :v", VALUES("':v':{'S':'%s'}"))),
        api_fixture_repeat(fixture, 'f', 409600));
    assert_refused(fixture, "TransactWriteItems", request, TRANSACTION_CANCELED,
                   CANCELED "[None, ValidationError]");
    assert_member_is(fixture, call(fixture, "TransactWriteItems", request).json,
                     "CancellationReasons.1",
                     "{'Code':'ValidationError','Message':'Item size to update has exceeded the "
                     "maximum allowed size'}");
    assert_item(fixture, "new", NULL);
}

static void faults_of_the_expression_refuse_it_whole(void **state)
{
    struct api_fixture *fixture = *state;
    assert_refused(fixture, "TransactWriteItems",
                   REQUEST("{'Update':{'TableName':'Tab','Key':{'pk':{'S':'a'}}}}"), VALIDATION,
                   "1 validation error detected: Value null at "
                   "'transactItems.1.member.update.updateExpression' failed to satisfy "
                   "constraint: Member must not be null");
    assert_refused(fixture, "TransactWriteItems", REQUEST(UPDATE("a", "SET n", "")), VALIDATION,
                   "Invalid UpdateExpression: Syntax error; token: \"<EOF>\", near: \"n\"");
    assert_refused(fixture, "TransactWriteItems",
                   REQUEST(UPDATE("", "REMOVE n", "") "," PUT("new")), VALIDATION,
                   "One or more parameter values are not valid. The AttributeValue for a key "
                   "attribute cannot contain an empty string value. Key: pk");
    assert_refused(fixture, "TransactWriteItems", REQUEST(PUT("a") "," UPDATE("a", "REMOVE n", "")),
                   VALIDATION,
                   "Transaction request cannot include multiple operations on one item");
}

static void the_values_of_updates_count_towards_4_mb(void **state)
{
    struct api_fixture *fixture = *state;
    const char *filling = api_fixture_repeat(fixture, 'f', 400000);
    const char *actions = "";
    for (int i = 0; i < 11; i++) {
        actions =
            api_fixture_text(fixture, "%s%s" UPDATE("%d", "SET v = :v", VALUES("':v':{'S':'%s'}")),
                             actions, i > 0 ? "," : "", i, filling);
    }
    assert_refused(fixture, "TransactWriteItems", api_fixture_text(fixture, REQUEST("%s"), actions),
                   VALIDATION,
                   "Collection size of items exceeded, which can also be caused by the aggregate "
                   "size of the items in the transaction exceeding the 4MB limit");
}

static void an_update_costs_double_the_larger_image(void **state)
{
    struct api_fixture *fixture = *state;
    assert_accepted(fixture, "PutItem",
                    api_fixture_text(fixture,
                                     "{'TableName':'Tab','Item':{'pk':{'S':'a'},'v':{'S':'%s'}}}",
                                     api_fixture_repeat(fixture, 'f', 5000)));
    assert_answer(
        fixture, "TransactWriteItems",
        "{'ReturnConsumedCapacity':'TOTAL','TransactItems':[" UPDATE("a", "REMOVE v", "") "]}",
        "{'ConsumedCapacity':[{'TableName':'Tab','CapacityUnits':10,'WriteCapacityUnits':10}]}");
}

static void a_token_keeps_an_update_from_counting_twice(void **state)
{
    struct api_fixture *fixture = *state;
    for (int i = 0; i < 3; i++) {
        assert_answer(fixture, "TransactWriteItems",
                      "{'ClientRequestToken':'t','TransactItems':[" UPDATE(
                          "b", "ADD n :one", VALUES("':one':{'N':'1'}")) "]}",
                      "{}");
    }
    assert_item(fixture, "b", "{'pk':{'S':'b'},'n':{'N':'8'}}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(updates_change_what_is_there_and_make_what_is_not),
        TEST(a_failed_condition_returns_the_item_on_request),
        TEST(what_the_item_does_not_take_is_a_reason),
        TEST(an_item_that_grows_too_large_is_a_reason),
        TEST(faults_of_the_expression_refuse_it_whole),
        TEST(the_values_of_updates_count_towards_4_mb),
        TEST(an_update_costs_double_the_larger_image),
        TEST(a_token_keeps_an_update_from_counting_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
