/*
 * The expression parameters of one request: parsed, resolved and checked for unused placeholders;
 * and the legacy parameters, translated into the same trees. A request has one or the other.
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
    struct update *update;         /* UpdateExpression, AttributeUpdates */
    struct condition *condition;   /* ConditionExpression, Expected */
    struct condition *filter;      /* FilterExpression, QueryFilter, ScanFilter */
    struct projection *projection; /* ProjectionExpression, AttributesToGet */
    bool has_key_condition;
    struct key_terms key_terms; /* KeyConditionExpression, KeyConditions */
};

/*
 * `input` is the structure that holds the parameters: the request itself, or a part of it (a
 * table's entry in BatchGetItem); `shape` is its shape. All return false after api_fail.
 */

/*
 * First of an operation's checks: both kinds of parameters at once, placeholders without an
 * expression, ConditionalOperator without conditions.
 */
bool expressions_check_parameters(struct request *request,
                                  const struct shape *shape,
                                  const struct cJSON *input);

/* Last of those that need no table: legacy parameters, the placeholders, then each expression. */
bool expressions_prepare(struct request *request,
                         const struct shape *shape,
                         const struct cJSON *input,
                         struct expressions *out_expressions);

/*
 * The same in two steps, between which Query and Scan have checks of their own: legacy parameters
 * without KeyConditions; then the rest, into the same structure.
 */
bool expressions_prepare_legacy(struct request *request,
                                const struct shape *shape,
                                const struct cJSON *input,
                                struct expressions *out_expressions);
bool expressions_prepare_texts(struct request *request,
                               const struct shape *shape,
                               const struct cJSON *input,
                               struct expressions *expressions);

#endif
