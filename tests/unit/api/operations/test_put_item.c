/* PutItem: what an item may hold, its keys and index keys, conditions, return values, capacity. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DEFINE(name, type) "{'AttributeName':'" name "','AttributeType':'" type "'}"
#define HASH(name)         "{'AttributeName':'" name "','KeyType':'HASH'}"
#define RANGE(name)        "{'AttributeName':'" name "','KeyType':'RANGE'}"

/* Two global indexes on `g`, so that the one named first in the alphabet is not the first made. */
static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[" DEFINE("pk", "S") "," DEFINE("sk", "N") "," DEFINE(
        "g",
        "S") "," DEFINE("b",
                        "B") "],'KeySchema':[" HASH("pk") "," RANGE("sk") "],'"
                                                                          "GlobalSecondaryIndexes':"
                                                                          "["
                                                                          "{'IndexName':'zzz','"
                                                                          "KeySchema':[" HASH("g") "," RANGE(
                                                                              "b") "],"
                                                                                   "'Projection':{'"
                                                                                   "ProjectionType'"
                                                                                   ":'INCLUDE','"
                                                                                   "NonKeyAttribute"
                                                                                   "s':['p']}},"
                                                                                   "{'IndexName':'"
                                                                                   "aaa','"
                                                                                   "KeySchema':"
                                                                                   "[" HASH("b") "," RANGE(
                                                                                       "g") "],"
                                                                                            "'Proje"
                                                                                            "ction'"
                                                                                            ":{'"
                                                                                            "Projec"
                                                                                            "tionTy"
                                                                                            "pe':'"
                                                                                            "KEYS_"
                                                                                            "ONLY'}"
                                                                                            "}]}";

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    return 0;
}

#define PUT(item)     "{'TableName':'Tab','Item':{" item "}}"
#define ITEM(members) PUT("'pk':{'S':'a'},'sk':{'N':'1'}," members)
#define KEY           "'pk':{'S':'a'},'sk':{'N':'1'}"
#define WITH(members) "{'TableName':'Tab','Item':{" KEY ",'v':{'S':'new'}}," members "}"
#define NOT_VALID     "One or more parameter values are not valid. "

/* ---- what comes back as it went in ---- */

static const struct {
    const char *value;
    const char *stored;
} VALUES[] = {
    { "{'S':''}", "{'S':''}" },
    { "{'S':'\\u0000é\\ud83d\\ude00'}", "{'S':'\\u0000é😀'}" },
    { "{'N':'1E5'}", "{'N':'100000'}" },
    { "{'N':'-0.00'}", "{'N':'0'}" },
    { "{'N':'1.10'}", "{'N':'1.1'}" },
    { "{'B':''}", "{'B':''}" },
    { "{'B':'AAEC'}", "{'B':'AAEC'}" },
    { "{'BOOL':'no'}", "{'BOOL':false}" },
    { "{'NULL':true}", "{'NULL':true}" },
    { "{'L':[{'N':'01'},{'L':[]}]}", "{'L':[{'N':'1'},{'L':[]}]}" },
    { "{'M':{'b':{'S':'x'},'a':{'M':{}}}}", "{'M':{'a':{'M':{}},'b':{'S':'x'}}}" },
    { "{'S':'x','Unknown':1,'N':null}", "{'S':'x'}" },
};

static void values_are_stored_in_their_canonical_form(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
        assert_answer(fixture, "PutItem",
                      api_fixture_text(fixture, ITEM("'v':%s"), VALUES[i].value), "{}");
        const struct cJSON *reply =
            assert_accepted(fixture, "GetItem", "{'TableName':'Tab','Key':{" KEY "}}");
        assert_member_is(fixture, reply, "Item.v", VALUES[i].stored);
    }
}

/* ---- refusals ---- */

