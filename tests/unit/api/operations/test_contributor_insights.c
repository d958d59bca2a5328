/* UpdateContributorInsights, DescribeContributorInsights, ListContributorInsights. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOT_VALID   "Table or Index is not in a valid state to update Key Access Insights: "
#define NAME_LENGTH "IndexName must be at least 3 characters long and at most 255 characters long"

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'sk','KeyType':'RANGE'}]"
    ","
    "'LocalSecondaryIndexes':[{'IndexName':'local','KeySchema':["
    "{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'sk','KeyType':'RANGE'}],"
    "'Projection':{'ProjectionType':'ALL'}}],"
    "'GlobalSecondaryIndexes':[{'IndexName':'global','KeySchema':["
    "{'AttributeName':'sk','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}]}";

static const char ENABLE[] = "{'TableName':'Tab','ContributorInsightsAction':'ENABLE'}";
static const char DISABLE[] = "{'TableName':'Tab','ContributorInsightsAction':'DISABLE'}";
static const char ENABLE_INDEX[] =
    "{'TableName':'Tab','IndexName':'global','ContributorInsightsAction':'ENABLE'}";
static const char DESCRIBE[] = "{'TableName':'Tab'}";
static const char DESCRIBE_INDEX[] = "{'TableName':'Tab','IndexName':'global'}";

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

static void what_is_wrong_is_told_in_order(void **state)
{
    static const struct row rows[] = {
        { ",'TableName':null", VALIDATION,
          "The parameter 'TableName' is required but was not present in the request" },
        { ",'ContributorInsightsAction':null", VALIDATION,
          "1 validation error detected: Value null at 'contributorInsightsAction' failed to "
          "satisfy constraint: Member must not be null" },
        { ",'ContributorInsightsAction':'','IndexName':''", VALIDATION,
          "1 validation error detected: Value '' at 'contributorInsightsAction' failed to satisfy "
          "constraint: Member must satisfy enum value set: [ENABLE, DISABLE]" },
        { ",'ContributorInsightsMode':''", VALIDATION,
          "1 validation error detected: Value '' at 'contributorInsightsMode' failed to satisfy "
          "constraint: Member must satisfy enum value set: [THROTTLED_KEYS, "
          "ACCESSED_AND_THROTTLED_KEYS]" },
        { ",'IndexName':'ab','TableName':'none'", VALIDATION, NAME_LENGTH },
        { ",'TableName':'none','IndexName':'nope'", NOT_FOUND,
          "Requested resource not found: Table: none not found" },
        { ",'IndexName':'nope'", NOT_FOUND,
          "Requested resource not found: Index: nope not found for table: Tab" },
        { ",'IndexName':'local'", NOT_FOUND,
          "Requested resource not found: Index: local not found for table: Tab" },
    };
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_rows(fixture, "UpdateContributorInsights",
                "'TableName':'Tab','ContributorInsightsAction':'ENABLE'", rows,
                sizeof rows / sizeof *rows);
    assert_rows(fixture, "DescribeContributorInsights", "'TableName':'Tab'", rows + 4, 4);
    assert_refused(fixture, "ListContributorInsights", "{'TableName':'none'}", NOT_FOUND,
                   "Requested resource not found: Table: none not found");
    assert_refused(fixture, "ListContributorInsights", "{'MaxResults':101}", VALIDATION,
                   "1 validation error detected: Value '101' at 'maxResults' failed to satisfy "
                   "constraint: Member must have value less than or equal to 100");
}

/* The clock stands at 1767225600 when the fixture opens. */
static void states_end_by_the_clock(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_answer(fixture, "DescribeContributorInsights", DESCRIBE,
                  "{'TableName':'Tab','ContributorInsightsStatus':'DISABLED'}");
    assert_answer(fixture, "UpdateContributorInsights", DISABLE,
                  "{'TableName':'Tab','ContributorInsightsStatus':'DISABLED'}");
    assert_answer(fixture, "UpdateContributorInsights", ENABLE,
                  "{'TableName':'Tab','ContributorInsightsStatus':'ENABLING',"
                  "'ContributorInsightsMode':'ACCESSED_AND_THROTTLED_KEYS'}");
    api_fixture_advance(fixture, INSIGHTS_UPDATE_MS - 1);
    assert_answer(fixture, "DescribeContributorInsights", DESCRIBE,
                  "{'TableName':'Tab','ContributorInsightsStatus':'ENABLING',"
                  "'ContributorInsightsMode':'ACCESSED_AND_THROTTLED_KEYS',"
                  "'LastUpdateDateTime':1767225600.150}");
    api_fixture_advance(fixture, 1);
    assert_answer(fixture, "DescribeContributorInsights", DESCRIBE,
                  "{'TableName':'Tab','ContributorInsightsStatus':'ENABLED',"
                  "'ContributorInsightsRuleList':["
                  "'DynamoDBContributorInsights-PKC-Tab-1767225600150',"
                  "'DynamoDBContributorInsights-PKT-Tab-1767225600150',"
                  "'DynamoDBContributorInsights-SKC-Tab-1767225600150',"
                  "'DynamoDBContributorInsights-SKT-Tab-1767225600150'],"
                  "'ContributorInsightsMode':'ACCESSED_AND_THROTTLED_KEYS',"
                  "'LastUpdateDateTime':1767225600.150}");
    assert_answer(fixture, "UpdateContributorInsights", ENABLE,
                  "{'TableName':'Tab','ContributorInsightsStatus':'ENABLED',"
                  "'ContributorInsightsMode':'ACCESSED_AND_THROTTLED_KEYS'}");
    assert_answer(fixture, "UpdateContributorInsights", DISABLE,
                  "{'TableName':'Tab','ContributorInsightsStatus':'DISABLING',"
                  "'ContributorInsightsMode':'ACCESSED_AND_THROTTLED_KEYS'}");
    api_fixture_advance(fixture, INSIGHTS_UPDATE_MS);
    assert_answer(fixture, "DescribeContributorInsights", DESCRIBE,
                  "{'TableName':'Tab','ContributorInsightsStatus':'DISABLED',"
                  "'ContributorInsightsMode':'ACCESSED_AND_THROTTLED_KEYS',"
                  "'LastUpdateDateTime':1767225601.750}");
}

