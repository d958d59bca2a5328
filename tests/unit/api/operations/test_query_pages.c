/* Query page by page: Limit, 1 MB, LastEvaluatedKey, and ExclusiveStartKey with its refusals. */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk','AttributeType':'N'},"
    "{'AttributeName':'g','AttributeType':'S'},{'AttributeName':'l','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'sk','KeyType':'RANGE'}]"
    ","
    "'LocalSecondaryIndexes':[{'IndexName':'local','KeySchema':["
    "{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'l','KeyType':'RANGE'}],"
    "'Projection':{'ProjectionType':'KEYS_ONLY'}}],"
    "'GlobalSecondaryIndexes':[{'IndexName':'global','KeySchema':["
    "{'AttributeName':'g','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}},"
    "{'IndexName':'ranged','KeySchema':[{'AttributeName':'g','KeyType':'HASH'},"
    "{'AttributeName':'l','KeyType':'RANGE'}],'Projection':{'ProjectionType':'ALL'}}]}";

static const char SINGLE[] =
    "{'TableName':'Single','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";

enum { ITEMS_COUNT = 23 };

/* All in one partition of the table and of each index; every five share an `l`. */
static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    create_table(fixture, SINGLE);
    for (int i = 0; i < ITEMS_COUNT; i++) {
        const char *item = api_fixture_text(
            fixture, "{'pk':{'S':'a'},'sk':{'N':'%d'},'g':{'S':'g'},'l':{'S':'%d'}}", i, i / 5);
        put_items(fixture, "Tab", (const char *const[]){ item, NULL });
    }
    return 0;
}

/* ---- walking ---- */

/* The sort keys of all pages; no page is longer than the limit, and only the last may be shorter.
 */
static const char *
walk(struct api_fixture *fixture, const char *members, size_t limit, size_t *out_pages)
{
    const char *all = "";
    const char *start = "";
    *out_pages = 0;
    for (;;) {
        const char *request = api_fixture_text(fixture, "{'TableName':'Tab','Limit':%zu,%s%s}",
                                               limit, members, start);
        struct api_reply reply = call(fixture, "Query", request);
        assert_int_equal(reply.status, 200);
        (*out_pages)++;
        const char *keys = column(fixture, reply.json, "sk");
        bool joins = *all != '\0' && *keys != '\0';
        all = api_fixture_text(fixture, "%s%s%s", all, joins ? " " : "", keys);
        const char *body = bytes_to_text(&fixture->arena, reply.body);
        const char *last = strstr(body, "\"LastEvaluatedKey\":");
        if (last == NULL) {
            return all;
        }
        assert_int_equal(json_count(json_at(reply.json, "Items")), limit);
        last += strlen("\"LastEvaluatedKey\":");
        start = api_fixture_text(fixture, ",'ExclusiveStartKey':%.*s",
                                 (int)(strstr(last, "}}") + 2 - last), last);
    }
}

#define P "':p':{'S':'a'}"
#define G "':p':{'S':'g'}"

static const struct {
    const char *members;
    size_t count;
} WALKS[] = {
    { "'KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{" P "}", ITEMS_COUNT },
    { "'KeyConditionExpression':'pk = :p AND sk > :s','ExpressionAttributeValues':{" P
      ",':s':{'N':'4'}}",
      ITEMS_COUNT - 5 },
    { "'KeyConditionExpression':'pk = :p AND sk BETWEEN :s AND :t','ExpressionAttributeValues':{" P
      ",':s':{'N':'4'},':t':{'N':'12'}}",
      9 },
    { "'IndexName':'local','KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{" P "}",
      ITEMS_COUNT },
    { "'IndexName':'local','KeyConditionExpression':'pk = :p AND l = :l',"
      "'ExpressionAttributeValues':{" P ",':l':{'S':'1'}}",
      5 },
    { "'IndexName':'global','KeyConditionExpression':'g = :p','ExpressionAttributeValues':{" G "}",
      ITEMS_COUNT },
    { "'IndexName':'ranged','KeyConditionExpression':'g = :p AND l <= :l',"
      "'ExpressionAttributeValues':{" G ",':l':{'S':'2'}}",
      15 },
};

