#include "api/operations.h"
#include "api/tables/global_table_input.h"

static const struct shape LIMIT = { .kind = SHAPE_INTEGER, .range = { 1, SHAPE_NO_MAX } };
static const struct member MEMBERS[] = {
    { "ExclusiveStartGlobalTableName", &SHAPE_INDEX_NAME, OPTIONAL }, /* 3-255, the same pattern */
    { "Limit", &LIMIT, OPTIONAL },
    { "RegionName", &SHAPE_ANY_STRING, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("ListGlobalTablesInput", MEMBERS);

static bool run(struct request *request)
{
    json_open_object(&request->writer);
    json_write_key(&request->writer, "GlobalTables");
    json_open_array(&request->writer);
    json_close_array(&request->writer);
    json_close_object(&request->writer);
    return true;
}

const struct operation OPERATION_LIST_GLOBAL_TABLES = {
    .name = "ListGlobalTables",
    .access = ACCESS_READ,
    .input = &INPUT,
    .run = run,
};
