/* TagResource, UntagResource, ListTagsOfResource: checks in order, and the time a change takes. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ARN       "arn:aws:dynamodb:eu-test-1:000000000000:table/Tab"
#define NOT_TABLE INVALID "Provided Arn is not a DynamoDB resource arn: "
#define UPDATING  "Subscriber limit exceeded: Table tags are being updated: Tab"

static const char LIST[] = "{'ResourceArn':'" ARN "'}";

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";

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

/* Each row is wrong in one thing or two; of two, the one told comes first. */
static const struct row ARN_ROWS[] = {
    { ",'ResourceArn':null", VALIDATION,
      "1 validation error detected: Value null at 'resourceArn' failed to satisfy constraint: "
      "Member must not be null" },
    { ",'ResourceArn':''", VALIDATION,
      "1 validation error detected: Value '' at 'resourceArn' failed to satisfy constraint: Member "
      "must have length greater than or equal to 1" },
    { ",'ResourceArn':'Tab'", VALIDATION, INVALID "ARNs must start with 'arn:': Tab" },
    { ",'ResourceArn':'arn:aws:s3:eu-test-1:000000000000:table/Tab'", VALIDATION,
      NOT_TABLE "arn:aws:s3:eu-test-1:000000000000:table/Tab" },
    { ",'ResourceArn':'arn:aws:dynamodb'", VALIDATION, NOT_TABLE "arn:aws:dynamodb" },
    { ",'ResourceArn':'arn:aws:dynamodb:eu-test-1:000000000000:table/'", VALIDATION,
      NOT_TABLE "arn:aws:dynamodb:eu-test-1:000000000000:table/" },
    { ",'ResourceArn':'" ARN "/backup/01'", VALIDATION, NOT_TABLE ARN "/backup/01" },
    { ",'ResourceArn':'" ARN "/stream/'", VALIDATION, NOT_TABLE ARN "/stream/" },
    { ",'ResourceArn':'" ARN "/index/i'", VALIDATION,
      INVALID "Invalid resource arn provided, only table or stream is accepted. Provided resource "
              "arn: " ARN "/index/i" },
    { ",'ResourceArn':'" ARN "x'", NOT_FOUND,
      "Requested resource not found: ResourceArn: " ARN "x not found" },
    { ",'ResourceArn':'" ARN "/stream/2026-01-01T00:00:00.000'", NOT_FOUND,
      "Requested resource not found: ResourceArn: " ARN
      "/stream/2026-01-01T00:00:00.000 not found" },
};

static const struct row TAG_ROWS[] = {
    { ",'Tags':null", VALIDATION,
      "1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must "
      "not be null" },
    { ",'Tags':[],'ResourceArn':'Tab'", VALIDATION, INVALID "ARNs must start with 'arn:': Tab" },
    { ",'Tags':[]", VALIDATION, "Atleast one Tag needs to be provided as Input." },
    { ",'Tags':[{}]", VALIDATION, "The Tag Key provided is invalid, Key: null" },
    { ",'Tags':[{'Value':'v'}]", VALIDATION, "The Tag Key provided is invalid, Key: null" },
    { ",'Tags':[{'Key':''}]", VALIDATION, "The Tag Key provided is invalid, Key: " },
    { ",'Tags':[{'Key':'k'}]", VALIDATION, "The Tag Value provided is invalid, Value: null" },
    { ",'Tags':[{'Key':'a#b','Value':'v'}]", VALIDATION,
      "The Tag Key provided is invalid, Key: a#b" },
    { ",'Tags':[{'Key':'k','Value':'a,b'}]", VALIDATION,
      "The Tag Value provided is invalid, Value: a,b" },
    { ",'Tags':[{'Key':'k','Value':'\xF0\x9F\x94\x91'}]", VALIDATION,
      "The Tag Value provided is invalid, Value: \xF0\x9F\x94\x91" },
    { ",'Tags':[{'Key':'AWS:k','Value':'#'}]", VALIDATION,
      "Tag Key cannot be prefixed with aws:, Key: AWS:k" },
    { ",'Tags':[{'Key':'k','Value':'1'},{'Key':'k','Value':'2'}]", VALIDATION,
      "Duplicate Tag Keys provided as input: Duplicate Tag Key found k" },
    { ",'Tags':[{'Key':'k','Value':'1'},{'Key':'#','Value':'2'}],'ResourceArn':'" ARN "x'",
      VALIDATION, "The Tag Key provided is invalid, Key: #" },
};

