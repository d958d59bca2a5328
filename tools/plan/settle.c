#include "tools/plan/settle.h"

#include "storage/base/arena.h"

#include <string.h>

static bool is_on_demand(const struct table_definition *table)
{
    return strcmp(table->settings[SETTING_BILLING_MODE].text, "PAY_PER_REQUEST") == 0;
}

/* ---- the goal ---- */

/* Takes what is known of both, but for warm throughput that would be lowered: it never is. */
static void take_known(struct value *settings, const struct value *wanted, int count)
{
    for (int i = 0; i < count; i++) {
        bool is_possible = i != SETTING_WARM_THROUGHPUT ||
                           !throughput_is_lowered(settings[i].text, wanted[i].text);
        if (is_possible && value_is_changed(&settings[i], &wanted[i])) {
            settings[i] = wanted[i];
        }
    }
}

static const char *fixed_type(const struct table_definition *from, const char *attribute)
{
    struct table_definition without_globals = *from;
    without_globals.global_indexes.count = 0;
    return definition_attribute_type(&without_globals, attribute);
}

/* An attribute that the table or a local index has for a key keeps its type. */
static void keep_fixed_types(const struct table_definition *from, struct index_definition *index)
{
    for (size_t i = 0; i < index->key_schema.count; i++) {
        struct key_element *key = &index->key_schema.elements[i];
        const char *type = fixed_type(from, key->attribute);
        key->type = type != NULL ? type : key->type;
    }
}

/* A new key of encryption counts with new encryption only, or when both are known. */
static void take_companions(struct table_definition *goal,
                            const struct table_definition *from,
                            const struct table_definition *to)
{
    static const enum setting companions[][2] = {
        { SETTING_ENCRYPTION, SETTING_ENCRYPTION_KEY },
        { SETTING_POINT_IN_TIME_RECOVERY, SETTING_RECOVERY_PERIOD },
    };
    for (size_t i = 0; i < sizeof companions / sizeof companions[0]; i++) {
        enum setting of = companions[i][0];
        if (value_is_changed(&from->settings[of], &to->settings[of])) {
            goal->settings[companions[i][1]] = to->settings[companions[i][1]];
        }
    }
}

static bool same_index(const struct index_definition *left, const struct index_definition *right)
{
    return right != NULL && key_schema_equal(&left->key_schema, &right->key_schema) &&
           projection_equal(&left->projection, &right->projection);
}

/* Of an index that stays; one that is built anew takes only the throughput it cannot do without. */
static void keep_settings(const struct index_definition *old, struct index_definition *index)
{
    struct index_definition wanted = *index;
    if (same_index(old, index)) {
        memcpy(index->settings, old->settings, sizeof index->settings);
        take_known(index->settings, wanted.settings, INDEX_SETTING_COUNT);
    } else if (wanted.settings[SETTING_PROVISIONED_THROUGHPUT].state != VALUE_KNOWN) {
        index->settings[SETTING_PROVISIONED_THROUGHPUT] =
            old->settings[SETTING_PROVISIONED_THROUGHPUT];
    }
}

struct table_definition *settle_goal(struct arena *arena,
                                     const struct table_definition *from,
                                     const struct table_definition *to)
{
    struct table_definition *goal = definition_copy(arena, from);
    goal->global_indexes = definition_copy(arena, to)->global_indexes;
    take_known(goal->settings, to->settings, SETTING_COUNT);
    take_companions(goal, from, to);
    for (size_t i = 0; i < goal->global_indexes.count; i++) {
        struct index_definition *index = &goal->global_indexes.items[i];
        const struct index_definition *old =
            definition_find_index(&from->global_indexes, index->name);
        keep_fixed_types(from, index);
        if (old != NULL) {
            keep_settings(old, index);
        }
    }
    return goal;
}

static bool same_warmth(const struct value *goal, const struct value *wanted)
{
    return !value_is_changed(&goal[SETTING_WARM_THROUGHPUT], &wanted[SETTING_WARM_THROUGHPUT]);
}

