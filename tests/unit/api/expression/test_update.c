/* Updates applied to items. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/expression/projection.h"
#include "api/expression/update.h"
#include "storage/base/arena.h"
#include "storage/value/item_codec.h"
#include "tests/support/expressions.h"
#include "tests/support/literal.h"

static const struct {
    const char *item;
    const char *text;
    const char *values;
    const char *result;
} CASES[] = {
    /* SET of attributes */
    { "{k: 1}", "SET a = :v", "{:v: 'x'}", "{a: 'x', k: 1}" },
    { "{k: 1}", "SET z = :v, a = :v", "{:v: 2}", "{a: 2, k: 1, z: 2}" },
    { "{a: 'x', k: 1}", "SET a = :v", "{:v: [1]}", "{a: [1], k: 1}" },
    { "{a: 1, b: 2}", "SET c = a", NULL, "{a: 1, b: 2, c: 1}" },
    { "{a: {b: [1, {c: 'x'}]}}", "SET d = a.b[1].c", NULL, "{a: {b: [1, {c: 'x'}]}, d: 'x'}" },

    /* every action sees the old item */
    { "{a: 1, b: 2}", "SET a = b, b = a", NULL, "{a: 2, b: 1}" },
    { "{a: 1, b: 2}", "SET a = a + b, b = b - a", NULL, "{a: 3, b: 1}" },
    { "{a: 1}", "REMOVE a SET b = a", NULL, "{b: 1}" },
    { "{a: 1}", "SET b = a ADD a :v", "{:v: 5}", "{a: 6, b: 1}" },

    /* numbers */
    { "{a: 0.1}", "SET a = a + :v", "{:v: 0.2}", "{a: 0.3}" },
    { "{a: 1}", "SET a = :v - a", "{:v: 1}", "{a: 0}" },
    { "{}", "SET a = :v + :w", "{:v: -3, :w: 1}", "{a: -2}" },

    /* if_not_exists */
    { "{a: 1}", "SET a = if_not_exists(a, :v)", "{:v: 2}", "{a: 1}" },
    { "{}", "SET a = if_not_exists(a, :v)", "{:v: 2}", "{a: 2}" },
    { "{b: 1}", "SET a = if_not_exists(b, :v)", "{:v: 2}", "{a: 1, b: 1}" },
    { "{}", "SET a = if_not_exists(a, :v) + :w", "{:v: 0, :w: 1}", "{a: 1}" },
    { "{c: 3}", "SET a = if_not_exists(a, if_not_exists(b, c))", NULL, "{a: 3, c: 3}" },
    { "{a: {b: 1}}", "SET a.c = if_not_exists(a.b.c, :v)", "{:v: 2}", "{a: {b: 1, c: 2}}" },
    { "{a: null}", "SET a = if_not_exists(a, :v)", "{:v: 2}", "{a: null}" },

    /* list_append */
    { "{a: [1]}", "SET a = list_append(a, :v)", "{:v: [2, 3]}", "{a: [1, 2, 3]}" },
    { "{a: [1]}", "SET a = list_append(:v, a)", "{:v: [2]}", "{a: [2, 1]}" },
    { "{a: [1]}", "SET b = list_append(a, a)", NULL, "{a: [1], b: [1, 1]}" },
    { "{}", "SET a = list_append(if_not_exists(a, :e), :v)", "{:e: [], :v: ['x']}", "{a: ['x']}" },
    { "{a: [1]}", "SET a = list_append(list_append(:v, a), list_append(a, :v))", "{:v: [[]]}",
      "{a: [[], 1, 1, []]}" },

    /* nested paths */
    { "{a: {b: 1, d: 2}}", "SET a.c = :v", "{:v: 3}", "{a: {b: 1, c: 3, d: 2}}" },
    { "{a: {b: 1}}", "SET a.b = :v, a.a = :v, a.z = :v", "{:v: 3}", "{a: {a: 3, b: 3, z: 3}}" },
    { "{a: {}, b: 1}", "SET a.c = b", NULL, "{a: {c: 1}, b: 1}" },
    { "{a: {b: {c: 1}}, z: 1}", "SET a.b.c = :v, a.d = :v", "{:v: []}",
      "{a: {b: {c: []}, d: []}, z: 1}" },
    { "{a: {b: 1}}", "REMOVE a.b", NULL, "{a: {}}" },
    { "{a: {b: 1}}", "REMOVE a.c", NULL, "{a: {b: 1}}" },

    /* lists */
    { "{a: [1, 2, 3]}", "SET a[1] = :v", "{:v: 'x'}", "{a: [1, 'x', 3]}" },
    { "{a: [1]}", "SET a[1] = :v", "{:v: 2}", "{a: [1, 2]}" },
    { "{a: [1]}", "SET a[9] = :v, a[5] = :w", "{:v: 'last', :w: 'first'}",
      "{a: [1, 'first', 'last']}" },
    { "{a: []}", "SET a[2147483647] = :v", "{:v: 1}", "{a: [1]}" },
    { "{a: [1, 2, 3]}", "REMOVE a[0]", NULL, "{a: [2, 3]}" },
    { "{a: [1, 2, 3]}", "REMOVE a[0], a[2]", NULL, "{a: [2]}" },
    { "{a: [1]}", "REMOVE a[0]", NULL, "{a: []}" },
    { "{a: [1]}", "REMOVE a[1]", NULL, "{a: [1]}" },
    { "{a: [1, 2, 3]}", "REMOVE a[0] SET a[1] = :v, a[7] = :v", "{:v: 'x'}", "{a: ['x', 3, 'x']}" },
    { "{a: [[1, 2], {b: 1}]}", "SET a[1].b = a[0][1] REMOVE a[0][0]", NULL, "{a: [[2], {b: 2}]}" },

    /* REMOVE of attributes */
    { "{a: 1, b: 2}", "REMOVE a", NULL, "{b: 2}" },
    { "{a: 1}", "REMOVE b, a, c", NULL, "{}" },

    /* ADD */
    { "{}", "ADD a :v", "{:v: 5}", "{a: 5}" },
    { "{a: 1}", "ADD a :v", "{:v: -3}", "{a: -2}" },
    { "{}", "ADD a :v", "{:v: <'x'>}", "{a: <'x'>}" },
    { "{a: <'x', 'y'>}", "ADD a :v", "{:v: <'z', 'x'>}", "{a: <'x', 'y', 'z'>}" },
    { "{a: <1, 2>}", "ADD a :v", "{:v: <2>}", "{a: <1, 2>}" },
    { "{a: {}}", "ADD a.b :v", "{:v: 5}", "{a: {b: 5}}" },
    { "{a: [1]}", "ADD a[0] :v, a[1] :v", "{:v: 5}", "{a: [6, 5]}" },

    /* DELETE */
    { "{a: <'x', 'y'>}", "DELETE a :v", "{:v: <'x', 'z'>}", "{a: <'y'>}" },
    { "{a: <'x'>, b: 1}", "DELETE a :v", "{:v: <'x'>}", "{b: 1}" },
    { "{b: 1}", "DELETE a :v", "{:v: <'x'>}", "{b: 1}" },
    { "{a: [<1>, <1, 2>]}", "DELETE a[0] :v, a[1] :v", "{:v: <1>}", "{a: [<2>]}" },
};

