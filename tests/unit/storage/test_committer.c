/* Jobs on their way to the disk: together when they can be, alone when one of them fails. */

#include "storage/committer.h"

#include "storage/lmdb/layout.h"
#include "tests/support/store.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { THREADS = 8, JOBS_A_THREAD = 40, TOO_LONG = 600 };

static struct store store;
static uint32_t database;

static bool run_take(void *context, struct txn *txn)
{
    *(uint32_t *)context = database_take(txn);
    return true;
}

static int open_store(bool is_durable)
{
    store_open(&store, (struct store_options){ .is_durable = is_durable });
    assert_int_equal(committer_run(store.storage.committer, run_take, &database, true), STORAGE_OK);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return open_store(true);
}

static int set_up_memory(void **state)
{
    (void)state;
    return open_store(false);
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

/* ---- a job that puts a numbered key ---- */

enum outcome { SUCCEEDS, REFUSES, FAILS, HAS_NO_ROOM_IN_A_KEY };

struct numbered_job {
    struct commit_job job; /* first: the job is the numbered job */
    uint32_t number;
    enum outcome outcome;
    atomic_int runs;
    atomic_int done_count;
    enum storage_status status;
};

static struct bytes number_key(uint8_t out_key[4], uint32_t number)
{
    memcpy(out_key, &number, 4);
    return (struct bytes){ out_key, 4 };
}

static bool run_numbered(struct commit_job *job, struct txn *txn)
{
    struct numbered_job *numbered = (struct numbered_job *)job;
    static const uint8_t LONG[TOO_LONG];
    uint8_t key[4];
    (void)atomic_fetch_add(&numbered->runs, 1);
    if (numbered->outcome == REFUSES) {
        return false;
    }
    txn_put(txn, database, number_key(key, numbered->number), BYTES("there"));
    if (numbered->outcome == FAILS) {
        txn_fail(txn, STORAGE_CORRUPT);
    } else if (numbered->outcome == HAS_NO_ROOM_IN_A_KEY) {
        txn_put(txn, database, (struct bytes){ LONG, TOO_LONG }, BYTES(""));
    }
    return true;
}

static void finish_numbered(struct commit_job *job, enum storage_status status)
{
    struct numbered_job *numbered = (struct numbered_job *)job;
    numbered->status = status;
    (void)atomic_fetch_add(&numbered->done_count, 1);
}

static void init_numbered(struct numbered_job *job, uint32_t number, enum outcome outcome)
{
    job->job = (struct commit_job){ .run = run_numbered, .done = finish_numbered };
    job->number = number;
    job->outcome = outcome;
    atomic_init(&job->runs, 0);
    atomic_init(&job->done_count, 0);
    job->status = STORAGE_NOT_FOUND; /* no committer says so */
}

static bool is_there(uint32_t number)
{
    uint8_t key[4];
    struct bytes value;
    struct txn txn;
    txn_begin_read(store.storage.env, &txn);
    bool found = txn_get(&txn, database, number_key(key, number), &value);
    txn_abort(&txn);
    return found;
}

static void assert_outcome(const struct numbered_job *job)
{
    static const enum storage_status EXPECTED[] = {
        [SUCCEEDS] = STORAGE_OK,
        [REFUSES] = STORAGE_OK,
        [FAILS] = STORAGE_CORRUPT,
        [HAS_NO_ROOM_IN_A_KEY] = STORAGE_IO,
    };
    assert_int_equal(atomic_load(&job->done_count), 1);
    assert_int_equal(job->status, EXPECTED[job->outcome]);
    assert_int_equal(is_there(job->number), job->outcome == SUCCEEDS);
}

/* ---- a gate: jobs wait behind it, and so come to be one batch ---- */

struct gate {
    struct commit_job job;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_entered;
    bool is_open;
};

static bool run_gate(struct commit_job *job, struct txn *txn)
{
    struct gate *gate = (struct gate *)job;
    (void)txn;
    (void)pthread_mutex_lock(&gate->lock);
    gate->is_entered = true;
    (void)pthread_cond_signal(&gate->changed);
    while (!gate->is_open) {
        (void)pthread_cond_wait(&gate->changed, &gate->lock);
    }
    (void)pthread_mutex_unlock(&gate->lock);
    return false;
}

static void finish_gate(struct commit_job *job, enum storage_status status)
{
    (void)job;
    (void)status;
}

static void close_gate(struct gate *gate)
{
    *gate = (struct gate){ .job = { .run = run_gate, .done = finish_gate } };
    (void)pthread_mutex_init(&gate->lock, NULL);
    (void)pthread_cond_init(&gate->changed, NULL);
    committer_submit(store.storage.committer, &gate->job);
    (void)pthread_mutex_lock(&gate->lock);
    while (!gate->is_entered) {
        (void)pthread_cond_wait(&gate->changed, &gate->lock);
    }
    (void)pthread_mutex_unlock(&gate->lock);
}

static void open_gate(struct gate *gate)
{
    (void)pthread_mutex_lock(&gate->lock);
    gate->is_open = true;
    (void)pthread_cond_signal(&gate->changed);
    (void)pthread_mutex_unlock(&gate->lock);
}

static bool run_nothing(void *context, struct txn *txn)
{
    (void)context;
    (void)txn;
    return false;
}

/* Jobs end in the order they came; so after this one all before it are done. */
static void wait_for_all(void)
{
    assert_int_equal(committer_run(store.storage.committer, run_nothing, NULL, false), STORAGE_OK);
}

static void run_together(struct numbered_job *jobs, size_t count)
{
    struct gate gate;
    close_gate(&gate);
    for (size_t i = 0; i < count; i++) {
        committer_submit(store.storage.committer, &jobs[i].job);
    }
    open_gate(&gate);
    wait_for_all();
}

static void jobs_that_wait_share_a_transaction(void **state)
{
    (void)state;
    static struct numbered_job jobs[100];
    for (uint32_t i = 0; i < 100; i++) {
        init_numbered(&jobs[i], i, SUCCEEDS);
    }
    run_together(jobs, 100);
    for (size_t i = 0; i < 100; i++) {
        assert_outcome(&jobs[i]);
        assert_int_equal(atomic_load(&jobs[i].runs), 1);
    }
}

static void a_job_that_fails_harms_no_other(void **state)
{
    (void)state;
    static const enum outcome BAD[] = { FAILS, HAS_NO_ROOM_IN_A_KEY };
    for (size_t bad = 0; bad < 2; bad++) {
        for (uint32_t place = 0; place < 10; place++) {
            static struct numbered_job jobs[10];
            for (uint32_t i = 0; i < 10; i++) {
                uint32_t number = (uint32_t)bad * 1000 + place * 10 + i;
                init_numbered(&jobs[i], number, i == place ? BAD[bad] : SUCCEEDS);
            }
            run_together(jobs, 10);
            for (size_t i = 0; i < 10; i++) {
                assert_outcome(&jobs[i]);
                assert_in_range(atomic_load(&jobs[i].runs), 1, 2);
            }
        }
    }
}

static void a_job_that_refuses_leaves_the_others_and_is_told_ok(void **state)
{
    (void)state;
    static struct numbered_job jobs[3];
    static const enum outcome OUTCOMES[][3] = {
        { REFUSES, SUCCEEDS, REFUSES },
        { SUCCEEDS, REFUSES, SUCCEEDS },
        { REFUSES, REFUSES, REFUSES },
        { REFUSES, FAILS, SUCCEEDS },
    };
    for (uint32_t i = 0; i < sizeof OUTCOMES / sizeof OUTCOMES[0]; i++) {
        for (uint32_t j = 0; j < 3; j++) {
            init_numbered(&jobs[j], 3 * i + j, OUTCOMES[i][j]);
        }
        run_together(jobs, 3);
        for (uint32_t j = 0; j < 3; j++) {
            assert_outcome(&jobs[j]);
        }
    }
}

static void a_job_that_takes_databases_is_alone_and_in_its_turn(void **state)
{
    (void)state;
    static struct numbered_job jobs[7];
    for (uint32_t i = 0; i < 7; i++) {
        init_numbered(&jobs[i], i, i == 4 ? FAILS : SUCCEEDS);
        jobs[i].job.takes_databases = i == 2 || i == 4;
    }
    run_together(jobs, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_outcome(&jobs[i]);
        assert_int_equal(atomic_load(&jobs[i].runs), 1); /* the failing one had no company */
    }
}

/* ---- many threads ---- */

struct worker {
    pthread_t thread;
    uint32_t first;
    size_t acknowledged;
};

static bool run_put(void *context, struct txn *txn)
{
    uint8_t key[4];
    txn_put(txn, database, number_key(key, *(const uint32_t *)context), BYTES("there"));
    if (*(const uint32_t *)context % 10 == 9) {
        txn_fail(txn, STORAGE_CORRUPT);
    }
    return true;
}

static void *put_in_turn(void *context)
{
    struct worker *worker = context;
    for (uint32_t i = 0; i < JOBS_A_THREAD; i++) {
        uint32_t number = worker->first + i;
        enum storage_status status =
            committer_run(store.storage.committer, run_put, &number, false);
        worker->acknowledged += status == STORAGE_OK;
    }
    return NULL;
}

static void run_workers(void)
{
    struct worker workers[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){ .first = i * 1000 };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, put_in_turn, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].acknowledged, JOBS_A_THREAD / 10 * 9);
    }
}

