/* Capacity units of every operation, to the half unit, and the sizes behind them, to the byte. */

#include "api/items/consumed_capacity.h"
#include "api/request.h"
#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ITEM_BYTES_MAX = 409600 };

#define ATTRIBUTE(name) "{'AttributeName':'" name "','AttributeType':'S'}"
#define KEYS(partition, sort)                                                                      \
    "'KeySchema':[{'AttributeName':'" partition "','KeyType':'HASH'},"                             \
    "{'AttributeName':'" sort "','KeyType':'RANGE'}]"
#define PROJECTION(type)         "'Projection':{'ProjectionType':'" type "'}"
#define GLOBAL(name, projection) "{'IndexName':'" name "'," KEYS("g", "sk") "," projection "}"

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(
        *state,
        "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST',"
        "'AttributeDefinitions':[" ATTRIBUTE("pk") "," ATTRIBUTE("sk") "," ATTRIBUTE("l") "," ATTRIBUTE("g") "]," KEYS(
            "pk",
            "sk") ","
                  "'LocalSecondaryIndexes':[{'IndexName':'local'," KEYS("pk", "l") "," PROJECTION(
                      "KEYS_ONLY") "}],'GlobalSecondaryIndexes':[" GLOBAL("all",
                                                                          PROJECTION(
                                                                              "ALL")) "," GLOBAL("s"
                                                                                                 "o"
                                                                                                 "m"
                                                                                                 "e",
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
                                                                                                 "I"
                                                                                                 "N"
                                                                                                 "C"
                                                                                                 "L"
                                                                                                 "U"
                                                                                                 "D"
                                                                                                 "E"
                                                                                                 "'"
                                                                                                 ","
                                                                                                 "'"
                                                                                                 "N"
                                                                                                 "o"
                                                                                                 "n"
                                                                                                 "K"
                                                                                                 "e"
                                                                                                 "y"
                                                                                                 "A"
                                                                                                 "t"
                                                                                                 "t"
                                                                                                 "r"
                                                                                                 "i"
                                                                                                 "b"
                                                                                                 "u"
                                                                                                 "t"
                                                                                                 "e"
                                                                                                 "s"
                                                                                                 "'"
                                                                                                 ":"
                                                                                                 "["
                                                                                                 "'"
                                                                                                 "p"
                                                                                                 "'"
                                                                                                 "]"
                                                                                                 "}") "]}");
    create_table(*state, "{'TableName':'Flat','BillingMode':'PAY_PER_REQUEST',"
                         "'AttributeDefinitions':[" ATTRIBUTE(
                             "pk") "],"
                                   "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}");
    return 0;
}

/* "<12>" in a text is twelve times x. */
static const char *filled(struct api_fixture *fixture, const char *text)
{
    const char *open = strchr(text, '<');
    if (open == NULL) {
        return text;
    }
    char *end = NULL;
    size_t count = strtoul(open + 1, &end, 10);
    return api_fixture_text(fixture, "%.*s%s%s", (int)(open - text), text,
                            api_fixture_repeat(fixture, 'x', count), filled(fixture, end + 1));
}

#define KEY(partition, sort) "'pk':{'S':'" partition "'},'sk':{'S':'" sort "'}"
#define PS                   KEY("p", "s") /* 6 bytes */
#define UNITS(units)         "{'CapacityUnits':" units "}"

/* ---- writes: one item, step by step ---- */

struct write_step {
    const char *item; /* NULL: DeleteItem */
    const char *total;
    const char *table;
    const char *global; /* NULL: no index has an entry */
    const char *local;
};

static void run_steps(struct api_fixture *fixture, const struct write_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct write_step *step = &steps[i];
        const char *input = step->item != NULL ? filled(fixture, step->item) : NULL;
        const char *what =
            input != NULL ? api_fixture_text(fixture, "'Item':{%s}", input) : "'Key':{" PS "}";
        const struct cJSON *reply = assert_accepted(
            fixture, input != NULL ? "PutItem" : "DeleteItem",
            api_fixture_text(fixture, "{'TableName':'Tab','ReturnConsumedCapacity':'INDEXES',%s}",
                             what));
        const struct cJSON *capacity = json_at(reply, "ConsumedCapacity");
        assert_member_is(fixture, capacity, "TableName", "'Tab'");
        assert_member_is(fixture, capacity, "CapacityUnits", step->total);
        assert_member_is(fixture, capacity, "Table.CapacityUnits", step->table);
        assert_member_is(fixture, capacity, "GlobalSecondaryIndexes", step->global);
        assert_member_is(fixture, capacity, "LocalSecondaryIndexes", step->local);
    }
}

