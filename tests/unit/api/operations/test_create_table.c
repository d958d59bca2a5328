/*
 * CreateTable's refusals, in the service's order. FAULTS is that order: every row is a valid
 * request with one fault, and of every two rows that change different members the earlier one is
 * told.
 */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define S(name)            "{'AttributeName':'" name "','AttributeType':'S'}"
#define HASH(name)         "{'AttributeName':'" name "','KeyType':'HASH'}"
#define RANGE(name)        "{'AttributeName':'" name "','KeyType':'RANGE'}"
#define UNITS(read, write) "{'ReadCapacityUnits':" read ",'WriteCapacityUnits':" write "}"
#define DEFINITIONS(list)  "'AttributeDefinitions':[" list "]"
#define KEYS_ONLY          "'Projection':{'ProjectionType':'KEYS_ONLY'}"
#define ONE_UNIT           "'ProvisionedThroughput':" UNITS("1", "1")
#define LSI_KEY            "'KeySchema':[" HASH("pk") "," RANGE("a") "]"
#define GSI_KEY            "'KeySchema':[" HASH("b") "]"
#define LSI(members)       "'LocalSecondaryIndexes':[{'IndexName':'byA'," members "}]"
#define GSI(members)       "'GlobalSecondaryIndexes':[{'IndexName':'byB'," members "}]"

static const char BASE[] = "'TableName':'Tab'," DEFINITIONS(S("pk") "," S("sk") "," S("a") "," S(
    "b")) ",'KeySchema':[" HASH("pk") "," RANGE("sk") "]," LSI(LSI_KEY
                                                               "," KEYS_ONLY) "," GSI(GSI_KEY
                                                                                      "," KEYS_ONLY
                                                                                      "," ONE_UNIT) "," ONE_UNIT;

#define ONE_ERROR "1 validation error detected: "
#define NOT_NULL  " failed to satisfy constraint: Member must not be null"

/* A row whose text another row's change would alter does not go into pairs. */
enum pairing { PAIRED, ALONE };

