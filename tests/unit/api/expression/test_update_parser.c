/* Update expressions as text: their trees, and what is refused before there is an item. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/expression/functions.h"
#include "api/expression/parser.h"
#include "storage/base/arena.h"
#include "tests/support/expressions.h"

/* A parsed update is compared as text, every sum with its parentheses. */
static const struct {
    const char *text;
    const char *tree;
} TREES[] = {
    { "SET a = :v", "SET a = :v" },
    { "set a=b, #c.d[0] = :v", "SET a = b; SET #c.d[0] = :v" },
    { "SET a = a + :v", "SET a = (a + :v)" },
    { "SET a = :v-a[3]", "SET a = (:v - a[3])" },
    { "SET a = if_not_exists(a, :v) + :w", "SET a = (if_not_exists(a, :v) + :w)" },
    { "SET a = list_append(if_not_exists(a.b, :v), list_append(b, :w))",
      "SET a = list_append(if_not_exists(a.b, :v), list_append(b, :w))" },
    { "SET a = (a + :v)", "SET a = (a + :v)" },
    { "SET a = (a) + (:v)", "SET a = (a + :v)" },
    { "SET a = ((a) + :v)", "SET a = (a + :v)" },
    { "SET a = (a).b - (if_not_exists((b), (:v)))", "SET a = (a.b - if_not_exists(b, :v))" },
    { "SET a = (:v)", "SET a = :v" },
    { "REMOVE a, b[1].c", "REMOVE a; REMOVE b[1].c" },
    { "ADD a :v, b.c :w", "ADD a :v; ADD b.c :w" },
    { "DELETE a :v", "DELETE a :v" },
    { "delete a :v Remove b SET c = :v, d = e ADD f :v",
      "DELETE a :v; REMOVE b; SET c = :v; SET d = e; ADD f :v" },
    { "\tSET\na\r=:v ", "SET a = :v" },
    { "REMOVE settings, adder, a.deleted", "REMOVE settings; REMOVE adder; REMOVE a.deleted" },
};

#define UPDATE              "Invalid UpdateExpression: "
#define SYNTAX(token, near) UPDATE "Syntax error; token: \"" token "\", near: \"" near "\""
#define RESERVED(word)      UPDATE "Attribute name is a reserved keyword; reserved keyword: " word
#define NOT_ALLOWED(name)                                                                          \
    UPDATE "The function is not allowed in an update expression; function: " name
#define REDUNDANT   UPDATE "The expression has redundant parentheses;"
#define TWICE(name) UPDATE "The \"" name "\" section can only be used once in an update expression;"

