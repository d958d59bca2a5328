#include "api/cloudformation/deployment.h"

#include "api/cloudformation/deployment_target.h"
#include "api/cloudformation/resource_task.h"
#include "api/cloudformation/stack_store.h"
#include "storage/base/arena.h"

#include <string.h>

enum {
    REASON_SIZE_FIRST = 256,
    TRIES_MAX = 18, /* 17 seconds in all: longer than any pause that DynamoDB throttles */
    RETRY_MS = 100,
};

/* ---- what is told ---- */

void deployment_set_status(struct deployment *deployment,
                           enum stack_status status,
                           const char *reason)
{
    struct stack *stack = deployment->stack;
    stack->status = status;
    stack->reason = reason;
    stack_event_tell(&deployment->events, deployment->arena, stack, deployment->now_ms);
}

void deployment_set_resource(struct deployment *deployment,
                             struct stack_resource *resource,
                             enum resource_status status,
                             const char *reason)
{
    resource->status = status;
    resource->reason = reason;
    stack_event_tell_resource(&deployment->events, deployment->arena, deployment->stack, resource,
                              deployment->now_ms);
    resource->updated_ms = deployment->stack->last_event_ms;
}

bool deployment_retry(struct deployment *deployment, struct stack_task *task)
{
    if (task->tries == TRIES_MAX) {
        return false;
    }
    task->tries++;
    deployment->stack->operation.due_ms = deployment->now_ms + (int64_t)task->tries * RETRY_MS;
    return true;
}

static const char *finish(const struct buffer *text)
{
    return bytes_to_text(text->arena, buffer_view(text));
}

static bool is_failure_of(const struct stack_task *task, enum task_action action)
{
    bool creates = task->action == TASK_CREATE;
    bool deletes = task->action == TASK_DELETE;
    if (task->state != TASK_FAILED && task->state != TASK_CANCELLED) {
        return false;
    }
    return action == TASK_CREATE ? creates : action == TASK_DELETE ? deletes : !creates && !deletes;
}

static void append_failures(struct buffer *reason,
                            const struct task_list *tasks,
                            enum task_action action,
                            const char *verb)
{
    const char *separator = "";
    for (size_t i = 0; i < tasks->count; i++) {
        if (is_failure_of(&tasks->items[i], action)) {
            if (separator[0] == '\0') {
                buffer_append_format(reason, "The following resource(s) failed to %s: [", verb);
            }
            buffer_append_format(reason, "%s%s", separator, tasks->items[i].logical_id);
            separator = ", ";
        }
    }
    if (separator[0] != '\0') {
        buffer_append_text(reason, "]. ");
    }
}

static const char *failure_reason(struct deployment *deployment)
{
    const struct task_list *tasks = &deployment->stack->operation.tasks;
    struct buffer reason;
    buffer_init(&reason, deployment->arena, REASON_SIZE_FIRST);
    append_failures(&reason, tasks, TASK_CREATE, "create");
    append_failures(&reason, tasks, TASK_UPDATE, "update");
    append_failures(&reason, tasks, TASK_DELETE, "delete");
    return finish(&reason);
}

/* ---- tasks ---- */

static struct stack_task *
add_task(struct deployment *deployment, const char *logical_id, const char *type)
{
    struct task_list *tasks = &deployment->stack->operation.tasks;
    struct stack_task *task = task_list_add(tasks, deployment->arena);
    task->logical_id = logical_id;
    task->type = type;
    return task;
}

static void add_deletion(struct deployment *deployment,
                         struct task_list *tasks,
                         const struct stack_resource *resource)
{
    struct stack_task *task = task_list_add(tasks, deployment->arena);
    task->logical_id = resource->logical_id;
    task->type = resource->type;
    task->action = TASK_DELETE;
    task->physical_id = resource->physical_id;
    task->properties = resource->properties;
    task->deletion = resource->deletion;
}

static bool is_gone(const struct stack_resource *resource)
{
    return resource->status == RESOURCE_DELETE_COMPLETE ||
           resource->status == RESOURCE_DELETE_SKIPPED;
}

static void plan_deletions(struct deployment *deployment)
{
    const struct stack_resources *resources = &deployment->stack->resources;
    for (size_t i = resources->count; i > 0; i--) {
        if (!is_gone(&resources->items[i - 1])) {
            add_deletion(deployment, &deployment->stack->operation.tasks, &resources->items[i - 1]);
        }
    }
}