/* With equal index keys, too: every item once, in the order of the whole. */
static void pages_join_to_the_whole(void **state)
{
    static const char *const DIRECTIONS[] = { "", ",'ScanIndexForward':false" };
    static const size_t LIMITS[] = { 1, 2, 3, 5, 7, ITEMS_COUNT - 1, ITEMS_COUNT };
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof WALKS / sizeof *WALKS; i++) {
        for (size_t j = 0; j < 2; j++) {
            size_t pages;
            const char *members =
                api_fixture_text(fixture, "%s%s", WALKS[i].members, DIRECTIONS[j]);
            const char *whole = walk(fixture, members, ITEMS_COUNT + 1, &pages);
            assert_int_equal(pages, 1);
            for (size_t k = 0; k < sizeof LIMITS / sizeof *LIMITS; k++) {
                assert_string_equal(walk(fixture, members, LIMITS[k], &pages), whole);
                /* a page that ends with the last item has a LastEvaluatedKey */
                assert_int_equal(pages, WALKS[i].count / LIMITS[k] + 1);
            }
        }
    }
}

static void a_start_key_may_name_an_item_that_is_gone(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "DeleteItem",
                          "{'TableName':'Tab','Key':{'pk':{'S':'a'},'sk':{'N':'9'}}}");
    const struct cJSON *reply = assert_accepted(
        fixture, "Query",
        "{'TableName':'Tab','KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{" P "},"
        "'ExclusiveStartKey':{'pk':{'S':'a'},'sk':{'N':'9'}},'Limit':2}");
    assert_string_equal(column(fixture, reply, "sk"), "10 11");
    /* nor need it ever have been */
    reply = assert_accepted(
        fixture, "Query",
        "{'TableName':'Tab','KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{" P "},"
        "'ExclusiveStartKey':{'pk':{'S':'a'},'sk':{'N':'9.75'}},'ScanIndexForward':false,"
        "'Limit':2}");
    assert_string_equal(column(fixture, reply, "sk"), "8 7");
}

/* ---- LastEvaluatedKey ---- */

#define P_ALONE "':p':{'S':'alone'}"

static const struct {
    const char *members;
    const char *last_key;
} LAST_KEYS[] = {
    { "'KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{" P_ALONE "}",
      "{'pk':{'S':'alone'},'sk':{'N':'7'}}" },
    { "'KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{" P_ALONE
      "},'IndexName':'local'",
      "{'pk':{'S':'alone'},'sk':{'N':'7'},'l':{'S':'y'}}" },
    { "'KeyConditionExpression':'g = :p','ExpressionAttributeValues':{" P_ALONE
      "},'IndexName':'global'",
      "{'pk':{'S':'alone'},'sk':{'N':'7'},'g':{'S':'alone'}}" },
    { "'KeyConditionExpression':'g = :p','ExpressionAttributeValues':{" P_ALONE
      "},'IndexName':'ranged','ProjectionExpression':'v'",
      "{'pk':{'S':'alone'},'sk':{'N':'7'},'g':{'S':'alone'},'l':{'S':'y'}}" },
};

static void the_last_key_is_that_of_table_and_index(void **state)
{
    struct api_fixture *fixture = *state;
    put_items(
        fixture, "Tab",
        (const char *const[]){ "{'pk':{'S':'alone'},'sk':{'N':'7'},'g':{'S':'alone'},'l':{'S':'y'},"
                               "'v':{'S':'z'}}",
                               NULL });
    for (size_t i = 0; i < sizeof LAST_KEYS / sizeof *LAST_KEYS; i++) {
        const struct cJSON *reply = assert_accepted(
            fixture, "Query",
            api_fixture_text(fixture, "{'TableName':'Tab','Limit':1,%s}", LAST_KEYS[i].members));
        assert_member_is(fixture, reply, "LastEvaluatedKey", LAST_KEYS[i].last_key);
    }
}

