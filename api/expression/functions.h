/*
 * The functions of condition and of update expressions, and the comparators: one row each. Names
 * are case-sensitive. To the service's messages "+" and "-" are functions, too.
 */

#ifndef REHEARSEDB_API_EXPRESSION_FUNCTIONS_H
#define REHEARSEDB_API_EXPRESSION_FUNCTIONS_H

#include "api/expression/ast.h"

/* FUNCTION_COUNT when there is no function of that name. */
enum expression_function function_of_name(struct bytes name);

/* The names as in the language; static text. */
const char *function_name(enum expression_function function);
const char *comparator_name(enum comparator comparator);

/* Of update expressions; else of conditions. */
bool function_is_for_updates(enum expression_function function);

size_t function_arguments_count(enum expression_function function);

#endif
