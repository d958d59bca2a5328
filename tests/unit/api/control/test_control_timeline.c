/* The timeline of an API: which calls, states, refusals and holds it tells of, and in which order.
 */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],'KeySchema':["
    "{'AttributeName':'pk','KeyType':'HASH'}]}";

static const char BUILD[] =
    "{'TableName':'Tab','AttributeDefinitions':[{'AttributeName':'g','AttributeType':'S'}],"
    "'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'new','KeySchema':["
    "{'AttributeName':'g','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}}]}";

static const char QUERY[] =
    "{'TableName':'Tab','IndexName':'new','KeyConditionExpression':'g = :g',"
    "'ExpressionAttributeValues':{':g':{'S':'x'}}}";

/* The member's text with `before` in front of it; nothing when it is absent. */
static void append(struct api_fixture *fixture,
                   struct buffer *to,
                   const struct cJSON *event,
                   const char *before,
                   const char *name)
{
    const struct cJSON *member = json_member(event, name);
    if (member != NULL) {
        buffer_append_text(to, before);
        buffer_append_bytes(to, json_text(&fixture->arena, member));
    }
}

/* The events behind `query`, a line each: "KIND Operation Table/Index Setting:From>To !Error". */
static const char *lines(struct api_fixture *fixture, const char *query)
{
    struct api_reply reply =
        control(fixture, "GET", api_fixture_text(fixture, "timeline%s", query), NULL);
    assert_int_equal(reply.status, 200);
    struct buffer found;
    buffer_init(&found, &fixture->arena, 256);
    const struct cJSON *events = json_at(reply.json, "Events");
    for (const struct cJSON *one = json_first(events); one != NULL; one = json_next(one)) {
        append(fixture, &found, one, "", "Kind");
        append(fixture, &found, one, " ", "Operation");
        append(fixture, &found, one, " ", "TableName");
        append(fixture, &found, one, "/", "IndexName");
        append(fixture, &found, one, " ", "Setting");
        append(fixture, &found, one, " ", "From");
        append(fixture, &found, one, ">", "To");
        append(fixture, &found, one, " !", "Error");
        buffer_append_text(&found, "\n");
    }
    return bytes_to_text(&fixture->arena, buffer_view(&found));
}

/* What was told since `mark`, which moves on. */
static void assert_told(struct api_fixture *fixture, int64_t *mark, const char *expected)
{
    const char *query = api_fixture_text(fixture, "?After=%d", (int)*mark);
    assert_string_equal(lines(fixture, query), expected);
    struct api_reply reply =
        control(fixture, "GET", api_fixture_text(fixture, "timeline%s", query), NULL);
    *mark = json_integer(json_at(reply.json, "LastSequence"));
}

static void the_first_event_is_the_start_of_the_server(void **state)
{
    struct api_fixture *fixture = *state;
    struct api_reply reply = control(fixture, "GET", "timeline", NULL);
    assert_int_equal(reply.status, 200);
    assert_member_is(
        fixture, reply.json, "",
        "{'Events':[{'Sequence':1,'Time':1767225600,'Kind':'START','Version':'" REHEARSEDB_VERSION
        "','Profile':'test'}],'LastSequence':1,'More':false,'Truncated':false}");
}

static void the_build_of_an_index_is_told_in_order(void **state)
{
    struct api_fixture *fixture = *state;
    int64_t mark = 1;
    create_table(fixture, TABLE);
    assert_told(fixture, &mark,
                "CALL CreateTable Tab\n"
                "STATE Tab>CREATING\n"
                "STATE Tab CREATING>ACTIVE\n");
    (void)control(fixture, "POST", "hold",
                  "{'TableName':'Tab','IndexName':'new','Phase':'BACKFILLING','AfterItems':0}");
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    (void)control(fixture, "POST", "release", "{'TableName':'Tab','IndexName':'new'}");
    api_fixture_settle(fixture);
    assert_told(fixture, &mark,
                "HOLD Tab/new\n"
                "CALL UpdateTable Tab/new\n"
                "STATE Tab ACTIVE>UPDATING\n"
                "STATE Tab/new>ALLOCATING\n"
                "STATE Tab UPDATING>ACTIVE\n"
                "STATE Tab/new ALLOCATING>BACKFILLING\n"
                "HELD Tab/new\n"
                "RELEASE Tab/new\n"
                "STATE Tab/new BACKFILLING>ACTIVE\n");
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','GlobalSecondaryIndexUpdates':[{'Delete':{"
                          "'IndexName':'new'}}]}");
    api_fixture_advance(fixture, INDEX_DELETE_MS);
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
    api_fixture_advance(fixture, TABLE_DELETE_MS);
    assert_told(fixture, &mark,
                "CALL UpdateTable Tab/new\n"
                "STATE Tab ACTIVE>UPDATING\n"
                "STATE Tab/new ACTIVE>DELETING\n"
                "STATE Tab UPDATING>ACTIVE\n"
                "STATE Tab/new DELETING\n"
                "CALL DeleteTable Tab\n"
                "STATE Tab ACTIVE>DELETING\n"
                "STATE Tab DELETING\n");
}

