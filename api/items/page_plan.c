/* What Query and Scan ask for: the checks of api/items/item_read.h, before and against the table.
 */

#include "api/attribute_json.h"
#include "api/expression/condition.h"
#include "api/expression/projection.h"
#include "api/items/item_key.h"
#include "api/items/item_read.h"
#include "api/tables/table_input.h"
#include "storage/items/indexes.h"

#include <stdlib.h>

/* ---- before the table ---- */

static bool fail_text(struct request *request, const char *text)
{
    return api_fail(request, API_VALIDATION, "%s", text);
}

static bool plan_select(struct request *request, struct page_plan *plan)
{
    const struct cJSON *select = json_member(request->input, "Select");
    bool has_projection = plan->expressions.projection != NULL;
    const char *projection =
        request_has(request, "AttributesToGet") ? "AttributesToGet" : "ProjectionExpression";
    bool has_index = plan->index_name.length > 0;
    plan->has_select = select != NULL;
    plan->select = has_projection ? SELECT_SPECIFIC
                   : has_index    ? SELECT_ALL_PROJECTED
                                  : SELECT_ALL_ATTRIBUTES;
    if (select == NULL) {
        return true;
    }
    if (shape_text_is(select, "SPECIFIC_ATTRIBUTES")) {
        plan->select = SELECT_SPECIFIC;
        return has_projection ||
               fail_text(
                   request,
                   "Must specify the AttributesToGet or ProjectionExpression when choosing to "
                   "get SPECIFIC_ATTRIBUTES");
    }
    bool counts = shape_text_is(select, "COUNT");
    if (has_projection) {
        struct bytes name = json_text(request->arena, select);
        if (counts) {
            return api_fail(request, API_VALIDATION,
                            "Cannot specify the %s when choosing to get only the Count",
                            projection);
        }
        return api_fail(request, API_VALIDATION, "Cannot specify the %s when choosing to get %.*s",
                        projection, BYTES_ARGUMENTS(name));
    }
    if (shape_text_is(select, "ALL_PROJECTED_ATTRIBUTES") && !has_index) {
        return fail_text(
            request, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
    }
    if (counts) {
        plan->select = SELECT_COUNT;
    } else if (shape_text_is(select, "ALL_ATTRIBUTES")) {
        plan->select = SELECT_ALL_ATTRIBUTES;
    }
    return true;
}

static bool plan_start(struct request *request, struct page_plan *plan)
{
    struct api_error error;
    const struct cJSON *start = json_member(request->input, "ExclusiveStartKey");
    plan->has_start = start != NULL;
    if (start == NULL || item_of_json(request->arena, start, &plan->start_key, &error)) {
        return true;
    }
    if (error.code != API_VALIDATION) {
        return api_fail_with(request, &error);
    }
    return api_fail(request, API_VALIDATION, "The provided starting key is invalid: %.*s",
                    BYTES_ARGUMENTS(error.message));
}

bool page_prepare(struct request *request,
                  const struct shape *shape,
                  bool (*check)(struct request *request),
                  struct page_plan *out_plan)
{
    *out_plan = (struct page_plan){
        .table_name = request_table_name(request),
        .index_name = request_text(request, "IndexName"),
        .is_consistent = request_boolean(request, "ConsistentRead"),
        .limit = request_integer(request, "Limit", INT64_MAX),
    };
    return expressions_check_parameters(request, shape, request->input) &&
           expressions_prepare_legacy(request, shape, request->input, &out_plan->expressions) &&
           plan_start(request, out_plan) && check(request) &&
           expressions_prepare_texts(request, shape, request->input, &out_plan->expressions) &&
           plan_select(request, out_plan);
}

/* ---- against the table ---- */

static bool is_projected(const struct index_definition *index, struct bytes name)
{
    for (size_t i = 0; i < index->projected_count; i++) {
        if (bytes_equal(index->projected[i], name)) {
            return true;
        }
    }
    return index->projection == PROJECTION_ALL;
}

/* Those of `names`, in their order, that the index does not project. */
static struct attribute_names unprojected(struct request *request,
                                          const struct index_definition *index,
                                          struct attribute_names names)
{
    struct bytes *missing = arena_alloc(request->arena, names.count * sizeof *missing);
    size_t count = 0;
    for (size_t i = 0; i < names.count; i++) {
        if (!is_projected(index, names.names[i])) {
            missing[count++] = names.names[i];
        }
    }
    return (struct attribute_names){ .names = missing, .count = count };
}

static bool
check_projection(struct request *request, const struct page_plan *plan, struct page_target *target)
{
    const struct index_definition *index = target->index;
    if (plan->select == SELECT_ALL_ATTRIBUTES && index->projection != PROJECTION_ALL) {
        if (!index->is_local) {
            return api_fail(
                request, API_VALIDATION,
                INVALID_PARAMETER
                "Select type ALL_ATTRIBUTES is not supported for global secondary index "
                "%.*s because its projection type is not ALL",
                BYTES_ARGUMENTS(index->name));
        }
        target->fetches = true;
    }
    if (plan->expressions.projection == NULL) {
        return true;
    }
    struct attribute_names missing = unprojected(
        request, index, projection_attribute_names(request->arena, plan->expressions.projection));
    if (missing.count > 0 && index->is_local) {
        target->fetches = true;
    } else if (missing.count > 0) {
        struct bytes text = names_text(request->arena, missing.names, missing.count);
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "Global secondary index %.*s does not project %.*s",
                        BYTES_ARGUMENTS(index->name), BYTES_ARGUMENTS(text));
    }
    return true;
}

