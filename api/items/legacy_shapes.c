#include "api/items/legacy_shapes.h"

static const struct shape ATTRIBUTE_NAME = { .kind = SHAPE_STRING, .range = { 0, 65535 } };
const struct shape SHAPE_ATTRIBUTES_TO_GET = { .kind = SHAPE_LIST,
                                               .element = &ATTRIBUTE_NAME,
                                               .range = { 1, 255 } };

const struct shape SHAPE_CONDITIONAL_OPERATOR = { .kind = SHAPE_STRING, .values = "OR, AND" };

static const struct shape COMPARISON_OPERATOR = {
    .kind = SHAPE_STRING,
    .values = "IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, "
              "CONTAINS",
};
static const struct shape VALUE_LIST = { .kind = SHAPE_LIST,
                                         .element = &SHAPE_ANY_ATTRIBUTE_VALUE };

static const struct member CONDITION_MEMBERS[] = {
    { "AttributeValueList", &VALUE_LIST, OPTIONAL },
    { "ComparisonOperator", &COMPARISON_OPERATOR, REQUIRED },
};
static const struct shape CONDITION = SHAPE_STRUCTURE_OF("Condition", CONDITION_MEMBERS);
const struct shape SHAPE_CONDITIONS = { .kind = SHAPE_MAP, .element = &CONDITION };

static const struct member EXPECTATION_MEMBERS[] = {
    { "AttributeValueList", &VALUE_LIST, OPTIONAL },
    { "ComparisonOperator", &COMPARISON_OPERATOR, OPTIONAL },
    { "Exists", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "Value", &SHAPE_ANY_ATTRIBUTE_VALUE, OPTIONAL },
};
static const struct shape EXPECTATION =
    SHAPE_STRUCTURE_OF("ExpectedAttributeValue", EXPECTATION_MEMBERS);
const struct shape SHAPE_EXPECTED = { .kind = SHAPE_MAP, .element = &EXPECTATION };

static const struct shape ACTION = { .kind = SHAPE_STRING, .values = "ADD, PUT, DELETE" };
static const struct member UPDATE_MEMBERS[] = {
    { "Action", &ACTION, OPTIONAL },
    { "Value", &SHAPE_ANY_ATTRIBUTE_VALUE, OPTIONAL },
};
static const struct shape UPDATE = SHAPE_STRUCTURE_OF("AttributeValueUpdate", UPDATE_MEMBERS);
const struct shape SHAPE_ATTRIBUTE_UPDATES = { .kind = SHAPE_MAP, .element = &UPDATE };
