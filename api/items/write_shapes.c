#include "api/items/write_shapes.h"

const struct shape SHAPE_RETURN_VALUES = {
    .kind = SHAPE_STRING,
    .values = "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW",
};
const struct shape SHAPE_RETURN_VALUES_ON_FAILURE = { .kind = SHAPE_STRING,
                                                      .values = "ALL_OLD, NONE" };
