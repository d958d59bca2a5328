/*
 * What an item puts into an index: nothing, or one entry with its key and its projected image.
 *
 * An item is in an index only if it has every key attribute of it, with the declared type, not
 * empty and within the size of a key (developer guide, "Sparse indexes"; for old items with
 * unusable values, "Adding a global secondary index to an existing table": they are left out
 * silently).
 */

#ifndef REHEARSEDB_STORAGE_ITEMS_INDEXES_H
#define REHEARSEDB_STORAGE_ITEMS_INDEXES_H

#include "storage/items/items.h"

enum { PARTITION_KEY_SIZE_MAX = 2048, SORT_KEY_SIZE_MAX = 1024 };

struct index_entry {
    bool exists;
    struct key key;
    struct bytes item; /* projected; with PROJECTION_ALL the item itself */
};

/* The hash that ends the keys of an item's index entries. */
void index_item_hash(struct arena *arena,
                     const struct key_schema *table_key,
                     const struct attribute_value *key_values,
                     uint8_t out_hash[KEY_HASH_SIZE]);

/* The entry of `item` in `index`; its bytes are in the arena or borrowed from `item`. */
void index_entry_of_item(struct arena *arena,
                         const struct index_definition *index,
                         struct bytes item,
                         const uint8_t item_hash[KEY_HASH_SIZE],
                         struct index_entry *out_entry);

/* Where to read an index. */
struct item_source index_source(const struct index_definition *index);
struct item_source table_source(const struct table_definition *table);

#endif
