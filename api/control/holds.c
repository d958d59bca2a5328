/* hold and release: where the build of an index stops. */

#include "storage/table/holds.h"
#include "api/control/control.h"
#include "api/internal.h"
#include "api/rehearsal/states.h"
#include "storage/items/backfill.h"
#include "storage/table/lifecycle.h"

static const struct shape HOLD_PHASE = { .kind = SHAPE_STRING,
                                         .values = "ALLOCATING, BACKFILLING" };
static const struct shape ITEM_COUNT = { .kind = SHAPE_LONG, .range = { 0, SHAPE_NO_MAX } };
static const struct member HOLD_MEMBERS[] = {
    { "TableName", &SHAPE_NEW_TABLE_NAME, REQUIRED },
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "Phase", &HOLD_PHASE, REQUIRED },
    { "AfterItems", &ITEM_COUNT, OPTIONAL },
    { "AccessKeyId", &SHAPE_ANY_STRING, OPTIONAL },
    { "Region", &SHAPE_ANY_STRING, OPTIONAL },
};
const struct shape CONTROL_HOLD = SHAPE_STRUCTURE_OF("Hold", HOLD_MEMBERS);
static const struct member RELEASE_MEMBERS[] = {
    { "TableName", &SHAPE_NEW_TABLE_NAME, REQUIRED },
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "Items", &ITEM_COUNT, OPTIONAL },
    { "AccessKeyId", &SHAPE_ANY_STRING, OPTIONAL },
    { "Region", &SHAPE_ANY_STRING, OPTIONAL },
};
const struct shape CONTROL_RELEASE = SHAPE_STRUCTURE_OF("Release", RELEASE_MEMBERS);

/* The members of the input that say how, beside the names, into the timeline. */
static void note(struct request *request, enum timeline_kind kind, const char *number)
{
    struct buffer details;
    struct json_writer writer = json_writer_of(&details);
    buffer_init(&details, request->arena, 64);
    if (request_has(request, "Phase")) {
        json_member_text(&writer, "Phase", request_text(request, "Phase"));
    }
    if (request_has(request, number)) {
        json_member_integer(&writer, number, request_integer(request, number, 0));
    }
    struct timeline_event event = rehearsal_event(request, kind);
    event.table_name = request_qualified_name(request, request_text(request, "TableName"));
    event.index_name = request_text(request, "IndexName");
    event.details = buffer_view(&details);
    timeline_note(request->api->rehearsal.timeline, request->txn, request->arena, &event);
}

/* The index of that name, if there is one, and its table. */
static struct table_definition *find_index(struct request *request,
                                           const struct index_definition **out_index)
{
    struct bytes table_name = request_qualified_name(request, request_text(request, "TableName"));
    struct table_definition *table = catalog_find(request->txn, request->arena, table_name);
    *out_index = table != NULL ? table_find_index(table, request_text(request, "IndexName")) : NULL;
    return table;
}

static bool is_held(struct request *request)
{
    const struct index_definition *index;
    const struct table_definition *table = find_index(request, &index);
    return index != NULL && index_is_held(request->txn, table, index);
}

static void note_if_held(struct request *request)
{
    const struct index_definition *index;
    const struct table_definition *table = find_index(request, &index);
    if (index != NULL && index_is_held(request->txn, table, index)) {
        states_note_hold(request->api->rehearsal.timeline, request->txn, request->arena, table,
                         index);
    }
}

bool control_set_hold(struct control *control)
{
    struct request *request = &control->request;
    bool is_backfilling = shape_text_is(json_member(request->input, "Phase"), "BACKFILLING");
    struct hold hold = {
        .phase = is_backfilling ? HOLD_BACKFILLING : HOLD_ALLOCATING,
        .after_items = (uint64_t)request_integer(request, "AfterItems", 0),
    };
    bool was_held = is_held(request);
    hold_set(request->txn, request_qualified_name(request, request_text(request, "TableName")),
             request_text(request, "IndexName"), hold);
    note(request, TIMELINE_HOLD, "AfterItems");
    if (!was_held) {
        note_if_held(request);
    }
    return control_reply_empty(request);
}

/* With Items: goes on for that many and holds again. */
bool control_release_hold(struct control *control)
{
    struct request *request = &control->request;
    struct bytes table_name = request_qualified_name(request, request_text(request, "TableName"));
    struct bytes index_name = request_text(request, "IndexName");
    if (!hold_release(request->txn, table_name, index_name)) {
        return api_fail(request, API_RESOURCE_NOT_FOUND, "Nothing holds index %.*s of table %.*s",
                        BYTES_ARGUMENTS(index_name),
                        BYTES_ARGUMENTS(request_text(request, "TableName")));
    }
    if (request_has(request, "Items")) {
        const struct index_definition *index;
        (void)find_index(request, &index);
        uint64_t scanned = index != NULL ? backfill_find(request->txn, index).items_scanned : 0;
        struct hold again = {
            .phase = HOLD_BACKFILLING,
            .after_items = scanned + (uint64_t)request_integer(request, "Items", 0),
        };
        hold_set(request->txn, table_name, index_name, again);
    }
    note(request, TIMELINE_RELEASE, "Items");
    note_if_held(request);
    return control_reply_empty(request);
}
