#include "api/tables/index_update.h"

#include "api/internal.h"
#include "api/limits.h"
#include "api/tables/capacity_input.h"
#include "storage/table/lifecycle.h"
#include "storage/table/table_changes.h"

#include <string.h>

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

static bool plan_new_capacity(struct request *request,
                              const struct cJSON *input,
                              bool is_on_demand,
                              struct index_definition *index)
{
    const struct cJSON *throughput = json_member(input, "ProvisionedThroughput");
    if (throughput == NULL && !is_on_demand) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Both ReadCapacityUnits and WriteCapacityUnits must be "
                                          "specified for index: %.*s",
                        BYTES_ARGUMENTS(index->name));
    }
    if (throughput != NULL && is_on_demand) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Neither ReadCapacityUnits nor WriteCapacityUnits can be "
                                          "specified for index: %.*s when BillingMode is "
                                          "PAY_PER_REQUEST",
                        BYTES_ARGUMENTS(index->name));
    }
    struct capacity *capacity = &index->capacity;
    return (throughput == NULL || throughput_of_json(request, throughput, &capacity->throughput)) &&
           capacity_of_json(request, input, is_on_demand, index->name, capacity) &&
           capacity_check_quotas(request, capacity, index->name);
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
                         const struct table_update *update,
                         const struct index_change *change,
                         struct table_definition *table)
{
    struct index_definition index = { .name = change->index_name };
    if (table_find_index(table, change->index_name) != NULL) {
        return api_fail(request, API_VALIDATION,
                        "Attempting to create an index which already exists");
    }
    if (!update->has_definitions) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "AttributeDefinitions is not specified for index: %.*s",
                        BYTES_ARGUMENTS(change->index_name));
    }
    if (!key_schema_of_json(request, json_member(change->input, "KeySchema"), &update->definitions,
                            KEY_OF_GSI, &index.key) ||
        !check_same_types(request, table, &index.key) ||
        !projection_of_json(request, json_member(change->input, "Projection"), &index) ||
        !plan_new_capacity(request, change->input, table_update_is_on_demand(update, table),
                           &index) ||
        !check_room(request, table, &index)) {
        return false;
    }
    merge_definitions(request, table, &index.key);
    table->indexes[table->index_count++] = index;
    return true;
}

/* ---- Delete, Update ---- */

static struct index_definition *
find_gsi(struct request *request, struct table_definition *table, const struct index_change *change)
{
    struct index_definition *index = table_find_index(table, change->index_name);
    if (index == NULL) {
        (void)api_fail(request, API_RESOURCE_NOT_FOUND,
                       "Requested resource not found: Index %.*s for table %.*s",
                       BYTES_ARGUMENTS(change->index_name), BYTES_ARGUMENTS(table->name));
        return NULL;
    }
    if (index->is_local) {
        (void)api_fail(request, API_VALIDATION,
                       "Cannot %s an index that is not a GlobalSecondaryIndex: %.*s",
                       change->action == INDEX_ACTION_DELETE ? "delete" : "update",
                       BYTES_ARGUMENTS(change->index_name));
        return NULL;
    }
    return index;
}

static bool update_throughput(struct request *request,
                              const struct cJSON *node,
                              bool is_switching,
                              struct index_definition *index)
{
    const struct durations *durations = &request->storage->durations;
    struct throughput wanted;
    if (!throughput_of_json(request, node, &wanted)) {
        return false;
    }
    if (!(is_switching ? throughput_check_maximum(request, wanted, index->name)
                       : throughput_check_change(request, &index->capacity.throughput, wanted,
                                                 index->name))) {
        return false;
    }
    if (is_switching) {
        index_begin_switch(index, wanted, durations, request->now_ms);
    } else {
        index_begin_update(index, wanted, durations, request->now_ms);
    }
    return true;
}

static bool
update_warm(struct request *request, const struct cJSON *node, struct index_definition *index)
{
    struct warm_throughput wanted;
    if (!warm_throughput_of_change(request, node, index->name, &index->capacity, &wanted)) {
        return false;
    }
    capacity_begin_warm(&index->capacity, wanted.pending_read_units, wanted.pending_write_units,
                        &request->storage->durations, request->now_ms);
    return true;
}

static bool update_on_demand(struct request *request,
                             const struct cJSON *node,
                             bool is_on_demand,
                             struct index_definition *index)
{
    if (!on_demand_limits_merge(request, node, is_on_demand, index->name, &index->capacity)) {
        return false;
    }
    index_begin_on_demand_update(index, &request->storage->durations, request->now_ms);
    return true;
}

/* An entry with nothing in it asks for the throughput that is there already. */
static bool
update_nothing(struct request *request, bool is_on_demand, const struct index_definition *index)
{
    if (!is_on_demand) {
        const struct throughput *current = &index->capacity.throughput;
        return throughput_check_change(request, current, *current, index->name);
    }
    return api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER
                    "The only Updates for index: %.*s when TableThroughputMode is "
                    "PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput",
                    BYTES_ARGUMENTS(index->name));
}

static bool update_index(struct request *request,
                         const struct table_update *update,
                         const struct index_change *change,
                         struct table_definition *table)
{
    const struct cJSON *throughput = json_member(change->input, "ProvisionedThroughput");
    const struct cJSON *on_demand = json_member(change->input, "OnDemandThroughput");
    const struct cJSON *warm = json_member(change->input, "WarmThroughput");
    bool has_limits = on_demand_limits_are_given(on_demand);
    bool is_on_demand = table_update_is_on_demand(update, table);
    if (warm != NULL && table_find_index(table, change->index_name) == NULL) {
        return api_fail(request, API_INTERNAL_FAILURE, "%s", ""); /* measured */
    }
    struct index_definition *index = find_gsi(request, table, change);
    if (index == NULL) {
        return false;
    }
    if ((throughput != NULL && is_on_demand) ||
        (throughput == NULL && !has_limits && warm == NULL)) {
        return update_nothing(request, is_on_demand, index);
    }
    return (throughput == NULL ||
            update_throughput(request, throughput, table_update_provisions(update, table),
                              index)) &&
           (!has_limits || update_on_demand(request, on_demand, is_on_demand, index)) &&
           (warm == NULL || update_warm(request, warm, index));
}

static bool delete_index(struct request *request,
                         const struct index_change *change,
                         struct table_definition *table)
{
    struct index_definition *index = find_gsi(request, table, change);
    if (index == NULL) {
        return false;
    }
    index_begin_delete(index, &request->storage->durations, request->now_ms);
    return true;
}

/* ---- all together ---- */

static bool apply_change(struct request *request,
                         const struct table_update *update,
                         const struct index_change *change,
                         struct table_definition *table)
{
    switch (change->action) {
    case INDEX_ACTION_CREATE:
        return create_index(request, update, change, table);
    case INDEX_ACTION_UPDATE:
        return update_index(request, update, change, table);
    case INDEX_ACTION_DELETE:
        break;
    }
    return delete_index(request, change, table);
}

bool index_updates_apply(struct request *request,
                         const struct table_update *update,
                         struct table_definition *table)
{
    bool applied = true;
    for (size_t i = 0; applied && i < update->index_count; i++) {
        applied = apply_change(request, update, &update->indexes[i], table);
    }
    return applied;
}
