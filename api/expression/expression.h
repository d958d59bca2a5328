/*
 * What all expressions of a request share: their kinds, where their memory comes from, and how they
 * are refused.
 *
 * Parsing, resolving and checking take a context. They return false once they have refused, and the
 * first refusal stays: `message` is then AWS's text, in the arena, without an error type (the
 * caller answers ValidationException). Evaluation cannot fail and needs no context.
 *
 * The life of an expression:
 *
 *   text  --condition_parse-->  tree of names as written   (shape: syntax, functions, reserved
 * words)
 *         --condition_resolve-->  tree of attribute names and values   (placeholders, operand
 * types)
 *         --condition_evaluate-->  true or false, per item
 *
 * and in the same way projection_parse, _resolve, _apply. A request with several expressions parses
 * and resolves each before it goes on to the next, in AWS's order (update, condition, key
 * condition, filter, projection), then asks for unused placeholders.
 */

#ifndef REHEARSEDB_API_EXPRESSION_EXPRESSION_H
#define REHEARSEDB_API_EXPRESSION_EXPRESSION_H

#include "storage/base/bytes.h"

struct arena;

enum {
    EXPRESSION_SIZE_MAX = 4096,     /* bytes, as sent (Service quotas, "Expression parameters") */
    EXPRESSION_OPERATORS_MAX = 300, /* the same page; functions and parentheses are not counted */
    EXPRESSION_IN_OPERANDS_MAX = 100,
};

enum expression_kind {
    EXPRESSION_CONDITION,
    EXPRESSION_FILTER,
    EXPRESSION_KEY_CONDITION,
    EXPRESSION_PROJECTION,
    EXPRESSION_UPDATE,
    EXPRESSION_KIND_COUNT,
};

struct expression_context {
    struct arena *arena;
    enum expression_kind kind;
    struct bytes message; /* data is NULL until something was refused */
};

void expression_init(struct expression_context *context,
                     struct arena *arena,
                     enum expression_kind kind);

/* "ConditionExpression", …; static text. */
const char *expression_kind_name(enum expression_kind kind);

#endif
