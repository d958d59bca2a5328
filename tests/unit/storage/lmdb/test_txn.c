/* Transactions, cursors and the databases they work on; what happens without room. */

#include "storage/lmdb/txn.h"

#include "storage/lmdb/layout.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

/* ---- transactions ---- */

static void a_committed_value_is_there_and_an_aborted_one_is_not(void **state)
{
    (void)state;
    uint32_t database = take_database();
    struct txn txn = begin_write();
    put(&txn, database, "a", "1");
    assert_value(&txn, database, "a", "1"); /* to itself it is there at once */
    commit(&txn);
    assert_committed(database, "a", "1");
    txn = begin_write();
    put(&txn, database, "a", "2");
    put(&txn, database, "b", "3");
    txn_abort(&txn);
    assert_committed(database, "a", "1");
    assert_committed(database, "b", NULL);
}

static void a_reader_sees_the_store_as_it_was_when_it_began(void **state)
{
    (void)state;
    uint32_t database = take_database();
    put_committed(database, "a", "1");
    struct txn reader = begin_read();
    put_committed(database, "a", "2");
    put_committed(database, "b", "3");
    assert_value(&reader, database, "a", "1");
    assert_value(&reader, database, "b", NULL);
    assert_int_equal(txn_count(&reader, database), 1);
    txn_abort(&reader);
    assert_committed(database, "a", "2"); /* the same reader, renewed, sees the newest */
}

static void after_a_failure_nothing_is_done_and_nothing_is_changed(void **state)
{
    (void)state;
    uint32_t database = take_database();
    put_committed(database, "a", "1");
    struct txn txn = begin_write();
    struct cursor cursor;
    struct bytes key;
    struct bytes value;
    cursor_open(&txn, database, &cursor);
    put(&txn, database, "b", "2");
    txn_fail(&txn, STORAGE_CORRUPT);
    txn_fail(&txn, STORAGE_FULL); /* the first one counts */
    put(&txn, database, "c", "3");
    assert_value(&txn, database, "a", NULL);
    assert_false(txn_put_new(&txn, database, BYTES("d"), BYTES("4")));
    assert_false(txn_delete(&txn, database, BYTES("a")));
    assert_int_equal(txn_count(&txn, database), 0);
    assert_false(cursor_seek(&cursor, BYTES(""), &key, &value));
    assert_false(cursor_seek(&cursor, BYTES("a"), &key, &value));
    assert_false(cursor_next(&cursor, &key, &value));
    assert_false(cursor_last(&cursor, &key, &value));
    cursor_close(&cursor);
    cursor_open(&txn, database, &cursor);
    assert_false(cursor_previous(&cursor, &key, &value));
    cursor_close(&cursor);
    assert_int_equal(database_take(&txn), 0);
    assert_int_equal(txn_commit(&txn), STORAGE_CORRUPT);
    assert_committed(database, "a", "1");
    assert_committed(database, "b", NULL);
}

static void not_found_is_no_failure(void **state)
{
    (void)state;
    uint32_t database = take_database();
    struct txn txn = begin_write();
    assert_value(&txn, database, "a", NULL);
    assert_false(txn_delete(&txn, database, BYTES("a")));
    put(&txn, database, "b", "1");
    commit(&txn);
    assert_committed(database, "b", "1");
}

static void put_new_leaves_what_is_there(void **state)
{
    (void)state;
    uint32_t database = take_database();
    struct txn txn = begin_write();
    assert_true(txn_put_new(&txn, database, BYTES("a"), BYTES("1")));
    assert_false(txn_put_new(&txn, database, BYTES("a"), BYTES("2")));
    assert_int_equal(txn.status, STORAGE_OK);
    commit(&txn);
    assert_committed(database, "a", "1");
}

static void a_key_that_lmdb_cannot_hold_fails_the_transaction(void **state)
{
    (void)state;
    static const uint8_t LONG[512] = { 1 };
    uint32_t database = take_database();
    struct txn txn = begin_write();
    txn_put(&txn, database, (struct bytes){ LONG, 511 }, BYTES("fits"));
    assert_int_equal(txn.status, STORAGE_OK);
    txn_put(&txn, database, (struct bytes){ LONG, 512 }, BYTES("does not"));
    assert_int_equal(txn.status, STORAGE_IO);
    assert_int_equal(txn_commit(&txn), STORAGE_IO);
}

