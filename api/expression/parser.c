#include "api/expression/parser.h"

#include "api/expression/functions.h"
#include "api/expression/messages.h"
#include "api/expression/parsing.h"
#include "storage/base/arena.h"

#include <assert.h>

/*
 * What stands inside parentheses may turn out to be an operand, as in "(a) = :v", or a condition,
 * as in "(a = :v)": only the token behind it tells.
 */
struct parsed {
    struct condition *condition; /* NULL: an operand */
    struct operand operand;
    struct bytes function_name; /* of an operand that is a function call; else no data */
    bool in_parentheses;
};

static bool parse_disjunction(struct parser *parser, struct parsed *out_parsed);
static bool parse_operand(struct parser *parser, struct parsed *out_parsed);

static void append_operand(struct parser *parser,
                           struct operand **operands,
                           size_t *count,
                           struct operand operand)
{
    *operands = parsing_grow(parser->context->arena, *operands, *count, sizeof operand);
    (*operands)[(*count)++] = operand;
}

/* Makes a function call that stands where a value belongs known as a fault, unless it gives one. */
static void note_value(struct parser *parser, const struct parsed *parsed)
{
    if (parsed->function_name.data != NULL && parsed->operand.function != FUNCTION_SIZE) {
        parsing_note(&parser->faults.misused_function, parsed->function_name);
    }
}

/* arguments = operand { "," operand } ")" */
static bool parse_arguments(struct parser *parser, struct operand **arguments, size_t *count)
{
    do {
        struct parsed argument;
        if (!parse_operand(parser, &argument)) {
            return false;
        }
        note_value(parser, &argument);
        append_operand(parser, arguments, count, argument.operand);
    } while (parsing_skip(parser, TOKEN_COMMA));
    return parsing_expect(parser, TOKEN_RIGHT_PARENTHESIS);
}

/* function = NAME "(" arguments */
static bool parse_function(struct parser *parser, struct bytes name, struct parsed *out_parsed)
{
    if (!parsing_enter(parser)) {
        return messages_fail(parser->context, MESSAGE_MISUSED_FUNCTION, BYTES_ARGUMENTS(name));
    }
    struct operand call = { .kind = OPERAND_FUNCTION };
    call.function = function_of_name(name);
    call.arguments = NULL;
    call.arguments_count = 0;
    if (call.function == FUNCTION_COUNT) {
        parsing_note(&parser->faults.unknown_function, name);
    }
    if (!parse_arguments(parser, &call.arguments, &call.arguments_count)) {
        return false;
    }
    parsing_leave(parser);
    *out_parsed = (struct parsed){ .operand = call, .function_name = name };
    return true;
}

/* atom = VALUE_PLACEHOLDER | function | path */
static bool parse_atom(struct parser *parser, struct parsed *out_parsed)
{
    *out_parsed = (struct parsed){ .condition = NULL };
    if (parsing_test(parser, TOKEN_VALUE_PLACEHOLDER)) {
        out_parsed->operand.kind = OPERAND_VALUE;
        out_parsed->operand.placeholder = parser->token.text;
        parsing_advance(parser);
        return true;
    }
    struct lexer ahead = parser->lexer;
    if (parsing_test(parser, TOKEN_NAME) && lexer_next(&ahead).kind == TOKEN_LEFT_PARENTHESIS) {
        struct bytes name = parser->token.text;
        parsing_advance(parser);
        parsing_advance(parser);
        return parse_function(parser, name, out_parsed);
    }
    out_parsed->operand.kind = OPERAND_PATH;
    return parsing_path(parser, &out_parsed->operand.path);
}

/* Behind ")": notes doubled parentheses, and lets a path in parentheses go on, as in "(a).b". */
static bool close_parentheses(struct parser *parser, struct parsed *parsed)
{
    if (!parsing_expect(parser, TOKEN_RIGHT_PARENTHESIS)) {
        return false;
    }
    if (parsed->in_parentheses) {
        parser->faults.redundant_parentheses = true;
    }
    parsed->in_parentheses = true;
    bool is_path = parsed->condition == NULL && parsed->operand.kind == OPERAND_PATH;
    if (is_path && (parsing_test(parser, TOKEN_DOT) || parsing_test(parser, TOKEN_LEFT_BRACKET))) {
        parsed->in_parentheses = false;
        return parsing_path_tail(parser, &parsed->operand.path);
    }
    return true;
}

