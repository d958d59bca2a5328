#include "server/http_server.h"

#include "server/listener.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <microhttpd.h>

enum {
    HEADER_SIZE_MAX = 16 * 1024,       /* DynamoDB's front end answers 400 to more */
    DRAIN_SIZE_MAX = 64 * 1024 * 1024, /* read and thrown away so that a client hears the 413 */
    CHUNKED_BODY_SIZE = 4 * 1024,      /* first guess */
    CONNECTION_MEMORY_SIZE =
        24 * 1024,        /* libmicrohttpd's buffer, which it clears for every request */
    SPARE_COUNT_MAX = 16, /* per thread */
    SPARE_SIZE_MAX = 64 * 1024,
    CONNECTION_COUNT_MAX = 4096, /* shared out among the threads */
    IDLE_TIMEOUT_S = 120,        /* longer than the SDKs keep an unused connection */
    CLOSE_GRACE_MS = 3000,       /* for clients that are slow to take their last reply */
    STATUS_BAD_REQUEST = MHD_HTTP_BAD_REQUEST,
    STATUS_TOO_LARGE = MHD_HTTP_CONTENT_TOO_LARGE,
};

struct http_server {
    struct http_server_options options;
    struct listener listener;
    struct MHD_Daemon *daemon;
    atomic_bool closing;
    atomic_uint answering_count; /* requests that the handler has seen and that are not yet over */
    atomic_uint suspended_count; /* connections that sleep or are just being woken */
    pthread_key_t spares;        /* each thread's newest struct exchange that is over */
};

/*
 * How a pending request is handed from its connection's thread to the one that completes it.
 *
 *   connection's thread                         completing thread
 *   handler returns HTTP_PENDING
 *   next turn of the loop: suspends it
 *   RUNNING -> SUSPENDED                        -> COMPLETED
 *   fails: it is COMPLETED, so resume it        found SUSPENDED: resume the connection
 *                                               found RUNNING: nothing to do
 *
 * Whoever comes second resumes, so a connection is resumed once and never before it is suspended.
 * What is done at once (all reads) never comes here and pays nothing.
 *
 * It is suspended a turn later because libmicrohttpd goes on where it was suspended: in the turn
 * that has read the request it would read again when resumed, and take a client that has closed its
 * sending side for one that has gone. What is completed by then needs no suspending at all.
 */
enum handoff { HANDOFF_RUNNING, HANDOFF_SUSPENDED, HANDOFF_COMPLETED };

enum phase {
    PHASE_HEADERS, /* the request line is read */
    PHASE_BODY,
    PHASE_ANSWERING, /* the handler has seen it */
    PHASE_PENDING,
};

struct exchange {
    struct http_request request; /* first, so that the one is found from the other */
    struct http_server *server;
    struct MHD_Connection *connection;
    enum phase phase;
    atomic_int handoff; /* enum handoff */
    struct buffer body;
    uint64_t drained_size; /* of a body that is too large */
    bool too_large;
    struct exchange *next_spare; /* while it is one */
    unsigned spare_count;        /* with those that follow */
};

/*
 * Exchanges that are over are kept, with the first block of their arenas, for the next requests of
 * the same thread, on which a connection stays. It saves 5 to 10 % of a small request's time.
 */
static struct exchange *exchange_create(struct http_server *server)
{
    struct exchange *exchange = pthread_getspecific(server->spares);
    if (exchange != NULL) {
        (void)pthread_setspecific(server->spares, exchange->next_spare);
        struct arena arena = exchange->request.arena;
        memset(exchange, 0, sizeof *exchange);
        exchange->request.arena = arena;
    } else {
        exchange = calloc(1, sizeof *exchange);
        if (exchange == NULL) {
            (void)fprintf(stderr, "rehearsedb: out of memory (a request)\n");
            abort();
        }
        arena_init(&exchange->request.arena);
    }
    exchange->server = server;
    return exchange;
}

static void exchange_free(struct exchange *exchange)
{
    arena_deinit(&exchange->request.arena);
    free(exchange);
}

static void exchange_end(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    struct exchange *first = pthread_getspecific(server->spares);
    unsigned count = first != NULL ? first->spare_count + 1 : 1;
    arena_reset(&exchange->request.arena);
    exchange->next_spare = first;
    exchange->spare_count = count;
    if (count > SPARE_COUNT_MAX || arena_footprint(&exchange->request.arena) > SPARE_SIZE_MAX ||
        pthread_setspecific(server->spares, exchange) != 0) {
        exchange_free(exchange);
    }
}

