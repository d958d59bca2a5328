#include "storage/lmdb/env.h"

#include "storage/base/bytes.h"
#include "storage/base/log.h"
#include "storage/lmdb/internal.h"
#include "storage/lmdb/txn.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    /* LMDB copies pages before it changes them, so deleting takes room as well: an item's in a
     * table and 25 indexes about 100 pages, given back by the transaction after the next. */
    RESERVE_PAGES = 256,
    PLENTY_PAGES = 16384,
};

static const char *const FIXED_NAMES[DATABASE_FIXED_COUNT] = {
    [DATABASE_META] = "meta",           [DATABASE_CATALOG] = "catalog",
    [DATABASE_DATABASES] = "databases", [DATABASE_BUILDS] = "builds",
    [DATABASE_HOLDS] = "holds",         [DATABASE_CLIENT_TOKENS] = "client-tokens",
    [DATABASE_METRICS] = "metrics",     [DATABASE_SETTINGS] = "settings",
    [DATABASE_DOCUMENTS] = "documents",
};

enum storage_status status_of_lmdb(int code, const char *doing)
{
    switch (code) {
    case MDB_SUCCESS:
        return STORAGE_OK;
    case MDB_NOTFOUND:
        return STORAGE_NOT_FOUND;
    case MDB_MAP_FULL:
        log_error("%s: the map is full; start again with a larger --map-size", doing);
        return STORAGE_FULL;
    case ENOSPC:
    case EDQUOT:
        log_error("%s: the disk is full; free some space, nothing acknowledged is lost", doing);
        return STORAGE_FULL;
    case EIO: /* LMDB says this of a write that a full disk cut short, too */
        log_error("%s: the disk refused it; look at its health and its free space", doing);
        return STORAGE_IO;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
        log_error("%s: %s", doing, mdb_strerror(code));
        return STORAGE_CORRUPT;
    default:
        log_error("%s: %s", doing, mdb_strerror(code));
        return STORAGE_IO;
    }
}

MDB_dbi env_database(struct env *env, uint32_t number)
{
    assert(number < DATABASE_COUNT_MAX);
    return atomic_load_explicit(&env->store.databases[number], memory_order_acquire);
}

static void hold_back(struct env *env)
{
    (void)pthread_mutex_lock(&env->readers_lock);
    while (atomic_load(&env->urgent_writers) > 0) {
        (void)pthread_cond_wait(&env->readers_changed, &env->readers_lock);
    }
    (void)pthread_mutex_unlock(&env->readers_lock);
}

void env_lock_writer(struct env *env)
{
    (void)atomic_fetch_add_explicit(&env->writers_waiting, 1, memory_order_relaxed);
    if (atomic_load_explicit(&env->urgent_writers, memory_order_relaxed) > 0) {
        hold_back(env);
    }
    (void)pthread_mutex_lock(&env->writer_lock);
    (void)atomic_fetch_sub_explicit(&env->writers_waiting, 1, memory_order_relaxed);
}

void env_lock_writer_urgently(struct env *env)
{
    (void)atomic_fetch_add(&env->urgent_writers, 1);
    (void)atomic_fetch_add_explicit(&env->writers_waiting, 1, memory_order_relaxed);
    (void)pthread_mutex_lock(&env->writer_lock);
    (void)atomic_fetch_sub_explicit(&env->writers_waiting, 1, memory_order_relaxed);
    (void)pthread_mutex_lock(&env->readers_lock);
    (void)atomic_fetch_sub(&env->urgent_writers, 1);
    (void)pthread_cond_broadcast(&env->readers_changed);
    (void)pthread_mutex_unlock(&env->readers_lock);
}

/* Waits while the store is being replaced. Gives an idle reader, or NULL. */
static MDB_txn *enter_readers(struct env *env)
{
    MDB_txn *reader = NULL;
    (void)pthread_mutex_lock(&env->readers_lock);
    while (env->is_closed_to_readers) {
        (void)pthread_cond_wait(&env->readers_changed, &env->readers_lock);
    }
    env->readers_active++;
    if (env->store.idle_count > 0) {
        reader = env->store.idle_readers[--env->store.idle_count];
    }
    (void)pthread_mutex_unlock(&env->readers_lock);
    return reader;
}

