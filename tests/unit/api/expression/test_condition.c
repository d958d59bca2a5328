#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/expression/condition.h"
#include "storage/base/arena.h"
#include "tests/support/expressions.h"
#include "tests/support/literal.h"

#include <string.h>

static const char ITEM[] =
    "{s: 'hello', s2: 'help', es: '', n: 10, n2: 9.5, neg: -3, b: x'0102ff', b2: x'02ff', "
    "t: true, f: false, z: null, ss: <'a', 'b'>, ss2: <'b', 'a'>, ns: <1, 2.5>, bs: <x'01'>, "
    "l: [1, 'x', null, [2], {k: 'v'}, <'p', 'q'>], m: {k: 'v', d: {e: 5}}, el: [], em: {}}";

/* One expression value, :v, and another, :w. */
static const struct {
    const char *text;
    const char *v;
    const char *w;
    bool result;
} CASES[] = {
    /* equality, of every type */
    { "s = :v", "'hello'", NULL, true },
    { "s = :v", "'Hello'", NULL, false },
    { "n = :v", "10", NULL, true },
    { "n = :v", "'10'", NULL, false },
    { "b = :v", "x'0102ff'", NULL, true },
    { "t = :v", "true", NULL, true },
    { "f = :v", "true", NULL, false },
    { "z = :v", "null", NULL, true },
    { "ss = :v", "<'b', 'a'>", NULL, true },
    { "ss = ss2", NULL, NULL, true },
    { "ss = :v", "<'a'>", NULL, false },
    { "ns = :v", "<2.5, 1>", NULL, true },
    { "l = :v", "[1, 'x', null, [2], {k: 'v'}, <'q', 'p'>]", NULL, true },
    { "l = :v", "[1]", NULL, false },
    { "m = :v", "{d: {e: 5}, k: 'v'}", NULL, true },
    { "m = :v", "{d: {e: 6}, k: 'v'}", NULL, false },
    { "el = :v", "[]", NULL, true },
    { "el = em", NULL, NULL, false },
    { "s <> :v", "'x'", NULL, true },
    { "s <> :v", "'hello'", NULL, false },
    { "s <> :v", "5", NULL, true },

    /* order: numbers by value, strings and binaries by unsigned bytes */
    { "n > n2", NULL, NULL, true },
    { "n > :v", "9", NULL, true },
    { "neg < :v", "-2.9", NULL, true },
    { "n <= :v", "10", NULL, true },
    { "n < :v", "10", NULL, false },
    { "s < s2", NULL, NULL, true },
    { "s > :v", "'Z'", NULL, true },
    { "b < b2", NULL, NULL, true },
    { "b >= :v", "x'0102'", NULL, true },
    { "es < s", NULL, NULL, true },
    { "s < :v", "10", NULL, false },
    { "s >= :v", "10", NULL, false },
    { "t >= f", NULL, NULL, false },
    { "ss <= ss2", NULL, NULL, false },
    { "n BETWEEN :v AND :w", "10", "11", true },
    { "n BETWEEN :v AND :w", "9", "10", true },
    { "n BETWEEN :v AND :w", "11", "12", false },
    { "n2 BETWEEN neg AND n", NULL, NULL, true },
    { "n2 BETWEEN n AND neg", NULL, NULL, false },
    { "n BETWEEN :v AND s", "1", NULL, false },
    { "s BETWEEN :v AND :w", "'a'", "'i'", true },

    /* IN compares as = does */
    { "n IN (:v, :w)", "1", "10", true },
    { "n IN (:v, :w)", "1", "'10'", false },
    { "n IN (s, n2, zz)", NULL, NULL, false },
    { "ss IN (s, ss2)", NULL, NULL, true },

    /* a missing attribute: only <> and attribute_not_exists hold */
    { "zz = :v", "1", NULL, false },
    { "zz <> :v", "1", NULL, true },
    { "zz <> yy", NULL, NULL, true },
    { "zz = yy", NULL, NULL, false },
    { "zz < :v", "1", NULL, false },
    { "zz >= :v", "1", NULL, false },
    { "NOT zz < :v", "1", NULL, true },
    { "zz BETWEEN :v AND :w", "1", "2", false },
    { "n BETWEEN zz AND :v", "20", NULL, false },
    { "zz IN (:v)", "1", NULL, false },
    { "zz IN (yy)", NULL, NULL, false },
    { "attribute_exists(zz)", NULL, NULL, false },
    { "attribute_not_exists(zz)", NULL, NULL, true },
    { "attribute_not_exists(z)", NULL, NULL, false },
    { "attribute_exists(z)", NULL, NULL, true },
    { "begins_with(zz, :v)", "''", NULL, false },
    { "contains(zz, :v)", "'a'", NULL, false },
    { "attribute_type(zz, :v)", "'NULL'", NULL, false },
    { "size(zz) >= :v", "0", NULL, false },
    { "size(zz) <> :v", "0", NULL, true },

    /* paths */
    { "m.k = :v", "'v'", NULL, true },
    { "m.d.e > :v", "4", NULL, true },
    { "l[0] = :v", "1", NULL, true },
    { "l[3][0] = :v", "2", NULL, true },
    { "l[4].k = m.k", NULL, NULL, true },
    { "attribute_exists(l[5])", NULL, NULL, true },
    { "attribute_exists(l[6])", NULL, NULL, false },
    { "attribute_exists(m[0])", NULL, NULL, false },
    { "attribute_exists(l.k)", NULL, NULL, false },
    { "attribute_exists(s.k)", NULL, NULL, false },
    { "attribute_exists(ss[0])", NULL, NULL, false },
    { "attribute_exists(m.d.zz)", NULL, NULL, false },

    { "attribute_type(s, :v)", "'S'", NULL, true },
    { "attribute_type(n, :v)", "'N'", NULL, true },
    { "attribute_type(t, :v)", "'BOOL'", NULL, true },
    { "attribute_type(z, :v)", "'NULL'", NULL, true },
    { "attribute_type(bs, :v)", "'BS'", NULL, true },
    { "attribute_type(m, :v)", "'M'", NULL, true },
    { "attribute_type(l, :v)", "'M'", NULL, false },

    { "begins_with(s, :v)", "'hel'", NULL, true },
    { "begins_with(s, :v)", "'hello!'", NULL, false },
    { "begins_with(s, :v)", "''", NULL, true },
    { "begins_with(b, :v)", "x'01'", NULL, true },
    { "begins_with(b, :v)", "'1'", NULL, false },
    { "begins_with(n, :v)", "'1'", NULL, false },
    { "begins_with(:v, s)", "'hello world'", NULL, true },

    { "contains(s, :v)", "'ell'", NULL, true },
    { "contains(s, :v)", "'elo'", NULL, false },
    { "contains(s, :v)", "'lo'", NULL, true },
    { "contains(s, :v)", "''", NULL, true },
    { "contains(s, :v)", "'hellohello'", NULL, false },
    { "contains(b, :v)", "x'02ff'", NULL, true },
    { "contains(b, :v)", "x'01ff'", NULL, false },
    { "contains(ss, :v)", "'a'", NULL, true },
    { "contains(ss, :v)", "'c'", NULL, false },
    { "contains(ns, :v)", "2.5", NULL, true },
    { "contains(ns, :v)", "'1'", NULL, false },
    { "contains(bs, :v)", "x'01'", NULL, true },
    { "contains(ss, :v)", "<'a'>", NULL, false },
    { "contains(l, :v)", "'x'", NULL, true },
    { "contains(l, :v)", "[2]", NULL, true },
    { "contains(l, :v)", "2", NULL, false },
    { "contains(l, :v)", "null", NULL, true },
    { "contains(l, :v)", "<'q', 'p'>", NULL, true },
    { "contains(m, :v)", "'k'", NULL, false },
    { "contains(n, :v)", "1", NULL, false },
    { "contains(:v, n)", "[5, 10]", NULL, true },

    { "size(s) = :v", "5", NULL, true },
    { "size(es) = :v", "0", NULL, true },
    { "size(b) = :v", "3", NULL, true },
    { "size(ss) = :v", "2", NULL, true },
    { "size(ns) = size(ss)", NULL, NULL, true },
    { "size(l) > :v", "5", NULL, true },
    { "size(m) < :v", "2", NULL, false },
    { "size(el) = size(em)", NULL, NULL, true },
    { "size(s) BETWEEN :v AND n", "5", NULL, true },
    { "size(s) IN (:v, :w)", "4", "5", true },
    { "size(:v) = size(s)", "'world'", NULL, true },
    { "size(s) = :v", "'5'", NULL, false },
    { "size(n) = :v", "2", NULL, false },
    { "size(t) >= :v", "0", NULL, false },
    { "size(z) >= :v", "0", NULL, false },

    /* logic */
    { "n = :v AND t = :w", "10", "true", true },
    { "n = :v AND t = :w", "10", "false", false },
    { "n = :v OR t = :w", "1", "true", true },
    { "n = :v OR t = :w", "1", "false", false },
    { "NOT n = :v", "10", NULL, false },
    { "NOT NOT n = :v", "10", NULL, true },
    { "NOT (n = :v AND t = :w)", "10", "false", true },
    { "NOT (n = :v OR t = :w)", "1", "true", false },
    { "NOT n = :v OR n = :v", "10", NULL, true },
    { "n = :v OR n = :v AND n = :w", "10", "1", true },
    { "(n = :v OR n = :v) AND n = :w", "10", "1", false },
};

