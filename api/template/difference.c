#include "api/template/difference.h"

#include "storage/base/arena.h"
#include "storage/base/bytes.h"

#include <string.h>

struct comparison {
    struct arena *arena;
    const struct table_definition *from;
    const struct table_definition *to;
    struct difference *out;
};

/* ---- in words ---- */

static const char *finish(const struct buffer *text)
{
    return bytes_to_text(text->arena, buffer_view(text));
}

const char *difference_key_schema_text(struct arena *arena, const struct key_schema *keys)
{
    struct buffer text;
    buffer_init(&text, arena, 64);
    for (size_t i = 0; i < keys->count; i++) {
        const struct key_element *key = &keys->elements[i];
        buffer_append_format(&text, "%s%s (%s, %s)", i > 0 ? ", " : "", key->attribute, key->type,
                             key->is_hash ? "HASH" : "RANGE");
    }
    return finish(&text);
}

const char *difference_projection_text(struct arena *arena, const struct projection *projection)
{
    struct buffer text;
    buffer_init(&text, arena, 64);
    buffer_append_text(&text, projection->type);
    for (size_t i = 0; i < projection->attribute_count; i++) {
        buffer_append_format(&text, "%s%s", i > 0 ? ", " : " ", projection->attributes[i]);
    }
    return finish(&text);
}

static const char *index_text(struct arena *arena, const struct index_definition *index)
{
    struct buffer text;
    buffer_init(&text, arena, 128);
    buffer_append_format(&text, "%s; %s", difference_key_schema_text(arena, &index->key_schema),
                         difference_projection_text(arena, &index->projection));
    return finish(&text);
}

/* ---- the list ---- */

static void
note(struct comparison *comparison, const char *what, const char *index, const char *why)
{
    struct buffer text;
    buffer_init(&text, comparison->arena, 128);
    buffer_append_format(&text, "%s%s%s is not compared: %s", what, index != NULL ? " of " : "",
                         index != NULL ? index : "", why);
    comparison->out->notes[comparison->out->note_count++] = finish(&text);
}

/* The rule's message with the table's name in it. */
static const char *message_of(struct comparison *comparison, const struct rule *rule)
{
    const char *mark = rule->message != NULL ? strstr(rule->message, "<name>") : NULL;
    if (mark == NULL) {
        return rule->message;
    }
    struct buffer text;
    buffer_init(&text, comparison->arena, 128);
    buffer_append(&text, rule->message, (size_t)(mark - rule->message));
    buffer_append_text(&text, comparison->to->name.text);
    buffer_append_text(&text, mark + strlen("<name>"));
    return finish(&text);
}

static void
apply_rule(struct comparison *comparison, struct change *change, const struct rule *rule)
{
    change->rule = rule;
    change->verdict = rule->verdict;
    change->message = message_of(comparison, rule);
}

static void add(struct comparison *comparison, struct change change)
{
    bool is_of_index = change.index != NULL && change.property != PROPERTY_GLOBAL_INDEX &&
                       change.property != PROPERTY_LOCAL_INDEX;
    apply_rule(comparison, &change, rules_find(change.property, is_of_index, change.kind));
    comparison->out->changes[comparison->out->change_count++] = change;
}

/* ---- settings ---- */

/* An ARN ends in the key's id; an alias may stand for any key. */
static bool is_same_key(const char *from, const char *to)
{
    size_t from_length = strlen(from);
    size_t to_length = strlen(to);
    return strcmp(from, to) == 0 ||
           (from_length > to_length && from[from_length - to_length - 1] == '/' &&
            strcmp(from + from_length - to_length, to) == 0);
}

static enum change_kind kind_of(const struct value *from, const struct value *to)
{
    bool had = from->text[0] != '\0' && strcmp(from->text, "false") != 0;
    bool has = to->text[0] != '\0' && strcmp(to->text, "false") != 0;
    if (had && has) {
        return CHANGE_CHANGED;
    }
    if (has) {
        return CHANGE_ADDED;
    }
    return to->is_dropped ? CHANGE_DROPPED : CHANGE_REMOVED;
}

/* Off, or what it is when nobody says anything. */
static bool is_default(const struct value *value)
{
    return value->text[0] == '\0' || strcmp(value->text, "false") == 0 ||
           strcmp(value->text, "STANDARD") == 0;
}

