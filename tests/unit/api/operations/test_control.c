/* The control surface: health, the inside of a table, hold and release, errors. */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],'KeySchema':["
    "{'AttributeName':'pk','KeyType':'HASH'}]}";

static const char BUILD[] =
    "{'TableName':'Tab','AttributeDefinitions':[{'AttributeName':'g','AttributeType':'S'}],"
    "'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'new','KeySchema':["
    "{'AttributeName':'g','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}}]}";

enum { ITEMS_COUNT = 20 };

/* Of every four items one has no `g`. */
static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    for (int i = 0; i < ITEMS_COUNT; i++) {
        const char *item =
            api_fixture_text(fixture, "{'pk':{'S':'%d'}%s}", i, i % 4 != 0 ? ",'g':{'S':'g'}" : "");
        put_items(fixture, "Tab", (const char *const[]){ item, NULL });
    }
    return 0;
}

static void assert_control(struct api_fixture *fixture,
                           const char *method,
                           const char *path,
                           const char *request,
                           int status,
                           const char *expected)
{
    struct api_reply reply = control(fixture, method, path, request);
    assert_int_equal(reply.status, status);
    assert_member_is(fixture, reply.json, "", expected);
}

/* The inside of the index that is built; what the service itself shows nowhere. */
static void assert_index(struct api_fixture *fixture, const char *const rows[][2], size_t count)
{
    struct api_reply reply = control(fixture, "GET", "tables/Tab", NULL);
    assert_int_equal(reply.status, 200);
    for (size_t i = 0; i < count; i++) {
        assert_member_is(fixture, json_at(reply.json, "Indexes.0"), rows[i][0], rows[i][1]);
    }
}

#define ASSERT_INDEX(fixture, ...)                                                                 \
    do {                                                                                           \
        static const char *const ROWS[][2] = { __VA_ARGS__ };                                      \
        assert_index(fixture, ROWS, sizeof ROWS / sizeof *ROWS);                                   \
    } while (0)

static void health_says_what_is_running(void **state)
{
    assert_control(*state, "GET", "health", NULL, 200,
                   "{'Status':'ok','Version':'" REHEARSEDB_VERSION "','Profile':'test'}");
}

static void a_table_is_shown_from_inside(void **state)
{
    struct api_fixture *fixture = *state;
    struct api_reply reply = control(fixture, "GET", "tables/Tab", NULL);
    assert_member_is(fixture, reply.json, "TableName", "'Tab'");
    assert_member_is(fixture, reply.json, "TableStatus", "'ACTIVE'");
    assert_member_is(fixture, reply.json, "ItemCount", "20");
    assert_member_is(fixture, reply.json, "Indexes", "[]");
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    ASSERT_INDEX(fixture, { "IndexName", "'new'" }, { "IndexStatus", "'CREATING'" },
                 { "Phase", "'ALLOCATING'" }, { "Held", "false" }, { "ItemsTotal", "20" },
                 { "ItemsScanned", "0" }, { "ItemsIndexed", "0" }, { "PercentageProgress", "0" });
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    ASSERT_INDEX(fixture, { "Phase", "'BACKFILLING'" }, { "ItemsScanned", "20" },
                 { "ItemsIndexed", "15" }, { "ItemsSkipped", "5" },
                 { "PercentageProgress", "100" });
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    ASSERT_INDEX(fixture, { "IndexStatus", "'ACTIVE'" }, { "Phase", "'ACTIVE'" },
                 { "ItemsIndexed", "15" }, { "ItemsSkipped", "5" },
                 { "PercentageProgress", "100" });
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','GlobalSecondaryIndexUpdates':[{'Delete':{"
                          "'IndexName':'new'}}]}");
    ASSERT_INDEX(fixture, { "IndexStatus", "'DELETING'" }, { "Phase", "'DELETING'" });
}

/* Set before the index exists; no time ends it. */
static void a_hold_in_allocation_stops_the_index_there(void **state)
{
    static const char NAMES[] = "{'TableName':'Tab','IndexName':'new'}";
    struct api_fixture *fixture = *state;
    assert_control(fixture, "POST", "hold",
                   "{'TableName':'Tab','IndexName':'new','Phase':'ALLOCATING'}", 200, "{}");
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    api_fixture_advance(fixture, 100 * INDEX_ALLOCATE_MS);
    ASSERT_INDEX(fixture, { "Phase", "'ALLOCATING'" }, { "Held", "true" });
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_member_is(fixture, reply, "Table.TableStatus", "'UPDATING'");
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.0.Backfilling", "false");
    assert_control(fixture, "POST", "release", NAMES, 200, "{}");
    api_fixture_settle(fixture);
    ASSERT_INDEX(fixture, { "Phase", "'BACKFILLING'" }, { "Held", "false" });
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    ASSERT_INDEX(fixture, { "Phase", "'ACTIVE'" });
}

