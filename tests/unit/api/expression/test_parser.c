#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/expression/functions.h"
#include "api/expression/parser.h"
#include "storage/base/arena.h"

#include <string.h>

/* A parsed condition is compared as text, every operator with its parentheses. */
static const struct {
    const char *text;
    const char *tree;
} TREES[] = {
    { "a = :v", "(a = :v)" },
    { "a<>b.c", "(a <> b.c)" },
    { "a[0].b[12]>=:v", "(a[0].b[12] >= :v)" },
    { "#a.#b < :v", "(#a.#b < :v)" },
    { "a = :v AND b = :w OR c = :x", "(((a = :v) AND (b = :w)) OR (c = :x))" },
    { "a = :v OR b = :w AND c = :x", "((a = :v) OR ((b = :w) AND (c = :x)))" },
    { "a = b and c = d and e = f", "((a = b) AND ((c = d) AND (e = f)))" },
    { "(a = b or c = d) and e = f", "(((a = b) OR (c = d)) AND (e = f))" },
    { "NOT a = b AND c = d", "((NOT (a = b)) AND (c = d))" },
    { "not not a = b", "(NOT (NOT (a = b)))" },
    { "NOT (a = b AND c = d)", "(NOT ((a = b) AND (c = d)))" },
    { "a BETWEEN :l AND :u AND b = c", "((a BETWEEN :l, :u) AND (b = c))" },
    { "a IN (:x, b, :z)", "(a IN :x, b, :z)" },
    { "attribute_exists(a.b)", "attribute_exists(a.b)" },
    { "begins_with ( a , :p )", "begins_with(a, :p)" },
    { "NOT contains(a, :v)", "(NOT contains(a, :v))" },
    { "size(a) > :v", "(size(a) > :v)" },
    { ":v = size(a)", "(:v = size(a))" },
    { "size(a) BETWEEN size(b) AND size(c)", "(size(a) BETWEEN size(b), size(c))" },
    { "(a = :v)", "(a = :v)" },
    { "(a) = (:v)", "(a = :v)" },
    { "(size(a)) < (b).c", "(size(a) < b.c)" },
    { "(a)[1] = :v", "(a[1] = :v)" },
    { "((a) = :v)", "(a = :v)" },
    { "((a = :v) AND (b = :w))", "((a = :v) AND (b = :w))" },
    { "(NOT (a = :v))", "(NOT (a = :v))" },
    { "contains((a), (:v))", "contains(a, :v)" },
    { "\ta\n=\r:v ", "(a = :v)" },
};

#define CONDITION           "Invalid ConditionExpression: "
#define SYNTAX(token, near) CONDITION "Syntax error; token: \"" token "\", near: \"" near "\""

