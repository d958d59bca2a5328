/* The timeline by itself: order, bounds, queries, what is kept of a text. */

#include "api/json.h"
#include "api/rehearsal/timeline.h"
#include "storage/base/clock.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { START_MS = 1000, RARE_MAX = 20000, FREQUENT_MAX = 80000 }; /* as in timeline.c */

static struct store store;
static struct timeline *timeline;
static struct clock clock_of_test;

static int set_up(void **state)
{
    (void)state;
    json_install_hooks();
    store_open(&store, (struct store_options){ 0 });
    clock_init_manual(&clock_of_test, START_MS);
    timeline = timeline_open(&clock_of_test, false);
    assert_non_null(timeline);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    timeline_close(timeline);
    store_close(&store);
    return 0;
}

static struct timeline_event event_of(enum timeline_kind kind, const char *table)
{
    return (struct timeline_event){ .kind = kind, .table_name = bytes_of_text(table) };
}

static void tell(enum timeline_kind kind, const char *table)
{
    struct arena scratch;
    struct timeline_event event = event_of(kind, table);
    arena_init(&scratch);
    timeline_tell(timeline, &scratch, &event);
    arena_deinit(&scratch);
}

static const struct cJSON *query(struct timeline_query query)
{
    struct buffer text;
    const struct cJSON *reply = NULL;
    buffer_init(&text, &store.arena, 1024);
    struct json_writer writer = json_writer_of(&text);
    query.limit = query.limit == 0 ? 1000000 : query.limit;
    timeline_write(timeline, &query, &writer);
    assert_true(json_parse(&store.arena, buffer_view(&text), &reply));
    return reply;
}

static int64_t number_of(const struct cJSON *json, const char *name)
{
    return json_integer(json_member(json, name));
}

static bool flag_of(const struct cJSON *json, const char *name)
{
    return json_kind(json_member(json, name)) == JSON_TRUE;
}

static struct bytes text_of(const struct cJSON *json, const char *name)
{
    return json_text(&store.arena, json_member(json, name));
}

/* "1 T, 2 U": sequence and table of each event. */
static void assert_events(struct timeline_query asked, const char *expected)
{
    const struct cJSON *events = json_member(query(asked), "Events");
    struct buffer found;
    buffer_init(&found, &store.arena, 256);
    for (const struct cJSON *one = json_first(events); one != NULL; one = json_next(one)) {
        struct bytes table = text_of(one, "TableName");
        buffer_append_format(&found, "%s%d %.*s", found.length > 0 ? ", " : "",
                             (int)number_of(one, "Sequence"), BYTES_ARGUMENTS(table));
    }
    assert_string_equal(bytes_to_text(&store.arena, buffer_view(&found)), expected);
}

static void events_have_sequence_and_time(void **state)
{
    (void)state;
    tell(TIMELINE_CALL, "T");
    clock_advance(&clock_of_test, 1234);
    tell(TIMELINE_STATE, "T");
    const struct cJSON *reply = query((struct timeline_query){ 0 });
    const struct cJSON *first = json_first(json_member(reply, "Events"));
    const struct cJSON *second = json_next(first);
    assert_int_equal(number_of(first, "Sequence"), 1);
    assert_true(bytes_equal(text_of(first, "Kind"), BYTES("CALL")));
    assert_true(json_number(json_member(first, "Time")) <= 1.0);
    assert_int_equal(number_of(second, "Sequence"), 2);
    assert_true(json_number(json_member(second, "Time")) >= 2.234);
    assert_null(json_next(second));
    assert_int_equal(number_of(reply, "LastSequence"), 2);
    assert_false(flag_of(reply, "More"));
    assert_false(flag_of(reply, "Truncated"));
}

static void a_query_has_an_after_a_table_and_a_limit(void **state)
{
    (void)state;
    tell(TIMELINE_CALL, "T");
    tell(TIMELINE_REFUSAL, "U");
    tell(TIMELINE_STATE, "T");
    tell(TIMELINE_FAULT, "T");
    tell(TIMELINE_HOLD, "U");
    assert_events((struct timeline_query){ 0 }, "1 T, 2 U, 3 T, 4 T, 5 U");
    assert_events((struct timeline_query){ .after = 3 }, "4 T, 5 U");
    assert_events((struct timeline_query){ .after = 5 }, "");
    assert_events((struct timeline_query){ .after = 500 }, "");
    assert_events((struct timeline_query){ .table_name = BYTES("T") }, "1 T, 3 T, 4 T");
    assert_events((struct timeline_query){ .table_name = BYTES("T"), .after = 1, .limit = 1 },
                  "3 T");
    assert_events((struct timeline_query){ .table_name = BYTES("none") }, "");
}

/* Whoever asks on with LastSequence sees every event once. */
static void pages_follow_each_other(void **state)
{
    (void)state;
    enum { EVENTS = 100, PAGE = 7 };
    for (int i = 0; i < EVENTS; i++) {
        tell(i % 3 == 0 ? TIMELINE_REFUSAL : TIMELINE_STATE, i % 2 == 0 ? "T" : "U");
    }
    struct timeline_query asked = { .table_name = BYTES("T"), .limit = PAGE };
    size_t count = 0;
    bool more = true;
    while (more) {
        const struct cJSON *reply = query(asked);
        count += json_count(json_member(reply, "Events"));
        asked.after = (uint64_t)number_of(reply, "LastSequence");
        more = flag_of(reply, "More");
    }
    assert_int_equal(count, EVENTS / 2);
    assert_int_equal(asked.after, EVENTS);
}

