/*
 * DescribeChangeSet and ListChangeSets.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
 */

#include "api/cloudformation/change_set.h"
#include "api/cloudformation/stack_reply.h"
#include "api/internal.h"
#include "storage/base/arena.h"

static const struct shape TOKEN = { .kind = SHAPE_STRING, .range = { 1, 1024 } };

static const char *status_name(const struct change_set *change_set)
{
    return change_set->has_failed ? "FAILED" : "CREATE_COMPLETE";
}

/* What both replies begin with. */
static void write_names(struct document_writer *reply, const struct change_set *change_set)
{
    document_write_text(reply, "ChangeSetName", bytes_of_text(change_set->name));
    document_write_text(reply, "ChangeSetId", bytes_of_text(change_set->id));
    document_write_text(reply, "StackId", bytes_of_text(change_set->stack_id));
    document_write_text(reply, "StackName", bytes_of_text(change_set->stack_name));
    stack_reply_text(reply, "Description", change_set->description);
    document_write_time(reply, "CreationTime", change_set->created_ms);
    document_write_text(reply, "ExecutionStatus",
                        bytes_of_text(execution_status_name(change_set->execution)));
    document_write_text(reply, "Status", bytes_of_text(status_name(change_set)));
    stack_reply_text(reply, "StatusReason", change_set->reason);
    document_write_boolean(reply, "IncludeNestedStacks", false);
    document_write_boolean(reply, "ImportExistingResources", false);
}

/* ---- DescribeChangeSet ---- */

static const struct member DESCRIBE_MEMBERS[] = {
    { "ChangeSetName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "StackName", &CLOUDFORMATION_STACK_NAME, OPTIONAL },
    { "NextToken", &TOKEN, OPTIONAL },
};
static const struct shape DESCRIBE_INPUT =
    SHAPE_STRUCTURE_OF("DescribeChangeSetInput", DESCRIBE_MEMBERS);

static void write_detail(struct document_writer *reply, const struct change_detail *detail)
{
    document_open_structure(reply, NULL);
    document_open_structure(reply, "Target");
    document_write_text(reply, "Attribute", bytes_of_text(detail->attribute));
    stack_reply_text(reply, "Name", detail->name);
    document_write_text(reply, "RequiresRecreation", bytes_of_text(detail->recreation));
    document_close_structure(reply, "Target");
    document_write_text(reply, "Evaluation",
                        detail->is_dynamic ? BYTES("Dynamic") : BYTES("Static"));
    document_write_text(reply, "ChangeSource", BYTES("DirectModification"));
    document_close_structure(reply, NULL);
}

static void write_change(struct document_writer *reply, const struct resource_change *change)
{
    document_open_structure(reply, NULL);
    document_write_text(reply, "Type", BYTES("Resource"));
    document_open_structure(reply, "ResourceChange");
    stack_reply_text(reply, "PolicyAction", change->policy_action);
    document_write_text(reply, "Action", bytes_of_text(change->action));
    document_write_text(reply, "LogicalResourceId", bytes_of_text(change->logical_id));
    stack_reply_text(reply, "PhysicalResourceId", change->physical_id);
    document_write_text(reply, "ResourceType", bytes_of_text(change->type));
    stack_reply_text(reply, "Replacement", change->replacement);
    stack_reply_texts(reply, "Scope", &change->scope);
    document_open_list(reply, "Details");
    for (size_t i = 0; i < change->detail_count; i++) {
        write_detail(reply, &change->details[i]);
    }
    document_close_list(reply, "Details");
    document_close_structure(reply, "ResourceChange");
    document_close_structure(reply, NULL);
}

static void
write_changes(struct document_writer *reply, const struct change_set *change_set, size_t start)
{
    size_t end = start + STACK_REPLY_PAGE;
    document_open_list(reply, "Changes");
    for (size_t i = start; i < change_set->change_count && i < end; i++) {
        write_change(reply, &change_set->changes[i]);
    }
    document_close_list(reply, "Changes");
    if (end < change_set->change_count) {
        stack_reply_next_token(reply, end);
    }
}

static void
write_change_set(struct document_writer *reply, const struct change_set *change_set, size_t start)
{
    const struct stack_content *content = &change_set->content;
    write_names(reply, change_set);
    stack_reply_parameters(reply, content);
    stack_reply_texts(reply, "NotificationARNs", &content->notification_arns);
    document_open_structure(reply, "RollbackConfiguration");
    document_close_structure(reply, "RollbackConfiguration");
    stack_reply_texts(reply, "Capabilities", &content->capabilities);
    stack_reply_tags(reply, content);
    stack_reply_text(reply, "OnStackFailure", change_set->on_failure);
    write_changes(reply, change_set, start);
}

/* The stack that is named, or that the change set's ARN leads to. */
static const struct stack *
find_stack(struct service_request *request, struct txn *txn, struct bytes name)
{
    if (json_member(request->input, "StackName") != NULL) {
        return stack_reply_find(request, txn, STACK_IS_ABSENT);
    }
    if (!bytes_start_with(name, BYTES("arn:"))) {
        (void)service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                           "StackName must be specified if ChangeSetName is not specified as an "
                           "ARN.");
        return NULL;
    }
    return change_set_find_stack(txn, request->arena, request->world, name);
}

