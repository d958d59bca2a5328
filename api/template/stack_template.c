#include "api/template/stack_template.h"

#include "api/template/message.h"
#include "api/template/node.h"
#include "api/template/references.h"
#include "api/template/template_document.h"
#include "storage/base/arena.h"

#include <ctype.h>
#include <string.h>

struct reading {
    struct arena *arena;
    struct stack_template *out;
    const char *error; /* the first; NULL while all is well */
};

static bool fail(struct reading *reading, const char *message)
{
    if (reading->error == NULL) {
        reading->error = message;
    }
    return false;
}

static const struct node *section(const struct reading *reading, const char *name)
{
    return node_member(reading->out->document, name);
}

static bool is_alphanumeric(const char *name)
{
    size_t length = 0;
    while (isalnum((unsigned char)name[length]) != 0) {
        length++;
    }
    return length > 0 && name[length] == '\0';
}

static bool
check_count(struct reading *reading, const char *section_name, const char *what, size_t count_max)
{
    size_t count = node_count(section(reading, section_name));
    return count <= count_max ||
           fail(reading, message_format(reading->arena,
                                        "Template format error: Number of %s, %zu, is greater than "
                                        "maximum allowed, %zu",
                                        what, count, count_max));
}

/* ---- parameters ---- */

static bool is_parameter_type(const char *type)
{
    static const char *const types[] = { "String", "Number", "List<Number>", "CommaDelimitedList",
                                         "List<String>" };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(type, types[i]) == 0) {
            return true;
        }
    }
    return strncmp(type, "AWS::", 5) == 0 || strncmp(type, "List<AWS::", 10) == 0;
}

static bool
read_parameter(struct reading *reading, const struct node *node, struct parameter_declaration *out)
{
    static const char *const members[] = {
        "Type",      "Default",  "NoEcho",   "AllowedValues", "AllowedPattern",        "MaxLength",
        "MinLength", "MaxValue", "MinValue", "Description",   "ConstraintDescription", NULL,
    };
    struct arena *arena = reading->arena;
    const char *strangers = template_document_strangers(arena, node, members);
    const struct node *given = node_member(node, "Default");
    *out = (struct parameter_declaration){
        .name = node->name,
        .type = node_text(node_member(node, "Type"), ""),
        .default_value = node_text(given, NULL),
        .description = node_text(node_member(node, "Description"), ""),
        .is_no_echo = node_is_text(node_member(node, "NoEcho"), "true"),
        .node = node,
    };
    if (!is_alphanumeric(node->name)) {
        return fail(reading, message_format(arena,
                                            "Template format error: Parameter name %s is non "
                                            "alphanumeric.",
                                            node->name));
    }
    if (strangers != NULL) {
        return fail(reading,
                    message_format(arena, "Invalid template parameter property '%s'", strangers));
    }
    if (out->type[0] == '\0') {
        return fail(reading, message_format(arena,
                                            "Template format error: [/Parameters/%s] Every "
                                            "Parameters object must contain a Type member.",
                                            node->name));
    }
    if (!is_parameter_type(out->type)) {
        return fail(reading, message_format(arena,
                                            "Template format error: Unrecognized parameter type: "
                                            "%s",
                                            out->type));
    }
    if (given != NULL && out->default_value == NULL) {
        return fail(reading, message_format(arena,
                                            "Template format error: Every Default member must be a "
                                            "string.: [/Parameters/%s/Default]",
                                            node->name));
    }
    return true;
}

static void read_parameters(struct reading *reading)
{
    const struct node *map = section(reading, "Parameters");
    size_t count = node_count(map);
    struct parameter_declaration *parameters =
        arena_alloc(reading->arena, count * sizeof *parameters);
    size_t i = 0;
    for (const struct node *node = map != NULL ? map->first : NULL;
         node != NULL && read_parameter(reading, node, &parameters[i]); node = node->next) {
        i++;
    }
    reading->out->parameters = parameters;
    reading->out->parameter_count = i;
}

/* ---- resources ---- */

