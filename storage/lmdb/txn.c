#include "storage/lmdb/txn.h"

#include "storage/lmdb/env.h"
#include "storage/lmdb/internal.h"

#include <assert.h>
#include <string.h>

/*
 * Pages that one step of emptying gives back. LMDB lists them in a record, which must find room: a
 * full map has a page for it, not the many that the list of a whole large database takes.
 */
enum { EMPTY_PAGES_A_STEP = 128 };

/* At the most, with one of its own: the pages between it and the root, copied. */
enum { PAGES_A_PUT = 5, PAGE_SIZE_MIN = 4096 };

static MDB_val val_of(struct bytes from)
{
    return (MDB_val){ .mv_data = (void *)from.data, .mv_size = from.length };
}

static struct bytes bytes_of(MDB_val from)
{
    return (struct bytes){ .data = from.mv_data, .length = from.mv_size };
}

/* True for success; "not found" is no failure of the transaction. */
static bool settle(struct txn *txn, int code, const char *doing)
{
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
        txn_fail(txn, status_of_lmdb(code, doing));
    }
    return code == MDB_SUCCESS;
}

/* All but the table of sizes, which is large and needs none. */
static void init(struct env *env, bool writes, struct txn *out_txn)
{
    out_txn->env = env;
    out_txn->handle = NULL;
    out_txn->status = STORAGE_OK;
    out_txn->writes = writes;
    out_txn->changes_definitions = false;
    out_txn->knows_room = false;
    out_txn->sizes_count = 0;
    out_txn->claims = NULL;
    out_txn->notes = NULL;
    out_txn->notes_end = &out_txn->notes;
}

void txn_begin_read(struct env *env, struct txn *out_txn)
{
    init(env, false, out_txn);
    out_txn->handle = env_take_reader(env, &out_txn->status);
}

/* The writer lock is held. */
static void begin_write(struct txn *txn)
{
    struct env *env = txn->env;
    past_note_write(env);
    int code = mdb_txn_begin(env->store.handle, NULL, 0, &txn->handle);
    if (code != MDB_SUCCESS) {
        past_note_abort(env);
        (void)pthread_mutex_unlock(&env->writer_lock);
        txn_fail(txn, status_of_lmdb(code, "begin a write"));
    }
}

void txn_begin_write(struct env *env, struct txn *out_txn)
{
    init(env, true, out_txn);
    env_lock_writer(env);
    begin_write(out_txn);
}

void txn_begin_urgent_write(struct env *env, struct txn *out_txn)
{
    init(env, true, out_txn);
    env_lock_writer_urgently(env);
    begin_write(out_txn);
}

void txn_fail(struct txn *txn, enum storage_status status)
{
    if (txn->status == STORAGE_OK) {
        txn->status = status;
    }
}

bool txn_is_claimed(const struct txn *txn, uint32_t database, struct bytes key)
{
    const struct txn_claim *claim = txn->claims;
    while (claim != NULL && (claim->database != database || !bytes_equal(claim->key, key))) {
        claim = claim->next;
    }
    return claim != NULL;
}

void txn_claim(struct txn *txn, struct txn_claim *claim)
{
    claim->next = txn->claims;
    txn->claims = claim;
}

void txn_add_note(struct txn *txn, struct txn_note *note)
{
    note->next = NULL;
    *txn->notes_end = note;
    txn->notes_end = &note->next;
}

void txn_drop_notes(struct txn *txn, struct txn_note **mark)
{
    *mark = NULL;
    txn->notes_end = mark;
}

static void tell_notes(const struct txn *txn)
{
    for (struct txn_note *note = txn->notes, *next; note != NULL; note = next) {
        next = note->next;
        note->tell(note);
    }
}

void txn_abort(struct txn *txn)
{
    if (txn->handle == NULL) {
        return;
    }
    if (txn->writes) {
        mdb_txn_abort(txn->handle);
        past_note_abort(txn->env);
        (void)pthread_mutex_unlock(&txn->env->writer_lock);
    } else {
        env_return_reader(txn->env, txn->handle);
    }
    txn->handle = NULL;
}

/* number -> state, bytes held */
struct database_record {
    uint8_t state;
    uint64_t size_bytes;
};

