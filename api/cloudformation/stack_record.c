#include "api/cloudformation/stack_record.h"

#include "api/json_writer.h"
#include "api/template/json_document.h"
#include "api/template/node.h"
#include "storage/base/arena.h"
#include "storage/base/log.h"

#include <stdlib.h>
#include <string.h>

/* ---- writing ---- */

static void write_text(struct json_writer *writer, const char *name, const char *text)
{
    if (text[0] != '\0') {
        json_member_text(writer, name, bytes_of_text(text));
    }
}

static void write_number(struct json_writer *writer, const char *name, int64_t value)
{
    if (value != 0) {
        json_member_integer(writer, name, value);
    }
}

static void write_flag(struct json_writer *writer, const char *name, bool value)
{
    if (value) {
        json_member_boolean(writer, name, true);
    }
}

static void write_texts(struct json_writer *writer, const char *name, const struct text_list *texts)
{
    json_write_key(writer, name);
    json_open_array(writer);
    for (size_t i = 0; i < texts->count; i++) {
        json_write_text(writer, bytes_of_text(texts->items[i]));
    }
    json_close_array(writer);
}

void stack_content_write(struct json_writer *writer, const struct stack_content *content)
{
    json_open_object(writer);
    write_number(writer, "Template", (int64_t)content->template_number);
    write_text(writer, "Description", content->description);
    json_write_key(writer, "Parameters");
    json_open_array(writer);
    for (size_t i = 0; i < content->parameter_count; i++) {
        const struct parameter_value *parameter = &content->parameters[i];
        json_open_object(writer);
        write_text(writer, "Name", parameter->name);
        write_text(writer, "Value", parameter->value);
        if (parameter->resolved != NULL) {
            json_member_text(writer, "Resolved", bytes_of_text(parameter->resolved));
        }
        write_flag(writer, "NoEcho", parameter->is_no_echo);
        json_close_object(writer);
    }
    json_close_array(writer);
    json_write_key(writer, "Tags");
    json_open_array(writer);
    for (size_t i = 0; i < content->tag_count; i++) {
        json_open_object(writer);
        write_text(writer, "Key", content->tags[i].key);
        write_text(writer, "Value", content->tags[i].value);
        json_close_object(writer);
    }
    json_close_array(writer);
    write_texts(writer, "Capabilities", &content->capabilities);
    write_texts(writer, "NotificationARNs", &content->notification_arns);
    write_text(writer, "RoleARN", content->role_arn);
    write_text(writer, "ChangeSetId", content->change_set_id);
    json_close_object(writer);
}

