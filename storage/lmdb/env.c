#include "storage/lmdb/env.h"

#include "storage/base/log.h"
#include "storage/lmdb/internal.h"
#include "storage/lmdb/txn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_SIZE_MAX = 4096,

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
    return atomic_load_explicit(&env->databases[number], memory_order_acquire);
}

MDB_txn *env_take_reader(struct env *env, enum storage_status *out_status)
{
    MDB_txn *reader = NULL;
    (void)pthread_mutex_lock(&env->idle_lock);
    if (env->idle_count > 0) {
        reader = env->idle_readers[--env->idle_count];
    }
    (void)pthread_mutex_unlock(&env->idle_lock);
    int code = reader != NULL ? mdb_txn_renew(reader)
                              : mdb_txn_begin(env->handle, NULL, MDB_RDONLY, &reader);
    if (code == MDB_READERS_FULL) { /* slots of readers that died with another process */
        int cleared = 0;
        (void)mdb_reader_check(env->handle, &cleared);
        code = mdb_txn_begin(env->handle, NULL, MDB_RDONLY, &reader);
    }
    if (code != MDB_SUCCESS) {
        *out_status = status_of_lmdb(code, "begin a read");
        return NULL;
    }
    return reader;
}

void env_return_reader(struct env *env, MDB_txn *reader)
{
    mdb_txn_reset(reader);
    (void)pthread_mutex_lock(&env->idle_lock);
    bool kept = env->idle_count < IDLE_READERS_MAX;
    if (kept) {
        env->idle_readers[env->idle_count++] = reader;
    }
    (void)pthread_mutex_unlock(&env->idle_lock);
    if (!kept) {
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
        atomic_store_explicit(&env->databases[number], handle, memory_order_release);
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

/* Opens the fixed databases and every numbered one that exists. */
static int open_databases(struct env *env)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(env->handle, NULL, 0, &txn);
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
    env->numbers_end = DATABASE_FIRST;
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
        env->numbers_end = number + 1;
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

static bool complain(char *out_message, size_t size, const char *what, const char *path, int code)
{
    (void)snprintf(out_message, size, "%s %s: %s", what, path, mdb_strerror(code));
    return false;
}

/* What `errno` says, and what helps. */
static void
complain_of_directory(char *out_message, size_t size, const char *what, const char *directory)
{
    int error = errno;
    char advice[64] = "";
    if (error == ENOENT) {
        (void)snprintf(advice, sizeof advice, "make the directory above it first or ");
    } else if (error == EACCES || error == EPERM) {
        (void)snprintf(advice, sizeof advice, "make it writable for user id %u or ",
                       (unsigned)geteuid());
    }
    (void)snprintf(out_message, size,
                   "cannot %s the data directory %s: %s; %sname another with --data", what,
                   directory, mdb_strerror(error), advice);
}

/* One process at a time: two would each run the background steps. */
static bool
lock_directory(struct env *env, const char *directory, char *out_message, size_t message_size)
{
    char path[PATH_SIZE_MAX];
    assert(directory != NULL);
    if (mkdir(directory, 0755) != 0 && errno != EEXIST) {
        complain_of_directory(out_message, message_size, "create", directory);
        return false;
    }
    (void)snprintf(path, sizeof path, "%s/server.lock", directory);
    env->lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (env->lock_file < 0) {
        complain_of_directory(out_message, message_size, "write in", directory);
        return false;
    }
    if (flock(env->lock_file, LOCK_EX | LOCK_NB) != 0) {
        (void)snprintf(out_message, message_size,
                       "the data directory %s is in use by another rehearsedb; stop it or name "
                       "another with --data",
                       directory);
        return false;
    }
    return true;
}

/*
 * A directory that holds nothing but two links to anonymous files, so that LMDB, which opens by
 * path, gets memory that no mount's size limits (a container's /dev/shm is 64 MiB) and that
 * vanishes with the process. The directory is removed again once LMDB has opened the files.
 */
static bool make_memory_directory(char *out_path, size_t path_size, int out_files[2])
{
    static const char *const candidates[] = { "/dev/shm", "/tmp", "." };
    static const char *const names[] = { "data.mdb", "lock.mdb" };
    char *found = NULL;
    for (size_t i = 0; found == NULL && i < sizeof candidates / sizeof *candidates; i++) {
        (void)snprintf(out_path, path_size, "%s/rehearsedb-XXXXXX", candidates[i]);
        found = mkdtemp(out_path);
    }
    if (found == NULL) {
        return false;
    }
    bool linked = true;
    for (size_t i = 0; i < 2; i++) {
        char target[64];
        char link_path[PATH_SIZE_MAX + 16];
        out_files[i] = memfd_create(names[i], MFD_CLOEXEC);
        (void)snprintf(target, sizeof target, "/proc/self/fd/%d", out_files[i]);
        (void)snprintf(link_path, sizeof link_path, "%s/%s", out_path, names[i]);
        linked = out_files[i] >= 0 && symlink(target, link_path) == 0 && linked;
    }
    return linked;
}

static void remove_memory_directory(const char *path, const int files[2])
{
    static const char *const names[] = { "data.mdb", "lock.mdb" };
    for (size_t i = 0; i < 2; i++) {
        char link_path[PATH_SIZE_MAX + 16];
        (void)snprintf(link_path, sizeof link_path, "%s/%s", path, names[i]);
        (void)unlink(link_path);
        if (files[i] >= 0) {
            (void)close(files[i]);
        }
    }
    (void)rmdir(path);
}

static int create_handle(struct env *env, const struct env_options *options)
{
    int code = mdb_env_create(&env->handle);
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_mapsize(env->handle, options->map_size_bytes);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_maxdbs(env->handle, DATABASE_COUNT_MAX);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_maxreaders(env->handle, options->readers_max);
    }
    return code;
}

static bool open_files(struct env *env,
                       const struct env_options *options,
                       char *out_message,
                       size_t message_size)
{
    unsigned flags = MDB_NOTLS | MDB_NOMEMINIT;
    int code = create_handle(env, options);
    if (code != MDB_SUCCESS) {
        return complain(out_message, message_size, "cannot set up", "the store", code);
    }
    if (env->is_durable) {
        if (!lock_directory(env, options->directory, out_message, message_size)) {
            return false;
        }
        code = mdb_env_open(env->handle, options->directory, flags, 0644);
        return code == MDB_SUCCESS ||
               complain(out_message, message_size, "cannot open the store in", options->directory,
                        code);
    }
    char path[PATH_SIZE_MAX];
    int files[2] = { -1, -1 };
    if (!make_memory_directory(path, sizeof path, files)) {
        (void)snprintf(
            out_message, message_size,
            "cannot make a directory in /dev/shm, /tmp or here: %s; --in-memory needs one "
            "of them writable",
            mdb_strerror(errno));
        return false;
    }
    code = mdb_env_open(env->handle, path, flags | MDB_NOSYNC | MDB_WRITEMAP, 0600);
    remove_memory_directory(path, files);
    return code == MDB_SUCCESS ||
           complain(out_message, message_size, "cannot open", "a store in memory", code);
}

bool env_open(const struct env_options *options,
              struct env **out_env,
              char *out_message,
              size_t message_size)
{
    struct env *env = calloc(1, sizeof *env);
    _Atomic MDB_dbi *databases = calloc(DATABASE_COUNT_MAX, sizeof *databases);
    _Atomic int64_t *sizes = calloc(DATABASE_COUNT_MAX, sizeof *sizes);
    if (env == NULL || databases == NULL || sizes == NULL) {
        free(env);
        free(databases);
        free(sizes);
        (void)snprintf(out_message, message_size, "out of memory");
        return false;
    }
    env->databases = databases;
    env->sizes = sizes;
    env->is_durable = options->directory != NULL;
    env->lock_file = -1;
    (void)pthread_mutex_init(&env->idle_lock, NULL);
    pthread_mutexattr_t spins;
    (void)pthread_mutexattr_init(&spins);
    (void)pthread_mutexattr_settype(&spins, PTHREAD_MUTEX_ADAPTIVE_NP);
    (void)pthread_mutex_init(&env->writer_lock, &spins);
    (void)pthread_mutexattr_destroy(&spins);
    bool opened = open_files(env, options, out_message, message_size);
    if (opened) {
        int code = open_databases(env);
        if (code == MDB_VERSION_MISMATCH) {
            (void)snprintf(
                out_message, message_size,
                "the store in %s was written in another format; use the version that wrote "
                "it, or start with an empty directory",
                options->directory);
            opened = false;
        } else if (code != MDB_SUCCESS) {
            opened = complain(out_message, message_size, "cannot read the store in",
                              env->is_durable ? options->directory : "memory", code);
        }
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
    for (size_t i = 0; i < env->idle_count; i++) {
        mdb_txn_abort(env->idle_readers[i]);
    }
    if (env->handle != NULL) {
        mdb_env_close(env->handle);
    }
    if (env->lock_file >= 0) {
        (void)close(env->lock_file);
    }
    (void)pthread_mutex_destroy(&env->writer_lock);
    (void)pthread_mutex_destroy(&env->idle_lock);
    free((void *)env->databases);
    free((void *)env->sizes);
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
    (void)mdb_env_info(env->handle, &info);
    (void)mdb_env_stat(env->handle, &stat);
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
           env->numbers_end < DATABASE_COUNT_MAX) {
        uint8_t key_bytes[4];
        uint8_t record[9] = { DATABASE_FREE };
        number_key(env->numbers_end, key_bytes);
        MDB_val key = { .mv_data = key_bytes, .mv_size = sizeof key_bytes };
        MDB_val value = { .mv_data = record, .mv_size = sizeof record };
        code = open_database(env, txn, env->numbers_end);
        if (code == MDB_SUCCESS) {
            code = mdb_put(txn, env_database(env, DATABASE_DATABASES), &key, &value, 0);
        }
        env->numbers_end++;
        free_count++;
    }
    return code;
}

enum storage_status env_reserve_databases(struct env *env)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(env->handle, NULL, 0, &txn);
    if (code != MDB_SUCCESS) {
        return status_of_lmdb(code, "reserve databases");
    }
    uint32_t numbers_before = env->numbers_end;
    code = create_databases(env, txn);
    if (code == MDB_SUCCESS && env->numbers_end > numbers_before) {
        code = mdb_txn_commit(txn);
    } else {
        mdb_txn_abort(txn);
    }
    if (code != MDB_SUCCESS) {
        env->numbers_end = numbers_before; /* LMDB has closed the handles opened here */
    }
    return status_of_lmdb(code, "reserve databases");
}

void env_usage(struct env *env, uint64_t *out_used_bytes, uint64_t *out_map_bytes)
{
    MDB_envinfo info = { 0 };
    MDB_stat stat = { 0 };
    (void)mdb_env_info(env->handle, &info);
    (void)mdb_env_stat(env->handle, &stat);
    *out_used_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    *out_map_bytes = info.me_mapsize;
}
