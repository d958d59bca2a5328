#include "api/tables/resource_arn.h"

#include "api/tables/table_input.h"
#include "storage/base/time_text.h"
#include "storage/table/table_settings.h"

#include <string.h>

const struct shape SHAPE_RESOURCE_ARN = { .kind = SHAPE_STRING, .range = { 1, 1283 } };

enum { ARN_PARTS_BEFORE_RESOURCE = 5 }; /* arn:aws:dynamodb:REGION:ACCOUNT: */

static struct bytes after(struct bytes text, size_t length)
{
    return (struct bytes){ text.data + length, text.length - length };
}

/* What comes before the separator, which is taken from `rest` with it; all of it without one. */
static struct bytes take_until(struct bytes *rest, uint8_t separator)
{
    const uint8_t *end = rest->length > 0 ? memchr(rest->data, separator, rest->length) : NULL;
    struct bytes taken = *rest;
    if (end == NULL) {
        *rest = after(*rest, rest->length);
        return taken;
    }
    taken.length = (size_t)(end - rest->data);
    *rest = after(*rest, taken.length + 1);
    return taken;
}

static bool fail_foreign(struct request *request, struct bytes arn)
{
    return api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER "Provided Arn is not a DynamoDB resource arn: %.*s",
                    BYTES_ARGUMENTS(arn));
}

/* table/NAME, table/NAME/stream/LABEL */
static bool split_resource(struct request *request, struct bytes path, struct resource *resource)
{
    if (!bytes_equal(take_until(&path, '/'), BYTES("table"))) {
        return fail_foreign(request, resource->arn);
    }
    resource->table_name = take_until(&path, '/');
    struct bytes kind = take_until(&path, '/');
    if (bytes_equal(kind, BYTES("index"))) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER
                        "Invalid resource arn provided, only table or stream is accepted. Provided "
                        "resource arn: %.*s",
                        BYTES_ARGUMENTS(resource->arn));
    }
    bool is_stream = bytes_equal(kind, BYTES("stream")) && path.length > 0;
    if (resource->table_name.length == 0 || (kind.length > 0 && !is_stream)) {
        return fail_foreign(request, resource->arn);
    }
    resource->stream_label = is_stream ? path : BYTES("");
    return true;
}

bool resource_of_request(struct request *request, struct resource *out_resource)
{
    struct bytes rest = request_text(request, "ResourceArn");
    *out_resource = (struct resource){ .arn = rest };
    if (!bytes_start_with(rest, BYTES("arn:"))) {
        return api_fail(request, API_VALIDATION,
                        INVALID_PARAMETER "ARNs must start with 'arn:': %.*s",
                        BYTES_ARGUMENTS(rest));
    }
    for (int part = 0; part < ARN_PARTS_BEFORE_RESOURCE; part++) {
        struct bytes text = take_until(&rest, ':');
        if (part == 2 && !bytes_equal(text, BYTES("dynamodb"))) {
            return fail_foreign(request, out_resource->arn);
        }
    }
    return split_resource(request, rest, out_resource);
}

bool resource_exists(struct request *request,
                     const struct resource *resource,
                     const struct table_definition *table)
{
    struct buffer label;
    if (resource->stream_label.length == 0) {
        return true;
    }
    buffer_init(&label, request->arena, 32);
    if (table->stream.label_ms != 0) {
        time_append_iso(&label, table->stream.label_ms);
    }
    return bytes_equal(buffer_view(&label), resource->stream_label);
}

struct bytes resource_owner(struct request *request, const struct resource *resource)
{
    struct bytes table = request_qualified_name(request, resource->table_name);
    return resource->stream_label.length == 0
               ? table
               : setting_owner_of_stream(request->arena, table, resource->stream_label);
}