static void compare_value(struct comparison *comparison,
                          int setting,
                          const char *index,
                          const struct value *from,
                          const struct value *to)
{
    const char *what = rules_property_name(setting, index != NULL);
    if (to->state == VALUE_UNKNOWN || (from->state == VALUE_UNKNOWN && to->state == VALUE_KNOWN)) {
        note(comparison, what, index, to->state == VALUE_UNKNOWN ? to->text : from->text);
        return;
    }
    if (to->state == VALUE_UNSAID) {
        return;
    }
    if (from->state == VALUE_UNSAID) {
        if (setting != SETTING_ENCRYPTION_KEY && setting != SETTING_RECOVERY_PERIOD &&
            !is_default(to)) {
            note(comparison, what, index, "what is deployed does not tell it");
        }
        return;
    }
    if (strcmp(from->text, to->text) == 0 ||
        (setting == SETTING_ENCRYPTION_KEY && is_same_key(from->text, to->text))) {
        return;
    }
    if (setting == SETTING_ENCRYPTION_KEY && strstr(to->text, "alias/") != NULL) {
        note(comparison, what, index, "an alias may stand for the deployed key");
        return;
    }
    struct change change = { .property = setting,
                             .kind = kind_of(from, to),
                             .index = index,
                             .from = from->text,
                             .to = to->text };
    if (setting == SETTING_WARM_THROUGHPUT && throughput_is_lowered(from->text, to->text)) {
        change.kind = CHANGE_LOWERED;
    }
    add(comparison, change);
}

/* ---- keys and indexes ---- */

/* Whether the attributes and their roles are the same, whatever their types. */
static bool same_attributes(const struct key_schema *left, const struct key_schema *right)
{
    struct key_schema other = *right;
    for (size_t i = 0; i < other.count && i < left->count; i++) {
        other.elements[i].type = left->elements[i].type;
    }
    return key_schema_equal(left, &other);
}

static const char *attribute_text(struct arena *arena, const char *name, const char *type)
{
    struct buffer text;
    buffer_init(&text, arena, 64);
    buffer_append_format(&text, "%s (%s)", name, type);
    return finish(&text);
}

static bool is_told(const struct difference *difference, int property, const char *to)
{
    for (size_t i = 0; i < difference->change_count; i++) {
        if (difference->changes[i].property == property &&
            strcmp(difference->changes[i].to, to) == 0) {
            return true;
        }
    }
    return false;
}

/* Attributes that both know, with another type; each is told once. */
static void compare_types(struct comparison *comparison, const struct key_schema *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct key_element *key = &keys->elements[i];
        const char *type = definition_attribute_type(comparison->from, key->attribute);
        const char *to = attribute_text(comparison->arena, key->attribute, key->type);
        bool is_told_of_both = type != NULL && type[0] != '\0' && key->type[0] != '\0';
        if (is_told_of_both && strcmp(type, key->type) != 0 &&
            !is_told(comparison->out, PROPERTY_ATTRIBUTE_TYPE, to)) {
            add(comparison,
                (struct change){ .property = PROPERTY_ATTRIBUTE_TYPE,
                                 .kind = CHANGE_CHANGED,
                                 .from = attribute_text(comparison->arena, key->attribute, type),
                                 .to = to });
        }
    }
}

static void compare_index(struct comparison *comparison,
                          const struct index_definition *from,
                          const struct index_definition *to)
{
    struct arena *arena = comparison->arena;
    if (!same_attributes(&from->key_schema, &to->key_schema)) {
        add(comparison,
            (struct change){ .property = PROPERTY_INDEX_KEY_SCHEMA,
                             .kind = CHANGE_CHANGED,
                             .index = to->name,
                             .from = difference_key_schema_text(arena, &from->key_schema),
                             .to = difference_key_schema_text(arena, &to->key_schema) });
    }
    if (!projection_equal(&from->projection, &to->projection)) {
        add(comparison,
            (struct change){ .property = PROPERTY_INDEX_PROJECTION,
                             .kind = CHANGE_CHANGED,
                             .index = to->name,
                             .from = difference_projection_text(arena, &from->projection),
                             .to = difference_projection_text(arena, &to->projection) });
    }
    for (int i = 0; i < INDEX_SETTING_COUNT; i++) {
        compare_value(comparison, i, to->name, &from->settings[i], &to->settings[i]);
    }
}

