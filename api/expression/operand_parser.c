#include "api/expression/functions.h"
#include "api/expression/messages.h"
#include "api/expression/parsing.h"

void parsing_append_operand(struct parser *parser,
                            struct operand **operands,
                            size_t *count,
                            struct operand operand)
{
    *operands = parsing_grow(parser->context->arena, *operands, *count, sizeof operand);
    (*operands)[(*count)++] = operand;
}

static bool gives_value(enum expression_function function)
{
    return function == FUNCTION_SIZE ||
           (function != FUNCTION_COUNT && function_is_for_updates(function));
}

void parsing_note_value(struct parser *parser, const struct parsed *parsed)
{
    if (parsed->function_name.data != NULL && !gives_value(parsed->operand.function)) {
        parsing_note(&parser->faults.misused_function, parsed->function_name);
    }
}

/* arguments = operand { "," operand } ")" */
bool parsing_arguments(struct parser *parser, struct operand **arguments, size_t *count)
{
    do {
        struct parsed argument;
        if (!parsing_operand(parser, &argument)) {
            return false;
        }
        parsing_note_value(parser, &argument);
        parsing_append_operand(parser, arguments, count, argument.operand);
    } while (parsing_skip(parser, TOKEN_COMMA));
    return parsing_expect(parser, TOKEN_RIGHT_PARENTHESIS);
}

/* Keeps the name when it is not one of this language's functions. */
static void
note_function(struct parser *parser, enum expression_function function, struct bytes name)
{
    if (function == FUNCTION_COUNT) {
        parsing_note(&parser->faults.unknown_function, name);
    } else if (function_is_for_updates(function) != (parser->context->kind == EXPRESSION_UPDATE)) {
        parsing_note(&parser->faults.foreign_function, name);
    }
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
    note_function(parser, call.function, name);
    if (!parsing_arguments(parser, &call.arguments, &call.arguments_count)) {
        return false;
    }
    parsing_leave(parser);
    *out_parsed = (struct parsed){ .operand = call, .function_name = name };
    return true;
}

/* atom = VALUE_PLACEHOLDER | function | path */
bool parsing_atom(struct parser *parser, struct parsed *out_parsed)
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

bool parsing_close_parentheses(struct parser *parser, struct parsed *parsed)
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
bool parsing_operand(struct parser *parser, struct parsed *out_parsed)
{
    size_t open_count = 0;
    while (parsing_skip(parser, TOKEN_LEFT_PARENTHESIS)) {
        open_count++;
    }
    if (!parsing_atom(parser, out_parsed)) {
        return false;
    }
    for (; open_count > 0; open_count--) {
        if (!parsing_close_parentheses(parser, out_parsed)) {
            return false;
        }
    }
    return true;
}
