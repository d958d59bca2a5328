#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/expression/key_condition.h"
#include "api/expression/parser.h"
#include "storage/base/arena.h"
#include "tests/support/expressions.h"
#include "tests/support/literal.h"

#define NESTED_PATH                                                                                \
    "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested "    \
    "attributes"
#define NESTED_OPERATION                                                                           \
    "Invalid KeyConditionExpression: KeyConditionExpressions cannot contain nested operations"
#define TWICE                                                                                      \
    "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per " \
    "key"
#define OPERATOR      "Invalid operator used in KeyConditionExpression: "
#define INVALID       "Invalid condition in KeyConditionExpression: "
#define SEVERAL_NAMES INVALID "Multiple attribute names used in one condition"

static const struct {
    const char *text;
    const char *values;
    const char *message;
} SHAPES[] = {
    { "a = :v OR b = :v", "{:v: 1}", OPERATOR "OR" },
    { "NOT a = :v", "{:v: 1}", OPERATOR "NOT" },
    { "a = :v AND NOT b = :v", "{:v: 1}", OPERATOR "NOT" },
    { "a <> :v", "{:v: 1}", OPERATOR "<>" },
    { "a IN (:v)", "{:v: 1}", OPERATOR "IN" },
    { "attribute_exists(a)", NULL, OPERATOR "attribute_exists" },
    { "attribute_not_exists(a)", NULL, OPERATOR "attribute_not_exists" },
    { "a = :v AND contains(b, :v)", "{:v: 1}", OPERATOR "contains" },
    { "attribute_type(a, :v)", "{:v: 'S'}", OPERATOR "attribute_type" },
    { "size(a) = :v", "{:v: 1}", NESTED_OPERATION },
    { "a = size(b)", NULL, NESTED_OPERATION },
    { "a.b = :v", "{:v: 1}", NESTED_PATH },
    { "a = :v AND begins_with(b[0], :w)", "{:v: 1, :w: 'a'}", NESTED_PATH },
    { "a = b", NULL, SEVERAL_NAMES },
    { "begins_with(a, b)", NULL, SEVERAL_NAMES },
    { "a BETWEEN :v AND b", "{:v: 1}", SEVERAL_NAMES },
    { ":v = :v", "{:v: 1}", INVALID "No key attribute specified" },
    { ":v BETWEEN a AND :v", "{:v: 1}",
      INVALID "BETWEEN operator must have the key attribute as its first operand" },
    { "begins_with(:v, a)", "{:v: 'a'}",
      INVALID "begins_with operator must have the key attribute as its first operand" },
    { "a = :v AND a > :v", "{:v: 1}", TWICE },
    { "a = :v AND b > :v AND b < :v", "{:v: 1}", TWICE },
};

static const struct key_schema HASH_ONLY = {
    .partition_count = 1,
    .attributes = { { .name = { (const uint8_t *)"h", 1 }, .type = ATTRIBUTE_S } },
};

static const struct key_schema ORDINARY = {
    .partition_count = 1,
    .sort_count = 1,
    .attributes = { { .name = { (const uint8_t *)"h", 1 }, .type = ATTRIBUTE_S },
                    { .name = { (const uint8_t *)"r", 1 }, .type = ATTRIBUTE_N } },
};

static const struct key_schema MULTIPLE = {
    .partition_count = 2,
    .sort_count = 3,
    .attributes = { { .name = { (const uint8_t *)"h", 1 }, .type = ATTRIBUTE_S },
                    { .name = { (const uint8_t *)"i", 1 }, .type = ATTRIBUTE_N },
                    { .name = { (const uint8_t *)"a", 1 }, .type = ATTRIBUTE_S },
                    { .name = { (const uint8_t *)"b", 1 }, .type = ATTRIBUTE_B },
                    { .name = { (const uint8_t *)"c", 1 }, .type = ATTRIBUTE_S } },
};

