/* Reads of a global secondary index that are behind their table, and how far is set. */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { LAG_MS = 1000 };

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk','AttributeType':'S'},"
    "{'AttributeName':'g','AttributeType':'S'},{'AttributeName':'l','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
    "{'AttributeName':'sk','KeyType':'RANGE'}],"
    "'LocalSecondaryIndexes':[{'IndexName':'local','KeySchema':["
    "{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'l','KeyType':'RANGE'}],"
    "'Projection':{'ProjectionType':'ALL'}}],"
    "'GlobalSecondaryIndexes':[{'IndexName':'global','KeySchema':["
    "{'AttributeName':'g','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}]}";

static const char BUILD[] =
    "{'TableName':'Tab','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"
    "{'AttributeName':'sk','AttributeType':'S'},{'AttributeName':'g','AttributeType':'S'},"
    "{'AttributeName':'l','AttributeType':'S'}],"
    "'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'built','KeySchema':["
    "{'AttributeName':'g','KeyType':'HASH'}],'Projection':{'ProjectionType':'%s'}}}]}";

static const struct cJSON *
accept(struct api_fixture *fixture, const char *method, const char *path, const char *request)
{
    struct api_reply reply = control(fixture, method, path, request);
    assert_int_equal(reply.status, 200);
    return reply.json;
}

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    (void)accept(*state, "PUT", "lag", "{'IndexLagMilliseconds':1000}");
    create_table(*state, TABLE);
    return 0;
}

static void put(struct api_fixture *fixture, const char *sort_key, const char *more)
{
    const char *item =
        api_fixture_text(fixture, "{'pk':{'S':'p'},'sk':{'S':'%s'},'g':{'S':'g'},'l':{'S':'%s'}%s}",
                         sort_key, sort_key, more);
    put_items(fixture, "Tab", (const char *const[]){ item, NULL });
}

/* The sort keys of what is found in the index, or in the table if it is NULL, "a b"; in an index
 * among equal keys in the order of a hash. */
static const char *found(struct api_fixture *fixture, const char *operation, const char *index)
{
    const char *name = index != NULL ? api_fixture_text(fixture, ",'IndexName':'%s'", index) : "";
    const char *request = api_fixture_text(fixture, "{'TableName':'Tab'%s}", name);
    return column(fixture, assert_accepted(fixture, operation, request), "sk");
}

static const char *query(struct api_fixture *fixture, const char *index)
{
    const char *request =
        api_fixture_text(fixture,
                         "{'TableName':'Tab','IndexName':'%s','KeyConditionExpression':'g = :g',"
                         "'ExpressionAttributeValues':{':g':{'S':'g'}}}",
                         index);
    return column(fixture, assert_accepted(fixture, "Query", request), "sk");
}

/* ---- what lags ---- */

static void a_write_is_in_the_index_after_the_lag_and_in_the_table_at_once(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, "a", "");
    assert_string_equal(found(fixture, "Scan", NULL), "a");
    assert_string_equal(found(fixture, "Scan", "local"), "a");
    assert_string_equal(found(fixture, "Scan", "global"), "");
    assert_string_equal(query(fixture, "global"), "");
    api_fixture_advance(fixture, LAG_MS - 1);
    assert_string_equal(query(fixture, "global"), "");
    api_fixture_advance(fixture, 1);
    assert_string_equal(query(fixture, "global"), "a");
    assert_string_equal(found(fixture, "Scan", "global"), "a");
}

static void changes_and_deletes_lag_as_well(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, "a", ",'v':{'N':'1'}");
    put(fixture, "b", "");
    api_fixture_advance(fixture, LAG_MS);
    put(fixture, "a", ",'v':{'N':'2'}");
    (void)assert_accepted(fixture, "DeleteItem",
                          "{'TableName':'Tab','Key':{'pk':{'S':'p'},'sk':{'S':'b'}}}");
    const char *request = "{'TableName':'Tab','IndexName':'global'}";
    const struct cJSON *before = assert_accepted(fixture, "Scan", request);
    assert_string_equal(column(fixture, before, "v"), "1 -");
    api_fixture_advance(fixture, LAG_MS);
    const struct cJSON *after = assert_accepted(fixture, "Scan", request);
    assert_string_equal(column(fixture, after, "v"), "2");
}

