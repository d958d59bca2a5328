/*
 * UpdateTable. The order of checks is the service's: what may be combined (update_combination.h),
 * each entry's form, the table, what its state and its indexes' admit (table_admission.h), then
 * each change on its own (table_update.h, index_update.h).
 */

#include "api/internal.h"
#include "api/limits.h"
#include "api/operations.h"
#include "api/tables/capacity_input.h"
#include "api/tables/index_update.h"
#include "api/tables/table_admission.h"
#include "api/tables/table_description.h"
#include "api/tables/update_combination.h"
#include "storage/table/lifecycle.h"

static const struct member UPDATE_MEMBERS[] = {
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "ProvisionedThroughput", &SHAPE_THROUGHPUT, OPTIONAL },
    { "OnDemandThroughput", &SHAPE_ON_DEMAND_THROUGHPUT, OPTIONAL },
    { "WarmThroughput", &SHAPE_WARM_THROUGHPUT, OPTIONAL },
};
static const struct shape UPDATE =
    SHAPE_STRUCTURE_OF("UpdateGlobalSecondaryIndexAction", UPDATE_MEMBERS);
static const struct member CREATE_MEMBERS[] = {
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "KeySchema", &SHAPE_GSI_KEY_SCHEMA, REQUIRED },
    { "Projection", &SHAPE_PROJECTION, REQUIRED },
    { "ProvisionedThroughput", &SHAPE_THROUGHPUT, OPTIONAL },
    { "OnDemandThroughput", &SHAPE_ON_DEMAND_THROUGHPUT, OPTIONAL },
    { "WarmThroughput", &SHAPE_WARM_THROUGHPUT, OPTIONAL },
};
static const struct shape CREATE =
    SHAPE_STRUCTURE_OF("CreateGlobalSecondaryIndexAction", CREATE_MEMBERS);
static const struct member DELETE_MEMBERS[] = {
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
};
static const struct shape DELETE =
    SHAPE_STRUCTURE_OF("DeleteGlobalSecondaryIndexAction", DELETE_MEMBERS);
static const struct member ENTRY_MEMBERS[] = {
    { "Update", &UPDATE, OPTIONAL },
    { "Create", &CREATE, OPTIONAL },
    { "Delete", &DELETE, OPTIONAL },
};
static const struct shape ENTRY = SHAPE_STRUCTURE_OF("GlobalSecondaryIndexUpdate", ENTRY_MEMBERS);
static const struct shape ENTRIES = { .kind = SHAPE_LIST, .element = &ENTRY };

static const struct shape REPLICA_UPDATE = { .kind = SHAPE_STRUCTURE,
                                             .name = "ReplicationGroupUpdate" };
