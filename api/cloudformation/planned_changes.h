/*
 * What an operation would change, found before anything is: for change sets, and to tell an update
 * that changes nothing. The stack's record and its templates are compared, nothing is called.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_PLANNED_CHANGES_H
#define REHEARSEDB_API_CLOUDFORMATION_PLANNED_CHANGES_H

#include "api/cloudformation/change_set.h"
#include "api/cloudformation/deployment.h"

struct planned_changes {
    struct resource_change *items; /* in the template's order, then what is removed */
    size_t count;
    bool has_others; /* tags or outputs of the stack itself are changed */
};

/*
 * `template` with `target` against the stack as it is; all in the deployment's arena. The stack's
 * operation must have its caller. False: `out_error` is the message of a ValidationError.
 */
bool planned_changes_find(struct deployment *deployment,
                          const struct stack_template *stack_template,
                          const struct stack_content *target,
                          struct planned_changes *out_changes,
                          const char **out_error);

#endif
