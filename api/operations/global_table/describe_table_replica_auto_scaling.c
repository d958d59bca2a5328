#include "api/operations.h"
#include "api/tables/global_table_input.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
};
static const struct shape INPUT =
    SHAPE_STRUCTURE_OF("DescribeTableReplicaAutoScalingInput", MEMBERS);

/* The same whether there is no such table or it has no replicas. */
static bool run(struct request *request)
{
    return global_table_fail_missing(request, API_RESOURCE_NOT_FOUND, request_table_name(request));
}

const struct operation OPERATION_DESCRIBE_TABLE_REPLICA_AUTO_SCALING = {
    .name = "DescribeTableReplicaAutoScaling",
    .access = ACCESS_READ,
    .input = &INPUT,
    .run = run,
};
