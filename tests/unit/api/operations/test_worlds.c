/* Separate worlds: the same names in each, and nothing of the one in the other. */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ILL_NAMED(name)                                                                            \
    "1 validation error detected: Value '" name                                                    \
    "' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression "       \
    "pattern: [a-zA-Z0-9_.-]+"
#define LOST "The security token included in the request is invalid."

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'g','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],'GlobalSecondaryIndexes':["
    "{'IndexName':'byG','KeySchema':[{'AttributeName':'g','KeyType':'HASH'}],'Projection':"
    "{'ProjectionType':'ALL'}}]}";

static int set_up(void **state)
{
    static struct api_fixture fixture;
    api_fixture_open_isolated(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    api_fixture_close(*state);
    return 0;
}

static void become(struct api_fixture *fixture, const char *key, const char *region)
{
    fixture->caller.access_key_id = bytes_of_text(key);
    fixture->caller.region = bytes_of_text(region);
}

static void put(struct api_fixture *fixture, const char *pk)
{
    put_items(fixture, "Tab",
              (const char *const[]){
                  api_fixture_text(fixture, "{'pk':{'S':'%s'},'g':{'S':'x'}}", pk), NULL });
}

static void assert_items(struct api_fixture *fixture, const char *expected)
{
    const struct cJSON *reply =
        assert_accepted(fixture, "Query",
                        "{'TableName':'Tab','IndexName':'byG','KeyConditionExpression':'g = :g',"
                        "'ExpressionAttributeValues':{':g':{'S':'x'}}}");
    assert_string_equal(column(fixture, reply, "pk"), expected);
}

static void settings_are_those_of_the_world(void **state)
{
    static const char ENABLE[] = "{'TableName':'Tab','ContributorInsightsAction':'ENABLE'}";
    static const char TAGS[] =
        "{'ResourceArn':'arn:aws:dynamodb:us-east-1:000000000000:table/Tab'}";
    struct api_fixture *fixture = *state;
    become(fixture, "KEYA", "us-east-1");
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateContributorInsights", ENABLE);
    (void)assert_accepted(
        fixture, "TagResource",
        "{'ResourceArn':'arn:aws:dynamodb:us-east-1:000000000000:table/Tab','Tags':[{'Key':'k',"
        "'Value':'v'}]}");
    become(fixture, "KEYB", "us-east-1");
    create_table(fixture, TABLE);
    api_fixture_advance(fixture, TAGS_UPDATE_MS);
    assert_answer(fixture, "ListContributorInsights", "{}", "{'ContributorInsightsSummaries':[]}");
    assert_answer(fixture, "ListTagsOfResource", TAGS, "{'Tags':[]}");
    become(fixture, "KEYA", "us-east-1");
    const struct cJSON *reply = assert_accepted(fixture, "ListContributorInsights", "{}");
    assert_member_is(fixture, reply, "ContributorInsightsSummaries.0.TableName", "'Tab'");
    assert_answer(fixture, "ListTagsOfResource", TAGS, "{'Tags':[{'Key':'k','Value':'v'}]}");
}

/* A store that was isolated, opened shared: what is of a world is not listed. */
static void what_is_of_a_world_is_not_listed_without_it(void **state)
{
    struct api_fixture fixture;
    (void)state;
    api_fixture_open_durable(&fixture);
    fixture.is_isolated = true;
    api_fixture_reopen(&fixture);
    become(&fixture, "KEYA", "us-east-1");
    create_table(&fixture, TABLE);
    (void)assert_accepted(&fixture, "UpdateContributorInsights",
                          "{'TableName':'Tab','ContributorInsightsAction':'ENABLE'}");
    fixture.is_isolated = false;
    api_fixture_reopen(&fixture);
    assert_answer(&fixture, "ListContributorInsights", "{}", "{'ContributorInsightsSummaries':[]}");
    api_fixture_close(&fixture);
}

static void a_key_and_a_region_have_tables_of_their_own(void **state)
{
    static const char *const WORLDS[][2] = { { "KEYA", "us-east-1" },
                                             { "KEYA", "eu-west-1" },
                                             { "KEYB", "us-east-1" } };
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < 3; i++) {
        become(fixture, WORLDS[i][0], WORLDS[i][1]);
        assert_answer(fixture, "ListTables", "{}", "{'TableNames':[]}");
        create_table(fixture, TABLE);
        put(fixture, WORLDS[i][i == 1]);
    }
    for (size_t i = 0; i < 3; i++) {
        become(fixture, WORLDS[i][0], WORLDS[i][1]);
        assert_answer(fixture, "ListTables", "{}", "{'TableNames':['Tab']}");
        assert_items(fixture, WORLDS[i][i == 1]);
    }
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
    api_fixture_advance(fixture, TABLE_DELETE_MS);
    assert_answer(fixture, "ListTables", "{}", "{'TableNames':[]}");
    become(fixture, "KEYA", "us-east-1");
    assert_items(fixture, "KEYA");
}

static void no_name_reaches_into_another_world(void **state)
{
    struct api_fixture *fixture = *state;
    become(fixture, "KEYA", "us-east-1");
    create_table(fixture, TABLE);
    become(fixture, "KEYB", "us-east-1");
    assert_refused(fixture, "DescribeTable", "{'TableName':'KEYA/us-east-1/Tab'}", VALIDATION,
                   ILL_NAMED("KEYA/us-east-1/Tab"));
    assert_refused(fixture, "Scan", "{'TableName':'../us-east-1/Tab'}", VALIDATION,
                   ILL_NAMED("../us-east-1/Tab"));
    assert_refused(fixture, "Scan",
                   "{'TableName':'arn:aws:dynamodb:us-east-1:000000000000:table/Tab'}", NOT_FOUND,
                   "Requested resource not found");
}

