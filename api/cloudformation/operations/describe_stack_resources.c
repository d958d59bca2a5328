/*
 * DescribeStackResource, DescribeStackResources and ListStackResources: three views of one list.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
 */

#include "api/cloudformation/stack_reply.h"
#include "api/internal.h"
#include "api/template/node.h"
#include "storage/base/arena.h"

static const struct shape TOKEN = { .kind = SHAPE_STRING, .range = { 1, 1024 } };

static void write_resource(struct document_writer *reply,
                           const struct stack_resource *resource,
                           const char *time_name)
{
    document_write_text(reply, "LogicalResourceId", bytes_of_text(resource->logical_id));
    stack_reply_text(reply, "PhysicalResourceId", resource->physical_id);
    document_write_text(reply, "ResourceType", bytes_of_text(resource->type));
    document_write_time(reply, time_name, resource->updated_ms);
    document_write_text(reply, "ResourceStatus",
                        bytes_of_text(resource_status_name(resource->status)));
    stack_reply_text(reply, "ResourceStatusReason", resource->reason);
    stack_reply_drift(reply, "StackResourceDriftStatus");
}

static void write_names(struct document_writer *reply, const struct stack *stack)
{
    document_write_text(reply, "StackName", bytes_of_text(stack->name));
    document_write_text(reply, "StackId", bytes_of_text(stack->id));
}

/* The resource that LogicalResourceId names. NULL: the request has failed. */
static const struct stack_resource *find_resource(struct service_request *request,
                                                  const struct stack *stack)
{
    struct bytes name = service_text(request, request->input, "LogicalResourceId");
    const struct stack_resource *resource =
        stack_resources_find(&stack->resources, bytes_to_text(request->arena, name));
    if (resource == NULL) {
        (void)service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                           "Resource %.*s does not exist for stack %s", BYTES_ARGUMENTS(name),
                           stack->name);
    }
    return resource;
}

/* ---- DescribeStackResource ---- */

static const struct member RESOURCE_MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "LogicalResourceId", &SHAPE_ANY_STRING, REQUIRED },
};
static const struct shape RESOURCE_INPUT =
    SHAPE_STRUCTURE_OF("DescribeStackResourceInput", RESOURCE_MEMBERS);

/* Metadata as the template has it. */
static void write_metadata(struct service_request *request,
                           struct txn *txn,
                           const struct stack *stack,
                           const char *logical_id)
{
    struct stack_template parsed;
    const char *error;
    struct bytes text = stack_template_text(txn, request->arena, stack,
                                            stack_shown_content(stack)->template_number);
    if (text.length == 0 || !stack_template_read(request->arena, text, &parsed, &error)) {
        return;
    }
    const struct resource_declaration *declared = stack_template_find_resource(&parsed, logical_id);
    if (declared != NULL && declared->metadata != NULL) {
        struct buffer json;
        buffer_init(&json, request->arena, 256);
        node_append_json(&json, declared->metadata, false);
        document_write_text(request->reply, "Metadata", buffer_view(&json));
    }
}

static bool describe_stack_resource(struct service_request *request)
{
    struct document_writer *reply = request->reply;
    struct txn txn;
    txn_begin_read(request->storage->env, &txn);
    const struct stack *stack = stack_reply_find(request, &txn, STACK_IS_ABSENT);
    const struct stack_resource *resource = stack != NULL ? find_resource(request, stack) : NULL;
    if (resource != NULL) {
        document_open_structure(reply, "StackResourceDetail");
        write_names(reply, stack);
        write_resource(reply, resource, "LastUpdatedTimestamp");
        write_metadata(request, &txn, stack, resource->logical_id);
        document_close_structure(reply, "StackResourceDetail");
    }
    return stack_reply_end(request, &txn);
}

const struct service_operation CLOUDFORMATION_DESCRIBE_STACK_RESOURCE = {
    .name = "DescribeStackResource",
    .input = &RESOURCE_INPUT,
    .run = describe_stack_resource,
};

/* ---- DescribeStackResources ---- */

