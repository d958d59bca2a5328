/*
 * Threads that read and write while the store is saved, restored and emptied under them. Two items
 * are always written together, a third tells which store they are of: whoever reads sees a pair
 * that agrees, of one store, or an empty store; nobody fails or hangs. Made to be run under the
 * thread sanitizer as well.
 */

#include "storage/storage.h"
#include "tests/support/random.h"
#include "tests/support/store.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { READERS = 3, WRITERS = 2, RESTORES = 60 };

static struct store store;
static atomic_bool is_over;
static atomic_uint reads_done;
static atomic_uint writes_begun; /* counted before they are committed, so never too few */

static void put_number(struct txn *txn, const char *key, uint64_t number)
{
    uint8_t value[8];
    for (size_t i = 0; i < sizeof value; i++) {
        value[i] = (uint8_t)(number >> (8 * i));
    }
    txn_put(txn, DATABASE_HOLDS, bytes_of_text(key), (struct bytes){ value, sizeof value });
}

/* False when it is not there. */
static bool get_number(struct txn *txn, const char *key, uint64_t *out_number)
{
    struct bytes value;
    if (!txn_get(txn, DATABASE_HOLDS, bytes_of_text(key), &value)) {
        return false;
    }
    struct reader reader = reader_of(value);
    *out_number = reader_u64(&reader);
    return !reader.failed;
}

static bool write_pair(void *context, struct txn *txn)
{
    uint64_t left = 0;
    (void)context;
    (void)get_number(txn, "left", &left);
    put_number(txn, "left", left + 1);
    put_number(txn, "right", left + 1);
    return true;
}

static void *write_on(void *context)
{
    (void)context;
    while (!atomic_load(&is_over)) {
        (void)atomic_fetch_add(&writes_begun, 1);
        assert_int_equal(committer_run(store.storage.committer, write_pair, NULL, false),
                         STORAGE_OK);
    }
    return NULL;
}

static void *read_on(void *context)
{
    (void)context;
    while (!atomic_load(&is_over)) {
        struct txn txn;
        uint64_t left = 0;
        uint64_t right = 0;
        txn_begin_read(store.storage.env, &txn);
        bool has_left = get_number(&txn, "left", &left);
        bool has_right = get_number(&txn, "right", &right);
        assert_int_equal(txn.status, STORAGE_OK);
        assert_int_equal(has_left, has_right);
        assert_int_equal(left, right);
        txn_abort(&txn);
        uint64_t used;
        uint64_t map;
        env_usage(store.storage.env, &used, &map);
        assert_true(used <= map);
        (void)atomic_fetch_add(&reads_done, 1);
    }
    return NULL;
}

static uint64_t number_now(const char *key)
{
    struct txn txn;
    uint64_t number = 0;
    txn_begin_read(store.storage.env, &txn);
    (void)get_number(&txn, key, &number);
    txn_abort(&txn);
    return number;
}

static bool define(void *context, struct txn *txn)
{
    (void)context;
    uint32_t database = database_take(txn);
    assert_int_not_equal(database, 0);
    database_drop(txn, database);
    return true;
}

/* Takes databases, which are reserved in one transaction and taken in the next. */
static void *define_on(void *context)
{
    (void)context;
    while (!atomic_load(&is_over)) {
        assert_int_equal(committer_run(store.storage.committer, define, NULL, true), STORAGE_OK);
    }
    return NULL;
}

/* Returns what the number is at most in what was saved. */
static uint64_t save(void)
{
    struct snapshot snapshot;
    enum storage_status status;
    assert_int_equal(
        snapshots_save(store.storage.snapshots, BYTES("pair"), true, &snapshot, &status),
        SNAPSHOT_DONE);
    return number_now("left");
}

/* The store is what it went back to, or what writers have made of that since. */
static void assert_went_back(uint64_t number_at_most, unsigned begun_before)
{
    uint64_t number = number_now("left");
    unsigned begun = atomic_load(&writes_begun) - begun_before;
    assert_true(number <= number_at_most + begun + WRITERS); /* each may have been in one */
}

static void restore(uint64_t saved_at_most)
{
    enum storage_status status;
    unsigned begun_before = atomic_load(&writes_begun);
    assert_int_equal(snapshots_restore(store.storage.snapshots, BYTES("pair"), &status),
                     SNAPSHOT_DONE);
    assert_went_back(saved_at_most, begun_before);
}

static void reset(void)
{
    unsigned begun_before = atomic_load(&writes_begun);
    assert_int_equal(snapshots_reset(store.storage.snapshots), STORAGE_OK);
    assert_went_back(0, begun_before);
}

static void run(bool is_durable)
{
    pthread_t threads[READERS + WRITERS + 1];
    size_t count = 0;
    size_t rounds = random_rounds(RESTORES);
    uint64_t saved_at_most = 0;
    store_open(&store, (struct store_options){ .is_durable = is_durable, .has_thread = true });
    atomic_store(&is_over, false);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&threads[count++], NULL, read_on, NULL), 0);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_create(&threads[count++], NULL, write_on, NULL), 0);
    }
    assert_int_equal(pthread_create(&threads[count++], NULL, define_on, NULL), 0);
    for (size_t i = 0; i < rounds; i++) {
        if (i % 5 == 0) {
            saved_at_most = save();
        }
        if (i % 7 == 6) {
            reset();
        } else {
            restore(saved_at_most);
        }
    }
    atomic_store(&is_over, true);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_true(atomic_load(&reads_done) > 0 && atomic_load(&writes_begun) > 0);
    store_close(&store);
}

static void in_memory_all_see_one_store_or_another(void **state)
{
    (void)state;
    run(false);
}

static void on_disk_all_see_one_store_or_another(void **state)
{
    (void)state;
    run(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory_all_see_one_store_or_another),
        cmocka_unit_test(on_disk_all_see_one_store_or_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
