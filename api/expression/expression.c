#include "api/expression/expression.h"

#include <assert.h>

static const char *const KIND_NAMES[EXPRESSION_KIND_COUNT] = {
    [EXPRESSION_CONDITION] = "ConditionExpression",
    [EXPRESSION_FILTER] = "FilterExpression",
    [EXPRESSION_KEY_CONDITION] = "KeyConditionExpression",
    [EXPRESSION_PROJECTION] = "ProjectionExpression",
    [EXPRESSION_UPDATE] = "UpdateExpression",
};

void expression_init(struct expression_context *context,
                     struct arena *arena,
                     enum expression_kind kind)
{
    *context = (struct expression_context){ .arena = arena, .kind = kind };
}

const char *expression_kind_name(enum expression_kind kind)
{
    assert(kind < EXPRESSION_KIND_COUNT);
    return KIND_NAMES[kind];
}
