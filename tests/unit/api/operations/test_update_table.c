/*
 * UpdateTable's refusals in the service's order: the constraints, what may be combined, each
 * entry's form, the table, its state, the named index's state, one index at a time, then each entry
 * on its own.
 */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S(name)     "{'AttributeName':'" name "','AttributeType':'S'}"
#define N(name)     "{'AttributeName':'" name "','AttributeType':'N'}"
#define HASH(name)  "{'AttributeName':'" name "','KeyType':'HASH'}"
#define RANGE(name) "{'AttributeName':'" name "','KeyType':'RANGE'}"
#define ALL         "'Projection':{'ProjectionType':'ALL'}"
#define UNITS(read, write)                                                                         \
    "'ProvisionedThroughput':{'ReadCapacityUnits':" read ",'WriteCapacityUnits':" write "}"
#define ONE_UNIT UNITS("1", "1")

#define TABLE_MEMBERS                                                                              \
    "'AttributeDefinitions':[" S("pk") "," S("sk") "," S(                                          \
        "a") "],"                                                                                  \
             "'KeySchema':[" HASH("pk") "," RANGE(                                                 \
                 "sk") "],"                                                                        \
                       "'LocalSecondaryIndexes':[{'IndexName':'local','KeySchema':[" HASH(         \
                           "pk") "," RANGE("a") "]," ALL "}]"

static const char PROVISIONED[] =
    "{'TableName':'Tab'," TABLE_MEMBERS "," ONE_UNIT ",'GlobalSecondaryIndexes':["
    "{'IndexName':'one','KeySchema':[" HASH("a") "]," ALL "," ONE_UNIT "},"
                                                 "{'IndexName':'two','KeySchema':[" HASH(
                                                     "sk") "]," ALL "," ONE_UNIT "}]}";

static const char ON_DEMAND[] = "{'TableName':'Tod'," TABLE_MEMBERS
                                ",'BillingMode':'PAY_PER_REQUEST','GlobalSecondaryIndexes':["
                                "{'IndexName':'one','KeySchema':[" HASH("a") "]," ALL "}]}";

#define UPDATES(list)         "'GlobalSecondaryIndexUpdates':[" list "]"
#define UPDATE(name, members) "{'Update':{'IndexName':'" name "'," members "}}"
#define DELETE(name)          "{'Delete':{'IndexName':'" name "'}}"
#define CREATE(name, members) "{'Create':{'IndexName':'" name "'," members "}}"
#define NEW                   "'KeySchema':[" HASH("b") "]," ALL "," ONE_UNIT
#define DEFINE(list)          "'AttributeDefinitions':[" list "]"
#define ONE_ERROR             "1 validation error detected: "
#define NOTHING                                                                                    \
    "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "                    \
    "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, "    \
    "ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, "                   \
    "OnDemandThroughput, WarmThroughput or TableClass is required"

/* Without looking at the table: the same whether it exists or not. */
static const struct {
    const char *members;
    const char *message;
} STATIC_FAULTS[] = {
    { "'TableName':null,'DeletionProtectionEnabled':true",
      "The parameter 'TableName' is required but was not present in the request" },
    { "'TableName':''",
      ONE_ERROR "Value '' at 'tableName' failed to satisfy constraint: Member must have length "
                "greater than or equal to 1" },
    { "'TableName':'ab','WarmThroughput':{}",
      ONE_ERROR "Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length "
                "greater than or equal to 3" },

    /* constraints */
    { UPDATES("{'Create':{'IndexName':'i'}}"),
      "3 validation errors detected: Value 'i' at "
      "'globalSecondaryIndexUpdates.1.member.create.indexName' failed to satisfy constraint: "
      "Member "
      "must have length greater than or equal to 3; Value null at "
      "'globalSecondaryIndexUpdates.1.member.create.keySchema' failed to satisfy constraint: "
      "Member "
      "must not be null; Value null at 'globalSecondaryIndexUpdates.1.member.create.projection' "
      "failed "
      "to satisfy constraint: Member must not be null" },
    { UPDATES("{'Delete':{}}") ",'DeletionProtectionEnabled':true", ONE_ERROR
      "Value null at 'globalSecondaryIndexUpdates.1.member.delete.indexName' failed to satisfy "
      "constraint: Member must not be null" },
    { UPDATES(CREATE("new", "'KeySchema':[" HASH("b") "],'Projection':{'NonKeyAttributes':[]}")),
      ONE_ERROR
      "Value '[]' at "
      "'globalSecondaryIndexUpdates.1.member.create.projection.nonKeyAttributes' failed to "
      "satisfy constraint: Member must have length greater than or equal to 1" },

    /* nothing recognised */
    { "'x':1", NOTHING },
    { "'GlobalSecondaryIndexUpdates':[]", NOTHING },
    { DEFINE(S("b")), NOTHING },
    { "'KeySchema':[" HASH("b") "],'LocalSecondaryIndexes':[],'LocalSecondaryIndexUpdates':[{}]",
      NOTHING },

    /* what may be combined */
    { "'DeletionProtectionEnabled':true," UPDATES(DELETE("one")),
      INVALID "DeletionProtection modification must be the only operation in the request" },
    { "'DeletionProtectionEnabled':true," UPDATES("{}"),
      INVALID "DeletionProtection modification must be the only operation in the request" },
    { "'DeletionProtectionEnabled':true,'GlobalSecondaryIndexUpdates':[]",
      INVALID "List of GlobalSecondaryIndexUpdates is empty" },

    /* each entry's form, then all of them together */
    { UPDATES("{}"),
      INVALID "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
              "GlobalSecondaryIndexUpdate.Delete must not be null" },
    { UPDATES("{'Change':{'IndexName':'one'}}"),
      INVALID "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
              "GlobalSecondaryIndexUpdate.Delete must not be null" },
    { UPDATES("{'Update':{'IndexName':'one'," ONE_UNIT "},'Delete':{'IndexName':'two'}}"),
      INVALID "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate "
              "object" },
    { UPDATES(DELETE("one") "," UPDATE("one", ONE_UNIT)),
      INVALID "Only one global secondary index update per index is allowed simultaneously. Index: "
              "one" },
    { UPDATES(DELETE("one") "," DELETE("one") ",{}"),
      INVALID "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
              "GlobalSecondaryIndexUpdate.Delete must not be null" },
};

