#include "api/items/item_update.h"

#include "api/expression/operands.h"
#include "api/expression/update.h"
#include "api/items/item_key.h"
#include "storage/items/indexes.h"

#define UPDATE_NOT_VALID                                                                           \
    "One or more parameter values are not valid. The update expression attempted to update a "     \
    "secondary index key to a value that is not supported. "

/* The action on the attribute itself or on something in it; NULL: none. */
static const struct update_action *find_action(const struct update *update, struct bytes name)
{
    for (size_t i = 0; i < update->actions_count; i++) {
        if (bytes_equal(update->actions[i].path.elements[0].name, name)) {
            return &update->actions[i];
        }
    }
    return NULL;
}

static size_t attributes_count(const struct key_schema *key)
{
    return key->partition_count + key->sort_count;
}

static bool
check_own_key(struct request *request, const struct key_schema *key, const struct update *update)
{
    for (size_t i = 0; i < attributes_count(key); i++) {
        struct bytes name = key->attributes[i].name;
        if (find_action(update, name) != NULL) {
            return api_fail(request, API_VALIDATION,
                            "One or more parameter values were invalid: Cannot update attribute "
                            "%.*s. This attribute is part of the key",
                            BYTES_ARGUMENTS(name));
        }
    }
    return true;
}

/* ---- keys of indexes ---- */

enum key_fault { KEY_FITS, KEY_OF_WRONG_TYPE, KEY_EMPTY, KEY_TOO_LARGE };

/* An attribute of an index's key, and what would be put into it. */
struct index_attribute {
    const struct index_definition *index;
    size_t place;
    struct attribute_value value;
    enum key_fault fault;
};

static const struct key_attribute *definition_of(const struct index_attribute *attribute)
{
    return &attribute->index->key.attributes[attribute->place];
}

static size_t size_max_of(const struct index_attribute *attribute)
{
    return attribute->place < attribute->index->key.partition_count ? PARTITION_KEY_SIZE_MAX
                                                                    : SORT_KEY_SIZE_MAX;
}

static enum key_fault judge(const struct index_attribute *attribute)
{
    if (attribute->value.type != definition_of(attribute)->type) {
        return KEY_OF_WRONG_TYPE;
    }
    if (attribute->value.payload.length == 0) {
        return KEY_EMPTY;
    }
    return attribute->value.payload.length > size_max_of(attribute) ? KEY_TOO_LARGE : KEY_FITS;
}

/* Of a value that is yet to be computed, the request may tell the type. */
static enum key_fault judge_action(const struct update_action *action,
                                   struct index_attribute *attribute)
{
    if (action->kind == UPDATE_REMOVE || action->path.count > 1 ||
        !operand_known_type(&action->operand, &attribute->value.type)) {
        return KEY_FITS;
    }
    if (action->operand.kind == OPERAND_VALUE) {
        attribute->value = action->operand.value;
        return judge(attribute);
    }
    return attribute->value.type == definition_of(attribute)->type ? KEY_FITS : KEY_OF_WRONG_TYPE;
}

/* Indexes that are being deleted no longer count. */
static bool counts(const struct index_definition *index)
{
    return index->phase != INDEX_DELETING;
}

static bool find_offended(const struct index_definition *index,
                          const struct update *update,
                          struct index_attribute *out_found)
{
    struct index_attribute each = { .index = index };
    for (; each.place < attributes_count(&index->key); each.place++) {
        const struct update_action *action = find_action(update, definition_of(&each)->name);
        each.fault = action != NULL ? judge_action(action, &each) : KEY_FITS;
        if (each.fault != KEY_FITS) {
            *out_found = each;
            return true;
        }
    }
    return false;
}

static bool fail_empty(struct request *request, enum attribute_type type)
{
    return api_fail(request, API_VALIDATION,
                    UPDATE_NOT_VALID
                    "The AttributeValue for a key attribute cannot contain an empty %s value.",
                    type == ATTRIBUTE_B ? "binary" : "string");
}

/* A value of the request is refused as in an Item, but for an empty one. */
static bool fail_requested(struct request *request, const struct index_attribute *attribute)
{
    return attribute->fault == KEY_EMPTY
               ? fail_empty(request, attribute->value.type)
               : index_key_check(request, attribute->index, attribute->place, attribute->value);
}

