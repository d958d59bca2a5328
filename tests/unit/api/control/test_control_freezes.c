/* Freeze and thaw: which calls are refused, with what, and for how long. */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define FROZEN PROTOCOL "AccessDeniedException"

static const char TABLE[] =
    "{'TableName':'%s','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],'KeySchema':["
    "{'AttributeName':'pk','KeyType':'HASH'}]}";

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    struct api_fixture *fixture = *state;
    fixture->caller =
        (struct api_caller){ .access_key_id = BYTES("KEY"), .region = BYTES("eu-west-1") };
    create_table(fixture, api_fixture_text(fixture, TABLE, "Tab"));
    create_table(fixture, api_fixture_text(fixture, TABLE, "Other"));
    put_items(fixture, "Tab", (const char *const[]){ "{'pk':{'S':'a'}}", NULL });
    return 0;
}

static void
assert_control(struct api_fixture *fixture, const char *path, const char *body, const char *reply)
{
    struct api_reply found = control(fixture, "POST", path, body);
    assert_int_equal(found.status, 200);
    assert_member_is(fixture, found.json, "", reply);
}

static const struct {
    const char *operation;
    const char *request;
    bool is_refused;
} CALLS[] = {
    { "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'b'}}}", true },
    { "PutItem",
      "{'TableName':'arn:aws:dynamodb:eu-west-1:000000000000:table/Tab','Item':{'pk':{'S':'b'}}}",
      true },
    { "UpdateItem", "{'TableName':'Tab','Key':{'pk':{'S':'b'}}}", true },
    { "DeleteItem", "{'TableName':'Tab','Key':{'pk':{'S':'a'}}}", true },
    { "BatchWriteItem",
      "{'RequestItems':{'Other':[{'PutRequest':{'Item':{'pk':{'S':'b'}}}}],"
      "'Tab':[{'DeleteRequest':{'Key':{'pk':{'S':'a'}}}}]}}",
      true },
    { "TransactWriteItems",
      "{'TransactItems':[{'Put':{'TableName':'Other','Item':{'pk':{'S':'b'}}}},"
      "{'Update':{'TableName':'Tab','Key':{'pk':{'S':'a'}},'UpdateExpression':'SET x = :x',"
      "'ExpressionAttributeValues':{':x':{'N':'1'}}}}]}",
      true },
    /* what does not write its items */
    { "TransactWriteItems",
      "{'TransactItems':[{'Put':{'TableName':'Other','Item':{'pk':{'S':'c'}}}},{'ConditionCheck':"
      "{'TableName':'Tab','Key':{'pk':{'S':'a'}},'ConditionExpression':'attribute_exists(pk)'}}]}",
      false },
    { "PutItem", "{'TableName':'Other','Item':{'pk':{'S':'d'}}}", false },
    { "GetItem", "{'TableName':'Tab','Key':{'pk':{'S':'a'}}}", false },
    { "Scan", "{'TableName':'Tab'}", false },
    { "BatchGetItem", "{'RequestItems':{'Tab':{'Keys':[{'pk':{'S':'a'}}]}}}", false },
    { "UpdateTable", "{'TableName':'Tab','DeletionProtectionEnabled':true}", false },
};

static void writes_of_a_frozen_table_are_refused_whole(void **state)
{
    struct api_fixture *fixture = *state;
    assert_control(fixture, "freeze", "{'TableName':'Tab'}",
                   "{'TableName':'Tab','Error':'AccessDeniedException'}");
    for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++) {
        struct api_reply reply = call(fixture, CALLS[i].operation, CALLS[i].request);
        assert_int_equal(reply.status, CALLS[i].is_refused ? 400 : 200);
        if (CALLS[i].is_refused) {
            assert_member_is(fixture, reply.json, "__type", "'" FROZEN "'");
        }
    }
    const struct cJSON *reply = assert_accepted(fixture, "Scan", "{'TableName':'Other'}");
    assert_member_is(fixture, reply, "Count", "2"); /* nothing of what was refused */
    assert_control(fixture, "thaw", "{'TableName':'Tab'}", "{}");
    for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS - 1; i++) {
        (void)assert_accepted(fixture, CALLS[i].operation, CALLS[i].request);
    }
}