#define RUN_STEPS(fixture, steps) run_steps(fixture, steps, sizeof(steps) / sizeof *(steps))
#define G                         ",'g':{'S':'G'}" /* 2 bytes */
#define BOTH(units)               "{'all':" UNITS(units) ",'some':" UNITS(units) "}"
#define ALL(units)                "{'all':" UNITS(units) "}"
#define LOCAL(units)              "{'local':" UNITS(units) "}"

static void a_write_costs_each_started_kilobyte_of_the_larger_image(void **state)
{
    static const struct write_step STEPS[] = {
        { PS ",'o':{'S':'<1017>'}", "1", "1", NULL, NULL }, /* 1,024 bytes */
        { PS ",'o':{'S':'<1018>'}", "2", "2", NULL, NULL },
        { PS, "2", "2", NULL, NULL },
        { PS, "1", "1", NULL, NULL },
        { PS ",'o':{'S':'<10000>'}", "10", "10", NULL, NULL },
        { NULL, "10", "10", NULL, NULL },
        { NULL, "1", "1", NULL, NULL }, /* there is none */
    };
    RUN_STEPS(*state, STEPS);
}

static void an_index_costs_what_changes_in_it(void **state)
{
    static const struct write_step STEPS[] = {
        { PS, "1", "1", NULL, NULL },
        /* enters; an attribute that only one projects; the same again */
        { PS G, "3", "1", BOTH("1"), NULL },
        { PS G ",'o':{'S':'<2000>'}", "4", "2", ALL("2"), NULL },
        { PS G ",'o':{'S':'<2000>'}", "2", "2", NULL, NULL },
        { PS G ",'o':{'S':'x'}", "4", "2", ALL("2"), NULL },
        /* an attribute that both project, to 3,017 bytes of entry; a new key and 18 bytes */
        { PS G ",'p':{'S':'<3008>'}", "9", "3", BOTH("3"), NULL },
        { PS ",'g':{'S':'H'},'p':{'S':'<9>'}", "11", "3", BOTH("4"), NULL },
        /* 1,517 bytes; a new key and 1,517 bytes */
        { PS G ",'p':{'S':'<1508>'}", "8", "2", BOTH("3"), NULL },
        { PS ",'g':{'S':'H'},'p':{'S':'<1508>'}", "10", "2", BOTH("4"), NULL },
        /* leaves; enters; goes with the item */
        { PS ",'p':{'S':'<1508>'}", "6", "2", BOTH("2"), NULL },
        { PS G, "4", "2", BOTH("1"), NULL },
        { NULL, "3", "1", BOTH("1"), NULL },
    };
    RUN_STEPS(*state, STEPS);
}

static void a_local_index_costs_the_same(void **state)
{
    static const struct write_step STEPS[] = {
        { PS ",'l':{'S':'a'}", "2", "1", NULL, LOCAL("1") },
        { PS ",'l':{'S':'a'},'o':{'S':'<2000>'}", "2", "2", NULL, NULL },
        { PS ",'l':{'S':'b'},'o':{'S':'<2000>'}", "4", "2", NULL, LOCAL("2") },
        { PS ",'l':{'S':'<1017>'},'o':{'S':'<2000>'}", "5", "3", NULL, LOCAL("2") },
        { PS G, "6", "3", BOTH("1"), LOCAL("1") },
    };
    RUN_STEPS(*state, STEPS);
}

static void sets_in_another_order_are_the_same(void **state)
{
    static const struct write_step STEPS[] = {
        { PS G ",'p':{'SS':['a','b','c']}", "3", "1", BOTH("1"), NULL },
        { PS G ",'p':{'SS':['c','a','b']}", "1", "1", NULL, NULL },
        { PS G ",'p':{'L':[{'NS':['1','10']},{'BS':['AA==','AQ==']}]}", "3", "1", BOTH("1"), NULL },
        { PS G ",'p':{'L':[{'NS':['10.0','1']},{'BS':['AQ==','AA==']}]}", "1", "1", NULL, NULL },
        { PS G ",'p':{'L':[{'BS':['AQ==','AA==']},{'NS':['10.0','1']}]}", "3", "1", BOTH("1"),
          NULL },
    };
    RUN_STEPS(*state, STEPS);
}