static void plan_target(struct deployment *deployment, const struct stack_template *template)
{
    struct stack *stack = deployment->stack;
    struct stack_operation *operation = &stack->operation;
    struct stack_environment environment = deployment_environment(deployment, &operation->target);
    for (size_t i = 0; i < template->resource_count; i++) {
        const struct resource_declaration *declaration = &template->resources[template->order[i]];
        if (stack_values_has_resource(deployment->arena, template, &environment, declaration)) {
            (void)add_task(deployment, declaration->logical_id, declaration->type);
        }
    }
    for (size_t i = operation->before.count; i > 0; i--) {
        const struct stack_resource *resource = &operation->before.items[i - 1];
        if (task_list_find(&operation->tasks, resource->logical_id) == NULL) {
            add_deletion(deployment, &operation->leftovers, resource);
        }
    }
}

/* ---- ends ---- */

static void
end_operation(struct deployment *deployment, enum stack_status status, const char *reason)
{
    struct stack_operation *operation = &deployment->stack->operation;
    operation->tasks.count = 0;
    operation->done.count = 0;
    operation->leftovers.count = 0;
    operation->before.count = 0;
    operation->kind = OPERATION_NONE;
    deployment_set_status(deployment, status, reason);
}

/* Where nothing goes back by itself the operation stays, for who wants to go back later. */
static void stop(struct deployment *deployment, const char *reason)
{
    const struct stack_operation *operation = &deployment->stack->operation;
    if (operation->kind == OPERATION_DELETE) {
        end_operation(deployment, STACK_DELETE_FAILED, reason);
    } else if (operation->phase == PHASE_BACK) {
        deployment_set_status(deployment,
                              operation->kind == OPERATION_CREATE ? STACK_ROLLBACK_FAILED
                                                                  : STACK_UPDATE_ROLLBACK_FAILED,
                              reason);
    } else {
        deployment_set_status(deployment,
                              operation->kind == OPERATION_CREATE ? STACK_CREATE_FAILED
                                                                  : STACK_UPDATE_FAILED,
                              reason);
    }
}

static bool was_begun(const struct stack_task *task)
{
    return task->state != TASK_WAITING && task->action != TASK_NOTHING;
}

static void plan_way_back(struct deployment *deployment)
{
    struct stack *stack = deployment->stack;
    struct stack_operation *operation = &stack->operation;
    if (operation->phase != PHASE_BACK) { /* else it is taken up again */
        operation->done = operation->tasks;
        operation->leftovers = (struct task_list){ 0 };
    }
    operation->phase = PHASE_BACK;
    operation->tasks = (struct task_list){ 0 };
    operation->due_ms = 0;
    if (operation->kind == OPERATION_CREATE) {
        plan_deletions(deployment);
        return;
    }
    for (size_t i = operation->done.count; i > 0; i--) {
        const struct stack_task *done = &operation->done.items[i - 1];
        const struct stack_resource *resource =
            stack_resources_find(&stack->resources, done->logical_id);
        if (!was_begun(done) || resource == NULL) {
            continue;
        }
        if (done->action == TASK_CREATE) {
            add_deletion(deployment, &operation->leftovers, resource);
        } else {
            add_task(deployment, done->logical_id, done->type)->action = TASK_RESTORE;
        }
    }
}

void deployment_go_back(struct deployment *deployment, const char *reason)
{
    struct stack_operation *operation = &deployment->stack->operation;
    plan_way_back(deployment);
    deployment_set_status(deployment,
                          operation->kind == OPERATION_CREATE ? STACK_ROLLBACK_IN_PROGRESS
                                                              : STACK_UPDATE_ROLLBACK_IN_PROGRESS,
                          reason);
}

/* What may have been made already, with the answer not yet written down, is the stack's to delete.
 */
static void adopt(struct stack_task *task, struct stack_resource *resource)
{
    bool is_new = task->action == TASK_CREATE || task->action == TASK_REPLACE;
    if (is_new && task->sent_by[0] != '\0') {
        task->is_made = true;
        resource->physical_id = task->physical_id;
    }
}

