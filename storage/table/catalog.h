/*
 * Tables by name. One record a table in DATABASE_CATALOG; docs/storage-format.md draws it.
 *
 * A record starts with a byte that says whether anything of it waits for time or work, so that the
 * background walk skips settled tables without decoding them.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_CATALOG_H
#define REHEARSEDB_STORAGE_TABLE_CATALOG_H

#include "storage/lmdb/layout.h"
#include "storage/lmdb/txn.h"
#include "storage/table/table_definition.h"

/* The table of that name, decoded into `arena`; NULL when there is none or the transaction failed.
 */
struct table_definition *catalog_find(struct txn *txn, struct arena *arena, struct bytes name);

/* Writes a new or changed definition. Derived members (projected) need not be filled in. */
void catalog_put(struct txn *txn, struct arena *arena, const struct table_definition *table);

void catalog_remove(struct txn *txn, struct bytes name);

uint64_t catalog_count(struct txn *txn);

/*
 * Up to `limit` names after `after` (empty: from the start), ascending, copied into `arena`.
 * Returns how many; `out_more` says whether others follow.
 */
size_t catalog_names(struct txn *txn,
                     struct arena *arena,
                     struct bytes after,
                     size_t limit,
                     struct bytes *out_names,
                     bool *out_more);

/* The first table after `after` that waits for time or work, name copied into `arena`; false: none.
 */
bool catalog_next_unsettled(struct txn *txn,
                            struct arena *arena,
                            struct bytes after,
                            struct bytes *out_name);

/* The index of that name, or NULL. */
struct index_definition *table_find_index(struct table_definition *table, struct bytes name);

/* Takes an index out of the definition, and attribute definitions that nothing uses any more. */
void table_remove_index(struct table_definition *table, struct arena *arena, size_t position);

/* Fills in index->projected for every index. */
void table_derive(struct table_definition *table, struct arena *arena);

#endif
