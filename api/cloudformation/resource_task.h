/*
 * One resource of an operation, step by step, as CloudFormation's handler of it goes: what is
 * called, what is waited for, what is told.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_RESOURCE_TASK_H
#define REHEARSEDB_API_CLOUDFORMATION_RESOURCE_TASK_H

#include "api/cloudformation/deployment.h"

/*
 * A task that waits begins: what is to be done is found out and told. It is then WORKING, COMPLETE
 * when there is nothing to do, or FAILED.
 */
void resource_task_begin(struct deployment *deployment, struct stack_task *task);

/* A task that is WORKING goes on. False: it waits for time to pass; nothing is changed. */
bool resource_task_step(struct deployment *deployment, struct stack_task *task);

/* A table, whether global or not. */
bool resource_is_table(const char *type);

#endif
