/* The ledger of an API: which calls count, for which table and index, and what is shown of them. */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'%s','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'g','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],'GlobalSecondaryIndexes':["
    "{'IndexName':'old','KeySchema':[{'AttributeName':'g','KeyType':'HASH'}],'Projection':"
    "{'ProjectionType':'ALL'}}]}";

static const char QUERY[] = "{'TableName':'Tab','IndexName':'%s','KeyConditionExpression':'g = :g',"
                            "'ExpressionAttributeValues':{':g':{'S':'x'}}}";

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    struct api_fixture *fixture = *state;
    create_table(fixture, api_fixture_text(fixture, TABLE, "Tab"));
    create_table(fixture, api_fixture_text(fixture, TABLE, "Other"));
    return 0;
}

static void become(struct api_fixture *fixture, const char *key, const char *agent)
{
    fixture->caller.access_key_id = bytes_of_text(key);
    fixture->caller.user_agent = bytes_of_text(agent);
}

static void query(struct api_fixture *fixture, const char *index)
{
    (void)call(fixture, "Query", api_fixture_text(fixture, QUERY, index));
}

/* "Reads Writes Refused" at the path below the table. */
static void assert_totals(struct api_fixture *fixture, const char *path, const char *expected)
{
    static const char *const names[] = { "Reads", "Writes", "Refused" };
    struct api_reply reply = control(fixture, "GET", "readers?TableName=Tab", NULL);
    assert_int_equal(reply.status, 200);
    const struct cJSON *node = json_at(reply.json, api_fixture_text(fixture, "Tables.0%s", path));
    assert_non_null(node);
    struct buffer found;
    buffer_init(&found, &fixture->arena, 32);
    for (size_t i = 0; i < 3; i++) {
        buffer_append_format(&found, "%s%d", i > 0 ? " " : "",
                             (int)json_integer(json_member(node, names[i])));
    }
    assert_string_equal(bytes_to_text(&fixture->arena, buffer_view(&found)), expected);
}

static void a_table_nobody_used_has_zeros(void **state)
{
    struct api_fixture *fixture = *state;
    struct api_reply reply = control(fixture, "GET", "readers?TableName=Tab", NULL);
    assert_int_equal(reply.status, 200);
    assert_member_is(
        fixture, reply.json, "",
        "{'Tables':[{'TableName':'Tab','Since':1767225600,'Reads':0,'Writes':0,"
        "'Refused':0,'Callers':[],'Indexes':[{'IndexName':'old','IndexStatus':'ACTIVE',"
        "'Reads':0,'Writes':0,'Refused':0,'Callers':[]}]}]}");
}

static void readers_are_counted_by_table_index_key_and_agent(void **state)
{
    struct api_fixture *fixture = *state;
    become(fixture, "APP", "boto3");
    query(fixture, "old");
    query(fixture, "old");
    api_fixture_advance(fixture, 1000);
    become(fixture, "APP", "cli");
    (void)assert_accepted(fixture, "Scan", "{'TableName':'Tab','IndexName':'old'}");
    (void)assert_accepted(fixture, "Scan", "{'TableName':'Tab'}");
    (void)assert_accepted(fixture, "GetItem", "{'TableName':'Tab','Key':{'pk':{'S':'a'}}}");
    struct api_reply reply = control(fixture, "GET", "readers?TableName=Tab", NULL);
    const struct cJSON *table = json_at(reply.json, "Tables.0");
    assert_member_is(fixture, table, "Reads", "2"); /* an index's reads are not its table's */
    assert_member_is(fixture, table, "LastRead", "1767225601.3");
    assert_member_is(fixture, table, "Callers",
                     "[{'AccessKeyId':'APP','UserAgent':'cli','Reads':2,'LastRead':1767225601.3,"
                     "'Writes':0,'Refused':0,'Operations':{'GetItem':1,'Scan':1}}]");
    assert_member_is(fixture, table, "Indexes.0.Reads", "3");
    assert_member_is(fixture, table, "Indexes.0.Callers",
                     "[{'AccessKeyId':'APP','UserAgent':'boto3','Reads':2,'LastRead':1767225600.3,"
                     "'Writes':0,'Refused':0,'Operations':{'Query':2}},"
                     "{'AccessKeyId':'APP','UserAgent':'cli','Reads':1,'LastRead':1767225601.3,"
                     "'Writes':0,'Refused':0,'Operations':{'Scan':1}}]");
}