static const struct fault {
    const char *members; /* appended to BASE */
    const char *message;
    enum pairing pairing;
} FAULTS[] = {
    /* 2: the table's name */
    { "'TableName':null",
      "The parameter 'TableName' is required but was not present in the request", PAIRED },
    { "'TableName':'ab'",
      ONE_ERROR "Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length "
                "greater than or equal to 3",
      PAIRED },

    /* 3: constraints; several are told together, so they have a table of their own below */
    { "'BillingMode':'FREE'",
      ONE_ERROR "Value 'FREE' at 'billingMode' failed to satisfy constraint: Member must satisfy "
                "enum value set: [PROVISIONED, PAY_PER_REQUEST]",
      PAIRED },

    /* 4: billing */
    { "'BillingMode':'PAY_PER_REQUEST'",
      INVALID
      "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
      "PAY_PER_REQUEST",
      ALONE },
    { "'ProvisionedThroughput':null",
      INVALID "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
              "PROVISIONED",
      PAIRED },
    { "'ProvisionedThroughput':" UNITS("1000000000001", "1000000000002"),
      "Given value 1000000000001 for ReadCapacityUnits is out of bounds", PAIRED },
    { "'ProvisionedThroughput':" UNITS("1", "1000000000001"),
      "Given value 1000000000001 for WriteCapacityUnits is out of bounds", PAIRED },

    /* 5: the table's key */
    { DEFINITIONS(S("pk")), "Invalid KeySchema: Some index key attribute have no definition",
      PAIRED },
    { "'KeySchema':[" HASH("pk") "," RANGE("nk") "]",
      INVALID "Some index key attributes are not defined in AttributeDefinitions. Keys: [pk, nk], "
              "AttributeDefinitions: [pk, sk, a, b]",
      ALONE },
    { "'KeySchema':[" RANGE("pk") "," HASH("pk") "]",
      "Both the Hash Key and the Range Key element in the KeySchema have the same name", PAIRED },
    { "'KeySchema':[" RANGE("pk") "," RANGE("sk") "]",
      "Invalid KeySchema: The first KeySchemaElement is not a HASH key type", PAIRED },
    { "'KeySchema':[" HASH("pk") "," HASH("sk") "]",
      "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type", PAIRED },
    { DEFINITIONS(S("pk") "," S("sk") "," S("a") "," S("b") "," S("a")),
      "Attribute Name is duplicated: a", PAIRED },

    /* 6: definitions that nothing uses */
    { "'LocalSecondaryIndexes':null,'GlobalSecondaryIndexes':null",
      INVALID
      "Number of attributes in KeySchema does not exactly match number of attributes defined "
      "in AttributeDefinitions",
      PAIRED },
    { DEFINITIONS(S("c") "," S("pk") "," S("sk") "," S("a") "," S("b")),
      INVALID
      "Some AttributeDefinitions are not used. AttributeDefinitions: [c, pk, sk, a, b], keys "
      "used: [pk, sk, a, b]",
      ALONE },

    /* 7: an empty list */
    { DEFINITIONS(S("pk") "," S("sk") "," S("b")) ",'LocalSecondaryIndexes':[]",
      INVALID "List of LocalSecondaryIndexes is empty", PAIRED },

    /* 8, 9: local indexes */
    { DEFINITIONS(S("pk") "," S("a") "," S("b")) ",'KeySchema':[" HASH("pk") "]",
      INVALID "Table KeySchema does not have a range key, which is required when specifying a "
              "LocalSecondaryIndex",
      ALONE },
    { DEFINITIONS(S("pk") "," S("sk") "," S("b")) "," LSI(
          "'KeySchema':[" HASH("pk") "," RANGE("nk") "]," KEYS_ONLY),
      INVALID "Some index key attributes are not defined in AttributeDefinitions. Keys: [pk, nk], "
              "AttributeDefinitions: [pk, sk, b]",
      PAIRED },
    { LSI("'KeySchema':[" HASH("a") "]," KEYS_ONLY),
      INVALID "Index KeySchema does not have a range key for index: byA", PAIRED },
    { LSI("'KeySchema':[" HASH("sk") "," RANGE("a") "]," KEYS_ONLY),
      INVALID
      "Index KeySchema does not have the same leading hash key as table KeySchema for index: "
      "byA. index hash key: sk, table hash key: pk",
      ALONE },
    { LSI(LSI_KEY ",'Projection':{}"), INVALID "Unknown ProjectionType: null", PAIRED },

    /* 7, 9, 10, 11: global indexes */
    { DEFINITIONS(S("pk") "," S("sk") "," S("a")) ",'GlobalSecondaryIndexes':[]",
      INVALID "List of GlobalSecondaryIndexes is empty", PAIRED },
    { GSI("'KeySchema':[" HASH("b") "," RANGE("b") "]," KEYS_ONLY "," ONE_UNIT),
      "Both the Hash Key and the Range Key element in the KeySchema have the same name", PAIRED },
    { GSI("'KeySchema':[" RANGE("b") "]," KEYS_ONLY "," ONE_UNIT),
      "Invalid KeySchema: The first KeySchemaElement is not a HASH key type", PAIRED },
    { GSI(GSI_KEY ",'Projection':{'ProjectionType':'INCLUDE'}"),
      INVALID "ProjectionType is INCLUDE, but NonKeyAttributes is not specified", PAIRED },
    { GSI(GSI_KEY "," KEYS_ONLY), INVALID "ProvisionedThroughput is not specified for index: byB",
      PAIRED },
    { GSI(GSI_KEY "," KEYS_ONLY ",'ProvisionedThroughput':" UNITS("1", "1000000000001")),
      "Given value 1000000000001 for WriteCapacityUnits is out of bounds", PAIRED },
    { "'GlobalSecondaryIndexes':[{'IndexName':'byA'," GSI_KEY "," KEYS_ONLY "," ONE_UNIT "}]",
      INVALID "Duplicate index name: byA", PAIRED },
};
enum { FAULTS_COUNT = sizeof FAULTS / sizeof *FAULTS };

static void assert_fault(struct api_fixture *fixture, const char *members, const char *message)
{
    assert_refused(fixture, "CreateTable", api_fixture_text(fixture, "{%s,%s}", BASE, members),
                   VALIDATION, message);
}

static void the_request_without_fault_is_accepted(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "CreateTable", api_fixture_text(fixture, "{%s}", BASE));
}

static void each_fault_has_its_text(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < FAULTS_COUNT; i++) {
        assert_fault(fixture, FAULTS[i].members, FAULTS[i].message);
    }
}

/* Whether both rows change this member of the request itself; indexes have some of the same names.
 */
