#include "api/operations.h"
#include "api/request.h"
#include "api/shape.h"
#include "api/tables/table_description.h"
#include "storage/storage.h"
#include "storage/table/item_counts.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("DescribeTableInput", MEMBERS);

static bool run(struct request *request)
{
    struct table_definition *table = request_table(request, request_table_name(request));
    if (table == NULL) {
        return false;
    }
    if (request->storage->item_count_refresh_ms == 0) {
        item_counts_read(request->txn, table);
    }
    struct description description = { .table = table,
                                       .reader = DESCRIBE_FOR_READER,
                                       .now_ms = request->now_ms };
    json_open_object(&request->writer);
    json_write_key(&request->writer, "Table");
    table_description_write(&request->writer, &description);
    json_close_object(&request->writer);
    return true;
}

const struct operation OPERATION_DESCRIBE_TABLE = {
    .name = "DescribeTable",
    .access = ACCESS_READ,
    .input = &INPUT,
    .run = run,
};
