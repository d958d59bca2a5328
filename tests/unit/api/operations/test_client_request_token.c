/* ClientRequestToken: the same transaction again, another under its token, time, and restarts. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TEN_MINUTES_MS = 10 * 60 * 1000 };

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";
static const char OTHER[] =
    "{'TableName':'Oth','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    return 0;
}

static int set_up_durable(void **state)
{
    struct api_fixture *fixture = malloc(sizeof *fixture);
    assert_non_null(fixture);
    api_fixture_open_durable(fixture);
    create_table(fixture, TABLE);
    *state = fixture;
    return 0;
}

#define WITH_TOKEN(token, actions, more)                                                           \
    "{'ClientRequestToken':'" token "','TransactItems':[" actions "]" more "}"
#define PUT(key)    "{'Put':{'TableName':'Tab','Item':{'pk':{'S':'" key "'},'v':{'S':'x'}}}}"
#define DELETE(key) "{'Delete':{'TableName':'Tab','Key':{'pk':{'S':'" key "'}}}}"
#define ABSENT(key)                                                                                \
    "{'ConditionCheck':{'TableName':'Tab','Key':{'pk':{'S':'" key "'}},"                           \
    "'ConditionExpression':'attribute_not_exists(pk)'}}"
#define DIFFERS                                                                                    \
    "DynamoDB rejected the request because you retried a request with a different payload but "    \
    "with an idempotent token that was already used."

static void transact(struct api_fixture *fixture, const char *request)
{
    assert_answer(fixture, "TransactWriteItems", request, "{}");
}

static const char *keys(struct api_fixture *fixture)
{
    return column(fixture, assert_accepted(fixture, "Scan", "{'TableName':'Tab'}"), "pk");
}

static void delete_item(struct api_fixture *fixture, const char *key)
{
    assert_accepted(fixture, "DeleteItem",
                    api_fixture_text(fixture, "{'TableName':'Tab','Key':{'pk':{'S':'%s'}}}", key));
}

static void the_same_again_is_accepted_and_not_applied(void **state)
{
    struct api_fixture *fixture = *state;
    transact(fixture, WITH_TOKEN("t", PUT("a"), ""));
    delete_item(fixture, "a");
    transact(fixture, WITH_TOKEN("t", PUT("a"), ""));
    assert_string_equal(keys(fixture), "");
    transact(fixture, WITH_TOKEN("u", PUT("a"), ""));
    assert_string_equal(keys(fixture), "a");
}

static void a_condition_that_no_longer_holds_does_not_matter(void **state)
{
    struct api_fixture *fixture = *state;
    transact(fixture, WITH_TOKEN("t", ABSENT("a") "," PUT("b"), ""));
    transact(fixture, "{'TransactItems':[" PUT("a") "]}");
    transact(fixture, WITH_TOKEN("t", ABSENT("a") "," PUT("b"), ""));
}

static void the_same_may_be_written_in_another_way(void **state)
{
    struct api_fixture *fixture = *state;
    transact(fixture, WITH_TOKEN("t", PUT("a"), ""));
    delete_item(fixture, "a");
    assert_accepted(fixture, "TransactWriteItems",
                    "{'TransactItems':[ {'Delete':null,'Put':{'Item':{'v':{'S':'\\u0078'},"
                    "'pk':{'S':'a'}},'TableName':'Tab'}}], 'ReturnConsumedCapacity':'TOTAL',"
                    "'ReturnItemCollectionMetrics':'SIZE','ClientRequestToken':'t'}");
    assert_string_equal(keys(fixture), "");
}

static const char *const DIFFERENT[] = {
    WITH_TOKEN("t", PUT("b"), ""),
    WITH_TOKEN("t", DELETE("a"), ""),
    WITH_TOKEN("t", PUT("a") "," PUT("b"), ""),
    WITH_TOKEN("t", PUT("a") "," ABSENT("b"), ""),
    "{'ClientRequestToken':'t','TransactItems':[{'Put':{'TableName':'Tab','Item':{'pk':{'S':'a'},"
    "'v':{'S':'x'}},'ConditionExpression':'attribute_not_exists(pk)'}}]}",
};

static void another_transaction_under_the_token_is_refused(void **state)
{
    struct api_fixture *fixture = *state;
    transact(fixture, WITH_TOKEN("t", PUT("a"), ""));
    for (size_t i = 0; i < sizeof DIFFERENT / sizeof *DIFFERENT; i++) {
        assert_refused(fixture, "TransactWriteItems", DIFFERENT[i], TOKEN_MISMATCH, DIFFERS);
    }
    assert_string_equal(keys(fixture), "a");
}

static void the_token_of_a_cancelled_transaction_is_free(void **state)
{
    struct api_fixture *fixture = *state;
    transact(fixture, "{'TransactItems':[" PUT("a") "]}");
    assert_refused(fixture, "TransactWriteItems", WITH_TOKEN("t", ABSENT("a") "," PUT("b"), ""),
                   TRANSACTION_CANCELED,
                   "Transaction cancelled, please refer cancellation reasons for specific reasons "
                   "[ConditionalCheckFailed, None]");
    delete_item(fixture, "a");
    transact(fixture, WITH_TOKEN("t", ABSENT("a") "," PUT("b"), ""));
    assert_string_equal(keys(fixture), "b");
    assert_refused(fixture, "TransactWriteItems", WITH_TOKEN("t", PUT("c"), ""), TOKEN_MISMATCH,
                   DIFFERS);
}

static void a_token_counts_for_ten_minutes(void **state)
{
    struct api_fixture *fixture = *state;
    transact(fixture, WITH_TOKEN("t", PUT("a"), ""));
    delete_item(fixture, "a");
    api_fixture_advance(fixture, TEN_MINUTES_MS - 1);
    transact(fixture, WITH_TOKEN("t", PUT("a"), ""));
    assert_string_equal(keys(fixture), "");
    api_fixture_advance(fixture, 1);
    transact(fixture, WITH_TOKEN("t", PUT("a"), ""));
    assert_string_equal(keys(fixture), "a");
    api_advance_clock(fixture->api, TEN_MINUTES_MS); /* before the background looks */
    transact(fixture, WITH_TOKEN("t", PUT("b"), ""));
    assert_string_equal(keys(fixture), "b a");
    api_fixture_settle(fixture);
    assert_refused(fixture, "TransactWriteItems", WITH_TOKEN("t", PUT("c"), ""), TOKEN_MISMATCH,
                   DIFFERS);
}

