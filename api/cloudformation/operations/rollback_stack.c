/*
 * Ways back that somebody asks for: of what was kept as it failed, of a way back that failed
 * itself, of an update under way.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
 */

#include "api/cloudformation/cloudformation_request.h"
#include "api/cloudformation/stack_change.h"
#include "api/cloudformation/submission.h"

#include <string.h>

static struct stack *require_stack(struct stack_change *change)
{
    struct service_request *request = change->request;
    return stack_change_require(change, service_text(request, request->input, "StackName"));
}

static bool fail_state(struct stack_change *change, const struct stack *stack, const char *what)
{
    return service_fail(change->request, &CLOUDFORMATION_VALIDATION_ERROR,
                        "Stack:%s is in %s state and can not %s.", stack->id,
                        stack_status_name(stack->status), what);
}

/* The way back begins; what is said of it now has the caller's token. */
static void go_back(struct stack_change *change, struct stack *stack)
{
    struct service_request *request = change->request;
    struct stack_operation *operation = &stack->operation;
    change->deployment.stack = stack;
    stack->last_token = stack_change_text(request, "ClientRequestToken");
    operation->client_token = stack->last_token;
    operation->access_key_id = bytes_to_text(request->arena, request->caller->access_key_id);
    operation->region = bytes_to_text(request->arena, request->region);
    operation->keeps_failed = false;
    deployment_go_back(&change->deployment, "User Initiated");
}

static bool answer(struct service_request *request, stack_change_decide *decide)
{
    const char *stack_id = "";
    if (!stack_change_run(request, decide, &stack_id)) {
        return false;
    }
    document_write_text(request->reply, "StackId", bytes_of_text(stack_id));
    return true;
}

/* ---- RollbackStack ---- */

static const struct member ROLLBACK_MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "RoleARN", &CLOUDFORMATION_ROLE_ARN, OPTIONAL },
    { "ClientRequestToken", &CLOUDFORMATION_CLIENT_TOKEN, OPTIONAL },
    { "RetainExceptOnCreate", &SHAPE_ANY_BOOLEAN, OPTIONAL },
};
static const struct shape ROLLBACK_INPUT =
    SHAPE_STRUCTURE_OF("RollbackStackInput", ROLLBACK_MEMBERS);

static bool decide_rollback(struct stack_change *change)
{
    const char **stack_id = change->context;
    struct stack *stack = require_stack(change);
    if (stack == NULL) {
        return false;
    }
    *stack_id = stack->id;
    if (stack->status != STACK_CREATE_FAILED && stack->status != STACK_UPDATE_FAILED) {
        return fail_state(change, stack, "be rolled back");
    }
    if (shape_boolean(json_member(change->request->input, "RetainExceptOnCreate"))) {
        stack->operation.deletes_new = true;
    }
    go_back(change, stack);
    return true;
}

static bool rollback_stack(struct service_request *request)
{
    return answer(request, decide_rollback);
}

const struct service_operation CLOUDFORMATION_ROLLBACK_STACK = {
    .name = "RollbackStack",
    .input = &ROLLBACK_INPUT,
    .run = rollback_stack,
};

/* ---- ContinueUpdateRollback ---- */

static const struct member CONTINUE_MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "RoleARN", &CLOUDFORMATION_ROLE_ARN, OPTIONAL },
    { "ResourcesToSkip", &CLOUDFORMATION_LOGICAL_IDS, OPTIONAL },
    { "ClientRequestToken", &CLOUDFORMATION_CLIENT_TOKEN, OPTIONAL },
};
static const struct shape CONTINUE_INPUT =
    SHAPE_STRUCTURE_OF("ContinueUpdateRollbackInput", CONTINUE_MEMBERS);

/* Only what could not be rolled back can be left as it is. */
static bool check_skipped(struct stack_change *change,
                          const struct stack *stack,
                          const struct text_list *skipped)
{
    for (size_t i = 0; i < skipped->count; i++) {
        const struct stack_resource *resource =
            stack_resources_find(&stack->resources, skipped->items[i]);
        if (resource == NULL) {
            return service_fail(change->request, &CLOUDFORMATION_VALIDATION_ERROR,
                                "Resource [%s] does not exist in stack [%s]", skipped->items[i],
                                stack->name);
        }
        if (resource->status != RESOURCE_UPDATE_FAILED) {
            return service_fail(change->request, &CLOUDFORMATION_VALIDATION_ERROR,
                                "Resource [%s] must be in the UPDATE_FAILED state to be skipped",
                                skipped->items[i]);
        }
    }
    return true;
}

static bool decide_continuation(struct stack_change *change)
{
    struct stack *stack = require_stack(change);
    struct text_list skipped = submission_texts(change->request, "ResourcesToSkip");
    if (stack == NULL) {
        return false;
    }
    if (stack->status != STACK_UPDATE_ROLLBACK_FAILED) {
        return fail_state(change, stack, "continue to update rollback");
    }
    if (!check_skipped(change, stack, &skipped)) {
        return false;
    }
    stack->operation.retained = skipped;
    go_back(change, stack);
    return true;
}

static bool continue_update_rollback(struct service_request *request)
{
    return stack_change_run(request, decide_continuation, NULL);
}

const struct service_operation CLOUDFORMATION_CONTINUE_UPDATE_ROLLBACK = {
    .name = "ContinueUpdateRollback",
    .input = &CONTINUE_INPUT,
    .run = continue_update_rollback,
};

/* ---- CancelUpdateStack ---- */

static const struct member CANCEL_MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "ClientRequestToken", &CLOUDFORMATION_CLIENT_TOKEN, OPTIONAL },
};
static const struct shape CANCEL_INPUT =
    SHAPE_STRUCTURE_OF("CancelUpdateStackInput", CANCEL_MEMBERS);

static bool decide_cancellation(struct stack_change *change)
{
    struct stack *stack = require_stack(change);
    if (stack == NULL) {
        return false;
    }
    if (stack->status != STACK_UPDATE_IN_PROGRESS) {
        return service_fail(change->request, &CLOUDFORMATION_VALIDATION_ERROR,
                            "CancelUpdateStack cannot be called from current stack status");
    }
    change->deployment.stack = stack;
    deployment_cancel_tasks(&change->deployment);
    go_back(change, stack);
    return true;
}

static bool cancel_update_stack(struct service_request *request)
{
    return stack_change_run(request, decide_cancellation, NULL);
}

const struct service_operation CLOUDFORMATION_CANCEL_UPDATE_STACK = {
    .name = "CancelUpdateStack",
    .input = &CANCEL_INPUT,
    .run = cancel_update_stack,
};
