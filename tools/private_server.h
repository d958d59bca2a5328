/*
 * A rehearsedb of our own for one run: on a free port, gone at the end unless it is kept.
 *
 * What it prints goes to a log file in the given directory.
 */

#ifndef REHEARSEDB_TOOLS_PRIVATE_SERVER_H
#define REHEARSEDB_TOOLS_PRIVATE_SERVER_H

#include "tools/process.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct private_server {
    struct process process;
    char url[128];
    char log_path[PATH_MAX];
};

struct private_server_options {
    const char *log_directory;
    const char *data_directory; /* NULL: in memory */
    bool lasting;               /* it is going to outlive us */
};

/*
 * Starts the program `rehearsedb` that lies beside ours, else the one in PATH, and waits until it
 * listens. False: `out_reason` says why not.
 */
bool private_server_start(struct private_server *server,
                          const struct private_server_options *options,
                          char *out_reason,
                          size_t reason_size);

/* False when it has ended by itself; `out_reason` then says how. */
bool private_server_runs(struct private_server *server, char *out_reason, size_t reason_size);

/* Leaves it running when we go; its process's number. */
long private_server_keep(struct private_server *server);

/* Does nothing to a server that never ran. */
void private_server_stop(struct private_server *server);

#endif
