/*
 * Reading: one item by key, and ranges of a table or an index in DynamoDB's order.
 *
 * Keys and items are borrowed from the transaction (storage/lmdb/txn.h).
 */

#ifndef REHEARSEDB_STORAGE_ITEMS_ITEMS_H
#define REHEARSEDB_STORAGE_ITEMS_ITEMS_H

#include "storage/lmdb/txn.h"
#include "storage/table/table_definition.h"
#include "storage/value/item_codec.h"
#include "storage/value/key_codec.h"

struct arena;

/*
 * A table's or index's place: what is needed to read it. A table's items are keyed by its own
 * schema; an index's entries end in their item's hash.
 */
struct item_source {
    uint32_t database;
    bool is_index;
    const struct key_schema *key;
};

/* The key attributes of `item` in the order of the schema; false when one is missing or mistyped.
 */
bool item_key_values(struct bytes item,
                     const struct key_schema *key,
                     struct attribute_value out_values[KEY_ATTRIBUTES_MAX]);

/* The key of a table's item from its key attributes' values. */
void item_key_of_values(struct arena *arena,
                        const struct key_schema *key,
                        const struct attribute_value *values,
                        struct key *out_key);

/*
 * The item of that key. NULL data when there is none, and also when the stored item's key
 * attributes are not `values` (two partition keys with one MD5; the log says so and the transaction
 * fails when it writes).
 */
bool items_get(struct txn *txn,
               const struct table_definition *table,
               const struct key *key,
               const struct attribute_value *values,
               struct bytes *out_item);

/* ---- ranges ---- */

/* One partition's positions from `low` (inclusive) to `high` (exclusive), either way round. */
struct item_range {
    const uint8_t *partition; /* KEY_HASH_SIZE bytes */
    struct bytes low;         /* empty: from the start */
    struct bytes high;        /* data NULL: to the end */
    bool is_backward;
};

struct item_entry {
    struct bytes key; /* as stored */
    struct bytes item;
};

struct item_cursor {
    struct txn *txn;
    struct arena *arena;
    struct item_source source;
    struct item_range range;
    struct cursor cursor;
    struct item_entry current; /* where the LMDB cursor stands */
    bool has_current;

    /* Cut keys that share their first bytes, in order, being handed out. */
    struct group_entry *group;
    size_t group_count;
    size_t group_next;
};

/* Copies nothing: the range's bytes must outlive the cursor, which must be closed. */
void item_cursor_open(struct txn *txn,
                      struct arena *arena,
                      struct item_source source,
                      struct item_range range,
                      struct item_cursor *out_cursor);
bool item_cursor_next(struct item_cursor *cursor, struct item_entry *out_entry);
void item_cursor_close(struct item_cursor *cursor);

/* The position of an entry with these key values: sort bytes, for an index then the item's hash. */
struct bytes item_position(struct arena *arena,
                           const struct item_source *source,
                           const struct attribute_value *values,
                           const uint8_t *item_hash);

#endif
