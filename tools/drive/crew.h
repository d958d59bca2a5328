/* Threads that do one thing together, each with a client of its own. */

#ifndef REHEARSEDB_TOOLS_DRIVE_CREW_H
#define REHEARSEDB_TOOLS_DRIVE_CREW_H

#include "tools/command.h"

struct crew;

/* Runs once on each thread, with its number. */
typedef void crew_work(void *context, struct dynamodb_client *client, size_t number);

/* CODE_FINE, or an exit code with a message; then those that run already are to be joined, too. */
int crew_start(const struct command *command,
               size_t count,
               crew_work *work,
               void *context,
               struct crew **out_crew);

/* Waits for all of them. */
void crew_join(struct crew *crew);

#endif
