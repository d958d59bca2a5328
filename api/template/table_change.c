#include "api/template/table_change.h"

#include "api/template/companion_calls.h"
#include "api/template/definition_read.h"
#include "api/template/difference.h"
#include "api/template/global_table.h"
#include "api/template/message.h"
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

/* What would be left out in silence otherwise. */
static bool
check_supported(struct arena *arena, const struct node *properties, const char **out_error)
{
    static const char *const unsupported[] = { "ImportSourceSpecification", "GlobalTableSourceArn",
                                               "GlobalTableWitnesses" };
    for (size_t i = 0; i < sizeof unsupported / sizeof unsupported[0]; i++) {
        if (node_member(properties, unsupported[i]) != NULL) {
            *out_error =
                message_format(arena, "%s cannot be rehearsed: leave it out", unsupported[i]);
            return false;
        }
    }
    if (node_is_text(node_member(properties, "MultiRegionConsistency"), "STRONG")) {
        *out_error = "MultiRegionConsistency STRONG cannot be rehearsed: there is one region here";
        return false;
    }
    if (node_member(node_member(properties, "StreamSpecification"), "ResourcePolicy") != NULL) {
        *out_error = "The ResourcePolicy of a stream cannot be rehearsed: leave it out";
        return false;
    }
    return true;
}

static bool read_definition(struct arena *arena,
                            const char *type,
                            const struct node *properties,
                            const struct node **out_table,
                            struct table_definition *out_definition,
                            const char **out_error)
{
    const struct template_options options = { .is_lenient = true };
    *out_table = properties;
    if (!check_supported(arena, properties, out_error) ||
        (strcmp(type, "AWS::DynamoDB::GlobalTable") == 0 &&
         !global_table_as_table(arena, properties, out_table, out_error))) {
        return false;
    }
    return definition_read(arena, document_of(arena, *out_table), &options, out_definition,
                           out_error);
}

/* ---- what a template leaves out and the calls must know ---- */

static const struct value NOTHING = { .state = VALUE_KNOWN, .text = "" };

/* Warm throughput can be asked for, and then no more be taken back. */
static void fill_warm(const struct value *after, struct value *before)
{
    if (after[SETTING_WARM_THROUGHPUT].state == VALUE_KNOWN &&
        before[SETTING_WARM_THROUGHPUT].state == VALUE_UNSAID) {
        before[SETTING_WARM_THROUGHPUT] = NOTHING;
    }
}

/* The service's own key, and its 35 days. */
static void fill_companions(struct value *settings)
{
    if (settings[SETTING_ENCRYPTION].text[0] != '\0' &&
        settings[SETTING_ENCRYPTION_KEY].state == VALUE_UNSAID) {
        settings[SETTING_ENCRYPTION_KEY] = NOTHING;
    }
    if (strcmp(settings[SETTING_POINT_IN_TIME_RECOVERY].text, "true") == 0 &&
        settings[SETTING_RECOVERY_PERIOD].state == VALUE_UNSAID) {
        settings[SETTING_RECOVERY_PERIOD] = (struct value){ .state = VALUE_KNOWN, .text = "35" };
    }
}

static void fill_in(struct table_definition *before, struct table_definition *after)
{
    fill_warm(after->settings, before->settings);
    fill_companions(before->settings);
    fill_companions(after->settings);
    for (size_t i = 0; i < before->global_indexes.count; i++) {
        struct index_definition *index = &before->global_indexes.items[i];
        const struct index_definition *next =
            definition_find_index(&after->global_indexes, index->name);
        if (next != NULL) {
            fill_warm(next->settings, index->settings);
        }
    }
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

static void
add_property(struct table_change *change, struct property_change *properties, const char *name)
{
    properties[change->property_count++] =
        (struct property_change){ .name = name, .recreation = RECREATION_NEVER };
}

/* A property that is not listed is another's: a replica's setting stands in Replicas. */
static void raise_recreation(struct property_change *properties,
                             size_t count,
                             const char *name,
                             enum recreation recreation)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(properties[i].name, name) == 0 && recreation > properties[i].recreation) {
            properties[i].recreation = recreation;
        }
    }
}

static bool is_same(struct arena *arena, const struct node *left, const struct node *right)
{
    struct buffer one;
    struct buffer other;
    if (left == NULL || right == NULL) {
        return left == right;
    }
    buffer_init(&one, arena, TEXT_SIZE_FIRST);
    buffer_init(&other, arena, TEXT_SIZE_FIRST);
    node_append_json(&one, left, true);
    node_append_json(&other, right, true);
    return bytes_equal(buffer_view(&one), buffer_view(&other));
}

/*
 * What differs as it is written comes first, since CloudFormation compares that: also what makes no
 * call, like the order of attributes. What that means is in the difference.
 */
static void list_properties(struct arena *arena,
                            const struct table_properties *both,
                            const struct difference *difference,
                            struct table_change *out_change)
{
    size_t count_max = node_count(both->previous) + node_count(both->next);
    struct property_change *properties = arena_alloc(arena, count_max * sizeof *properties);
    out_change->properties = properties;
    for (const struct node *member = both->next->first; member != NULL; member = member->next) {
        if (!is_same(arena, node_member(both->previous, member->name), member)) {
            add_property(out_change, properties, member->name);
        }
    }
    for (const struct node *member = both->previous->first; member != NULL; member = member->next) {
        if (node_member(both->next, member->name) == NULL) {
            add_property(out_change, properties, member->name);
        }
    }
    out_change->is_none = out_change->property_count == 0;
    for (size_t i = 0; i < difference->change_count; i++) {
        const struct change *change = &difference->changes[i];
        raise_recreation(properties, out_change->property_count, property_name(arena, change),
                         recreation_of(change));
    }
}

/*
 * What the handler refuses before it calls anything. The rest DynamoDB refuses by itself, in its
 * own words, or nobody does.
 */
static bool is_refused_by_handler(const struct change *change)
{
    bool is_refusal = change->verdict == VERDICT_REFUSED || change->verdict == VERDICT_SEVERAL;
    bool is_the_handlers =
        change->property >= PROPERTY_SETTINGS_END || change->property == SETTING_TIME_TO_LIVE;
    return change->message != NULL &&
           (change->rule == &RULE_CUSTOM_NAME || (is_refusal && is_the_handlers));
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
    struct table_definition before;
    struct table_definition after;
    struct difference difference;
    const struct node *old = NULL; /* both as of an AWS::DynamoDB::Table */
    const struct node *new;
    const char *table = properties->physical_name;
    *out_change = (struct table_change){ .verdict = VERDICT_IN_PLACE };
    if (!read_definition(arena, properties->type, properties->next, &new, &after, out_error)) {
        return false;
    }
    if (properties->previous == NULL) {
        calls_find_creation(arena, table, attribute_definitions_of(arena, new), &after,
                            &out_change->calls);
    } else {
        if (!read_definition(arena, properties->type, properties->previous, &old, &before,
                             out_error)) {
            return false;
        }
        fill_in(&before, &after);
        difference_find(arena, &before, &after, &difference);
        list_properties(arena, properties, &difference, out_change);
        judge(&difference, out_change);
        calls_find(arena, table, &before, &after, &out_change->calls);
    }
    companion_calls_add(arena, table, old, new, &out_change->calls);
    return true;
}