static const struct {
    const char *text;
    const char *message;
} REFUSALS[] = {
    { "", UPDATE "The expression can not be empty;" },
    { " ", UPDATE "The expression can not be empty;" },

    { "INVALID SYNTAX HERE", SYNTAX("INVALID", "INVALID SYNTAX") },
    { "a = :v", SYNTAX("a", "a =") },
    { "SET  REMOVE #Options", SYNTAX("REMOVE", "SET  REMOVE #Options") },
    { "SET", SYNTAX("<EOF>", "SET") },
    { "SET a", SYNTAX("<EOF>", "a") },
    { "SET a =", SYNTAX("<EOF>", "=") },
    { "SET a = 5", SYNTAX("5", "= 5") },
    { "SET a = :v,", SYNTAX("<EOF>", ",") },
    { "SET a = :v, REMOVE b", SYNTAX("REMOVE", ", REMOVE b") },
    { "SET a = :v b = :w", SYNTAX("b", ":v b =") },
    { "SET a = b + c - d", SYNTAX("-", "c - d") },
    { "SET a = (b + c) - d", SYNTAX("-", ") - d") },
    { "SET a = b + (c - d)", SYNTAX("-", "c - d") },
    { "SET a = b *", SYNTAX("*", "b *") },
    { "SET a = + b", SYNTAX("+", "= + b") },
    { "SET a = (b", SYNTAX("<EOF>", "b") },
    { "SET a = ()", SYNTAX(")", "()") },
    { "SET a = list_append(b + c, d)", SYNTAX("+", "b + c") },
    { "SET a = list_append()", SYNTAX(")", "()") },
    { "SET :v = a", SYNTAX(":v", "SET :v =") },
    { "SET (a) = b", SYNTAX("(", "SET (a") },
    { "SET set = :v", SYNTAX("set", "SET set =") },
    { "REMOVE a.Delete", SYNTAX("Delete", ".Delete") },
    { "REMOVE a = :v", SYNTAX("=", "a = :v") },
    { "REMOVE :v", SYNTAX(":v", "REMOVE :v") },
    { "REMOVE l[01]", SYNTAX("1", "01]") },
    { "ADD a b", SYNTAX("b", "a b") },
    { "ADD a = :v", SYNTAX("=", "a = :v") },
    { "DELETE a", SYNTAX("<EOF>", "a") },
    { "SET a = :v AND b = :v", SYNTAX("AND", ":v AND b") },

    { "SET a = ((b))", REDUNDANT },
    { "SET a = ((b + c))", REDUNDANT },
    { "SET a = list_append(((b)), c)", REDUNDANT },

    { "SET name = :v", RESERVED("name") },
    { "SET a = Status", RESERVED("Status") },
    { "REMOVE a.and", RESERVED("and") },

    { "SET a = foo(b)", UPDATE "Invalid function name; function: foo" },
    { "SET a = IF_NOT_EXISTS(b, c)", UPDATE "Invalid function name; function: IF_NOT_EXISTS" },
    { "SET a = size(b)", NOT_ALLOWED("size") },
    { "SET a = if_not_exists(b, attribute_exists(c))", NOT_ALLOWED("attribute_exists") },

    { "SET a = :v SET b = :v", TWICE("SET") },
    { "remove a set b = c Remove d", TWICE("REMOVE") },
    { "ADD a :v DELETE b :v ADD c :v", TWICE("ADD") },
    { "DELETE a :v DELETE b :v", TWICE("DELETE") },

    { "REMOVE l[2147483648]",
      UPDATE "List index is not within the allowable range; index: [2147483648]" },

    /* the order of faults: syntax, parentheses, reserved words, functions, sections */
    { "SET name = :v,", SYNTAX("<EOF>", ",") },
    { "SET a = ((b)), name = :v", REDUNDANT },
    { "SET a = foo(b), name = :v", RESERVED("name") },
    { "SET a = size(b), c = foo(b)", UPDATE "Invalid function name; function: foo" },
    { "SET a = size(b) SET c = b", NOT_ALLOWED("size") },
};

