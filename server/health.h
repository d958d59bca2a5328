/*
 * `rehearsedb health`: asks a running server whether it is ready, for images that have no shell.
 */

#ifndef REHEARSEDB_SERVER_HEALTH_H
#define REHEARSEDB_SERVER_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * One GET of /_rehearsedb/health at `endpoint` ("http://ADDRESS[:PORT][/]", numeric or localhost),
 * with a time limit of 2 s for each step. False unless the answer is 200: `out_message` then says
 * why.
 */
bool health_check(const char *endpoint, char *out_message, size_t message_size);

#endif
