#include "api/template/functions.h"

#include "api/template/message.h"
#include "api/template/node.h"

#include <string.h>

static bool is_text(const struct node *node)
{
    return node != NULL && node->kind == NODE_SCALAR;
}

static bool is_text_or_call(const struct node *node)
{
    return is_text(node) || (node != NULL && function_is_call(node));
}

static bool is_list_or_call(const struct node *node)
{
    return node != NULL && (node->kind == NODE_LIST || function_is_call(node));
}

static size_t list_count(const struct node *node)
{
    return node->kind == NODE_LIST ? node_count(node) : 0;
}

/* ---- the shape of each function's argument ---- */

static bool is_get_attribute(const struct node *argument)
{
    if (is_text(argument)) {
        const char *dot = strchr(argument->text, '.');
        return dot != NULL && dot != argument->text && dot[1] != '\0';
    }
    const struct node *attribute = argument->first != NULL ? argument->first->next : NULL;
    return list_count(argument) == 2 && is_text(argument->first) &&
           argument->first->text[0] != '\0' && is_text_or_call(attribute) &&
           (attribute->kind != NODE_SCALAR || attribute->text[0] != '\0');
}

static bool is_join(const struct node *argument)
{
    return list_count(argument) == 2 && is_text(argument->first) &&
           is_list_or_call(argument->first->next);
}

static bool is_split(const struct node *argument)
{
    return list_count(argument) == 2 && is_text(argument->first) &&
           is_text_or_call(argument->first->next);
}

static bool is_select(const struct node *argument)
{
    return list_count(argument) == 2 && is_text_or_call(argument->first) &&
           is_list_or_call(argument->first->next);
}

static bool is_if(const struct node *argument)
{
    return list_count(argument) == 3 && is_text(argument->first);
}

static bool is_sub(const struct node *argument)
{
    return is_text(argument) || (list_count(argument) == 2 && is_text(argument->first) &&
                                 argument->first->next->kind == NODE_MAP);
}

static bool is_map_lookup(const struct node *argument)
{
    if (list_count(argument) != 3) {
        return false;
    }
    for (const struct node *part = argument->first; part != NULL; part = part->next) {
        if (!is_text_or_call(part)) {
            return false;
        }
    }
    return true;
}

static bool is_pair_of_values(const struct node *argument)
{
    return list_count(argument) == 2 && argument->first->kind != NODE_LIST &&
           argument->first->next->kind != NODE_LIST;
}

static bool is_list_of_truths(const struct node *argument)
{
    size_t count = list_count(argument);
    bool is_well = count >= 2 && count <= 10;
    for (const struct node *part = argument->first; part != NULL; part = part->next) {
        is_well = is_well && function_is_truth(part);
    }
    return is_well;
}

static bool is_one_truth(const struct node *argument)
{
    return list_count(argument) == 1 && function_is_truth(argument->first);
}

#define BOOLEANS " object requires a list of at least 2 and at most 10 boolean parameters."

static const struct {
    const char *name;
    bool (*is_well)(const struct node *argument);
    const char *fault;
} SHAPES[] = {
    { "Ref", is_text, "Template error: every Ref object must have a single String value." },
    { "Condition", is_text, "Template error: every Condition object must have a String value." },
    { "Fn::GetAtt", is_get_attribute,
      "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource "
      "name and the resource attribute" },
    { "Fn::Join", is_join,
      "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and "
      "(2) a list of strings to be joined or a function that returns a list of strings (such as "
      "Fn::GetAZs) to be joined." },
    { "Fn::Split", is_split,
      "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and "
      "(2) a string to be split or a function that returns a string to be split." },
    { "Fn::Select", is_select,
      "Template error: Fn::Select requires a list argument with two elements: an integer index and "
      "a list" },
    { "Fn::Sub", is_sub,
      "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. "
      "Specify a string as first argument, and an optional second argument to specify a mapping of "
      "values to replace in the string" },
    { "Fn::If", is_if, "Template error: Fn::If requires a list argument with three elements" },
    { "Fn::FindInMap", is_map_lookup,
      "Template error: every Fn::FindInMap object requires three parameters, the map name, map key "
      "and the attribute for return value" },
    { "Fn::GetAZs", is_text_or_call,
      "Template error: every Fn::GetAZs object must have a String value." },
    { "Fn::ImportValue", is_text_or_call,
      "Template error: every Fn::ImportValue object must have a String value." },
    { "Fn::Equals", is_pair_of_values,
      "Template error: every Fn::Equals object requires a list of 2 string parameters." },
    { "Fn::And", is_list_of_truths, "Template error: every Fn::And" BOOLEANS },
    { "Fn::Or", is_list_of_truths, "Template error: every Fn::Or" BOOLEANS },
    { "Fn::Not", is_one_truth,
      "Template error: every Fn::Not object requires one boolean parameter." },
};