/* A thread of the pool has ended; `first` is its newest spare. */
static void free_spares(void *first)
{
    struct exchange *exchange = first;
    while (exchange != NULL) {
        struct exchange *next = exchange->next_spare;
        exchange_free(exchange);
        exchange = next;
    }
}

static void sleep_ms(long duration_ms)
{
    struct timespec pause = { .tv_nsec = duration_ms * 1000 * 1000 };
    (void)nanosleep(&pause, NULL);
}

void http_reply_add_header(struct http_request *request, const char *name, const char *value)
{
    struct http_reply *reply = &request->reply;
    assert(reply->header_count < HTTP_REPLY_HEADER_COUNT_MAX);
    reply->headers[reply->header_count].name = name;
    reply->headers[reply->header_count].value = value;
    reply->header_count++;
}

static enum MHD_Result send_reply(struct exchange *exchange)
{
    const struct http_reply *reply = &exchange->request.reply;
    if (reply->drops) {
        return MHD_NO; /* which closes the connection */
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply->body.length, (void *)reply->body.data, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) {
        return MHD_NO;
    }
    bool added = true;
    for (size_t i = 0; i < reply->header_count; i++) {
        added &= MHD_add_response_header(response, reply->headers[i].name,
                                         reply->headers[i].value) == MHD_YES;
    }
    if (atomic_load(&exchange->server->closing)) {
        added &= MHD_add_response_header(response, "Connection", "close") == MHD_YES;
    } else {
        added &= MHD_set_response_options(response, MHD_RF_SEND_KEEP_ALIVE_HEADER, MHD_RO_END) ==
                 MHD_YES;
    }
    enum MHD_Result queued = MHD_NO;
    if (added) {
        queued = MHD_queue_response(exchange->connection, (unsigned)reply->status, response);
    }
    MHD_destroy_response(response);
    return queued;
}

/* A reply of our own without a body. Sent before the body has come, it closes the connection. */
static enum MHD_Result send_status(struct exchange *exchange, int status)
{
    exchange->request.reply = (struct http_reply){ .status = status };
    return send_reply(exchange);
}

static bool is_completed(struct exchange *exchange)
{
    return atomic_load(&exchange->handoff) == HANDOFF_COMPLETED;
}

/* Blocks the thread: only for what is rare and soon over. */
static void wait_until_completed(struct exchange *exchange)
{
    while (!is_completed(exchange)) {
        sleep_ms(1);
    }
}

/* The connection sleeps until http_request_complete, see enum handoff. */
static void suspend(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    MHD_suspend_connection(exchange->connection);
    int running = HANDOFF_RUNNING;
    if (!atomic_compare_exchange_strong(&exchange->handoff, &running, HANDOFF_SUSPENDED)) {
        MHD_resume_connection(exchange->connection);
        atomic_fetch_sub(&server->suspended_count, 1);
    }
}

/* A turn after the handler has returned HTTP_PENDING, and again when resumed. */
static enum MHD_Result await(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    if (!is_completed(exchange)) {
        atomic_fetch_add(&server->suspended_count, 1);
        if (!atomic_load(&server->closing)) {
            suspend(exchange);
            return MHD_YES;
        }
        /* http_server_close may have counted already, and libmicrohttpd must not be stopped while
         * connections are suspended. */
        atomic_fetch_sub(&server->suspended_count, 1);
        wait_until_completed(exchange);
    }
    exchange->request.finish(&exchange->request);
    return send_reply(exchange);
}

void http_request_complete(struct http_request *request)
{
    struct exchange *exchange = (struct exchange *)request;
    struct http_server *server = exchange->server;
    struct MHD_Connection *connection = exchange->connection;
    if (atomic_exchange(&exchange->handoff, HANDOFF_COMPLETED) == HANDOFF_SUSPENDED) {
        MHD_resume_connection(connection);
        atomic_fetch_sub(&server->suspended_count, 1); /* the server may go away after this */
    }
}

#define KNOWN(text, field)                                                                         \
    {                                                                                              \
        .name = (text), .length = sizeof(text) - 1, .offset = offsetof(struct http_headers, field) \
    }

