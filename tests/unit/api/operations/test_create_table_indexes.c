/* CreateTable: projections, multi-attribute keys and counts of indexes, and what the reply says. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S(name)     "{'AttributeName':'" name "','AttributeType':'S'}"
#define HASH(name)  "{'AttributeName':'" name "','KeyType':'HASH'}"
#define RANGE(name) "{'AttributeName':'" name "','KeyType':'RANGE'}"
#define ONE_ERROR   "1 validation error detected: "

static const char TABLE[] =
    "'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[" S("pk") "," S(
        "sk") "],'KeySchema':[" HASH("pk") "," RANGE("sk") "]";

/* A table with one global index that has this key and projection. */
static const char *with_index(struct api_fixture *fixture,
                              const char *definitions,
                              const char *key,
                              const char *projection)
{
    return api_fixture_text(fixture,
                            "{%s%s%s,'GlobalSecondaryIndexes':[{'IndexName':'idx','KeySchema':[%s],"
                            "'Projection':%s}]}",
                            TABLE, definitions[0] != '\0' ? ",'AttributeDefinitions':" : "",
                            definitions, key, projection);
}

/* ---- 2.2: projections ---- */

#define AT_PROJECTION "'globalSecondaryIndexes.1.member.projection"
#define TEN(p)                                                                                     \
    "'" p "0','" p "1','" p "2','" p "3','" p "4','" p "5','" p "6','" p "7','" p "8','" p "9'"
#define TEN_ECHOED(p) p "0, " p "1, " p "2, " p "3, " p "4, " p "5, " p "6, " p "7, " p "8, " p "9"

static const struct {
    const char *projection;
    const char *message;
} PROJECTION_FAULTS[] = {
    { "null",
      ONE_ERROR "Value null at " AT_PROJECTION "' failed to satisfy constraint: Member must not be "
                "null" },
    { "{}", INVALID "Unknown ProjectionType: null" },
    { "{'ProjectionType':null}", INVALID "Unknown ProjectionType: null" },
    { "{'NonKeyAttributes':['x']}", INVALID "Unknown ProjectionType: null" },
    { "{'ProjectionType':'KEYS_ONLY','NonKeyAttributes':['x']}",
      INVALID "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified" },
    { "{'ProjectionType':'ALL','NonKeyAttributes':['x']}",
      INVALID "ProjectionType is ALL, but NonKeyAttributes is specified" },
    { "{'ProjectionType':'INCLUDE'}",
      INVALID "ProjectionType is INCLUDE, but NonKeyAttributes is not specified" },
    { "{'ProjectionType':'INCLUDE','NonKeyAttributes':[]}",
      ONE_ERROR "Value '[]' at " AT_PROJECTION ".nonKeyAttributes' failed to satisfy constraint: "
                "Member must have length greater than or equal to 1" },
    { "{'ProjectionType':'ALL','NonKeyAttributes':[]}",
      ONE_ERROR "Value '[]' at " AT_PROJECTION ".nonKeyAttributes' failed to satisfy constraint: "
                "Member must have length greater than or equal to 1" },
    { "{'ProjectionType':'INCLUDE','NonKeyAttributes':[" TEN("a") "," TEN("b") ",'c0']}",
      ONE_ERROR "Value '[" TEN_ECHOED("a") ", " TEN_ECHOED(
          "b") ", c0]' at " AT_PROJECTION ".nonKeyAttributes' failed to satisfy constraint: Member "
               "must have length less than or "
               "equal to 20" },
    { "{'ProjectionType':'INCLUDE','NonKeyAttributes':['x','y','x']}",
      INVALID "Duplicate element in NonKeyAttributes: x" },
};

static void faulty_projections_are_refused(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof PROJECTION_FAULTS / sizeof *PROJECTION_FAULTS; i++) {
        assert_refused(fixture, "CreateTable",
                       with_index(fixture, "", HASH("sk"), PROJECTION_FAULTS[i].projection),
                       VALIDATION, PROJECTION_FAULTS[i].message);
    }
}

