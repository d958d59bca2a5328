#include "api/limits.h"
#include "api/operations.h"
#include "api/request.h"
#include "api/shape.h"

static const struct shape LIMIT = { .kind = SHAPE_INTEGER, .range = { 1, LIMIT_LIST_TABLES } };
static const struct member MEMBERS[] = {
    { "ExclusiveStartTableName", &SHAPE_INDEX_NAME, OPTIONAL }, /* 3-255, the same pattern */
    { "Limit", &LIMIT, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("ListTablesInput", MEMBERS);

static bool run(struct request *request)
{
    struct bytes names[LIMIT_LIST_TABLES];
    bool more = false;
    struct catalog_range range = {
        .world = request->world,
        .after = request_text(request, "ExclusiveStartTableName"),
        .limit = (size_t)request_integer(request, "Limit", LIMIT_LIST_TABLES),
    };
    size_t count = catalog_names(request->txn, request->arena, &range, names, &more);
    json_open_object(&request->writer);
    json_write_key(&request->writer, "TableNames");
    json_open_array(&request->writer);
    for (size_t i = 0; i < count; i++) {
        json_write_text(&request->writer, names[i]);
    }
    json_close_array(&request->writer);
    if (more) {
        json_member_text(&request->writer, "LastEvaluatedTableName", names[count - 1]);
    }
    json_close_object(&request->writer);
    return true;
}

const struct operation OPERATION_LIST_TABLES = {
    .name = "ListTables",
    .access = ACCESS_READ,
    .input = &INPUT,
    .run = run,
};
