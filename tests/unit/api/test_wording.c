#include "api/wording.h"

#include "api/json.h"
#include "api/shape.h"
#include "storage/base/arena.h"
#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ONE        "1 validation error detected: "
#define TWO        "2 validation errors detected: "
#define FAILED     "' failed to satisfy constraint: "
#define LENGTH_MIN "Member must have length greater than or equal to 1"
#define NOT_NULL   "Member must not be null"
#define ENUM(list) "Member must satisfy enum value set: [" list "]"
#define BARE_ENUM  "Failed to satisfy constraint: Member must satisfy enum value set: "

#define VALUES_CLASSIC  "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW"
#define VALUES_MIGRATED "[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
#define CAPACITIES      "INDEXES, TOTAL, NONE"

#define BAD_VALUES   "'ReturnValues':'X'"
#define BAD_CAPACITY "'ReturnConsumedCapacity':'Y'"

#define NO_KEY_MATCH "The provided key element does not match the schema"
#define TWO_TYPES                                                                                  \
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "    \
    "supported datatypes"
#define EMPTY_SET INVALID "An string set  may not be empty"
#define EMPTY_KEY                                                                                  \
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "   \
    "contain an empty string value. Key: pk"
#define EMPTY_INDEXED                                                                              \
    "One or more parameter values are not valid. A value specified for a secondary index key is "  \
    "not supported. The AttributeValue for a key attribute cannot contain an empty string value. " \
    "IndexName: by-g, IndexKey: g"
#define NO_CONDITION                                                                               \
    "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "       \
    "request."
#define START_INVALID      "The provided starting key is invalid: " NO_KEY_MATCH
#define MISSING(operation) "The requestItems parameter is required for " operation
#define MISSING_2026       "Value at 'RequestItems" FAILED LENGTH_MIN

