#include "tools/report/lanes.h"

#include "storage/base/arena.h"
#include "tools/report/scale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    static struct arena arena;
    arena_init(&arena);
    *state = &arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_deinit(*state);
    return 0;
}

static struct observed_event
event(enum observed_kind kind, int64_t at_ms, const char *table, const char *index, const char *to)
{
    return (struct observed_event){
        .kind = kind,
        .at_ms = at_ms,
        .word = "",
        .operation = "",
        .table = table,
        .index = index,
        .state = to,
        .error = "",
        .message = "",
    };
}

static struct list draw(struct arena *arena, const struct observed_event *events, size_t count)
{
    struct run_record record = { .duration_ms = 100 };
    record.observed.events = events;
    record.observed.event_count = count;
    return lanes_of(arena, &record);
}

static const struct lane *lane_at(const struct list *lanes, size_t place)
{
    assert_true(place < lanes->count);
    return &((const struct lane *)lanes->elements)[place];
}

static void assert_span(
    const struct lane *lane, size_t place, int64_t from_ms, int64_t to_ms, const char *state)
{
    assert_true(place < lane->spans.count);
    const struct lane_span *span = &((const struct lane_span *)lane->spans.elements)[place];
    assert_int_equal(span->from_ms, from_ms);
    assert_int_equal(span->to_ms, to_ms);
    assert_string_equal(span->state, state);
}

static void indexes_follow_their_table(void **state)
{
    const struct observed_event events[] = {
        event(OBSERVED_STATE, 1, "t", "", "ACTIVE"),  event(OBSERVED_STATE, 2, "u", "", "ACTIVE"),
        event(OBSERVED_STATE, 3, "t", "i", "ACTIVE"), event(OBSERVED_STATE, 4, "t", "j", "ACTIVE"),
        event(OBSERVED_STATE, 5, "u", "i", "ACTIVE"),
    };
    struct list lanes = draw(*state, events, 5);
    static const char *const names[][2] = {
        { "t", "" }, { "t", "i" }, { "t", "j" }, { "u", "" }, { "u", "i" },
    };
    assert_int_equal(lanes.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(lane_at(&lanes, i)->table, names[i][0]);
        assert_string_equal(lane_at(&lanes, i)->index, names[i][1]);
    }
    assert_int_equal(lane_at(&lanes, 1)->hue, 0);
    assert_int_equal(lane_at(&lanes, 2)->hue, 1);
    assert_int_equal(lane_at(&lanes, 4)->hue, 0);
}

static void a_state_lasts_until_the_next_or_the_end(void **state)
{
    const struct observed_event events[] = {
        event(OBSERVED_STATE, 10, "t", "", "CREATING"),
        event(OBSERVED_STATE, 20, "t", "", "ACTIVE"),
        event(OBSERVED_STATE, 20, "t", "", "UPDATING"),
        event(OBSERVED_STATE, 30, "t", "", "ACTIVE"),
    };
    struct list lanes = draw(*state, events, 4);
    const struct lane *lane = lane_at(&lanes, 0);
    assert_int_equal(lane->spans.count, 3); /* that of no length is none */
    assert_span(lane, 0, 10, 20, "CREATING");
    assert_span(lane, 1, 20, 30, "UPDATING");
    assert_span(lane, 2, 30, 100, "ACTIVE");
}

static void a_table_takes_its_indexes_with_it(void **state)
{
    const struct observed_event events[] = {
        event(OBSERVED_STATE, 10, "t", "", "ACTIVE"),
        event(OBSERVED_STATE, 10, "t", "i", "ACTIVE"),
        event(OBSERVED_STATE, 40, "t", "", ""),
        event(OBSERVED_STATE, 60, "t", "", "CREATING"),
    };
    struct list lanes = draw(*state, events, 4);
    assert_span(lane_at(&lanes, 0), 0, 10, 40, "ACTIVE");
    assert_span(lane_at(&lanes, 0), 1, 60, 100, "CREATING");
    assert_span(lane_at(&lanes, 1), 0, 10, 40, "ACTIVE");
}

static void what_was_over_before_the_run_is_not_drawn(void **state)
{
    struct observed_event events[] = {
        event(OBSERVED_STATE, 0, "gone", "", "ACTIVE"),
        event(OBSERVED_STATE, 0, "gone", "", ""),
        event(OBSERVED_REFUSAL, 0, "gone", "", ""),
        event(OBSERVED_STATE, 0, "here", "", "ACTIVE"),
        event(OBSERVED_CALL, 5, "called", "", ""),
        event(OBSERVED_REFUSAL, 7, "refused", "", ""),
    };
    for (size_t i = 0; i < 4; i++) {
        events[i].is_before_run = true;
    }
    struct list lanes = draw(*state, events, 6);
    assert_int_equal(lanes.count, 2);
    assert_string_equal(lane_at(&lanes, 0)->table, "here");
    assert_span(lane_at(&lanes, 0), 0, 0, 100, "ACTIVE");
    assert_string_equal(lane_at(&lanes, 1)->table, "refused");
    assert_int_equal(lane_at(&lanes, 1)->marks.count, 1);
}

static void the_axis_has_round_marks(void **state)
{
    static const struct {
        int64_t duration_ms;
        int64_t tick_ms;
        const char *third; /* the mark after two of them */
    } rows[] = {
        { 1, 10, "0.02 s" },          { 100, 10, "0.02 s" },
        { 1300, 200, "0.4 s" },       { 13000, 2000, "4 s" },
        { 78109, 10000, "20 s" },     { 300000, 30000, "1:00" },
        { 2400000, 300000, "10:00" }, { 200000000, 16666666, "555:33" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct run_record record = { .duration_ms = rows[i].duration_ms };
        struct scale scale = scale_of(&record);
        struct buffer text;
        buffer_init(&text, *state, 16);
        assert_int_equal(scale_tick_ms(&scale), rows[i].tick_ms);
        scale_append_time(&text, 2 * rows[i].tick_ms, rows[i].tick_ms);
        assert_string_equal(bytes_to_text(*state, buffer_view(&text)), rows[i].third);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(indexes_follow_their_table, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_state_lasts_until_the_next_or_the_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_table_takes_its_indexes_with_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_over_before_the_run_is_not_drawn, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_axis_has_round_marks, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("lanes", tests, NULL, NULL);
}
