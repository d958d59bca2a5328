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

/*
 * The same of a template that is deployed (`options->look_up`). NULL: `out_error` is the message of
 * the ValidationError; what is not known yet is no error, but unknown.
 */
const struct node *resolve_deployed(struct arena *arena,
                                    const struct node *document,
                                    const struct template_options *options,
                                    const struct node *node,
                                    const char **out_error);

/* Whether the template's condition of that name holds. */
enum truth resolve_condition(struct arena *arena,
                             const struct node *document,
                             const struct template_options *options,
                             const char *name);

#endif