static void static_faults_come_before_the_table(void **state)
{
    static const char *const TABLES[] = { "Tab", "None" };
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    for (size_t i = 0; i < sizeof STATIC_FAULTS / sizeof *STATIC_FAULTS; i++) {
        for (size_t j = 0; j < sizeof TABLES / sizeof *TABLES; j++) {
            assert_refused(fixture, "UpdateTable",
                           api_fixture_text(fixture, "{'TableName':'%s',%s}", TABLES[j],
                                            STATIC_FAULTS[i].members),
                           VALIDATION, STATIC_FAULTS[i].message);
        }
    }
}

/* ---- the table and its state ---- */

static void a_table_that_is_not_there_is_not_found(void **state)
{
    struct api_fixture *fixture = *state;
    assert_refused(fixture, "UpdateTable",
                   "{'TableName':'None'," UPDATES(DELETE("one") "," DELETE("two")) "}", NOT_FOUND,
                   "Requested resource not found: Table: None not found");
}

static void a_table_on_its_way_is_in_use(void **state)
{
    static const char REQUEST[] =
        "{'TableName':'Tab'," UPDATES(DELETE("one") "," DELETE("none")) "}";
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "CreateTable", PROVISIONED);
    assert_refused(fixture, "UpdateTable", REQUEST, IN_USE,
                   STILL_IN_USE "Table is being created: Tab");
    api_fixture_advance(fixture, TABLE_CREATE_INDEXED_MS);
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
    assert_refused(fixture, "UpdateTable", REQUEST, IN_USE,
                   STILL_IN_USE "Table is being deleted: Tab");
}

/* ---- each entry on its own ---- */