/* operand = "(" operand ")" | atom */
static bool parse_operand(struct parser *parser, struct parsed *out_parsed)
{
    size_t open_count = 0;
    while (parsing_skip(parser, TOKEN_LEFT_PARENTHESIS)) {
        open_count++;
    }
    if (!parse_atom(parser, out_parsed)) {
        return false;
    }
    for (; open_count > 0; open_count--) {
        if (!close_parentheses(parser, out_parsed)) {
            return false;
        }
    }
    return true;
}

/* Adds the next operand of a comparison, BETWEEN or IN. */
static bool parse_next_operand(struct parser *parser, struct condition *condition)
{
    struct parsed next;
    if (!parse_operand(parser, &next)) {
        return false;
    }
    note_value(parser, &next);
    append_operand(parser, &condition->operands, &condition->operands_count, next.operand);
    return true;
}

/* A new condition whose first operand is what `parsed` holds. */
static struct condition *
begin_condition(struct parser *parser, enum condition_kind kind, const struct parsed *parsed)
{
    struct condition *condition = arena_alloc_zero(parser->context->arena, sizeof *condition);
    condition->kind = kind;
    note_value(parser, parsed);
    append_operand(parser, &condition->operands, &condition->operands_count, parsed->operand);
    parser->operators_count++;
    return condition;
}

/* comparison = operand comparator operand */
static bool parse_comparison(struct parser *parser, struct parsed *parsed)
{
    static_assert(TOKEN_GREATER_OR_EQUAL - TOKEN_EQUAL == COMPARATOR_GREATER_OR_EQUAL,
                  "comparators are in one order in both enums");
    struct condition *condition = begin_condition(parser, CONDITION_COMPARISON, parsed);
    condition->comparator = (enum comparator)(parser->token.kind - TOKEN_EQUAL);
    parsing_advance(parser);
    *parsed = (struct parsed){ .condition = condition };
    return parse_next_operand(parser, condition);
}

/* between = operand BETWEEN operand AND operand */
static bool parse_between(struct parser *parser, struct parsed *parsed)
{
    struct condition *condition = begin_condition(parser, CONDITION_BETWEEN, parsed);
    parsing_advance(parser);
    *parsed = (struct parsed){ .condition = condition };
    return parse_next_operand(parser, condition) && parsing_expect(parser, TOKEN_AND) &&
           parse_next_operand(parser, condition);
}

/* in = operand IN "(" arguments */
static bool parse_in(struct parser *parser, struct parsed *parsed)
{
    struct condition *condition = begin_condition(parser, CONDITION_IN, parsed);
    parsing_advance(parser);
    *parsed = (struct parsed){ .condition = condition };
    return parsing_expect(parser, TOKEN_LEFT_PARENTHESIS) &&
           parse_arguments(parser, &condition->operands, &condition->operands_count);
}

/* primary = ( "(" disjunction ")" | atom ) [ rest of a comparison, BETWEEN or IN ] */
static bool parse_primary(struct parser *parser, struct parsed *out_parsed)
{
    *out_parsed = (struct parsed){ .condition = NULL };
    if (parsing_test(parser, TOKEN_LEFT_PARENTHESIS)) {
        if (!parsing_enter(parser)) {
            return messages_fail(parser->context, MESSAGE_REDUNDANT_PARENTHESES);
        }
        parsing_advance(parser);
        if (!parse_disjunction(parser, out_parsed) || !close_parentheses(parser, out_parsed)) {
            return false;
        }
        parsing_leave(parser);
    } else if (!parse_atom(parser, out_parsed)) {
        return false;
    }
    if (out_parsed->condition != NULL) {
        return true;
    }
    if (parser->token.kind >= TOKEN_EQUAL && parser->token.kind <= TOKEN_GREATER_OR_EQUAL) {
        return parse_comparison(parser, out_parsed);
    }
    if (parsing_test(parser, TOKEN_BETWEEN)) {
        return parse_between(parser, out_parsed);
    }
    return parsing_test(parser, TOKEN_IN) ? parse_in(parser, out_parsed) : true;
}

/*
 * Makes a condition of what was parsed: a function call on its own becomes one, any other operand
 * wants a comparator, which the token looked at is not.
 */
