/*
 * UpdateTable on a global index from its beginning to its end: the replies, the states under the
 * moved clock, what is admitted meanwhile, attribute definitions.
 */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S(name)    "{'AttributeName':'" name "','AttributeType':'S'}"
#define N(name)    "{'AttributeName':'" name "','AttributeType':'N'}"
#define HASH(name) "{'AttributeName':'" name "','KeyType':'HASH'}"
#define ALL        "'Projection':{'ProjectionType':'ALL'}"
#define UNITS(read, write)                                                                         \
    "{'ReadCapacityUnits':" read ",'WriteCapacityUnits':" write ",'NumberOfDecreasesToday':0}"
#define UNITS_OF(read, write) "'ProvisionedThroughput':" UNITS(read, write)

static const char TABLE[] = "{'TableName':'Tab','AttributeDefinitions':[" S("pk") "," S("a") "," S(
    "z") "],"
         "'KeySchema':[" HASH("pk") "]," UNITS_OF(
             "1", "1") ",'GlobalSecondaryIndexes':["
                       "{'IndexName':'one','KeySchema':[" HASH("a") "]," ALL "," UNITS_OF(
                           "2", "3") "},"
                                     "{'IndexName':'two','KeySchema':[" HASH(
                                         "z") "]," ALL "," UNITS_OF("1", "1") "}]}";

#define UPDATES(list) "{'TableName':'Tab','GlobalSecondaryIndexUpdates':[" list "]}"
#define UPDATE(name)  "{'Update':{'IndexName':'" name "'," UNITS_OF("5", "5") "}}"
#define DELETE(name)  "{'Delete':{'IndexName':'" name "'}}"
#define CREATE(name)                                                                               \
    "{'TableName':'Tab','AttributeDefinitions':[" S(                                               \
        "b") "],'GlobalSecondaryIndexUpdates':["                                                   \
             "{'Create':{'IndexName':'" name                                                       \
             "','KeySchema':[" HASH("b") "]," ALL "," UNITS_OF("1", "1") "}}]}"

/* The description without what is dull. */
static void assert_states(struct api_fixture *fixture,
                          const char *table_status,
                          const char *index_path,
                          const char *index_status,
                          const char *backfilling)
{
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    const struct cJSON *index = json_at(reply, index_path);
    assert_member_is(fixture, reply, "Table.TableStatus", table_status);
    if (index_status == NULL) {
        assert_null(index);
        return;
    }
    assert_member_is(fixture, index, "IndexStatus", index_status);
    assert_member_is(fixture, index, "Backfilling", backfilling);
}

/* ---- the replies and the states after them ---- */

static void a_new_index_is_allocated_then_backfilled_then_active(void **state)
{
    static const char NEW[] = "Table.GlobalSecondaryIndexes.2";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const struct cJSON *reply = assert_accepted(fixture, "UpdateTable", CREATE("new"));
    assert_member_is(fixture, reply, "TableDescription.TableStatus", "'UPDATING'");
    assert_member_is(fixture, reply, "TableDescription.AttributeDefinitions",
                     "[" S("a") "," S("b") "," S("pk") "," S("z") "]");
    assert_member_is(
        fixture, reply, "TableDescription.GlobalSecondaryIndexes.2",
        "{'IndexName':'new','KeySchema':[" HASH(
            "b") "]," ALL ",'IndexStatus':'CREATING','Backfilling':false,'ItemCount':0,"
                 "'IndexSizeBytes':0," UNITS_OF(
                     "1", "1") ",'IndexArn':"
                               "'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab/index/new'}");

    api_fixture_advance(fixture, INDEX_ALLOCATE_MS - 1);
    assert_states(fixture, "'UPDATING'", NEW, "'CREATING'", "false");
    api_fixture_advance(fixture, 1);
    assert_states(fixture, "'ACTIVE'", NEW, "'CREATING'", "true");
    api_fixture_advance(fixture, INDEX_BACKFILL_MS - 1);
    assert_states(fixture, "'ACTIVE'", NEW, "'CREATING'", "true");
    api_fixture_advance(fixture, 1);
    assert_states(fixture, "'ACTIVE'", NEW, "'ACTIVE'", NULL);
}

