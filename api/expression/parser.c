#include "api/expression/parser.h"

#include "api/expression/functions.h"
#include "api/expression/messages.h"
#include "api/expression/parsing.h"
#include "storage/base/arena.h"

#include <assert.h>

static bool parse_disjunction(struct parser *parser, struct parsed *out_parsed);

/* Adds the next operand of a comparison, BETWEEN or IN. */
static bool parse_next_operand(struct parser *parser, struct condition *condition)
{
    struct parsed next;
    if (!parsing_operand(parser, &next)) {
        return false;
    }
    parsing_note_value(parser, &next);
    parsing_append_operand(parser, &condition->operands, &condition->operands_count, next.operand);
    return true;
}

/* A new condition whose first operand is what `parsed` holds. */
static struct condition *
begin_condition(struct parser *parser, enum condition_kind kind, const struct parsed *parsed)
{
    struct condition *condition = arena_alloc_zero(parser->context->arena, sizeof *condition);
    condition->kind = kind;
    parsing_note_value(parser, parsed);
    parsing_append_operand(parser, &condition->operands, &condition->operands_count,
                           parsed->operand);
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
           parsing_arguments(parser, &condition->operands, &condition->operands_count);
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
        if (!parse_disjunction(parser, out_parsed) ||
            !parsing_close_parentheses(parser, out_parsed)) {
            return false;
        }
        parsing_leave(parser);
    } else if (!parsing_atom(parser, out_parsed)) {
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
