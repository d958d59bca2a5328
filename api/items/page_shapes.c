#include "api/items/page_shapes.h"

const struct shape SHAPE_SELECT = {
    .kind = SHAPE_STRING,
    .values = "SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES",
};
const struct shape SHAPE_PAGE_LIMIT = { .kind = SHAPE_INTEGER, .range = { 1, SHAPE_NO_MAX } };