static const struct {
    const char *text;
    const char *message;
} REFUSALS[] = {
    { "", CONDITION "The expression can not be empty;" },
    { "  ", CONDITION "The expression can not be empty;" },

    /* near: the token before, the refused one and the one behind */
    { "a-b", SYNTAX("-", "a-b") },
    { "tenantAgent:abc123-x = :v", SYNTAX(":abc123", "tenantAgent:abc123-") },
    { "pk = :pk AND __typename = :t", SYNTAX("_", "AND __") },
    { "#a attribute_not_exists :v", SYNTAX("attribute_not_exists", "#a attribute_not_exists :v") },
    { "!!!", SYNTAX("!", "!!") },
    { "attribute_exists(a) AND NOT #b", SYNTAX("<EOF>", "#b") },
    { "attribute_not_exists(", SYNTAX("<EOF>", "(") },
    { "begins_with(a, G_M#)", SYNTAX("#", "G_M#)") },
    { "contains()", SYNTAX(")", "()") },
    { "a =", SYNTAX("<EOF>", "=") },
    { "a = = :v", SYNTAX("=", "= = :v") },
    { "a = 5", SYNTAX("5", "= 5") },
    { "a AND b", SYNTAX("AND", "a AND b") },
    { "(a AND b)", SYNTAX("AND", "a AND b") },
    { "(a)", SYNTAX("<EOF>", ")") },
    { "(a = :v", SYNTAX("<EOF>", ":v") },
    { "a = :v)", SYNTAX(")", ":v)") },
    { "(a = :v) = :w", SYNTAX("=", ") = :w") },
    { "a = :v AND", SYNTAX("<EOF>", "AND") },
    { "a BETWEEN :l, :u", SYNTAX(",", ":l, :u") },
    { "a IN :l", SYNTAX(":l", "IN :l") },
    { "a IN ()", SYNTAX(")", "()") },
    { "l[a] = :v", SYNTAX("a", "[a]") },
    { "l[] = :v", SYNTAX("]", "[] =") },
    { "l[01] = :v", SYNTAX("1", "01]") },
    { "l[-1] = :v", SYNTAX("-", "[-1") },
    { "l[1 = :v", SYNTAX("=", "1 = :v") },
    { "a. = :v", SYNTAX("=", ". = :v") },
    { "a..b = :v", SYNTAX(".", "..b") },
    { "a.and = :v", SYNTAX("and", ".and =") },
    { "(size(a))[0] > a", SYNTAX("[", ")[0") },
    { "a = :v b = :w", SYNTAX("b", ":v b =") },
    { "contains(a = b, :v)", SYNTAX("=", "a = b") },
    { "((a = :v)", SYNTAX("<EOF>", ")") },

    { "((a = :v))", CONDITION "The expression has redundant parentheses;" },
    { "(((a = :v)) AND b = c)", CONDITION "The expression has redundant parentheses;" },
    { "((a)) = :v", CONDITION "The expression has redundant parentheses;" },
    { "a = ((:v))", CONDITION "The expression has redundant parentheses;" },
    { "a IN ((:v), ((b)))", CONDITION "The expression has redundant parentheses;" },

    { "foo(a)", CONDITION "Invalid function name; function: foo" },
    { "ATTRIBUTE_EXISTS(a)", CONDITION "Invalid function name; function: ATTRIBUTE_EXISTS" },
    { "a = if_not_exists(a, :v)",
      CONDITION "The function is not allowed in a condition expression; function: if_not_exists" },
    { "list_append(a, :v)",
      CONDITION "The function is not allowed in a condition expression; function: list_append" },
    { "size(a)", CONDITION
      "The function is not allowed to be used this way in an expression; function: size" },
    { "a = :v AND size(a)", CONDITION
      "The function is not allowed to be used this way in an expression; function: size" },
    { "contains(a, :v) = :w",
      CONDITION "The function is not allowed to be used this way in an expression; "
                "function: contains" },
    { "a = attribute_exists(b)",
      CONDITION "The function is not allowed to be used this way in an expression; "
                "function: attribute_exists" },

    { "name = :v", CONDITION "Attribute name is a reserved keyword; reserved keyword: name" },
    { "a.Status = :v", CONDITION "Attribute name is a reserved keyword; reserved keyword: Status" },
    { "size = :v", CONDITION "Attribute name is a reserved keyword; reserved keyword: size" },

    { "l[2147483648] = :v",
      CONDITION "List index is not within the allowable range; index: [2147483648]" },
    { "l[99999999999999999999999] = :v",
      CONDITION "List index is not within the allowable range; index: [99999999999999999999999]" },

    /* the order of faults: syntax, parentheses, functions, reserved words */
    { "name = :v AND", SYNTAX("<EOF>", "AND") },
    { "name = :v AND foo(a) AND ((a = b))", CONDITION "The expression has redundant parentheses;" },
    { "name = :v AND size(a) AND foo(a)", CONDITION "Invalid function name; function: foo" },
    { "name = :v AND size(a)", CONDITION
      "The function is not allowed to be used this way in an expression; function: size" },
};

