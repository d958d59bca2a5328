/* UpdateItem on a table with indexes: what moves in them, and what may not become a key of one. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ATTRIBUTE(name, type) "{'AttributeName':'" name "','AttributeType':'" type "'}"
#define HASH(name)            "{'AttributeName':'" name "','KeyType':'HASH'}"
#define RANGE(name)           "{'AttributeName':'" name "','KeyType':'RANGE'}"

/* `zzz` is made before `aaa`; both have `g`. */
static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST',"
    "'AttributeDefinitions':[" ATTRIBUTE("pk", "S") "," ATTRIBUTE("sk", "N") "," ATTRIBUTE(
        "g",
        "S") "," ATTRIBUTE("b",
                           "B") "," ATTRIBUTE("n",
                                              "N") "],"
                                                   "'KeySchema':[" HASH("pk") "," RANGE(
                                                       "sk") "],"
                                                             "'LocalSecondaryIndexes':[{'"
                                                             "IndexName':'local','KeySchema':"
                                                             "[" HASH("pk") "," RANGE(
                                                                 "n") "],"
                                                                      "'Projection':{'"
                                                                      "ProjectionType':'KEYS_"
                                                                      "ONLY'}}],"
                                                                      "'GlobalSecondaryIndexes'"
                                                                      ":["
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

#define KEY          "'pk':{'S':'a'},'sk':{'N':'1'}"
#define UPDATE(rest) "{'TableName':'Tab','Key':{" KEY "}," rest "}"
#define SET(text)    "'UpdateExpression':'" text "'"
#define VALUES(rest) "'ExpressionAttributeValues':{" rest "}"

static const char *const ITEMS[] = {
    "{" KEY ",'g':{'S':'red'},'b':{'B':'AA=='},'s':{'S':'text'},'e':{'S':''},'f':{'B':''},"
    "'m':{'N':'7'}}",
    NULL,
};

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    put_items(*state, "Tab", ITEMS);
    return 0;
}

/* What the index `zzz` holds under a value of `g`, by its `p`. */
static const char *entries(struct api_fixture *fixture, const char *value)
{
    const struct cJSON *reply = assert_accepted(
        fixture, "Query",
        api_fixture_text(fixture,
                         "{'TableName':'Tab','IndexName':'zzz','KeyConditionExpression':'g = :g',"
                         "'ExpressionAttributeValues':{':g':{'S':'%s'}}}",
                         value));
    return column(fixture, reply, "p");
}

static void an_entry_follows_its_item(void **state)
{
    struct api_fixture *fixture = *state;
    assert_string_equal(entries(fixture, "red"), "-");
    assert_answer(fixture, "UpdateItem", UPDATE(SET("SET p = :v") "," VALUES("':v':{'S':'one'}")),
                  "{}");
    assert_string_equal(entries(fixture, "red"), "one");
    assert_answer(fixture, "UpdateItem", UPDATE(SET("SET g = :v") "," VALUES("':v':{'S':'blue'}")),
                  "{}");
    assert_string_equal(entries(fixture, "red"), "");
    assert_string_equal(entries(fixture, "blue"), "one");
    assert_answer(fixture, "UpdateItem", UPDATE(SET("REMOVE b")), "{}");
    assert_string_equal(entries(fixture, "blue"), "");
}

static const struct {
    const char *request;
    const char *answer; /* ConsumedCapacity without its name */
} COSTS[] = {
    { UPDATE(SET("SET x = :v") "," VALUES("':v':{'N':'1'}")),
      "'CapacityUnits':1,'Table':{'CapacityUnits':1}" },
    { UPDATE(SET("SET p = :v") "," VALUES("':v':{'N':'1'}")),
      "'CapacityUnits':2,'Table':{'CapacityUnits':1},"
      "'GlobalSecondaryIndexes':{'zzz':{'CapacityUnits':1}}" },
    { UPDATE(SET("SET g = :v") "," VALUES("':v':{'S':'blue'}")),
      "'CapacityUnits':5,'Table':{'CapacityUnits':1},"
      "'GlobalSecondaryIndexes':{'zzz':{'CapacityUnits':2},'aaa':{'CapacityUnits':2}}" },
    { UPDATE(SET("REMOVE b")),
      "'CapacityUnits':3,'Table':{'CapacityUnits':1},"
      "'GlobalSecondaryIndexes':{'zzz':{'CapacityUnits':1},'aaa':{'CapacityUnits':1}}" },
    { UPDATE(SET("SET n = :v") "," VALUES("':v':{'N':'1'}")),
      "'CapacityUnits':2,'Table':{'CapacityUnits':1},"
      "'LocalSecondaryIndexes':{'local':{'CapacityUnits':1}}" },
};

static void each_index_is_paid_for_what_changed_in_it(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof COSTS / sizeof *COSTS; i++) {
        put_items(fixture, "Tab", ITEMS);
        const char *request = COSTS[i].request;
        request = api_fixture_text(fixture, "%.*s,'ReturnConsumedCapacity':'INDEXES'}",
                                   (int)(bytes_of_text(request).length - 1), request);
        assert_answer(fixture, "UpdateItem", request,
                      api_fixture_text(fixture, "{'ConsumedCapacity':{'TableName':'Tab',%s}}",
                                       COSTS[i].answer));
    }
}

static void item_collection_metrics_come_with_a_local_index(void **state)
{
    struct api_fixture *fixture = *state;
    assert_answer(fixture, "UpdateItem", UPDATE("'ReturnItemCollectionMetrics':'SIZE'"),
                  "{'ItemCollectionMetrics':{'ItemCollectionKey':{'pk':{'S':'a'}},"
                  "'SizeEstimateRangeGB':[0,1]}}");
}

