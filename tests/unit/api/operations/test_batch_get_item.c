/* BatchGetItem: several tables, duplicates, limits, and what is left over beyond 16 MB. */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TABLE(name)                                                                                \
    "{'TableName':'" name "','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["             \
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk','AttributeType':'N'}],"      \
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"                                        \
    "{'AttributeName':'sk','KeyType':'RANGE'}]}"

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE("Tab"));
    create_table(*state, TABLE("Tob"));
    put_items(*state, "Tab",
              (const char *const[]){ "{'pk':{'S':'a'},'sk':{'N':'1'},'v':{'S':'x'}}",
                                     "{'pk':{'S':'a'},'sk':{'N':'2'},'v':{'S':'y'}}", NULL });
    put_items(*state, "Tob", (const char *const[]){ "{'pk':{'S':'b'},'sk':{'N':'3'}}", NULL });
    return 0;
}

#define KEY(pk, sk)   "{'pk':{'S':'" pk "'},'sk':{'N':'" sk "'}}"
#define KEYS(list)    "{'Keys':[" list "]}"
#define BATCH(tables) "{'RequestItems':{" tables "}}"
#define ARN           "arn:aws:dynamodb:eu-test-1:000000000000:table/Tob"

static const struct {
    const char *request;
    const char *expected;
} REPLIES[] = {
    { BATCH("'Tab':" KEYS(KEY("a", "2") "," KEY("a", "9") "," KEY("a", "1"))),
      "{'Responses':{'Tab':[{'pk':{'S':'a'},'sk':{'N':'2'},'v':{'S':'y'}},"
      "{'pk':{'S':'a'},'sk':{'N':'1'},'v':{'S':'x'}}]},'UnprocessedKeys':{}}" },
    { BATCH("'Tab':" KEYS(KEY("c", "1"))), "{'Responses':{'Tab':[]},'UnprocessedKeys':{}}" },
    { BATCH("'Tab':{'Keys':[" KEY("a", "1") "],'ProjectionExpression':'#v, pk',"
                                            "'ExpressionAttributeNames':{'#v':'v'}},'Tob':" KEYS(
                                                KEY("b", "3"))),
      "{'Responses':{'Tab':[{'pk':{'S':'a'},'v':{'S':'x'}}],'Tob':[{'pk':{'S':'b'},'sk':{'N':'3'}}]"
      "},"
      "'UnprocessedKeys':{}}" },
    /* named as asked for */
    { BATCH("'" ARN "':" KEYS(KEY("b", "3"))),
      "{'Responses':{'" ARN "':[{'pk':{'S':'b'},'sk':{'N':'3'}}]},'UnprocessedKeys':{}}" },
    { "{'RequestItems':{'Tab':{'Keys':[" KEY("a", "1") "," KEY(
          "a", "9") "],'ConsistentRead':true},"
                    "'Tob':" KEYS(KEY("c", "3")) "},'ReturnConsumedCapacity':'TOTAL'}",
      "{'Responses':{'Tab':[{'pk':{'S':'a'},'sk':{'N':'1'},'v':{'S':'x'}}],'Tob':[]},"
      "'UnprocessedKeys':{},'ConsumedCapacity':[{'TableName':'Tab','CapacityUnits':2},"
      "{'TableName':'Tob','CapacityUnits':0.5}]}" },
};

static void items_come_back_by_table(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof REPLIES / sizeof *REPLIES; i++) {
        assert_answer(fixture, "BatchGetItem", REPLIES[i].request, REPLIES[i].expected);
    }
}

#define DUPLICATES "Provided list of item keys contains duplicates"

