/* Faults as an API has them: the rules' own checks, and what they do to calls. */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'%s','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'g','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],'GlobalSecondaryIndexes':["
    "{'IndexName':'byG','KeySchema':[{'AttributeName':'g','KeyType':'HASH'}],'Projection':"
    "{'ProjectionType':'ALL'}}]}";

static const char PUT[] = "{'TableName':'Tab','Item':{'pk':{'S':'a'}}}";
static const char GET[] = "{'TableName':'Tab','Key':{'pk':{'S':'a'}}}";

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    struct api_fixture *fixture = *state;
    create_table(fixture, api_fixture_text(fixture, TABLE, "Tab"));
    create_table(fixture, api_fixture_text(fixture, TABLE, "Other"));
    return 0;
}

static void set_rules(struct api_fixture *fixture, const char *rules)
{
    struct api_reply reply =
        control(fixture, "PUT", "faults", api_fixture_text(fixture, "{'Rules':[%s]}", rules));
    assert_int_equal(reply.status, 200);
}

static void assert_item(struct api_fixture *fixture, bool is_there)
{
    const struct cJSON *reply = assert_accepted(fixture, "GetItem", GET);
    assert_int_equal(json_at(reply, "Item") != NULL, is_there);
}

/* ---- the rules ---- */

static void rules_are_put_shown_and_removed(void **state)
{
    struct api_fixture *fixture = *state;
    static const char shown[] =
        "{'Rules':[{'Operation':'PutItem','TableName':'Tab','Countdown':1,'Repeat':2,"
        "'Error':'ThrottlingException','Matched':0,'Acted':0},"
        "{'IndexName':'byG','AccessKeyId':'KEY','Region':'eu-west-1','Countdown':0,"
        "'DelayMilliseconds':5,'Drop':'AFTER','Matched':0,'Acted':0}]}";
    struct api_reply reply =
        control(fixture, "PUT", "faults",
                "{'Rules':[{'Operation':'PutItem','TableName':'Tab','Countdown':1,'Repeat':2,"
                "'Error':'ThrottlingException'},{'IndexName':'byG','AccessKeyId':'KEY','Region':"
                "'eu-west-1','DelayMilliseconds':5,'Drop':'AFTER'}]}");
    assert_int_equal(reply.status, 200);
    assert_member_is(fixture, reply.json, "", shown);
    reply = control(fixture, "GET", "faults", NULL);
    assert_member_is(fixture, reply.json, "", shown);
    (void)assert_accepted(fixture, "PutItem", PUT);
    (void)call(fixture, "PutItem", PUT);
    reply = control(fixture, "GET", "faults", NULL);
    assert_member_is(fixture, reply.json, "Rules.0.Matched", "2");
    assert_member_is(fixture, reply.json, "Rules.0.Acted", "1");
    reply = control(fixture, "DELETE", "faults", NULL);
    assert_int_equal(reply.status, 200);
    assert_member_is(fixture, reply.json, "", "{'Rules':[]}");
    (void)assert_accepted(fixture, "PutItem", PUT);
}

