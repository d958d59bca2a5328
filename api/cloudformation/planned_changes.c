#include "api/cloudformation/planned_changes.h"

#include "api/cloudformation/deployment_target.h"
#include "api/cloudformation/stack_store.h"
#include "api/cloudformation/stack_tags.h"
#include "api/template/json_document.h"
#include "api/template/message.h"
#include "api/template/node.h"
#include "api/template/property_schema.h"
#include "api/template/table_change.h"
#include "storage/base/arena.h"

#include <string.h>

enum { JSON_SIZE_FIRST = 512, LIST_SIZE_FIRST = 128 };

struct planning {
    struct arena *arena;
    const struct stack *stack;
    const struct stack_template *before; /* NULL: there was none */
    const struct stack_template *template;
    const struct stack_content *target;
    struct stack_environment environment;
    struct planned_changes *out;
    const char **out_error;
};

/* ---- comparing ---- */

static struct bytes to_json(struct arena *arena, const struct node *node)
{
    struct buffer json;
    if (node == NULL) {
        return BYTES("");
    }
    buffer_init(&json, arena, JSON_SIZE_FIRST);
    node_append_json(&json, node, true);
    return buffer_view(&json);
}

static bool is_same(struct arena *arena, const struct node *left, const struct node *right)
{
    return bytes_equal(to_json(arena, left), to_json(arena, right));
}

static const struct node *read_json(struct arena *arena, const char *text)
{
    const struct node *node;
    struct document_error error;
    return json_document_read(arena, bytes_of_text(text), &node, &error) ? node : NULL;
}

static const struct node *first_member(const struct node *map)
{
    return map == NULL ? NULL : map->first;
}

/* ---- changes ---- */

static struct resource_change *add_change(struct planning *planning, const char *action)
{
    struct planned_changes *out = planning->out;
    size_t size = out->count * sizeof *out->items;
    out->items = arena_grow(planning->arena, out->items, size, size + sizeof *out->items);
    struct resource_change *change = &out->items[out->count++];
    *change = (struct resource_change){
        .action = action, .physical_id = "", .replacement = "", .policy_action = ""
    };
    return change;
}

static void add_scope(struct planning *planning, struct resource_change *change, const char *name)
{
    for (size_t i = 0; i < change->scope.count; i++) {
        if (strcmp(change->scope.items[i], name) == 0) {
            return;
        }
    }
    size_t size = change->scope.count * sizeof *change->scope.items;
    change->scope.items =
        arena_grow(planning->arena, change->scope.items, size, size + sizeof *change->scope.items);
    change->scope.items[change->scope.count++] = name;
}

static void add_detail(struct planning *planning,
                       struct resource_change *change,
                       const struct change_detail *detail)
{
    size_t size = change->detail_count * sizeof *detail;
    struct change_detail *details =
        arena_grow(planning->arena, (void *)change->details, size, size + sizeof *detail);
    details[change->detail_count++] = *detail;
    change->details = details;
    add_scope(planning, change, detail->attribute);
}

static void
add_attribute(struct planning *planning, struct resource_change *change, const char *name)
{
    add_detail(planning, change,
               &(struct change_detail){ .attribute = name, .name = "", .recreation = "Never" });
}

/* ---- properties ---- */

static const char *recreation_of(const struct table_change *table, const char *name)
{
    static const char *const names[] = {
        [RECREATION_NEVER] = "Never",
        [RECREATION_CONDITIONALLY] = "Conditionally",
        [RECREATION_ALWAYS] = "Always",
    };
    for (size_t i = 0; i < table->property_count; i++) {
        if (strcmp(table->properties[i].name, name) == 0) {
            return names[table->properties[i].recreation];
        }
    }
    return names[RECREATION_NEVER];
}

static void add_property(struct planning *planning,
                         struct resource_change *change,
                         const struct table_change *table,
                         const struct node *next,
                         const char *name)
{
    bool is_tags = strcmp(name, "Tags") == 0;
    const struct node *value = node_member(next, name);
    struct change_detail detail = {
        .attribute = is_tags ? "Tags" : "Properties",
        .name = is_tags ? "" : name,
        .recreation = recreation_of(table, name),
        .is_dynamic = value != NULL && node_find_unknown(value) != NULL,
    };
    add_detail(planning, change, &detail);
}

static bool is_table(const char *type)
{
    enum resource_kind kind = stack_template_kind(type);
    return kind == RESOURCE_TABLE || kind == RESOURCE_GLOBAL_TABLE;
}

