#include "storage/background.h"

#include "storage/base/arena.h"
#include "storage/base/log.h"
#include "storage/items/client_tokens.h"
#include "storage/items/expiry.h"
#include "storage/lmdb/env.h"
#include "storage/metrics/metrics.h"
#include "storage/table/item_counts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PAUSE_AFTER_FAILURE_MS = 1000,
    PAUSE_LONGEST_MS = 1000,      /* looks at the clock at least this often: it may be moved */
    PAUSE_SETTLED_MS = 60 * 1000, /* the same when all tables are settled */
    WRITER_TURN_NS = 100 * 1000,
    WRITER_TURNS_MAX = 20, /* then the background takes its own turn again */
};

/*
 * When and where the sweep that refreshes item counts goes on. Not kept: after a restart it begins
 * anew, and tables know when they were refreshed.
 */
struct sweep {
    int64_t interval_ms; /* 0: there is none */
    int64_t due_ms;
    uint8_t after[QUALIFIED_NAME_SIZE_MAX];
    size_t after_length;
};

struct background {
    struct env *env;
    struct clock *clock;
    struct metrics *metrics;
    struct durations durations;
    struct throttle *throttle;
    struct sweep sweep;
    struct expiry expiry;
    bool is_settled;    /* no table and no database waited in the last turn */
    struct arena arena; /* the turn's; only one turn runs at a time */
    bool has_thread;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_cond_t idle;
    uint64_t wakes;  /* how often it was told to look */
    uint64_t looked; /* the last of them after which it found nothing more to do at once */
    bool is_closing;
};

/* What waits, looked up without holding up writers; so an idle turn writes nothing. */
static bool has_work(struct background *background, int64_t now_ms, int64_t *out_tokens_due_ms)
{
    struct txn txn;
    struct bytes name;
    txn_begin_read(background->env, &txn);
    *out_tokens_due_ms = client_tokens_next_due(&txn);
    bool waits = catalog_next_unsettled(&txn, &background->arena, BYTES(""), &name) ||
                 database_waits_for_drop(&txn) || *out_tokens_due_ms <= now_ms;
    txn_abort(&txn);
    return waits;
}

