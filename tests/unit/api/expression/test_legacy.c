/* Legacy parameters as plain data: what is refused, and what the trees mean for an item. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/expression/condition.h"
#include "api/expression/legacy.h"
#include "api/expression/projection.h"
#include "storage/base/arena.h"
#include "tests/support/expressions.h"
#include "tests/support/literal.h"

#define INVALID "One or more parameter values were invalid: "

static const char ITEM[] =
    "{s: 'hello', n: 10, b: x'0102ff', t: true, z: null, ss: <'a', 'b'>, ns: <1, 2.5>, "
    "bs: <x'01'>, l: [1, 'x', [2]], m: {k: 'v'}, 'm.k': 'dotted', es: ''}";

static struct legacy_condition
condition_of(struct arena *arena, const char *name, const char *operation, const char *values)
{
    struct attribute_value list = literal_value(arena, values);
    size_t count = attribute_value_count(list);
    struct attribute_value *copies = arena_alloc(arena, count * sizeof *copies);
    struct reader cursor = reader_of(list.payload);
    for (size_t i = 0; i < count; i++) {
        assert_true(list_next(&cursor, &copies[i]));
    }
    return (struct legacy_condition){
        .attribute_name = bytes_of_text(name),
        .operation = legacy_operator_of_name(bytes_of_text(operation)),
        .values = copies,
        .values_count = count,
    };
}

/* ---- meaning ---- */

static const struct {
    const char *name;
    const char *operation;
    const char *values; /* a list */
    bool result;
} MEANINGS[] = {
    /* equality, of every type */
    { "s", "EQ", "['hello']", true },
    { "s", "EQ", "['hell']", false },
    { "s", "EQ", "[10]", false },
    { "n", "EQ", "[10]", true },
    { "n", "EQ", "['10']", false },
    { "t", "EQ", "[true]", true },
    { "z", "EQ", "[null]", true },
    { "ss", "EQ", "[<'b', 'a'>]", true },
    { "l", "EQ", "[[1, 'x', [2]]]", true },
    { "m", "EQ", "[{k: 'v'}]", true },
    { "es", "EQ", "['']", true },
    { "s", "NE", "['hello']", false },
    { "s", "NE", "['x']", true },
    { "s", "NE", "[10]", true },
    { "m", "NE", "[{k: 'w'}]", true },

    /* order */
    { "n", "LE", "[10]", true },
    { "n", "LT", "[10]", false },
    { "n", "LT", "[10.5]", true },
    { "n", "GE", "[10]", true },
    { "n", "GT", "[9.5]", true },
    { "n", "GT", "['1']", false },
    { "s", "GT", "['Z']", true },
    { "b", "LT", "[x'02']", true },
    { "n", "BETWEEN", "[9, 10]", true },
    { "n", "BETWEEN", "[10, 10]", true },
    { "n", "BETWEEN", "[11, 12]", false },
    { "s", "BETWEEN", "['a', 'z']", true },
    { "s", "BETWEEN", "[1, 2]", false },

    { "n", "IN", "[1, 10]", true },
    { "n", "IN", "[1, 2]", false },
    { "s", "IN", "['hello']", true },

    { "s", "BEGINS_WITH", "['hel']", true },
    { "s", "BEGINS_WITH", "['']", true },
    { "s", "BEGINS_WITH", "['lo']", false },
    { "b", "BEGINS_WITH", "[x'0102']", true },
    { "ss", "BEGINS_WITH", "['a']", false },

    { "s", "CONTAINS", "['ell']", true },
    { "ss", "CONTAINS", "['a']", true },
    { "ss", "CONTAINS", "['c']", false },
    { "ns", "CONTAINS", "[2.5]", true },
    { "bs", "CONTAINS", "[x'01']", true },
    { "l", "CONTAINS", "['x']", true },
    { "l", "CONTAINS", "[2]", false },
    { "n", "CONTAINS", "[1]", false },
    { "s", "NOT_CONTAINS", "['ell']", false },
    { "s", "NOT_CONTAINS", "['elo']", true },
    { "ss", "NOT_CONTAINS", "['a']", false },
    { "l", "NOT_CONTAINS", "[2]", true },
    { "n", "NOT_CONTAINS", "['x']", true },

    { "s", "NOT_NULL", "[]", true },
    { "z", "NOT_NULL", "[]", true },
    { "s", "NULL", "[]", false },
    { "z", "NULL", "[]", false },

    /* an attribute that is not there: only NE and NULL hold */
    { "x", "EQ", "[1]", false },
    { "x", "NE", "[1]", true },
    { "x", "LE", "[1]", false },
    { "x", "GT", "[1]", false },
    { "x", "BETWEEN", "[1, 2]", false },
    { "x", "IN", "[1]", false },
    { "x", "BEGINS_WITH", "['']", false },
    { "x", "CONTAINS", "['']", false },
    { "x", "NOT_CONTAINS", "['a']", false },
    { "x", "NOT_NULL", "[]", false },
    { "x", "NULL", "[]", true },

    /* names are whole names, whatever is in them */
    { "m.k", "EQ", "['dotted']", true },
    { "m.k", "EQ", "['v']", false },
    { "l[0]", "NULL", "[]", true },
    { "#s", "NULL", "[]", true },
};

