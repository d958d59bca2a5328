#include "api/attribute_json.h"
#include "api/items/admission.h"
#include "api/items/item_write.h"
#include "api/limits.h"
#include "api/operations.h"

#include <stdlib.h>

static const struct member PUT_MEMBERS[] = { { "Item", &SHAPE_ITEM, REQUIRED } };
static const struct shape PUT = SHAPE_STRUCTURE_OF("PutRequest", PUT_MEMBERS);
static const struct member DELETE_MEMBERS[] = { { "Key", &SHAPE_ITEM, REQUIRED } };
static const struct shape DELETE = SHAPE_STRUCTURE_OF("DeleteRequest", DELETE_MEMBERS);
static const struct member WRITE_MEMBERS[] = {
    { "DeleteRequest", &DELETE, OPTIONAL },
    { "PutRequest", &PUT, OPTIONAL },
};
static const struct shape WRITE = SHAPE_STRUCTURE_OF("WriteRequest", WRITE_MEMBERS);
static const struct shape WRITES = { .kind = SHAPE_LIST,
                                     .element = &WRITE,
                                     .range = { 1, LIMIT_BATCH_WRITE_ITEMS } };
static const struct shape TABLES = { .kind = SHAPE_MAP, .element = &WRITES };
static const struct member MEMBERS[] = {
    { "RequestItems", &TABLES, OPTIONAL }, /* absence has words of its own */
    { "ReturnConsumedCapacity", &SHAPE_RETURN_CONSUMED_CAPACITY, OPTIONAL },
    { "ReturnItemCollectionMetrics", &SHAPE_RETURN_ITEM_COLLECTION_METRICS, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("BatchWriteItemInput", MEMBERS);

struct table_writes {
    struct bytes name_sent; /* a name or an ARN */
    size_t first;           /* into plan->writes */
    size_t count;
};

struct plan {
    struct table_writes *tables;
    size_t table_count;
    struct item_write *writes;
    size_t write_count;
};

/* The wording is the service's, for none of the two as well. */
static bool
plan_write(struct request *request, const struct cJSON *node, struct item_write *out_write)
{
    const struct cJSON *put = json_member(node, "PutRequest");
    const struct cJSON *delete = json_member(node, "DeleteRequest");
    if ((put == NULL) == (delete == NULL)) {
        return api_fail(request, API_VALIDATION,
                        "Supplied AttributeValue has more than one datatypes set, must contain "
                        "exactly one of the supported datatypes");
    }
    return put != NULL ? item_write_prepare(request, put, WRITE_PUT, out_write)
                       : item_write_prepare(request, delete, WRITE_DELETE, out_write);
}

static bool plan_table(struct request *request, const struct cJSON *list, struct plan *plan)
{
    struct table_writes *table = &plan->tables[plan->table_count++];
    table->name_sent = json_name(request->arena, list);
    table->first = plan->write_count;
    for (const struct cJSON *node = json_first(list); node != NULL; node = json_next(node)) {
        if (plan->write_count == LIMIT_BATCH_WRITE_ITEMS) {
            return api_fail(request, API_VALIDATION,
                            "Too many items requested for the BatchWriteItem call");
        }
        if (!plan_write(request, node, &plan->writes[plan->write_count])) {
            return false;
        }
        plan->write_count++;
    }
    table->count = plan->write_count - table->first;
    return true;
}

static bool prepare(struct request *request)
{
    struct plan *plan = arena_alloc_zero(request->arena, sizeof *plan);
    const struct cJSON *tables = json_member(request->input, "RequestItems");
    if (tables == NULL || json_count(tables) == 0) {
        return api_fail(request, API_VALIDATION,
                        "The requestItems parameter is required for BatchWriteItem");
    }
    plan->tables = arena_alloc(request->arena, json_count(tables) * sizeof *plan->tables);
    plan->writes = arena_alloc(request->arena, LIMIT_BATCH_WRITE_ITEMS * sizeof *plan->writes);
    for (const struct cJSON *list = json_first(tables); list != NULL; list = json_next(list)) {
        if (json_kind(list) == JSON_ARRAY && !plan_table(request, list, plan)) {
            return false;
        }
    }
    request->plan = plan;
    return true;
}

/* ---- running ---- */

static int compare_keys(const void *left, const void *right)
{
    return bytes_compare(key_view(left), key_view(right));
}

/* All tables and keys are checked before the first write: a refused batch changes nothing. */
static bool check_table(struct request *request,
                        const struct plan *plan,
                        const struct table_writes *writes,
                        const struct table_definition *table)
{
    struct key *keys = arena_alloc(request->arena, writes->count * sizeof *keys);
    for (size_t i = 0; i < writes->count; i++) {
        struct attribute_value values[KEY_ATTRIBUTES_MAX];
        if (!item_write_check(request, table, &plan->writes[writes->first + i], values)) {
            return false;
        }
        item_key_of_values(request->arena, &table->key, values, &keys[i]);
    }
    qsort(keys, writes->count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < writes->count; i++) {
        if (compare_keys(&keys[i - 1], &keys[i]) == 0) {
            return api_fail(request, API_VALIDATION,
                            "Provided list of item keys contains duplicates");
        }
    }
    return true;
}

/* What becomes of the batch. */
struct batch {
    struct request *request;
    const struct plan *plan;
    const struct table_definition **tables;
    bool is_unprocessed[LIMIT_BATCH_WRITE_ITEMS]; /* for want of capacity */
    size_t unprocessed_count;
    struct api_error refusal; /* of the first of them */
};

static bool find_tables(struct batch *batch)
{
    struct request *request = batch->request;
    const struct plan *plan = batch->plan;
    batch->tables =
        arena_alloc(request->arena, plan->table_count * sizeof(const struct table_definition *));
    for (size_t i = 0; i < plan->table_count; i++) {
        const struct table_writes *writes = &plan->tables[i];
        batch->tables[i] = request_item_table(request, table_name_of_arn(writes->name_sent));
        if (batch->tables[i] == NULL || !check_table(request, plan, writes, batch->tables[i])) {
            return false;
        }
    }
    return true;
}

/* After the checks nothing refuses but for want of capacity, though the store may fail. */
static void apply_table(struct batch *batch, size_t table)
{
    struct request *request = batch->request;
    const struct table_writes *writes = &batch->plan->tables[table];
    const struct table_definition *definition = batch->tables[table];
    struct consumed_capacity *capacity = capacity_start(request, definition, UNITS_OF_WRITES);
    for (size_t i = writes->first; i < writes->first + writes->count; i++) {
        struct item_write_outcome outcome;
        struct api_error refusal;
        if (item_write_compute(request, definition, &batch->plan->writes[i], capacity, &outcome) &&
            item_write_check_indexes(request, definition, &outcome, capacity)) {
            item_write_apply(request, definition, &outcome, capacity);
        } else if (admission_take_refusal(request, &refusal)) {
            batch->is_unprocessed[i] = true;
            batch->refusal = batch->unprocessed_count++ == 0 ? refusal : batch->refusal;
        }
    }
}

/* ---- the reply ---- */

static void write_request(struct json_writer *writer, const struct item_write *write)
{
    bool is_put = write->kind == WRITE_PUT;
    json_open_object(writer);
    json_write_key(writer, is_put ? "PutRequest" : "DeleteRequest");
    json_open_object(writer);
    json_write_key(writer, is_put ? "Item" : "Key");
    item_json_write(json_write_value_begin(writer), write->item);
    json_write_value_end(writer);
    json_close_object(writer);
    json_close_object(writer);
}

/* As the caller can send it again. */
static void write_unprocessed(const struct batch *batch)
{
    struct json_writer *writer = &batch->request->writer;
    json_write_key(writer, "UnprocessedItems");
    json_open_object(writer);
    for (size_t i = 0; i < batch->plan->table_count; i++) {
        const struct table_writes *writes = &batch->plan->tables[i];
        bool any = false;
        for (size_t j = writes->first; j < writes->first + writes->count; j++) {
            if (!batch->is_unprocessed[j]) {
                continue;
            }
            if (!any) {
                json_write_name(writer, writes->name_sent);
                json_open_array(writer);
                any = true;
            }
            write_request(writer, &batch->plan->writes[j]);
        }
        if (any) {
            json_close_array(writer);
        }
    }
    json_close_object(writer);
}

/* One entry for each partition key that a write of the table changed. */
static void write_table_metrics(const struct batch *batch, size_t table)
{
    struct json_writer *writer = &batch->request->writer;
    const struct table_writes *writes = &batch->plan->tables[table];
    const struct table_definition *definition = batch->tables[table];
    struct attribute_value seen[LIMIT_BATCH_WRITE_ITEMS];
    size_t seen_count = 0;
    json_write_name(writer, definition->name);
    json_open_array(writer);
    for (size_t i = writes->first; i < writes->first + writes->count; i++) {
        struct attribute_value *value = &seen[seen_count];
        bool is_new =
            !batch->is_unprocessed[i] &&
            item_find(batch->plan->writes[i].item, definition->key.attributes[0].name, value);
        for (size_t j = 0; is_new && j < seen_count; j++) {
            is_new = !attribute_value_equal(seen[j], *value);
        }
        if (is_new) {
            collection_metrics_write(writer, definition, *value);
            seen_count++;
        }
    }
    json_close_array(writer);
}

static void write_metrics(const struct batch *batch)
{
    struct json_writer *writer = &batch->request->writer;
    bool any = false;
    for (size_t i = 0; i < batch->plan->table_count; i++) {
        if (!collection_metrics_wanted(batch->request, batch->tables[i])) {
            continue;
        }
        if (!any) {
            json_write_key(writer, "ItemCollectionMetrics");
            json_open_object(writer);
            any = true;
        }
        write_table_metrics(batch, i);
    }
    if (any) {
        json_close_object(writer);
    }
}

static bool run(struct request *request)
{
    const struct plan *plan = request->plan;
    struct batch batch = { .request = request, .plan = plan };
    if (!find_tables(&batch)) {
        return false;
    }
    for (size_t i = 0; i < plan->table_count; i++) {
        apply_table(&batch, i);
    }
    if (batch.unprocessed_count > 0 && batch.unprocessed_count == plan->write_count) {
        return api_fail_with(request, &batch.refusal);
    }
    json_open_object(&request->writer);
    write_unprocessed(&batch);
    capacity_write_list(request);
    write_metrics(&batch);
    json_close_object(&request->writer);
    return true;
}

const struct operation OPERATION_BATCH_WRITE_ITEM = {
    .name = "BatchWriteItem",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