/* Query alone: a Scan with such a filter just finds nothing. */
static bool check_filter(struct request *request,
                         const struct page_plan *plan,
                         const struct page_target *target)
{
    const struct key_schema *key = target->source.key;
    if (plan->expressions.filter == NULL) {
        return true;
    }
    struct attribute_names names =
        condition_attribute_names(request->arena, plan->expressions.filter);
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        for (size_t j = 0; j < names.count; j++) {
            if (bytes_equal(names.names[j], key->attributes[i].name)) {
                return api_fail(request, API_VALIDATION,
                                "%s can only contain non-primary key attributes: "
                                "Primary key attribute: %.*s",
                                request_has(request, "QueryFilter") ? "QueryFilter"
                                                                    : "Filter Expression",
                                BYTES_ARGUMENTS(key->attributes[i].name));
            }
        }
    }
    if (target->index == NULL) {
        return true;
    }
    struct attribute_names missing = unprojected(request, target->index, names);
    if (missing.count > 0) {
        struct bytes text = names_text(request->arena, missing.names, missing.count);
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "Secondary index %.*s does not project one or more filter attributes: %.*s",
                        BYTES_ARGUMENTS(target->index->name), BYTES_ARGUMENTS(text));
    }
    return true;
}

bool page_find_target(struct request *request,
                      const struct page_plan *plan,
                      bool is_query,
                      struct page_target *out_target)
{
    struct table_definition *table = request_item_table(request, plan->table_name);
    if (table == NULL) {
        return false;
    }
    *out_target = (struct page_target){ .table = table, .source = table_source(table) };
    if (plan->index_name.length > 0) {
        const struct index_definition *index = table_find_index(table, plan->index_name);
        if (index == NULL || index->phase == INDEX_DELETING) {
            request->refusing_table = table->qualified_name;
            return api_fail(request, API_VALIDATION,
                            "The table does not have the specified index: %.*s",
                            BYTES_ARGUMENTS(plan->index_name));
        }
        if (plan->is_consistent && !index->is_local) {
            return fail_text(request,
                             "Consistent reads are not supported on global secondary indexes");
        }
        if (index->phase == INDEX_ALLOCATING || index->phase == INDEX_BACKFILLING) {
            request->refusing_table = table->qualified_name;
            return api_fail(request, API_VALIDATION,
                            "Cannot read from backfilling global secondary index: %.*s",
                            BYTES_ARGUMENTS(index->name));
        }
        out_target->index = index;
        out_target->source = index_source(index);
        if (!check_projection(request, plan, out_target)) {
            return false;
        }
    }
    return !is_query || check_filter(request, plan, out_target);
}

static bool fail_start(struct request *request, bool is_query, bool is_index)
{
    if (is_query || is_index) {
        return fail_text(request, "The provided starting key is invalid");
    }
    return fail_text(
        request, "The provided starting key is invalid: The provided key element does not match "
                 "the schema");
}

bool page_start_values(struct request *request,
                       const struct page_plan *plan,
                       const struct page_target *target,
                       bool is_query,
                       struct attribute_value out_values[KEY_ATTRIBUTES_MAX],
                       uint8_t out_item_hash[KEY_HASH_SIZE])
{
    struct attribute_value whole = { .type = ATTRIBUTE_M,
                                     .payload = item_attributes(plan->start_key) };
    struct attribute_value table_values[KEY_ATTRIBUTES_MAX];
    struct index_definition keys_only = { .key = *target->source.key };
    struct table_definition both = {
        .key = target->table->key,
        .index_count = 1,
        .indexes = &keys_only,
    };
    table_derive(&both, request->arena);
    if (attribute_value_count(whole) != keys_only.projected_count ||
        !item_key_values(plan->start_key, &target->table->key, table_values) ||
        !item_key_values(plan->start_key, target->source.key, out_values)) {
        return fail_start(request, is_query, target->index != NULL);
    }
    index_item_hash(request->arena, &target->table->key, table_values, out_item_hash);
    return true;
}