static void operators_mean_what_their_expressions_mean(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct bytes item = literal_item(&arena, ITEM);
    for (size_t i = 0; i < sizeof MEANINGS / sizeof *MEANINGS; i++) {
        struct expression_context context;
        struct legacy_condition condition =
            condition_of(&arena, MEANINGS[i].name, MEANINGS[i].operation, MEANINGS[i].values);
        expression_init(&context, &arena, EXPRESSION_CONDITION);
        if (!legacy_condition_check(&context, &condition)) {
            fail_msg("%s %s %s: %s", MEANINGS[i].name, MEANINGS[i].operation, MEANINGS[i].values,
                     expressions_refusal(&context));
        }
        const struct condition *tree = legacy_join(&arena, CONDITION_AND, &condition, 1);
        if (condition_evaluate(tree, item) != MEANINGS[i].result) {
            fail_msg("%s %s %s is not %d", MEANINGS[i].name, MEANINGS[i].operation,
                     MEANINGS[i].values, MEANINGS[i].result);
        }
    }
    arena_deinit(&arena);
}

static void several_conditions_are_joined(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct bytes item = literal_item(&arena, ITEM);
    const struct legacy_condition conditions[] = {
        condition_of(&arena, "s", "EQ", "['hello']"),
        condition_of(&arena, "n", "EQ", "[10]"),
        condition_of(&arena, "x", "NOT_NULL", "[]"),
        condition_of(&arena, "t", "EQ", "[false]"),
    };
    static const struct {
        size_t first;
        size_t count;
        bool all;
        bool any;
    } cases[] = {
        { 0, 1, true, true },  { 2, 1, false, false }, { 0, 2, true, true },
        { 1, 2, false, true }, { 2, 2, false, false }, { 0, 4, false, true },
    };
    assert_null(legacy_join(&arena, CONDITION_AND, conditions, 0));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct legacy_condition *first = &conditions[cases[i].first];
        assert_int_equal(
            condition_evaluate(legacy_join(&arena, CONDITION_AND, first, cases[i].count), item),
            cases[i].all);
        assert_int_equal(
            condition_evaluate(legacy_join(&arena, CONDITION_OR, first, cases[i].count), item),
            cases[i].any);
    }
    struct attribute_names names =
        condition_attribute_names(&arena, legacy_join(&arena, CONDITION_OR, conditions, 4));
    assert_int_equal(names.count, 4);
    arena_deinit(&arena);
}

/* ---- refusals ---- */

#define COUNT(operation)                                                                           \
    INVALID "Invalid number of argument(s) for the " operation " ComparisonOperator"
#define TYPE(operation, type)                                                                      \
    INVALID "ComparisonOperator " operation " is not valid for " type " AttributeValue type"
