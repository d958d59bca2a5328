/*
 * TransactWriteItems: all or nothing, what cancels it, what is refused outright and in which order,
 * and what it costs. Tokens are in test_client_request_token.c, conflicts in
 * test_transaction_conflict.c.
 */

#include "api/json.h"
#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A global index on `g`, a local one on `l`. */
static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk','AttributeType':'N'},"
    "{'AttributeName':'g','AttributeType':'S'},{'AttributeName':'l','AttributeType':'N'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
    "{'AttributeName':'sk','KeyType':'RANGE'}],"
    "'GlobalSecondaryIndexes':[{'IndexName':'by-g','KeySchema':["
    "{'AttributeName':'g','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}],"
    "'LocalSecondaryIndexes':[{'IndexName':'by-l','KeySchema':["
    "{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'l','KeyType':'RANGE'}],"
    "'Projection':{'ProjectionType':'KEYS_ONLY'}}]}";

static const char OTHER[] =
    "{'TableName':'Other','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'id','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}]}";

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    create_table(*state, OTHER);
    return 0;
}

#define NOT_VALID   "One or more parameter values are not valid. "
#define CANCELED    "Transaction cancelled, please refer cancellation reasons for specific reasons "
#define FAILED      "'Code':'ConditionalCheckFailed','Message':'The conditional request failed'"
#define KEY(number) "'pk':{'S':'a'},'sk':{'N':'" number "'}"

/* Actions; `more` are further members. */
#define PUT(item, more)   "{'Put':{'TableName':'Tab','Item':{" item "}" more "}}"
#define DELETE(key, more) "{'Delete':{'TableName':'Tab','Key':{" key "}" more "}}"
#define CHECK(key, more)  "{'ConditionCheck':{'TableName':'Tab','Key':{" key "}" more "}}"
#define PUT_OTHER(id)     "{'Put':{'TableName':'Other','Item':{'id':{'S':'" id "'}}}}"
#define CONDITION(text)   ",'ConditionExpression':'" text "'"
#define RETURNS_OLD       ",'ReturnValuesOnConditionCheckFailure':'ALL_OLD'"
#define REQUEST(actions)  "{'TransactItems':[" actions "]}"
#define SCAN_TAB          "{'TableName':'Tab'}"
#define SCAN_G            "{'TableName':'Tab','IndexName':'by-g'}"
#define SCAN_L            "{'TableName':'Tab','IndexName':'by-l'}"

static const char *scanned(struct api_fixture *fixture, const char *request, const char *attribute)
{
    return column(fixture, assert_accepted(fixture, "Scan", request), attribute);
}

static void assert_canceled(struct api_fixture *fixture,
                            const char *request,
                            const char *codes,
                            const char *reasons)
{
    const char *message = api_fixture_text(fixture, CANCELED "[%s]", codes);
    assert_refused(fixture, "TransactWriteItems", request, TRANSACTION_CANCELED, message);
    struct api_reply reply = call(fixture, "TransactWriteItems", request);
    assert_member_is(fixture, reply.json, "CancellationReasons", reasons);
}

/* ---- all ---- */

static void every_action_is_applied(void **state)
{
    struct api_fixture *fixture = *state;
    put_items(fixture, "Tab",
              (const char *const[]){ "{" KEY("1") ",'g':{'S':'x'}}",
                                     "{" KEY("2") ",'g':{'S':'y'},'l':{'N':'5'}}", "{" KEY("3") "}",
                                     NULL });
    assert_answer(
        fixture, "TransactWriteItems",
        REQUEST(
            PUT(KEY("1") ",'g':{'S':'z'},'l':{'N':'7'}", CONDITION("attribute_exists(g)")) "," DELETE(
                KEY("2"),
                "") "," CHECK(KEY("3"),
                              CONDITION(
                                  "attribute_exists(pk)")) "," PUT(KEY("4"),
                                                                   CONDITION(
                                                                       "attribute_not_exists("
                                                                       "pk)")) "," PUT_OTHER("o")),
        "{}");
    assert_string_equal(scanned(fixture, SCAN_TAB, "sk"), "1 3 4");
    assert_string_equal(scanned(fixture, SCAN_G, "g"), "z");
    assert_string_equal(scanned(fixture, SCAN_L, "l"), "7");
    assert_string_equal(scanned(fixture, "{'TableName':'Other'}", "id"), "o");
}

