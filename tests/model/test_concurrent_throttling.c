/*
 * Many threads read and write one table while the clock goes on: together
 * they never get more than what there was, what was added in the time, and the one request that
 * each may have let in at the last unit. Made to be run under the thread sanitizer as well.
 */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum {
    THREADS_A_KIND = 4,
    THREADS = 2 * THREADS_A_KIND,
    UNITS_A_SECOND = 40, /* of reads and of writes */
    TICKS = 100,
    TICK_MS = 50,
    TICK_REAL_NS = 2 * 1000 * 1000,
};

static const char TABLE[] =
    "{'TableName':'Tab','ProvisionedThroughput':{'ReadCapacityUnits':40,'WriteCapacityUnits':40},"
    "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";

struct crowd {
    struct api *api;
    atomic_bool is_over;
    atomic_int reads; /* that were answered */
    atomic_int writes;
    atomic_int refusals;
};

static bool is_answered(struct api *api, struct arena *arena, const char *target, const char *body)
{
    struct api_call call = {
        .arena = arena,
        .target = bytes_of_text(target),
        .body = bytes_of_text(body),
    };
    assert_int_equal(api_handle(api, &call), API_DONE); /* in memory */
    return call.status == 200;
}

/* Until the clock stands and what it has added is used up, however slow the machine is. */
static void
ask_until_over(struct crowd *crowd, const char *target, const char *body, atomic_int *count)
{
    struct arena arena;
    arena_init(&arena);
    bool has_more = true;
    while (has_more) {
        bool is_over = atomic_load(&crowd->is_over);
        bool answered = is_answered(crowd->api, &arena, target, body);
        (void)atomic_fetch_add(answered ? count : &crowd->refusals, 1);
        has_more = answered || !is_over;
        arena_reset(&arena);
    }
    arena_deinit(&arena);
}

static void *read_on(void *context)
{
    struct crowd *crowd = context;
    ask_until_over(crowd, "DynamoDB_20120810.GetItem",
                   "{\"TableName\":\"Tab\",\"Key\":{\"pk\":{\"S\":\"p\"}},\"ConsistentRead\":true}",
                   &crowd->reads);
    return NULL;
}

static void *write_on(void *context)
{
    struct crowd *crowd = context;
    ask_until_over(crowd, "DynamoDB_20120810.PutItem",
                   "{\"TableName\":\"Tab\",\"Item\":{\"pk\":{\"S\":\"p\"}}}", &crowd->writes);
    return NULL;
}

/* What there is at first: one second's worth and that of CREATING. */
static int units_after(int milliseconds)
{
    return UNITS_A_SECOND + UNITS_A_SECOND * (TABLE_CREATE_MS + milliseconds) / 1000;
}

static void threads_together_get_what_there_is(void **state)
{
    struct api_fixture *fixture = *state;
    struct crowd crowd = { .api = fixture->api };
    pthread_t threads[THREADS];
    create_table(fixture, TABLE);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, i % 2 == 0 ? read_on : write_on, &crowd),
                         0);
    }
    for (int tick = 1; tick <= TICKS; tick++) {
        (void)nanosleep(&(struct timespec){ .tv_nsec = TICK_REAL_NS }, NULL);
        api_advance_clock(fixture->api, TICK_MS);
        (void)api_step(fixture->api);
    }
    atomic_store(&crowd.is_over, true);
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    int units = units_after(TICKS * TICK_MS);
    assert_in_range(atomic_load(&crowd.reads), units - 1, units + THREADS_A_KIND);
    assert_in_range(atomic_load(&crowd.writes), units - 1, units + THREADS_A_KIND);
    assert_true(atomic_load(&crowd.refusals) > 0);
}

#define CONCURRENT_TEST(test)                                                                      \
    cmocka_unit_test_setup_teardown(test, api_fixture_set_up_throttling, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONCURRENT_TEST(threads_together_get_what_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
