#include "api/template/resolve.h"

#include "api/template/node.h"
#include "api/template/template.h"
#include "storage/base/arena.h"

#include <stdlib.h>
#include <string.h>

enum {
    CALL_DEPTH_MAX = 100,
    CALL_COUNT_MAX = 200000, /* bounds what a template can make us do by nesting functions */
};

struct resolution {
    struct arena *arena;
    const struct node *document;
    const struct template_options *options;
    int depth;
    int count;
};

static struct node *resolve(struct resolution *resolution, const struct node *node);
static enum truth condition_holds(struct resolution *resolution, const char *name);
static enum truth evaluate(struct resolution *resolution, const struct node *expression);

static struct node *unknown(struct resolution *resolution, const char *what, const char *why)
{
    struct buffer text;
    buffer_init(&text, resolution->arena, 64);
    buffer_append_format(&text, "%s %s", what, why);
    return node_new(resolution->arena, NODE_UNKNOWN,
                    bytes_to_text(resolution->arena, buffer_view(&text)));
}

static struct node *string_of(struct resolution *resolution, struct bytes text)
{
    struct node *node =
        node_new(resolution->arena, NODE_SCALAR, bytes_to_text(resolution->arena, text));
    node->is_string = true;
    return node;
}

/* The parts of `text` between the separators, as a list. */
static struct node *split(struct resolution *resolution, const char *text, const char *separator)
{
    struct node *list = node_new(resolution->arena, NODE_LIST, "");
    size_t width = strlen(separator);
    for (;;) {
        const char *end = width > 0 ? strstr(text, separator) : NULL;
        size_t length = end != NULL ? (size_t)(end - text) : strlen(text);
        struct bytes part = { .data = (const uint8_t *)text, .length = length };
        node_append(list, NULL, string_of(resolution, part));
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
        return unknown(resolution, name,
                       parameter != NULL || strncmp(name, "AWS::", 5) == 0
                           ? "is a parameter without a value: give --parameter NAME=VALUE"
                           : "is the name of another resource, which a deployment chooses");
    }
    if (strcmp(type, "CommaDelimitedList") == 0 || strncmp(type, "List<", 5) == 0) {
        return split(resolution, value, ",");
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
        return resolve(resolution, variable);
    }
    if (strchr(name, '.') != NULL) {
        return unknown(resolution, name, "is an attribute that only a deployment knows");
    }
    return refer(resolution, name);
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
    buffer_init(&text, resolution->arena, 64);
    for (;;) {
        const char *dollar = strstr(from, "${");
        const char *end = dollar != NULL ? strchr(dollar, '}') : NULL;
        if (end == NULL) {
            buffer_append_text(&text, from);
            return string_of(resolution, buffer_view(&text));
        }
        buffer_append(&text, from, (size_t)(dollar - from));
        struct bytes inner = { .data = (const uint8_t *)dollar + 2,
                               .length = (size_t)(end - dollar) - 2 };
        const char *name = bytes_to_text(resolution->arena, inner);
        from = end + 1;
        if (name[0] == '!') {
            buffer_append_format(&text, "${%s}", name + 1);
            continue;
        }
        const struct node *value = substitute(resolution, name, variables);
        if (value->kind != NODE_SCALAR) {
            return node_copy(resolution->arena, value);
        }
        buffer_append_text(&text, value->text);
    }
}

/* The list that an argument gives, or, when it gives none, why: a node that is no list. */
static const struct node *
list_of(struct resolution *resolution, const struct node *argument, const char *function)
{
    const struct node *list = argument != NULL ? resolve(resolution, argument) : NULL;
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
        buffer_append_text(&text, part != list->first ? node_text(separator, "") : "");
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
    struct node *text = resolve(resolution, separator->next);
    return text->kind == NODE_SCALAR ? split(resolution, text->text, node_text(separator, ","))
                                     : text;
}

/* [index, list] */
static struct node *call_select(struct resolution *resolution, const struct node *argument)
{
    if (argument->first == NULL) {
        return unknown(resolution, "Fn::Select", "wants a number and a list");
    }
    const struct node *index = resolve(resolution, argument->first);
    const struct node *list = list_of(resolution, argument->first->next, "Fn::Select");
    if (index->kind != NODE_SCALAR || list->kind != NODE_LIST) {
        return node_copy(resolution->arena, index->kind != NODE_SCALAR ? index : list);
    }
    long left = strtol(index->text, NULL, 10);
    const struct node *element = list->first;
    for (; element != NULL && left > 0; left--) {
        element = element->next;
    }
    return element != NULL ? node_copy(resolution->arena, element)
                           : unknown(resolution, "Fn::Select", "finds no such element");
}

/* [map, key, key] */
static struct node *call_find_in_map(struct resolution *resolution, const struct node *argument)
{
    const struct node *found = node_member(resolution->document, "Mappings");
    for (const struct node *key = argument->first; key != NULL; key = key->next) {
        struct node *name = resolve(resolution, key);
        if (name->kind != NODE_SCALAR) {
            return name;
        }
        found = node_member(found, name->text);
    }
    return found != NULL && argument->first != NULL
               ? resolve(resolution, found)
               : unknown(resolution, "Fn::FindInMap", "finds nothing");
}

/* ---- conditions ---- */