/* ---- reads ---- */

#define CAPACITY(total, parts) "{'TableName':'Tab','CapacityUnits':" total parts "}"
#define OF_TABLE(units)        ",'Table':" UNITS(units)
#define OF_GLOBAL(units)       ",'GlobalSecondaryIndexes':" units
#define OF_LOCAL(units)        ",'LocalSecondaryIndexes':" LOCAL(units)
#define GET(sort)              "'Key':{" KEY("r", sort) "}"
#define QUERY(partition)                                                                           \
    "'KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{':p':{'S':'" partition "'}}"
#define QUERY_GLOBAL(index, partition)                                                             \
    "'IndexName':'" index "','KeyConditionExpression':'g = :p',"                                   \
    "'ExpressionAttributeValues':{':p':{'S':'" partition "'}}"
#define CONSISTENT ",'ConsistentRead':true"
#define TOTAL      ",'ReturnConsumedCapacity':'TOTAL'"
#define INDEXES    ",'ReturnConsumedCapacity':'INDEXES'"
#define NOTHING    ",'FilterExpression':'attribute_exists(nothing)'"

static const struct {
    const char *operation;
    const char *request;
    const char *capacity; /* NULL: not in the reply */
} READS[] = {
    { "GetItem", GET("1"), NULL },
    { "GetItem", GET("1") ",'ReturnConsumedCapacity':'NONE'", NULL },
    { "GetItem", GET("1") TOTAL, CAPACITY("0.5", "") },
    { "GetItem", GET("1") TOTAL CONSISTENT, CAPACITY("1", "") },
    { "GetItem", GET("1") INDEXES, CAPACITY("0.5", OF_TABLE("0.5")) },
    { "GetItem", GET("2") TOTAL, CAPACITY("1", "") },
    { "GetItem", GET("2") INDEXES CONSISTENT, CAPACITY("2", OF_TABLE("2")) },
    { "GetItem", GET("2") TOTAL ",'ProjectionExpression':'pk'", CAPACITY("1", "") },
    { "GetItem", GET("none") TOTAL, CAPACITY("0.5", "") },
    { "GetItem", GET("none") TOTAL CONSISTENT, CAPACITY("1", "") },

    /* a page is rounded up once: 4,096 + 4,097 bytes are a byte over two units */
    { "Query", QUERY("r"), NULL },
    { "Query", QUERY("r") TOTAL, CAPACITY("1.5", "") },
    { "Query", QUERY("r") INDEXES CONSISTENT, CAPACITY("3", OF_TABLE("3")) },
    { "Query", QUERY("r") TOTAL ",'Limit':1", CAPACITY("0.5", "") },
    { "Query", QUERY("r") TOTAL ",'Select':'COUNT'", CAPACITY("1.5", "") },
    { "Query", QUERY("r") TOTAL NOTHING, CAPACITY("1.5", "") },
    { "Query", QUERY("r") TOTAL ",'ProjectionExpression':'pk'", CAPACITY("1.5", "") },
    { "Query", QUERY("none") TOTAL, CAPACITY("0.5", "") },
    { "Query", QUERY("none") INDEXES CONSISTENT, CAPACITY("1", OF_TABLE("1")) },

    /* an index: the projected image, in its own arm only */
    { "Query", QUERY_GLOBAL("all", "G") INDEXES, CAPACITY("1.5", OF_GLOBAL(ALL("1.5"))) },
    { "Query", QUERY_GLOBAL("some", "G") INDEXES,
      CAPACITY("0.5", OF_GLOBAL("{'some':" UNITS("0.5") "}")) },
    { "Query", QUERY_GLOBAL("all", "none") INDEXES, CAPACITY("0.5", OF_GLOBAL(ALL("0.5"))) },
    { "Query", QUERY_GLOBAL("all", "G") TOTAL, CAPACITY("1.5", "") },
    { "Query", "'IndexName':'local'," QUERY("r") INDEXES, CAPACITY("0.5", OF_LOCAL("0.5")) },
    { "Query", "'IndexName':'local'," QUERY("r") INDEXES CONSISTENT, CAPACITY("1", OF_LOCAL("1")) },

    /* what the local index does not project is fetched item by item: 1 + 2 units */
    { "Query", "'IndexName':'local'," QUERY("r") INDEXES ",'Select':'ALL_ATTRIBUTES'",
      CAPACITY("2", OF_TABLE("1.5") OF_LOCAL("0.5")) },
    { "Query", "'IndexName':'local'," QUERY("r") INDEXES CONSISTENT ",'ProjectionExpression':'v'",
      CAPACITY("4", OF_TABLE("3") OF_LOCAL("1")) },
    { "Query", "'IndexName':'local'," QUERY("r") TOTAL ",'ProjectionExpression':'v'",
      CAPACITY("2", "") },

    { "Scan", "'Select':'COUNT'", NULL },
    { "Scan", "'Select':'COUNT'" TOTAL, CAPACITY("1.5", "") },
    { "Scan", "'Select':'COUNT'" INDEXES CONSISTENT, CAPACITY("3", OF_TABLE("3")) },
    { "Scan", "'Select':'COUNT'" TOTAL NOTHING, CAPACITY("1.5", "") },
    { "Scan", "'IndexName':'all'" INDEXES, CAPACITY("1.5", OF_GLOBAL(ALL("1.5"))) },
    { "Scan", "'IndexName':'local'" INDEXES CONSISTENT, CAPACITY("1", OF_LOCAL("1")) },
};