/* Of several offended indexes the service names the alphabetically first. */
static bool check_requested_keys(struct request *request,
                                 const struct table_definition *table,
                                 const struct update *update)
{
    struct index_attribute first = { .index = NULL };
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_definition *index = &table->indexes[i];
        struct index_attribute found;
        if (counts(index) && find_offended(index, update, &found) &&
            (first.index == NULL || bytes_compare(index->name, first.index->name) < 0)) {
            first = found;
        }
    }
    return first.index == NULL || fail_requested(request, &first);
}

static bool fail_computed(struct request *request, const struct index_attribute *attribute)
{
    switch (attribute->fault) {
    case KEY_OF_WRONG_TYPE:
        return api_fail(request, API_VALIDATION,
                        "The update expression attempted to update the secondary index key to "
                        "unsupported type");
    case KEY_EMPTY:
        return fail_empty(request, attribute->value.type);
    case KEY_TOO_LARGE:
        return api_fail(request, API_VALIDATION,
                        "The update expression attempted to update the secondary index key beyond "
                        "allowed size limits");
    case KEY_FITS:
        break;
    }
    return true;
}

static bool check_computed_key(struct request *request,
                               const struct index_definition *index,
                               const struct update *update,
                               struct bytes new_item)
{
    struct index_attribute each = { .index = index };
    for (; each.place < attributes_count(&index->key); each.place++) {
        struct bytes name = definition_of(&each)->name;
        if (find_action(update, name) == NULL || !item_find(new_item, name, &each.value)) {
            continue;
        }
        each.fault = judge(&each);
        if (each.fault != KEY_FITS) {
            return fail_computed(request, &each);
        }
    }
    return true;
}

static bool check_computed_keys(struct request *request,
                                const struct table_definition *table,
                                const struct update *update,
                                struct bytes new_item)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (counts(&table->indexes[i]) &&
            !check_computed_key(request, &table->indexes[i], update, new_item)) {
            return false;
        }
    }
    return true;
}

/* ---- paths that lead into a key ---- */

static const char *role_in(const struct table_definition *table, struct bytes name)
{
    for (size_t i = 0; i < attributes_count(&table->key); i++) {
        if (bytes_equal(table->key.attributes[i].name, name)) {
            return "Key";
        }
    }
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_definition *index = &table->indexes[i];
        for (size_t j = 0; counts(index) && j < attributes_count(&index->key); j++) {
            if (bytes_equal(index->key.attributes[j].name, name)) {
                return "IndexKey";
            }
        }
    }
    return NULL;
}

static bool check_path(struct request *request,
                       const struct table_definition *table,
                       const struct document_path *path)
{
    struct bytes name = path->elements[0].name;
    const char *role = path->count > 1 ? role_in(table, name) : NULL;
    return role == NULL ||
           api_fail(request, API_VALIDATION,
                    "Key attributes must be scalars; list random access '[]' and map lookup '.' "
                    "are not allowed: %s: %.*s",
                    role, BYTES_ARGUMENTS(name));
}

static bool check_operand(struct request *request,
                          const struct table_definition *table,
                          const struct operand *operand)
{
    if (operand->kind == OPERAND_PATH) {
        return check_path(request, table, &operand->path);
    }
    for (size_t i = 0; operand->kind == OPERAND_FUNCTION && i < operand->arguments_count; i++) {
        if (!check_operand(request, table, &operand->arguments[i])) {
            return false;
        }
    }
    return true;
}

static bool check_paths(struct request *request,
                        const struct table_definition *table,
                        const struct update *update)
{
    for (size_t i = 0; i < update->actions_count; i++) {
        const struct update_action *action = &update->actions[i];
        if (!check_path(request, table, &action->path) ||
            (action->kind != UPDATE_REMOVE && !check_operand(request, table, &action->operand))) {
            return false;
        }
    }
    return true;
}

bool item_update_check(struct request *request,
                       const struct table_definition *table,
                       const struct update *update)
{
    return check_own_key(request, &table->key, update) &&
           check_requested_keys(request, table, update) && check_paths(request, table, update);
}

bool item_update_apply(struct request *request,
                       const struct table_definition *table,
                       const struct update *update,
                       struct bytes item,
                       struct bytes *out_item)
{
    struct expression_context context;
    expression_init(&context, request->arena, EXPRESSION_UPDATE);
    if (!update_apply(&context, update, item, out_item)) {
        return api_fail_text(request, API_VALIDATION, context.message);
    }
    return check_computed_keys(request, table, update, *out_item);
}
