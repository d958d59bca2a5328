/*
 * Key conditions: a resolved condition + the key schema -> the range of keys a Query reads.
 *
 * In two steps, because AWS refuses what no table could answer before it looks for the table:
 *
 *   key_condition_collect   shape: AND of one comparison per attribute; no schema
 *   key_condition_bind      these terms against the key schema of the table or index
 *
 * The parameter KeyConditions makes `struct key_terms` its own way (api/expression/legacy.h) and
 * binds them in the same.
 *
 * A key has 1 to 4 partition key attributes and 0 to 4 sort key attributes (global secondary
 * indexes since November 2025; tables have 1 and 0 or 1). All partition key attributes need "=";
 * sort key attributes are constrained from the left without gaps, all but the last by "=".
 */

#ifndef REHEARSEDB_API_EXPRESSION_KEY_CONDITION_H
#define REHEARSEDB_API_EXPRESSION_KEY_CONDITION_H

#include "api/expression/ast.h"
#include "api/expression/expression.h"
#include "storage/value/key_schema.h"

enum key_operator {
    KEY_ANY, /* no condition */
    KEY_EQUAL,
    KEY_LESS,
    KEY_LESS_OR_EQUAL,
    KEY_GREATER,
    KEY_GREATER_OR_EQUAL,
    KEY_BETWEEN,
    KEY_BEGINS_WITH,
    KEY_NOT_INDEXABLE, /* KeyConditions lets it come as far as the key, and no further */
};

struct key_term {
    struct bytes attribute_name;
    enum key_operator operation;
    struct attribute_value values[2]; /* the second for KEY_BETWEEN only: the upper bound */
};

struct key_terms {
    const struct key_term *terms;
    size_t count;
};

/*
 * The range: partition values in the schema's order; then sort key attributes 0 …
 * sort_equal_count-1 equal to sort_equal; then the next one under sort_operator, which is never
 * KEY_EQUAL nor KEY_NOT_INDEXABLE. An ordinary "sk = :v" is sort_equal_count 1 and KEY_ANY.
 */
struct key_condition {
    struct attribute_value partition[KEY_PARTITION_ATTRIBUTES_MAX];
    struct attribute_value sort_equal[KEY_SORT_ATTRIBUTES_MAX];
    size_t sort_equal_count;
    enum key_operator sort_operator;
    struct attribute_value sort_bounds[2]; /* the operand; for KEY_BETWEEN lower and upper bound */
};

bool key_condition_collect(struct expression_context *context,
                           const struct condition *condition,
                           struct key_terms *out_terms);

bool key_condition_bind(struct expression_context *context,
                        const struct key_terms *terms,
                        const struct key_schema *schema,
                        struct key_condition *out_condition);

#endif
