/*
 * Compressed bodies: which encoding headers ask for, gzip and deflate in both directions.
 *
 * Pure: results live in the given arena. "deflate" is a zlib stream, as HTTP has it (RFC 9110,
 * 8.4.1.2); a gzip body may have several members (RFC 1952). Names are taken in any case.
 */

#ifndef REHEARSEDB_SERVER_COMPRESSION_H
#define REHEARSEDB_SERVER_COMPRESSION_H

#include "storage/base/bytes.h"

#include <stdbool.h>

enum encoding {
    ENCODING_IDENTITY, /* not compressed */
    ENCODING_GZIP,
    ENCODING_DEFLATE,
    ENCODING_UNKNOWN,
};

/* As headers spell it; not for ENCODING_UNKNOWN. */
const char *encoding_name(enum encoding encoding);

/* A request's Content-Encoding; an empty one is ENCODING_IDENTITY. */
enum encoding encoding_of_request(struct bytes content_encoding);

/*
 * The best encoding that an Accept-Encoding allows: the greatest weight, of equals gzip, then
 * deflate, then none. Never ENCODING_UNKNOWN.
 */
enum encoding encoding_for_reply(struct bytes accept_encoding);

enum expansion {
    EXPANSION_DONE,
    EXPANSION_TOO_LARGE, /* than `size_max` */
    EXPANSION_CORRUPT,
};

/*
 * Undoes gzip or deflate. Takes no more memory than twice `size_max`, whatever the stream says of
 * itself, and looks at the stream's last part twice at most.
 */
enum expansion compression_expand(struct arena *arena,
                                  enum encoding encoding,
                                  struct bytes from,
                                  size_t size_max,
                                  struct bytes *out_expanded);

/* Applies gzip or deflate. False when that would not make it smaller. */
bool compression_shrink(struct arena *arena,
                        enum encoding encoding,
                        struct bytes from,
                        struct bytes *out_shrunk);

#endif
