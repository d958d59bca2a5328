/*
 * What is done with a change set once it is there.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html
 */

#include "api/cloudformation/cloudformation_request.h"
#include "api/cloudformation/stack_change.h"
#include "api/cloudformation/stack_states.h"
#include "storage/storage.h"

#include <string.h>

static const struct member EXECUTE_MEMBERS[] = {
    { "ChangeSetName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "StackName", &CLOUDFORMATION_STACK_NAME, OPTIONAL },
    { "ClientRequestToken", &CLOUDFORMATION_CLIENT_TOKEN, OPTIONAL },
    { "DisableRollback", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "RetainExceptOnCreate", &SHAPE_ANY_BOOLEAN, OPTIONAL },
};
static const struct shape EXECUTE_INPUT =
    SHAPE_STRUCTURE_OF("ExecuteChangeSetInput", EXECUTE_MEMBERS);

static const struct member DELETE_MEMBERS[] = {
    { "ChangeSetName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "StackName", &CLOUDFORMATION_STACK_NAME, OPTIONAL },
};
static const struct shape DELETE_INPUT = SHAPE_STRUCTURE_OF("DeleteChangeSetInput", DELETE_MEMBERS);

struct target {
    struct stack *stack;
    struct change_set *change_set; /* NULL: the stack has none of that name */
};

/* A change set is found by its ARN alone, or by its name and the stack's. */
static bool find_target(struct stack_change *change, struct target *out_target)
{
    struct service_request *request = change->request;
    struct bytes name = service_text(request, request->input, "ChangeSetName");
    struct bytes stack_name = service_text(request, request->input, "StackName");
    bool is_arn = bytes_start_with(name, BYTES("arn:"));
    struct txn txn;
    *out_target = (struct target){ 0 };
    if (!is_arn && stack_name.length == 0) {
        return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                            "StackName must be specified if ChangeSetName is not specified as an "
                            "ARN.");
    }
    if (!is_arn) {
        out_target->stack = stack_change_require(change, stack_name);
        if (out_target->stack == NULL) {
            return false;
        }
    }
    txn_begin_read(request->storage->env, &txn);
    if (is_arn) {
        out_target->stack = change_set_find_stack(&txn, request->arena, request->world, name);
    }
    if (out_target->stack != NULL) {
        out_target->change_set = change_set_find(&txn, request->arena, out_target->stack, name);
    }
    txn_abort(&txn);
    return true;
}

/* ---- ExecuteChangeSet ---- */

static bool check_status(struct service_request *request, const struct change_set *change_set)
{
    if (change_set->has_failed) {
        return service_fail(request, &CLOUDFORMATION_INVALID_CHANGE_SET_STATUS,
                            "ChangeSet [%s] cannot be executed in its current status of [FAILED]",
                            change_set->id);
    }
    return change_set->execution == EXECUTION_AVAILABLE ||
           service_fail(request, &CLOUDFORMATION_INVALID_CHANGE_SET_STATUS,
                        "ChangeSet [%s] cannot be executed in its current execution status of [%s]",
                        change_set->id, execution_status_name(change_set->execution));
}

/* A request that is repeated with its token is the same request. */
static bool is_repeated(struct service_request *request, const struct target *target)
{
    const char *token = stack_change_text(request, "ClientRequestToken");
    return token[0] != '\0' && strcmp(token, target->stack->last_token) == 0 &&
           target->change_set->execution >= EXECUTION_IN_PROGRESS &&
           target->change_set->execution <= EXECUTION_FAILED;
}

static void begin(struct stack_change *change, struct target *target)
{
    struct service_request *request = change->request;
    struct stack *stack = target->stack;
    struct change_set *change_set = target->change_set;
    bool is_creation = stack->status == STACK_REVIEW_IN_PROGRESS;
    change->deployment.stack = stack;
    stack_change_begin(change, is_creation ? OPERATION_CREATE : OPERATION_UPDATE,
                       &change_set->content);
    stack->disables_rollback = shape_boolean(json_member(request->input, "DisableRollback")) ||
                               strcmp(change_set->on_failure, "DO_NOTHING") == 0;
    stack->operation.keeps_failed = stack->disables_rollback;
    stack->operation.deletes_new =
        shape_boolean(json_member(request->input, "RetainExceptOnCreate"));
    stack->operation.deletes_failed = is_creation && strcmp(change_set->on_failure, "DELETE") == 0;
    stack->updated_ms = request->now_ms;
    change_set->execution = EXECUTION_IN_PROGRESS;
    change->put = change_set;
    change->others = CHANGE_SETS_REMOVED;
    deployment_set_status(&change->deployment,
                          is_creation ? STACK_CREATE_IN_PROGRESS : STACK_UPDATE_IN_PROGRESS,
                          "User Initiated");
}

static bool decide_execution(struct stack_change *change)
{
    struct service_request *request = change->request;
    struct target target;
    if (!find_target(change, &target)) {
        return false;
    }
    if (target.change_set == NULL) {
        return service_fail(
            request, &CLOUDFORMATION_CHANGE_SET_NOT_FOUND, "ChangeSet [%.*s] does not exist",
            BYTES_ARGUMENTS(service_text(request, request->input, "ChangeSetName")));
    }
    if (is_repeated(request, &target)) {
        return true;
    }
    bool is_allowed = check_status(request, target.change_set) &&
                      (target.stack->status == STACK_REVIEW_IN_PROGRESS ||
                       stack_can_be_updated(request, target.stack));
    if (is_allowed) {
        begin(change, &target);
    }
    return is_allowed;
}

static bool execute_change_set(struct service_request *request)
{
    return stack_change_run(request, decide_execution, NULL);
}

const struct service_operation CLOUDFORMATION_EXECUTE_CHANGE_SET = {
    .name = "ExecuteChangeSet",
    .input = &EXECUTE_INPUT,
    .run = execute_change_set,
};

/* ---- DeleteChangeSet ---- */

/* One that is not there is deleted already. */
static bool decide_deletion(struct stack_change *change)
{
    struct target target;
    if (!find_target(change, &target)) {
        return false;
    }
    if (target.change_set == NULL) {
        return true;
    }
    if (target.change_set->execution == EXECUTION_IN_PROGRESS) {
        return service_fail(change->request, &CLOUDFORMATION_INVALID_CHANGE_SET_STATUS,
                            "An operation on this ChangeSet is currently in progress.");
    }
    change->deployment.stack = target.stack;
    change->remove = target.change_set;
    return true;
}

static bool delete_change_set(struct service_request *request)
{
    return stack_change_run(request, decide_deletion, NULL);
}

const struct service_operation CLOUDFORMATION_DELETE_CHANGE_SET = {
    .name = "DeleteChangeSet",
    .input = &DELETE_INPUT,
    .run = delete_change_set,
};
