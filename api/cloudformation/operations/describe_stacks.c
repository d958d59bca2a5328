/* https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */

#include "api/cloudformation/stack_reply.h"
#include "api/internal.h"
#include "storage/base/arena.h"

static const struct shape TOKEN = { .kind = SHAPE_STRING, .range = { 1, 1024 } };
static const struct member MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, OPTIONAL },
    { "NextToken", &TOKEN, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("DescribeStacksInput", MEMBERS);

static void write_outputs(struct document_writer *reply, const struct stack *stack)
{
    document_open_list(reply, "Outputs");
    for (size_t i = 0; i < stack->output_count; i++) {
        const struct stack_output *output = &stack->outputs[i];
        document_open_structure(reply, NULL);
        document_write_text(reply, "OutputKey", bytes_of_text(output->key));
        document_write_text(reply, "OutputValue", bytes_of_text(output->value));
        stack_reply_text(reply, "Description", output->description);
        stack_reply_text(reply, "ExportName", output->export_name);
        document_close_structure(reply, NULL);
    }
    document_close_list(reply, "Outputs");
}

static void write_times(struct document_writer *reply, const struct stack *stack)
{
    document_write_time(reply, "CreationTime", stack->created_ms);
    if (stack->updated_ms != 0) {
        document_write_time(reply, "LastUpdatedTime", stack->updated_ms);
    }
    if (stack->deleted_ms != 0) {
        document_write_time(reply, "DeletionTime", stack->deleted_ms);
    }
}

static void write_stack(struct document_writer *reply, const struct stack *stack)
{
    const struct stack_content *content = stack_shown_content(stack);
    document_open_structure(reply, NULL);
    document_write_text(reply, "StackId", bytes_of_text(stack->id));
    document_write_text(reply, "StackName", bytes_of_text(stack->name));
    stack_reply_text(reply, "ChangeSetId", content->change_set_id);
    stack_reply_text(reply, "Description", content->description);
    stack_reply_parameters(reply, content);
    write_times(reply, stack);
    document_open_structure(reply, "RollbackConfiguration");
    document_close_structure(reply, "RollbackConfiguration");
    document_write_text(reply, "StackStatus", bytes_of_text(stack_status_name(stack->status)));
    stack_reply_text(reply, "StackStatusReason", stack->reason);
    document_write_boolean(reply, "DisableRollback", stack->disables_rollback);
    stack_reply_texts(reply, "NotificationARNs", &content->notification_arns);
    stack_reply_texts(reply, "Capabilities", &content->capabilities);
    write_outputs(reply, stack);
    stack_reply_text(reply, "RoleARN", content->role_arn);
    stack_reply_tags(reply, content);
    document_write_boolean(reply, "EnableTerminationProtection", stack->is_protected);
    stack_reply_drift(reply, "StackDriftStatus");
    document_close_structure(reply, NULL);
}

/* A page of those that are not deleted; what goes on is named by the last of them. */
static void write_all(struct service_request *request, struct txn *txn)
{
    struct document_writer *reply = request->reply;
    struct bytes after = service_text(request, request->input, "NextToken");
    size_t count = 0;
    struct stack *stack;
    document_open_list(reply, "Stacks");
    while ((stack = stack_next(txn, request->arena, request->world, after)) != NULL &&
           count < STACK_REPLY_PAGE) {
        if (stack->status != STACK_DELETE_COMPLETE) {
            write_stack(reply, stack);
            count++;
        }
        after = bytes_of_text(stack->uuid);
    }
    document_close_list(reply, "Stacks");
    if (stack != NULL) {
        document_write_text(reply, "NextToken", after);
    }
}

static bool describe_stacks(struct service_request *request)
{
    struct txn txn;
    txn_begin_read(request->storage->env, &txn);
    if (json_member(request->input, "StackName") == NULL) {
        write_all(request, &txn);
        return stack_reply_end(request, &txn);
    }
    const struct stack *stack = stack_reply_find(request, &txn, STACK_WITH_ID_IS_ABSENT);
    if (stack != NULL) {
        document_open_list(request->reply, "Stacks");
        write_stack(request->reply, stack);
        document_close_list(request->reply, "Stacks");
    }
    return stack_reply_end(request, &txn);
}

const struct service_operation CLOUDFORMATION_DESCRIBE_STACKS = {
    .name = "DescribeStacks",
    .input = &INPUT,
    .run = describe_stacks,
};
