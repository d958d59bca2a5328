#include "api/operations.h"

#include <string.h>

/* One line each: the operation's own file defines the three. */
#define DECLARE(operation)                                                                         \
    extern const struct shape operation##_input;                                                   \
    bool operation##_prepare(struct request *request);                                             \
    bool operation##_run(struct request *request)

DECLARE(batch_get_item);
DECLARE(batch_write_item);
DECLARE(create_table);
DECLARE(delete_item);
DECLARE(delete_table);
DECLARE(describe_table);
DECLARE(get_item);
DECLARE(list_tables);
DECLARE(put_item);
DECLARE(query);
DECLARE(scan);
DECLARE(update_table);

#define ROW(target, how, operation)                                                                \
    {                                                                                              \
        .name = (target), .access = (how), .input = &operation##_input,                            \
        .prepare = operation##_prepare, .run = operation##_run,                                    \
    }

/* clang-format off */
static const struct operation OPERATIONS[] = {
    ROW("GetItem",        ACCESS_READ,   get_item),
    ROW("PutItem",        ACCESS_WRITE,  put_item),
    ROW("Query",          ACCESS_READ,   query),
    ROW("DeleteItem",     ACCESS_WRITE,  delete_item),
    ROW("BatchGetItem",   ACCESS_READ,   batch_get_item),
    ROW("BatchWriteItem", ACCESS_WRITE,  batch_write_item),
    ROW("Scan",           ACCESS_READ,   scan),
    ROW("DescribeTable",  ACCESS_READ,   describe_table),
    ROW("ListTables",     ACCESS_READ,   list_tables),
    ROW("CreateTable",    ACCESS_DEFINE, create_table),
    ROW("UpdateTable",    ACCESS_DEFINE, update_table),
    ROW("DeleteTable",    ACCESS_DEFINE, delete_table),
};
/* clang-format on */

const struct operation *operation_find(struct bytes target)
{
    struct bytes version = BYTES("DynamoDB_20120810.");
    if (!bytes_start_with(target, version)) {
        return NULL;
    }
    struct bytes name = { target.data + version.length, target.length - version.length };
    for (size_t i = 0; i < sizeof OPERATIONS / sizeof *OPERATIONS; i++) {
        if (bytes_equal(name, bytes_of_text(OPERATIONS[i].name))) {
            return &OPERATIONS[i];
        }
    }
    return NULL;
}