static const struct row KEY_ROWS[] = {
    { ",'TagKeys':null", VALIDATION,
      "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member "
      "must not be null" },
    { ",'TagKeys':[],'ResourceArn':'Tab'", VALIDATION, INVALID "ARNs must start with 'arn:': Tab" },
    { ",'TagKeys':[]", VALIDATION, "Atleast one Tag Key needs to be provided as Input." },
    { ",'TagKeys':['']", VALIDATION, "The Tag Key provided is invalid, Key: " },
    { ",'TagKeys':['k','aws:k']", VALIDATION, "Tag Key cannot be prefixed with aws:, Key: aws:k" },
};

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static void what_is_wrong_is_told_in_order(void **state)
{
    static const char TAG[] = "'ResourceArn':'" ARN "','Tags':[{'Key':'k','Value':'v'}]";
    static const char UNTAG[] = "'ResourceArn':'" ARN "','TagKeys':['k']";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_rows(fixture, "TagResource", TAG, ARN_ROWS, COUNT(ARN_ROWS));
    assert_rows(fixture, "UntagResource", UNTAG, ARN_ROWS, COUNT(ARN_ROWS));
    assert_rows(fixture, "ListTagsOfResource", "'ResourceArn':'" ARN "'", ARN_ROWS,
                COUNT(ARN_ROWS));
    assert_rows(fixture, "TagResource", TAG, TAG_ROWS, COUNT(TAG_ROWS));
    assert_rows(fixture, "UntagResource", UNTAG, KEY_ROWS, COUNT(KEY_ROWS));
    assert_answer(fixture, "ListTagsOfResource", LIST, "{'Tags':[]}");
}

static void tag(struct api_fixture *fixture, const char *tags)
{
    (void)assert_accepted(fixture, "TagResource",
                          api_fixture_text(fixture, "{'ResourceArn':'" ARN "','Tags':[%s]}", tags));
}

static void
refuse_tag(struct api_fixture *fixture, const char *tags, const char *type, const char *message)
{
    assert_refused(fixture, "TagResource",
                   api_fixture_text(fixture, "{'ResourceArn':'" ARN "','Tags':[%s]}", tags), type,
                   message);
}

static void lengths_are_those_of_the_service(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const char *key = api_fixture_repeat(fixture, 'k', 129);
    const char *value = api_fixture_repeat(fixture, 'v', 257);
    refuse_tag(fixture, api_fixture_text(fixture, "{'Key':'%s','Value':''}", key), VALIDATION,
               api_fixture_text(fixture, "The Tag Key provided is invalid, Key: %s", key));
    refuse_tag(fixture, api_fixture_text(fixture, "{'Key':'k','Value':'%s'}", value), VALIDATION,
               api_fixture_text(fixture, "The Tag Value provided is invalid, Value: %s", value));
    tag(fixture, api_fixture_text(fixture, "{'Key':'%s','Value':'%s'}", key + 1, value + 1));
}

static void letters_of_any_script_are_allowed(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    tag(fixture,
        "{'Key':'\xD0\xBA\xD0\xBB\xD1\x8E\xD1\x87','Value':''},"
        "{'Key':'sp ace','Value':'a+b-c=d.e_f:g/h@i'},{'Key':'myaws:k','Value':'\xE8\xA1\xA8'}");
    api_fixture_advance(fixture, TAGS_UPDATE_MS);
    assert_answer(
        fixture, "ListTagsOfResource", LIST,
        "{'Tags':[{'Key':'\xD0\xBA\xD0\xBB\xD1\x8E\xD1\x87','Value':''},"
        "{'Key':'sp ace','Value':'a+b-c=d.e_f:g/h@i'},{'Key':'myaws:k','Value':'\xE8\xA1\xA8'}]}");
}

static void a_change_is_seen_when_it_is_done(void **state)
{
    static const char UNTAG[] = "{'ResourceArn':'" ARN "','TagKeys':['a','none']}";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    tag(fixture, "{'Key':'a','Value':'1'},{'Key':'b','Value':'1'}");
    api_fixture_advance(fixture, TAGS_UPDATE_MS - 1);
    assert_answer(fixture, "ListTagsOfResource", LIST, "{'Tags':[]}");
    api_fixture_advance(fixture, 1);
    assert_answer(fixture, "ListTagsOfResource", LIST,
                  "{'Tags':[{'Key':'a','Value':'1'},{'Key':'b','Value':'1'}]}");
    (void)assert_accepted(fixture, "UntagResource", UNTAG);
    assert_answer(fixture, "ListTagsOfResource", LIST,
                  "{'Tags':[{'Key':'a','Value':'1'},{'Key':'b','Value':'1'}]}");
    api_fixture_advance(fixture, TAGS_UPDATE_MS);
    assert_answer(fixture, "ListTagsOfResource", LIST, "{'Tags':[{'Key':'b','Value':'1'}]}");
    tag(fixture, "{'Key':'b','Value':'2'}");
    api_fixture_advance(fixture, TAGS_UPDATE_MS);
    assert_answer(fixture, "ListTagsOfResource", LIST, "{'Tags':[{'Key':'b','Value':'2'}]}");
}

