/* https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html */

#include "api/cloudformation/cloudformation_request.h"
#include "api/cloudformation/planned_changes.h"
#include "api/cloudformation/stack_change.h"
#include "api/cloudformation/stack_states.h"
#include "api/cloudformation/stack_store.h"
#include "api/cloudformation/submission.h"
#include "storage/base/arena.h"
#include "storage/base/identifier.h"
#include "storage/storage.h"

#include <string.h>

enum { ID_SIZE_FIRST = 128 };

static const struct shape TYPE = { .kind = SHAPE_STRING, .values = "CREATE, UPDATE, IMPORT" };
static const struct shape ON_STACK_FAILURE = { .kind = SHAPE_STRING,
                                               .values = "DELETE, DO_NOTHING, ROLLBACK" };
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
    { "ChangeSetName", &CLOUDFORMATION_NEW_STACK_NAME, REQUIRED },
    { "ClientToken", &CLOUDFORMATION_CLIENT_TOKEN, OPTIONAL },
    { "Description", &CLOUDFORMATION_DESCRIPTION, OPTIONAL },
    { "ChangeSetType", &TYPE, OPTIONAL },
    { "OnStackFailure", &ON_STACK_FAILURE, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("CreateChangeSetInput", MEMBERS);

static const char NO_CHANGES[] = "The submitted information didn't contain changes. Submit "
                                 "different information to create a change set.";

struct creation {
    bool is_creation;
    const char *name;
    const char *id;
    const char *stack_id;
};

static const struct change_set *
find_existing(struct stack_change *change, const struct stack *stack, const char *name)
{
    struct txn txn;
    txn_begin_read(change->request->storage->env, &txn);
    const struct change_set *found =
        change_set_find(&txn, change->request->arena, stack, bytes_of_text(name));
    txn_abort(&txn);
    return found;
}

/* Its name is free again. */
static bool was_executed(const struct change_set *change_set)
{
    return change_set->execution == EXECUTION_COMPLETE || change_set->execution == EXECUTION_FAILED;
}

/* A request that is repeated with its token is the same request. */
static bool meets_existing(struct stack_change *change, const struct change_set *existing)
{
    struct creation *creation = change->context;
    const char *token = stack_change_text(change->request, "ClientToken");
    if (token[0] != '\0' && strcmp(token, existing->client_token) == 0) {
        creation->id = existing->id;
        change->deployment.stack = NULL;
        return true;
    }
    return service_fail(change->request, &CLOUDFORMATION_ALREADY_EXISTS,
                        "ChangeSet %s cannot be created due to a mismatch with existing attribute "
                        "%s",
                        existing->name, token[0] != '\0' ? "ClientToken" : "Template");
}

/* The stack that it is for; one to be created is there from now on, without anything in it. */
static struct stack *find_stack(struct stack_change *change)
{
    struct service_request *request = change->request;
    struct arena *arena = request->arena;
    const struct creation *creation = change->context;
    struct bytes name = service_text(request, request->input, "StackName");
    if (!creation->is_creation) {
        struct stack *stack = stack_change_require(change, name);
        return stack != NULL && stack_can_be_updated(request, stack) ? stack : NULL;
    }
    struct stack *stack = stack_change_find(change, name);
    if (stack != NULL && stack->status != STACK_REVIEW_IN_PROGRESS) {
        (void)service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                           "Stack [%s] already exists and cannot be created again with the "
                           "changeSet [%s].",
                           stack->name, creation->name);
        return NULL;
    }
    if (stack == NULL && bytes_start_with(name, BYTES("arn:"))) {
        return stack_change_require(change, name);
    }
    if (stack == NULL) {
        stack = stack_new(arena, request->world, bytes_to_text(arena, name),
                          bytes_to_text(arena, request->region),
                          bytes_to_text(arena, request->account), request->now_ms);
        stack->status = STACK_REVIEW_IN_PROGRESS;
    }
    return stack;
}