static void actions_see_the_items_as_they_were(void **state)
{
    struct api_fixture *fixture = *state;
    put_items(fixture, "Tab", (const char *const[]){ "{" KEY("1") ",'v':{'S':'one'}}", NULL });
    assert_canceled(
        fixture, REQUEST(DELETE(KEY("1"), "") "," PUT(KEY("2"), CONDITION("attribute_exists(pk)"))),
        "None, ConditionalCheckFailed", "[{'Code':'None'},{" FAILED "}]");
    assert_string_equal(scanned(fixture, SCAN_TAB, "sk"), "1");
}

static void a_hundred_large_items_move_at_once(void **state)
{
    struct api_fixture *fixture = *state;
    const char *filling = api_fixture_repeat(fixture, 'f', 40000);
    for (int round = 0; round < 2; round++) {
        const char *actions = "";
        for (int i = 0; i < 100; i++) {
            actions = api_fixture_text(
                fixture,
                "%s%s{'Put':{'TableName':'Tab','Item':{'pk':{'S':'p%d'},'sk':{'N':'1'},"
                "'g':{'S':'g%d'},'v':{'S':'%s'}}}}",
                actions, i > 0 ? "," : "", i, i + round, filling);
        }
        assert_answer(fixture, "TransactWriteItems",
                      api_fixture_text(fixture, "{'TransactItems':[%s]}", actions), "{}");
    }
    assert_member_is(fixture,
                     assert_accepted(fixture, "Scan", "{'TableName':'Tab','Select':'COUNT'}"),
                     "ScannedCount", "27"); /* 1 MB a page */
    const struct cJSON *reply = assert_accepted(
        fixture, "Query",
        "{'TableName':'Tab','IndexName':'by-g','KeyConditionExpression':'g = :g',"
        "'ExpressionAttributeValues':{':g':{'S':'g100'}},'ProjectionExpression':'pk'}");
    assert_member_is(fixture, reply, "Items", "[{'pk':{'S':'p99'}}]");
    reply =
        assert_accepted(fixture, "Query",
                        "{'TableName':'Tab','IndexName':'by-g','KeyConditionExpression':'g = :g',"
                        "'ExpressionAttributeValues':{':g':{'S':'g0'}},'Select':'COUNT'}");
    assert_member_is(fixture, reply, "Count", "0");
}

/* ---- or nothing ---- */

static void a_cancelled_transaction_leaves_nothing(void **state)
{
    struct api_fixture *fixture = *state;
    put_items(fixture, "Tab",
              (const char *const[]){ "{" KEY("1") ",'g':{'S':'x'},'l':{'N':'5'}}", NULL });
    struct api_reply before = control(fixture, "GET", "tables/Tab", NULL);
    assert_int_equal(before.status, 200);
    assert_canceled(
        fixture,
        REQUEST(DELETE(KEY("1"), "") "," PUT(KEY("2") ",'g':{'S':'y'}", "") "," PUT_OTHER(
            "o") "," CHECK(KEY("3"), CONDITION("attribute_exists(pk)"))),
        "None, None, None, ConditionalCheckFailed",
        "[{'Code':'None'},{'Code':'None'},{'Code':'None'},{" FAILED "}]");
    struct api_reply after = control(fixture, "GET", "tables/Tab", NULL);
    assert_true(bytes_equal(before.body, after.body));
    assert_string_equal(scanned(fixture, SCAN_TAB, "sk"), "1");
    assert_string_equal(scanned(fixture, SCAN_G, "g"), "x");
    assert_string_equal(scanned(fixture, SCAN_L, "l"), "5");
    assert_string_equal(scanned(fixture, "{'TableName':'Other'}", "id"), "");
}

static void every_reason_is_told_in_the_order_of_the_actions(void **state)
{
    struct api_fixture *fixture = *state;
    put_items(fixture, "Tab",
              (const char *const[]){ "{" KEY("1") ",'v':{'S':'one'}}", "{" KEY("2") "}", NULL });
    assert_canceled(
        fixture,
        REQUEST(CHECK(KEY("1"), CONDITION("attribute_not_exists(pk)") RETURNS_OLD) "," PUT(
            KEY("2"),
            CONDITION(
                "attribute_not_exists(pk)")) "," DELETE(KEY("3"),
                                                        CONDITION("attribute_exists(pk)")
                                                            RETURNS_OLD) "," PUT(KEY("4") ",'g':{'"
                                                                                          "N':'1'}",
                                                                                 "") "," PUT_OTHER("o")),
        "ConditionalCheckFailed, ConditionalCheckFailed, ConditionalCheckFailed, ValidationError, "
        "None",
        "[{" FAILED ",'Item':{" KEY("1") ",'v':{'S':'one'}}},{" FAILED "},{" FAILED "},"
                                         "{'Code':'ValidationError','Message':'" INVALID
                                         "Type mismatch for Index Key g Expected: S "
                                         "Actual: N IndexName: by-g'},{'Code':'None'}]");
}

