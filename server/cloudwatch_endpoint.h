/*
 * CloudWatch's protocols on HTTP: the envelope around api_cloudwatch.
 *
 * Which protocol a client speaks shows in its request: a form (AWS Query), X-Amz-Target (AWS JSON
 * 1.0), or the path /service/…/operation/… (Smithy RPC v2 CBOR).
 */

#ifndef REHEARSEDB_SERVER_CLOUDWATCH_ENDPOINT_H
#define REHEARSEDB_SERVER_CLOUDWATCH_ENDPOINT_H

#include "server/http_server.h"

struct api;

struct cloudwatch_endpoint {
    struct api *api;
};

/* Whether the request is for CloudWatch: by target, path, the signature's service or version. */
bool cloudwatch_endpoint_serves(const struct http_request *request);

void cloudwatch_endpoint_call(const struct cloudwatch_endpoint *endpoint,
                              struct http_request *request);

#endif