#define FIRST  "'pk':{'S':'r'},'sk':{'S':'1'},'l':{'S':'a'},'g':{'S':'G'},'v':{'S':'<4085>'}"
#define SECOND "'pk':{'S':'r'},'sk':{'S':'2'},'l':{'S':'a'},'g':{'S':'G'},'v':{'S':'<4086>'}"

static void put_two_items(struct api_fixture *fixture)
{
    put_items(fixture, "Tab",
              (const char *const[]){ filled(fixture, "{" FIRST "}"),
                                     filled(fixture, "{" SECOND "}"), NULL });
}

static void a_read_costs_each_started_four_kilobytes(void **state)
{
    struct api_fixture *fixture = *state;
    put_two_items(fixture);
    for (size_t i = 0; i < sizeof READS / sizeof *READS; i++) {
        const struct cJSON *reply =
            assert_accepted(fixture, READS[i].operation,
                            api_fixture_text(fixture, "{'TableName':'Tab',%s}", READS[i].request));
        assert_member_is(fixture, reply, "ConsumedCapacity", READS[i].capacity);
    }
}

/* ---- batches ---- */

#define BATCH_KEY(sort)    "{" KEY("r", sort) "}"
#define FLAT(total, parts) "{'TableName':'Flat','CapacityUnits':" total parts "}"
#define PUT(item)          "{'PutRequest':{'Item':{" item "}}}"
#define DELETE(key)        "{'DeleteRequest':{'Key':{" key "}}}"
#define FLAT_PUT(key)      PUT("'pk':{'S':'" key "'}")
#define METRICS(partition)                                                                         \
    "{'ItemCollectionKey':{'pk':{'S':'" partition "'}},'SizeEstimateRangeGB':[0,1]}"

static void a_batch_of_reads_costs_the_sum_of_its_items(void **state)
{
    static const struct {
        const char *tables;
        const char *capacity;
    } ROWS[] = {
        { "'Tab':{'Keys':[" BATCH_KEY("1") "," BATCH_KEY("2") "," BATCH_KEY("3") "]}}", NULL },
        { "'Tab':{'Keys':[" BATCH_KEY("1") "," BATCH_KEY("2") "," BATCH_KEY("3") "]}}" TOTAL,
          "[" CAPACITY("2", "") "]" },
        { "'Tab':{'Keys':[" BATCH_KEY("1") "," BATCH_KEY(
              "2") "]" CONSISTENT "},'Flat':{'Keys':[{'pk':{'S':'none'}}]}}" INDEXES,
          "[" CAPACITY("3", OF_TABLE("3")) "," FLAT("0.5", OF_TABLE("0.5")) "]" },
    };
    struct api_fixture *fixture = *state;
    put_two_items(fixture);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const struct cJSON *reply =
            assert_accepted(fixture, "BatchGetItem",
                            api_fixture_text(fixture, "{'RequestItems':{%s}", ROWS[i].tables));
        assert_member_is(fixture, reply, "ConsumedCapacity", ROWS[i].capacity);
    }
}