static void a_hold_in_backfill_stops_after_so_many_items(void **state)
{
    struct api_fixture *fixture = *state;
    assert_control(fixture, "POST", "hold",
                   "{'TableName':'Tab','IndexName':'new','Phase':'BACKFILLING','AfterItems':7}",
                   200, "{}");
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    api_fixture_advance(fixture, 100 * INDEX_BACKFILL_MS);
    ASSERT_INDEX(fixture, { "Phase", "'BACKFILLING'" }, { "Held", "true" }, { "ItemsScanned", "7" },
                 { "PercentageProgress", "35" });

    /* with Items: so many more, then it holds again */
    assert_control(fixture, "POST", "release", "{'TableName':'Tab','IndexName':'new','Items':6}",
                   200, "{}");
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    ASSERT_INDEX(fixture, { "Held", "true" }, { "ItemsScanned", "13" });

    assert_control(fixture, "POST", "release", "{'TableName':'Tab','IndexName':'new'}", 200, "{}");
    api_fixture_settle(fixture);
    ASSERT_INDEX(fixture, { "Phase", "'ACTIVE'" }, { "Held", "false" }, { "ItemsIndexed", "15" },
                 { "ItemsSkipped", "5" });
}

/* However far the scan is: an index that is held has each item of the table once or not yet. */
static void writes_during_a_held_backfill_are_in_the_index_once(void **state)
{
    struct api_fixture *fixture = *state;
    assert_control(fixture, "POST", "hold",
                   "{'TableName':'Tab','IndexName':'new','Phase':'BACKFILLING','AfterItems':10}",
                   200, "{}");
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    for (int i = 0; i < ITEMS_COUNT; i += 2) { /* on both sides of where the scan stands */
        put_items(
            fixture, "Tab",
            (const char *const[]){
                api_fixture_text(fixture, "{'pk':{'S':'%d'},'g':{'S':'changed'}}", i), NULL });
    }
    (void)assert_accepted(fixture, "DeleteItem", "{'TableName':'Tab','Key':{'pk':{'S':'1'}}}");
    (void)assert_accepted(fixture, "DeleteItem", "{'TableName':'Tab','Key':{'pk':{'S':'3'}}}");
    assert_control(fixture, "POST", "release", "{'TableName':'Tab','IndexName':'new'}", 200, "{}");
    api_fixture_settle(fixture);
    assert_answer(fixture, "Query",
                  "{'TableName':'Tab','IndexName':'new','Select':'COUNT',"
                  "'KeyConditionExpression':'g = :g',"
                  "'ExpressionAttributeValues':{':g':{'S':'changed'}}}",
                  "{'Count':10,'ScannedCount':10}");
    assert_answer(fixture, "Query",
                  "{'TableName':'Tab','IndexName':'new','Select':'COUNT',"
                  "'KeyConditionExpression':'g = :g',"
                  "'ExpressionAttributeValues':{':g':{'S':'g'}}}",
                  "{'Count':8,'ScannedCount':8}");
}

/* ---- fail ---- */

static void assert_build_fails_like_a_delete(struct api_fixture *fixture)
{
    static const char NAMES[] = "{'TableName':'Tab','IndexName':'new'}";
    assert_control(fixture, "POST", "fail", NAMES, 200, "{}");
    ASSERT_INDEX(fixture, { "IndexStatus", "'DELETING'" }, { "Phase", "'DELETING'" },
                 { "Held", "false" });
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_member_is(fixture, reply, "Table.TableStatus", "'UPDATING'");
    struct api_reply again = control(fixture, "POST", "fail", NAMES);
    assert_int_equal(again.status, 400);
    assert_member_is(fixture, again.json, "message", "'No index new of table Tab is being built'");
    put_items(fixture, "Tab", (const char *const[]){ "{'pk':{'S':'late'},'g':{'S':'g'}}", NULL });
    api_fixture_advance(fixture, INDEX_DELETE_MS);
    reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_member_is(fixture, reply, "Table.TableStatus", "'ACTIVE'");
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes", NULL);

    /* what was there of it is gone, a hold as well: the next attempt starts anew */
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    ASSERT_INDEX(fixture, { "Phase", "'ALLOCATING'" }, { "Held", "false" }, { "ItemsScanned", "0" },
                 { "ItemsIndexed", "0" });
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    ASSERT_INDEX(fixture, { "Phase", "'ACTIVE'" }, { "ItemsIndexed", "16" });
}

