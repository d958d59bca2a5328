#include "api/operations.h"
#include "api/tables/global_table_input.h"

static const struct member MEMBERS[] = {
    { "GlobalTableName", &SHAPE_ANY_STRING, REQUIRED },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("DescribeGlobalTableInput", MEMBERS);

static bool prepare(struct request *request)
{
    return global_table_check_name(request);
}

static bool run(struct request *request)
{
    return global_table_fail_not_found(request);
}

const struct operation OPERATION_DESCRIBE_GLOBAL_TABLE = {
    .name = "DescribeGlobalTable",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