static const struct known_header {
    const char *name;
    size_t length;
    size_t offset;
} KNOWN_HEADERS[] = {
    KNOWN("Host", host),
    KNOWN("Content-Length", content_length),
    KNOWN("Content-Type", content_type),
    KNOWN("X-Amz-Target", x_amz_target),
    KNOWN("X-Amz-Date", x_amz_date),
    KNOWN("Authorization", authorization),
    KNOWN("User-Agent", user_agent),
    KNOWN("Accept-Encoding", accept_encoding),
    KNOWN("Content-Encoding", content_encoding),
    KNOWN("Origin", origin),
    KNOWN("Date", date),
    KNOWN("Expect", expect),
    KNOWN("Sec-Fetch-Site", sec_fetch_site),
    KNOWN("Access-Control-Request-Headers", access_control_request_headers),
    KNOWN("Access-Control-Request-Method", access_control_request_method),
    KNOWN("X-Amz-Copy-Source", x_amz_copy_source),
};

/* One walk over all headers is cheaper than a look-up, itself a walk, for each that we want. */
static enum MHD_Result keep_header(void *context,
                                   enum MHD_ValueKind kind,
                                   const char *name,
                                   size_t name_length,
                                   const char *value,
                                   size_t value_length)
{
    (void)kind;
    for (size_t i = 0; i < sizeof KNOWN_HEADERS / sizeof KNOWN_HEADERS[0]; i++) {
        const struct known_header *known = &KNOWN_HEADERS[i];
        if (known->length == name_length && strncasecmp(known->name, name, name_length) == 0) {
            struct bytes *field = (struct bytes *)((uint8_t *)context + known->offset);
            if (field->data == NULL && value != NULL) {
                *field = (struct bytes){ .data = (const uint8_t *)value, .length = value_length };
            }
            break;
        }
    }
    return MHD_YES;
}

/* The announced size, 0 without one. libmicrohttpd has refused what is no number. */
static uint64_t announced_size(const struct http_headers *headers)
{
    uint64_t size = 0;
    for (size_t i = 0; i < headers->content_length.length && size <= DRAIN_SIZE_MAX; i++) {
        size = size * 10 + (uint64_t)(headers->content_length.data[i] & 0x0F);
    }
    return size;
}

static enum MHD_Result begin(struct exchange *exchange, const char *path, const char *method)
{
    struct http_request *request = &exchange->request;
    request->method = bytes_of_text(method);
    request->path = bytes_of_text(path);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (info != NULL && info->header_size > HEADER_SIZE_MAX) {
        return send_status(exchange, STATUS_BAD_REQUEST);
    }
    (void)MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, keep_header,
                                      &request->headers);

    exchange->phase = PHASE_BODY;
    uint64_t size = announced_size(&request->headers);
    if (size > HTTP_BODY_SIZE_MAX) {
        /* Who asks first ("Expect: 100-continue") is told at once. Who just sends must be listened
         * to for a while: a connection closed on unread data is reset, and the reply is lost. */
        exchange->too_large = true;
        if (request->headers.expect.length > 0 || size > DRAIN_SIZE_MAX) {
            return send_status(exchange, STATUS_TOO_LARGE);
        }
        size = 0;
    }
    buffer_init(&exchange->body, &request->arena, size);
    return MHD_YES;
}

static enum MHD_Result receive(struct exchange *exchange, const char *data, size_t size)
{
    struct buffer *body = &exchange->body;
    if (!exchange->too_large && size <= HTTP_BODY_SIZE_MAX - body->length) {
        if (body->capacity == 0) { /* chunked */
            buffer_reserve(body, CHUNKED_BODY_SIZE);
        }
        buffer_append(body, data, size);
        return MHD_YES;
    }
    exchange->too_large = true;
    exchange->drained_size += size;
    return exchange->drained_size <= DRAIN_SIZE_MAX ? MHD_YES : MHD_NO;
}

static enum MHD_Result handle(struct exchange *exchange)
{
    if (exchange->too_large) {
        return send_status(exchange, STATUS_TOO_LARGE);
    }
    const struct http_server_options *options = &exchange->server->options;
    exchange->request.body = buffer_view(&exchange->body);
    exchange->phase = PHASE_ANSWERING;
    atomic_fetch_add(&exchange->server->answering_count, 1);
    if (options->handle(options->context, &exchange->request) == HTTP_DONE) {
        return send_reply(exchange);
    }
    exchange->phase = PHASE_PENDING;
    return MHD_YES;
}