/* Keeps the reader (NULL: none) if there is room. True when it did. */
static bool leave_readers(struct env *env, MDB_txn *reader)
{
    (void)pthread_mutex_lock(&env->readers_lock);
    bool kept = reader != NULL && env->store.idle_count < IDLE_READERS_MAX;
    if (kept) {
        env->store.idle_readers[env->store.idle_count++] = reader;
    }
    env->readers_active--;
    if (env->is_closed_to_readers && env->readers_active == 0) {
        (void)pthread_cond_broadcast(&env->readers_changed);
    }
    (void)pthread_mutex_unlock(&env->readers_lock);
    return kept;
}

/*
 * LMDB takes the number of the last commit first and the page that this commit wrote then; two
 * commits later another has written that page. A reader that was kept from running in between sees
 * a commit that is not announced yet, and the next one may see the commit before.
 */
static bool is_overtaken(struct env *env, MDB_txn *reader)
{
    MDB_envinfo info = { 0 };
    (void)mdb_env_info(env->store.handle, &info);
    return info.me_last_txnid > mdb_txn_id(reader) + 1;
}

MDB_txn *env_take_reader(struct env *env, enum storage_status *out_status)
{
    MDB_txn *reader = enter_readers(env);
    int code = reader != NULL ? mdb_txn_renew(reader)
                              : mdb_txn_begin(env->store.handle, NULL, MDB_RDONLY, &reader);
    if (code == MDB_READERS_FULL) { /* slots of readers that died with another process */
        int cleared = 0;
        (void)mdb_reader_check(env->store.handle, &cleared);
        code = mdb_txn_begin(env->store.handle, NULL, MDB_RDONLY, &reader);
    }
    while (code == MDB_SUCCESS && is_overtaken(env, reader)) {
        mdb_txn_reset(reader);
        code = mdb_txn_renew(reader);
    }
    if (code != MDB_SUCCESS) {
        *out_status = status_of_lmdb(code, "begin a read");
        (void)leave_readers(env, NULL);
        return NULL;
    }
    return reader;
}

void env_return_reader(struct env *env, MDB_txn *reader)
{
    mdb_txn_reset(reader);
    if (!leave_readers(env, reader)) {
        mdb_txn_abort(reader);
    }
}

static int open_database(struct env *env, MDB_txn *txn, uint32_t number)
{
    char name[32];
    if (number < DATABASE_FIXED_COUNT) {
        (void)snprintf(name, sizeof name, "%s", FIXED_NAMES[number]);
    } else {
        (void)snprintf(name, sizeof name, "%u", number);
    }
    MDB_dbi handle;
    int code = mdb_dbi_open(txn, name, MDB_CREATE, &handle);
    if (code == MDB_SUCCESS) {
        atomic_store_explicit(&env->store.databases[number], handle, memory_order_release);
    }
    return code;
}

static int check_format(struct env *env, MDB_txn *txn)
{
    MDB_val key = { .mv_data = "format", .mv_size = 6 };
    MDB_val value;
    MDB_dbi meta = env_database(env, DATABASE_META);
    int code = mdb_get(txn, meta, &key, &value);
    uint32_t format = STORE_FORMAT;
    if (code == MDB_NOTFOUND) {
        value = (MDB_val){ .mv_data = &format, .mv_size = sizeof format };
        return mdb_put(txn, meta, &key, &value, 0);
    }
    if (code == MDB_SUCCESS) {
        if (value.mv_size != sizeof format) {
            return MDB_INVALID;
        }
        memcpy(&format, value.mv_data, sizeof format);
        return format == STORE_FORMAT ? MDB_SUCCESS : MDB_VERSION_MISMATCH;
    }
    return code;
}

/* Of the record of a database: state u8, bytes held u64. */
static int64_t stored_size(MDB_val record)
{
    struct reader reader = reader_of((struct bytes){ record.mv_data, record.mv_size });
    (void)reader_u8(&reader);
    return (int64_t)reader_u64(&reader);
}

