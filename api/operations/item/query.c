#include "api/index_lag.h"
#include "api/items/item_read.h"
#include "api/items/legacy_shapes.h"
#include "api/items/page_shapes.h"
#include "api/operations.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED },
    { "IndexName", &SHAPE_INDEX_NAME, OPTIONAL },
    { "Select", &SHAPE_SELECT, OPTIONAL },
    { "AttributesToGet", &SHAPE_ATTRIBUTES_TO_GET, OPTIONAL },
    { "Limit", &SHAPE_PAGE_LIMIT, OPTIONAL },
    { "ConsistentRead", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "KeyConditions", &SHAPE_CONDITIONS, OPTIONAL },
    { "QueryFilter", &SHAPE_CONDITIONS, OPTIONAL },
    { "ConditionalOperator", &SHAPE_CONDITIONAL_OPERATOR, OPTIONAL },
    { "ScanIndexForward", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "ExclusiveStartKey", &SHAPE_ITEM, OPTIONAL },
    { "ProjectionExpression", &SHAPE_ANY_STRING, OPTIONAL },
    { "FilterExpression", &SHAPE_ANY_STRING, OPTIONAL },
    { "KeyConditionExpression", &SHAPE_ANY_STRING, OPTIONAL },
    { "ExpressionAttributeNames", &SHAPE_STRING_MAP, OPTIONAL },
    { "ExpressionAttributeValues", &SHAPE_ITEM, OPTIONAL },
    { "ReturnConsumedCapacity", &SHAPE_RETURN_CONSUMED_CAPACITY, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("QueryInput", MEMBERS);

static bool check_has_key_condition(struct request *request)
{
    return request_has(request, "KeyConditionExpression") ||
           request_has(request, "KeyConditions") ||
           api_fail(
               request, API_VALIDATION,
               "Either the KeyConditions or KeyConditionExpression parameter must be specified "
               "in the request.");
}

static bool prepare(struct request *request)
{
    struct page_plan *plan = arena_alloc(request->arena, sizeof *plan);
    request->plan = plan;
    return page_prepare(request, &INPUT, check_has_key_condition, plan);
}

/* ---- from the condition to a range of positions ---- */

static void append_equal(struct buffer *to, const struct key_condition *condition)
{
    for (size_t i = 0; i < condition->sort_equal_count; i++) {
        key_append_sort(to, condition->sort_equal[i]);
    }
}

/*
 * Sort bytes of the attributes under "=", then those of `value`, if any: what positions start with.
 * `past`: the smallest byte string after all that start so; NULL data when there is none.
 */
static struct bytes bound(struct arena *arena,
                          const struct key_condition *condition,
                          const struct attribute_value *value,
                          bool is_prefix,
                          bool past)
{
    struct buffer bytes;
    buffer_init(&bytes, arena, 64);
    append_equal(&bytes, condition);
    if (value != NULL && is_prefix) {
        key_append_sort_prefix(&bytes, value->payload);
    } else if (value != NULL) {
        key_append_sort(&bytes, *value);
    }
    if (past && !key_next_after_prefix(&bytes)) {
        return (struct bytes){ NULL, 0 };
    }
    return buffer_view(&bytes);
}

static void range_of_condition(struct arena *arena,
                               const struct key_condition *condition,
                               struct item_range *range)
{
    const struct attribute_value *low = NULL;
    const struct attribute_value *high = NULL;
    bool low_past = false;
    bool high_past = true;
    bool is_prefix = condition->sort_operator == KEY_BEGINS_WITH;
    switch (condition->sort_operator) {
    case KEY_LESS:
        high_past = false;
        high = &condition->sort_bounds[0];
        break;
    case KEY_LESS_OR_EQUAL:
        high = &condition->sort_bounds[0];
        break;
    case KEY_GREATER:
        low_past = true;
        low = &condition->sort_bounds[0];
        break;
    case KEY_GREATER_OR_EQUAL:
        low = &condition->sort_bounds[0];
        break;
    case KEY_BETWEEN:
        low = &condition->sort_bounds[0];
        high = &condition->sort_bounds[1];
        break;
    case KEY_BEGINS_WITH:
        low = high = &condition->sort_bounds[0];
        break;
    case KEY_ANY:
    case KEY_EQUAL:
    case KEY_NOT_INDEXABLE:
        break;
    }
    range->low = bound(arena, condition, low, is_prefix, low_past);
    range->high = bound(arena, condition, high, is_prefix, high_past);
}

static bool fail_outside(struct request *request, bool same_partition)
{
    return api_fail(
        request, API_VALIDATION, "%s",
        same_partition
            ? "The provided starting key does not match the range key predicate"
            : "The provided starting key is outside query boundaries based on provided conditions");
}

/* Narrows the range to what comes after ExclusiveStartKey. */
static bool start_after(struct request *request,
                        const struct page_plan *plan,
                        const struct page_target *target,
                        struct item_range *range)
{
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    uint8_t item_hash[KEY_HASH_SIZE];
    uint8_t partition[KEY_HASH_SIZE];
    if (target->index == NULL && target->table->key.sort_count == 0) {
        return api_fail(request, API_VALIDATION,
                        "The query can return at most one row and cannot be restarted");
    }
    if (!page_start_values(request, plan, target, true, values, item_hash)) {
        return false;
    }
    key_hash_partition(values, target->source.key->partition_count, partition);
    struct bytes own = { partition, KEY_HASH_SIZE };
    if (!bytes_equal(own, (struct bytes){ range->partition, KEY_HASH_SIZE })) {
        return fail_outside(request, false);
    }
    struct bytes position = item_position(request->arena, &target->source, values, item_hash);
    if (bytes_compare(position, range->low) < 0 ||
        (range->high.data != NULL && bytes_compare(position, range->high) >= 0)) {
        return fail_outside(request, true);
    }
    if (range->is_backward) {
        range->high = position;
    } else { /* with its final zero the smallest position after it */
        range->low = (struct bytes){ (const uint8_t *)bytes_to_text(request->arena, position),
                                     position.length + 1 };
    }
    return true;
}

static bool next_entry(void *cursor, struct item_entry *out_entry)
{
    return item_cursor_next(cursor, out_entry);
}

static bool run(struct request *request)
{
    const struct page_plan *plan = request->plan;
    struct page_target target;
    struct key_condition condition;
    struct expression_context context;
    if (!page_find_target(request, plan, true, &target)) {
        return false;
    }
    expression_init(&context, request->arena, EXPRESSION_KEY_CONDITION);
    if (!key_condition_bind(&context, &plan->expressions.key_terms, target.source.key,
                            &condition)) {
        return api_fail(request, API_VALIDATION, "%.*s", BYTES_ARGUMENTS(context.message));
    }
    uint8_t partition[KEY_HASH_SIZE];
    key_hash_partition(condition.partition, target.source.key->partition_count, partition);
    struct item_range range = {
        .partition = partition,
        .is_backward = request_has(request, "ScanIndexForward") &&
                       !request_boolean(request, "ScanIndexForward"),
    };
    range_of_condition(request->arena, &condition, &range);
    if (plan->has_start && !start_after(request, plan, &target, &range)) {
        return false;
    }
    struct item_cursor cursor;
    struct index_lag_view view;
    index_lag_begin(request, &target, &view);
    item_cursor_open(view.txn, request->arena, target.source, range, &cursor);
    bool done = page_write(request, plan, &target, next_entry, &cursor);
    item_cursor_close(&cursor);
    index_lag_end(request, &view);
    return done;
}

const struct operation OPERATION_QUERY = {
    .name = "Query",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
