/*
 * Keys of items and index entries: bytes whose order is DynamoDB's order, within LMDB's 511.
 *
 *   key        partition (16), sort (0 to KEY_SORT_MAX), for an index entry then the item's hash
 * (16) partition  MD5 of "Outliers" and the partition key's bytes: what the service is observed to
 * hash, so that a Scan visits partitions in its order. Strings and binaries as they are, numbers in
 * number_hash_bytes; several attributes each with its length (2 bytes) before it sort       sort
 * bytes of each sort key attribute, one after the other S, B       00 becomes 00 FF; closed by 00
 * 00 N          number_sortable_bytes hash       MD5 of the table item's partition and sort bytes:
 * makes entries with equal index keys distinct
 *
 * Sort bytes longer than KEY_SORT_MAX (DynamoDB allows 1,024 bytes, and zero bytes double) are cut:
 * the first KEY_SORT_MAX bytes, then the MD5 of them all (16). Whether a key is cut shows in its
 * length. Cut keys that share their first KEY_SORT_MAX bytes lie next to one another in no useful
 * order; the range cursor (storage/items/items.h) sorts them by the values kept in the item.
 *
 * An entry's position is its sort bytes uncut, for an index followed by the hash. No position is a
 * prefix of another, so bounds on positions are plain byte strings: `low` inclusive, `high`
 * exclusive.
 *
 * Pure functions.
 */

#ifndef REHEARSEDB_STORAGE_VALUE_KEY_CODEC_H
#define REHEARSEDB_STORAGE_VALUE_KEY_CODEC_H

#include "storage/value/attribute_value.h"

enum {
    KEY_HASH_SIZE = 16,
    KEY_SORT_MAX = 463, /* 16 + 463 + 16 + 16 = 511 */
    KEY_SIZE_MAX = KEY_HASH_SIZE + KEY_SORT_MAX + KEY_HASH_SIZE + KEY_HASH_SIZE,
};

struct key {
    uint8_t data[KEY_SIZE_MAX];
    size_t length;
};

struct bytes key_view(const struct key *key);

/* The partition's hash; `values` are of the types S, N or B, in the order of the key schema. */
void key_hash_partition(const struct attribute_value *values,
                        size_t count,
                        uint8_t out_hash[KEY_HASH_SIZE]);

/* Appends the sort bytes of one attribute. */
void key_append_sort(struct buffer *to, struct attribute_value value);

/* Appends the sort bytes that all values starting with `prefix` (S or B) start with. */
void key_append_sort_prefix(struct buffer *to, struct bytes prefix);

/* Hash of an item among all items of its table; `sort` uncut. */
void key_hash_item(const uint8_t partition[KEY_HASH_SIZE],
                   struct bytes sort,
                   uint8_t out_hash[KEY_HASH_SIZE]);

/* Puts a key together, cutting `sort` where needed. `item_hash` is NULL for a table's items. */
void key_build(struct key *out_key,
               const uint8_t partition[KEY_HASH_SIZE],
               struct bytes sort,
               const uint8_t *item_hash);

/* The sort part of a stored key (of an index if `is_index`), and whether it was cut. */
struct bytes key_sort_part(struct bytes key, bool is_index, bool *out_is_cut);

/*
 * The smallest byte string greater than every string that starts with `prefix`, written over it;
 * false when there is none (empty, or nothing but FF).
 */
bool key_next_after_prefix(struct buffer *prefix);

#endif
