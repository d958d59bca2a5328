#include "storage/lmdb/past.h"

#include "storage/lmdb/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How many moments of a span are kept by time alone; the others are for definitions. */
enum { MOMENTS_A_SPAN = 48 };

void past_init(struct past *past)
{
    (void)pthread_mutex_init(&past->lock, NULL);
    (void)pthread_cond_init(&past->released, NULL);
}

void past_deinit(struct past *past)
{
    past_forget(past);
    (void)pthread_cond_destroy(&past->released);
    (void)pthread_mutex_destroy(&past->lock);
}

/* A system's clock may be set back a little; the past goes on. The lock is held. */
static int64_t look_at_clock(struct past *past)
{
    int64_t now_ms = clock_now_ms(past->clock);
    past->now_ms = now_ms > past->now_ms ? now_ms : past->now_ms;
    return past->now_ms;
}

/* ---- keeping ---- */

static void free_moment(struct moment *moment)
{
    mdb_txn_abort(moment->reader);
    free(moment);
}

/* Whoever reads it frees it then. */
static void drop_oldest(struct past *past)
{
    struct moment *oldest = past->moments[0];
    past->count--;
    memmove(past->moments, past->moments + 1, past->count * sizeof(struct moment *));
    oldest->is_dropped = true;
    if (!oldest->is_busy) {
        free_moment(oldest);
    }
}

/* Those that nobody can ask for any more: one that is old enough is. */
static void drop_old(struct past *past, int64_t now_ms)
{
    while (past->count >= 2 && past->moments[1]->at_ms <= now_ms - past->span_ms) {
        drop_oldest(past);
    }
    if (past->count == PAST_MOMENTS_MAX) { /* of many at once: the past is shorter then */
        drop_oldest(past);
    }
}

static void add(struct env *env)
{
    struct past *past = &env->past;
    struct moment *moment = calloc(1, sizeof *moment);
    if (moment == NULL) {
        return;
    }
    int code = mdb_txn_begin(env->store.handle, NULL, MDB_RDONLY, &moment->reader);
    if (code != MDB_SUCCESS) {
        (void)status_of_lmdb(code, "keep a moment of the store");
        free(moment);
        return;
    }
    moment->at_ms = past->last_commit_ms;
    moment->sequence = ++past->sequence;
    past->moments[past->count++] = moment;
}

/* A present that nobody has seen may be left out. */
void past_note_write(struct env *env)
{
    struct past *past = &env->past;
    if (!atomic_load_explicit(&past->is_kept, memory_order_relaxed)) {
        return;
    }
    (void)pthread_mutex_lock(&past->lock);
    int64_t now_ms = look_at_clock(past);
    int64_t interval_ms = past->span_ms / MOMENTS_A_SPAN + 1;
    bool is_due = past->count == 0 || past->is_present_wanted ||
                  past->moments[past->count - 1]->at_ms + interval_ms <= now_ms;
    if (!past->is_present_kept && is_due) {
        drop_old(past, now_ms);
        add(env);
        past->is_present_kept = true;
    }
    past->is_writing = true;
    (void)pthread_mutex_unlock(&past->lock);
}

void past_note_commit(struct env *env, bool is_wanted)
{
    struct past *past = &env->past;
    if (!atomic_load_explicit(&past->is_kept, memory_order_relaxed)) {
        return;
    }
    MDB_envinfo info = { 0 };
    (void)mdb_env_info(env->store.handle, &info);
    (void)pthread_mutex_lock(&past->lock);
    past->is_present_wanted = is_wanted || (past->is_present_wanted && !past->is_present_kept);
    past->is_present_kept = false;
    past->is_writing = false;
    past->present_id = info.me_last_txnid;
    past->last_commit_ms = look_at_clock(past);
    (void)pthread_mutex_unlock(&past->lock);
}

void past_note_abort(struct env *env)
{
    struct past *past = &env->past;
    if (atomic_load_explicit(&past->is_kept, memory_order_relaxed)) {
        (void)pthread_mutex_lock(&past->lock);
        past->is_writing = false;
        (void)pthread_mutex_unlock(&past->lock);
    }
}

