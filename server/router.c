#include "server/router.h"

#include "server/control_endpoint.h"
#include "server/dynamodb_endpoint.h"
#include "server/s3_endpoint.h"
#include "server/service_endpoint.h"

#include <assert.h>

static bool is_control(struct bytes path)
{
    struct bytes prefix = BYTES(CONTROL_PATH_PREFIX);
    return bytes_start_with(path, prefix) &&
           (path.length == prefix.length || path.data[prefix.length] == '/');
}

enum endpoint router_find(const struct http_request *request, enum api_service *out_service)
{
    struct bytes method = request->method;
    if (is_control(request->path)) {
        return ENDPOINT_CONTROL;
    }
    if (request->headers.x_amz_target.data == NULL && s3_endpoint_serves(request)) {
        return ENDPOINT_S3;
    }
    if (bytes_equal(method, BYTES("POST"))) {
        return service_endpoint_find(request, out_service) ? ENDPOINT_SERVICE
                                                           : ENDPOINT_DYNAMODB_CALL;
    }
    if (bytes_equal(method, BYTES("GET"))) {
        return ENDPOINT_DYNAMODB_GREETING;
    }
    if (bytes_equal(method, BYTES("OPTIONS"))) {
        return ENDPOINT_DYNAMODB_PREFLIGHT;
    }
    return ENDPOINT_DYNAMODB_NOTHING;
}

enum http_progress router_handle(void *context, struct http_request *request)
{
    const struct router *router = context;
    enum api_service service = API_SERVICE_COUNT;
    switch (router_find(request, &service)) {
    case ENDPOINT_DYNAMODB_CALL:
        return dynamodb_endpoint_call(router->dynamodb, request);
    case ENDPOINT_DYNAMODB_GREETING:
        dynamodb_endpoint_greet(router->dynamodb, request);
        return HTTP_DONE;
    case ENDPOINT_DYNAMODB_PREFLIGHT:
        dynamodb_endpoint_preflight(request);
        return HTTP_DONE;
    case ENDPOINT_DYNAMODB_NOTHING:
        dynamodb_endpoint_refuse(request);
        return HTTP_DONE;
    case ENDPOINT_SERVICE:
        service_endpoint_call(router->api, service, request);
        return HTTP_DONE;
    case ENDPOINT_S3:
        s3_endpoint_call(router->api, request);
        return HTTP_DONE;
    case ENDPOINT_CONTROL:
        control_endpoint_handle(router->control, request);
        return HTTP_DONE;
    }
    assert(false);
    return HTTP_DONE;
}