/* ---- reasons ---- */

static const struct {
    const char *action;
    const char *message;
} REASONS[] = {
    { "{'Put':{'TableName':'Tab','Item':{'pk':{'S':'a'}}}}",
      INVALID "Missing the key sk in the item" },
    { PUT("'pk':{'N':'1'},'sk':{'N':'1'}", ""),
      INVALID "Type mismatch for key pk expected: S actual: N" },
    { DELETE("'pk':{'S':'a'}", ""), "The provided key element does not match the schema" },
    { DELETE("'pk':{'S':'a'},'sk':{'S':'1'}", ""),
      "The provided key element does not match the schema" },
    { CHECK(KEY("1") ",'v':{'S':'1'}", CONDITION("attribute_not_exists(pk)")),
      "The provided key element does not match the schema" },
    { PUT(KEY("1") ",'l':{'S':'1'}", ""),
      INVALID "Type mismatch for Index Key l Expected: N Actual: S IndexName: by-l" },
};

static void what_does_not_fit_the_table_is_a_reason(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof REASONS / sizeof *REASONS; i++) {
        assert_canceled(fixture,
                        api_fixture_text(fixture, REQUEST(PUT_OTHER("o") ",%s"), REASONS[i].action),
                        "None, ValidationError",
                        api_fixture_text(fixture,
                                         "[{'Code':'None'},{'Code':'ValidationError','Message':"
                                         "'%s'}]",
                                         REASONS[i].message));
    }
    assert_string_equal(scanned(fixture, "{'TableName':'Other'}", "id"), "");
}

/* ---- refusals of the whole ---- */

static const struct {
    const char *actions;
    const char *type;
    const char *message;
} REFUSALS[] = {
    { "{}", VALIDATION,
      "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request" },
    { "{'Put':{'TableName':'Tab','Item':{}},'Delete':{'TableName':'Tab','Key':{}}}", VALIDATION,
      "TransactItems can only contain one of Check, Put, Update or Delete" },
    { PUT(KEY("1"), CONDITION("v = ")), VALIDATION,
      "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", near: \"=\"" },
    { PUT(KEY("1"), CONDITION("v = :v")), VALIDATION,
      "Invalid ConditionExpression: An expression attribute value used in expression is not "
      "defined; attribute value: :v" },
    { PUT(KEY("1"), ",'ExpressionAttributeNames':{'#v':'v'}"), VALIDATION,
      "ExpressionAttributeNames can only be specified when using expressions" },
    { PUT(KEY("1") ",'v':{'S':'x','N':'1'}", ""), VALIDATION,
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
      "supported datatypes" },
    { "{'Put':{'TableName':'None','Item':{'id':{'S':'a'}}}}", NOT_FOUND,
      "Requested resource not found" },
    { PUT(KEY("1"), "") "," DELETE(KEY("1.0"), ""), VALIDATION,
      "Transaction request cannot include multiple operations on one item" },
    { CHECK(KEY("1"), CONDITION("attribute_exists(pk)")) "," PUT(KEY("1"), ""), VALIDATION,
      "Transaction request cannot include multiple operations on one item" },
    { PUT("'pk':{'S':''},'sk':{'N':'1'}", ""), VALIDATION,
      NOT_VALID "The AttributeValue for a key attribute cannot contain an empty string value. "
                "Key: pk" },
    { DELETE("'pk':{'S':''},'sk':{'N':'1'}", ""), VALIDATION,
      NOT_VALID "The AttributeValue for a key attribute cannot contain an empty string value. "
                "Key: pk" },
    { PUT(KEY("1") ",'g':{'S':''}", ""), VALIDATION,
      NOT_VALID "A value specified for a secondary index key is not supported. The AttributeValue "
                "for a key attribute cannot contain an empty string value. IndexName: by-g, "
                "IndexKey: g" },
};

static void faults_of_the_request_refuse_it_whole(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof REFUSALS / sizeof *REFUSALS; i++) {
        assert_refused(
            fixture, "TransactWriteItems",
            api_fixture_text(fixture, REQUEST(PUT_OTHER("o") ",%s"), REFUSALS[i].actions),
            REFUSALS[i].type, REFUSALS[i].message);
    }
    assert_string_equal(scanned(fixture, "{'TableName':'Other'}", "id"), "");
}

