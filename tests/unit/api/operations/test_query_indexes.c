/* Query on indexes: what is in them, what may be asked of them, multi-attribute keys, and when. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S(name)     "{'AttributeName':'" name "','AttributeType':'S'}"
#define HASH(name)  "{'AttributeName':'" name "','KeyType':'HASH'}"
#define RANGE(name) "{'AttributeName':'" name "','KeyType':'RANGE'}"
#define INCLUDE_I   "'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':['i']}"

/* Of every kind one index; `o` is projected by none but `all`. */
static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[" S("pk") "," S(
        "s"
        "k") "," S("g") "," S("l") "],'KeySchema':[" HASH("pk") "," RANGE("sk") "],"
                                                                                "'LocalSecondaryInd"
                                                                                "exes':["
                                                                                "{'IndexName':'"
                                                                                "local','"
                                                                                "KeySchema':[" HASH("pk") "," RANGE(
                                                                                    "l") "]"
                                                                                         "," INCLUDE_I
                                                                                         "}],"
                                                                                         "'GlobalSe"
                                                                                         "condaryIn"
                                                                                         "de"
                                                                                         "xes':["
                                                                                         "{'"
                                                                                         "IndexName"
                                                                                         "':'all','"
                                                                                         "KeySchema"
                                                                                         "':[" HASH(
                                                                                             "g") "],'"
                                                                                                  "Projection'"
                                                                                                  ":{'"
                                                                                                  "ProjectionT"
                                                                                                  "ype':'ALL'}"
                                                                                                  "},"
                                                                                                  "{'"
                                                                                                  "IndexName':"
                                                                                                  "'keys','"
                                                                                                  "KeySchema':"
                                                                                                  "[" HASH("g") "," RANGE(
                                                                                                      "sk") "]"
                                                                                                            ","
                                                                                                            "'"
                                                                                                            "P"
                                                                                                            "r"
                                                                                                            "o"
                                                                                                            "j"
                                                                                                            "e"
                                                                                                            "c"
                                                                                                            "t"
                                                                                                            "i"
                                                                                                            "o"
                                                                                                            "n"
                                                                                                            "'"
                                                                                                            ":"
                                                                                                            "{"
                                                                                                            "'"
                                                                                                            "P"
                                                                                                            "r"
                                                                                                            "o"
                                                                                                            "j"
                                                                                                            "e"
                                                                                                            "c"
                                                                                                            "t"
                                                                                                            "i"
                                                                                                            "o"
                                                                                                            "n"
                                                                                                            "T"
                                                                                                            "y"
                                                                                                            "p"
                                                                                                            "e"
                                                                                                            "'"
                                                                                                            ":"
                                                                                                            "'"
                                                                                                            "K"
                                                                                                            "E"
                                                                                                            "Y"
                                                                                                            "S"
                                                                                                            "_"
                                                                                                            "O"
                                                                                                            "N"
                                                                                                            "L"
                                                                                                            "Y"
                                                                                                            "'"
                                                                                                            "}"
                                                                                                            "}"
                                                                                                            ","
                                                                                                            "{"
                                                                                                            "'"
                                                                                                            "I"
                                                                                                            "n"
                                                                                                            "d"
                                                                                                            "e"
                                                                                                            "x"
                                                                                                            "N"
                                                                                                            "a"
                                                                                                            "m"
                                                                                                            "e"
                                                                                                            "'"
                                                                                                            ":"
                                                                                                            "'"
                                                                                                            "s"
                                                                                                            "o"
                                                                                                            "m"
                                                                                                            "e"
                                                                                                            "'"
                                                                                                            ","
                                                                                                            "'"
                                                                                                            "K"
                                                                                                            "e"
                                                                                                            "y"
                                                                                                            "S"
                                                                                                            "c"
                                                                                                            "h"
                                                                                                            "e"
                                                                                                            "m"
                                                                                                            "a"
                                                                                                            "'"
                                                                                                            ":"
                                                                                                            "[" HASH(
                                                                                                                "g") "]," INCLUDE_I
                                                                                                                     "}]}";

static int set_up(void **state)
{
    static const char *const ITEMS[] = {
        "{'pk':{'S':'a'},'sk':{'S':'1'},'g':{'S':'g'},'l':{'S':'y'},'i':{'S':'I'},'o':{'S':'O'}}",
        "{'pk':{'S':'a'},'sk':{'S':'2'},'l':{'S':'x'},'i':{'S':'J'},'o':{'S':'P'}}",
        "{'pk':{'S':'b'},'sk':{'S':'3'},'g':{'S':'h'},'o':{'S':'Q'}}",
        NULL,
    };
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    put_items(*state, "Tab", ITEMS);
    return 0;
}

