#include "api/items/item_write.h"

#include "api/attribute_json.h"
#include "api/expression/condition.h"
#include "api/expression/projection.h"
#include "api/expression/update.h"
#include "api/items/admission.h"
#include "api/items/item_key.h"
#include "api/items/item_update.h"
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
    if (write->kind == WRITE_PUT) {
        return item_check(request, table, write->item, out_values);
    }
    return key_check(request, table, write->item, out_values) &&
           (write->update == NULL || item_update_check(request, table, write->update));
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

static const struct bytes NO_ITEM = { NULL, 0 };

static bool update_item(struct request *request,
                        const struct table_definition *table,
                        const struct item_write *write,
                        struct item_write_outcome *outcome)
{
    bool exists = outcome->old_item.data != NULL;
    struct bytes start = exists ? outcome->old_item : write->item;
    if (write->update == NULL) {
        outcome->new_item = bytes_copy(request->arena, start);
        return true;
    }
    if (!item_update_apply(request, table, write->update, start, &outcome->new_item)) {
        return false;
    }
    if (!exists && update_only_removes(write->update)) {
        outcome->new_item = NO_ITEM;
    }
    return true;
}

bool item_write_compute(struct request *request,
                        const struct table_definition *table,
                        const struct item_write *write,
                        const struct consumed_capacity *capacity,
                        struct item_write_outcome *out_outcome)
{
    if (!item_write_check(request, table, write, out_outcome->key_values) ||
        !admission_check(request, capacity, NULL)) {
        return false;
    }
    item_key_of_values(request->arena, &table->key, out_outcome->key_values, &out_outcome->key);
    if (!items_get(request->txn, table, &out_outcome->key, out_outcome->key_values,
                   &out_outcome->old_item)) {
        out_outcome->old_item = NO_ITEM;
    }
    if (write->condition != NULL && !condition_evaluate(write->condition, out_outcome->old_item)) {
        return fail_condition(request, write, out_outcome->old_item);
    }
    if (write->kind == WRITE_UPDATE) {
        return update_item(request, table, write, out_outcome);
    }
    out_outcome->new_item = write->kind == WRITE_PUT ? write->item : NO_ITEM;
    return true;
}

bool item_write_check_conflict(struct request *request,
                               const struct table_definition *table,
                               const struct item_write_outcome *outcome)
{
    return !txn_is_claimed(request->txn, table->database, key_view(&outcome->key)) ||
           api_fail(request, API_TRANSACTION_CONFLICT, "Transaction is ongoing for the item");
}

static struct item_change change_of(const struct table_definition *table,
                                    const struct item_write_outcome *outcome)
{
    return (struct item_change){
        .table = table,
        .key_values = outcome->key_values,
        .key = &outcome->key,
        .old_item = outcome->old_item,
        .new_item = outcome->new_item,
    };
}

bool item_write_check_indexes(struct request *request,
                              const struct table_definition *table,
                              const struct item_write_outcome *outcome,
                              const struct consumed_capacity *capacity)
{
    if (!admission_is_limited(request)) {
        return true;
    }
    struct index_effect effects[INDEXES_MAX];
    struct item_change change = change_of(table, outcome);
    item_change_plan(request->arena, &change, effects);
    return admission_check_effects(request, capacity, effects);
}

static size_t image_size(struct bytes item)
{
    return item.data != NULL ? item_size(item) : 0;
}

void item_write_apply(struct request *request,
                      const struct table_definition *table,
                      const struct item_write_outcome *outcome,
                      struct consumed_capacity *capacity)
{
    size_t old_size = image_size(outcome->old_item);
    size_t new_size = image_size(outcome->new_item);
    struct index_effect *effects =
        arena_alloc(request->arena, table->index_count * sizeof *effects);
    struct item_change change = change_of(table, outcome);
    item_change_apply(request->txn, request->arena, &change, effects);
    capacity_add_write(capacity, old_size, new_size, effects);
}

double item_write_failed_units(const struct item_write_outcome *outcome)
{
    return capacity_write_units(image_size(outcome->old_item));
}

/* ---- PutItem, DeleteItem and UpdateItem ---- */

enum return_values {
    RETURN_NONE,
    RETURN_ALL_OLD,
    RETURN_UPDATED_OLD,
    RETURN_ALL_NEW,
    RETURN_UPDATED_NEW,
};

struct single_write {
    struct item_write write;
    enum return_values returns;
};

/* PutItem and DeleteItem take NONE and ALL_OLD of the five values that the shape lets pass. */
static bool plan_return_values(struct request *request, struct single_write *single)
{
    static const char *const names[] = { "NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW",
                                         "UPDATED_NEW" };
    const struct cJSON *value = json_member(request->input, "ReturnValues");
    for (size_t i = 0; value != NULL && i < sizeof names / sizeof *names; i++) {
        if (shape_text_is(value, names[i])) {
            single->returns = (enum return_values)i;
        }
    }
    if (single->write.kind != WRITE_UPDATE && single->returns > RETURN_ALL_OLD) {
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
    single->write.update = expressions.update;
    single->write.condition = expressions.condition;
    single->write.returns_item_on_failure = shape_text_is(
        json_member(request->input, "ReturnValuesOnConditionCheckFailure"), "ALL_OLD");
    request->plan = single;
    return true;
}

/* What there is of the image that is asked for; nothing of it, and there is no member. */
static struct bytes returned_attributes(struct request *request,
                                        const struct single_write *single,
                                        const struct item_write_outcome *outcome)
{
    bool is_old = single->returns == RETURN_ALL_OLD || single->returns == RETURN_UPDATED_OLD;
    bool is_whole = single->returns == RETURN_ALL_OLD || single->returns == RETURN_ALL_NEW;
    struct bytes item = is_old ? outcome->old_item : outcome->new_item;
    if (single->returns == RETURN_NONE || item.data == NULL) {
        return NO_ITEM;
    }
    if (is_whole) {
        return item;
    }
    if (single->write.update == NULL) {
        return NO_ITEM;
    }
    struct buffer projected;
    buffer_init(&projected, request->arena, 256);
    struct bytes touched = projection_apply(&single->write.update->touched, item, &projected);
    return item_attributes(touched).length > 0 ? touched : NO_ITEM;
}

static void write_attributes(struct json_writer *writer, struct bytes item)
{
    if (item.data != NULL) {
        json_write_key(writer, "Attributes");
        item_json_write(json_write_value_begin(writer), item);
        json_write_value_end(writer);
    }
}

bool single_write_run(struct request *request)
{
    const struct single_write *single = request->plan;
    const struct table_definition *table = request_item_table(request, request_table_name(request));
    struct item_write_outcome outcome;
    if (table == NULL) {
        return false;
    }
    struct consumed_capacity *capacity = capacity_start(request, table, UNITS_OF_WRITES);
    if (!item_write_compute(request, table, &single->write, capacity, &outcome)) {
        if (request->error.code == API_CONDITIONAL_CHECK_FAILED) {
            capacity->table_units = item_write_failed_units(&outcome);
            capacity->fails_condition = true;
        }
        return false;
    }
    if (!item_write_check_conflict(request, table, &outcome)) {
        capacity->conflict_count = 1;
        return false;
    }
    if (!item_write_check_indexes(request, table, &outcome, capacity)) {
        return false;
    }
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    write_attributes(writer, returned_attributes(request, single, &outcome));
    item_write_apply(request, table, &outcome, capacity);
    capacity_write_member(request, capacity);
    collection_metrics_write_member(request, table, outcome.key_values[0]);
    json_close_object(writer);
    return true;
}
