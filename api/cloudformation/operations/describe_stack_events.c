/*
 * Newest first.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
 */

#include "api/cloudformation/stack_events.h"
#include "api/cloudformation/stack_reply.h"
#include "api/internal.h"

static const struct shape TOKEN = { .kind = SHAPE_STRING, .range = { 1, 1024 } };
static const struct member MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "NextToken", &TOKEN, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("DescribeStackEventsInput", MEMBERS);

static void write_event(struct document_writer *reply,
                        const struct stack *stack,
                        const struct stack_event *event)
{
    document_open_structure(reply, NULL);
    document_write_text(reply, "StackId", bytes_of_text(stack->id));
    document_write_text(reply, "EventId", bytes_of_text(event->event_id));
    document_write_text(reply, "StackName", bytes_of_text(stack->name));
    document_write_text(reply, "LogicalResourceId", bytes_of_text(event->logical_id));
    document_write_text(reply, "PhysicalResourceId", bytes_of_text(event->physical_id));
    document_write_text(reply, "ResourceType", bytes_of_text(event->type));
    document_write_time(reply, "Timestamp", event->time_ms);
    document_write_text(reply, "ResourceStatus", bytes_of_text(event->status));
    stack_reply_text(reply, "ResourceStatusReason", event->reason);
    stack_reply_text(reply, "ResourceProperties", event->properties);
    stack_reply_text(reply, "ClientRequestToken", event->client_token);
    document_close_structure(reply, NULL);
}

static void write_page(struct service_request *request,
                       struct txn *txn,
                       const struct stack *stack,
                       uint64_t before)
{
    struct document_writer *reply = request->reply;
    struct stack_event event;
    size_t count = 0;
    bool is_more = false;
    document_open_list(reply, "StackEvents");
    while ((is_more = stack_event_previous(txn, request->arena, stack, before, &event)) &&
           count < STACK_REPLY_PAGE) {
        write_event(reply, stack, &event);
        before = event.number;
        count++;
    }
    document_close_list(reply, "StackEvents");
    if (is_more) {
        stack_reply_next_token(reply, before);
    }
}

static bool describe_stack_events(struct service_request *request)
{
    struct txn txn;
    uint64_t before;
    if (!stack_reply_token(request, &before)) {
        return false;
    }
    txn_begin_read(request->storage->env, &txn);
    const struct stack *stack = stack_reply_find(request, &txn, STACK_IS_ABSENT);
    if (stack != NULL) {
        write_page(request, &txn, stack, before);
    }
    return stack_reply_end(request, &txn);
}

const struct service_operation CLOUDFORMATION_DESCRIBE_STACK_EVENTS = {
    .name = "DescribeStackEvents",
    .input = &INPUT,
    .run = describe_stack_events,
};
