/*
 * Documents: whole values by key, for what is no table: stacks, their events, objects. Read and
 * written as bytes; what is in them, and how a key is made up, is for their owners to say
 * (docs/storage-format.md lists them).
 *
 * Keys are ordered as bytes, so that those with a prefix in common can be walked in either
 * direction. A document has the size that its transaction has room for; when the store is nearly
 * full, putting fails with STORAGE_FULL as for items, and removing still works.
 */

#ifndef REHEARSEDB_STORAGE_DOCUMENTS_H
#define REHEARSEDB_STORAGE_DOCUMENTS_H

#include "storage/lmdb/txn.h"

struct arena;

enum { DOCUMENT_KEY_SIZE_MAX = 511 }; /* LMDB's; at least one byte */

struct document {
    struct bytes key;
    struct bytes value;
};

/* The value, borrowed; false when there is none. A key that is too long has none. */
bool document_find(struct txn *txn, struct bytes key, struct bytes *out_value);

/* The key must have a size that is allowed. */
void document_put(struct txn *txn, struct bytes key, struct bytes value);

/* True when there was one. */
bool document_remove(struct txn *txn, struct bytes key);

/*
 * Of the documents whose keys start with `prefix`: the first whose key comes after `after`, or the
 * last whose key comes before `before`; with an empty one the first, or the last, of all. A bound
 * need not be there, nor start with the prefix. Copied into `arena`.
 */
bool document_next(struct txn *txn,
                   struct arena *arena,
                   struct bytes prefix,
                   struct bytes after,
                   struct document *out_document);
bool document_previous(struct txn *txn,
                       struct arena *arena,
                       struct bytes prefix,
                       struct bytes before,
                       struct document *out_document);

/* Removes up to `count_max` documents whose keys start with `prefix`; gives how many it were. */
size_t documents_remove(struct txn *txn, struct bytes prefix, size_t count_max);

#endif
