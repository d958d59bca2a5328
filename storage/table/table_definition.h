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
    WORLD_SIZE_MAX = 194, /* "ACCESS KEY/REGION/": 128 + 1 + 64 + 1 */
    QUALIFIED_NAME_SIZE_MAX = WORLD_SIZE_MAX + TABLE_NAME_SIZE_MAX,
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
    uint32_t decreases_today; /* on the day (UTC) of the last decrease */
};

/* Units a second that the table or index is ready for; these never fall. */
struct warm_throughput {
    int64_t read_units;
    int64_t write_units;
    int64_t pending_read_units; /* what they become; good while due_ms is not 0 */
    int64_t pending_write_units;
    int64_t due_ms; /* when a raise is done; 0: none is under way */
};

/* What a table or an index can take: the same for both. */
struct capacity {
    struct throughput throughput;
    struct throughput pending_throughput; /* what it becomes while it is being updated */
    int64_t max_read_units;               /* OnDemandThroughput; 0: no limit */
    int64_t max_write_units;
    struct warm_throughput warm;
};

/* Where an index is on its way. UpdateTable walks ALLOCATING, BACKFILLING, ACTIVE. */
enum index_phase {
    INDEX_CREATING_WITH_TABLE, /* made by CreateTable; becomes ACTIVE with its table */
    INDEX_ALLOCATING,
    INDEX_BACKFILLING,
    INDEX_ACTIVE,
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
    struct capacity capacity;
    int64_t update_due_ms; /* when an update of the capacity is done; 0: none is under way */
    int64_t item_count;    /* as last refreshed; what DescribeTable says */
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

/*
 * Every change of a table below has a `due_ms`: when it is done, of the clock; 0: none is under
 * way. Changes of different kinds may be under way at once.
 */

struct billing {
    bool is_on_demand;          /* during a switch: the mode it comes from */
    bool was_on_demand;         /* ever, the present included */
    int64_t on_demand_since_ms; /* LastUpdateToPayPerRequestDateTime; 0: never */
    bool is_switching;          /* the update under way changes the mode, too */
    int64_t due_ms;             /* of an update of the throughput or the mode */
};

enum stream_view {
    STREAM_KEYS_ONLY,
    STREAM_NEW_IMAGE,
    STREAM_OLD_IMAGE,
    STREAM_NEW_AND_OLD_IMAGES,
};

struct stream_settings {
    bool is_enabled; /* as asked for; from the start of the change on */
    enum stream_view view;
    int64_t label_ms; /* of the latest stream, enabled or not; 0: there never was one */
    int64_t due_ms;
};

struct encryption {
    bool is_enabled; /* with a key of KMS; else with one that DynamoDB owns */
    struct bytes key_arn;
    bool pending_enabled;
    struct bytes pending_key_arn;
    int64_t started_ms; /* of the change under way */
    int64_t due_ms;
    int64_t window_ms;  /* begin of the 24 hours in which changes are counted; 0: none yet */
    int64_t changed_ms; /* the last change */
    uint32_t changes;   /* in the window */
};

enum table_class {
    TABLE_CLASS_UNSET, /* never given: STANDARD, and not described */
    TABLE_CLASS_STANDARD,
    TABLE_CLASS_INFREQUENT_ACCESS,
};

struct table_class_settings {
    enum table_class value;
    enum table_class pending;
    int64_t due_ms;
    int64_t changed_ms;        /* the last change; 0: never */
    int64_t changed_before_ms; /* the one before it */
};

struct table_definition {
    /* Its key in the catalog: the name, after the world it is in when worlds are separate. */
    struct bytes qualified_name;
    struct bytes name;   /* the end of qualified_name */
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

    struct billing billing;
    struct capacity capacity;
    struct stream_settings stream;
    struct encryption encryption;
    struct table_class_settings table_class;
    bool is_deletion_protected;
    int64_t protection_changed_ms; /* 0: never */

    int64_t item_count; /* as last refreshed */
    int64_t size_bytes;
    int64_t refreshed_ms;

    size_t index_count;
    struct index_definition
        *indexes; /* LSIs, then GSIs, in order of submission; room for one more */
};

#endif
