#include "api/expression/messages.h"
#include "api/expression/parser.h"
#include "api/expression/parsing.h"
#include "storage/base/arena.h"

#include <assert.h>

static bool is_sum(const struct parsed *parsed)
{
    return parsed->operand.kind == OPERAND_FUNCTION && (parsed->operand.function == FUNCTION_PLUS ||
                                                        parsed->operand.function == FUNCTION_MINUS);
}

/* sum = operand ( "+" | "-" ) operand; the first is what `parsed` holds. */
static bool parse_sum(struct parser *parser, struct parsed *parsed)
{
    struct operand sum = { .kind = OPERAND_FUNCTION };
    sum.function = parsing_test(parser, TOKEN_PLUS) ? FUNCTION_PLUS : FUNCTION_MINUS;
    sum.arguments = NULL;
    sum.arguments_count = 0;
    parsing_append_operand(parser, &sum.arguments, &sum.arguments_count, parsed->operand);
    parser->operators_count++;
    parsing_advance(parser);
    struct parsed second;
    if (!parsing_operand(parser, &second)) {
        return false;
    }
    parsing_append_operand(parser, &sum.arguments, &sum.arguments_count, second.operand);
    *parsed = (struct parsed){ .operand = sum };
    return true;
}

/*
 * right side = ( "(" right side ")" | atom ) [ rest of a sum ]
 *
 * As in conditions, what stands inside parentheses may be the first operand or all of it.
 */
static bool parse_right_side(struct parser *parser, struct parsed *out_parsed)
{
    if (parsing_test(parser, TOKEN_LEFT_PARENTHESIS)) {
        if (!parsing_enter(parser)) {
            return messages_fail(parser->context, MESSAGE_REDUNDANT_PARENTHESES);
        }
        parsing_advance(parser);
        if (!parse_right_side(parser, out_parsed) ||
            !parsing_close_parentheses(parser, out_parsed)) {
            return false;
        }
        parsing_leave(parser);
    } else if (!parsing_atom(parser, out_parsed)) {
        return false;
    }
    bool goes_on = parsing_test(parser, TOKEN_PLUS) || parsing_test(parser, TOKEN_MINUS);
    return is_sum(out_parsed) || !goes_on || parse_sum(parser, out_parsed);
}

/* value = VALUE_PLACEHOLDER */
static bool parse_value(struct parser *parser, struct operand *out_operand)
{
    *out_operand = (struct operand){ .kind = OPERAND_VALUE, .placeholder = parser->token.text };
    return parsing_expect(parser, TOKEN_VALUE_PLACEHOLDER);
}

/* action = path [ "=" right side | value ] */
static bool parse_action(struct parser *parser, struct update_action *action)
{
    if (!parsing_path(parser, &action->path)) {
        return false;
    }
    if (action->kind == UPDATE_REMOVE) {
        return true;
    }
    if (action->kind != UPDATE_SET) {
        return parse_value(parser, &action->operand);
    }
    struct parsed right_side;
    if (!parsing_expect(parser, TOKEN_EQUAL) || !parse_right_side(parser, &right_side)) {
        return false;
    }
    action->operand = right_side.operand;
    return true;
}

/* actions = action { "," action } */
static bool
parse_actions(struct parser *parser, enum update_action_kind kind, struct update *update)
{
    do {
        struct update_action action = { .kind = kind };
        if (!parse_action(parser, &action)) {
            return false;
        }
        update->actions = parsing_grow(parser->context->arena, update->actions,
                                       update->actions_count, sizeof action);
        update->actions[update->actions_count++] = action;
    } while (parsing_skip(parser, TOKEN_COMMA));
    return true;
}

static bool is_clause(const struct parser *parser)
{
    return parser->token.kind >= TOKEN_SET && parser->token.kind <= TOKEN_DELETE;
}

/* clauses = clause { clause }, clause = ( SET | REMOVE | ADD | DELETE ) actions */
static bool parse_clauses(struct parser *parser, struct update *update)
{
    static_assert(TOKEN_DELETE - TOKEN_SET == UPDATE_DELETE, "clauses are in one order in both");
    static const char *const names[] = { "SET", "REMOVE", "ADD", "DELETE" };
    unsigned seen = 0;
    do {
        enum update_action_kind kind = (enum update_action_kind)(parser->token.kind - TOKEN_SET);
        if ((seen & 1U << kind) != 0 && parser->faults.repeated_section == NULL) {
            parser->faults.repeated_section = names[kind];
        }
        seen |= 1U << kind;
        parsing_advance(parser);
        if (!parse_actions(parser, kind, update)) {
            return false;
        }
    } while (is_clause(parser));
    return true;
}

/* update = clauses END */
bool update_parse(struct expression_context *context, struct bytes text, struct update **out_update)
{
    struct parser parser;
    if (!parsing_begin(&parser, context, text)) {
        return false;
    }
    struct update *update = arena_alloc_zero(context->arena, sizeof *update);
    if (!is_clause(&parser)) {
        return parsing_syntax_error(&parser);
    }
    if (!parse_clauses(&parser, update) || !parsing_expect(&parser, TOKEN_END) ||
        !parsing_check_faults(&parser)) {
        return false;
    }
    *out_update = update;
    return true;
}
