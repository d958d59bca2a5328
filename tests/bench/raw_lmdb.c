/*
 * The yardstick for writes: LMDB alone, with keys and values of the size that the server stores.
 * It prints one line of JSON: entries, seconds and entries a second.
 *
 *   raw_lmdb put  DIR sync|nosync BATCH SECONDS   overwrites of random keys, BATCH to a commit
 *   raw_lmdb copy DIR sync|nosync BATCH ITEMS     copies ITEMS entries in key order into a second
 *                                                 database under other keys, as a backfill does
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <lmdb.h>

enum {
    VALUE_BYTES = 460, /* a 400-byte item as the server stores it */
    PUT_KEYS = 100000, /* as many as the server's PutItem runs use */
    FILL_BATCH = 10000,
};

/* The server's keys: a hash of the partition key, then the sort key's bytes. */
struct key {
    uint64_t hash[2];
    char sort_key[16];
};

static MDB_env *env;
static MDB_txn *txn;

static void check(int code)
{
    if (code != MDB_SUCCESS) {
        (void)fprintf(stderr, "raw_lmdb: %s\n", mdb_strerror(code));
        exit(EXIT_FAILURE);
    }
}

static double now_seconds(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void report(uint64_t entries, double seconds)
{
    (void)printf("{\"entries\": %" PRIu64 ", \"seconds\": %.6f, \"per_second\": %.1f}\n", entries,
                 seconds, (double)entries / seconds);
}

static void open_env(const char *folder, bool sync)
{
    check(mdb_env_create(&env));
    check(mdb_env_set_mapsize(env, (size_t)8 << 30U));
    check(mdb_env_set_maxdbs(env, 2));
    check(mdb_env_open(env, folder, sync ? 0 : MDB_NOSYNC | MDB_WRITEMAP, 0644));
}

static MDB_dbi open_database(const char *name)
{
    MDB_dbi database;
    check(mdb_txn_begin(env, NULL, 0, &txn));
    check(mdb_dbi_open(txn, name, MDB_CREATE, &database));
    check(mdb_txn_commit(txn));
    return database;
}

/* splitmix64 */
static uint64_t mix(uint64_t number)
{
    number += 0x9e3779b97f4a7c15U;
    number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
    number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
    return number ^ (number >> 31U);
}

static struct key make_key(uint64_t partition, uint64_t item)
{
    struct key key = { .hash = { mix(partition), mix(~partition) } };
    (void)snprintf(key.sort_key, sizeof key.sort_key, "item-%08" PRIu64, item);
    return key;
}

static void put(MDB_dbi database, struct key *key, const MDB_val *value)
{
    MDB_val key_bytes = { .mv_size = sizeof *key, .mv_data = key };
    MDB_val copy = *value;
    check(mdb_put(txn, database, &key_bytes, &copy, 0));
}

static void fill(MDB_dbi database, uint64_t items)
{
    static char bytes[VALUE_BYTES];
    const MDB_val value = { .mv_size = sizeof bytes, .mv_data = bytes };
    for (uint64_t item = 0; item < items;) {
        check(mdb_txn_begin(env, NULL, 0, &txn));
        for (int i = 0; i < FILL_BATCH && item < items; i++, item++) {
            struct key key = make_key(item / 100, item);
            put(database, &key, &value);
        }
        check(mdb_txn_commit(txn));
    }
}

static void run_put(int batch, double seconds)
{
    static char bytes[VALUE_BYTES];
    const MDB_val value = { .mv_size = sizeof bytes, .mv_data = bytes };
    const MDB_dbi database = open_database("items");
    const double begin = now_seconds();
    double end = begin;
    uint64_t count = 0;
    while (end - begin < seconds) {
        check(mdb_txn_begin(env, NULL, 0, &txn));
        for (int i = 0; i < batch; i++) {
            const uint64_t item = mix(count++) % PUT_KEYS;
            struct key key = make_key(item / 100, item);
            put(database, &key, &value);
        }
        check(mdb_txn_commit(txn));
        end = now_seconds();
    }
    report(count, end - begin);
}

/* Copies up to `batch` entries that follow `position`. Returns how many. */
static int copy_step(MDB_dbi source, MDB_dbi target, struct key *position, int batch, bool first)
{
    MDB_cursor *cursor;
    MDB_val key = { .mv_size = sizeof *position, .mv_data = position };
    MDB_val value;
    int count = 0;
    check(mdb_txn_begin(env, NULL, 0, &txn));
    check(mdb_cursor_open(txn, source, &cursor));
    int code = mdb_cursor_get(cursor, &key, &value, first ? MDB_FIRST : MDB_SET_RANGE);
    if (code == MDB_SUCCESS && !first) {
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    for (; code == MDB_SUCCESS && count < batch; count++) {
        memcpy(position, key.mv_data, sizeof *position);
        const uint64_t item = strtoull(position->sort_key + strlen("item-"), NULL, 10);
        struct key entry = make_key(~item, item); /* an order unlike the source's */
        put(target, &entry, &value);
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    check(mdb_txn_commit(txn));
    return count;
}

static void run_copy(int batch, uint64_t items)
{
    const MDB_dbi source = open_database("items");
    const MDB_dbi target = open_database("index");
    fill(source, items);
    struct key position = { .hash = { 0 } };
    const double begin = now_seconds();
    uint64_t count = 0;
    for (int copied = batch; copied == batch; count += (uint64_t)copied) {
        copied = copy_step(source, target, &position, batch, count == 0);
    }
    report(count, now_seconds() - begin);
}

int main(int argc, char **argv)
{
    const bool known = argc == 6 && (strcmp(argv[1], "put") == 0 || strcmp(argv[1], "copy") == 0);
    if (!known) {
        (void)fputs("usage: raw_lmdb put|copy DIR sync|nosync BATCH SECONDS|ITEMS\n", stderr);
        return 2;
    }
    open_env(argv[2], strcmp(argv[3], "sync") == 0);
    const int batch = atoi(argv[4]);
    if (strcmp(argv[1], "put") == 0) {
        run_put(batch, atof(argv[5]));
    } else {
        run_copy(batch, strtoull(argv[5], NULL, 10));
    }
    mdb_env_close(env);
    return EXIT_SUCCESS;
}
