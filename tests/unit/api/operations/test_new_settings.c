/* Tags and ResourcePolicy of CreateTable. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ARN "arn:aws:dynamodb:eu-test-1:000000000000:table/Tab"

static const char TABLE[] =
    "'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]";

struct row {
    const char *difference; /* appended to a valid request */
    const char *type;
    const char *message;
};

static void assert_rows(struct api_fixture *fixture,
                        const char *operation,
                        const char *valid,
                        const struct row *rows,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *request = api_fixture_text(fixture, "{%s%s}", valid, rows[i].difference);
        assert_refused(fixture, operation, request, rows[i].type, rows[i].message);
    }
}

static void what_is_wrong_makes_no_table(void **state)
{
    static const struct row rows[] = {
        { ",'Tags':[{}]", VALIDATION, "The Tag Key provided is invalid, Key: null" },
        { ",'Tags':[{'Key':'aws:k','Value':''}]", VALIDATION,
          "Tag Key cannot be prefixed with aws:, Key: aws:k" },
        { ",'Tags':[{'Key':'k','Value':''},{'Key':'k','Value':''}],'ResourcePolicy':''", VALIDATION,
          "Duplicate Tag Keys provided as input: Duplicate Tag Key found k" },
        { ",'ResourcePolicy':'{}'", VALIDATION,
          INVALID "Invalid policy document: Syntax error at position (1,3)" },
        { ",'ResourcePolicy':''", VALIDATION,
          INVALID "Invalid policy document: This policy contains invalid Json" },
    };
    struct api_fixture *fixture = *state;
    assert_rows(fixture, "CreateTable", TABLE, rows, sizeof rows / sizeof *rows);
    assert_answer(fixture, "ListTables", "{}", "{'TableNames':[]}");
}

static void both_can_be_read_at_once(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture,
                 api_fixture_text(fixture,
                                  "{%s,'Tags':[{'Key':'k','Value':'v'}],'ResourcePolicy':'"
                                  "{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":["
                                  "{\\\"Effect\\\":\\\"Deny\\\",\\\"Principal\\\":\\\"*\\\","
                                  "\\\"Action\\\":\\\"dynamodb:Scan\\\",\\\"Resource\\\":"
                                  "\\\"*\\\"}]}'}",
                                  TABLE));
    assert_answer(fixture, "ListTagsOfResource", "{'ResourceArn':'" ARN "'}",
                  "{'Tags':[{'Key':'k','Value':'v'}]}");
    const struct cJSON *reply =
        assert_accepted(fixture, "GetResourcePolicy", "{'ResourceArn':'" ARN "'}");
    assert_member_is(fixture, reply, "RevisionId", "'1767225600000'");
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
}

static void no_tags_are_none(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, api_fixture_text(fixture, "{%s,'Tags':[]}", TABLE));
    assert_answer(fixture, "ListTagsOfResource", "{'ResourceArn':'" ARN "'}", "{'Tags':[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(what_is_wrong_makes_no_table),
        API_TEST(both_can_be_read_at_once),
        API_TEST(no_tags_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