static bool both_change(const struct fault *left, const struct fault *right, const char *member)
{
    const char *first = strstr(left->members, member);
    const char *second = strstr(right->members, member);
    return first != NULL && second != NULL && strstr(left->members, "IndexName") == NULL &&
           strstr(right->members, "IndexName") == NULL;
}

static bool may_pair(const struct fault *left, const struct fault *right)
{
    static const char *const MEMBERS[] = { "TableName", "BillingMode", "ProvisionedThroughput",
                                           "KeySchema" };
    static const char *const LISTS[] = { "AttributeDefinitions", "LocalSecondaryIndexes",
                                         "GlobalSecondaryIndexes" };
    bool may = left->pairing == PAIRED && right->pairing == PAIRED;
    for (size_t i = 0; may && i < sizeof MEMBERS / sizeof *MEMBERS; i++) {
        may = !both_change(left, right, MEMBERS[i]);
    }
    for (size_t i = 0; may && i < sizeof LISTS / sizeof *LISTS; i++) {
        may = strstr(left->members, LISTS[i]) == NULL || strstr(right->members, LISTS[i]) == NULL;
    }
    return may;
}

static void of_two_faults_the_earlier_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    size_t pairs = 0;
    for (size_t i = 0; i < FAULTS_COUNT; i++) {
        for (size_t j = i + 1; j < FAULTS_COUNT; j++) {
            if (may_pair(&FAULTS[i], &FAULTS[j])) {
                assert_fault(
                    fixture,
                    api_fixture_text(fixture, "%s,%s", FAULTS[j].members, FAULTS[i].members),
                    FAULTS[i].message);
                pairs++;
            }
        }
        api_fixture_forget(fixture);
    }
    assert_true(pairs > 150);
}

/* Two faults that pairing cannot bring together. */
static const struct {
    const char *members;
    const char *message;
} TWICE_WRONG[] = {
    { "'BillingMode':'PAY_PER_REQUEST','ProvisionedThroughput':null",
      INVALID "ProvisionedThroughput should not be specified for index: byB when BillingMode is "
              "PAY_PER_REQUEST" },
    { "'BillingMode':'PAY_PER_REQUEST','ProvisionedThroughput':null," GSI(
          GSI_KEY ",'Projection':{}," ONE_UNIT),
      INVALID "Unknown ProjectionType: null" },
    /* more keys than definitions, then a key that has none, then the same name twice, the roles */
    { "'KeySchema':[" HASH("nk") "," RANGE("nl") "]," DEFINITIONS(S("a")),
      "Invalid KeySchema: Some index key attribute have no definition" },
    { "'KeySchema':[" RANGE("nk") "," HASH("nk") "]",
      INVALID "Some index key attributes are not defined in AttributeDefinitions. Keys: [nk, nk], "
              "AttributeDefinitions: [pk, sk, a, b]" },
    { "'KeySchema':[" RANGE("pk") "," HASH("sk") "]",
      "Invalid KeySchema: The first KeySchemaElement is not a HASH key type" },
    /* the roles, then a definition twice, then unused ones, then empty lists */
    { "'KeySchema':[" HASH("pk") "," HASH("sk") "]," DEFINITIONS(S("pk") "," S("sk") "," S("sk")),
      "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type" },
    { DEFINITIONS(S("pk") "," S("sk") "," S("c") "," S("c")), "Attribute Name is duplicated: c" },
    { "'LocalSecondaryIndexes':[]",
      INVALID "Some AttributeDefinitions are not used. AttributeDefinitions: [pk, sk, a, b], keys "
              "used: [pk, sk, b]" },
    /* of an index: key schema, leading hash, projection, throughput, name */
    { LSI("'KeySchema':[" HASH("a") "," RANGE("sk") "],'Projection':{}"), INVALID
      "Index KeySchema does not have the same leading hash key as table KeySchema for index: "
      "byA. index hash key: a, table hash key: pk" },
    { "'LocalSecondaryIndexes':[{'IndexName':'byA'," LSI_KEY "," KEYS_ONLY
      "},{'IndexName':'byA'," LSI_KEY ",'Projection':{}}]",
      INVALID "Unknown ProjectionType: null" },
    { "'LocalSecondaryIndexes':[{'IndexName':'byA'," LSI_KEY "," KEYS_ONLY
      "},{'IndexName':'byA'," LSI_KEY "," KEYS_ONLY "}]",
      INVALID "Duplicate index name: byA" },
    { "'GlobalSecondaryIndexes':[{'IndexName':'byA'," GSI_KEY ",'Projection':{}}]",
      INVALID "Unknown ProjectionType: null" },
    { "'GlobalSecondaryIndexes':[{'IndexName':'byA'," GSI_KEY "," KEYS_ONLY "}]",
      INVALID "ProvisionedThroughput is not specified for index: byA" },
    /* in the order of the list, each index whole */
    { "'GlobalSecondaryIndexes':[{'IndexName':'byA'," GSI_KEY "," KEYS_ONLY "," ONE_UNIT
      "},{'IndexName':'byC'," GSI_KEY ",'Projection':{}}]",
      INVALID "Duplicate index name: byA" },
};

