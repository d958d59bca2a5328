/*
 * Who reads and writes which table and index: a count and a time for every table, index, access
 * key, user agent and operation.
 *
 * Recording is part of every call, so threads are spread over stripes with counters of their own,
 * which are put together when somebody asks. In memory, from the start of the server or the last
 * reset. Bounded: callers beyond some thousands are counted as one, READERS_OTHERS.
 *
 * Tables are known by qualified name. Any thread.
 */

#ifndef REHEARSEDB_API_REHEARSAL_READERS_H
#define REHEARSEDB_API_REHEARSAL_READERS_H

#include "storage/base/bytes.h"

struct arena;
struct readers;

/* The access key and the user agent of callers that are too many to be told apart. */
#define READERS_OTHERS "(others)"

enum use_kind {
    USE_READ,
    USE_WRITE,   /* of an index: a write of the table that changed it */
    USE_REFUSED, /* for the state of the table or the index */
};

/* One operation on one table, or on one of its indexes. */
struct use {
    enum use_kind kind;
    struct bytes table_name; /* qualified */
    struct bytes index_name; /* empty: the table itself */
    struct bytes access_key_id;
    struct bytes user_agent;
    const char *operation; /* static text */
};

/* NULL when there is no memory. */
struct readers *readers_open(int64_t now_ms);
void readers_close(struct readers *readers);

void readers_record(struct readers *readers, const struct use *use, int64_t now_ms);

/* Counts anew for the table from `now_ms` on. */
void readers_reset(struct readers *readers, struct bytes table_name, int64_t now_ms);

/* The table is gone, or new: nothing that was counted is about it. */
void readers_forget(struct readers *readers, struct bytes table_name);

/* The same of all tables: the store is empty. */
void readers_forget_all(struct readers *readers);

struct use_count {
    struct use use;
    uint64_t count;
    int64_t last_ms;
};

/* Since when it counts for the table, of the clock. */
int64_t readers_since(struct readers *readers, struct bytes table_name);

/*
 * All that was counted for the table, each use once; by index name (the table itself first), then
 * by access key, user agent and operation. Copied into `arena`.
 */
struct use_count *readers_counts(struct readers *readers,
                                 struct arena *arena,
                                 struct bytes table_name,
                                 size_t *out_count);

#endif