/* Each request has this fault and all that come later in the list. */
static const struct {
    const char *actions;
    const char *type;
    const char *message;
} ORDER[] = {
    { "{'Delete':{'TableName':'None','Key':{'id':{'S':''}}},'Put':{'TableName':'None'}}",
      VALIDATION,
      "1 validation error detected: Value null at 'transactItems.1.member.put.item' failed to "
      "satisfy constraint: Member must not be null" },
    { "{'Delete':{'TableName':'None','Key':{'id':{'S':''}},'ConditionExpression':'('}},{}",
      VALIDATION, "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", near: \"(\"" },
    { "{'Delete':{'TableName':'None','Key':{'id':{'S':''}}}}," PUT(KEY("1"), "") "," PUT(KEY("1"),
                                                                                         ""),
      NOT_FOUND, "Requested resource not found" },
    { PUT(KEY("1"), "") "," PUT(KEY("1"), "") "," PUT(KEY("2") ",'g':{'S':''}",
                                                      "") "," DELETE("'pk':{'S':'a'}", ""),
      VALIDATION, "Transaction request cannot include multiple operations on one item" },
    { DELETE("'pk':{'S':'a'}", "") "," PUT(KEY("2") ",'g':{'S':''}", ""), VALIDATION,
      NOT_VALID "A value specified for a secondary index key is not supported. The AttributeValue "
                "for a key attribute cannot contain an empty string value. IndexName: by-g, "
                "IndexKey: g" },
    { DELETE("'pk':{'S':'a'}", CONDITION("attribute_exists(pk)")), TRANSACTION_CANCELED,
      CANCELED "[ValidationError]" },
};

static void faults_are_told_in_their_order(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof ORDER / sizeof *ORDER; i++) {
        assert_refused(fixture, "TransactWriteItems",
                       api_fixture_text(fixture, REQUEST("%s"), ORDER[i].actions), ORDER[i].type,
                       ORDER[i].message);
    }
}

static void a_transaction_has_1_to_100_actions(void **state)
{
    struct api_fixture *fixture = *state;
    assert_refused(fixture, "TransactWriteItems", "{}", VALIDATION,
                   "1 validation error detected: Value null at 'transactItems' failed to satisfy "
                   "constraint: Member must not be null");
    assert_refused(fixture, "TransactWriteItems", REQUEST(""), VALIDATION,
                   "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy "
                   "constraint: Member must have length greater than or equal to 1");
    const char *actions = PUT_OTHER("0");
    for (int i = 1; i <= 100; i++) {
        actions = api_fixture_text(fixture, "%s," PUT_OTHER("%d"), actions, i);
    }
    struct api_reply reply =
        call(fixture, "TransactWriteItems", api_fixture_text(fixture, REQUEST("%s"), actions));
    assert_int_equal(reply.status, 400);
    const struct cJSON *message = json_at(reply.json, "message");
    const char *text = bytes_to_text(&fixture->arena, json_text(&fixture->arena, message));
    assert_non_null(strstr(text, "' at 'transactItems' failed to satisfy constraint: Member must "
                                 "have length less than or equal to 100"));
}

static void sizes_are_limited(void **state)
{
    struct api_fixture *fixture = *state;
    const char *filling = api_fixture_repeat(fixture, 'f', 409600);
    assert_refused(fixture, "TransactWriteItems",
                   api_fixture_text(fixture, REQUEST(PUT(KEY("1") ",'v':{'S':'%s'}", "")), filling),
                   VALIDATION, "Item size has exceeded the maximum allowed size");
    const char *actions = "";
    for (int i = 0; i < 11; i++) {
        actions = api_fixture_text(
            fixture, "%s%s{'Put':{'TableName':'Other','Item':{'id':{'S':'%d'},'v':{'S':'%.*s'}}}}",
            actions, i > 0 ? "," : "", i, 400000, filling);
    }
    assert_refused(fixture, "TransactWriteItems", api_fixture_text(fixture, REQUEST("%s"), actions),
                   VALIDATION,
                   "Collection size of items exceeded, which can also be caused by the aggregate "
                   "size of the items in the transaction exceeding the 4MB limit");
    assert_string_equal(scanned(fixture, "{'TableName':'Other'}", "id"), "");
}

/* ---- what it costs ---- */