static const struct {
    const char *body;
    const char *message; /* its beginning */
} WRONG[] = {
    { NULL, "The body of PUT faults must be a JSON object" },
    { "", "The body of PUT faults must be a JSON object" },
    { "[]", "The body of PUT faults must be a JSON object" },
    { "{'Rules'", "The body of PUT faults must be a JSON object" },
    { "{}", "1 validation error detected: Value null at 'rules'" },
    { "{'Rules':null}", "1 validation error detected: Value null at 'rules'" },
    { "{'Rules':[{}]}", "A rule needs an Error, a Drop or DelayMilliseconds" },
    { "{'Rules':[{'Drop':false}]}", "A rule needs an Error, a Drop or DelayMilliseconds" },
    { "{'Rules':[{'Error':'NoSuchException'}]}",
      "Error: NoSuchException is none of ValidationException, SerializationException, " },
    { "{'Rules':[{'Error':''}]}", "Error:  is none of " },
    { "{'Rules':[{'Error':'ThrottlingException','Drop':true}]}",
      "A rule has either an Error or a Drop" },
    { "{'Rules':[{'Drop':'LATER'}]}", "Drop must be true, false, \"BEFORE\" or \"AFTER\"" },
    { "{'Rules':[{'Drop':1}]}", "Drop must be true, false, \"BEFORE\" or \"AFTER\"" },
    { "{'Rules':[{'Operation':'PutItems','Drop':true}]}",
      "Operation: there is no operation PutItems" },
    { "{'Rules':[{'Operation':'','Drop':true}]}", "Operation: there is no operation " },
    { "{'Rules':[{'Drop':true},{'Operations':'PutItem','Drop':true}]}",
      "Rule has no member Operations; its members are Operation, TableName, IndexName, "
      "AccessKeyId, Region, Countdown, Repeat, Error, DelayMilliseconds, Drop" },
    { "{'Rules':[{'DelayMilliseconds':0}]}", "1 validation error detected: Value '0' at" },
    { "{'Rules':[{'DelayMilliseconds':3600001}]}",
      "1 validation error detected: Value '3600001' at" },
    { "{'Rules':[{'Drop':true,'Countdown':-1}]}", "1 validation error detected: Value '-1' at" },
    { "{'Rules':[{'Drop':true,'Repeat':0}]}", "1 validation error detected: Value '0' at" },
    { "{'Rules':[{'Drop':true,'TableName':'a b'}]}", "1 validation error detected: Value 'a b'" },
    { "{'Rules':[{'Drop':true,'AccessKeyId':''}]}", "1 validation error detected: Value ''" },
};

static void wrong_rules_are_told_and_change_nothing(void **state)
{
    struct api_fixture *fixture = *state;
    set_rules(fixture, "{'Operation':'Scan','Error':'ThrottlingException'}");
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct api_reply reply = control(fixture, "PUT", "faults", WRONG[i].body);
        assert_int_equal(reply.status, 400);
        struct bytes message = json_text(&fixture->arena, json_at(reply.json, "message"));
        assert_true(bytes_start_with(message, bytes_of_text(WRONG[i].message)));
    }
    struct api_reply reply = control(fixture, "PUT", "faults", "{'Rules':[7]}");
    assert_int_equal(reply.status, 400); /* a SerializationException */
    reply = control(fixture, "GET", "faults", NULL);
    assert_member_is(fixture, reply.json, "Rules.0.Operation", "'Scan'");
}

static void there_are_only_so_many_rules(void **state)
{
    struct api_fixture *fixture = *state;
    struct buffer rules;
    buffer_init(&rules, &fixture->arena, 8192);
    buffer_append_text(&rules, "{'Drop':true}");
    for (int i = 1; i < 256; i++) {
        buffer_append_text(&rules, ",{'Drop':true}");
    }
    set_rules(fixture, bytes_to_text(&fixture->arena, buffer_view(&rules)));
    buffer_append_text(&rules, ",{'Drop':true}");
    struct api_reply reply =
        control(fixture, "PUT", "faults",
                api_fixture_text(fixture, "{'Rules':[%s]}",
                                 bytes_to_text(&fixture->arena, buffer_view(&rules))));
    assert_int_equal(reply.status, 400);
}

/* ---- errors ---- */

