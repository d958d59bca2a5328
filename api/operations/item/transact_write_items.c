#include "api/attribute_json.h"
#include "api/items/transaction.h"
#include "api/items/write_shapes.h"
#include "api/limits.h"
#include "api/operations.h"

static const struct member CHECK_MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED },
    { "Key", &SHAPE_ITEM, REQUIRED },
    { "ConditionExpression", &SHAPE_ANY_STRING, REQUIRED },
    { "ExpressionAttributeNames", &SHAPE_STRING_MAP, OPTIONAL },
    { "ExpressionAttributeValues", &SHAPE_ITEM, OPTIONAL },
    { "ReturnValuesOnConditionCheckFailure", &SHAPE_RETURN_VALUES_ON_FAILURE, OPTIONAL },
};
static const struct shape CHECK = SHAPE_STRUCTURE_OF("ConditionCheck", CHECK_MEMBERS);
static const struct member PUT_MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED },
    { "Item", &SHAPE_ITEM, REQUIRED },
    { "ConditionExpression", &SHAPE_ANY_STRING, OPTIONAL },
    { "ExpressionAttributeNames", &SHAPE_STRING_MAP, OPTIONAL },
    { "ExpressionAttributeValues", &SHAPE_ITEM, OPTIONAL },
    { "ReturnValuesOnConditionCheckFailure", &SHAPE_RETURN_VALUES_ON_FAILURE, OPTIONAL },
};
static const struct shape PUT = SHAPE_STRUCTURE_OF("Put", PUT_MEMBERS);
static const struct member DELETE_MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED },
    { "Key", &SHAPE_ITEM, REQUIRED },
    { "ConditionExpression", &SHAPE_ANY_STRING, OPTIONAL },
    { "ExpressionAttributeNames", &SHAPE_STRING_MAP, OPTIONAL },
    { "ExpressionAttributeValues", &SHAPE_ITEM, OPTIONAL },
    { "ReturnValuesOnConditionCheckFailure", &SHAPE_RETURN_VALUES_ON_FAILURE, OPTIONAL },
};
static const struct shape DELETE = SHAPE_STRUCTURE_OF("Delete", DELETE_MEMBERS);
static const struct member UPDATE_MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED },
    { "Key", &SHAPE_ITEM, REQUIRED },
    { "UpdateExpression", &SHAPE_ANY_STRING, REQUIRED },
    { "ConditionExpression", &SHAPE_ANY_STRING, OPTIONAL },
    { "ExpressionAttributeNames", &SHAPE_STRING_MAP, OPTIONAL },
    { "ExpressionAttributeValues", &SHAPE_ITEM, OPTIONAL },
    { "ReturnValuesOnConditionCheckFailure", &SHAPE_RETURN_VALUES_ON_FAILURE, OPTIONAL },
};
static const struct shape UPDATE = SHAPE_STRUCTURE_OF("Update", UPDATE_MEMBERS);
static const struct member ACTION_MEMBERS[] = {
    { "ConditionCheck", &CHECK, OPTIONAL },
    { "Put", &PUT, OPTIONAL },
    { "Delete", &DELETE, OPTIONAL },
    { "Update", &UPDATE, OPTIONAL },
};
static const struct shape ACTION = SHAPE_STRUCTURE_OF("TransactWriteItem", ACTION_MEMBERS);
static const struct shape ACTIONS = { .kind = SHAPE_LIST,
                                      .element = &ACTION,
                                      .range = { 1, LIMIT_TRANSACTION_ACTIONS } };
static const struct shape CLIENT_TOKEN = { .kind = SHAPE_STRING,
                                           .range = { 1, LIMIT_CLIENT_TOKEN_LENGTH } };