static void readers_beyond_the_limit_are_refused_and_only_they(void **state)
{
    (void)state;
    enum { LIMIT = 126 };
    static struct txn readers[LIMIT + 1];
    for (size_t i = 0; i < LIMIT; i++) {
        readers[i] = begin_read();
    }
    txn_begin_read(store.storage.env, &readers[LIMIT]);
    assert_int_equal(readers[LIMIT].status, STORAGE_IO);
    struct bytes value;
    assert_false(txn_get(&readers[LIMIT], DATABASE_META, BYTES("format"), &value));
    assert_true(txn_get(&readers[0], DATABASE_META, BYTES("format"), &value));
    for (size_t i = 0; i <= LIMIT; i++) {
        txn_abort(&readers[i]);
    }
    for (size_t i = 0; i < LIMIT; i++) { /* their places are free again */
        readers[i] = begin_read();
    }
    for (size_t i = 0; i < LIMIT; i++) {
        txn_abort(&readers[i]);
    }
}

/* ---- cursors ---- */

static void assert_entry(bool found, struct bytes key, const char *expected)
{
    assert_int_equal(found, expected != NULL);
    assert_true(!found || bytes_equal(key, bytes_of_text(expected)));
}

static void a_cursor_finds_the_first_key_that_is_not_less(void **state)
{
    (void)state;
    uint32_t database = take_database();
    struct txn txn = begin_write();
    put(&txn, database, "b", "1");
    put(&txn, database, "bb", "2");
    put(&txn, database, "d", "3");
    commit(&txn);
    static const struct {
        const char *at_least, *found, *next, *previous;
    } cases[] = {
        { "", "b", "bb", NULL },   { "a", "b", "bb", NULL }, { "b", "b", "bb", NULL },
        { "ba", "bb", "d", "b" },  { "c", "d", NULL, "bb" }, { "d", "d", NULL, "bb" },
        { "e", NULL, NULL, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cursor cursor;
        struct bytes key;
        struct bytes value;
        txn = begin_read();
        cursor_open(&txn, database, &cursor);
        struct bytes at_least = bytes_of_text(cases[i].at_least);
        bool found = cursor_seek(&cursor, at_least, &key, &value);
        assert_entry(found, key, cases[i].found);
        if (found) {
            assert_entry(cursor_next(&cursor, &key, &value), key, cases[i].next);
            (void)cursor_seek(&cursor, at_least, &key, &value);
            assert_entry(cursor_previous(&cursor, &key, &value), key, cases[i].previous);
        }
        assert_entry(cursor_last(&cursor, &key, &value), key, "d");
        assert_true(bytes_equal(value, BYTES("3")));
        cursor_close(&cursor);
        txn_abort(&txn);
    }
}

static void a_cursor_finds_nothing_in_an_empty_database(void **state)
{
    (void)state;
    struct txn txn;
    struct cursor cursor;
    struct bytes key;
    struct bytes value;
    uint32_t database = take_database();
    txn = begin_read();
    cursor_open(&txn, database, &cursor);
    assert_false(cursor_seek(&cursor, BYTES(""), &key, &value));
    assert_false(cursor_last(&cursor, &key, &value));
    assert_false(cursor_previous(&cursor, &key, &value));
    assert_int_equal(txn.status, STORAGE_OK);
    cursor_close(&cursor);
    txn_abort(&txn);
}

/* ---- sizes ---- */

static void sizes_add_up_over_transactions_and_not_over_aborted_ones(void **state)
{
    (void)state;
    uint32_t database = take_database();
    static const struct {
        int64_t delta;
        bool commits;
        uint64_t expected;
    } steps[] = {
        { 100, true, 100 }, { 50, true, 150 }, { 1000, false, 150 },
        { -30, true, 120 }, { 0, true, 120 },  { -120, true, 0 },
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct txn txn = begin_write();
        txn_grow(&txn, database, steps[i].delta + 7);
        txn_grow(&txn, database, -7);
        if (steps[i].commits) {
            commit(&txn);
        } else {
            txn_abort(&txn);
        }
        txn = begin_read();
        assert_int_equal(database_size(&txn, database), steps[i].expected);
        txn_abort(&txn);
    }
}

static void a_transaction_may_touch_more_databases_than_it_remembers(void **state)
{
    (void)state;
    enum { COUNT = TXN_SIZES_MAX + 10 };
    uint32_t databases[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        databases[i] = take_database();
    }
    struct txn txn = begin_write();
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            txn_grow(&txn, databases[i], (int64_t)i);
        }
    }
    commit(&txn);
    txn = begin_read();
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(database_size(&txn, databases[i]), 3 * i);
    }
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