/* Refusals that need the tables of placeholders. */
static const struct {
    const char *text;
    const char *names;
    const char *values;
    const char *message;
} RESOLVED[] = {
    { "SET #a = :v, b = #c", "{#a: 'x', #c: 'y'}", "{:v: 1}", "" },
    { "SET a = :v, #b = :w", NULL, "{:v: 1}",
      UPDATE "An expression attribute name used in the document path is not defined; attribute "
             "name: #b" },
    { "SET a = :v", NULL, NULL,
      UPDATE "An expression attribute value used in expression is not defined; attribute value: "
             ":v" },
    /* all names before all values */
    { "SET a = :v, b = list_append(c, #d)", NULL, NULL,
      UPDATE "An expression attribute name used in the document path is not defined; attribute "
             "name: #d" },
    { "REMOVE a", "{#a: 'x'}", NULL,
      "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}" },

    { "SET a = :v, a = :v", NULL, "{:v: 1}",
      UPDATE "Two document paths overlap with each other; must remove or rewrite one of these "
             "paths; path one: [a], path two: [a]" },
    { "SET #n.b[1] = :v REMOVE c, a.b", "{#n: 'a'}", "{:v: 1}",
      UPDATE "Two document paths overlap with each other; must remove or rewrite one of these "
             "paths; path one: [a, b, [1]], path two: [a, b]" },
    { "SET a.b = :v REMOVE a[0]", NULL, "{:v: 1}",
      UPDATE "Two document paths conflict with each other; must remove or rewrite one of these "
             "paths; path one: [a, b], path two: [a, [0]]" },
    { "SET a = a.b, b = a", NULL, NULL, "" }, /* only what is written to counts */
    { "REMOVE a[0], a[1], b.c, b.d[2]", NULL, NULL, "" },

#define ADD_TYPE(type)                                                                             \
    UPDATE "Incorrect operand type for operator or function; operator: ADD, operand type: " type   \
           ", typeSet: ALLOWED_FOR_ADD_OPERAND"
#define DELETE_TYPE(type)                                                                          \
    UPDATE                                                                                         \
    "Incorrect operand type for operator or function; operator: DELETE, operand type: " type       \
    ", typeSet: ALLOWED_FOR_DELETE_OPERAND"
    { "ADD a :v", NULL, "{:v: 'x'}", ADD_TYPE("STRING") },
    { "ADD a :v", NULL, "{:v: x'00'}", ADD_TYPE("BINARY") },
    { "ADD a :v", NULL, "{:v: true}", ADD_TYPE("BOOLEAN") },
    { "ADD a :v", NULL, "{:v: null}", ADD_TYPE("NULL") },
    { "ADD a :v", NULL, "{:v: [1]}", ADD_TYPE("LIST") },
    { "ADD a :v", NULL, "{:v: {x: 1}}", ADD_TYPE("MAP") },
    { "ADD a :n, b :s, c :t, d :u", NULL, "{:n: 1, :s: <1>, :t: <'x'>, :u: <x'00'>}", "" },
    { "DELETE a :v", NULL, "{:v: 1}", DELETE_TYPE("NUMBER") },
    { "DELETE a :v", NULL, "{:v: 'x'}", DELETE_TYPE("STRING") },
    { "DELETE a :s, b :t, c :u", NULL, "{:s: <1>, :t: <'x'>, :u: <x'00'>}", "" },
#define TYPE(name, type)                                                                           \
    UPDATE "Incorrect operand type for operator or function; operator or function: " name          \
           ", operand type: " type
    { "SET a = b + :v", NULL, "{:v: 'x'}", TYPE("+", "S") },
    { "SET a = :v - :w", NULL, "{:v: 1, :w: {}}", TYPE("-", "M") },
    { "SET a = list_append(b, :v)", NULL, "{:v: <1>}", TYPE("list_append", "NS") },
    { "SET a = list_append(:v, b)", NULL, "{:v: {}}", TYPE("list_append", "M") },
    { "SET a = if_not_exists(b, :v) + :w", NULL, "{:v: 'x', :w: 1}", "" },
    { "SET a = list_append(b)", NULL, NULL,
      UPDATE "Incorrect number of operands for operator or function; operator or function: "
             "list_append, number of operands: 1" },
    { "SET a = if_not_exists(b, c, d)", NULL, NULL,
      UPDATE "Incorrect number of operands for operator or function; operator or function: "
             "if_not_exists, number of operands: 3" },
    { "SET a = if_not_exists(:v, b)", NULL, "{:v: 1}",
      UPDATE "Operator or function requires a document path; operator or function: "
             "if_not_exists" },
    /* ADD and DELETE before the functions, inner functions before outer ones */
    { "SET a = b + :v ADD c :v", NULL, "{:v: 'x'}", ADD_TYPE("STRING") },
    { "SET a = list_append(:v, if_not_exists(:v, b))", NULL, "{:v: 1}",
      UPDATE "Operator or function requires a document path; operator or function: "
             "if_not_exists" },
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

static void print_operand(struct buffer *to, const struct operand *operand)
{
    if (operand->kind == OPERAND_PATH) {
        print_path(to, &operand->path);
    } else if (operand->kind == OPERAND_VALUE) {
        buffer_append_bytes(to, operand->placeholder);
    } else {
        const char *name = function_name(operand->function);
        bool is_sum = operand->function == FUNCTION_PLUS || operand->function == FUNCTION_MINUS;
        buffer_append_format(to, "%s(", is_sum ? "" : name);
        for (size_t i = 0; i < operand->arguments_count; i++) {
            if (i > 0) {
                buffer_append_format(to, is_sum ? " %s " : ", ", name);
            }
            print_operand(to, &operand->arguments[i]);
        }
        buffer_append_text(to, ")");
    }
}

static void print_update(struct buffer *to, const struct update *update)
{
    static const char *const verbs[] = { "SET ", "REMOVE ", "ADD ", "DELETE " };
    for (size_t i = 0; i < update->actions_count; i++) {
        const struct update_action *action = &update->actions[i];
        buffer_append_text(to, i > 0 ? "; " : "");
        buffer_append_text(to, verbs[action->kind]);
        print_path(to, &action->path);
        if (action->kind != UPDATE_REMOVE) {
            buffer_append_text(to, action->kind == UPDATE_SET ? " = " : " ");
            print_operand(to, &action->operand);
        }
    }
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
static const char *parse(struct bytes text)
{
    struct expression_context context;
    struct update *update;
    struct buffer tree;
    expression_init(&context, &arena, EXPRESSION_UPDATE);
    buffer_init(&tree, &arena, 64);
    if (!update_parse(&context, text, &update)) {
        return bytes_to_text(&arena, context.message);
    }
    assert_null(context.message.data);
    print_update(&tree, update);
    return bytes_to_text(&arena, buffer_view(&tree));
}

static void updates_become_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof TREES / sizeof TREES[0]; i++) {
        assert_string_equal(parse(bytes_of_text(TREES[i].text)), TREES[i].tree);
    }
}

