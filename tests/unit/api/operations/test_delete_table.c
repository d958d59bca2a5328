/* DeleteTable: the reply, the states, what protects a table. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

static const char DELETE[] = "{'TableName':'Tab'}";

static void the_reply_leaves_out_keys_and_indexes(void **state)
{
    static const char *const ROWS[][2] = {
        { "TableName", "'Tab'" },
        { "TableStatus", "'DELETING'" },
        { "TableArn", "'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab'" },
        { "ItemCount", "0" },
        { "KeySchema", NULL },
        { "AttributeDefinitions", NULL },
        { "LocalSecondaryIndexes", NULL },
        { "GlobalSecondaryIndexes", NULL },
    };
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const struct cJSON *reply = assert_accepted(fixture, "DeleteTable", DELETE);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        assert_member_is(fixture, json_at(reply, "TableDescription"), ROWS[i][0], ROWS[i][1]);
    }
}

static void a_table_is_shown_until_it_is_gone(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    put_items(fixture, "Tab", (const char *const[]){ "{'pk':{'S':'a'},'sk':{'S':'b'}}", NULL });
    (void)assert_accepted(fixture, "DeleteTable", DELETE);
    api_fixture_advance(fixture, TABLE_DELETE_MS - 1);
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", DELETE);
    assert_member_is(fixture, reply, "Table.TableStatus", "'DELETING'");
    assert_refused(fixture, "DeleteTable", DELETE, IN_USE,
                   STILL_IN_USE "Table is being deleted: Tab");
    assert_refused(fixture, "Scan", DELETE, NOT_FOUND, "Requested resource not found");
    api_fixture_advance(fixture, 1);
    assert_refused(fixture, "DescribeTable", DELETE, NOT_FOUND,
                   "Requested resource not found: Table: Tab not found");

    /* a new table of the name begins empty, in its indexes too */
    create_table(fixture, TABLE);
    static const char EMPTY[] = "{'Items':[],'Count':0,'ScannedCount':0}";
    assert_answer(fixture, "Scan", DELETE, EMPTY);
    assert_answer(fixture, "Scan", "{'TableName':'Tab','IndexName':'local'}", EMPTY);
    assert_answer(fixture, "Scan", "{'TableName':'Tab','IndexName':'global'}", EMPTY);
}

static void a_table_being_created_is_in_use(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "CreateTable", TABLE);
    assert_refused(fixture, "DeleteTable", DELETE, IN_USE,
                   STILL_IN_USE "Table is being created: Tab");
}

static void a_protected_table_stays(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','DeletionProtectionEnabled':true}");
    assert_refused(
        fixture, "DeleteTable", DELETE, VALIDATION,
        "Resource cannot be deleted as it is currently protected against deletion. Disable "
        "deletion protection first.");
    api_fixture_advance(fixture, PROTECTION_PAUSE_MS);
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','DeletionProtectionEnabled':false}");
    (void)assert_accepted(fixture, "DeleteTable", DELETE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(the_reply_leaves_out_keys_and_indexes),
        API_TEST(a_table_is_shown_until_it_is_gone),
        API_TEST(a_table_being_created_is_in_use),
        API_TEST(a_protected_table_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
