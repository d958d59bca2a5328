/*
 * The parameters that were there before expressions, as the trees of expressions: Expected,
 * QueryFilter and ScanFilter become conditions, KeyConditions key terms, AttributesToGet a
 * projection. What evaluates them is the same and knows nothing of their origin.
 *
 *   {a: EQ [v]}             a = :v           NE LE LT GE GT alike
 *   {a: NOT_NULL}           attribute_exists(a)
 *   {a: NULL}               attribute_not_exists(a)
 *   {a: CONTAINS [v]}       contains(a, :v)
 *   {a: NOT_CONTAINS [v]}   attribute_exists(a) AND NOT contains(a, :v)
 *   {a: BEGINS_WITH [v]}    begins_with(a, :v)
 *   {a: IN [v, …]}          a IN (:v, …)
 *   {a: BETWEEN [v, w]}     a BETWEEN :v AND :w
 *   {a: Value v}            a = :v           Expected only
 *   {a: Exists false}       attribute_not_exists(a)
 *
 * A name is always that of a whole top-level attribute, dots and all, and no word is reserved. The
 * trees borrow names and values; as these have no placeholders, there is nothing to resolve.
 * Developer guide, "Legacy DynamoDB conditional parameters".
 */

#ifndef REHEARSEDB_API_EXPRESSION_LEGACY_H
#define REHEARSEDB_API_EXPRESSION_LEGACY_H

#include "api/expression/ast.h"
#include "api/expression/expression.h"
#include "api/expression/key_condition.h"

enum legacy_operator {
    LEGACY_EQ,
    LEGACY_NE,
    LEGACY_LE,
    LEGACY_LT,
    LEGACY_GE,
    LEGACY_GT,
    LEGACY_NOT_NULL,
    LEGACY_NULL,
    LEGACY_CONTAINS,
    LEGACY_NOT_CONTAINS,
    LEGACY_BEGINS_WITH,
    LEGACY_IN,
    LEGACY_BETWEEN,
    LEGACY_OPERATOR_COUNT,
};

/* LEGACY_OPERATOR_COUNT when there is no operator of that name. */
enum legacy_operator legacy_operator_of_name(struct bytes name);

/* One attribute and what is asked of it. */
struct legacy_condition {
    struct bytes attribute_name;
    enum legacy_operator operation;
    const struct attribute_value *values;
    size_t values_count;
};

/* How many values the operator takes and of which types; the order of BETWEEN's. */
bool legacy_condition_check(struct expression_context *context,
                            const struct legacy_condition *condition);

enum legacy_exists {
    EXISTS_UNSAID,
    EXISTS_FALSE,
    EXISTS_TRUE,
};

/* An element of Expected by its members alone: which of them are there. */
struct legacy_expectation {
    struct bytes attribute_name;
    enum legacy_operator operation; /* LEGACY_OPERATOR_COUNT: no ComparisonOperator */
    enum legacy_exists exists;
    bool has_value;
    bool has_value_list;
};

/* Refuses members that do not go together; gives the operator they amount to. */
bool legacy_expectation_check(struct expression_context *context,
                              const struct legacy_expectation *expectation,
                              enum legacy_operator *out_operation);

/* Checked conditions joined by CONDITION_AND or CONDITION_OR; NULL when there are none. */
struct condition *legacy_join(struct arena *arena,
                              enum condition_kind joined_by,
                              const struct legacy_condition *conditions,
                              size_t count);

/*
 * Checked conditions as key terms. `count_max` bounds them: two for a table; the key of an index
 * may have more attributes (KEY_ATTRIBUTES_MAX).
 */
bool legacy_key_terms(struct expression_context *context,
                      const struct legacy_condition *conditions,
                      size_t count,
                      size_t count_max,
                      struct key_terms *out_terms);

bool legacy_projection(struct expression_context *context,
                       const struct bytes *attribute_names,
                       size_t count,
                       struct projection **out_projection);

#endif
