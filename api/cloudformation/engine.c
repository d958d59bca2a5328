#include "api/cloudformation/engine.h"

#include "api/cloudformation/deployment.h"
#include "api/cloudformation/stack_store.h"
#include "api/internal.h"
#include "storage/base/arena.h"
#include "storage/base/identifier.h"
#include "storage/base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How often a stack is looked at that waits for a table. */
enum { POLL_MS = 10, RUN_SIZE = 37, NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

struct engine {
    struct api *api;
    struct engine_options options;
    char run[RUN_SIZE]; /* a UUID */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    bool is_woken;
    bool is_closing;
};

/* ---- one step of one stack ---- */

struct saving {
    struct deployment *deployment;
    bool is_saved;
};

static bool save(void *context, struct txn *txn)
{
    struct saving *saving = context;
    struct deployment *deployment = saving->deployment;
    struct stack stack = *deployment->stack; /* may be run twice */
    saving->is_saved = stack_save(txn, deployment->arena, &stack);
    if (saving->is_saved) {
        stack_events_put(txn, deployment->arena, &stack, &deployment->events);
    }
    return saving->is_saved;
}

static bool step_stack(struct engine *engine, struct arena *arena, struct stack *stack)
{
    struct deployment deployment = {
        .api = engine->api,
        .env = engine->api->storage.env,
        .arena = arena,
        .stack = stack,
        .run = engine->run,
        .waits_for_backfill = engine->options.waits_for_backfill,
        .now_ms = clock_now_ms(&engine->api->clock),
    };
    int64_t due_ms = stack->operation.due_ms;
    if (!deployment_step(&deployment)) {
        return false;
    }
    if (stack->operation.due_ms == due_ms && deployment.events.count > 0) {
        stack->operation.due_ms = deployment.now_ms + engine->options.pace_ms;
    }
    struct saving saving = { .deployment = &deployment };
    enum storage_status status =
        committer_run(engine->api->storage.committer, save, &saving, false);
    if (status != STORAGE_OK) {
        log_error("the stack %s could not be saved: it goes on when there is room", stack->name);
        return false;
    }
    return saving.is_saved;
}

/* The next busy stack, read whole, and its step. False: there is none. */
static bool step_next(struct engine *engine, struct buffer *cursor, bool *out_progress)
{
    struct arena arena;
    struct txn txn;
    arena_init(&arena);
    struct bytes at = buffer_view(cursor);
    txn_begin_read(engine->api->storage.env, &txn);
    struct stack *stack = stack_next_busy(&txn, &arena, &at);
    txn_abort(&txn);
    if (stack != NULL) {
        cursor->length = 0;
        buffer_append_bytes(cursor, at);
        *out_progress = step_stack(engine, &arena, stack) || *out_progress;
    }
    arena_deinit(&arena);
    return stack != NULL;
}

/* `out_busy`: there is a stack that is not done. */
static bool step_all(struct engine *engine, bool *out_busy)
{
    struct arena arena;
    struct buffer cursor;
    bool progress = false;
    *out_busy = false;
    arena_init(&arena);
    buffer_init(&cursor, &arena, RUN_SIZE);
    while (step_next(engine, &cursor, &progress)) {
        *out_busy = true;
    }
    arena_deinit(&arena);
    return progress;
}

bool engine_step(struct engine *engine)
{
    bool is_busy;
    return step_all(engine, &is_busy);
}

/* ---- the thread ---- */

static void wait_until_due(struct engine *engine)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)POLL_MS * NS_PER_MS;
    if (until.tv_nsec >= NS_PER_S) {
        until.tv_nsec -= NS_PER_S;
        until.tv_sec++;
    }
    (void)pthread_cond_timedwait(&engine->woken, &engine->mutex, &until);
}

static void *run(void *context)
{
    struct engine *engine = context;
    bool is_busy = true; /* what an earlier run left */
    bool has_progressed = true;
    (void)pthread_mutex_lock(&engine->mutex);
    while (!engine->is_closing) {
        if (!has_progressed && is_busy && !engine->is_woken) {
            wait_until_due(engine);
        } else if (!is_busy && !engine->is_woken) {
            (void)pthread_cond_wait(&engine->woken, &engine->mutex);
            continue;
        }
        engine->is_woken = false;
        (void)pthread_mutex_unlock(&engine->mutex);
        has_progressed = step_all(engine, &is_busy);
        (void)pthread_mutex_lock(&engine->mutex);
    }
    (void)pthread_mutex_unlock(&engine->mutex);
    return NULL;
}

static void init_waiting(struct engine *engine)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&engine->mutex, NULL);
    (void)pthread_cond_init(&engine->woken, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

static void name_run(struct engine *engine)
{
    struct arena arena;
    arena_init(&arena);
    struct bytes uuid = identifier_uuid(&arena);
    memcpy(engine->run, uuid.data, uuid.length);
    arena_deinit(&arena);
}

static void deinit(struct engine *engine)
{
    (void)pthread_cond_destroy(&engine->woken);
    (void)pthread_mutex_destroy(&engine->mutex);
    free(engine);
}

struct engine *engine_open(struct api *api, const struct engine_options *options)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return NULL;
    }
    engine->api = api;
    engine->options = *options;
    name_run(engine);
    init_waiting(engine);
    if (options->has_thread && pthread_create(&engine->thread, NULL, run, engine) != 0) {
        deinit(engine);
        return NULL;
    }
    return engine;
}

void engine_wake(struct engine *engine)
{
    (void)pthread_mutex_lock(&engine->mutex);
    engine->is_woken = true;
    (void)pthread_cond_signal(&engine->woken);
    (void)pthread_mutex_unlock(&engine->mutex);
}

void engine_close(struct engine *engine)
{
    if (engine == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&engine->mutex);
    engine->is_closing = true;
    (void)pthread_cond_signal(&engine->woken);
    (void)pthread_mutex_unlock(&engine->mutex);
    if (engine->options.has_thread) {
        (void)pthread_join(engine->thread, NULL);
    }
    deinit(engine);
}
