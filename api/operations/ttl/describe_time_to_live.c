#include "api/operations.h"
#include "api/request.h"
#include "api/shape.h"
#include "api/tables/table_description.h"
#include "storage/table/time_to_live.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("DescribeTimeToLiveInput", MEMBERS);

static const char *const STATUS_NAMES[] = {
    [TIME_TO_LIVE_DISABLED] = "DISABLED",
    [TIME_TO_LIVE_ENABLING] = "ENABLING",
    [TIME_TO_LIVE_ENABLED] = "ENABLED",
    [TIME_TO_LIVE_DISABLING] = "DISABLING",
};

static bool run(struct request *request)
{
    const struct table_definition *table = request_table(request, request_table_name(request));
    if (table == NULL) {
        return false;
    }
    if (table->status != TABLE_ACTIVE) {
        const char *status = table_status_text(table);
        return api_fail(request, API_VALIDATION,
                        "Cannot describe time to live while table is in %s state: Current table "
                        "state is %s",
                        status, status);
    }
    struct time_to_live time_to_live =
        time_to_live_find(request->txn, request->arena, table->qualified_name);
    enum time_to_live_status status = time_to_live_status(&time_to_live, request->now_ms);
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    json_write_key(writer, "TimeToLiveDescription");
    json_open_object(writer);
    json_member_text(writer, "TimeToLiveStatus", bytes_of_text(STATUS_NAMES[status]));
    if (status != TIME_TO_LIVE_DISABLED) {
        json_member_text(writer, "AttributeName", time_to_live.attribute_name);
    }
    json_close_object(writer);
    json_close_object(writer);
    return true;
}

const struct operation OPERATION_DESCRIBE_TIME_TO_LIVE = {
    .name = "DescribeTimeToLive",
    .access = ACCESS_READ,
    .input = &INPUT,
    .run = run,
};
