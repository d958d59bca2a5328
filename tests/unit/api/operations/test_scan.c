/* Scan: pages, segments, indexes, filters, refusals. */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk','AttributeType':'N'},"
    "{'AttributeName':'g','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'sk','KeyType':'RANGE'}]"
    ","
    "'LocalSecondaryIndexes':[{'IndexName':'local','KeySchema':["
    "{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'g','KeyType':'RANGE'}],"
    "'Projection':{'ProjectionType':'KEYS_ONLY'}}],"
    "'GlobalSecondaryIndexes':[{'IndexName':'global','KeySchema':["
    "{'AttributeName':'g','KeyType':'HASH'}],"
    "'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':['i']}}]}";

enum { PARTITIONS_COUNT = 40, ITEMS_COUNT = 3 * PARTITIONS_COUNT, INDEXED_COUNT = ITEMS_COUNT / 2 };

/* Three items a partition, numbered through; every second one is in the indexes. */
static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    for (int i = 0; i < ITEMS_COUNT; i++) {
        const char *item =
            api_fixture_text(fixture, "{'pk':{'S':'p%d'},'sk':{'N':'%d'},'i':{'N':'%d'}%s}", i / 3,
                             i, i % 4, i % 2 == 0 ? ",'g':{'S':'same'}" : "");
        put_items(fixture, "Tab", (const char *const[]){ item, NULL });
    }
    return 0;
}

/* Counts each item by its number; all pages of a Scan with these members. Returns how many pages.
 */
static size_t scan_all(struct api_fixture *fixture, const char *members, size_t counts[ITEMS_COUNT])
{
    const char *start = "";
    for (size_t pages = 1;; pages++) {
        struct api_reply reply = call(
            fixture, "Scan", api_fixture_text(fixture, "{'TableName':'Tab',%s%s}", members, start));
        assert_int_equal(reply.status, 200);
        for (const struct cJSON *item = json_first(json_at(reply.json, "Items")); item != NULL;
             item = json_next(item)) {
            struct bytes number = json_text(&fixture->arena, json_at(item, "sk.N"));
            counts[strtol(bytes_to_text(&fixture->arena, number), NULL, 10)]++;
        }
        const char *last =
            strstr(bytes_to_text(&fixture->arena, reply.body), "\"LastEvaluatedKey\":");
        if (last == NULL) {
            return pages;
        }
        last += strlen("\"LastEvaluatedKey\":");
        start = api_fixture_text(fixture, ",'ExclusiveStartKey':%.*s",
                                 (int)(strstr(last, "}}") + 2 - last), last);
    }
}

/* All, or every second one, exactly once. */
static void assert_each_once(const size_t counts[ITEMS_COUNT], size_t step)
{
    for (size_t i = 0; i < ITEMS_COUNT; i++) {
        assert_int_equal(counts[i], i % step == 0 ? 1 : 0);
    }
}

static const struct {
    const char *members;
    size_t step; /* 1: all items, 2: every second */
    size_t count;
} SOURCES[] = {
    { "'Select':'ALL_ATTRIBUTES'", 1, ITEMS_COUNT },
    { "'IndexName':'global'", 2, INDEXED_COUNT },
    { "'IndexName':'local'", 2, INDEXED_COUNT },
};
enum { SOURCES_COUNT = sizeof SOURCES / sizeof *SOURCES };

static void pages_join_to_the_whole(void **state)
{
    static const size_t LIMITS[] = { 1, 2, 7, 60, 119, 120, 121, 1000 };
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < SOURCES_COUNT; i++) {
        for (size_t j = 0; j < sizeof LIMITS / sizeof *LIMITS; j++) {
            size_t counts[ITEMS_COUNT] = { 0 };
            const char *members =
                api_fixture_text(fixture, "%s,'Limit':%zu", SOURCES[i].members, LIMITS[j]);
            assert_int_equal(scan_all(fixture, members, counts), SOURCES[i].count / LIMITS[j] + 1);
            assert_each_once(counts, SOURCES[i].step);
            api_fixture_forget(fixture);
        }
    }
}

static void segments_are_disjoint_and_together_the_whole(void **state)
{
    static const size_t TOTALS[] = { 1, 2, 3, 4, 7, 16, 31, 64, 100, 257, 1000 };
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < SOURCES_COUNT; i++) {
        for (size_t j = 0; j < sizeof TOTALS / sizeof *TOTALS; j++) {
            size_t counts[ITEMS_COUNT] = { 0 };
            for (size_t segment = 0; segment < TOTALS[j]; segment++) {
                (void)scan_all(fixture,
                               api_fixture_text(fixture,
                                                "%s,'Limit':5,'TotalSegments':%zu,'Segment':%zu",
                                                SOURCES[i].members, TOTALS[j], segment),
                               counts);
                api_fixture_forget(fixture);
            }
            assert_each_once(counts, SOURCES[i].step);
        }
    }
}

