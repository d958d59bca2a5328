/*
 * The expression parameters of one request: parsed, resolved and checked for unused placeholders.
 *
 * One call does for every operation: an operation's shape says which of the parameters it has.
 */

#ifndef REHEARSEDB_API_ITEMS_EXPRESSIONS_H
#define REHEARSEDB_API_ITEMS_EXPRESSIONS_H

#include "api/expression/ast.h"
#include "api/expression/key_condition.h"
#include "api/request.h"

/* NULL or empty where the request does not have it. */
struct expressions {
    struct condition *condition; /* ConditionExpression */
    struct condition *filter;    /* FilterExpression */
    struct projection *projection;
    bool has_key_condition;
    struct key_terms key_terms; /* KeyConditionExpression */
};

/*
 * `input` is the structure that holds the parameters: the request itself, or a part of it (a
 * table's entry in BatchGetItem). False after api_fail.
 */
bool expressions_prepare(struct request *request,
                         const struct cJSON *input,
                         struct expressions *out_expressions);

#endif
