#include "api/cloudformation/change_set_record.h"

#include "api/cloudformation/stack_record.h"
#include "api/json_writer.h"
#include "api/template/json_document.h"
#include "api/template/node.h"
#include "storage/base/arena.h"
#include "storage/base/log.h"

#include <stdlib.h>

enum { RADIX = 10 };

/* ---- writing ---- */

static void write_text(struct json_writer *writer, const char *name, const char *text)
{
    if (text[0] != '\0') {
        json_member_text(writer, name, bytes_of_text(text));
    }
}

static void write_details(struct json_writer *writer, const struct resource_change *change)
{
    json_write_key(writer, "Details");
    json_open_array(writer);
    for (size_t i = 0; i < change->detail_count; i++) {
        const struct change_detail *detail = &change->details[i];
        json_open_object(writer);
        write_text(writer, "Attribute", detail->attribute);
        write_text(writer, "Name", detail->name);
        write_text(writer, "Recreation", detail->recreation);
        json_member_boolean(writer, "IsDynamic", detail->is_dynamic);
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void write_change(struct json_writer *writer, const struct resource_change *change)
{
    json_open_object(writer);
    write_text(writer, "Action", change->action);
    write_text(writer, "LogicalId", change->logical_id);
    write_text(writer, "PhysicalId", change->physical_id);
    write_text(writer, "Type", change->type);
    write_text(writer, "Replacement", change->replacement);
    write_text(writer, "PolicyAction", change->policy_action);
    json_write_key(writer, "Scope");
    json_open_array(writer);
    for (size_t i = 0; i < change->scope.count; i++) {
        json_write_text(writer, bytes_of_text(change->scope.items[i]));
    }
    json_close_array(writer);
    write_details(writer, change);
    json_close_object(writer);
}

void change_set_record_write(struct buffer *to, const struct change_set *change_set)
{
    struct json_writer writer = json_writer_of(to);
    json_open_object(&writer);
    write_text(&writer, "Id", change_set->id);
    write_text(&writer, "Name", change_set->name);
    write_text(&writer, "StackId", change_set->stack_id);
    write_text(&writer, "StackName", change_set->stack_name);
    write_text(&writer, "Description", change_set->description);
    json_member_boolean(&writer, "IsCreation", change_set->is_creation);
    json_member_boolean(&writer, "HasFailed", change_set->has_failed);
    write_text(&writer, "Reason", change_set->reason);
    write_text(&writer, "Execution", execution_status_name(change_set->execution));
    json_member_integer(&writer, "Created", change_set->created_ms);
    write_text(&writer, "ClientToken", change_set->client_token);
    write_text(&writer, "OnFailure", change_set->on_failure);
    json_write_key(&writer, "Content");
    stack_content_write(&writer, &change_set->content);
    json_write_key(&writer, "Changes");
    json_open_array(&writer);
    for (size_t i = 0; i < change_set->change_count; i++) {
        write_change(&writer, &change_set->changes[i]);
    }
    json_close_array(&writer);
    json_close_object(&writer);
}

/* ---- reading ---- */

static const char *read_text(const struct node *map, const char *name)
{
    return node_text(node_member(map, name), "");
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

static void
read_details(struct arena *arena, const struct node *node, struct resource_change *change)
{
    struct change_detail *details =
        arena_alloc(arena, node_count(node_member(node, "Details")) * sizeof *details);
    for (const struct node *it = first_of(node, "Details"); it != NULL; it = it->next) {
        details[change->detail_count++] = (struct change_detail){
            .attribute = read_text(it, "Attribute"),
            .name = read_text(it, "Name"),
            .recreation = read_text(it, "Recreation"),
            .is_dynamic = read_flag(it, "IsDynamic"),
        };
    }
    change->details = details;
}

static void
read_change(struct arena *arena, const struct node *node, struct resource_change *out_change)
{
    size_t scope_count = node_count(node_member(node, "Scope"));
    *out_change = (struct resource_change){
        .action = read_text(node, "Action"),
        .logical_id = read_text(node, "LogicalId"),
        .physical_id = read_text(node, "PhysicalId"),
        .type = read_text(node, "Type"),
        .replacement = read_text(node, "Replacement"),
        .policy_action = read_text(node, "PolicyAction"),
        .scope.items = arena_alloc(arena, scope_count * sizeof(const char *)),
    };
    for (const struct node *it = first_of(node, "Scope"); it != NULL; it = it->next) {
        out_change->scope.items[out_change->scope.count++] = node_text(it, "");
    }
    read_details(arena, node, out_change);
}

static enum execution_status read_execution(const struct node *record)
{
    for (unsigned i = 0; i < EXECUTION_STATUS_COUNT; i++) {
        if (node_is_text(node_member(record, "Execution"), execution_status_name(i))) {
            return i;
        }
    }
    return EXECUTION_UNAVAILABLE;
}

static void read_changes(struct arena *arena, const struct node *record, struct change_set *to)
{
    struct resource_change *changes =
        arena_alloc(arena, node_count(node_member(record, "Changes")) * sizeof *changes);
    for (const struct node *it = first_of(record, "Changes"); it != NULL; it = it->next) {
        read_change(arena, it, &changes[to->change_count++]);
    }
    to->changes = changes;
}

struct change_set *change_set_record_read(struct arena *arena, struct bytes record)
{
    const struct node *tree;
    struct document_error error;
    if (!json_document_read(arena, record, &tree, &error)) {
        log_error("the record of a change set could not be read: %s at column %zu", error.what,
                  error.column);
        return NULL;
    }
    struct change_set *change_set = arena_alloc(arena, sizeof *change_set);
    *change_set = (struct change_set){
        .id = read_text(tree, "Id"),
        .name = read_text(tree, "Name"),
        .stack_id = read_text(tree, "StackId"),
        .stack_name = read_text(tree, "StackName"),
        .description = read_text(tree, "Description"),
        .is_creation = read_flag(tree, "IsCreation"),
        .has_failed = read_flag(tree, "HasFailed"),
        .reason = read_text(tree, "Reason"),
        .execution = read_execution(tree),
        .created_ms = strtoll(read_text(tree, "Created"), NULL, RADIX),
        .client_token = read_text(tree, "ClientToken"),
        .on_failure = read_text(tree, "OnFailure"),
    };
    stack_content_read(arena, node_member(tree, "Content"), &change_set->content);
    read_changes(arena, tree, change_set);
    return change_set;
}
