/* fail: the build of an index is abandoned, as the service would if it could not go on. */

#include "api/control/control.h"
#include "api/internal.h"
#include "storage/storage.h"
#include "storage/table/lifecycle.h"

static const struct member FAIL_MEMBERS[] = {
    { "TableName", &SHAPE_NEW_TABLE_NAME, REQUIRED },
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "AccessKeyId", &SHAPE_ANY_STRING, OPTIONAL },
    { "Region", &SHAPE_ANY_STRING, OPTIONAL },
};
const struct shape CONTROL_FAIL = SHAPE_STRUCTURE_OF("Fail", FAIL_MEMBERS);

static bool is_being_built(const struct table_definition *table,
                           const struct index_definition *index)
{
    return table->status == TABLE_ACTIVE && index != NULL &&
           (index->phase == INDEX_ALLOCATING || index->phase == INDEX_BACKFILLING);
}

/* There is no status for it, so the index goes as a deleted one does (docs/compatibility.md). */
bool control_fail_build(struct control *control)
{
    struct request *request = &control->request;
    struct bytes table_name = request_text(request, "TableName");
    struct bytes index_name = request_text(request, "IndexName");
    struct table_definition *table = request_table(request, table_name);
    if (table == NULL) {
        return false;
    }
    struct index_definition *index = table_find_index(table, index_name);
    if (!is_being_built(table, index)) {
        return api_fail(request, API_RESOURCE_NOT_FOUND,
                        "No index %.*s of table %.*s is being built", BYTES_ARGUMENTS(index_name),
                        BYTES_ARGUMENTS(table_name));
    }
    struct timeline_event event = rehearsal_event(request, TIMELINE_FAIL);
    event.table_name = table->qualified_name;
    event.index_name = index_name;
    timeline_note(request->api->rehearsal.timeline, request->txn, request->arena, &event);
    const struct durations *durations = &request->storage->durations;
    index_begin_delete(index, durations, request->now_ms);
    table_settle(request->txn, request->arena, table, durations, request->storage->throttle,
                 request->now_ms);
    return control_reply_empty(request);
}