static bool read_record(struct txn *txn, uint32_t database, struct database_record *out_record)
{
    uint8_t key[4];
    number_key(database, key);
    struct bytes value;
    if (!txn_get(txn, DATABASE_DATABASES, (struct bytes){ key, sizeof key }, &value)) {
        return false;
    }
    struct reader reader = reader_of(value);
    out_record->state = reader_u8(&reader);
    out_record->size_bytes = reader_u64(&reader);
    return !reader.failed;
}

static void write_record(struct txn *txn, uint32_t database, struct database_record record)
{
    uint8_t key[4];
    uint8_t value[9] = { record.state };
    number_key(database, key);
    for (size_t i = 0; i < 8; i++) {
        value[1 + i] = (uint8_t)(record.size_bytes >> (8 * i));
    }
    txn_put(txn, DATABASE_DATABASES, (struct bytes){ key, sizeof key },
            (struct bytes){ value, sizeof value });
}

/* Durable: into the store, as part of the transaction. */
static void store_sizes(struct txn *txn)
{
    for (size_t i = 0; i < txn->sizes_count; i++) {
        struct database_record record;
        if (txn->sizes[i].delta_bytes != 0 && read_record(txn, txn->sizes[i].database, &record)) {
            record.size_bytes += (uint64_t)txn->sizes[i].delta_bytes; /* two's complement */
            write_record(txn, txn->sizes[i].database, record);
        }
    }
    txn->sizes_count = 0;
}

/* In memory: beside the store, once the transaction is committed. Writing them into it took a fifth
 * of a PutItem's time. */
static void remember_sizes(struct txn *txn)
{
    for (size_t i = 0; i < txn->sizes_count; i++) {
        (void)atomic_fetch_add_explicit(&txn->env->store.sizes[txn->sizes[i].database],
                                        txn->sizes[i].delta_bytes, memory_order_relaxed);
    }
    txn->sizes_count = 0;
}

/* In memory: all of them into the store, for a copy of it. */
static void store_all_sizes(struct txn *txn)
{
    struct env *env = txn->env;
    remember_sizes(txn);
    for (uint32_t database = DATABASE_FIRST; database < env->store.numbers_end; database++) {
        struct database_record record;
        uint64_t size_bytes = database_size(txn, database);
        if (read_record(txn, database, &record) && record.size_bytes != size_bytes) {
            record.size_bytes = size_bytes;
            write_record(txn, database, record);
        }
    }
}

/* Ends a write transaction but keeps the lock, unless there was a failure before. */
static enum storage_status commit_locked(struct txn *txn)
{
    txn->status = status_of_lmdb(mdb_txn_commit(txn->handle), "commit");
    txn->handle = NULL;
    if (txn->status == STORAGE_OK) {
        remember_sizes(txn);
        past_note_commit(txn->env, txn->changes_definitions);
        tell_notes(txn); /* while no other can commit, so that theirs come after */
    } else {
        past_note_abort(txn->env);
    }
    return txn->status;
}

enum storage_status txn_commit(struct txn *txn)
{
    if (txn->writes && txn->status == STORAGE_OK && txn->env->is_durable) {
        store_sizes(txn);
    }
    if (!txn->writes || txn->status != STORAGE_OK) {
        txn_abort(txn);
        return txn->status;
    }
    enum storage_status status = commit_locked(txn);
    (void)pthread_mutex_unlock(&txn->env->writer_lock);
    return status;
}

enum storage_status txn_commit_to_copy(struct txn *txn, struct env_copy *out_copy)
{
    assert(txn->writes);
    if (txn->status == STORAGE_OK && txn->env->is_durable) {
        store_sizes(txn);
    } else if (txn->status == STORAGE_OK) {
        store_all_sizes(txn);
    }
    if (txn->status != STORAGE_OK) {
        txn_abort(txn);
        return txn->status;
    }
    enum storage_status status = commit_locked(txn);
    if (status == STORAGE_OK) {
        status = env_copy_begin(txn->env, out_copy);
    }
    (void)pthread_mutex_unlock(&txn->env->writer_lock);
    return status;
}

bool txn_get(struct txn *txn, uint32_t database, struct bytes key, struct bytes *out_value)
{
    if (txn->status != STORAGE_OK) {
        return false;
    }
    MDB_val lmdb_key = val_of(key);
    MDB_val value;
    int code = mdb_get(txn->handle, env_database(txn->env, database), &lmdb_key, &value);
    if (!settle(txn, code, "get")) {
        return false;
    }
    *out_value = bytes_of(value);
    return true;
}

