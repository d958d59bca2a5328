#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/expression/condition.h"
#include "api/expression/parser.h"
#include "api/expression/projection.h"
#include "storage/base/arena.h"
#include "tests/support/expressions.h"

#define FILTER   "Invalid FilterExpression: "
#define OPERANDS "Incorrect operand type for operator or function; operator or function: "
#define DISTINCT                                                                                   \
    "The first operand must be distinct from the remaining operands for this operator or "         \
    "function; operator: "

static const struct {
    const char *text;
    const char *names;
    const char *values;
    const char *message; /* "" when it is accepted */
} FILTERS[] = {
    { "a = :v", NULL, "{:v: 1}", "" },
    { "#a.#b[1] = :v", "{#a: 'x', #b: 'y'}", "{:v: 1}", "" },
    { "#a = :v OR #a = :v", "{#a: 'x'}", "{:v: 1}", "" },

    /* the tables themselves */
    { "a = b", "{}", NULL, "ExpressionAttributeNames must not be empty" },
    { "a = b", NULL, "{}", "ExpressionAttributeValues must not be empty" },
    { "a = b", "{'a': 'x'}", NULL,
      "ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\"" },
    { "a = b", "{'#': 'x'}", NULL,
      "ExpressionAttributeNames contains invalid key: Syntax error; key: \"#\"" },
    { "a = b", "{'#sryLiyD8D-': 'x'}", NULL,
      "ExpressionAttributeNames contains invalid key: Syntax error; key: \"#sryLiyD8D-\"" },
    { "a = b", NULL, "{'pid': 1}",
      "ExpressionAttributeValues contains invalid key: Syntax error; key: \"pid\"" },

    /* undefined and unused */
    { "#a = :v", NULL, "{:v: 1}",
      FILTER "An expression attribute name used in the document path is not defined; "
             "attribute name: #a" },
    { "a.#b = :v", "{#a: 'x'}", "{:v: 1}",
      FILTER "An expression attribute name used in the document path is not defined; "
             "attribute name: #b" },
    { "a = :v", NULL, "{:w: 1}",
      FILTER "An expression attribute value used in expression is not defined; "
             "attribute value: :v" },
    { "a = :v", "{#b: 'x', #a: 'y'}", "{:v: 1}",
      "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}" },
    { "a = b", NULL, "{:v: 1}",
      "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}" },

    /* number of operands */
    { "attribute_exists(a, b)", NULL, NULL,
      FILTER "Incorrect number of operands for operator or function; "
             "operator or function: attribute_exists, number of operands: 2" },
    { "begins_with(a)", NULL, NULL,
      FILTER "Incorrect number of operands for operator or function; "
             "operator or function: begins_with, number of operands: 1" },
    { "size(a, b) = c", NULL, NULL,
      FILTER "Incorrect number of operands for operator or function; "
             "operator or function: size, number of operands: 2" },

    /* equal operands */
    { "a = a", NULL, NULL, FILTER DISTINCT "=, first operand: [a]" },
    { "a.b[3] <> #a.b[3]", "{#a: 'a'}", NULL, FILTER DISTINCT "<>, first operand: [a, b, [3]]" },
    { "contains(#a, #a)", "{#a: 'data'}", NULL, FILTER DISTINCT "contains, first operand: [data]" },
    { "a.b = a.c", NULL, NULL, "" },
    { ":v = :v", NULL, "{:v: 1}", "" },

    /* types */
    { "a < :v", NULL, "{:v: true}", FILTER OPERANDS "<, operand type: BOOL" },
    { ":v >= a", NULL, "{:v: [1]}", FILTER OPERANDS ">=, operand type: L" },
    { "a = :v", NULL, "{:v: {a: 1}}", "" },
    { "a <> :v", NULL, "{:v: null}", "" },
    { "a BETWEEN :v AND b", NULL, "{:v: <'a'>}", FILTER OPERANDS "BETWEEN, operand type: SS" },
    { "begins_with(a, :v)", NULL, "{:v: 1}", FILTER OPERANDS "begins_with, operand type: N" },
    { "begins_with(:v, a)", NULL, "{:v: null}", FILTER OPERANDS "begins_with, operand type: NULL" },
    { "begins_with(a, size(b))", NULL, NULL, FILTER OPERANDS "begins_with, operand type: N" },
    { "begins_with(a, :v)", NULL, "{:v: x'00'}", "" },
    { "size(:v) = a", NULL, "{:v: 1}", FILTER OPERANDS "size, operand type: N" },
    { "size(size(a)) = b", NULL, NULL, FILTER OPERANDS "size, operand type: N" },
    { "size(:v) = a", NULL, "{:v: 'abc'}", "" },
    { "attribute_exists(:v)", NULL, "{:v: 1}",
      FILTER "Operator or function requires a document path; "
             "operator or function: attribute_exists" },
    { "attribute_not_exists(size(a))", NULL, NULL,
      FILTER "Operator or function requires a document path; "
             "operator or function: attribute_not_exists" },
    { "attribute_type(a, :v)", NULL, "{:v: 'SS'}", "" },
    { "attribute_type(a, :v)", NULL, "{:v: 1}", FILTER OPERANDS "attribute_type, operand type: N" },
    { "attribute_type(a, b)", NULL, NULL,
      FILTER OPERANDS
      "attribute_type, operand type: {S,SS,N,NS,B,BS,BOOL,NULL,L,M,HD,DOUBLE,FLOAT,HDS,FS,"
      "DOUBLESET,DICT,DECIMAL,INT,DECIMALSET,INTSET}" },
    { "attribute_type(a, :v)", NULL, "{:v: 's'}",
      FILTER "Invalid attribute type name found; type: s, "
             "valid types: {S,SS,N,NS,B,BS,BOOL,NULL,L,M}" },

    /* bounds of BETWEEN */
    { "a BETWEEN :l AND :u", NULL, "{:l: 4, :u: 4}", "" },
    { "a BETWEEN :l AND :u", NULL, "{:l: 5, :u: 4}",
      FILTER "The BETWEEN operator requires upper bound to be greater than or equal to lower "
             "bound; lower bound operand: AttributeValue: {N:5}, upper bound operand: "
             "AttributeValue: {N:4}" },
    { "a BETWEEN :l AND :u", NULL, "{:l: 10, :u: 9}",
      FILTER "The BETWEEN operator requires upper bound to be greater than or equal to lower "
             "bound; lower bound operand: AttributeValue: {N:10}, upper bound operand: "
             "AttributeValue: {N:9}" },
    { "a BETWEEN :l AND :u", NULL, "{:l: x'0102', :u: x'0101'}",
      FILTER "The BETWEEN operator requires upper bound to be greater than or equal to lower "
             "bound; lower bound operand: AttributeValue: {B:AQI=}, upper bound operand: "
             "AttributeValue: {B:AQE=}" },
    { "a BETWEEN :l AND :u", NULL, "{:l: 1, :u: 'a'}",
      FILTER "The BETWEEN operator requires same data type for lower and upper bounds; lower "
             "bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}" },

    /* conditions in the order written; in one of them: names, number, equality, types */
    { "a < :v AND #b = a", NULL, "{:v: true}", FILTER OPERANDS "<, operand type: BOOL" },
    { "begins_with(#b, :v, :w)", NULL, "{:v: 1}",
      FILTER "An expression attribute name used in the document path is not defined; "
             "attribute name: #b" },
    { "NOT (a = b OR (c = d AND e = e))", NULL, NULL, FILTER DISTINCT "=, first operand: [e]" },
};