#define BY_G(index, value)                                                                         \
    "'IndexName':'" index "','KeyConditionExpression':'g = :p','ExpressionAttributeValues':{"      \
    "':p':{'S':'" value "'}}"
#define LOCAL                                                                                      \
    "'IndexName':'local','KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{"         \
    "':p':{'S':'a'}}"
#define FILTER(index, key, filter)                                                                 \
    "'IndexName':'" index "','KeyConditionExpression':'" key " = :p','FilterExpression':'" filter  \
    "','ExpressionAttributeValues':{':p':{'S':'g'}}"

#define PK        "'pk':{'S':'a'}"
#define SK        "'sk':{'S':'1'}"
#define G         "'g':{'S':'g'}"
#define L         "'l':{'S':'y'}"
#define I         "'i':{'S':'I'}"
#define O         "'o':{'S':'O'}"
#define L2        "'pk':{'S':'a'},'sk':{'S':'2'},'l':{'S':'x'},'i':{'S':'J'}"
#define ONE(item) "{'Count':1,'ScannedCount':1,'Items':[{" item "}]}"

/* ---- what is in an index ---- */

static const struct {
    const char *members;
    const char *expected;
} REPLIES[] = {
    { BY_G("all", "g"), ONE(PK "," SK "," G "," L "," I "," O) },
    { BY_G("keys", "g"), ONE(PK "," SK "," G) },
    { BY_G("some", "g"), ONE(PK "," SK "," G "," I) },
    /* an attribute that is projected and not there */
    { BY_G("some", "h"), ONE("'pk':{'S':'b'},'sk':{'S':'3'},'g':{'S':'h'}") },
    /* sparse: the item without `g` is in none of them, that without `l` not in the local one */
    { BY_G("all", "none"), "{'Count':0,'ScannedCount':0,'Items':[]}" },
    { LOCAL ",'ScanIndexForward':true",
      "{'Count':2,'ScannedCount':2,'Items':[{" L2 "},{" PK "," SK "," L "," I "}]}" },
    { "'IndexName':'local','KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{"
      "':p':{'S':'b'}}",
      "{'Count':0,'ScannedCount':0,'Items':[]}" },

    /* Select */
    { BY_G("some", "g") ",'Select':'ALL_PROJECTED_ATTRIBUTES'", ONE(PK "," SK "," G "," I) },
    { BY_G("all", "g") ",'Select':'ALL_ATTRIBUTES'", ONE(PK "," SK "," G "," L "," I "," O) },
    { BY_G("keys", "g") ",'Select':'COUNT'", "{'Count':1,'ScannedCount':1}" },
    { BY_G("some", "g") ",'ProjectionExpression':'i,sk'", ONE(SK "," I) },
    /* a local index fetches from the table what it does not project */
    { LOCAL ",'Limit':2,'ProjectionExpression':'o,i'",
      "{'Count':2,'ScannedCount':2,'Items':[{'o':{'S':'P'},'i':{'S':'J'}},{" I "," O "}],"
      "'LastEvaluatedKey':{" PK "," SK "," L "}}" },
    { LOCAL ",'Select':'ALL_ATTRIBUTES','ConsistentRead':true",
      "{'Count':2,'ScannedCount':2,'Items':[{" L2 ",'o':{'S':'P'}},{" PK "," SK "," G "," L "," I
      "," O "}]}" },
    { LOCAL ",'Select':'ALL_PROJECTED_ATTRIBUTES'",
      "{'Count':2,'ScannedCount':2,'Items':[{" L2 "},{" PK "," SK "," L "," I "}]}" },

    /* table keys are ordinary attributes of a global index: they may be filtered on */
    { FILTER(
          "some", "g", "sk = :q AND i = :r AND pk <> :q") ",'ExpressionAttributeValues':{':p':{'S':"
                                                          "'g'},':q':{'S':'1'},':r':{'S':'I'}}",
      ONE(PK "," SK "," G "," I) },

    /* capacity: of the index alone; fetches are the table's */
    { BY_G("keys", "g") ",'Select':'COUNT','ReturnConsumedCapacity':'INDEXES'",
      "{'Count':1,'ScannedCount':1,'ConsumedCapacity':{'TableName':'Tab','CapacityUnits':0.5,"
      "'GlobalSecondaryIndexes':{'keys':{'CapacityUnits':0.5}}}}" },
    { LOCAL ",'ProjectionExpression':'o','ReturnConsumedCapacity':'INDEXES','ConsistentRead':true",
      "{'Count':2,'ScannedCount':2,'Items':[{'o':{'S':'P'}},{" O "}],"
      "'ConsumedCapacity':{'TableName':'Tab','CapacityUnits':3,'Table':{'CapacityUnits':2},"
      "'LocalSecondaryIndexes':{'local':{'CapacityUnits':1}}}}" },
};