static const struct shape REPLICA_UPDATES = { .kind = SHAPE_LIST,
                                              .element = &REPLICA_UPDATE,
                                              .range = { 1, SHAPE_NO_MAX } };

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
    { "AttributeDefinitions", &SHAPE_ATTRIBUTE_DEFINITIONS, OPTIONAL },
    { "BillingMode", &SHAPE_BILLING_MODE, OPTIONAL },
    { "ProvisionedThroughput", &SHAPE_THROUGHPUT, OPTIONAL },
    { "GlobalSecondaryIndexUpdates", &ENTRIES, OPTIONAL },
    { "StreamSpecification", &SHAPE_STREAM_SPECIFICATION, OPTIONAL },
    { "SSESpecification", &SHAPE_SSE_SPECIFICATION, OPTIONAL },
    { "ReplicaUpdates", &REPLICA_UPDATES, OPTIONAL },
    { "TableClass", &SHAPE_ANY_STRING, OPTIONAL },
    { "DeletionProtectionEnabled", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "OnDemandThroughput", &SHAPE_ON_DEMAND_THROUGHPUT, OPTIONAL },
    { "WarmThroughput", &SHAPE_WARM_THROUGHPUT, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UpdateTableInput", MEMBERS);

/* ---- the entries' form ---- */

/* Before everything else, even what may be combined (measured). */
static bool check_warm_entries(struct request *request)
{
    const struct cJSON *list = json_member(request->input, "GlobalSecondaryIndexUpdates");
    for (const struct cJSON *node = list != NULL ? json_first(list) : NULL; node != NULL;
         node = json_next(node)) {
        const struct cJSON *update = json_member(node, "Update");
        const struct cJSON *warm = update != NULL ? json_member(update, "WarmThroughput") : NULL;
        if (warm != NULL && !warm_throughput_is_given(warm)) {
            struct bytes name = json_text(request->arena, json_member(update, "IndexName"));
            return api_fail(request, API_VALIDATION,
                            INVALID_PARAMETER
                            "WarmThroughput must have at least one of ReadUnitsPerSecond or "
                            "WriteUnitsPerSecond specified for index: %.*s",
                            BYTES_ARGUMENTS(name));
        }
    }
    return true;
}

static bool
plan_entry(struct request *request, const struct cJSON *node, struct index_change *out_change)
{
    static const char *const names[] = {
        [INDEX_ACTION_UPDATE] = "Update",
        [INDEX_ACTION_CREATE] = "Create",
        [INDEX_ACTION_DELETE] = "Delete",
    };
    size_t actions = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct cJSON *input = json_member(node, names[i]);
        if (input != NULL) {
            *out_change = (struct index_change){
                .action = (enum index_action)i,
                .input = input,
                .index_name = json_text(request->arena, json_member(input, "IndexName")),
            };
            actions++;
        }
    }
    if (actions == 0) {
        return api_fail(
            request, API_VALIDATION,
            INVALID_PARAMETER
            "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
            "GlobalSecondaryIndexUpdate.Delete must not be null");
    }
    if (actions > 1) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Only one global secondary index action is allowed per "
                                          "GlobalSecondaryIndexUpdate object");
    }
    return true;
}

static bool check_one_entry_per_index(struct request *request, const struct table_update *update)
{
    for (size_t i = 0; i < update->index_count; i++) {
        for (size_t j = 0; j < i; j++) {
            struct bytes name = update->indexes[i].index_name;
            if (bytes_equal(name, update->indexes[j].index_name)) {
                return api_fail(request, API_VALIDATION,
                                INVALID_PARAMETER
                                "Only one global secondary index update per index "
                                "is allowed simultaneously. Index: %.*s",
                                BYTES_ARGUMENTS(name));
            }
        }
    }
    return true;
}

static bool
plan_entries(struct request *request, const struct cJSON *list, struct table_update *update)
{
    enum { ENTRIES_ABSURD = 100 };
    size_t count = json_count(list);
    if (count > ENTRIES_ABSURD) {
        return api_fail(request, API_LIMIT_EXCEEDED, ONE_ONLINE_INDEX);
    }
    update->indexes = arena_alloc(request->arena, count * sizeof *update->indexes);
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        if (!plan_entry(request, node, &update->indexes[update->index_count])) {
            return false;
        }
        update->index_count++;
    }
    return check_one_entry_per_index(request, update);
}

/* ---- the whole request ---- */

/* What the members say by themselves; the entries of indexes apart. */
static bool plan_members(struct request *request, struct table_update *update)
{
    const struct cJSON *stream = json_member(request->input, "StreamSpecification");
    const struct cJSON *encryption = json_member(request->input, "SSESpecification");
    const struct cJSON *definitions = json_member(request->input, "AttributeDefinitions");
    update->throughput = json_member(request->input, "ProvisionedThroughput");
    const struct cJSON *on_demand = json_member(request->input, "OnDemandThroughput");
    const struct cJSON *warm = json_member(request->input, "WarmThroughput");
    update->on_demand = on_demand_limits_are_given(on_demand) ? on_demand : NULL;
    update->warm = warm_throughput_is_given(warm) ? warm : NULL;
    update->has_billing = request_has(request, "BillingMode");
    update->wants_on_demand =
        shape_text_is(json_member(request->input, "BillingMode"), "PAY_PER_REQUEST");
    update->has_stream = stream != NULL;
    update->has_encryption = encryption != NULL;
    update->has_protection = request_has(request, "DeletionProtectionEnabled");
    update->wants_protection = request_boolean(request, "DeletionProtectionEnabled");
    update->has_definitions = definitions != NULL;
    definitions_of_json(request, definitions, &update->definitions);
    return check_warm_entries(request) && table_update_check_combination(request, update) &&
           (stream == NULL || stream_of_json(request, stream, false, &update->stream)) &&
           (encryption == NULL || encryption_of_json(request, encryption, &update->encryption)) &&
           table_class_of_request(request, &update->table_class);
}

