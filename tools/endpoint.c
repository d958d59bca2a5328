#include "tools/endpoint.h"

#include "storage/base/arena.h"
#include "tools/client/control_surface.h"
#include "tools/client/json.h"

#include <stdio.h>
#include <string.h>

enum {
    STATUS_OK = 200,
    STATUS_UNAUTHORIZED = 401,
    STATUS_NOT_FOUND = 404,
};

/* url = ( "http://" | "https://" ) host [ ":" port ] [ "/" ];  host may be an IPv6 "[…]" */
static bool is_well_formed(const char *url)
{
    const char *host = strstr(url, "://");
    if (host == NULL || (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)) {
        return false;
    }
    host += 3;
    size_t length = strcspn(host, host[0] == '[' ? "]" : ":/?#@");
    if (host[0] == '[') {
        length += host[length] == ']' ? 1 : 0;
    }
    const char *rest = host + length;
    if (rest[0] == ':') {
        size_t digits = strspn(rest + 1, "0123456789");
        if (digits == 0 || digits > 5) {
            return false;
        }
        rest += 1 + digits;
    }
    return length > 0 && (rest[0] == '\0' || strcmp(rest, "/") == 0);
}

/* Health is shown to all; the rest of the surface may be off, or want a token. */
static bool is_closed(struct control_surface *surface,
                      struct arena *arena,
                      char *out_reason,
                      size_t reason_size)
{
    struct control_reply reply = control_surface_call(surface, arena, "GET", "clock", NULL);
    json_free(reply.tree);
    if (reply.status != STATUS_UNAUTHORIZED && reply.status != STATUS_NOT_FOUND) {
        return false;
    }
    (void)snprintf(out_reason, reason_size, "%s", reply.reason);
    return true;
}

enum endpoint_kind endpoint_probe(const char *url, char *out_reason, size_t reason_size)
{
    if (!is_well_formed(url)) {
        (void)snprintf(out_reason, reason_size, "not of the form http://HOST:PORT");
        return ENDPOINT_MALFORMED;
    }
    struct arena arena;
    arena_init(&arena);
    struct bytes address = bytes_of_text(url);
    address.length -= url[address.length - 1] == '/' ? 1 : 0;
    struct control_surface surface;
    control_surface_open(&surface, bytes_to_text(&arena, address));
    struct control_reply reply = control_surface_call(&surface, &arena, "GET", "health", NULL);
    enum endpoint_kind kind = ENDPOINT_REACHED;
    if (reply.status == 0) {
        (void)snprintf(out_reason, reason_size, "%s", reply.reason);
        kind = ENDPOINT_UNREACHABLE;
    } else if (reply.status == STATUS_OK &&
               strcmp(json_text(json_member(reply.tree, "Status"), ""), "ok") == 0) {
        kind = is_closed(&surface, &arena, out_reason, reason_size) ? ENDPOINT_CLOSED
                                                                    : ENDPOINT_REHEARSEDB;
    }
    json_free(reply.tree);
    control_surface_close(&surface);
    arena_deinit(&arena);
    return kind;
}