static void a_change_under_way_admits_only_itself_and_more(void **state)
{
    static const char UNTAG[] = "{'ResourceArn':'" ARN "','TagKeys':['none']}";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    tag(fixture, "{'Key':'a','Value':'1'}");
    tag(fixture, "{'Key':'a','Value':'1'}");
    tag(fixture, "{'Key':'b','Value':'1'},{'Key':'a','Value':'1'}");
    refuse_tag(fixture, "{'Key':'a','Value':'1'}", LIMIT, UPDATING);
    refuse_tag(fixture, "{'Key':'a','Value':'1'},{'Key':'b','Value':'2'}", LIMIT, UPDATING);
    assert_refused(fixture, "UntagResource", UNTAG, LIMIT, UPDATING);
    assert_refused(fixture, "DeleteTable", "{'TableName':'Tab'}", IN_USE,
                   STILL_IN_USE "Table tags are being updated: Tab");
    api_fixture_advance(fixture, TAGS_UPDATE_MS);
    (void)assert_accepted(fixture, "UntagResource",
                          UNTAG); /* removes nothing, so it takes no time */
    tag(fixture, "{'Key':'a','Value':'1'}");
    tag(fixture, "{'Key':'c','Value':'1'}");
    api_fixture_advance(fixture, TAGS_UPDATE_MS);
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
}

static void fifty_tags_are_the_most(void **state)
{
    static const char FULL[] =
        "Number of Tags exceed the current limit for the provided ResourceArn";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const char *tags = "{'Key':'k0','Value':''}";
    const char *keys = "'k0'";
    for (int i = 1; i < 50; i++) {
        tags = api_fixture_text(fixture, "%s,{'Key':'k%d','Value':''}", tags, i);
        keys = api_fixture_text(fixture, "%s,'k%d'", keys, i);
    }
    refuse_tag(fixture, api_fixture_text(fixture, "%s,{'Key':'#','Value':''}", tags), VALIDATION,
               FULL);
    tag(fixture, tags);
    api_fixture_advance(fixture, TAGS_UPDATE_MS);
    refuse_tag(fixture, "{'Key':'new','Value':''}", VALIDATION, FULL);
    tag(fixture, "{'Key':'k7','Value':'again'}");
    assert_refused(fixture, "UntagResource",
                   api_fixture_text(fixture, "{'ResourceArn':'" ARN "','TagKeys':[%s,'x']}", keys),
                   VALIDATION, FULL);
    const struct cJSON *reply = assert_accepted(fixture, "ListTagsOfResource",
                                                "{'ResourceArn':'" ARN "','NextToken':'no token'}");
    assert_member_is(fixture, reply, "Tags.49", "{'Key':'k49','Value':''}");
    assert_member_is(fixture, reply, "NextToken", NULL);
}

static void tags_go_with_their_table(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    tag(fixture, "{'Key':'a','Value':'1'}");
    api_fixture_advance(fixture, TAGS_UPDATE_MS);
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
    refuse_tag(fixture, "{'Key':'a','Value':'1'}", IN_USE,
               STILL_IN_USE "Table is being deleted: Tab");
    api_fixture_advance(fixture, TABLE_DELETE_MS);
    create_table(fixture, TABLE);
    assert_answer(fixture, "ListTagsOfResource", LIST, "{'Tags':[]}");
}

static void a_stream_has_tags_of_its_own(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, api_fixture_text(fixture,
                                           "%.*s,'StreamSpecification':{'StreamEnabled':true,"
                                           "'StreamViewType':'NEW_IMAGE'}}",
                                           (int)sizeof TABLE - 2, TABLE));
    tag(fixture, "{'Key':'of','Value':'table'}");
    static const char STREAM[] = ARN "/stream/2026-01-01T00:00:00.000";
    (void)assert_accepted(
        fixture, "TagResource",
        api_fixture_text(fixture, "{'ResourceArn':'%s','Tags':[{'Key':'of','Value':'stream'}]}",
                         STREAM));
    api_fixture_advance(fixture, TAGS_UPDATE_MS);
    assert_answer(fixture, "ListTagsOfResource", LIST, "{'Tags':[{'Key':'of','Value':'table'}]}");
    assert_answer(fixture, "ListTagsOfResource",
                  api_fixture_text(fixture, "{'ResourceArn':'%s'}", STREAM),
                  "{'Tags':[{'Key':'of','Value':'stream'}]}");
}

static void tags_survive_a_restart(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_durable(&fixture);
    create_table(&fixture, TABLE);
    tag(&fixture, "{'Key':'a','Value':'1'}");
    api_fixture_reopen(&fixture);
    api_fixture_advance(&fixture,
                        TABLE_CREATE_INDEXED_MS + TAGS_UPDATE_MS); /* the clock begins anew */
    assert_answer(&fixture, "ListTagsOfResource", LIST, "{'Tags':[{'Key':'a','Value':'1'}]}");
    api_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(what_is_wrong_is_told_in_order),
        API_TEST(lengths_are_those_of_the_service),
        API_TEST(letters_of_any_script_are_allowed),
        API_TEST(a_change_is_seen_when_it_is_done),
        API_TEST(a_change_under_way_admits_only_itself_and_more),
        API_TEST(fifty_tags_are_the_most),
        API_TEST(tags_go_with_their_table),
        API_TEST(a_stream_has_tags_of_its_own),
        API_TEST(tags_survive_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