#define BAD_PATH "The document path provided in the update expression is invalid for update"
#define MISSING  "The provided expression refers to an attribute that does not exist in the item"
#define BAD_TYPE "An operand in the update expression has an incorrect data type"

static const struct {
    const char *item;
    const char *text;
    const char *values;
    const char *message;
} REFUSALS[] = {
    { "{}", "SET a.b = :v", "{:v: 1}", BAD_PATH },
    { "{a: 1}", "SET a.b = :v", "{:v: 1}", BAD_PATH },
    { "{a: [1]}", "SET a.b = :v", "{:v: 1}", BAD_PATH },
    { "{a: {b: 1}}", "SET a[0] = :v", "{:v: 1}", BAD_PATH },
    { "{}", "SET a[0] = :v", "{:v: 1}", BAD_PATH },
    { "{a: []}", "SET a[0].b = :v", "{:v: 1}", BAD_PATH },
    { "{a: {}}", "SET a.b.c = :v", "{:v: 1}", BAD_PATH },
    { "{}", "SET a = :v, b.c = a", "{:v: {}}", MISSING },
    { "{a: 1}", "REMOVE a.b", NULL, BAD_PATH },
    { "{}", "REMOVE a[0]", NULL, BAD_PATH },
    { "{}", "ADD a.b :v", "{:v: 1}", BAD_PATH },
    { "{}", "DELETE a.b :v", "{:v: <1>}", BAD_PATH },

    { "{}", "SET a = b", NULL, MISSING },
    { "{a: [1]}", "SET a = a[1]", NULL, MISSING },
    { "{}", "SET a = a + :v", "{:v: 1}", MISSING },
    { "{}", "SET a = list_append(a, :v)", "{:v: []}", MISSING },
    { "{}", "SET a = if_not_exists(a, b)", NULL, MISSING },

    { "{a: 'x'}", "SET a = a + :v", "{:v: 1}", BAD_TYPE },
    { "{a: 'x'}", "SET a = :v - a", "{:v: 1}", BAD_TYPE },
    { "{a: <1>}", "SET a = list_append(a, :v)", "{:v: []}", BAD_TYPE },
    { "{}", "SET a = if_not_exists(a, :s) + :v", "{:s: 'x', :v: 1}", BAD_TYPE },
    { "{}", "SET a = list_append(:l, if_not_exists(a, :s))", "{:s: 'x', :l: []}", BAD_TYPE },
    { "{a: 'x'}", "ADD a :v", "{:v: 1}", BAD_TYPE },
    { "{a: <'x'>}", "ADD a :v", "{:v: <1>}", BAD_TYPE },
    { "{a: 1}", "ADD a :v", "{:v: <1>}", BAD_TYPE },
    { "{a: ['x']}", "DELETE a :v", "{:v: <'x'>}", BAD_TYPE },
    { "{a: <1>}", "DELETE a :v", "{:v: <'x'>}", BAD_TYPE },
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

/* The new item as text, or the refusal. */
static const char *apply(struct bytes item, const char *text, const char *values)
{
    struct expression_context context;
    struct update *update;
    struct bytes result;
    expression_init(&context, &arena, EXPRESSION_UPDATE);
    assert_string_equal(expressions_update(&context, text, NULL, values, &update), "");
    if (!update_apply(&context, update, item, &result)) {
        return expressions_refusal(&context);
    }
    assert_null(context.message.data);
    assert_true(item_is_valid(result));
    return literal_of_item(&arena, result);
}

static void items_are_updated(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_string_equal(
            apply(literal_item(&arena, CASES[i].item), CASES[i].text, CASES[i].values),
            CASES[i].result);
    }
}