static void a_batch_of_writes_costs_the_sum_of_its_writes(void **state)
{
    static const struct {
        const char *tables;
        const char *capacity;
    } ROWS[] = {
        { "'Tab':[" PUT(PS G) "]}", NULL },
        { "'Tab':[" DELETE(PS) "," PUT(KEY("p", "t") G) "],'Flat':[" FLAT_PUT("a") "]}" TOTAL,
          "[" CAPACITY("6", "") "," FLAT("1", "") "]" },
        { "'Tab':[" DELETE(PS) "," PUT(KEY("p", "t") ",'l':{'S':'a'}") "]}" INDEXES,
          "[" CAPACITY("5", OF_TABLE("2") OF_GLOBAL(BOTH("1")) OF_LOCAL("1")) "]" },
    };
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const struct cJSON *reply =
            assert_accepted(fixture, "BatchWriteItem",
                            api_fixture_text(fixture, "{'RequestItems':{%s}", ROWS[i].tables));
        assert_member_is(fixture, reply, "ConsumedCapacity", ROWS[i].capacity);
    }
}

static void a_batch_of_writes_tells_each_item_collection_once(void **state)
{
    static const struct {
        const char *tables;
        const char *metrics;
    } ROWS[] = {
        { "'Tab':[" PUT(PS) "]}", NULL },
        { "'Tab':[" PUT(PS) "]},'ReturnItemCollectionMetrics':'NONE'", NULL },
        { "'Flat':[" FLAT_PUT("a") "]},'ReturnItemCollectionMetrics':'SIZE'", NULL },
        { "'Flat':[" FLAT_PUT("a") "],'Tab':[" PUT(KEY("q", "1")) "," PUT(PS) "," DELETE(
              KEY("q", "2")) "]},'ReturnItemCollectionMetrics':'SIZE'",
          "{'Tab':[" METRICS("q") "," METRICS("p") "]}" },
    };
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const struct cJSON *reply =
            assert_accepted(fixture, "BatchWriteItem",
                            api_fixture_text(fixture, "{'RequestItems':{%s}", ROWS[i].tables));
        assert_member_is(fixture, reply, "ItemCollectionMetrics", ROWS[i].metrics);
    }
}

static void units_are_written_with_a_fraction(void **state)
{
    struct api_fixture *fixture = *state;
    struct api_reply reply =
        call(fixture, "PutItem",
             "{'TableName':'Tab','Item':{" PS "}" TOTAL ",'ReturnItemCollectionMetrics':'SIZE'}");
    assert_string_equal(bytes_to_text(&fixture->arena, reply.body),
                        "{\"ConsumedCapacity\":{\"TableName\":\"Tab\",\"CapacityUnits\":1.0},"
                        "\"ItemCollectionMetrics\":{\"ItemCollectionKey\":{\"pk\":{\"S\":\"p\"}},"
                        "\"SizeEstimateRangeGB\":[0.0,1.0]}}");
    reply = call(fixture, "GetItem", "{'TableName':'Tab','Key':{" KEY("no", "no") "}" TOTAL "}");
    assert_string_equal(bytes_to_text(&fixture->arena, reply.body),
                        "{\"ConsumedCapacity\":{\"TableName\":\"Tab\",\"CapacityUnits\":0.5}}");
}

/* ---- sizes of values ---- */

static const struct {
    const char *attribute;
    size_t size; /* name and value */
} SIZES[] = {
    { "'v':{'S':''}", 1 },
    { "'v':{'S':'ab'}", 1 + 2 },
    { "'v':{'S':'\\u00e9\\ud83d\\ude00'}", 1 + 2 + 4 },
    { "'\\u00e9\\u20ac':{'S':'a'}", 2 + 3 + 1 },
    { "'a longer name':{'BOOL':true}", 13 + 1 },
    { "'v':{'NULL':true}", 1 + 1 },
    { "'v':{'B':'AAEC'}", 1 + 3 },
    { "'v':{'N':'0'}", 1 + 1 },
    { "'v':{'N':'7'}", 1 + 2 },
    { "'v':{'N':'-7'}", 1 + 3 },
    { "'v':{'N':'00100.00'}", 1 + 2 },
    { "'v':{'N':'1E125'}", 1 + 2 },
    { "'v':{'N':'0.001'}", 1 + 2 },
    { "'v':{'N':'12.5'}", 1 + 3 },
    { "'v':{'N':'123.456'}", 1 + 1 + 2 + 2 },
    { "'v':{'N':'-123.456'}", 1 + 1 + 2 + 2 + 1 },
    { "'v':{'N':'12345678901234567890123456789012345678'}", 1 + 20 },
    { "'v':{'N':'1.2345678901234567890123456789012345678'}", 1 + 21 },
    { "'v':{'SS':['a','bcd']}", 1 + 4 },
    { "'v':{'NS':['1','100','-1']}", 1 + 7 },
    { "'v':{'BS':['AAEC','/w==']}", 1 + 4 },
    { "'v':{'L':[]}", 1 + 3 },
    { "'v':{'L':[{'S':'ab'},{'N':'1'}]}", 1 + 3 + (1 + 2) + (1 + 2) },
    { "'v':{'M':{}}", 1 + 3 },
    { "'v':{'M':{'k':{'L':[{'M':{'name':{'NULL':true}}}]}}}",
      1 + 3 + (1 + 1 + (3 + (1 + (3 + (1 + 4 + 1))))) },
};

