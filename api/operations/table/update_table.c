/*
 * UpdateTable: creates, deletes and re-provisions global secondary indexes, and switches deletion
 * protection. The order of checks is the service's: what may be combined, each entry's form, the
 * table, what its state and its indexes' admit (index_admission.h), then each entry on its own.
 *
 * An Update entry has no Projection or KeySchema: sent raw they are unknown members and ignored, so
 * no call ever changes a projection in place.
 */

#include "api/internal.h"
#include "api/limits.h"
#include "api/operations.h"
#include "api/tables/index_admission.h"
#include "api/tables/table_description.h"
#include "api/tables/table_input.h"
#include "storage/table/lifecycle.h"

#include <string.h>

static const struct member UPDATE_MEMBERS[] = {
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "ProvisionedThroughput", &SHAPE_THROUGHPUT, OPTIONAL },
};
static const struct shape UPDATE =
    SHAPE_STRUCTURE_OF("UpdateGlobalSecondaryIndexAction", UPDATE_MEMBERS);
static const struct member CREATE_MEMBERS[] = {
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "KeySchema", &SHAPE_GSI_KEY_SCHEMA, REQUIRED },
    { "Projection", &SHAPE_PROJECTION, REQUIRED },
    { "ProvisionedThroughput", &SHAPE_THROUGHPUT, OPTIONAL },
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

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
    { "AttributeDefinitions", &SHAPE_ATTRIBUTE_DEFINITIONS, OPTIONAL },
    { "GlobalSecondaryIndexUpdates", &ENTRIES, OPTIONAL },
    { "DeletionProtectionEnabled", &SHAPE_ANY_BOOLEAN, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UpdateTableInput", MEMBERS);

struct plan {
    struct index_change *entries;
    size_t entry_count;
    struct definitions definitions;
    bool has_definitions;
};

/* ---- before the table is looked at ---- */

static bool
plan_entry(struct request *request, const struct cJSON *node, struct index_change *out_entry)
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
            *out_entry = (struct index_change){
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

static bool check_one_entry_per_index(struct request *request, const struct plan *plan)
{
    for (size_t i = 0; i < plan->entry_count; i++) {
        for (size_t j = 0; j < i; j++) {
            struct bytes name = plan->entries[i].index_name;
            if (bytes_equal(name, plan->entries[j].index_name)) {
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

static bool plan_entries(struct request *request, const struct cJSON *list, struct plan *plan)
{
    enum { ENTRIES_ABSURD = 1000 };
    size_t count = json_count(list);
    if (count == 0) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "List of GlobalSecondaryIndexUpdates is empty");
    }
    if (count > ENTRIES_ABSURD) {
        return api_fail(request, API_LIMIT_EXCEEDED, ONE_ONLINE_INDEX);
    }
    plan->entries = arena_alloc(request->arena, count * sizeof *plan->entries);
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        if (!plan_entry(request, node, &plan->entries[plan->entry_count])) {
            return false;
        }
        plan->entry_count++;
    }
    return check_one_entry_per_index(request, plan);
}

static bool prepare(struct request *request)
{
    struct plan *plan = arena_alloc_zero(request->arena, sizeof *plan);
    const struct cJSON *list = json_member(request->input, "GlobalSecondaryIndexUpdates");
    const struct cJSON *definitions = json_member(request->input, "AttributeDefinitions");
    bool has_protection = request_has(request, "DeletionProtectionEnabled");
    if (!has_protection && (list == NULL || json_count(list) == 0)) {
        return api_fail(request, API_VALIDATION,
                        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                        "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
                        "MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
                        "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or "
                        "TableClass is required");
    }
    if (has_protection && list != NULL && json_count(list) > 0) {
        return api_fail(
            request, API_VALIDATION,
            INVALID_PARAMETER
            "DeletionProtection modification must be the only operation in the request");
    }
    if (list != NULL && !plan_entries(request, list, plan)) {
        return false;
    }
    plan->has_definitions = definitions != NULL;
    definitions_of_json(request, definitions, &plan->definitions);
    request->plan = plan;
    return true;
}

/* ---- Create ---- */

static const struct key_attribute *find_attribute(const struct table_definition *table,
                                                  struct bytes name)
{
    for (size_t i = 0; i < table->attribute_count; i++) {
        if (bytes_equal(table->attributes[i].name, name)) {
            return &table->attributes[i];
        }
    }
    return NULL;
}

static void append_schema(struct buffer *to,
                          const struct key_schema *key,
                          size_t place,
                          enum attribute_type type)
{
    buffer_append_text(to, "Schema:[SchemaElement: key{");
    buffer_append_bytes(to, key->attributes[place].name);
    buffer_append_format(to, ":%s:%s}]", attribute_type_name(type),
                         place < key->partition_count ? "HASH" : "RANGE");
}

/* A key attribute of the new index that the table knows already must keep its type. */
static bool check_same_types(struct request *request,
                             const struct table_definition *table,
                             const struct key_schema *key)
{
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        const struct key_attribute *known = find_attribute(table, key->attributes[i].name);
        if (known != NULL && known->type != key->attributes[i].type) {
            struct buffer text;
            buffer_init(&text, request->arena, 256);
            buffer_append_text(&text, INVALID_PARAMETER
                               "Attributes cannot be redefined. Please check that "
                               "your attribute has the same type as previously "
                               "defined. Existing schema: ");
            append_schema(&text, key, i, known->type);
            buffer_append_text(&text, " New schema: ");
            append_schema(&text, key, i, key->attributes[i].type);
            return api_fail(request, API_VALIDATION, "%.*s", BYTES_ARGUMENTS(buffer_view(&text)));
        }
    }
    return true;
}

/* The table's definitions and the new key's, ascending; what else was sent is ignored. */
static void merge_definitions(struct request *request,
                              struct table_definition *table,
                              const struct key_schema *key)
{
    struct definitions merged;
    merged.attributes = arena_alloc(request->arena, (table->attribute_count + KEY_ATTRIBUTES_MAX) *
                                                        sizeof *merged.attributes);
    memcpy(merged.attributes, table->attributes,
           table->attribute_count * sizeof *merged.attributes);
    merged.count = table->attribute_count;
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        if (find_attribute(table, key->attributes[i].name) == NULL) {
            merged.attributes[merged.count++] = key->attributes[i];
        }
    }
    definitions_sort(&merged);
    table->attributes = merged.attributes;
    table->attribute_count = merged.count;
}

static bool plan_new_throughput(struct request *request,
                                const struct index_change *entry,
                                const struct table_definition *table,
                                struct index_definition *index)
{
    const struct cJSON *throughput = json_member(entry->input, "ProvisionedThroughput");
    if (throughput == NULL && !table->is_on_demand) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Both ReadCapacityUnits and WriteCapacityUnits must be "
                                          "specified for index: %.*s",
                        BYTES_ARGUMENTS(index->name));
    }
    if (throughput != NULL && table->is_on_demand) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Neither ReadCapacityUnits nor WriteCapacityUnits can be "
                                          "specified for index: %.*s when BillingMode is "
                                          "PAY_PER_REQUEST",
                        BYTES_ARGUMENTS(index->name));
    }
    return throughput == NULL || throughput_of_json(request, throughput, &index->throughput);
}