static const struct {
    const char *text;
    const char *names;
    const char *message;
} PROJECTIONS[] = {
    { "a, b", NULL, "" },
    { "#a, a.b.#a", "{#a: 'x'}", "" },
    { "a.b, a.c, a.d[0], a.d[1]", NULL, "" },
    { "#a", NULL,
      "Invalid ProjectionExpression: An expression attribute name used in the document path is "
      "not defined; attribute name: #a" },
    { "a", "{#b: 'c'}",
      "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}" },
    { "b, a, a", NULL,
      "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or "
      "rewrite one of these paths; path one: [a], path two: [a]" },
    { "a, b, #a.b", "{#a: 'a'}",
      "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or "
      "rewrite one of these paths; path one: [a], path two: [a, b]" },
    { "a.b[0].c, a.b", NULL,
      "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or "
      "rewrite one of these paths; path one: [a, b, [0], c], path two: [a, b]" },
    { "a[1], c, a.b", NULL,
      "Invalid ProjectionExpression: Two document paths conflict with each other; must remove or "
      "rewrite one of these paths; path one: [a, [1]], path two: [a, b]" },
    { "a[1], a.b, a[1].c", NULL,
      "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or "
      "rewrite one of these paths; path one: [a, [1]], path two: [a, [1], c]" },
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

static void filters_are_resolved_or_refused_in_the_words_of_the_service(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FILTERS / sizeof FILTERS[0]; i++) {
        struct expression_context context;
        struct condition *condition;
        expression_init(&context, &arena, EXPRESSION_FILTER);
        assert_string_equal(expressions_condition(&context, FILTERS[i].text, FILTERS[i].names,
                                                  FILTERS[i].values, &condition),
                            FILTERS[i].message);
    }
}

