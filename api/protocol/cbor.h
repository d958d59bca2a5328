/*
 * CBOR (RFC 8949), as Smithy's RPC v2 sends it; the only owner of libcbor. What comes in is turned
 * into JSON text, so that what follows is the same for every protocol; what goes out is appended
 * piece by piece, maps and lists without their lengths.
 */

#ifndef REHEARSEDB_API_PROTOCOL_CBOR_H
#define REHEARSEDB_API_PROTOCOL_CBOR_H

#include "storage/base/bytes.h"

struct arena;

/*
 * One value as JSON: a time (tag 1) is its seconds, a byte string is base64, undefined is null.
 * False when it is not one whole value, nests too deeply, or has a key that is no text, an integer
 * beyond 64 bits, or a number that is none (NaN, infinity).
 */
bool cbor_to_json(struct arena *arena, struct bytes cbor, struct bytes *out_json);

void cbor_append_map(struct buffer *to); /* ends with cbor_append_break */
void cbor_append_list(struct buffer *to);
void cbor_append_break(struct buffer *to);
void cbor_append_text(struct buffer *to, struct bytes text);
void cbor_append_integer(struct buffer *to, int64_t value);
void cbor_append_boolean(struct buffer *to, bool value);
void cbor_append_double(struct buffer *to, double value);
void cbor_append_time(struct buffer *to, int64_t milliseconds);

#endif
