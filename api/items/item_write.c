#include "api/items/item_write.h"

#include "api/attribute_json.h"
#include "api/expression/condition.h"
#include "api/items/item_key.h"
#include "api/limits.h"

static bool decode(struct request *request, const struct cJSON *input, struct item_write *write)
{
    struct api_error error;
    const struct cJSON *map = json_member(input, write->kind == WRITE_PUT ? "Item" : "Key");
    return item_of_json(request->arena, map, &write->item, &error) ||
           api_fail_with(request, &error);
}

static bool check_size(struct request *request, const struct item_write *write)
{
    return write->kind != WRITE_PUT || item_size(write->item) <= LIMIT_ITEM_BYTES ||
           api_fail(request, API_VALIDATION, "Item size has exceeded the maximum allowed size");
}

bool item_write_prepare(struct request *request,
                        const struct cJSON *input,
                        enum item_write_kind kind,
                        struct item_write *out_write)
{
    *out_write = (struct item_write){ .kind = kind };
    return decode(request, input, out_write) && check_size(request, out_write);
}

bool item_write_check(struct request *request,
                      const struct table_definition *table,
                      const struct item_write *write,
                      struct attribute_value out_values[KEY_ATTRIBUTES_MAX])
{
    return write->kind == WRITE_PUT ? item_check(request, table, write->item, out_values)
                                    : key_check(request, table, write->item, out_values);
}

static bool
fail_condition(struct request *request, const struct item_write *write, struct bytes old_item)
{
    struct api_error error;
    (void)api_error_set_message(&error, API_CONDITIONAL_CHECK_FAILED,
                                BYTES("The conditional request failed"));
    if (write->returns_item_on_failure && old_item.data != NULL) {
        struct buffer details;
        buffer_init(&details, request->arena, 256);
        buffer_append_text(&details, "\"Item\":");
        item_json_write(&details, old_item);
        error.details = buffer_view(&details);
    }
    return api_fail_with(request, &error);
}

bool item_write_compute(struct request *request,
                        const struct table_definition *table,
                        const struct item_write *write,
                        struct item_write_outcome *out_outcome)
{
    static const struct bytes no_item = { NULL, 0 };
    if (!item_write_check(request, table, write, out_outcome->key_values)) {
        return false;
    }
    item_key_of_values(request->arena, &table->key, out_outcome->key_values, &out_outcome->key);
    if (!items_get(request->txn, table, &out_outcome->key, out_outcome->key_values,
                   &out_outcome->old_item)) {
        out_outcome->old_item = no_item;
    }
    if (write->condition != NULL && !condition_evaluate(write->condition, out_outcome->old_item)) {
        return fail_condition(request, write, out_outcome->old_item);
    }
    out_outcome->new_item = write->kind == WRITE_PUT ? write->item : no_item;
    return true;
}

void item_write_apply(struct request *request,
                      const struct table_definition *table,
                      const struct item_write_outcome *outcome,
                      struct consumed_capacity *capacity)
{
    size_t old_size = outcome->old_item.data != NULL ? item_size(outcome->old_item) : 0;
    size_t new_size = outcome->new_item.data != NULL ? item_size(outcome->new_item) : 0;
    struct index_effect *effects =
        arena_alloc(request->arena, table->index_count * sizeof *effects);
    struct item_change change = {
        .table = table,
        .key_values = outcome->key_values,
        .key = &outcome->key,
        .old_item = outcome->old_item,
        .new_item = outcome->new_item,
    };
    item_change_apply(request->txn, request->arena, &change, effects);
    capacity_add_write(capacity, old_size, new_size, effects);
}

/* ---- PutItem and DeleteItem ---- */

struct single_write {
    struct item_write write;
    bool returns_old;
};

/* PutItem and DeleteItem take NONE and ALL_OLD of the five values that the shape lets pass. */
static bool plan_return_values(struct request *request, struct single_write *single)
{
    const struct cJSON *values = json_member(request->input, "ReturnValues");
    single->returns_old = shape_text_is(values, "ALL_OLD");
    if (values != NULL && !single->returns_old && !shape_text_is(values, "NONE")) {
        return api_fail(request, API_VALIDATION, "ReturnValues can only be ALL_OLD or NONE");
    }
    return true;
}

bool single_write_prepare(struct request *request,
                          const struct shape *shape,
                          enum item_write_kind kind)
{
    struct single_write *single = arena_alloc_zero(request->arena, sizeof *single);
    struct expressions expressions;
    single->write.kind = kind;
    if (!expressions_check_parameters(request, shape, request->input) ||
        !decode(request, request->input, &single->write) || !plan_return_values(request, single) ||
        !check_size(request, &single->write) ||
        !expressions_prepare(request, shape, request->input, &expressions)) {
        return false;
    }
    single->write.condition = expressions.condition;
    single->write.returns_item_on_failure = shape_text_is(
        json_member(request->input, "ReturnValuesOnConditionCheckFailure"), "ALL_OLD");
    request->plan = single;
    return true;
}

bool single_write_run(struct request *request)
{
    const struct single_write *single = request->plan;
    const struct table_definition *table = request_item_table(request, request_table_name(request));
    struct item_write_outcome outcome;
    struct consumed_capacity capacity;
    if (table == NULL || !item_write_compute(request, table, &single->write, &outcome)) {
        return false;
    }
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    if (single->returns_old && outcome.old_item.data != NULL) {
        json_write_key(writer, "Attributes");
        item_json_write(json_write_value_begin(writer), outcome.old_item);
        json_write_value_end(writer);
    }
    capacity_init(&capacity, request->arena, table);
    item_write_apply(request, table, &outcome, &capacity);
    capacity_write_member(request, capacity_mode_of(request), &capacity);
    collection_metrics_write_member(request, table, outcome.key_values[0]);
    json_close_object(writer);
    return true;
}