static const struct {
    const char *text;
    const char *message; /* "" when it parses */
} PROJECTIONS[] = {
    { "a", "" },
    { "a, b.c[1] ,#d", "" },
    { "", "Invalid ProjectionExpression: The expression can not be empty;" },
    { "!!!", "Invalid ProjectionExpression: Syntax error; token: \"!\", near: \"!!\"" },
    { "dummy-id", "Invalid ProjectionExpression: Syntax error; token: \"-\", near: \"dummy-id\"" },
    { "#AMZN_MAPPED_2021-03-03",
      "Invalid ProjectionExpression: Syntax error; token: \"-\", near: \"#AMZN_MAPPED_2021-0\"" },
    { "a b", "Invalid ProjectionExpression: Syntax error; token: \"b\", near: \"a b\"" },
    { "a,", "Invalid ProjectionExpression: Syntax error; token: \"<EOF>\", near: \",\"" },
    { "l[a]", "Invalid ProjectionExpression: Syntax error; token: \"a\", near: \"[a]\"" },
    { ":v", "Invalid ProjectionExpression: Syntax error; token: \":v\", near: \":v\"" },
    { "(a)", "Invalid ProjectionExpression: Syntax error; token: \"(\", near: \"(a\"" },
    { "[0]", "Invalid ProjectionExpression: Syntax error; token: \"[\", near: \"[0\"" },
    { "a, name", "Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved "
                 "keyword: name" },
    { "a.in",
      "Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: in" },
};

static void print_path(struct buffer *to, const struct document_path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        if (path->elements[i].kind == PATH_INDEX) {
            buffer_append_format(to, "[%u]", path->elements[i].index);
        } else {
            buffer_append_text(to, i > 0 ? "." : "");
            buffer_append_bytes(to, path->elements[i].name);
        }
    }
}

static void print_operands(struct buffer *to, const struct operand *operands, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct operand *operand = &operands[i];
        buffer_append_text(to, i > 0 ? ", " : "");
        if (operand->kind == OPERAND_PATH) {
            print_path(to, &operand->path);
        } else if (operand->kind == OPERAND_VALUE) {
            buffer_append_bytes(to, operand->placeholder);
        } else {
            buffer_append_format(to, "%s(", function_name(operand->function));
            print_operands(to, operand->arguments, operand->arguments_count);
            buffer_append_text(to, ")");
        }
    }
}

static void print_condition(struct buffer *to, const struct condition *condition)
{
    switch (condition->kind) {
    case CONDITION_AND:
    case CONDITION_OR:
        buffer_append_text(to, "(");
        print_condition(to, condition->children[0]);
        buffer_append_text(to, condition->kind == CONDITION_AND ? " AND " : " OR ");
        print_condition(to, condition->children[1]);
        break;
    case CONDITION_NOT:
        buffer_append_text(to, "(NOT ");
        print_condition(to, condition->children[0]);
        break;
    case CONDITION_COMPARISON:
    case CONDITION_BETWEEN:
    case CONDITION_IN:
        buffer_append_text(to, "(");
        print_operands(to, condition->operands, 1);
        buffer_append_format(to, " %s ",
                             condition->kind == CONDITION_BETWEEN ? "BETWEEN"
                             : condition->kind == CONDITION_IN
                                 ? "IN"
                                 : comparator_name(condition->comparator));
        print_operands(to, condition->operands + 1, condition->operands_count - 1);
        break;
    case CONDITION_FUNCTION:
        buffer_append_format(to, "%s(", function_name(condition->function));
        print_operands(to, condition->operands, condition->operands_count);
        break;
    }
    buffer_append_text(to, ")");
}

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

/* The refusal, or the tree as text. */
static const char *parse(enum expression_kind kind, struct bytes text)
{
    struct expression_context context;
    expression_init(&context, &arena, kind);
    struct condition *condition;
    struct projection *projection;
    struct buffer tree;
    buffer_init(&tree, &arena, 64);
    bool parsed = kind == EXPRESSION_PROJECTION ? projection_parse(&context, text, &projection)
                                                : condition_parse(&context, text, &condition);
    if (!parsed) {
        return bytes_to_text(&arena, context.message);
    }
    assert_null(context.message.data);
    if (kind != EXPRESSION_PROJECTION) {
        print_condition(&tree, condition);
    }
    return bytes_to_text(&arena, buffer_view(&tree));
}

