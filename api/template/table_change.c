#include "api/template/table_change.h"

#include "api/template/definition_read.h"
#include "api/template/difference.h"
#include "api/template/global_table.h"
#include "api/template/node.h"
#include "api/template/template.h"
#include "storage/base/arena.h"
#include "storage/base/bytes.h"

#include <string.h>

enum { TEXT_SIZE_FIRST = 256 };

/* A template of the table alone: what definitions are read from. */
static const struct node *document_of(struct arena *arena, const struct node *properties)
{
    struct node *document = node_new(arena, NODE_MAP, NULL);
    struct node *resources = node_new(arena, NODE_MAP, NULL);
    struct node *resource = node_new(arena, NODE_MAP, NULL);
    node_append(resource, "Type", node_new(arena, NODE_SCALAR, "AWS::DynamoDB::Table"));
    node_append(resource, "Properties", node_copy(arena, properties));
    node_append(resources, "Table", resource);
    node_append(document, "Resources", resources);
    return document;
}

static bool read_definition(struct arena *arena,
                            const char *type,
                            const struct node *properties,
                            const struct node **out_table,
                            struct table_definition *out_definition,
                            const char **out_error)
{
    const struct template_options options = { 0 };
    *out_table = properties;
    if (strcmp(type, "AWS::DynamoDB::GlobalTable") == 0 &&
        !global_table_as_table(arena, properties, out_table, out_error)) {
        return false;
    }
    return definition_read(arena, document_of(arena, *out_table), &options, out_definition,
                           out_error);
}

/* ---- what has changed ---- */

static enum recreation recreation_of(const struct change *change)
{
    if (change->verdict != VERDICT_REPLACEMENT && change->rule != &RULE_CUSTOM_NAME) {
        return RECREATION_NEVER;
    }
    return change->property == PROPERTY_ATTRIBUTE_TYPE ? RECREATION_CONDITIONALLY
                                                       : RECREATION_ALWAYS;
}

/* The property as a template has it: a part of an index is the indexes'. */
static const char *property_name(struct arena *arena, const struct change *change)
{
    bool is_of_index = change->index != NULL && change->property < INDEX_SETTING_COUNT;
    const char *name = rules_property_name(change->property, is_of_index);
    size_t length = strcspn(name, ".");
    return bytes_to_text(arena, (struct bytes){ (const uint8_t *)name, length });
}

static void list_properties(struct arena *arena,
                            const struct difference *difference,
                            struct table_change *out_change)
{
    struct property_change *properties =
        arena_alloc(arena, difference->change_count * sizeof *properties);
    size_t count = 0;
    for (size_t i = 0; i < difference->change_count; i++) {
        const char *name = property_name(arena, &difference->changes[i]);
        enum recreation recreation = recreation_of(&difference->changes[i]);
        size_t at = 0;
        while (at < count && strcmp(properties[at].name, name) != 0) {
            at++;
        }
        if (at == count) {
            properties[count++] = (struct property_change){ name, recreation };
        } else if (recreation > properties[at].recreation) {
            properties[at].recreation = recreation;
        }
    }
    out_change->properties = properties;
    out_change->property_count = count;
}

/* What the handler refuses; the rest DynamoDB refuses by itself, or nobody does. */
static bool is_refused_by_handler(const struct change *change)
{
    bool is_refusal = change->verdict == VERDICT_REFUSED || change->verdict == VERDICT_SEVERAL;
    return change->message != NULL && (change->rule == &RULE_CUSTOM_NAME ||
                                       (is_refusal && (change->property >= PROPERTY_SETTINGS_END ||
                                                       change->property == SETTING_TIME_TO_LIVE)));
}

static void judge(const struct difference *difference, struct table_change *out_change)
{
    out_change->verdict = VERDICT_IN_PLACE;
    for (size_t i = 0; i < difference->change_count; i++) {
        const struct change *change = &difference->changes[i];
        if (change->verdict == VERDICT_REPLACEMENT || change->rule == &RULE_CUSTOM_NAME) {
            out_change->verdict = VERDICT_REPLACEMENT;
            if (change->rule == &RULE_CUSTOM_NAME) {
                out_change->message = change->message;
                out_change->is_wrapped = false;
            }
        }
    }
    for (size_t i = 0; i < difference->change_count; i++) {
        const struct change *change = &difference->changes[i];
        if (out_change->verdict != VERDICT_REPLACEMENT && out_change->message == NULL &&
            is_refused_by_handler(change)) {
            out_change->message = change->message;
            out_change->is_wrapped = rules_is_wrapped(change->rule);
        }
    }
    if (out_change->message != NULL && out_change->verdict != VERDICT_REPLACEMENT) {
        out_change->verdict = VERDICT_REFUSED;
    }
}

/* ---- the whole ---- */

static const char *attribute_definitions_of(struct arena *arena, const struct node *properties)
{
    struct buffer text;
    const struct node *list = node_member(properties, "AttributeDefinitions");
    buffer_init(&text, arena, TEXT_SIZE_FIRST);
    if (list == NULL) {
        return "[]";
    }
    node_append_json(&text, list, false);
    return bytes_to_text(arena, buffer_view(&text));
}

bool table_change_find(struct arena *arena,
                       const struct table_properties *properties,
                       struct table_change *out_change,
                       const char **out_error)
{
    const char *type = properties->type;
    struct table_definition before;
    struct table_definition after;
    struct difference difference;
    const struct node *table;
    *out_change = (struct table_change){ .verdict = VERDICT_IN_PLACE };
    if (!read_definition(arena, type, properties->next, &table, &after, out_error)) {
        return false;
    }
    if (properties->previous == NULL) {
        calls_find_creation(arena, properties->physical_name,
                            attribute_definitions_of(arena, table), &after, &out_change->calls);
        return true;
    }
    if (!read_definition(arena, type, properties->previous, &table, &before, out_error)) {
        return false;
    }
    difference_find(arena, &before, &after, &difference);
    out_change->is_none = difference.change_count == 0;
    list_properties(arena, &difference, out_change);
    judge(&difference, out_change);
    calls_find(arena, properties->physical_name, &before, &after, &out_change->calls);
    return true;
}
