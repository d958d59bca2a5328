/*
 * Base64 as the service takes and gives it: padded, without white space, and strict about the bits
 * that the last character leaves over. Pure functions.
 */

#ifndef REHEARSEDB_API_BASE64_H
#define REHEARSEDB_API_BASE64_H

#include "storage/base/bytes.h"

struct arena;

/* True when `text` is base64; else the service's words for what is wrong, in the arena. */
bool base64_check(struct arena *arena, struct bytes text, struct bytes *out_fault);

/* The bytes behind a text that passed base64_check, in the arena. */
struct bytes base64_decode(struct arena *arena, struct bytes text);

/* How many bytes base64_encode writes for that many. */
size_t base64_encoded_size(size_t size);

void base64_encode(uint8_t *to, struct bytes binary);

#endif
