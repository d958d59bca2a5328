#include "api/template/references.h"

#include "api/template/dependency_order.h"
#include "api/template/functions.h"
#include "api/template/message.h"
#include "api/template/node.h"
#include "api/template/stack_template.h"
#include "storage/base/arena.h"
#include "storage/base/bytes.h"

#include <string.h>

enum place {
    PLACE_CONDITIONS,
    PLACE_RESOURCES,
    PLACE_OUTPUTS,
};

struct checking {
    struct arena *arena;
    const struct stack_template *stack_template;
    const char *error;
    enum place place;
    bool *depends;           /* of the resource that is looked at, by place; NULL: of none */
    bool is_import;          /* within Fn::ImportValue */
    struct node *unresolved; /* a map of the names that are nothing, each maybe more than once */
};

static bool fail(struct checking *checking, const char *message)
{
    if (checking->error == NULL) {
        checking->error = message;
    }
    return false;
}

static bool visit(struct checking *checking, const struct node *node);

/* ---- names ---- */

static bool is_pseudo_parameter(const char *name)
{
    static const char *const names[] = { "AccountId", "Region",  "StackName", "StackId",
                                         "Partition", "NoValue", "URLSuffix", "NotificationARNs" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(name, "AWS::", 5) == 0 && strcmp(name + 5, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A name that is nothing in the template is told together with the others of its block. */
static void note_unresolved(struct checking *checking, const char *name)
{
    node_append(checking->unresolved, name, node_new(checking->arena, NODE_SCALAR, ""));
}

static const char *unresolved_names(struct checking *checking)
{
    struct buffer text;
    buffer_init(&text, checking->arena, 64);
    (void)node_keep_last(checking->arena, checking->unresolved);
    for (const struct node *name = checking->unresolved->first; name != NULL; name = name->next) {
        buffer_append_format(&text, "%s%s", text.length > 0 ? ", " : "", name->name);
    }
    return bytes_to_text(checking->arena, buffer_view(&text));
}

static const char IMPORT_FAULT[] =
    "Template error: the attribute in Fn::ImportValue must not depend on any resources, imported "
    "values, or Fn::GetAZs";

/* False: there is no resource of that name, or none can be referred to here. */
static bool note_dependency(struct checking *checking, const char *logical_id)
{
    const struct resource_declaration *resource =
        stack_template_find_resource(checking->stack_template, logical_id);
    if (resource == NULL || checking->place == PLACE_CONDITIONS) {
        return false;
    }
    if (checking->is_import) {
        (void)fail(checking, IMPORT_FAULT);
    } else if (checking->depends != NULL) {
        checking->depends[resource - checking->stack_template->resources] = true;
    }
    return true;
}

static void visit_name(struct checking *checking, const char *name)
{
    if (!is_pseudo_parameter(name) &&
        stack_template_find_parameter(checking->stack_template, name) == NULL &&
        !note_dependency(checking, name)) {
        note_unresolved(checking, name);
    }
}

static bool has_attribute(const char *type, const char *attribute)
{
    switch (stack_template_kind(type)) {
    case RESOURCE_TABLE:
        return strcmp(attribute, "Arn") == 0 || strcmp(attribute, "StreamArn") == 0;
    case RESOURCE_GLOBAL_TABLE:
        return strcmp(attribute, "Arn") == 0 || strcmp(attribute, "StreamArn") == 0 ||
               strcmp(attribute, "TableId") == 0;
    case RESOURCE_METADATA:
        return false;
    case RESOURCE_OTHER:
        break;
    }
    return true;
}

static bool visit_attribute(struct checking *checking,
                            const struct attribute_reference *reference,
                            const char *function)
{
    const struct resource_declaration *resource =
        stack_template_find_resource(checking->stack_template, reference->resource);
    if (!note_dependency(checking, reference->resource)) {
        return fail(checking, message_format(checking->arena,
                                             "Template error: instance of %s references undefined "
                                             "resource %s",
                                             function, reference->resource));
    }
    if (reference->attribute != NULL && !has_attribute(resource->type, reference->attribute)) {
        return fail(checking, message_format(checking->arena,
                                             "Template error: resource %s does not support "
                                             "attribute type %s in Fn::GetAtt",
                                             reference->resource, reference->attribute));
    }
    return true;
}

/* ---- functions that name something ---- */

static bool has_condition(const struct checking *checking, const char *name)
{
    return node_member(node_member(checking->stack_template->document, "Conditions"), name) != NULL;
}

static bool visit_sub(struct checking *checking, const struct node *argument)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_.:";
    const struct node *variables = argument->kind == NODE_LIST ? argument->first->next : NULL;
    const char *text = node_text(argument->kind == NODE_LIST ? argument->first : argument, "");
    struct substitution next;
    for (; function_next_substitution(checking->arena, text, &next); text = next.end) {
        if (next.name[0] == '!' || node_member(variables, next.name) != NULL) {
            continue;
        }
        if (next.name[0] == '\0' || next.name[strspn(next.name, letters)] != '\0') {
            return fail(checking,
                        "Template error: variable names in Fn::Sub syntax must contain only "
                        "alphanumeric characters, underscores, periods, and colons");
        }
        const char *dot = strchr(next.name, '.');
        if (dot == NULL) {
            visit_name(checking, next.name);
            continue;
        }
        struct attribute_reference reference = {
            .resource = message_format(checking->arena, "%.*s", (int)(dot - next.name), next.name),
            .attribute = dot + 1,
        };
        if (!visit_attribute(checking, &reference, "Fn::Sub")) {
            return false;
        }
    }
    return variables == NULL || visit(checking, variables);
}

static bool check_if(struct checking *checking, const struct node *argument)
{
    const char *name = argument->first->text;
    return has_condition(checking, name) ||
           fail(checking, message_format(checking->arena,
                                         "Template error: unresolved condition dependency %s in "
                                         "Fn::If",
                                         name));
}

static bool check_mapping(struct checking *checking, const struct node *argument)
{
    const char *name = node_text(argument->first, NULL);
    const struct node *maps = node_member(checking->stack_template->document, "Mappings");
    return name == NULL || node_member(maps, name) != NULL ||
           fail(checking, message_format(checking->arena,
                                         "Template error: Mapping named '%s' is not present in the "
                                         "'Mappings' section of template.",
                                         name));
}

static bool visit_import(struct checking *checking, const struct node *argument)
{
    if (checking->is_import) {
        return fail(checking, IMPORT_FAULT);
    }
    checking->is_import = true;
    bool is_well = visit(checking, argument);
    checking->is_import = false;
    return is_well;
}

static bool visit_call(struct checking *checking, const struct node *call)
{
    const char *fault = function_find_fault(checking->arena, call);
    if (fault != NULL) {
        return fail(checking, fault);
    }
    if (strcmp(call->name, "Ref") == 0) {
        visit_name(checking, call->text);
        return checking->error == NULL;
    }
    if (strcmp(call->name, "Fn::GetAtt") == 0) {
        struct attribute_reference reference = function_attribute(checking->arena, call);
        return visit_attribute(checking, &reference, "Fn::GetAtt") && visit(checking, call);
    }
    if (strcmp(call->name, "Fn::Sub") == 0) {
        return visit_sub(checking, call);
    }
    if (strcmp(call->name, "Fn::ImportValue") == 0) {
        return visit_import(checking, call);
    }
    if (strcmp(call->name, "Fn::GetAZs") == 0 && checking->is_import) {
        return fail(checking, IMPORT_FAULT);
    }
    if (strcmp(call->name, "Condition") == 0 && !has_condition(checking, call->text)) {
        return fail(checking, message_format(checking->arena,
                                             "Template format error: Unresolved condition "
                                             "dependency %s in the Conditions block of the "
                                             "template",
                                             call->text));
    }
    bool is_well = (strcmp(call->name, "Fn::If") != 0 || check_if(checking, call)) &&
                   (strcmp(call->name, "Fn::FindInMap") != 0 || check_mapping(checking, call));
    return is_well && visit(checking, call);
}

/* The node and all that is in it; the depth was bounded when it was read. */
static bool visit(struct checking *checking, const struct node *node)
{
    bool is_truth = checking->place == PLACE_CONDITIONS && function_is_truth(node);
    if (is_truth || function_is_call(node)) {
        return visit_call(checking, node->first);
    }
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        if (!visit(checking, child)) {
            return false;
        }
    }
    return true;
}

/* ---- blocks of the template ---- */

static bool end_block(struct checking *checking)
{
    if (checking->error == NULL && checking->unresolved->first != NULL) {
        const char *names = unresolved_names(checking);
        checking->error =
            checking->place == PLACE_CONDITIONS
                ? message_format(checking->arena,
                                 "Template format error: Unresolved dependencies [%s]. Cannot "
                                 "reference resources in the Conditions block of the template",
                                 names)
                : message_format(checking->arena,
                                 "Template format error: Unresolved resource dependencies [%s] in "
                                 "the %s block of the template",
                                 names,
                                 checking->place == PLACE_RESOURCES ? "Resources" : "Outputs");
    }
    return checking->error == NULL;
}

static bool check_condition(struct checking *checking, const char *name, const char *block)
{
    return name == NULL || has_condition(checking, name) ||
           fail(checking, message_format(checking->arena,
                                         "Template format error: Unresolved condition dependency "
                                         "%s in the %s block of the template",
                                         name, block));
}

/* Which conditions a condition names; a row of the matrix. */
static void find_conditions(const struct node *conditions, const struct node *node, bool *row)
{
    if (function_is_truth(node) && strcmp(node->first->name, "Condition") == 0) {
        size_t place = 0;
        for (const struct node *other = conditions->first; other != NULL; other = other->next) {
            row[place] = row[place] || node_is_text(node->first, other->name);
            place++;
        }
    }
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        find_conditions(conditions, child, row);
    }
}