static void a_token_outlives_a_restart(void **state)
{
    struct api_fixture *fixture = *state;
    transact(fixture, WITH_TOKEN("t", PUT("a"), ""));
    delete_item(fixture, "a");
    api_fixture_reopen(fixture);
    transact(fixture, WITH_TOKEN("t", PUT("a"), ""));
    assert_string_equal(keys(fixture), "");
    assert_refused(fixture, "TransactWriteItems", WITH_TOKEN("t", PUT("b"), ""), TOKEN_MISMATCH,
                   DIFFERS);
}

static void a_repetition_is_charged_as_a_read(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, OTHER);
    assert_accepted(fixture, "PutItem",
                    api_fixture_text(fixture,
                                     "{'TableName':'Oth','Item':{'pk':{'S':'a'},'v':{'S':'%s'}}}",
                                     api_fixture_repeat(fixture, 'f', 9000)));
#define REQUEST(mode)                                                                              \
    WITH_TOKEN("t", "{'Delete':{'TableName':'Oth','Key':{'pk':{'S':'a'}}}}," PUT("b"),             \
               ",'ReturnConsumedCapacity':'" mode "'")
    assert_answer(
        fixture, "TransactWriteItems", REQUEST("TOTAL"),
        "{'ConsumedCapacity':[{'TableName':'Oth','CapacityUnits':18,'WriteCapacityUnits':18},"
        "{'TableName':'Tab','CapacityUnits':2,'WriteCapacityUnits':2}]}");
    assert_answer(
        fixture, "TransactWriteItems", REQUEST("TOTAL"),
        "{'ConsumedCapacity':[{'TableName':'Oth','CapacityUnits':6,'ReadCapacityUnits':6},"
        "{'TableName':'Tab','CapacityUnits':2,'ReadCapacityUnits':2}]}");
    assert_answer(fixture, "TransactWriteItems", REQUEST("INDEXES"),
                  "{'ConsumedCapacity':[{'TableName':'Oth','CapacityUnits':6,"
                  "'ReadCapacityUnits':6,'Table':{'CapacityUnits':6,'ReadCapacityUnits':6}},"
                  "{'TableName':'Tab','CapacityUnits':2,'ReadCapacityUnits':2,"
                  "'Table':{'CapacityUnits':2,'ReadCapacityUnits':2}}]}");
}

static void a_token_has_1_to_36_characters(void **state)
{
    struct api_fixture *fixture = *state;
    const char *longest = api_fixture_repeat(fixture, 't', 36);
    transact(fixture, api_fixture_text(fixture, WITH_TOKEN("%s", PUT("a"), ""), longest));
    assert_refused(fixture, "TransactWriteItems",
                   api_fixture_text(fixture, WITH_TOKEN("%st", PUT("a"), ""), longest), VALIDATION,
                   api_fixture_text(fixture,
                                    "1 validation error detected: Value '%st' at "
                                    "'clientRequestToken' failed to satisfy constraint: Member "
                                    "must have length less than or equal to 36",
                                    longest));
    assert_refused(fixture, "TransactWriteItems", WITH_TOKEN("", PUT("a"), ""), VALIDATION,
                   "1 validation error detected: Value '' at 'clientRequestToken' failed to "
                   "satisfy constraint: Member must have length greater than or equal to 1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_again_is_accepted_and_not_applied),
        TEST(a_condition_that_no_longer_holds_does_not_matter),
        TEST(the_same_may_be_written_in_another_way),
        TEST(another_transaction_under_the_token_is_refused),
        TEST(the_token_of_a_cancelled_transaction_is_free),
        TEST(a_token_counts_for_ten_minutes),
        cmocka_unit_test_setup_teardown(a_token_outlives_a_restart, set_up_durable,
                                        api_fixture_tear_down),
        TEST(a_repetition_is_charged_as_a_read),
        TEST(a_token_has_1_to_36_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