static bool require_condition(struct parser *parser, struct parsed *parsed)
{
    if (parsed->condition != NULL) {
        return true;
    }
    if (parsed->operand.kind != OPERAND_FUNCTION) {
        return parsing_syntax_error(parser);
    }
    if (parsed->operand.function == FUNCTION_SIZE) {
        parsing_note(&parser->faults.misused_function, parsed->function_name);
    }
    struct condition *condition = arena_alloc_zero(parser->context->arena, sizeof *condition);
    condition->kind = CONDITION_FUNCTION;
    condition->function = parsed->operand.function;
    condition->operands = parsed->operand.arguments;
    condition->operands_count = parsed->operand.arguments_count;
    parsed->condition = condition;
    return true;
}

static struct condition *
make_logical(struct parser *parser, enum condition_kind kind, struct condition *first)
{
    struct condition *condition = arena_alloc_zero(parser->context->arena, sizeof *condition);
    condition->kind = kind;
    condition->children[0] = first;
    parser->operators_count++;
    return condition;
}

/* negation = { NOT } primary */
static bool parse_negation(struct parser *parser, struct parsed *out_parsed)
{
    size_t negations_count = 0;
    while (parsing_skip(parser, TOKEN_NOT)) {
        negations_count++;
    }
    if (!parse_primary(parser, out_parsed)) {
        return false;
    }
    if (negations_count == 0) {
        return true;
    }
    if (!require_condition(parser, out_parsed)) {
        return false;
    }
    struct condition *condition = out_parsed->condition;
    for (; negations_count > 0; negations_count--) {
        condition = make_logical(parser, CONDITION_NOT, condition);
    }
    *out_parsed = (struct parsed){ .condition = condition };
    return true;
}

/*
 * conjunction = negation { AND negation }
 *
 * Like the disjunction it leans to the right, a AND (b AND c), so that evaluation loops instead of
 * recursing: `last` is the place of the rightmost part.
 */
static bool parse_conjunction(struct parser *parser, struct parsed *out_parsed)
{
    if (!parse_negation(parser, out_parsed)) {
        return false;
    }
    struct condition **last = &out_parsed->condition;
    while (parsing_test(parser, TOKEN_AND)) {
        if (last == &out_parsed->condition && !require_condition(parser, out_parsed)) {
            return false;
        }
        parsing_advance(parser);
        struct parsed next;
        if (!parse_negation(parser, &next) || !require_condition(parser, &next)) {
            return false;
        }
        *last = make_logical(parser, CONDITION_AND, *last);
        last = &(*last)->children[1];
        *last = next.condition;
        out_parsed->in_parentheses = false;
    }
    return true;
}

/* disjunction = conjunction { OR conjunction } */
static bool parse_disjunction(struct parser *parser, struct parsed *out_parsed)
{
    if (!parse_conjunction(parser, out_parsed)) {
        return false;
    }
    struct condition **last = &out_parsed->condition;
    while (parsing_test(parser, TOKEN_OR)) {
        if (last == &out_parsed->condition && !require_condition(parser, out_parsed)) {
            return false;
        }
        parsing_advance(parser);
        struct parsed next;
        if (!parse_conjunction(parser, &next) || !require_condition(parser, &next)) {
            return false;
        }
        *last = make_logical(parser, CONDITION_OR, *last);
        last = &(*last)->children[1];
        *last = next.condition;
        out_parsed->in_parentheses = false;
    }
    return true;
}

bool condition_parse(struct expression_context *context,
                     struct bytes text,
                     struct condition **out_condition)
{
    struct parser parser;
    struct parsed parsed;
    if (!parsing_begin(&parser, context, text) || !parse_disjunction(&parser, &parsed) ||
        !require_condition(&parser, &parsed) || !parsing_expect(&parser, TOKEN_END) ||
        !parsing_check_faults(&parser)) {
        return false;
    }
    *out_condition = parsed.condition;
    return true;
}

bool projection_parse(struct expression_context *context,
                      struct bytes text,
                      struct projection **out_projection)
{
    struct parser parser;
    if (!parsing_begin(&parser, context, text)) {
        return false;
    }
    struct projection *projection = arena_alloc_zero(context->arena, sizeof *projection);
    do {
        struct document_path path;
        if (!parsing_path(&parser, &path)) {
            return false;
        }
        projection->paths =
            parsing_grow(context->arena, projection->paths, projection->paths_count, sizeof path);
        projection->paths[projection->paths_count++] = path;
    } while (parsing_skip(&parser, TOKEN_COMMA));
    if (!parsing_expect(&parser, TOKEN_END) || !parsing_check_faults(&parser)) {
        return false;
    }
    *out_projection = projection;
    return true;
}
