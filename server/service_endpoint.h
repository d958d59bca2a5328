/*
 * The AWS services whose operations are told apart by name, on HTTP: the envelope around
 * api_service.
 *
 * Which service a request is for shows in X-Amz-Target, in the path /service/…/operation/…, in the
 * service that the signature is for, and, with clients that do not sign, in the version in the
 * form. Which protocol it speaks: a form (AWS Query), X-Amz-Target (AWS JSON), or that path (Smithy
 * RPC v2 CBOR).
 */

#ifndef REHEARSEDB_SERVER_SERVICE_ENDPOINT_H
#define REHEARSEDB_SERVER_SERVICE_ENDPOINT_H

#include "api/api.h"
#include "server/http_server.h"

/* False: the request is for none of them. */
bool service_endpoint_find(const struct http_request *request, enum api_service *out_service);

void service_endpoint_call(struct api *api, enum api_service service, struct http_request *request);

#endif
