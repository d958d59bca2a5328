/*
 * Threads that read the past while others write, while it is kept or not, and while the store is
 * put back under them: a pair of items that are written together agrees at every moment, and nobody
 * sees less than before unless the store went back. Made to be run under the thread sanitizer.
 */

#include "storage/lmdb/past.h"
#include "storage/storage.h"
#include "tests/support/random.h"
#include "tests/support/store.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

enum { READERS = 4, WRITERS = 2, ROUNDS = 60, AGE_MS = 10 };

static struct store store;
static bool goes_back;
static atomic_bool is_over;
static atomic_uint past_reads;

static uint64_t number_of(struct txn *txn, const char *key)
{
    struct bytes value;
    if (!txn_get(txn, DATABASE_HOLDS, bytes_of_text(key), &value)) {
        return 0;
    }
    struct reader reader = reader_of(value);
    return reader_u64(&reader);
}

static bool write_pair(void *context, struct txn *txn)
{
    uint8_t value[8];
    (void)context;
    uint64_t number = number_of(txn, "left") + 1;
    for (size_t i = 0; i < sizeof value; i++) {
        value[i] = (uint8_t)(number >> (8 * i));
    }
    txn_put(txn, DATABASE_HOLDS, BYTES("left"), (struct bytes){ value, sizeof value });
    txn_put(txn, DATABASE_HOLDS, BYTES("right"), (struct bytes){ value, sizeof value });
    txn->changes_definitions = number % 50 == 0;
    return true;
}

static void *write_on(void *context)
{
    (void)context;
    while (!atomic_load(&is_over)) {
        assert_int_equal(committer_run(store.storage.committer, write_pair, NULL, false),
                         STORAGE_OK);
    }
    return NULL;
}

static bool any_fits(void *context, struct txn *txn)
{
    (void)context;
    return number_of(txn, "left") == number_of(txn, "right");
}

static uint64_t read_pair(struct txn *txn)
{
    uint64_t left = number_of(txn, "left");
    assert_int_equal(left, number_of(txn, "right"));
    assert_int_equal(txn->status, STORAGE_OK);
    return left;
}

static void *read_on(void *context)
{
    uint64_t before = 0;
    (void)context;
    while (!atomic_load(&is_over)) {
        struct txn txn;
        struct past_view view;
        txn_begin_read(store.storage.env, &txn);
        uint64_t number = read_pair(&txn);
        if (past_begin(&txn, AGE_MS, any_fits, NULL, &view)) {
            uint64_t past = read_pair(&view.txn);
            past_end(&view);
            number = past;
            (void)atomic_fetch_add(&past_reads, 1);
        }
        txn_abort(&txn);
        assert_true(goes_back || number >= before);
        before = number;
    }
    return NULL;
}

static void pause_a_while(void)
{
    struct timespec pause = { .tv_nsec = 3 * 1000 * 1000 };
    (void)nanosleep(&pause, NULL);
}

static void restore(void)
{
    struct snapshot snapshot;
    enum storage_status status;
    assert_int_equal(
        snapshots_save(store.storage.snapshots, BYTES("one"), true, &snapshot, &status),
        SNAPSHOT_DONE);
    pause_a_while();
    assert_int_equal(snapshots_restore(store.storage.snapshots, BYTES("one"), &status),
                     SNAPSHOT_DONE);
}

static void run(bool is_durable, bool with_restores)
{
    pthread_t threads[READERS + WRITERS];
    size_t rounds = random_rounds(ROUNDS);
    store_open(&store, (struct store_options){ .is_durable = is_durable, .has_thread = true });
    past_keep(store.storage.env, &store.clock, AGE_MS);
    goes_back = with_restores;
    atomic_store(&is_over, false);
    atomic_store(&past_reads, 0);
    for (size_t i = 0; i < READERS + WRITERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, i < READERS ? read_on : write_on, NULL),
                         0);
    }
    for (size_t i = 0; i < rounds; i++) {
        pause_a_while();
        if (with_restores) {
            restore();
        } else {
            past_keep(store.storage.env, &store.clock, i % 3 == 0 ? 0 : AGE_MS);
        }
    }
    atomic_store(&is_over, true);
    for (size_t i = 0; i < READERS + WRITERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_true(atomic_load(&past_reads) > 0);
    store_close(&store);
}

static void in_memory_nobody_sees_less_than_before(void **state)
{
    (void)state;
    run(false, false);
}

static void on_disk_nobody_sees_less_than_before(void **state)
{
    (void)state;
    run(true, false);
}

static void a_store_that_goes_back_has_a_past_of_its_own(void **state)
{
    (void)state;
    run(false, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory_nobody_sees_less_than_before),
        cmocka_unit_test(on_disk_nobody_sees_less_than_before),
        cmocka_unit_test(a_store_that_goes_back_has_a_past_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
