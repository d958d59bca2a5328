#include "api/cloudformation/resource_task.h"

#include "api/cloudformation/deployment_target.h"
#include "api/cloudformation/resource_deletion.h"
#include "api/cloudformation/resource_name.h"
#include "api/cloudformation/service_call.h"
#include "api/cloudformation/stack_store.h"
#include "api/cloudformation/table_calls.h"
#include "api/template/json_document.h"
#include "api/template/node.h"
#include "api/template/table_change.h"
#include "storage/base/arena.h"

#include <string.h>

enum {
    TEXT_SIZE_FIRST = 256,
};

bool resource_is_table(const char *type)
{
    enum resource_kind kind = stack_template_kind(type);
    return kind == RESOURCE_TABLE || kind == RESOURCE_GLOBAL_TABLE;
}

static bool is_new(const struct stack_task *task)
{
    return task->action == TASK_CREATE || task->action == TASK_REPLACE;
}

static const struct node *read_json(struct arena *arena, const char *text)
{
    const struct node *node;
    struct document_error error;
    return json_document_read(arena, bytes_of_text(text), &node, &error) ? node : NULL;
}

static const char *finish(const struct buffer *text)
{
    return bytes_to_text(text->arena, buffer_view(text));
}

/* ---- what is told ---- */

static const char *choose_physical_id(struct deployment *deployment, const struct stack_task *task)
{
    struct arena *arena = deployment->arena;
    const struct node *properties = read_json(arena, task->properties);
    if (!resource_is_table(task->type)) {
        return resource_physical_name(arena, deployment->stack->name, task->logical_id);
    }
    return node_text(node_member(properties, "TableName"),
                     resource_physical_name(arena, deployment->stack->name, task->logical_id));
}

static void fail(struct deployment *deployment,
                 struct stack_task *task,
                 struct stack_resource *resource,
                 const char *reason)
{
    enum resource_status status = RESOURCE_UPDATE_FAILED;
    if (task->action == TASK_CREATE) {
        status = RESOURCE_CREATE_FAILED;
    } else if (task->action == TASK_DELETE) {
        status = RESOURCE_DELETE_FAILED;
    }
    task->state = TASK_FAILED;
    deployment_set_resource(deployment, resource, status, reason);
}

/* The old one of a replacement is told of by the resource's name but its own id. */
static struct stack_resource *resource_of(struct deployment *deployment, struct stack_task *task)
{
    struct stack_resource *resource =
        stack_resources_find(&deployment->stack->resources, task->logical_id);
    if (resource != NULL && !task->is_replaced) {
        return resource;
    }
    struct stack_resource *old = arena_alloc(deployment->arena, sizeof *old);
    *old = (struct stack_resource){ .logical_id = task->logical_id,
                                    .type = task->type,
                                    .physical_id = task->physical_id,
                                    .reason = "",
                                    .properties = task->properties };
    return old;
}

static void tell_creation_initiated(struct deployment *deployment,
                                    struct stack_task *task,
                                    struct stack_resource *resource)
{
    task->is_made = true;
    resource->physical_id = task->physical_id;
    deployment_set_resource(deployment, resource,
                            task->action == TASK_CREATE ? RESOURCE_CREATE_IN_PROGRESS
                                                        : RESOURCE_UPDATE_IN_PROGRESS,
                            "Resource creation Initiated");
}

static void leave_behind(struct deployment *deployment,
                         const struct stack_task *task,
                         const struct stack_resource *old)
{
    struct task_list *leftovers = &deployment->stack->operation.leftovers;
    struct stack_task *leftover = task_list_add(leftovers, deployment->arena);
    leftover->logical_id = old->logical_id;
    leftover->type = old->type;
    leftover->action = TASK_DELETE;
    leftover->physical_id = old->physical_id;
    leftover->properties = old->properties;
    leftover->deletion = old->update_replace;
    leftover->is_replaced = true;
    (void)task;
}