static void a_build_that_fails_goes_as_a_deleted_index(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    assert_build_fails_like_a_delete(fixture);
}

static void a_build_may_fail_where_it_is_held(void **state)
{
    struct api_fixture *fixture = *state;
    assert_control(fixture, "POST", "hold",
                   "{'TableName':'Tab','IndexName':'new','Phase':'BACKFILLING','AfterItems':7}",
                   200, "{}");
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    ASSERT_INDEX(fixture, { "Held", "true" }, { "ItemsScanned", "7" });
    assert_build_fails_like_a_delete(fixture);
}

static void an_index_that_is_built_cannot_fail(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    struct api_reply reply =
        control(fixture, "POST", "fail", "{'TableName':'Tab','IndexName':'new'}");
    assert_int_equal(reply.status, 400);
    assert_member_is(fixture, reply.json, "__type", "'" NOT_FOUND "'");
    ASSERT_INDEX(fixture, { "Phase", "'ACTIVE'" });
}

/* ---- errors ---- */

static const struct {
    const char *method;
    const char *path;
    const char *request;
    int status;
    const char *type;
    const char *message;
} FAULTS[] = {
    { "GET", "", NULL, 404, PROTOCOL "UnknownOperationException", "There is no GET /_rehearsedb/" },
    { "POST", "health", NULL, 404, PROTOCOL "UnknownOperationException",
      "There is no POST /_rehearsedb/health" },
    { "GET", "tables/", NULL, 404, PROTOCOL "UnknownOperationException",
      "There is no GET /_rehearsedb/tables/" },
    { "GET", "healthy", NULL, 404, PROTOCOL "UnknownOperationException",
      "There is no GET /_rehearsedb/healthy" },
    { "GET", "tables/None", NULL, 400, NOT_FOUND,
      "Requested resource not found: Table: None not found" },
    { "POST", "hold", NULL, 400, VALIDATION, "The body of POST hold must be a JSON object" },
    { "POST", "hold", "[]", 400, VALIDATION, "The body of POST hold must be a JSON object" },
    { "POST", "release", "{", 400, VALIDATION, "The body of POST release must be a JSON object" },
    { "POST", "hold", "{'TableName':'Tab','IndexName':'new','Phase':'SOON'}", 400, VALIDATION,
      "1 validation error detected: Value 'SOON' at 'phase' failed to satisfy constraint: Member "
      "must "
      "satisfy enum value set: [ALLOCATING, BACKFILLING]" },
    { "POST", "hold", "{'TableName':'Tab','IndexName':'new','Phase':'BACKFILLING','AfterItems':-1}",
      400, VALIDATION,
      "1 validation error detected: Value '-1' at 'afterItems' failed to satisfy constraint: "
      "Member "
      "must have value greater than or equal to 0" },
    { "POST", "release", "{'TableName':'Tab','IndexName':'new'}", 400, NOT_FOUND,
      "Nothing holds index new of table Tab" },
    { "POST", "fail", "{'TableName':'Tab','IndexName':'new'}", 400, NOT_FOUND,
      "No index new of table Tab is being built" },
    { "POST", "fail", "{'TableName':'None','IndexName':'new'}", 400, NOT_FOUND,
      "Requested resource not found: Table: None not found" },
};

static void faults_are_told(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        struct api_reply reply =
            control(fixture, FAULTS[i].method, FAULTS[i].path, FAULTS[i].request);
        assert_int_equal(reply.status, FAULTS[i].status);
        assert_member_is(fixture, reply.json, "__type",
                         api_fixture_text(fixture, "'%s'", FAULTS[i].type));
        struct bytes message = json_text(&fixture->arena, json_at(reply.json, "message"));
        assert_string_equal(bytes_to_text(&fixture->arena, message), FAULTS[i].message);
    }
}

int main(void)
{
#define CONTROL_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CONTROL_TEST(health_says_what_is_running),
        CONTROL_TEST(a_table_is_shown_from_inside),
        CONTROL_TEST(a_hold_in_allocation_stops_the_index_there),
        CONTROL_TEST(a_hold_in_backfill_stops_after_so_many_items),
        CONTROL_TEST(writes_during_a_held_backfill_are_in_the_index_once),
        CONTROL_TEST(a_build_that_fails_goes_as_a_deleted_index),
        CONTROL_TEST(a_build_may_fail_where_it_is_held),
        CONTROL_TEST(an_index_that_is_built_cannot_fail),
        CONTROL_TEST(faults_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