static void faults_of_one_member_have_an_order_too(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof TWICE_WRONG / sizeof *TWICE_WRONG; i++) {
        assert_fault(fixture, TWICE_WRONG[i].members, TWICE_WRONG[i].message);
    }
}

/* ---- 3: constraints ---- */

static const struct {
    const char *members;
    const char *message;
} CONSTRAINTS[] = {
    { "'AttributeDefinitions':null", ONE_ERROR "Value null at 'attributeDefinitions'" NOT_NULL },
    { "'KeySchema':null", ONE_ERROR "Value null at 'keySchema'" NOT_NULL },
    { "'TableName':'T*?'", ONE_ERROR
      "Value 'T*?' at 'tableName' failed to satisfy constraint: Member must satisfy regular "
      "expression pattern: [a-zA-Z0-9_.-]+" },
    { "'KeySchema':[]",
      ONE_ERROR "Value '[]' at 'keySchema' failed to satisfy constraint: Member must have length "
                "greater than or equal to 1" },
    { "'ProvisionedThroughput':" UNITS("0", "-1"),
      "2 validation errors detected: Value '-1' at 'provisionedThroughput.writeCapacityUnits' "
      "failed to satisfy constraint: Member must have value greater than or equal to 1; Value '0' "
      "at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have "
      "value greater than or equal to 1" },
    { "'ProvisionedThroughput':{}",
      "2 validation errors detected: Value null at "
      "'provisionedThroughput.writeCapacityUnits'" NOT_NULL
      "; Value null at 'provisionedThroughput.readCapacityUnits'" NOT_NULL },
    { DEFINITIONS("{'AttributeName':'pk','AttributeType':'L'},{}"),
      "3 validation errors detected: Value 'L' at 'attributeDefinitions.1.member.attributeType' "
      "failed "
      "to satisfy constraint: Member must satisfy enum value set: [B, N, S]; Value null at "
      "'attributeDefinitions.2.member.attributeName'" NOT_NULL
      "; Value null at 'attributeDefinitions.2.member.attributeType'" NOT_NULL },
    { "'KeySchema':[{'AttributeName':'pk','KeyType':'HASHED'}]", ONE_ERROR
      "Value 'HASHED' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member "
      "must satisfy enum value set: [HASH, RANGE]" },
    { "'LocalSecondaryIndexes':[{'IndexName':'i?'}]",
      "4 validation errors detected: Value 'i?' at 'localSecondaryIndexes.1.member.indexName' "
      "failed "
      "to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; "
      "Value "
      "'i?' at 'localSecondaryIndexes.1.member.indexName' failed to satisfy constraint: Member "
      "must "
      "have length greater than or equal to 3; Value null at "
      "'localSecondaryIndexes.1.member.keySchema'" NOT_NULL
      "; Value null at 'localSecondaryIndexes.1.member.projection'" NOT_NULL },
    /* those of global indexes before those of local ones, whatever the order sent */
    { LSI(LSI_KEY) "," GSI(GSI_KEY),
      "2 validation errors detected: Value null at "
      "'globalSecondaryIndexes.1.member.projection'" NOT_NULL
      "; Value null at 'localSecondaryIndexes.1.member.projection'" NOT_NULL },
    { GSI(GSI_KEY ",'Projection':{'ProjectionType':'SOME'}," ONE_UNIT), ONE_ERROR
      "Value 'SOME' at 'globalSecondaryIndexes.1.member.projection.projectionType' failed "
      "to satisfy constraint: Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]" },
    { GSI(GSI_KEY "," KEYS_ONLY ",'ProvisionedThroughput':" UNITS("1", "0")), ONE_ERROR
      "Value '0' at "
      "'globalSecondaryIndexes.1.member.provisionedThroughput.writeCapacityUnits' failed to "
      "satisfy constraint: Member must have value greater than or equal to 1" },
};

