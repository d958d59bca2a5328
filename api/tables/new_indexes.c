#include "api/tables/new_indexes.h"

#include "api/limits.h"
#include "api/tables/capacity_input.h"

static const struct member LSI_MEMBERS[] = {
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "KeySchema", &SHAPE_TABLE_KEY_SCHEMA, REQUIRED },
    { "Projection", &SHAPE_PROJECTION, REQUIRED },
};
static const struct shape LSI = SHAPE_STRUCTURE_OF("LocalSecondaryIndex", LSI_MEMBERS);
const struct shape SHAPE_NEW_LSIS = { .kind = SHAPE_LIST, .element = &LSI };

static const struct member GSI_MEMBERS[] = {
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "KeySchema", &SHAPE_GSI_KEY_SCHEMA, REQUIRED },
    { "Projection", &SHAPE_PROJECTION, REQUIRED },
    { "ProvisionedThroughput", &SHAPE_THROUGHPUT, OPTIONAL },
    { "OnDemandThroughput", &SHAPE_ON_DEMAND_THROUGHPUT, OPTIONAL },
    { "WarmThroughput", &SHAPE_WARM_THROUGHPUT, OPTIONAL },
};
static const struct shape GSI = SHAPE_STRUCTURE_OF("GlobalSecondaryIndex", GSI_MEMBERS);
const struct shape SHAPE_NEW_GSIS = { .kind = SHAPE_LIST, .element = &GSI };

static bool fail_lsi_count(struct request *request)
{
    return api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER
                    "Number of LocalSecondaryIndexes exceeds per-table limit of %d",
                    LIMIT_LSI_COUNT);
}

static bool fail_gsi_count(struct request *request)
{
    return api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER
                    "GlobalSecondaryIndex count exceeds the per-table limit of %d",
                    LIMIT_GSI_COUNT);
}

static bool check_new_name(struct request *request,
                           struct table_definition *table,
                           const struct index_definition *index)
{
    if (table_find_index(table, index->name) != NULL) {
        return api_fail(request, API_VALIDATION, INVALID_PARAMETER "Duplicate index name: %.*s",
                        BYTES_ARGUMENTS(index->name));
    }
    return true;
}

/* ---- local ---- */

static bool check_lsi_key(struct request *request,
                          const struct table_definition *table,
                          const struct index_definition *index)
{
    if (index->key.sort_count == 0) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "Index KeySchema does not have a range key for index: %.*s",
                        BYTES_ARGUMENTS(index->name));
    }
    struct bytes index_hash = index->key.attributes[0].name;
    struct bytes table_hash = table->key.attributes[0].name;
    if (!bytes_equal(index_hash, table_hash)) {
        return api_fail(
            request, API_VALIDATION,
            INVALID_PARAMETER
            "Index KeySchema does not have the same leading hash key as table KeySchema "
            "for index: %.*s. index hash key: %.*s, table hash key: %.*s",
            BYTES_ARGUMENTS(index->name), BYTES_ARGUMENTS(index_hash), BYTES_ARGUMENTS(table_hash));
    }
    return true;
}

static bool plan_lsi(struct request *request,
                     const struct cJSON *node,
                     const struct definitions *definitions,
                     struct table_definition *table)
{
    struct index_definition *index = &table->indexes[table->index_count];
    *index = (struct index_definition){ .is_local = true };
    index->name = json_text(request->arena, json_member(node, "IndexName"));
    if (!key_schema_of_json(request, json_member(node, "KeySchema"), definitions, KEY_OF_LSI,
                            &index->key) ||
        !check_lsi_key(request, table, index) ||
        !projection_of_json(request, json_member(node, "Projection"), index) ||
        !check_new_name(request, table, index)) {
        return false;
    }
    table->index_count++;
    return true;
}

static bool plan_lsis(struct request *request,
                      const struct cJSON *list,
                      const struct definitions *definitions,
                      struct table_definition *table)
{
    if (json_count(list) == 0) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "List of LocalSecondaryIndexes is empty");
    }
    if (table->key.sort_count == 0) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Table KeySchema does not have a range key, which is "
                                          "required when specifying a LocalSecondaryIndex");
    }
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        if (!plan_lsi(request, node, definitions, table)) {
            return false;
        }
    }
    return table->index_count <= LIMIT_LSI_COUNT || fail_lsi_count(request);
}