/* One request and its refusal in both wordings. */
static const struct refusal {
    const char *operation;
    const char *request;
    const char *classic;
    const char *migrated; /* NULL: the same */
} REFUSALS[] = {
    /* An operation's own texts. */
    { "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'a','N':'1'}}}", TWO_TYPES, ONE TWO_TYPES },
    { "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'a'},'x':{'SS':[]}}}", EMPTY_SET,
      ONE EMPTY_SET },
    { "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'a'}},'ReturnValues':'ALL_NEW'}",
      "ReturnValues can only be ALL_OLD or NONE", ONE "ReturnValues can only be ALL_OLD or NONE" },
    { "PutItem", "{'TableName':'Tab','Item':{'x':{'S':'a'}}}",
      INVALID "Missing the key pk in the item", ONE INVALID "Missing the key pk in the item" },
    { "DeleteItem", "{'TableName':'Tab','Key':{'pk':{'S':'a','N':'1'}}}", TWO_TYPES,
      ONE TWO_TYPES },
    { "Query", "{'TableName':'Tab'}", NO_CONDITION, ONE NO_CONDITION },
    { "BatchGetItem", "{'RequestItems':{'Tab':{'Keys':[{'pk':{'S':'a'}},{'pk':{'S':'a'}}]}}}",
      "Provided list of item keys contains duplicates",
      ONE "Provided list of item keys contains duplicates" },
    { "BatchWriteItem", "{'RequestItems':{'Tab':[{'PutRequest':{'Item':{'x':{'S':'a'}}}}]}}",
      INVALID "Missing the key pk in the item", ONE INVALID "Missing the key pk in the item" },

    /* Never prefixed. */
    { "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':''}}}", EMPTY_KEY, NULL },
    { "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'a'},'g':{'S':''}}}", EMPTY_INDEXED, NULL },
    { "DeleteItem", "{'TableName':'Tab','Key':{'x':{'S':'a'}}}", NO_KEY_MATCH, NULL },
    { "BatchGetItem", "{'RequestItems':{'Tab':{'Keys':[{'x':{'S':'a'}}]}}}", NO_KEY_MATCH, NULL },
    { "BatchWriteItem", "{'RequestItems':{'Tab':[{'DeleteRequest':{'Key':{'x':{'S':'a'}}}}]}}",
      NO_KEY_MATCH, NULL },

    /* Operations that have not changed. */
    { "GetItem", "{'TableName':'Tab','Key':{'pk':{'S':'a','N':'1'}}}", TWO_TYPES, NULL },
    { "GetItem", "{'TableName':'','Key':{'pk':{'S':'a'}}}",
      ONE "Value '' at 'tableName" FAILED LENGTH_MIN, NULL },
    { "Scan", "{'TableName':'Tab','ExclusiveStartKey':{'x':{'S':'a'}}}", START_INVALID, NULL },
    { "Scan", "{'TableName':'Tab'," BAD_CAPACITY "}",
      ONE "Value 'Y' at 'returnConsumedCapacity" FAILED ENUM(CAPACITIES), NULL },
    { "DeleteTable", "{'TableName':''}", ONE "Value '' at 'tableName" FAILED LENGTH_MIN, NULL },
    { "DeleteTable", "{}",
      "The parameter 'TableName' is required but was not present in the request", NULL },

    /* An empty table name: without its value, and alone. */
    { "PutItem", "{'TableName':''," BAD_VALUES "}",
      "3 validation errors detected: Value '' at 'tableName" FAILED LENGTH_MIN
      "; Value null at 'item" FAILED NOT_NULL
      "; Value 'X' at 'returnValues" FAILED ENUM(VALUES_CLASSIC),
      ONE "Value at 'TableName" FAILED LENGTH_MIN },
    { "Query", "{'TableName':''}", ONE "Value '' at 'tableName" FAILED LENGTH_MIN,
      ONE "Value at 'TableName" FAILED LENGTH_MIN },
    { "PutItem", "{'Item':{}}", ONE "Value null at 'tableName" FAILED NOT_NULL, NULL },

    /* Enums: neither value nor place, but counted. */
    { "PutItem", "{'TableName':'Tab','Item':{}," BAD_VALUES "}",
      ONE "Value 'X' at 'returnValues" FAILED ENUM(VALUES_CLASSIC), ONE BARE_ENUM VALUES_MIGRATED },
    { "PutItem", "{'TableName':'Tab','Item':{}," BAD_VALUES "," BAD_CAPACITY "}",
      TWO "Value 'Y' at 'returnConsumedCapacity" FAILED ENUM(
          CAPACITIES) "; Value 'X' at 'returnValues" FAILED ENUM(VALUES_CLASSIC),
      TWO BARE_ENUM "[" CAPACITIES "]; " BARE_ENUM VALUES_MIGRATED },
    { "DeleteItem", "{'TableName':'Tab','Key':{}," BAD_VALUES "}",
      ONE "Value 'X' at 'returnValues" FAILED ENUM(VALUES_CLASSIC), ONE BARE_ENUM VALUES_MIGRATED },

    /* Empty batches. */
    { "BatchGetItem", "{'RequestItems':{}}", MISSING("BatchGetItem"), ONE MISSING_2026 },
    { "BatchWriteItem", "{'RequestItems':{}}", MISSING("BatchWriteItem"), NULL },
};

static void prepare(struct api_fixture *fixture)
{
    create_table(fixture, "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST',"
                          "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],"
                          "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"
                          "{'AttributeName':'g','AttributeType':'S'}],"
                          "'GlobalSecondaryIndexes':[{'IndexName':'by-g',"
                          "'KeySchema':[{'AttributeName':'g','KeyType':'HASH'}],"
                          "'Projection':{'ProjectionType':'ALL'}}]}");
}

static void every_refusal_has_its_classic_text(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open(&fixture);
    prepare(&fixture);
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        const struct refusal *refusal = &REFUSALS[i];
        assert_refused(&fixture, refusal->operation, refusal->request, VALIDATION,
                       refusal->classic);
    }
    api_fixture_close(&fixture);
}

static void every_refusal_has_its_text_of_2026(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_worded(&fixture, API_WORDING_2026);
    prepare(&fixture);
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        const struct refusal *refusal = &REFUSALS[i];
        assert_refused(&fixture, refusal->operation, refusal->request, VALIDATION,
                       refusal->migrated != NULL ? refusal->migrated : refusal->classic);
    }
    api_fixture_close(&fixture);
}

