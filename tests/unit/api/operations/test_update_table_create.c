/*
 * A new index by UpdateTable: every fault of its entry, and of every two the one that is told. What
 * the index takes of its definition is what CreateTable takes (test_create_table_indexes.c).
 */

#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char TABLE[] = TAB(DEFINE(S("pk") "," S("a")) "," KEY(HASH("pk")) "," UNITS(
    "5", "5") "," GSIS(GSI("one", "a", "," UNITS("5", "5"))));

/* What a request is made of, each as it is without fault. */
enum part { NAME, DEFINITIONS, KEY_SCHEMA, PROJECTION, THROUGHPUT, ON_DEMAND_LIMITS, WARM_UNITS };
enum { PARTS_COUNT = WARM_UNITS + 1 };

static const char *const VALID[PARTS_COUNT] = {
    [NAME] = "new",
    [DEFINITIONS] = DEFINE(S("b") "," S("c")),
    [KEY_SCHEMA] = KEY(HASH("b") "," RANGE("c")),
    [PROJECTION] = "{'ProjectionType':'ALL'}",
    [THROUGHPUT] = UNITS("5", "5"),
    [ON_DEMAND_LIMITS] = LIMITS(""),
    [WARM_UNITS] = WARM_OF(""),
};

/* In the order in which they are told; a fault is in one or two parts. */
static const struct fault {
    const char *parts[PARTS_COUNT]; /* NULL: as it is without fault */
    const char *type;
    const char *message;
} FAULTS[] = {
    { { [NAME] = "one" }, VALIDATION, "Attempting to create an index which already exists" },
    { { [DEFINITIONS] = "'x':1" },
      VALIDATION,
      INVALID "AttributeDefinitions is not specified for index: new" },
    { { [DEFINITIONS] = DEFINE(S("b")) },
      VALIDATION,
      "Invalid KeySchema: Some index key attribute have no definition" },
    { { [DEFINITIONS] = DEFINE(S("b") "," S("d")) },
      VALIDATION,
      INVALID "Some index key attributes are not defined in AttributeDefinitions. Keys: [b, c], "
              "AttributeDefinitions: [b, d]" },
    { { [KEY_SCHEMA] = KEY(HASH("b") "," RANGE("b")) },
      VALIDATION,
      "Both the Hash Key and the Range Key element in the KeySchema have the same name" },
    { { [KEY_SCHEMA] = KEY(RANGE("b") "," RANGE("c")) },
      VALIDATION,
      "Invalid KeySchema: The first KeySchemaElement is not a HASH key type" },
    { { [DEFINITIONS] = DEFINE(N("a") "," N("pk")), [KEY_SCHEMA] = KEY(HASH("a") "," RANGE("pk")) },
      VALIDATION,
      INVALID
      "Attributes cannot be redefined. Please check that your attribute has the same type as "
      "previously defined. Existing schema: Schema:[SchemaElement: key{a:S:HASH}] New schema: "
      "Schema:[SchemaElement: key{a:N:HASH}]" },
    { { [PROJECTION] = "{}" }, VALIDATION, INVALID "Unknown ProjectionType: null" },
    { { [PROJECTION] = "{'ProjectionType':'INCLUDE'}" },
      VALIDATION,
      INVALID "ProjectionType is INCLUDE, but NonKeyAttributes is not specified" },
    { { [PROJECTION] = "{'ProjectionType':'INCLUDE','NonKeyAttributes':['x','x']}" },
      VALIDATION,
      INVALID "Duplicate element in NonKeyAttributes: x" },
    { { [THROUGHPUT] = "'x':1" },
      VALIDATION,
      INVALID "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: new" },
    { { [THROUGHPUT] = UNITS("1", "1000000000001") },
      VALIDATION,
      "Given value 1000000000001 for WriteCapacityUnits is out of bounds" },
    { { [ON_DEMAND_LIMITS] = MAX("1", "1") },
      VALIDATION,
      INVALID "MaxReadRequestUnits for OnDemandThroughput for index: new cannot be specified when "
              "table BillingMode is PROVISIONED." },
    { { [WARM_UNITS] = WARM("4", "4") },
      VALIDATION,
      INVALID "Requested ReadUnitsPerSecond for WarmThroughput for index new is lower than "
              "ReadCapacityUnits of ProvisionedThroughput" },
    { { [WARM_UNITS] = WARM("5", "40001") },
      LIMIT,
      "Subscriber limit exceeded: Requested WriteUnitsPerSecond for WarmThroughput for index new "
      "exceeds TableMaxWriteCapacityUnits of the account in region eu-test-1" },
};
enum { FAULTS_COUNT = sizeof FAULTS / sizeof *FAULTS };

