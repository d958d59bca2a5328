/*
 * What the operands of a condition or an update must be: how many, which of them paths, of which
 * types. Types are checked as far as the request alone tells them, that is, for values and for
 * size(); an attribute's type is known only when an item is evaluated, and then a wrong one just
 * makes the condition false, and refuses the update.
 */

#ifndef REHEARSEDB_API_EXPRESSION_OPERANDS_H
#define REHEARSEDB_API_EXPRESSION_OPERANDS_H

#include "api/expression/ast.h"
#include "api/expression/expression.h"

/* For one resolved condition that is not AND, OR or NOT. */
bool operands_check(struct expression_context *context, const struct condition *condition);

/* For a whole resolved update: ADD and DELETE first, then the functions. */
bool operands_check_update(struct expression_context *context, const struct update *update);

/* True and the type when the request alone tells it; if_not_exists passes for its second operand.
 */
bool operand_known_type(const struct operand *operand, enum attribute_type *out_type);

#endif
