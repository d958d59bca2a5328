/*
 * The key attributes of a table or an index, in the order of its KeySchema: plain data.
 *
 * Tables and LSIs have one partition key attribute and at most one sort key attribute; GSIs up to
 * four of each (developer guide, "Multi-attribute keys", November 2025).
 */

#ifndef REHEARSEDB_STORAGE_VALUE_KEY_SCHEMA_H
#define REHEARSEDB_STORAGE_VALUE_KEY_SCHEMA_H

#include "storage/value/attribute_value.h"

enum {
    KEY_PARTITION_ATTRIBUTES_MAX = 4,
    KEY_SORT_ATTRIBUTES_MAX = 4,
    KEY_ATTRIBUTES_MAX = KEY_PARTITION_ATTRIBUTES_MAX + KEY_SORT_ATTRIBUTES_MAX,
};

struct key_attribute {
    struct bytes name;
    enum attribute_type type; /* S, N or B */
};

struct key_schema {
    size_t partition_count;
    size_t sort_count;
    struct key_attribute attributes[KEY_ATTRIBUTES_MAX]; /* partition first */
};

#endif
