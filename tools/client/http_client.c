#include "tools/client/http_client.h"

#include "storage/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

enum {
    TIMEOUT_MS = 60 * 1000,
    CONNECT_TIMEOUT_MS = 5 * 1000,
    ANSWER_SIZE_MAX = 256 * 1024 * 1024, /* nobody we ask sends so much */
};

struct http_client {
    CURL *handle;
    char *user_agent;
    char *no_proxy;
};

/* A proxy for the way out must not stand before our own machine. */
static char *own_machine_too(void)
{
    static const char own[] = "127.0.0.1,localhost,::1";
    const char *others = getenv("no_proxy") != NULL ? getenv("no_proxy") : getenv("NO_PROXY");
    size_t size = sizeof own + 1 + (others != NULL ? strlen(others) : 0);
    char *list = malloc(size);
    if (list != NULL) {
        (void)snprintf(list, size, "%s%s%s", own, others != NULL ? "," : "",
                       others != NULL ? others : "");
    }
    return list;
}

struct http_client *http_client_open(const char *user_agent)
{
    struct http_client *client = calloc(1, sizeof *client);
    if (client == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(client);
        return NULL;
    }
    client->handle = curl_easy_init();
    client->user_agent = strdup(user_agent);
    client->no_proxy = own_machine_too();
    if (client->handle == NULL || client->user_agent == NULL || client->no_proxy == NULL) {
        http_client_close(client);
        return NULL;
    }
    return client;
}

void http_client_close(struct http_client *client)
{
    curl_easy_cleanup(client->handle);
    free(client->user_agent);
    free(client->no_proxy);
    free(client);
    curl_global_cleanup();
}

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    struct buffer *body = context;
    if (body->length + size * count > ANSWER_SIZE_MAX) {
        return 0; /* libcurl gives up then */
    }
    buffer_append(body, data, size * count);
    return size * count;
}

static struct curl_slist *append(struct curl_slist *list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(list, line);
    if (longer == NULL) {
        abort(); /* out of memory */
    }
    return longer;
}

static struct curl_slist *headers_of(struct arena *arena, const struct http_call *call)
{
    struct curl_slist *list = append(NULL, "Expect:"); /* no waiting for "100 Continue" */
    for (const char *const *header = call->headers; header != NULL && *header != NULL; header++) {
        list = append(list, *header);
    }
    if (call->signer != NULL && call->signer->session_token != NULL) {
        struct buffer line;
        buffer_init(&line, arena, 256);
        buffer_append_format(&line, "X-Amz-Security-Token: %s", call->signer->session_token);
        buffer_append_u8(&line, 0);
        list = append(list, (const char *)buffer_view(&line).data);
    }
    return list;
}

/* printf into the arena. */
static const char *text_of(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *text_of(struct arena *arena, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return bytes_to_text(arena, bytes_of_text(text));
}

static void set_up(struct http_client *client, struct arena *arena, const struct http_call *call)
{
    CURL *handle = client->handle;
    curl_easy_reset(handle);
    (void)curl_easy_setopt(handle, CURLOPT_URL, call->url);
    (void)curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, call->method);
    (void)curl_easy_setopt(handle, CURLOPT_USERAGENT, client->user_agent);
    (void)curl_easy_setopt(handle, CURLOPT_NOPROXY, client->no_proxy);
    (void)curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    (void)curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                           call->timeout_ms > 0 ? call->timeout_ms : (long)TIMEOUT_MS);
    if (strcmp(call->method, "GET") != 0 && strcmp(call->method, "DELETE") != 0) {
        (void)curl_easy_setopt(handle, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.length);
        (void)curl_easy_setopt(handle, CURLOPT_POSTFIELDS,
                               call->body.length > 0 ? (const char *)call->body.data : "");
    }
    const char *bundle = getenv("AWS_CA_BUNDLE");
    if (bundle != NULL && bundle[0] != '\0') {
        (void)curl_easy_setopt(handle, CURLOPT_CAINFO, bundle);
    }
    if (call->signer != NULL) {
        const struct http_signer *signer = call->signer;
        (void)curl_easy_setopt(handle, CURLOPT_AWS_SIGV4,
                               text_of(arena, "aws:amz:%s:%s", signer->region, signer->service));
        (void)curl_easy_setopt(handle, CURLOPT_USERNAME, signer->access_key_id);
        (void)curl_easy_setopt(handle, CURLOPT_PASSWORD, signer->secret_access_key);
    }
}

struct http_answer
http_client_call(struct http_client *client, struct arena *arena, const struct http_call *call)
{
    struct http_answer answer = { .status = 0 };
    struct buffer body;
    long status = 0;
    char detail[CURL_ERROR_SIZE] = "";
    buffer_init(&body, arena, 4096);
    set_up(client, arena, call);
    struct curl_slist *headers = headers_of(arena, call);
    (void)curl_easy_setopt(client->handle, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(client->handle, CURLOPT_WRITEFUNCTION, receive);
    (void)curl_easy_setopt(client->handle, CURLOPT_WRITEDATA, &body);
    (void)curl_easy_setopt(client->handle, CURLOPT_ERRORBUFFER, detail);
    CURLcode code = curl_easy_perform(client->handle);
    (void)curl_easy_setopt(client->handle, CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(headers);
    if (code != CURLE_OK) {
        const char *reason = detail[0] != '\0' ? detail : curl_easy_strerror(code);
        answer.reason = text_of(arena, "%s", reason);
        return answer;
    }
    (void)curl_easy_getinfo(client->handle, CURLINFO_RESPONSE_CODE, &status);
    answer.status = (int)status;
    answer.body = buffer_view(&body);
    return answer;
}
