#include "api/request.h"
#include "api/shape.h"
#include "api/tables/table_description.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
};
const struct shape describe_table_input = SHAPE_STRUCTURE_OF("DescribeTableInput", MEMBERS);

bool describe_table_prepare(struct request *request)
{
    (void)request;
    return true;
}

bool describe_table_run(struct request *request)
{
    struct bytes name = request_table_name(request);
    const struct table_definition *table = catalog_find(request->txn, request->arena, name);
    if (table == NULL) {
        return api_fail(request,
                        API_RESOURCE_NOT_FOUND,
                        "Requested resource not found: Table: %.*s not found",
                        BYTES_ARGUMENTS(name));
    }
    json_open_object(&request->writer);
    json_write_key(&request->writer, "Table");
    table_description_write(&request->writer, table, DESCRIBE_FOR_READER);
    json_close_object(&request->writer);
    return true;
}