#define VALUES       "{:s: 's', :t: 't', :n: 1, :m: 2, :x: x'01', :y: x'02', :e: '', :z: x''}"
#define NOT_FOUND(k) "Query condition missed key schema element: " k
#define UNSUPPORTED  "Query key condition not supported"
#define TYPE                                                                                       \
    "One or more parameter values were invalid: Condition parameter type does not match schema "   \
    "type"
#define EMPTY(type, k)                                                                             \
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "   \
    "contain an empty " type " value. Key: " k
#define GAP(gaps, k)                                                                               \
    "RANGE key attributes " gaps " must have equality conditions specified in the query because "  \
    "a condition is present on key attribute " k

/* A bound condition is compared as text: partition | equal sort values | operator and bounds. */
static const struct {
    const struct key_schema *schema;
    const char *text;
    const char *result;
} RANGES[] = {
    { &HASH_ONLY, "h = :s", "s | |" },
    { &HASH_ONLY, ":s = h", "s | |" },
    { &HASH_ONLY, "h > :s", UNSUPPORTED },
    { &HASH_ONLY, "begins_with(h, :s)", UNSUPPORTED },
    { &HASH_ONLY, "h BETWEEN :s AND :t", UNSUPPORTED },
    { &HASH_ONLY, "h = :n", TYPE },
    { &HASH_ONLY, "h = :e", EMPTY("string", "h") },
    { &HASH_ONLY, "x = :s", NOT_FOUND("h") },
    { &HASH_ONLY, "h = :s AND r = :n", UNSUPPORTED },
    { &HASH_ONLY, "x = :s AND r = :n", UNSUPPORTED },

    { &ORDINARY, "h = :s", "s | |" },
    { &ORDINARY, "(h = :s) AND (r = :n)", "s | 1 |" },
    { &ORDINARY, "r = :n AND h = :s", "s | 1 |" },
    { &ORDINARY, "h = :s AND r < :n", "s | | < 1" },
    { &ORDINARY, "h = :s AND r <= :n", "s | | <= 1" },
    { &ORDINARY, "h = :s AND r > :n", "s | | > 1" },
    { &ORDINARY, "h = :s AND :n <= r", "s | | >= 1" },
    { &ORDINARY, "h = :s AND :n > r", "s | | < 1" },
    { &ORDINARY, "h = :s AND r BETWEEN :n AND :m", "s | | between 1 2" },
    { &ORDINARY, "h = :s AND begins_with(r, :s)", TYPE },
    { &ORDINARY, "h = :s AND r = :t", TYPE },
    { &ORDINARY, "h = :s AND x = :n", NOT_FOUND("r") },
    { &ORDINARY, "r = :n", NOT_FOUND("h") },
    { &ORDINARY, "h < :s AND r = :n", UNSUPPORTED },
    { &ORDINARY, "h < :n AND r = :n", TYPE },
    { &ORDINARY, "h = :s AND r = :n AND x = :n", UNSUPPORTED },

    { &MULTIPLE, "h = :s AND i = :n", "s 1 | |" },
    { &MULTIPLE, "a = :t AND i = :n AND h = :s", "s 1 | t |" },
    { &MULTIPLE, "h = :s AND i = :n AND begins_with(a, :t)", "s 1 | | begins_with t" },
    { &MULTIPLE, "h = :s AND i = :n AND a = :t AND b BETWEEN :x AND :y",
      "s 1 | t | between \1 \2" },
    { &MULTIPLE, "h = :s AND i = :n AND a = :s AND b = :x AND c > :t", "s 1 | s \1 | > t" },
    { &MULTIPLE, "h = :s AND a = :t", NOT_FOUND("i") },
    { &MULTIPLE, "h = :s AND i > :n", UNSUPPORTED },
    { &MULTIPLE, "h = :s AND i = :n AND b = :x", GAP("a", "b") },
    { &MULTIPLE, "h = :s AND i = :n AND a = :s AND c = :t", GAP("b", "c") },
    { &MULTIPLE, "h = :s AND i = :n AND a = :s AND b > :x AND c = :t", GAP("b", "c") },
    { &MULTIPLE, "h = :s AND i = :n AND c = :t", GAP("a, b", "c") },
    { &MULTIPLE, "h = :s AND i = :n AND a = :e", EMPTY("string", "a") },
    { &MULTIPLE, "h = :s AND i = :n AND a = :s AND b < :z", EMPTY("binary", "b") },
    { &MULTIPLE, "h = :s AND i = :n AND x = :s", NOT_FOUND("a") },
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

static const char *bind(const char *text, const char *values, const struct key_schema *schema)
{
    static const char *const operators[] = { "",   "",    " <",       " <=",
                                             " >", " >=", " between", " begins_with" };
    struct expression_context context;
    expression_init(&context, &arena, EXPRESSION_KEY_CONDITION);
    struct placeholders placeholders = expressions_placeholders(&arena, NULL, values);
    struct condition *condition;
    struct key_terms terms;
    struct key_condition range;
    if (!placeholders_prepare(&context, &placeholders) ||
        !condition_parse(&context, bytes_of_text(text), &condition) ||
        !condition_resolve(&context, condition, &placeholders) ||
        !key_condition_collect(&context, condition, &terms) ||
        !key_condition_bind(&context, &terms, schema, &range)) {
        return expressions_refusal(&context);
    }
    struct buffer result;
    buffer_init(&result, &arena, 32);
    for (size_t i = 0; i < schema->partition_count; i++) {
        buffer_append_bytes(&result, range.partition[i].payload);
        buffer_append_text(&result, " ");
    }
    buffer_append_text(&result, "|");
    for (size_t i = 0; i < range.sort_equal_count; i++) {
        buffer_append_text(&result, " ");
        buffer_append_bytes(&result, range.sort_equal[i].payload);
    }
    buffer_append_text(&result, " |");
    buffer_append_text(&result, operators[range.sort_operator]);
    size_t bounds_count = range.sort_operator == KEY_ANY       ? 0
                          : range.sort_operator == KEY_BETWEEN ? 2
                                                               : 1;
    for (size_t i = 0; i < bounds_count; i++) {
        buffer_append_text(&result, " ");
        buffer_append_bytes(&result, range.sort_bounds[i].payload);
    }
    return bytes_to_text(&arena, buffer_view(&result));
}

static void conditions_no_key_can_have_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof SHAPES / sizeof SHAPES[0]; i++) {
        assert_string_equal(bind(SHAPES[i].text, SHAPES[i].values, &HASH_ONLY), SHAPES[i].message);
    }
}

static void conditions_become_ranges_of_a_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof RANGES / sizeof RANGES[0]; i++) {
        assert_string_equal(bind(RANGES[i].text, VALUES, RANGES[i].schema), RANGES[i].result);
    }
}

static void terms_may_come_from_elsewhere(void **state)
{
    (void)state;
    struct key_term list[] = {
        { .attribute_name = BYTES("r"),
          .operation = KEY_BETWEEN,
          .values = { literal_value(&arena, "1"), literal_value(&arena, "2") } },
        { .attribute_name = BYTES("h"),
          .operation = KEY_EQUAL,
          .values = { literal_value(&arena, "'x'") } },
    };
    struct key_terms terms = { .terms = list, .count = 2 };
    struct expression_context context;
    expression_init(&context, &arena, EXPRESSION_KEY_CONDITION);
    struct key_condition range;
    assert_true(key_condition_bind(&context, &terms, &ORDINARY, &range));
    assert_int_equal(range.sort_operator, KEY_BETWEEN);
    assert_int_equal(range.sort_equal_count, 0);
    assert_true(bytes_equal(range.partition[0].payload, BYTES("x")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(conditions_no_key_can_have_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(conditions_become_ranges_of_a_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(terms_may_come_from_elsewhere, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
