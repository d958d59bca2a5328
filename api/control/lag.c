/* lag: how far reads of global secondary indexes are behind their table. */

#include "api/control/control.h"
#include "api/index_lag.h"
#include "api/internal.h"

#include <string.h>

static const struct shape LAG = { .kind = SHAPE_LONG, .range = { 0, INDEX_LAG_MAX_MS } };
static const struct member LAG_MEMBERS[] = {
    { "IndexLagMilliseconds", &LAG, REQUIRED },   { "TableName", &SHAPE_NEW_TABLE_NAME, OPTIONAL },
    { "IndexName", &SHAPE_INDEX_NAME, OPTIONAL }, { "AccessKeyId", &SHAPE_ANY_STRING, OPTIONAL },
    { "Region", &SHAPE_ANY_STRING, OPTIONAL },
};
const struct shape CONTROL_LAG = SHAPE_STRUCTURE_OF("Lag", LAG_MEMBERS);

/* "ACCESS KEY/REGION/NAME" or "NAME"; the world is shown where there is one. */
static void write_names(struct json_writer *writer, const struct index_lag_place *place)
{
    struct bytes name = place->table;
    for (size_t i = name.length; i > 0; i--) {
        if (place->table.data[i - 1] == WORLD_SEPARATOR) {
            json_member_text(writer, "World", (struct bytes){ place->table.data, i - 1 });
            name = (struct bytes){ place->table.data + i, place->table.length - i };
            break;
        }
    }
    json_member_text(writer, "TableName", name);
    if (place->index.length > 0) {
        json_member_text(writer, "IndexName", place->index);
    }
}

bool control_show_lag(struct control *control)
{
    struct request *request = &control->request;
    struct json_writer *writer = &request->writer;
    size_t count;
    const struct index_lag_place *list =
        index_lag_list(request->api->index_lag, request->arena, &count);
    json_open_object(writer);
    json_member_integer(writer, "IndexLagMilliseconds", list[0].lag_ms);
    json_write_key(writer, "Tables");
    json_open_array(writer);
    for (size_t i = 1; i < count; i++) {
        json_open_object(writer);
        write_names(writer, &list[i]);
        json_member_integer(writer, "IndexLagMilliseconds", list[i].lag_ms);
        json_close_object(writer);
    }
    json_close_array(writer);
    json_close_object(writer);
    return true;
}

bool control_set_lag(struct control *control)
{
    struct request *request = &control->request;
    struct index_lag_place place = { .index = request_text(request, "IndexName") };
    place.lag_ms = request_integer(request, "IndexLagMilliseconds", 0);
    if (request_has(request, "TableName")) {
        if (!control_enter_world(control, true)) {
            return false;
        }
        place.table = request_qualified_name(request, request_text(request, "TableName"));
    } else if (request_has(request, "IndexName")) {
        return api_fail(request, API_VALIDATION, "IndexName needs a TableName beside it");
    } else if (request_has(request, "AccessKeyId") || request_has(request, "Region")) {
        return api_fail(request, API_VALIDATION,
                        "AccessKeyId and Region need a TableName beside them");
    }
    if (!index_lag_set(request->api->index_lag, &place)) {
        return api_fail(request, API_LIMIT_EXCEEDED,
                        "A lag is set for %d tables and indexes already; DELETE lag forgets them",
                        INDEX_LAG_PLACES_MAX);
    }
    return control_reply_empty(request);
}

bool control_reset_lag(struct control *control)
{
    index_lag_reset(control->request.api->index_lag);
    return control_reply_empty(&control->request);
}
