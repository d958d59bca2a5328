/*
 * The values of a stack's parameters: given, kept from before, or by default, checked against what
 * the template demands of them.
 *
 * All memory is the arena's; pure but for the caller's function.
 */

#ifndef REHEARSEDB_API_TEMPLATE_STACK_PARAMETERS_H
#define REHEARSEDB_API_TEMPLATE_STACK_PARAMETERS_H

#include "api/template/stack_template.h"

struct given_parameter {
    const char *name;
    const char *value;  /* NULL with `uses_previous` */
    bool uses_previous; /* UsePreviousValue */
};

struct parameter_value {
    const char *name;
    const char *value;    /* what DescribeStacks shows */
    const char *resolved; /* of a parameter in Systems Manager: what stands there; else NULL */
    bool is_no_echo;      /* to be shown as "****" */
};

/* The value of a parameter of Systems Manager, in the arena; NULL: there is none of that name. */
typedef const char *stored_parameter_find(void *context, struct arena *arena, const char *name);

struct parameter_sources {
    const struct given_parameter *given;
    size_t given_count;
    const struct parameter_value *previous; /* of the stack as it is; none for a new one */
    size_t previous_count;
    stored_parameter_find *find_stored;
    void *context;
};

/*
 * One value for each parameter that the template declares, in its order. False: `out_error` is the
 * message of the ValidationError.
 */
bool stack_parameters_settle(struct arena *arena,
                             const struct stack_template *stack_template,
                             const struct parameter_sources *sources,
                             const struct parameter_value **out_values,
                             const char **out_error);

#endif