int env_open_databases(struct env *env)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(env->store.handle, NULL, 0, &txn);
    if (code != MDB_SUCCESS) {
        return code;
    }
    for (uint32_t number = 0; code == MDB_SUCCESS && number < DATABASE_FIXED_COUNT; number++) {
        code = open_database(env, txn, number);
    }
    if (code == MDB_SUCCESS) {
        code = check_format(env, txn);
    }
    MDB_cursor *cursor = NULL;
    if (code == MDB_SUCCESS) {
        code = mdb_cursor_open(txn, env_database(env, DATABASE_DATABASES), &cursor);
    }
    env->store.numbers_end = DATABASE_FIRST;
    MDB_val key;
    MDB_val value;
    while (code == MDB_SUCCESS &&
           (code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
        uint32_t number = key.mv_size == 4 ? number_of_key(key.mv_data) : DATABASE_COUNT_MAX;
        if (number >= DATABASE_COUNT_MAX) {
            code = MDB_CORRUPTED;
            break;
        }
        code = open_database(env, txn, number);
        env->store.numbers_end = number + 1;
        if (!env->is_durable) {
            atomic_store_explicit(&env->store.sizes[number], stored_size(value),
                                  memory_order_relaxed);
        }
    }
    if (cursor != NULL) {
        mdb_cursor_close(cursor);
    }
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
        mdb_txn_abort(txn);
        return code;
    }
    return mdb_txn_commit(txn);
}

struct env *env_allocate(const struct env_options *options)
{
    struct env *env = calloc(1, sizeof *env);
    if (env == NULL) {
        return NULL;
    }
    env->store.databases = calloc(DATABASE_COUNT_MAX, sizeof *env->store.databases);
    env->store.sizes = calloc(DATABASE_COUNT_MAX, sizeof *env->store.sizes);
    env->options = *options;
    env->is_durable = options->directory != NULL;
    env->options.directory = env->is_durable ? strdup(options->directory) : NULL;
    env->lock_file = -1;
    past_init(&env->past);
    (void)pthread_mutex_init(&env->readers_lock, NULL);
    (void)pthread_cond_init(&env->readers_changed, NULL);
    pthread_mutexattr_t spins;
    (void)pthread_mutexattr_init(&spins);
    (void)pthread_mutexattr_settype(&spins, PTHREAD_MUTEX_ADAPTIVE_NP);
    (void)pthread_mutex_init(&env->writer_lock, &spins);
    (void)pthread_mutexattr_destroy(&spins);
    if (env->store.databases == NULL || env->store.sizes == NULL ||
        (env->is_durable && env->options.directory == NULL)) {
        env_close(env);
        return NULL;
    }
    return env;
}

static bool complain_of_content(char *out_message, size_t size, const struct env *env, int code)
{
    if (code == MDB_VERSION_MISMATCH) {
        (void)snprintf(out_message, size,
                       "the store in %s was written in another format; use the version that wrote "
                       "it, or start with an empty directory",
                       env->options.directory);
    } else {
        (void)snprintf(out_message, size, "cannot read the store in %s: %s",
                       env->is_durable ? env->options.directory : "memory", mdb_strerror(code));
    }
    return false;
}

bool env_open(const struct env_options *options,
              struct env **out_env,
              char *out_message,
              size_t message_size)
{
    struct env *env = env_allocate(options);
    if (env == NULL) {
        (void)snprintf(out_message, message_size, "out of memory");
        return false;
    }
    bool opened = env_files_open(env, out_message, message_size);
    int code = opened ? env_open_databases(env) : MDB_SUCCESS;
    if (code != MDB_SUCCESS) {
        opened = complain_of_content(out_message, message_size, env, code);
    }
    if (!opened) {
        env_close(env);
        return false;
    }
    *out_env = env;
    return true;
}

void env_close(struct env *env)
{
    past_deinit(&env->past);
    for (size_t i = 0; i < env->store.idle_count; i++) {
        mdb_txn_abort(env->store.idle_readers[i]);
    }
    if (env->store.handle != NULL) {
        mdb_env_close(env->store.handle);
    }
    if (env->lock_file >= 0) {
        (void)close(env->lock_file);
    }
    (void)pthread_mutex_destroy(&env->writer_lock);
    (void)pthread_mutex_destroy(&env->readers_lock);
    (void)pthread_cond_destroy(&env->readers_changed);
    free((void *)env->store.databases);
    free((void *)env->store.sizes);
    free((void *)env->options.directory);
    free(env);
}

bool env_writer_waits(const struct env *env)
{
    return atomic_load_explicit(&env->writers_waiting, memory_order_relaxed) > 0;
}

void env_set_observer(struct env *env, const struct table_observer *observer)
{
    env->observer = observer;
}

const struct table_observer *env_observer(const struct env *env)
{
    return env->observer;
}

bool env_is_durable(const struct env *env)
{
    return env->is_durable;
}

