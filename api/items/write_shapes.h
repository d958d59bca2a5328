/* Shapes that the item operations share. */

#ifndef REHEARSEDB_API_ITEMS_WRITE_SHAPES_H
#define REHEARSEDB_API_ITEMS_WRITE_SHAPES_H

#include "api/shape.h"

extern const struct shape SHAPE_RETURN_VALUES;
extern const struct shape SHAPE_RETURN_VALUES_ON_FAILURE;

#endif
