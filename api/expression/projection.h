/*
 * Projections over items: resolved projection + item -> smaller item.
 *
 * Maps keep the entries asked for; lists keep the elements asked for, moved together, in the order
 * of their indexes. What is asked for below something that is missing or of another type leaves
 * nothing behind, not even an empty map or list.
 */

#ifndef REHEARSEDB_API_EXPRESSION_PROJECTION_H
#define REHEARSEDB_API_EXPRESSION_PROJECTION_H

#include "api/expression/path.h"

/* The projected item, written at the end of `to`; dead after the next append. */
struct bytes
projection_apply(const struct projection *projection, struct bytes item, struct buffer *to);

/* Top-level attributes the projection refers to. */
struct attribute_names projection_attribute_names(struct arena *arena,
                                                  const struct projection *projection);

#endif
