/*
 * The requests of a drive: their bodies, and sending them. Every write has a condition by which it
 * touches no item of anybody else, and which an older version of the same item does not meet: a
 * write that was given up and arrives late changes nothing.
 */

#ifndef REHEARSEDB_TOOLS_DRIVE_REQUEST_H
#define REHEARSEDB_TOOLS_DRIVE_REQUEST_H

#include "tools/client/dynamodb_client.h"
#include "tools/drive/item_plan.h"
#include "tools/drive/tally.h"

struct item_request {
    const char *table;
    const struct item_plan *plan;
    struct item_identity item;
    int64_t version; /* of a write */
};

struct bytes request_put_body(struct arena *arena, const struct item_request *request);
struct bytes request_update_body(struct arena *arena, const struct item_request *request);
struct bytes request_delete_body(struct arena *arena, const struct item_request *request);
struct bytes request_get_body(struct arena *arena, const struct item_request *request);

/* The entries of the item; `keys` are those of the index, if it is known, else of the table. */
struct bytes request_query_body(struct arena *arena,
                                const struct item_request *request,
                                const char *index,
                                const struct index_shape *keys);

enum answer {
    ANSWER_DONE,
    ANSWER_REFUSED, /* and nothing was done */
    ANSWER_UNKNOWN, /* none, or a server's own error */
};

/* Sends it; `tally` NULL: it is not counted. */
enum answer request_send(struct tally *tally,
                         struct dynamodb_client *client,
                         struct arena *arena,
                         struct outcome outcome, /* its kind and index */
                         struct bytes body,
                         struct dynamodb_reply *out_reply);

#endif
