/*
 * S3 on HTTP: the envelope around api_s3. A request is for S3 when its signature is for it; objects
 * are addressed by the path, whatever the method.
 */

#ifndef REHEARSEDB_SERVER_S3_ENDPOINT_H
#define REHEARSEDB_SERVER_S3_ENDPOINT_H

#include "server/http_server.h"

struct api;

bool s3_endpoint_serves(const struct http_request *request);

void s3_endpoint_call(struct api *api, struct http_request *request);

#endif