static void conditions_become_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof TREES / sizeof TREES[0]; i++) {
        assert_string_equal(parse(EXPRESSION_CONDITION, bytes_of_text(TREES[i].text)),
                            TREES[i].tree);
    }
}

static void faulty_conditions_are_refused_in_the_words_of_the_service(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        assert_string_equal(parse(EXPRESSION_CONDITION, bytes_of_text(REFUSALS[i].text)),
                            REFUSALS[i].message);
    }
}

static void projections_are_parsed_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof PROJECTIONS / sizeof PROJECTIONS[0]; i++) {
        assert_string_equal(parse(EXPRESSION_PROJECTION, bytes_of_text(PROJECTIONS[i].text)),
                            PROJECTIONS[i].message);
    }
}

static void the_kind_of_expression_is_named(void **state)
{
    (void)state;
    assert_string_equal(parse(EXPRESSION_FILTER, BYTES("")),
                        "Invalid FilterExpression: The expression can not be empty;");
    assert_string_equal(parse(EXPRESSION_KEY_CONDITION, BYTES("")),
                        "Invalid KeyConditionExpression: The expression can not be empty;");
}

/* "a=b" and `count` times `more`. */
static struct bytes repeated(const char *start, size_t count, const char *more)
{
    struct buffer text;
    buffer_init(&text, &arena, 64);
    buffer_append_text(&text, start);
    for (size_t i = 0; i < count; i++) {
        buffer_append_text(&text, more);
    }
    return buffer_view(&text);
}

static void more_than_300_operators_are_refused(void **state)
{
    (void)state;
    assert_memory_equal(parse(EXPRESSION_FILTER, repeated("NOT a=b", 149, " OR a=b")),
                        "((NOT (a = b)) OR", 17);
    assert_string_equal(parse(EXPRESSION_FILTER, repeated("a=b", 150, " OR a=b")),
                        "Invalid FilterExpression: The expression contains too many operators; "
                        "operator count: 301");
}

static void more_than_4096_bytes_are_refused(void **state)
{
    (void)state;
    assert_string_equal(parse(EXPRESSION_FILTER, repeated("a=b", 4093, " ")), "(a = b)");
    assert_string_equal(parse(EXPRESSION_FILTER, repeated("a=b", 4094, " ")),
                        "Invalid FilterExpression: Expression size has exceeded the maximum "
                        "allowed size; expression size: 4097");
}

static void deep_nesting_is_refused_without_deep_recursion(void **state)
{
    (void)state;
    assert_string_equal(parse(EXPRESSION_FILTER, repeated("", 4096, "(")),
                        "Invalid FilterExpression: The expression has redundant parentheses;");
    assert_string_equal(parse(EXPRESSION_FILTER, repeated("", 1300, "f(")),
                        "Invalid FilterExpression: The function is not allowed to be used this "
                        "way in an expression; function: f");
    assert_string_equal(parse(EXPRESSION_FILTER, repeated("", 1000, "NOT ")),
                        "Invalid FilterExpression: Syntax error; token: \"<EOF>\", near: \"NOT\"");
}

static void a_path_has_at_most_32_elements(void **state)
{
    (void)state;
    assert_string_equal(parse(EXPRESSION_PROJECTION, repeated("a", 31, ".a")), "");
    assert_string_equal(parse(EXPRESSION_PROJECTION, repeated("a", 32, "[1]")),
                        "Invalid ProjectionExpression: The document path has too many nesting "
                        "elements; nesting levels: 33");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(conditions_become_trees, set_up, tear_down),
        cmocka_unit_test_setup_teardown(faulty_conditions_are_refused_in_the_words_of_the_service,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(projections_are_parsed_or_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_kind_of_expression_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_300_operators_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_4096_bytes_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(deep_nesting_is_refused_without_deep_recursion, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_path_has_at_most_32_elements, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
