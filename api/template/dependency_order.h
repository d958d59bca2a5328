/*
 * Things in an order in which each comes after what it depends on. Among those that could be next,
 * the one that was declared first is.
 *
 * Pure; memory is the arena's.
 */

#ifndef REHEARSEDB_API_TEMPLATE_DEPENDENCY_ORDER_H
#define REHEARSEDB_API_TEMPLATE_DEPENDENCY_ORDER_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/*
 * `depends` is a matrix of count * count: whether the thing of a row depends on that of a column.
 * False: there is a circle, and `out_places` are the `out_count` things in circles or between them,
 * ascending. Else it is the order of all.
 */
bool dependency_order_find(struct arena *arena,
                           const bool *depends,
                           size_t count,
                           const size_t **out_places,
                           size_t *out_count);

#endif