static void the_caller_chooses_the_error(void **state)
{
    struct api_fixture *fixture = *state;
    static const char put[] = "{'TableName':'Tab','Item':{'pk':{'S':'b'}}}";
    assert_control(fixture, "freeze", "{'TableName':'Tab'}",
                   "{'TableName':'Tab','Error':'AccessDeniedException'}");
    struct api_reply reply = call(fixture, "PutItem", put);
    assert_member_is(fixture, reply.json, "Message",
                     "'User: arn:aws:iam::000000000000:user/KEY is not authorized to perform: "
                     "dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:000000000000:"
                     "table/Tab with an explicit deny in a resource-based policy'");
    assert_control(fixture, "freeze",
                   "{'TableName':'Tab','Error':'ProvisionedThroughputExceededException'}",
                   "{'TableName':'Tab','Error':'ProvisionedThroughputExceededException'}");
    assert_refused(fixture, "PutItem", put, SERVICE "ProvisionedThroughputExceededException",
                   "The level of configured provisioned throughput for the table was exceeded. "
                   "Consider increasing your provisioning level with the UpdateTable API.");
    assert_control(fixture, "freeze", "{'TableName':'Tab','Error':'InternalServerError'}",
                   "{'TableName':'Tab','Error':'InternalServerError'}");
    assert_int_equal(call(fixture, "PutItem", put).status, 500);
}

/* What is wrong with the request itself is told first; a table that is not there is not frozen. */
static void other_faults_keep_their_place(void **state)
{
    struct api_fixture *fixture = *state;
    assert_control(fixture, "freeze", "{'TableName':'Tab'}",
                   "{'TableName':'Tab','Error':'AccessDeniedException'}");
    assert_refused(fixture, "PutItem", "{'TableName':'Tab'}", VALIDATION,
                   "1 validation error detected: Value null at 'item' failed to satisfy "
                   "constraint: Member must not be null");
    assert_refused(fixture, "PutItem", "{'TableName':'None','Item':{'pk':{'S':'b'}}}", NOT_FOUND,
                   "Requested resource not found");
}

static void a_freeze_is_seen_from_inside_and_in_the_timeline(void **state)
{
    struct api_fixture *fixture = *state;
    struct api_reply reply = control(fixture, "GET", "tables/Tab", NULL);
    assert_member_is(fixture, reply.json, "Frozen", "false");
    (void)control(fixture, "POST", "freeze", "{'TableName':'Tab'}");
    reply = control(fixture, "GET", "tables/Tab", NULL);
    assert_member_is(fixture, reply.json, "Frozen", "true");
    (void)call(fixture, CALLS[0].operation, CALLS[0].request);
    (void)control(fixture, "POST", "thaw", "{'TableName':'Tab'}");
    reply = control(fixture, "GET", "timeline?After=7", NULL);
    assert_member_is(fixture, reply.json, "Events.0.Kind", "'FREEZE'");
    assert_member_is(fixture, reply.json, "Events.0.Error", "'AccessDeniedException'");
    assert_member_is(fixture, reply.json, "Events.1.Kind", "'REFUSAL'");
    assert_member_is(fixture, reply.json, "Events.1.Operation", "'PutItem'");
    assert_member_is(fixture, reply.json, "Events.1.Error", "'AccessDeniedException'");
    assert_member_is(fixture, reply.json, "Events.2.Kind", "'THAW'");
    assert_member_is(fixture, reply.json, "Events.2.TableName", "'Tab'");
    reply = control(fixture, "GET", "readers?TableName=Tab", NULL);
    assert_member_is(fixture, reply.json, "Tables.0.Refused", "1");
    assert_member_is(fixture, reply.json, "Tables.0.Writes", "1"); /* of the set-up */
}