static void a_deleted_index_is_shown_until_it_is_gone(void **state)
{
    static const char FIRST[] = "Table.GlobalSecondaryIndexes.0";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const struct cJSON *reply = assert_accepted(fixture, "UpdateTable", UPDATES(DELETE("one")));
    assert_member_is(fixture, reply, "TableDescription.TableStatus", "'UPDATING'");
    assert_member_is(fixture, reply, "TableDescription.GlobalSecondaryIndexes.0.IndexName",
                     "'one'");
    assert_member_is(fixture, reply, "TableDescription.GlobalSecondaryIndexes.0.IndexStatus",
                     "'DELETING'");
    assert_member_is(fixture, reply, "TableDescription.GlobalSecondaryIndexes.0.Backfilling", NULL);
    api_fixture_advance(fixture, INDEX_DELETE_MS - 1);
    assert_states(fixture, "'UPDATING'", FIRST, "'DELETING'", NULL);
    api_fixture_advance(fixture, 1);
    assert_states(fixture, "'ACTIVE'", "Table.GlobalSecondaryIndexes.1", NULL, NULL);
    reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.0.IndexName", "'two'");
}

static void new_throughput_is_shown_when_it_is_there(void **state)
{
    static const char FIRST[] = "Table.GlobalSecondaryIndexes.0";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const struct cJSON *reply =
        assert_accepted(fixture, "UpdateTable", UPDATES(UPDATE("one") "," UPDATE("two")));
    assert_member_is(fixture, reply, "TableDescription.GlobalSecondaryIndexes.0.IndexStatus",
                     "'UPDATING'");
    assert_member_is(fixture, reply,
                     "TableDescription.GlobalSecondaryIndexes.0.ProvisionedThroughput",
                     "{'ReadCapacityUnits':2,'WriteCapacityUnits':3,'NumberOfDecreasesToday':0,"
                     "'LastIncreaseDateTime':1767225600.15}");
    assert_member_is(fixture, reply, "TableDescription.GlobalSecondaryIndexes.1.IndexStatus",
                     "'UPDATING'");
    api_fixture_advance(fixture, INDEX_UPDATE_MS - 1);
    assert_states(fixture, "'ACTIVE'", FIRST, "'UPDATING'", NULL);
    api_fixture_advance(fixture, 1);
    assert_states(fixture, "'ACTIVE'", FIRST, "'ACTIVE'", NULL);
    reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.0.ProvisionedThroughput",
                     "{'ReadCapacityUnits':5,'WriteCapacityUnits':5,'NumberOfDecreasesToday':0,"
                     "'LastIncreaseDateTime':1767225600.15}");
}

/* There is no way to edit a projection: sent raw, it is an unknown member of Update. */
static void an_update_with_a_projection_changes_none(void **state)
{
    static const char RAW[] = UPDATES("{'Update':{'IndexName':'one','KeySchema':[" HASH(
        "pk") "],'Projection':"
              "{'ProjectionType':'KEYS_ONLY'}," UNITS_OF("7", "7") "}}");
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateTable", RAW);
    api_fixture_advance(fixture, INDEX_UPDATE_MS);
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    const struct cJSON *index = json_at(reply, "Table.GlobalSecondaryIndexes.0");
    assert_member_is(fixture, index, "Projection", "{'ProjectionType':'ALL'}");
    assert_member_is(fixture, index, "KeySchema", "[" HASH("a") "]");
    assert_member_is(fixture, index, "ProvisionedThroughput.ReadCapacityUnits", "7");
    assert_refused(
        fixture, "UpdateTable", RAW, VALIDATION,
        "The provisioned throughput for the index one will not change. The requested value "
        "equals the current value. Current ReadCapacityUnits provisioned for index one: 7. "
        "Requested ReadCapacityUnits: 7. Current WriteCapacityUnits provisioned for index "
        "one: 7. Requested WriteCapacityUnits: 7. Refer to the Amazon DynamoDB Developer "
        "Guide for current limits and how to request higher limits.");
}

/* ---- 3.5: what is admitted meanwhile ---- */

enum phase { ALLOCATING, BACKFILLING, DELETING, UPDATING, PHASE_COUNT };

/* The index `new` is brought there, at a table with `one` and `two`. */
static void bring_to(struct api_fixture *fixture, enum phase phase)
{
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateTable", CREATE("new"));
    if (phase != ALLOCATING) {
        api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    }
    if (phase == DELETING || phase == UPDATING) {
        api_fixture_advance(fixture, INDEX_BACKFILL_MS);
        (void)assert_accepted(fixture, "UpdateTable",
                              phase == DELETING ? UPDATES(DELETE("new")) : UPDATES(UPDATE("new")));
    }
}