static void a_caller_without_a_key_or_region_to_keep_apart_is_refused(void **state)
{
    struct api_fixture *fixture = *state;
    static const char *const CALLERS[][2] = { { "", "us-east-1" },
                                              { "KEY/A", "us-east-1" },
                                              { "KEY A", "us-east-1" },
                                              { "KEYA", "us\neast" } };
    for (size_t i = 0; i < sizeof CALLERS / sizeof *CALLERS; i++) {
        become(fixture, CALLERS[i][0], CALLERS[i][1]);
        assert_refused(fixture, "ListTables", "{}", PROTOCOL "UnrecognizedClientException", LOST);
    }
    become(fixture, api_fixture_repeat(fixture, 'K', 129), "us-east-1");
    assert_refused(fixture, "ListTables", "{}", PROTOCOL "UnrecognizedClientException", LOST);
    become(fixture, "KEYA", api_fixture_repeat(fixture, 'r', 65));
    assert_refused(fixture, "ListTables", "{}", PROTOCOL "UnrecognizedClientException", LOST);
}

static void the_longest_names_there_are_fit(void **state)
{
    struct api_fixture *fixture = *state;
    become(fixture, api_fixture_repeat(fixture, 'K', 128), api_fixture_repeat(fixture, 'r', 64));
    const char *name = api_fixture_repeat(fixture, 't', 255);
    const char *index = api_fixture_repeat(fixture, 'i', 255);
    create_table(fixture,
                 api_fixture_text(fixture,
                                  "{'TableName':'%s','BillingMode':'PAY_PER_REQUEST',"
                                  "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':"
                                  "'S'}],'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}",
                                  name));
    struct api_reply reply =
        control(fixture, "POST", "hold",
                api_fixture_text(fixture,
                                 "{'TableName':'%s','IndexName':'%s','Phase':'ALLOCATING',"
                                 "'AccessKeyId':'%s','Region':'%s'}",
                                 name, index, api_fixture_repeat(fixture, 'K', 128),
                                 api_fixture_repeat(fixture, 'r', 64)));
    assert_int_equal(reply.status, 200);
    (void)assert_accepted(fixture, "DeleteTable",
                          api_fixture_text(fixture, "{'TableName':'%s'}", name));
}

/* A token that is used up in one world is new in another. */
static void client_tokens_are_a_worlds_own(void **state)
{
    static const char WRITE[] =
        "{'ClientRequestToken':'token','TransactItems':[{'Put':{'TableName':'Tab','Item':"
        "{'pk':{'S':'%s'},'g':{'S':'x'}}}}]}";
    struct api_fixture *fixture = *state;
    static const char *const KEYS[] = { "KEYA", "KEYB" };
    for (size_t i = 0; i < 2; i++) {
        become(fixture, KEYS[i], "us-east-1");
        create_table(fixture, TABLE);
        (void)assert_accepted(fixture, "TransactWriteItems",
                              api_fixture_text(fixture, WRITE, KEYS[i]));
        assert_items(fixture, KEYS[i]);
    }
}

static void the_control_surface_asks_whose_table_is_meant(void **state)
{
    struct api_fixture *fixture = *state;
    become(fixture, "KEYA", "us-east-1");
    create_table(fixture, TABLE);
    put(fixture, "one");
    struct api_reply reply =
        control(fixture, "GET", "tables/Tab?Region=us-east-1&AccessKeyId=KEYA", NULL);
    assert_int_equal(reply.status, 200);
    assert_member_is(fixture, reply.json, "ItemCount", "1");
    assert_int_equal(control(fixture, "GET", "health", NULL).status, 200);
    assert_int_equal(
        control(fixture, "GET", "tables/Tab?AccessKeyId=KEYB&Region=us-east-1", NULL).status, 400);
    reply = control(fixture, "GET", "tables/Tab", NULL);
    assert_int_equal(reply.status, 400);
    assert_member_is(fixture, reply.json, "message",
                     "'This server keeps the tables of every access key and region apart "
                     "(--isolate): say whose table is meant with AccessKeyId and Region in the "
                     "query'");
    static const char HOLD[] = "{'TableName':'Tab','IndexName':'new','Phase':'BACKFILLING'%s}";
    assert_int_equal(control(fixture, "POST", "hold", api_fixture_text(fixture, HOLD, "")).status,
                     400);
    assert_int_equal(
        control(fixture, "POST", "hold",
                api_fixture_text(fixture, HOLD, ",'AccessKeyId':'KEYA','Region':'us-east-1'"))
            .status,
        200);
    reply =
        control(fixture, "POST", "release",
                "{'TableName':'Tab','IndexName':'new','AccessKeyId':'KEYB','Region':'us-east-1'}");
    assert_int_equal(reply.status, 400);
    assert_member_is(fixture, reply.json, "message", "'Nothing holds index new of table Tab'");
    reply =
        control(fixture, "POST", "release",
                "{'TableName':'Tab','IndexName':'new','AccessKeyId':'KEYA','Region':'us-east-1'}");
    assert_int_equal(reply.status, 200);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(settings_are_those_of_the_world),
        cmocka_unit_test(what_is_of_a_world_is_not_listed_without_it),
        CASE(a_key_and_a_region_have_tables_of_their_own),
        CASE(no_name_reaches_into_another_world),
        CASE(a_caller_without_a_key_or_region_to_keep_apart_is_refused),
        CASE(the_longest_names_there_are_fit),
        CASE(client_tokens_are_a_worlds_own),
        CASE(the_control_surface_asks_whose_table_is_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