/* ---- ExclusiveStartKey's refusals ---- */

#define BY_P           "'KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{" P "}"
#define BY_G           "'KeyConditionExpression':'g = :p','ExpressionAttributeValues':{" G "}"
#define START(members) ",'ExclusiveStartKey':{" members "}"
#define WRONG          "The provided starting key is invalid"
#define OUTSIDE        "The provided starting key is outside query boundaries based on provided conditions"
#define NO_MATCH       "The provided starting key does not match the range key predicate"

static const struct {
    const char *members;
    const char *message; /* NULL: accepted */
} START_KEYS[] = {
    { BY_P START("'pk':{'S':'a'},'sk':{'N':'1'}"), NULL },
    { BY_P START(""), WRONG },
    { BY_P START("'pk':{'S':'a'}"), WRONG },
    { BY_P START("'pk':{'S':'a'},'sk':{'S':'1'}"), WRONG },
    { BY_P START("'pk':{'S':'a'},'x':{'N':'1'}"), WRONG },
    { BY_P START("'pk':{'S':'a'},'sk':{'N':'1'},'x':{'N':'1'}"), WRONG },
    { BY_P START("'pk':{'S':'a'},'sk':{'N':'1'},'l':{'S':'1'}"), WRONG },
    { BY_P START("'pk':{'S':'b'},'sk':{'N':'1'}"), OUTSIDE },
    { "'KeyConditionExpression':'pk = :p AND sk > :s','ExpressionAttributeValues':{" P
      ",':s':{'N':'4'}}" START("'pk':{'S':'a'},'sk':{'N':'5'}"),
      NULL },
    { "'KeyConditionExpression':'pk = :p AND sk > :s','ExpressionAttributeValues':{" P
      ",':s':{'N':'4'}}" START("'pk':{'S':'a'},'sk':{'N':'4'}"),
      NO_MATCH },
    { "'KeyConditionExpression':'pk = :p AND sk < :s','ExpressionAttributeValues':{" P
      ",':s':{'N':'4'}}" START("'pk':{'S':'a'},'sk':{'N':'4'}"),
      NO_MATCH },
    { "'KeyConditionExpression':'pk = :p AND sk = :s','ExpressionAttributeValues':{" P
      ",':s':{'N':'4'}}" START("'pk':{'S':'b'},'sk':{'N':'5'}"),
      OUTSIDE },
    { "'KeyConditionExpression':'pk = :p AND sk = :s','ExpressionAttributeValues':{" P
      ",':s':{'N':'4'}}" START("'pk':{'S':'a'},'sk':{'N':'5'}"),
      NO_MATCH },

    { "'IndexName':'local'," BY_P START("'pk':{'S':'a'},'sk':{'N':'1'},'l':{'S':'0'}"), NULL },
    { "'IndexName':'local'," BY_P START("'pk':{'S':'a'},'sk':{'N':'1'}"), WRONG },
    { "'IndexName':'local'," BY_P START("'pk':{'S':'a'},'sk':{'N':'1'},'l':{'N':'0'}"), WRONG },
    { "'IndexName':'local'," BY_P START("'pk':{'S':'b'},'sk':{'N':'1'},'l':{'S':'0'}"), OUTSIDE },
    { "'IndexName':'global'," BY_G START("'pk':{'S':'x'},'sk':{'N':'1'},'g':{'S':'g'}"), NULL },
    { "'IndexName':'global'," BY_G START("'pk':{'S':'a'},'sk':{'N':'1'}"), WRONG },
    { "'IndexName':'global'," BY_G START("'g':{'S':'g'}"), WRONG },
    { "'IndexName':'global'," BY_G START("'pk':{'S':'a'},'sk':{'N':'1'},'g':{'S':'h'}"), OUTSIDE },
    { "'IndexName':'global'," BY_G START(
          "'pk':{'S':'a'},'sk':{'N':'1'},'g':{'S':'g'},'l':{'S':'0'}"),
      WRONG },
    { "'IndexName':'ranged','KeyConditionExpression':'g = :p AND l > :l',"
      "'ExpressionAttributeValues':{" G
      ",':l':{'S':'1'}}" START("'pk':{'S':'a'},'sk':{'N':'1'},'g':{'S':'g'},'l':{'S':'1'}"),
      NO_MATCH },
    { "'TableName':'Single'," BY_P START("'pk':{'S':'a'}"),
      "The query can return at most one row and cannot be restarted" },
};