static int64_t sooner(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* A step of the sweep when one is due. Returns the sweep as it is after it. */
static struct sweep
sweep_step(const struct sweep *sweep, struct txn *txn, struct arena *arena, int64_t now_ms)
{
    struct sweep next = *sweep;
    if (sweep->due_ms > now_ms) {
        return next;
    }
    int64_t mark_ms = now_ms - now_ms % sweep->interval_ms;
    struct bytes last = { NULL, 0 };
    struct bytes after = { sweep->after, sweep->after_length };
    if (item_counts_refresh(txn, arena, mark_ms, after, &last)) {
        memcpy(next.after, last.data, last.length);
    } else {
        next.due_ms = mark_ms + sweep->interval_ms;
    }
    next.after_length = last.length;
    return next;
}

/* A step of deleting what has expired, and its metrics. Returns when to come again for it. */
static int64_t step_expiry(struct background *background, int64_t now_ms)
{
    struct metric_samples samples = { .arena = &background->arena };
    int64_t due_ms =
        expiry_step(background->env, &background->arena, &background->expiry, now_ms, &samples);
    metrics_record(background->metrics, samples.entries, samples.count);
    return due_ms;
}

int64_t background_step(struct background *background)
{
    arena_reset(&background->arena);
    struct txn txn;
    int64_t now_ms = clock_now_ms(background->clock);
    int64_t metrics_due_ms = metrics_step(background->metrics, &background->arena, now_ms);
    struct metric_samples samples = { .arena = &background->arena };
    int64_t due_ms = sooner(metrics_due_ms, step_expiry(background, now_ms));
    int64_t tokens_due_ms;
    background->is_settled = !has_work(background, now_ms, &tokens_due_ms);
    if (background->is_settled && background->sweep.due_ms > now_ms) {
        return sooner(due_ms, sooner(tokens_due_ms, background->sweep.due_ms));
    }
    txn_begin_write(background->env, &txn);
    int64_t next_ms = lifecycle_step(&(struct lifecycle_turn){ .txn = &txn,
                                                               .arena = &background->arena,
                                                               .durations = &background->durations,
                                                               .throttle = background->throttle,
                                                               .now_ms = now_ms,
                                                               .samples = &samples });
    if (tokens_due_ms <= now_ms) {
        client_tokens_expire(&txn, &background->arena, now_ms);
        tokens_due_ms = client_tokens_next_due(&txn);
    }
    struct sweep sweep = sweep_step(&background->sweep, &txn, &background->arena, now_ms);
    next_ms = sooner(sooner(next_ms, due_ms), sooner(tokens_due_ms, sweep.due_ms));
    uint32_t emptied = database_empty_next(&txn);
    if (emptied != 0) {
        next_ms = now_ms;
    }
    if (emptied != 0 && background->throttle != NULL) {
        throttle_forget(background->throttle, emptied);
    }
    enum storage_status status = txn_commit(&txn);
    if (status != STORAGE_OK) {
        log_error("background: %s; trying again in a second", storage_status_text(status));
        return clock_now_ms(background->clock) + PAUSE_AFTER_FAILURE_MS;
    }
    background->sweep = sweep;
    metrics_record(background->metrics, samples.entries, samples.count);
    return next_ms;
}

/* Lets a client's write go first; LMDB's lock has no queue of its own. */
static void let_writers_pass(struct background *background)
{
    struct timespec turn = { .tv_nsec = WRITER_TURN_NS };
    for (int i = 0; i < WRITER_TURNS_MAX && env_writer_waits(background->env); i++) {
        (void)nanosleep(&turn, NULL);
    }
}

static struct timespec monotonic_in_ms(int64_t ms)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(ms / 1000);
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* Until then, or until it is told to look since `wake`, after which it began its last turn. */
static void wait_until(struct background *background, int64_t next_ms, uint64_t wake)
{
    int64_t pause_ms = next_ms - clock_now_ms(background->clock);
    int64_t longest_ms = background->is_settled ? PAUSE_SETTLED_MS : PAUSE_LONGEST_MS;
    if (next_ms == LIFECYCLE_NEVER || pause_ms > longest_ms) {
        pause_ms = longest_ms;
    }
    struct timespec until = monotonic_in_ms(pause_ms > 0 ? pause_ms : 0);
    (void)pthread_mutex_lock(&background->lock);
    background->looked = wake;
    (void)pthread_cond_broadcast(&background->idle);
    int code = 0;
    while (background->wakes == wake && !background->is_closing && code == 0) {
        if (next_ms == LIFECYCLE_NEVER) {
            code = pthread_cond_wait(&background->changed, &background->lock);
        } else {
            code = pthread_cond_timedwait(&background->changed, &background->lock, &until);
        }
    }
    (void)pthread_mutex_unlock(&background->lock);
}

/* False when it shall end; else which wake the next turn is after. */
static bool begin_turn(struct background *background, uint64_t *out_wake)
{
    (void)pthread_mutex_lock(&background->lock);
    bool goes_on = !background->is_closing;
    *out_wake = background->wakes;
    (void)pthread_mutex_unlock(&background->lock);
    return goes_on;
}

static void *step_until_closed(void *context)
{
    struct background *background = context;
    uint64_t wake;
    while (begin_turn(background, &wake)) {
        int64_t next_ms = background_step(background);
        if (next_ms <= clock_now_ms(background->clock)) {
            let_writers_pass(background);
        } else {
            wait_until(background, next_ms, wake);
        }
    }
    return NULL;
}

static void wake(void *context)
{
    background_wake(context);
}

struct background *background_open(struct env *env,
                                   struct clock *clock,
                                   struct metrics *metrics,
                                   const struct background_options *options)
{
    struct background *background = calloc(1, sizeof *background);
    if (background == NULL) {
        return NULL;
    }
    background->env = env;
    background->clock = clock;
    background->metrics = metrics;
    background->durations = options->durations;
    background->throttle = options->throttle;
    background->expiry.interval_ms = options->durations.ttl_sweep_ms;
    background->sweep.interval_ms = options->item_count_refresh_ms;
    background->sweep.due_ms = options->item_count_refresh_ms > 0 ? 0 : LIFECYCLE_NEVER;
    arena_init(&background->arena);
    (void)pthread_mutex_init(&background->lock, NULL);
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&background->changed, &attributes);
    (void)pthread_cond_init(&background->idle, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    metrics_on_pending(metrics, wake, background);
    if (options->has_thread) {
        background->has_thread =
            pthread_create(&background->thread, NULL, step_until_closed, background) == 0;
        if (!background->has_thread) {
            background_close(background);
            return NULL;
        }
    }
    return background;
}

void background_close(struct background *background)
{
    if (background->has_thread) {
        (void)pthread_mutex_lock(&background->lock);
        background->is_closing = true;
        (void)pthread_cond_signal(&background->changed);
        (void)pthread_mutex_unlock(&background->lock);
        (void)pthread_join(background->thread, NULL);
    }
    (void)pthread_cond_destroy(&background->changed);
    (void)pthread_cond_destroy(&background->idle);
    (void)pthread_mutex_destroy(&background->lock);
    arena_deinit(&background->arena);
    free(background);
}

void background_wake(struct background *background)
{
    (void)pthread_mutex_lock(&background->lock);
    background->wakes++;
    (void)pthread_cond_signal(&background->changed);
    (void)pthread_mutex_unlock(&background->lock);
}

bool background_settle(struct background *background, int64_t timeout_ms)
{
    if (!background->has_thread) {
        return false;
    }
    struct timespec until = monotonic_in_ms(timeout_ms);
    (void)pthread_mutex_lock(&background->lock);
    uint64_t wake = ++background->wakes;
    (void)pthread_cond_signal(&background->changed);
    int code = 0;
    while (background->looked < wake && code == 0) {
        code = pthread_cond_timedwait(&background->idle, &background->lock, &until);
    }
    bool settled = background->looked >= wake;
    (void)pthread_mutex_unlock(&background->lock);
    return settled;
}
