/*
 * What stands in a template once its functions are evaluated: properties, conditions, outputs.
 *
 * References to other resources and to exports of other stacks are the caller's to answer. What it
 * does not know yet, because the resource is not there yet, becomes a node that is unknown
 * (NODE_UNKNOWN), in a text that it stands in as well: so a change set can be made before anything
 * is deployed. Everything else that cannot be evaluated is an error, in CloudFormation's words.
 *
 * All memory is the arena's; pure but for the caller's functions.
 */

#ifndef REHEARSEDB_API_TEMPLATE_STACK_VALUES_H
#define REHEARSEDB_API_TEMPLATE_STACK_VALUES_H

#include "api/template/stack_parameters.h"

/*
 * What Ref (`attribute` NULL) or Fn::GetAtt of a resource gives, in the arena; NULL: it is not
 * known yet.
 */
typedef const char *resource_value_find(void *context,
                                        struct arena *arena,
                                        const char *logical_id,
                                        const char *attribute);

/* The value of an export, in the arena; NULL: there is none of that name. */
typedef const char *export_value_find(void *context, struct arena *arena, const char *name);

struct stack_environment {
    const char *account;
    const char *region;
    const char *partition;  /* "aws" */
    const char *url_suffix; /* "amazonaws.com" */
    const char *stack_name;
    const char *stack_id;
    const char *const *notification_arns;
    size_t notification_arn_count;
    const struct parameter_value *parameters; /* of stack_parameters_settle */
    size_t parameter_count;
    resource_value_find *find_resource;
    export_value_find *find_export;
    void *context;
};

/* Whether the resource, or the output, is there at all: its condition holds. */
bool stack_values_has_resource(struct arena *arena,
                               const struct stack_template *stack_template,
                               const struct stack_environment *environment,
                               const struct resource_declaration *resource);

/*
 * The resource's properties with every function evaluated, as an empty map where there are none.
 * False: `out_error` is the message of a ValidationError.
 */
bool stack_values_properties(struct arena *arena,
                             const struct stack_template *stack_template,
                             const struct stack_environment *environment,
                             const struct resource_declaration *resource,
                             const struct node **out_properties,
                             const char **out_error);

struct output_value {
    const char *key;
    const char *value;       /* NULL: not known yet */
    const char *description; /* "": none */
    const char *export_name; /* NULL: it is not exported */
};

/* Those whose condition holds, in the template's order. */
bool stack_values_outputs(struct arena *arena,
                          const struct stack_template *stack_template,
                          const struct stack_environment *environment,
                          const struct output_value **out_outputs,
                          size_t *out_count,
                          const char **out_error);

#endif