static void assert_what_was_acknowledged_is_there(void)
{
    for (uint32_t i = 0; i < THREADS; i++) {
        for (uint32_t j = 0; j < JOBS_A_THREAD; j++) {
            assert_int_equal(is_there(i * 1000 + j), (i * 1000 + j) % 10 != 9);
        }
    }
}

static void what_was_acknowledged_to_many_threads_is_there_after_opening_again(void **state)
{
    (void)state;
    run_workers();
    assert_what_was_acknowledged_is_there();
    store_reopen(&store);
    assert_what_was_acknowledged_is_there();
}

static void in_memory_jobs_of_many_threads_run_on_their_own(void **state)
{
    (void)state;
    run_workers();
    assert_what_was_acknowledged_is_there();
}

static void closing_finishes_what_was_submitted(void **state)
{
    (void)state;
    static struct numbered_job jobs[50];
    for (uint32_t i = 0; i < 50; i++) {
        init_numbered(&jobs[i], i, SUCCEEDS);
        committer_submit(store.storage.committer, &jobs[i].job);
    }
    store_reopen(&store);
    for (size_t i = 0; i < 50; i++) {
        assert_outcome(&jobs[i]);
    }
}

/* ---- taking databases at once ---- */

enum { TAKES = 20 }; /* of DATABASE_RESERVE: two at once need more than are kept free */

