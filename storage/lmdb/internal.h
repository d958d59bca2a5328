/* What env.c and txn.c share; for this folder alone. */

#ifndef REHEARSEDB_STORAGE_LMDB_INTERNAL_H
#define REHEARSEDB_STORAGE_LMDB_INTERNAL_H

#include "storage/base/status.h"
#include "storage/lmdb/env.h"
#include "storage/lmdb/layout.h"
#include "storage/lmdb/past.h"

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { IDLE_READERS_MAX = 256 };

/* What belongs to the files, and is another when the store is replaced. */
struct opened_store {
    MDB_env *handle;

    /* Indexed by database number. A number is published before its handle is looked up elsewhere.
     */
    _Atomic MDB_dbi *databases;
    /* In memory: bytes held by each database, beside the store instead of in it; durable: unused.
     */
    _Atomic int64_t *sizes;
    uint32_t numbers_end; /* one past the last number that exists; touched by the writer alone */

    MDB_txn *idle_readers[IDLE_READERS_MAX]; /* reset, ready to be renewed; under readers_lock */
    size_t idle_count;
};

struct moment {
    MDB_txn *reader;
    int64_t at_ms;     /* of the clock */
    uint64_t sequence; /* none is ever used again */
    bool is_busy;      /* somebody is reading it */
    bool is_dropped;   /* and frees it afterwards */
};

/* past.c. Its lock is taken after the others, and held while a moment is kept or chosen, not while
 * it is read. */
struct past {
    atomic_bool is_kept;
    pthread_mutex_t lock;
    pthread_cond_t released;
    struct clock *clock;
    int64_t span_ms;
    int64_t now_ms; /* when the clock was last looked at */
    int64_t last_commit_ms;
    bool is_present_kept;   /* as a moment, because something is about to change it */
    bool is_present_wanted; /* it must be */
    bool is_writing;
    size_t present_id; /* LMDB's, of the last commit */
    uint64_t sequence;
    struct moment *moments[PAST_MOMENTS_MAX]; /* oldest first */
    size_t count;
    size_t busy_count; /* dropped ones as well */
};

struct env {
    struct opened_store store;
    struct past past;
    bool is_durable;
    struct env_options options; /* the directory is this struct's own */
    int lock_file;              /* -1 in memory */
    const struct table_observer *observer;

    atomic_uint writers_waiting;

    /* Taken around LMDB's own writer lock, which sleeps at once: in memory a write is over in
     * microseconds, and a thread that spins for it before it sleeps gets it a little sooner. Who
     * holds it keeps the store from being replaced. */
    pthread_mutex_t writer_lock;

    /* Threads that must not be kept waiting for it: mutexes have no queue, and a thread that writes
     * one transaction after the other would take it again and again. Others hold back at
     * readers_changed. */
    atomic_uint urgent_writers;

    /* Readers, so that the store can be replaced when there are none; they wait meanwhile. Taken
     * after the writer lock. */
    pthread_mutex_t readers_lock;
    pthread_cond_t readers_changed;
    size_t readers_active;
    bool is_closed_to_readers;
};

/* The one place where LMDB's codes become ours; logs what is neither ok nor "not found". */
enum storage_status status_of_lmdb(int code, const char *doing);

void env_lock_writer(struct env *env);
void env_lock_writer_urgently(struct env *env);

/* The handle of a database. */
MDB_dbi env_database(struct env *env, uint32_t number);

/*
 * Pages that a write transaction may take for new entries: all that are not in use, less a reserve,
 * so that a full map still has room for deleting. INT64_MAX when there are plenty. For the writer.
 */
int64_t env_room_pages(struct env *env);

/* ---- env_files.c; codes are LMDB's or an errno ---- */

bool env_files_open(struct env *env, char *out_message, size_t message_size);

/* Copies `image` into files beside the store's and opens them; -1: empty ones. */
int env_files_open_beside(struct env *env, int image);

/* Makes the files beside the store the store's. */
int env_files_publish(struct env *beside);
void env_files_discard_beside(const struct env *env);

/* ---- past.c ---- */

void past_init(struct past *past);
void past_deinit(struct past *past);

/* Gives all moments up, once nobody reads them. */
void past_forget(struct past *past);

/* Something will be written: keeps the present, if it is time. The writer lock is held. */
void past_note_write(struct env *env);

void past_note_abort(struct env *env);

/* Something was committed. `is_wanted`: what is now the present must be kept. The same. */
void past_note_commit(struct env *env, bool is_wanted);

/* ---- env_copy.c ---- */

/* The store as it is now. The writer lock is held. */
enum storage_status env_copy_begin(struct env *env, struct env_copy *out_copy);

/* ---- env.c ---- */

/* A struct with everything but the handle; NULL: no memory. */
struct env *env_allocate(const struct env_options *options);

/* Opens the fixed databases and every numbered one that exists; a code of LMDB. */
int env_open_databases(struct env *env);

/* Takes a read transaction from the pool or begins one; NULL after a failure, which is logged. */
MDB_txn *env_take_reader(struct env *env, enum storage_status *out_status);
void env_return_reader(struct env *env, MDB_txn *reader);

static inline void number_key(uint32_t number, uint8_t out_key[4])
{
    out_key[0] = (uint8_t)(number >> 24);
    out_key[1] = (uint8_t)(number >> 16);
    out_key[2] = (uint8_t)(number >> 8);
    out_key[3] = (uint8_t)number;
}

static inline uint32_t number_of_key(const uint8_t key[4])
{
    return (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 | (uint32_t)key[2] << 8 | key[3];
}

#endif