/* The request with the parts of one fault or of two that have none in common. */
static const char *request_with(struct api_fixture *fixture,
                                const char *table_name,
                                const struct fault *one,
                                const struct fault *other)
{
    const char *parts[PARTS_COUNT];
    for (int i = 0; i < PARTS_COUNT; i++) {
        parts[i] = one->parts[i] != NULL                      ? one->parts[i]
                   : other != NULL && other->parts[i] != NULL ? other->parts[i]
                                                              : VALID[i];
    }
    return api_fixture_text(fixture,
                            "{'TableName':'%s',%s," UPDATES(
                                "{'Create':{'IndexName':'%s',%s,'Projection':%s,%s,%s,%s}}") "}",
                            table_name, parts[DEFINITIONS], parts[NAME], parts[KEY_SCHEMA],
                            parts[PROJECTION], parts[THROUGHPUT], parts[ON_DEMAND_LIMITS],
                            parts[WARM_UNITS]);
}

static bool share_a_part(const struct fault *one, const struct fault *other)
{
    for (int i = 0; i < PARTS_COUNT; i++) {
        if (one->parts[i] != NULL && other->parts[i] != NULL) {
            return true;
        }
    }
    return false;
}

static void the_request_without_fault_is_accepted(void **state)
{
    static const struct fault none = { .message = NULL };
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "UpdateTable", request_with(fixture, "Tab", &none, NULL));
}

static void each_fault_has_its_text(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    for (size_t i = 0; i < FAULTS_COUNT; i++) {
        assert_refused(fixture, "UpdateTable", request_with(fixture, "Tab", &FAULTS[i], NULL),
                       FAULTS[i].type, FAULTS[i].message);
    }
}

static void of_two_faults_the_earlier_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    size_t pairs = 0;
    create_table(fixture, TABLE);
    for (size_t i = 0; i < FAULTS_COUNT; i++) {
        for (size_t j = i + 1; j < FAULTS_COUNT; j++) {
            /* another key would alter a message that quotes it */
            bool alters =
                strstr(FAULTS[i].message, "Keys: [") != NULL && FAULTS[j].parts[KEY_SCHEMA] != NULL;
            if (!share_a_part(&FAULTS[i], &FAULTS[j]) && !alters) {
                assert_refused(fixture, "UpdateTable",
                               request_with(fixture, "Tab", &FAULTS[i], &FAULTS[j]), FAULTS[i].type,
                               FAULTS[i].message);
                pairs++;
            }
        }
    }
    assert_true(pairs > 70);
}

/* ---- the number of indexes, last of all ---- */

static void the_number_of_indexes_is_told_last(void **state)
{
    static const struct fault none = { .message = NULL };
    struct api_fixture *fixture = *state;
    const char *indexes = GSI("one", "a", "," UNITS("5", "5"));
    for (int i = 2; i <= 20; i++) {
        indexes =
            api_fixture_text(fixture, "%s," GSI("gsi%d", "a", "," UNITS("5", "5")), indexes, i);
    }
    create_table(fixture,
                 api_fixture_text(fixture,
                                  "{'TableName':'Full'," DEFINE(S("pk") "," S("a")) "," KEY(
                                      HASH("pk")) "," UNITS("5", "5") "," GSIS("%s") "}",
                                  indexes));
    for (size_t i = 0; i < FAULTS_COUNT; i++) {
        assert_refused(fixture, "UpdateTable", request_with(fixture, "Full", &FAULTS[i], NULL),
                       FAULTS[i].type, FAULTS[i].message);
    }
    assert_refused(fixture, "UpdateTable", request_with(fixture, "Full", &none, NULL), LIMIT,
                   "Subscriber limit exceeded: Number of global secondary indexes exceeds "
                   "per-table limit of 20");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(the_request_without_fault_is_accepted),
        API_TEST(each_fault_has_its_text),
        API_TEST(of_two_faults_the_earlier_is_told),
        API_TEST(the_number_of_indexes_is_told_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