static void
complete(struct deployment *deployment, struct stack_task *task, struct stack_resource *resource)
{
    struct stack *stack = deployment->stack;
    task->state = TASK_COMPLETE;
    resource->physical_id = task->physical_id;
    resource->properties = task->properties;
    if (task->action == TASK_REPLACE) {
        leave_behind(deployment, task,
                     stack_resources_find(&stack->operation.before, task->logical_id));
    }
    bool is_placeholder = stack_template_kind(task->type) == RESOURCE_OTHER;
    deployment_set_resource(
        deployment, resource,
        task->action == TASK_CREATE ? RESOURCE_CREATE_COMPLETE : RESOURCE_UPDATE_COMPLETE,
        is_placeholder ? "Placeholder: rehearsedb has accepted the resource and made nothing" : "");
}

/* ---- beginning ---- */

static bool find_change(struct deployment *deployment,
                        const struct stack_task *task,
                        const char *from,
                        const char *to,
                        struct table_change *out_change,
                        const char **out_error)
{
    struct arena *arena = deployment->arena;
    const struct table_properties properties = {
        .type = task->type,
        .physical_name = task->physical_id,
        .previous = from == NULL ? NULL : read_json(arena, from),
        .next = read_json(arena, to),
    };
    return table_change_find(arena, &properties, out_change, out_error);
}

static void begin_update(struct deployment *deployment,
                         struct stack_task *task,
                         struct stack_resource *resource)
{
    struct table_change change;
    const char *error;
    task->state = TASK_WORKING;
    task->action = TASK_UPDATE;
    task->physical_id = resource->physical_id;
    if (resource_is_table(task->type) &&
        find_change(deployment, task, resource->properties, task->properties, &change, &error) &&
        change.verdict == VERDICT_REPLACEMENT && change.message == NULL) {
        task->action = TASK_REPLACE;
        task->physical_id = choose_physical_id(deployment, task);
    }
    deployment_set_resource(deployment, resource, RESOURCE_UPDATE_IN_PROGRESS,
                            task->action == TASK_REPLACE
                                ? "Requested update requires the creation of a new physical "
                                  "resource; hence creating one."
                                : "");
}

static void begin_forward(struct deployment *deployment, struct stack_task *task)
{
    struct stack *stack = deployment->stack;
    const struct stack_resource *before =
        stack_resources_find(&stack->operation.before, task->logical_id);
    struct stack_resource *resource = stack_resources_find(&stack->resources, task->logical_id);
    const struct resource_declaration *declaration =
        stack_template_find_resource(deployment_template(deployment), task->logical_id);
    const char *error;
    if (resource == NULL) {
        resource = stack_resources_add(&stack->resources, deployment->arena);
        resource->logical_id = task->logical_id;
        resource->type = task->type;
    }
    task->action = before == NULL ? TASK_CREATE : TASK_UPDATE;
    if (!deployment_properties(deployment, task->logical_id, &task->properties, &error)) {
        fail(deployment, task, resource, error);
        return;
    }
    resource->deletion = declaration->deletion;
    if (before == NULL) {
        task->state = TASK_WORKING;
        task->physical_id = choose_physical_id(deployment, task);
        deployment_set_resource(deployment, resource, RESOURCE_CREATE_IN_PROGRESS, "");
    } else if (strcmp(resource->properties, task->properties) == 0) {
        task->action = TASK_NOTHING;
        task->state = TASK_COMPLETE;
        task->physical_id = resource->physical_id;
    } else {
        begin_update(deployment, task, resource);
    }
    resource->update_replace = declaration->update_replace;
}

/* Back to what it was: the way forward may have got as far as its last call, or not begun. */
static void begin_restoring(struct deployment *deployment, struct stack_task *task)
{
    struct stack_operation *operation = &deployment->stack->operation;
    struct stack_resource *resource =
        stack_resources_find(&deployment->stack->resources, task->logical_id);
    const struct stack_resource *before =
        stack_resources_find(&operation->before, task->logical_id);
    const struct stack_task *done = task_list_find(&operation->done, task->logical_id);
    if (done->action == TASK_REPLACE && done->is_made) {
        leave_behind(deployment, task, resource);
    }
    task->state = TASK_WORKING;
    task->physical_id = before->physical_id;
    task->properties = before->properties;
    resource->physical_id = before->physical_id;
    resource->deletion = before->deletion;
    resource->update_replace = before->update_replace;
    if (resource_is_spared(operation, task)) {
        complete(deployment, task, resource); /* as if it were so */
    } else {
        deployment_set_resource(deployment, resource, RESOURCE_UPDATE_IN_PROGRESS, "");
    }
}