#define ONE_AT_A_TIME                                                                              \
    LIMIT, "Subscriber limit exceeded: Only 1 online index can be created or deleted "             \
           "simultaneously per table"
#define BUSY(text) IN_USE, STILL_IN_USE text
#define ADMITTED   NULL, NULL
#define NEW_INDEX  "Table: Tab Index: new"
#define WHEN_CREATED                                                                               \
    BUSY("Can't change table IOPS when an index is being created. Table: Tab Indexes: [new]")
#define WHEN_DELETED                                                                               \
    BUSY("Can't change table IOPS when an index is being deleted. Table: Tab Indexes: [new]")

static const struct {
    const char *operation;
    const char *request;
    struct {
        const char *type; /* NULL: accepted */
        const char *message;
    } in[PHASE_COUNT];
} ADMISSION[] = {
    { "UpdateTable",
      CREATE("other"),
      { [ALLOCATING] = { ONE_AT_A_TIME },
        [BACKFILLING] = { ONE_AT_A_TIME },
        [DELETING] = { ONE_AT_A_TIME },
        [UPDATING] = { ADMITTED } } },
    { "UpdateTable",
      UPDATES(DELETE("one")),
      { [ALLOCATING] = { ONE_AT_A_TIME },
        [BACKFILLING] = { ONE_AT_A_TIME },
        [DELETING] = { ONE_AT_A_TIME },
        [UPDATING] = { ADMITTED } } },
    { "UpdateTable",
      UPDATES(DELETE("new")),
      { [ALLOCATING] = { BUSY(
            "Index creation is in resource allocation phase. Retry deletion during "
            "backfilling phase or when the index is active. " NEW_INDEX) },
        [BACKFILLING] = { ADMITTED },
        [DELETING] = { BUSY("Index is being deleted.  " NEW_INDEX) },
        [UPDATING] = { BUSY("Index is being updated.  " NEW_INDEX) } } },
    { "UpdateTable",
      UPDATES(UPDATE("new")),
      { [ALLOCATING] = { BUSY("Index is being created but is not backfilling yet.  " NEW_INDEX) },
        [BACKFILLING] = { ADMITTED },
        [DELETING] = { BUSY("Index is being deleted.  " NEW_INDEX) },
        [UPDATING] = { BUSY("Index is being updated.  " NEW_INDEX) } } },
    { "UpdateTable",
      UPDATES(UPDATE("one")),
      { [ALLOCATING] = { ADMITTED },
        [BACKFILLING] = { ADMITTED },
        [DELETING] = { ADMITTED },
        [UPDATING] = { ADMITTED } } },
    /* the state of the named index comes before the limit of one, that before whether it exists */
    { "UpdateTable",
      CREATE("new"),
      { [ALLOCATING] = { BUSY("Index is being created.  " NEW_INDEX) },
        [BACKFILLING] = { BUSY("Index is being created.  " NEW_INDEX) },
        [DELETING] = { BUSY("Index is being deleted.  " NEW_INDEX) },
        [UPDATING] = { VALIDATION, "Attempting to create an index which already exists" } } },
    { "UpdateTable",
      UPDATES(DELETE("none")),
      { [ALLOCATING] = { ONE_AT_A_TIME },
        [BACKFILLING] = { ONE_AT_A_TIME },
        [DELETING] = { ONE_AT_A_TIME },
        [UPDATING] = { NOT_FOUND, "Requested resource not found: Index none for table Tab" } } },
    { "UpdateTable",
      UPDATES(DELETE("new") "," DELETE("one")),
      { [ALLOCATING] = { BUSY(
            "Index creation is in resource allocation phase. Retry deletion during "
            "backfilling phase or when the index is active. " NEW_INDEX) },
        [BACKFILLING] = { ONE_AT_A_TIME },
        [DELETING] = { BUSY("Index is being deleted.  " NEW_INDEX) },
        [UPDATING] = { BUSY("Index is being updated.  " NEW_INDEX) } } },
    { "UpdateTable",
      "{'TableName':'Tab','DeletionProtectionEnabled':true}",
      { [ALLOCATING] = { ADMITTED },
        [BACKFILLING] = { ADMITTED },
        [DELETING] = { ADMITTED },
        [UPDATING] = { ADMITTED } } },
    { "DeleteTable",
      "{'TableName':'Tab'}",
      { [ALLOCATING] = { BUSY("Cannot delete table while indexes are being created, updated, or "
                              "deleted.") },
        [BACKFILLING] = { BUSY("Cannot delete table while indexes are being created, updated, or "
                               "deleted.") },
        [DELETING] = { BUSY("Cannot delete table while indexes are being created, updated, or "
                            "deleted.") },
        [UPDATING] = { BUSY("Cannot delete table while indexes are being created, updated, or "
                            "deleted.") } } },
    { "UpdateTable",
      "{'TableName':'Tab'," UNITS_OF("5", "5") "}",
      { [ALLOCATING] = { WHEN_CREATED },
        [BACKFILLING] = { ADMITTED },
        [DELETING] = { WHEN_DELETED },
        [UPDATING] = { ADMITTED } } },
    { "UpdateTable",
      "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST'}",
      { [ALLOCATING] = { WHEN_CREATED },
        [BACKFILLING] = { ADMITTED },
        [DELETING] = { WHEN_DELETED },
        [UPDATING] = { ADMITTED } } },
    { "UpdateTimeToLive",
      "{'TableName':'Tab','TimeToLiveSpecification':{'AttributeName':'t','Enabled':true}}",
      { [ALLOCATING] = { ADMITTED },
        [BACKFILLING] = { ADMITTED },
        [DELETING] = { ADMITTED },
        [UPDATING] = { ADMITTED } } },
    { "TagResource",
      "{'ResourceArn':'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab',"
      "'Tags':[{'Key':'k','Value':'v'}]}",
      { [ALLOCATING] = { ADMITTED },
        [BACKFILLING] = { ADMITTED },
        [DELETING] = { ADMITTED },
        [UPDATING] = { ADMITTED } } },
    { "PutItem",
      "{'TableName':'Tab','Item':{'pk':{'S':'1'},'b':{'S':'2'}}}",
      { [ALLOCATING] = { ADMITTED },
        [BACKFILLING] = { ADMITTED },
        [DELETING] = { ADMITTED },
        [UPDATING] = { ADMITTED } } },
};