static const struct member RESOURCES_MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, OPTIONAL },
    { "LogicalResourceId", &SHAPE_ANY_STRING, OPTIONAL },
    { "PhysicalResourceId", &SHAPE_ANY_STRING, OPTIONAL },
};
static const struct shape RESOURCES_INPUT =
    SHAPE_STRUCTURE_OF("DescribeStackResourcesInput", RESOURCES_MEMBERS);

static const struct stack *find_by_resource(struct service_request *request, struct txn *txn)
{
    struct bytes name = service_text(request, request->input, "PhysicalResourceId");
    const struct stack *stack =
        stack_of_table(txn, request->arena, request->world, bytes_to_text(request->arena, name));
    if (stack == NULL) {
        (void)service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                           "Stack for %.*s does not exist", BYTES_ARGUMENTS(name));
    }
    return stack;
}

static void write_resources(struct service_request *request, const struct stack *stack)
{
    struct document_writer *reply = request->reply;
    const struct stack_resource *only = NULL;
    if (json_member(request->input, "LogicalResourceId") != NULL) {
        only = find_resource(request, stack);
        if (only == NULL) {
            return;
        }
    }
    document_open_list(reply, "StackResources");
    for (size_t i = 0; i < stack->resources.count && i < STACK_REPLY_PAGE; i++) {
        const struct stack_resource *resource = &stack->resources.items[i];
        if (only == NULL || only == resource) {
            document_open_structure(reply, NULL);
            write_names(reply, stack);
            write_resource(reply, resource, "Timestamp");
            document_close_structure(reply, NULL);
        }
    }
    document_close_list(reply, "StackResources");
}

static bool describe_stack_resources(struct service_request *request)
{
    bool has_name = json_member(request->input, "StackName") != NULL;
    struct txn txn;
    if (has_name == (json_member(request->input, "PhysicalResourceId") != NULL)) {
        return service_fail(request, &CLOUDFORMATION_VALIDATION_ERROR,
                            "Either StackName or PhysicalResourceId must be specified, and not "
                            "both");
    }
    txn_begin_read(request->storage->env, &txn);
    const struct stack *stack = has_name ? stack_reply_find(request, &txn, STACK_WITH_ID_IS_ABSENT)
                                         : find_by_resource(request, &txn);
    if (stack != NULL) {
        write_resources(request, stack);
    }
    return stack_reply_end(request, &txn);
}

const struct service_operation CLOUDFORMATION_DESCRIBE_STACK_RESOURCES = {
    .name = "DescribeStackResources",
    .input = &RESOURCES_INPUT,
    .run = describe_stack_resources,
};

/* ---- ListStackResources ---- */

static const struct member LIST_MEMBERS[] = {
    { "StackName", &CLOUDFORMATION_STACK_NAME, REQUIRED },
    { "NextToken", &TOKEN, OPTIONAL },
};
static const struct shape LIST_INPUT = SHAPE_STRUCTURE_OF("ListStackResourcesInput", LIST_MEMBERS);

static void write_summaries(struct document_writer *reply,
                            const struct stack_resources *resources,
                            size_t start)
{
    size_t end = start + STACK_REPLY_PAGE;
    document_open_list(reply, "StackResourceSummaries");
    for (size_t i = start; i < resources->count && i < end; i++) {
        document_open_structure(reply, NULL);
        write_resource(reply, &resources->items[i], "LastUpdatedTimestamp");
        document_close_structure(reply, NULL);
    }
    document_close_list(reply, "StackResourceSummaries");
    if (end < resources->count) {
        stack_reply_next_token(reply, end);
    }
}

static bool list_stack_resources(struct service_request *request)
{
    struct txn txn;
    uint64_t start;
    if (!stack_reply_token(request, &start)) {
        return false;
    }
    txn_begin_read(request->storage->env, &txn);
    const struct stack *stack = stack_reply_find(request, &txn, STACK_WITH_ID_IS_ABSENT);
    if (stack != NULL) {
        write_summaries(request->reply, &stack->resources, start);
    }
    return stack_reply_end(request, &txn);
}

const struct service_operation CLOUDFORMATION_LIST_STACK_RESOURCES = {
    .name = "ListStackResources",
    .input = &LIST_INPUT,
    .run = list_stack_resources,
};