/* Without an item every attribute is missing. */
static const struct {
    const char *text;
    bool result;
} ABSENT[] = {
    { "attribute_not_exists(a)", true },
    { "attribute_exists(a)", false },
    { "a <> :v", true },
    { "a = :v", false },
    { "NOT a = :v", true },
    { "attribute_not_exists(a) OR a = :v", true },
    { ":v = :v", true },
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

static bool evaluate(const char *text, const char *v, const char *w, struct bytes item)
{
    struct buffer values;
    buffer_init(&values, &arena, 64);
    buffer_append_format(&values, "{%s%s", v != NULL ? ":v: " : "", v != NULL ? v : "");
    buffer_append_format(&values, "%s%s}", w != NULL ? ", :w: " : "", w != NULL ? w : "");
    struct expression_context context;
    struct condition *condition;
    expression_init(&context, &arena, EXPRESSION_CONDITION);
    assert_string_equal(
        expressions_condition(&context, text, NULL,
                              v != NULL ? bytes_to_text(&arena, buffer_view(&values)) : NULL,
                              &condition),
        "");
    return condition_evaluate(condition, item);
}

static void conditions_hold_or_not(void **state)
{
    (void)state;
    struct bytes item = literal_item(&arena, ITEM);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        if (evaluate(CASES[i].text, CASES[i].v, CASES[i].w, item) != CASES[i].result) {
            fail_msg("%s with :v = %s", CASES[i].text, CASES[i].v);
        }
    }
}

