/*
 * Items as DynamoDB sends them ({"pk":{"S":"a"},…}): their size, what an index takes of them, and
 * a digest by which two images are compared.
 *
 * Sizes: developer guide, "DynamoDB item sizes and formats"; numbers as measured on the service.
 */

#ifndef REHEARSEDB_TOOLS_TABLE_ITEM_H
#define REHEARSEDB_TOOLS_TABLE_ITEM_H

#include "tools/table/table_shape.h"

#include <stdint.h>

enum { DIGEST_SIZE = 16 };

/* Bytes of the whole item, or of what an index projects of it. */
size_t item_size(const struct cJSON *item, const struct index_shape *index);

enum skip_reason {
    SKIP_NONE, /* the index takes it */
    SKIP_MISSING,
    SKIP_WRONG_TYPE,
    SKIP_EMPTY,
    SKIP_TOO_LARGE,
    SKIP_REASON_COUNT,
};

/* "attribute missing", "wrong type", "empty", "too large" */
const char *skip_reason_text(enum skip_reason reason);

struct skip {
    enum skip_reason reason;
    const char *attribute; /* the first key attribute at fault */
    const char *type;      /* WRONG_TYPE: what it is, "N"; borrowed from the item */
    size_t size_bytes;     /* TOO_LARGE */
};

/* Whether the index takes the item, and if not, why. */
struct skip item_skip(const struct cJSON *item, const struct index_shape *index);

/* The attributes of the key, {"pk":{"S":"a"}}, as JSON. */
void item_append_key(struct buffer *to, const struct cJSON *item, const struct index_shape *keys);

/*
 * Of the attributes that both indexes project; equal images have equal digests, whatever the order
 * of names and of elements of sets.
 */
void item_digest(struct arena *arena,
                 const struct cJSON *item,
                 const struct index_shape *left,
                 const struct index_shape *right,
                 uint8_t out_digest[DIGEST_SIZE]);

/* Of any bytes. */
void bytes_digest(struct bytes bytes, uint8_t out_digest[DIGEST_SIZE]);

#endif
