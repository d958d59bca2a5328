#include "server/service_endpoint.h"

#include "server/request_id.h"
#include "server/signature.h"

#include <string.h>

#define CLOUDWATCH_SHAPE "GraniteServiceVersion20100801"

/* What a service is known by; empty where it has no such thing. */
static const struct service_names {
    const char *signed_for;
    const char *form_version;
    const char *target_prefix;
    const char *path_prefix;
    const char *json_type;
} NAMES[API_SERVICE_COUNT] = {
    [API_CLOUDFORMATION] = { .signed_for = "cloudformation",
                             .form_version = "Version=2010-05-15",
                             .target_prefix = "",
                             .path_prefix = "" },
    [API_SSM] = { .signed_for = "ssm",
                  .form_version = "",
                  .target_prefix = "AmazonSSM.",
                  .path_prefix = "",
                  .json_type = "application/x-amz-json-1.1" },
    [API_STS] = { .signed_for = "sts",
                  .form_version = "Version=2011-06-15",
                  .target_prefix = "",
                  .path_prefix = "" },
    [API_CLOUDWATCH] = { .signed_for = "monitoring",
                         .form_version = "Version=2010-08-01",
                         .target_prefix = CLOUDWATCH_SHAPE ".",
                         .path_prefix = "/service/" CLOUDWATCH_SHAPE "/operation/",
                         .json_type = "application/x-amz-json-1.0" },
};

/* Whether the text starts with a prefix that is one. */
static bool has_prefix(struct bytes text, const char *prefix)
{
    size_t length = strlen(prefix);
    return length > 0 && text.length >= length && memcmp(text.data, prefix, length) == 0;
}

static struct bytes without_prefix(struct bytes text, const char *prefix)
{
    size_t length = strlen(prefix);
    return (struct bytes){ text.data + length, text.length - length };
}

static bool is_form(const struct http_request *request)
{
    return has_prefix(request->headers.content_type, "application/x-www-form-urlencoded");
}

/* Clients that do not sign still say which version of which service they mean. */
static bool has_pair(struct bytes form, const char *pair)
{
    size_t length = strlen(pair);
    for (size_t i = 0; length > 0 && i + length <= form.length; i++) {
        if ((i == 0 || form.data[i - 1] == '&') && memcmp(form.data + i, pair, length) == 0) {
            return i + length == form.length || form.data[i + length] == '&';
        }
    }
    return false;
}

typedef bool match(const struct http_request *request,
                   struct bytes signed_for,
                   const struct service_names *names);

static bool match_target(const struct http_request *request,
                         struct bytes signed_for,
                         const struct service_names *names)
{
    (void)signed_for;
    return has_prefix(request->headers.x_amz_target, names->target_prefix);
}

static bool match_path_or_signature(const struct http_request *request,
                                    struct bytes signed_for,
                                    const struct service_names *names)
{
    return has_prefix(request->path, names->path_prefix) ||
           (signed_for.length > 0 && bytes_equal(signed_for, bytes_of_text(names->signed_for)));
}

static bool match_version(const struct http_request *request,
                          struct bytes signed_for,
                          const struct service_names *names)
{
    (void)signed_for;
    return has_pair(request->body, names->form_version);
}

static bool find(const struct http_request *request,
                 struct bytes signed_for,
                 match *matches,
                 enum api_service *out_service)
{
    for (size_t i = 0; i < API_SERVICE_COUNT; i++) {
        if (matches(request, signed_for, &NAMES[i])) {
            *out_service = (enum api_service)i;
            return true;
        }
    }
    return false;
}

bool service_endpoint_find(const struct http_request *request, enum api_service *out_service)
{
    if (request->headers.x_amz_target.data != NULL) {
        return find(request, BYTES(""), match_target, out_service);
    }
    struct bytes signed_for = signature_service(request->headers.authorization);
    return find(request, signed_for, match_path_or_signature, out_service) ||
           (is_form(request) && find(request, signed_for, match_version, out_service));
}

static enum api_protocol find_protocol(const struct http_request *request,
                                       const struct service_names *names,
                                       struct api_call *call)
{
    if (has_prefix(request->headers.x_amz_target, names->target_prefix)) {
        call->target = without_prefix(request->headers.x_amz_target, names->target_prefix);
        return API_PROTOCOL_JSON;
    }
    if (has_prefix(request->path, names->path_prefix)) {
        call->target = without_prefix(request->path, names->path_prefix);
        return API_PROTOCOL_CBOR;
    }
    return API_PROTOCOL_QUERY;
}

static void add_headers(struct http_request *request,
                        const struct api_call *call,
                        const char *type,
                        const char *request_id)
{
    http_reply_add_header(request, "x-amzn-RequestId", request_id);
    http_reply_add_header(request, "Content-Type", type);
    if (call->query_error.length > 0) {
        http_reply_add_header(request, "x-amzn-query-error",
                              bytes_to_text(&request->arena, call->query_error));
    }
}

void service_endpoint_call(struct api *api, enum api_service service, struct http_request *request)
{
    const struct http_headers *headers = &request->headers;
    const struct service_names *names = &NAMES[service];
    char *request_id = arena_alloc(&request->arena, REQUEST_ID_SIZE);
    request_id_create(request_id);
    struct api_call call = {
        .arena = &request->arena,
        .body = request->body,
        .caller = { .user_agent = headers->user_agent, .host = headers->host },
        .request_id = bytes_of_text(request_id),
    };
    struct signature_source source = { .authorization = headers->authorization,
                                       .amz_date = headers->x_amz_date,
                                       .date = headers->date,
                                       .query = request->query };
    enum api_protocol protocol = find_protocol(request, names, &call);
    const char *const types[] = {
        [API_PROTOCOL_QUERY] = "text/xml",
        [API_PROTOCOL_JSON] = names->json_type,
        [API_PROTOCOL_CBOR] = "application/cbor",
    };
    signature_read(&source, &request->arena, &call.caller, &call.refusal);
    api_service(api, &call, service, protocol);
    add_headers(request, &call, types[protocol], request_id);
    if (protocol == API_PROTOCOL_CBOR) {
        http_reply_add_header(request, "smithy-protocol", "rpc-v2-cbor");
    }
    request->reply.status = call.status;
    request->reply.body = call.reply;
}