/* Of DeletionPolicy and UpdateReplacePolicy; no stateful resource here can be snapshotted. */
static bool read_policy(struct reading *reading,
                        const struct node *resource,
                        const char *member,
                        enum deletion_policy *out)
{
    static const char *const names[] = { [DELETION_DELETE] = "Delete",
                                         [DELETION_RETAIN] = "Retain",
                                         [DELETION_RETAIN_EXCEPT_ON_CREATE] =
                                             "RetainExceptOnCreate" };
    const struct node *policy = node_member(resource, member);
    const char *text = node_text(policy, "Delete");
    bool is_update = strcmp(member, "UpdateReplacePolicy") == 0;
    if (policy != NULL && policy->kind != NODE_SCALAR) {
        return fail(reading, message_format(reading->arena,
                                            "Template format error: Every %s member must be a "
                                            "string.",
                                            member));
    }
    int count = is_update ? DELETION_RETAIN + 1 : DELETION_RETAIN_EXCEPT_ON_CREATE + 1;
    for (int i = 0; i < count; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (enum deletion_policy)i;
            return true;
        }
    }
    if (strcmp(text, "Snapshot") == 0) {
        return fail(reading,
                    message_format(reading->arena,
                                   "Template error: resource type %s does not support %s "
                                   "Snapshot",
                                   node_text(node_member(resource, "Type"), ""),
                                   is_update ? "update replace policy" : "deletion policy"));
    }
    return fail(reading, message_format(reading->arena,
                                        "Template format error: Unrecognized %s %s for resource %s",
                                        member, text, resource->name));
}

static bool check_resource(struct reading *reading, const struct node *node)
{
    static const char *const members[] = {
        "Type",           "Properties",          "DependsOn",      "Condition",    "Metadata",
        "DeletionPolicy", "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy", NULL,
    };
    struct arena *arena = reading->arena;
    const char *strangers = template_document_strangers(arena, node, members);
    const struct node *properties = node_member(node, "Properties");
    if (!is_alphanumeric(node->name)) {
        return fail(reading, message_format(arena,
                                            "Template format error: Resource name %s is non "
                                            "alphanumeric.",
                                            node->name));
    }
    if (node_text(node_member(node, "Type"), "")[0] == '\0') {
        return fail(reading,
                    message_format(arena,
                                   "Template format error: [/Resources/%s] Every Resources "
                                   "object must contain a Type member.",
                                   node->name));
    }
    if (strangers != NULL) {
        return fail(reading,
                    message_format(arena, "Invalid template resource property '%s'", strangers));
    }
    if (properties != NULL && properties->kind != NODE_MAP) {
        return fail(reading,
                    message_format(arena,
                                   "Template format error: [/Resources/%s/Properties] must "
                                   "be an object",
                                   node->name));
    }
    return true;
}

static bool
read_resource(struct reading *reading, const struct node *node, struct resource_declaration *out)
{
    *out = (struct resource_declaration){
        .logical_id = node->name,
        .type = node_text(node_member(node, "Type"), ""),
        .properties = node_member(node, "Properties"),
        .metadata = node_member(node, "Metadata"),
        .condition = node_text(node_member(node, "Condition"), NULL),
    };
    return check_resource(reading, node) &&
           read_policy(reading, node, "DeletionPolicy", &out->deletion) &&
           read_policy(reading, node, "UpdateReplacePolicy", &out->update_replace);
}

static struct resource_declaration *read_resources(struct reading *reading)
{
    const struct node *map = section(reading, "Resources");
    size_t count = node_count(map);
    if (count == 0) {
        (void)fail(reading,
                   "Template format error: At least one Resources member must be defined.");
    }
    struct resource_declaration *resources = arena_alloc(reading->arena, count * sizeof *resources);
    size_t i = 0;
    for (const struct node *node = map != NULL ? map->first : NULL;
         node != NULL && read_resource(reading, node, &resources[i]); node = node->next) {
        i++;
    }
    reading->out->resources = resources;
    reading->out->resource_count = i;
    return resources;
}

/* ---- outputs ---- */

static bool
read_output(struct reading *reading, const struct node *node, struct output_declaration *out)
{
    static const char *const members[] = { "Value", "Description", "Condition", "Export", NULL };
    struct arena *arena = reading->arena;
    const char *strangers = template_document_strangers(arena, node, members);
    const struct node *export = node_member(node, "Export");
    *out = (struct output_declaration){
        .key = node->name,
        .description = node_text(node_member(node, "Description"), ""),
        .condition = node_text(node_member(node, "Condition"), NULL),
        .value = node_member(node, "Value"),
        .export_name = node_member(export, "Name"),
    };
    if (!is_alphanumeric(node->name)) {
        return fail(reading, message_format(arena,
                                            "Template format error: Output name %s is non "
                                            "alphanumeric.",
                                            node->name));
    }
    if (strangers != NULL) {
        return fail(reading,
                    message_format(arena, "Template format error: Invalid Outputs property: [%s]",
                                   strangers));
    }
    if (out->value == NULL) {
        return fail(reading, message_format(arena,
                                            "Template format error: [/Outputs/%s] Every Outputs "
                                            "member must contain a Value object",
                                            node->name));
    }
    return (export == NULL || out->export_name != NULL) ||
           fail(reading, message_format(arena,
                                        "Template format error: Output %s is malformed. The Export "
                                        "must have a Name.",
                                        node->name));
}

