#include "api/attribute_json.h"
#include "api/expression/projection.h"
#include "api/items/consumed_capacity.h"
#include "api/items/expressions.h"
#include "api/items/item_key.h"
#include "api/items/item_read.h"
#include "api/items/legacy_shapes.h"
#include "api/operations.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED },
    { "Key", &SHAPE_ITEM, REQUIRED },
    { "AttributesToGet", &SHAPE_ATTRIBUTES_TO_GET, OPTIONAL },
    { "ConsistentRead", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "ExpressionAttributeNames", &SHAPE_STRING_MAP, OPTIONAL },
    { "ProjectionExpression", &SHAPE_ANY_STRING, OPTIONAL },
    { "ReturnConsumedCapacity", &SHAPE_RETURN_CONSUMED_CAPACITY, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("GetItemInput", MEMBERS);

struct plan {
    struct bytes key;
    const struct projection *projection;
};

static bool prepare(struct request *request)
{
    struct plan *plan = arena_alloc(request->arena, sizeof *plan);
    struct expressions expressions;
    struct api_error error;
    if (!expressions_check_parameters(request, &INPUT, request->input)) {
        return false;
    }
    if (!item_of_json(request->arena, json_member(request->input, "Key"), &plan->key, &error)) {
        return api_fail_with(request, &error);
    }
    if (!expressions_prepare(request, &INPUT, request->input, &expressions)) {
        return false;
    }
    plan->projection = expressions.projection;
    request->plan = plan;
    return true;
}

static bool run(struct request *request)
{
    const struct plan *plan = request->plan;
    const struct table_definition *table = request_item_table(request, request_table_name(request));
    struct bytes item;
    if (table == NULL) {
        return false;
    }
    bool found;
    struct consumed_capacity *capacity = capacity_start(request, table, UNITS_OF_READS);
    if (!item_read_one(request, capacity, plan->key, &item, &found)) {
        return false;
    }
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    if (found) {
        json_write_key(writer, "Item");
        item_write_reply(writer, item, plan->projection);
    }
    capacity->table_units = capacity_read_units(found ? item_size(item) : 0,
                                                request_boolean(request, "ConsistentRead"));
    capacity_write_member(request, capacity);
    json_close_object(writer);
    return true;
}

const struct operation OPERATION_GET_ITEM = {
    .name = "GetItem",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
