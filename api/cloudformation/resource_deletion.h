/* A resource that leaves its stack: deleted, or kept where its policy or somebody's wish says so.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_RESOURCE_DELETION_H
#define REHEARSEDB_API_CLOUDFORMATION_RESOURCE_DELETION_H

#include "api/cloudformation/deployment.h"

/* Somebody has asked to leave the resource alone. */
bool resource_is_spared(const struct stack_operation *operation, const struct stack_task *task);

/* The two of resource_task.h, for a TASK_DELETE; `resource` is what is told of. */
void resource_deletion_begin(struct deployment *deployment,
                             struct stack_task *task,
                             struct stack_resource *resource);
bool resource_deletion_step(struct deployment *deployment,
                            struct stack_task *task,
                            struct stack_resource *resource);

#endif