static const struct {
    const char *projection;
    const char *described;
} PROJECTIONS[] = {
    { "{'ProjectionType':'ALL'}", "{'ProjectionType':'ALL'}" },
    { "{'ProjectionType':'KEYS_ONLY'}", "{'ProjectionType':'KEYS_ONLY'}" },
    { "{'ProjectionType':'INCLUDE','NonKeyAttributes':['y','x']}",
      "{'ProjectionType':'INCLUDE','NonKeyAttributes':['x','y']}" },
    /* key attributes may be listed and come back */
    { "{'ProjectionType':'INCLUDE','NonKeyAttributes':['x','sk','pk']}",
      "{'ProjectionType':'INCLUDE','NonKeyAttributes':['pk','sk','x']}" },
    { "{'ProjectionType':'INCLUDE','NonKeyAttributes':[" TEN("b") "," TEN("a") "]}",
      "{'ProjectionType':'INCLUDE','NonKeyAttributes':[" TEN("a") "," TEN("b") "]}" },
};

static void non_key_attributes_come_back_sorted(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof PROJECTIONS / sizeof *PROJECTIONS; i++) {
        create_table(fixture, with_index(fixture, "", HASH("sk"), PROJECTIONS[i].projection));
        const struct cJSON *reply =
            assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
        assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.0.Projection",
                         PROJECTIONS[i].described);
        (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
        api_fixture_advance(fixture, TABLE_DELETE_MS);
    }
}

/* ---- 12, 13: counts ---- */

/* 'Name':[{index}, …] with `count` indexes of this body, named <prefix>00 and on. */
static const char *index_list(struct api_fixture *fixture,
                              const char *member,
                              const char *prefix,
                              size_t count,
                              const char *body)
{
    const char *list = "";
    for (size_t i = 0; i < count; i++) {
        list = api_fixture_text(fixture, "%s%s{'IndexName':'%s%02zu',%s}", list, i > 0 ? "," : "",
                                prefix, i, body);
    }
    return api_fixture_text(fixture, "'%s':[%s]", member, list);
}

#define GSI_BODY "'KeySchema':[" HASH("sk") "],'Projection':{'ProjectionType':'ALL'}"
#define LSI_BODY                                                                                   \
    "'KeySchema':[" HASH("pk") "," RANGE("sk") "],'Projection':{'ProjectionType':'ALL'}"
#define TWENTY_BODY                                                                                \
    "'KeySchema':[" HASH("sk") "],'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':"    \
                               "[" TEN("a") "," TEN("b") "]}"
#define ONE_BODY                                                                                   \
    "'KeySchema':[" HASH("pk") "," RANGE("sk") "],'Projection':{'ProjectionType':'INCLUDE',"       \
                                               "'NonKeyAttributes':['a0']}"

static const struct {
    size_t lsis;
    const char *lsi_body;
    size_t gsis;
    const char *gsi_body;
    const char *message; /* NULL: accepted */
} COUNTS[] = {
    { 5, LSI_BODY, 20, GSI_BODY, NULL },
    { 6, LSI_BODY, 20, GSI_BODY,
      INVALID "Number of LocalSecondaryIndexes exceeds per-table limit of 5" },
    { 5, LSI_BODY, 21, GSI_BODY,
      INVALID "GlobalSecondaryIndex count exceeds the per-table limit of 20" },
    { 6, LSI_BODY, 21, GSI_BODY,
      INVALID "Number of LocalSecondaryIndexes exceeds per-table limit of 5" },
    { 2000, LSI_BODY, 1, GSI_BODY,
      INVALID "Number of LocalSecondaryIndexes exceeds per-table limit of 5" },
    { 0, LSI_BODY, 2000, GSI_BODY,
      INVALID "GlobalSecondaryIndex count exceeds the per-table limit of 20" },
    /* the same attribute in two indexes counts twice */
    { 0, LSI_BODY, 5, TWENTY_BODY, NULL },
    { 1, ONE_BODY, 5, TWENTY_BODY,
      INVALID "Number of NonKeyAttributes across all secondary indexes exceeds the per-table limit "
              "of 100" },
};