static const struct member MEMBERS[] = {
    { "TransactItems", &ACTIONS, REQUIRED },
    { "ClientRequestToken", &CLIENT_TOKEN, OPTIONAL },
    { "ReturnConsumedCapacity", &SHAPE_RETURN_CONSUMED_CAPACITY, OPTIONAL },
    { "ReturnItemCollectionMetrics", &SHAPE_RETURN_ITEM_COLLECTION_METRICS, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("TransactWriteItemsInput", MEMBERS);

/* What an entry of TransactItems may hold one of. */
static const struct action_kind {
    const char *name;
    const struct shape *shape;
    enum item_write_kind kind;
    bool is_check;
} KINDS[] = {
    { "ConditionCheck", &CHECK, WRITE_DELETE, true },
    { "Put", &PUT, WRITE_PUT, false },
    { "Delete", &DELETE, WRITE_DELETE, false },
    { "Update", &UPDATE, WRITE_UPDATE, false },
};

static bool
find_kind(struct request *request, const struct cJSON *entry, const struct action_kind **out_kind)
{
    *out_kind = NULL;
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (json_member(entry, KINDS[i].name) == NULL) {
            continue;
        }
        if (*out_kind != NULL) {
            return api_fail(request, API_VALIDATION,
                            "TransactItems can only contain one of Check, Put, Update or Delete");
        }
        *out_kind = &KINDS[i];
    }
    return *out_kind != NULL ||
           api_fail(request, API_VALIDATION,
                    "Invalid Request: TransactWriteRequest should contain Delete or Put or Update "
                    "request");
}

/* What an update brings with it: all that is known of its item's size before it is read. */
static size_t values_size(struct request *request, const struct cJSON *input)
{
    const struct cJSON *values = json_member(input, "ExpressionAttributeValues");
    size_t size_bytes = 0;
    if (values == NULL) {
        return 0;
    }
    for (const struct cJSON *node = json_first(values); node != NULL; node = json_next(node)) {
        struct attribute_value value;
        struct api_error error;
        if (json_kind(node) != JSON_NULL &&
            attribute_of_json(request->arena, node, &value, &error)) {
            size_bytes += attribute_value_size(value);
        }
    }
    return size_bytes;
}

static bool
plan_action(struct request *request, const struct cJSON *entry, struct transaction *transaction)
{
    struct transaction_action *action = &transaction->actions[transaction->action_count++];
    const struct action_kind *kind;
    struct expressions expressions;
    if (!find_kind(request, entry, &kind)) {
        return false;
    }
    const struct cJSON *input = json_member(entry, kind->name);
    if (!expressions_check_parameters(request, kind->shape, input) ||
        !item_write_prepare(request, input, kind->kind, &action->write) ||
        !expressions_prepare(request, kind->shape, input, &expressions)) {
        return false;
    }
    action->write.condition = expressions.condition;
    action->write.update = expressions.update;
    action->write.returns_item_on_failure =
        shape_text_is(json_member(input, "ReturnValuesOnConditionCheckFailure"), "ALL_OLD");
    action->is_check = kind->is_check;
    action->size_bytes = item_size(action->write.item);
    if (kind->kind == WRITE_UPDATE) {
        action->size_bytes += values_size(request, input);
    }
    action->table = transaction_table(
        transaction, table_name_of_arn(json_text(request->arena, json_member(input, "TableName"))));
    return true;
}

static bool prepare(struct request *request)
{
    const struct cJSON *entries = json_member(request->input, "TransactItems");
    struct transaction *transaction = transaction_create(request, json_count(entries));
    for (const struct cJSON *entry = json_first(entries); entry != NULL; entry = json_next(entry)) {
        if (!plan_action(request, entry, transaction)) {
            return false;
        }
    }
    transaction->client_token = request_text(request, "ClientRequestToken");
    if (transaction->client_token.length > 0) {
        json_fingerprint(request->arena, entries, transaction->fingerprint);
    }
    request->plan = transaction;
    return true;
}

static bool run(struct request *request)
{
    return transaction_run(request, request->plan);
}

const struct operation OPERATION_TRANSACT_WRITE_ITEMS = {
    .name = "TransactWriteItems",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