static const struct {
    const char *request;
    const char *type;
    const char *message;
} FAULTS[] = {
    /* constraints */
    { "{}", VALIDATION,
      "2 validation errors detected: Value null at 'tableName' failed to satisfy constraint: "
      "Member "
      "must not be null; Value null at 'item' failed to satisfy constraint: Member must not be "
      "null" },
    { WITH("'ReturnValues':'SOME'"), VALIDATION,
      "1 validation error detected: Value 'SOME' at 'returnValues' failed to satisfy constraint: "
      "Member "
      "must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]" },

    /* placeholders without an expression */
    { "{'TableName':'None','Item':{'v':{}},'ExpressionAttributeNames':{}}", VALIDATION,
      "ExpressionAttributeNames can only be specified when using expressions" },
    { "{'TableName':'None','Item':{'v':{}},'ExpressionAttributeValues':{}}", VALIDATION,
      "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression "
      "is "
      "null" },
    /* Query's, unknown here */
    { "{'TableName':'None','Item':{'v':{}},'FilterExpression':'x','ExpressionAttributeNames':{}}",
      VALIDATION, "ExpressionAttributeNames can only be specified when using expressions" },

    /* values */
    { ITEM("'v':{}"), VALIDATION,
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { ITEM("'v':{'S':'x','N':'1'}"), VALIDATION,
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
      "supported datatypes" },
    { ITEM("'v':{'N':'x'}"), VALIDATION,
      "The parameter cannot be converted to a numeric value: x" },
    { ITEM("'v':{'N':'1E126'}"), VALIDATION,
      "Number overflow. Attempting to store a number with magnitude larger than supported range" },
    { ITEM("'v':{'N':'1E-131'}"), VALIDATION,
      "Number underflow. Attempting to store a number with magnitude smaller than supported "
      "range" },
    { ITEM("'v':{'N':'123456789012345678901234567890123456789'}"), VALIDATION,
      "Attempting to store more than 38 significant digits in a Number" },
    { ITEM("'v':{'NULL':false}"), VALIDATION,
      INVALID "Null attribute value types must have the value of true" },
    { ITEM("'v':{'SS':[]}"), VALIDATION, INVALID "An string set  may not be empty" },
    { ITEM("'v':{'SS':['a','b','a']}"), VALIDATION,
      INVALID "Input collection [a, b, a] contains duplicates." },
    { ITEM("'v':{'NS':['1','1.0']}"), VALIDATION, "Input collection contains duplicates" },
    { ITEM("'v':{'BS':['AA==','AA==']}"), VALIDATION,
      INVALID "Input collection [AA==, AA==]of type BS contains duplicates." },

    /* values, then ReturnValues, then expressions, then the table */
    { "{'TableName':'None','Item':{'v':{}},'ReturnValues':'ALL_NEW','ConditionExpression':''}",
      VALIDATION,
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { "{'TableName':'None','Item':{},'ReturnValues':'ALL_NEW','ConditionExpression':''}",
      VALIDATION, "ReturnValues can only be ALL_OLD or NONE" },
    { "{'TableName':'None','Item':{},'ConditionExpression':'','ExpressionAttributeNames':{}}",
      VALIDATION, "ExpressionAttributeNames must not be empty" },
    { "{'TableName':'None','Item':{},'ConditionExpression':'','ExpressionAttributeNames':{'a':'b'},"
      "'ExpressionAttributeValues':{':v':{}}}",
      VALIDATION, "ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\"" },
    { "{'TableName':'None','Item':{},'ConditionExpression':'',"
      "'ExpressionAttributeValues':{':v':{},'v':{'S':'x'}}}",
      VALIDATION, "ExpressionAttributeValues contains invalid key: Syntax error; key: \"v\"" },
    { "{'TableName':'None','Item':{},'ConditionExpression':'',"
      "'ExpressionAttributeValues':{':v':{},':a':{'N':'x'}}}",
      VALIDATION,
      "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must "
      "contain "
      "exactly one of the supported datatypes for key :v" },
    { "{'TableName':'None','Item':{},'ConditionExpression':''}", VALIDATION,
      "Invalid ConditionExpression: The expression can not be empty;" },
    { PUT("") "", VALIDATION, INVALID "Missing the key pk in the item" },
    { "{'TableName':'None','Item':{}}", NOT_FOUND, "Requested resource not found" },

    /* the table's key */
    { PUT("'pk':{'S':'a'},'g':{'N':'1'}"), VALIDATION, INVALID "Missing the key sk in the item" },
    { PUT("'pk':{'N':'1'}"), VALIDATION, INVALID "Type mismatch for key pk expected: S actual: N" },
    { PUT("'pk':{'S':'a'},'sk':{'S':'1'}"), VALIDATION,
      INVALID "Type mismatch for key sk expected: N actual: S" },
    { PUT("'pk':{'S':''},'sk':{'N':'1'}"), VALIDATION,
      NOT_VALID "The AttributeValue for a key attribute cannot contain an empty string value. Key: "
                "pk" },

    /* index keys: of several indexes the first in the alphabet */
    { ITEM("'g':{'N':'1'}"), VALIDATION,
      INVALID "Type mismatch for Index Key g Expected: S Actual: N IndexName: aaa" },
    { ITEM("'g':{'NULL':true}"), VALIDATION,
      INVALID "Type mismatch for Index Key g Expected: S Actual: NULL IndexName: aaa" },
    { ITEM("'g':{'SS':['x']}"), VALIDATION,
      INVALID "Type mismatch for Index Key g Expected: S Actual: SS IndexName: aaa" },
    { ITEM("'b':{'S':'x'}"), VALIDATION,
      INVALID "Type mismatch for Index Key b Expected: B Actual: S IndexName: aaa" },
    { ITEM("'g':{'S':''}"), VALIDATION,
      NOT_VALID
      "A value specified for a secondary index key is not supported. The AttributeValue for a "
      "key attribute cannot contain an empty string value. IndexName: aaa, IndexKey: g" },
    { ITEM("'b':{'B':''}"), VALIDATION,
      NOT_VALID
      "A value specified for a secondary index key is not supported. The AttributeValue for a "
      "key attribute cannot contain an empty binary value. IndexName: aaa, IndexKey: b" },
    /* before the condition */
    { "{'TableName':'Tab','Item':{" KEY ",'g':{'N':'1'}},'ConditionExpression':"
      "'attribute_exists(pk)'}",
      VALIDATION, INVALID "Type mismatch for Index Key g Expected: S Actual: N IndexName: aaa" },
};

static void faults_are_refused_and_nothing_is_stored(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "PutItem", FAULTS[i].request, FAULTS[i].type, FAULTS[i].message);
    }
    assert_answer(fixture, "Scan", "{'TableName':'Tab'}",
                  "{'Items':[],'Count':0,'ScannedCount':0}");
}

