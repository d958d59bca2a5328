/*
 * What a request names: its tables and its index, from the input alone. Whatever of it is not what
 * the operation's shape asks for (a refused request) is not named.
 */

#ifndef REHEARSEDB_API_REHEARSAL_TARGETS_H
#define REHEARSEDB_API_REHEARSAL_TARGETS_H

#include "api/operations.h"
#include "api/request.h"

struct target {
    struct bytes table_name; /* as sent, or out of an ARN; perhaps of no table */
    bool is_written;         /* its items; not for a ConditionCheck */
};

struct targets {
    size_t count;
    const struct target *tables; /* in the order sent; one may be named more than once */
    struct bytes index_name; /* of a Query or Scan, or of UpdateTable's first entry; else empty */
};

/* In the request's arena. */
struct targets targets_of(struct request *request, const struct operation *operation);

#endif
