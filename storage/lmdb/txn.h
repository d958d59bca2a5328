/*
 * Transactions and cursors over the environment's databases.
 *
 * The status is sticky: after the first failure every call does nothing and gives "not found", and
 * commit aborts. A caller writes its steps in a line and looks once, at the end. "Not found" itself
 * is an answer, not a failure.
 *
 * Bytes read are borrowed from the map: good until the transaction ends, in a write transaction
 * only until its next write. A transaction belongs to one thread.
 */

#ifndef REHEARSEDB_STORAGE_LMDB_TXN_H
#define REHEARSEDB_STORAGE_LMDB_TXN_H

#include "storage/base/bytes.h"
#include "storage/base/status.h"

struct MDB_cursor;
struct MDB_txn;
struct env;
struct env_copy;

enum { TXN_SIZES_MAX = 64 };

/*
 * An item that a DynamoDB transaction holds until the LMDB transaction it shares with other
 * requests is committed (docs/adr/0008-transaction-conflicts.md). Lives in its request's arena.
 */
struct txn_claim {
    const struct txn_claim *next;
    uint32_t database;
    struct bytes key;
};

/*
 * Something to be told once the transaction is committed; in memory of its maker, as long as that.
 * Notes are told in the order in which they were made, across transactions too, by the thread that
 * commits and before anybody else can write: `tell` must be short and touch no transaction.
 */
struct txn_note {
    struct txn_note *next;
    void (*tell)(struct txn_note *note);
};

struct txn {
    struct env *env;
    struct MDB_txn *handle;
    enum storage_status status;
    bool writes;
    bool changes_definitions; /* the layer of tables says so (storage/lmdb/past.h) */

    /* What new entries may still take of a map that is nearly full; looked up at the first one. */
    bool knows_room;
    int64_t room_pages;

    /* Bytes gained or lost by databases in this transaction, written out at commit. */
    struct {
        uint32_t database;
        int64_t delta_bytes;
    } sizes[TXN_SIZES_MAX];
    size_t sizes_count;

    const struct txn_claim *claims;

    struct txn_note *notes; /* first to last */
    struct txn_note **notes_end;
};

/* Takes a read transaction from the environment's pool. */
void txn_begin_read(struct env *env, struct txn *out_txn);

/* Waits for the writer before. */
void txn_begin_write(struct env *env, struct txn *out_txn);

/* The same before all others that wait: for what is done seldom and waited for by people. */
void txn_begin_urgent_write(struct env *env, struct txn *out_txn);

/* Ends the transaction either way; anything but STORAGE_OK means that nothing was changed. */
enum storage_status txn_commit(struct txn *txn);
void txn_abort(struct txn *txn);

/* Commits, and begins a copy of the store as it is then: with this transaction and none after it.
 */
enum storage_status txn_commit_to_copy(struct txn *txn, struct env_copy *out_copy);

/* Marks the transaction as failed, unless it is already. */
void txn_fail(struct txn *txn, enum storage_status status);

/* Only before the first txn_claim of a request can another's claim be told from one's own. */
bool txn_is_claimed(const struct txn *txn, uint32_t database, struct bytes key);
void txn_claim(struct txn *txn, struct txn_claim *claim);

void txn_add_note(struct txn *txn, struct txn_note *note);

/* Drops the notes that were made since `notes_end` was `mark`: what they tell of was refused. */
void txn_drop_notes(struct txn *txn, struct txn_note **mark);

bool txn_get(struct txn *txn, uint32_t database, struct bytes key, struct bytes *out_value);
/*
 * Of items, index entries, metrics and documents, fails with STORAGE_FULL while there is still room
 * for deleting.
 */
void txn_put(struct txn *txn, uint32_t database, struct bytes key, struct bytes value);

/* Puts only where there is no such key yet; true when it did. */
bool txn_put_new(struct txn *txn, uint32_t database, struct bytes key, struct bytes value);

/* True when there was such a key. */
bool txn_delete(struct txn *txn, uint32_t database, struct bytes key);

uint64_t txn_count(struct txn *txn, uint32_t database);

/* Adds to the size in bytes that the database is known to hold (database_size). */
void txn_grow(struct txn *txn, uint32_t database, int64_t delta_bytes);

/* Bytes of DynamoDB's accounting held by a database, as of the last commit. */
uint64_t database_size(struct txn *txn, uint32_t database);

/* Takes a free database into use; 0 and a failed transaction when none is free. */
uint32_t database_take(struct txn *txn);

/* Gives a database up: it is emptied in the background, then free. */
void database_drop(struct txn *txn, uint32_t database);

/*
 * One bounded step of emptying a database that waits for it, which is free after the last. Returns
 * its number; 0 when none waits.
 */
uint32_t database_empty_next(struct txn *txn);

bool database_waits_for_drop(struct txn *txn);

struct cursor {
    struct txn *txn;
    struct MDB_cursor *handle;
};

/* A cursor must be closed before its transaction ends. */
void cursor_open(struct txn *txn, uint32_t database, struct cursor *out_cursor);
void cursor_close(struct cursor *cursor);

/* Each gives true and the entry, or false at the end (or after a failure). */
bool cursor_seek(struct cursor *cursor,
                 struct bytes at_least,
                 struct bytes *out_key,
                 struct bytes *out_value);
bool cursor_next(struct cursor *cursor, struct bytes *out_key, struct bytes *out_value);
bool cursor_previous(struct cursor *cursor, struct bytes *out_key, struct bytes *out_value);
bool cursor_last(struct cursor *cursor, struct bytes *out_key, struct bytes *out_value);

#endif