static void counts_are_limited(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; i++) {
        const char *lsis =
            index_list(fixture, "LocalSecondaryIndexes", "lsi", COUNTS[i].lsis, COUNTS[i].lsi_body);
        const char *gsis = index_list(fixture, "GlobalSecondaryIndexes", "gsi", COUNTS[i].gsis,
                                      COUNTS[i].gsi_body);
        const char *request = api_fixture_text(fixture, "{%s,%s,%s,'TableName':'Tab%zu'}", TABLE,
                                               COUNTS[i].lsis > 0 ? lsis : "'x':0", gsis, i);
        if (COUNTS[i].message != NULL) {
            assert_refused(fixture, "CreateTable", request, VALIDATION, COUNTS[i].message);
        } else {
            (void)assert_accepted(fixture, "CreateTable", request);
        }
        api_fixture_forget(fixture);
    }
}

/* ---- 2.4: multi-attribute keys ---- */

#define AHEAD  "[" S("pk") "," S("sk") "," S("a") "," S("b") "," S("c") "," S("d") "," S("e")
#define A_TO_E AHEAD "]"

static const struct {
    const char *definitions;
    const char *key;
    const char *message; /* NULL: accepted */
} KEYS[] = {
    { A_TO_E, HASH("a") "," HASH("b") "," HASH("c") "," HASH("d") "," RANGE("e"), NULL },
    { A_TO_E, HASH("a") "," RANGE("b") "," RANGE("c") "," RANGE("d") "," RANGE("e"), NULL },
    { AHEAD "," S("f") "," S("g") "," S("h") "]",
      HASH("a") "," HASH("b") "," HASH("c") "," HASH("d") "," RANGE("e") "," RANGE("f") "," RANGE(
          "g") "," RANGE("h"),
      NULL },
    { A_TO_E, HASH("a") "," HASH("b") "," HASH("c") "," HASH("d") "," HASH("e"),
      INVALID "The KeySchema exceeds the maximum allowed number of HASH key attributes" },
    { A_TO_E, HASH("pk") "," RANGE("a") "," RANGE("b") "," RANGE("c") "," RANGE("d") "," RANGE("e"),
      INVALID "The KeySchema exceeds the maximum allowed number of RANGE key attributes" },
    { A_TO_E, HASH("a") "," RANGE("b") "," HASH("c") "," RANGE("d") "," RANGE("e"),
      INVALID "All HASH key attributes must precede RANGE key attributes in the KeySchema" },
    { A_TO_E, HASH("a") "," HASH("b") "," HASH("c") "," HASH("d") "," RANGE("e") "," RANGE("a"),
      "The KeySchema contains multiple key attributes with the same name" },
    { A_TO_E, HASH("a") "," HASH("b") "," HASH("c") "," RANGE("d") "," RANGE("e") "," RANGE("nk"),
      INVALID
      "Some index key attributes are not defined in AttributeDefinitions. Keys: [a, b, c, d, "
      "e, nk], AttributeDefinitions: [pk, sk, a, b, c, d, e]" },
};

static void a_global_index_has_up_to_four_attributes_of_each_role(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        const char *request =
            with_index(fixture, KEYS[i].definitions, KEYS[i].key, "{'ProjectionType':'ALL'}");
        if (KEYS[i].message != NULL) {
            assert_refused(fixture, "CreateTable", request, VALIDATION, KEYS[i].message);
            continue;
        }
        const struct cJSON *reply = assert_accepted(fixture, "CreateTable", request);
        assert_member_is(fixture, reply, "TableDescription.GlobalSecondaryIndexes.0.KeySchema",
                         api_fixture_text(fixture, "[%s]", KEYS[i].key));
        api_fixture_advance(fixture, TABLE_CREATE_INDEXED_MS);
        (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
        api_fixture_advance(fixture, TABLE_DELETE_MS);
    }
}

/* ---- 2.3: accepted although odd ---- */

