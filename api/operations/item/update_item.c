#include "api/items/item_write.h"
#include "api/items/legacy_shapes.h"
#include "api/items/write_shapes.h"
#include "api/operations.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED },
    { "Key", &SHAPE_ITEM, REQUIRED },
    { "AttributeUpdates", &SHAPE_ATTRIBUTE_UPDATES, OPTIONAL },
    { "ConditionExpression", &SHAPE_ANY_STRING, OPTIONAL },
    { "ConditionalOperator", &SHAPE_CONDITIONAL_OPERATOR, OPTIONAL },
    { "Expected", &SHAPE_EXPECTED, OPTIONAL },
    { "ExpressionAttributeNames", &SHAPE_STRING_MAP, OPTIONAL },
    { "ExpressionAttributeValues", &SHAPE_ITEM, OPTIONAL },
    { "ReturnConsumedCapacity", &SHAPE_RETURN_CONSUMED_CAPACITY, OPTIONAL },
    { "ReturnItemCollectionMetrics", &SHAPE_RETURN_ITEM_COLLECTION_METRICS, OPTIONAL },
    { "ReturnValues", &SHAPE_RETURN_VALUES, OPTIONAL },
    { "ReturnValuesOnConditionCheckFailure", &SHAPE_RETURN_VALUES_ON_FAILURE, OPTIONAL },
    { "UpdateExpression", &SHAPE_ANY_STRING, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UpdateItemInput", MEMBERS);

static bool prepare(struct request *request)
{
    return single_write_prepare(request, &INPUT, WRITE_UPDATE);
}

static bool run(struct request *request)
{
    return single_write_run(request);
}

const struct operation OPERATION_UPDATE_ITEM = {
    .name = "UpdateItem",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
