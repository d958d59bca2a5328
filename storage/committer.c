#include "storage/committer.h"

#include "storage/lmdb/env.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

/* Enough to share a sync widely, few enough that the first of a batch does not wait for long. */
enum { BATCH_JOBS_MAX = 256 };

struct committer {
    struct env *env;

    /* In memory jobs run on any thread: what one reserved no other may take before it does. */
    pthread_mutex_t taking_databases;

    bool has_thread;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t has_work;
    struct commit_job *first;
    struct commit_job **last_next;
    bool is_closing;
};

static enum storage_status run_and_commit(struct env *env, struct commit_job *job)
{
    struct txn txn;
    txn_begin_write(env, &txn);
    if (job->run(job, &txn)) {
        return txn_commit(&txn);
    }
    txn_abort(&txn);
    return txn.status;
}

/* One transaction for one job. */
static void run_alone(struct committer *committer, struct commit_job *job)
{
    enum storage_status status;
    if (job->takes_databases) {
        (void)pthread_mutex_lock(&committer->taking_databases);
        status = env_reserve_databases(committer->env);
        if (status == STORAGE_OK) {
            status = run_and_commit(committer->env, job);
        }
        (void)pthread_mutex_unlock(&committer->taking_databases);
    } else {
        status = run_and_commit(committer->env, job);
    }
    job->done(job, status);
}

/* One transaction for a chain of jobs that ends in NULL. */
static void run_batch(struct committer *committer, struct commit_job *jobs)
{
    if (jobs->next == NULL) {
        run_alone(committer, jobs);
        return;
    }
    struct txn txn;
    bool wrote = false;
    txn_begin_write(committer->env, &txn);
    for (struct commit_job *job = jobs; job != NULL && txn.status == STORAGE_OK; job = job->next) {
        wrote |= job->run(job, &txn);
    }
    enum storage_status status = txn.status;
    if (wrote || status != STORAGE_OK) {
        status = txn_commit(&txn);
    } else {
        txn_abort(&txn);
    }
    for (struct commit_job *job = jobs, *next; job != NULL; job = next) {
        next = job->next; /* the job may be gone after done */
        if (status == STORAGE_OK) {
            job->done(job, STORAGE_OK);
        } else {
            run_alone(committer, job);
        }
    }
}

/* Takes the next jobs that may share a transaction off the queue. */
static struct commit_job *take_batch(struct committer *committer)
{
    struct commit_job *batch = committer->first;
    struct commit_job *last = batch;
    size_t count = 1;
    while (!batch->takes_databases && last->next != NULL && !last->next->takes_databases &&
           count < BATCH_JOBS_MAX) {
        last = last->next;
        count++;
    }
    committer->first = last->next;
    if (committer->first == NULL) {
        committer->last_next = &committer->first;
    }
    last->next = NULL;
    return batch;
}

static void *commit_in_turn(void *context)
{
    struct committer *committer = context;
    (void)pthread_mutex_lock(&committer->lock);
    for (;;) {
        while (committer->first == NULL && !committer->is_closing) {
            (void)pthread_cond_wait(&committer->has_work, &committer->lock);
        }
        if (committer->first == NULL) {
            break;
        }
        struct commit_job *batch = take_batch(committer);
        (void)pthread_mutex_unlock(&committer->lock);
        run_batch(committer, batch);
        (void)pthread_mutex_lock(&committer->lock);
    }
    (void)pthread_mutex_unlock(&committer->lock);
    return NULL;
}

struct committer *committer_open(struct env *env)
{
    struct committer *committer = calloc(1, sizeof *committer);
    if (committer == NULL) {
        return NULL;
    }
    committer->env = env;
    committer->last_next = &committer->first;
    (void)pthread_mutex_init(&committer->taking_databases, NULL);
    (void)pthread_mutex_init(&committer->lock, NULL);
    (void)pthread_cond_init(&committer->has_work, NULL);
    if (env_is_durable(env)) {
        committer->has_thread =
            pthread_create(&committer->thread, NULL, commit_in_turn, committer) == 0;
        if (!committer->has_thread) {
            committer_close(committer);
            return NULL;
        }
    }
    return committer;
}

void committer_close(struct committer *committer)
{
    if (committer->has_thread) {
        (void)pthread_mutex_lock(&committer->lock);
        committer->is_closing = true;
        (void)pthread_cond_signal(&committer->has_work);
        (void)pthread_mutex_unlock(&committer->lock);
        (void)pthread_join(committer->thread, NULL);
    }
    (void)pthread_cond_destroy(&committer->has_work);
    (void)pthread_mutex_destroy(&committer->lock);
    (void)pthread_mutex_destroy(&committer->taking_databases);
    free(committer);
}

void committer_submit(struct committer *committer, struct commit_job *job)
{
    job->next = NULL;
    if (!committer->has_thread) {
        run_alone(committer, job);
        return;
    }
    (void)pthread_mutex_lock(&committer->lock);
    assert(!committer->is_closing);
    bool was_idle = committer->first == NULL;
    *committer->last_next = job;
    committer->last_next = &job->next;
    if (was_idle) {
        (void)pthread_cond_signal(&committer->has_work);
    }
    (void)pthread_mutex_unlock(&committer->lock);
}

struct waiting_job {
    struct commit_job job;
    bool (*run)(void *context, struct txn *txn);
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t is_done;
    bool done;
    enum storage_status status;
};

static bool run_waiting(struct commit_job *job, struct txn *txn)
{
    struct waiting_job *waiting = (struct waiting_job *)job;
    return waiting->run(waiting->context, txn);
}

static void wake_waiting(struct commit_job *job, enum storage_status status)
{
    struct waiting_job *waiting = (struct waiting_job *)job;
    (void)pthread_mutex_lock(&waiting->lock);
    waiting->done = true;
    waiting->status = status;
    (void)pthread_cond_signal(&waiting->is_done);
    (void)pthread_mutex_unlock(&waiting->lock);
}

enum storage_status committer_run(struct committer *committer,
                                  bool (*run)(void *context, struct txn *txn),
                                  void *context,
                                  bool takes_databases)
{
    struct waiting_job waiting = {
        .job = { .run = run_waiting, .done = wake_waiting, .takes_databases = takes_databases },
        .run = run,
        .context = context,
    };
    (void)pthread_mutex_init(&waiting.lock, NULL);
    (void)pthread_cond_init(&waiting.is_done, NULL);
    committer_submit(committer, &waiting.job);
    (void)pthread_mutex_lock(&waiting.lock);
    while (!waiting.done) {
        (void)pthread_cond_wait(&waiting.is_done, &waiting.lock);
    }
    (void)pthread_mutex_unlock(&waiting.lock);
    (void)pthread_cond_destroy(&waiting.is_done);
    (void)pthread_mutex_destroy(&waiting.lock);
    return waiting.status;
}
