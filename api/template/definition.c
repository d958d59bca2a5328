#include "api/template/definition.h"

#include "storage/base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool value_is_changed(const struct value *from, const struct value *to)
{
    return from->state == VALUE_KNOWN && to->state == VALUE_KNOWN &&
           strcmp(from->text, to->text) != 0;
}

struct index_definition *definition_find_index(const struct index_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].name, name) == 0) {
            return &list->items[i];
        }
    }
    return NULL;
}

static const char *type_in(const struct key_schema *keys, const char *attribute)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (strcmp(keys->elements[i].attribute, attribute) == 0) {
            return keys->elements[i].type;
        }
    }
    return NULL;
}

static const char *type_in_indexes(const struct index_list *list, const char *attribute)
{
    const char *type = NULL;
    for (size_t i = 0; i < list->count && type == NULL; i++) {
        type = type_in(&list->items[i].key_schema, attribute);
    }
    return type;
}

const char *definition_attribute_type(const struct table_definition *table, const char *attribute)
{
    const char *type = type_in(&table->key_schema, attribute);
    if (type == NULL) {
        type = type_in_indexes(&table->local_indexes, attribute);
    }
    return type != NULL ? type : type_in_indexes(&table->global_indexes, attribute);
}

bool key_schema_equal(const struct key_schema *left, const struct key_schema *right)
{
    if (left->count != right->count) {
        return false;
    }
    for (size_t i = 0; i < left->count; i++) {
        const struct key_element *one = &left->elements[i];
        const struct key_element *other = &right->elements[i];
        if (strcmp(one->attribute, other->attribute) != 0 || strcmp(one->type, other->type) != 0 ||
            one->is_hash != other->is_hash) {
            return false;
        }
    }
    return true;
}

bool projection_equal(const struct projection *left, const struct projection *right)
{
    if (strcmp(left->type, right->type) != 0 || left->attribute_count != right->attribute_count) {
        return false;
    }
    for (size_t i = 0; i < left->attribute_count; i++) {
        if (strcmp(left->attributes[i], right->attributes[i]) != 0) {
            return false;
        }
    }
    return true;
}

bool throughput_is_lowered(const char *from, const char *to)
{
    for (;;) {
        from = strchr(from, ':');
        to = strchr(to, ':');
        if (from == NULL || to == NULL) {
            return false;
        }
        if (strtoll(++to, NULL, 10) < strtoll(++from, NULL, 10)) {
            return true;
        }
    }
}

size_t definition_projected_count(const struct table_definition *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->local_indexes.count; i++) {
        count += table->local_indexes.items[i].projection.attribute_count;
    }
    for (size_t i = 0; i < table->global_indexes.count; i++) {
        count += table->global_indexes.items[i].projection.attribute_count;
    }
    return count;
}

struct table_definition *definition_copy(struct arena *arena, const struct table_definition *from)
{
    struct table_definition *copy = arena_alloc(arena, sizeof *copy);
    *copy = *from;
    size_t count = from->global_indexes.count;
    struct index_definition *items = arena_alloc(arena, (count + 1) * sizeof *items);
    if (count > 0) {
        memcpy(items, from->global_indexes.items, count * sizeof *items);
    }
    copy->global_indexes.items = items;
    return copy;
}

void definition_remove_index(struct table_definition *table, const char *name)
{
    struct index_list *list = &table->global_indexes;
    struct index_definition *index = definition_find_index(list, name);
    assert(index != NULL);
    size_t after = (size_t)(list->items + list->count - (index + 1));
    memmove(index, index + 1, after * sizeof *index);
    list->count--;
}

void definition_add_index(struct table_definition *table, const struct index_definition *index)
{
    table->global_indexes.items[table->global_indexes.count++] = *index;
}
