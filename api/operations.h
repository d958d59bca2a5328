/*
 * THE TABLE of operations, and so the list of what we support.
 *
 * An operation is one file in api/operations/, named after its target: its input as data, its
 * checks, its handler, and at the end its row.
 */

#ifndef REHEARSEDB_API_OPERATIONS_H
#define REHEARSEDB_API_OPERATIONS_H

#include "storage/base/bytes.h"

#include <stdbool.h>

struct request;
struct shape;

enum operation_access {
    ACCESS_READ,   /* a snapshot */
    ACCESS_WRITE,  /* the write transaction, shared with others */
    ACCESS_DEFINE, /* a write transaction of its own that may take databases; wakes the background
                    */
};

struct operation {
    const char *name;
    enum operation_access access;
    const struct shape *input;
    bool (*prepare)(struct request *request); /* NULL: nothing to check beyond the shape */
    bool (*run)(struct request *request);
};

/* In api/operations/, one file each. */
extern const struct operation OPERATION_BATCH_GET_ITEM;
extern const struct operation OPERATION_BATCH_WRITE_ITEM;
extern const struct operation OPERATION_CREATE_GLOBAL_TABLE;
extern const struct operation OPERATION_CREATE_TABLE;
extern const struct operation OPERATION_DELETE_ITEM;
extern const struct operation OPERATION_DELETE_RESOURCE_POLICY;
extern const struct operation OPERATION_DELETE_TABLE;
extern const struct operation OPERATION_DESCRIBE_CONTINUOUS_BACKUPS;
extern const struct operation OPERATION_DESCRIBE_CONTRIBUTOR_INSIGHTS;
extern const struct operation OPERATION_DESCRIBE_ENDPOINTS;
extern const struct operation OPERATION_DESCRIBE_GLOBAL_TABLE;
extern const struct operation OPERATION_DESCRIBE_GLOBAL_TABLE_SETTINGS;
extern const struct operation OPERATION_DESCRIBE_KINESIS_STREAMING_DESTINATION;
extern const struct operation OPERATION_DESCRIBE_LIMITS;
extern const struct operation OPERATION_DESCRIBE_TABLE;
extern const struct operation OPERATION_DESCRIBE_TABLE_REPLICA_AUTO_SCALING;
extern const struct operation OPERATION_DESCRIBE_TIME_TO_LIVE;
extern const struct operation OPERATION_DISABLE_KINESIS_STREAMING_DESTINATION;
extern const struct operation OPERATION_ENABLE_KINESIS_STREAMING_DESTINATION;
extern const struct operation OPERATION_GET_ITEM;
extern const struct operation OPERATION_GET_RESOURCE_POLICY;
extern const struct operation OPERATION_LIST_CONTRIBUTOR_INSIGHTS;
extern const struct operation OPERATION_LIST_GLOBAL_TABLES;
extern const struct operation OPERATION_LIST_TABLES;
extern const struct operation OPERATION_LIST_TAGS_OF_RESOURCE;
extern const struct operation OPERATION_PUT_ITEM;
extern const struct operation OPERATION_PUT_RESOURCE_POLICY;
extern const struct operation OPERATION_QUERY;
extern const struct operation OPERATION_SCAN;
extern const struct operation OPERATION_TAG_RESOURCE;
extern const struct operation OPERATION_TRANSACT_GET_ITEMS;
extern const struct operation OPERATION_TRANSACT_WRITE_ITEMS;
extern const struct operation OPERATION_UNTAG_RESOURCE;
extern const struct operation OPERATION_UPDATE_CONTINUOUS_BACKUPS;
extern const struct operation OPERATION_UPDATE_CONTRIBUTOR_INSIGHTS;
extern const struct operation OPERATION_UPDATE_GLOBAL_TABLE;
extern const struct operation OPERATION_UPDATE_GLOBAL_TABLE_SETTINGS;
extern const struct operation OPERATION_UPDATE_ITEM;
extern const struct operation OPERATION_UPDATE_KINESIS_STREAMING_DESTINATION;
extern const struct operation OPERATION_UPDATE_TABLE;
extern const struct operation OPERATION_UPDATE_TABLE_REPLICA_AUTO_SCALING;
extern const struct operation OPERATION_UPDATE_TIME_TO_LIVE;

/* By X-Amz-Target, "DynamoDB_20120810.PutItem"; NULL when there is none. */
const struct operation *operation_find(struct bytes target);

/* The same by its name, "PutItem". */
const struct operation *operation_of_name(struct bytes name);

/* Whether it reads or writes items, as against tables and their settings. */
bool operation_is_of_items(const struct operation *operation);

/* Whether it makes, changes or removes a table or one of its settings. */
bool operation_changes_tables(const struct operation *operation);

#endif
