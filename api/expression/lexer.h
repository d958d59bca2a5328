/*
 * Text -> tokens, one at a time. A token's text is a view into the expression, so its position is
 * the distance of the two pointers. White space (blank, tab, newline, carriage return) separates
 * tokens and is skipped.
 *
 *   NAME               letter { letter | digit | "_" }, unless a keyword
 *   NAME_PLACEHOLDER   "#" { letter | digit | "_" }
 *   VALUE_PLACEHOLDER  ":" { letter | digit | "_" }
 *   NUMBER             "0" | digit 1-9 { digit }: "007" is three tokens, as the service's own
 *                      messages show
 *   keywords           of the expression's own language, in any case; in others they are names
 *   UNKNOWN            any other character; no rule accepts it
 *   END                empty text at the end of the expression
 */

#ifndef REHEARSEDB_API_EXPRESSION_LEXER_H
#define REHEARSEDB_API_EXPRESSION_LEXER_H

#include "storage/base/bytes.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_NAME_PLACEHOLDER,
    TOKEN_VALUE_PLACEHOLDER,
    TOKEN_NUMBER,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_BETWEEN,
    TOKEN_IN,
    TOKEN_SET,
    TOKEN_REMOVE,
    TOKEN_ADD,
    TOKEN_DELETE,
    TOKEN_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_LESS,
    TOKEN_LESS_OR_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_OR_EQUAL,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_LEFT_PARENTHESIS,
    TOKEN_RIGHT_PARENTHESIS,
    TOKEN_LEFT_BRACKET,
    TOKEN_RIGHT_BRACKET,
    TOKEN_COMMA,
    TOKEN_DOT,
    TOKEN_UNKNOWN,
};

struct token {
    enum token_kind kind;
    struct bytes text;
};

enum lexer_keywords {
    KEYWORDS_NONE,
    KEYWORDS_OF_CONDITIONS, /* AND OR NOT BETWEEN IN */
    KEYWORDS_OF_UPDATES,    /* SET REMOVE ADD DELETE */
};

struct lexer {
    const uint8_t *next;
    const uint8_t *end;
    enum lexer_keywords keywords;
};

void lexer_init(struct lexer *lexer, struct bytes text, enum lexer_keywords keywords);

/* The next token; TOKEN_END again and again once the text is used up. */
struct token lexer_next(struct lexer *lexer);

/* True for a letter, a digit or "_": what names and placeholders go on with. */
bool lexer_is_word_byte(uint8_t byte);

#endif