/* ---- global ---- */

static bool plan_gsi_throughput(struct request *request,
                                const struct cJSON *node,
                                const struct table_definition *table,
                                struct index_definition *index)
{
    const struct cJSON *throughput = json_member(node, "ProvisionedThroughput");
    if (throughput == NULL && !table->billing.is_on_demand) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "ProvisionedThroughput is not specified for index: %.*s",
                        BYTES_ARGUMENTS(index->name));
    }
    if (throughput != NULL && table->billing.is_on_demand) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "ProvisionedThroughput should not be specified for index: "
                        "%.*s when BillingMode is PAY_PER_REQUEST",
                        BYTES_ARGUMENTS(index->name));
    }
    return throughput == NULL ||
           throughput_of_json(request, throughput, &index->capacity.throughput);
}

static bool plan_gsi(struct request *request,
                     const struct cJSON *node,
                     const struct definitions *definitions,
                     struct table_definition *table)
{
    struct index_definition *index = &table->indexes[table->index_count];
    *index = (struct index_definition){ 0 };
    index->name = json_text(request->arena, json_member(node, "IndexName"));
    if (!key_schema_of_json(request, json_member(node, "KeySchema"), definitions, KEY_OF_GSI,
                            &index->key) ||
        !projection_of_json(request, json_member(node, "Projection"), index) ||
        !plan_gsi_throughput(request, node, table, index) ||
        !check_new_name(request, table, index)) {
        return false;
    }
    table->index_count++;
    return true;
}

static bool plan_gsis(struct request *request,
                      const struct cJSON *list,
                      const struct definitions *definitions,
                      struct table_definition *table)
{
    size_t count = json_count(list);
    if (count == 0) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "List of GlobalSecondaryIndexes is empty");
    }
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        if (!plan_gsi(request, node, definitions, table)) {
            return false;
        }
    }
    return count <= LIMIT_GSI_COUNT || fail_gsi_count(request);
}

/* ---- all together ---- */

/* The sum over all indexes; the same attribute in two of them counts twice. */
static bool check_projected_total(struct request *request, const struct table_definition *table)
{
    size_t total = 0;
    for (size_t i = 0; i < table->index_count; i++) {
        total += table->indexes[i].non_key_count;
    }
    if (total > LIMIT_NON_KEY_ATTRIBUTES_TOTAL) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Number of NonKeyAttributes across all secondary indexes "
                                          "exceeds the per-table limit of %d",
                        LIMIT_NON_KEY_ATTRIBUTES_TOTAL);
    }
    return true;
}

bool new_indexes_of_request(struct request *request,
                            const struct definitions *definitions,
                            struct table_definition *table)
{
    const struct cJSON *lsis = json_member(request->input, "LocalSecondaryIndexes");
    const struct cJSON *gsis = json_member(request->input, "GlobalSecondaryIndexes");
    size_t room = (lsis != NULL ? json_count(lsis) : 0) + (gsis != NULL ? json_count(gsis) : 0);
    table->indexes = arena_alloc(request->arena, (room + 1) * sizeof *table->indexes);
    return (lsis == NULL || plan_lsis(request, lsis, definitions, table)) &&
           (gsis == NULL || plan_gsis(request, gsis, definitions, table)) &&
           check_projected_total(request, table);
}

/* Far past every limit: refused before the checks below compare all with all. */
bool new_indexes_check_counts(struct request *request)
{
    enum { COUNT_ABSURD = 100 };
    const struct cJSON *lsis = json_member(request->input, "LocalSecondaryIndexes");
    const struct cJSON *gsis = json_member(request->input, "GlobalSecondaryIndexes");
    if (lsis != NULL && json_count(lsis) > COUNT_ABSURD) {
        return fail_lsi_count(request);
    }
    return gsis == NULL || json_count(gsis) <= COUNT_ABSURD || fail_gsi_count(request);
}
