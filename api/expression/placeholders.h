/*
 * #names and :values: the tables of one request, their checks, and the step that puts them into
 * parsed trees.
 *
 * The caller fills plain arrays from ExpressionAttributeNames and ExpressionAttributeValues; a
 * table the request does not have is NULL. One `struct placeholders` serves all expressions of a
 * request and remembers what they used. Arrays and bytes are borrowed and must outlive the trees.
 */

#ifndef REHEARSEDB_API_EXPRESSION_PLACEHOLDERS_H
#define REHEARSEDB_API_EXPRESSION_PLACEHOLDERS_H

#include "api/expression/ast.h"
#include "api/expression/expression.h"

struct placeholder_name {
    struct bytes name; /* with its "#" */
    struct bytes attribute_name;
    bool used;
};

struct placeholder_value {
    struct bytes name; /* with its ":" */
    struct attribute_value value;
    bool used;
};

struct placeholders {
    struct placeholder_name *names; /* NULL: no ExpressionAttributeNames in the request */
    size_t names_count;
    struct placeholder_value *values; /* NULL: no ExpressionAttributeValues */
    size_t values_count;
};

/*
 * Refuses empty tables and keys that are not "#" or ":" and letters, digits, underscores. Sorts
 * both arrays by name: call it once, before any resolving.
 */
bool placeholders_prepare(struct expression_context *context, struct placeholders *placeholders);

/* After all expressions: refuses names, then values, that none of them used. */
bool placeholders_check_used(struct expression_context *context,
                             const struct placeholders *placeholders);

/*
 * Completes a parsed tree in place, once, and checks each condition of it, in the order written:
 * undefined names and values, number of operands, equal operands, operand types.
 */
bool condition_resolve(struct expression_context *context,
                       struct condition *condition,
                       struct placeholders *placeholders);

/* The same for a projection: undefined names, then overlapping and conflicting paths. */
bool projection_resolve(struct expression_context *context,
                        struct projection *projection,
                        struct placeholders *placeholders);

/*
 * The same for an update: undefined names, then undefined values, overlapping and conflicting
 * paths, operand types.
 */
bool update_resolve(struct expression_context *context,
                    struct update *update,
                    struct placeholders *placeholders);

#endif