static void replies_hold_what_the_index_projects(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof REPLIES / sizeof *REPLIES; i++) {
        assert_answer(fixture, "Query",
                      api_fixture_text(fixture, "{'TableName':'Tab',%s}", REPLIES[i].members),
                      REPLIES[i].expected);
    }
}

/* ---- refusals ---- */

#define NO_INDEX "The table does not have the specified index: none"

static const struct {
    const char *members;
    const char *message;
} FAULTS[] = {
    { BY_G("none", "g"), NO_INDEX },
    { BY_G("none", "g") ",'ConsistentRead':true", NO_INDEX },
    { BY_G("keys", "g") ",'ConsistentRead':true,'Select':'ALL_ATTRIBUTES'",
      "Consistent reads are not supported on global secondary indexes" },
    { BY_G("keys", "g") ",'Select':'ALL_ATTRIBUTES'",
      INVALID "Select type ALL_ATTRIBUTES is not supported for global secondary index keys because "
              "its projection type is not ALL" },
    { BY_G("some", "g") ",'Select':'ALL_ATTRIBUTES'",
      INVALID "Select type ALL_ATTRIBUTES is not supported for global secondary index some because "
              "its projection type is not ALL" },
    { BY_G("keys", "g") ",'ProjectionExpression':'o, sk, i'",
      INVALID "Global secondary index keys does not project [o, i]" },
    { BY_G("some", "g") ",'ProjectionExpression':'i, o.x, l'",
      INVALID "Global secondary index some does not project [o, l]" },
    { FILTER("some", "g", "o = :p OR i = :p OR l = :p"),
      INVALID "Secondary index some does not project one or more filter attributes: [l, o]" },
    { FILTER("local", "pk", "o = :p"),
      INVALID "Secondary index local does not project one or more filter attributes: [o]" },
    { FILTER("keys", "g", "sk = :p"),
      "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk" },
    { FILTER("local", "pk", "l = :p"),
      "Filter Expression can only contain non-primary key attributes: Primary key attribute: l" },
    { "'IndexName':'all','KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{"
      "':p':{'S':'a'}}",
      "Query condition missed key schema element: g" },
    { "'IndexName':'all','KeyConditionExpression':'g = :p AND sk = "
      ":p','ExpressionAttributeValues':{"
      "':p':{'S':'g'}}",
      "Query key condition not supported" },
};

static void what_an_index_cannot_answer_is_refused(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "Query",
                       api_fixture_text(fixture, "{'TableName':'Tab',%s}", FAULTS[i].members),
                       VALIDATION, FAULTS[i].message);
    }
}

/* ---- an index that follows its items ---- */

static void entries_follow_their_items(void **state)
{
    static const char QUERY[] = "{'TableName':'Tab'," BY_G("some", "g") "}";
    static const char EMPTY[] = "{'Count':0,'ScannedCount':0,'Items':[]}";
    struct api_fixture *fixture = *state;
    static const struct {
        const char *operation;
        const char *request;
        const char *expected;
    } STEPS[] = {
        /* the projected attribute changes, goes; the index key goes, comes, moves; the item goes */
        { "PutItem", "{'TableName':'Tab','Item':{" PK "," SK "," G ",'i':{'N':'5'}}}",
          ONE(PK "," SK "," G ",'i':{'N':'5'}") },
        { "PutItem", "{'TableName':'Tab','Item':{" PK "," SK "," G "," O "}}",
          ONE(PK "," SK "," G) },
        { "PutItem", "{'TableName':'Tab','Item':{" PK "," SK "," I "}}", EMPTY },
        { "PutItem", "{'TableName':'Tab','Item':{" PK "," SK "," G "," I "}}",
          ONE(PK "," SK "," G "," I) },
        { "PutItem", "{'TableName':'Tab','Item':{" PK "," SK ",'g':{'S':'z'}}}", EMPTY },
        { "PutItem", "{'TableName':'Tab','Item':{" PK "," SK "," G "}}", ONE(PK "," SK "," G) },
        { "DeleteItem", "{'TableName':'Tab','Key':{" PK "," SK "}}", EMPTY },
    };
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
        (void)assert_accepted(fixture, STEPS[i].operation, STEPS[i].request);
        assert_answer(fixture, "Query", QUERY, STEPS[i].expected);
    }
}