static const char *
names_at(struct arena *arena, const struct node *map, const size_t *places, size_t count)
{
    struct buffer text;
    buffer_init(&text, arena, 64);
    size_t place = 0;
    size_t found = 0;
    for (const struct node *member = map->first; member != NULL && found < count;
         member = member->next) {
        if (places[found] == place) {
            buffer_append_format(&text, "%s%s", found > 0 ? ", " : "", member->name);
            found++;
        }
        place++;
    }
    return bytes_to_text(arena, buffer_view(&text));
}

static bool check_conditions(struct checking *checking)
{
    const struct node *conditions = node_member(checking->stack_template->document, "Conditions");
    if (conditions == NULL) {
        return true;
    }
    checking->place = PLACE_CONDITIONS;
    for (const struct node *one = conditions->first; one != NULL; one = one->next) {
        if (!function_is_truth(one)) {
            return fail(checking, "Template format error: Conditions can only be boolean "
                                  "operations on parameters and other conditions");
        }
        if (!visit(checking, one)) {
            return false;
        }
    }
    if (!end_block(checking)) {
        return false;
    }
    size_t count = node_count(conditions);
    bool *depends = arena_alloc_zero(checking->arena, count * count * sizeof(bool));
    size_t row = 0;
    for (const struct node *one = conditions->first; one != NULL; one = one->next) {
        find_conditions(conditions, one, &depends[row * count]);
        row++;
    }
    const size_t *places = NULL;
    if (dependency_order_find(checking->arena, depends, count, &places, &count)) {
        return true;
    }
    return fail(checking, message_format(checking->arena,
                                         "Template format error: Circular dependency between "
                                         "conditions: [%s]",
                                         names_at(checking->arena, conditions, places, count)));
}