void resource_task_begin(struct deployment *deployment, struct stack_task *task)
{
    if (task->action == TASK_DELETE) {
        resource_deletion_begin(deployment, task, resource_of(deployment, task));
    } else if (task->action == TASK_RESTORE) {
        begin_restoring(deployment, task);
    } else {
        begin_forward(deployment, task);
    }
}

/* ---- calls ---- */

static bool was_sent_before(const struct deployment *deployment, const struct stack_task *task)
{
    return task->sent_by[0] != '\0' && strcmp(task->sent_by, deployment->run) != 0;
}

/* Before it is sent it was not so; now it is, or it cannot be sent again: so it was done. */
static bool was_done_before(const struct deployment *deployment,
                            const struct stack_task *task,
                            const struct call_outcome *outcome)
{
    return was_sent_before(deployment, task) && strcmp(outcome->error, "ValidationException") == 0;
}

static const char *name_taken_reason(struct deployment *deployment, const struct stack_task *task)
{
    struct txn txn;
    struct buffer reason;
    txn_begin_read(deployment->env, &txn);
    const struct stack *owner = stack_of_table(
        &txn, deployment->arena, bytes_of_text(deployment->stack->world), task->physical_id);
    txn_abort(&txn);
    buffer_init(&reason, deployment->arena, TEXT_SIZE_FIRST);
    buffer_append_format(&reason, "%s already exists", task->physical_id);
    if (owner != NULL) {
        buffer_append_format(&reason, " in stack %s", owner->id);
    }
    return finish(&reason);
}

static void advance(struct deployment *deployment,
                    struct stack_task *task,
                    struct stack_resource *resource,
                    const struct call *call)
{
    task->position++;
    task->sent_by = "";
    task->tries = 0;
    if (strcmp(call->operation, "CreateTable") == 0) {
        tell_creation_initiated(deployment, task, resource);
    }
}

static void make_call(struct deployment *deployment,
                      struct stack_task *task,
                      struct stack_resource *resource,
                      struct call *call)
{
    struct table_state state;
    struct call_outcome outcome;
    table_state_read(deployment->api, deployment->arena, deployment->stack->world,
                     task->physical_id, &state);
    if (task->sent_by[0] == '\0') {
        if (strcmp(call->operation, "CreateTable") == 0 && state.exists) {
            fail(deployment, task, resource, name_taken_reason(deployment, task));
            return;
        }
        if (!table_call_is_so(call, &state)) {
            task->sent_by = deployment->run; /* saved before the call is made */
            return;
        }
    } else if (table_call_is_so(call, &state)) {
        advance(deployment, task, resource, call);
        return;
    }
    service_call_make(deployment->api, deployment->arena, deployment->stack, call->operation,
                      table_call_input(deployment->arena, call, &state), &outcome);
    if (outcome.is_done || was_done_before(deployment, task, &outcome)) {
        advance(deployment, task, resource, call);
    } else if (!outcome.is_worth_repeating || !deployment_retry(deployment, task)) {
        fail(deployment, task, resource, outcome.reason);
    }
}

/* Whether what the last call began has come to its end, as far as CloudFormation waits for it. */
static bool is_settled(const struct deployment *deployment,
                       const struct stack_task *task,
                       const struct call *call)
{
    struct table_state state;
    table_state_read(deployment->api, deployment->arena, deployment->stack->world,
                     task->physical_id, &state);
    if (!state.exists) {
        return true; /* somebody has deleted it: the next call says so */
    }
    if (call->wait == CALL_WAIT_NONE) {
        return true;
    }
    const struct index_state *index =
        call->index == NULL ? NULL : table_state_index(&state, call->index);
    bool waits_for_index = call->wait == CALL_WAIT_INDEX && deployment->waits_for_backfill;
    return state.is_active && !(call->wait == CALL_WAIT_INDEX_GONE && index != NULL) &&
           !(waits_for_index && index != NULL && !index->is_active);
}

/* ---- going on ---- */

/*
 * Of the calls back to the old properties those that take back what was done. An index that the
 * update was adding stays: "you must manually delete the index".
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
 */
