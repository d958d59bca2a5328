#include "api/operations.h"

/* The most called first: the look-up is a walk. */
static const struct operation *const OPERATIONS[] = {
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
    &OPERATION_DESCRIBE_TABLE,
    &OPERATION_LIST_TABLES,
    &OPERATION_CREATE_TABLE,
    &OPERATION_UPDATE_TABLE,
    &OPERATION_DELETE_TABLE,
};
enum { OPERATIONS_COUNT = sizeof OPERATIONS / sizeof OPERATIONS[0] };

const struct operation *operation_find(struct bytes target)
{
    struct bytes version = BYTES("DynamoDB_20120810.");
    if (!bytes_start_with(target, version)) {
        return NULL;
    }
    struct bytes name = { target.data + version.length, target.length - version.length };
    for (size_t i = 0; i < OPERATIONS_COUNT; i++) {
        if (bytes_equal(name, bytes_of_text(OPERATIONS[i]->name))) {
            return OPERATIONS[i];
        }
    }
    return NULL;
}