/* ---- sizes ---- */

static const struct {
    const char *item; /* with a place for the text */
    size_t length;
    const char *message; /* NULL: accepted */
} SIZES[] = {
    { "'pk':{'S':'%s'},'sk':{'N':'1'}", 2048, NULL },
    { "'pk':{'S':'%s'},'sk':{'N':'1'}", 2049,
      INVALID "Size of hashkey has exceeded the maximum size limit of2048 bytes" },
    { KEY ",'g':{'S':'%s'}", 1024, NULL },
    { KEY ",'g':{'S':'%s'}", 1025,
      INVALID "Size limit exceeded for Index Key g Actual Size: 1025 bytes Max Size: 1024 bytes "
              "IndexName: aaa" },
    /* names and values: pk 2+1, sk 2+2, v 1 */
    { KEY ",'v':{'S':'%s'}", 409600 - 8, NULL },
    { KEY ",'v':{'S':'%s'}", 409600 - 7, "Item size has exceeded the maximum allowed size" },
};

static void sizes_are_limited(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        const char *place = strstr(SIZES[i].item, "%s");
        const char *request = api_fixture_text(
            fixture, PUT("%.*s%s%s"), (int)(place - SIZES[i].item), SIZES[i].item,
            api_fixture_repeat(fixture, 'x', SIZES[i].length), place + strlen("%s"));
        if (SIZES[i].message != NULL) {
            assert_refused(fixture, "PutItem", request, VALIDATION, SIZES[i].message);
        } else {
            (void)assert_accepted(fixture, "PutItem", request);
        }
        api_fixture_forget(fixture);
    }
}

/* ---- conditions and what comes back ---- */