void past_forget(struct past *past)
{
    (void)pthread_mutex_lock(&past->lock);
    while (past->count > 0) {
        drop_oldest(past);
    }
    while (past->busy_count > 0) {
        (void)pthread_cond_wait(&past->released, &past->lock);
    }
    (void)pthread_mutex_unlock(&past->lock);
}

void past_keep(struct env *env, struct clock *clock, int64_t span_ms)
{
    struct past *past = &env->past;
    env_lock_writer_urgently(env);
    (void)pthread_mutex_lock(&past->lock);
    past->clock = clock;
    past->span_ms = span_ms;
    (void)pthread_mutex_unlock(&past->lock);
    bool was_kept = atomic_exchange(&past->is_kept, span_ms > 0);
    if (span_ms == 0) {
        past_forget(past);
    } else if (!was_kept) {
        past_note_commit(env, true);
    }
    (void)pthread_mutex_unlock(&env->writer_lock);
}

/* ---- looking ---- */

/* Where to begin: the sequence of the newest moment that is old enough, or of the oldest. */
static uint64_t first_candidate(const struct past *past, int64_t at_ms)
{
    uint64_t sequence = past->moments[0]->sequence;
    for (size_t i = 1; i < past->count && past->moments[i]->at_ms <= at_ms; i++) {
        sequence = past->moments[i]->sequence;
    }
    return sequence;
}

/* The oldest moment from `sequence` on, taken; NULL: there is none. */
static struct moment *take(struct past *past, uint64_t sequence)
{
    for (;;) {
        size_t i = 0;
        while (i < past->count && past->moments[i]->sequence < sequence) {
            i++;
        }
        if (i == past->count) {
            return NULL;
        }
        if (!past->moments[i]->is_busy) {
            past->moments[i]->is_busy = true;
            past->busy_count++;
            return past->moments[i];
        }
        (void)pthread_cond_wait(&past->released, &past->lock);
    }
}

static void release(struct past *past, struct moment *moment)
{
    moment->is_busy = false;
    past->busy_count--;
    if (moment->is_dropped) {
        free_moment(moment);
    }
    (void)pthread_cond_broadcast(&past->released);
}

static struct txn txn_of(struct env *env, const struct moment *moment)
{
    struct txn txn = { .env = env, .handle = moment->reader, .status = STORAGE_OK };
    txn.notes_end = NULL; /* nothing is ever noted while reading */
    return txn;
}

/*
 * Whether what the caller reads is the present, old enough to be seen. Not when it was left out as
 * a moment because somebody is about to change it, nor when it has been changed since the caller
 * began: the next to look would find an older one.
 */
static bool is_present_seen(const struct past *past, const struct txn *present, int64_t at_ms)
{
    bool is_left_out = past->is_writing && !past->is_present_kept;
    return past->last_commit_ms <= at_ms && !is_left_out &&
           mdb_txn_id(present->handle) == past->present_id;
}

bool past_begin(
    struct txn *present, int64_t age_ms, past_fits *fits, void *context, struct past_view *out_view)
{
    struct env *env = present->env;
    struct past *past = &env->past;
    struct moment *moment = NULL;
    (void)pthread_mutex_lock(&past->lock);
    if (past->count > 0) {
        int64_t at_ms = look_at_clock(past) - age_ms;
        if (!is_present_seen(past, present, at_ms)) {
            moment = take(past, first_candidate(past, at_ms));
        }
    }
    while (moment != NULL) {
        (void)pthread_mutex_unlock(&past->lock);
        out_view->txn = txn_of(env, moment);
        out_view->moment = moment;
        if (fits(context, &out_view->txn)) {
            return true;
        }
        (void)pthread_mutex_lock(&past->lock);
        uint64_t next = moment->sequence + 1;
        release(past, moment);
        moment = take(past, next);
    }
    past->is_present_wanted = true; /* it is seen, so it must not be left out */
    (void)pthread_mutex_unlock(&past->lock);
    return false;
}

void past_end(struct past_view *view)
{
    struct past *past = &view->txn.env->past;
    assert(view->moment->is_busy);
    (void)pthread_mutex_lock(&past->lock);
    release(past, view->moment);
    (void)pthread_mutex_unlock(&past->lock);
}
