/* freeze and thaw: whether the items of a table may be written. */

#include "storage/table/freezes.h"
#include "api/control/control.h"
#include "api/internal.h"
#include "api/rehearsal/exceptions.h"

static const struct member FREEZE_MEMBERS[] = {
    { "TableName", &SHAPE_NEW_TABLE_NAME, REQUIRED },
    { "Error", &SHAPE_ANY_STRING, OPTIONAL },
    { "AccessKeyId", &SHAPE_ANY_STRING, OPTIONAL },
    { "Region", &SHAPE_ANY_STRING, OPTIONAL },
};
const struct shape CONTROL_FREEZE = SHAPE_STRUCTURE_OF("Freeze", FREEZE_MEMBERS);
static const struct member THAW_MEMBERS[] = {
    { "TableName", &SHAPE_NEW_TABLE_NAME, REQUIRED },
    { "AccessKeyId", &SHAPE_ANY_STRING, OPTIONAL },
    { "Region", &SHAPE_ANY_STRING, OPTIONAL },
};
const struct shape CONTROL_THAW = SHAPE_STRUCTURE_OF("Thaw", THAW_MEMBERS);

/* What the one way to do it on AWS, a policy that denies writes, is answered with. */
static const enum api_error_code ERROR_USUAL = API_ACCESS_DENIED;

static void note(struct request *request,
                 enum timeline_kind kind,
                 const struct table_definition *table,
                 struct bytes error)
{
    struct timeline_event event = rehearsal_event(request, kind);
    event.table_name = table->qualified_name;
    event.error = error;
    timeline_note(request->api->rehearsal.timeline, request->txn, request->arena, &event);
}

bool control_freeze(struct control *control)
{
    struct request *request = &control->request;
    const struct table_definition *table =
        request_table(request, request_text(request, "TableName"));
    struct bytes error = request_text(request, "Error");
    enum api_error_code code = ERROR_USUAL;
    if (table == NULL) {
        return false;
    }
    if (request_has(request, "Error") && !api_error_of_name(error, &code)) {
        struct bytes names = exception_names(request->arena);
        return api_fail(request, API_VALIDATION, "Error: %.*s is none of %.*s",
                        BYTES_ARGUMENTS(error), BYTES_ARGUMENTS(names));
    }
    error = bytes_of_text(api_error_name(code));
    freeze_set(request->txn, table->qualified_name, error);
    note(request, TIMELINE_FREEZE, table, error);
    json_open_object(&request->writer);
    json_member_text(&request->writer, "TableName", table->name);
    json_member_text(&request->writer, "Error", error);
    json_close_object(&request->writer);
    return true;
}

bool control_thaw(struct control *control)
{
    struct request *request = &control->request;
    const struct table_definition *table =
        request_table(request, request_text(request, "TableName"));
    if (table == NULL) {
        return false;
    }
    if (!freeze_remove(request->txn, table->qualified_name)) {
        return api_fail(request, API_RESOURCE_NOT_FOUND, "Table %.*s is not frozen",
                        BYTES_ARGUMENTS(table->name));
    }
    note(request, TIMELINE_THAW, table, BYTES(""));
    return control_reply_empty(request);
}