/* However writes fall, what a read has found the next one finds. */
static void what_was_seen_stays_seen(void **state)
{
    struct api_fixture *fixture = *state;
    size_t seen = 0;
    for (int i = 0; i < 400; i++) {
        put(fixture, api_fixture_text(fixture, "%03d", i), "");
        api_fixture_advance(fixture, i % 97 == 96 ? 3 * LAG_MS : 1 + (i * 7) % 40);
        const struct cJSON *reply = assert_accepted(
            fixture, "Scan", "{'TableName':'Tab','IndexName':'global','Select':'COUNT'}");
        size_t count = (size_t)json_integer(json_at(reply, "Count"));
        assert_true(count >= seen && count <= (size_t)i + 1);
        seen = count;
    }
    assert_true(seen < 400);
    api_fixture_advance(fixture, LAG_MS);
    const struct cJSON *reply = assert_accepted(
        fixture, "Scan", "{'TableName':'Tab','IndexName':'global','Select':'COUNT'}");
    assert_int_equal(json_integer(json_at(reply, "Count")), 400);
}

static void a_page_goes_on_where_the_last_one_ended(void **state)
{
    struct api_fixture *fixture = *state;
    static const char first[] =
        "{'TableName':'Tab','IndexName':'global','Limit':2,'KeyConditionExpression':'g = :g',"
        "'ExpressionAttributeValues':{':g':{'S':'g'}}%s}";
    for (char name[] = "a"; name[0] <= 'f'; name[0]++) {
        put(fixture, name, "");
    }
    api_fixture_advance(fixture, LAG_MS);
    (void)assert_accepted(fixture, "DeleteItem",
                          "{'TableName':'Tab','Key':{'pk':{'S':'p'},'sk':{'S':'c'}}}");
    put(fixture, "g", "");
    size_t count = 0;
    const char *start = "";
    for (;;) {
        const struct cJSON *page =
            assert_accepted(fixture, "Query", api_fixture_text(fixture, first, start));
        count += (size_t)json_integer(json_at(page, "Count"));
        const struct cJSON *last = json_at(page, "LastEvaluatedKey");
        if (last == NULL) {
            break;
        }
        struct bytes sort_key = json_text(&fixture->arena, json_at(last, "sk.S"));
        start = api_fixture_text(fixture,
                                 ",'ExclusiveStartKey':{'pk':{'S':'p'},'sk':{'S':'%.*s'},"
                                 "'g':{'S':'g'}}",
                                 BYTES_ARGUMENTS(sort_key));
    }
    assert_int_equal(count, 6);
}

/* ---- indexes that come and go ---- */

static void build(struct api_fixture *fixture, const char *projection)
{
    (void)assert_accepted(fixture, "UpdateTable", api_fixture_text(fixture, BUILD, projection));
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
}

static void a_built_index_has_all_it_was_built_from_when_it_is_active(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, "a", "");
    put(fixture, "b", "");
    build(fixture, "ALL");
    assert_string_equal(found(fixture, "Scan", "built"), "a b");
    put(fixture, "c", "");
    assert_string_equal(found(fixture, "Scan", "built"), "a b");
    api_fixture_advance(fixture, LAG_MS);
    assert_string_equal(found(fixture, "Scan", "built"), "c a b");
}