static void updates_that_do_not_fit_the_item_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        assert_string_equal(
            apply(literal_item(&arena, REFUSALS[i].item), REFUSALS[i].text, REFUSALS[i].values),
            REFUSALS[i].message);
    }
}

/* A 1 and that many zeros, the wanted sign in front. */
static const char *power(const char *sign, size_t zeros)
{
    struct buffer text;
    buffer_init(&text, &arena, 130);
    buffer_append_format(&text, "{a: %s1", sign);
    for (size_t i = 0; i < zeros; i++) {
        buffer_append_text(&text, "0");
    }
    buffer_append_text(&text, "}");
    return bytes_to_text(&arena, buffer_view(&text));
}

static void sums_outside_the_range_of_numbers_are_refused(void **state)
{
    (void)state;
    const char *too_large =
        "Number overflow. Attempting to store a number with magnitude larger than supported range";
    const char *nines = "SET b = a + a, c = a";
    struct buffer item;
    buffer_init(&item, &arena, 130);
    buffer_append_text(&item, "{a: 9");
    for (size_t i = 0; i < 125; i++) {
        buffer_append_text(&item, "0");
    }
    buffer_append_text(&item, "}");
    assert_string_equal(
        apply(literal_item(&arena, bytes_to_text(&arena, buffer_view(&item))), nines, NULL),
        too_large);
    struct bytes small = literal_item(&arena, power("-", 124));
    assert_string_not_equal(apply(small, nines, NULL), too_large);
}

/* "a" nested so deep that `wrappers` maps are around it. */
static struct bytes nested_item(size_t wrappers)
{
    struct buffer text;
    buffer_init(&text, &arena, 256);
    buffer_append_text(&text, "{s: 1, l: [[]], ");
    for (size_t i = 0; i < wrappers; i++) {
        buffer_append_text(&text, "a: {");
    }
    buffer_append_text(&text, "a: 1");
    for (size_t i = 0; i < wrappers; i++) {
        buffer_append_text(&text, "}");
    }
    buffer_append_text(&text, "}");
    return literal_item(&arena, bytes_to_text(&arena, buffer_view(&text)));
}

