/*
 * CloudFormation's functions and conditions, evaluated on a tree (template.h says how far).
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */

#ifndef REHEARSEDB_API_TEMPLATE_RESOLVE_H
#define REHEARSEDB_API_TEMPLATE_RESOLVE_H

struct arena;
struct node;
struct template_options;

enum truth {
    TRUTH_FALSE,
    TRUTH_TRUE,
    TRUTH_UNKNOWN,
};

/* A copy of `node` with every function in it replaced by what it gives. */
const struct node *resolve_node(struct arena *arena,
                                const struct node *document,
                                const struct template_options *options,
                                const struct node *node);

/* Whether the template's condition of that name holds. */
enum truth resolve_condition(struct arena *arena,
                             const struct node *document,
                             const struct template_options *options,
                             const char *name);

#endif