/* A PutItem of an item of that many bytes, one attribute among them. */
static const char *put_of_size(struct api_fixture *fixture, size_t attribute, size_t item_bytes)
{
    size_t others = 3 + SIZES[attribute].size + 1; /* pk, the attribute, the name of z */
    return api_fixture_text(
        fixture, "{'TableName':'Flat','Item':{'pk':{'S':'p'},%s,'z':{'S':'%s'}}" TOTAL "}",
        SIZES[attribute].attribute, api_fixture_repeat(fixture, 'x', item_bytes - others));
}

static void an_item_may_have_409600_bytes_and_no_more(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        const struct cJSON *reply =
            assert_accepted(fixture, "PutItem", put_of_size(fixture, i, ITEM_BYTES_MAX));
        assert_member_is(fixture, reply, "ConsumedCapacity.CapacityUnits", "400");
        assert_refused(fixture, "PutItem", put_of_size(fixture, i, ITEM_BYTES_MAX + 1), VALIDATION,
                       "Item size has exceeded the maximum allowed size");
        api_fixture_forget(fixture);
    }
}

/* What dispatch hands on when the call is complete, whether the reply tells it or not. */
static void the_request_holds_what_each_table_consumed_in_order(void **state)
{
    struct api_fixture *fixture = *state;
    struct request request = { .arena = &fixture->arena };
    struct index_definition indexes[2] = { { .name = BYTES("one") }, { .name = BYTES("two") } };
    const struct table_definition plain = { .name = BYTES("Plain") };
    const struct table_definition indexed = { .name = BYTES("Indexed"),
                                              .index_count = 2,
                                              .indexes = indexes };
    request.consumed_end = &request.consumed;
    struct consumed_capacity *read = capacity_start(&request, &plain, UNITS_OF_READS);
    struct consumed_capacity *written = capacity_start(&request, &indexed, UNITS_OF_WRITES);
    const struct index_effect effects[2] = {
        { .old_size_bytes = 10, .new_size_bytes = 20 },
        { .old_size_bytes = 1500, .new_size_bytes = 20, .is_changed = true, .is_moved = true },
    };
    capacity_add_write(written, 0, 1025, effects);
    assert_ptr_equal(request.consumed, read);
    assert_ptr_equal(read->next, written);
    assert_null(written->next);
    assert_true(read->kind == UNITS_OF_READS && written->kind == UNITS_OF_WRITES);
    assert_true(read->table_units == 0 && written->table_units == 2);
    assert_true(written->index_units[0] == 0 && written->index_units[1] == 3);
}

int main(void)
{
#define CAPACITY_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CAPACITY_TEST(a_write_costs_each_started_kilobyte_of_the_larger_image),
        CAPACITY_TEST(an_index_costs_what_changes_in_it),
        CAPACITY_TEST(a_local_index_costs_the_same),
        CAPACITY_TEST(sets_in_another_order_are_the_same),
        CAPACITY_TEST(a_read_costs_each_started_four_kilobytes),
        CAPACITY_TEST(a_batch_of_reads_costs_the_sum_of_its_items),
        CAPACITY_TEST(a_batch_of_writes_costs_the_sum_of_its_writes),
        CAPACITY_TEST(a_batch_of_writes_tells_each_item_collection_once),
        CAPACITY_TEST(units_are_written_with_a_fraction),
        CAPACITY_TEST(an_item_may_have_409600_bytes_and_no_more),
        CAPACITY_TEST(the_request_holds_what_each_table_consumed_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
