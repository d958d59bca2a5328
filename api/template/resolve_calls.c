#include "api/template/resolution.h"

#include "api/template/functions.h"
#include "api/template/message.h"
#include "api/template/node.h"
#include "api/template/template.h"
#include "storage/base/arena.h"

#include <stdlib.h>
#include <string.h>

static struct node *unknown(struct resolution *resolution, const char *what, const char *why)
{
    struct buffer text;
    buffer_init(&text, resolution->arena, 64);
    buffer_append_format(&text, "%s %s", what, why);
    return node_new(resolution->arena, NODE_UNKNOWN,
                    bytes_to_text(resolution->arena, buffer_view(&text)));
}

/* For a deployment what is unknown in this way is an error. */
static struct node *
fault(struct resolution *resolution, const char *what, const char *why, const char *message)
{
    if (resolution->error == NULL) {
        resolution->error = message;
    }
    return unknown(resolution, what, why);
}

struct node *resolution_too_much(struct resolution *resolution)
{
    return fault(resolution, "the template", "nests functions too deeply",
                 "Template error: the template nests functions too deeply");
}

static bool is_too_long(struct resolution *resolution, size_t size)
{
    resolution->text_size += size;
    return resolution->text_size > TEXT_SIZE_MAX;
}

static struct node *string_of(struct resolution *resolution, struct bytes text)
{
    struct node *node =
        node_new(resolution->arena, NODE_SCALAR, bytes_to_text(resolution->arena, text));
    node->is_string = true;
    return node;
}

static struct bytes trim(struct bytes text)
{
    while (text.length > 0 && text.data[0] == ' ') {
        text.data++;
        text.length--;
    }
    while (text.length > 0 && text.data[text.length - 1] == ' ') {
        text.length--;
    }
    return text;
}

/* The parts of `text` between the separators, as a list; trimmed: without blanks around each. */
static struct node *
split(struct resolution *resolution, const char *text, const char *separator, bool is_trimmed)
{
    struct node *list = node_new(resolution->arena, NODE_LIST, "");
    size_t width = strlen(separator);
    for (;;) {
        if (resolution->count++ >= CALL_COUNT_MAX) {
            return resolution_too_much(resolution);
        }
        const char *end = width > 0 ? strstr(text, separator) : NULL;
        size_t length = end != NULL ? (size_t)(end - text) : strlen(text);
        struct bytes part = { .data = (const uint8_t *)text, .length = length };
        node_append(list, NULL, string_of(resolution, is_trimmed ? trim(part) : part));
        if (end == NULL) {
            return list;
        }
        text = end + width;
    }
}

/* ---- Ref ---- */

static const char *given_parameter(const struct resolution *resolution, const char *name)
{
    const struct template_options *options = resolution->options;
    for (size_t i = 0; i < options->parameter_count; i++) {
        if (strcmp(options->parameters[i].name, name) == 0) {
            return options->parameters[i].value;
        }
    }
    return NULL;
}

static bool is_list_type(const char *type)
{
    return strcmp(type, "CommaDelimitedList") == 0 || strncmp(type, "List<", 5) == 0 ||
           strstr(type, "<List<") != NULL || strstr(type, "<CommaDelimitedList>") != NULL ||
           strcmp(type, "AWS::NotificationARNs") == 0;
}

/* A resource of the stack, which is not there when its condition does not hold. */
static struct node *
refer_to_resource(struct resolution *resolution, const char *name, const char *attribute)
{
    const struct node *resource = node_member(node_member(resolution->document, "Resources"), name);
    const struct template_look_up *look_up = resolution->options->look_up;
    if (look_up == NULL || resource == NULL) {
        return attribute != NULL
                   ? unknown(resolution, "Fn::GetAtt", "is resolved by a deployment only")
                   : unknown(resolution, name,
                             "is the name of another resource, which a deployment chooses");
    }
    const char *condition = node_text(node_member(resource, "Condition"), NULL);
    if (condition != NULL && resolution_condition(resolution, condition) == TRUTH_FALSE) {
        return fault(resolution, name, "is not in the stack",
                     message_format(resolution->arena,
                                    "Template format error: Unresolved resource dependencies [%s] "
                                    "in the Resources block of the template",
                                    name));
    }
    const char *value =
        look_up->find_resource(look_up->context, resolution->arena, name, attribute);
    return value != NULL ? string_of(resolution, bytes_of_text(value))
                         : unknown(resolution, name, "is known when it is deployed");
}