static void conditions_hold_or_not_without_an_item(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ABSENT / sizeof ABSENT[0]; i++) {
        const char *v = strstr(ABSENT[i].text, ":v") != NULL ? "1" : NULL;
        if (evaluate(ABSENT[i].text, v, NULL, (struct bytes){ .data = NULL }) != ABSENT[i].result) {
            fail_msg("%s", ABSENT[i].text);
        }
    }
}

static void strings_are_measured_in_utf_16_code_units(void **state)
{
    (void)state;
    struct bytes item = literal_item(&arena, "{a: '\xC3\xA9\xF0\x9D\x84\x9E', b: '\xE2\x82\xAC'}");
    assert_true(evaluate("size(a) = :v", "3", NULL, item));
    assert_true(evaluate("size(b) = :v", "1", NULL, item));
}

/* a AND b AND …, as many as an expression may have, is evaluated to its last part. */
static void long_chains_are_evaluated_to_the_end(void **state)
{
    (void)state;
    struct bytes item = literal_item(&arena, "{a: 1}");
    for (int i = 0; i < 2; i++) {
        struct buffer text;
        buffer_init(&text, &arena, 4096);
        for (int j = 0; j < 149; j++) {
            buffer_append_text(&text, i == 0 ? "a=:v AND " : "a<:v OR ");
        }
        buffer_append_text(&text, i == 0 ? "a<:v" : "a=:v");
        assert_int_equal(evaluate(bytes_to_text(&arena, buffer_view(&text)), "1", NULL, item),
                         i == 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(conditions_hold_or_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(conditions_hold_or_not_without_an_item, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strings_are_measured_in_utf_16_code_units, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(long_chains_are_evaluated_to_the_end, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
