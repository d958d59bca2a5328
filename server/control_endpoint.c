#include "server/control_endpoint.h"

#include "api/api.h"
#include "server/address.h"

#include <nettle/memops.h>
#include <strings.h>

enum {
    STATUS_UNAUTHORIZED = 401,
    STATUS_FORBIDDEN = 403,
    STATUS_NOT_FOUND = 404,
    STATUS_METHOD_NOT_ALLOWED = 405,
};

void control_endpoint_init(struct control_endpoint *endpoint,
                           struct api *api,
                           const char *host,
                           const char *token)
{
    struct address address;
    endpoint->api = api;
    endpoint->host = bytes_of_text(host);
    endpoint->loopback = address_read(endpoint->host, 0, &address) && address_is_loopback(&address);
    endpoint->token = token != NULL ? bytes_of_text(token) : BYTES("");
}

static bool equal_ignoring_case(struct bytes left, struct bytes right)
{
    return left.length == right.length &&
           (left.length == 0 ||
            strncasecmp((const char *)left.data, (const char *)right.data, left.length) == 0);
}

static void reply(struct http_request *request, int status, struct bytes body)
{
    http_reply_add_header(request, "Cache-Control", "no-store");
    request->reply.status = status;
    request->reply.body = body;
}

static void refuse(struct http_request *request, int status, struct bytes body)
{
    http_reply_add_header(request, "Content-Type", "application/json");
    reply(request, status, body);
}

/* Does a browser send this for a page that another server gave it? */
static bool is_from_another_origin(const struct http_headers *headers)
{
    struct bytes site = headers->sec_fetch_site;
    if (site.data != NULL && !bytes_equal(site, BYTES("same-origin")) &&
        !bytes_equal(site, BYTES("none"))) { /* "none": typed by the user */
        return true;
    }
    struct bytes origin = headers->origin;
    if (origin.data == NULL) {
        return false;
    }
    struct bytes scheme = BYTES("http://");
    if (!bytes_start_with(origin, scheme)) {
        return true;
    }
    struct bytes authority = { .data = origin.data + scheme.length,
                               .length = origin.length - scheme.length };
    return !equal_ignoring_case(authority, headers->host);
}

/* Is the Host header a name of this machine? Without one the caller is no browser. */
static bool is_own_host(const struct control_endpoint *endpoint, struct bytes host_header)
{
    if (host_header.data == NULL) {
        return true;
    }
    struct bytes host = address_host_part(host_header);
    struct address address;
    return equal_ignoring_case(host, BYTES("localhost")) ||
           equal_ignoring_case(host, endpoint->host) ||
           (address_read(host, 0, &address) && address_is_loopback(&address));
}

/* Compared in constant time, so that a token cannot be found out letter by letter. */
static bool has_token(const struct control_endpoint *endpoint, struct bytes authorization)
{
    struct bytes scheme = BYTES("Bearer ");
    return authorization.length == scheme.length + endpoint->token.length &&
           strncasecmp((const char *)authorization.data, (const char *)scheme.data,
                       scheme.length) == 0 &&
           memeql_sec(authorization.data + scheme.length, endpoint->token.data,
                      endpoint->token.length) != 0;
}

/* False when the caller may not; the request is answered then. */
static bool
admit(const struct control_endpoint *endpoint, struct http_request *request, bool health)
{
    if (is_from_another_origin(&request->headers)) {
        refuse(request, STATUS_FORBIDDEN,
               BYTES("{\"message\":\"A page of another origin may not use the control surface\"}"));
        return false;
    }
    if (endpoint->loopback) {
        if (!is_own_host(endpoint, request->headers.host)) {
            refuse(request, STATUS_FORBIDDEN,
                   BYTES("{\"message\":\"The Host header names another machine; use localhost or "
                         "127.0.0.1\"}"));
            return false;
        }
        return true;
    }
    if (health) {
        return true;
    }
    if (endpoint->token.length == 0) {
        refuse(
            request, STATUS_NOT_FOUND,
            BYTES("{\"message\":\"The control surface is off on an address that is not loopback; "
                  "start with --control-token\"}"));
        return false;
    }
    if (!has_token(endpoint, request->headers.authorization)) {
        http_reply_add_header(request, "WWW-Authenticate", "Bearer");
        refuse(request, STATUS_UNAUTHORIZED,
               BYTES("{\"message\":\"Send the header Authorization: Bearer and the control "
                     "token\"}"));
        return false;
    }
    return true;
}

/* What follows "/_rehearsedb/"; empty for the prefix alone. */
static struct bytes path_below_prefix(struct bytes path)
{
    size_t skipped = sizeof CONTROL_PATH_PREFIX - 1;
    skipped += path.length > skipped ? 1 : 0;
    return (struct bytes){ .data = path.data + skipped, .length = path.length - skipped };
}

static bool is_known_method(struct bytes method)
{
    return bytes_equal(method, BYTES("GET")) || bytes_equal(method, BYTES("POST")) ||
           bytes_equal(method, BYTES("PUT")) || bytes_equal(method, BYTES("DELETE"));
}

void control_endpoint_handle(const struct control_endpoint *endpoint, struct http_request *request)
{
    struct bytes path = path_below_prefix(request->path);
    bool is_get = bytes_equal(request->method, BYTES("GET"));
    if (!admit(endpoint, request, is_get && bytes_equal(path, BYTES("health")))) {
        return;
    }
    if (!is_known_method(request->method)) {
        http_reply_add_header(request, "Allow", "GET, POST, PUT, DELETE");
        refuse(request, STATUS_METHOD_NOT_ALLOWED,
               BYTES("{\"message\":\"Use GET, POST, PUT or DELETE\"}"));
        return;
    }
    struct api_call call = { .arena = &request->arena,
                             .body = request->body,
                             .caller = { .user_agent = request->headers.user_agent } };
    api_control(endpoint->api, &call, request->method, path, request->query);
    bool is_metrics = bytes_equal(path, BYTES("metrics")); /* Prometheus reads text only */
    http_reply_add_header(request, "Content-Type",
                          is_metrics ? "text/plain; version=0.0.4" : "application/json");
    reply(request, call.status, call.reply);
}
