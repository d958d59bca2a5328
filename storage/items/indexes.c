#include "storage/items/indexes.h"

#include "storage/base/arena.h"

void index_item_hash(struct arena *arena,
                     const struct key_schema *table_key,
                     const struct attribute_value *key_values,
                     uint8_t out_hash[KEY_HASH_SIZE])
{
    uint8_t partition[KEY_HASH_SIZE];
    key_hash_partition(key_values, table_key->partition_count, partition);
    struct item_source source = { .key = table_key };
    key_hash_item(partition, item_position(arena, &source, key_values, NULL), out_hash);
}

static bool is_usable(struct attribute_value value, bool is_partition)
{
    size_t size_max = is_partition ? PARTITION_KEY_SIZE_MAX : SORT_KEY_SIZE_MAX;
    return value.payload.length > 0 && value.payload.length <= size_max;
}

void index_entry_of_item(struct arena *arena,
                         const struct index_definition *index,
                         struct bytes item,
                         const uint8_t item_hash[KEY_HASH_SIZE],
                         struct index_entry *out_entry)
{
    const struct key_schema *key = &index->key;
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    out_entry->exists = item_key_values(item, key, values);
    for (size_t i = 0; out_entry->exists && i < key->partition_count + key->sort_count; i++) {
        out_entry->exists = is_usable(values[i], i < key->partition_count);
    }
    if (!out_entry->exists) {
        return;
    }
    uint8_t partition[KEY_HASH_SIZE];
    struct item_source sort_only = { .key = key };
    key_hash_partition(values, key->partition_count, partition);
    key_build(&out_entry->key, partition, item_position(arena, &sort_only, values, NULL),
              item_hash);
    if (index->projection == PROJECTION_ALL) {
        out_entry->item = item;
        return;
    }
    struct buffer projected;
    buffer_init(&projected, arena, 256);
    out_entry->item = item_project(&projected, item, index->projected, index->projected_count);
}

struct item_source index_source(const struct index_definition *index)
{
    return (
        struct item_source){ .database = index->database, .is_index = true, .key = &index->key };
}

struct item_source table_source(const struct table_definition *table)
{
    return (
        struct item_source){ .database = table->database, .is_index = false, .key = &table->key };
}