static bool describe_change_set(struct service_request *request)
{
    struct bytes name = service_text(request, request->input, "ChangeSetName");
    struct txn txn;
    uint64_t start;
    if (!stack_reply_token(request, &start)) {
        return false;
    }
    txn_begin_read(request->storage->env, &txn);
    const struct stack *stack = find_stack(request, &txn, name);
    const struct change_set *change_set =
        stack != NULL ? change_set_find(&txn, request->arena, stack, name) : NULL;
    if (change_set != NULL) {
        write_change_set(request->reply, change_set, start);
    } else if (txn.status == STORAGE_OK && request->error == NULL) {
        (void)service_fail(request, &CLOUDFORMATION_CHANGE_SET_NOT_FOUND,
                           "ChangeSet [%.*s] does not exist", BYTES_ARGUMENTS(name));
    }
    return stack_reply_end(request, &txn);
}

const struct service_operation CLOUDFORMATION_DESCRIBE_CHANGE_SET = {
    .name = "DescribeChangeSet",
    .input = &DESCRIBE_INPUT,
    .run = describe_change_set,
};

/* ---- ListChangeSets ---- */

static const struct member LIST_MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "NextToken", &TOKEN, OPTIONAL },
};
static const struct shape LIST_INPUT = SHAPE_STRUCTURE_OF("ListChangeSetsInput", LIST_MEMBERS);

static void
write_summaries(struct service_request *request, struct txn *txn, const struct stack *stack)
{
    struct document_writer *reply = request->reply;
    struct bytes after = service_text(request, request->input, "NextToken");
    size_t count = 0;
    const struct change_set *change_set;
    document_open_list(reply, "Summaries");
    while ((change_set = change_set_next(txn, request->arena, stack, after)) != NULL &&
           count < STACK_REPLY_PAGE) {
        document_open_structure(reply, NULL);
        write_names(reply, change_set);
        document_close_structure(reply, NULL);
        after = bytes_of_text(change_set->name);
        count++;
    }
    document_close_list(reply, "Summaries");
    if (change_set != NULL) {
        document_write_text(reply, "NextToken", after);
    }
}

static bool list_change_sets(struct service_request *request)
{
    struct txn txn;
    txn_begin_read(request->storage->env, &txn);
    const struct stack *stack = stack_reply_find(request, &txn, STACK_IS_ABSENT);
    if (stack != NULL) {
        write_summaries(request, &txn, stack);
    }
    return stack_reply_end(request, &txn);
}

const struct service_operation CLOUDFORMATION_LIST_CHANGE_SETS = {
    .name = "ListChangeSets",
    .input = &LIST_INPUT,
    .run = list_change_sets,
};