/* [condition, then, else] */
static struct node *call_if(struct resolution *resolution, const struct node *argument)
{
    const struct node *condition = argument->first;
    const struct node *then = condition != NULL ? condition->next : NULL;
    if (then == NULL || then->next == NULL) {
        return unknown(resolution, "Fn::If", "wants a condition and two values");
    }
    switch (condition_holds(resolution, node_text(condition, ""))) {
    case TRUTH_TRUE:
        return resolve(resolution, then);
    case TRUTH_FALSE:
        return resolve(resolution, then->next);
    case TRUTH_UNKNOWN:
        break;
    }
    return unknown(resolution, node_text(condition, "Fn::If"),
                   "is a condition that cannot be evaluated here");
}

static enum truth equals(struct resolution *resolution, const struct node *list)
{
    if (node_count(list) != 2) {
        return TRUTH_UNKNOWN;
    }
    const struct node *left = resolve(resolution, list->first);
    const struct node *right = resolve(resolution, list->first->next);
    if (left->kind != NODE_SCALAR || right->kind != NODE_SCALAR) {
        return TRUTH_UNKNOWN;
    }
    return strcmp(left->text, right->text) == 0 ? TRUTH_TRUE : TRUTH_FALSE;
}

/* Of And and Or: `decisive` is the truth of a part that decides alone. */
static enum truth
combine(struct resolution *resolution, const struct node *list, enum truth decisive)
{
    enum truth all = decisive == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
    for (const struct node *part = list->first; part != NULL; part = part->next) {
        enum truth truth = evaluate(resolution, part);
        if (truth == decisive) {
            return decisive;
        }
        all = truth == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : all;
    }
    return all;
}

static enum truth evaluate_call(struct resolution *resolution, const struct node *call)
{
    if (strcmp(call->name, "Condition") == 0) {
        return condition_holds(resolution, node_text(call, ""));
    }
    if (strcmp(call->name, "Fn::Equals") == 0) {
        return equals(resolution, call);
    }
    if (strcmp(call->name, "Fn::And") == 0) {
        return combine(resolution, call, TRUTH_FALSE);
    }
    if (strcmp(call->name, "Fn::Or") == 0) {
        return combine(resolution, call, TRUTH_TRUE);
    }
    if (strcmp(call->name, "Fn::Not") == 0 && call->first != NULL) {
        enum truth truth = evaluate(resolution, call->first);
        return truth == TRUTH_UNKNOWN ? truth : truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
    }
    return TRUTH_UNKNOWN;
}

static enum truth evaluate(struct resolution *resolution, const struct node *expression)
{
    if (expression->kind != NODE_MAP || expression->first == NULL ||
        resolution->depth >= CALL_DEPTH_MAX || resolution->count >= CALL_COUNT_MAX) {
        return TRUTH_UNKNOWN; /* conditions that name each other in a circle end here, too */
    }
    resolution->depth++;
    resolution->count++;
    enum truth truth = evaluate_call(resolution, expression->first);
    resolution->depth--;
    return truth;
}

static enum truth condition_holds(struct resolution *resolution, const char *name)
{
    const struct node *condition =
        node_member(node_member(resolution->document, "Conditions"), name);
    return condition != NULL ? evaluate(resolution, condition) : TRUTH_UNKNOWN;
}

/* ---- the tree ---- */

static const struct {
    const char *name;
    struct node *(*call)(struct resolution *resolution, const struct node *argument);
} FUNCTIONS[] = {
    { "Ref", call_ref },           { "Fn::Sub", call_sub },
    { "Fn::Join", call_join },     { "Fn::If", call_if },
    { "Fn::Split", call_split },   { "Fn::FindInMap", call_find_in_map },
    { "Fn::Select", call_select },
};

enum { FUNCTION_COUNT = sizeof FUNCTIONS / sizeof FUNCTIONS[0] };

static bool is_call(const struct node *node)
{
    return node->kind == NODE_MAP && node->first != NULL && node->first == node->last &&
           (strcmp(node->first->name, "Ref") == 0 || strncmp(node->first->name, "Fn::", 4) == 0);
}

static struct node *resolve_call(struct resolution *resolution, const struct node *call)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
        if (strcmp(call->name, FUNCTIONS[i].name) == 0) {
            return FUNCTIONS[i].call(resolution, call);
        }
    }
    return unknown(resolution, call->name, "is resolved by a deployment only");
}

static struct node *resolve_container(struct resolution *resolution, const struct node *node)
{
    struct node *copy = node_new(resolution->arena, node->kind, "");
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        struct node *value = resolve(resolution, child);
        if (value->kind != NODE_NULL) { /* AWS::NoValue removes what it stands in */
            node_append(copy, child->name, value);
        }
    }
    return copy;
}

/* Always a node of its own, to be appended anywhere. */
static struct node *resolve(struct resolution *resolution, const struct node *node)
{
    if (node->kind != NODE_MAP && node->kind != NODE_LIST) {
        return node_copy(resolution->arena, node);
    }
    if (resolution->depth >= CALL_DEPTH_MAX || resolution->count >= CALL_COUNT_MAX) {
        return unknown(resolution, "the template", "nests functions too deeply");
    }
    resolution->depth++;
    resolution->count++;
    struct node *result =
        is_call(node) ? resolve_call(resolution, node->first) : resolve_container(resolution, node);
    resolution->depth--;
    return result;
}

const struct node *resolve_node(struct arena *arena,
                                const struct node *document,
                                const struct template_options *options,
                                const struct node *node)
{
    struct resolution resolution = { .arena = arena, .document = document, .options = options };
    return node != NULL ? resolve(&resolution, node) : NULL;
}

enum truth resolve_condition(struct arena *arena,
                             const struct node *document,
                             const struct template_options *options,
                             const char *name)
{
    struct resolution resolution = { .arena = arena, .document = document, .options = options };
    return condition_holds(&resolution, name);
}