static void start_keys_must_belong_to_the_range(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof START_KEYS / sizeof *START_KEYS; i++) {
        const char *request =
            api_fixture_text(fixture, "{'TableName':'Tab',%s}", START_KEYS[i].members);
        if (START_KEYS[i].message != NULL) {
            assert_refused(fixture, "Query", request, VALIDATION, START_KEYS[i].message);
        } else {
            (void)assert_accepted(fixture, "Query", request);
        }
    }
}

/* ---- 1 MB ---- */

/* Items of 100 KB each, without what their keys take: the eleventh is the first beyond 1 MB. */
static void a_page_ends_at_one_megabyte(void **state)
{
    struct api_fixture *fixture = *state;
    const char *padding = api_fixture_repeat(fixture, 'x', 100 * 1024);
    for (int i = 0; i < 15; i++) {
        const char *item = api_fixture_text(
            fixture, "{'pk':{'S':'big'},'sk':{'N':'%d'},'g':{'S':'big'},'v':{'S':'%s'}}", i,
            padding);
        put_items(fixture, "Tab", (const char *const[]){ item, NULL });
    }
    static const char *const FIRST[] = {
        "'KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{':p':{'S':'big'}}",
        /* counted before the filter, and without sending them */
        "'KeyConditionExpression':'pk = :p','FilterExpression':'attribute_not_exists(v)',"
        "'ExpressionAttributeValues':{':p':{'S':'big'}}",
        "'KeyConditionExpression':'pk = :p','Select':'COUNT',"
        "'ExpressionAttributeValues':{':p':{'S':'big'}}",
        "'KeyConditionExpression':'pk = :p','ProjectionExpression':'sk',"
        "'ExpressionAttributeValues':{':p':{'S':'big'}}",
        "'IndexName':'global','KeyConditionExpression':'g = :p',"
        "'ExpressionAttributeValues':{':p':{'S':'big'}}",
    };
    for (size_t i = 0; i < sizeof FIRST / sizeof *FIRST; i++) {
        const struct cJSON *reply = assert_accepted(
            fixture, "Query", api_fixture_text(fixture, "{'TableName':'Tab',%s}", FIRST[i]));
        assert_member_is(fixture, reply, "ScannedCount", "11");
        assert_non_null(json_at(reply, "LastEvaluatedKey"));
    }
    const struct cJSON *reply = assert_accepted(
        fixture, "Query",
        "{'TableName':'Tab','KeyConditionExpression':'pk = :p','ReturnConsumedCapacity':'TOTAL',"
        "'ExpressionAttributeValues':{':p':{'S':'big'}},'Select':'COUNT',"
        "'ExclusiveStartKey':{'pk':{'S':'big'},'sk':{'N':'10'}}}");
    assert_member_is(fixture, reply, "Count", "4");
    assert_member_is(fixture, reply, "LastEvaluatedKey", NULL);
    /* 4 items of 102,423 bytes: 101 started 4 KB, halved */
    assert_member_is(fixture, reply, "ConsumedCapacity.CapacityUnits", "50.5");
}

int main(void)
{
#define QUERY_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        QUERY_TEST(pages_join_to_the_whole),
        QUERY_TEST(a_start_key_may_name_an_item_that_is_gone),
        QUERY_TEST(the_last_key_is_that_of_table_and_index),
        QUERY_TEST(start_keys_must_belong_to_the_range),
        QUERY_TEST(a_page_ends_at_one_megabyte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
