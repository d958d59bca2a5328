/*
 * The control surface on HTTP: everything at or below /_rehearsedb, and who may reach it.
 *
 * - No page of another origin, wherever it was loaded from: an Origin that is not this host, or a
 *   browser's word that the request crosses sites, is answered 403.
 * - On a loopback address anyone of this machine may, if the Host header names the machine itself:
 * a foreign name that resolves to 127.0.0.1 (DNS rebinding) is answered 403.
 * - On any other address it takes the configured token (401 without), and is off (404) if there is
 *   none. Only `GET health`, which says nothing of the data, is open there, for the container's
 * probe.
 */

#ifndef REHEARSEDB_SERVER_CONTROL_ENDPOINT_H
#define REHEARSEDB_SERVER_CONTROL_ENDPOINT_H

#include "server/http_server.h"

#define CONTROL_PATH_PREFIX "/_rehearsedb"

struct api;

struct control_endpoint {
    struct api *api;
    bool loopback; /* the address that the server is bound to */
    struct bytes host;
    struct bytes token; /* empty: none */
};

/* `host` is an address that the server could be bound to; `token` may be NULL. Both are borrowed.
 */
void control_endpoint_init(struct control_endpoint *endpoint,
                           struct api *api,
                           const char *host,
                           const char *token);

void control_endpoint_handle(const struct control_endpoint *endpoint, struct http_request *request);

#endif