static void a_condition_decides_and_the_old_item_comes_back(void **state)
{
    struct api_fixture *fixture = *state;
    static const char UNMET[] =
        WITH("'ConditionExpression':'v = :v','ExpressionAttributeValues':{':v':{'S':'other'}}");
    static const char UNMET_ALL_OLD[] =
        WITH("'ConditionExpression':'v = :v','ExpressionAttributeValues':{':v':{'S':'other'}},"
             "'ReturnValuesOnConditionCheckFailure':'ALL_OLD'");
    assert_refused(fixture, "PutItem", UNMET_ALL_OLD, NOT_MET, "The conditional request failed");
    assert_member_is(fixture, call(fixture, "PutItem", UNMET_ALL_OLD).json, "Item", NULL);
    assert_answer(fixture, "PutItem",
                  WITH("'ConditionExpression':'attribute_not_exists(pk)','ReturnValues':'ALL_OLD'"),
                  "{}");
    assert_refused(fixture, "PutItem", UNMET, NOT_MET, "The conditional request failed");
    assert_member_is(fixture, call(fixture, "PutItem", UNMET).json, "Item", NULL);
    assert_refused(fixture, "PutItem", UNMET_ALL_OLD, NOT_MET, "The conditional request failed");
    assert_member_is(fixture, call(fixture, "PutItem", UNMET_ALL_OLD).json, "Item",
                     "{" KEY ",'v':{'S':'new'}}");
    assert_answer(fixture, "PutItem", WITH("'ReturnValues':'NONE'"), "{}");
    assert_answer(fixture, "PutItem",
                  "{'TableName':'Tab','Item':{" KEY ",'w':{'N':'7'}},'ReturnValues':'ALL_OLD',"
                  "'ConditionExpression':'#v = :v','ExpressionAttributeNames':{'#v':'v'},"
                  "'ExpressionAttributeValues':{':v':{'S':'new'}}}",
                  "{'Attributes':{" KEY ",'v':{'S':'new'}}}");
    assert_answer(fixture, "GetItem", "{'TableName':'Tab','Key':{" KEY "}}",
                  "{'Item':{" KEY ",'w':{'N':'7'}}}");
}

/* ---- 5.2: capacity, step by step on one item ---- */

#define G_B "'g':{'S':'g'},'b':{'B':'AAAA'}"

static const struct {
    const char *item;
    const char *table;
    const char *indexes; /* NULL: none of them has an entry in the reply */
} COSTS[] = {
    /* in no index; enters both; unprojected attributes only; the same again */
    { KEY ",'g':{'S':'g'}", "1", NULL },
    { KEY "," G_B, "1", "{'zzz':{'CapacityUnits':1},'aaa':{'CapacityUnits':1}}" },
    { KEY "," G_B ",'o':{'S':'x'}", "1", NULL },
    { KEY "," G_B ",'o':{'S':'x'}", "1", NULL },
    /* what one of them projects; an index key, delete and insert in both; leaves both */
    { KEY "," G_B ",'p':{'S':'x'}", "1", "{'zzz':{'CapacityUnits':1}}" },
    { KEY ",'g':{'S':'h'},'b':{'B':'AAAA'}", "1",
      "{'zzz':{'CapacityUnits':2},'aaa':{'CapacityUnits':2}}" },
    { KEY, "1", "{'zzz':{'CapacityUnits':1},'aaa':{'CapacityUnits':1}}" },
};

static void a_write_costs_by_what_it_changes(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof COSTS / sizeof *COSTS; i++) {
        const struct cJSON *reply = assert_accepted(
            fixture, "PutItem",
            api_fixture_text(fixture,
                             "{'TableName':'Tab','Item':{%s},'ReturnConsumedCapacity':'INDEXES'}",
                             COSTS[i].item));
        const struct cJSON *capacity = json_at(reply, "ConsumedCapacity");
        assert_member_is(fixture, capacity, "TableName", "'Tab'");
        assert_member_is(fixture, capacity, "Table.CapacityUnits", COSTS[i].table);
        assert_member_is(fixture, capacity, "GlobalSecondaryIndexes", COSTS[i].indexes);
    }
    assert_answer(fixture, "PutItem", WITH("'ReturnConsumedCapacity':'TOTAL'"),
                  "{'ConsumedCapacity':{'TableName':'Tab','CapacityUnits':1}}");
}

static void the_larger_of_two_images_is_charged(void **state)
{
    static const struct {
        size_t length;
        const char *units;
    } ROWS[] = {
        { 1024 - 8, "1" }, { 1024 - 7, "2" }, { 10, "2" }, { 10, "1" }, { 5 * 1024, "6" },
    };
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const struct cJSON *reply =
            assert_accepted(fixture, "PutItem",
                            api_fixture_text(fixture,
                                             "{'TableName':'Tab','Item':{" KEY
                                             ",'v':{'S':'%s'}},'ReturnConsumedCapacity':'TOTAL'}",
                                             api_fixture_repeat(fixture, 'x', ROWS[i].length)));
        assert_member_is(fixture, reply, "ConsumedCapacity.CapacityUnits", ROWS[i].units);
    }
}