static void other_errors_have_one_text(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_worded(&fixture, API_WORDING_2026);
    prepare(&fixture);
    assert_refused(&fixture, "PutItem", "{'TableName':'Unknown','Item':{'pk':{'S':'a'}}}",
                   NOT_FOUND, "Requested resource not found");
    assert_refused(&fixture, "PutItem", "{'TableName':1}", SERIALIZES,
                   "NUMBER_VALUE cannot be converted to String");
    assert_refused(&fixture, "PutItem",
                   "{'TableName':'Tab','Item':{'pk':{'S':'a'}},"
                   "'ConditionExpression':'attribute_exists(pk)'}",
                   NOT_MET, "The conditional request failed");
    assert_refused(&fixture, "Unheard", "{}", PROTOCOL "UnknownOperationException", NULL);
    api_fixture_close(&fixture);
}

/* ---- without an operation ---- */

static const struct shape CHOICE = { .kind = SHAPE_STRING, .values = "A, B" };
static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED },
    { "First", &CHOICE, OPTIONAL },
    { "Second", &CHOICE, OPTIONAL },
    { "Key", &SHAPE_ITEM, REQUIRED },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("Input", MEMBERS);

static void assert_constraints(const char *operation, const char *body, const char *message)
{
    struct arena arena;
    struct api_error error;
    const struct cJSON *json;
    arena_init(&arena);
    json_install_hooks();
    assert_true(json_parse(&arena, bytes_of_text(body), &json));
    assert_false(shape_check_constraints(
        &INPUT, json, wording_of_operation(API_WORDING_2026, operation), &arena, &error));
    assert_string_equal(bytes_to_text(&arena, error.message), message);
    arena_deinit(&arena);
}

static void update_item_tells_no_more_after_a_failed_enum(void **state)
{
    (void)state;
    const char body[] = "{\"TableName\":\"Tab\",\"First\":\"C\",\"Second\":\"C\"}";
    assert_constraints("UpdateItem", body, ONE BARE_ENUM "[A, B]");
    assert_constraints("PutItem", body,
                       "3 validation errors detected: " BARE_ENUM "[A, B]; " BARE_ENUM
                       "[A, B]; Value null at 'key" FAILED NOT_NULL);
    assert_constraints("GetItem", body,
                       "3 validation errors detected: Value 'C' at 'first" FAILED
                           ENUM("A, B") "; Value 'C' at 'second" FAILED ENUM(
                               "A, B") "; Value null at 'key" FAILED NOT_NULL);
    assert_constraints("UpdateItem", "{\"TableName\":\"\",\"First\":\"C\"}",
                       ONE "Value at 'TableName" FAILED LENGTH_MIN);
}

static const struct {
    const char *operation;
    const char *classic;
    const char *migrated;
} TEXTS[] = {
    { "UpdateItem", "Any text", ONE "Any text" },
    { "UpdateItem", INVALID "Cannot update attribute pk. This attribute is part of the key",
      INVALID "Cannot update attribute pk. This attribute is part of the key" },
    { "UpdateItem", "", ONE },
    { "UpdateItem", "1 validation error detected: Value", "1 validation error detected: Value" },
    { "UpdateItem", "10 validation errors detected: V", "10 validation errors detected: V" },
    { "UpdateItem", "10 items", ONE "10 items" },
    { "TransactWriteItems", "Any text", "Any text" },
    { "TransactGetItems", "Any text", "Any text" },
    { "BatchExecuteStatement", "Any text", "Any text" },
    { "UpdateTable", "Any text", "Any text" },
};

static void texts_are_prefixed_once(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        const struct wording *wording = wording_of_operation(API_WORDING_2026, TEXTS[i].operation);
        struct api_error error;
        (void)api_error_set_message(&error, API_VALIDATION, bytes_of_text(TEXTS[i].classic));
        wording_apply(wording, &arena, &error);
        assert_string_equal(bytes_to_text(&arena, error.message), TEXTS[i].migrated);
        wording_apply(&WORDING_CLASSIC, &arena, &error);
        assert_string_equal(bytes_to_text(&arena, error.message), TEXTS[i].migrated);
    }
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_has_its_classic_text),
        cmocka_unit_test(every_refusal_has_its_text_of_2026),
        cmocka_unit_test(other_errors_have_one_text),
        cmocka_unit_test(update_item_tells_no_more_after_a_failed_enum),
        cmocka_unit_test(texts_are_prefixed_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
