/*
 * What a template's functions refer to, found and checked without evaluating any: the shape of each
 * call, the names in it, what depends on what, and circles.
 *
 * Pure; memory is the arena's.
 */

#ifndef REHEARSEDB_API_TEMPLATE_REFERENCES_H
#define REHEARSEDB_API_TEMPLATE_REFERENCES_H

#include <stdbool.h>

struct arena;
struct resource_declaration;
struct stack_template;

/*
 * `out_template` holds the declarations; `resources` are its own, which get their dependencies, and
 * it gets their order. False: `out_error` is the message of the ValidationError.
 */
bool references_check(struct arena *arena,
                      struct stack_template *out_template,
                      struct resource_declaration *resources,
                      const char **out_error);

#endif
