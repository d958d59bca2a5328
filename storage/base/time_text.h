/* A time as text, in UTC. Times are milliseconds since 1970. */

#ifndef REHEARSEDB_STORAGE_BASE_TIME_TEXT_H
#define REHEARSEDB_STORAGE_BASE_TIME_TEXT_H

#include "storage/base/bytes.h"

/* "2026-10-08T23:07:31.275" */
void time_append_iso(struct buffer *to, int64_t time_ms);

/* "Thursday, October 8, 2026 at 11:20:48 PM Coordinated Universal Time" */
void time_append_long(struct buffer *to, int64_t time_ms);

#endif