#define MIXED INVALID "AttributeValues inside AttributeValueList must be of same type"
#define ORDER                                                                                      \
    "The BETWEEN condition was provided a range where the lower bound is greater than the upper "  \
    "bound"

static const struct {
    const char *operation;
    const char *values;
    const char *message;
} REFUSALS[] = {
    { "EQ", "[]", COUNT("EQ") },
    { "EQ", "[1, 2]", COUNT("EQ") },
    { "NE", "[]", COUNT("NE") },
    { "LE", "['a', 'b']", COUNT("LE") },
    { "LT", "[]", COUNT("LT") },
    { "GE", "[]", COUNT("GE") },
    { "GT", "[]", COUNT("GT") },
    { "NULL", "[1]", COUNT("NULL") },
    { "NOT_NULL", "[1]", COUNT("NOT_NULL") },
    { "CONTAINS", "[]", COUNT("CONTAINS") },
    { "NOT_CONTAINS", "[1, 2]", COUNT("NOT_CONTAINS") },
    { "BEGINS_WITH", "[]", COUNT("BEGINS_WITH") },
    { "IN", "[]", COUNT("IN") },
    { "BETWEEN", "[1]", COUNT("BETWEEN") },
    { "BETWEEN", "[1, 2, 3]", COUNT("BETWEEN") },

    { "IN", "['b', 1]", MIXED },
    { "BETWEEN", "['b', 1]", MIXED },
    { "BETWEEN", "[true, 1]", MIXED },

    { "LE", "[<'a'>]", TYPE("LE", "SS") },
    { "LT", "[true]", TYPE("LT", "BOOL") },
    { "GE", "[null]", TYPE("GE", "NULL") },
    { "GT", "[[1]]", TYPE("GT", "L") },
    { "CONTAINS", "[<'a'>]", TYPE("CONTAINS", "SS") },
    { "CONTAINS", "[{}]", TYPE("CONTAINS", "M") },
    { "NOT_CONTAINS", "[[1]]", TYPE("NOT_CONTAINS", "L") },
    { "BEGINS_WITH", "[1]", TYPE("BEGINS_WITH", "N") },
    { "IN", "[<1>]", TYPE("IN", "NS") },
    { "IN", "[true, false]", TYPE("IN", "BOOL") },
    { "BETWEEN", "[{}, {}]", TYPE("BETWEEN", "M") },

    { "BETWEEN", "['b', 'a']", ORDER },
    { "BETWEEN", "[10, 9.5]", ORDER },
    { "BETWEEN", "[x'ff', x'00']", ORDER },

    { "EQ", "[<'a'>]", "" },
    { "NE", "[[]]", "" },
    { "CONTAINS", "[true]", "" },
    { "NOT_CONTAINS", "[null]", "" },
};

static void values_must_fit_the_operator(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof REFUSALS / sizeof *REFUSALS; i++) {
        struct expression_context context;
        struct legacy_condition condition =
            condition_of(&arena, "a", REFUSALS[i].operation, REFUSALS[i].values);
        expression_init(&context, &arena, EXPRESSION_CONDITION);
        bool accepted = legacy_condition_check(&context, &condition);
        assert_string_equal(expressions_refusal(&context), REFUSALS[i].message);
        assert_int_equal(accepted, REFUSALS[i].message[0] == '\0');
    }
    arena_deinit(&arena);
}

#define NONE LEGACY_OPERATOR_COUNT

