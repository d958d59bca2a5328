/*
 * HTTP/1.1: connections, requests and replies; the only code that knows libmicrohttpd.
 *
 * A request is handed to the one handler when its body is complete, on a thread of the pool. The
 * handler fills in `reply` and returns HTTP_DONE, or it has started something that another thread
 * will finish and returns HTTP_PENDING: then the connection sleeps, costing no thread, until
 * http_request_complete, and `finish` fills in the reply on the connection's own thread.
 *
 * A request with all that hangs on it lives until its reply is sent or its connection lost, and
 * never ends while it is pending. Its memory is its arena's; headers, method and path are views of
 * the connection's buffer and live as long.
 */

#ifndef REHEARSEDB_SERVER_HTTP_SERVER_H
#define REHEARSEDB_SERVER_HTTP_SERVER_H

#include "storage/base/arena.h"
#include "storage/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;

/* The request headers that somebody reads; `data` is NULL if absent, the first one counts. */
struct http_headers {
    struct bytes accept_encoding;
    struct bytes access_control_request_headers;
    struct bytes access_control_request_method;
    struct bytes authorization;
    struct bytes content_encoding;
    struct bytes content_length;
    struct bytes content_type;
    struct bytes date;
    struct bytes expect;
    struct bytes host;
    struct bytes origin;
    struct bytes sec_fetch_site;
    struct bytes user_agent;
    struct bytes x_amz_copy_source;
    struct bytes x_amz_date;
    struct bytes x_amz_target;
};

enum {
    HTTP_BODY_SIZE_MAX = 16 * 1024 * 1024, /* DynamoDB's front end answers 413 to more */
    HTTP_REPLY_HEADER_COUNT_MAX = 8,
};

struct http_reply {
    bool drops; /* the connection is closed, nothing is sent */
    int status;
    struct bytes body;
    size_t header_count;
    struct {
        const char *name;
        const char *value;
    } headers[HTTP_REPLY_HEADER_COUNT_MAX];
};

struct http_request {
    struct arena arena;
    struct bytes method;
    struct bytes path;  /* percent-decoded */
    struct bytes query; /* as sent, without '?' */
    struct http_headers headers;
    struct bytes body;

    struct http_reply reply;

    /* Set by a handler that returns HTTP_PENDING. */
    void (*finish)(struct http_request *request);
    void *context; /* the handler's own */
};

enum http_progress {
    HTTP_DONE,
    HTTP_PENDING,
};

struct http_server_options {
    const char *host;
    uint16_t port; /* 0: any free one */
    unsigned threads;
    enum http_progress (*handle)(void *context, struct http_request *request);
    void *context;
};

/* False when the address cannot be had; `out_message` says what happened, to what, and what to do.
 */
bool http_server_open(const struct http_server_options *options,
                      struct http_server **out_server,
                      char *out_message,
                      size_t message_size);

uint16_t http_server_port(const struct http_server *server);

/* Stops accepting, lets what was begun end (pending requests without a limit), closes everything.
 */
void http_server_close(struct http_server *server);

/* Name and value are borrowed until the reply is sent: literals, or in the request's arena. */
void http_reply_add_header(struct http_request *request, const char *name, const char *value);

/*
 * Says that a pending request can be finished; once, from any thread, also before the handler has
 * returned HTTP_PENDING. The request is not the caller's any more.
 */
void http_request_complete(struct http_request *request);

#endif
