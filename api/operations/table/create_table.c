/*
 * CreateTable. The order of the hand-written checks is the service's: billing mode, the table's
 * keys, unused definitions, empty lists, every LSI, every GSI, the sum of projected attributes,
 * stream, encryption, class, capacity; then whether the name is free, and the account's quotas.
 */

#include "api/internal.h"
#include "api/limits.h"
#include "api/operations.h"
#include "api/tables/capacity_input.h"
#include "api/tables/new_indexes.h"
#include "api/tables/new_settings.h"
#include "api/tables/settings_input.h"
#include "api/tables/table_description.h"
#include "api/tables/table_input.h"
#include "storage/base/identifier.h"
#include "storage/table/lifecycle.h"

#include <string.h>

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_NEW_TABLE_NAME, REQUIRED_FIRST },
    { "AttributeDefinitions", &SHAPE_ATTRIBUTE_DEFINITIONS, REQUIRED },
    { "BillingMode", &SHAPE_BILLING_MODE, OPTIONAL },
    { "ProvisionedThroughput", &SHAPE_THROUGHPUT, OPTIONAL },
    { "KeySchema", &SHAPE_TABLE_KEY_SCHEMA, REQUIRED },
    { "GlobalSecondaryIndexes", &SHAPE_NEW_GSIS, OPTIONAL },
    { "LocalSecondaryIndexes", &SHAPE_NEW_LSIS, OPTIONAL },
    { "StreamSpecification", &SHAPE_STREAM_SPECIFICATION, OPTIONAL },
    { "SSESpecification", &SHAPE_SSE_SPECIFICATION, OPTIONAL },
    { "TableClass", &SHAPE_ANY_STRING, OPTIONAL },
    { "DeletionProtectionEnabled", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "OnDemandThroughput", &SHAPE_ON_DEMAND_THROUGHPUT, OPTIONAL },
    { "WarmThroughput", &SHAPE_WARM_THROUGHPUT, OPTIONAL },
    { "Tags", &SHAPE_TAGS, OPTIONAL },
    { "ResourcePolicy", &SHAPE_ANY_STRING, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("CreateTableInput", MEMBERS);

struct plan {
    struct table_definition table;
    struct new_settings settings;
};

static bool plan_billing(struct request *request, struct table_definition *table)
{
    const struct cJSON *throughput = json_member(request->input, "ProvisionedThroughput");
    bool is_on_demand =
        shape_text_is(json_member(request->input, "BillingMode"), "PAY_PER_REQUEST");
    if (is_on_demand && throughput != NULL) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Neither ReadCapacityUnits nor WriteCapacityUnits can be "
                                          "specified when BillingMode is PAY_PER_REQUEST");
    }
    if (!is_on_demand && throughput == NULL) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "ReadCapacityUnits and WriteCapacityUnits must both be "
                                          "specified when BillingMode is PROVISIONED");
    }
    if (is_on_demand) {
        table->billing = (struct billing){ .is_on_demand = true,
                                           .was_on_demand = true,
                                           .on_demand_since_ms = request->now_ms };
        return true;
    }
    return throughput_of_json(request, throughput, &table->capacity.throughput);
}

static bool check_duplicate_definitions(struct request *request,
                                        const struct definitions *definitions)
{
    struct definitions sorted = *definitions;
    size_t size = definitions->count * sizeof *definitions->attributes;
    sorted.attributes = arena_alloc(request->arena, size);
    memcpy(sorted.attributes, definitions->attributes, size);
    definitions_sort(&sorted);
    for (size_t i = 1; i < sorted.count; i++) {
        if (bytes_equal(sorted.attributes[i].name, sorted.attributes[i - 1].name)) {
            return api_fail(request, API_VALIDATION, "Attribute Name is duplicated: %.*s",
                            BYTES_ARGUMENTS(sorted.attributes[i].name));
        }
    }
    return true;
}

static size_t add_name(struct bytes *names, size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(names[i], name)) {
            return count;
        }
    }
    names[count] = name;
    return count + 1;
}

