/*
 * Projections over items: resolved projection + item -> smaller item.
 *
 * Maps keep the entries asked for; lists keep the elements asked for, moved together, in the order
 * of their indexes. What is asked for below something that is missing or of another type leaves
 * nothing behind, not even an empty map or list.
 */

#ifndef REHEARSEDB_API_EXPRESSION_PROJECTION_H
#define REHEARSEDB_API_EXPRESSION_PROJECTION_H

#include "api/expression/expression.h"
#include "api/expression/path.h"

/*
 * Refuses overlapping and conflicting paths and makes a tree of the others. Called by
 * projection_resolve, and by what makes a projection without text (AttributesToGet).
 */
bool projection_build(struct expression_context *context, struct projection *projection);

/* The projected item, written at the end of `to`; dead after the next append. */
struct bytes
projection_apply(const struct projection *projection, struct bytes item, struct buffer *to);

/* Top-level attributes the projection refers to, each once, in the order written. */
struct attribute_names projection_attribute_names(struct arena *arena,
                                                  const struct projection *projection);

#endif
