/* The control surface refuses what it does not know, everywhere, and then does nothing. */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    return 0;
}

static const struct {
    const char *method;
    const char *path;
    const char *body;
    const char *message;
} UNKNOWN[] = {
    { "POST", "hold", "{'TableName':'Tab','IndexName':'new','Phase':'BACKFILLING','Items':5}",
      "Hold has no member Items; its members are TableName, IndexName, Phase, AfterItems, "
      "AccessKeyId, Region" },
    { "POST", "release", "{'TableName':'Tab','IndexName':'new','AfterItems':5}",
      "Release has no member AfterItems; its members are TableName, IndexName, Items, "
      "AccessKeyId, Region" },
    { "POST", "fail", "{'TableName':'Tab','IndexName':'new','Phase':'BACKFILLING'}",
      "Fail has no member Phase; its members are TableName, IndexName, AccessKeyId, Region" },
    { "POST", "clock", "{'AdvanceMilliseconds':1,'Seconds':1}",
      "Clock has no member Seconds; its members are AdvanceMilliseconds" },
    { "POST", "snapshots", "{'Name':'one','Overwrite':true}",
      "Snapshot has no member Overwrite; its members are Name, Replace" },
    { "PUT", "lag", "{'IndexLagMilliseconds':1,'tableName':'Tab'}",
      "Lag has no member tableName; its members are IndexLagMilliseconds, TableName, IndexName, "
      "AccessKeyId, Region" },
    { "POST", "readers/reset", "{'Table':'Tab'}",
      "ReadersReset has no member Table; its members are TableName, AccessKeyId, Region" },
    { "POST", "freeze", "{'TableName':'Tab','Exception':'ThrottlingException'}",
      "Freeze has no member Exception; its members are TableName, Error, AccessKeyId, Region" },
    { "POST", "thaw", "{'TableName':'Tab','Error':'ThrottlingException'}",
      "Thaw has no member Error; its members are TableName, AccessKeyId, Region" },
    { "PUT", "faults", "{'Rules':[],'Rule':{}}",
      "Faults has no member Rule; its members are Rules" },
    { "PUT", "faults", "{'rules':[{'Drop':true}]}",
      "Faults has no member rules; its members are Rules" },
    { "PUT", "faults", "{'Rules':null,'\\u00e9\\u0000':1}",
      "Faults has no member \?\?\?; its members are Rules" },
    { "POST", "reset", "{'TableName':'Tab'}", "POST reset takes no body" },
    { "POST", "reset", "[]", "POST reset takes no body" },
    { "DELETE", "faults", "{'Rules':[]}", "DELETE faults takes no body" },
    { "DELETE", "lag", "{'TableName':'Tab'}", "DELETE lag takes no body" },
    { "POST", "snapshots/one/restore", "{'TableName':'Tab'}", "POST snapshots/ takes no body" },
    { "GET", "readers", "{'TableName':'Tab'}", "GET readers takes no body" },
    { "GET", "timeline?after=3", NULL,
      "There is no after in the query; it may have After, TableName, Limit, AccessKeyId, Region" },
    { "GET", "timeline?After=3&Table", NULL,
      "There is no Table in the query; it may have After, TableName, Limit, AccessKeyId, Region" },
    { "GET", "readers?Table=Tab", NULL,
      "There is no Table in the query; it may have TableName, AccessKeyId, Region" },
    { "GET", "tables/Tab?IndexName=new", NULL,
      "There is no IndexName in the query; it may have AccessKeyId, Region" },
    { "POST", "reset?TableName=Tab", NULL, "There is no TableName in the query; it is empty here" },
    { "DELETE", "faults?TableName=Tab", NULL,
      "There is no TableName in the query; it is empty here" },
};

static void what_is_not_known_is_refused(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof UNKNOWN / sizeof *UNKNOWN; i++) {
        struct api_reply reply =
            control(fixture, UNKNOWN[i].method, UNKNOWN[i].path, UNKNOWN[i].body);
        assert_int_equal(reply.status, 400);
        struct bytes message = json_text(&fixture->arena, json_at(reply.json, "message"));
        assert_string_equal(bytes_to_text(&fixture->arena, message), UNKNOWN[i].message);
    }
    struct api_reply reply = control(fixture, "GET", "tables/Tab", NULL);
    assert_int_equal(reply.status, 200);
    assert_member_is(fixture, reply.json, "Frozen", "false");
    reply = control(fixture, "GET", "snapshots", NULL);
    assert_member_is(fixture, reply.json, "", "{'Snapshots':[]}");
    reply = control(fixture, "GET", "lag", NULL);
    assert_member_is(fixture, reply.json, "", "{'IndexLagMilliseconds':0,'Tables':[]}");
}

static void an_empty_object_is_no_body_and_odd_separators_no_names(void **state)
{
    struct api_fixture *fixture = *state;
    static const char *const queries[] = { "timeline?", "timeline?&&", "timeline?After=0&",
                                           "timeline?=3" };
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        assert_int_equal(control(fixture, "GET", queries[i], NULL).status, 200);
    }
    assert_int_equal(control(fixture, "DELETE", "faults", "{}").status, 200);
}

static void whose_table_is_meant_may_always_be_said(void **state)
{
    struct api_fixture *fixture = *state;
    assert_int_equal(control(fixture, "POST", "freeze",
                             "{'TableName':'Tab','AccessKeyId':'KEY','Region':'eu-west-1'}")
                         .status,
                     200);
    assert_int_equal(
        control(fixture, "GET", "tables/Tab?AccessKeyId=KEY&Region=eu-west-1", NULL).status, 200);
}

int main(void)
{
#define UNKNOWN_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        UNKNOWN_TEST(what_is_not_known_is_refused),
        UNKNOWN_TEST(an_empty_object_is_no_body_and_odd_separators_no_names),
        UNKNOWN_TEST(whose_table_is_meant_may_always_be_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
