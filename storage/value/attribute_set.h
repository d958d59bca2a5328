/*
 * Sets in their one order: elements ascend (set_compare_elements) and none comes twice, so that
 * equal sets are equal bytes, and union and difference are one pass over both.
 */

#ifndef REHEARSEDB_STORAGE_VALUE_ATTRIBUTE_SET_H
#define REHEARSEDB_STORAGE_VALUE_ATTRIBUTE_SET_H

#include "storage/value/attribute_value.h"

struct arena;

/* Puts the elements into the order of a set of `type`. False when one of them comes twice. */
bool set_sort(enum attribute_type type, struct bytes *elements, size_t count);

/* A whole value (write_value) of `count` sorted elements. */
void write_set(struct buffer *to,
               enum attribute_type type,
               const struct bytes *elements,
               size_t count);

/* All elements of either set, of one type, in the arena. */
struct attribute_value
set_unite(struct arena *arena, struct attribute_value left, struct attribute_value right);

/*
 * The elements of `left` that `right` does not have; both are of one type; in the arena. May come
 * out empty (no payload), which no item can hold.
 */
struct attribute_value
set_subtract(struct arena *arena, struct attribute_value left, struct attribute_value right);

#endif
