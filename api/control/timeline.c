/* timeline: what happened, in order. */

#include "api/rehearsal/timeline.h"
#include "api/control/control.h"
#include "api/internal.h"

enum { LIMIT_USUAL = 1000, LIMIT_MAX = 10000 };

/* Without a table, all that are there: of every world, unless one is named. */
bool control_show_timeline(struct control *control)
{
    struct request *request = &control->request;
    struct bytes table_name = control_query_value(control, BYTES("TableName"));
    bool names_world = control_query_value(control, BYTES("AccessKeyId")).length > 0 ||
                       control_query_value(control, BYTES("Region")).length > 0;
    int64_t after;
    int64_t limit;
    if (!control_query_number(control, BYTES("After"), 0, &after) ||
        !control_query_number(control, BYTES("Limit"), LIMIT_USUAL, &limit)) {
        return false;
    }
    if (limit < 1 || limit > LIMIT_MAX) {
        return api_fail(request, API_VALIDATION, "Limit must be from 1 to %d", (int)LIMIT_MAX);
    }
    if ((table_name.length > 0 || names_world) && !control_enter_world(control, false)) {
        return false;
    }
    struct timeline_query query = { .after = (uint64_t)after,
                                    .world = request->world,
                                    .limit = (size_t)limit };
    if (table_name.length > 0) {
        query.table_name = request_qualified_name(request, table_name);
    }
    timeline_write(request->api->rehearsal.timeline, &query, &request->writer);
    return true;
}