static const struct {
    const char *table;
    const char *members;
    const char *type;
    const char *message;
} ENTRY_FAULTS[] = {
    /* one index at a time, before the entries are looked at */
    { "Tab", UPDATES(DELETE("one") "," DELETE("two")), LIMIT,
      "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per "
      "table" },
    { "Tab", UPDATES(DELETE("none") "," CREATE("one", NEW)), LIMIT,
      "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per "
      "table" },

    /* existence */
    { "Tab", UPDATES(DELETE("none")), NOT_FOUND,
      "Requested resource not found: Index none for table Tab" },
    { "Tab", UPDATES(UPDATE("none", ONE_UNIT)), NOT_FOUND,
      "Requested resource not found: Index none for table Tab" },
    { "Tab", UPDATES(DELETE("local")), VALIDATION,
      "Cannot delete an index that is not a GlobalSecondaryIndex: local" },
    { "Tab", UPDATES(UPDATE("local", ONE_UNIT)), VALIDATION,
      "Cannot update an index that is not a GlobalSecondaryIndex: local" },

    /* Create: name, definitions, key, types, projection, throughput */
    { "Tab", UPDATES(CREATE("one", "'KeySchema':[" HASH("b") "],'Projection':{}")), VALIDATION,
      "Attempting to create an index which already exists" },
    { "Tab", DEFINE(S("b")) "," UPDATES(CREATE("local", NEW)), VALIDATION,
      "Attempting to create an index which already exists" },
    { "Tab", UPDATES(CREATE("new", NEW)), VALIDATION,
      INVALID "AttributeDefinitions is not specified for index: new" },
    { "Tab", DEFINE(S("c")) "," UPDATES(CREATE("new", NEW)), VALIDATION,
      INVALID "Some index key attributes are not defined in AttributeDefinitions. Keys: [b], "
              "AttributeDefinitions: [c]" },
    /* each declared again, even what the table knows */
    { "Tab",
      DEFINE(S("b") "," S("c")) "," UPDATES(
          CREATE("new", "'KeySchema':[" HASH("pk") "," RANGE("b") "]," ALL "," ONE_UNIT)),
      VALIDATION,
      INVALID "Some index key attributes are not defined in AttributeDefinitions. Keys: [pk, b], "
              "AttributeDefinitions: [b, c]" },
    { "Tab",
      DEFINE(N("a")) "," UPDATES(CREATE("new", "'KeySchema':[" HASH("a") "],'Projection':{}")),
      VALIDATION,
      INVALID
      "Attributes cannot be redefined. Please check that your attribute has the same type as "
      "previously defined. Existing schema: Schema:[SchemaElement: key{a:S:HASH}] New schema: "
      "Schema:[SchemaElement: key{a:N:HASH}]" },
    { "Tab",
      DEFINE(S("b")) "," UPDATES(CREATE("new", "'KeySchema':[" HASH("b") "],'Projection':{}")),
      VALIDATION, INVALID "Unknown ProjectionType: null" },
    { "Tab",
      DEFINE(S("b")) "," UPDATES(
          CREATE("new",
                 "'KeySchema':[" HASH("b") "],'Projection':"
                                           "{'ProjectionType':'ALL','NonKeyAttributes':['x']}")),
      VALIDATION, INVALID "ProjectionType is ALL, but NonKeyAttributes is specified" },
    { "Tab", DEFINE(S("b")) "," UPDATES(CREATE("new", "'KeySchema':[" HASH("b") "]," ALL)),
      VALIDATION,
      INVALID "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: new" },
    { "Tod", DEFINE(S("b")) "," UPDATES(CREATE("new", NEW)), VALIDATION,
      INVALID
      "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: new when "
      "BillingMode is PAY_PER_REQUEST" },
    { "Tab",
      DEFINE(S("b")) "," UPDATES(
          CREATE("new", "'KeySchema':[" HASH("b") "]," ALL "," UNITS("1000000000001", "1"))),
      VALIDATION, "Given value 1000000000001 for ReadCapacityUnits is out of bounds" },

    /* Update */
    { "Tab", UPDATES(UPDATE("one", ONE_UNIT)), VALIDATION,
      "The provisioned throughput for the index one will not change. The requested value equals "
      "the "
      "current value. Current ReadCapacityUnits provisioned for index one: 1. Requested "
      "ReadCapacityUnits: 1. Current WriteCapacityUnits provisioned for index one: 1. Requested "
      "WriteCapacityUnits: 1. Refer to the Amazon DynamoDB Developer Guide for current limits and "
      "how "
      "to request higher limits." },
    { "Tod", UPDATES(UPDATE("one", UNITS("5", "5"))), VALIDATION,
      INVALID
      "The only Updates for index: one when TableThroughputMode is PAY_PER_REQUEST can be to "
      "OnDemandThroughput, WarmThroughput" },
};

/* A refused call applies nothing, not even the entry before the one at fault. */
static void entries_are_refused_and_nothing_is_applied(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    create_table(fixture, ON_DEMAND);
    for (size_t i = 0; i < sizeof ENTRY_FAULTS / sizeof *ENTRY_FAULTS; i++) {
        const char *table = api_fixture_text(fixture, "{'TableName':'%s'}", ENTRY_FAULTS[i].table);
        struct bytes before = call(fixture, "DescribeTable", table).body;
        assert_refused(fixture, "UpdateTable",
                       api_fixture_text(fixture, "{'TableName':'%s',%s}", ENTRY_FAULTS[i].table,
                                        ENTRY_FAULTS[i].members),
                       ENTRY_FAULTS[i].type, ENTRY_FAULTS[i].message);
        assert_true(bytes_equal(before, call(fixture, "DescribeTable", table).body));
    }
}

static void a_fault_in_one_entry_undoes_the_others(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    struct bytes before = call(fixture, "DescribeTable", "{'TableName':'Tab'}").body;
    assert_refused(
        fixture, "UpdateTable",
        "{'TableName':'Tab'," UPDATES(UPDATE("one", UNITS("5", "5")) "," DELETE("none")) "}",
        NOT_FOUND, "Requested resource not found: Index none for table Tab");
    api_fixture_advance(fixture, 10 * TABLE_UPDATE_MS);
    assert_true(bytes_equal(before, call(fixture, "DescribeTable", "{'TableName':'Tab'}").body));
}

/* ---- counts ---- */

