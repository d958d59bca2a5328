/* https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html */

#include "api/cloudformation/cloudformation_request.h"
#include "api/cloudformation/stack_change.h"
#include "api/cloudformation/submission.h"
#include "storage/base/arena.h"

static const struct shape DELETION_MODE = { .kind = SHAPE_STRING,
                                            .values = "STANDARD, FORCE_DELETE_STACK" };
static const struct member MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "RetainResources", &CLOUDFORMATION_LOGICAL_IDS, OPTIONAL },
    { "RoleARN", &CLOUDFORMATION_ROLE_ARN, OPTIONAL },
    { "ClientRequestToken", &CLOUDFORMATION_CLIENT_TOKEN, OPTIONAL },
    { "DeletionMode", &DELETION_MODE, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("DeleteStackInput", MEMBERS);

static bool is_forced(const struct service_request *request)
{
    return shape_text_is(json_member(request->input, "DeletionMode"), "FORCE_DELETE_STACK");
}

static bool check_retained(struct service_request *request,
                           const struct stack *stack,
                           const struct text_list *retained)
{
    if (stack->status != STACK_DELETE_FAILED && (retained->count > 0 || is_forced(request))) {
        return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                            "Invalid operation on stack [%s]. When you delete a stack, specify "
                            "which resources to retain only when the stack is in the "
                            "DELETE_FAILED state.",
                            stack->id);
    }
    for (size_t i = 0; i < retained->count; i++) {
        if (stack_resources_find(&stack->resources, retained->items[i]) == NULL) {
            return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                                "Invalid operation on stack [%s]. The specified resources to "
                                "retain must be in a valid state and exist in the stack: [%s]",
                                stack->id, retained->items[i]);
        }
    }
    return true;
}

/* A creation can be broken off; everything else that is under way must end first. */
static bool check_state(struct service_request *request, const struct stack *stack)
{
    if (stack->is_protected) {
        return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                            "Stack [%s] cannot be deleted while TerminationProtection is enabled",
                            stack->name);
    }
    return !stack_status_is_busy(stack->status) || stack->status == STACK_CREATE_IN_PROGRESS ||
           service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                        "Stack [%s] cannot be deleted while in status %s", stack->id,
                        stack_status_name(stack->status));
}

/* What could not be deleted before stays. */
static struct text_list list_failed(struct arena *arena, const struct stack *stack)
{
    struct text_list failed = {
        .items = arena_alloc(arena, stack->resources.count * sizeof *failed.items),
    };
    for (size_t i = 0; i < stack->resources.count; i++) {
        if (stack->resources.items[i].status == RESOURCE_DELETE_FAILED) {
            failed.items[failed.count++] = stack->resources.items[i].logical_id;
        }
    }
    return failed;
}

static bool decide(struct stack_change *change)
{
    struct service_request *request = change->request;
    struct text_list retained = submission_texts(request, "RetainResources");
    struct stack *stack =
        stack_change_find(change, service_text(request, request->input, "StackName"));
    if (stack == NULL || stack->status == STACK_DELETE_COMPLETE ||
        stack->status == STACK_DELETE_IN_PROGRESS) {
        return true; /* there is nothing to do */
    }
    if (!check_state(request, stack) || !check_retained(request, stack, &retained)) {
        return false;
    }
    change->deployment.stack = stack;
    if (stack->operation.kind != OPERATION_NONE) {
        deployment_cancel_tasks(&change->deployment);
    }
    stack->content = *stack_shown_content(stack);
    stack_change_begin(change, OPERATION_DELETE, NULL);
    stack->operation.retained = is_forced(request) ? list_failed(request->arena, stack) : retained;
    change->others = CHANGE_SETS_REMOVED;
    deployment_set_status(&change->deployment, STACK_DELETE_IN_PROGRESS, "User Initiated");
    return true;
}

static bool delete_stack(struct service_request *request)
{
    return stack_change_run(request, decide, NULL);
}

const struct service_operation CLOUDFORMATION_DELETE_STACK = {
    .name = "DeleteStack",
    .input = &INPUT,
    .run = delete_stack,
};