static const struct {
    const char *error;
    const char *operation;
    const char *request;
    int status;
    const char *reply;
} ERRORS[] = {
    { "ThrottlingException", "PutItem", PUT, 400,
      "{'__type':'com.amazon.coral.availability#ThrottlingException','message':'Throughput exceeds "
      "the current capacity of your table or index. DynamoDB is automatically scaling your table "
      "or index so please try again shortly. If exceptions persist, check if you have a hot key: "
      "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
      "bp-partition-key-design.html'}" },
    { "ThrottlingException", "UpdateTable", "{'TableName':'Tab','DeletionProtectionEnabled':true}",
      400,
      "{'__type':'com.amazon.coral.availability#ThrottlingException','message':'Rate of requests "
      "exceeds the allowed throughput.'}" },
    { "ProvisionedThroughputExceededException", "GetItem", GET, 400,
      "{'__type':'" SERVICE "ProvisionedThroughputExceededException','message':'The level of "
      "configured provisioned throughput for the table was exceeded. Consider increasing your "
      "provisioning level with the UpdateTable API.'}" },
    { "InternalServerError", "GetItem", GET, 500,
      "{'__type':'" SERVICE "InternalServerError','message':'Internal server error'}" },
    { "ConditionalCheckFailedException", "PutItem", PUT, 400,
      "{'__type':'" NOT_MET "','message':'The conditional request failed'}" },
    { "TransactionConflictException", "PutItem", PUT, 400,
      "{'__type':'" TRANSACTION_CONFLICT "','message':'Transaction is ongoing for the item'}" },
    { "ResourceNotFoundException", "GetItem", GET, 400,
      "{'__type':'" NOT_FOUND "','message':'Requested resource not found'}" },
    { "ResourceNotFoundException", "DescribeTable", "{'TableName':'Tab'}", 400,
      "{'__type':'" NOT_FOUND "','message':'Requested resource not found: Table: Tab not found'}" },
    { "AccessDeniedException", "GetItem", GET, 400,
      "{'__type':'" PROTOCOL "AccessDeniedException','Message':'User: arn:aws:iam::000000000000:"
      "user/KEY is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:"
      "eu-west-1:000000000000:table/Tab with an explicit deny in a resource-based policy'}" },
    { "AccessDeniedException", "Query",
      "{'TableName':'Tab','IndexName':'by-user','KeyConditionExpression':'a = :a',"
      "'ExpressionAttributeValues':{':a':{'S':'x'}}}",
      400,
      "{'__type':'" PROTOCOL "AccessDeniedException','Message':'User: arn:aws:iam::000000000000:"
      "user/KEY is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:"
      "eu-west-1:000000000000:table/Tab/index/by-user with an explicit deny in a resource-based "
      "policy'}" },
    { "TransactionCanceledException", "TransactWriteItems",
      "{'TransactItems':[{'Put':{'TableName':'Tab','Item':{'pk':{'S':'a'}}}},"
      "{'Put':{'TableName':'Tab','Item':{'pk':{'S':'b'}}}}]}",
      400,
      "{'__type':'" TRANSACTION_CANCELED "','CancellationReasons':[{'Code':'TransactionConflict',"
      "'Message':'Transaction is ongoing for the item'},{'Code':'None'}],'Message':'Transaction "
      "cancelled, please refer cancellation reasons for specific reasons [TransactionConflict, "
      "None]'}" },
    { "BackupInUseException", "GetItem", GET, 400, "{'__type':'" SERVICE "BackupInUseException'}" },
};

static void errors_are_the_services(void **state)
{
    struct api_fixture *fixture = *state;
    fixture->caller.access_key_id = BYTES("KEY");
    fixture->caller.region = BYTES("eu-west-1");
    for (size_t i = 0; i < sizeof ERRORS / sizeof *ERRORS; i++) {
        set_rules(fixture, api_fixture_text(fixture, "{'Error':'%s'}", ERRORS[i].error));
        struct api_reply reply = call(fixture, ERRORS[i].operation, ERRORS[i].request);
        assert_int_equal(reply.status, ERRORS[i].status);
        assert_false(reply.drops);
        assert_member_is(fixture, reply.json, "", ERRORS[i].reply);
    }
    set_rules(fixture, "");
    assert_item(fixture, false);
}

static void what_is_wrong_with_a_call_is_told_first(void **state)
{
    struct api_fixture *fixture = *state;
    set_rules(fixture, "{'Error':'ThrottlingException'}");
    assert_refused(fixture, "GetItem", "{'TableName':'Tab'}", VALIDATION,
                   "1 validation error detected: Value null at 'key' failed to satisfy constraint: "
                   "Member must not be null");
}

