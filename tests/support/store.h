/*
 * A store to test: opened in memory or in a temporary directory, under a clock that stands until it
 * is moved, and without the background thread unless asked for.
 *
 * Tables are described in a line: a key is "pk:S", "pk:S / sk:N", "a:S, b:N / c:B"; a projection is
 * "ALL", "KEYS_ONLY" or the names of an INCLUDE ("colour size"). Items and keys are literals
 * (tests/support/literal.h). What a helper needs and does not find ends the test program, so
 * helpers have no status to forget; the ones that may rightly fail are named store_try_….
 */

#ifndef REHEARSEDB_TESTS_SUPPORT_STORE_H
#define REHEARSEDB_TESTS_SUPPORT_STORE_H

#include "storage/base/arena.h"
#include "storage/items/item_change.h"
#include "storage/storage.h"
#include "storage/table/holds.h"

struct store_options {
    bool is_durable;
    bool has_thread;         /* and with it the real clock */
    uint64_t map_size_bytes; /* 0: plenty */
    struct durations durations;
};

struct store {
    struct storage storage;
    struct store_options options;
    struct clock clock;
    struct arena arena; /* what helpers return lives here, until the store is closed */
    char directory[64];
};

/* Ends the test program with a message unless `holds`. */
void store_require(bool holds, const char *what);

void store_open(struct store *store, struct store_options options);

/* Closes it and removes its directory. */
void store_close(struct store *store);

/* As after a restart: only what is in the directory is left. The clock does not move. */
void store_reopen(struct store *store);

/* ---- tables and indexes ---- */

struct store_index {
    const char *name;
    const char *key;
    const char *projection;
    bool is_local;
};

struct key_schema store_key_schema(struct arena *arena, const char *text);
struct index_definition store_index_definition(struct arena *arena, struct store_index index);

/* Begins; how far each comes at once is up to the durations. */
void store_create_table(struct store *store,
                        const char *name,
                        const char *key,
                        const struct store_index *indexes,
                        size_t index_count);
void store_create_index(struct store *store, const char *table, struct store_index index);
void store_delete_table(struct store *store, const char *name);
void store_delete_index(struct store *store, const char *table, const char *index);

/* As the catalog has it now; NULL when there is none. */
struct table_definition *store_table(struct store *store, const char *name);
struct index_definition *store_index(struct store *store, const char *table, const char *index);

void store_hold(struct store *store, const char *table, const char *index, struct hold hold);
void store_release(struct store *store, const char *table, const char *index);

/* ---- time ---- */

/* One turn of the background; true when there is more to do at once. */
bool store_step(struct store *store);

/* Turns until there is nothing more to do at this time. */
void store_settle(struct store *store);

/* Moves the clock and settles. */
void store_advance(struct store *store, int64_t by_ms);

/* ---- items ---- */

/*
 * One change inside `txn`, as a client's write makes it. `key_item` has at least the key
 * attributes; `new_item` without data deletes. `out_effects` has room for an entry per index.
 */
void store_change(struct txn *txn,
                  struct arena *arena,
                  const struct table_definition *table,
                  struct bytes key_item,
                  struct bytes new_item,
                  struct index_effect *out_effects);

enum storage_status store_try_put(struct store *store, const char *table, struct bytes item);
enum storage_status store_try_delete(struct store *store, const char *table, struct bytes key);
void store_put(struct store *store, const char *table, const char *item);
void store_delete(struct store *store, const char *table, const char *key);

/* The item as a literal, or NULL. */
const char *store_get(struct store *store, const char *table, const char *key);

/* What a table or (with `index`) an index holds: literals, ascending as text, joined by newlines.
 */
const char *store_content(struct store *store, const char *table, const char *index);

/* Entries and bytes as the store counts them. */
uint64_t store_count(struct store *store, const char *table, const char *index);
uint64_t store_size(struct store *store, const char *table, const char *index);

#endif
