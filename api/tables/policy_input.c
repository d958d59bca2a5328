#include "api/tables/policy_input.h"

#include "api/internal.h"
#include "api/tables/setting_admission.h"
#include "api/tables/table_input.h"
#include "storage/base/time_text.h"

#include <stdio.h>

const struct shape SHAPE_POLICY_REVISION = { .kind = SHAPE_STRING, .range = { 1, 255 } };

enum { REVISION_TEXT_SIZE = 24 };

static struct bytes revision_text(int64_t revision_ms, char text[REVISION_TEXT_SIZE])
{
    (void)snprintf(text, REVISION_TEXT_SIZE, "%lld", (long long)revision_ms);
    return bytes_of_text(text);
}

bool policied_find(struct request *request,
                   const struct resource *resource,
                   struct policied *out_policied)
{
    *out_policied = (struct policied){
        .resource = resource,
        .table = request_table(request, resource->table_name),
        .owner = resource_owner(request, resource),
    };
    if (out_policied->table == NULL) {
        return false;
    }
    if (!resource_exists(request, resource, out_policied->table)) {
        return api_fail(request, API_RESOURCE_NOT_FOUND,
                        "Requested resource not found: Stream: %.*s not found for Table: %.*s",
                        BYTES_ARGUMENTS(resource->stream_label),
                        BYTES_ARGUMENTS(resource->table_name));
    }
    out_policied->policy = resource_policy_find(request->txn, request->arena, out_policied->owner);
    return true;
}

bool fail_no_policy(struct request *request, struct bytes what)
{
    return api_fail(request, API_POLICY_NOT_FOUND,
                    "Resource-based policy not found for the provided ResourceArn: %.*s",
                    BYTES_ARGUMENTS(what));
}

/* "table T", "stream LABEL": as messages name the resource. */
static struct bytes name_of(struct request *request, const struct resource *resource)
{
    struct buffer name;
    bool is_stream = resource->stream_label.length > 0;
    buffer_init(&name, request->arena, 64);
    buffer_append_text(&name, is_stream ? "stream " : "table ");
    buffer_append_bytes(&name, is_stream ? resource->stream_label : resource->table_name);
    return buffer_view(&name);
}

bool policied_check_revision(struct request *request, const struct policied *policied)
{
    const struct policy_version *version = &policied->policy.version;
    struct bytes expected = request_text(request, "ExpectedRevisionId");
    struct bytes name = name_of(request, policied->resource);
    struct buffer what;
    char text[REVISION_TEXT_SIZE];
    buffer_init(&what, request->arena, 256);
    if (!request_has(request, "ExpectedRevisionId")) {
        return true;
    }
    if (bytes_equal(expected, BYTES("NO_POLICY"))) {
        buffer_append_format(&what,
                             "Requested policy update expecting none to be present for %.*s, but a "
                             "policy exists with revision id %s.",
                             BYTES_ARGUMENTS(name),
                             (const char *)revision_text(version->revision_ms, text).data);
        return version->document.length == 0 || fail_no_policy(request, buffer_view(&what));
    }
    if (version->revision_ms != 0 && version->document.length > 0 &&
        bytes_equal(expected, revision_text(version->revision_ms, text))) {
        return true;
    }
    buffer_append_text(&what, "Requested update for policy with revision id ");
    buffer_append_bytes(&what, expected);
    if (version->revision_ms == 0) {
        buffer_append_format(&what, ", but %.*s has no associated policy.", BYTES_ARGUMENTS(name));
    } else {
        buffer_append_format(
            &what, ", but the policy associated to target %.*s has revision id %s.",
            BYTES_ARGUMENTS(name), (const char *)revision_text(version->revision_ms, text).data);
    }
    return fail_no_policy(request, buffer_view(&what));
}

bool policied_admits_change(struct request *request, const struct policied *policied)
{
    const struct resource *resource = policied->resource;
    int64_t pause_ms = request->storage->durations.policy_pause_ms;
    int64_t again_ms = policied->policy.version.revision_ms + pause_ms;
    bool is_stream = resource->stream_label.length > 0;
    if (!table_admits_setting(request, policied->table)) {
        return false;
    }
    if (resource_policy_is_changing(&policied->policy, request->now_ms)) {
        struct bytes name = is_stream ? resource->stream_label : resource->table_name;
        return api_fail(request, API_RESOURCE_IN_USE,
                        IN_USE "%s is pending previous resource-based policy update: %.*s",
                        is_stream ? "Stream" : "Table", BYTES_ARGUMENTS(name));
    }
    if (policied->policy.version.revision_ms != 0 && request->now_ms < again_ms) {
        struct bytes name = name_of(request, resource);
        struct buffer time;
        buffer_init(&time, request->arena, 32);
        time_append_iso(&time, again_ms);
        return api_fail(request, API_THROTTLING,
                        "Resource-based policy for %.*s modified within the previous %lld "
                        "milliseconds. Please try again after %.*sZ.",
                        BYTES_ARGUMENTS(name), (long long)pause_ms,
                        BYTES_ARGUMENTS(buffer_view(&time)));
    }
    return true;
}

/* Revisions are times, and grow. */
int64_t policied_change(struct request *request, struct policied *policied, struct bytes document)
{
    const struct resource_policy *now = &policied->policy;
    int64_t revision_ms =
        request->now_ms > now->version.revision_ms ? request->now_ms : now->version.revision_ms + 1;
    const struct resource_policy next = {
        .version = { .document = document, .revision_ms = revision_ms },
        .before = resource_policy_seen(now, request->now_ms),
        .due_ms = request->now_ms + request->storage->durations.policy_update_ms,
    };
    resource_policy_put(request->txn, request->arena, policied->owner, &next);
    return revision_ms;
}

void policy_write_revision(struct json_writer *writer, int64_t revision_ms)
{
    char text[REVISION_TEXT_SIZE];
    json_member_text(writer, "RevisionId", revision_text(revision_ms, text));
}
