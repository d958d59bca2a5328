#include "api/expression/parsing.h"

#include "api/expression/messages.h"
#include "api/expression/reserved_words.h"
#include "storage/base/arena.h"

enum {
    /*
     * Nesting of parentheses and function calls. More than one pair of parentheses needs an
     * operator between them, and a call inside a call is refused but for size; what is nested
     * deeper than this is refused anyway, so the bound only says when to stop looking for the
     * reason.
     */
    DEPTH_MAX = EXPRESSION_OPERATORS_MAX + 8,
    PATH_ELEMENTS_MAX = 32, /* Service quotas, "Nested attribute depth" */
    INDEX_MAX = INT32_MAX,
};

void parsing_advance(struct parser *parser)
{
    parser->previous = parser->token;
    parser->token = lexer_next(&parser->lexer);
}

bool parsing_test(const struct parser *parser, enum token_kind kind)
{
    return parser->token.kind == kind;
}

bool parsing_skip(struct parser *parser, enum token_kind kind)
{
    if (!parsing_test(parser, kind)) {
        return false;
    }
    parsing_advance(parser);
    return true;
}

/*
 * "near" is the text from the token before it to the token behind it;
 * at the end of the expression just the token before.
 */
bool parsing_syntax_error(struct parser *parser)
{
    struct bytes token = parser->token.text;
    struct bytes first = parser->previous.kind != TOKEN_END ? parser->previous.text : token;
    struct bytes last = parser->previous.text;
    if (parsing_test(parser, TOKEN_END)) {
        token = BYTES("<EOF>");
    } else {
        struct bytes after = lexer_next(&parser->lexer).text;
        last = after.length > 0 ? after : token;
    }
    size_t length = (size_t)(last.data + last.length - first.data);
    return messages_fail(parser->context, MESSAGE_SYNTAX, BYTES_ARGUMENTS(token), (int)length,
                         (const char *)first.data);
}

bool parsing_expect(struct parser *parser, enum token_kind kind)
{
    return parsing_skip(parser, kind) || parsing_syntax_error(parser);
}

void parsing_note(struct bytes *fault, struct bytes text)
{
    if (fault->data == NULL) {
        *fault = text;
    }
}

bool parsing_enter(struct parser *parser)
{
    if (parser->depth == DEPTH_MAX) {
        return false;
    }
    parser->depth++;
    return true;
}

void parsing_leave(struct parser *parser)
{
    parser->depth--;
}

void *parsing_grow(struct arena *arena, void *elements, size_t count, size_t element_size)
{
    bool is_full = (count & (count - 1)) == 0; /* capacities are powers of two */
    if (!is_full) {
        return elements;
    }
    size_t capacity = count == 0 ? 1 : 2 * count;
    return count == 0 ? arena_alloc(arena, element_size)
                      : arena_grow(arena, elements, count * element_size, capacity * element_size);
}

static void
append_element(struct parser *parser, struct document_path *path, struct path_element element)
{
    path->elements =
        parsing_grow(parser->context->arena, path->elements, path->count, sizeof element);
    path->elements[path->count++] = element;
}

/* name = NAME | NAME_PLACEHOLDER */
static bool parse_name(struct parser *parser, struct document_path *path)
{
    bool is_bare = parsing_test(parser, TOKEN_NAME);
    if (!is_bare && !parsing_test(parser, TOKEN_NAME_PLACEHOLDER)) {
        return parsing_syntax_error(parser);
    }
    struct bytes name = parser->token.text;
    if (is_bare && reserved_words_contain(name)) {
        parsing_note(&parser->faults.reserved_word, name);
    }
    append_element(parser, path, (struct path_element){ .kind = PATH_NAME, .name = name });
    parsing_advance(parser);
    return true;
}

/* index = NUMBER "]" */
static bool parse_index(struct parser *parser, struct document_path *path)
{
    if (!parsing_test(parser, TOKEN_NUMBER)) {
        return parsing_syntax_error(parser);
    }
    struct bytes digits = parser->token.text;
    uint64_t index = 0;
    for (size_t i = 0; i < digits.length && index <= INDEX_MAX; i++) {
        index = index * 10 + (uint64_t)(digits.data[i] - '0');
    }
    if (index > INDEX_MAX) {
        parsing_note(&parser->faults.large_index, digits);
    }
    append_element(parser, path,
                   (struct path_element){ .kind = PATH_INDEX, .index = (uint32_t)index });
    parsing_advance(parser);
    return parsing_expect(parser, TOKEN_RIGHT_BRACKET);
}

