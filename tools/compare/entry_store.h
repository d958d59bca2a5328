/*
 * What was read of both sides, on disk, in as many files as there are first bytes of a key's hash;
 * so that entries with one key meet in one file, and a file is small enough to sort in memory.
 *
 *   record  hash (16), digest (16), side u8, key sized, index key sized
 *
 * Without a directory the files have no names and vanish with the program. With one they stay, and
 * a comparison that was broken off goes on from its last checkpoint.
 */

#ifndef REHEARSEDB_TOOLS_COMPARE_ENTRY_STORE_H
#define REHEARSEDB_TOOLS_COMPARE_ENTRY_STORE_H

#include "tools/table/item.h"

enum side { SIDE_LEFT, SIDE_RIGHT, SIDE_COUNT };

struct entry {
    enum side side;
    uint8_t hash[DIGEST_SIZE];   /* of the table's key */
    uint8_t digest[DIGEST_SIZE]; /* of the attributes that both sides have */
    struct bytes key;            /* of the table, as JSON */
    struct bytes index_key;      /* of the side, as JSON */
};

enum { ENTRY_FILES = 256 };

struct entry_store;

/* NULL: `out_reason` says why. */
struct entry_store *entry_store_open(const char *directory, char *out_reason, size_t reason_size);
void entry_store_close(struct entry_store *store);

/* False after a failure to write; entry_store_reason. */
bool entry_store_add(struct entry_store *store, const struct entry *entry);
const char *entry_store_reason(const struct entry_store *store);

/* Brings everything to disk and tells how long each file is: a checkpoint. */
bool entry_store_flush(struct entry_store *store, uint64_t out_sizes[ENTRY_FILES]);

/* Goes back to a checkpoint. */
bool entry_store_truncate(struct entry_store *store, const uint64_t sizes[ENTRY_FILES]);

/*
 * Calls `visit` with all entries of one key, in no order of keys; bounded in memory. False: it
 * could not be read, or visit has stopped it.
 */
typedef bool entry_visit(void *context, const struct entry *entries, size_t count);
bool entry_store_visit(struct entry_store *store, entry_visit *visit, void *context);

#endif
