#include "tools/runbook.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct arena arena;
    struct runbook runbook;
    const char *error;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){ .error = NULL };
    arena_init(&fixture.arena);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    arena_deinit(&fixture->arena);
    return 0;
}

static enum runbook_status parse(struct fixture *fixture, const char *text)
{
    return runbook_parse(&fixture->arena, "page.md", bytes_of_text(text), &fixture->runbook,
                         &fixture->error);
}

static const struct step *parse_steps(struct fixture *fixture, const char *text, size_t count)
{
    assert_int_equal(parse(fixture, text), RUNBOOK_OK);
    assert_int_equal(fixture->runbook.step_count, count);
    return fixture->runbook.steps;
}

/* A page of one step with this info string behind `bash`. */
static const char *page(struct fixture *fixture, const char *annotations)
{
    struct buffer text;
    buffer_init(&text, &fixture->arena, 64);
    buffer_append_format(&text, "# Title\n\n```bash %s\ntrue\n```\n", annotations);
    return bytes_to_text(&fixture->arena, buffer_view(&text));
}

static const struct step *parse_annotated(struct fixture *fixture, const char *annotations)
{
    return parse_steps(fixture, page(fixture, annotations), 1);
}

static void annotations_become_expectations(void **state)
{
    static const struct {
        const char *annotations;
        struct expectation expected;
    } rows[] = {
        { "", { EXPECT_EXIT, 0, NULL } },
        { "  exit=254  ", { EXPECT_EXIT, 254, NULL } },
        { "exit=nonzero", { EXPECT_EXIT_NONZERO, 0, NULL } },
        { "exit=\"0\"", { EXPECT_EXIT, 0, NULL } },
        { "contains=word", { EXPECT_CONTAINS, 0, "word" } },
        { "contains=a=b", { EXPECT_CONTAINS, 0, "a=b" } },
        { "contains=\"two words\"", { EXPECT_CONTAINS, 0, "two words" } },
        { "contains=\"\\\"IndexStatus\\\": \\\"ACTIVE\\\"\"",
          { EXPECT_CONTAINS, 0, "\"IndexStatus\": \"ACTIVE\"" } },
        { "contains=\"a\\\\b\"", { EXPECT_CONTAINS, 0, "a\\b" } },
        { "contains=\"&amp;\"", { EXPECT_CONTAINS, 0, "&amp;" } },
        { "absent=\"x\"", { EXPECT_ABSENT, 0, "x" } },
        { "mismatches=\"^x+$\"", { EXPECT_MISMATCHES, 0, "^x+$" } },
        { "matches=\"^[0-9]+\\.[0-9]$\"", { EXPECT_MATCHES, 0, "^[0-9]+\\.[0-9]$" } },
        { "until=\"done\"", { EXPECT_UNTIL, 0, "done" } },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct step *step = parse_annotated(fixture, rows[i].annotations);
        const struct expectation *got = &step->expectations[0];
        assert_int_equal(got->kind, rows[i].expected.kind);
        assert_int_equal(got->exit, rows[i].expected.exit);
        if (rows[i].expected.text == NULL) {
            assert_null(got->text);
        } else {
            assert_string_equal(got->text, rows[i].expected.text);
        }
    }
}

static void a_wrong_annotation_is_an_error_that_names_its_line(void **state)
{
    static const struct {
        const char *annotations;
        const char *expected;
    } rows[] = {
        { "contain=\"x\"", "page.md:3: unknown annotation \"contain\"" },
        { "title", "page.md:3: unknown annotation \"title\"" },
        { "=x", "page.md:3: unknown annotation \"\"" },
        { "exit", "page.md:3: exit needs a value: exit=…" },
        { "contains=\"\"", "page.md:3: contains needs a value: contains=…" },
        { "exit=256", "page.md:3: exit must be 0 to 255 or nonzero, not \"256\"" },
        { "exit=99999999999999",
          "page.md:3: exit must be 0 to 255 or nonzero, not \"99999999999999\"" },
        { "exit=-1", "page.md:3: exit must be 0 to 255 or nonzero, not \"-1\"" },
        { "exit=1 exit=nonzero", "page.md:3: exit is given twice" },
        { "contains=\"x", "page.md:3: the quote after contains= is not closed" },
        { "contains=\"x\\\"", "page.md:3: the quote after contains= is not closed" },
        { "contains=\"x\"absent=y", "page.md:3: a blank is missing after the value of contains" },
        { "until=a until=b", "page.md:3: until is given twice" },
        { "until=a every=0", "page.md:3: every must be 1 to 3600 seconds, not \"0\"" },
        { "until=a within=5 within=6", "page.md:3: within is given twice" },
        { "within=5",
          "page.md:3: every and within say how to wait for until=… or retry, which is missing" },
        { "skip skip", "page.md:3: skip is given twice" },
        { "retry=yes", "page.md:3: retry takes no value" },
        { "retry retry", "page.md:3: retry is given twice" },
        { "always always", "page.md:3: always is given twice" },
        { "only=gcp", "page.md:3: only must be aws or rehearsedb, not \"gcp\"" },
        { "only=aws only=aws", "page.md:3: only is given twice" },
        { "background background", "page.md:3: background is given twice" },
        { "background=Nowhere", "page.md:3: background: no later step is named \"Nowhere\"" },
        { "background=title", "page.md:3: background: no later step is named \"title\"" },
        { "background until=x",
          "page.md:3: a step in the background is not repeated: no until and no retry" },
        { "background retry",
          "page.md:3: a step in the background is not repeated: no until and no retry" },
        { "snapshot=a snapshot=b", "page.md:3: snapshot is given twice" },
        { "snapshot=a/b", "page.md:3: snapshot may hold letters, digits, - and _, unlike \"a/b\"" },
        { "capture=word",
          "page.md:3: capture must be \"NAME=REGEX\" with the name of a variable, not "
          "\"word\"" },
        { "capture=1a=x",
          "page.md:3: capture must be \"NAME=REGEX\" with the name of a variable, not "
          "\"1a=x\"" },
        { "capture=a-b=x",
          "page.md:3: capture must be \"NAME=REGEX\" with the name of a variable, not \"a-b=x\"" },
        { "capture=a=",
          "page.md:3: capture must be \"NAME=REGEX\" with the name of a variable, not "
          "\"a=\"" },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(parse(fixture, page(fixture, rows[i].annotations)), RUNBOOK_MALFORMED);
        assert_string_equal(fixture->error, rows[i].expected);
    }
}