static struct node *refer(struct resolution *resolution, const char *name)
{
    if (strcmp(name, "AWS::NoValue") == 0) {
        return node_new(resolution->arena, NODE_NULL, "");
    }
    const struct node *parameter =
        node_member(node_member(resolution->document, "Parameters"), name);
    const char *value = given_parameter(resolution, name);
    const char *type = node_text(node_member(parameter, "Type"), "");
    if (value == NULL && strncmp(type, "AWS::SSM::", 10) != 0) { /* its default is but a name */
        value = node_text(node_member(parameter, "Default"), NULL);
    }
    if (value == NULL) {
        return parameter != NULL || strncmp(name, "AWS::", 5) == 0
                   ? unknown(resolution, name,
                             "is a parameter without a value: give --parameter NAME=VALUE")
                   : refer_to_resource(resolution, name, NULL);
    }
    if (is_list_type(type) || is_list_type(name)) {
        return split(resolution, value, ",", true);
    }
    return string_of(resolution, bytes_of_text(value));
}

static struct node *call_ref(struct resolution *resolution, const struct node *argument)
{
    return refer(resolution, node_text(argument, ""));
}

/* ---- texts ---- */

/* `${Name}` of a Sub: what it stands for, unknown ones as they are. */
static const struct node *
substitute(struct resolution *resolution, const char *name, const struct node *variables)
{
    const struct node *variable = node_member(variables, name);
    if (variable != NULL) {
        return resolution_resolve(resolution, variable);
    }
    const char *dot = strchr(name, '.');
    if (dot == NULL) {
        return refer(resolution, name);
    }
    if (resolution->options->look_up == NULL) {
        return unknown(resolution, name, "is an attribute that only a deployment knows");
    }
    return refer_to_resource(
        resolution, message_format(resolution->arena, "%.*s", (int)(dot - name), name), dot + 1);
}

/* "text ${Name} ${!literal}", or a list of that and a map of variables. */
static struct node *call_sub(struct resolution *resolution, const struct node *argument)
{
    const struct node *variables = NULL;
    if (argument->kind == NODE_LIST && argument->first != NULL) {
        variables = argument->first->next;
        argument = argument->first;
    }
    const char *from = node_text(argument, "");
    struct buffer text;
    struct substitution next;
    buffer_init(&text, resolution->arena, 64);
    for (; function_next_substitution(resolution->arena, from, &next); from = next.end) {
        buffer_append(&text, from, (size_t)(next.begin - from));
        if (next.name[0] == '!') {
            buffer_append_format(&text, "${%s}", next.name + 1);
            continue;
        }
        const struct node *value = substitute(resolution, next.name, variables);
        if (value->kind != NODE_SCALAR) {
            return node_copy(resolution->arena, value);
        }
        if (is_too_long(resolution, strlen(value->text))) {
            return resolution_too_much(resolution);
        }
        buffer_append_text(&text, value->text);
    }
    buffer_append_text(&text, from);
    return string_of(resolution, buffer_view(&text));
}

/* The list that an argument gives, or, when it gives none, why: a node that is no list. */
static const struct node *
list_of(struct resolution *resolution, const struct node *argument, const char *function)
{
    const struct node *list = argument != NULL ? resolution_resolve(resolution, argument) : NULL;
    if (list == NULL || (list->kind != NODE_LIST && list->kind != NODE_UNKNOWN)) {
        return unknown(resolution, function, "wants a list");
    }
    return list;
}

