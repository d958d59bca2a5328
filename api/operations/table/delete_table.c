#include "api/internal.h"
#include "api/operations.h"
#include "api/request.h"
#include "api/shape.h"
#include "api/tables/setting_admission.h"
#include "api/tables/table_admission.h"
#include "api/tables/table_description.h"
#include "storage/table/lifecycle.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("DeleteTableInput", MEMBERS);

static bool run(struct request *request)
{
    struct table_definition *table = request_table(request, request_table_name(request));
    if (table == NULL || !table_admits_delete(request, table) ||
        !settings_admit_delete(request, table)) {
        return false;
    }
    if (table->is_deletion_protected) {
        return api_fail(request, API_VALIDATION,
                        "Resource cannot be deleted as it is currently protected against deletion. "
                        "Disable deletion protection first.");
    }
    const struct durations *durations = &request->storage->durations;
    table_begin_delete(table, durations, request->now_ms);
    json_open_object(&request->writer);
    json_write_key(&request->writer, "TableDescription");
    struct description description = { .table = table,
                                       .reader = DESCRIBE_FOR_DELETE,
                                       .now_ms = request->now_ms };
    table_description_write(&request->writer, &description);
    json_close_object(&request->writer);
    table_settle(request->txn, request->arena, table, durations, request->storage->throttle,
                 request->now_ms);
    return true;
}

const struct operation OPERATION_DELETE_TABLE = {
    .name = "DeleteTable",
    .access = ACCESS_DEFINE,
    .input = &INPUT,
    .run = run,
};