/* ---- multi-attribute keys ---- */

static const char WIDE[] =
    "{'TableName':'Wide','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[" S("id") "," S("a") ",{'AttributeName':'b','AttributeType':'N'}," S("x") ",{'AttributeName':'y','AttributeType':'N'}," S(
        "z") "],'KeySchema':[" HASH("id") "],"
                                          "'GlobalSecondaryIndexes':[{'IndexName':'wide','"
                                          "KeySchema':[" HASH("a") "," HASH("b") "," RANGE(
                                              "x") "," RANGE("y") "," RANGE("z") "],"
                                                                                 "'Projection':{'"
                                                                                 "ProjectionType':'"
                                                                                 "KEYS_ONLY'}}]}";

#define WIDE_ITEM(id, a, b, x, y, z)                                                               \
    "{'id':{'S':'" id "'},'a':{'S':'" a "'},'b':{'N':'" b "'},'x':{'S':'" x "'},'y':{'N':'" y      \
    "'},'z':{'S':'" z "'}}"

#define B ",':b':{'N':'1'}"

static const struct {
    const char *condition;
    const char *values;
    const char *expected; /* ids, or the refusal */
    bool is_refused;
} WIDE_QUERIES[] = {
    { "a = :a AND b = :b", B, "4 1 3 2 5", false },
    { "b = :b AND a = :a", B, "4 1 3 2 5", false },
    { "a = :a AND b = :b AND x = :x", B ",\':x':{'S':'m'}", "1 3 2", false },
    { "a = :a AND b = :b AND x < :x", B ",\':x':{'S':'m'}", "4", false },
    { "a = :a AND b = :b AND begins_with(x, :x)", B ",\':x':{'S':'m'}", "1 3 2 5", false },
    { "y > :y AND x = :x AND a = :a AND b = :b", B ",\':x':{'S':'m'},':y':{'N':'2'}", "3 2",
      false },
    { "a = :a AND b = :b AND x = :x AND y = :y AND z BETWEEN :z AND :w",
      B ",\':x':{'S':'m'},':y':{'N':'10'},':z':{'S':'a'},':w':{'S':'q'}", "3", false },
    { "a = :a", "", "Query condition missed key schema element: b", true },
    { "a = :a AND b > :b", B, "Query key condition not supported", true },
    { "a = :a AND b = :b AND y = :y", B ",\':y':{'N':'1'}",
      "RANGE key attributes x must have equality conditions specified in the query because a "
      "condition is present on key attribute y",
      true },
    { "a = :a AND b = :b AND x > :x AND y = :y", B ",\':x':{'S':'m'},':y':{'N':'1'}",
      "RANGE key attributes x must have equality conditions specified in the query because a "
      "condition is present on key attribute y",
      true },
    { "a = :a AND b = :b AND x = :x AND z = :x", B ",\':x':{'S':'m'}",
      "RANGE key attributes y must have equality conditions specified in the query because a "
      "condition is present on key attribute z",
      true },
    { "a = :a AND b = :b AND x = :y", B ",\':y':{'N':'1'}",
      INVALID "Condition parameter type does not match schema type", true },
};

static void keys_of_several_attributes_order_and_bound_in_turn(void **state)
{
    static const char *const ITEMS[] = {
        WIDE_ITEM("1", "A", "1", "m", "-5", "z"),
        WIDE_ITEM("2", "A", "1", "m", "10", "z"),
        WIDE_ITEM("3", "A", "1", "m", "10", "b"),
        WIDE_ITEM("4", "A", "1", "c", "99", "a"),
        WIDE_ITEM("5", "A", "1", "mm", "0", "a"),
        WIDE_ITEM("6", "A", "11", "m", "0", "a"),
        WIDE_ITEM("7", "A1", "1", "m", "0", "a"),
        "{'id':{'S':'8'},'a':{'S':'A'},'b':{'N':'1'},"
        "'x':{'S':'m'},'y':{'N':'1'}}",
        NULL,
    };
    struct api_fixture *fixture = *state;
    create_table(fixture, WIDE);
    put_items(fixture, "Wide", ITEMS);
    for (size_t i = 0; i < sizeof WIDE_QUERIES / sizeof *WIDE_QUERIES; i++) {
        const char *request =
            api_fixture_text(fixture,
                             "{'TableName':'Wide','IndexName':'wide','KeyConditionExpression':'%s',"
                             "'ExpressionAttributeValues':{':a':{'S':'A'}%s}}",
                             WIDE_QUERIES[i].condition, WIDE_QUERIES[i].values);
        if (WIDE_QUERIES[i].is_refused) {
            assert_refused(fixture, "Query", request, VALIDATION, WIDE_QUERIES[i].expected);
        } else {
            const struct cJSON *reply = assert_accepted(fixture, "Query", request);
            assert_string_equal(column(fixture, reply, "id"), WIDE_QUERIES[i].expected);
        }
    }
}