static void hold(struct api_fixture *fixture, const char *phase, int after_items)
{
    struct api_reply reply =
        control(fixture, "POST", "hold",
                api_fixture_text(fixture,
                                 "{'TableName':'Tab','IndexName':'new','Phase':'%s',"
                                 "'AfterItems':%d}",
                                 phase, after_items));
    assert_int_equal(reply.status, 200);
}

static void release(struct api_fixture *fixture, int items)
{
    struct api_reply reply = control(
        fixture, "POST", "release",
        api_fixture_text(fixture, "{'TableName':'Tab','IndexName':'new','Items':%d}", items));
    assert_int_equal(reply.status, 200);
    api_fixture_settle(fixture);
}

/* What was told since `mark` is `before`, and that the build stands at its hold. */
static void assert_held(struct api_fixture *fixture,
                        int64_t *mark,
                        const char *before,
                        const char *phase,
                        const char *items_scanned)
{
    assert_told(fixture, mark, api_fixture_text(fixture, "%sHELD Tab/new\n", before));
    struct api_reply reply = control(
        fixture, "GET", api_fixture_text(fixture, "timeline?After=%d", (int)*mark - 1), NULL);
    assert_member_is(fixture, reply.json, "Events.0.Phase", phase);
    assert_member_is(fixture, reply.json, "Events.0.ItemsScanned", items_scanned);
}

static void a_build_that_comes_to_its_hold_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    for (int i = 0; i < 4; i++) {
        (void)assert_accepted(
            fixture, "PutItem",
            api_fixture_text(fixture, "{'TableName':'Tab','Item':{'pk':{'S':'%d'}}}", i));
    }
    int64_t mark = 4;
    hold(fixture, "ALLOCATING", 0);
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    assert_held(fixture, &mark,
                "HOLD Tab/new\nCALL UpdateTable Tab/new\nSTATE Tab ACTIVE>UPDATING\n"
                "STATE Tab/new>ALLOCATING\n",
                "'ALLOCATING'", "0");
    hold(fixture, "BACKFILLING", 2);
    assert_told(fixture, &mark, "HOLD Tab/new\n");
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    assert_held(fixture, &mark, "STATE Tab UPDATING>ACTIVE\nSTATE Tab/new ALLOCATING>BACKFILLING\n",
                "'BACKFILLING'", "2");
    hold(fixture, "BACKFILLING", 1); /* stands there already */
    assert_told(fixture, &mark, "HOLD Tab/new\n");
    release(fixture, 1);
    assert_held(fixture, &mark, "RELEASE Tab/new\n", "'BACKFILLING'", "3");
    release(fixture, 0);
    assert_held(fixture, &mark, "RELEASE Tab/new\n", "'BACKFILLING'", "3");
    release(fixture, 9); /* more than there are: it never comes there */
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    assert_told(fixture, &mark, "RELEASE Tab/new\nSTATE Tab/new BACKFILLING>ACTIVE\n");
}

static void a_hold_on_a_build_that_is_further_holds_at_once(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    int64_t mark = 7;
    hold(fixture, "BACKFILLING", 0);
    assert_told(fixture, &mark, "HOLD Tab/new\n");
    hold(fixture, "ALLOCATING", 0);
    assert_held(fixture, &mark, "HOLD Tab/new\n", "'ALLOCATING'", "0");
}

static void changes_of_settings_are_states(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    int64_t mark = 4;
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','StreamSpecification':{'StreamEnabled':true,"
                          "'StreamViewType':'KEYS_ONLY'}}");
    api_fixture_advance(fixture, STREAM_UPDATE_MS);
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','BillingMode':'PROVISIONED','ProvisionedThroughput':"
                          "{'ReadCapacityUnits':1,'WriteCapacityUnits':1}}");
    api_fixture_advance(fixture, BILLING_PROVISIONED_MS);
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','SSESpecification':{'Enabled':true}}");
    api_fixture_advance(fixture, ENCRYPTION_MS);
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','TableClass':'STANDARD_INFREQUENT_ACCESS'}");
    api_fixture_advance(fixture, TABLE_CLASS_MS);
    assert_told(fixture, &mark,
                "CALL UpdateTable Tab\n"
                "STATE Tab ACTIVE>UPDATING\n"
                "STATE Tab Stream ACTIVE>UPDATING\n"
                "STATE Tab UPDATING>ACTIVE\n"
                "STATE Tab Stream UPDATING>ACTIVE\n"
                "CALL UpdateTable Tab\n"
                "STATE Tab ACTIVE>UPDATING\n"
                "STATE Tab Throughput ACTIVE>UPDATING\n"
                "STATE Tab UPDATING>ACTIVE\n"
                "STATE Tab Throughput UPDATING>ACTIVE\n"
                "CALL UpdateTable Tab\n"
                "STATE Tab Encryption ACTIVE>UPDATING\n"
                "STATE Tab Encryption UPDATING>ACTIVE\n"
                "CALL UpdateTable Tab\n"
                "STATE Tab ACTIVE>UPDATING\n"
                "STATE Tab TableClass ACTIVE>UPDATING\n"
                "STATE Tab UPDATING>ACTIVE\n"
                "STATE Tab TableClass UPDATING>ACTIVE\n");
}

