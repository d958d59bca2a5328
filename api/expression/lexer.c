#include "api/expression/lexer.h"

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

bool lexer_is_word_byte(uint8_t byte)
{
    return is_letter(byte) || is_digit(byte) || byte == '_';
}

void lexer_init(struct lexer *lexer, struct bytes text, enum lexer_keywords keywords)
{
    struct reader reader = reader_of(text); /* never NULL, also for no text */
    *lexer = (struct lexer){ .next = reader.next, .end = reader.end, .keywords = keywords };
}

static bool equal_ignoring_case(struct bytes text, struct bytes upper)
{
    if (text.length != upper.length) {
        return false;
    }
    for (size_t i = 0; i < text.length; i++) {
        if ((text.data[i] & 0xDF) != upper.data[i]) { /* letters only: clears the lower-case bit */
            return false;
        }
    }
    return true;
}

static enum token_kind kind_of_word(struct bytes word, enum lexer_keywords language)
{
    static const struct {
        struct bytes text;
        enum token_kind kind;
        enum lexer_keywords language;
    } keywords[] = {
        { { (const uint8_t *)"AND", 3 }, TOKEN_AND, KEYWORDS_OF_CONDITIONS },
        { { (const uint8_t *)"OR", 2 }, TOKEN_OR, KEYWORDS_OF_CONDITIONS },
        { { (const uint8_t *)"NOT", 3 }, TOKEN_NOT, KEYWORDS_OF_CONDITIONS },
        { { (const uint8_t *)"IN", 2 }, TOKEN_IN, KEYWORDS_OF_CONDITIONS },
        { { (const uint8_t *)"BETWEEN", 7 }, TOKEN_BETWEEN, KEYWORDS_OF_CONDITIONS },
        { { (const uint8_t *)"SET", 3 }, TOKEN_SET, KEYWORDS_OF_UPDATES },
        { { (const uint8_t *)"REMOVE", 6 }, TOKEN_REMOVE, KEYWORDS_OF_UPDATES },
        { { (const uint8_t *)"ADD", 3 }, TOKEN_ADD, KEYWORDS_OF_UPDATES },
        { { (const uint8_t *)"DELETE", 6 }, TOKEN_DELETE, KEYWORDS_OF_UPDATES },
    };
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (keywords[i].language == language && equal_ignoring_case(word, keywords[i].text)) {
            return keywords[i].kind;
        }
    }
    return TOKEN_NAME;
}

/* Bytes from the second on that belong to a word or placeholder. */
static size_t word_length(const uint8_t *from, const uint8_t *end)
{
    const uint8_t *next = from + 1;
    while (next < end && lexer_is_word_byte(*next)) {
        next++;
    }
    return (size_t)(next - from);
}

static size_t number_length(const uint8_t *from, const uint8_t *end)
{
    const uint8_t *next = from + 1;
    while (*from != '0' && next < end && is_digit(*next)) {
        next++;
    }
    return (size_t)(next - from);
}

/* One whole character, so that messages stay valid UTF-8. */
static size_t character_length(const uint8_t *from, const uint8_t *end)
{
    const uint8_t *next = from + 1;
    while (next < end && (*next & 0xC0) == 0x80) {
        next++;
    }
    return (size_t)(next - from);
}

static enum token_kind kind_of_symbol(const uint8_t *from, const uint8_t *end, size_t *out_length)
{
    uint8_t second = from + 1 < end ? from[1] : 0;
    *out_length = 1;
    switch (*from) {
    case '=':
        return TOKEN_EQUAL;
    case '<':
        *out_length = second == '>' || second == '=' ? 2 : 1;
        return second == '>' ? TOKEN_NOT_EQUAL : second == '=' ? TOKEN_LESS_OR_EQUAL : TOKEN_LESS;
    case '>':
        *out_length = second == '=' ? 2 : 1;
        return second == '=' ? TOKEN_GREATER_OR_EQUAL : TOKEN_GREATER;
    case '+':
        return TOKEN_PLUS;
    case '-':
        return TOKEN_MINUS;
    case '(':
        return TOKEN_LEFT_PARENTHESIS;
    case ')':
        return TOKEN_RIGHT_PARENTHESIS;
    case '[':
        return TOKEN_LEFT_BRACKET;
    case ']':
        return TOKEN_RIGHT_BRACKET;
    case ',':
        return TOKEN_COMMA;
    case '.':
        return TOKEN_DOT;
    default:
        *out_length = character_length(from, end);
        return TOKEN_UNKNOWN;
    }
}

struct token lexer_next(struct lexer *lexer)
{
    while (lexer->next < lexer->end && is_space(*lexer->next)) {
        lexer->next++;
    }
    struct token token = { .kind = TOKEN_END, .text = { .data = lexer->next, .length = 0 } };
    if (lexer->next == lexer->end) {
        return token;
    }
    uint8_t first = *lexer->next;
    if (is_letter(first)) {
        token.text.length = word_length(lexer->next, lexer->end);
        token.kind = kind_of_word(token.text, lexer->keywords);
    } else if (first == '#' || first == ':') {
        token.text.length = word_length(lexer->next, lexer->end);
        token.kind = first == '#' ? TOKEN_NAME_PLACEHOLDER : TOKEN_VALUE_PLACEHOLDER;
    } else if (is_digit(first)) {
        token.text.length = number_length(lexer->next, lexer->end);
        token.kind = TOKEN_NUMBER;
    } else {
        token.kind = kind_of_symbol(lexer->next, lexer->end, &token.text.length);
    }
    lexer->next += token.text.length;
    return token;
}