static void a_write_counts_for_the_indexes_it_changes(void **state)
{
    struct api_fixture *fixture = *state;
    put_items(fixture, "Tab",
              (const char *const[]){ "{'pk':{'S':'a'},'g':{'S':'x'}}", "{'pk':{'S':'b'}}", NULL });
    assert_totals(fixture, "", "0 2 0");
    assert_totals(fixture, ".Indexes.0", "0 1 0");
    /* the condition fails, and its sender writes nevertheless */
    (void)call(fixture, "DeleteItem",
               "{'TableName':'Tab','Key':{'pk':{'S':'a'}},'ConditionExpression':"
               "'attribute_not_exists(pk)'}");
    assert_totals(fixture, "", "0 3 0");
    assert_totals(fixture, ".Indexes.0", "0 1 0");
}

static void batches_and_transactions_count_once_a_table(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "BatchWriteItem",
                          "{'RequestItems':{'Tab':[{'PutRequest':{'Item':{'pk':{'S':'a'}}}},"
                          "{'PutRequest':{'Item':{'pk':{'S':'b'}}}}],"
                          "'Other':[{'PutRequest':{'Item':{'pk':{'S':'a'}}}}]}}");
    (void)assert_accepted(fixture, "BatchGetItem",
                          "{'RequestItems':{'Tab':{'Keys':[{'pk':{'S':'a'}},{'pk':{'S':'b'}}]},"
                          "'Other':{'Keys':[{'pk':{'S':'a'}}]}}}");
    static const char transaction[] =
        "{'ClientRequestToken':'token','TransactItems':[{'Put':{'TableName':'Tab','Item':"
        "{'pk':{'S':'c'}}}},{'Delete':{'TableName':'Tab','Key':{'pk':{'S':'a'}}}}]}";
    (void)assert_accepted(fixture, "TransactWriteItems", transaction);
    (void)assert_accepted(fixture, "TransactWriteItems", transaction); /* a repetition */
    (void)assert_accepted(fixture, "TransactGetItems",
                          "{'TransactItems':[{'Get':{'TableName':'Tab','Key':{'pk':{'S':'c'}}}}]}");
    assert_totals(fixture, "", "2 3 0");
    struct api_reply reply = control(fixture, "GET", "readers?TableName=Tab", NULL);
    assert_member_is(fixture, reply.json, "Tables.0.Callers.0.Operations",
                     "{'BatchGetItem':1,'BatchWriteItem':1,'TransactGetItems':1,"
                     "'TransactWriteItems':2}");
    reply = control(fixture, "GET", "readers?TableName=Other", NULL);
    assert_member_is(fixture, reply.json, "Tables.0.Reads", "1");
    assert_member_is(fixture, reply.json, "Tables.0.Writes", "1");
}

/* Of an index that is built, and of one that is gone: somebody still asks. */
static void reads_that_an_index_refuses_are_apart(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(
        fixture, "UpdateTable",
        "{'TableName':'Tab','AttributeDefinitions':[{'AttributeName':'h','AttributeType':'S'}],"
        "'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'new','KeySchema':["
        "{'AttributeName':'h','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}}]}");
    become(fixture, "APP", "boto3");
    query(fixture, "new");
    query(fixture, "new");
    assert_totals(fixture, ".Indexes.1", "0 0 2");
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','GlobalSecondaryIndexUpdates':[{'Delete':{"
                          "'IndexName':'old'}}]}");
    query(fixture, "old");
    api_fixture_advance(fixture, INDEX_DELETE_MS);
    query(fixture, "old");
    struct api_reply reply = control(fixture, "GET", "readers?TableName=Tab", NULL);
    assert_member_is(fixture, reply.json, "Tables.0.Indexes.0.IndexName", "'new'");
    assert_member_is(fixture, reply.json, "Tables.0.Indexes.1.IndexName", "'old'");
    assert_member_is(fixture, reply.json, "Tables.0.Indexes.1.IndexStatus", NULL);
    assert_totals(fixture, ".Indexes.1", "0 0 2");
    assert_totals(fixture, "", "0 0 0");
}

static void what_is_wrong_with_a_call_is_no_use_of_the_table(void **state)
{
    struct api_fixture *fixture = *state;
    (void)call(fixture, "GetItem", "{'TableName':'Tab','Key':{'no':{'S':'a'}}}");
    (void)call(fixture, "Query", "{'TableName':'Tab'}");
    (void)call(fixture, "GetItem", "{'TableName':'Nowhere','Key':{'pk':{'S':'a'}}}");
    assert_totals(fixture, "", "0 0 0");
}

