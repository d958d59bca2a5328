/*
 * Times as text: ISO 8601, as AWS's XML protocols write and read them.
 */

#ifndef REHEARSEDB_API_PROTOCOL_TIMESTAMP_H
#define REHEARSEDB_API_PROTOCOL_TIMESTAMP_H

#include "storage/base/bytes.h"

/*
 * time -> date [ "T" hours ":" minutes [ ":" seconds [ "." digits ] ] [ zone ] ]
 * zone -> "Z" | ( "+" | "-" ) hours [ ":" ] minutes
 *
 * Milliseconds since 1970; without a zone it is UTC. False when it is no such time.
 */
bool timestamp_parse(struct bytes text, int64_t *out_milliseconds);

/* "2026-01-31T12:00:00Z", with three digits of a fraction unless it is zero. */
void timestamp_append(struct buffer *to, int64_t milliseconds);

#endif
