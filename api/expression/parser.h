/*
 * Text -> tree. One function per grammar rule in parser.c, operand_parser.c and update_parser.c;
 * the whole grammar:
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
 *   update     = clause { clause } END
 *   clause     = SET assignment { "," assignment }
 *              | REMOVE path { "," path }
 *              | ( ADD | DELETE ) path value { "," path value }
 *   assignment = path "=" right side
 *   right side = "(" right side ")" | operand [ ( "+" | "-" ) operand ]
 *
 * Refuses, in AWS's order: size, emptiness, syntax, redundant parentheses, number of operators,
 * unknown functions, functions out of place, reserved words (in updates before the functions),
 * clauses that come twice. What needs the placeholder tables comes with condition_resolve,
 * projection_resolve and update_resolve.
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

bool update_parse(struct expression_context *context,
                  struct bytes text,
                  struct update **out_update);

#endif