static void read_outputs(struct reading *reading)
{
    const struct node *map = section(reading, "Outputs");
    struct output_declaration *outputs =
        arena_alloc(reading->arena, node_count(map) * sizeof *outputs);
    size_t i = 0;
    for (const struct node *node = map != NULL ? map->first : NULL;
         node != NULL && read_output(reading, node, &outputs[i]); node = node->next) {
        i++;
    }
    reading->out->outputs = outputs;
    reading->out->output_count = i;
}

/* ---- the whole ---- */

static bool read_declarations(struct reading *reading)
{
    if (!check_count(reading, "Parameters", "parameters", TEMPLATE_PARAMETER_COUNT_MAX) ||
        !check_count(reading, "Mappings", "mappings", TEMPLATE_MAPPING_COUNT_MAX) ||
        !check_count(reading, "Conditions", "conditions", TEMPLATE_CONDITION_COUNT_MAX) ||
        !check_count(reading, "Resources", "resources", TEMPLATE_RESOURCE_COUNT_MAX) ||
        !check_count(reading, "Outputs", "outputs", TEMPLATE_OUTPUT_COUNT_MAX)) {
        return false;
    }
    read_parameters(reading);
    struct resource_declaration *resources = read_resources(reading);
    read_outputs(reading);
    return reading->error == NULL &&
           references_check(reading->arena, reading->out, resources, &reading->error);
}

bool stack_template_read(struct arena *arena,
                         struct bytes text,
                         struct stack_template *out_template,
                         const char **out_error)
{
    struct stack_template read = { .description = "" };
    if (!template_document_read(arena, text, &read.document, out_error)) {
        return false;
    }
    read.description = node_text(node_member(read.document, "Description"), "");
    struct reading reading = { .arena = arena, .out = &read };
    if (!read_declarations(&reading)) {
        *out_error = reading.error;
        return false;
    }
    *out_template = read;
    return true;
}

/* ---- types and look-ups ---- */

enum resource_kind stack_template_kind(const char *type)
{
    static const struct {
        const char *type;
        enum resource_kind kind;
    } kinds[] = {
        { "AWS::DynamoDB::Table", RESOURCE_TABLE },
        { "AWS::DynamoDB::GlobalTable", RESOURCE_GLOBAL_TABLE },
        { "AWS::CDK::Metadata", RESOURCE_METADATA },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(type, kinds[i].type) == 0) {
            return kinds[i].kind;
        }
    }
    return RESOURCE_OTHER;
}

/* "Organisation::Service::Resource", "Custom::Name". */
static bool looks_like_type(const char *type)
{
    const char *separator = strstr(type, "::");
    return separator != NULL && separator != type && separator[2] != '\0';
}

bool stack_template_check_types(struct arena *arena,
                                const struct stack_template *stack_template,
                                bool accepts_others,
                                const char **out_error)
{
    struct buffer text;
    buffer_init(&text, arena, 64);
    for (size_t i = 0; i < stack_template->resource_count; i++) {
        const char *type = stack_template->resources[i].type;
        bool is_known = stack_template_kind(type) != RESOURCE_OTHER ||
                        (accepts_others && looks_like_type(type));
        bool is_told = false;
        for (size_t j = 0; j < i && !is_told; j++) {
            is_told = strcmp(stack_template->resources[j].type, type) == 0;
        }
        if (!is_known && !is_told) {
            buffer_append_format(&text, "%s%s", text.length > 0 ? ", " : "", type);
        }
    }
    if (text.length > 0) {
        *out_error =
            message_format(arena, "Template format error: Unrecognized resource types: [%s]",
                           bytes_to_text(arena, buffer_view(&text)));
    }
    return text.length == 0;
}

const struct resource_declaration *
stack_template_find_resource(const struct stack_template *stack_template, const char *logical_id)
{
    for (size_t i = 0; i < stack_template->resource_count; i++) {
        if (strcmp(stack_template->resources[i].logical_id, logical_id) == 0) {
            return &stack_template->resources[i];
        }
    }
    return NULL;
}

const struct parameter_declaration *
stack_template_find_parameter(const struct stack_template *stack_template, const char *name)
{
    for (size_t i = 0; i < stack_template->parameter_count; i++) {
        if (strcmp(stack_template->parameters[i].name, name) == 0) {
            return &stack_template->parameters[i];
        }
    }
    return NULL;
}
