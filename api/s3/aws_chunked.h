/*
 * The body of a request with Content-Encoding aws-chunked: pieces with their size before them and,
 * after the last, perhaps trailing headers. Signatures and trailers are not looked at.
 *
 *     body    -> { size [ ";" extension ] CRLF bytes CRLF } "0" [ ";" extension ] CRLF rest
 *     size    -> hexadecimal digits
 *
 * Source: "Signature calculations for the Authorization header: transferring payload in multiple
 * chunks" of the Amazon S3 API reference.
 */

#ifndef REHEARSEDB_API_S3_AWS_CHUNKED_H
#define REHEARSEDB_API_S3_AWS_CHUNKED_H

#include "storage/base/bytes.h"

struct arena;

/* The pieces put together, in the arena; false when it is no such body. */
bool aws_chunked_decode(struct arena *arena, struct bytes body, struct bytes *out_content);

#endif
