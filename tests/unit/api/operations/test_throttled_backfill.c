/*
 * The build of an index under throttling: it takes the index's write capacity, waits for it, and
 * shares it with the writes of the table.
 */

#include "api/internal.h"
#include "api/json.h"
#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ITEMS = 60, UNITS_A_SECOND = 5 };

#define UNITS(reads, writes)                                                                       \
    "'ProvisionedThroughput':{'ReadCapacityUnits':" reads ",'WriteCapacityUnits':" writes "}"
#define DEFINITIONS                                                                                \
    "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"                          \
    "{'AttributeName':'g','AttributeType':'S'}]"
#define INDEX                                                                                      \
    "{'IndexName':'idx','KeySchema':[{'AttributeName':'g','KeyType':'HASH'}],"                     \
    "'Projection':{'ProjectionType':'ALL'}," UNITS("5", "5") "}"
#define CREATE_INDEX                                                                               \
    "{'TableName':'Tab'," DEFINITIONS ",'GlobalSecondaryIndexUpdates':[{'Create':" INDEX "}]}"
#define UPDATE_INDEX(units)                                                                        \
    "{'TableName':'Tab','GlobalSecondaryIndexUpdates':[{'Update':{'IndexName':'idx'," units "}}]}"
#define EXCEEDED SERVICE "ProvisionedThroughputExceededException"
#define INDEX_TEXT                                                                                 \
    "The level of configured provisioned throughput for one or more global secondary indexes of "  \
    "the table was exceeded. Consider increasing your provisioning level for the "                 \
    "under-provisioned global secondary indexes with the UpdateTable API"

static void put(struct api_fixture *fixture, int number, const char *members)
{
    (void)assert_accepted(fixture, "PutItem",
                          api_fixture_text(fixture,
                                           "{'TableName':'Tab','Item':{'pk':{'S':'%d'}%s}}", number,
                                           members));
}

/* A table with 60 items, each of which will be an entry of one unit. */
static void fill_table(struct api_fixture *fixture)
{
    create_table(fixture,
                 "{'TableName':'Tab'," UNITS(
                     "1000", "1000") ",'AttributeDefinitions':["
                                     "{'AttributeName':'pk','AttributeType':'S'}],"
                                     "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}");
    for (int i = 0; i < ITEMS; i++) {
        put(fixture, i, ",'g':{'S':'g'}");
    }
}

static int set_up(void **state)
{
    (void)api_fixture_set_up_throttling(state);
    fill_table(*state);
    return 0;
}

static const struct cJSON *state_of_index(struct api_fixture *fixture)
{
    struct api_reply reply = control(fixture, "GET", "tables/Tab", NULL);
    assert_int_equal(reply.status, 200);
    return json_at(reply.json, "Indexes.0");
}

static int64_t count_indexed(struct api_fixture *fixture)
{
    return json_integer(json_at(state_of_index(fixture), "ItemsIndexed"));
}

static double total_of(struct api_fixture *fixture, enum metric metric)
{
    size_t count;
    double sum = 0;
    const struct metric_total *totals =
        metrics_totals(fixture->api->storage.metrics, &fixture->arena, &count);
    for (size_t i = 0; i < count; i++) {
        sum += totals[i].series.metric == metric ? totals[i].value.sum : 0;
    }
    return sum;
}

/* To where the backfill has used up what the index had: one second's worth and the allocation's. */
static void begin_build(struct api_fixture *fixture)
{
    (void)assert_accepted(fixture, "UpdateTable", CREATE_INDEX);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    assert_int_equal(count_indexed(fixture), UNITS_A_SECOND + 2);
}

static void a_second_gives_as_many_entries_as_units(void **state)
{
    struct api_fixture *fixture = *state;
    begin_build(fixture);
    for (int64_t second = 1; second <= 10; second++) {
        api_fixture_advance(fixture, 1000);
        assert_int_equal(count_indexed(fixture), UNITS_A_SECOND + 2 + second * UNITS_A_SECOND);
        assert_member_is(fixture, state_of_index(fixture), "Phase", "'BACKFILLING'");
    }
    api_fixture_advance(fixture, 1000);
    assert_int_equal(count_indexed(fixture), ITEMS);
    assert_member_is(fixture, state_of_index(fixture), "Phase", "'ACTIVE'");
    assert_float_equal(total_of(fixture, METRIC_ONLINE_INDEX_CONSUMED_WRITE_CAPACITY), ITEMS, 0.1);
    assert_true(total_of(fixture, METRIC_ONLINE_INDEX_THROTTLE_EVENTS) >= 10);
}

static void a_step_of_the_clock_gives_its_part(void **state)
{
    struct api_fixture *fixture = *state;
    begin_build(fixture);
    for (int64_t step = 1; step <= 50; step++) { /* a unit a step */
        api_fixture_advance(fixture, 1000 / UNITS_A_SECOND);
        assert_in_range(count_indexed(fixture), UNITS_A_SECOND + 2 + step - 1,
                        UNITS_A_SECOND + 2 + step + 1);
    }
}

static void it_waits_without_spinning(void **state)
{
    struct api_fixture *fixture = *state;
    begin_build(fixture);
    double events = total_of(fixture, METRIC_ONLINE_INDEX_THROTTLE_EVENTS);
    int64_t now_ms = clock_now_ms(&fixture->api->clock);
    int64_t next_ms = background_step(fixture->api->storage.background);
    assert_in_range(next_ms, now_ms + 1, now_ms + 1000);
    assert_float_equal(total_of(fixture, METRIC_ONLINE_INDEX_THROTTLE_EVENTS), events + 1, 0.1);
    api_fixture_advance(fixture, next_ms - now_ms);
    assert_true(count_indexed(fixture) > UNITS_A_SECOND + 2);
}