/* [separator, list] */
static struct node *call_join(struct resolution *resolution, const struct node *argument)
{
    const struct node *separator = argument->first;
    const struct node *list =
        list_of(resolution, separator != NULL ? separator->next : NULL, "Fn::Join");
    if (list->kind != NODE_LIST) {
        return node_copy(resolution->arena, list);
    }
    struct buffer text;
    buffer_init(&text, resolution->arena, 64);
    for (const struct node *part = list->first; part != NULL; part = part->next) {
        if (part->kind == NODE_UNKNOWN) {
            return node_copy(resolution->arena, part);
        }
        const char *between = part != list->first ? node_text(separator, "") : "";
        if (is_too_long(resolution, strlen(between) + strlen(node_text(part, "")))) {
            return resolution_too_much(resolution);
        }
        buffer_append_text(&text, between);
        buffer_append_text(&text, node_text(part, ""));
    }
    return string_of(resolution, buffer_view(&text));
}

/* [separator, text] */
static struct node *call_split(struct resolution *resolution, const struct node *argument)
{
    const struct node *separator = argument->first;
    if (separator == NULL || separator->next == NULL) {
        return unknown(resolution, "Fn::Split", "wants a separator and a text");
    }
    struct node *text = resolution_resolve(resolution, separator->next);
    return text->kind == NODE_SCALAR
               ? split(resolution, text->text, node_text(separator, ","), false)
               : text;
}

/* [index, list] */
static struct node *call_select(struct resolution *resolution, const struct node *argument)
{
    if (argument->first == NULL) {
        return unknown(resolution, "Fn::Select", "wants a number and a list");
    }
    const struct node *index = resolution_resolve(resolution, argument->first);
    const struct node *list = list_of(resolution, argument->first->next, "Fn::Select");
    if (index->kind != NODE_SCALAR || list->kind != NODE_LIST) {
        return node_copy(resolution->arena, index->kind != NODE_SCALAR ? index : list);
    }
    long left = strtol(index->text, NULL, 10);
    const struct node *element = list->first;
    for (; element != NULL && left > 0; left--) {
        element = element->next;
    }
    return element != NULL && left == 0
               ? node_copy(resolution->arena, element)
               : fault(resolution, "Fn::Select", "finds no such element",
                       message_format(resolution->arena,
                                      "Template error: Fn::Select cannot select nonexistent value "
                                      "at index %s",
                                      index->text));
}

/* [map, key, key] */
static struct node *call_find_in_map(struct resolution *resolution, const struct node *argument)
{
    const struct node *found = node_member(resolution->document, "Mappings");
    struct buffer path;
    buffer_init(&path, resolution->arena, 64);
    for (const struct node *key = argument->first; key != NULL; key = key->next) {
        struct node *name = resolution_resolve(resolution, key);
        if (name->kind != NODE_SCALAR) {
            return name;
        }
        if (is_too_long(resolution, strlen(name->text))) {
            return resolution_too_much(resolution);
        }
        buffer_append_format(&path, "%s%s", path.length > 0 ? "::" : "", name->text);
        found = node_member(found, name->text);
    }
    return found != NULL && argument->first != NULL
               ? resolution_resolve(resolution, found)
               : fault(resolution, "Fn::FindInMap", "finds nothing",
                       message_format(resolution->arena,
                                      "Template error: Unable to get mapping for %.*s",
                                      BYTES_ARGUMENTS(buffer_view(&path))));
}

/* ---- what only a deployment knows ---- */

