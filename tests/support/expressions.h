/*
 * Expressions for tests: parsed and resolved in one step, with placeholder tables written as map
 * literals (tests/support/literal.h), for example "{#a: 'name'}" and "{:v: 1}"; NULL for none.
 *
 * Each returns the refusal as text, or "" when the expression is accepted.
 */

#ifndef REHEARSEDB_TESTS_SUPPORT_EXPRESSIONS_H
#define REHEARSEDB_TESTS_SUPPORT_EXPRESSIONS_H

#include "api/expression/placeholders.h"

struct placeholders
expressions_placeholders(struct arena *arena, const char *names, const char *values);

const char *expressions_refusal(const struct expression_context *context);

const char *expressions_condition(struct expression_context *context,
                                  const char *text,
                                  const char *names,
                                  const char *values,
                                  struct condition **out_condition);

const char *expressions_projection(struct expression_context *context,
                                   const char *text,
                                   const char *names,
                                   struct projection **out_projection);

const char *expressions_update(struct expression_context *context,
                               const char *text,
                               const char *names,
                               const char *values,
                               struct update **out_update);

#endif