static void a_reset_counts_anew(void **state)
{
    struct api_fixture *fixture = *state;
    put_items(fixture, "Tab", (const char *const[]){ "{'pk':{'S':'a'}}", NULL });
    put_items(fixture, "Other", (const char *const[]){ "{'pk':{'S':'a'}}", NULL });
    api_fixture_advance(fixture, 1000);
    struct api_reply reply = control(fixture, "POST", "readers/reset", "{'TableName':'Tab'}");
    assert_int_equal(reply.status, 200);
    assert_totals(fixture, "", "0 0 0");
    reply = control(fixture, "GET", "readers", NULL);
    assert_member_is(fixture, reply.json, "Tables.0.TableName", "'Other'");
    assert_member_is(fixture, reply.json, "Tables.0.Writes", "1");
    assert_member_is(fixture, reply.json, "Tables.0.Since", "1767225600.15");
    assert_member_is(fixture, reply.json, "Tables.1.Since", "1767225601.3");
    reply = control(fixture, "POST", "readers/reset", NULL); /* all tables */
    assert_int_equal(reply.status, 200);
    reply = control(fixture, "GET", "readers?TableName=Other", NULL);
    assert_member_is(fixture, reply.json, "Tables.0.Writes", "0");
    reply = control(fixture, "GET", "timeline?After=11", NULL);
    assert_member_is(fixture, reply.json, "Events.0.Kind", "'READERS_RESET'");
    assert_member_is(fixture, reply.json, "Events.0.TableName", "'Tab'");
    assert_member_is(fixture, reply.json, "Events.1.Kind", "'READERS_RESET'");
}

static void a_table_that_is_made_again_starts_at_zero(void **state)
{
    struct api_fixture *fixture = *state;
    put_items(fixture, "Tab", (const char *const[]){ "{'pk':{'S':'a'}}", NULL });
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
    api_fixture_advance(fixture, TABLE_DELETE_MS);
    create_table(fixture, api_fixture_text(fixture, TABLE, "Tab"));
    assert_totals(fixture, "", "0 0 0");
}

static void a_table_that_is_not_there_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    static const char *const rows[][3] = {
        { "GET", "readers?TableName=None", NULL },
        { "POST", "readers/reset", "{'TableName':'None'}" },
    };
    for (size_t i = 0; i < 2; i++) {
        struct api_reply reply = control(fixture, rows[i][0], rows[i][1], rows[i][2]);
        assert_int_equal(reply.status, 400);
        assert_member_is(fixture, reply.json, "message",
                         "'Requested resource not found: Table: None not found'");
    }
    struct api_reply reply = control(fixture, "POST", "readers/reset", "{'TableName':'a b'}");
    assert_int_equal(reply.status, 400);
    reply = control(fixture, "POST", "readers/reset", "[]");
    assert_int_equal(reply.status, 400);
    reply = control(fixture, "GET", "readers?TableName=", NULL);
    assert_int_equal(reply.status, 200);
}

static void separate_worlds_have_their_own_counts(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_isolated(&fixture);
    fixture.caller.region = BYTES("eu-west-1");
    for (size_t i = 0; i < 2; i++) {
        become(&fixture, i == 0 ? "KEYA" : "KEYB", "sdk");
        create_table(&fixture, api_fixture_text(&fixture, TABLE, "Tab"));
        put_items(&fixture, "Tab", (const char *const[]){ "{'pk':{'S':'a'}}", NULL });
    }
    struct api_reply reply =
        control(&fixture, "POST", "readers/reset", "{'AccessKeyId':'KEYA','Region':'eu-west-1'}");
    assert_int_equal(reply.status, 200);
    reply =
        control(&fixture, "GET", "readers?TableName=Tab&AccessKeyId=KEYA&Region=eu-west-1", NULL);
    assert_member_is(&fixture, reply.json, "Tables.0.Writes", "0");
    reply = control(&fixture, "GET", "readers?AccessKeyId=KEYB&Region=eu-west-1", NULL);
    assert_member_is(&fixture, reply.json, "Tables.0.Writes", "1");
    assert_member_is(&fixture, reply.json, "Tables.1", NULL);
    reply = control(&fixture, "GET", "readers", NULL);
    assert_int_equal(reply.status, 400);
    api_fixture_close(&fixture);
}

int main(void)
{
#define READERS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        READERS_TEST(a_table_nobody_used_has_zeros),
        READERS_TEST(readers_are_counted_by_table_index_key_and_agent),
        READERS_TEST(a_write_counts_for_the_indexes_it_changes),
        READERS_TEST(batches_and_transactions_count_once_a_table),
        READERS_TEST(reads_that_an_index_refuses_are_apart),
        READERS_TEST(what_is_wrong_with_a_call_is_no_use_of_the_table),
        READERS_TEST(a_reset_counts_anew),
        READERS_TEST(a_table_that_is_made_again_starts_at_zero),
        READERS_TEST(a_table_that_is_not_there_is_told),
        cmocka_unit_test(separate_worlds_have_their_own_counts),
    };
    return cmocka_run_group_tests_name("control_readers", tests, NULL, NULL);
}
