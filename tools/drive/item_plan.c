#include "tools/drive/item_plan.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"

#include <stdlib.h>
#include <string.h>

static const char IDENTITY[] = "rehearse/drive/";
static const char STATE[] = "rehearse/state/";

/* ---- making one ---- */

static struct planned_attribute *find(const struct item_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (strcmp(plan->attributes[i].name, name) == 0) {
            return &plan->attributes[i];
        }
    }
    return NULL;
}

static struct planned_attribute *find_or_add(struct item_plan *plan, const char *name, char type)
{
    struct planned_attribute *attribute = find(plan, name);
    if (attribute == NULL) {
        attribute = &plan->attributes[plan->count++];
        *attribute = (struct planned_attribute){ .name = name, .type = type };
    }
    return attribute;
}

static size_t count_names(const struct table_shape *table)
{
    size_t count = table->self.key_count;
    for (size_t i = 0; i < table->index_count; i++) {
        count += table->indexes[i].key_count + table->indexes[i].projected_count;
    }
    return count;
}

const struct item_plan *item_plan_make(struct arena *arena, const struct table_shape *table)
{
    struct item_plan *plan = arena_alloc_zero(arena, sizeof *plan);
    plan->keys = &table->self;
    plan->attributes = arena_alloc_zero(arena, count_names(table) * sizeof *plan->attributes);
    for (size_t i = 0; i < table->self.key_count; i++) {
        const struct key_part *part = &table->self.keys[i];
        struct planned_attribute *attribute = find_or_add(plan, part->name, part->type);
        attribute->is_identity = true;
        attribute->is_table_key = true;
    }
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_shape *index = &table->indexes[i];
        for (size_t j = 0; j < index->key_count; j++) {
            const struct key_part *part = &index->keys[j];
            struct planned_attribute *attribute = find_or_add(plan, part->name, part->type);
            attribute->is_identity = attribute->is_identity || part->is_hash;
        }
    }
    for (size_t i = 0; i < table->index_count; i++) { /* last: another's keys have their types */
        const struct index_shape *index = &table->indexes[i];
        for (size_t j = 0; j < index->projected_count; j++) {
            (void)find_or_add(plan, index->projected[j], 'N');
        }
    }
    return plan;
}

bool item_plan_covers(const struct item_plan *plan, const struct index_shape *index)
{
    for (size_t i = 0; i < index->key_count; i++) {
        const struct key_part *part = &index->keys[i];
        const struct planned_attribute *attribute = find(plan, part->name);
        if (attribute == NULL || attribute->type != part->type ||
            (part->is_hash && !attribute->is_identity)) {
            return false;
        }
    }
    return true;
}

/* ---- values ---- */

void item_plan_append_value(struct buffer *to,
                            const struct planned_attribute *attribute,
                            const struct item_identity *item,
                            int64_t version)
{
    long long run = (long long)item->run;
    long long last = (long long)(attribute->is_identity ? item->number : version);
    if (attribute->type != 'N') {
        buffer_append_format(to, "{\"%c\":\"%s%012lld/%012lld\"}", attribute->type,
                             attribute->is_identity ? IDENTITY : STATE, run, last);
    } else if (attribute->is_identity) {
        buffer_append_format(to, "{\"N\":\"-8%012lld%012lld\"}", run, last);
    } else {
        buffer_append_format(to, "{\"N\":\"%lld\"}", last);
    }
}

void item_plan_append_key(struct buffer *to,
                          const struct item_plan *plan,
                          const struct item_identity *item)
{
    for (size_t i = 0; i < plan->keys->key_count; i++) { /* they come first in a plan */
        buffer_append_text(to, i > 0 ? "," : "");
        json_append_text(to, plan->attributes[i].name);
        buffer_append_text(to, ":");
        item_plan_append_value(to, &plan->attributes[i], item, 0);
    }
}

static int64_t version_in(const struct cJSON *value)
{
    const char *text = json_text(json_first(value), "");
    if (strncmp(text, STATE, sizeof STATE - 1) == 0) {
        text = strrchr(text, '/') + 1;
    }
    char *end = NULL;
    long long version = strtoll(text, &end, 10);
    return end != text && *end == '\0' && version >= 0 ? version : DRIVE_VERSION_UNKNOWN;
}

int64_t item_plan_version(const struct item_plan *plan, const struct cJSON *item)
{
    const struct cJSON *own = json_member(item, DRIVE_VERSION_ATTRIBUTE);
    int64_t version = own != NULL ? version_in(own) : DRIVE_VERSION_UNKNOWN;
    for (size_t i = 0; version == DRIVE_VERSION_UNKNOWN && i < plan->count; i++) {
        const struct cJSON *value =
            plan->attributes[i].is_identity ? NULL : json_member(item, plan->attributes[i].name);
        version = value != NULL ? version_in(value) : version;
    }
    return version;
}
