#include "api/operations.h"
#include "api/tables/global_table_input.h"

static const struct member WRITE_INDEX_MEMBERS[] = {
    { "IndexName", &SHAPE_INDEX_NAME, OPTIONAL },
    { "ProvisionedWriteCapacityAutoScalingUpdate", &SHAPE_AUTO_SCALING_UPDATE, OPTIONAL },
};
static const struct shape WRITE_INDEX =
    SHAPE_STRUCTURE_OF("GlobalSecondaryIndexAutoScalingUpdate", WRITE_INDEX_MEMBERS);
static const struct shape WRITE_INDEXES = { .kind = SHAPE_LIST,
                                            .range = { 1, SHAPE_NO_MAX },
                                            .element = &WRITE_INDEX };

static const struct member READ_INDEX_MEMBERS[] = {
    { "IndexName", &SHAPE_INDEX_NAME, OPTIONAL },
    { "ProvisionedReadCapacityAutoScalingUpdate", &SHAPE_AUTO_SCALING_UPDATE, OPTIONAL },
};
static const struct shape READ_INDEX =
    SHAPE_STRUCTURE_OF("ReplicaGlobalSecondaryIndexAutoScalingUpdate", READ_INDEX_MEMBERS);
static const struct shape READ_INDEXES = { .kind = SHAPE_LIST, .element = &READ_INDEX };

static const struct member REPLICA_MEMBERS[] = {
    { "RegionName", &SHAPE_ANY_STRING, REQUIRED },
    { "ReplicaGlobalSecondaryIndexUpdates", &READ_INDEXES, OPTIONAL },
    { "ReplicaProvisionedReadCapacityAutoScalingUpdate", &SHAPE_AUTO_SCALING_UPDATE, OPTIONAL },
};
static const struct shape REPLICA = SHAPE_STRUCTURE_OF("ReplicaAutoScalingUpdate", REPLICA_MEMBERS);
static const struct shape REPLICAS = { .kind = SHAPE_LIST,
                                       .range = { 1, SHAPE_NO_MAX },
                                       .element = &REPLICA };

static const struct member MEMBERS[] = {
    { "GlobalSecondaryIndexUpdates", &WRITE_INDEXES, OPTIONAL },
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
    { "ProvisionedWriteCapacityAutoScalingUpdate", &SHAPE_AUTO_SCALING_UPDATE, OPTIONAL },
    { "ReplicaUpdates", &REPLICAS, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UpdateTableReplicaAutoScalingInput", MEMBERS);

static bool run(struct request *request)
{
    return global_table_fail_missing(request, API_RESOURCE_NOT_FOUND, request_table_name(request));
}

const struct operation OPERATION_UPDATE_TABLE_REPLICA_AUTO_SCALING = {
    .name = "UpdateTableReplicaAutoScaling",
    .access = ACCESS_READ,
    .input = &INPUT,
    .run = run,
};
