#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/expression/projection.h"
#include "storage/base/arena.h"
#include "storage/value/item_codec.h"
#include "tests/support/expressions.h"
#include "tests/support/literal.h"

static const char ITEM[] = "{a: 1, b: 'x', 'two words': true, m: {p: 1, q: {r: 2, s: 3}, t: []}, "
                           "l: [0, 1, {x: 7, y: 8}, [4, 5], 'e'], e: {}, n: null}";

static const struct {
    const char *text;
    const char *names;
    const char *result;
} CASES[] = {
    { "a", NULL, "{a: 1}" },
    { "b, a", NULL, "{a: 1, b: 'x'}" },
    { "zz", NULL, "{}" },
    { "a, zz, A", NULL, "{a: 1}" },
    { "n, e", NULL, "{e: {}, n: null}" },
    { "#t", "{#t: 'two words'}", "{two words: true}" },

    /* maps keep their other levels */
    { "m", NULL, "{m: {p: 1, q: {r: 2, s: 3}, t: []}}" },
    { "m.p", NULL, "{m: {p: 1}}" },
    { "m.q.s, m.p", NULL, "{m: {p: 1, q: {s: 3}}}" },
    { "m.t", NULL, "{m: {t: []}}" },

    /* what is not there leaves nothing behind */
    { "m.zz", NULL, "{}" },
    { "m.q.zz, m.p", NULL, "{m: {p: 1}}" },
    { "a.p, b[0], m[0], l.x", NULL, "{}" },
    { "e.p", NULL, "{}" },
    { "l[9]", NULL, "{}" },

    /* lists are moved together, in the order of their indexes */
    { "l[0]", NULL, "{l: [0]}" },
    { "l[4], l[1]", NULL, "{l: [1, 'e']}" },
    { "l[2].y, l[1]", NULL, "{l: [1, {y: 8}]}" },
    { "l[2].zz, l[1]", NULL, "{l: [1]}" },
    { "l[3][1], l[2]", NULL, "{l: [{x: 7, y: 8}, [5]]}" },
    { "l[10], l[2]", NULL, "{l: [{x: 7, y: 8}]}" },
};

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static void items_are_reduced_to_what_is_asked_for(void **state)
{
    (void)state;
    struct bytes item = literal_item(&arena, ITEM);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct expression_context context;
        struct projection *projection;
        expression_init(&context, &arena, EXPRESSION_PROJECTION);
        assert_string_equal(
            expressions_projection(&context, CASES[i].text, CASES[i].names, &projection), "");
        struct buffer result;
        buffer_init(&result, &arena, 16);
        struct bytes projected = projection_apply(projection, item, &result);
        assert_true(item_is_valid(projected));
        assert_string_equal(literal_of_item(&arena, projected), CASES[i].result);
    }
}

static void results_are_appended_to_the_buffer(void **state)
{
    (void)state;
    struct bytes item = literal_item(&arena, ITEM);
    struct expression_context context;
    struct projection *projection;
    expression_init(&context, &arena, EXPRESSION_PROJECTION);
    assert_string_equal(expressions_projection(&context, "m.q.r", NULL, &projection), "");
    struct buffer result;
    buffer_init(&result, &arena, 1);
    struct bytes first = projection_apply(projection, item, &result);
    size_t length = first.length;
    struct bytes second = projection_apply(projection, item, &result);
    assert_int_equal(second.length, length);
    assert_ptr_equal(second.data, result.data + length);
    assert_string_equal(literal_of_item(&arena, second), "{m: {q: {r: 2}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(items_are_reduced_to_what_is_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(results_are_appended_to_the_buffer, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
