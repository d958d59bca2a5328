/* A table as the endpoint describes it, asked for once at the start of a command. */

#ifndef REHEARSEDB_TOOLS_TABLE_DESCRIBED_H
#define REHEARSEDB_TOOLS_TABLE_DESCRIBED_H

#include "tools/command.h"
#include "tools/table/table_shape.h"

struct described {
    struct cJSON *answer; /* the whole; described_free */
    const struct cJSON *table;
    struct table_shape shape;
};

/* CODE_FINE, or an exit code with a message. */
int described_find(const struct command *command,
                   struct dynamodb_client *client,
                   struct arena *arena,
                   const char *table,
                   struct described *out_described);

/* The same for a call that is over: asks with a client of its own. */
int described_ask(const struct command *command,
                  struct arena *arena,
                  const char *table,
                  struct described *out_described);

void described_free(struct described *described);

/* An index of the table, or CODE_NOT_SO with a message that lists those there are. */
int described_find_index(const struct command *command,
                         const struct described *described,
                         const char *index,
                         const struct index_shape **out_index);

/*
 * An index that is only planned, from a file ("-": standard input); see index_shape_of_document.
 * CODE_FINE, or an exit code with a message.
 */
int described_read_planned(const struct command *command,
                           const struct described *described,
                           struct arena *arena,
                           const char *path,
                           const char *index,
                           struct index_shape *out_shape);

#endif
