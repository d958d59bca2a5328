#include "api/items/item_key.h"

#include "storage/items/indexes.h"

#define INVALID   "One or more parameter values were invalid: "
#define NOT_VALID "One or more parameter values are not valid. "

static bool check_filled(struct request *request, struct bytes name, struct attribute_value value)
{
    return value.payload.length > 0 ||
           api_fail(request, API_VALIDATION,
                    NOT_VALID "The AttributeValue for a key attribute cannot contain an empty %s "
                              "value. Key: %.*s",
                    value.type == ATTRIBUTE_B ? "binary" : "string", BYTES_ARGUMENTS(name));
}

static bool check_key_size(struct request *request,
                           const struct key_schema *key,
                           size_t place,
                           struct attribute_value value)
{
    if (!check_filled(request, key->attributes[place].name, value)) {
        return false;
    }
    if (place < key->partition_count && value.payload.length > PARTITION_KEY_SIZE_MAX) {
        return api_fail(request, API_VALIDATION,
                        INVALID "Size of hashkey has exceeded the maximum size limit of%d bytes",
                        PARTITION_KEY_SIZE_MAX);
    }
    if (place >= key->partition_count && value.payload.length > SORT_KEY_SIZE_MAX) {
        return api_fail(request, API_VALIDATION,
                        INVALID
                        "Aggregated size of all range keys has exceeded the size limit of %d bytes",
                        SORT_KEY_SIZE_MAX);
    }
    return true;
}

static bool check_key_sizes(struct request *request,
                            const struct key_schema *key,
                            const struct attribute_value *values)
{
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        if (!check_key_size(request, key, i, values[i])) {
            return false;
        }
    }
    return true;
}

bool key_check(struct request *request,
               const struct table_definition *table,
               struct bytes key_item,
               struct attribute_value out_values[KEY_ATTRIBUTES_MAX])
{
    struct attribute_value whole = { .type = ATTRIBUTE_M, .payload = item_attributes(key_item) };
    size_t wanted = table->key.partition_count + table->key.sort_count;
    if (attribute_value_count(whole) != wanted ||
        !item_key_values(key_item, &table->key, out_values)) {
        return api_fail(request, API_VALIDATION,
                        "The provided key element does not match the schema");
    }
    return check_key_sizes(request, &table->key, out_values);
}

static bool check_own_key(struct request *request,
                          const struct table_definition *table,
                          struct bytes item,
                          struct attribute_value out_values[KEY_ATTRIBUTES_MAX])
{
    const struct key_schema *key = &table->key;
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        const struct key_attribute *attribute = &key->attributes[i];
        if (!item_find(item, attribute->name, &out_values[i])) {
            return api_fail(request, API_VALIDATION, INVALID "Missing the key %.*s in the item",
                            BYTES_ARGUMENTS(attribute->name));
        }
        if (out_values[i].type != attribute->type) {
            return api_fail(request, API_VALIDATION,
                            INVALID "Type mismatch for key %.*s expected: %s actual: %s",
                            BYTES_ARGUMENTS(attribute->name), attribute_type_name(attribute->type),
                            attribute_type_name(out_values[i].type));
        }
    }
    return check_key_sizes(request, key, out_values);
}

bool index_key_check(struct request *request,
                     const struct index_definition *index,
                     size_t place,
                     struct attribute_value value)
{
    const struct key_attribute *attribute = &index->key.attributes[place];
    if (value.type != attribute->type) {
        return api_fail(request, API_VALIDATION,
                        INVALID
                        "Type mismatch for Index Key %.*s Expected: %s Actual: %s IndexName: %.*s",
                        BYTES_ARGUMENTS(attribute->name), attribute_type_name(attribute->type),
                        attribute_type_name(value.type), BYTES_ARGUMENTS(index->name));
    }
    if (value.payload.length == 0) {
        return api_fail(request, API_VALIDATION,
                        NOT_VALID
                        "A value specified for a secondary index key is not supported. The "
                        "AttributeValue for a key attribute cannot contain an empty %s value. "
                        "IndexName: %.*s, IndexKey: %.*s",
                        value.type == ATTRIBUTE_B ? "binary" : "string",
                        BYTES_ARGUMENTS(index->name), BYTES_ARGUMENTS(attribute->name));
    }
    size_t size_max =
        place < index->key.partition_count ? PARTITION_KEY_SIZE_MAX : SORT_KEY_SIZE_MAX;
    if (value.payload.length > size_max) {
        return api_fail(request, API_VALIDATION,
                        INVALID "Size limit exceeded for Index Key %.*s Actual Size: %zu bytes Max "
                                "Size: %zu bytes IndexName: %.*s",
                        BYTES_ARGUMENTS(attribute->name), value.payload.length, size_max,
                        BYTES_ARGUMENTS(index->name));
    }
    return true;
}

