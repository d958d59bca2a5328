#include "api/operations.h"
#include "api/tables/global_table_input.h"

static const struct member REGION_MEMBERS[] = {
    { "RegionName", &SHAPE_ANY_STRING, REQUIRED },
};
static const struct shape CREATE = SHAPE_STRUCTURE_OF("CreateReplicaAction", REGION_MEMBERS);
static const struct shape DELETE = SHAPE_STRUCTURE_OF("DeleteReplicaAction", REGION_MEMBERS);
static const struct member REPLICA_UPDATE_MEMBERS[] = {
    { "Create", &CREATE, OPTIONAL },
    { "Delete", &DELETE, OPTIONAL },
};
static const struct shape REPLICA_UPDATE =
    SHAPE_STRUCTURE_OF("ReplicaUpdate", REPLICA_UPDATE_MEMBERS);
static const struct shape REPLICA_UPDATES = { .kind = SHAPE_LIST, .element = &REPLICA_UPDATE };
static const struct member MEMBERS[] = {
    { "GlobalTableName", &SHAPE_ANY_STRING, REQUIRED },
    { "ReplicaUpdates", &REPLICA_UPDATES, REQUIRED },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UpdateGlobalTableInput", MEMBERS);

/* The service says no more than this about a list or an entry without an action. */
static bool check_updates(struct request *request)
{
    const struct cJSON *updates = json_member(request->input, "ReplicaUpdates");
    bool is_complete = json_count(updates) > 0;
    for (const struct cJSON *update = json_first(updates); is_complete && update != NULL;
         update = json_next(update)) {
        is_complete =
            json_member(update, "Create") != NULL || json_member(update, "Delete") != NULL;
    }
    return is_complete ||
           api_fail(request, API_VALIDATION, "One or more parameter values were invalid");
}

static bool prepare(struct request *request)
{
    return global_table_check_name(request) && check_updates(request);
}

/* A replica to be made is refused before the table is looked for. */
static bool run(struct request *request)
{
    const struct cJSON *updates = json_member(request->input, "ReplicaUpdates");
    for (const struct cJSON *update = json_first(updates); update != NULL;
         update = json_next(update)) {
        if (json_member(update, "Create") != NULL) {
            return global_table_fail_version(request);
        }
    }
    return global_table_fail_not_found(request);
}

const struct operation OPERATION_UPDATE_GLOBAL_TABLE = {
    .name = "UpdateGlobalTable",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
