/* Shapes of the legacy parameters, which the item operations share. */

#ifndef REHEARSEDB_API_ITEMS_LEGACY_SHAPES_H
#define REHEARSEDB_API_ITEMS_LEGACY_SHAPES_H

#include "api/shape.h"

extern const struct shape SHAPE_ATTRIBUTES_TO_GET;
extern const struct shape SHAPE_ATTRIBUTE_UPDATES;
extern const struct shape SHAPE_CONDITIONAL_OPERATOR;
extern const struct shape SHAPE_CONDITIONS; /* KeyConditions, QueryFilter, ScanFilter */
extern const struct shape SHAPE_EXPECTED;

#endif