static struct node *call_get_attribute(struct resolution *resolution, const struct node *argument)
{
    if (resolution->options->look_up == NULL ||
        (argument->kind == NODE_LIST && node_count(argument) != 2)) {
        return unknown(resolution, "Fn::GetAtt", "is resolved by a deployment only");
    }
    struct attribute_reference reference = function_attribute(resolution->arena, argument);
    if (reference.attribute == NULL) {
        struct node *attribute = resolution_resolve(resolution, argument->first->next);
        if (attribute->kind != NODE_SCALAR) {
            return attribute;
        }
        reference.attribute = attribute->text;
    }
    return refer_to_resource(resolution, reference.resource, reference.attribute);
}

static struct node *call_import_value(struct resolution *resolution, const struct node *argument)
{
    const struct template_look_up *look_up = resolution->options->look_up;
    if (look_up == NULL) {
        return unknown(resolution, "Fn::ImportValue", "is resolved by a deployment only");
    }
    struct node *name = resolution_resolve(resolution, argument);
    if (name->kind != NODE_SCALAR) {
        return name;
    }
    const char *value = look_up->find_export != NULL
                            ? look_up->find_export(look_up->context, resolution->arena, name->text)
                            : NULL;
    return value != NULL
               ? string_of(resolution, bytes_of_text(value))
               : fault(resolution, name->text, "is exported by no stack",
                       message_format(resolution->arena, "No export named %s found.", name->text));
}

/* Three zones, as most regions have. */
static struct node *call_get_zones(struct resolution *resolution, const struct node *argument)
{
    struct node *region = resolution_resolve(resolution, argument);
    if (region->kind == NODE_SCALAR && region->text[0] == '\0') {
        region = refer(resolution, "AWS::Region");
    }
    if (region->kind != NODE_SCALAR) {
        return region;
    }
    struct node *zones = node_new(resolution->arena, NODE_LIST, "");
    static const char *const letters[] = { "a", "b", "c" };
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        const char *zone = message_format(resolution->arena, "%s%s", region->text, letters[i]);
        node_append(zones, NULL, string_of(resolution, bytes_of_text(zone)));
    }
    return zones;
}

/* ---- conditions and the rest ---- */

/* [condition, then, else] */
static struct node *call_if(struct resolution *resolution, const struct node *argument)
{
    const struct node *condition = argument->first;
    const struct node *then = condition != NULL ? condition->next : NULL;
    if (then == NULL || then->next == NULL) {
        return unknown(resolution, "Fn::If", "wants a condition and two values");
    }
    switch (resolution_condition(resolution, node_text(condition, ""))) {
    case TRUTH_TRUE:
        return resolution_resolve(resolution, then);
    case TRUTH_FALSE:
        return resolution_resolve(resolution, then->next);
    case TRUTH_UNKNOWN:
        break;
    }
    return fault(resolution, node_text(condition, "Fn::If"),
                 "is a condition that cannot be evaluated here",
                 message_format(resolution->arena,
                                "Template error: unresolved condition dependency %s in Fn::If",
                                node_text(condition, "")));
}

static const struct {
    const char *name;
    struct node *(*call)(struct resolution *resolution, const struct node *argument);
} FUNCTIONS[] = {
    { "Ref", call_ref },
    { "Fn::Sub", call_sub },
    { "Fn::Join", call_join },
    { "Fn::If", call_if },
    { "Fn::Split", call_split },
    { "Fn::FindInMap", call_find_in_map },
    { "Fn::Select", call_select },
    { "Fn::GetAtt", call_get_attribute },
    { "Fn::GetAZs", call_get_zones },
    { "Fn::ImportValue", call_import_value },
};

enum { FUNCTION_COUNT = sizeof FUNCTIONS / sizeof FUNCTIONS[0] };

struct node *resolution_call(struct resolution *resolution, const struct node *call)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
        if (strcmp(call->name, FUNCTIONS[i].name) == 0) {
            return FUNCTIONS[i].call(resolution, call);
        }
    }
    return fault(resolution, call->name, "is resolved by a deployment only",
                 message_format(resolution->arena,
                                "Template error: %s cannot be used in this place", call->name));
}