static void visit_depends_on(struct checking *checking, const struct node *depends_on)
{
    if (depends_on == NULL) {
        return;
    }
    bool is_list = depends_on->kind == NODE_LIST;
    for (const struct node *name = is_list ? depends_on->first : depends_on; name != NULL;
         name = is_list ? name->next : NULL) {
        if (name->kind != NODE_SCALAR) {
            (void)fail(checking, "Template format error: DependsOn must be a string or list of "
                                 "strings.");
        } else if (!note_dependency(checking, name->text)) {
            note_unresolved(checking, name->text);
        }
    }
}

static void take_dependencies(struct checking *checking, struct resource_declaration *resource)
{
    size_t count = checking->stack_template->resource_count;
    size_t *places = arena_alloc(checking->arena, count * sizeof *places);
    for (size_t i = 0; i < count; i++) {
        if (checking->depends[i]) {
            places[resource->dependency_count++] = i;
        }
    }
    resource->dependencies = places;
}

static bool check_resources(struct checking *checking,
                            struct resource_declaration *resources,
                            struct stack_template *out_template)
{
    size_t count = out_template->resource_count;
    bool *depends = arena_alloc_zero(checking->arena, count * count * sizeof(bool));
    const struct node *map = node_member(out_template->document, "Resources");
    const struct node *node = map->first;
    checking->place = PLACE_RESOURCES;
    for (size_t i = 0; i < count && checking->error == NULL; i++) {
        checking->depends = &depends[i * count];
        (void)check_condition(checking, resources[i].condition, "Resources");
        visit_depends_on(checking, node_member(node, "DependsOn"));
        (void)(resources[i].properties == NULL || visit(checking, resources[i].properties));
        (void)(resources[i].metadata == NULL || visit(checking, resources[i].metadata));
        take_dependencies(checking, &resources[i]);
        node = node->next;
    }
    checking->depends = NULL;
    if (!end_block(checking)) {
        return false;
    }
    const size_t *places = NULL;
    size_t found = 0;
    if (dependency_order_find(checking->arena, depends, count, &places, &found)) {
        out_template->order = places;
        return true;
    }
    return fail(checking,
                message_format(checking->arena, "Circular dependency between resources: [%s]",
                               names_at(checking->arena, map, places, found)));
}

static bool check_outputs(struct checking *checking)
{
    const struct stack_template *stack_template = checking->stack_template;
    checking->place = PLACE_OUTPUTS;
    for (size_t i = 0; i < stack_template->output_count; i++) {
        const struct output_declaration *output = &stack_template->outputs[i];
        if (!check_condition(checking, output->condition, "Outputs") ||
            !visit(checking, output->value) ||
            (output->export_name != NULL && !visit(checking, output->export_name))) {
            return false;
        }
    }
    return end_block(checking);
}

bool references_check(struct arena *arena,
                      struct stack_template *out_template,
                      struct resource_declaration *resources,
                      const char **out_error)
{
    struct checking checking = {
        .arena = arena,
        .stack_template = out_template,
        .unresolved = node_new(arena, NODE_MAP, ""),
    };
    bool is_well = check_conditions(&checking) &&
                   check_resources(&checking, resources, out_template) && check_outputs(&checking);
    if (!is_well) {
        *out_error = checking.error;
    }
    return is_well;
}
