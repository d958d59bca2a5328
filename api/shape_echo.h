/*
 * How messages repeat what was sent: values as Java's toString gives them, because the service's
 * validation does; for messages only, nothing reads them back.
 */

#ifndef REHEARSEDB_API_SHAPE_ECHO_H
#define REHEARSEDB_API_SHAPE_ECHO_H

#include "storage/base/bytes.h"

struct arena;
struct cJSON;
struct shape;

/* [KeySchemaElement(attributeName=pk, keyType=null)]; cut after some kilobytes. `node`: or NULL. */
void shape_echo(struct buffer *to,
                struct arena *arena,
                const struct shape *shape,
                const struct cJSON *node);

/* A text as it is, cut in the same way. */
void shape_echo_text(struct buffer *to, struct bytes text);

/* A member's name as messages spell it: AttributeName gives attributeName. */
void shape_echo_name(struct buffer *to, const char *name);

#endif