/* Pages given back by former transactions; counts no further than `enough`. */
static int64_t count_given_back(struct env *env, int64_t enough)
{
    enum { FREE_PAGES_DATABASE = 0 }; /* LMDB's own: transaction -> count and pages */
    enum storage_status status = STORAGE_OK;
    MDB_cursor *cursor = NULL;
    MDB_val key;
    MDB_val value;
    int64_t count = 0;
    MDB_txn *reader = env_take_reader(env, &status);
    if (reader == NULL) {
        return enough; /* cannot tell: LMDB will */
    }
    if (mdb_cursor_open(reader, FREE_PAGES_DATABASE, &cursor) == MDB_SUCCESS) {
        while (count < enough && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
            size_t pages;
            memcpy(&pages, value.mv_data, sizeof pages);
            count += (int64_t)pages;
        }
        mdb_cursor_close(cursor);
    }
    env_return_reader(env, reader);
    return count;
}

int64_t env_room_pages(struct env *env)
{
    MDB_envinfo info = { 0 };
    MDB_stat stat = { 0 };
    (void)mdb_env_info(env->store.handle, &info);
    (void)mdb_env_stat(env->store.handle, &stat);
    int64_t pages = (int64_t)(info.me_mapsize / stat.ms_psize) - (int64_t)info.me_last_pgno - 1;
    if (pages < PLENTY_PAGES) {
        pages += count_given_back(env, PLENTY_PAGES - pages);
    }
    return pages < PLENTY_PAGES ? pages - RESERVE_PAGES : INT64_MAX;
}

static int count_free(struct env *env, MDB_txn *txn, uint32_t *out_free)
{
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, env_database(env, DATABASE_DATABASES), &cursor);
    if (code != MDB_SUCCESS) {
        return code;
    }
    MDB_val key;
    MDB_val value;
    *out_free = 0;
    while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
        *out_free += value.mv_size >= 1 && *(const uint8_t *)value.mv_data == DATABASE_FREE;
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
}

static int create_databases(struct env *env, MDB_txn *txn)
{
    uint32_t free_count = 0;
    int code = count_free(env, txn, &free_count);
    while (code == MDB_SUCCESS && free_count < DATABASE_RESERVE &&
           env->store.numbers_end < DATABASE_COUNT_MAX) {
        uint8_t key_bytes[4];
        uint8_t record[9] = { DATABASE_FREE };
        number_key(env->store.numbers_end, key_bytes);
        MDB_val key = { .mv_data = key_bytes, .mv_size = sizeof key_bytes };
        MDB_val value = { .mv_data = record, .mv_size = sizeof record };
        code = open_database(env, txn, env->store.numbers_end);
        if (code == MDB_SUCCESS) {
            code = mdb_put(txn, env_database(env, DATABASE_DATABASES), &key, &value, 0);
        }
        env->store.numbers_end++;
        free_count++;
    }
    return code;
}

enum storage_status env_reserve_databases(struct env *env)
{
    MDB_txn *txn;
    env_lock_writer(env);
    past_note_write(env);
    int code = mdb_txn_begin(env->store.handle, NULL, 0, &txn);
    if (code != MDB_SUCCESS) {
        past_note_abort(env);
        (void)pthread_mutex_unlock(&env->writer_lock);
        return status_of_lmdb(code, "reserve databases");
    }
    uint32_t numbers_before = env->store.numbers_end;
    code = create_databases(env, txn);
    bool has_created = code == MDB_SUCCESS && env->store.numbers_end > numbers_before;
    if (has_created) {
        code = mdb_txn_commit(txn);
    } else {
        mdb_txn_abort(txn);
    }
    if (has_created && code == MDB_SUCCESS) {
        past_note_commit(env, false);
    } else {
        past_note_abort(env);
    }
    if (code != MDB_SUCCESS) {
        env->store.numbers_end = numbers_before; /* LMDB has closed the handles opened here */
    }
    (void)pthread_mutex_unlock(&env->writer_lock);
    return status_of_lmdb(code, "reserve databases");
}

void env_usage(struct env *env, uint64_t *out_used_bytes, uint64_t *out_map_bytes)
{
    MDB_envinfo info = { 0 };
    MDB_stat stat = { 0 };
    (void)pthread_mutex_lock(&env->readers_lock); /* the store may be replaced */
    (void)mdb_env_info(env->store.handle, &info);
    (void)mdb_env_stat(env->store.handle, &stat);
    (void)pthread_mutex_unlock(&env->readers_lock);
    *out_used_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    *out_map_bytes = info.me_mapsize;
}
