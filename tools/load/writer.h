/*
 * Puts items into a table, batch by batch, over several connections at once, each on a thread with
 * a client of its own, at a bounded rate. What a batch leaves unprocessed is sent again, as the
 * SDKs do.
 */

#ifndef REHEARSEDB_TOOLS_LOAD_WRITER_H
#define REHEARSEDB_TOOLS_LOAD_WRITER_H

#include "tools/command.h"

enum { CONNECTIONS_MAX = 64 };

struct put {
    struct bytes request; /* {"Item":{…}} */
    struct bytes key;     /* {"pk":{"S":"a"}}: equal puts never stand in one batch */
};

/* Where the items come from. */
struct item_source {
    void *context;
    /*
     * The next item for that connection, in the arena; no request: there are no more. Called by the
     * connections' threads at once. CODE_FINE, or an exit code with a message.
     */
    int (*take)(void *context, size_t connection, struct arena *arena, struct put *out_put);
};

struct writer_result {
    uint64_t written; /* puts that DynamoDB has taken */
    uint64_t retried; /* those that it left unprocessed, each time counted */
    double write_units;
};

struct writer_options {
    const struct command *command; /* for messages and the connection */
    const char *table;
    struct item_source source;
    size_t connection_count;
    int64_t write_units; /* a second, of DynamoDB's; 0: as fast as it goes */
    /* Called under a lock after each call. */
    void (*tell)(void *context, const struct writer_result *so_far);
    void *context;
};

/* CODE_FINE, also when interrupted, or an exit code with a message; the result in any case. */
int writer_run(const struct writer_options *options, struct writer_result *out_result);

#endif