/* Those of `list` that `other` does not have. */
static void list_missing(struct comparison *comparison,
                         int property,
                         enum change_kind kind,
                         const struct index_list *list,
                         const struct index_list *other)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct index_definition *index = &list->items[i];
        if (definition_find_index(other, index->name) == NULL) {
            const char *text = index_text(comparison->arena, index);
            add(comparison, (struct change){ .property = property,
                                             .kind = kind,
                                             .index = index->name,
                                             .from = kind == CHANGE_REMOVED ? text : "",
                                             .to = kind == CHANGE_ADDED ? text : "" });
        }
    }
}

static void compare_global_indexes(struct comparison *comparison)
{
    const struct index_list *from = &comparison->from->global_indexes;
    const struct index_list *to = &comparison->to->global_indexes;
    for (size_t i = 0; i < to->count; i++) {
        const struct index_definition *old = definition_find_index(from, to->items[i].name);
        if (old != NULL) {
            compare_index(comparison, old, &to->items[i]);
        }
    }
    list_missing(comparison, PROPERTY_GLOBAL_INDEX, CHANGE_ADDED, to, from);
    list_missing(comparison, PROPERTY_GLOBAL_INDEX, CHANGE_REMOVED, from, to);
    for (size_t i = 0; i < to->count; i++) {
        compare_types(comparison, &to->items[i].key_schema);
    }
}

static void compare_local_indexes(struct comparison *comparison)
{
    const struct index_list *from = &comparison->from->local_indexes;
    const struct index_list *to = &comparison->to->local_indexes;
    for (size_t i = 0; i < to->count; i++) {
        const struct index_definition *new = &to->items[i];
        const struct index_definition *old = definition_find_index(from, new->name);
        if (old != NULL && (!same_attributes(&old->key_schema, &new->key_schema) ||
                            !projection_equal(&old->projection, &new->projection))) {
            add(comparison, (struct change){ .property = PROPERTY_LOCAL_INDEX,
                                             .kind = CHANGE_CHANGED,
                                             .index = new->name,
                                             .from = index_text(comparison->arena, old),
                                             .to = index_text(comparison->arena, new) });
        }
        compare_types(comparison, &new->key_schema);
    }
    list_missing(comparison, PROPERTY_LOCAL_INDEX, CHANGE_ADDED, to, from);
    list_missing(comparison, PROPERTY_LOCAL_INDEX, CHANGE_REMOVED, from, to);
}

/* ---- the resource ---- */

static void compare_name(struct comparison *comparison)
{
    const struct value *from = &comparison->from->name;
    const struct value *to = &comparison->to->name;
    if (to->state == VALUE_UNKNOWN || from->state == VALUE_UNKNOWN) {
        note(comparison, "TableName", NULL, to->state == VALUE_UNKNOWN ? to->text : from->text);
        return;
    }
    bool both_templates =
        comparison->from->source == SOURCE_TEMPLATE && comparison->to->source == SOURCE_TEMPLATE;
    if (from->state == to->state ? strcmp(from->text, to->text) == 0 : !both_templates) {
        return;
    }
    if (comparison->to->source != SOURCE_TEMPLATE) {
        note(comparison, "TableName", NULL, "the definition is of a table with another name");
        return;
    }
    add(comparison, (struct change){ .property = PROPERTY_TABLE_NAME,
                                     .kind = CHANGE_CHANGED,
                                     .from = from->text,
                                     .to = to->text });
}

static const char *type_name(const struct table_definition *table)
{
    return table->is_global_table ? "AWS::DynamoDB::GlobalTable" : "AWS::DynamoDB::Table";
}

