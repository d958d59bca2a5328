/*
 * The table as it is described from time to time, and the plan of items that follows from it. One
 * thread refreshes; any thread may look, and what it gets stays valid as long as the watch. A new
 * view is made only when indexes come, go or change, so there are as many as there are such
 * changes.
 */

#ifndef REHEARSEDB_TOOLS_DRIVE_TABLE_WATCH_H
#define REHEARSEDB_TOOLS_DRIVE_TABLE_WATCH_H

#include "tools/command.h"
#include "tools/drive/item_plan.h"

struct table_view {
    struct table_shape shape;
    const struct item_plan *plan;
};

struct table_watch;

/* Asks as `command` has it the first time, and then as `steady`. CODE_FINE, or an exit code with a
 * message. */
int table_watch_open(const struct command *command,
                     const struct command *steady,
                     const char *table,
                     struct table_watch **out_watch);
void table_watch_close(struct table_watch *watch);

/* False: the endpoint does not describe it now; what was known stays. */
bool table_watch_refresh(struct table_watch *watch);

const struct table_view *table_watch_view(struct table_watch *watch);

#endif
