#include "tools/client/control_surface.h"

#include "storage/base/arena.h"
#include "tools/client/account.h"
#include "tools/client/http_client.h"
#include "tools/client/json.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TIMEOUT_MS = 5000, /* the answer comes from memory; and a run waits for it */
    REASON_LENGTH_MAX = 300,
    STATUS_OK = 200,
};

void control_surface_open(struct control_surface *surface, const char *url)
{
    const char *token = getenv("REHEARSEDB_CONTROL_TOKEN");
    *surface = (struct control_surface){ .url = url };
    if (url != NULL) {
        surface->http = http_client_open("rehearse/" REHEARSEDB_VERSION);
    }
    if (token != NULL && token[0] != '\0') {
        (void)snprintf(surface->authorization, sizeof surface->authorization,
                       "Authorization: Bearer %s", token);
    }
}

void control_surface_close(struct control_surface *surface)
{
    if (surface->http != NULL) {
        http_client_close(surface->http);
        surface->http = NULL;
    }
}

/* Of the letters that an access key or region of AWS has; none of them means anything in a query.
 */
static bool is_plain(const char *text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    return text[0] != '\0' && text[strspn(text, letters)] == '\0';
}

const char *control_surface_world(struct arena *arena)
{
    struct account account;
    struct buffer text;
    char reason[128];
    if (!account_find(arena, NULL, false, &account, reason, sizeof reason) ||
        !is_plain(account.access_key_id) || !is_plain(account.region)) {
        return "";
    }
    buffer_init(&text, arena, 128);
    buffer_append_format(&text, "AccessKeyId=%s&Region=%s", account.access_key_id, account.region);
    return bytes_to_text(arena, buffer_view(&text));
}

/* "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException": what follows the '#'. */
static const char *name_error(struct arena *arena, struct cJSON *tree)
{
    const char *type = json_text(json_member(tree, "__type"), "");
    const char *hash = strrchr(type, '#');
    return bytes_to_text(arena, bytes_of_text(hash != NULL ? hash + 1 : type));
}

static const char *describe_refusal(struct arena *arena, int status, struct cJSON *tree)
{
    struct buffer text;
    buffer_init(&text, arena, 128);
    const struct cJSON *message = json_member(tree, "message");
    message = message != NULL ? message : json_member(tree, "Message");
    buffer_append_format(&text, "HTTP status %d", status);
    if (message != NULL) {
        buffer_append_format(&text, ": %.*s", REASON_LENGTH_MAX, json_text(message, ""));
    }
    return bytes_to_text(arena, buffer_view(&text));
}

struct control_reply control_surface_call(struct control_surface *surface,
                                          struct arena *arena,
                                          const char *method,
                                          const char *path,
                                          const char *body)
{
    const char *headers[] = { NULL, NULL, NULL };
    size_t header_count = 0;
    if (surface->authorization[0] != '\0') {
        headers[header_count++] = surface->authorization;
    }
    if (body != NULL) {
        headers[header_count] = "Content-Type: application/json";
    }
    if (surface->http == NULL || surface->is_silent) {
        return (struct control_reply){ .reason = "there is no control surface", .error = "" };
    }
    struct buffer url;
    buffer_init(&url, arena, 128);
    buffer_append_format(&url, "%s/_rehearsedb/%s", surface->url, path);
    struct http_call call = {
        .method = method,
        .url = bytes_to_text(arena, buffer_view(&url)),
        .body = bytes_of_text(body != NULL ? body : ""),
        .headers = headers,
        .timeout_ms = TIMEOUT_MS,
    };
    struct http_answer answer = http_client_call(surface->http, arena, &call);
    struct control_reply reply = { .status = answer.status, .reason = answer.reason, .error = "" };
    if (answer.status == 0) {
        surface->is_silent = true;
        return reply;
    }
    struct cJSON *tree = json_parse(answer.body);
    if (answer.status == STATUS_OK) {
        reply.tree = tree;
    } else {
        reply.reason = describe_refusal(arena, answer.status, tree);
        reply.error = name_error(arena, tree);
        json_free(tree);
    }
    return reply;
}