static void a_broken_regular_expression_is_an_error(void **state)
{
    static const struct {
        const char *annotation;
        const char *expected;
    } rows[] = {
        { "matches=\"(\"", "page.md:3: matches: \"(\" is not a regular expression" },
        { "mismatches=\"[\"", "page.md:3: mismatches: \"[\" is not a regular expression" },
        { "capture=\"A=(\"", "page.md:3: capture: \"(\" is not a regular expression" },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(parse(fixture, page(fixture, rows[i].annotation)), RUNBOOK_MALFORMED);
        assert_non_null(strstr(fixture->error, rows[i].expected));
    }
}

static void several_texts_may_be_expected(void **state)
{
    const struct step *step =
        parse_annotated(*state, "contains=a contains=b absent=c exit=1 matches=d");
    assert_int_equal(step->expectation_count, 5);
    assert_string_equal(step->expectations[1].text, "b");
}

static void waiting_has_a_pace_and_a_limit(void **state)
{
    const struct step *step = parse_annotated(*state, "until=x");
    assert_int_equal(step->every_s, 1);
    assert_int_equal(step->within_s, 60);
    step = parse_annotated(*state, "until=x every=5 within=1800");
    assert_int_equal(step->every_s, 5);
    assert_int_equal(step->within_s, 1800);
    step = parse_annotated(*state, "contains=x");
    assert_int_equal(step->within_s, 0);
}

static void a_step_may_wait_for_everything(void **state)
{
    const struct step *step = parse_annotated(*state, "retry contains=x within=9");
    assert_true(step->retry);
    assert_int_equal(step->every_s, 1);
    assert_int_equal(step->within_s, 9);
}

static void a_capture_has_a_name_and_an_expression(void **state)
{
    const struct step *step = parse_annotated(*state, "capture=\"ARN=Arn: (.*)\" capture=_n2=a=b");
    assert_int_equal(step->capture_count, 2);
    assert_string_equal(step->captures[0].name, "ARN");
    assert_string_equal(step->captures[0].pattern, "Arn: (.*)");
    assert_string_equal(step->captures[1].name, "_n2");
    assert_string_equal(step->captures[1].pattern, "a=b");
}

static void a_step_may_be_for_one_place_only(void **state)
{
    assert_int_equal(parse_annotated(*state, "only=aws")->place, PLACE_AWS);
    assert_int_equal(parse_annotated(*state, "only=rehearsedb")->place, PLACE_REHEARSEDB);
    assert_int_equal(parse_annotated(*state, "")->place, PLACE_ANYWHERE);
}

static void a_snapshot_is_named_after_its_step(void **state)
{
    static const struct {
        const char *heading;
        const char *annotation;
        const char *expected;
    } rows[] = {
        { "Delete the *old* index!", "snapshot", "delete-the-old-index" },
        { "2. `v2`", "snapshot", "2-v2" },
        { "\303\204", "snapshot", "step" },
        { "Delete", "snapshot=before_Delete-1", "before_Delete-1" },
        { "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg hhh", "snapshot",
          "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg" },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer text;
        buffer_init(&text, &fixture->arena, 64);
        buffer_append_format(&text, "# %s\n\n```bash %s\n```\n", rows[i].heading,
                             rows[i].annotation);
        const struct step *step =
            parse_steps(fixture, bytes_to_text(&fixture->arena, buffer_view(&text)), 1);
        assert_string_equal(step->snapshot, rows[i].expected);
    }
}