static const char *gsis(struct api_fixture *fixture, size_t count, const char *projection)
{
    const char *list = "";
    for (size_t i = 0; i < count; i++) {
        list = api_fixture_text(
            fixture, "%s%s{'IndexName':'gsi%02zu','KeySchema':[" HASH("pk") "],'Projection':%s}",
            list, i > 0 ? "," : "", i, projection);
    }
    return list;
}

#define TWENTY                                                                                     \
    "{'ProjectionType':'INCLUDE','NonKeyAttributes':['a0','a1','a2','a3','a4','a5','a6','a7',"     \
    "'a8','a9','b0','b1','b2','b3','b4','b5','b6','b7','b8','b9']}"

static const struct {
    size_t before;
    const char *before_projection;
    const char *new_projection;
    const char *type; /* NULL: accepted */
    const char *message;
} COUNTS[] = {
    { 19, "{'ProjectionType':'ALL'}", "{'ProjectionType':'ALL'}", NULL, NULL },
    { 20, "{'ProjectionType':'ALL'}", "{'ProjectionType':'ALL'}", LIMIT,
      "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of "
      "20" },
    { 4, TWENTY, TWENTY, NULL, NULL },
    { 5, TWENTY, "{'ProjectionType':'INCLUDE','NonKeyAttributes':['a0']}", VALIDATION,
      INVALID "Number of NonKeyAttributes across all secondary indexes exceeds the per-table limit "
              "of 100" },
};

static void counts_are_limited(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; i++) {
        create_table(fixture, api_fixture_text(
                                  fixture,
                                  "{'TableName':'Tab%zu','BillingMode':'PAY_PER_REQUEST',"
                                  "'AttributeDefinitions':[" S("pk") "],'KeySchema':[" HASH(
                                      "pk") "],'GlobalSecondaryIndexes':[%s]}",
                                  i, gsis(fixture, COUNTS[i].before, COUNTS[i].before_projection)));
        const char *request =
            api_fixture_text(fixture,
                             "{'TableName':'Tab%zu'," DEFINE(S("b")) "," UPDATES(
                                 CREATE("new", "'KeySchema':[" HASH("b") "],'Projection':%s")) "}",
                             i, COUNTS[i].new_projection);
        if (COUNTS[i].type != NULL) {
            assert_refused(fixture, "UpdateTable", request, COUNTS[i].type, COUNTS[i].message);
        } else {
            (void)assert_accepted(fixture, "UpdateTable", request);
        }
    }
}

/* ---- deletion protection ---- */

static void deletion_protection_is_switched(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    const struct cJSON *reply = assert_accepted(
        fixture, "UpdateTable", "{'TableName':'Tab','DeletionProtectionEnabled':true}");
    assert_member_is(fixture, reply, "TableDescription.DeletionProtectionEnabled", "true");
    assert_member_is(fixture, reply, "TableDescription.TableStatus", "'ACTIVE'");
    reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_member_is(fixture, reply, "Table.DeletionProtectionEnabled", "true");
    assert_refused(fixture, "UpdateTable", "{'TableName':'Tab','DeletionProtectionEnabled':'no'}",
                   "com.amazon.coral.availability#ThrottlingException",
                   "Deletion protection setting for table Tab modified within the previous 1300 "
                   "milliseconds. Please try again after 2026-01-01T00:00:01.450Z");
    api_fixture_advance(fixture, PROTECTION_PAUSE_MS);
    reply = assert_accepted(fixture, "UpdateTable",
                            "{'TableName':'Tab','DeletionProtectionEnabled':'no'}");
    assert_member_is(fixture, reply, "TableDescription.DeletionProtectionEnabled", "false");
}

/* It protects the table, not its indexes. */
static void indexes_of_a_protected_table_may_be_deleted(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','DeletionProtectionEnabled':true}");
    (void)assert_accepted(fixture, "UpdateTable", "{'TableName':'Tab'," UPDATES(DELETE("one")) "}");
}

static void the_table_may_be_named_by_its_arn(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, PROVISIONED);
    const struct cJSON *reply =
        assert_accepted(fixture, "UpdateTable",
                        "{'TableName':'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab',"
                        "'DeletionProtectionEnabled':true}");
    assert_member_is(fixture, reply, "TableDescription.TableName", "'Tab'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(static_faults_come_before_the_table),
        API_TEST(a_table_that_is_not_there_is_not_found),
        API_TEST(a_table_on_its_way_is_in_use),
        API_TEST(entries_are_refused_and_nothing_is_applied),
        API_TEST(a_fault_in_one_entry_undoes_the_others),
        API_TEST(counts_are_limited),
        API_TEST(deletion_protection_is_switched),
        API_TEST(indexes_of_a_protected_table_may_be_deleted),
        API_TEST(the_table_may_be_named_by_its_arn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