/* At the most segments there are, most are empty; the last one ends with the space of hashes. */
static void a_million_segments_are_allowed(void **state)
{
    struct api_fixture *fixture = *state;
    const struct cJSON *reply = assert_accepted(
        fixture, "Scan", "{'TableName':'Tab','TotalSegments':1000000,'Segment':999999}");
    assert_member_is(fixture, reply, "LastEvaluatedKey", NULL);
}

static void segments_hold_whole_partitions(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t segment = 0; segment < 5; segment++) {
        size_t counts[ITEMS_COUNT] = { 0 };
        (void)scan_all(
            fixture, api_fixture_text(fixture, "'TotalSegments':5,'Segment':%zu", segment), counts);
        for (size_t i = 0; i < ITEMS_COUNT; i += 3) {
            assert_int_equal(counts[i], counts[i + 1]);
            assert_int_equal(counts[i], counts[i + 2]);
        }
    }
}

/* ---- replies ---- */

static const struct {
    const char *members;
    const char *count;
    const char *scanned;
} COUNTS[] = {
    { "'Select':'COUNT'", "120", "120" },
    { "'Select':'COUNT','IndexName':'global'", "60", "60" },
    { "'Select':'COUNT','FilterExpression':'i = :i','ExpressionAttributeValues':{':i':{'N':'3'}}",
      "30", "120" },
    /* keys may be filtered on in a Scan */
    { "'Select':'COUNT','FilterExpression':'pk = :p AND sk > :i','ExpressionAttributeValues':{"
      "':p':{'S':'p5'},':i':{'N':'15'}}",
      "2", "120" },
    { "'Select':'COUNT','IndexName':'global','FilterExpression':'i = :i',"
      "'ExpressionAttributeValues':{':i':{'N':'2'}}",
      "30", "60" },
    /* what the index does not project is not there, and nothing is said of it */
    { "'Select':'COUNT','IndexName':'local','FilterExpression':'i = :i',"
      "'ExpressionAttributeValues':{':i':{'N':'2'}}",
      "0", "60" },
    { "'Select':'COUNT','IndexName':'local','ConsistentRead':true", "60", "60" },
};

static void filters_count_what_matches(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; i++) {
        assert_answer(fixture, "Scan",
                      api_fixture_text(fixture, "{'TableName':'Tab',%s}", COUNTS[i].members),
                      api_fixture_text(fixture, "{'Count':%s,'ScannedCount':%s}", COUNTS[i].count,
                                       COUNTS[i].scanned));
    }
}

static void a_page_ends_at_one_megabyte(void **state)
{
    struct api_fixture *fixture = *state;
    const char *padding = api_fixture_repeat(fixture, 'x', 300 * 1024);
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
    api_fixture_advance(fixture, TABLE_DELETE_MS);
    create_table(fixture, TABLE);
    for (int i = 0; i < 9; i++) {
        const char *item = api_fixture_text(
            fixture, "{'pk':{'S':'p%d'},'sk':{'N':'%d'},'v':{'S':'%s'}}", i, i, padding);
        put_items(fixture, "Tab", (const char *const[]){ item, NULL });
    }
    size_t counts[ITEMS_COUNT] = { 0 };
    /* four items pass 1 MB: 4 + 4 + 1 */
    assert_int_equal(scan_all(fixture, "'ProjectionExpression':'sk'", counts), 3);
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(counts[i], 1);
    }
    const struct cJSON *reply = assert_accepted(
        fixture, "Scan",
        "{'TableName':'Tab','Select':'COUNT','FilterExpression':'attribute_not_exists(v)'}");
    assert_member_is(fixture, reply, "Count", "0");
    assert_member_is(fixture, reply, "ScannedCount", "4");
    assert_non_null(json_at(reply, "LastEvaluatedKey"));
}

/* ---- refusals ---- */