static void requests_are_admitted_by_phase(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ADMISSION / sizeof *ADMISSION; i++) {
        for (int phase = 0; phase < PHASE_COUNT; phase++) {
            struct api_fixture fixture;
            api_fixture_open(&fixture);
            bring_to(&fixture, (enum phase)phase);
            const char *type = ADMISSION[i].in[phase].type;
            if (type != NULL) {
                assert_refused(&fixture, ADMISSION[i].operation, ADMISSION[i].request, type,
                               ADMISSION[i].in[phase].message);
            } else {
                (void)assert_accepted(&fixture, ADMISSION[i].operation, ADMISSION[i].request);
            }
            api_fixture_close(&fixture);
        }
    }
}

static void a_build_is_cancelled_by_deleting_its_index(void **state)
{
    struct api_fixture *fixture = *state;
    bring_to(fixture, BACKFILLING);
    (void)assert_accepted(fixture, "UpdateTable", UPDATES(DELETE("new")));
    assert_states(fixture, "'UPDATING'", "Table.GlobalSecondaryIndexes.2", "'DELETING'", NULL);
    api_fixture_advance(fixture, INDEX_DELETE_MS);
    assert_states(fixture, "'ACTIVE'", "Table.GlobalSecondaryIndexes.2", NULL, NULL);
    (void)assert_accepted(fixture, "UpdateTable", CREATE("new"));
}

/* A Create and throughput Updates of other indexes may travel together. */
static void a_create_may_travel_with_updates_of_others(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    const struct cJSON *reply =
        assert_accepted(fixture, "UpdateTable",
                        "{'TableName':'Tab','AttributeDefinitions':[" S(
                            "b") "],'GlobalSecondaryIndexUpdates':["
                                 "{'Create':{'IndexName':'new','KeySchema':[" HASH(
                                     "b") "]," ALL "," UNITS_OF("1", "1") "}}," UPDATE("one") "]}");
    assert_member_is(fixture, reply, "TableDescription.GlobalSecondaryIndexes.0.IndexStatus",
                     "'UPDATING'");
    assert_member_is(fixture, reply, "TableDescription.GlobalSecondaryIndexes.2.IndexStatus",
                     "'CREATING'");
}