static bool run_take_many(void *context, struct txn *txn)
{
    uint32_t *databases = context;
    for (size_t i = 0; i < TAKES; i++) {
        databases[i] = database_take(txn);
    }
    return true;
}

static void *take_many(void *context)
{
    for (int i = 0; i < 20; i++) {
        enum storage_status status =
            committer_run(store.storage.committer, run_take_many, context, true);
        if (status != STORAGE_OK) {
            return context;
        }
    }
    return NULL;
}

static void tables_made_at_the_same_time_all_get_their_databases(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    static uint32_t databases[THREADS][TAKES];
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, databases[i]), 0);
    }
    bool failed = false;
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        failed = failed || result != NULL;
    }
    assert_false(failed);
}

#define DURABLE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define MEMORY(function)  cmocka_unit_test_setup_teardown(function, set_up_memory, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DURABLE(jobs_that_wait_share_a_transaction),
        DURABLE(a_job_that_fails_harms_no_other),
        DURABLE(a_job_that_refuses_leaves_the_others_and_is_told_ok),
        DURABLE(a_job_that_takes_databases_is_alone_and_in_its_turn),
        DURABLE(what_was_acknowledged_to_many_threads_is_there_after_opening_again),
        MEMORY(in_memory_jobs_of_many_threads_run_on_their_own),
        DURABLE(closing_finishes_what_was_submitted),
        DURABLE(tables_made_at_the_same_time_all_get_their_databases),
        MEMORY(tables_made_at_the_same_time_all_get_their_databases),
    };
    return cmocka_run_group_tests_name("committer", tests, NULL, NULL);
}
