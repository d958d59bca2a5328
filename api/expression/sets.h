/*
 * Union and difference of two sets of one type. Elements keep their order, those of the left set
 * first. The results live in the arena.
 */

#ifndef REHEARSEDB_API_EXPRESSION_SETS_H
#define REHEARSEDB_API_EXPRESSION_SETS_H

#include "storage/value/attribute_value.h"

struct arena;

struct attribute_value
sets_unite(struct arena *arena, struct attribute_value left, struct attribute_value right);

/* May come out empty, which an item cannot hold. */
struct attribute_value
sets_subtract(struct arena *arena, struct attribute_value left, struct attribute_value right);

#endif