/* ---- attribute definitions ---- */

static void assert_definitions(struct api_fixture *fixture, const char *expected)
{
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_member_is(fixture, reply, "Table.AttributeDefinitions", expected);
}

static void definitions_of_others_are_ignored(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(
        fixture, "UpdateTable",
        "{'TableName':'Tab','AttributeDefinitions':[" N("z") "," S("b") "," N("stranger") "," N(
            "pk") "],'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'new','KeySchema':"
                  "[" HASH("b") "]," ALL "," UNITS_OF("1", "1") "}}]}");
    assert_definitions(fixture, "[" S("a") "," S("b") "," S("pk") "," S("z") "]");
}

static void definitions_go_with_the_last_index_that_uses_them(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateTable", UPDATES(DELETE("one")));
    api_fixture_advance(fixture, INDEX_DELETE_MS - 1);
    assert_definitions(fixture, "[" S("a") "," S("pk") "," S("z") "]");
    api_fixture_advance(fixture, 1);
    assert_definitions(fixture, "[" S("pk") "," S("z") "]");

    /* so that the attribute may come back with another type, under the same name of an index */
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','AttributeDefinitions':[" N(
                              "a") "],'GlobalSecondaryIndexUpdates':["
                                   "{'Create':{'IndexName':'one','KeySchema':[" HASH(
                                       "a") "]," ALL "," UNITS_OF("1", "1") "}}]}");
    assert_definitions(fixture, "[" N("a") "," S("pk") "," S("z") "]");
}

static void definitions_stay_while_another_index_uses_them(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','AttributeDefinitions':[" S(
                              "a") "],'GlobalSecondaryIndexUpdates':["
                                   "{'Create':{'IndexName':'new','KeySchema':[" HASH(
                                       "a") "]," ALL "," UNITS_OF("1", "1") "}}]}");
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    (void)assert_accepted(fixture, "UpdateTable", UPDATES(DELETE("one")));
    api_fixture_advance(fixture, INDEX_DELETE_MS);
    assert_definitions(fixture, "[" S("a") "," S("pk") "," S("z") "]");
}

/* ---- durable ---- */

static void a_build_goes_on_after_a_restart(void **state)
{
    static const char NEW[] = "Table.GlobalSecondaryIndexes.2";
    struct api_fixture fixture;
    (void)state;
    api_fixture_open_durable(&fixture);
    bring_to(&fixture, BACKFILLING);
    put_items(&fixture, "Tab", (const char *const[]){ "{'pk':{'S':'1'},'b':{'S':'2'}}", NULL });
    api_fixture_reopen(&fixture);
    /* the clock begins anew: it has to reach the time at which the phase may end */
    api_fixture_advance(&fixture,
                        TABLE_CREATE_INDEXED_MS + INDEX_ALLOCATE_MS + INDEX_BACKFILL_MS - 1);
    assert_states(&fixture, "'ACTIVE'", NEW, "'CREATING'", "true");
    api_fixture_advance(&fixture, 1);
    assert_states(&fixture, "'ACTIVE'", NEW, "'ACTIVE'", NULL);
    const struct cJSON *reply =
        assert_accepted(&fixture, "Query",
                        "{'TableName':'Tab','IndexName':'new','KeyConditionExpression':'b = :b',"
                        "'ExpressionAttributeValues':{':b':{'S':'2'}}}");
    assert_member_is(&fixture, reply, "Items", "[{'pk':{'S':'1'},'b':{'S':'2'}}]");
    api_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_new_index_is_allocated_then_backfilled_then_active),
        API_TEST(a_deleted_index_is_shown_until_it_is_gone),
        API_TEST(new_throughput_is_shown_when_it_is_there),
        API_TEST(an_update_with_a_projection_changes_none),
        cmocka_unit_test(requests_are_admitted_by_phase),
        API_TEST(a_build_is_cancelled_by_deleting_its_index),
        API_TEST(a_create_may_travel_with_updates_of_others),
        API_TEST(definitions_of_others_are_ignored),
        API_TEST(definitions_go_with_the_last_index_that_uses_them),
        API_TEST(definitions_stay_while_another_index_uses_them),
        cmocka_unit_test(a_build_goes_on_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