enum { SHAPE_COUNT = sizeof SHAPES / sizeof SHAPES[0] };

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

const char *function_find_fault(struct arena *arena, const struct node *call)
{
    static const char *const language_extensions[] = { "Fn::Length", "Fn::ToJsonString", NULL };
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        if (strcmp(SHAPES[i].name, call->name) == 0) {
            return SHAPES[i].is_well(call) ? NULL : SHAPES[i].fault;
        }
    }
    if (is_one_of(call->name, language_extensions) || strncmp(call->name, "Fn::ForEach", 11) == 0) {
        return message_format(arena,
                              "%s needs the transform AWS::LanguageExtensions, which rehearsedb "
                              "does not run",
                              call->name);
    }
    static const char *const unsupported[] = { "Fn::Transform", "Fn::Cidr", "Fn::Base64", NULL };
    if (is_one_of(call->name, unsupported)) {
        return message_format(arena, "%s is not supported by rehearsedb", call->name);
    }
    return message_format(
        arena,
        "Template error: Encountered unsupported function: %s Supported functions "
        "are: [Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, "
        "Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, "
        "Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, "
        "Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, "
        "Fn::Cidr]",
        call->name);
}

/* ---- calls ---- */

static bool is_single(const struct node *node)
{
    return node->kind == NODE_MAP && node->first != NULL && node->first == node->last;
}

bool function_is_call(const struct node *node)
{
    return is_single(node) &&
           (strcmp(node->first->name, "Ref") == 0 || strncmp(node->first->name, "Fn::", 4) == 0);
}

bool function_is_truth(const struct node *node)
{
    static const char *const names[] = { "Fn::Equals", "Fn::And",   "Fn::Or",
                                         "Fn::Not",    "Condition", NULL };
    return is_single(node) && is_one_of(node->first->name, names);
}

struct attribute_reference function_attribute(struct arena *arena, const struct node *argument)
{
    if (argument->kind == NODE_LIST) {
        return (struct attribute_reference){
            .resource = node_text(argument->first, ""),
            .attribute = node_text(argument->first->next, NULL),
        };
    }
    size_t length = strcspn(argument->text, ".");
    return (struct attribute_reference){
        .resource = message_format(arena, "%.*s", (int)length, argument->text),
        .attribute = argument->text + length + (argument->text[length] == '.' ? 1 : 0),
    };
}

bool function_next_substitution(struct arena *arena,
                                const char *text,
                                struct substitution *out_substitution)
{
    const char *dollar = strstr(text, "${");
    const char *brace = dollar != NULL ? strchr(dollar, '}') : NULL;
    if (brace == NULL) {
        return false;
    }
    const char *first = dollar + 2;
    const char *last = brace;
    while (first < last && *first == ' ') {
        first++;
    }
    while (last > first && last[-1] == ' ') {
        last--;
    }
    *out_substitution = (struct substitution){
        .begin = dollar,
        .end = brace + 1,
        .name = message_format(arena, "%.*s", (int)(last - first), first),
    };
    return true;
}