static void what_clients_cause_does_not_push_out_the_states(void **state)
{
    (void)state;
    tell(TIMELINE_STATE, "T");
    for (int i = 0; i < FREQUENT_MAX + 10; i++) {
        tell(TIMELINE_REFUSAL, "U");
    }
    assert_events((struct timeline_query){ .table_name = BYTES("T") }, "1 T");
    const struct cJSON *reply = query((struct timeline_query){ .limit = 2 });
    const struct cJSON *second = json_next(json_first(json_member(reply, "Events")));
    assert_int_equal(number_of(second, "Sequence"), 12); /* 2 to 11 are gone */
    assert_true(flag_of(reply, "Truncated"));
    reply = query((struct timeline_query){ .after = 11, .limit = 2 });
    assert_false(flag_of(reply, "Truncated"));
}

static void the_oldest_states_go_when_there_are_too_many(void **state)
{
    (void)state;
    for (int i = 0; i < RARE_MAX + 3; i++) {
        tell(TIMELINE_STATE, "T");
    }
    const struct cJSON *reply = query((struct timeline_query){ .limit = 1 });
    assert_int_equal(number_of(json_first(json_member(reply, "Events")), "Sequence"), 4);
    assert_true(flag_of(reply, "Truncated"));
    assert_int_equal(json_count(json_member(query((struct timeline_query){ 0 }), "Events")),
                     RARE_MAX);
}

/* A storm of long messages is bounded by its size before its number. */
static void long_events_are_bounded_by_their_size(void **state)
{
    (void)state;
    static char message[5000];
    memset(message, 'm', sizeof message - 1);
    struct timeline_event event = event_of(TIMELINE_REFUSAL, "T");
    event.message = bytes_of_text(message);
    for (int i = 0; i < FREQUENT_MAX; i++) {
        timeline_tell(timeline, &store.arena, &event);
        if (i % 1000 == 0) {
            arena_reset(&store.arena);
        }
    }
    const struct cJSON *reply = query((struct timeline_query){ 0 });
    size_t count = json_count(json_member(reply, "Events"));
    assert_in_range(count, 1000, 32 * 1024);
    assert_int_equal(text_of(json_first(json_member(reply, "Events")), "Message").length, 1024);
}

static void foreign_texts_are_made_fit(void **state)
{
    (void)state;
    static char letters[2000];
    for (size_t i = 0; i + 1 < sizeof letters; i += 2) {
        letters[i] = (char)0xC3; /* one character, two bytes */
        letters[i + 1] = (char)0xA4;
    }
    struct timeline_event event = event_of(TIMELINE_REFUSAL, "T");
    event.user_agent = BYTES("a\xFF\x01z");
    event.message = (struct bytes){ (const uint8_t *)letters, sizeof letters - 1 };
    event.index_name = BYTES("a\"b\\c");
    timeline_tell(timeline, &store.arena, &event);
    const struct cJSON *one =
        json_first(json_member(query((struct timeline_query){ 0 }), "Events"));
    assert_true(bytes_equal(text_of(one, "UserAgent"), BYTES("a??z")));
    assert_true(bytes_equal(text_of(one, "IndexName"), BYTES("a\"b\\c")));
    assert_int_equal(text_of(one, "Message").length, 1024);
}

static void a_note_is_told_when_its_transaction_is_committed(void **state)
{
    (void)state;
    struct txn txn;
    struct timeline_event event = event_of(TIMELINE_STATE, "T");
    txn_begin_write(store.storage.env, &txn);
    timeline_note(timeline, &txn, &store.arena, &event);
    tell(TIMELINE_CALL, "before");
    assert_int_equal(txn_commit(&txn), STORAGE_OK);
    txn_begin_write(store.storage.env, &txn);
    timeline_note(timeline, &txn, &store.arena, &event);
    txn_abort(&txn);
    assert_events((struct timeline_query){ 0 }, "1 before, 2 T");
}

static void worlds_are_told_apart_where_they_are_separate(void **state)
{
    (void)state;
    timeline_close(timeline);
    timeline = timeline_open(&clock_of_test, true);
    tell(TIMELINE_STATE, "KEY/eu-west-1/T");
    tell(TIMELINE_STATE, "OTHER/eu-west-1/T");
    const struct cJSON *reply =
        query((struct timeline_query){ .table_name = BYTES("KEY/eu-west-1/T") });
    const struct cJSON *one = json_first(json_member(reply, "Events"));
    assert_null(json_next(one));
    assert_true(bytes_equal(text_of(one, "TableName"), BYTES("T")));
    assert_true(bytes_equal(text_of(one, "AccessKeyId"), BYTES("KEY")));
    assert_true(bytes_equal(text_of(one, "Region"), BYTES("eu-west-1")));
    assert_events((struct timeline_query){ .world = BYTES("OTHER/eu-west-1/") }, "2 T");
    assert_events((struct timeline_query){ 0 }, "1 T, 2 T");
}

int main(void)
{
#define TIMELINE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TIMELINE_TEST(events_have_sequence_and_time),
        TIMELINE_TEST(a_query_has_an_after_a_table_and_a_limit),
        TIMELINE_TEST(pages_follow_each_other),
        TIMELINE_TEST(what_clients_cause_does_not_push_out_the_states),
        TIMELINE_TEST(the_oldest_states_go_when_there_are_too_many),
        TIMELINE_TEST(long_events_are_bounded_by_their_size),
        TIMELINE_TEST(foreign_texts_are_made_fit),
        TIMELINE_TEST(a_note_is_told_when_its_transaction_is_committed),
        TIMELINE_TEST(worlds_are_told_apart_where_they_are_separate),
    };
    return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
