/* A JSON document named on the command line: a file, or "-" for standard input. */

#ifndef REHEARSEDB_TOOLS_DOCUMENT_H
#define REHEARSEDB_TOOLS_DOCUMENT_H

#include "tools/command.h"

struct cJSON;

/* CODE_FINE, and the caller frees the document (json_free); or an exit code with a message. */
int document_read(const struct command *command,
                  struct arena *arena,
                  const char *path,
                  struct cJSON **out_document);

/* The bytes of a file alone, in the arena. False with errno: it cannot be read, or is too large. */
bool document_read_bytes(struct arena *arena, const char *path, struct bytes *out_text);

#endif
