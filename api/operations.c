#include "api/operations.h"

/* The most called first: the look-up is a walk. */
static const struct operation *const OPERATIONS[] = {
    &get_item_operation,
    &put_item_operation,
    &query_operation,
    &delete_item_operation,
    &batch_get_item_operation,
    &batch_write_item_operation,
    &scan_operation,
    &describe_table_operation,
    &list_tables_operation,
    &create_table_operation,
    &update_table_operation,
    &delete_table_operation,
};

const struct operation *operation_find(struct bytes target)
{
    struct bytes version = BYTES("DynamoDB_20120810.");
    if (!bytes_start_with(target, version)) {
        return NULL;
    }
    struct bytes name = { target.data + version.length, target.length - version.length };
    for (size_t i = 0; i < sizeof OPERATIONS / sizeof *OPERATIONS; i++) {
        if (bytes_equal(name, bytes_of_text(OPERATIONS[i]->name))) {
            return OPERATIONS[i];
        }
    }
    return NULL;
}