static const struct {
    enum legacy_operator operation;
    enum legacy_exists exists;
    bool has_value;
    bool has_value_list;
    enum legacy_operator result;
    const char *message;
} EXPECTATIONS[] = {
    { NONE, EXISTS_UNSAID, true, false, LEGACY_EQ, "" },
    { NONE, EXISTS_TRUE, true, false, LEGACY_EQ, "" },
    { NONE, EXISTS_FALSE, false, false, LEGACY_NULL, "" },
    { LEGACY_EQ, EXISTS_UNSAID, true, false, LEGACY_EQ, "" },
    { LEGACY_GT, EXISTS_UNSAID, false, true, LEGACY_GT, "" },
    { LEGACY_NULL, EXISTS_UNSAID, false, false, LEGACY_NULL, "" },
    { LEGACY_NOT_NULL, EXISTS_UNSAID, false, true, LEGACY_NOT_NULL, "" }, /* its count is next */

    { NONE, EXISTS_UNSAID, false, false, NONE,
      INVALID "Value must be provided when Exists is null for Attribute: a" },
    { NONE, EXISTS_TRUE, false, false, NONE,
      INVALID "Value must be provided when Exists is true for Attribute: a" },
    { NONE, EXISTS_FALSE, true, false, NONE,
      INVALID "Value cannot be used when Exists is false for Attribute: a" },
    { NONE, EXISTS_UNSAID, false, true, NONE,
      INVALID "AttributeValueList can only be used with a ComparisonOperator for Attribute: a" },
    { NONE, EXISTS_FALSE, false, true, NONE,
      INVALID "AttributeValueList can only be used with a ComparisonOperator for Attribute: a" },
    { NONE, EXISTS_TRUE, true, true, NONE,
      INVALID "Value and AttributeValueList cannot be used together for Attribute: a" },
    { LEGACY_EQ, EXISTS_TRUE, true, true, NONE,
      INVALID "Value and AttributeValueList cannot be used together for Attribute: a" },
    { LEGACY_EQ, EXISTS_TRUE, true, false, NONE,
      INVALID "Exists and ComparisonOperator cannot be used together for Attribute: a" },
    { LEGACY_EQ, EXISTS_FALSE, false, false, NONE,
      INVALID "Exists and ComparisonOperator cannot be used together for Attribute: a" },
    { LEGACY_EQ, EXISTS_UNSAID, false, false, NONE,
      INVALID "Value or AttributeValueList must be used with ComparisonOperator: EQ for "
              "Attribute: a" },
    { LEGACY_BETWEEN, EXISTS_UNSAID, false, false, NONE,
      INVALID "Value or AttributeValueList must be used with ComparisonOperator: BETWEEN for "
              "Attribute: a" },
};

static void members_of_an_expectation_must_go_together(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof EXPECTATIONS / sizeof *EXPECTATIONS; i++) {
        struct expression_context context;
        enum legacy_operator operation = LEGACY_OPERATOR_COUNT;
        const struct legacy_expectation expectation = {
            .attribute_name = BYTES("a"),
            .operation = EXPECTATIONS[i].operation,
            .exists = EXPECTATIONS[i].exists,
            .has_value = EXPECTATIONS[i].has_value,
            .has_value_list = EXPECTATIONS[i].has_value_list,
        };
        expression_init(&context, &arena, EXPRESSION_CONDITION);
        bool accepted = legacy_expectation_check(&context, &expectation, &operation);
        assert_string_equal(expressions_refusal(&context), EXPECTATIONS[i].message);
        assert_int_equal(accepted, EXPECTATIONS[i].message[0] == '\0');
        assert_int_equal(operation, EXPECTATIONS[i].result);
    }
    assert_int_equal(legacy_operator_of_name(BYTES("eq")), LEGACY_OPERATOR_COUNT);
    arena_deinit(&arena);
}

/* ---- keys and projections ---- */

static const struct key_schema SCHEMA = {
    .partition_count = 1,
    .sort_count = 1,
    .attributes = { { .name = { (const uint8_t *)"h", 1 }, .type = ATTRIBUTE_S },
                    { .name = { (const uint8_t *)"r", 1 }, .type = ATTRIBUTE_N } },
};

#define NOT_INDEXABLE "Attempted conditional constraint is not an indexable operation"
#define KEY_TYPE      INVALID "Condition parameter type does not match schema type"

