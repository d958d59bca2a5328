/*
 * ListStacks and ListExports: what there is, over all stacks.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
 */

#include "api/cloudformation/stack_reply.h"
#include "api/internal.h"
#include "storage/base/arena.h"

static const struct shape TOKEN = { .kind = SHAPE_STRING, .range = { 1, 1024 } };

/* ---- ListStacks ---- */

static const struct shape STATUS = {
    .kind = SHAPE_STRING,
    .values = "CREATE_IN_PROGRESS, CREATE_FAILED, CREATE_COMPLETE, ROLLBACK_IN_PROGRESS, "
              "ROLLBACK_FAILED, ROLLBACK_COMPLETE, DELETE_IN_PROGRESS, DELETE_FAILED, "
              "DELETE_COMPLETE, UPDATE_IN_PROGRESS, UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, "
              "UPDATE_COMPLETE, UPDATE_FAILED, UPDATE_ROLLBACK_IN_PROGRESS, "
              "UPDATE_ROLLBACK_FAILED, UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS, "
              "UPDATE_ROLLBACK_COMPLETE, REVIEW_IN_PROGRESS, IMPORT_IN_PROGRESS, "
              "IMPORT_COMPLETE, IMPORT_ROLLBACK_IN_PROGRESS, IMPORT_ROLLBACK_FAILED, "
              "IMPORT_ROLLBACK_COMPLETE",
};
static const struct shape STATUSES = { .kind = SHAPE_LIST, .element = &STATUS };
static const struct member STACKS_MEMBERS[] = {
    { "NextToken", &TOKEN, OPTIONAL },
    { "StackStatusFilter", &STATUSES, OPTIONAL },
};
static const struct shape STACKS_INPUT = SHAPE_STRUCTURE_OF("ListStacksInput", STACKS_MEMBERS);

static bool is_wanted(const struct service_request *request, const struct stack *stack)
{
    const struct cJSON *filter = json_member(request->input, "StackStatusFilter");
    const struct cJSON *one = filter != NULL ? json_first(filter) : NULL;
    bool is_wanted = one == NULL;
    for (; !is_wanted && one != NULL; one = json_next(one)) {
        is_wanted = json_text_is(one, stack_status_name(stack->status));
    }
    return is_wanted;
}

static void write_summary(struct document_writer *reply, const struct stack *stack)
{
    document_open_structure(reply, NULL);
    document_write_text(reply, "StackId", bytes_of_text(stack->id));
    document_write_text(reply, "StackName", bytes_of_text(stack->name));
    stack_reply_text(reply, "TemplateDescription", stack_shown_content(stack)->description);
    document_write_time(reply, "CreationTime", stack->created_ms);
    if (stack->updated_ms != 0) {
        document_write_time(reply, "LastUpdatedTime", stack->updated_ms);
    }
    if (stack->deleted_ms != 0) {
        document_write_time(reply, "DeletionTime", stack->deleted_ms);
    }
    document_write_text(reply, "StackStatus", bytes_of_text(stack_status_name(stack->status)));
    stack_reply_text(reply, "StackStatusReason", stack->reason);
    stack_reply_drift(reply, "StackDriftStatus");
    document_close_structure(reply, NULL);
}

static bool list_stacks(struct service_request *request)
{
    struct document_writer *reply = request->reply;
    struct bytes after = service_text(request, request->input, "NextToken");
    size_t count = 0;
    struct stack *stack;
    struct txn txn;
    txn_begin_read(request->storage->env, &txn);
    document_open_list(reply, "StackSummaries");
    while ((stack = stack_next(&txn, request->arena, request->world, after)) != NULL &&
           count < STACK_REPLY_PAGE) {
        if (is_wanted(request, stack)) {
            write_summary(reply, stack);
            count++;
        }
        after = bytes_of_text(stack->uuid);
    }
    document_close_list(reply, "StackSummaries");
    if (stack != NULL) {
        document_write_text(reply, "NextToken", after);
    }
    return stack_reply_end(request, &txn);
}

const struct service_operation CLOUDFORMATION_LIST_STACKS = {
    .name = "ListStacks",
    .input = &STACKS_INPUT,
    .run = list_stacks,
};

/* ---- ListExports ---- */

static const struct member EXPORTS_MEMBERS[] = { { "NextToken", &TOKEN, OPTIONAL } };
static const struct shape EXPORTS_INPUT = SHAPE_STRUCTURE_OF("ListExportsInput", EXPORTS_MEMBERS);

static size_t write_exports(struct document_writer *reply, const struct stack *stack)
{
    size_t count = 0;
    for (size_t i = 0; stack->status != STACK_DELETE_COMPLETE && i < stack->output_count; i++) {
        const struct stack_output *output = &stack->outputs[i];
        if (output->export_name != NULL && output->export_name[0] != '\0') {
            document_open_structure(reply, NULL);
            document_write_text(reply, "ExportingStackId", bytes_of_text(stack->id));
            document_write_text(reply, "Name", bytes_of_text(output->export_name));
            document_write_text(reply, "Value", bytes_of_text(output->value));
            document_close_structure(reply, NULL);
            count++;
        }
    }
    return count;
}

/* A page ends with a stack, so it may be somewhat longer than others. */
static bool list_exports(struct service_request *request)
{
    struct document_writer *reply = request->reply;
    struct bytes after = service_text(request, request->input, "NextToken");
    size_t count = 0;
    const struct stack *stack;
    struct txn txn;
    txn_begin_read(request->storage->env, &txn);
    document_open_list(reply, "Exports");
    while ((stack = stack_next(&txn, request->arena, request->world, after)) != NULL &&
           count < STACK_REPLY_PAGE) {
        count += write_exports(reply, stack);
        after = bytes_of_text(stack->uuid);
    }
    document_close_list(reply, "Exports");
    if (stack != NULL) {
        document_write_text(reply, "NextToken", after);
    }
    return stack_reply_end(request, &txn);
}

const struct service_operation CLOUDFORMATION_LIST_EXPORTS = {
    .name = "ListExports",
    .input = &EXPORTS_INPUT,
    .run = list_exports,
};
