/*
 * A number for what a JSON value says, however it is written: SHA-256 over the tree with the
 * members of every object in order of their names. White space, escapes and the order of members do
 * not count, nor do members that are null; the order of lists does.
 */

#ifndef REHEARSEDB_API_JSON_FINGERPRINT_H
#define REHEARSEDB_API_JSON_FINGERPRINT_H

#include "storage/base/bytes.h"

struct arena;
struct cJSON;

enum { JSON_FINGERPRINT_SIZE = 32 };

void json_fingerprint(struct arena *arena,
                      const struct cJSON *node,
                      uint8_t out_fingerprint[JSON_FINGERPRINT_SIZE]);

#endif
