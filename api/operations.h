/* THE TABLE of operations: what we support, and how each is checked and run. */

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

/* By X-Amz-Target, "DynamoDB_20120810.PutItem"; NULL when there is none. */
const struct operation *operation_find(struct bytes target);

#endif
