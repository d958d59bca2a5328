#include "server/dynamodb_endpoint.h"

#include "api/api.h"
#include "server/compression.h"
#include "server/request_id.h"
#include "server/signature.h"

#include <libdeflate.h>
#include <strings.h>

enum {
    STATUS_OK = 200,
    STATUS_NOT_FOUND = 404,
    STATUS_TOO_LARGE = 413,
    STATUS_INTERNAL_ERROR = 500,
    COMPRESSED_SIZE_MIN = 4 * 1024, /* smaller replies are sent as they are */
    DECIMAL_U32_SIZE = 11,
};

static const char JSON_1_0[] = "application/x-amz-json-1.0";
static const char JSON_PLAIN[] = "application/json";

void dynamodb_endpoint_init(struct dynamodb_endpoint *endpoint,
                            struct arena *arena,
                            struct api *api,
                            const char *region)
{
    struct buffer greeting;
    buffer_init(&greeting, arena, 0);
    buffer_append_format(&greeting, "healthy: dynamodb.%s.amazonaws.com ", region);
    endpoint->api = api;
    endpoint->greeting = buffer_view(&greeting);
}

/* Decimal digits, in the arena; printf would be a noticeable part of a small reply's time. */
static const char *decimal(struct arena *arena, uint32_t value)
{
    char *next = (char *)arena_alloc(arena, DECIMAL_U32_SIZE) + DECIMAL_U32_SIZE;
    *--next = '\0';
    do {
        *--next = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return next;
}

/* What every reply has: the headers that do not depend on its body. */
static void begin_reply(struct http_request *request)
{
    char *id = arena_alloc(&request->arena, REQUEST_ID_SIZE);
    request_id_create(id);
    http_reply_add_header(request, "Server", "Server");
    http_reply_add_header(request, "x-amzn-RequestId", id);
    if (request->headers.origin.data != NULL) {
        http_reply_add_header(request, "Access-Control-Allow-Origin", "*");
    }
}

/* Compresses a large body if the client has asked for it. */
static void encode_reply(struct http_request *request, struct bytes *body)
{
    enum encoding encoding = encoding_for_reply(request->headers.accept_encoding);
    if (encoding != ENCODING_IDENTITY &&
        compression_shrink(&request->arena, encoding, *body, body)) {
        http_reply_add_header(request, "Content-Encoding", encoding_name(encoding));
    }
}

static void end_reply(struct http_request *request, int status, struct bytes body)
{
    if (body.length >= COMPRESSED_SIZE_MIN && request->headers.accept_encoding.data != NULL) {
        encode_reply(request, &body);
    }
    /* Of the bytes as they are sent: SDKs check them before they expand. */
    uint32_t checksum = libdeflate_crc32(0, body.data, body.length);
    http_reply_add_header(request, "x-amz-crc32", decimal(&request->arena, checksum));
    request->reply.status = status;
    request->reply.body = body;
}

void dynamodb_endpoint_greet(const struct dynamodb_endpoint *endpoint, struct http_request *request)
{
    begin_reply(request);
    end_reply(request, STATUS_OK, endpoint->greeting);
}

void dynamodb_endpoint_refuse(struct http_request *request)
{
    begin_reply(request);
    end_reply(request, STATUS_NOT_FOUND, BYTES("<UnknownOperationException/>\n"));
}

/* Repeats a request header's value under another name. */
static void echo_header(struct http_request *request, const char *name, struct bytes value)
{
    if (value.data != NULL) {
        http_reply_add_header(request, name, bytes_to_text(&request->arena, value));
    }
}

void dynamodb_endpoint_preflight(struct http_request *request)
{
    const struct http_headers *headers = &request->headers;
    if (headers->origin.data == NULL) {
        dynamodb_endpoint_refuse(request);
        return;
    }
    begin_reply(request);
    echo_header(request, "Access-Control-Allow-Headers", headers->access_control_request_headers);
    echo_header(request, "Access-Control-Allow-Methods", headers->access_control_request_method);
    http_reply_add_header(request, "Access-Control-Max-Age", "172800");
    end_reply(request, STATUS_OK, BYTES(""));
}

/* content type -> { " " } type { " " } [ ";" anything ]; the type's letters may be large or small.
 */
static bool is_type(struct bytes content_type, struct bytes type)
{
    size_t start = 0;
    while (start < content_type.length && content_type.data[start] == ' ') {
        start++;
    }
    if (content_type.length - start < type.length ||
        strncasecmp((const char *)content_type.data + start, (const char *)type.data,
                    type.length) != 0) {
        return false;
    }
    size_t end = start + type.length;
    while (end < content_type.length && content_type.data[end] == ' ') {
        end++;
    }
    return end == content_type.length || content_type.data[end] == ';';
}

/* The type to reply in, which is the request's; NULL for a type that DynamoDB does not take. */
static const char *reply_type(const struct http_request *request)
{
    struct bytes content_type = request->headers.content_type;
    if (is_type(content_type, BYTES("application/x-amz-json-1.0"))) {
        return JSON_1_0;
    }
    /* No body needs no type: the real one goes on to complain about the target. */
    if (request->body.length == 0 || is_type(content_type, BYTES("application/json"))) {
        return JSON_PLAIN;
    }
    return NULL;
}

/*
 * Expands a compressed body. What cannot be expanded is answered here: false then. That an unknown
 * encoding gets the same answer as a corrupt stream is our reading of the service.
 */
static bool decode_body(struct http_request *request)
{
    enum encoding encoding = encoding_of_request(request->headers.content_encoding);
    enum expansion result = EXPANSION_CORRUPT;
    if (encoding == ENCODING_IDENTITY) {
        return true;
    }
    if (encoding != ENCODING_UNKNOWN) {
        result = compression_expand(&request->arena, encoding, request->body, HTTP_BODY_SIZE_MAX,
                                    &request->body);
    }
    if (result == EXPANSION_CORRUPT) {
        end_reply(request, STATUS_INTERNAL_ERROR,
                  BYTES("{\"__type\":\"com.amazonaws.dynamodb.v20120810#InternalServerError\","
                        "\"message\":\"The request body could not be decompressed\"}"));
    } else if (result == EXPANSION_TOO_LARGE) { /* as the HTTP server's own */
        request->reply = (struct http_reply){ .status = STATUS_TOO_LARGE };
    }
    return result == EXPANSION_DONE;
}

static void finish_call(struct http_request *request)
{
    const struct api_call *call = request->context;
    if (call->drops) {
        request->reply.drops = true;
        return;
    }
    end_reply(request, call->status, call->reply);
}

static void complete_call(struct api_call *call)
{
    http_request_complete(call->context);
}

enum http_progress dynamodb_endpoint_call(const struct dynamodb_endpoint *endpoint,
                                          struct http_request *request)
{
    const char *type = reply_type(request);
    if (type == NULL) {
        dynamodb_endpoint_refuse(request);
        return HTTP_DONE;
    }
    begin_reply(request);
    http_reply_add_header(request, "Content-Type", type);
    if (!decode_body(request)) {
        return HTTP_DONE;
    }

    const struct http_headers *headers = &request->headers;
    struct api_call *call = arena_alloc_zero(&request->arena, sizeof *call);
    call->arena = &request->arena;
    call->target = headers->x_amz_target;
    call->body = request->body;
    call->caller.user_agent = headers->user_agent;
    call->caller.host = headers->host;
    call->completed = complete_call;
    call->context = request;
    struct signature_source source = { .authorization = headers->authorization,
                                       .amz_date = headers->x_amz_date,
                                       .date = headers->date,
                                       .query = request->query };
    signature_read(&source, &request->arena, &call->caller, &call->refusal);

    request->context = call;
    request->finish = finish_call;
    if (api_handle(endpoint->api, call) == API_PENDING) {
        return HTTP_PENDING;
    }
    finish_call(request);
    return HTTP_DONE;
}