static const char *new_id(struct service_request *request, const char *name)
{
    struct buffer id;
    buffer_init(&id, request->arena, ID_SIZE_FIRST);
    buffer_append_format(&id, "arn:aws:cloudformation:%.*s:%.*s:changeSet/%s/%.*s",
                         BYTES_ARGUMENTS(request->region), BYTES_ARGUMENTS(request->account), name,
                         BYTES_ARGUMENTS(identifier_uuid(request->arena)));
    return bytes_to_text(request->arena, buffer_view(&id));
}

/* Against a copy: the stack itself has no operation yet. */
static bool plan(struct stack_change *change,
                 const struct submission *submission,
                 struct planned_changes *out_changes)
{
    struct stack stack = *change->deployment.stack;
    struct stack_change planning = *change;
    const char *error;
    planning.deployment.stack = &stack;
    stack_change_begin(&planning, OPERATION_CREATE, &submission->content);
    return planned_changes_find(&planning.deployment, &submission->template, &submission->content,
                                out_changes, &error) ||
           service_fail(change->request, &CLOUDFORMATION_VALIDATION_ERROR, "%s", error);
}

static bool make(struct stack_change *change, struct submission *submission)
{
    struct service_request *request = change->request;
    struct creation *creation = change->context;
    const struct stack *stack = change->deployment.stack;
    struct planned_changes changes;
    creation->id = new_id(request, creation->name);
    if (submission->text.length > 0) {
        submission->content.template_number = stack_change_template_number(change);
    }
    submission->content.change_set_id = creation->id;
    if (!plan(change, submission, &changes)) {
        return false;
    }
    bool has_changes = creation->is_creation || changes.count > 0 || changes.has_others;
    struct change_set *change_set = arena_alloc(request->arena, sizeof *change_set);
    *change_set = (struct change_set){
        .id = creation->id,
        .name = creation->name,
        .stack_id = stack->id,
        .stack_name = stack->name,
        .description = stack_change_text(request, "Description"),
        .is_creation = creation->is_creation,
        .has_failed = !has_changes,
        .reason = has_changes ? "" : NO_CHANGES,
        .execution = has_changes ? EXECUTION_AVAILABLE : EXECUTION_UNAVAILABLE,
        .created_ms = request->now_ms,
        .client_token = stack_change_text(request, "ClientToken"),
        .on_failure = stack_change_text(request, "OnStackFailure"),
        .content = submission->content,
        .changes = changes.items,
        .change_count = changes.count,
    };
    change->template_text = submission->text;
    change->put = change_set;
    return true;
}

static bool decide(struct stack_change *change)
{
    struct creation *creation = change->context;
    struct submission submission;
    struct stack *stack = find_stack(change);
    if (stack == NULL) {
        return false;
    }
    creation->stack_id = stack->id;
    const struct change_set *existing = find_existing(change, stack, creation->name);
    if (existing != NULL && !was_executed(existing)) {
        return meets_existing(change, existing);
    }
    change->remove = existing;
    if (!submission_read(change->request, creation->is_creation ? NULL : stack, &submission)) {
        return false;
    }
    change->deployment.stack = stack;
    if (!make(change, &submission)) {
        return false;
    }
    if (stack->version == 0) {
        deployment_set_status(&change->deployment, STACK_REVIEW_IN_PROGRESS, "User Initiated");
    }
    return true;
}

static bool create_change_set(struct service_request *request)
{
    const struct cJSON *type = json_member(request->input, "ChangeSetType");
    struct creation creation = {
        .is_creation = shape_text_is(type, "CREATE"),
        .name = stack_change_text(request, "ChangeSetName"),
    };
    if (shape_text_is(type, "IMPORT")) {
        return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                            "ChangeSetType IMPORT is not supported by rehearsedb: tables cannot be "
                            "imported into a stack.");
    }
    if (!stack_change_run(request, decide, &creation)) {
        return false;
    }
    document_write_text(request->reply, "Id", bytes_of_text(creation.id));
    document_write_text(request->reply, "StackId", bytes_of_text(creation.stack_id));
    return true;
}

const struct service_operation CLOUDFORMATION_CREATE_CHANGE_SET = {
    .name = "CreateChangeSet",
    .input = &INPUT,
    .run = create_change_set,
};