/* Only tables with a local index have item collections. */
static void item_collection_metrics_come_with_a_local_index(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture,
                 "{'TableName':'Loc','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':"
                 "[" DEFINE("pk", "S") "," DEFINE(
                     "sk", "N") "],"
                                "'KeySchema':[" HASH("pk") "," RANGE(
                                    "sk") "],'LocalSecondaryIndexes':["
                                          "{'IndexName':'local','KeySchema':[" HASH("pk") "," RANGE(
                                              "sk") "],"
                                                    "'Projection':{'ProjectionType':'ALL'}}]}");
    assert_answer(fixture, "PutItem", WITH("'ReturnItemCollectionMetrics':'SIZE'"), "{}");
    assert_answer(fixture, "PutItem",
                  "{'TableName':'Loc','Item':{" KEY "},'ReturnItemCollectionMetrics':'SIZE'}",
                  "{'ItemCollectionMetrics':{'ItemCollectionKey':{'pk':{'S':'a'}},"
                  "'SizeEstimateRangeGB':[0,1]}}");
    assert_answer(fixture, "PutItem",
                  "{'TableName':'Loc','Item':{" KEY "},'ReturnItemCollectionMetrics':'NONE'}",
                  "{}");
}

/* ---- the window of a new index ---- */

/* From UpdateTable on the type is enforced; an item that was there before is left out of the index.
 */
static void a_new_index_key_is_enforced_from_updatetable_on(void **state)
{
    static const char BUILD[] = "{'TableName':'Tab','AttributeDefinitions':[" DEFINE(
        "n", "N") "],'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'new','KeySchema':"
                  "[" HASH("n") "],'Projection':{'ProjectionType':'ALL'}}}]}";
    static const char MISMATCH[] =
        INVALID "Type mismatch for Index Key n Expected: N Actual: S IndexName: new";
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "PutItem", ITEM("'n':{'S':'text'}"));
    (void)assert_accepted(fixture, "UpdateTable", BUILD);
    assert_refused(fixture, "PutItem", ITEM("'n':{'S':'text'}"), VALIDATION, MISMATCH);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    assert_answer(fixture, "Scan", "{'TableName':'Tab','IndexName':'new'}",
                  "{'Items':[],'Count':0,'ScannedCount':0}");
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','GlobalSecondaryIndexUpdates':[{'Delete':{"
                          "'IndexName':'new'}}]}");
    (void)assert_accepted(fixture, "PutItem", ITEM("'n':{'S':'text'}"));
}

static void a_durable_put_survives_a_restart(void **state)
{
    struct api_fixture fixture;
    (void)state;
    api_fixture_open_durable(&fixture);
    create_table(&fixture, TABLE);
    (void)assert_accepted(&fixture, "PutItem", ITEM("'v':{'S':'kept'}"));
    assert_refused(&fixture, "PutItem", WITH("'ConditionExpression':'attribute_not_exists(pk)'"),
                   NOT_MET, "The conditional request failed");
    api_fixture_reopen(&fixture);
    assert_answer(&fixture, "GetItem", "{'TableName':'Tab','Key':{" KEY "}}",
                  "{'Item':{" KEY ",'v':{'S':'kept'}}}");
    api_fixture_close(&fixture);
}

int main(void)
{
#define PUT_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        PUT_TEST(values_are_stored_in_their_canonical_form),
        PUT_TEST(faults_are_refused_and_nothing_is_stored),
        PUT_TEST(sizes_are_limited),
        PUT_TEST(a_condition_decides_and_the_old_item_comes_back),
        PUT_TEST(a_write_costs_by_what_it_changes),
        PUT_TEST(the_larger_of_two_images_is_charged),
        PUT_TEST(item_collection_metrics_come_with_a_local_index),
        PUT_TEST(a_new_index_key_is_enforced_from_updatetable_on),
        cmocka_unit_test(a_durable_put_survives_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