static size_t add_names_of(struct request *request,
                           const struct cJSON *key_schema,
                           struct bytes *names,
                           size_t count)
{
    for (const struct cJSON *one = json_first(key_schema); one != NULL; one = json_next(one)) {
        struct bytes name = json_text(request->arena, json_member(one, "AttributeName"));
        count = add_name(names, count, name);
    }
    return count;
}

/* The names of all key attributes of table and indexes, each once, in the order met; room for one
 * more behind them. */
static size_t key_names(struct request *request, struct bytes **out_names, bool *out_has_indexes)
{
    static const char *const lists[] = { "LocalSecondaryIndexes", "GlobalSecondaryIndexes" };
    const struct cJSON *table_key = json_member(request->input, "KeySchema");
    size_t room = json_count(table_key);
    *out_has_indexes = false;
    for (size_t i = 0; i < 2; i++) {
        const struct cJSON *list = json_member(request->input, lists[i]);
        *out_has_indexes |= list != NULL;
        for (const struct cJSON *one = list != NULL ? json_first(list) : NULL; one != NULL;
             one = json_next(one)) {
            room += json_count(json_member(one, "KeySchema"));
        }
    }
    *out_names = arena_alloc(request->arena, (room + 1) * sizeof **out_names);
    size_t count = add_names_of(request, table_key, *out_names, 0);
    for (size_t i = 0; i < 2; i++) {
        const struct cJSON *list = json_member(request->input, lists[i]);
        for (const struct cJSON *one = list != NULL ? json_first(list) : NULL; one != NULL;
             one = json_next(one)) {
            count = add_names_of(request, json_member(one, "KeySchema"), *out_names, count);
        }
    }
    return count;
}

static bool check_unused_definitions(struct request *request, const struct definitions *definitions)
{
    struct bytes *used;
    bool has_indexes;
    size_t used_count = key_names(request, &used, &has_indexes);
    bool all_used = true;
    struct bytes *defined = arena_alloc(request->arena, definitions->count * sizeof *defined);
    for (size_t i = 0; i < definitions->count; i++) {
        defined[i] = definitions->attributes[i].name;
        all_used = all_used && add_name(used, used_count, defined[i]) == used_count;
    }
    if (all_used) {
        return true;
    }
    if (!has_indexes) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "Number of attributes in KeySchema does not exactly match "
                        "number of attributes defined in AttributeDefinitions");
    }
    struct bytes defined_text = names_text(request->arena, defined, definitions->count);
    struct bytes used_text = names_text(request->arena, used, used_count);
    return api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER
                    "Some AttributeDefinitions are not used. AttributeDefinitions: "
                    "%.*s, keys used: %.*s",
                    BYTES_ARGUMENTS(defined_text), BYTES_ARGUMENTS(used_text));
}

/* ---- settings and limits ---- */

static bool plan_stream(struct request *request, struct table_definition *table)
{
    const struct cJSON *node = json_member(request->input, "StreamSpecification");
    struct stream_input stream;
    if (node == NULL) {
        return true;
    }
    if (!stream_of_json(request, node, true, &stream)) {
        return false;
    }
    if (stream.is_enabled) {
        table->stream = (struct stream_settings){ .is_enabled = true,
                                                  .view = stream.view,
                                                  .label_ms = request->now_ms };
    }
    return true;
}

static bool plan_encryption(struct request *request, struct table_definition *table)
{
    const struct cJSON *node = json_member(request->input, "SSESpecification");
    struct encryption_input encryption;
    if (node == NULL) {
        return true;
    }
    if (!encryption_of_json(request, node, &encryption)) {
        return false;
    }
    if (encryption.is_enabled) {
        table->encryption =
            (struct encryption){ .is_enabled = true, .key_arn = encryption.key_arn };
    }
    return true;
}

