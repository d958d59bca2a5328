/*
 * The LMDB environment: one per process, shared by all threads. Opens the file, keeps the handles
 * of its databases and a pool of read transactions, and translates LMDB's codes.
 *
 * Durable: a data directory, one process at a time, a commit returns when its bytes are on disk.
 * In memory: an anonymous file, nothing is synced, nothing is left behind.
 *
 * The store inside may be replaced as a whole while all threads use it: a transaction sees the old
 * one or the new one, never both.
 *
 * The map is reserved whole at the start and never resized while running; the file grows as used.
 */

#ifndef REHEARSEDB_STORAGE_LMDB_ENV_H
#define REHEARSEDB_STORAGE_LMDB_ENV_H

#include "storage/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct env;
struct table_observer;

struct env_options {
    const char *directory; /* created when missing; NULL: in memory */
    uint64_t map_size_bytes;
    uint32_t readers_max;
};

/* On failure false, and `out_message` says what happened, to what, and what to do. */
bool env_open(const struct env_options *options,
              struct env **out_env,
              char *out_message,
              size_t message_size);

/* No transaction may be open. */
void env_close(struct env *env);

bool env_is_durable(const struct env *env);

/*
 * Creates databases until DATABASE_RESERVE are free, in a transaction of its own: a handle is good
 * for other threads only after the transaction that opened it has committed. Call before a
 * transaction that takes databases (table or index creation), with no transaction open on this
 * thread.
 */
enum storage_status env_reserve_databases(struct env *env);

/*
 * Kept for the layer of tables, which tells it what changes (storage/table/catalog.h); NULL:
 * nobody. Borrowed; set before the first write.
 */
void env_set_observer(struct env *env, const struct table_observer *observer);
const struct table_observer *env_observer(const struct env *env);

/* True while a thread waits in txn_begin_write: background work ends its step then. */
bool env_writer_waits(const struct env *env);

/* ---- copies of the whole store (docs/adr/0009-snapshots.md) ---- */

/* The store as one commit left it (txn_commit_to_copy), to be written to a file. */
struct env_copy {
    struct env *env;
    struct MDB_txn *reader; /* keeps the pages from being used again */
    void *head;             /* the first pages, which every commit changes */
    int64_t head_bytes;
    int64_t size_bytes;
};

/* Writes it; any thread, while others go on. Ends the copy whether it could or not. */
enum storage_status env_copy_write(struct env_copy *copy, int file);

/*
 * Opens a second store beside the one in `env`, with the content of `image` (a file that
 * env_copy_write wrote) or, with -1, empty. One at a time.
 */
enum storage_status env_open_beside(struct env *env, int image, struct env **out_beside);

/* Gives it up again. */
void env_close_beside(struct env *beside);

/*
 * Puts the store of `beside` into the place of that in `env`, which is closed, once nobody reads or
 * writes; readers and writers who come meanwhile wait. Ends `beside`. On failure nothing is
 * changed. A crash in the midst leaves one or the other. No transaction may be open on this thread.
 */
enum storage_status env_replace(struct env *env, struct env *beside);

/* Opens the image alone, to look at. No more than begin a read and env_close may follow. */
enum storage_status env_open_image(int image, struct env **out_env);

/* Bytes of the file in use and of the map, for metrics. */
void env_usage(struct env *env, uint64_t *out_used_bytes, uint64_t *out_map_bytes);

#endif
