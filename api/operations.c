#include "api/operations.h"

/* What works with items; the most called first: the look-up is a walk. */
static const struct operation *const ITEM_OPERATIONS[] = {
    &OPERATION_GET_ITEM,
    &OPERATION_PUT_ITEM,
    &OPERATION_QUERY,
    &OPERATION_UPDATE_ITEM,
    &OPERATION_DELETE_ITEM,
    &OPERATION_BATCH_GET_ITEM,
    &OPERATION_BATCH_WRITE_ITEM,
    &OPERATION_TRANSACT_WRITE_ITEMS,
    &OPERATION_TRANSACT_GET_ITEMS,
    &OPERATION_SCAN,
};
enum { ITEM_OPERATIONS_COUNT = sizeof ITEM_OPERATIONS / sizeof ITEM_OPERATIONS[0] };

/* What works with tables and their settings. */
static const struct operation *const OPERATIONS[] = {
    &OPERATION_DESCRIBE_TABLE,
    &OPERATION_LIST_TABLES,
    &OPERATION_CREATE_TABLE,
    &OPERATION_UPDATE_TABLE,
    &OPERATION_DELETE_TABLE,
    &OPERATION_CREATE_GLOBAL_TABLE,
    &OPERATION_DELETE_RESOURCE_POLICY,
    &OPERATION_DESCRIBE_CONTINUOUS_BACKUPS,
    &OPERATION_DESCRIBE_CONTRIBUTOR_INSIGHTS,
    &OPERATION_DESCRIBE_ENDPOINTS,
    &OPERATION_DESCRIBE_GLOBAL_TABLE,
    &OPERATION_DESCRIBE_GLOBAL_TABLE_SETTINGS,
    &OPERATION_DESCRIBE_KINESIS_STREAMING_DESTINATION,
    &OPERATION_DESCRIBE_LIMITS,
    &OPERATION_DESCRIBE_TABLE_REPLICA_AUTO_SCALING,
    &OPERATION_DESCRIBE_TIME_TO_LIVE,
    &OPERATION_DISABLE_KINESIS_STREAMING_DESTINATION,
    &OPERATION_ENABLE_KINESIS_STREAMING_DESTINATION,
    &OPERATION_GET_RESOURCE_POLICY,
    &OPERATION_LIST_CONTRIBUTOR_INSIGHTS,
    &OPERATION_LIST_GLOBAL_TABLES,
    &OPERATION_LIST_TAGS_OF_RESOURCE,
    &OPERATION_PUT_RESOURCE_POLICY,
    &OPERATION_TAG_RESOURCE,
    &OPERATION_UNTAG_RESOURCE,
    &OPERATION_UPDATE_CONTINUOUS_BACKUPS,
    &OPERATION_UPDATE_CONTRIBUTOR_INSIGHTS,
    &OPERATION_UPDATE_GLOBAL_TABLE,
    &OPERATION_UPDATE_GLOBAL_TABLE_SETTINGS,
    &OPERATION_UPDATE_KINESIS_STREAMING_DESTINATION,
    &OPERATION_UPDATE_TABLE_REPLICA_AUTO_SCALING,
    &OPERATION_UPDATE_TIME_TO_LIVE,
};
enum { OPERATIONS_COUNT = sizeof OPERATIONS / sizeof OPERATIONS[0] };

static const struct operation *
find_among(const struct operation *const *operations, size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(name, bytes_of_text(operations[i]->name))) {
            return operations[i];
        }
    }
    return NULL;
}

const struct operation *operation_of_name(struct bytes name)
{
    const struct operation *found = find_among(ITEM_OPERATIONS, ITEM_OPERATIONS_COUNT, name);
    return found != NULL ? found : find_among(OPERATIONS, OPERATIONS_COUNT, name);
}

bool operation_is_of_items(const struct operation *operation)
{
    size_t i = 0;
    while (i < ITEM_OPERATIONS_COUNT && operation != ITEM_OPERATIONS[i]) {
        i++;
    }
    return i < ITEM_OPERATIONS_COUNT;
}

bool operation_changes_tables(const struct operation *operation)
{
    return operation->access != ACCESS_READ && !operation_is_of_items(operation);
}

const struct operation *operation_find(struct bytes target)
{
    struct bytes version = BYTES("DynamoDB_20120810.");
    if (!bytes_start_with(target, version)) {
        return NULL;
    }
    return operation_of_name(
        (struct bytes){ target.data + version.length, target.length - version.length });
}
