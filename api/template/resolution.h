/*
 * One evaluation of functions under way (resolve.h): shared by its two halves, the tree with its
 * conditions (resolve.c) and the functions that give values (resolve_calls.c).
 *
 * All memory is the arena's.
 */

#ifndef REHEARSEDB_API_TEMPLATE_RESOLUTION_H
#define REHEARSEDB_API_TEMPLATE_RESOLUTION_H

#include "api/template/resolve.h"

#include <stddef.h>

enum { /* bounds on what a template can make us do by nesting functions */
       CALL_DEPTH_MAX = 100,
       CALL_COUNT_MAX = 200000, /* calls, and parts of texts that are split */
       TEXT_SIZE_MAX = 8 << 20, /* of all texts together */
};

struct resolution {
    struct arena *arena;
    const struct node *document;
    const struct template_options *options;
    int depth;
    int count;
    size_t text_size;
    const char *error; /* the first of a deployment, in CloudFormation's words; NULL: none */
};

/* Always a node of its own, to be appended anywhere. */
struct node *resolution_resolve(struct resolution *resolution, const struct node *node);

/* Whether the template's condition of that name holds. */
enum truth resolution_condition(struct resolution *resolution, const char *name);

/* What a call gives; `call` is the member that is named after the function. */
struct node *resolution_call(struct resolution *resolution, const struct node *call);

/* More than the bounds above: unknown, and an error for a deployment. */
struct node *resolution_too_much(struct resolution *resolution);

#endif