static void refusals_are_those_a_rehearsal_is_about(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    int64_t mark = 4;
    /* of the control plane: whatever is refused */
    (void)call(fixture, "CreateTable", TABLE);
    (void)call(fixture, "DeleteTable", "{'TableName':'None'}");
    (void)call(fixture, "UpdateTable", "{'TableName':[]}");
    /* of items: for a state alone */
    (void)call(fixture, "Query", QUERY);
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    (void)call(fixture, "Query", QUERY);
    (void)call(fixture, "GetItem", "{'TableName':'None','Key':{'pk':{'S':'a'}}}");
    (void)call(fixture, "GetItem", "{'TableName':'Tab','Key':{'other':{'S':'a'}}}");
    (void)call(fixture, "PutItem",
               "{'TableName':'Tab','Item':{'pk':{'S':'a'}},'ConditionExpression':"
               "'attribute_exists(pk)'}");
    (void)call(fixture, "Nonsense", "{}");
    assert_told(fixture, &mark,
                "REFUSAL CreateTable Tab !ResourceInUseException\n"
                "REFUSAL DeleteTable None !ResourceNotFoundException\n"
                "REFUSAL Query Tab/new !ValidationException\n"
                "CALL UpdateTable Tab/new\n"
                "STATE Tab ACTIVE>UPDATING\n"
                "STATE Tab/new>ALLOCATING\n"
                "REFUSAL Query Tab/new !ValidationException\n");
}

static void an_event_says_who_and_why(void **state)
{
    struct api_fixture *fixture = *state;
    fixture->caller = (struct api_caller){ .access_key_id = BYTES("KEY"),
                                           .region = BYTES("eu-west-1"),
                                           .user_agent = BYTES("tests/1.0") };
    (void)call(fixture, "DeleteTable", "{'TableName':'None'}");
    struct api_reply reply = control(fixture, "GET", "timeline?After=1", NULL);
    assert_member_is(fixture, reply.json, "Events.0",
                     "{'Sequence':2,'Time':1767225600,'Kind':'REFUSAL','Operation':'DeleteTable',"
                     "'TableName':'None','Error':'ResourceNotFoundException','Message':"
                     "'Requested resource not found: Table: None not found',"
                     "'AccessKeyId':'KEY','Region':'eu-west-1','UserAgent':'tests/1.0'}");
}

static void reads_of_settings_and_items_are_no_events(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    int64_t mark = 4;
    put_items(fixture, "Tab", (const char *const[]){ "{'pk':{'S':'a'}}", NULL });
    (void)assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    (void)assert_accepted(fixture, "ListTables", "{}");
    (void)assert_accepted(fixture, "Scan", "{'TableName':'Tab'}");
    assert_told(fixture, &mark, "");
}

static void the_query_narrows_what_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)call(fixture, "DeleteTable", "{'TableName':'None'}");
    assert_string_equal(lines(fixture, "?TableName=None"),
                        "REFUSAL DeleteTable None !ResourceNotFoundException\n");
    assert_string_equal(lines(fixture, "?TableName=Tab&After=2&Limit=1"), "STATE Tab>CREATING\n");
    assert_string_equal(lines(fixture, "?After=4000000000"), "");
    static const struct {
        const char *query;
        const char *message;
    } faults[] = {
        { "?After=-1", "'After must be a number, not negative'" },
        { "?After=1x", "'After must be a number, not negative'" },
        { "?After=9999999999999999999", "'After must be a number, not negative'" },
        { "?Limit=0", "'Limit must be from 1 to 10000'" },
        { "?Limit=10001", "'Limit must be from 1 to 10000'" },
        { "?Limit=%31", "'Limit must be a number, not negative'" },
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct api_reply reply =
            control(fixture, "GET", api_fixture_text(fixture, "timeline%s", faults[i].query), NULL);
        assert_int_equal(reply.status, 400);
        assert_member_is(fixture, reply.json, "message", faults[i].message);
    }
}