void deployment_cancel_tasks(struct deployment *deployment)
{
    struct task_list *tasks = &deployment->stack->operation.tasks;
    for (size_t i = 0; i < tasks->count; i++) {
        struct stack_task *task = &tasks->items[i];
        if (task->state == TASK_WORKING) {
            struct stack_resource *resource =
                stack_resources_find(&deployment->stack->resources, task->logical_id);
            bool creates = task->action == TASK_CREATE;
            task->state = TASK_CANCELLED;
            adopt(task, resource);
            deployment_set_resource(
                deployment, resource, creates ? RESOURCE_CREATE_FAILED : RESOURCE_UPDATE_FAILED,
                creates ? "Resource creation cancelled" : "Resource update cancelled");
        }
    }
}

static void delete_failed_stack(struct deployment *deployment, const char *reason)
{
    struct stack_operation *operation = &deployment->stack->operation;
    operation->kind = OPERATION_DELETE;
    operation->phase = PHASE_FORWARD;
    operation->tasks = (struct task_list){ 0 };
    deployment_set_status(deployment, STACK_DELETE_IN_PROGRESS, reason);
    plan_deletions(deployment);
}

/* `why` ends in a blank; what becomes of a new stack is added. */
static void give_up(struct deployment *deployment, const char *why)
{
    const struct stack_operation *operation = &deployment->stack->operation;
    if (operation->kind == OPERATION_DELETE || operation->keeps_failed) {
        stop(deployment, why);
        return;
    }
    if (operation->kind == OPERATION_CREATE) {
        struct buffer text;
        buffer_init(&text, deployment->arena, REASON_SIZE_FIRST);
        buffer_append_format(&text, "%s%s requested by user.", why,
                             operation->deletes_failed ? "Delete" : "Rollback");
        why = finish(&text);
    }
    if (operation->deletes_failed) {
        delete_failed_stack(deployment, why);
    } else {
        deployment_go_back(deployment, why);
    }
}

static void fail_forward(struct deployment *deployment)
{
    if (deployment->stack->operation.kind != OPERATION_DELETE) {
        deployment_cancel_tasks(deployment);
    }
    give_up(deployment, failure_reason(deployment));
}

static bool is_timed_out(const struct deployment *deployment)
{
    const struct stack_operation *operation = &deployment->stack->operation;
    return operation->kind == OPERATION_CREATE && operation->phase == PHASE_FORWARD &&
           operation->times_out_ms != 0 && deployment->now_ms >= operation->times_out_ms;
}

/* The order of the new template; what is to be deleted stays at the end until it is. */
static void order_resources(struct deployment *deployment)
{
    struct stack *stack = deployment->stack;
    struct stack_resources ordered = { 0 };
    const struct task_list *tasks = &stack->operation.tasks;
    for (size_t i = 0; i < tasks->count; i++) {
        *stack_resources_add(&ordered, deployment->arena) =
            *stack_resources_find(&stack->resources, tasks->items[i].logical_id);
    }
    for (size_t i = 0; i < stack->resources.count; i++) {
        const struct stack_resource *resource = &stack->resources.items[i];
        if (task_list_find(tasks, resource->logical_id) == NULL) {
            *stack_resources_add(&ordered, deployment->arena) = *resource;
        }
    }
    stack->resources = ordered;
}

static void arrive(struct deployment *deployment)
{
    struct stack *stack = deployment->stack;
    struct stack_operation *operation = &stack->operation;
    const char *error;
    if (operation->kind == OPERATION_DELETE) {
        stack->deleted_ms = deployment->now_ms;
        end_operation(deployment, STACK_DELETE_COMPLETE, "");
        return;
    }
    if (!deployment_set_outputs(deployment, &error)) {
        if (operation->keeps_failed) {
            stop(deployment, error);
        } else {
            deployment_go_back(deployment, error);
        }
        return;
    }
    order_resources(deployment);
    stack->content = operation->target;
    if (operation->kind == OPERATION_CREATE) {
        end_operation(deployment, STACK_CREATE_COMPLETE, "");
    } else {
        operation->phase = PHASE_CLEANUP;
        operation->tasks = operation->leftovers;
        operation->leftovers = (struct task_list){ 0 };
        deployment_set_status(deployment, STACK_UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, "");
    }
}

static void arrive_back(struct deployment *deployment)
{
    struct stack_operation *operation = &deployment->stack->operation;
    if (operation->kind == OPERATION_CREATE) {
        deployment->stack->content = operation->target;
        end_operation(deployment, STACK_ROLLBACK_COMPLETE, "");
        return;
    }
    operation->phase = PHASE_CLEANUP;
    operation->goes_back = true;
    operation->tasks = operation->leftovers;
    operation->leftovers = (struct task_list){ 0 };
    deployment_set_status(deployment, STACK_UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS, "");
}