static void compare_resource(struct comparison *comparison)
{
    const struct table_definition *from = comparison->from;
    const struct table_definition *to = comparison->to;
    compare_name(comparison);
    if (from->source != SOURCE_TEMPLATE || to->source != SOURCE_TEMPLATE) {
        return;
    }
    if (strcmp(from->logical_id, to->logical_id) != 0) {
        add(comparison, (struct change){ .property = PROPERTY_LOGICAL_ID,
                                         .kind = CHANGE_CHANGED,
                                         .from = from->logical_id,
                                         .to = to->logical_id });
    }
    if (from->is_global_table != to->is_global_table) {
        add(comparison, (struct change){ .property = PROPERTY_RESOURCE_TYPE,
                                         .kind = CHANGE_CHANGED,
                                         .from = type_name(from),
                                         .to = type_name(to) });
    }
    if (from->has_imports != to->has_imports) {
        add(comparison, (struct change){ .property = PROPERTY_IMPORT_SOURCE,
                                         .kind = to->has_imports ? CHANGE_ADDED : CHANGE_REMOVED,
                                         .from = "",
                                         .to = "" });
    }
}

static void compare_keys(struct comparison *comparison)
{
    const struct key_schema *from = &comparison->from->key_schema;
    const struct key_schema *to = &comparison->to->key_schema;
    if (!same_attributes(from, to)) {
        add(comparison,
            (struct change){ .property = PROPERTY_KEY_SCHEMA,
                             .kind = CHANGE_CHANGED,
                             .from = difference_key_schema_text(comparison->arena, from),
                             .to = difference_key_schema_text(comparison->arena, to) });
    }
    compare_types(comparison, to);
    if (comparison->to->unused_attribute != NULL) {
        add(comparison, (struct change){ .property = PROPERTY_UNUSED_ATTRIBUTE,
                                         .kind = CHANGE_ADDED,
                                         .from = "",
                                         .to = comparison->to->unused_attribute });
    }
}

/* ---- the update as a whole ---- */

static bool is_index_change(const struct change *change)
{
    return change->property == PROPERTY_GLOBAL_INDEX;
}

static void judge_whole(struct comparison *comparison)
{
    struct difference *out = comparison->out;
    size_t index_changes = 0;
    for (size_t i = 0; i < out->change_count; i++) {
        index_changes += is_index_change(&out->changes[i]) ? 1 : 0;
    }
    const struct value *name = &comparison->to->name;
    bool is_custom = comparison->to->source == SOURCE_TEMPLATE && name->state == VALUE_KNOWN;
    for (size_t i = 0; i < out->change_count; i++) {
        struct change *change = &out->changes[i];
        if (index_changes > 1 && is_index_change(change)) {
            apply_rule(comparison, change, &RULE_SEVERAL_INDEX_CHANGES);
        }
        if (is_custom && change->verdict == VERDICT_REPLACEMENT &&
            change->property != PROPERTY_TABLE_NAME) {
            bool is_new = change->property == PROPERTY_LOGICAL_ID;
            apply_rule(comparison, change, is_new ? &RULE_NAME_TAKEN : &RULE_CUSTOM_NAME);
        }
    }
}

void difference_find(struct arena *arena,
                     const struct table_definition *from,
                     const struct table_definition *to,
                     struct difference *out)
{
    size_t index_count = from->global_indexes.count + to->global_indexes.count +
                         from->local_indexes.count + to->local_indexes.count;
    /* An index has its own line, keys and projection, a line for each setting, key types. */
    size_t count_max =
        PROPERTY_COUNT + 2 + index_count * (3 + INDEX_SETTING_COUNT + KEY_ELEMENT_COUNT_MAX);
    *out = (struct difference){
        .changes = arena_alloc(arena, count_max * sizeof *out->changes),
        .notes = arena_alloc(arena, count_max * sizeof *out->notes),
    };
    struct comparison comparison = { .arena = arena, .from = from, .to = to, .out = out };
    compare_resource(&comparison);
    compare_keys(&comparison);
    compare_local_indexes(&comparison);
    compare_global_indexes(&comparison);
    for (int i = 0; i < SETTING_COUNT; i++) {
        compare_value(&comparison, i, NULL, &from->settings[i], &to->settings[i]);
    }
    judge_whole(&comparison);
}

enum verdict difference_verdict(const struct difference *difference)
{
    enum verdict worst = VERDICT_IN_PLACE;
    for (size_t i = 0; i < difference->change_count; i++) {
        worst = difference->changes[i].verdict > worst ? difference->changes[i].verdict : worst;
    }
    return worst;
}
