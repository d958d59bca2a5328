/*
 * The databases inside the LMDB environment. A database is named by a number: the few fixed ones
 * below, then one for the items of every table and one for every index. docs/storage-format.md has
 * the bytes.
 *
 * Numbers are never closed while the process runs: a dropped table's database is emptied and its
 * number used again. LMDB may then keep one handle per number for good, and a reader that still
 * holds an older snapshot is never left with a handle that means something else.
 */

#ifndef REHEARSEDB_STORAGE_LMDB_LAYOUT_H
#define REHEARSEDB_STORAGE_LMDB_LAYOUT_H

enum {
    DATABASE_META,      /* "format" -> u32 */
    DATABASE_CATALOG,   /* table's qualified name -> record (storage/table/table_record.h) */
    DATABASE_DATABASES, /* number (u32, big-endian) -> state (u8), bytes held (u64) */
    DATABASE_BUILDS,    /* index's database number (u32, big-endian) -> progress of its backfill */
    DATABASE_HOLDS,     /* table's qualified name, 0, hash of index -> where the build must stop;
                           without a hash: what writes of the table are refused with */
    DATABASE_CLIENT_TOKENS, /* tokens of transactions, and when each expires */
    DATABASE_METRICS,       /* hour, series -> a value for each of its minutes */
    DATABASE_SETTINGS,      /* kind, table's qualified name -> what is kept beside the catalog */
    DATABASE_DOCUMENTS,     /* keys and values of their owners' making (storage/documents.h) */
    DATABASE_FIXED_COUNT,

    DATABASE_FIRST = 16,       /* the first number of a table or index */
    DATABASE_COUNT_MAX = 4096, /* LMDB copies four bytes a possible number at every write */
    DATABASE_RESERVE = 32,     /* kept free: a table takes up to 1 + 5 + 20 at once */

    STORE_FORMAT = 2,
};

enum database_state {
    DATABASE_FREE,
    DATABASE_IN_USE,
    DATABASE_DROPPING, /* to be emptied in the background, then free */
};

#endif