/* ---- refusals ---- */

#define NOT_SUPPORTED                                                                              \
    "One or more parameter values are not valid. The update expression attempted to update a "     \
    "secondary index key to a value that is not supported. The AttributeValue for a key "          \
    "attribute cannot contain an empty "
#define UNSUPPORTED_TYPE                                                                           \
    "The update expression attempted to update the secondary index key to unsupported type"
#define MISMATCH(name, wanted, given, index)                                                       \
    INVALID "Type mismatch for Index Key " name " Expected: " wanted " Actual: " given             \
            " IndexName: " index

static const struct {
    const char *update;
    const char *values;
    const char *message;
} FAULTS[] = {
    /* what the request tells */
    { "SET g = :v", "':v':{'N':'1'}", MISMATCH("g", "S", "N", "aaa") },
    { "SET g = :v", "':v':{'NULL':true}", MISMATCH("g", "S", "NULL", "aaa") },
    { "SET n = :v", "':v':{'S':'x'}", MISMATCH("n", "N", "S", "local") },
    { "SET g = m + :v", "':v':{'N':'1'}", MISMATCH("g", "S", "N", "aaa") },
    { "SET g = list_append(zz, :v)", "':v':{'L':[]}", MISMATCH("g", "S", "L", "aaa") },
    { "SET g = if_not_exists(zz, :v)", "':v':{'N':'1'}", MISMATCH("g", "S", "N", "aaa") },
    { "ADD g :v", "':v':{'N':'1'}", MISMATCH("g", "S", "N", "aaa") },
    { "DELETE g :v", "':v':{'SS':['x']}", MISMATCH("g", "S", "SS", "aaa") },
    { "SET g = :v", "':v':{'S':''}", NOT_SUPPORTED "string value." },
    { "SET b = :v", "':v':{'B':''}", NOT_SUPPORTED "binary value." },
    { "SET g.x = :v", "':v':{'S':''}",
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
      "IndexKey: g" },
    { "SET x = list_append(n[0], :v)", "':v':{'L':[]}",
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
      "IndexKey: n" },
    /* what only the item tells */
    { "SET g = m", NULL, UNSUPPORTED_TYPE },
    { "SET n = s", NULL, UNSUPPORTED_TYPE },
    { "SET g = if_not_exists(m, :v)", "':v':{'S':'x'}", UNSUPPORTED_TYPE },
    { "SET g = e", NULL, NOT_SUPPORTED "string value." },
    { "SET b = f", NULL, NOT_SUPPORTED "binary value." },
};

static void what_cannot_be_a_key_is_refused(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        const char *values =
            FAULTS[i].values == NULL
                ? ""
                : api_fixture_text(fixture, ",'ExpressionAttributeValues':{%s}", FAULTS[i].values);
        assert_refused(fixture, "UpdateItem",
                       api_fixture_text(fixture, UPDATE("'UpdateExpression':'%s'%s"),
                                        FAULTS[i].update, values),
                       VALIDATION, FAULTS[i].message);
    }
    assert_member_is(fixture,
                     assert_accepted(fixture, "GetItem", "{'TableName':'Tab','Key':{" KEY "}}"),
                     "Item", ITEMS[0]);
}

static void what_is_too_long_for_a_key_is_refused(void **state)
{
    struct api_fixture *fixture = *state;
    const char *longest = api_fixture_repeat(fixture, 'x', 1024);
    const char *too_long = api_fixture_repeat(fixture, 'x', 1025);
#define SET_BOTH UPDATE(SET("SET g = :v, c = :w") "," VALUES("':v':{'S':'%s'},':w':{'S':'%s'}"))
    assert_answer(fixture, "UpdateItem", api_fixture_text(fixture, SET_BOTH, longest, too_long),
                  "{}");
    assert_refused(fixture, "UpdateItem", api_fixture_text(fixture, SET_BOTH, too_long, "x"),
                   VALIDATION,
                   INVALID "Size limit exceeded for Index Key g Actual Size: 1025 bytes Max Size: "
                           "1024 bytes IndexName: aaa");
    assert_refused(fixture, "UpdateItem", UPDATE(SET("SET g = c")), VALIDATION,
                   "The update expression attempted to update the secondary index key beyond "
                   "allowed size limits");
}

static void keys_that_were_wrong_before_may_stay_if_they_are_not_touched(void **state)
{
    struct api_fixture *fixture = *state;
    assert_answer(fixture, "UpdateItem", UPDATE(SET("SET late = :v") "," VALUES("':v':{'N':'1'}")),
                  "{}");
    assert_accepted(
        fixture, "UpdateTable",
        "{'TableName':'Tab','AttributeDefinitions':[" ATTRIBUTE(
            "late",
            "S") "],"
                 "'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'new','KeySchema':[" HASH(
                     "late") "],"
                             "'Projection':{'ProjectionType':'ALL'}}}]}");
    api_fixture_advance(fixture, TABLE_UPDATE_MS);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    assert_answer(fixture, "UpdateItem", UPDATE(SET("SET x = :v") "," VALUES("':v':{'N':'1'}")),
                  "{}");
    assert_refused(fixture, "UpdateItem", UPDATE(SET("SET late = late")), VALIDATION,
                   UNSUPPORTED_TYPE);
    assert_answer(fixture, "UpdateItem", UPDATE(SET("REMOVE late")), "{}");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_entry_follows_its_item),
        TEST(each_index_is_paid_for_what_changed_in_it),
        TEST(item_collection_metrics_come_with_a_local_index),
        TEST(what_cannot_be_a_key_is_refused),
        TEST(what_is_too_long_for_a_key_is_refused),
        TEST(keys_that_were_wrong_before_may_stay_if_they_are_not_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