static void the_last_key_holds_every_key_attribute(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, WIDE);
    put_items(fixture, "Wide",
              (const char *const[]){ WIDE_ITEM("1", "A", "1", "m", "2", "z"),
                                     WIDE_ITEM("2", "A", "1", "m", "3", "a"), NULL });
    static const char QUERY[] =
        "{'TableName':'Wide','IndexName':'wide','KeyConditionExpression':'a = :a AND b = :b',"
        "'ExpressionAttributeValues':{':a':{'S':'A'},':b':{'N':'1'}},'Limit':1";
    const struct cJSON *reply =
        assert_accepted(fixture, "Query", api_fixture_text(fixture, "%s}", QUERY));
    assert_member_is(fixture, reply, "LastEvaluatedKey", WIDE_ITEM("1", "A", "1", "m", "2", "z"));
    reply = assert_accepted(
        fixture, "Query",
        api_fixture_text(
            fixture, "%s,'ExclusiveStartKey':" WIDE_ITEM("1", "A", "1", "m", "2", "z") "}", QUERY));
    assert_string_equal(column(fixture, reply, "id"), "2");
}

/* ---- an index that is being built or deleted ---- */

static void an_index_is_read_when_it_is_active_only(void **state)
{
    static const char QUERY[] =
        "{'TableName':'Tab','IndexName':'new','KeyConditionExpression':'o = :o',"
        "'ExpressionAttributeValues':{':o':{'S':'O'}}}";
    static const char CONSISTENT[] =
        "{'TableName':'Tab','IndexName':'new','KeyConditionExpression':'o = :o',"
        "'ExpressionAttributeValues':{':o':{'S':'O'}},'ConsistentRead':true}";
    static const char BUILDING[] = "Cannot read from backfilling global secondary index: new";
    static const char CONSISTENT_REFUSED[] =
        "Consistent reads are not supported on global secondary indexes";
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','AttributeDefinitions':[" S(
                              "o") "],'GlobalSecondaryIndexUpdates':["
                                   "{'Create':{'IndexName':'new','KeySchema':[" HASH(
                                       "o") "],'Projection':{'ProjectionType':'KEYS_ONLY'}}}]}");
    assert_refused(fixture, "Query", QUERY, VALIDATION, BUILDING);
    assert_refused(fixture, "Query", CONSISTENT, VALIDATION, CONSISTENT_REFUSED);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    assert_refused(fixture, "Query", QUERY, VALIDATION, BUILDING);
    assert_refused(fixture, "Scan", "{'TableName':'Tab','IndexName':'new'}", VALIDATION, BUILDING);
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    assert_answer(fixture, "Query", QUERY, ONE(PK "," SK "," O));
    (void)assert_accepted(fixture, "UpdateTable",
                          "{'TableName':'Tab','GlobalSecondaryIndexUpdates':[{'Delete':"
                          "{'IndexName':'new'}}]}");
    assert_refused(fixture, "Query", QUERY, VALIDATION,
                   "The table does not have the specified index: new");
    api_fixture_advance(fixture, INDEX_DELETE_MS);
    assert_refused(fixture, "Query", QUERY, VALIDATION,
                   "The table does not have the specified index: new");
}

int main(void)
{
#define QUERY_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        QUERY_TEST(replies_hold_what_the_index_projects),
        QUERY_TEST(what_an_index_cannot_answer_is_refused),
        QUERY_TEST(entries_follow_their_items),
        API_TEST(keys_of_several_attributes_order_and_bound_in_turn),
        API_TEST(the_last_key_holds_every_key_attribute),
        QUERY_TEST(an_index_is_read_when_it_is_active_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
