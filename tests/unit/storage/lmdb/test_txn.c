/* Transactions, cursors, sizes; and which directories are opened. */

#include "storage/lmdb/txn.h"

#include "storage/lmdb/layout.h"
#include "storage/lmdb/past.h"
#include "tests/support/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SMALL_MAP = 4 * 1024 * 1024 };

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
    enum { LIMIT = 126 + PAST_MOMENTS_MAX };
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
    txn_put(&txn, DATABASE_META, BYTES("format"), BYTES("\x7f\0\0\0"));
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
        DURABLE(a_directory_in_use_is_refused),
        DURABLE(a_store_of_another_format_is_refused_and_left_as_it_is),
        DURABLE(a_file_that_is_no_store_is_refused),
    };
    return cmocka_run_group_tests_name("txn", tests, NULL, NULL);
}
