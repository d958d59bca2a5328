#include "api/cloudformation/resource_deletion.h"

#include "api/cloudformation/resource_task.h"
#include "api/cloudformation/service_call.h"
#include "api/cloudformation/table_state.h"
#include "api/template/json_document.h"

#include <string.h>

enum { TEXT_SIZE_FIRST = 256 };

bool resource_is_spared(const struct stack_operation *operation, const struct stack_task *task)
{
    for (size_t i = 0; i < operation->retained.count; i++) {
        if (strcmp(operation->retained.items[i], task->logical_id) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_retained(const struct deployment *deployment, const struct stack_task *task)
{
    const struct stack_operation *operation = &deployment->stack->operation;
    if (operation->kind == OPERATION_DELETE && resource_is_spared(operation, task)) {
        return true;
    }
    bool undoes_creation = operation->phase != PHASE_CLEANUP || operation->goes_back;
    if (operation->deletes_new && operation->kind != OPERATION_DELETE && undoes_creation) {
        return false;
    }
    return task->deletion == DELETION_RETAIN ||
           (task->deletion == DELETION_RETAIN_EXCEPT_ON_CREATE &&
            (operation->kind == OPERATION_DELETE || !undoes_creation));
}

/* It is no longer the stack's; of a stack that is deleted the last state of each stays to be seen.
 */
static void leave_stack(struct deployment *deployment, struct stack_task *task)
{
    task->state = TASK_COMPLETE;
    if (!task->is_replaced && deployment->stack->operation.kind == OPERATION_UPDATE) {
        stack_resources_remove(&deployment->stack->resources, task->logical_id);
    }
}

void resource_deletion_begin(struct deployment *deployment,
                             struct stack_task *task,
                             struct stack_resource *resource)
{
    if (is_retained(deployment, task)) {
        deployment_set_resource(deployment, resource, RESOURCE_DELETE_SKIPPED, "");
        leave_stack(deployment, task);
    } else {
        task->state = TASK_WORKING;
        deployment_set_resource(deployment, resource, RESOURCE_DELETE_IN_PROGRESS, "");
    }
}

bool resource_deletion_step(struct deployment *deployment,
                            struct stack_task *task,
                            struct stack_resource *resource)
{
    struct arena *arena = deployment->arena;
    struct table_state state = { 0 };
    struct call_outcome outcome;
    struct buffer input;
    if (resource_is_table(task->type) && task->physical_id[0] != '\0') {
        table_state_read(deployment->api, arena, deployment->stack->world, task->physical_id,
                         &state);
    }
    if (!state.exists) {
        deployment_set_resource(deployment, resource, RESOURCE_DELETE_COMPLETE, "");
        leave_stack(deployment, task);
        return true;
    }
    if (task->position > 0 || !state.is_active) {
        return false; /* DELETING, or on its way to where it can be deleted */
    }
    buffer_init(&input, arena, TEXT_SIZE_FIRST);
    buffer_append_text(&input, "{\"TableName\":");
    json_document_append_text(&input, task->physical_id);
    buffer_append_text(&input, "}");
    service_call_make(deployment->api, arena, deployment->stack, "DeleteTable", buffer_view(&input),
                      &outcome);
    if (outcome.is_done) {
        task->position = 1;
    } else if ((!outcome.is_worth_repeating &&
                strcmp(outcome.error, "ResourceInUseException") != 0) ||
               !deployment_retry(deployment, task)) {
        task->state = TASK_FAILED;
        deployment_set_resource(deployment, resource, RESOURCE_DELETE_FAILED, outcome.reason);
    }
    return true;
}
