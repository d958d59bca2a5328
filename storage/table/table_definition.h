/*
 * What a table is: plain data, decoded from the catalog into an arena and dead with it.
 *
 * Changing a definition means changing the struct inside a write transaction and writing it back
 * (catalog_put).
 */

#ifndef REHEARSEDB_STORAGE_TABLE_TABLE_DEFINITION_H
#define REHEARSEDB_STORAGE_TABLE_TABLE_DEFINITION_H

#include "storage/value/key_schema.h"

enum {
    INDEXES_MAX = 20 + 5,
    TABLE_ID_SIZE = 36, /* a UUID in text */
    TABLE_NAME_SIZE_MAX = 255,
};

enum projection_type {
    PROJECTION_ALL,
    PROJECTION_KEYS_ONLY,
    PROJECTION_INCLUDE,
};

struct throughput {
    int64_t read_units; /* 0 when on demand */
    int64_t write_units;
    int64_t last_increase_ms; /* 0: never */
    int64_t last_decrease_ms;
    uint32_t decreases_today;
};

/* Where an index is on its way. UpdateTable walks ALLOCATING, BACKFILLING, ACTIVE. */
enum index_phase {
    INDEX_CREATING_WITH_TABLE, /* made by CreateTable; becomes ACTIVE with its table */
    INDEX_ALLOCATING,
    INDEX_BACKFILLING,
    INDEX_ACTIVE,
    INDEX_UPDATING,
    INDEX_DELETING,
};

struct index_definition {
    struct bytes name;
    bool is_local;
    uint32_t database;
    struct key_schema key;
    enum projection_type projection;
    const struct bytes *non_key_attributes; /* ascending, as described */
    size_t non_key_count;

    enum index_phase phase;
    int64_t phase_due_ms; /* when the phase may end, of the clock */
    struct throughput throughput;
    struct throughput pending_throughput; /* INDEX_UPDATING: what it becomes */
    int64_t item_count;                   /* as last refreshed; what DescribeTable says */
    int64_t size_bytes;

    /* Not stored: table keys, index keys and non-key attributes, ascending, without duplicates. */
    const struct bytes *projected;
    size_t projected_count;
};

enum table_status {
    TABLE_CREATING,
    TABLE_ACTIVE,
    TABLE_DELETING,
};

struct table_definition {
    struct bytes name;
    struct bytes id;     /* UUID */
    struct bytes region; /* of the caller that created it; part of its ARN */
    struct bytes account;
    uint32_t database;
    enum table_status status;
    int64_t status_due_ms;
    int64_t created_ms;

    struct key_schema key;
    const struct key_attribute *attributes; /* AttributeDefinitions, ascending by name */
    size_t attribute_count;

    bool is_on_demand;
    int64_t on_demand_since_ms; /* 0: created so */
    struct throughput throughput;
    bool is_deletion_protected;

    int64_t item_count; /* as last refreshed */
    int64_t size_bytes;
    int64_t refreshed_ms;

    size_t index_count;
    struct index_definition
        *indexes; /* LSIs, then GSIs, in order of submission; room for one more */
};

#endif