/* Keeps the reserve for deleting; the store's own records (states, sizes) may use it. */
static bool has_room(struct txn *txn, uint32_t database, struct bytes value)
{
    if (database < DATABASE_FIRST && database != DATABASE_METRICS &&
        database != DATABASE_DOCUMENTS) {
        return true;
    }
    if (!txn->knows_room) {
        txn->knows_room = true;
        txn->room_pages = env_room_pages(txn->env);
    }
    if (txn->room_pages == INT64_MAX) {
        return true;
    }
    txn->room_pages -= PAGES_A_PUT + (int64_t)(value.length / PAGE_SIZE_MIN);
    if (txn->room_pages < 0) {
        txn_fail(txn, status_of_lmdb(MDB_MAP_FULL, "put"));
        return false;
    }
    return true;
}

void txn_put(struct txn *txn, uint32_t database, struct bytes key, struct bytes value)
{
    if (txn->status != STORAGE_OK || !has_room(txn, database, value)) {
        return;
    }
    assert(txn->writes);
    MDB_val lmdb_key = val_of(key);
    MDB_val lmdb_value = val_of(value);
    int code = mdb_put(txn->handle, env_database(txn->env, database), &lmdb_key, &lmdb_value, 0);
    (void)settle(txn, code, "put");
}

bool txn_put_new(struct txn *txn, uint32_t database, struct bytes key, struct bytes value)
{
    if (txn->status != STORAGE_OK || !has_room(txn, database, value)) {
        return false;
    }
    assert(txn->writes);
    MDB_val lmdb_key = val_of(key);
    MDB_val lmdb_value = val_of(value);
    MDB_dbi handle = env_database(txn->env, database);
    int code = mdb_put(txn->handle, handle, &lmdb_key, &lmdb_value, MDB_NOOVERWRITE);
    return code != MDB_KEYEXIST && settle(txn, code, "put");
}

bool txn_delete(struct txn *txn, uint32_t database, struct bytes key)
{
    if (txn->status != STORAGE_OK) {
        return false;
    }
    assert(txn->writes);
    MDB_val lmdb_key = val_of(key);
    int code = mdb_del(txn->handle, env_database(txn->env, database), &lmdb_key, NULL);
    return settle(txn, code, "delete");
}

uint64_t txn_count(struct txn *txn, uint32_t database)
{
    MDB_stat stat = { 0 };
    if (txn->status == STORAGE_OK) {
        int code = mdb_stat(txn->handle, env_database(txn->env, database), &stat);
        (void)settle(txn, code, "count");
    }
    return stat.ms_entries;
}

void txn_grow(struct txn *txn, uint32_t database, int64_t delta_bytes)
{
    for (size_t i = 0; i < txn->sizes_count; i++) {
        if (txn->sizes[i].database == database) {
            txn->sizes[i].delta_bytes += delta_bytes;
            return;
        }
    }
    if (txn->sizes_count == TXN_SIZES_MAX) { /* early, which only an abort after it would show */
        if (txn->env->is_durable) {
            store_sizes(txn);
        } else {
            remember_sizes(txn);
        }
    }
    txn->sizes[txn->sizes_count].database = database;
    txn->sizes[txn->sizes_count].delta_bytes = delta_bytes;
    txn->sizes_count++;
}

uint64_t database_size(struct txn *txn, uint32_t database)
{
    struct database_record record = { 0 };
    if (!txn->env->is_durable) {
        return (uint64_t)atomic_load_explicit(&txn->env->store.sizes[database],
                                              memory_order_relaxed);
    }
    return read_record(txn, database, &record) ? record.size_bytes : 0;
}

/* The first database in `state`, or 0. */
static uint32_t find_in_state(struct txn *txn, enum database_state state)
{
    struct cursor cursor;
    struct bytes key;
    struct bytes value;
    uint32_t found = 0;
    cursor_open(txn, DATABASE_DATABASES, &cursor);
    for (bool more = cursor_seek(&cursor, BYTES(""), &key, &value); more && found == 0;
         more = cursor_next(&cursor, &key, &value)) {
        if (key.length == 4 && value.length >= 1 && value.data[0] == state) {
            found = number_of_key(key.data);
        }
    }
    cursor_close(&cursor);
    return found;
}

uint32_t database_take(struct txn *txn)
{
    uint32_t database = find_in_state(txn, DATABASE_FREE);
    if (database == 0) {
        txn_fail(txn, STORAGE_FULL);
        return 0;
    }
    write_record(txn, database, (struct database_record){ .state = DATABASE_IN_USE });
    return database;
}