static void a_background_step_ends_before_another_or_with_the_run(void **state)
{
    const struct step *steps = parse_steps(*state,
                                           "# A\n```bash background=\"switch BACK\"\n```\n"
                                           "# B\n```bash background\n```\n"
                                           "# Switch back\n```bash\n```\n",
                                           3);
    assert_int_equal(steps[0].background_end_index, 2);
    assert_int_equal(steps[0].expectation_count, 0); /* its status is nobody's business */
    assert_int_equal(steps[1].background_end_index, 3);
    assert_true(steps[1].background);
    assert_false(steps[2].background);
}

static void a_background_step_must_end_before_a_later_one(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(parse(fixture, "# A\n```bash\n```\n# B\n```bash background=A\n```\n"),
                     RUNBOOK_MALFORMED);
    assert_string_equal(fixture->error, "page.md:5: background: no later step is named \"A\"");
}

static void a_skipped_step_says_why(void **state)
{
    assert_string_equal(parse_annotated(*state, "skip=\"needs an account\"")->skip,
                        "needs an account");
    assert_string_equal(parse_annotated(*state, "skip")->skip, "");
    assert_null(parse_annotated(*state, "")->skip);
}

static void steps_are_named_after_their_headings(void **state)
{
    const struct step *steps = parse_steps(*state,
                                           "```bash\none\n```\n"
                                           "# Wait for `v2` *now*\n"
                                           "```bash\ntwo\n```\n"
                                           "text\n"
                                           "```bash\nthree\n```\n"
                                           "Wait for\nit\n---\n"
                                           "```bash\nfour\n```\n"
                                           "# Wait for v2 now\n"
                                           "```bash\nfive\n```\n",
                                           5);
    assert_string_equal(steps[0].name, "Before the first heading");
    assert_string_equal(steps[1].name, "Wait for v2 now");
    assert_string_equal(steps[2].name, "Wait for v2 now (2)");
    assert_string_equal(steps[3].name, "Wait for it");
    assert_string_equal(steps[4].name, "Wait for v2 now (3)");
}

static void only_bash_fences_are_steps(void **state)
{
    const struct step *steps = parse_steps(*state,
                                           "<!-- ```bash\nno\n``` -->\n\n"
                                           "    ```bash\n    no\n\n"
                                           "```json\n{}\n```\n"
                                           "```bash-session\nno\n```\n"
                                           "```\nno\n```\n"
                                           "`bash` no\n\n"
                                           "~~~~ bash exit=1\nyes\n~~~~\n",
                                           1);
    assert_string_equal(steps[0].command, "yes\n");
    assert_int_equal(steps[0].expectations[0].exit, 1);
}

static void fences_inside_lists_and_quotes_are_steps(void **state)
{
    const struct step *steps = parse_steps(*state,
                                           "1. do\n   ```bash contains=a\n   x\n     y\n   ```\n"
                                           "\n> ```bash contains=b\n> z\n> ```\n",
                                           2);
    assert_int_equal(steps[0].line, 2);
    assert_string_equal(steps[0].command, "x\n  y\n");
    assert_string_equal(steps[0].expectations[0].text, "a");
    assert_int_equal(steps[1].line, 7);
    assert_string_equal(steps[1].command, "z\n");
    assert_string_equal(steps[1].expectations[0].text, "b");
}

static void windows_line_ends_do_not_reach_the_shell(void **state)
{
    const struct step *steps =
        parse_steps(*state, "# A\r\n```bash contains=a\r\necho a\r\n```\r\n", 1);
    assert_string_equal(steps[0].command, "echo a\n");
    assert_string_equal(steps[0].expectations[0].text, "a");
}

static void a_page_without_steps_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(parse(fixture, "# Nothing\n"), RUNBOOK_MALFORMED);
    assert_string_equal(fixture->error, "page.md: no step: no fenced block begins with ```bash");
}

static void a_missing_file_is_unreadable(void **state)
{
    struct fixture *fixture = *state;
    enum runbook_status status =
        runbook_load(&fixture->arena, "/nowhere.md", &fixture->runbook, &fixture->error);
    assert_int_equal(status, RUNBOOK_UNREADABLE);
    assert_string_equal(fixture->error, "/nowhere.md: No such file or directory");
}

static void a_directory_is_unreadable(void **state)
{
    struct fixture *fixture = *state;
    enum runbook_status status =
        runbook_load(&fixture->arena, "/", &fixture->runbook, &fixture->error);
    assert_int_equal(status, RUNBOOK_UNREADABLE);
    assert_string_equal(fixture->error, "/: Is a directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(annotations_become_expectations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_annotation_is_an_error_that_names_its_line, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_broken_regular_expression_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(several_texts_may_be_expected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waiting_has_a_pace_and_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_step_may_wait_for_everything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_capture_has_a_name_and_an_expression, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_step_may_be_for_one_place_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_snapshot_is_named_after_its_step, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_background_step_ends_before_another_or_with_the_run,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_background_step_must_end_before_a_later_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_skipped_step_says_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(steps_are_named_after_their_headings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_bash_fences_are_steps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fences_inside_lists_and_quotes_are_steps, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(windows_line_ends_do_not_reach_the_shell, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_page_without_steps_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_file_is_unreadable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_is_unreadable, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("runbook", tests, NULL, NULL);
}