static void projections_are_resolved_or_refused_in_the_words_of_the_service(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof PROJECTIONS / sizeof PROJECTIONS[0]; i++) {
        struct expression_context context;
        struct projection *projection;
        expression_init(&context, &arena, EXPRESSION_PROJECTION);
        assert_string_equal(expressions_projection(&context, PROJECTIONS[i].text,
                                                   PROJECTIONS[i].names, &projection),
                            PROJECTIONS[i].message);
    }
}

static void an_in_list_holds_at_most_100_operands(void **state)
{
    (void)state;
    for (size_t count = 100; count <= 101; count++) {
        struct buffer text;
        buffer_init(&text, &arena, 64);
        buffer_append_text(&text, "a IN (:v");
        for (size_t i = 1; i < count; i++) {
            buffer_append_text(&text, ",:v");
        }
        buffer_append_text(&text, ")");
        struct expression_context context;
        struct condition *condition;
        expression_init(&context, &arena, EXPRESSION_CONDITION);
        assert_string_equal(
            expressions_condition(&context, bytes_to_text(&arena, buffer_view(&text)), NULL,
                                  "{:v: 1}", &condition),
            count == 100 ? ""
                         : "Invalid ConditionExpression: The IN operator is provided with too "
                           "many operands; number of operands: 101");
    }
}

static void placeholders_may_be_used_by_any_expression_of_a_request(void **state)
{
    (void)state;
    struct placeholders placeholders =
        expressions_placeholders(&arena, "{#a: 'x', #b: 'y'}", "{:v: 1}");
    struct expression_context filter;
    expression_init(&filter, &arena, EXPRESSION_FILTER);
    struct condition *condition;
    assert_true(placeholders_prepare(&filter, &placeholders));
    assert_true(condition_parse(&filter, BYTES("#a = :v"), &condition));
    assert_true(condition_resolve(&filter, condition, &placeholders));
    struct expression_context context;
    expression_init(&context, &arena, EXPRESSION_PROJECTION);
    struct projection *projection;
    assert_true(projection_parse(&context, BYTES("#b"), &projection));
    assert_true(projection_resolve(&context, projection, &placeholders));
    assert_true(placeholders_check_used(&context, &placeholders));
}

static void the_first_refusal_stays(void **state)
{
    (void)state;
    struct expression_context context;
    expression_init(&context, &arena, EXPRESSION_FILTER);
    struct condition *condition;
    assert_false(condition_parse(&context, BYTES(""), &condition));
    assert_false(condition_parse(&context, BYTES("a ="), &condition));
    assert_string_equal(expressions_refusal(&context),
                        "Invalid FilterExpression: The expression can not be empty;");
}

static void an_attribute_may_be_named_like_a_placeholder(void **state)
{
    (void)state;
    struct expression_context context;
    struct condition *condition;
    expression_init(&context, &arena, EXPRESSION_CONDITION);
    assert_string_equal(expressions_condition(&context, "attribute_exists(#a.#b)",
                                              "{#a: '#b', #b: '#a'}", NULL, &condition),
                        "");
    const struct path_element *elements = condition->operands[0].path.elements;
    assert_true(bytes_equal(elements[0].name, BYTES("#b")));
    assert_true(bytes_equal(elements[1].name, BYTES("#a")));
}

static void assert_names(struct attribute_names names, const char *const *expected, size_t count)
{
    assert_int_equal(names.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(bytes_equal(names.names[i], bytes_of_text(expected[i])));
    }
}

static void top_level_attributes_are_listed_once_in_ascending_order(void **state)
{
    (void)state;
    struct expression_context context;
    struct condition *condition;
    struct projection *projection;
    expression_init(&context, &arena, EXPRESSION_FILTER);
    assert_string_equal(
        expressions_condition(
            &context,
            "#z.a = :v AND (NOT size(c.#z) > :v OR b IN (:v, d[0])) AND begins_with(b, a)",
            "{#z: 'zz'}", "{:v: 1}", &condition),
        "");
    assert_names(condition_attribute_names(&arena, condition),
                 (const char *const[]){ "a", "b", "c", "d", "zz" }, 5);
    assert_string_equal(
        expressions_projection(&context, "b.x, a, b.y, #z", "{#z: 'B'}", &projection), "");
    assert_names(projection_attribute_names(&arena, projection),
                 (const char *const[]){ "b", "a", "B" }, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(filters_are_resolved_or_refused_in_the_words_of_the_service,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            projections_are_resolved_or_refused_in_the_words_of_the_service, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_in_list_holds_at_most_100_operands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(placeholders_may_be_used_by_any_expression_of_a_request,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_refusal_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_attribute_may_be_named_like_a_placeholder, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(top_level_attributes_are_listed_once_in_ascending_order,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