static void another_mode_is_another_change(void **state)
{
    static const char ENABLE_THROTTLED[] =
        "{'TableName':'Tab','ContributorInsightsAction':'ENABLE',"
        "'ContributorInsightsMode':'THROTTLED_KEYS'}";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateContributorInsights", ENABLE);
    api_fixture_advance(fixture, INSIGHTS_UPDATE_MS);
    assert_answer(fixture, "UpdateContributorInsights", ENABLE_THROTTLED,
                  "{'TableName':'Tab','ContributorInsightsStatus':'ENABLING',"
                  "'ContributorInsightsMode':'THROTTLED_KEYS'}");
    api_fixture_advance(fixture, INSIGHTS_UPDATE_MS);
    const struct cJSON *reply = assert_accepted(fixture, "DescribeContributorInsights", DESCRIBE);
    assert_member_is(fixture, reply, "ContributorInsightsRuleList",
                     "['DynamoDBContributorInsights-PKT-Tab-1767225600150',"
                     "'DynamoDBContributorInsights-SKT-Tab-1767225600150']");
    assert_answer(fixture, "UpdateContributorInsights", ENABLE, /* no mode: the default one */
                  "{'TableName':'Tab','ContributorInsightsStatus':'ENABLING',"
                  "'ContributorInsightsMode':'ACCESSED_AND_THROTTLED_KEYS'}");
}

