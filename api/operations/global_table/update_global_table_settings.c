#include "api/operations.h"
#include "api/tables/global_table_input.h"

static const struct shape UNITS = { .kind = SHAPE_LONG, .range = { 1, SHAPE_NO_MAX } };
static const struct shape BILLING_MODE = { .kind = SHAPE_STRING,
                                           .values = "PROVISIONED, PAY_PER_REQUEST" };
static const struct shape TABLE_CLASS = { .kind = SHAPE_STRING,
                                          .values = "STANDARD, STANDARD_INFREQUENT_ACCESS" };

static const struct member WRITE_INDEX_MEMBERS[] = {
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "ProvisionedWriteCapacityUnits", &UNITS, OPTIONAL },
    { "ProvisionedWriteCapacityAutoScalingSettingsUpdate", &SHAPE_AUTO_SCALING_UPDATE, OPTIONAL },
};
static const struct shape WRITE_INDEX =
    SHAPE_STRUCTURE_OF("GlobalTableGlobalSecondaryIndexSettingsUpdate", WRITE_INDEX_MEMBERS);
static const struct shape WRITE_INDEXES = { .kind = SHAPE_LIST,
                                            .range = { 1, 20 },
                                            .element = &WRITE_INDEX };

static const struct member READ_INDEX_MEMBERS[] = {
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "ProvisionedReadCapacityUnits", &UNITS, OPTIONAL },
    { "ProvisionedReadCapacityAutoScalingSettingsUpdate", &SHAPE_AUTO_SCALING_UPDATE, OPTIONAL },
};
static const struct shape READ_INDEX =
    SHAPE_STRUCTURE_OF("ReplicaGlobalSecondaryIndexSettingsUpdate", READ_INDEX_MEMBERS);
static const struct shape READ_INDEXES = { .kind = SHAPE_LIST,
                                           .range = { 1, 20 },
                                           .element = &READ_INDEX };

static const struct member REPLICA_MEMBERS[] = {
    { "RegionName", &SHAPE_ANY_STRING, REQUIRED },
    { "ReplicaProvisionedReadCapacityUnits", &UNITS, OPTIONAL },
    { "ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate", &SHAPE_AUTO_SCALING_UPDATE,
      OPTIONAL },
    { "ReplicaGlobalSecondaryIndexSettingsUpdate", &READ_INDEXES, OPTIONAL },
    { "ReplicaTableClass", &TABLE_CLASS, OPTIONAL },
};
static const struct shape REPLICA = SHAPE_STRUCTURE_OF("ReplicaSettingsUpdate", REPLICA_MEMBERS);
static const struct shape REPLICAS = { .kind = SHAPE_LIST,
                                       .range = { 1, 50 },
                                       .element = &REPLICA };

static const struct member MEMBERS[] = {
    { "GlobalTableName", &SHAPE_ANY_STRING, REQUIRED },
    { "GlobalTableBillingMode", &BILLING_MODE, OPTIONAL },
    { "GlobalTableProvisionedWriteCapacityUnits", &UNITS, OPTIONAL },
    { "GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate", &SHAPE_AUTO_SCALING_UPDATE,
      OPTIONAL },
    { "GlobalTableGlobalSecondaryIndexSettingsUpdate", &WRITE_INDEXES, OPTIONAL },
    { "ReplicaSettingsUpdate", &REPLICAS, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UpdateGlobalTableSettingsInput", MEMBERS);

static bool prepare(struct request *request)
{
    return global_table_check_name(request);
}

static bool run(struct request *request)
{
    return global_table_fail_missing(request, API_GLOBAL_TABLE_NOT_FOUND,
                                     request_text(request, "GlobalTableName"));
}

const struct operation OPERATION_UPDATE_GLOBAL_TABLE_SETTINGS = {
    .name = "UpdateGlobalTableSettings",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