/* Called when the headers are read, for every piece of the body, at its end, and while pending. */
// NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd\'s
static enum MHD_Result on_access(void *context,
                                 struct MHD_Connection *connection,
                                 const char *path,
                                 const char *method,
                                 const char *version,
                                 const char *data,
                                 size_t *size,
                                 void **connection_context)
{
    (void)context;
    (void)connection;
    (void)version;
    struct exchange *exchange = *connection_context;
    if (exchange->phase == PHASE_HEADERS) {
        return begin(exchange, path, method);
    }
    if (*size > 0) {
        size_t received = *size;
        *size = 0;
        return receive(exchange, data, received);
    }
    return exchange->phase == PHASE_PENDING ? await(exchange) : handle(exchange);
}

/*
 * The first callback of a request: its line has been read and not yet been taken apart, which is
 * our chance to keep the query as it was sent. What this returns is the later callbacks' context.
 */
static void *on_request_line(void *context, const char *uri, struct MHD_Connection *connection)
{
    struct exchange *exchange = exchange_create(context);
    exchange->connection = connection;
    const char *mark = strchr(uri, '?');
    if (mark != NULL) {
        exchange->request.query = bytes_copy(&exchange->request.arena, bytes_of_text(mark + 1));
    }
    return exchange;
}

/* The last callback of a request: nothing else ends one. */
static void on_completed(void *context,
                         struct MHD_Connection *connection,
                         void **connection_context,
                         enum MHD_RequestTerminationCode reason)
{
    (void)connection;
    (void)reason;
    struct http_server *server = context;
    struct exchange *exchange = *connection_context;
    if (exchange == NULL) {
        return;
    }
    if (exchange->phase == PHASE_PENDING) {
        /* Lost before it could be suspended: the API still uses its memory. */
        wait_until_completed(exchange);
    }
    if (exchange->phase >= PHASE_ANSWERING) {
        atomic_fetch_sub(&server->answering_count, 1);
    }
    exchange_end(exchange);
    *connection_context = NULL;
}

static void on_accepted(void *context, int socket, const struct sockaddr *peer, socklen_t length)
{
    struct http_server *server = context;
    (void)MHD_add_connection(server->daemon, socket, peer, length); /* closes it if all are busy */
}

static struct MHD_Daemon *start_daemon(struct http_server *server)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET, 0,
        NULL, NULL, on_access, server, MHD_OPTION_URI_LOG_CALLBACK, on_request_line, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_THREAD_POOL_SIZE,
        server->options.threads, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTION_COUNT_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY_SIZE, MHD_OPTION_END);
}

bool http_server_open(const struct http_server_options *options,
                      struct http_server **out_server,
                      char *out_message,
                      size_t message_size)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        (void)snprintf(out_message, message_size, "cannot start the HTTP server: out of memory");
        return false;
    }
    server->options = *options;
    if (!listener_open(&server->listener, options->host, options->port, out_message,
                       message_size)) {
        free(server);
        return false;
    }
    bool has_key = pthread_key_create(&server->spares, free_spares) == 0;
    server->daemon = has_key ? start_daemon(server) : NULL;
    if (server->daemon == NULL) {
        (void)snprintf(out_message, message_size,
                       "cannot start %u HTTP threads; try fewer with --threads", options->threads);
        listener_close(&server->listener);
        if (has_key) {
            (void)pthread_key_delete(server->spares);
        }
        free(server);
        return false;
    }
    listener_start(&server->listener, on_accepted, server);
    *out_server = server;
    return true;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->listener.port;
}

void http_server_close(struct http_server *server)
{
    listener_close(&server->listener);
    atomic_store(&server->closing, true);
    for (int waited_ms = 0; waited_ms < CLOSE_GRACE_MS; waited_ms++) {
        if (atomic_load(&server->answering_count) == 0) {
            break;
        }
        sleep_ms(1);
    }
    while (atomic_load(&server->suspended_count) > 0) {
        sleep_ms(1);
    }
    MHD_stop_daemon(server->daemon);
    (void)pthread_key_delete(server->spares);
    free(server);
}
