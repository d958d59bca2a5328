/* https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */

#include "api/cloudformation/cloudformation_request.h"
#include "api/cloudformation/stack_change.h"
#include "api/cloudformation/stack_store.h"
#include "api/cloudformation/submission.h"

#include <string.h>

static const struct shape ON_FAILURE = { .kind = SHAPE_STRING,
                                         .values = "DELETE, DO_NOTHING, ROLLBACK" };
static const struct shape TIMEOUT = { .kind = SHAPE_INTEGER, .range = { 1, INT32_MAX } };

enum { MS_PER_MINUTE = 60000 };

static const struct member MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_NEW_STACK_NAME, REQUIRED },
    { "TemplateBody", &CLOUDFORMATION_TEMPLATE_BODY, OPTIONAL },
    { "TemplateURL", &CLOUDFORMATION_TEMPLATE_URL, OPTIONAL },
    { "Parameters", &CLOUDFORMATION_PARAMETERS, OPTIONAL },
    { "DisableRollback", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "RetainExceptOnCreate", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "TimeoutInMinutes", &TIMEOUT, OPTIONAL },
    { "NotificationARNs", &CLOUDFORMATION_NOTIFICATION_ARNS, OPTIONAL },
    { "Capabilities", &CLOUDFORMATION_CAPABILITIES, OPTIONAL },
    { "RoleARN", &CLOUDFORMATION_ROLE_ARN, OPTIONAL },
    { "OnFailure", &ON_FAILURE, OPTIONAL },
    { "Tags", &CLOUDFORMATION_TAGS, OPTIONAL },
    { "ClientRequestToken", &CLOUDFORMATION_CLIENT_TOKEN, OPTIONAL },
    { "EnableTerminationProtection", &SHAPE_ANY_BOOLEAN, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("CreateStackInput", MEMBERS);

struct creation {
    struct submission submission;
    const char *stack_id;
};

static bool is_given(const struct service_request *request, const char *name)
{
    return json_member(request->input, name) != NULL;
}

/* A request that is repeated with its token is the same request. */
static bool meets_existing(struct stack_change *change, const struct stack *existing)
{
    struct creation *creation = change->context;
    const char *token = stack_change_text(change->request, "ClientRequestToken");
    if (token[0] != '\0' && strcmp(existing->last_token, token) == 0) {
        creation->stack_id = existing->id;
        return true;
    }
    return service_fail(change->request, &CLOUDFORMATION_ALREADY_EXISTS,
                        "Stack [%s] already exists", existing->name);
}

static bool decide(struct stack_change *change)
{
    struct service_request *request = change->request;
    struct creation *creation = change->context;
    struct arena *arena = request->arena;
    struct bytes name = service_text(request, request->input, "StackName");
    const struct stack *existing = stack_change_find(change, name);
    if (existing != NULL) {
        return meets_existing(change, existing);
    }
    struct stack *stack = stack_new(arena, request->world, bytes_to_text(arena, name),
                                    bytes_to_text(arena, request->region),
                                    bytes_to_text(arena, request->account), request->now_ms);
    change->deployment.stack = stack;
    change->template_text = creation->submission.text;
    creation->submission.content.template_number = stack_change_template_number(change);
    stack_change_begin(change, OPERATION_CREATE, &creation->submission.content);
    stack->disables_rollback =
        shape_boolean(json_member(request->input, "DisableRollback")) ||
        shape_text_is(json_member(request->input, "OnFailure"), "DO_NOTHING");
    stack->operation.keeps_failed = stack->disables_rollback;
    stack->operation.deletes_new =
        shape_boolean(json_member(request->input, "RetainExceptOnCreate"));
    stack->operation.deletes_failed =
        shape_text_is(json_member(request->input, "OnFailure"), "DELETE");
    if (is_given(request, "TimeoutInMinutes")) {
        int64_t minutes = json_integer(json_member(request->input, "TimeoutInMinutes"));
        stack->operation.times_out_ms = request->now_ms + minutes * MS_PER_MINUTE;
    }
    stack->is_protected = shape_boolean(json_member(request->input, "EnableTerminationProtection"));
    deployment_set_status(&change->deployment, STACK_CREATE_IN_PROGRESS, "User Initiated");
    creation->stack_id = stack->id;
    return true;
}

static bool create_stack(struct service_request *request)
{
    struct creation creation;
    if (is_given(request, "DisableRollback") && is_given(request, "OnFailure")) {
        return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                            "Either DisableRollback or OnFailure can be specified, not both.");
    }
    if (!submission_read(request, NULL, &creation.submission) ||
        !stack_change_run(request, decide, &creation)) {
        return false;
    }
    document_write_text(request->reply, "StackId", bytes_of_text(creation.stack_id));
    return true;
}

const struct service_operation CLOUDFORMATION_CREATE_STACK = {
    .name = "CreateStack",
    .input = &INPUT,
    .run = create_stack,
};
