/* ListTables: order, pages, refusals. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void create(struct api_fixture *fixture, const char *name)
{
    (void)assert_accepted(
        fixture, "CreateTable",
        api_fixture_text(
            fixture,
            "{'TableName':'%s','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
            "{'AttributeName':'pk','AttributeType':'S'}],'KeySchema':["
            "{'AttributeName':'pk','KeyType':'HASH'}]}",
            name));
}

static const struct {
    const char *request;
    const char *expected;
} REPLIES[] = {
    { "{}", "{'TableNames':['B-1','a.b','a_b','abc','abd']}" },
    { "{'Limit':5}", "{'TableNames':['B-1','a.b','a_b','abc','abd']}" },
    { "{'Limit':2}", "{'TableNames':['B-1','a.b'],'LastEvaluatedTableName':'a.b'}" },
    { "{'Limit':2,'ExclusiveStartTableName':'a.b'}",
      "{'TableNames':['a_b','abc'],'LastEvaluatedTableName':'abc'}" },
    { "{'Limit':2,'ExclusiveStartTableName':'abc'}", "{'TableNames':['abd']}" },
    { "{'ExclusiveStartTableName':'abbb'}", "{'TableNames':['abc','abd']}" },
    { "{'ExclusiveStartTableName':'abd'}", "{'TableNames':[]}" },
};

static void names_come_in_order_and_in_pages(void **state)
{
    static const char *const NAMES[] = { "abc", "B-1", "abd", "a_b", "a.b" };
    struct api_fixture *fixture = *state;
    assert_answer(fixture, "ListTables", "{}", "{'TableNames':[]}");
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        create(fixture, NAMES[i]);
    }
    for (size_t i = 0; i < sizeof REPLIES / sizeof *REPLIES; i++) {
        assert_answer(fixture, "ListTables", REPLIES[i].request, REPLIES[i].expected);
    }
}

static void a_page_has_a_hundred_names_at_most(void **state)
{
    struct api_fixture *fixture = *state;
    for (int i = 0; i < 101; i++) {
        create(fixture, api_fixture_text(fixture, "tab%03d", i));
    }
    const struct cJSON *reply = assert_accepted(fixture, "ListTables", "{}");
    assert_member_is(fixture, reply, "TableNames.99", "'tab099'");
    assert_member_is(fixture, reply, "TableNames.100", NULL);
    assert_member_is(fixture, reply, "LastEvaluatedTableName", "'tab099'");
}

static const struct {
    const char *request;
    const char *message;
} FAULTS[] = {
    { "{'Limit':0}", "1 validation error detected: Value '0' at 'limit' failed to satisfy "
                     "constraint: Member must have "
                     "value greater than or equal to 1" },
    { "{'Limit':101}", "1 validation error detected: Value '101' at 'limit' failed to satisfy "
                       "constraint: Member must "
                       "have value less than or equal to 100" },
    { "{'ExclusiveStartTableName':'a'}", "1 validation error detected: Value 'a' at "
                                         "'exclusiveStartTableName' failed to satisfy constraint: "
                                         "Member must have length greater than or equal to 3" },
    { "{'ExclusiveStartTableName':'a;b'}",
      "1 validation error detected: Value 'a;b' at 'exclusiveStartTableName' failed to satisfy "
      "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+" },
};

static void faults_are_refused(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "ListTables", FAULTS[i].request, VALIDATION, FAULTS[i].message);
    }
}

/* From the CreateTable on, until the last of it is gone. */
static void tables_on_their_way_are_listed(void **state)
{
    struct api_fixture *fixture = *state;
    create(fixture, "abc");
    assert_answer(fixture, "ListTables", "{}", "{'TableNames':['abc']}");
    api_fixture_advance(fixture, TABLE_CREATE_MS);
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'abc'}");
    assert_answer(fixture, "ListTables", "{}", "{'TableNames':['abc']}");
    api_fixture_advance(fixture, TABLE_DELETE_MS);
    assert_answer(fixture, "ListTables", "{}", "{'TableNames':[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(names_come_in_order_and_in_pages),
        API_TEST(a_page_has_a_hundred_names_at_most),
        API_TEST(faults_are_refused),
        API_TEST(tables_on_their_way_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