static bool check_room(struct request *request,
                       const struct table_definition *table,
                       const struct index_definition *added)
{
    size_t gsis = 1;
    size_t projected = added->non_key_count;
    for (size_t i = 0; i < table->index_count; i++) {
        gsis += !table->indexes[i].is_local;
        projected += table->indexes[i].non_key_count;
    }
    if (gsis > LIMIT_GSI_COUNT) {
        return api_fail(request, API_LIMIT_EXCEEDED,
                        "Subscriber limit exceeded: Number of global secondary indexes exceeds "
                        "per-table limit of %d",
                        LIMIT_GSI_COUNT);
    }
    if (projected > LIMIT_NON_KEY_ATTRIBUTES_TOTAL) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Number of NonKeyAttributes across all secondary indexes "
                                          "exceeds the per-table limit of %d",
                        LIMIT_NON_KEY_ATTRIBUTES_TOTAL);
    }
    return true;
}

static bool create_index(struct request *request,
                         const struct plan *plan,
                         const struct index_change *entry,
                         struct table_definition *table)
{
    struct index_definition index = { .name = entry->index_name };
    if (table_find_index(table, entry->index_name) != NULL) {
        return api_fail(request, API_VALIDATION,
                        "Attempting to create an index which already exists");
    }
    if (!plan->has_definitions) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "AttributeDefinitions is not specified for index: %.*s",
                        BYTES_ARGUMENTS(entry->index_name));
    }
    if (!key_schema_of_json(request, json_member(entry->input, "KeySchema"), &plan->definitions,
                            KEY_OF_GSI, &index.key) ||
        !check_same_types(request, table, &index.key) ||
        !projection_of_json(request, json_member(entry->input, "Projection"), &index) ||
        !plan_new_throughput(request, entry, table, &index) ||
        !check_room(request, table, &index)) {
        return false;
    }
    merge_definitions(request, table, &index.key);
    index_begin_create(request->txn, &index, &request->storage->durations, request->now_ms);
    table->indexes[table->index_count++] = index;
    return true;
}

/* ---- Delete, Update ---- */