/* ---- opening ---- */

static bool open_again(const char *directory, char *out_message, size_t message_size)
{
    struct env *env;
    struct env_options options = {
        .directory = directory,
        .map_size_bytes = SMALL_MAP,
        .readers_max = 8,
    };
    bool opened = env_open(&options, &env, out_message, message_size);
    if (opened) {
        env_close(env);
    }
    return opened;
}

static void a_directory_in_use_is_refused(void **state)
{
    (void)state;
    char message[512] = "";
    assert_false(open_again(store.directory, message, sizeof message));
    assert_non_null(strstr(message, store.directory));
    assert_non_null(strstr(message, "in use by another rehearsedb"));
    assert_committed(DATABASE_META, "none", NULL); /* the first goes on */
}

static void a_store_of_another_format_is_refused_and_left_as_it_is(void **state)
{
    (void)state;
    char message[512] = "";
    struct txn txn = begin_write();
    txn_put(&txn, DATABASE_META, BYTES("format"), BYTES("\x02\0\0\0"));
    commit(&txn);
    storage_close(&store.storage);
    for (int i = 0; i < 2; i++) {
        assert_false(open_again(store.directory, message, sizeof message));
        assert_non_null(strstr(message, "another format"));
    }
    char path[128]; /* a new store, for the fixture to close */
    (void)snprintf(path, sizeof path, "%s/data.mdb", store.directory);
    assert_int_equal(remove(path), 0);
    assert_true(open_again(store.directory, message, sizeof message));
    struct storage_options options = {
        .env = { .directory = store.directory, .map_size_bytes = SMALL_MAP, .readers_max = 8 },
        .clock = &store.clock,
        .is_stepped_by_hand = true,
    };
    assert_true(storage_open(&options, &store.storage, message, sizeof message));
}

static void a_file_that_is_no_store_is_refused(void **state)
{
    (void)state;
    char message[512] = "";
    char path[128];
    char directory[96];
    (void)snprintf(directory, sizeof directory, "%s", store.directory);
    storage_close(&store.storage);
    (void)snprintf(path, sizeof path, "%s/data.mdb", directory);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(fputs("no store ", file) >= 0, 1);
    }
    assert_int_equal(fclose(file), 0);
    assert_false(open_again(directory, message, sizeof message));
    assert_non_null(strstr(message, directory));
    assert_int_equal(remove(path), 0);
    struct storage_options options = {
        .env = { .directory = store.directory, .map_size_bytes = SMALL_MAP, .readers_max = 8 },
        .clock = &store.clock,
        .is_stepped_by_hand = true,
    };
    assert_true(storage_open(&options, &store.storage, message, sizeof message));
}

#define MEMORY(function)  cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define DURABLE(function) cmocka_unit_test_setup_teardown(function, set_up_durable, tear_down)
#define SMALL(function)   cmocka_unit_test_setup_teardown(function, set_up_small, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MEMORY(a_committed_value_is_there_and_an_aborted_one_is_not),
        MEMORY(a_reader_sees_the_store_as_it_was_when_it_began),
        MEMORY(after_a_failure_nothing_is_done_and_nothing_is_changed),
        MEMORY(not_found_is_no_failure),
        MEMORY(put_new_leaves_what_is_there),
        MEMORY(a_key_that_lmdb_cannot_hold_fails_the_transaction),
        MEMORY(readers_beyond_the_limit_are_refused_and_only_they),
        MEMORY(a_cursor_finds_the_first_key_that_is_not_less),
        MEMORY(a_cursor_finds_nothing_in_an_empty_database),
        MEMORY(sizes_add_up_over_transactions_and_not_over_aborted_ones),
        MEMORY(a_transaction_may_touch_more_databases_than_it_remembers),
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
        DURABLE(a_directory_in_use_is_refused),
        DURABLE(a_store_of_another_format_is_refused_and_left_as_it_is),
        DURABLE(a_file_that_is_no_store_is_refused),
    };
    return cmocka_run_group_tests_name("txn", tests, NULL, NULL);
}
