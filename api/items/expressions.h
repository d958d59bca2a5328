/*
 * The expression parameters of one request: parsed, resolved and checked for unused placeholders.
 *
 * The same calls do for every operation: its shape says which of the parameters it has; others are
 * unknown members and ignored.
 */

#ifndef REHEARSEDB_API_ITEMS_EXPRESSIONS_H
#define REHEARSEDB_API_ITEMS_EXPRESSIONS_H

#include "api/expression/ast.h"
#include "api/expression/key_condition.h"
#include "api/request.h"
#include "api/shape.h"

/* NULL or empty where the request does not have it. */
struct expressions {
    struct update *update;       /* UpdateExpression */
    struct condition *condition; /* ConditionExpression */
    struct condition *filter;    /* FilterExpression */
    struct projection *projection;
    bool has_key_condition;
    struct key_terms key_terms; /* KeyConditionExpression */
};

/*
 * `input` is the structure that holds the parameters: the request itself, or a part of it (a
 * table's entry in BatchGetItem); `shape` is its shape. Both return false after api_fail.
 */

/* First of an operation's checks: legacy parameters, placeholders without an expression. */
bool expressions_check_parameters(struct request *request,
                                  const struct shape *shape,
                                  const struct cJSON *input);

/* Last of those that need no table: the placeholders, then each expression. */
bool expressions_prepare(struct request *request,
                         const struct shape *shape,
                         const struct cJSON *input,
                         struct expressions *out_expressions);

#endif