static void keep_calls_back(struct deployment *deployment,
                            const struct stack_task *task,
                            struct call_list *calls)
{
    const struct stack_task *done =
        task_list_find(&deployment->stack->operation.done, task->logical_id);
    struct table_change forward;
    const char *error;
    size_t made = done->position + (done->sent_by[0] != '\0' ? 1 : 0);
    size_t kept = 0;
    if (done->action != TASK_UPDATE ||
        !find_change(deployment, task, task->properties, done->properties, &forward, &error)) {
        calls->count = 0;
        return;
    }
    for (size_t i = 0; i < calls->count; i++) {
        if (table_call_of_index(&calls->items[i]) != INDEX_CALL_DELETE &&
            table_call_takes_back(&calls->items[i], &forward.calls, made)) {
            calls->items[kept++] = calls->items[i];
        }
    }
    calls->count = kept;
}

/* The calls of the task; false: it is refused, with the resource's reason. */
static bool find_calls(struct deployment *deployment,
                       const struct stack_task *task,
                       struct call_list *out_calls,
                       const char **out_reason)
{
    const struct stack_operation *operation = &deployment->stack->operation;
    const struct stack_resource *before =
        stack_resources_find(&operation->before, task->logical_id);
    const struct stack_task *done = task_list_find(&operation->done, task->logical_id);
    struct table_change change;
    const char *from = is_new(task) ? NULL : before->properties;
    if (task->action == TASK_RESTORE) {
        from = done->properties;
        if (from[0] == '\0') {
            *out_calls = (struct call_list){ 0 };
            return true;
        }
    }
    if (!find_change(deployment, task, from, task->properties, &change, out_reason)) {
        return false;
    }
    *out_calls = change.calls;
    if (task->action == TASK_RESTORE) {
        keep_calls_back(deployment, task, out_calls);
    } else if (change.message != NULL && !is_new(task)) {
        *out_reason = change.is_wrapped
                          ? handler_reason(deployment->arena, change.message, "InvalidRequest")
                          : change.message;
        return false;
    }
    return true;
}

/*
 * What the way forward began must end before anything of it is taken back; and what may have been
 * called must have come to its end, to be told from what was not.
 */
static bool must_rest(const struct deployment *deployment,
                      const struct stack_task *task,
                      const struct call_list *calls)
{
    struct table_state state;
    bool takes_back = task->action == TASK_RESTORE && task->position == 0 && calls->count > 0;
    bool changes_index = false;
    if (!takes_back && !was_sent_before(deployment, task)) {
        return false;
    }
    table_state_read(deployment->api, deployment->arena, deployment->stack->world,
                     task->physical_id, &state);
    for (size_t i = 0; takes_back && i < calls->count; i++) {
        changes_index = changes_index || calls->items[i].index != NULL;
    }
    bool must_rest = state.exists && !state.is_active;
    for (size_t i = 0; changes_index && i < state.index_count; i++) {
        must_rest = must_rest || !state.indexes[i].is_active;
    }
    return must_rest;
}

static bool
step_table(struct deployment *deployment, struct stack_task *task, struct stack_resource *resource)
{
    struct call_list calls;
    const char *reason;
    if (!find_calls(deployment, task, &calls, &reason)) {
        fail(deployment, task, resource, reason);
        return true;
    }
    if (must_rest(deployment, task, &calls)) {
        return false;
    }
    if (task->position > 0 && task->position <= calls.count &&
        !is_settled(deployment, task, &calls.items[task->position - 1])) {
        return false;
    }
    if (task->position < calls.count) {
        make_call(deployment, task, resource, &calls.items[task->position]);
    } else {
        complete(deployment, task, resource);
    }
    return true;
}

static bool step_placeholder(struct deployment *deployment,
                             struct stack_task *task,
                             struct stack_resource *resource)
{
    if (is_new(task) && !task->is_made) {
        tell_creation_initiated(deployment, task, resource);
    } else {
        complete(deployment, task, resource);
    }
    return true;
}

bool resource_task_step(struct deployment *deployment, struct stack_task *task)
{
    struct stack_resource *resource = resource_of(deployment, task);
    if (task->action == TASK_DELETE) {
        return resource_deletion_step(deployment, task, resource);
    }
    return resource_is_table(task->type) ? step_table(deployment, task, resource)
                                         : step_placeholder(deployment, task, resource);
}
