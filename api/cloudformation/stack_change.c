#include "api/cloudformation/stack_change.h"

#include "api/cloudformation/cloudformation_request.h"
#include "api/cloudformation/engine.h"
#include "api/cloudformation/stack_store.h"
#include "api/internal.h"

#include <string.h>

struct saving {
    struct stack_change *change;
    bool is_saved;
};

/* A stack that is new must not take a name that another has got since. */
static bool is_name_free(struct txn *txn, struct arena *arena, const struct stack *stack)
{
    const struct stack *owner =
        stack_find(txn, arena, bytes_of_text(stack->world), bytes_of_text(stack->name));
    return owner == NULL || strcmp(owner->uuid, stack->uuid) == 0;
}

static void save_change_sets(struct txn *txn, const struct stack_change *change)
{
    struct arena *arena = change->request->arena;
    const struct stack *stack = change->deployment.stack;
    if (change->others == CHANGE_SETS_OUTDATED) {
        change_sets_outdate(txn, arena, stack);
    } else if (change->others == CHANGE_SETS_REMOVED) {
        change_sets_remove_others(txn, arena, stack,
                                  change->put == NULL ? NULL : change->put->name);
    }
    if (change->remove != NULL) {
        change_set_remove(txn, arena, stack, change->remove);
    }
    if (change->put != NULL) {
        change_set_put(txn, arena, stack, change->put);
    }
}

static bool save(void *context, struct txn *txn)
{
    struct saving *saving = context;
    struct stack_change *change = saving->change;
    struct arena *arena = change->request->arena;
    struct stack stack = *change->deployment.stack; /* may be run twice */
    saving->is_saved = false;
    if (!is_name_free(txn, arena, &stack)) {
        return false;
    }
    if (change->template_text.length > 0) {
        (void)stack_template_put(txn, &stack, change->template_text);
    }
    saving->is_saved = stack_save(txn, arena, &stack);
    if (saving->is_saved) {
        stack_events_put(txn, arena, &stack, &change->deployment.events);
        save_change_sets(txn, change);
    }
    return saving->is_saved;
}

static struct stack_change begin_change(struct service_request *request, void *context)
{
    return (struct stack_change){
        .request = request,
        .deployment = { .api = request->api,
                        .env = request->storage->env,
                        .arena = request->arena,
                        .now_ms = request->now_ms },
        .context = context,
    };
}

bool stack_change_run(struct service_request *request, stack_change_decide *decide, void *context)
{
    struct saving saving = { .is_saved = false };
    while (!saving.is_saved) {
        struct stack_change change = begin_change(request, context);
        if (!decide(&change)) {
            return false;
        }
        if (change.deployment.stack == NULL) {
            return true;
        }
        saving.change = &change;
        if (committer_run(request->storage->committer, save, &saving, false) != STORAGE_OK) {
            return service_fail_storage(request);
        }
        if (saving.is_saved && stack_status_is_busy(change.deployment.stack->status)) {
            engine_wake(request->api->engine);
        }
    }
    return true;
}

struct stack *stack_change_find(struct stack_change *change, struct bytes name_or_arn)
{
    struct txn txn;
    const struct service_request *request = change->request;
    txn_begin_read(request->storage->env, &txn);
    struct stack *stack = stack_find(&txn, request->arena, request->world, name_or_arn);
    txn_abort(&txn);
    return stack;
}

struct stack *stack_change_require(struct stack_change *change, struct bytes name_or_arn)
{
    struct stack *stack = stack_change_find(change, name_or_arn);
    if (stack != NULL && stack->status != STACK_DELETE_COMPLETE) {
        return stack;
    }
    (void)service_fail(change->request, &CLOUDFORMATION_VALIDATION_ERROR,
                       "Stack [%.*s] does not exist", BYTES_ARGUMENTS(name_or_arn));
    return NULL;
}

/* ---- a new operation ---- */

/* The table of a creation that failed goes when the update is through. */
static void leave_behind(struct stack_change *change, const struct stack_resource *resource)
{
    struct stack *stack = change->deployment.stack;
    struct stack_task *leftover =
        task_list_add(&stack->operation.leftovers, change->request->arena);
    leftover->logical_id = resource->logical_id;
    leftover->type = resource->type;
    leftover->action = TASK_DELETE;
    leftover->physical_id = resource->physical_id;
    leftover->is_replaced = true;
}

static void forget_failures(struct stack_change *change)
{
    struct stack_resources *resources = &change->deployment.stack->resources;
    size_t kept = 0;
    for (size_t i = 0; i < resources->count; i++) {
        if (resources->items[i].status != RESOURCE_CREATE_FAILED) {
            resources->items[kept++] = resources->items[i];
        } else if (resources->items[i].physical_id[0] != '\0') {
            leave_behind(change, &resources->items[i]);
        }
    }
    resources->count = kept;
}

void stack_change_begin(struct stack_change *change,
                        enum operation_kind kind,
                        const struct stack_content *target)
{
    struct service_request *request = change->request;
    struct stack *stack = change->deployment.stack;
    const char *token = stack_change_text(request, "ClientRequestToken");
    stack->operation = (struct stack_operation){
        .kind = kind,
        .phase = PHASE_PLAN,
        .target = target == NULL ? stack->content : *target,
        .client_token = token,
        .access_key_id = bytes_to_text(request->arena, request->caller->access_key_id),
        .region = bytes_to_text(request->arena, request->region),
    };
    stack->last_token = token;
    if (kind == OPERATION_UPDATE) {
        forget_failures(change);
        stack->operation.before = stack_resources_copy(request->arena, &stack->resources);
    }
}

uint64_t stack_change_template_number(const struct stack_change *change)
{
    return change->deployment.stack->last_template + 1;
}

const char *stack_change_text(struct service_request *request, const char *name)
{
    return bytes_to_text(request->arena, service_text(request, request->input, name));
}