static void a_freeze_outlives_a_restart_and_not_its_table(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_durable(&fixture);
    create_table(&fixture, api_fixture_text(&fixture, TABLE, "Tab"));
    (void)control(&fixture, "POST", "freeze", "{'TableName':'Tab'}");
    api_fixture_reopen(&fixture);
    assert_int_equal(call(&fixture, CALLS[0].operation, CALLS[0].request).status, 400);
    (void)assert_accepted(&fixture, "DeleteTable", "{'TableName':'Tab'}");
    api_fixture_advance(&fixture, TABLE_DELETE_MS);
    create_table(&fixture, api_fixture_text(&fixture, TABLE, "Tab"));
    (void)assert_accepted(&fixture, CALLS[0].operation, CALLS[0].request);
    api_fixture_close(&fixture);
}

static const struct {
    const char *path;
    const char *body;
    const char *message; /* its beginning */
} WRONG[] = {
    { "freeze", NULL, "The body of POST freeze must be a JSON object" },
    { "freeze", "[]", "The body of POST freeze must be a JSON object" },
    { "freeze", "{}", "1 validation error detected: Value null at 'tableName'" },
    { "freeze", "{'TableName':'None'}", "Requested resource not found: Table: None not found" },
    { "freeze", "{'TableName':'a/b'}", "1 validation error detected: Value 'a/b'" },
    { "freeze", "{'TableName':'Tab','Error':'Oops'}", "Error: Oops is none of Validation" },
    { "freeze", "{'TableName':'Tab','Error':''}", "Error:  is none of Validation" },
    { "thaw", NULL, "The body of POST thaw must be a JSON object" },
    { "thaw", "{'TableName':'None'}", "Requested resource not found: Table: None not found" },
    { "thaw", "{'TableName':'Tab'}", "Table Tab is not frozen" },
};

static void what_cannot_be_done_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct api_reply reply = control(fixture, "POST", WRONG[i].path, WRONG[i].body);
        assert_int_equal(reply.status, 400);
        struct bytes message = json_text(&fixture->arena, json_at(reply.json, "message"));
        assert_true(bytes_start_with(message, bytes_of_text(WRONG[i].message)));
    }
    (void)assert_accepted(fixture, CALLS[0].operation, CALLS[0].request);
}

static void separate_worlds_are_frozen_apart(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_isolated(&fixture);
    fixture.caller.region = BYTES("eu-west-1");
    for (size_t i = 0; i < 2; i++) {
        fixture.caller.access_key_id = i == 0 ? BYTES("KEYA") : BYTES("KEYB");
        create_table(&fixture, api_fixture_text(&fixture, TABLE, "Tab"));
    }
    assert_control(&fixture, "freeze",
                   "{'TableName':'Tab','AccessKeyId':'KEYA','Region':'eu-west-1'}",
                   "{'TableName':'Tab','Error':'AccessDeniedException'}");
    (void)assert_accepted(&fixture, CALLS[0].operation, CALLS[0].request);
    fixture.caller.access_key_id = BYTES("KEYA");
    assert_int_equal(call(&fixture, CALLS[0].operation, CALLS[0].request).status, 400);
    struct api_reply reply = control(&fixture, "POST", "freeze", "{'TableName':'Tab'}");
    assert_int_equal(reply.status, 400);
    api_fixture_close(&fixture);
}

int main(void)
{
#define FREEZE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        FREEZE_TEST(writes_of_a_frozen_table_are_refused_whole),
        FREEZE_TEST(the_caller_chooses_the_error),
        FREEZE_TEST(other_faults_keep_their_place),
        FREEZE_TEST(a_freeze_is_seen_from_inside_and_in_the_timeline),
        cmocka_unit_test(a_freeze_outlives_a_restart_and_not_its_table),
        FREEZE_TEST(what_cannot_be_done_is_told),
        cmocka_unit_test(separate_worlds_are_frozen_apart),
    };
    return cmocka_run_group_tests_name("control_freezes", tests, NULL, NULL);
}