/* It may get the database of the one that is gone. */
static void an_index_made_again_shows_nothing_of_the_one_before(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, "a", ",'v':{'N':'1'}");
    (void)accept(fixture, "PUT", "lag", "{'IndexLagMilliseconds':60000}");
    for (int i = 0; i < 3; i++) {
        bool keys_only = i % 2 == 0;
        build(fixture, keys_only ? "KEYS_ONLY" : "ALL");
        const struct cJSON *reply =
            assert_accepted(fixture, "Scan", "{'TableName':'Tab','IndexName':'built'}");
        assert_string_equal(column(fixture, reply, "v"), keys_only ? "-" : "1");
        (void)assert_accepted(fixture, "UpdateTable",
                              "{'TableName':'Tab','GlobalSecondaryIndexUpdates':[{'Delete':{"
                              "'IndexName':'built'}}]}");
        api_fixture_advance(fixture, INDEX_DELETE_MS);
    }
}

static void a_table_made_again_shows_nothing_of_the_one_before(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, "a", "");
    api_fixture_advance(fixture, LAG_MS);
    assert_string_equal(found(fixture, "Scan", "global"), "a");
    (void)assert_accepted(fixture, "DeleteTable", "{'TableName':'Tab'}");
    api_fixture_advance(fixture, TABLE_DELETE_MS);
    create_table(fixture, TABLE);
    assert_string_equal(found(fixture, "Scan", "global"), "");
    put(fixture, "b", "");
    assert_string_equal(found(fixture, "Scan", "global"), "");
    api_fixture_advance(fixture, LAG_MS);
    assert_string_equal(found(fixture, "Scan", "global"), "b");
}

static void a_restored_store_is_shown_as_it_was_saved(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, "a", "");
    (void)accept(fixture, "POST", "snapshots", "{'Name':'one'}");
    put(fixture, "b", "");
    api_fixture_advance(fixture, LAG_MS);
    (void)accept(fixture, "POST", "snapshots/one/restore", NULL);
    assert_string_equal(found(fixture, "Scan", "global"), "a");
    put(fixture, "c", "");
    assert_string_equal(found(fixture, "Scan", "global"), "a");
    api_fixture_advance(fixture, LAG_MS);
    assert_string_equal(found(fixture, "Scan", "global"), "c a");
    (void)accept(fixture, "POST", "reset", NULL);
    create_table(fixture, TABLE);
    put(fixture, "d", "");
    assert_string_equal(found(fixture, "Scan", "global"), "");
}

/* ---- setting ---- */

static void without_a_lag_nothing_lags(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, "a", "");
    assert_string_equal(found(fixture, "Scan", "global"), "");
    (void)accept(fixture, "PUT", "lag", "{'IndexLagMilliseconds':0}");
    assert_string_equal(found(fixture, "Scan", "global"), "a");
    put(fixture, "b", "");
    assert_string_equal(found(fixture, "Scan", "global"), "a b");
}

static void the_most_particular_lag_counts(void **state)
{
    struct api_fixture *fixture = *state;
    (void)accept(fixture, "PUT", "lag", "{'IndexLagMilliseconds':100,'TableName':'Tab'}");
    (void)accept(fixture, "PUT", "lag",
                 "{'IndexLagMilliseconds':5000,'TableName':'Tab','IndexName':'built'}");
    (void)accept(fixture, "PUT", "lag", "{'IndexLagMilliseconds':7,'TableName':'Other'}");
    build(fixture, "ALL");
    put(fixture, "a", "");
    api_fixture_advance(fixture, 100);
    assert_string_equal(found(fixture, "Scan", "global"), "a");
    assert_string_equal(found(fixture, "Scan", "built"), "");
    api_fixture_advance(fixture, 4900);
    assert_string_equal(found(fixture, "Scan", "built"), "a");
    assert_member_is(
        fixture, accept(fixture, "GET", "lag", NULL), "",
        "{'IndexLagMilliseconds':1000,'Tables':[{'TableName':'Tab','IndexLagMilliseconds':100},"
        "{'TableName':'Tab','IndexName':'built','IndexLagMilliseconds':5000},"
        "{'TableName':'Other','IndexLagMilliseconds':7}]}");
    (void)accept(fixture, "DELETE", "lag", NULL);
    assert_member_is(fixture, accept(fixture, "GET", "lag", NULL), "",
                     "{'IndexLagMilliseconds':0,'Tables':[]}");
}

