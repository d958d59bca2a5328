#include "api/attribute_json.h"
#include "api/expression/projection.h"
#include "api/items/cancellation.h"
#include "api/items/consumed_capacity.h"
#include "api/items/expressions.h"
#include "api/items/item_key.h"
#include "api/items/item_read.h"
#include "api/items/transaction.h"
#include "api/limits.h"
#include "api/operations.h"

static const struct member GET_MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED },
    { "Key", &SHAPE_ITEM, REQUIRED },
    { "ExpressionAttributeNames", &SHAPE_STRING_MAP, OPTIONAL },
    { "ProjectionExpression", &SHAPE_ANY_STRING, OPTIONAL },
};
static const struct shape GET = SHAPE_STRUCTURE_OF("Get", GET_MEMBERS);
static const struct member ACTION_MEMBERS[] = { { "Get", &GET, REQUIRED } };
static const struct shape ACTION = SHAPE_STRUCTURE_OF("TransactGetItem", ACTION_MEMBERS);
static const struct shape ACTIONS = { .kind = SHAPE_LIST,
                                      .element = &ACTION,
                                      .range = { 1, LIMIT_TRANSACTION_ACTIONS } };
static const struct member MEMBERS[] = {
    { "TransactItems", &ACTIONS, REQUIRED },
    { "ReturnConsumedCapacity", &SHAPE_RETURN_CONSUMED_CAPACITY, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("TransactGetItemsInput", MEMBERS);

/* A transactional read is two: one to look and one to see that nothing has changed. */
enum { UNITS_FACTOR = 2 };

struct get {
    struct bytes key;
    const struct projection *projection;
    struct bytes table_name;
};

struct plan {
    struct get *gets;
    size_t count;
};

static bool plan_get(struct request *request, const struct cJSON *input, struct get *out_get)
{
    struct expressions expressions;
    struct api_error error;
    if (!expressions_check_parameters(request, &GET, input)) {
        return false;
    }
    if (!item_of_json(request->arena, json_member(input, "Key"), &out_get->key, &error)) {
        return api_fail_with(request, &error);
    }
    if (!expressions_prepare(request, &GET, input, &expressions)) {
        return false;
    }
    out_get->projection = expressions.projection;
    out_get->table_name =
        table_name_of_arn(json_text(request->arena, json_member(input, "TableName")));
    return true;
}

static bool prepare(struct request *request)
{
    struct plan *plan = arena_alloc_zero(request->arena, sizeof *plan);
    const struct cJSON *entries = json_member(request->input, "TransactItems");
    plan->gets = arena_alloc(request->arena, json_count(entries) * sizeof *plan->gets);
    for (const struct cJSON *entry = json_first(entries); entry != NULL; entry = json_next(entry)) {
        if (!plan_get(request, json_member(entry, "Get"), &plan->gets[plan->count++])) {
            return false;
        }
    }
    request->plan = plan;
    return true;
}

/* ---- running ---- */

struct reads {
    struct consumed_capacity **capacities; /* one a table, in the order of the gets */
    size_t table_count;
    size_t *tables;      /* of each get: its place in the capacities */
    struct bytes *items; /* of each get; data NULL: there is none */
};

static bool find_tables(struct request *request, const struct plan *plan, struct reads *reads)
{
    for (size_t i = 0; i < plan->count; i++) {
        size_t earlier = 0;
        while (!bytes_equal(plan->gets[earlier].table_name, plan->gets[i].table_name)) {
            earlier++;
        }
        if (earlier < i) {
            reads->tables[i] = reads->tables[earlier];
            continue;
        }
        const struct table_definition *table =
            request_item_table(request, plan->gets[i].table_name);
        if (table == NULL) {
            return false;
        }
        reads->tables[i] = reads->table_count;
        struct consumed_capacity *capacity = capacity_start(request, table, UNITS_OF_READS);
        capacity->names_kind = true;
        reads->capacities[reads->table_count++] = capacity;
    }
    return true;
}

static bool check_keys(struct request *request, const struct plan *plan, const struct reads *reads)
{
    struct bytes *targets = arena_alloc(request->arena, plan->count * sizeof *targets);
    struct cancellation cancellation;
    size_t target_count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct table_definition *table = reads->capacities[reads->tables[i]]->table;
        if (!keys_check_filled(request, table, plan->gets[i].key, false)) {
            return false;
        }
    }
    cancellation_init(&cancellation, request, plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        const struct table_definition *table = reads->capacities[reads->tables[i]]->table;
        struct attribute_value values[KEY_ATTRIBUTES_MAX];
        struct key key;
        if (key_check(request, table, plan->gets[i].key, values)) {
            item_key_of_values(request->arena, &table->key, values, &key);
            targets[target_count++] = transaction_target(request->arena, table->database, &key);
        } else if (!cancellation_take(&cancellation, i)) {
            return false;
        }
    }
    return cancellation_finish(&cancellation) &&
           transaction_check_distinct(request, targets, target_count);
}

/* Items are borrowed from the snapshot, which is the same for all. */
static bool read_items(struct request *request, const struct plan *plan, struct reads *reads)
{
    static const struct bytes no_item = { NULL, 0 };
    struct cancellation cancellation;
    cancellation_init(&cancellation, request, plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        const struct consumed_capacity *capacity = reads->capacities[reads->tables[i]];
        bool found = false;
        if (!item_read_one(request, capacity, plan->gets[i].key, &reads->items[i], &found) &&
            !cancellation_take(&cancellation, i)) {
            return false;
        }
        if (!found) {
            reads->items[i] = no_item;
        }
    }
    return cancellation_finish(&cancellation);
}

static bool
count_capacity(struct request *request, const struct plan *plan, const struct reads *reads)
{
    size_t size_bytes = 0;
    for (size_t i = 0; i < plan->count; i++) {
        size_t item_bytes = reads->items[i].data != NULL ? item_size(reads->items[i]) : 0;
        reads->capacities[reads->tables[i]]->table_units +=
            UNITS_FACTOR * capacity_read_units(item_bytes, true);
        size_bytes += item_bytes;
    }
    return transaction_check_size(request, size_bytes);
}

/* Unlike GetItem, an item of which the projection leaves nothing is not in the reply at all. */
static void write_response(struct json_writer *writer, const struct get *get, struct bytes item)
{
    struct buffer reduced;
    if (item.data != NULL && get->projection != NULL) {
        buffer_init(&reduced, writer->to->arena, item.length);
        item = projection_apply(get->projection, item, &reduced);
    }
    json_open_object(writer);
    if (item.data != NULL && item_attributes(item).length > 0) {
        json_write_key(writer, "Item");
        item_json_write(json_write_value_begin(writer), item);
        json_write_value_end(writer);
    }
    json_close_object(writer);
}

static bool run(struct request *request)
{
    const struct plan *plan = request->plan;
    struct json_writer *writer = &request->writer;
    struct reads reads = {
        .capacities = arena_alloc(request->arena, plan->count * sizeof(struct consumed_capacity *)),
        .tables = arena_alloc(request->arena, plan->count * sizeof *reads.tables),
        .items = arena_alloc(request->arena, plan->count * sizeof *reads.items),
    };
    if (!find_tables(request, plan, &reads) || !check_keys(request, plan, &reads) ||
        !read_items(request, plan, &reads) || !count_capacity(request, plan, &reads)) {
        return false;
    }
    json_open_object(writer);
    json_write_key(writer, "Responses");
    json_open_array(writer);
    for (size_t i = 0; i < plan->count; i++) {
        write_response(writer, &plan->gets[i], reads.items[i]);
    }
    json_close_array(writer);
    capacity_write_list(request);
    json_close_object(writer);
    return true;
}

const struct operation OPERATION_TRANSACT_GET_ITEMS = {
    .name = "TransactGetItems",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
