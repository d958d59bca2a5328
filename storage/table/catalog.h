/*
 * Tables by qualified name, a record a table (storage/table/table_record.h) in DATABASE_CATALOG.
 *
 * Where worlds are separate a table is known by "ACCESS KEY/REGION/NAME", else by its name alone:
 * no part holds a '/' itself, so the name is what follows the last one.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_CATALOG_H
#define REHEARSEDB_STORAGE_TABLE_CATALOG_H

#include "storage/lmdb/layout.h"
#include "storage/lmdb/txn.h"
#include "storage/table/table_definition.h"

#define WORLD_SEPARATOR '/'

/*
 * Who wants to know how tables change. `changing` is called inside the transaction for every
 * definition that is written, with what it was before (NULL: it is new) and what it is now (NULL:
 * it is gone); `holding` for every step of a backfill that comes to its hold. It may still be
 * undone: what is to be told once it is committed becomes a note of the transaction (txn_add_note),
 * in `arena`.
 */
struct table_observer {
    void (*changing)(void *context,
                     struct txn *txn,
                     struct arena *arena,
                     const struct table_definition *before,
                     const struct table_definition *after);
    void (*holding)(void *context,
                    struct txn *txn,
                    struct arena *arena,
                    const struct table_definition *table,
                    const struct index_definition *index);
    void *context;
};

/* Fills in both names of a definition; views into `qualified_name`. */
void table_set_name(struct table_definition *table, struct bytes qualified_name);

/* The table of that name, decoded into `arena`; NULL when there is none or the transaction failed.
 */
struct table_definition *
catalog_find(struct txn *txn, struct arena *arena, struct bytes qualified_name);

/* Writes a new or changed definition. Derived members (projected) need not be filled in. */
void catalog_put(struct txn *txn, struct arena *arena, const struct table_definition *table);

void catalog_remove(struct txn *txn, struct arena *arena, struct bytes qualified_name);

uint64_t catalog_count(struct txn *txn);

struct catalog_range {
    struct bytes world; /* "ACCESS KEY/REGION/"; empty: where tables are shared */
    bool has_all;       /* of all worlds, by qualified name; `world` is empty */
    struct bytes after; /* the name before the first; empty: from the start */
    size_t limit;
};

/*
 * Names in the range, without their world, ascending, copied into `arena`. Returns how many;
 * `out_more` says whether others follow.
 */
size_t catalog_names(struct txn *txn,
                     struct arena *arena,
                     const struct catalog_range *range,
                     struct bytes *out_names,
                     bool *out_more);

/* The first table after `after` that waits for time or work, both by qualified name; it is copied
 * into `arena`. False: none. */
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
