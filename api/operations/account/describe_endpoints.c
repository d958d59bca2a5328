#include "api/operations.h"
#include "api/request.h"
#include "api/shape.h"

enum { CACHE_PERIOD_MINUTES = 1440 };

static const struct shape INPUT = { .kind = SHAPE_STRUCTURE, .name = "DescribeEndpointsRequest" };

/* Where the caller is already: an SDK with endpoint discovery turned on goes on coming here. */
static struct bytes address(struct request *request)
{
    struct buffer text;
    if (request->caller->host.length > 0) {
        return request->caller->host;
    }
    buffer_init(&text, request->arena, 64);
    buffer_append_text(&text, "dynamodb.");
    buffer_append_bytes(&text, request->region);
    buffer_append_text(&text, ".amazonaws.com");
    return buffer_view(&text);
}

static bool run(struct request *request)
{
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    json_write_key(writer, "Endpoints");
    json_open_array(writer);
    json_open_object(writer);
    json_member_text(writer, "Address", address(request));
    json_member_integer(writer, "CachePeriodInMinutes", CACHE_PERIOD_MINUTES);
    json_close_object(writer);
    json_close_array(writer);
    json_close_object(writer);
    return true;
}

const struct operation OPERATION_DESCRIBE_ENDPOINTS = {
    .name = "DescribeEndpoints",
    .access = ACCESS_READ,
    .input = &INPUT,
    .run = run,
};
