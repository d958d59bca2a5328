/*
 * A drive: readers and writers on threads of their own, steadily, until it is over; then the final
 * look at everything they own. The main thread watches the table and the flag meanwhile.
 */

#ifndef REHEARSEDB_TOOLS_DRIVE_DRIVE_H
#define REHEARSEDB_TOOLS_DRIVE_DRIVE_H

#include "tools/command.h"
#include "tools/drive/item_pool.h"
#include "tools/drive/read_index.h"
#include "tools/drive/table_watch.h"
#include "tools/drive/tally.h"

struct drive {
    const struct command *command;
    struct command steady; /* the same with calls that are tried once, as readers and writers do */
    const char *table;
    int64_t seconds; /* 0: until interrupted */
    int64_t rate;    /* requests a second, of all threads */
    int64_t connections;
    int64_t read_percent;
    int64_t max_lag_ms;
    int64_t run; /* marks the items */
    struct table_watch *watch;
    struct read_index *read_index;
    struct item_pool *pool;
    struct tally tally;

    /* Called some times a second by the main thread; `context` is the caller's. */
    void (*progress)(void *context, const char *what); /* NULL: reading and writing */
    void *context;
};

/* CODE_FINE whatever was found, or an exit code with a message. */
int drive_run(struct drive *drive);

#endif