static const char *const ODD[] = {
    /* the table's own key */
    "'GlobalSecondaryIndexes':[{'IndexName':'idx'," LSI_BODY "}]",
    /* named like its table */
    "'GlobalSecondaryIndexes':[{'IndexName':'Tab'," GSI_BODY "}]",
    /* two alike under two names */
    "'GlobalSecondaryIndexes':[{'IndexName':'one'," GSI_BODY "},{'IndexName':'two'," GSI_BODY "}]",
    /* a local index on the table's sort key */
    "'LocalSecondaryIndexes':[{'IndexName':'idx'," LSI_BODY "}]",
    /* members of later years and misspelt ones are ignored */
    ("'Tags':[],'TableClass':'STANDARD','WarmThroughput':{},'OnDemandThroughput':{},"
     "'GlobalSecondaryIndexs':[{}],'VectorIndexes':[{'IndexName':'v'}]"),
};

static void odd_requests_are_accepted(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof ODD / sizeof *ODD; i++) {
        create_table(fixture, api_fixture_text(fixture, "{%s,%s}", TABLE, ODD[i]));
        (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
        api_fixture_advance(fixture, TABLE_DELETE_MS);
    }
}

/* ---- 2.5: the reply ---- */

static const char PROVISIONED[] =
    "{'TableName':'Tab',"
    "'AttributeDefinitions':[" S("sk") "," S(
        "pk") ",{'AttributeName':'n','AttributeType':'N'}],"
              "'KeySchema':[" HASH("pk") "," RANGE(
                  "sk") "],"
                        "'ProvisionedThroughput':{'ReadCapacityUnits':2,'WriteCapacityUnits':3},"
                        "'DeletionProtectionEnabled':true,"
                        "'LocalSecondaryIndexes':[{'IndexName':'local','KeySchema':[" HASH(
                            "pk") "," RANGE("n") "],"
                                                 "'Projection':{'ProjectionType':'KEYS_ONLY'}}],"
                                                 "'GlobalSecondaryIndexes':["
                                                 "{'IndexName':'zzz','KeySchema':[" HASH(
                                                     "n") "],'Projection':{'ProjectionType':'ALL'},"
                                                          "'ProvisionedThroughput':{'"
                                                          "ReadCapacityUnits':4,'"
                                                          "WriteCapacityUnits':5}},"
                                                          "{'IndexName':'aaa','KeySchema':[" HASH(
                                                              "sk") "],'Projection':{'"
                                                                    "ProjectionType':'ALL'},"
                                                                    "'ProvisionedThroughput':{'"
                                                                    "ReadCapacityUnits':6,'"
                                                                    "WriteCapacityUnits':7}}]}";

#define UNITS(read, write)                                                                         \
    "{'NumberOfDecreasesToday':0,'ReadCapacityUnits':" read ",'WriteCapacityUnits':" write "}"

static void the_reply_describes_a_provisioned_table(void **state)
{
    static const char *const ROWS[][2] = {
        { "AttributeDefinitions",
          "[{'AttributeName':'n','AttributeType':'N'}," S("pk") "," S("sk") "]" },
        { "TableName", "'Tab'" },
        { "KeySchema", "[" HASH("pk") "," RANGE("sk") "]" },
        { "TableStatus", "'CREATING'" },
        { "CreationDateTime", "1767225600" },
        { "ProvisionedThroughput", UNITS("2", "3") },
        { "TableSizeBytes", "0" },
        { "ItemCount", "0" },
        { "TableArn", "'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab'" },
        { "DeletionProtectionEnabled", "true" },
        { "BillingModeSummary", NULL },
        { "TableThroughputModeSummary", NULL },
        { "WarmThroughput", NULL },
        { "Tags", NULL },
        { "LocalSecondaryIndexes",
          "[{'IndexName':'local','KeySchema':[" HASH("pk") "," RANGE(
              "n") "],'Projection':{'ProjectionType':'KEYS_ONLY'},'IndexSizeBytes':0,'ItemCount':0,"
                   "'IndexArn':'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab/index/local'}]" },
        { "GlobalSecondaryIndexes.0",
          "{'IndexName':'zzz','KeySchema':[" HASH(
              "n") "],'Projection':{'ProjectionType':'ALL'},'IndexSizeBytes':0,'ItemCount':0,"
                   "'IndexStatus':'CREATING','ProvisionedThroughput':" UNITS(
                       "4", "5") ",'IndexArn':'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab/"
                                 "index/zzz'}" },
        { "GlobalSecondaryIndexes.1.IndexName", "'aaa'" },
        { "GlobalSecondaryIndexes.1.ProvisionedThroughput", UNITS("6", "7") },
    };
    struct api_fixture *fixture = *state;
    const struct cJSON *reply = assert_accepted(fixture, "CreateTable", PROVISIONED);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        assert_member_is(fixture, json_at(reply, "TableDescription"), ROWS[i][0], ROWS[i][1]);
    }
    assert_non_null(json_at(reply, "TableDescription.TableId"));
}

