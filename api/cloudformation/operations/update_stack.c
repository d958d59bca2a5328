/* https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html */

#include "api/cloudformation/cloudformation_request.h"
#include "api/cloudformation/planned_changes.h"
#include "api/cloudformation/stack_change.h"
#include "api/cloudformation/stack_states.h"
#include "api/cloudformation/submission.h"

#include <string.h>

static const struct member MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "TemplateBody", &CLOUDFORMATION_TEMPLATE_BODY, OPTIONAL },
    { "TemplateURL", &CLOUDFORMATION_TEMPLATE_URL, OPTIONAL },
    { "UsePreviousTemplate", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "Parameters", &CLOUDFORMATION_PARAMETERS, OPTIONAL },
    { "Capabilities", &CLOUDFORMATION_CAPABILITIES, OPTIONAL },
    { "RoleARN", &CLOUDFORMATION_ROLE_ARN, OPTIONAL },
    { "NotificationARNs", &CLOUDFORMATION_NOTIFICATION_ARNS, OPTIONAL },
    { "Tags", &CLOUDFORMATION_TAGS, OPTIONAL },
    { "DisableRollback", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "RetainExceptOnCreate", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "ClientRequestToken", &CLOUDFORMATION_CLIENT_TOKEN, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UpdateStackInput", MEMBERS);

static bool is_repeated(const struct stack_change *change, const struct stack *stack)
{
    const char *token = stack_change_text(change->request, "ClientRequestToken");
    return token[0] != '\0' && strcmp(token, stack->last_token) == 0;
}

static bool plan(struct stack_change *change,
                 const struct submission *submission,
                 const struct stack_content *target)
{
    struct planned_changes changes;
    const char *error;
    if (!planned_changes_find(&change->deployment, &submission->template, target, &changes,
                              &error)) {
        return service_fail(change->request, &CLOUDFORMATION_VALIDATION_ERROR, "%s", error);
    }
    return changes.count > 0 || changes.has_others ||
           service_fail(change->request, &CLOUDFORMATION_VALIDATION_ERROR,
                        "No updates are to be performed.");
}

static bool decide(struct stack_change *change)
{
    struct service_request *request = change->request;
    const char **stack_id = change->context;
    struct submission submission;
    struct stack *stack =
        stack_change_require(change, service_text(request, request->input, "StackName"));
    if (stack == NULL) {
        return false;
    }
    *stack_id = stack->id;
    if (is_repeated(change, stack)) {
        return true;
    }
    if (!stack_can_be_updated(request, stack) || !submission_read(request, stack, &submission)) {
        return false;
    }
    change->deployment.stack = stack;
    change->template_text = submission.text;
    if (submission.text.length > 0) {
        submission.content.template_number = stack_change_template_number(change);
    }
    stack_change_begin(change, OPERATION_UPDATE, &submission.content);
    if (!plan(change, &submission, &submission.content)) {
        return false;
    }
    stack->disables_rollback = shape_boolean(json_member(request->input, "DisableRollback"));
    stack->operation.keeps_failed = stack->disables_rollback;
    stack->operation.deletes_new =
        shape_boolean(json_member(request->input, "RetainExceptOnCreate"));
    stack->updated_ms = request->now_ms;
    change->others = CHANGE_SETS_OUTDATED;
    deployment_set_status(&change->deployment, STACK_UPDATE_IN_PROGRESS, "User Initiated");
    return true;
}

static bool update_stack(struct service_request *request)
{
    const char *stack_id = "";
    if (!stack_change_run(request, decide, &stack_id)) {
        return false;
    }
    document_write_text(request->reply, "StackId", bytes_of_text(stack_id));
    return true;
}

const struct service_operation CLOUDFORMATION_UPDATE_STACK = {
    .name = "UpdateStack",
    .input = &INPUT,
    .run = update_stack,
};
