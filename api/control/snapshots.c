/* snapshots and reset: the whole store saved under a name, put back, emptied. */

#include "storage/snapshots/snapshots.h"
#include "api/control/control.h"
#include "api/internal.h"
#include "api/rehearsal/readers.h"
#include "storage/storage.h"

static const struct shape SNAPSHOT_NAME = { .kind = SHAPE_STRING,
                                            .range = { 1, SNAPSHOT_NAME_SIZE_MAX },
                                            .pattern = PATTERN_NAME };
static const struct member SAVE_MEMBERS[] = {
    { "Name", &SNAPSHOT_NAME, REQUIRED },
    { "Replace", &SHAPE_ANY_BOOLEAN, OPTIONAL },
};
const struct shape CONTROL_SAVE = SHAPE_STRUCTURE_OF("Snapshot", SAVE_MEMBERS);

static void write_snapshot(struct json_writer *writer, const struct snapshot *snapshot)
{
    json_open_object(writer);
    json_member_text(writer, "Name", snapshot->name);
    json_member_seconds(writer, "Time", snapshot->taken_ms);
    json_member_integer(writer, "SizeBytes", snapshot->size_bytes);
    json_member_integer(writer, "TableCount", snapshot->table_count);
    json_close_object(writer);
}

static bool fail_outcome(struct request *request,
                         enum snapshot_outcome outcome,
                         struct bytes name,
                         enum storage_status status)
{
    switch (outcome) {
    case SNAPSHOT_EXISTS:
        return api_fail(request, API_RESOURCE_IN_USE,
                        "There is a snapshot %.*s already; say \"Replace\":true to replace it",
                        BYTES_ARGUMENTS(name));
    case SNAPSHOT_UNKNOWN:
        return api_fail(request, API_RESOURCE_NOT_FOUND, "There is no snapshot %.*s",
                        BYTES_ARGUMENTS(name));
    case SNAPSHOT_TOO_MANY:
        return api_fail(request, API_LIMIT_EXCEEDED,
                        "There are %d snapshots already; delete one first", SNAPSHOTS_MAX);
    case SNAPSHOT_FAILED:
    case SNAPSHOT_DONE:
        break;
    }
    return api_fail(request, API_INTERNAL_SERVER_ERROR,
                    "The snapshot %.*s could not be used: %s; nothing was changed",
                    BYTES_ARGUMENTS(name), storage_status_text(status));
}

/* `name` is empty where no snapshot is meant. */
static void tell(struct request *request, enum timeline_kind kind, struct bytes name)
{
    struct timeline_event event = rehearsal_event(request, kind);
    struct buffer details;
    struct json_writer writer = json_writer_of(&details);
    buffer_init(&details, request->arena, 96);
    if (name.length > 0) {
        json_member_text(&writer, "Name", name);
    }
    event.details = buffer_view(&details);
    timeline_tell(request->api->rehearsal.timeline, request->arena, &event);
}

bool control_save_snapshot(struct control *control)
{
    struct request *request = &control->request;
    struct bytes name = request_text(request, "Name");
    struct snapshot snapshot;
    enum storage_status status;
    enum snapshot_outcome outcome = snapshots_save(
        request->storage->snapshots, name, request_boolean(request, "Replace"), &snapshot, &status);
    if (outcome != SNAPSHOT_DONE) {
        return fail_outcome(request, outcome, name, status);
    }
    tell(request, TIMELINE_SNAPSHOT, name);
    write_snapshot(&request->writer, &snapshot);
    return true;
}

bool control_list_snapshots(struct control *control)
{
    struct request *request = &control->request;
    size_t count;
    const struct snapshot *list =
        snapshots_list(request->storage->snapshots, request->arena, &count);
    json_open_object(&request->writer);
    json_write_key(&request->writer, "Snapshots");
    json_open_array(&request->writer);
    for (size_t i = 0; i < count; i++) {
        write_snapshot(&request->writer, &list[i]);
    }
    json_close_array(&request->writer);
    json_close_object(&request->writer);
    return true;
}

/* NAME/restore */
bool control_restore_snapshot(struct control *control)
{
    struct request *request = &control->request;
    struct bytes name = control->argument;
    struct bytes ending = BYTES("/restore");
    if (name.length <= ending.length ||
        !bytes_equal(ending,
                     (struct bytes){ name.data + name.length - ending.length, ending.length })) {
        return api_fail(request, API_UNKNOWN_OPERATION,
                        "There is no POST /_rehearsedb/snapshots/%.*s; did you mean "
                        "snapshots/NAME/restore?",
                        BYTES_ARGUMENTS(name));
    }
    name.length -= ending.length;
    enum storage_status status = STORAGE_OK;
    enum snapshot_outcome outcome =
        snapshot_name_is_valid(name) ? snapshots_restore(request->storage->snapshots, name, &status)
                                     : SNAPSHOT_UNKNOWN;
    if (outcome != SNAPSHOT_DONE) {
        return fail_outcome(request, outcome, name, status);
    }
    tell(request, TIMELINE_RESTORE, name);
    return control_reply_empty(request);
}

bool control_delete_snapshot(struct control *control)
{
    struct request *request = &control->request;
    struct bytes name = control->argument;
    enum storage_status status = STORAGE_OK;
    enum snapshot_outcome outcome =
        snapshot_name_is_valid(name) ? snapshots_delete(request->storage->snapshots, name, &status)
                                     : SNAPSHOT_UNKNOWN;
    return outcome == SNAPSHOT_DONE ? control_reply_empty(request)
                                    : fail_outcome(request, outcome, name, status);
}

bool control_reset(struct control *control)
{
    struct request *request = &control->request;
    enum storage_status status = snapshots_reset(request->storage->snapshots);
    if (status != STORAGE_OK) {
        return api_fail(request, API_INTERNAL_SERVER_ERROR,
                        "The store could not be emptied: %s; nothing was changed",
                        storage_status_text(status));
    }
    readers_forget_all(request->api->rehearsal.readers);
    tell(request, TIMELINE_RESET, BYTES(""));
    return control_reply_empty(request);
}