static void the_reply_describes_a_table_on_demand(void **state)
{
    static const char *const ROWS[][2] = {
        { "BillingModeSummary", "{'BillingMode':'PAY_PER_REQUEST'}" },
        { "TableThroughputModeSummary", "{'TableThroughputMode':'PAY_PER_REQUEST'}" },
        { "ProvisionedThroughput", UNITS("0", "0") },
        { "GlobalSecondaryIndexes.0.ProvisionedThroughput", UNITS("0", "0") },
        { "GlobalSecondaryIndexes.0.IndexStatus", "'CREATING'" },
        { "GlobalSecondaryIndexes.0.Backfilling", NULL },
        { "DeletionProtectionEnabled", "false" },
    };
    struct api_fixture *fixture = *state;
    const struct cJSON *reply = assert_accepted(
        fixture, "CreateTable", with_index(fixture, "", HASH("sk"), "{'ProjectionType':'ALL'}"));
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        assert_member_is(fixture, json_at(reply, "TableDescription"), ROWS[i][0], ROWS[i][1]);
    }
}

/* An access key of twelve digits is taken for an account. */
static void the_arn_names_the_callers_region_and_account(void **state)
{
    struct api_fixture *fixture = *state;
    fixture->caller.region = BYTES("ap-south-1");
    fixture->caller.access_key_id = BYTES("123456789012");
    const struct cJSON *reply =
        assert_accepted(fixture, "CreateTable", api_fixture_text(fixture, "{%s}", TABLE));
    assert_member_is(fixture, reply, "TableDescription.TableArn",
                     "'arn:aws:dynamodb:ap-south-1:123456789012:table/Tab'");
    fixture->caller.region = BYTES("us-east-1");
    fixture->caller.access_key_id = BYTES("12345678901x");
    reply = assert_accepted(fixture, "DescribeTable", "{'TableName':'Tab'}");
    assert_member_is(fixture, reply, "Table.TableArn",
                     "'arn:aws:dynamodb:ap-south-1:123456789012:table/Tab'");
}

static void items_are_refused_until_the_table_is_active(void **state)
{
    struct api_fixture *fixture = *state;
    static const char PUT[] = "{'TableName':'Tab','Item':{'pk':{'S':'1'},'sk':{'S':'2'}}}";
    (void)assert_accepted(fixture, "CreateTable", api_fixture_text(fixture, "{%s}", TABLE));
    api_fixture_advance(fixture, TABLE_CREATE_MS - 1);
    assert_refused(fixture, "PutItem", PUT, NOT_FOUND, "Requested resource not found");
    assert_refused(fixture, "Scan", "{'TableName':'Tab'}", NOT_FOUND,
                   "Requested resource not found");
    api_fixture_advance(fixture, 1);
    assert_answer(fixture, "PutItem", PUT, "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(faulty_projections_are_refused),
        API_TEST(non_key_attributes_come_back_sorted),
        API_TEST(counts_are_limited),
        API_TEST(a_global_index_has_up_to_four_attributes_of_each_role),
        API_TEST(odd_requests_are_accepted),
        API_TEST(the_reply_describes_a_provisioned_table),
        API_TEST(the_reply_describes_a_table_on_demand),
        API_TEST(the_arn_names_the_callers_region_and_account),
        API_TEST(items_are_refused_until_the_table_is_active),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