static void compare_properties(struct planning *planning,
                               struct resource_change *change,
                               const struct stack_resource *resource,
                               const struct node *next)
{
    struct arena *arena = planning->arena;
    struct table_change table = { 0 };
    const char *ignored;
    const struct node *previous = read_json(arena, resource->properties);
    const struct table_properties properties = {
        .type = resource->type,
        .physical_name = resource->physical_id,
        .previous = previous,
        .next = next,
    };
    if (is_table(resource->type) && previous != NULL) {
        (void)table_change_find(arena, &properties, &table, &ignored);
    }
    for (const struct node *it = first_member(next); it != NULL; it = it->next) {
        if (!is_same(arena, it, node_member(previous, it->name))) {
            add_property(planning, change, &table, next, it->name);
        }
    }
    for (const struct node *it = first_member(previous); it != NULL; it = it->next) {
        if (node_member(next, it->name) == NULL) {
            add_property(planning, change, &table, next, it->name);
        }
    }
}

/* ---- resources ---- */

static const char *replacement_of(const struct resource_change *change)
{
    const char *replacement = "False";
    for (size_t i = 0; i < change->detail_count; i++) {
        if (strcmp(change->details[i].recreation, "Always") == 0) {
            return "True";
        }
        if (strcmp(change->details[i].recreation, "Conditionally") == 0) {
            replacement = "Conditional";
        }
    }
    return replacement;
}

static const struct resource_declaration *declaration_before(const struct planning *planning,
                                                             const char *logical_id)
{
    return planning->before == NULL ? NULL
                                    : stack_template_find_resource(planning->before, logical_id);
}

static void compare_attributes(struct planning *planning,
                               struct resource_change *change,
                               const struct stack_resource *resource,
                               const struct resource_declaration *declaration)
{
    const struct resource_declaration *before =
        declaration_before(planning, declaration->logical_id);
    if (before != NULL && !is_same(planning->arena, before->metadata, declaration->metadata)) {
        add_attribute(planning, change, "Metadata");
    }
    if (resource->deletion != declaration->deletion) {
        add_attribute(planning, change, "DeletionPolicy");
    }
    if (resource->update_replace != declaration->update_replace) {
        add_attribute(planning, change, "UpdateReplacePolicy");
    }
}

static void modify(struct planning *planning,
                   const struct stack_resource *resource,
                   const struct resource_declaration *declaration,
                   const struct node *properties)
{
    struct resource_change *change = add_change(planning, "Modify");
    change->logical_id = resource->logical_id;
    change->physical_id = resource->physical_id;
    change->type = resource->type;
    compare_properties(planning, change, resource, properties);
    compare_attributes(planning, change, resource, declaration);
    change->replacement = replacement_of(change);
    if (change->detail_count == 0) {
        planning->out->count--;
    } else if (strcmp(change->replacement, "False") != 0) {
        change->policy_action = declaration->update_replace == DELETION_DELETE ? "ReplaceAndDelete"
                                                                               : "ReplaceAndRetain";
    }
}

static bool is_made(const struct stack_resource *resource)
{
    return resource != NULL && resource->status != RESOURCE_CREATE_FAILED &&
           resource->status != RESOURCE_DELETE_COMPLETE &&
           resource->status != RESOURCE_DELETE_SKIPPED;
}

static bool plan_resource(struct planning *planning, const struct resource_declaration *declaration)
{
    struct arena *arena = planning->arena;
    const struct node *properties;
    const char *ignored;
    const struct stack_resource *resource =
        stack_resources_find(&planning->stack->resources, declaration->logical_id);
    if (!stack_values_properties(arena, planning->template, &planning->environment, declaration,
                                 &properties, planning->out_error)) {
        return false;
    }
    /* What does not fit the schema is found by the deployment, as a failure of the resource. */
    (void)property_schema_check(arena, declaration->logical_id, declaration->type, properties,
                                &properties, &ignored);
    if (is_made(resource)) {
        modify(planning, resource, declaration,
               stack_tags_add(arena, declaration->type, properties, planning->target));
        return true;
    }
    struct resource_change *change = add_change(planning, "Add");
    change->logical_id = declaration->logical_id;
    change->type = declaration->type;
    return true;
}

static bool is_kept(struct planning *planning, const char *logical_id)
{
    const struct resource_declaration *declaration =
        stack_template_find_resource(planning->template, logical_id);
    return declaration != NULL && stack_values_has_resource(planning->arena, planning->template,
                                                            &planning->environment, declaration);
}

