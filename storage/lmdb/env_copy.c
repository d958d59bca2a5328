/* Copies of the whole store, and putting one into the place of another. */

#include "storage/base/log.h"
#include "storage/lmdb/env.h"
#include "storage/lmdb/file_copy.h"
#include "storage/lmdb/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* LMDB's meta pages: the two at the front that commits write in turn; all others are never written
 * again while a reader may see them. */
enum { META_PAGES = 2 };

/* ---- copying ---- */

static int read_head(struct env_copy *copy, int file)
{
    copy->head = malloc((size_t)copy->head_bytes);
    if (copy->head == NULL) {
        return ENOMEM;
    }
    ssize_t count = pread(file, copy->head, (size_t)copy->head_bytes, 0);
    return count == copy->head_bytes ? 0 : EIO;
}

enum storage_status env_copy_begin(struct env *env, struct env_copy *out_copy)
{
    struct env_copy copy = { .env = env };
    enum storage_status status = STORAGE_OK;
    MDB_envinfo info = { 0 };
    MDB_stat stat = { 0 };
    int file = -1;
    copy.reader = env_take_reader(env, &status);
    if (copy.reader == NULL) {
        return status;
    }
    (void)mdb_env_info(env->store.handle, &info);
    (void)mdb_env_stat(env->store.handle, &stat);
    copy.head_bytes = (int64_t)stat.ms_psize * META_PAGES;
    copy.size_bytes = (int64_t)stat.ms_psize * ((int64_t)info.me_last_pgno + 1);
    int code = mdb_env_get_fd(env->store.handle, &file);
    if (code == MDB_SUCCESS) {
        code = read_head(&copy, file);
    }
    if (code != MDB_SUCCESS) {
        env_return_reader(env, copy.reader);
        free(copy.head);
        return status_of_lmdb(code, "begin a copy");
    }
    *out_copy = copy;
    return STORAGE_OK;
}

enum storage_status env_copy_write(struct env_copy *copy, int file)
{
    int source = -1;
    int code = mdb_env_get_fd(copy->env->store.handle, &source);
    if (code == MDB_SUCCESS) {
        code = file_write_at(file, copy->head, copy->head_bytes, 0);
    }
    if (code == MDB_SUCCESS) {
        code = file_copy_range(source, file, copy->head_bytes, copy->size_bytes);
    }
    env_return_reader(copy->env, copy->reader);
    free(copy->head);
    return status_of_lmdb(code, "copy the store");
}

/* ---- replacing ---- */

enum storage_status env_open_beside(struct env *env, int image, struct env **out_beside)
{
    struct env *beside = env_allocate(&env->options);
    int code = beside != NULL ? env_files_open_beside(beside, image) : ENOMEM;
    if (code == MDB_SUCCESS) {
        code = env_open_databases(beside);
    }
    if (code == MDB_SUCCESS && beside->is_durable) {
        code = mdb_env_sync(beside->store.handle, 1);
    }
    enum storage_status status = status_of_lmdb(code, "open a copy of the store");
    if (status == STORAGE_OK) { /* a writer may come to it with what it reserved in the other */
        status = env_reserve_databases(beside);
    }
    if (status != STORAGE_OK && beside != NULL) {
        env_close_beside(beside);
    } else {
        *out_beside = beside;
    }
    return status;
}

void env_close_beside(struct env *beside)
{
    env_files_discard_beside(beside);
    env_close(beside);
}

/* Writers are kept out by their lock; those who write may still take a reader, so that comes
 * first. */
static void wait_for_quiet(struct env *env)
{
    env_lock_writer_urgently(env);
    (void)pthread_mutex_lock(&env->readers_lock);
    env->is_closed_to_readers = true;
    while (env->readers_active > 0) {
        (void)pthread_cond_wait(&env->readers_changed, &env->readers_lock);
    }
}

static void end_quiet(struct env *env)
{
    env->is_closed_to_readers = false;
    (void)pthread_cond_broadcast(&env->readers_changed);
    (void)pthread_mutex_unlock(&env->readers_lock);
    (void)pthread_mutex_unlock(&env->writer_lock);
}

static void exchange_stores(struct env *one, struct env *other)
{
    struct opened_store store = one->store;
    one->store = other->store;
    other->store = store;
}

enum storage_status env_replace(struct env *env, struct env *beside)
{
    wait_for_quiet(env);
    int code = env_files_publish(beside);
    if (code == MDB_SUCCESS) {
        past_forget(&env->past);
        exchange_stores(env, beside);
        past_note_commit(env, true);
    }
    end_quiet(env);
    env_close_beside(beside); /* on success what was the store before */
    return status_of_lmdb(code, "replace the store");
}

/* ---- looking into a copy ---- */

static int open_databases_to_look(struct env *env)
{
    static const struct {
        uint32_t number;
        const char *name;
    } databases[] = { { DATABASE_META, "meta" }, { DATABASE_CATALOG, "catalog" } };
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(env->store.handle, NULL, MDB_RDONLY, &txn);
    for (size_t i = 0; code == MDB_SUCCESS && i < 2; i++) {
        MDB_dbi handle;
        code = mdb_dbi_open(txn, databases[i].name, 0, &handle);
        if (code == MDB_SUCCESS) {
            atomic_store(&env->store.databases[databases[i].number], handle);
        }
    }
    if (code == MDB_SUCCESS) {
        return mdb_txn_commit(txn);
    }
    if (txn != NULL) {
        mdb_txn_abort(txn);
    }
    return code;
}

enum storage_status env_open_image(int image, struct env **out_env)
{
    char path[64];
    const unsigned flags = MDB_RDONLY | MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS;
    struct env *env = env_allocate(&(struct env_options){ .directory = NULL });
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", image);
    int code = env != NULL ? mdb_env_create(&env->store.handle) : ENOMEM;
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_maxdbs(env->store.handle, DATABASE_FIXED_COUNT);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_open(env->store.handle, path, flags, 0);
    }
    if (code == MDB_SUCCESS) {
        code = open_databases_to_look(env);
    }
    if (code == MDB_SUCCESS) {
        *out_env = env;
    } else if (env != NULL) {
        env_close(env);
    }
    return status_of_lmdb(code, "look into a copy of the store");
}
