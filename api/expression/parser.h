/*
 * Text -> tree. One function per grammar rule in parser.c; the whole grammar:
 *
 *   condition  = disjunction END
 *   disjunction = conjunction { OR conjunction }
 *   conjunction = negation { AND negation }
 *   negation   = { NOT } primary
 *   primary    = "(" disjunction ")" | function | comparison
 *   comparison = operand comparator operand
 *              | operand BETWEEN operand AND operand
 *              | operand IN "(" operand { "," operand } ")"
 *   operand    = "(" operand ")" | value | function | path
 *   function   = NAME "(" operand { "," operand } ")"
 *   path       = name { "." name | "[" NUMBER "]" }     name = NAME | #PLACEHOLDER
 *   projection = path { "," path } END
 *
 * Refuses, in AWS's order: size, emptiness, syntax, redundant parentheses, number of operators,
 * unknown functions, functions out of place, reserved words. What needs the placeholder tables
 * comes with condition_resolve and projection_resolve.
 */

#ifndef REHEARSEDB_API_EXPRESSION_PARSER_H
#define REHEARSEDB_API_EXPRESSION_PARSER_H

#include "api/expression/ast.h"
#include "api/expression/expression.h"

/* For condition, filter and key condition expressions; the tree borrows `text`. */
bool condition_parse(struct expression_context *context,
                     struct bytes text,
                     struct condition **out_condition);

bool projection_parse(struct expression_context *context,
                      struct bytes text,
                      struct projection **out_projection);

#endif