static const struct {
    const char *members;
    const char *type;
    const char *message;
} FAULTS[] = {
    { "'TableName':null,'Limit':0,'Segment':-1,'TotalSegments':1000001", VALIDATION,
      "4 validation errors detected: Value null at 'tableName' failed to satisfy constraint: "
      "Member "
      "must not be null; Value '0' at 'limit' failed to satisfy constraint: Member must have value "
      "greater than or equal to 1; Value '1000001' at 'totalSegments' failed to satisfy "
      "constraint: "
      "Member must have value less than or equal to 1000000; Value '-1' at 'segment' failed to "
      "satisfy "
      "constraint: Member must have value greater than or equal to 0" },
    { "'TableName':'None','ExpressionAttributeValues':{},'ExclusiveStartKey':{'x':{}}", VALIDATION,
      "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is "
      "null" },
    { "'TableName':'None','ExclusiveStartKey':{'x':{}},'Segment':1", VALIDATION,
      "The provided starting key is invalid: Supplied AttributeValue is empty, must contain "
      "exactly one "
      "of the supported datatypes" },
    { "'TableName':'None','Segment':0,'FilterExpression':''", VALIDATION,
      "The TotalSegments parameter is required but was not present in the request when Segment "
      "parameter is present" },
    { "'TableName':'None','TotalSegments':1,'FilterExpression':''", VALIDATION,
      "The Segment parameter is required but was not present in the request when parameter "
      "TotalSegments is present" },
    { "'TableName':'None','Segment':4,'TotalSegments':4,'FilterExpression':''", VALIDATION,
      "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: "
      "4 is "
      "not less than TotalSegments: 4" },
    { "'TableName':'None','FilterExpression':''", VALIDATION,
      "Invalid FilterExpression: The expression can not be empty;" },
    { "'TableName':'None','Select':'ALL_PROJECTED_ATTRIBUTES'", VALIDATION,
      "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName" },
    { "'TableName':'None'", NOT_FOUND, "Requested resource not found" },
    { "'IndexName':'none','ConsistentRead':true", VALIDATION,
      "The table does not have the specified index: none" },
    { "'IndexName':'global','ConsistentRead':true", VALIDATION,
      "Consistent reads are not supported on global secondary indexes" },
    { "'IndexName':'global','Select':'ALL_ATTRIBUTES'", VALIDATION,
      INVALID
      "Select type ALL_ATTRIBUTES is not supported for global secondary index global because "
      "its projection type is not ALL" },
    { "'IndexName':'global','ProjectionExpression':'i, zz, aa'", VALIDATION,
      INVALID "Global secondary index global does not project [zz, aa]" },
    { "'ExclusiveStartKey':{'pk':{'S':'x'}}", VALIDATION,
      "The provided starting key is invalid: The provided key element does not match the schema" },
    { "'ExclusiveStartKey':{'pk':{'S':'x'},'sk':{'S':'1'}}", VALIDATION,
      "The provided starting key is invalid: The provided key element does not match the schema" },
    { "'ExclusiveStartKey':{'pk':{'S':'x'},'sk':{'N':'1'},'g':{'S':'x'}}", VALIDATION,
      "The provided starting key is invalid: The provided key element does not match the schema" },
    { "'IndexName':'global','ExclusiveStartKey':{'pk':{'S':'x'},'sk':{'N':'1'}}", VALIDATION,
      "The provided starting key is invalid" },
};

static void faults_are_refused(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "Scan",
                       api_fixture_text(fixture, "{'TableName':'Tab',%s}", FAULTS[i].members),
                       FAULTS[i].type, FAULTS[i].message);
    }
}

/* A key lies in one segment of four; the three others refuse it. */
static void a_start_key_belongs_to_its_segment(void **state)
{
    struct api_fixture *fixture = *state;
    size_t accepted = 0;
    for (size_t segment = 0; segment < 4; segment++) {
        const char *request =
            api_fixture_text(fixture,
                             "{'TableName':'Tab','TotalSegments':4,'Segment':%zu,"
                             "'ExclusiveStartKey':{'pk':{'S':'p1'},'sk':{'N':'3'}}}",
                             segment);
        if (call(fixture, "Scan", request).status == 200) {
            accepted++;
            continue;
        }
        assert_refused(
            fixture, "Scan", request, VALIDATION,
            api_fixture_text(fixture,
                             "The provided starting key is invalid: Invalid "
                             "ExclusiveStartKey. Please use ExclusiveStartKey with correct "
                             "Segment. TotalSegments: 4 Segment: %zu",
                             segment));
    }
    assert_int_equal(accepted, 1);
}

int main(void)
{
#define SCAN_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        SCAN_TEST(pages_join_to_the_whole),
        SCAN_TEST(segments_are_disjoint_and_together_the_whole),
        SCAN_TEST(a_million_segments_are_allowed),
        SCAN_TEST(segments_hold_whole_partitions),
        SCAN_TEST(filters_count_what_matches),
        SCAN_TEST(a_page_ends_at_one_megabyte),
        SCAN_TEST(faults_are_refused),
        SCAN_TEST(a_start_key_belongs_to_its_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
