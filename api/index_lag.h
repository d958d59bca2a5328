/*
 * How far reads of global secondary indexes lag behind their table. On the service they are
 * eventually consistent, mostly by milliseconds, so code that reads its own write through an index
 * works on every try but the one that counts; here the lag can be made long.
 *
 * A setting of the server, not of the store: it is not kept over a restart, and no part of a
 * snapshot. Any thread.
 */

#ifndef REHEARSEDB_API_INDEX_LAG_H
#define REHEARSEDB_API_INDEX_LAG_H

#include "storage/table/index_past.h"

struct index_lag;
struct page_target;
struct request;
struct storage;

enum {
    INDEX_LAG_MAX_MS = 60 * 1000, /* the past holds on to what was overwritten since */
    INDEX_LAG_PLACES_MAX = 64,
};

/* What a lag is set for. */
struct index_lag_place {
    struct bytes table; /* by qualified name; empty: the server */
    struct bytes index; /* empty: every one of the table */
    int64_t lag_ms;
};

/* `lag_ms` is the server's. The storage is borrowed. NULL: no memory. */
struct index_lag *index_lag_open(const struct storage *storage, int64_t lag_ms);
void index_lag_close(struct index_lag *lag);

/* False when there are INDEX_LAG_PLACES_MAX already. */
bool index_lag_set(struct index_lag *lag, const struct index_lag_place *place);

/* As at the start: the server's lag alone, as it was. */
void index_lag_reset(struct index_lag *lag);

/* All that is set, the server's first; copied into `arena`. */
struct index_lag_place *
index_lag_list(struct index_lag *lag, struct arena *arena, size_t *out_count);

/* ---- reading ---- */

/* Where the entries of a target are read: in the request's transaction or in the past. */
struct index_lag_view {
    struct txn *txn;
    bool is_past;
    struct past_view past;
};

void index_lag_begin(struct request *request,
                     const struct page_target *target,
                     struct index_lag_view *out_view);
void index_lag_end(struct request *request, struct index_lag_view *view);

#endif