/* ---- steps ---- */

static bool step_plan(struct deployment *deployment)
{
    struct stack *stack = deployment->stack;
    struct stack_operation *operation = &stack->operation;
    operation->phase = PHASE_FORWARD;
    if (operation->kind == OPERATION_DELETE) {
        plan_deletions(deployment);
        return true;
    }
    const struct stack_template *template = deployment_template(deployment);
    if (template == NULL) {
        deployment_go_back(deployment, deployment->template_error);
    } else {
        plan_target(deployment, template);
    }
    return true;
}

/* Whether everything that the task's resource depends on is there. */
static bool may_begin(struct deployment *deployment, const struct stack_task *task)
{
    const struct task_list *tasks = &deployment->stack->operation.tasks;
    if (task->action == TASK_DELETE || task->action == TASK_RESTORE) {
        for (const struct stack_task *it = tasks->items; it < task; it++) {
            if (it->state == TASK_WORKING) {
                return false; /* one after the other */
            }
        }
        return true;
    }
    const struct stack_template *template = deployment_template(deployment);
    const struct resource_declaration *declaration =
        stack_template_find_resource(template, task->logical_id);
    for (size_t i = 0; i < declaration->dependency_count; i++) {
        const struct stack_task *other =
            task_list_find(tasks, template->resources[declaration->dependencies[i]].logical_id);
        if (other != NULL && other->state != TASK_COMPLETE) {
            return false;
        }
    }
    return true;
}

/* The first task that can do something does it. */
static bool step_tasks(struct deployment *deployment)
{
    struct task_list *tasks = &deployment->stack->operation.tasks;
    for (size_t i = 0; i < tasks->count; i++) {
        struct stack_task *task = &tasks->items[i];
        if (task->state == TASK_WORKING && resource_task_step(deployment, task)) {
            return true;
        }
        if (task->state == TASK_WAITING && may_begin(deployment, task)) {
            resource_task_begin(deployment, task);
            return true;
        }
    }
    return false;
}

static size_t count_tasks(const struct task_list *tasks, enum task_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < tasks->count; i++) {
        count += tasks->items[i].state == state ? 1 : 0;
    }
    return count;
}

static void finish_cleanup(struct deployment *deployment)
{
    const struct stack_operation *operation = &deployment->stack->operation;
    bool has_failed = count_tasks(&operation->tasks, TASK_FAILED) > 0;
    const char *reason = has_failed ? "One or more resources could not be deleted." : "";
    end_operation(deployment,
                  operation->goes_back ? STACK_UPDATE_ROLLBACK_COMPLETE : STACK_UPDATE_COMPLETE,
                  reason);
}

/* All that could be done with the tasks is: the phase has come to its end. */
static void end_phase(struct deployment *deployment)
{
    const struct stack_operation *operation = &deployment->stack->operation;
    bool has_failed = count_tasks(&operation->tasks, TASK_FAILED) > 0;
    if (operation->phase == PHASE_CLEANUP) {
        finish_cleanup(deployment);
    } else if (operation->phase == PHASE_BACK && has_failed) {
        stop(deployment, failure_reason(deployment));
    } else if (operation->phase == PHASE_BACK) {
        arrive_back(deployment);
    } else if (has_failed) {
        fail_forward(deployment);
    } else {
        arrive(deployment);
    }
}

bool deployment_step(struct deployment *deployment)
{
    const struct stack_operation *operation = &deployment->stack->operation;
    if (operation->due_ms > deployment->now_ms) {
        return false;
    }
    if (operation->phase == PHASE_PLAN) {
        return step_plan(deployment);
    }
    bool is_broken = operation->phase == PHASE_FORWARD && operation->kind != OPERATION_DELETE &&
                     count_tasks(&operation->tasks, TASK_FAILED) > 0;
    if (is_broken) {
        fail_forward(deployment);
        return true;
    }
    if (is_timed_out(deployment)) {
        deployment_cancel_tasks(deployment);
        give_up(deployment, "Stack creation time exceeded the specified timeout. ");
        return true;
    }
    if (step_tasks(deployment)) {
        return true;
    }
    if (count_tasks(&operation->tasks, TASK_WORKING) > 0) {
        return false;
    }
    end_phase(deployment);
    return true;
}
