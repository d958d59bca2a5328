#include "api/attribute_json.h"
#include "api/items/admission.h"
#include "api/items/expressions.h"
#include "api/items/item_key.h"
#include "api/items/item_read.h"
#include "api/items/legacy_shapes.h"
#include "api/limits.h"
#include "api/operations.h"

#include <stdlib.h>
#include <string.h>

static const struct shape KEYS = { .kind = SHAPE_LIST,
                                   .element = &SHAPE_ITEM,
                                   .range = { 1, LIMIT_BATCH_GET_KEYS } };
static const struct member TABLE_MEMBERS[] = {
    { "AttributesToGet", &SHAPE_ATTRIBUTES_TO_GET, OPTIONAL },
    { "ConsistentRead", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "ExpressionAttributeNames", &SHAPE_STRING_MAP, OPTIONAL },
    { "Keys", &KEYS, REQUIRED },
    { "ProjectionExpression", &SHAPE_ANY_STRING, OPTIONAL },
};
static const struct shape TABLE = SHAPE_STRUCTURE_OF("KeysAndAttributes", TABLE_MEMBERS);
static const struct shape TABLES = { .kind = SHAPE_MAP, .element = &TABLE };
static const struct member MEMBERS[] = {
    { "RequestItems", &TABLES, OPTIONAL }, /* absence has words of its own */
    { "ReturnConsumedCapacity", &SHAPE_RETURN_CONSUMED_CAPACITY, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("BatchGetItemInput", MEMBERS);

struct table_reads {
    const struct cJSON *input;
    struct bytes name_sent; /* a name or an ARN: Responses are named as asked */
    struct bytes *keys;     /* Key maps as items */
    size_t key_count;
    const struct projection *projection;
    bool is_consistent;

    /* While running. */
    const struct table_definition *table;
    size_t done; /* keys answered, the rest is unprocessed */
    bool is_refused;
    struct api_error refusal; /* why it is, for want of capacity */
};

struct plan {
    struct table_reads *tables;
    size_t table_count;
    size_t key_count;
};

static int compare_items(const void *left, const void *right)
{
    return bytes_compare(*(const struct bytes *)left, *(const struct bytes *)right);
}

/* Of keys as sent: whatever the table, equal values are equal bytes. */
static bool check_duplicates(struct request *request, const struct table_reads *reads)
{
    struct bytes *sorted = arena_alloc(request->arena, reads->key_count * sizeof *sorted);
    memcpy(sorted, reads->keys, reads->key_count * sizeof *sorted);
    qsort(sorted, reads->key_count, sizeof *sorted, compare_items);
    for (size_t i = 1; i < reads->key_count; i++) {
        if (bytes_equal(sorted[i - 1], sorted[i])) {
            return api_fail(request, API_VALIDATION,
                            "Provided list of item keys contains duplicates");
        }
    }
    return true;
}

static bool plan_table(struct request *request, const struct cJSON *node, struct plan *plan)
{
    struct table_reads *reads = &plan->tables[plan->table_count++];
    struct expressions expressions;
    const struct cJSON *keys = json_member(node, "Keys");
    *reads = (struct table_reads){
        .input = node,
        .name_sent = json_name(request->arena, node),
        .keys = arena_alloc(request->arena, json_count(keys) * sizeof *reads->keys),
        .is_consistent = shape_boolean(json_member(node, "ConsistentRead")),
    };
    if (!expressions_check_parameters(request, &TABLE, node)) {
        return false;
    }
    for (const struct cJSON *key = json_first(keys); key != NULL; key = json_next(key)) {
        struct api_error error;
        if (!item_of_json(request->arena, key, &reads->keys[reads->key_count++], &error)) {
            return api_fail_with(request, &error);
        }
        if (plan->key_count++ == LIMIT_BATCH_GET_KEYS) {
            return api_fail(request, API_VALIDATION,
                            "Too many items requested for the BatchGetItem call");
        }
    }
    if (!check_duplicates(request, reads) ||
        !expressions_prepare(request, &TABLE, node, &expressions)) {
        return false;
    }
    reads->projection = expressions.projection;
    return true;
}

static bool prepare(struct request *request)
{
    struct plan *plan = arena_alloc_zero(request->arena, sizeof *plan);
    const struct cJSON *tables = json_member(request->input, "RequestItems");
    if (tables == NULL || json_count(tables) == 0) {
        return api_fail(request, API_VALIDATION,
                        "The requestItems parameter is required for BatchGetItem");
    }
    plan->tables = arena_alloc(request->arena, json_count(tables) * sizeof *plan->tables);
    for (const struct cJSON *node = json_first(tables); node != NULL; node = json_next(node)) {
        if (json_kind(node) == JSON_OBJECT && !plan_table(request, node, plan)) {
            return false;
        }
    }
    request->plan = plan;
    return true;
}

/* ---- running ---- */

static bool check_keys(struct request *request, const struct table_reads *reads)
{
    for (size_t i = 0; i < reads->key_count; i++) {
        struct attribute_value values[KEY_ATTRIBUTES_MAX];
        if (!key_check(request, reads->table, reads->keys[i], values)) {
            return false;
        }
    }
    return true;
}

/* The table is short of capacity: what is left of its keys counts as a refused read each. */
static bool refuse_rest(struct request *request, struct table_reads *reads)
{
    if (!admission_take_refusal(request, &reads->refusal)) {
        return false;
    }
    reads->is_refused = true;
    for (size_t i = reads->done + 1; i < reads->key_count; i++) {
        capacity_count_throttle(request, reads->table, NULL, UNITS_OF_READS);
    }
    return true;
}

/*
 * Answers keys until the batch holds 16 MB or the table is short of capacity; what is left over is
 * for the caller to ask again.
 */
static bool read_table(struct request *request, struct table_reads *reads, size_t *size_bytes)
{
    struct json_writer *writer = &request->writer;
    struct consumed_capacity *capacity = capacity_start(request, reads->table, UNITS_OF_READS);
    json_write_name(writer, reads->name_sent);
    json_open_array(writer);
    while (reads->done < reads->key_count && *size_bytes < LIMIT_BATCH_GET_BYTES) {
        struct bytes item;
        bool found;
        if (!item_read_one(request, capacity, reads->keys[reads->done], &item, &found)) {
            if (!refuse_rest(request, reads)) {
                return false;
            }
            break;
        }
        if (found && *size_bytes + item_size(item) > LIMIT_BATCH_GET_BYTES) {
            *size_bytes = LIMIT_BATCH_GET_BYTES;
            break;
        }
        if (found) {
            *size_bytes += item_size(item);
            item_write_reply(writer, item, reads->projection);
        }
        capacity->table_units +=
            capacity_read_units(found ? item_size(item) : 0, reads->is_consistent);
        reads->done++;
    }
    json_close_array(writer);
    return true;
}

/* The caller's own parameters with the keys that are left. */
static void write_unprocessed(struct json_writer *writer, const struct table_reads *reads)
{
    struct arena *arena = writer->to->arena;
    json_write_name(writer, reads->name_sent);
    json_open_object(writer);
    json_write_key(writer, "Keys");
    json_open_array(writer);
    for (size_t i = reads->done; i < reads->key_count; i++) {
        item_json_write(json_write_value_begin(writer), reads->keys[i]);
        json_write_value_end(writer);
    }
    json_close_array(writer);
    if (json_member(reads->input, "ConsistentRead") != NULL) {
        json_member_boolean(writer, "ConsistentRead", reads->is_consistent);
    }
    const struct cJSON *attributes = json_member(reads->input, "AttributesToGet");
    if (attributes != NULL) {
        json_write_key(writer, "AttributesToGet");
        json_open_array(writer);
        for (const struct cJSON *one = json_first(attributes); one != NULL; one = json_next(one)) {
            json_write_text(writer, json_text(arena, one));
        }
        json_close_array(writer);
    }
    const struct cJSON *projection = json_member(reads->input, "ProjectionExpression");
    if (projection != NULL) {
        json_member_text(writer, "ProjectionExpression", json_text(arena, projection));
    }
    const struct cJSON *names = json_member(reads->input, "ExpressionAttributeNames");
    if (names != NULL) {
        json_write_key(writer, "ExpressionAttributeNames");
        json_open_object(writer);
        for (const struct cJSON *one = json_first(names); one != NULL; one = json_next(one)) {
            if (json_kind(one) == JSON_STRING) {
                json_write_name(writer, json_name(arena, one));
                json_write_text(writer, json_text(arena, one));
            }
        }
        json_close_object(writer);
    }
    json_close_object(writer);
}

static bool find_tables(struct request *request, const struct plan *plan, struct table_reads *reads)
{
    for (size_t i = 0; i < plan->table_count; i++) {
        reads[i] = plan->tables[i];
        reads[i].table = request_item_table(request, table_name_of_arn(reads[i].name_sent));
        if (reads[i].table == NULL || !check_keys(request, &reads[i])) {
            return false;
        }
    }
    return true;
}

/* A batch of which nothing could be answered is refused as its first read is. */
static bool
check_answered(struct request *request, const struct plan *plan, const struct table_reads *reads)
{
    const struct table_reads *refused = NULL;
    for (size_t i = plan->table_count; i > 0; i--) {
        if (reads[i - 1].done > 0) {
            return true;
        }
        refused = reads[i - 1].is_refused ? &reads[i - 1] : refused;
    }
    return refused == NULL || api_fail_with(request, &refused->refusal);
}

static void
write_answer_rest(struct request *request, const struct plan *plan, const struct table_reads *reads)
{
    struct json_writer *writer = &request->writer;
    json_write_key(writer, "UnprocessedKeys");
    json_open_object(writer);
    for (size_t i = 0; i < plan->table_count; i++) {
        if (reads[i].done < reads[i].key_count) {
            write_unprocessed(writer, &reads[i]);
        }
    }
    json_close_object(writer);
    capacity_write_list(request);
}

static bool run(struct request *request)
{
    const struct plan *plan = request->plan;
    struct json_writer *writer = &request->writer;
    struct table_reads *reads = arena_alloc(request->arena, plan->table_count * sizeof *reads);
    size_t size_bytes = 0;
    if (!find_tables(request, plan, reads)) {
        return false;
    }
    json_open_object(writer);
    json_write_key(writer, "Responses");
    json_open_object(writer);
    for (size_t i = 0; i < plan->table_count; i++) {
        if (!read_table(request, &reads[i], &size_bytes)) {
            return false;
        }
    }
    json_close_object(writer);
    write_answer_rest(request, plan, reads);
    json_close_object(writer);
    return check_answered(request, plan, reads);
}

const struct operation OPERATION_BATCH_GET_ITEM = {
    .name = "BatchGetItem",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