static void faulty_updates_are_refused_in_the_words_of_the_service(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        assert_string_equal(parse(bytes_of_text(REFUSALS[i].text)), REFUSALS[i].message);
    }
}

static void names_values_paths_and_types_are_checked_in_this_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof RESOLVED / sizeof RESOLVED[0]; i++) {
        struct expression_context context;
        struct update *update;
        expression_init(&context, &arena, EXPRESSION_UPDATE);
        assert_string_equal(expressions_update(&context, RESOLVED[i].text, RESOLVED[i].names,
                                               RESOLVED[i].values, &update),
                            RESOLVED[i].message);
    }
}

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

static void more_than_300_operators_are_refused_in_an_update(void **state)
{
    (void)state;
    assert_memory_equal(parse(repeated("SET a=b+c", 299, ",a=b+c")), "SET a = (b + c)", 15);
    assert_string_equal(parse(repeated("SET a=b+c", 300, ",a=b-c")),
                        UPDATE "The expression contains too many operators; operator count: 301");
}

static void an_update_of_more_than_4096_bytes_is_refused(void **state)
{
    (void)state;
    assert_string_equal(parse(repeated("REMOVE a", 4088, " ")), "REMOVE a");
    assert_string_equal(parse(repeated("REMOVE a", 4089, " ")),
                        UPDATE "Expression size has exceeded the maximum allowed size; expression "
                               "size: 4097");
}

static void deep_parentheses_are_refused_without_deep_recursion(void **state)
{
    (void)state;
    assert_string_equal(parse(repeated("SET a = ", 4000, "(")), REDUNDANT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(updates_become_trees, set_up, tear_down),
        cmocka_unit_test_setup_teardown(faulty_updates_are_refused_in_the_words_of_the_service,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_values_paths_and_types_are_checked_in_this_order,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_300_operators_are_refused_in_an_update, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_update_of_more_than_4096_bytes_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(deep_parentheses_are_refused_without_deep_recursion, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