static const struct {
    const char *rule;
    const char *operation;
    const char *request;
    bool acts;
} MATCHES[] = {
    { "'TableName':'Tab'", "GetItem", GET, true },
    { "'TableName':'Tab'", "GetItem",
      "{'TableName':'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab','Key':{'pk':{'S':'a'}}}",
      true },
    { "'TableName':'Other'", "GetItem", GET, false },
    { "'IndexName':'byG'", "Scan", "{'TableName':'Tab','IndexName':'byG'}", true },
    { "'IndexName':'byG'", "Scan", "{'TableName':'Tab'}", false },
    { "'IndexName':'byG'", "PutItem", PUT, false },
    { "'TableName':'Other'", "BatchGetItem",
      "{'RequestItems':{'Tab':{'Keys':[{'pk':{'S':'a'}}]},'Other':{'Keys':[{'pk':{'S':'a'}}]}}}",
      true },
    { "'TableName':'Other'", "BatchWriteItem",
      "{'RequestItems':{'Tab':[{'DeleteRequest':{'Key':{'pk':{'S':'a'}}}}]}}", false },
    { "'TableName':'Other'", "TransactWriteItems",
      "{'TransactItems':[{'Put':{'TableName':'Tab','Item':{'pk':{'S':'a'}}}},{'ConditionCheck':"
      "{'TableName':'Other','Key':{'pk':{'S':'a'}},'ConditionExpression':"
      "'attribute_not_exists(pk)'}}]}",
      true },
    { "'TableName':'Other'", "TransactGetItems",
      "{'TransactItems':[{'Get':{'TableName':'Tab','Key':{'pk':{'S':'a'}}}}]}", false },
    { "'AccessKeyId':'KEY'", "GetItem", GET, true },
    { "'AccessKeyId':'OTHER'", "GetItem", GET, false },
    { "'Region':'eu-test-1'", "GetItem", GET, true }, /* the configured one */
    { "'Operation':'ListTables'", "ListTables", "{}", true },
    { "'TableName':'Tab'", "ListTables", "{}", false },
};

static void a_rule_acts_on_the_calls_that_it_names(void **state)
{
    struct api_fixture *fixture = *state;
    fixture->caller.access_key_id = BYTES("KEY");
    for (size_t i = 0; i < sizeof MATCHES / sizeof *MATCHES; i++) {
        set_rules(fixture,
                  api_fixture_text(fixture, "{%s,'Error':'ThrottlingException'}", MATCHES[i].rule));
        struct api_reply reply = call(fixture, MATCHES[i].operation, MATCHES[i].request);
        assert_int_equal(reply.status, MATCHES[i].acts ? 400 : 200);
    }
}

static void a_retry_succeeds_when_the_rule_is_spent(void **state)
{
    struct api_fixture *fixture = *state;
    set_rules(fixture, "{'Operation':'PutItem','Countdown':1,'Repeat':2,"
                       "'Error':'InternalServerError'}");
    static const int expected[] = { 200, 500, 500, 200 };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_int_equal(call(fixture, "PutItem", PUT).status, expected[i]);
    }
}

/* ---- delays and drops ---- */

static void a_call_whose_answer_waits_is_carried_out(void **state)
{
    struct api_fixture *fixture = *state;
    set_rules(fixture, "{'DelayMilliseconds':20,'Repeat':3}");
    (void)assert_accepted(fixture, "PutItem", PUT);
    assert_item(fixture, true);
    (void)assert_accepted(fixture, "ListTables", "{}");
    struct api_reply reply = control(fixture, "GET", "faults", NULL);
    assert_member_is(fixture, reply.json, "Rules.0.Acted", "3");
}

static void an_error_may_wait_too(void **state)
{
    struct api_fixture *fixture = *state;
    set_rules(fixture, "{'Operation':'PutItem','DelayMilliseconds':20,"
                       "'Error':'ConditionalCheckFailedException'}");
    assert_refused(fixture, "PutItem", PUT, NOT_MET, "The conditional request failed");
    assert_item(fixture, false);
}

static void a_connection_is_dropped_before_or_after_the_call(void **state)
{
    struct api_fixture *fixture = *state;
    static const struct {
        const char *drop;
        bool is_carried_out;
    } rows[] = { { "true", false }, { "'BEFORE'", false }, { "'AFTER'", true } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set_rules(fixture, api_fixture_text(
                               fixture, "{'Operation':'PutItem','Drop':%s,'DelayMilliseconds':1}",
                               rows[i].drop));
        struct api_reply reply = call(fixture, "PutItem", PUT);
        assert_true(reply.drops);
        assert_item(fixture, rows[i].is_carried_out);
    }
}

