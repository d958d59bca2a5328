/* Databases: taken, dropped, emptied, used again; and what happens when the map has no room. */

#include "storage/lmdb/layout.h"
#include "storage/lmdb/txn.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SMALL_MAP = 4 * 1024 * 1024, LARGE_VALUE = 20000, VALUE_SIZE_MAX = 100000 };

/* From many in a page to many pages each. */
static const size_t VALUE_SIZES[] = { 100, 1000, 2500, 5000, LARGE_VALUE, VALUE_SIZE_MAX };
enum { VALUE_SIZE_COUNT = sizeof VALUE_SIZES / sizeof VALUE_SIZES[0] };

static struct store store;

static int set_up(void **state)
{
    (void)state;
    store_open(&store, (struct store_options){ .is_durable = false });
    return 0;
}

static int set_up_durable(void **state)
{
    (void)state;
    store_open(&store, (struct store_options){ .is_durable = true });
    return 0;
}

static int set_up_small(void **state)
{
    (void)state;
    struct store_options options = { .is_durable = false, .map_size_bytes = SMALL_MAP };
    store_open(&store, options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

static struct txn begin_write(void)
{
    struct txn txn;
    txn_begin_write(store.storage.env, &txn);
    assert_int_equal(txn.status, STORAGE_OK);
    return txn;
}

static struct txn begin_read(void)
{
    struct txn txn;
    txn_begin_read(store.storage.env, &txn);
    assert_int_equal(txn.status, STORAGE_OK);
    return txn;
}

static void commit(struct txn *txn)
{
    assert_int_equal(txn_commit(txn), STORAGE_OK);
}

static uint32_t take_database(void)
{
    assert_int_equal(env_reserve_databases(store.storage.env), STORAGE_OK);
    struct txn txn = begin_write();
    uint32_t database = database_take(&txn);
    commit(&txn);
    assert_true(database >= DATABASE_FIRST);
    return database;
}

static void put(struct txn *txn, uint32_t database, const char *key, const char *value)
{
    txn_put(txn, database, bytes_of_text(key), bytes_of_text(value));
}

static void put_committed(uint32_t database, const char *key, const char *value)
{
    struct txn txn = begin_write();
    put(&txn, database, key, value);
    commit(&txn);
}

static void assert_value(struct txn *txn, uint32_t database, const char *key, const char *expected)
{
    struct bytes value;
    bool found = txn_get(txn, database, bytes_of_text(key), &value);
    assert_int_equal(found, expected != NULL);
    assert_true(!found || bytes_equal(value, bytes_of_text(expected)));
}

static void assert_committed(uint32_t database, const char *key, const char *expected)
{
    struct txn txn = begin_read();
    assert_value(&txn, database, key, expected);
    txn_abort(&txn);
}

/* ---- databases ---- */

static void drop(uint32_t database)
{
    struct txn txn = begin_write();
    database_drop(&txn, database);
    commit(&txn);
}

static size_t empty_all(void)
{
    size_t steps = 0;
    for (;;) {
        struct txn txn = begin_write();
        bool more = database_empty_next(&txn);
        commit(&txn);
        if (!more) {
            return steps;
        }
        steps++;
    }
}

static void as_many_databases_are_free_as_were_reserved(void **state)
{
    (void)state;
    assert_int_equal(env_reserve_databases(store.storage.env), STORAGE_OK);
    assert_int_equal(env_reserve_databases(store.storage.env), STORAGE_OK);
    struct txn txn = begin_write();
    uint32_t last = 0;
    for (size_t i = 0; i < DATABASE_RESERVE; i++) {
        uint32_t database = database_take(&txn);
        assert_true(database > last);
        last = database;
    }
    assert_int_equal(database_take(&txn), 0);
    assert_int_equal(txn_commit(&txn), STORAGE_FULL);
    assert_true(take_database() >= DATABASE_FIRST); /* what was taken above is free again */
}

static void a_dropped_database_comes_back_empty(void **state)
{
    (void)state;
    uint32_t first = take_database();
    put_committed(first, "a", "1");
    struct txn txn = begin_write();
    txn_grow(&txn, first, 10);
    commit(&txn);
    txn = begin_read();
    assert_false(database_waits_for_drop(&txn));
    txn_abort(&txn);
    drop(first);
    assert_int_not_equal(take_database(), first); /* not before it is empty */
    txn = begin_read();
    assert_true(database_waits_for_drop(&txn));
    txn_abort(&txn);
    assert_int_equal(empty_all(), 1);
    assert_int_equal(take_database(), first);
    txn = begin_read();
    assert_int_equal(txn_count(&txn, first), 0);
    assert_int_equal(database_size(&txn, first), 0);
    txn_abort(&txn);
}

static void an_older_reader_keeps_its_database_through_drop_and_reuse(void **state)
{
    (void)state;
    uint32_t database = take_database();
    put_committed(database, "a", "old");
    put_committed(database, "b", "old");
    struct txn reader = begin_read();
    drop(database);
    (void)empty_all();
    assert_int_equal(take_database(), database);
    put_committed(database, "a", "new");
    for (int i = 0; i < 100; i++) { /* pages that were given back are written again */
        put_committed(database, "c", "newer");
    }
    assert_value(&reader, database, "a", "old");
    assert_value(&reader, database, "b", "old");
    assert_value(&reader, database, "c", NULL);
    assert_int_equal(txn_count(&reader, database), 2);
    txn_abort(&reader);
    assert_committed(database, "a", "new");
    assert_committed(database, "b", NULL);
}

static void databases_are_the_same_after_a_restart(void **state)
{
    (void)state;
    uint32_t kept = take_database();
    uint32_t dropped = take_database();
    put_committed(kept, "a", "1");
    put_committed(dropped, "a", "2");
    drop(dropped);
    store_reopen(&store);
    assert_committed(kept, "a", "1");
    assert_int_equal(empty_all(), 1);
    assert_int_equal(take_database(), dropped);
    assert_committed(dropped, "a", NULL);
}

struct number_key {
    uint8_t data[4];
};

static struct bytes number_key(struct number_key *key, unsigned number)
{
    for (size_t i = 0; i < sizeof key->data; i++) {
        key->data[i] = (uint8_t)(number >> (24 - 8 * i));
    }
    return (struct bytes){ key->data, sizeof key->data };
}

static bool put_sized(uint32_t database, unsigned number, size_t size)
{
    static const uint8_t VALUE[VALUE_SIZE_MAX] = { 1 };
    struct number_key key;
    struct txn txn = begin_write();
    txn_put(&txn, database, number_key(&key, number), (struct bytes){ VALUE, size });
    enum storage_status status = txn_commit(&txn);
    assert_true(status == STORAGE_OK || status == STORAGE_FULL);
    return status == STORAGE_OK;
}

static void a_large_database_is_emptied_in_steps_between_which_others_write(void **state)
{
    (void)state;
    uint32_t large = take_database();
    uint32_t other = take_database();
    for (unsigned i = 0; i < 200; i++) { /* about 1,000 pages */
        assert_true(put_sized(large, i, LARGE_VALUE));
    }
    drop(large);
    struct txn txn = begin_write();
    assert_true(database_empty_next(&txn));
    assert_true(txn_count(&txn, large) > 100); /* one step is not all of it */
    commit(&txn);
    put_committed(other, "a", "1");
    assert_in_range(empty_all(), 2, 20);
    assert_int_equal(take_database(), large);
    assert_committed(other, "a", "1");
}

/* ---- no room ---- */

static unsigned fill(uint32_t database, size_t size)
{
    unsigned count = 0;
    while (put_sized(database, count, size)) {
        count++;
        assert_true(count < SMALL_MAP / size);
    }
    assert_true(count > 10);
    return count;
}

/* Runs `test` on a full database, once for every size of value, each in a store of its own. */
static void with_full_database(void (*test)(uint32_t database, unsigned count, size_t value_size))
{
    for (size_t i = 0; i < VALUE_SIZE_COUNT; i++) {
        uint32_t database = take_database();
        test(database, fill(database, VALUE_SIZES[i]), VALUE_SIZES[i]);
        struct store_options options = store.options;
        store_close(&store);
        store_open(&store, options);
    }
}

static void refuse_and_keep(uint32_t database, unsigned count, size_t value_size)
{
    for (int i = 0; i < 3; i++) {
        struct txn txn = begin_read();
        assert_int_equal(txn_count(&txn, database), count);
        txn_abort(&txn);
        assert_false(put_sized(database, count, value_size)); /* and again */
    }
}

static void a_full_map_refuses_a_write_and_keeps_the_rest(void **state)
{
    (void)state;
    with_full_database(refuse_and_keep);
}

static void delete_and_put(uint32_t database, unsigned count, size_t value_size)
{
    struct number_key key;
    for (unsigned i = 0; i < count / 2; i++) {
        struct txn txn = begin_write();
        assert_true(txn_delete(&txn, database, number_key(&key, i)));
        commit(&txn);
    }
    for (unsigned i = 0; i < count / 4; i++) {
        assert_true(put_sized(database, i, value_size));
    }
}

static void deleting_makes_room_in_a_full_map(void **state)
{
    (void)state;
    with_full_database(delete_and_put);
}

static void drop_and_fill_again(uint32_t database, unsigned count, size_t value_size)
{
    drop(database);
    assert_in_range(empty_all(), 2, 20);
    assert_int_equal(take_database(), database);
    for (unsigned i = 0; i < count / 2; i++) {
        assert_true(put_sized(database, i, value_size));
    }
}

static void a_database_is_dropped_and_emptied_in_a_full_map(void **state)
{
    (void)state;
    with_full_database(drop_and_fill_again);
}

static void delete_all_one_by_one(uint32_t database, unsigned count, size_t value_size)
{
    struct number_key key;
    (void)value_size;
    for (unsigned i = count; i > 0; i--) {
        struct txn txn = begin_write();
        assert_true(txn_delete(&txn, database, number_key(&key, i - 1)));
        commit(&txn);
    }
    struct txn txn = begin_read();
    assert_int_equal(txn_count(&txn, database), 0);
    txn_abort(&txn);
}

static void a_full_map_can_be_emptied_one_by_one(void **state)
{
    (void)state;
    with_full_database(delete_all_one_by_one);
}

static void one_transaction_does_not_take_the_room_for_deleting(void **state)
{
    (void)state;
    static const uint8_t VALUE[LARGE_VALUE] = { 1 };
    struct number_key key;
    uint32_t database = take_database();
    unsigned count = 0;
    struct txn txn = begin_write();
    while (txn.status == STORAGE_OK) {
        assert_true(count < SMALL_MAP / LARGE_VALUE);
        txn_put(&txn, database, number_key(&key, count++), (struct bytes){ VALUE, LARGE_VALUE });
    }
    assert_int_equal(txn_commit(&txn), STORAGE_FULL);
    txn = begin_write();
    for (unsigned i = 0; i < count - 1; i++) {
        txn_put(&txn, database, number_key(&key, i), (struct bytes){ VALUE, LARGE_VALUE });
    }
    commit(&txn);
    delete_all_one_by_one(database, count - 1, LARGE_VALUE);
}

static void a_store_that_was_full_takes_more_with_a_larger_map(void **state)
{
    (void)state;
    struct store_options options = { .is_durable = true, .map_size_bytes = SMALL_MAP };
    store_close(&store);
    store_open(&store, options);
    uint32_t database = take_database();
    unsigned count = fill(database, LARGE_VALUE);
    store_reopen(&store);
    assert_false(put_sized(database, count, LARGE_VALUE));
    store.options.map_size_bytes *= 2;
    store_reopen(&store);
    for (unsigned i = 0; i < 50; i++) {
        assert_true(put_sized(database, count + i, LARGE_VALUE));
    }
}

#define MEMORY(function)  cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define DURABLE(function) cmocka_unit_test_setup_teardown(function, set_up_durable, tear_down)
#define SMALL(function)   cmocka_unit_test_setup_teardown(function, set_up_small, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MEMORY(as_many_databases_are_free_as_were_reserved),
        MEMORY(a_dropped_database_comes_back_empty),
        MEMORY(an_older_reader_keeps_its_database_through_drop_and_reuse),
        DURABLE(databases_are_the_same_after_a_restart),
        MEMORY(a_large_database_is_emptied_in_steps_between_which_others_write),
        SMALL(a_full_map_refuses_a_write_and_keeps_the_rest),
        SMALL(deleting_makes_room_in_a_full_map),
        SMALL(a_full_map_can_be_emptied_one_by_one),
        SMALL(one_transaction_does_not_take_the_room_for_deleting),
        SMALL(a_database_is_dropped_and_emptied_in_a_full_map),
        SMALL(a_store_that_was_full_takes_more_with_a_larger_map),
    };
    return cmocka_run_group_tests_name("database", tests, NULL, NULL);
}