static void plan_removals(struct planning *planning)
{
    const struct stack_resources *resources = &planning->stack->resources;
    for (size_t i = 0; i < resources->count; i++) {
        const struct stack_resource *resource = &resources->items[i];
        if (is_made(resource) && !is_kept(planning, resource->logical_id)) {
            struct resource_change *change = add_change(planning, "Remove");
            change->logical_id = resource->logical_id;
            change->physical_id = resource->physical_id;
            change->type = resource->type;
            change->policy_action = resource->deletion == DELETION_RETAIN ? "Retain" : "Delete";
        }
    }
}

/* A resource keeps its type for as long as it is in the stack. */
static bool check_types(struct planning *planning)
{
    struct buffer names;
    buffer_init(&names, planning->arena, LIST_SIZE_FIRST);
    for (size_t i = 0; i < planning->template->resource_count; i++) {
        const struct resource_declaration *declaration = &planning->template->resources[i];
        const struct stack_resource *resource =
            stack_resources_find(&planning->stack->resources, declaration->logical_id);
        if (is_made(resource) && strcmp(resource->type, declaration->type) != 0) {
            buffer_append_format(&names, "%s%s", names.length > 0 ? ", " : "",
                                 declaration->logical_id);
        }
    }
    if (names.length > 0) {
        *planning->out_error = message_format(
            planning->arena,
            "Update of resource type is not permitted. The new template modifies resource type of "
            "the following resources: [%.*s]",
            BYTES_ARGUMENTS(buffer_view(&names)));
    }
    return names.length == 0;
}

/* ---- the stack itself ---- */

static bool has_other_tags(const struct stack_content *left, const struct stack_content *right)
{
    if (left->tag_count != right->tag_count) {
        return true;
    }
    for (size_t i = 0; i < left->tag_count; i++) {
        if (strcmp(left->tags[i].key, right->tags[i].key) != 0 ||
            strcmp(left->tags[i].value, right->tags[i].value) != 0) {
            return true;
        }
    }
    return false;
}

static bool is_same_output(const struct stack_output *before, const struct output_value *after)
{
    return strcmp(before->key, after->key) == 0 && after->value != NULL &&
           strcmp(before->value, after->value) == 0 &&
           strcmp(before->description, after->description) == 0 &&
           strcmp(before->export_name, after->export_name == NULL ? "" : after->export_name) == 0;
}

static bool plan_outputs(struct planning *planning)
{
    const struct output_value *outputs;
    size_t count;
    if (!stack_values_outputs(planning->arena, planning->template, &planning->environment, &outputs,
                              &count, planning->out_error)) {
        return false;
    }
    bool is_changed = count != planning->stack->output_count;
    for (size_t i = 0; i < count && !is_changed; i++) {
        is_changed = !is_same_output(&planning->stack->outputs[i], &outputs[i]);
    }
    planning->out->has_others = is_changed;
    return true;
}

static const struct stack_template *read_before(struct deployment *deployment)
{
    struct txn txn;
    const char *ignored;
    const struct stack *stack = deployment->stack;
    struct stack_template *before = arena_alloc(deployment->arena, sizeof *before);
    txn_begin_read(deployment->env, &txn);
    struct bytes text =
        stack_template_text(&txn, deployment->arena, stack, stack->content.template_number);
    txn_abort(&txn);
    return text.length > 0 && stack_template_read(deployment->arena, text, before, &ignored)
               ? before
               : NULL;
}

bool planned_changes_find(struct deployment *deployment,
                          const struct stack_template *stack_template,
                          const struct stack_content *target,
                          struct planned_changes *out_changes,
                          const char **out_error)
{
    struct planning planning = {
        .arena = deployment->arena,
        .stack = deployment->stack,
        .before = read_before(deployment),
        .template = stack_template,
        .target = target,
        .environment = deployment_environment(deployment, target),
        .out = out_changes,
        .out_error = out_error,
    };
    *out_changes = (struct planned_changes){ 0 };
    if (!check_types(&planning)) {
        return false;
    }
    for (size_t i = 0; i < stack_template->resource_count; i++) {
        const struct resource_declaration *declaration =
            &stack_template->resources[stack_template->order[i]];
        if (stack_values_has_resource(planning.arena, stack_template, &planning.environment,
                                      declaration) &&
            !plan_resource(&planning, declaration)) {
            return false;
        }
    }
    plan_removals(&planning);
    if (!plan_outputs(&planning)) {
        return false;
    }
    out_changes->has_others =
        out_changes->has_others || has_other_tags(&deployment->stack->content, target);
    return true;
}
