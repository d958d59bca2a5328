/*
 * Where nothing takes any time: the replies still show what was begun, and what is described next
 * has it done.
 */

#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KEYS DEFINE(S("pk") "," S("a")) "," KEY(HASH("pk"))

static const char DEMAND[] = TAB(KEYS "," ON_DEMAND "," GSIS(GSI("one", "a", "")));
static const char TEN[] =
    TAB(KEYS "," UNITS("10", "10") "," GSIS(GSI("one", "a", "," UNITS("10", "10"))));

#define INDEX   "GlobalSecondaryIndexes.0."
#define KEY_ARN "arn:aws:kms:eu-test-1:000000000000:key/one"

static const struct {
    const char *table;
    const char *members;
    const char *path;
    const char *in_reply;
    const char *after;
} CHANGES[] = {
    { TEN, UNITS("20", "20"), "TableStatus", "'UPDATING'", "'ACTIVE'" },
    { TEN, UNITS("20", "20"), "ProvisionedThroughput.ReadCapacityUnits", "10", "20" },
    { TEN, UPDATES(UPDATE("one", UNITS("20", "20"))), INDEX "IndexStatus", "'UPDATING'",
      "'ACTIVE'" },
    { TEN, UPDATES(UPDATE("one", UNITS("20", "20"))),
      INDEX "ProvisionedThroughput.ReadCapacityUnits", "10", "20" },
    { TEN, ON_DEMAND, "TableStatus", "'UPDATING'", "'ACTIVE'" },
    { TEN, ON_DEMAND, "WarmThroughput.ReadUnitsPerSecond", NULL, "12000" },
    { DEMAND, PROVISIONED "," UNITS("5", "5") "," UPDATES(UPDATE("one", UNITS("5", "5"))),
      "TableStatus", "'UPDATING'", "'ACTIVE'" },
    { DEMAND, STREAM("NEW_IMAGE"), "TableStatus", "'UPDATING'", "'ACTIVE'" },
    { DEMAND, INFREQUENT, "TableClassSummary.TableClass", NULL, "'STANDARD_INFREQUENT_ACCESS'" },
    { DEMAND, ENCRYPT("'SSEType':'KMS','KMSMasterKeyId':'one'"), "SSEDescription",
      "{'Status':'UPDATING'}",
      "{'Status':'ENABLED','SSEType':'KMS','KMSMasterKeyArn':'" KEY_ARN "'}" },
    { DEMAND, WARM("13000", "5000"), "WarmThroughput.Status", "'UPDATING'", "'ACTIVE'" },
    { DEMAND, WARM("13000", "5000"), "WarmThroughput.ReadUnitsPerSecond", "12000", "13000" },
    { DEMAND, UPDATES(UPDATE("one", MAX("5", "5"))), INDEX "IndexStatus", "'UPDATING'",
      "'ACTIVE'" },
    { DEMAND, UPDATES(DELETE("one")), INDEX "IndexStatus", "'DELETING'", NULL },
    { DEMAND, UPDATES(DELETE("one")), "TableStatus", "'UPDATING'", "'ACTIVE'" },
};

static void a_change_is_begun_in_the_reply_and_done_after_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++) {
        struct api_fixture fixture;
        api_fixture_open_instant(&fixture);
        const struct cJSON *reply = assert_accepted(&fixture, "CreateTable", CHANGES[i].table);
        assert_member_is(&fixture, reply, "TableDescription.TableStatus", "'CREATING'");
        assert_member_is(&fixture, reply, "TableDescription." INDEX "IndexStatus", "'CREATING'");
        reply = assert_accepted(
            &fixture, "UpdateTable",
            api_fixture_text(&fixture, "{'TableName':'Tab',%s}", CHANGES[i].members));
        assert_member_is(&fixture, json_at(reply, "TableDescription"), CHANGES[i].path,
                         CHANGES[i].in_reply);
        reply = assert_accepted(&fixture, "DescribeTable", TAB_ALONE);
        assert_member_is(&fixture, json_at(reply, "Table"), CHANGES[i].path, CHANGES[i].after);
        api_fixture_close(&fixture);
    }
}

/* The scan of the table alone is left, which the background does. */
static void a_new_index_is_there_as_soon_as_the_table_is_scanned(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_instant(&fixture);
    (void)assert_accepted(&fixture, "CreateTable", DEMAND);
    put_items(&fixture, "Tab", (const char *const[]){ "{'pk':{'S':'1'},'b':{'S':'2'}}", NULL });
    const struct cJSON *reply =
        assert_accepted(&fixture, "UpdateTable",
                        TAB(DEFINE(S("b")) "," UPDATES(CREATE("new", KEY(HASH("b")) "," ALL))));
    assert_member_is(&fixture, reply, "TableDescription.GlobalSecondaryIndexes.1.Backfilling",
                     "false");
    reply = assert_accepted(&fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(&fixture, reply, "Table.TableStatus", "'ACTIVE'");
    assert_member_is(&fixture, reply, "Table.GlobalSecondaryIndexes.1.Backfilling", "true");
    api_fixture_settle(&fixture);
    reply = assert_accepted(&fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(&fixture, reply, "Table.GlobalSecondaryIndexes.1.IndexStatus", "'ACTIVE'");
    assert_answer(&fixture, "Scan", "{'TableName':'Tab','IndexName':'new'}",
                  "{'Items':[{'pk':{'S':'1'},'b':{'S':'2'}}],'Count':1,'ScannedCount':1}");
    api_fixture_close(&fixture);
}

static void a_deleted_table_is_gone_and_its_name_free(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_instant(&fixture);
    for (int i = 0; i < 3; i++) {
        (void)assert_accepted(&fixture, "CreateTable", DEMAND);
        const struct cJSON *reply = assert_accepted(&fixture, "DeleteTable", TAB_ALONE);
        assert_member_is(&fixture, reply, "TableDescription.TableStatus", "'DELETING'");
        assert_refused(&fixture, "DescribeTable", TAB_ALONE, NOT_FOUND,
                       "Requested resource not found: Table: Tab not found");
    }
    api_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_begun_in_the_reply_and_done_after_it),
        cmocka_unit_test(a_new_index_is_there_as_soon_as_the_table_is_scanned),
        cmocka_unit_test(a_deleted_table_is_gone_and_its_name_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