static bool same_indexes(const struct index_list *left, const struct index_list *right)
{
    for (size_t i = 0; i < left->count; i++) {
        const struct index_definition *index = &left->items[i];
        const struct index_definition *other = definition_find_index(right, index->name);
        if (!same_index(index, other) || !same_warmth(index->settings, other->settings)) {
            return false;
        }
    }
    return left->count == right->count;
}

bool settle_is_complete(const struct table_definition *goal, const struct table_definition *to)
{
    bool is_renamed = to->source == SOURCE_TEMPLATE && value_is_changed(&goal->name, &to->name);
    bool is_other =
        goal->logical_id != NULL && to->logical_id != NULL &&
        (strcmp(goal->logical_id, to->logical_id) != 0 ||
         goal->is_global_table != to->is_global_table || goal->has_imports != to->has_imports);
    return !is_renamed && !is_other && same_warmth(goal->settings, to->settings) &&
           key_schema_equal(&goal->key_schema, &to->key_schema) &&
           same_indexes(&goal->local_indexes, &to->local_indexes) &&
           same_indexes(&goal->global_indexes, &to->global_indexes);
}

/* ---- on the way ---- */

static const struct value NONE = { .state = VALUE_KNOWN, .text = "" };

/*
 * With the billing mode, the throughput of every index changes. One that has no successor gets the
 * table's, for the time that is left to it.
 */
static void switch_billing(const struct table_definition *goal,
                           const struct index_definition *wanted,
                           struct index_definition *index)
{
    index->settings[SETTING_ON_DEMAND_THROUGHPUT] = NONE;
    if (is_on_demand(goal)) {
        index->settings[SETTING_PROVISIONED_THROUGHPUT] = NONE;
    } else {
        index->settings[SETTING_PROVISIONED_THROUGHPUT] =
            (wanted != NULL ? wanted->settings : goal->settings)[SETTING_PROVISIONED_THROUGHPUT];
    }
}

struct table_definition *settle_settings(struct arena *arena,
                                         const struct table_definition *from,
                                         const struct table_definition *goal,
                                         bool *out_ttl_waits)
{
    struct table_definition *settled = definition_copy(arena, from);
    memcpy(settled->settings, goal->settings, sizeof settled->settings);
    struct value *ttl = &settled->settings[SETTING_TIME_TO_LIVE];
    const struct value *old_ttl = &from->settings[SETTING_TIME_TO_LIVE];
    *out_ttl_waits =
        value_is_changed(old_ttl, ttl) && old_ttl->text[0] != '\0' && ttl->text[0] != '\0';
    *ttl = *out_ttl_waits ? NONE : *ttl;
    bool switches = is_on_demand(from) != is_on_demand(goal);
    for (size_t i = 0; i < settled->global_indexes.count; i++) {
        struct index_definition *index = &settled->global_indexes.items[i];
        const struct index_definition *wanted =
            definition_find_index(&goal->global_indexes, index->name);
        if (switches) {
            switch_billing(goal, wanted, index);
        }
        if (same_index(index, wanted)) {
            take_known(index->settings, wanted->settings, INDEX_SETTING_COUNT);
        }
    }
    return settled;
}

static bool any_changed(const struct value *from, const struct value *to, int count)
{
    for (int i = 0; i < count; i++) {
        if (value_is_changed(&from[i], &to[i])) {
            return true;
        }
    }
    return false;
}

bool settle_has_changes(const struct table_definition *from, const struct table_definition *to)
{
    if (any_changed(from->settings, to->settings, SETTING_COUNT)) {
        return true;
    }
    for (size_t i = 0; i < from->global_indexes.count; i++) {
        const struct index_definition *index = &from->global_indexes.items[i];
        const struct index_definition *other =
            definition_find_index(&to->global_indexes, index->name);
        if (other != NULL && any_changed(index->settings, other->settings, INDEX_SETTING_COUNT)) {
            return true;
        }
    }
    return false;
}
