#include "api/internal.h"
#include "api/operations.h"
#include "api/request.h"
#include "api/shape.h"
#include "api/tables/table_input.h"
#include "storage/table/time_to_live.h"

/* In the order in which the service lists what is missing. */
static const struct shape ATTRIBUTE_NAME = { .kind = SHAPE_STRING, .range = { 1, 255 } };
static const struct member SPECIFICATION_MEMBERS[] = {
    { "AttributeName", &ATTRIBUTE_NAME, REQUIRED },
    { "Enabled", &SHAPE_ANY_BOOLEAN, REQUIRED },
};
static const struct shape SPECIFICATION =
    SHAPE_STRUCTURE_OF("TimeToLiveSpecification", SPECIFICATION_MEMBERS);
static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
    { "TimeToLiveSpecification", &SPECIFICATION, REQUIRED },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UpdateTimeToLiveInput", MEMBERS);

static bool prepare(struct request *request)
{
    const struct cJSON *specification = json_member(request->input, "TimeToLiveSpecification");
    struct time_to_live *plan = arena_alloc_zero(request->arena, sizeof *plan);
    plan->is_enabled = shape_boolean(json_member(specification, "Enabled"));
    plan->attribute_name = json_text(request->arena, json_member(specification, "AttributeName"));
    request->plan = plan;
    return true;
}

/* What does not change anything or comes too soon, in this order. */
static bool check_change(struct request *request,
                         const struct time_to_live *now,
                         const struct time_to_live *wanted)
{
    if (!now->is_enabled && !wanted->is_enabled) {
        return api_fail(request, API_VALIDATION, "TimeToLive is already disabled");
    }
    if (now->is_enabled && !bytes_equal(now->attribute_name, wanted->attribute_name)) {
        return api_fail(
            request, API_VALIDATION,
            "TimeToLive is active on a different AttributeName: current AttributeName is %.*s",
            BYTES_ARGUMENTS(now->attribute_name));
    }
    if (now->is_enabled && wanted->is_enabled) {
        return api_fail(request, API_VALIDATION, "TimeToLive is already enabled");
    }
    int64_t pause_ms = request->storage->durations.ttl_pause_ms;
    if (request->now_ms < now->due_ms ||
        (now->changed_ms != 0 && request->now_ms < now->changed_ms + pause_ms)) {
        return api_fail(request, API_VALIDATION,
                        "Time to live has been modified multiple times within a fixed interval");
    }
    return true;
}

static bool run(struct request *request)
{
    struct time_to_live next = *(const struct time_to_live *)request->plan;
    const struct table_definition *table = request_table(request, request_table_name(request));
    if (table == NULL) {
        return false;
    }
    if (table->status == TABLE_CREATING) { /* a text of its own: no colon */
        return api_fail(request, API_RESOURCE_IN_USE, IN_USE "Table %.*s is being created",
                        BYTES_ARGUMENTS(table->name));
    }
    struct time_to_live now =
        time_to_live_find(request->txn, request->arena, table->qualified_name);
    if (!check_change(request, &now, &next)) {
        return false;
    }
    next.changed_ms = request->now_ms;
    next.due_ms = request->now_ms + request->storage->durations.ttl_update_ms;
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    json_write_key(writer, "TimeToLiveSpecification");
    json_open_object(writer);
    json_member_boolean(writer, "Enabled", next.is_enabled);
    json_member_text(writer, "AttributeName", next.attribute_name);
    json_close_object(writer);
    json_close_object(writer);
    time_to_live_put(request->txn, request->arena, table->qualified_name, &next);
    request->wakes_background = true;
    return true;
}

const struct operation OPERATION_UPDATE_TIME_TO_LIVE = {
    .name = "UpdateTimeToLive",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
