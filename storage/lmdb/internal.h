/* What env.c and txn.c share; for this folder alone. */

#ifndef REHEARSEDB_STORAGE_LMDB_INTERNAL_H
#define REHEARSEDB_STORAGE_LMDB_INTERNAL_H

#include "storage/base/status.h"
#include "storage/lmdb/layout.h"

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { IDLE_READERS_MAX = 256 };

struct env {
    MDB_env *handle;
    bool is_durable;
    int lock_file; /* -1 in memory */
    const struct table_observer *observer;

    /* Indexed by database number. A number is published before its handle is looked up elsewhere.
     */
    _Atomic MDB_dbi *databases;
    /* In memory: bytes held by each database, beside the store instead of in it; durable: unused.
     */
    _Atomic int64_t *sizes;
    uint32_t numbers_end; /* one past the last number that exists; touched by the writer alone */

    atomic_uint writers_waiting;

    /* Taken around LMDB's own writer lock, which sleeps at once: in memory a write is over in
     * microseconds, and a thread that spins for it before it sleeps gets it a little sooner. */
    pthread_mutex_t writer_lock;

    pthread_mutex_t idle_lock;
    MDB_txn *idle_readers[IDLE_READERS_MAX]; /* reset, ready to be renewed */
    size_t idle_count;
};

/* The one place where LMDB's codes become ours; logs what is neither ok nor "not found". */
enum storage_status status_of_lmdb(int code, const char *doing);

/* The handle of a database. */
MDB_dbi env_database(struct env *env, uint32_t number);

/*
 * Pages that a write transaction may take for new entries: all that are not in use, less a reserve,
 * so that a full map still has room for deleting. INT64_MAX when there are plenty. For the writer.
 */
int64_t env_room_pages(struct env *env);

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