static bool check_billing(struct request *request, const struct table_update *update)
{
    if (update->has_billing && !update->wants_on_demand && update->throughput == NULL) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "ProvisionedThroughput must be specified when BillingMode is "
                        "PROVISIONED");
    }
    if (update->has_billing && update->wants_on_demand && update->throughput != NULL) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "ProvisionedThroughput cannot be specified when BillingMode "
                        "is PAY_PER_REQUEST");
    }
    return true;
}

/* One server, one region. */
static bool check_replicas(struct request *request)
{
    return !request_has(request, "ReplicaUpdates") ||
           api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER "Replicas cannot be created, updated or deleted: this server "
                                      "stands for one region");
}

static bool prepare(struct request *request)
{
    struct table_update *update = arena_alloc_zero(request->arena, sizeof *update);
    request->plan = update;
    return plan_members(request, update) &&
           (!table_update_has_entries(request) ||
            plan_entries(request, json_member(request->input, "GlobalSecondaryIndexUpdates"),
                         update)) &&
           check_billing(request, update) && check_replicas(request);
}

/* Last, since it writes: nothing can be refused after it. */
static void begin_new_index(struct request *request, struct table_definition *table)
{
    struct index_definition *last =
        table->index_count > 0 ? &table->indexes[table->index_count - 1] : NULL;
    if (last != NULL && last->database == 0) {
        index_begin_create(request->txn, table, last, &request->storage->durations,
                           request->now_ms);
    }
}

static void drop_removed_limits(struct table_definition *table)
{
    capacity_drop_removed(&table->capacity);
    for (size_t i = 0; i < table->index_count; i++) {
        capacity_drop_removed(&table->indexes[i].capacity);
    }
}

/*
 * On-demand asked for again while the table becomes provisioned: that goes on, though the reply
 * reads as if it did not (measured).
 */
static const struct table_definition *described(struct request *request,
                                                const struct table_update *update,
                                                const struct table_definition *table)
{
    if (!update->has_billing || table_update_touches_iops(update, table) ||
        !table->billing.is_switching) {
        return table;
    }
    struct table_definition *copy = arena_alloc(request->arena, sizeof *copy);
    *copy = *table;
    copy->billing.is_switching = false;
    copy->capacity.throughput.read_units = 0;
    copy->capacity.throughput.write_units = 0;
    return copy;
}

static bool run(struct request *request)
{
    const struct table_update *update = request->plan;
    struct table_definition *table = request_table(request, request_table_name(request));
    if (table == NULL || !table_admits_update(request, table, update)) {
        return false;
    }
    /* The indexes first: they go by the billing mode that the table comes from. */
    const char *status = table_update_reply_status(update, table);
    if (!index_updates_apply(request, update, table) ||
        !table_update_apply(request, update, table)) {
        return false;
    }
    begin_new_index(request, table);
    struct description description = { .table = described(request, update, table),
                                       .reader = DESCRIBE_FOR_UPDATE,
                                       .status = status,
                                       .now_ms = request->now_ms };
    json_open_object(&request->writer);
    json_write_key(&request->writer, "TableDescription");
    table_description_write(&request->writer, &description);
    json_close_object(&request->writer);
    drop_removed_limits(table);
    table_settle(request->txn, request->arena, table, &request->storage->durations,
                 request->storage->throttle, request->now_ms);
    return true;
}

const struct operation OPERATION_UPDATE_TABLE = {
    .name = "UpdateTable",
    .access = ACCESS_DEFINE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
