/*
 * Request -> endpoint, by method, path and what names an AWS service.
 */

#ifndef REHEARSEDB_SERVER_ROUTER_H
#define REHEARSEDB_SERVER_ROUTER_H

#include "api/api.h"
#include "server/http_server.h"

struct control_endpoint;
struct dynamodb_endpoint;

enum endpoint {
    ENDPOINT_DYNAMODB_CALL,      /* POST */
    ENDPOINT_DYNAMODB_GREETING,  /* GET: what load balancers and the curious ask */
    ENDPOINT_DYNAMODB_PREFLIGHT, /* OPTIONS: browsers */
    ENDPOINT_DYNAMODB_NOTHING,   /* any other method */
    ENDPOINT_SERVICE,            /* POST that names another AWS service */
    ENDPOINT_S3,                 /* signed for S3, with any method */
    ENDPOINT_CONTROL,            /* anything at or below /_rehearsedb */
};

/* DynamoDB itself does not look at the path. `out_service` is written with ENDPOINT_SERVICE. */
enum endpoint router_find(const struct http_request *request, enum api_service *out_service);

struct router {
    const struct dynamodb_endpoint *dynamodb;
    const struct control_endpoint *control;
    struct api *api; /* the other services */
};

/* The handler of struct http_server_options; `context` is a struct router. */
enum http_progress router_handle(void *context, struct http_request *request);

#endif