static void constraints_are_told_together(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof CONSTRAINTS / sizeof *CONSTRAINTS; i++) {
        assert_fault(fixture, CONSTRAINTS[i].members, CONSTRAINTS[i].message);
    }
}

/* `members` has a place "%s" for `text`. */
static const char *fill_in(struct api_fixture *fixture, const char *members, const char *text)
{
    const char *place = strstr(members, "%s");
    return api_fixture_text(fixture, "%.*s%s%s", (int)(place - members), members, text,
                            place + strlen("%s"));
}

static void long_names_are_refused(void **state)
{
    static const struct {
        const char *members;
        const char *path;
    } ROWS[] = {
        { "'TableName':'%s'", "tableName" },
        { DEFINITIONS("{'AttributeName':'%s','AttributeType':'S'}"),
          "attributeDefinitions.1.member.attributeName" },
        { "'KeySchema':[{'AttributeName':'%s','KeyType':'HASH'}]",
          "keySchema.1.member.attributeName" },
        { "'GlobalSecondaryIndexes':[{'IndexName':'%s'," GSI_KEY "," KEYS_ONLY "}]",
          "globalSecondaryIndexes.1.member.indexName" },
        { GSI(GSI_KEY ",'Projection':{'NonKeyAttributes':['%s']}"),
          "globalSecondaryIndexes.1.member.projection.nonKeyAttributes.1.member" },
    };
    struct api_fixture *fixture = *state;
    const char *name = api_fixture_repeat(fixture, 'n', 256);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const char *message = api_fixture_text(
            fixture,
            ONE_ERROR "Value '%s' at '%s' failed to satisfy constraint: Member must "
                      "have length less than or equal to 255",
            name, ROWS[i].path);
        assert_fault(fixture, fill_in(fixture, ROWS[i].members, name), message);
    }
}

/* Global indexes take more. */
static void a_third_key_attribute_of_a_table_or_local_index_is_refused(void **state)
{
    static const char THREE[] = "'KeySchema':[" HASH("pk") "," RANGE("a") "," RANGE("b") "]";
    static const char *const ROWS[][2] = {
        { "%s", "keySchema" },
        { LSI(KEYS_ONLY ",%s"), "localSecondaryIndexes.1.member.keySchema" },
    };
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const char *message =
            api_fixture_text(fixture,
                             ONE_ERROR "Value '[KeySchemaElement(attributeName=pk, keyType=HASH), "
                                       "KeySchemaElement(attributeName=a, keyType=RANGE), "
                                       "KeySchemaElement(attributeName=b, keyType=RANGE)]' at '%s' "
                                       "failed to satisfy constraint: Member must have length less "
                                       "than or equal to 2",
                             ROWS[i][1]);
        assert_fault(fixture, fill_in(fixture, ROWS[i][0], THREE), message);
    }
}

/* ---- 16: the name is taken ---- */

static void a_name_in_use_is_refused_last(void **state)
{
    struct api_fixture *fixture = *state;
    const char *request = api_fixture_text(fixture, "{%s}", BASE);
    (void)assert_accepted(fixture, "CreateTable", request);
    assert_refused(fixture, "CreateTable", request, IN_USE,
                   STILL_IN_USE "Table is being created: Tab");
    api_fixture_advance(fixture, TABLE_CREATE_INDEXED_MS);
    assert_refused(fixture, "CreateTable", request, IN_USE, "Table already exists: Tab");
    for (size_t i = 0; i < FAULTS_COUNT; i++) {
        assert_fault(fixture, FAULTS[i].members, FAULTS[i].message);
    }
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
    assert_refused(fixture, "CreateTable", request, IN_USE, "Table already exists: Tab");
    api_fixture_advance(fixture, TABLE_DELETE_MS);
    (void)assert_accepted(fixture, "CreateTable", request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(the_request_without_fault_is_accepted),
        API_TEST(each_fault_has_its_text),
        API_TEST(of_two_faults_the_earlier_is_told),
        API_TEST(faults_of_one_member_have_an_order_too),
        API_TEST(constraints_are_told_together),
        API_TEST(long_names_are_refused),
        API_TEST(a_third_key_attribute_of_a_table_or_local_index_is_refused),
        API_TEST(a_name_in_use_is_refused_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
