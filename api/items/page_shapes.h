/* Shapes that Query and Scan share. */

#ifndef REHEARSEDB_API_ITEMS_PAGE_SHAPES_H
#define REHEARSEDB_API_ITEMS_PAGE_SHAPES_H

#include "api/shape.h"

extern const struct shape SHAPE_SELECT;
extern const struct shape SHAPE_PAGE_LIMIT;

#endif
