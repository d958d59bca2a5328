/* The ledger by itself: what is counted as one, what is reset, and how much of it there may be. */

#include "api/rehearsal/readers.h"
#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { START_MS = 100 };

static struct readers *readers;
static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    readers = readers_open(START_MS);
    assert_non_null(readers);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    readers_close(readers);
    arena_deinit(&arena);
    return 0;
}

static void
record(const char *table, const char *index, const char *key, const char *agent, int64_t now_ms)
{
    struct use use = { .kind = USE_READ,
                       .table_name = bytes_of_text(table),
                       .index_name = bytes_of_text(index),
                       .access_key_id = bytes_of_text(key),
                       .user_agent = bytes_of_text(agent),
                       .operation = "Query" };
    readers_record(readers, &use, now_ms);
}

/* "index key agent count last; …" */
static void assert_counts(const char *table, const char *expected)
{
    size_t count;
    const struct use_count *counts = readers_counts(readers, &arena, bytes_of_text(table), &count);
    struct buffer found;
    buffer_init(&found, &arena, 256);
    for (size_t i = 0; i < count; i++) {
        buffer_append_format(&found, "%s%.*s %.*s %.*s %d %d", i > 0 ? "; " : "",
                             BYTES_ARGUMENTS(counts[i].use.index_name),
                             BYTES_ARGUMENTS(counts[i].use.access_key_id),
                             BYTES_ARGUMENTS(counts[i].use.user_agent), (int)counts[i].count,
                             (int)counts[i].last_ms);
    }
    assert_string_equal(bytes_to_text(&arena, buffer_view(&found)), expected);
}

static void uses_are_counted_by_what_they_differ_in(void **state)
{
    (void)state;
    assert_counts("T", "");
    record("T", "", "key", "sdk", 101);
    record("T", "old", "key", "sdk", 102);
    record("T", "old", "key", "sdk", 103);
    record("T", "old", "key", "cli", 104);
    record("T", "old", "other", "cli", 105);
    record("U", "old", "key", "sdk", 106);
    assert_counts("T", " key sdk 1 101; old key cli 1 104; old key sdk 2 103; old other cli 1 105");
    assert_counts("U", "old key sdk 1 106");
}

static void operations_and_kinds_are_apart(void **state)
{
    (void)state;
    struct use use = { .kind = USE_READ, .table_name = BYTES("T"), .operation = "GetItem" };
    readers_record(readers, &use, 1);
    use.kind = USE_REFUSED;
    readers_record(readers, &use, 2);
    use.operation = "Query";
    readers_record(readers, &use, 3);
    size_t count;
    const struct use_count *counts = readers_counts(readers, &arena, BYTES("T"), &count);
    assert_int_equal(count, 3);
    assert_string_equal(counts[0].use.operation, "GetItem");
    assert_int_equal(counts[0].use.kind, USE_READ);
    assert_int_equal(counts[1].use.kind, USE_REFUSED);
    assert_string_equal(counts[2].use.operation, "Query");
}

/* The clock of a request is read before others' requests are counted. */
static void the_last_time_does_not_go_back(void **state)
{
    (void)state;
    record("T", "", "k", "a", 105);
    record("T", "", "k", "a", 103);
    assert_counts("T", " k a 2 105");
}

static void a_reset_is_of_one_table(void **state)
{
    (void)state;
    record("T", "i", "k", "a", 101);
    record("TT", "i", "k", "a", 101);
    assert_int_equal(readers_since(readers, BYTES("T")), START_MS);
    readers_reset(readers, BYTES("T"), 110);
    assert_counts("T", "");
    assert_counts("TT", "i k a 1 101");
    assert_int_equal(readers_since(readers, BYTES("T")), 110);
    assert_int_equal(readers_since(readers, BYTES("TT")), START_MS);
    record("T", "i", "k", "a", 111);
    readers_reset(readers, BYTES("T"), 120);
    assert_int_equal(readers_since(readers, BYTES("T")), 120);
    assert_counts("T", "");
}

static void a_forgotten_table_has_never_been(void **state)
{
    (void)state;
    record("T", "i", "k", "a", 101);
    readers_reset(readers, BYTES("T"), 110);
    record("T", "i", "k", "a", 111);
    readers_forget(readers, BYTES("T"));
    readers_forget(readers, BYTES("never"));
    assert_counts("T", "");
    assert_int_equal(readers_since(readers, BYTES("T")), START_MS);
}

/* What every caller invents is bounded, and nothing of the count is lost. */
static void callers_beyond_the_limit_are_one(void **state)
{
    (void)state;
    enum { CALLERS = 10000 };
    record("T", "i", "known", "first", 100);
    for (int i = 0; i < CALLERS; i++) {
        char agent[32];
        (void)snprintf(agent, sizeof agent, "agent %d", i);
        record("T", "i", "k", agent, 101);
    }
    record("T", "i", "known", "first", 102); /* who is known stays so */
    size_t count;
    const struct use_count *counts = readers_counts(readers, &arena, BYTES("T"), &count);
    uint64_t sum = 0;
    uint64_t others = 0;
    uint64_t known = 0;
    for (size_t i = 0; i < count; i++) {
        sum += counts[i].count;
        bool is_others = bytes_equal(counts[i].use.user_agent, BYTES(READERS_OTHERS));
        others += is_others ? counts[i].count : 0;
        known += bytes_equal(counts[i].use.user_agent, BYTES("first")) ? counts[i].count : 0;
    }
    assert_in_range(count, 1000, 5000);
    assert_int_equal(sum, CALLERS + 2);
    assert_true(others > 0);
    assert_int_equal(known, 2);
}

static void index_names_beyond_the_limit_are_one(void **state)
{
    (void)state;
    enum { NAMES = 10000 };
    for (int i = 0; i < NAMES; i++) {
        char index[32];
        (void)snprintf(index, sizeof index, "index-%d", i);
        record("T", index, "k", "a", 101);
    }
    size_t count;
    const struct use_count *counts = readers_counts(readers, &arena, BYTES("T"), &count);
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += counts[i].count;
    }
    assert_in_range(count, 1000, 6000);
    assert_int_equal(sum, NAMES);
}

static void long_callers_are_known_by_their_beginning(void **state)
{
    (void)state;
    static char agent[1000];
    memset(agent, 'a', sizeof agent - 1);
    record("T", "", "k", agent, 101);
    agent[900] = 'b';
    record("T", "", "k", agent, 102);
    size_t count;
    const struct use_count *counts = readers_counts(readers, &arena, BYTES("T"), &count);
    assert_int_equal(count, 1);
    assert_int_equal(counts[0].count, 2);
    assert_int_equal(counts[0].use.user_agent.length, 256);
}

int main(void)
{
#define READERS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        READERS_TEST(uses_are_counted_by_what_they_differ_in),
        READERS_TEST(operations_and_kinds_are_apart),
        READERS_TEST(the_last_time_does_not_go_back),
        READERS_TEST(a_reset_is_of_one_table),
        READERS_TEST(a_forgotten_table_has_never_been),
        READERS_TEST(callers_beyond_the_limit_are_one),
        READERS_TEST(index_names_beyond_the_limit_are_one),
        READERS_TEST(long_callers_are_known_by_their_beginning),
    };
    return cmocka_run_group_tests_name("readers", tests, NULL, NULL);
}
