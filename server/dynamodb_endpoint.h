/*
 * DynamoDB's JSON 1.0 protocol on HTTP: the envelope around api_handle.
 *
 * The order of checks and the exact replies are those of DynamoDB's front end, as recorded by the
 * tests of dynalite: body size (the HTTP server's), method, content type, content encoding; the
 * rest is the API's. Every reply carries a request id and the CRC-32 of its body, which SDKs
 * verify.
 */

#ifndef REHEARSEDB_SERVER_DYNAMODB_ENDPOINT_H
#define REHEARSEDB_SERVER_DYNAMODB_ENDPOINT_H

#include "server/http_server.h"

struct api;

struct dynamodb_endpoint {
    struct api *api;
    struct bytes greeting;
};

/* `arena` keeps the greeting, which names the region. */
void dynamodb_endpoint_init(struct dynamodb_endpoint *endpoint,
                            struct arena *arena,
                            struct api *api,
                            const char *region);

/* One operation: POST. */
enum http_progress dynamodb_endpoint_call(const struct dynamodb_endpoint *endpoint,
                                          struct http_request *request);

/* "healthy: …", with the trailing blank of the real one. */
void dynamodb_endpoint_greet(const struct dynamodb_endpoint *endpoint,
                             struct http_request *request);

/* A browser asks whether a page may call: any may. Without an Origin it is no such question. */
void dynamodb_endpoint_preflight(struct http_request *request);

/* 404: no DynamoDB request. */
void dynamodb_endpoint_refuse(struct http_request *request);

#endif