void database_drop(struct txn *txn, uint32_t database)
{
    write_record(txn, database, (struct database_record){ .state = DATABASE_DROPPING });
}

bool database_waits_for_drop(struct txn *txn)
{
    return find_in_state(txn, DATABASE_DROPPING) != 0;
}

static size_t count_pages(struct txn *txn, MDB_dbi handle)
{
    MDB_stat stat = { 0 };
    (void)settle(txn, mdb_stat(txn->handle, handle, &stat), "count");
    return stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
}

/* Takes entries from the front until EMPTY_PAGES_A_STEP pages are given back. */
static void empty_in_part(struct txn *txn, MDB_dbi handle)
{
    MDB_cursor *cursor = NULL;
    size_t pages_end = count_pages(txn, handle) - EMPTY_PAGES_A_STEP;
    if (!settle(txn, mdb_cursor_open(txn->handle, handle, &cursor), "open a cursor")) {
        return;
    }
    while (txn->status == STORAGE_OK && count_pages(txn, handle) > pages_end) {
        MDB_val key;
        MDB_val value;
        if (settle(txn, mdb_cursor_get(cursor, &key, &value, MDB_FIRST), "step")) {
            (void)settle(txn, mdb_cursor_del(cursor, 0), "empty");
        }
    }
    mdb_cursor_close(cursor);
}

uint32_t database_empty_next(struct txn *txn)
{
    uint32_t database = find_in_state(txn, DATABASE_DROPPING);
    if (database == 0) {
        return 0;
    }
    MDB_dbi handle = env_database(txn->env, database);
    if (count_pages(txn, handle) > EMPTY_PAGES_A_STEP) {
        empty_in_part(txn, handle);
    } else {
        (void)settle(txn, mdb_drop(txn->handle, handle, 0), "empty");
        write_record(txn, database, (struct database_record){ .state = DATABASE_FREE });
        atomic_store_explicit(&txn->env->store.sizes[database], 0, memory_order_relaxed);
    }
    return txn->status == STORAGE_OK ? database : 0;
}

void cursor_open(struct txn *txn, uint32_t database, struct cursor *out_cursor)
{
    out_cursor->txn = txn;
    out_cursor->handle = NULL;
    if (txn->status == STORAGE_OK) {
        MDB_dbi handle = env_database(txn->env, database);
        (void)settle(txn, mdb_cursor_open(txn->handle, handle, &out_cursor->handle),
                     "open a cursor");
    }
}

void cursor_close(struct cursor *cursor)
{
    if (cursor->handle != NULL) {
        mdb_cursor_close(cursor->handle);
        cursor->handle = NULL;
    }
}

static bool
move(struct cursor *cursor, MDB_cursor_op how, struct bytes *out_key, struct bytes *out_value)
{
    if (cursor->txn->status != STORAGE_OK || cursor->handle == NULL) {
        return false;
    }
    MDB_val key = { 0 };
    MDB_val value = { 0 };
    if (!settle(cursor->txn, mdb_cursor_get(cursor->handle, &key, &value, how), "step")) {
        return false;
    }
    *out_key = bytes_of(key);
    *out_value = bytes_of(value);
    return true;
}

bool cursor_seek(struct cursor *cursor,
                 struct bytes at_least,
                 struct bytes *out_key,
                 struct bytes *out_value)
{
    if (at_least.length == 0) { /* LMDB takes no empty key */
        return move(cursor, MDB_FIRST, out_key, out_value);
    }
    if (cursor->txn->status != STORAGE_OK || cursor->handle == NULL) {
        return false;
    }
    MDB_val key = val_of(at_least);
    MDB_val value = { 0 };
    if (!settle(cursor->txn, mdb_cursor_get(cursor->handle, &key, &value, MDB_SET_RANGE), "seek")) {
        return false;
    }
    *out_key = bytes_of(key);
    *out_value = bytes_of(value);
    return true;
}

bool cursor_next(struct cursor *cursor, struct bytes *out_key, struct bytes *out_value)
{
    return move(cursor, MDB_NEXT, out_key, out_value);
}

bool cursor_previous(struct cursor *cursor, struct bytes *out_key, struct bytes *out_value)
{
    return move(cursor, MDB_PREV, out_key, out_value);
}

bool cursor_last(struct cursor *cursor, struct bytes *out_key, struct bytes *out_value)
{
    return move(cursor, MDB_LAST, out_key, out_value);
}