static void what_is_not_active_cannot_be_watched(void **state)
{
    static const char CREATE_INDEX[] =
        "{'TableName':'Tab','AttributeDefinitions':[{'AttributeName':'sk','AttributeType':'S'}],"
        "'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'new','KeySchema':["
        "{'AttributeName':'sk','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}}]}";
    static const char ENABLE_NEW[] =
        "{'TableName':'Tab','IndexName':'new','ContributorInsightsAction':'ENABLE'}";
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "CreateTable", TABLE);
    assert_refused(fixture, "UpdateContributorInsights", ENABLE, VALIDATION,
                   NOT_VALID "TableStatus must be ACTIVE to enable ContributorInsights.");
    assert_refused(fixture, "UpdateContributorInsights", ENABLE_INDEX, VALIDATION,
                   NOT_VALID "TableStatus must be ACTIVE to enable ContributorInsights.");
    api_fixture_advance(fixture, TABLE_CREATE_INDEXED_MS);
    (void)assert_accepted(fixture, "UpdateTable", CREATE_INDEX);
    assert_refused(fixture, "UpdateContributorInsights", ENABLE_NEW, NOT_FOUND,
                   "Requested resource not found: Index: new not found for table: Tab");
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    assert_refused(fixture, "UpdateContributorInsights", ENABLE_NEW, VALIDATION,
                   NOT_VALID "IndexStatus must be ACTIVE to enable ContributorInsights.");
    assert_answer(fixture, "DescribeContributorInsights", "{'TableName':'Tab','IndexName':'new'}",
                  "{'TableName':'Tab','IndexName':'new','ContributorInsightsStatus':'DISABLED'}");
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    (void)assert_accepted(fixture, "UpdateContributorInsights", ENABLE_NEW);
}

#define SUMMARY(members)                                                                           \
    "{'TableName':'Tab'," members "'ContributorInsightsMode':'ACCESSED_AND_THROTTLED_KEYS'}"

static void the_list_has_what_is_not_disabled_in_pages(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_answer(fixture, "ListContributorInsights", "{}", "{'ContributorInsightsSummaries':[]}");
    (void)assert_accepted(fixture, "UpdateContributorInsights", ENABLE_INDEX);
    (void)assert_accepted(fixture, "UpdateContributorInsights", ENABLE);
    static const char ALL[] = "{'ContributorInsightsSummaries':[" SUMMARY(
        "'ContributorInsightsStatus':'ENABLING'"
        ",") "," SUMMARY("'IndexName':'global','ContributorInsightsStatus':'ENABLING',") "]}";
    assert_answer(fixture, "ListContributorInsights", "{}", ALL);
    assert_answer(fixture, "ListContributorInsights", DESCRIBE, ALL);
    assert_answer(fixture, "ListContributorInsights", "{'MaxResults':1}",
                  "{'ContributorInsightsSummaries':[" SUMMARY(
                      "'ContributorInsightsStatus':'ENABLING',") "],'NextToken':'Tab/'}");
    assert_answer(fixture, "ListContributorInsights", "{'MaxResults':1,'NextToken':'Tab/'}",
                  "{'ContributorInsightsSummaries':[" SUMMARY(
                      "'IndexName':'global','ContributorInsightsStatus':'ENABLING',") "]}");
    (void)assert_accepted(fixture, "UpdateContributorInsights", DISABLE);
    api_fixture_advance(fixture, INSIGHTS_UPDATE_MS);
    assert_answer(fixture, "ListContributorInsights", "{}",
                  "{'ContributorInsightsSummaries':[" SUMMARY(
                      "'IndexName':'global','ContributorInsightsStatus':'ENABLED',") "]}");
}

static void an_index_takes_its_insights_along(void **state)
{
    static const char DELETE_INDEX[] =
        "{'TableName':'Tab','GlobalSecondaryIndexUpdates':[{'Delete':{'IndexName':'global'}}]}";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateContributorInsights", ENABLE);
    (void)assert_accepted(fixture, "UpdateContributorInsights", ENABLE_INDEX);
    (void)assert_accepted(fixture, "UpdateTable", DELETE_INDEX);
    (void)assert_accepted(fixture, "DescribeContributorInsights", DESCRIBE_INDEX);
    api_fixture_advance(fixture, INDEX_DELETE_MS);
    assert_refused(fixture, "DescribeContributorInsights", DESCRIBE_INDEX, NOT_FOUND,
                   "Requested resource not found: Index: global not found for table: Tab");
    const struct cJSON *reply = assert_accepted(fixture, "ListContributorInsights", DESCRIBE);
    assert_member_is(fixture, reply, "ContributorInsightsSummaries.0.IndexName", NULL);
    assert_member_is(fixture, reply, "ContributorInsightsSummaries.1", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(what_is_wrong_is_told_in_order),
        API_TEST(states_end_by_the_clock),
        API_TEST(another_mode_is_another_change),
        API_TEST(what_is_not_active_cannot_be_watched),
        API_TEST(the_list_has_what_is_not_disabled_in_pages),
        API_TEST(an_index_takes_its_insights_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
