#include "server/cloudwatch_endpoint.h"

#include "api/api.h"
#include "server/request_id.h"
#include "server/signature.h"

#include <string.h>

#define SERVICE_SHAPE "GraniteServiceVersion20100801"
#define TARGET_PREFIX SERVICE_SHAPE "."
#define PATH_PREFIX   "/service/" SERVICE_SHAPE "/operation/"

static bool has_prefix(struct bytes text, struct bytes prefix)
{
    return text.data != NULL && bytes_start_with(text, prefix);
}

static struct bytes without_prefix(struct bytes text, struct bytes prefix)
{
    return (struct bytes){ text.data + prefix.length, text.length - prefix.length };
}

/* Clients that do not sign still say which version of which service they mean. */
static bool is_form_of_version(const struct http_request *request)
{
    static const char version[] = "Version=2010-08-01";
    size_t length = sizeof version - 1;
    const struct bytes body = request->body;
    if (!has_prefix(request->headers.content_type, BYTES("application/x-www-form-urlencoded"))) {
        return false;
    }
    for (size_t i = 0; i + length <= body.length; i++) {
        if ((i == 0 || body.data[i - 1] == '&') && memcmp(body.data + i, version, length) == 0) {
            return i + length == body.length || body.data[i + length] == '&';
        }
    }
    return false;
}

bool cloudwatch_endpoint_serves(const struct http_request *request)
{
    const struct http_headers *headers = &request->headers;
    if (headers->x_amz_target.data != NULL) {
        return has_prefix(headers->x_amz_target, BYTES(TARGET_PREFIX));
    }
    return has_prefix(request->path, BYTES(PATH_PREFIX)) ||
           bytes_equal(signature_service(headers->authorization), BYTES("monitoring")) ||
           is_form_of_version(request);
}

static enum api_protocol find_protocol(const struct http_request *request, struct api_call *call)
{
    if (has_prefix(request->headers.x_amz_target, BYTES(TARGET_PREFIX))) {
        call->target = without_prefix(request->headers.x_amz_target, BYTES(TARGET_PREFIX));
        return API_PROTOCOL_JSON;
    }
    if (has_prefix(request->path, BYTES(PATH_PREFIX))) {
        call->target = without_prefix(request->path, BYTES(PATH_PREFIX));
        return API_PROTOCOL_CBOR;
    }
    return API_PROTOCOL_QUERY;
}

static void add_headers(struct http_request *request,
                        const struct api_call *call,
                        enum api_protocol protocol,
                        const char *request_id)
{
    static const char *const types[] = {
        [API_PROTOCOL_QUERY] = "text/xml",
        [API_PROTOCOL_JSON] = "application/x-amz-json-1.0",
        [API_PROTOCOL_CBOR] = "application/cbor",
    };
    http_reply_add_header(request, "x-amzn-RequestId", request_id);
    http_reply_add_header(request, "Content-Type", types[protocol]);
    if (protocol == API_PROTOCOL_CBOR) {
        http_reply_add_header(request, "smithy-protocol", "rpc-v2-cbor");
    }
    if (call->query_error.length > 0) {
        http_reply_add_header(request, "x-amzn-query-error",
                              bytes_to_text(&request->arena, call->query_error));
    }
}

void cloudwatch_endpoint_call(const struct cloudwatch_endpoint *endpoint,
                              struct http_request *request)
{
    const struct http_headers *headers = &request->headers;
    char *request_id = arena_alloc(&request->arena, REQUEST_ID_SIZE);
    request_id_create(request_id);
    struct api_call call = {
        .arena = &request->arena,
        .body = request->body,
        .caller.user_agent = headers->user_agent,
        .request_id = bytes_of_text(request_id),
    };
    struct signature_source source = { .authorization = headers->authorization,
                                       .amz_date = headers->x_amz_date,
                                       .date = headers->date,
                                       .query = request->query };
    enum api_protocol protocol = find_protocol(request, &call);
    signature_read(&source, &request->arena, &call.caller, &call.refusal);
    api_cloudwatch(endpoint->api, &call, protocol);
    add_headers(request, &call, protocol, request_id);
    request->reply.status = call.status;
    request->reply.body = call.reply;
}
