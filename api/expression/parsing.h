/*
 * What the parsers of all expressions share: the token looked at, the verbs on it, the rules
 * they have in common (document paths, operands), and the faults that are reported only once all
 * text has parsed. Private to the parsers.
 */

#ifndef REHEARSEDB_API_EXPRESSION_PARSING_H
#define REHEARSEDB_API_EXPRESSION_PARSING_H

#include "api/expression/ast.h"
#include "api/expression/expression.h"
#include "api/expression/lexer.h"

/*
 * Faults that are not of syntax. The service reports them only for text that parses as a whole, so
 * the first of each kind is kept until then.
 */
struct parsing_faults {
    bool redundant_parentheses;
    struct bytes unknown_function;
    struct bytes foreign_function; /* of another language: of conditions in an update, … */
    struct bytes misused_function;
    struct bytes reserved_word;
    const char *repeated_section; /* "SET", … */
    struct bytes large_index;
    size_t path_elements; /* of the first path that has too many */
};

struct parser {
    struct expression_context *context;
    struct lexer lexer;
    struct token previous;
    struct token token; /* the one token of look-ahead */
    size_t depth;
    size_t operators_count;
    struct parsing_faults faults;
};

/* Checks size and emptiness and takes the first token. */
bool parsing_begin(struct parser *parser, struct expression_context *context, struct bytes text);

/* Reports the faults kept while parsing, in the service's order. */
bool parsing_check_faults(struct parser *parser);

void parsing_advance(struct parser *parser);
bool parsing_test(const struct parser *parser, enum token_kind kind);

/* Tests and, when it is there, advances. */
bool parsing_skip(struct parser *parser, enum token_kind kind);

/* The same, but anything else is a syntax error. */
bool parsing_expect(struct parser *parser, enum token_kind kind);

/* Refuses the token looked at; returns false. */
bool parsing_syntax_error(struct parser *parser);

/* Keeps the first text of a kind of fault. */
void parsing_note(struct bytes *fault, struct bytes text);

/* Counts one level of recursion; false past the bound. Every one that succeeds needs a leave. */
bool parsing_enter(struct parser *parser);
void parsing_leave(struct parser *parser);

/* Makes room for one more element behind `count`; grows by doubling. */
void *parsing_grow(struct arena *arena, void *elements, size_t count, size_t element_size);

bool parsing_path(struct parser *parser, struct document_path *path);

/* What may follow a path's beginning: ".name" and "[index]", any number of them. */
bool parsing_path_tail(struct parser *parser, struct document_path *path);

/* ---- operands: operand_parser.c ---- */

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

bool parsing_operand(struct parser *parser, struct parsed *out_parsed);

/* An operand without parentheses around it. */
bool parsing_atom(struct parser *parser, struct parsed *out_parsed);

/* Operands with commas between them, and the ")" behind them. */
bool parsing_arguments(struct parser *parser, struct operand **arguments, size_t *count);

/* Behind ")": notes doubled parentheses, and lets a path in parentheses go on, as in "(a).b". */
bool parsing_close_parentheses(struct parser *parser, struct parsed *parsed);

/* Makes a function call that stands where a value belongs known as a fault, unless it gives one. */
void parsing_note_value(struct parser *parser, const struct parsed *parsed);

void parsing_append_operand(struct parser *parser,
                            struct operand **operands,
                            size_t *count,
                            struct operand operand);

#endif
