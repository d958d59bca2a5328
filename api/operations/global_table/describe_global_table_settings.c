#include "api/operations.h"
#include "api/tables/global_table_input.h"

static const struct member MEMBERS[] = {
    { "GlobalTableName", &SHAPE_ANY_STRING, REQUIRED },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("DescribeGlobalTableSettingsInput", MEMBERS);

static bool prepare(struct request *request)
{
    return global_table_check_name(request);
}

static bool run(struct request *request)
{
    return global_table_fail_missing(request, API_GLOBAL_TABLE_NOT_FOUND,
                                     request_text(request, "GlobalTableName"));
}

const struct operation OPERATION_DESCRIBE_GLOBAL_TABLE_SETTINGS = {
    .name = "DescribeGlobalTableSettings",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