/* Of the table, then of every global index in the order of the list. */
static bool plan_capacity(struct request *request, struct table_definition *table)
{
    bool is_on_demand = table->billing.is_on_demand;
    const struct cJSON *gsis = json_member(request->input, "GlobalSecondaryIndexes");
    bool planned =
        capacity_of_json(request, request->input, is_on_demand, BYTES(""), &table->capacity);
    size_t place = table->index_count - (gsis != NULL ? json_count(gsis) : 0); /* after the LSIs */
    for (const struct cJSON *node = gsis != NULL ? json_first(gsis) : NULL; planned && node != NULL;
         node = json_next(node)) {
        struct index_definition *index = &table->indexes[place++];
        planned = capacity_of_json(request, node, is_on_demand, index->name, &index->capacity);
    }
    return planned;
}

static bool check_quotas(struct request *request, const struct table_definition *table)
{
    bool within = capacity_check_quotas(request, &table->capacity, BYTES(""));
    for (size_t i = 0; within && i < table->index_count; i++) {
        const struct index_definition *index = &table->indexes[i];
        within = capacity_check_quotas(request, &index->capacity, index->name);
    }
    return within;
}

static bool prepare(struct request *request)
{
    struct plan *plan = arena_alloc_zero(request->arena, sizeof *plan);
    struct table_definition *table = &plan->table;
    struct definitions definitions;
    definitions_of_json(request, json_member(request->input, "AttributeDefinitions"), &definitions);
    table_set_name(table, request_qualified_name(request, request_text(request, "TableName")));
    table->region = request->region;
    table->account = request->account;
    table->is_deletion_protected = request_boolean(request, "DeletionProtectionEnabled");
    if (!new_indexes_check_counts(request) || !plan_billing(request, table) ||
        !key_schema_of_json(request, json_member(request->input, "KeySchema"), &definitions,
                            KEY_OF_TABLE, &table->key) ||
        !check_duplicate_definitions(request, &definitions) ||
        !check_unused_definitions(request, &definitions) ||
        !new_indexes_of_request(request, &definitions, table) || !plan_stream(request, table) ||
        !plan_encryption(request, table) ||
        !table_class_of_request(request, &table->table_class.value) ||
        !plan_capacity(request, table) || !new_settings_of_request(request, &plan->settings)) {
        return false;
    }
    definitions_sort(&definitions);
    table->attributes = definitions.attributes;
    table->attribute_count = definitions.count;
    request->plan = plan;
    return true;
}

static bool run(struct request *request)
{
    const struct new_settings *settings = &((const struct plan *)request->plan)->settings;
    const struct table_definition *plan = &((const struct plan *)request->plan)->table;
    const struct table_definition *existing =
        catalog_find(request->txn, request->arena, plan->qualified_name);
    if (existing != NULL) {
        return api_fail(request, API_RESOURCE_IN_USE,
                        existing->status == TABLE_CREATING ? IN_USE "Table is being created: %.*s"
                                                           : "Table already exists: %.*s",
                        BYTES_ARGUMENTS(plan->name));
    }
    if (!check_quotas(request, plan)) {
        return false;
    }
    const struct durations *durations = &request->storage->durations;
    struct table_definition *table = arena_alloc(request->arena, sizeof *table);
    *table = *plan;
    table->indexes = arena_alloc(request->arena, (plan->index_count + 1) * sizeof *table->indexes);
    memcpy(table->indexes, plan->indexes, plan->index_count * sizeof *table->indexes);
    table->id = identifier_uuid(request->arena);
    table_begin_create(request->txn, table, durations, request->now_ms);
    struct description description = { .table = table,
                                       .reader = DESCRIBE_FOR_CREATE,
                                       .now_ms = request->now_ms };
    json_open_object(&request->writer);
    json_write_key(&request->writer, "TableDescription");
    table_description_write(&request->writer, &description);
    json_close_object(&request->writer);
    new_settings_put(request, table, settings);
    table_settle(request->txn, request->arena, table, durations, request->storage->throttle,
                 request->now_ms);
    return true;
}

const struct operation OPERATION_CREATE_TABLE = {
    .name = "CreateTable",
    .access = ACCESS_DEFINE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