static void a_lag_is_of_a_world_where_worlds_are_separate(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_isolated(&fixture);
    struct api_reply reply =
        control(&fixture, "PUT", "lag", "{'IndexLagMilliseconds':1000,'TableName':'Tab'}");
    assert_int_equal(reply.status, 400);
    (void)accept(&fixture, "PUT", "lag",
                 "{'IndexLagMilliseconds':1000,'TableName':'Tab','AccessKeyId':'TEAMB',"
                 "'Region':'us-east-1'}");
    assert_member_is(&fixture, accept(&fixture, "GET", "lag", NULL), "Tables.0",
                     "{'World':'TEAMB/us-east-1','TableName':'Tab','IndexLagMilliseconds':1000}");
    static const char *const keys[] = { "TEAMA", "TEAMB" };
    for (size_t i = 0; i < 2; i++) {
        fixture.caller.access_key_id = bytes_of_text(keys[i]);
        fixture.caller.region = BYTES("us-east-1");
        create_table(&fixture, TABLE);
        put(&fixture, "a", "");
        assert_string_equal(found(&fixture, "Scan", "global"), i == 0 ? "a" : "");
    }
    api_fixture_close(&fixture);
}

static void what_is_wrong_with_a_lag_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    static const struct {
        const char *request;
        const char *message;
    } rows[] = {
        { "{'IndexLagMilliseconds':60001}",
          "'1 validation error detected: Value \\u002760001\\u0027 at "
          "\\u0027indexLagMilliseconds\\u0027 failed to satisfy constraint: Member must have value "
          "less than or equal to 60000'" },
        { "{'IndexLagMilliseconds':1,'IndexName':'global'}",
          "'IndexName needs a TableName beside it'" },
        { "{'IndexLagMilliseconds':1,'AccessKeyId':'TEAMA','Region':'us-east-1'}",
          "'AccessKeyId and Region need a TableName beside them'" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct api_reply reply = control(fixture, "PUT", "lag", rows[i].request);
        assert_int_equal(reply.status, 400);
        assert_member_is(fixture, reply.json, "message", rows[i].message);
    }
    for (int i = 0; i < 64; i++) {
        (void)accept(
            fixture, "PUT", "lag",
            api_fixture_text(fixture, "{'IndexLagMilliseconds':1,'TableName':'Tab%d'}", i));
    }
    struct api_reply reply =
        control(fixture, "PUT", "lag", "{'IndexLagMilliseconds':1,'TableName':'More'}");
    assert_int_equal(reply.status, 400);
    assert_member_is(fixture, reply.json, "message",
                     "'A lag is set for 64 tables and indexes already; DELETE lag forgets them'");
    (void)accept(fixture, "PUT", "lag", "{'IndexLagMilliseconds':2,'TableName':'Tab0'}");
}

int main(void)
{
#define LAG_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        LAG_TEST(a_write_is_in_the_index_after_the_lag_and_in_the_table_at_once),
        LAG_TEST(changes_and_deletes_lag_as_well),
        LAG_TEST(what_was_seen_stays_seen),
        LAG_TEST(a_page_goes_on_where_the_last_one_ended),
        LAG_TEST(a_built_index_has_all_it_was_built_from_when_it_is_active),
        LAG_TEST(an_index_made_again_shows_nothing_of_the_one_before),
        LAG_TEST(a_table_made_again_shows_nothing_of_the_one_before),
        LAG_TEST(a_restored_store_is_shown_as_it_was_saved),
        LAG_TEST(without_a_lag_nothing_lags),
        LAG_TEST(the_most_particular_lag_counts),
        cmocka_unit_test(a_lag_is_of_a_world_where_worlds_are_separate),
        LAG_TEST(what_is_wrong_with_a_lag_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