static bool
check_index_key(struct request *request, const struct index_definition *index, struct bytes item)
{
    for (size_t i = 0; i < index->key.partition_count + index->key.sort_count; i++) {
        struct attribute_value value;
        if (item_find(item, index->key.attributes[i].name, &value) &&
            !index_key_check(request, index, i, value)) {
            return false;
        }
    }
    return true;
}

static bool has_usable_key(const struct index_definition *index, struct bytes item)
{
    for (size_t i = 0; i < index->key.partition_count + index->key.sort_count; i++) {
        struct attribute_value value;
        size_t size_max =
            i < index->key.partition_count ? PARTITION_KEY_SIZE_MAX : SORT_KEY_SIZE_MAX;
        if (item_find(item, index->key.attributes[i].name, &value) &&
            (value.type != index->key.attributes[i].type || value.payload.length == 0 ||
             value.payload.length > size_max)) {
            return false;
        }
    }
    return true;
}

/* Of several offended indexes the service names the alphabetically first. */
static bool
check_index_keys(struct request *request, const struct table_definition *table, struct bytes item)
{
    const struct index_definition *offended = NULL;
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_definition *index = &table->indexes[i];
        if (index->phase != INDEX_DELETING && !has_usable_key(index, item) &&
            (offended == NULL || bytes_compare(index->name, offended->name) < 0)) {
            offended = index;
        }
    }
    return offended == NULL || check_index_key(request, offended, item);
}

bool item_check(struct request *request,
                const struct table_definition *table,
                struct bytes item,
                struct attribute_value out_values[KEY_ATTRIBUTES_MAX])
{
    return check_own_key(request, table, item, out_values) &&
           check_index_keys(request, table, item);
}

/* ---- filled ---- */

static bool find_empty(struct bytes item,
                       const struct key_attribute *attribute,
                       struct attribute_value *out_value)
{
    return item_find(item, attribute->name, out_value) && out_value->type == attribute->type &&
           out_value->payload.length == 0;
}

static bool check_index_keys_filled(struct request *request,
                                    const struct table_definition *table,
                                    struct bytes item)
{
    const struct index_definition *offended = NULL;
    size_t place = 0;
    struct attribute_value value;
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_definition *index = &table->indexes[i];
        bool is_before = offended == NULL || bytes_compare(index->name, offended->name) < 0;
        size_t count = index->key.partition_count + index->key.sort_count;
        for (size_t j = 0; j < count && is_before && index->phase != INDEX_DELETING; j++) {
            if (find_empty(item, &index->key.attributes[j], &value)) {
                offended = index;
                place = j;
                break;
            }
        }
    }
    return offended == NULL || (find_empty(item, &offended->key.attributes[place], &value) &&
                                index_key_check(request, offended, place, value));
}

bool keys_check_filled(struct request *request,
                       const struct table_definition *table,
                       struct bytes item,
                       bool with_indexes)
{
    struct attribute_value value;
    for (size_t i = 0; i < table->key.partition_count + table->key.sort_count; i++) {
        if (find_empty(item, &table->key.attributes[i], &value)) {
            return check_filled(request, table->key.attributes[i].name, value);
        }
    }
    return !with_indexes || check_index_keys_filled(request, table, item);
}
