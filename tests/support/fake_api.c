/*
 * The API without DynamoDB, to test and measure the HTTP server by itself (build target
 * server_alone).
 *
 * It keeps the order of the protocol's checks: body that is no JSON object, unknown target, the
 * transport's refusal, empty body. Then ListTables finds nothing, GetItem echoes its body, and
 * PutItem answers {} from another thread: now at once, so that the server learns of the end before
 * it has heard of the wait, now after a while.
 */

#include "api/api.h"
#include "storage/base/arena.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CORAL  "com.amazon.coral.service#"
#define TARGET "DynamoDB_20120810."

enum { STATUS_OK = 200, STATUS_BAD_REQUEST = 400, PAUSE_NS = 200 * 1000 };

struct waiting {
    struct waiting *next;
    struct api_call *call;
};

struct api {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct waiting *waiting; /* newest first */
    bool closing;
};

static void complete_all(struct waiting *waiting)
{
    while (waiting != NULL) {
        struct waiting *next =
            waiting->next; /* the call's memory is not ours once it is completed */
        struct api_call *call = waiting->call;
        call->status = STATUS_OK;
        call->reply = BYTES("{}");
        call->completed(call);
        waiting = next;
    }
}

static void *complete_in_turns(void *argument)
{
    struct api *api = argument;
    bool pausing = false;
    (void)pthread_mutex_lock(&api->mutex);
    while (!api->closing || api->waiting != NULL) {
        struct waiting *waiting = api->waiting;
        if (waiting == NULL) {
            (void)pthread_cond_wait(&api->changed, &api->mutex);
            continue;
        }
        api->waiting = NULL;
        (void)pthread_mutex_unlock(&api->mutex);
        if (pausing) {
            (void)nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
        }
        pausing = !pausing;
        complete_all(waiting);
        (void)pthread_mutex_lock(&api->mutex);
    }
    (void)pthread_mutex_unlock(&api->mutex);
    return NULL;
}

bool api_open(const struct api_options *options,
              struct api **out_api,
              char *out_message,
              size_t message_size)
{
    (void)options;
    struct api *api = calloc(1, sizeof *api);
    if (api == NULL || pthread_mutex_init(&api->mutex, NULL) != 0 ||
        pthread_cond_init(&api->changed, NULL) != 0 ||
        pthread_create(&api->thread, NULL, complete_in_turns, api) != 0) {
        (void)snprintf(out_message, message_size, "cannot start the fake API");
        free(api);
        return false;
    }
    *out_api = api;
    return true;
}

void api_end_delays(struct api *api)
{
    (void)api;
}

void api_close(struct api *api)
{
    (void)pthread_mutex_lock(&api->mutex);
    api->closing = true;
    (void)pthread_cond_signal(&api->changed);
    (void)pthread_mutex_unlock(&api->mutex);
    (void)pthread_join(api->thread, NULL);
    (void)pthread_cond_destroy(&api->changed);
    (void)pthread_mutex_destroy(&api->mutex);
    free(api);
}

static enum api_progress answer(struct api_call *call, int status, struct bytes reply)
{
    call->status = status;
    call->reply = reply;
    return API_DONE;
}

static enum api_progress refuse(struct api_call *call, const char *type, struct bytes message)
{
    struct buffer reply;
    buffer_init(&reply, call->arena, 0);
    buffer_append_format(&reply, "{\"__type\":\"%s\"", type);
    if (message.length > 0) {
        buffer_append_format(&reply, ",\"message\":\"%.*s\"", BYTES_ARGUMENTS(message));
    }
    buffer_append_text(&reply, "}");
    return answer(call, STATUS_BAD_REQUEST, buffer_view(&reply));
}

static enum api_progress wait_for_thread(struct api *api, struct api_call *call)
{
    struct waiting *waiting = arena_alloc(call->arena, sizeof *waiting);
    waiting->call = call;
    (void)pthread_mutex_lock(&api->mutex);
    waiting->next = api->waiting;
    api->waiting = waiting;
    (void)pthread_cond_signal(&api->changed);
    (void)pthread_mutex_unlock(&api->mutex);
    return API_PENDING;
}

enum api_progress api_handle(struct api *api, struct api_call *call)
{
    bool lists = bytes_equal(call->target, BYTES(TARGET "ListTables"));
    bool echoes = bytes_equal(call->target, BYTES(TARGET "GetItem"));
    bool waits = bytes_equal(call->target, BYTES(TARGET "PutItem"));
    if (call->body.length > 0 && call->body.data[0] != '{') {
        return refuse(call, CORAL "SerializationException", BYTES(""));
    }
    if (!lists && !echoes && !waits) {
        return refuse(call, CORAL "UnknownOperationException", BYTES(""));
    }
    if (call->refusal.type != NULL) {
        return refuse(call, call->refusal.type, call->refusal.message);
    }
    if (call->body.length == 0) {
        return refuse(call, CORAL "SerializationException", BYTES(""));
    }
    if (waits) {
        return wait_for_thread(api, call);
    }
    return answer(call, STATUS_OK, echoes ? call->body : BYTES("{\"TableNames\":[]}"));
}

void api_control(struct api *api,
                 struct api_call *call,
                 struct bytes method,
                 struct bytes path,
                 struct bytes query)
{
    (void)api;
    if (bytes_equal(path, BYTES("health"))) {
        (void)answer(call, STATUS_OK, BYTES("{\"Status\":\"ok\"}"));
        return;
    }
    struct buffer reply;
    buffer_init(&reply, call->arena, 0);
    buffer_append_format(&reply, "{\"Method\":\"%.*s\",\"Path\":\"%.*s\",\"Query\":\"%.*s\"}",
                         BYTES_ARGUMENTS(method), BYTES_ARGUMENTS(path), BYTES_ARGUMENTS(query));
    (void)answer(call, STATUS_OK, buffer_view(&reply));
}

void api_service(struct api *api,
                 struct api_call *call,
                 enum api_service service,
                 enum api_protocol protocol)
{
    (void)api;
    (void)service;
    (void)protocol;
    (void)answer(call, STATUS_OK, BYTES(""));
}

void api_s3(struct api *api, struct api_call *call, struct api_s3 *exchange)
{
    (void)api;
    *exchange = (struct api_s3){ 0 };
    (void)answer(call, STATUS_OK, BYTES(""));
}
