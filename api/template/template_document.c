#include "api/template/template_document.h"

#include "api/template/message.h"
#include "api/template/node.h"
#include "storage/base/arena.h"

#include <string.h>

struct document_reading {
    struct arena *arena;
    const struct node *document;
    const char *error; /* the first; NULL while all is well */
};

static bool fail(struct document_reading *reading, const char *message)
{
    if (reading->error == NULL) {
        reading->error = message;
    }
    return false;
}

static const char *document_message(struct arena *arena, const struct document_error *error)
{
    switch (error->fault) {
    case DOCUMENT_EMPTY:
        return "Template format error: unsupported structure.";
    case DOCUMENT_TOO_DEEP:
        return "Template format error: the template is nested too deeply";
    case DOCUMENT_ALIAS:
        return "Template error: YAML aliases are not allowed in CloudFormation templates";
    case DOCUMENT_BROKEN:
        break;
    }
    return message_format(arena,
                          "Template format error: %s not well-formed. (line %zu, column %zu)",
                          error->is_json ? "JSON" : "YAML", error->line, error->column);
}

/* The path of the first null, like "/Resources/T/Properties"; NULL: there is none. */
static const char *find_null(struct arena *arena, const struct node *node)
{
    if (node->kind == NODE_NULL) {
        return "";
    }
    size_t place = 0;
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        const char *inner = find_null(arena, child);
        if (inner != NULL) {
            return child->name != NULL ? message_format(arena, "/%s%s", child->name, inner)
                                       : message_format(arena, "/%zu%s", place, inner);
        }
        place++;
    }
    return NULL;
}

/* The names of the members that are none of `known`, which ends with NULL; NULL: all are. */
const char *
template_document_strangers(struct arena *arena, const struct node *map, const char *const *known)
{
    struct buffer text;
    buffer_init(&text, arena, 64);
    for (const struct node *member = map->first; member != NULL; member = member->next) {
        const char *const *name = known;
        while (*name != NULL && strcmp(*name, member->name) != 0) {
            name++;
        }
        if (*name == NULL) {
            buffer_append_format(&text, "%s%s", text.length > 0 ? ", " : "", member->name);
        }
    }
    return text.length > 0 ? bytes_to_text(arena, buffer_view(&text)) : NULL;
}

static bool check_maps(struct document_reading *reading)
{
    static const char *const maps[] = { "Parameters", "Mappings", "Conditions",
                                        "Resources",  "Outputs",  "Rules" };
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        const struct node *map = node_member(reading->document, maps[i]);
        if (map == NULL) {
            continue;
        }
        if (map->kind != NODE_MAP) {
            return fail(reading,
                        message_format(reading->arena,
                                       "Template format error: [/%s] must be an object", maps[i]));
        }
        for (const struct node *member = map->first; member != NULL; member = member->next) {
            if (member->kind != NODE_MAP) {
                return fail(reading,
                            message_format(reading->arena,
                                           "Template format error: Every %s member must be an "
                                           "object: [/%s/%s]",
                                           maps[i], maps[i], member->name));
            }
        }
    }
    return true;
}

static const char *transform_name(const struct node *transform)
{
    const struct node *first = transform->kind == NODE_LIST ? transform->first : transform;
    return node_text(node_member(first, "Name"), node_text(first, "AWS::Include"));
}

static bool check_sections(struct document_reading *reading)
{
    static const char *const sections[] = {
        "AWSTemplateFormatVersion",
        "Description",
        "Metadata",
        "Parameters",
        "Rules",
        "Mappings",
        "Conditions",
        "Transform",
        "Resources",
        "Outputs",
        NULL,
    };
    struct arena *arena = reading->arena;
    const struct node *document = reading->document;
    if (document->kind != NODE_MAP) {
        return fail(reading, "Template format error: unsupported structure.");
    }
    const char *null_path = find_null(arena, document);
    if (null_path != NULL) {
        return fail(reading, message_format(arena,
                                            "Template format error: [%s] 'null' values are not "
                                            "allowed in templates",
                                            null_path));
    }
    const char *strangers = template_document_strangers(arena, document, sections);
    if (strangers != NULL) {
        return fail(reading, message_format(arena, "Invalid template property or properties [%s]",
                                            strangers));
    }
    const struct node *version = node_member(reading->document, "AWSTemplateFormatVersion");
    if (version != NULL && !node_is_text(version, "2010-09-09")) {
        return fail(reading,
                    "Template format error: unsupported value for AWSTemplateFormatVersion.");
    }
    const struct node *description = node_member(reading->document, "Description");
    if (description != NULL && (description->kind != NODE_SCALAR || !description->is_string)) {
        return fail(reading, "Template format error: every Description member must be a string.");
    }
    if (strlen(node_text(description, "")) > 1024) {
        return fail(reading, "Template format error: Description length must be less than 1024.");
    }
    const struct node *transform = node_member(reading->document, "Transform");
    if (transform != NULL) {
        return fail(reading, message_format(arena,
                                            "Transform %s is not supported: rehearsedb runs no "
                                            "macros",
                                            transform_name(transform)));
    }
    return check_maps(reading);
}

bool template_document_read(struct arena *arena,
                            struct bytes text,
                            const struct node **out_document,
                            const char **out_error)
{
    struct document_error error;
    struct document_reading reading = { .arena = arena };
    if (!node_read_located(arena, text, &reading.document, &error)) {
        *out_error = document_message(arena, &error);
        return false;
    }
    if (!check_sections(&reading)) {
        *out_error = reading.error;
        return false;
    }
    *out_document = reading.document;
    return true;
}
