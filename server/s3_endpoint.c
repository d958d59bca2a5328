#include "server/s3_endpoint.h"

#include "api/api.h"
#include "server/request_id.h"
#include "server/signature.h"

#include <time.h>

enum { HTTP_DATE_SIZE = 32, MS_PER_SECOND = 1000 };

bool s3_endpoint_serves(const struct http_request *request)
{
    return bytes_equal(signature_service(request->headers.authorization), BYTES("s3"));
}

/* "Wed, 21 Oct 2026 07:28:00 GMT" */
static const char *http_date(struct arena *arena, int64_t time_ms)
{
    char *text = arena_alloc_zero(arena, HTTP_DATE_SIZE);
    time_t seconds = (time_t)(time_ms / MS_PER_SECOND);
    struct tm parts;
    if (gmtime_r(&seconds, &parts) != NULL) {
        (void)strftime(text, HTTP_DATE_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    }
    return text;
}

/* A header may not hold what the type was sent with if that is no text. */
static const char *type_text(struct arena *arena, struct bytes type)
{
    for (size_t i = 0; i < type.length; i++) {
        if (type.data[i] < ' ' || type.data[i] == 0x7F) {
            return "binary/octet-stream";
        }
    }
    return bytes_to_text(arena, type);
}

static void add_headers(struct http_request *request, const struct api_s3 *exchange)
{
    if (exchange->reply_type.length > 0) {
        http_reply_add_header(request, "Content-Type",
                              type_text(&request->arena, exchange->reply_type));
    }
    if (exchange->etag.length > 0) {
        struct buffer quoted;
        buffer_init(&quoted, &request->arena, exchange->etag.length + 3);
        buffer_append_format(&quoted, "\"%.*s\"", BYTES_ARGUMENTS(exchange->etag));
        http_reply_add_header(request, "ETag",
                              bytes_to_text(&request->arena, buffer_view(&quoted)));
    }
    if (exchange->modified_ms > 0) {
        http_reply_add_header(request, "Last-Modified",
                              http_date(&request->arena, exchange->modified_ms));
    }
}

void s3_endpoint_call(struct api *api, struct http_request *request)
{
    const struct http_headers *headers = &request->headers;
    char *request_id = arena_alloc(&request->arena, REQUEST_ID_SIZE);
    request_id_create(request_id);
    struct api_call call = {
        .arena = &request->arena,
        .body = request->body,
        .caller = { .user_agent = headers->user_agent, .host = headers->host },
        .request_id = bytes_of_text(request_id),
    };
    struct api_s3 exchange = {
        .method = request->method,
        .path = request->path,
        .query = request->query,
        .content_type = headers->content_type,
        .is_chunked = headers->content_encoding.data != NULL &&
                      bytes_start_with(headers->content_encoding, BYTES("aws-chunked")),
        .is_copy = headers->x_amz_copy_source.data != NULL,
    };
    struct signature_source source = { .authorization = headers->authorization,
                                       .amz_date = headers->x_amz_date,
                                       .date = headers->date,
                                       .query = request->query };
    signature_read(&source, &request->arena, &call.caller, &call.refusal);
    api_s3(api, &call, &exchange);
    http_reply_add_header(request, "x-amz-request-id", request_id);
    add_headers(request, &exchange);
    request->reply.status = call.status;
    request->reply.body = call.reply;
}
