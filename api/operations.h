/*
 * THE TABLE of operations, and so the list of what we support.
 *
 * An operation is one file in api/operations/, named after its target: its input as data, its checks,
 * its handler, and at the end its row.
 */

#ifndef REHEARSEDB_API_OPERATIONS_H
#define REHEARSEDB_API_OPERATIONS_H

#include "storage/base/bytes.h"

struct request;
struct shape;

enum operation_access {
    ACCESS_READ,   /* a snapshot */
    ACCESS_WRITE,  /* the write transaction, shared with others */
    ACCESS_DEFINE, /* a write transaction of its own that may take databases; wakes the background */
};

struct operation {
    const char *name;
    enum operation_access access;
    const struct shape *input;
    bool (*prepare)(struct request *request); /* NULL: nothing to check beyond the shape */
    bool (*run)(struct request *request);
};

/* In api/operations/, one file each. */
extern const struct operation batch_get_item_operation;
extern const struct operation batch_write_item_operation;
extern const struct operation create_table_operation;
extern const struct operation delete_item_operation;
extern const struct operation delete_table_operation;
extern const struct operation describe_table_operation;
extern const struct operation get_item_operation;
extern const struct operation list_tables_operation;
extern const struct operation put_item_operation;
extern const struct operation query_operation;
extern const struct operation scan_operation;
extern const struct operation update_table_operation;

/* By X-Amz-Target, "DynamoDB_20120810.PutItem"; NULL when there is none. */
const struct operation *operation_find(struct bytes target);

#endif
