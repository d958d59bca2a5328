/*
 * HTTP as the tools need it: one request after another over kept connections. The only owner of
 * libcurl. A client belongs to one thread; any number of clients may be open.
 */

#ifndef REHEARSEDB_TOOLS_CLIENT_HTTP_CLIENT_H
#define REHEARSEDB_TOOLS_CLIENT_HTTP_CLIENT_H

#include "storage/base/bytes.h"

struct http_client;

/* Signature Version 4. */
struct http_signer {
    const char *access_key_id;
    const char *secret_access_key;
    const char *session_token; /* NULL: none */
    const char *region;
    const char *service; /* "dynamodb" */
};

struct http_call {
    const char *method; /* "GET", "POST", "PUT", "DELETE" */
    const char *url;
    struct bytes body;                /* sent with POST and PUT, also when empty */
    const char *const *headers;       /* "Name: value"; NULL: none; the last is NULL */
    const struct http_signer *signer; /* NULL: not signed */
    long timeout_ms;                  /* for all of it; 0: 60 seconds */
};

struct http_answer {
    int status;         /* 0: there was none, and `reason` says why */
    struct bytes body;  /* in the arena */
    const char *reason; /* in the arena */
};

/* NULL: no memory. `user_agent` is sent with every request. */
struct http_client *http_client_open(const char *user_agent);
void http_client_close(struct http_client *client);

struct http_answer
http_client_call(struct http_client *client, struct arena *arena, const struct http_call *call);

#endif