static void what_is_done_to_the_store_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    int64_t mark = 7;
    static const char *const calls[][2] = {
        { "fail", "{'TableName':'Tab','IndexName':'new'}" },
        { "clock", "{'AdvanceMilliseconds':1}" },
        { "snapshots", "{'Name':'saved'}" },
        { "snapshots/saved/restore", NULL },
        { "reset", NULL },
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        assert_int_equal(control(fixture, "POST", calls[i][0], calls[i][1]).status, 200);
    }
    (void)control(fixture, "POST", "fail", "{'TableName':'Tab','IndexName':'new'}"); /* refused */
    struct api_reply reply = control(fixture, "GET", "timeline?After=9&Limit=2", NULL);
    assert_member_is(fixture, reply.json, "Events.0.AdvanceMilliseconds", "1");
    assert_member_is(fixture, reply.json, "Events.1.Name", "'saved'");
    assert_told(fixture, &mark,
                "FAIL Tab/new\n"
                "STATE Tab/new ALLOCATING>DELETING\n"
                "CLOCK\n"
                "SNAPSHOT\n"
                "RESTORE\n"
                "RESET\n");
}

/* In the durable mode calls and states come from different threads. */
static void a_durable_store_tells_the_same(void **state)
{
    (void)state;
    struct api_fixture fixture;
    int64_t mark = 1;
    api_fixture_open_durable(&fixture);
    create_table(&fixture, TABLE);
    (void)assert_accepted(&fixture, "UpdateTable", BUILD);
    assert_told(&fixture, &mark,
                "CALL CreateTable Tab\n"
                "STATE Tab>CREATING\n"
                "STATE Tab CREATING>ACTIVE\n"
                "CALL UpdateTable Tab/new\n"
                "STATE Tab ACTIVE>UPDATING\n"
                "STATE Tab/new>ALLOCATING\n");
    api_fixture_reopen(&fixture);
    mark = 1;
    api_fixture_advance(&fixture, INDEX_ALLOCATE_MS +
                                      TABLE_DELETE_MS); /* the clock of the test starts anew */
    assert_told(&fixture, &mark,
                "STATE Tab UPDATING>ACTIVE\n"
                "STATE Tab/new ALLOCATING>BACKFILLING\n");
    api_fixture_close(&fixture);
}

static void separate_worlds_are_told_apart(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_isolated(&fixture);
    fixture.caller.region = BYTES("eu-west-1");
    fixture.caller.access_key_id = BYTES("KEYA");
    create_table(&fixture, TABLE);
    fixture.caller.access_key_id = BYTES("KEYB");
    create_table(&fixture, TABLE);
    static const char told[] = "CALL CreateTable Tab\n"
                               "STATE Tab>CREATING\n"
                               "STATE Tab CREATING>ACTIVE\n";
    assert_string_equal(lines(&fixture, "?TableName=Tab&AccessKeyId=KEYA&Region=eu-west-1"), told);
    assert_string_equal(lines(&fixture, "?AccessKeyId=KEYB&Region=eu-west-1"), told);
    assert_string_equal(lines(&fixture, "?AccessKeyId=KEYC&Region=eu-west-1"), "");
    struct api_reply reply = control(&fixture, "GET", "timeline?After=1", NULL);
    assert_int_equal(json_count(json_at(reply.json, "Events")), 6);
    assert_member_is(&fixture, reply.json, "Events.2.AccessKeyId", "'KEYA'");
    assert_member_is(&fixture, reply.json, "Events.5.AccessKeyId", "'KEYB'");
    assert_member_is(&fixture, reply.json, "Events.5.TableName", "'Tab'");
    reply = control(&fixture, "GET", "timeline?TableName=Tab", NULL);
    assert_int_equal(reply.status, 400);
    api_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(the_first_event_is_the_start_of_the_server),
        API_TEST(the_build_of_an_index_is_told_in_order),
        API_TEST(a_build_that_comes_to_its_hold_is_told),
        API_TEST(a_hold_on_a_build_that_is_further_holds_at_once),
        API_TEST(changes_of_settings_are_states),
        API_TEST(refusals_are_those_a_rehearsal_is_about),
        API_TEST(an_event_says_who_and_why),
        API_TEST(reads_of_settings_and_items_are_no_events),
        API_TEST(the_query_narrows_what_is_told),
        API_TEST(what_is_done_to_the_store_is_told),
        cmocka_unit_test(a_durable_store_tells_the_same),
        cmocka_unit_test(separate_worlds_are_told_apart),
    };
    return cmocka_run_group_tests_name("control_timeline", tests, NULL, NULL);
}