static const struct {
    const char *request;
    const char *type;
    const char *message;
} FAULTS[] = {
    { "{}", VALIDATION, "The requestItems parameter is required for BatchGetItem" },
    { "{'RequestItems':{}}", VALIDATION,
      "The requestItems parameter is required for BatchGetItem" },
    { BATCH("'Tab':{}"), VALIDATION,
      "1 validation error detected: Value null at 'requestItems.Tab.member.keys' failed to satisfy "
      "constraint: Member must not be null" },
    { BATCH("'Tab':" KEYS("")), VALIDATION,
      "1 validation error detected: Value '[]' at 'requestItems.Tab.member.keys' failed to satisfy "
      "constraint: Member must have length greater than or equal to 1" },
    /* of one table: parameters, values, duplicates, expressions; then the next; then the tables */
    { BATCH("'None':{'Keys':[{'x':{}}],'ExpressionAttributeNames':{'#x':'y'}}"), VALIDATION,
      "ExpressionAttributeNames can only be specified when using expressions" },
    { BATCH("'None':{'Keys':[{'x':{}}],'ProjectionExpression':''}"), VALIDATION,
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { BATCH("'None':{'Keys':[" KEY("a", "1") "," KEY("a", "2") "," KEY(
          "a", "1.0") "],'ProjectionExpression':''}"),
      VALIDATION, DUPLICATES },
    { BATCH("'None':" KEYS(KEY("a", "1") ",{'sk':{'N':'1'},'pk':{'S':'a'}}")), VALIDATION,
      DUPLICATES },
    { BATCH("'None':{'Keys':[" KEY("a", "1") "],'ProjectionExpression':''},'Tab':" KEYS(
          KEY("a", "1") "," KEY("a", "1"))),
      VALIDATION, "Invalid ProjectionExpression: The expression can not be empty;" },
    { BATCH("'None':" KEYS(KEY("a", "1")) ",'Tab':" KEYS(KEY("a", "1") "," KEY("a", "1"))),
      VALIDATION, DUPLICATES },
    { BATCH("'Tab':" KEYS(KEY("a", "1")) ",'None':" KEYS(KEY("a", "1"))), NOT_FOUND,
      "Requested resource not found" },
    { BATCH("'Tab':" KEYS(KEY("a", "1") ",{'pk':{'S':'a'}}")), VALIDATION,
      "The provided key element does not match the schema" },
};

static void faults_are_refused(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "BatchGetItem", FAULTS[i].request, FAULTS[i].type,
                       FAULTS[i].message);
    }
}

static const char *keys_of(struct api_fixture *fixture, size_t count)
{
    const char *list = "";
    for (size_t i = 0; i < count; i++) {
        list = api_fixture_text(fixture, "%s%s{'pk':{'S':'big'},'sk':{'N':'%zu'}}", list,
                                i > 0 ? "," : "", i);
    }
    return list;
}

static void a_hundred_keys_are_allowed(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(
        fixture, "BatchGetItem",
        api_fixture_text(fixture, BATCH("'Tab':{'Keys':[%s]}"), keys_of(fixture, 100)));
    assert_refused(fixture, "BatchGetItem",
                   api_fixture_text(fixture, BATCH("'Tab':{'Keys':[%s]},'Tob':{'Keys':[%s]}"),
                                    keys_of(fixture, 50), keys_of(fixture, 51)),
                   VALIDATION, "Too many items requested for the BatchGetItem call");
}

/* 45 items of 400,000 bytes: 41 fit into 16 MB. What is left is a request of its own. */
static void what_does_not_fit_is_left_over(void **state)
{
    struct api_fixture *fixture = *state;
    const char *padding = api_fixture_repeat(fixture, 'x', 400000 - 11);
    for (int i = 10; i < 55; i++) { /* pk 2+3, sk 2+2 or 1, v 1 */
        const char *item = api_fixture_text(
            fixture, "{'pk':{'S':'big'},'sk':{'N':'%d'},'v':{'S':'%s'}}", i, padding);
        put_items(fixture, "Tab", (const char *const[]){ item, NULL });
    }
    const struct cJSON *reply = assert_accepted(
        fixture, "BatchGetItem",
        api_fixture_text(
            fixture,
            BATCH("'Tab':{'Keys':[%s],'ConsistentRead':true,'ProjectionExpression':"
                  "'#s','ExpressionAttributeNames':{'#s':'sk'}},'Tob':" KEYS(KEY("b", "3"))),
            keys_of(fixture, 55)));
    assert_int_equal(json_count(json_at(reply, "Responses.Tab")), 41);
    assert_member_is(fixture, reply, "Responses.Tob", "[]");
    assert_member_is(
        fixture, reply, "UnprocessedKeys",
        "{'Tab':{'ConsistentRead':true,'ProjectionExpression':'#s','ExpressionAttributeNames':{"
        "'#s':'sk'},'Keys':[" KEY("big", "51") "," KEY("big", "52") "," KEY("big", "53") "," KEY(
            "big", "54") "]},'Tob':{'Keys':[" KEY("b", "3") "]}}");
}

int main(void)
{
#define BATCH_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        BATCH_TEST(items_come_back_by_table),
        BATCH_TEST(faults_are_refused),
        BATCH_TEST(a_hundred_keys_are_allowed),
        BATCH_TEST(what_does_not_fit_is_left_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