static const char *set_below(const char *right_side, size_t wrappers)
{
    struct buffer text;
    buffer_init(&text, &arena, 256);
    buffer_append_text(&text, "SET ");
    for (size_t i = 0; i < wrappers; i++) {
        buffer_append_text(&text, "a.");
    }
    buffer_append_format(&text, "b = %s", right_side);
    return bytes_to_text(&arena, buffer_view(&text));
}

static void values_may_be_nested_in_31_others(void **state)
{
    (void)state;
    const char *too_deep = "Nesting Levels have exceeded supported limits: Attributes in the item "
                           "have nested levels beyond supported limit";
    assert_string_not_equal(apply(nested_item(31), set_below("s", 31), NULL), too_deep);
    assert_string_not_equal(apply(nested_item(29), set_below("l", 29), NULL), too_deep);
    assert_string_equal(apply(nested_item(30), set_below("l", 30), NULL), too_deep);
    assert_string_equal(apply(nested_item(31), set_below("l[0]", 31), NULL), too_deep);
}

/* {a: a string of that length, l: [that string]} */
static struct bytes large_item(size_t length)
{
    uint8_t *text = arena_alloc(&arena, length);
    memset(text, 'x', length);
    struct attribute_value string = { .type = ATTRIBUTE_S, .payload = { text, length } };
    struct buffer item;
    buffer_init(&item, &arena, 2 * length + 64);
    size_t mark = item_begin(&item);
    write_name(&item, (struct attribute_name){ .text = BYTES("a") });
    write_value(&item, string);
    write_name(&item, (struct attribute_name){ .text = BYTES("l") });
    size_t list = write_open(&item, ATTRIBUTE_L);
    write_value(&item, string);
    write_close(&item, list);
    return item_end(&item, mark);
}

static void an_item_may_be_400_kilobytes(void **state)
{
    (void)state;
    const char *too_large = "Item size to update has exceeded the maximum allowed size";
    struct bytes item = large_item(102400);
    struct bytes half = large_item((409600 - 8) / 2); /* a, l, the list's 3 + 1, and b, 1 */
    assert_string_not_equal(apply(item, "SET b = a", NULL), too_large);
    assert_string_equal(apply(item, "SET b = a, c = a", NULL), too_large);
    assert_string_equal(apply(item, "SET b = a, c = a, d = a, e = a, f = a", NULL), too_large);
    assert_string_equal(
        apply(item, "SET l = list_append(list_append(l, l), list_append(l, l))", NULL), too_large);
    assert_string_not_equal(apply(item, "REMOVE a SET l = list_append(l, list_append(l, l))", NULL),
                            too_large);
    assert_string_not_equal(apply(half, "SET b = :v", "{:v: true}"), too_large);
    assert_string_equal(apply(half, "SET b = :v", "{:v: 'xx'}"), too_large);
}

/* What UPDATED_OLD and UPDATED_NEW show of an item. */
static void an_update_knows_the_paths_it_touches(void **state)
{
    (void)state;
    struct expression_context context;
    struct update *update;
    struct buffer to;
    struct bytes item = literal_item(&arena, "{a: {b: 1, c: 2}, l: [1, 2, 3], n: 1, z: 1}");
    expression_init(&context, &arena, EXPRESSION_UPDATE);
    buffer_init(&to, &arena, 64);
    assert_string_equal(expressions_update(&context, "SET a.b = z, l[2] = z REMOVE n, x, l[0]",
                                           NULL, NULL, &update),
                        "");
    assert_string_equal(literal_of_item(&arena, projection_apply(&update->touched, item, &to)),
                        "{a: {b: 1}, l: [1, 3], n: 1}");
}

static void some_updates_only_remove(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool only_removes;
    } cases[] = {
        { "REMOVE a", true },
        { "DELETE a :v REMOVE b", true },
        { "REMOVE b SET a = :v", false },
        { "ADD a :v", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct expression_context context;
        struct update *update;
        expression_init(&context, &arena, EXPRESSION_UPDATE);
        assert_string_equal(
            expressions_update(&context, cases[i].text, NULL, i == 0 ? NULL : "{:v: <1>}", &update),
            "");
        assert_int_equal(update_only_removes(update), cases[i].only_removes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(items_are_updated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(updates_that_do_not_fit_the_item_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sums_outside_the_range_of_numbers_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(values_may_be_nested_in_31_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_item_may_be_400_kilobytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_update_knows_the_paths_it_touches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(some_updates_only_remove, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
