#include "api/cloudformation/stack.h"

#include "storage/base/arena.h"

#include <string.h>

static const char *const STACK_NAMES[STACK_STATUS_COUNT] = {
    [STACK_REVIEW_IN_PROGRESS] = "REVIEW_IN_PROGRESS",
    [STACK_CREATE_IN_PROGRESS] = "CREATE_IN_PROGRESS",
    [STACK_CREATE_FAILED] = "CREATE_FAILED",
    [STACK_CREATE_COMPLETE] = "CREATE_COMPLETE",
    [STACK_ROLLBACK_IN_PROGRESS] = "ROLLBACK_IN_PROGRESS",
    [STACK_ROLLBACK_FAILED] = "ROLLBACK_FAILED",
    [STACK_ROLLBACK_COMPLETE] = "ROLLBACK_COMPLETE",
    [STACK_UPDATE_IN_PROGRESS] = "UPDATE_IN_PROGRESS",
    [STACK_UPDATE_COMPLETE_CLEANUP_IN_PROGRESS] = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    [STACK_UPDATE_COMPLETE] = "UPDATE_COMPLETE",
    [STACK_UPDATE_FAILED] = "UPDATE_FAILED",
    [STACK_UPDATE_ROLLBACK_IN_PROGRESS] = "UPDATE_ROLLBACK_IN_PROGRESS",
    [STACK_UPDATE_ROLLBACK_FAILED] = "UPDATE_ROLLBACK_FAILED",
    [STACK_UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS] =
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    [STACK_UPDATE_ROLLBACK_COMPLETE] = "UPDATE_ROLLBACK_COMPLETE",
    [STACK_DELETE_IN_PROGRESS] = "DELETE_IN_PROGRESS",
    [STACK_DELETE_FAILED] = "DELETE_FAILED",
    [STACK_DELETE_COMPLETE] = "DELETE_COMPLETE",
};

static const char *const RESOURCE_NAMES[RESOURCE_STATUS_COUNT] = {
    [RESOURCE_CREATE_IN_PROGRESS] = "CREATE_IN_PROGRESS",
    [RESOURCE_CREATE_FAILED] = "CREATE_FAILED",
    [RESOURCE_CREATE_COMPLETE] = "CREATE_COMPLETE",
    [RESOURCE_UPDATE_IN_PROGRESS] = "UPDATE_IN_PROGRESS",
    [RESOURCE_UPDATE_FAILED] = "UPDATE_FAILED",
    [RESOURCE_UPDATE_COMPLETE] = "UPDATE_COMPLETE",
    [RESOURCE_DELETE_IN_PROGRESS] = "DELETE_IN_PROGRESS",
    [RESOURCE_DELETE_FAILED] = "DELETE_FAILED",
    [RESOURCE_DELETE_COMPLETE] = "DELETE_COMPLETE",
    [RESOURCE_DELETE_SKIPPED] = "DELETE_SKIPPED",
};

const char *stack_status_name(enum stack_status status)
{
    return STACK_NAMES[status];
}

const char *resource_status_name(enum resource_status status)
{
    return RESOURCE_NAMES[status];
}

bool stack_status_is_busy(enum stack_status status)
{
    const char *name = STACK_NAMES[status];
    const char *suffix = "_IN_PROGRESS";
    size_t length = strlen(name);
    return status != STACK_REVIEW_IN_PROGRESS && length > strlen(suffix) &&
           strcmp(name + length - strlen(suffix), suffix) == 0;
}

const struct stack_content *stack_shown_content(const struct stack *stack)
{
    bool is_ahead =
        stack->status == STACK_CREATE_IN_PROGRESS || stack->status == STACK_CREATE_FAILED ||
        stack->status == STACK_ROLLBACK_IN_PROGRESS || stack->status == STACK_ROLLBACK_FAILED ||
        stack->status == STACK_ROLLBACK_COMPLETE || stack->status == STACK_UPDATE_IN_PROGRESS ||
        stack->status == STACK_UPDATE_FAILED;
    return is_ahead && stack->operation.kind != OPERATION_NONE ? &stack->operation.target
                                                               : &stack->content;
}

struct stack_resource *stack_resources_find(const struct stack_resources *resources,
                                            const char *logical_id)
{
    for (size_t i = 0; i < resources->count; i++) {
        if (strcmp(resources->items[i].logical_id, logical_id) == 0) {
            return &resources->items[i];
        }
    }
    return NULL;
}

struct stack_task *task_list_find(const struct task_list *tasks, const char *logical_id)
{
    for (size_t i = 0; i < tasks->count; i++) {
        if (strcmp(tasks->items[i].logical_id, logical_id) == 0) {
            return &tasks->items[i];
        }
    }
    return NULL;
}

struct stack_resource *stack_resources_add(struct stack_resources *resources, struct arena *arena)
{
    size_t size = resources->count * sizeof *resources->items;
    resources->items = arena_grow(arena, resources->items, size, size + sizeof *resources->items);
    struct stack_resource *added = &resources->items[resources->count++];
    *added = (struct stack_resource){
        .logical_id = "", .type = "", .physical_id = "", .reason = "", .properties = ""
    };
    return added;
}

struct stack_task *task_list_add(struct task_list *tasks, struct arena *arena)
{
    size_t size = tasks->count * sizeof *tasks->items;
    tasks->items = arena_grow(arena, tasks->items, size, size + sizeof *tasks->items);
    struct stack_task *added = &tasks->items[tasks->count++];
    *added = (struct stack_task){
        .logical_id = "", .type = "", .physical_id = "", .properties = "", .sent_by = ""
    };
    return added;
}

void stack_resources_remove(struct stack_resources *resources, const char *logical_id)
{
    struct stack_resource *found = stack_resources_find(resources, logical_id);
    if (found != NULL) {
        size_t after = resources->count - (size_t)(found - resources->items) - 1;
        memmove(found, found + 1, after * sizeof *found);
        resources->count--;
    }
}

struct stack_resources stack_resources_copy(struct arena *arena, const struct stack_resources *from)
{
    size_t size = from->count * sizeof *from->items;
    struct stack_resources copy = { .items = arena_alloc(arena, size), .count = from->count };
    if (size > 0) {
        memcpy(copy.items, from->items, size);
    }
    return copy;
}