/* path tail = { "." name | "[" index } */
bool parsing_path_tail(struct parser *parser, struct document_path *path)
{
    for (;;) {
        if (parsing_skip(parser, TOKEN_DOT)) {
            if (!parse_name(parser, path)) {
                return false;
            }
        } else if (parsing_skip(parser, TOKEN_LEFT_BRACKET)) {
            if (!parse_index(parser, path)) {
                return false;
            }
        } else {
            break;
        }
    }
    if (path->count > PATH_ELEMENTS_MAX && parser->faults.path_elements == 0) {
        parser->faults.path_elements = path->count;
    }
    return true;
}

/* path = name path tail */
bool parsing_path(struct parser *parser, struct document_path *path)
{
    *path = (struct document_path){ .elements = NULL };
    return parse_name(parser, path) && parsing_path_tail(parser, path);
}

static bool check_functions(const struct parser *parser)
{
    const struct parsing_faults *faults = &parser->faults;
    struct expression_context *context = parser->context;
    if (faults->unknown_function.data != NULL) {
        return messages_fail(context, MESSAGE_UNKNOWN_FUNCTION,
                             BYTES_ARGUMENTS(faults->unknown_function));
    }
    if (faults->foreign_function.data != NULL) {
        struct bytes name = faults->foreign_function;
        return context->kind == EXPRESSION_UPDATE
                   ? messages_fail(context, MESSAGE_NOT_FOR_UPDATES, BYTES_ARGUMENTS(name))
                   : messages_fail(context, MESSAGE_NOT_FOR_CONDITIONS, BYTES_ARGUMENTS(name));
    }
    if (faults->misused_function.data != NULL) {
        return messages_fail(context, MESSAGE_MISUSED_FUNCTION,
                             BYTES_ARGUMENTS(faults->misused_function));
    }
    return true;
}

static bool check_reserved_word(const struct parser *parser)
{
    struct bytes word = parser->faults.reserved_word;
    return word.data == NULL ||
           messages_fail(parser->context, MESSAGE_RESERVED_WORD, BYTES_ARGUMENTS(word));
}

/* Of words and functions the service looks first at the words in updates, else at the functions. */
static bool check_words(const struct parser *parser)
{
    if (parser->context->kind != EXPRESSION_UPDATE) {
        return check_functions(parser) && check_reserved_word(parser);
    }
    const char *section = parser->faults.repeated_section;
    return check_reserved_word(parser) && check_functions(parser) &&
           (section == NULL || messages_fail(parser->context, MESSAGE_SECTION_TWICE, section));
}

bool parsing_check_faults(struct parser *parser)
{
    const struct parsing_faults *faults = &parser->faults;
    struct expression_context *context = parser->context;
    if (faults->redundant_parentheses) {
        return messages_fail(context, MESSAGE_REDUNDANT_PARENTHESES);
    }
    if (parser->operators_count > EXPRESSION_OPERATORS_MAX) {
        return messages_fail(context, MESSAGE_TOO_MANY_OPERATORS, parser->operators_count);
    }
    if (!check_words(parser)) {
        return false;
    }
    if (faults->large_index.data != NULL) {
        return messages_fail(context, MESSAGE_INDEX_TOO_LARGE,
                             BYTES_ARGUMENTS(faults->large_index));
    }
    if (faults->path_elements != 0) {
        return messages_fail(context, MESSAGE_PATH_TOO_DEEP, faults->path_elements);
    }
    return true;
}

static enum lexer_keywords keywords_of(enum expression_kind kind)
{
    if (kind == EXPRESSION_PROJECTION) {
        return KEYWORDS_NONE;
    }
    return kind == EXPRESSION_UPDATE ? KEYWORDS_OF_UPDATES : KEYWORDS_OF_CONDITIONS;
}

bool parsing_begin(struct parser *parser, struct expression_context *context, struct bytes text)
{
    if (text.length > EXPRESSION_SIZE_MAX) {
        return messages_fail(context, MESSAGE_TOO_LONG, text.length);
    }
    *parser = (struct parser){ .context = context };
    lexer_init(&parser->lexer, text, keywords_of(context->kind));
    parser->token = lexer_next(&parser->lexer);
    return !parsing_test(parser, TOKEN_END) || messages_fail(context, MESSAGE_EMPTY);
}