static const struct {
    const char *partition; /* the operators; NULL: no such condition */
    const char *partition_values;
    const char *sort;
    const char *sort_values;
    enum key_operator sort_operator;
    const char *message;
} KEYS[] = {
    { "EQ", "['a']", NULL, NULL, KEY_ANY, "" },
    { "EQ", "['a']", "EQ", "[1]", KEY_ANY, "" },
    { "EQ", "['a']", "LE", "[1]", KEY_LESS_OR_EQUAL, "" },
    { "EQ", "['a']", "LT", "[1]", KEY_LESS, "" },
    { "EQ", "['a']", "GE", "[1]", KEY_GREATER_OR_EQUAL, "" },
    { "EQ", "['a']", "GT", "[1]", KEY_GREATER, "" },
    { "EQ", "['a']", "BETWEEN", "[1, 2]", KEY_BETWEEN, "" },
    { NULL, NULL, NULL, NULL, KEY_ANY, "Conditions can be of length 1 or 2 only" },
    { NULL, NULL, "EQ", "[1]", KEY_ANY, "Query condition missed key schema element: h" },
    { "GT", "['a']", NULL, NULL, KEY_ANY, "Query key condition not supported" },
    { "NE", "['a']", NULL, NULL, KEY_ANY, NOT_INDEXABLE },
    { "NE", "[1]", NULL, NULL, KEY_ANY, NOT_INDEXABLE },
    { "NULL", "[]", NULL, NULL, KEY_ANY, NOT_INDEXABLE },
    { "EQ", "['a']", "NOT_NULL", "[]", KEY_ANY, NOT_INDEXABLE },
    { "EQ", "['a']", "CONTAINS", "[1]", KEY_ANY, NOT_INDEXABLE },
    { "EQ", "['a']", "IN", "[1, 2, 3]", KEY_ANY, NOT_INDEXABLE },
    { "EQ", "[1]", NULL, NULL, KEY_ANY, KEY_TYPE },
    { "EQ", "['a']", "BEGINS_WITH", "['1']", KEY_ANY, KEY_TYPE },
};

static void key_conditions_become_key_terms(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        struct legacy_condition conditions[2];
        struct key_terms terms;
        struct key_condition condition;
        struct expression_context context;
        size_t count = 0;
        if (KEYS[i].sort != NULL) { /* their order does not count */
            conditions[count++] = condition_of(&arena, "r", KEYS[i].sort, KEYS[i].sort_values);
        }
        if (KEYS[i].partition != NULL) {
            conditions[count++] =
                condition_of(&arena, "h", KEYS[i].partition, KEYS[i].partition_values);
        }
        expression_init(&context, &arena, EXPRESSION_KEY_CONDITION);
        bool accepted = legacy_key_terms(&context, conditions, count, 2, &terms) &&
                        key_condition_bind(&context, &terms, &SCHEMA, &condition);
        assert_string_equal(expressions_refusal(&context), KEYS[i].message);
        assert_int_equal(accepted, KEYS[i].message[0] == '\0');
        if (accepted) {
            assert_int_equal(condition.sort_operator, KEYS[i].sort_operator);
        }
    }
    arena_deinit(&arena);
}

static void a_projection_takes_whole_attributes(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    static const struct bytes names[] = { { (const uint8_t *)"m.k", 3 },
                                          { (const uint8_t *)"n", 1 },
                                          { (const uint8_t *)"x", 1 },
                                          { (const uint8_t *)"n", 1 } };
    struct expression_context context;
    struct projection *projection;
    struct buffer result;
    expression_init(&context, &arena, EXPRESSION_PROJECTION);
    buffer_init(&result, &arena, 16);
    assert_true(legacy_projection(&context, names, 3, &projection));
    assert_string_equal(
        literal_of_item(&arena, projection_apply(projection, literal_item(&arena, ITEM), &result)),
        literal_of_item(&arena, literal_item(&arena, "{'m.k': 'dotted', n: 10}")));
    assert_false(legacy_projection(&context, names, 4, &projection));
    assert_string_equal(expressions_refusal(&context),
                        INVALID "Duplicate value in attribute name: n");
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_mean_what_their_expressions_mean),
        cmocka_unit_test(several_conditions_are_joined),
        cmocka_unit_test(values_must_fit_the_operator),
        cmocka_unit_test(members_of_an_expectation_must_go_together),
        cmocka_unit_test(key_conditions_become_key_terms),
        cmocka_unit_test(a_projection_takes_whole_attributes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