static void entries_larger_than_a_unit_take_longer(void **state)
{
    struct api_fixture *fixture = *state;
    const char *large = api_fixture_repeat(fixture, 'v', 9 * 1024 + 512);
    for (int i = 0; i < ITEMS; i++) {
        put(fixture, i, api_fixture_text(fixture, ",'g':{'S':'g'},'v':{'S':'%s'}", large));
    }
    (void)assert_accepted(fixture, "UpdateTable", CREATE_INDEX);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    assert_int_equal(count_indexed(fixture), 1); /* 10 of 7 units */
    api_fixture_advance(fixture, 20 * 1000);
    assert_int_equal(count_indexed(fixture), 11);
}

static void items_without_an_entry_are_free(void **state)
{
    struct api_fixture *fixture = *state;
    for (int i = 0; i < ITEMS; i++) {
        put(fixture, i, "");
    }
    (void)assert_accepted(fixture, "UpdateTable", CREATE_INDEX);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    assert_member_is(fixture, state_of_index(fixture), "ItemsScanned", "60");
    api_fixture_advance(fixture, INDEX_BACKFILL_MS);
    assert_member_is(fixture, state_of_index(fixture), "Phase", "'ACTIVE'");
    assert_float_equal(total_of(fixture, METRIC_ONLINE_INDEX_THROTTLE_EVENTS), 0, 0.1);
}

static void the_build_holds_up_writers_of_the_index(void **state)
{
    struct api_fixture *fixture = *state;
    begin_build(fixture);
    assert_refused(fixture, "PutItem",
                   "{'TableName':'Tab','Item':{'pk':{'S':'new'},'g':{'S':'g'}}}", EXCEEDED,
                   INDEX_TEXT);
    (void)assert_accepted(fixture, "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'new'}}}");
    (void)assert_accepted(fixture, "GetItem", "{'TableName':'Tab','Key':{'pk':{'S':'new'}}}");
    assert_float_equal(total_of(fixture, METRIC_WRITE_THROTTLE_EVENTS), 1, 0.1);
}

static void writers_hold_up_the_build(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "UpdateTable", CREATE_INDEX);
    for (int i = 0; i < UNITS_A_SECOND; i++) { /* during the allocation */
        put(fixture, 1000 + i, ",'g':{'S':'g'}");
    }
    assert_refused(fixture, "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'n'},'g':{'S':'g'}}}",
                   EXCEEDED, INDEX_TEXT);
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    assert_int_equal(count_indexed(fixture), UNITS_A_SECOND + 2);
}

static void a_raise_speeds_it_up(void **state)
{
    struct api_fixture *fixture = *state;
    begin_build(fixture);
    (void)assert_accepted(fixture, "UpdateTable", UPDATE_INDEX(UNITS("5", "1000")));
    api_fixture_advance(fixture, INDEX_UPDATE_MS);
    assert_in_range(count_indexed(fixture), 8, 9);
    api_fixture_advance(fixture, 100);
    assert_int_equal(count_indexed(fixture), ITEMS);
    assert_int_equal(
        call(fixture, "PutItem", "{'TableName':'Tab','Item':{'pk':{'S':'new'},'g':{'S':'g'}}}")
            .status,
        200);
}

static void a_restart_goes_on_where_it_was(void **state)
{
    struct api_fixture fixture;
    (void)state;
    api_fixture_open_throttling(&fixture, true);
    fill_table(&fixture);
    begin_build(&fixture);
    api_fixture_advance(&fixture, 1000);
    assert_int_equal(count_indexed(&fixture), 2 * UNITS_A_SECOND + 2);
    int64_t gone_ms = clock_now_ms(&fixture.api->clock);
    api_fixture_reopen(&fixture);
    api_fixture_advance(&fixture, gone_ms - clock_now_ms(&fixture.api->clock));
    int64_t indexed = count_indexed(&fixture);
    assert_true(indexed >= 3 * UNITS_A_SECOND + 2);
    api_fixture_advance(&fixture, 1000);
    assert_int_equal(count_indexed(&fixture), indexed + UNITS_A_SECOND);
    api_fixture_close(&fixture);
}

static void without_the_option_it_does_not_wait(void **state)
{
    struct api_fixture fixture;
    (void)state;
    api_fixture_open(&fixture);
    fill_table(&fixture);
    (void)assert_accepted(&fixture, "UpdateTable", CREATE_INDEX);
    api_fixture_advance(&fixture, INDEX_ALLOCATE_MS);
    assert_int_equal(count_indexed(&fixture), ITEMS);
    api_fixture_close(&fixture);
}

#define BACKFILL_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BACKFILL_TEST(a_second_gives_as_many_entries_as_units),
        BACKFILL_TEST(a_step_of_the_clock_gives_its_part),
        BACKFILL_TEST(it_waits_without_spinning),
        BACKFILL_TEST(entries_larger_than_a_unit_take_longer),
        BACKFILL_TEST(items_without_an_entry_are_free),
        BACKFILL_TEST(the_build_holds_up_writers_of_the_index),
        BACKFILL_TEST(writers_hold_up_the_build),
        BACKFILL_TEST(a_raise_speeds_it_up),
        cmocka_unit_test(a_restart_goes_on_where_it_was),
        cmocka_unit_test(without_the_option_it_does_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
