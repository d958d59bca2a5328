#include "tools/judgement.h"

#include "storage/base/arena.h"

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

static struct step_record record_of(const char *output, int exit_code)
{
    return (struct step_record){ .output = bytes_of_text(output), .exit_code = exit_code };
}

static void each_expectation_is_judged(void **state)
{
    static const struct {
        struct expectation expectation;
        const char *output;
        int exit_code;
        bool holds;
    } rows[] = {
        { { EXPECT_EXIT, 3, NULL }, "", 3, true },
        { { EXPECT_EXIT, 3, NULL }, "", 0, false },
        { { EXPECT_EXIT_NONZERO, 0, NULL }, "", 255, true },
        { { EXPECT_EXIT_NONZERO, 0, NULL }, "", 0, false },
        { { EXPECT_CONTAINS, 0, "a\nb" }, "xa\nbx", 0, true },
        { { EXPECT_CONTAINS, 0, "a.b" }, "axb", 0, false },
        { { EXPECT_ABSENT, 0, "a" }, "b", 0, true },
        { { EXPECT_ABSENT, 0, "a" }, "ba", 0, false },
        { { EXPECT_ABSENT, 0, "a" }, "", 0, true },
        { { EXPECT_MATCHES, 0, "^a.c$" }, "x\nabc\ny", 0, true },
        { { EXPECT_MATCHES, 0, "^a.c$" }, "a\nc", 0, false },
        { { EXPECT_MISMATCHES, 0, "^b" }, "ab\nac", 0, true },
        { { EXPECT_MISMATCHES, 0, "^b" }, "ab\nbc", 0, false },
        { { EXPECT_UNTIL, 0, "done" }, "not done", 0, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct step step = { .expectations = &rows[i].expectation, .expectation_count = 1 };
        struct step_record record = record_of(rows[i].output, rows[i].exit_code);
        assert_int_equal(judgement_pass(*state, &step, &record), rows[i].holds);
        assert_int_equal(record.held[0], rows[i].holds);
    }
}

static void a_step_waits_for_what_it_says(void **state)
{
    (void)state;
    const struct expectation expectations[] = {
        { EXPECT_UNTIL, 0, "done" },
        { EXPECT_EXIT, 0, NULL },
    };
    struct step step = { .expectations = expectations, .expectation_count = 2 };
    struct step_record failed = record_of("done", 1);
    struct step_record early = record_of("", 0);
    assert_true(judgement_is_done(&step, &failed)); /* until is about the text alone */
    assert_false(judgement_is_done(&step, &early));
    step.retry = true;
    assert_false(judgement_is_done(&step, &failed));
}

static void a_capture_takes_the_first_group(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *output;
        const char *value; /* NULL: none */
    } rows[] = {
        { "[0-9]+", "a 12 b 34", "12" },
        { "Arn: ([a-z:]+)", "x\nArn: arn:aws!", "arn:aws" },
        { "^(a)?b$", "ab\n", "a" },
        { "(a)|(b)", "b", "b" }, /* the group is not part of the match: all of it */
        { "a()b", "ab", "" },
        { "x", "abc", NULL },
        { "x", "", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct capture capture = { .name = "N", .pattern = rows[i].pattern };
        struct step_record record = record_of(rows[i].output, 0);
        struct bytes value;
        bool found = judgement_capture(&capture, &record, &value);
        assert_int_equal(found, rows[i].value != NULL);
        assert_true(!found || bytes_equal(value, bytes_of_text(rows[i].value)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_expectation_is_judged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_step_waits_for_what_it_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_capture_takes_the_first_group, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("judgement", tests, NULL, NULL);
}
