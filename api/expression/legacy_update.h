/*
 * AttributeUpdates as an update:
 *
 *   {a: PUT v}        SET a = :v
 *   {a: DELETE}       REMOVE a
 *   {a: DELETE set}   DELETE a :set
 *   {a: ADD v}        ADD a :v                                         number or set
 *   {a: ADD list}     SET a = list_append(if_not_exists(a, []), :list)
 *
 * Names and values as in api/expression/legacy.h.
 */

#ifndef REHEARSEDB_API_EXPRESSION_LEGACY_UPDATE_H
#define REHEARSEDB_API_EXPRESSION_LEGACY_UPDATE_H

#include "api/expression/ast.h"
#include "api/expression/expression.h"

enum legacy_action {
    LEGACY_PUT,
    LEGACY_ADD,
    LEGACY_DELETE,
};

/* One attribute and what is done to it. */
struct legacy_update {
    struct bytes attribute_name;
    enum legacy_action action;
    bool has_value;
    struct attribute_value value;
};

/* Whether the action takes a value, and one of this type. */
bool legacy_update_check(struct expression_context *context, const struct legacy_update *update);

/* Checked updates, at least one. */
bool legacy_update_join(struct expression_context *context,
                        const struct legacy_update *updates,
                        size_t count,
                        struct update **out_update);

#endif