static void writes_cost_double_in_the_table_and_once_in_an_index(void **state)
{
    struct api_fixture *fixture = *state;
    const char *filling = api_fixture_repeat(fixture, 'f', 2500);
    assert_accepted(fixture, "PutItem",
                    api_fixture_text(fixture,
                                     "{'TableName':'Tab','Item':{" KEY("1") ",'v':{'S':'%s'}}}",
                                     filling));
    put_items(fixture, "Tab", (const char *const[]){ "{" KEY("2") ",'g':{'S':'x'}}", NULL });
    const char *actions = PUT_OTHER("o") "," DELETE(KEY("1"), "") "," DELETE(
        KEY("2"), "") "," CHECK(KEY("3"), CONDITION("attribute_not_exists(pk)"));
    assert_answer(fixture, "TransactWriteItems",
                  api_fixture_text(fixture,
                                   "{'ReturnConsumedCapacity':'INDEXES','TransactItems':[%s]}",
                                   actions),
                  "{'ConsumedCapacity':["
                  "{'TableName':'Other','CapacityUnits':2,'WriteCapacityUnits':2,"
                  "'Table':{'CapacityUnits':2,'WriteCapacityUnits':2}},"
                  "{'TableName':'Tab','CapacityUnits':11,'WriteCapacityUnits':11,"
                  "'Table':{'CapacityUnits':10,'WriteCapacityUnits':10},'GlobalSecondaryIndexes':{"
                  "'by-g':{'CapacityUnits':1,'WriteCapacityUnits':1}}}]}");
    assert_answer(
        fixture, "TransactWriteItems",
        "{'ReturnConsumedCapacity':'TOTAL','TransactItems':[" PUT_OTHER("p") "]}",
        "{'ConsumedCapacity':[{'TableName':'Other','CapacityUnits':2,'WriteCapacityUnits':2}]}");
}

static void a_check_costs_the_size_of_what_it_looks_at(void **state)
{
    struct api_fixture *fixture = *state;
    assert_accepted(fixture, "PutItem",
                    api_fixture_text(fixture,
                                     "{'TableName':'Tab','Item':{" KEY("1") ",'v':{'S':'%s'}}}",
                                     api_fixture_repeat(fixture, 'f', 2500)));
    assert_answer(
        fixture, "TransactWriteItems",
        "{'ReturnConsumedCapacity':'TOTAL','TransactItems':[" CHECK(
            KEY("1"), CONDITION("attribute_exists(pk)")) "]}",
        "{'ConsumedCapacity':[{'TableName':'Tab','CapacityUnits':6,'WriteCapacityUnits':6}]}");
}

static void changed_item_collections_are_told_once_each(void **state)
{
    struct api_fixture *fixture = *state;
#define COLLECTION(name) "{'ItemCollectionKey':{'pk':{'S':'" name "'}},'SizeEstimateRangeGB':[0,1]}"
    assert_answer(
        fixture, "TransactWriteItems",
        "{'ReturnItemCollectionMetrics':'SIZE','TransactItems':[" PUT_OTHER("o") "," PUT(
            KEY("1"),
            "") "," PUT("'pk':{'S':'b'},'sk':{'N':'1'}",
                        "") "," DELETE(KEY("2"),
                                       "") "," CHECK("'pk':{'S':'c'},'sk':{'N':'1'}",
                                                     CONDITION("attribute_not_exists(pk)")) "]}",
        "{'ItemCollectionMetrics':{'Tab':[" COLLECTION("a") "," COLLECTION("b") "]}}");
    assert_answer(fixture, "TransactWriteItems",
                  "{'ReturnItemCollectionMetrics':'SIZE','TransactItems':[" PUT_OTHER("o") "]}",
                  "{}");
}

static void a_table_may_be_named_by_its_arn(void **state)
{
    struct api_fixture *fixture = *state;
    assert_refused(fixture, "TransactWriteItems",
                   REQUEST(PUT_OTHER("a") ",{'Delete':{'TableName':"
                                          "'arn:aws:dynamodb:eu-test-1:000000000000:table/Other',"
                                          "'Key':{'id':{'S':'a'}}}}"),
                   VALIDATION,
                   "Transaction request cannot include multiple operations on one item");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_action_is_applied),
        TEST(actions_see_the_items_as_they_were),
        TEST(a_hundred_large_items_move_at_once),
        TEST(a_cancelled_transaction_leaves_nothing),
        TEST(every_reason_is_told_in_the_order_of_the_actions),
        TEST(what_does_not_fit_the_table_is_a_reason),
        TEST(faults_of_the_request_refuse_it_whole),
        TEST(faults_are_told_in_their_order),
        TEST(a_transaction_has_1_to_100_actions),
        TEST(sizes_are_limited),
        TEST(writes_cost_double_in_the_table_and_once_in_an_index),
        TEST(a_check_costs_the_size_of_what_it_looks_at),
        TEST(changed_item_collections_are_told_once_each),
        TEST(a_table_may_be_named_by_its_arn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
