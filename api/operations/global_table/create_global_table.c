#include "api/operations.h"
#include "api/tables/global_table_input.h"

static const struct member REPLICA_MEMBERS[] = {
    { "RegionName", &SHAPE_ANY_STRING, OPTIONAL },
};
static const struct shape REPLICA = SHAPE_STRUCTURE_OF("Replica", REPLICA_MEMBERS);
static const struct shape REPLICATION_GROUP = { .kind = SHAPE_LIST, .element = &REPLICA };
static const struct member MEMBERS[] = {
    { "GlobalTableName", &SHAPE_ANY_STRING, REQUIRED },
    { "ReplicationGroup", &REPLICATION_GROUP, REQUIRED },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("CreateGlobalTableInput", MEMBERS);

static bool prepare(struct request *request)
{
    return global_table_check_name(request);
}

/* Before the service looks for the tables. */
static bool run(struct request *request)
{
    return global_table_fail_version(request);
}

const struct operation OPERATION_CREATE_GLOBAL_TABLE = {
    .name = "CreateGlobalTable",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