static void write_outputs(struct json_writer *writer, const struct stack *stack)
{
    json_open_array(writer);
    for (size_t i = 0; i < stack->output_count; i++) {
        const struct stack_output *output = &stack->outputs[i];
        json_open_object(writer);
        write_text(writer, "Key", output->key);
        write_text(writer, "Value", output->value);
        write_text(writer, "Description", output->description);
        write_text(writer, "ExportName", output->export_name);
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void write_resources(struct json_writer *writer,
                            const char *name,
                            const struct stack_resources *resources)
{
    json_write_key(writer, name);
    json_open_array(writer);
    for (size_t i = 0; i < resources->count; i++) {
        const struct stack_resource *resource = &resources->items[i];
        json_open_object(writer);
        write_text(writer, "LogicalId", resource->logical_id);
        write_text(writer, "Type", resource->type);
        write_text(writer, "PhysicalId", resource->physical_id);
        write_text(writer, "Status", resource_status_name(resource->status));
        write_text(writer, "Reason", resource->reason);
        write_number(writer, "Updated", resource->updated_ms);
        write_text(writer, "Properties", resource->properties);
        write_number(writer, "Deletion", resource->deletion);
        write_number(writer, "UpdateReplace", resource->update_replace);
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void write_tasks(struct json_writer *writer, const char *name, const struct task_list *tasks)
{
    json_write_key(writer, name);
    json_open_array(writer);
    for (size_t i = 0; i < tasks->count; i++) {
        const struct stack_task *task = &tasks->items[i];
        json_open_object(writer);
        write_text(writer, "LogicalId", task->logical_id);
        write_text(writer, "Type", task->type);
        write_number(writer, "Action", task->action);
        write_number(writer, "State", task->state);
        write_text(writer, "PhysicalId", task->physical_id);
        write_text(writer, "Properties", task->properties);
        write_number(writer, "Deletion", task->deletion);
        write_number(writer, "Position", (int64_t)task->position);
        write_text(writer, "SentBy", task->sent_by);
        write_number(writer, "Tries", (int64_t)task->tries);
        write_flag(writer, "IsMade", task->is_made);
        write_flag(writer, "IsReplaced", task->is_replaced);
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void write_operation(struct json_writer *writer, const struct stack_operation *operation)
{
    json_open_object(writer);
    write_number(writer, "Kind", operation->kind);
    write_number(writer, "Phase", operation->phase);
    write_flag(writer, "GoesBack", operation->goes_back);
    write_flag(writer, "KeepsFailed", operation->keeps_failed);
    write_flag(writer, "DeletesFailed", operation->deletes_failed);
    write_flag(writer, "DeletesNew", operation->deletes_new);
    json_write_key(writer, "Target");
    stack_content_write(writer, &operation->target);
    write_resources(writer, "Before", &operation->before);
    write_tasks(writer, "Tasks", &operation->tasks);
    write_tasks(writer, "Done", &operation->done);
    write_tasks(writer, "Leftovers", &operation->leftovers);
    write_texts(writer, "Retained", &operation->retained);
    write_text(writer, "ClientToken", operation->client_token);
    write_text(writer, "AccessKeyId", operation->access_key_id);
    write_text(writer, "Region", operation->region);
    write_number(writer, "Due", operation->due_ms);
    write_number(writer, "TimesOut", operation->times_out_ms);
    json_close_object(writer);
}

void stack_record_write(struct buffer *to, const struct stack *stack)
{
    struct json_writer writer = json_writer_of(to);
    json_open_object(&writer);
    write_text(&writer, "Id", stack->id);
    write_text(&writer, "UUID", stack->uuid);
    write_text(&writer, "Name", stack->name);
    write_text(&writer, "World", stack->world);
    write_text(&writer, "Status", stack_status_name(stack->status));
    write_text(&writer, "Reason", stack->reason);
    write_number(&writer, "Created", stack->created_ms);
    write_number(&writer, "Updated", stack->updated_ms);
    write_number(&writer, "Deleted", stack->deleted_ms);
    write_flag(&writer, "IsProtected", stack->is_protected);
    write_flag(&writer, "DisablesRollback", stack->disables_rollback);
    json_write_key(&writer, "Content");
    stack_content_write(&writer, &stack->content);
    json_write_key(&writer, "Outputs");
    write_outputs(&writer, stack);
    write_resources(&writer, "Resources", &stack->resources);
    if (stack->operation.kind != OPERATION_NONE) {
        json_write_key(&writer, "Operation");
        write_operation(&writer, &stack->operation);
    }
    write_text(&writer, "LastToken", stack->last_token);
    write_number(&writer, "LastTemplate", (int64_t)stack->last_template);
    write_number(&writer, "LastEvent", (int64_t)stack->last_event);
    write_number(&writer, "LastEventTime", stack->last_event_ms);
    write_number(&writer, "Version", (int64_t)stack->version);
    json_close_object(&writer);
}

/* ---- reading ---- */

static const char *read_text(const struct node *map, const char *name)
{
    return node_text(node_member(map, name), "");
}

static int64_t read_number(const struct node *map, const char *name)
{
    return strtoll(read_text(map, name), NULL, 10);
}

/* A number of an enumeration with `count` values; what is out of range is the first. */
static unsigned read_choice(const struct node *map, const char *name, unsigned count)
{
    int64_t value = read_number(map, name);
    return value >= 0 && value < count ? (unsigned)value : 0;
}

static bool read_flag(const struct node *map, const char *name)
{
    return node_is_text(node_member(map, name), "true");
}

static const struct node *first_of(const struct node *map, const char *name)
{
    const struct node *list = node_member(map, name);
    return list == NULL ? NULL : list->first;
}

static struct text_list read_texts(struct arena *arena, const struct node *map, const char *name)
{
    size_t count = node_count(node_member(map, name));
    struct text_list texts = { .items = arena_alloc(arena, count * sizeof *texts.items) };
    for (const struct node *node = first_of(map, name); node != NULL; node = node->next) {
        texts.items[texts.count++] = node_text(node, "");
    }
    return texts;
}

void stack_content_read(struct arena *arena,
                        const struct node *node,
                        struct stack_content *out_content)
{
    struct parameter_value *parameters = arena_alloc(
        arena, node_count(node_member(node, "Parameters")) * sizeof(struct parameter_value));
    struct stack_tag *tags =
        arena_alloc(arena, node_count(node_member(node, "Tags")) * sizeof(struct stack_tag));
    *out_content = (struct stack_content){
        .template_number = (uint64_t)read_number(node, "Template"),
        .description = read_text(node, "Description"),
        .parameters = parameters,
        .tags = tags,
        .capabilities = read_texts(arena, node, "Capabilities"),
        .notification_arns = read_texts(arena, node, "NotificationARNs"),
        .role_arn = read_text(node, "RoleARN"),
        .change_set_id = read_text(node, "ChangeSetId"),
    };
    for (const struct node *it = first_of(node, "Parameters"); it != NULL; it = it->next) {
        parameters[out_content->parameter_count++] = (struct parameter_value){
            .name = read_text(it, "Name"),
            .value = read_text(it, "Value"),
            .resolved = node_text(node_member(it, "Resolved"), NULL),
            .is_no_echo = read_flag(it, "NoEcho"),
        };
    }
    for (const struct node *it = first_of(node, "Tags"); it != NULL; it = it->next) {
        tags[out_content->tag_count++] =
            (struct stack_tag){ .key = read_text(it, "Key"), .value = read_text(it, "Value") };
    }
}

static void read_outputs(struct arena *arena, const struct node *record, struct stack *stack)
{
    struct stack_output *outputs = arena_alloc(arena, node_count(node_member(record, "Outputs")) *
                                                          sizeof(struct stack_output));
    for (const struct node *it = first_of(record, "Outputs"); it != NULL; it = it->next) {
        outputs[stack->output_count++] = (struct stack_output){
            .key = read_text(it, "Key"),
            .value = read_text(it, "Value"),
            .description = read_text(it, "Description"),
            .export_name = read_text(it, "ExportName"),
        };
    }
    stack->outputs = outputs;
}

static enum resource_status read_resource_status(const struct node *map)
{
    for (unsigned i = 0; i < RESOURCE_STATUS_COUNT; i++) {
        if (node_is_text(node_member(map, "Status"), resource_status_name(i))) {
            return i;
        }
    }
    return RESOURCE_CREATE_IN_PROGRESS;
}

static struct stack_resources
read_resources(struct arena *arena, const struct node *map, const char *name)
{
    struct stack_resources resources = { 0 };
    for (const struct node *it = first_of(map, name); it != NULL; it = it->next) {
        *stack_resources_add(&resources, arena) = (struct stack_resource){
            .logical_id = read_text(it, "LogicalId"),
            .type = read_text(it, "Type"),
            .physical_id = read_text(it, "PhysicalId"),
            .status = read_resource_status(it),
            .reason = read_text(it, "Reason"),
            .updated_ms = read_number(it, "Updated"),
            .properties = read_text(it, "Properties"),
            .deletion = read_choice(it, "Deletion", DELETION_RETAIN_EXCEPT_ON_CREATE + 1),
            .update_replace =
                read_choice(it, "UpdateReplace", DELETION_RETAIN_EXCEPT_ON_CREATE + 1),
        };
    }
    return resources;
}

static struct task_list read_tasks(struct arena *arena, const struct node *map, const char *name)
{
    struct task_list tasks = { 0 };
    for (const struct node *it = first_of(map, name); it != NULL; it = it->next) {
        *task_list_add(&tasks, arena) = (struct stack_task){
            .logical_id = read_text(it, "LogicalId"),
            .type = read_text(it, "Type"),
            .action = read_choice(it, "Action", TASK_DELETE + 1),
            .state = read_choice(it, "State", TASK_CANCELLED + 1),
            .physical_id = read_text(it, "PhysicalId"),
            .properties = read_text(it, "Properties"),
            .deletion = read_choice(it, "Deletion", DELETION_RETAIN_EXCEPT_ON_CREATE + 1),
            .position = (uint64_t)read_number(it, "Position"),
            .sent_by = read_text(it, "SentBy"),
            .tries = (uint64_t)read_number(it, "Tries"),
            .is_made = read_flag(it, "IsMade"),
            .is_replaced = read_flag(it, "IsReplaced"),
        };
    }
    return tasks;
}

static void
read_operation(struct arena *arena, const struct node *node, struct stack_operation *out_operation)
{
    *out_operation = (struct stack_operation){
        .kind = read_choice(node, "Kind", OPERATION_DELETE + 1),
        .phase = read_choice(node, "Phase", PHASE_CLEANUP + 1),
        .goes_back = read_flag(node, "GoesBack"),
        .keeps_failed = read_flag(node, "KeepsFailed"),
        .deletes_failed = read_flag(node, "DeletesFailed"),
        .deletes_new = read_flag(node, "DeletesNew"),
        .before = read_resources(arena, node, "Before"),
        .tasks = read_tasks(arena, node, "Tasks"),
        .done = read_tasks(arena, node, "Done"),
        .leftovers = read_tasks(arena, node, "Leftovers"),
        .retained = read_texts(arena, node, "Retained"),
        .client_token = read_text(node, "ClientToken"),
        .access_key_id = read_text(node, "AccessKeyId"),
        .region = read_text(node, "Region"),
        .due_ms = read_number(node, "Due"),
        .times_out_ms = read_number(node, "TimesOut"),
    };
    stack_content_read(arena, node_member(node, "Target"), &out_operation->target);
}

static enum stack_status read_stack_status(const struct node *record)
{
    for (unsigned i = 0; i < STACK_STATUS_COUNT; i++) {
        if (node_is_text(node_member(record, "Status"), stack_status_name(i))) {
            return i;
        }
    }
    return STACK_CREATE_FAILED;
}

struct stack *stack_record_read(struct arena *arena, struct bytes record)
{
    const struct node *tree;
    struct document_error error;
    if (!json_document_read(arena, record, &tree, &error)) {
        log_error("the record of a stack could not be read: %s at column %zu", error.what,
                  error.column);
        return NULL;
    }
    struct stack *stack = arena_alloc(arena, sizeof *stack);
    *stack = (struct stack){
        .id = read_text(tree, "Id"),
        .uuid = read_text(tree, "UUID"),
        .name = read_text(tree, "Name"),
        .world = read_text(tree, "World"),
        .status = read_stack_status(tree),
        .reason = read_text(tree, "Reason"),
        .created_ms = read_number(tree, "Created"),
        .updated_ms = read_number(tree, "Updated"),
        .deleted_ms = read_number(tree, "Deleted"),
        .is_protected = read_flag(tree, "IsProtected"),
        .disables_rollback = read_flag(tree, "DisablesRollback"),
        .resources = read_resources(arena, tree, "Resources"),
        .last_token = read_text(tree, "LastToken"),
        .last_template = (uint64_t)read_number(tree, "LastTemplate"),
        .last_event = (uint64_t)read_number(tree, "LastEvent"),
        .last_event_ms = read_number(tree, "LastEventTime"),
        .version = (uint64_t)read_number(tree, "Version"),
    };
    stack_content_read(arena, node_member(tree, "Content"), &stack->content);
    read_outputs(arena, tree, stack);
    read_operation(arena, node_member(tree, "Operation"), &stack->operation);
    return stack;
}