static void a_durable_store_is_disturbed_alike(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_durable(&fixture);
    create_table(&fixture, api_fixture_text(&fixture, TABLE, "Tab"));
    set_rules(&fixture, "{'Operation':'PutItem','Repeat':1,'Error':'InternalServerError'},"
                        "{'Operation':'PutItem','Repeat':1,'Drop':true,'DelayMilliseconds':5},"
                        "{'Operation':'PutItem','DelayMilliseconds':5,'Drop':'AFTER'}");
    assert_int_equal(call(&fixture, "PutItem", PUT).status, 500);
    assert_true(call(&fixture, "PutItem", PUT).drops);
    assert_item(&fixture, false);
    assert_true(call(&fixture, "PutItem", PUT).drops);
    assert_item(&fixture, true);
    api_fixture_reopen(&fixture); /* which has no rules */
    (void)assert_accepted(&fixture, "PutItem", PUT);
    api_fixture_close(&fixture);
}

/* ---- what is told of them ---- */

static void faults_are_in_the_timeline_and_not_in_the_ledger(void **state)
{
    struct api_fixture *fixture = *state;
    fixture->caller.access_key_id = BYTES("KEY");
    set_rules(fixture, "{'Operation':'Scan','Drop':true},"
                       "{'Operation':'PutItem','Error':'ThrottlingException','Repeat':1},"
                       "{'Operation':'PutItem','Drop':'AFTER','DelayMilliseconds':1}");
    (void)call(fixture, "PutItem", PUT);
    (void)call(fixture, "PutItem", PUT);
    struct api_reply reply = control(fixture, "GET", "timeline?After=11", NULL);
    assert_member_is(fixture, reply.json, "Events.0.Kind", "'FAULTS'");
    assert_member_is(fixture, reply.json, "Events.0.Rules", "3");
    assert_member_is(fixture, reply.json, "Events.1.Kind", "'FAULT'");
    assert_member_is(fixture, reply.json, "Events.1.Operation", "'PutItem'");
    assert_member_is(fixture, reply.json, "Events.1.TableName", "'Tab'");
    assert_member_is(fixture, reply.json, "Events.1.Error", "'ThrottlingException'");
    assert_member_is(fixture, reply.json, "Events.1.Rule", "1");
    assert_member_is(fixture, reply.json, "Events.1.AccessKeyId", "'KEY'");
    assert_member_is(fixture, reply.json, "Events.2",
                     "{'Sequence':14,'Time':1767225600.3,'Kind':'FAULT','Operation':'PutItem',"
                     "'TableName':'Tab','Rule':2,'DelayMilliseconds':1,'Drop':'AFTER',"
                     "'AccessKeyId':'KEY'}");
    assert_member_is(fixture, reply.json, "Events.3", NULL);
    reply = control(fixture, "GET", "readers?TableName=Tab", NULL);
    assert_member_is(fixture, reply.json, "Tables.0.Writes", "1"); /* the one carried out */
}

int main(void)
{
#define FAULTS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        FAULTS_TEST(rules_are_put_shown_and_removed),
        FAULTS_TEST(wrong_rules_are_told_and_change_nothing),
        FAULTS_TEST(there_are_only_so_many_rules),
        FAULTS_TEST(errors_are_the_services),
        FAULTS_TEST(what_is_wrong_with_a_call_is_told_first),
        FAULTS_TEST(a_rule_acts_on_the_calls_that_it_names),
        FAULTS_TEST(a_retry_succeeds_when_the_rule_is_spent),
        FAULTS_TEST(a_call_whose_answer_waits_is_carried_out),
        FAULTS_TEST(an_error_may_wait_too),
        FAULTS_TEST(a_connection_is_dropped_before_or_after_the_call),
        cmocka_unit_test(a_durable_store_is_disturbed_alike),
        FAULTS_TEST(faults_are_in_the_timeline_and_not_in_the_ledger),
    };
    return cmocka_run_group_tests_name("control_faults", tests, NULL, NULL);
}