static struct index_definition *
find_gsi(struct request *request, struct table_definition *table, const struct index_change *entry)
{
    struct index_definition *index = table_find_index(table, entry->index_name);
    if (index == NULL) {
        (void)api_fail(request, API_RESOURCE_NOT_FOUND,
                       "Requested resource not found: Index %.*s for table %.*s",
                       BYTES_ARGUMENTS(entry->index_name), BYTES_ARGUMENTS(table->name));
        return NULL;
    }
    if (index->is_local) {
        (void)api_fail(request, API_VALIDATION,
                       "Cannot %s an index that is not a GlobalSecondaryIndex: %.*s",
                       entry->action == INDEX_ACTION_DELETE ? "delete" : "update",
                       BYTES_ARGUMENTS(entry->index_name));
        return NULL;
    }
    return index;
}

static bool fail_unchanged(struct request *request,
                           const struct index_definition *index,
                           struct throughput wanted)
{
    return api_fail(
        request, API_VALIDATION,
        "The provisioned throughput for the index %.*s will not change. The requested value equals "
        "the current value. Current ReadCapacityUnits provisioned for the index: %lld. Requested "
        "ReadCapacityUnits: %lld. Current WriteCapacityUnits provisioned for the index: %lld. "
        "Requested WriteCapacityUnits: %lld. Refer to the Amazon DynamoDB Developer Guide for "
        "current "
        "limits and how to request higher limits.",
        BYTES_ARGUMENTS(index->name), (long long)index->throughput.read_units,
        (long long)wanted.read_units, (long long)index->throughput.write_units,
        (long long)wanted.write_units);
}

static void note_change(struct throughput *throughput, struct throughput before, int64_t now_ms)
{
    throughput->last_increase_ms = before.last_increase_ms;
    throughput->last_decrease_ms = before.last_decrease_ms;
    throughput->decreases_today = before.decreases_today;
    if (throughput->read_units > before.read_units ||
        throughput->write_units > before.write_units) {
        throughput->last_increase_ms = now_ms;
    }
    if (throughput->read_units < before.read_units ||
        throughput->write_units < before.write_units) {
        throughput->last_decrease_ms = now_ms;
        throughput->decreases_today++;
    }
}

static bool update_index(struct request *request,
                         const struct index_change *entry,
                         struct table_definition *table)
{
    struct index_definition *index = find_gsi(request, table, entry);
    if (index == NULL) {
        return false;
    }
    const struct cJSON *throughput = json_member(entry->input, "ProvisionedThroughput");
    if (table->is_on_demand) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "The only Updates for index: %.*s when TableThroughputMode is "
                        "PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput",
                        BYTES_ARGUMENTS(index->name));
    }
    struct throughput wanted = index->throughput;
    if (throughput != NULL && !throughput_of_json(request, throughput, &wanted)) {
        return false;
    }
    if (wanted.read_units == index->throughput.read_units &&
        wanted.write_units == index->throughput.write_units) {
        return fail_unchanged(request, index, wanted);
    }
    note_change(&wanted, index->throughput, request->now_ms);
    if (index->phase == INDEX_BACKFILLING) {
        index->throughput = wanted; /* the build goes on and the index stays CREATING */
        return true;
    }
    index_begin_update(index, wanted, &request->storage->durations, request->now_ms);
    return true;
}

static bool delete_index(struct request *request,
                         const struct index_change *entry,
                         struct table_definition *table)
{
    struct index_definition *index = find_gsi(request, table, entry);
    if (index == NULL) {
        return false;
    }
    index_begin_delete(index, &request->storage->durations, request->now_ms);
    return true;
}

/* ---- all together ---- */

static bool
apply_entries(struct request *request, const struct plan *plan, struct table_definition *table)
{
    bool applied = true;
    for (size_t i = 0; applied && i < plan->entry_count; i++) {
        const struct index_change *entry = &plan->entries[i];
        switch (entry->action) {
        case INDEX_ACTION_CREATE:
            applied = create_index(request, plan, entry, table);
            break;
        case INDEX_ACTION_UPDATE:
            applied = update_index(request, entry, table);
            break;
        case INDEX_ACTION_DELETE:
            applied = delete_index(request, entry, table);
            break;
        }
    }
    return applied;
}

static bool run(struct request *request)
{
    const struct plan *plan = request->plan;
    struct table_definition *table = request_table(request, request_table_name(request));
    if (table == NULL || !index_admission_check(request, table, plan->entries, plan->entry_count) ||
        !apply_entries(request, plan, table)) {
        return false;
    }
    if (request_has(request, "DeletionProtectionEnabled")) {
        table->is_deletion_protected = request_boolean(request, "DeletionProtectionEnabled");
    }
    json_open_object(&request->writer);
    json_write_key(&request->writer, "TableDescription");
    table_description_write(&request->writer, table, DESCRIBE_FOR_UPDATE);
    json_close_object(&request->writer);
    table_settle(request->txn, request->arena, table, &request->storage->durations,
                 request->now_ms);
    return true;
}

const struct operation OPERATION_UPDATE_TABLE = {
    .name = "UpdateTable",
    .access = ACCESS_DEFINE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
