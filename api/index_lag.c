#include "api/index_lag.h"

#include "api/internal.h"
#include "api/items/item_read.h"
#include "api/request.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct kept_place {
    uint8_t table[QUALIFIED_NAME_SIZE_MAX];
    size_t table_length;
    uint8_t index[TABLE_NAME_SIZE_MAX];
    size_t index_length;
    int64_t lag_ms;
};

struct index_lag {
    const struct storage *storage;
    int64_t first_ms;           /* the server's at the start */
    _Atomic int64_t longest_ms; /* of all; 0: nothing lags */
    pthread_mutex_t lock;
    int64_t server_ms;
    size_t count;
    struct kept_place places[INDEX_LAG_PLACES_MAX];
};

static int64_t longest(const struct index_lag *lag)
{
    int64_t longest_ms = lag->server_ms;
    for (size_t i = 0; i < lag->count; i++) {
        if (lag->places[i].lag_ms > longest_ms) {
            longest_ms = lag->places[i].lag_ms;
        }
    }
    return longest_ms;
}

/* Keeps as much of the past as is asked for now. The lock is held: settings follow each other. */
static void follow(struct index_lag *lag)
{
    int64_t longest_ms = longest(lag);
    if (longest_ms != atomic_load(&lag->longest_ms)) {
        past_keep(lag->storage->env, lag->storage->clock, longest_ms);
        atomic_store(&lag->longest_ms, longest_ms);
    }
}

static void store_changed(void *context, enum store_change change)
{
    struct index_lag *lag = context;
    if (change == STORE_EMPTIED) { /* the tables that it was set for are gone */
        (void)pthread_mutex_lock(&lag->lock);
        lag->count = 0;
        follow(lag);
        (void)pthread_mutex_unlock(&lag->lock);
    }
}

struct index_lag *index_lag_open(const struct storage *storage, int64_t lag_ms)
{
    struct index_lag *lag = calloc(1, sizeof *lag);
    if (lag == NULL) {
        return NULL;
    }
    lag->storage = storage;
    lag->first_ms = lag_ms;
    lag->server_ms = lag_ms;
    (void)pthread_mutex_init(&lag->lock, NULL);
    follow(lag);
    snapshots_listen(storage->snapshots, store_changed, lag);
    return lag;
}

void index_lag_close(struct index_lag *lag)
{
    (void)pthread_mutex_destroy(&lag->lock);
    free(lag);
}

/* ---- settings ---- */

static bool is_place(const struct kept_place *kept, struct bytes table, struct bytes index)
{
    return bytes_equal(table, (struct bytes){ kept->table, kept->table_length }) &&
           bytes_equal(index, (struct bytes){ kept->index, kept->index_length });
}

static struct kept_place *find_place(struct index_lag *lag, struct bytes table, struct bytes index)
{
    for (size_t i = 0; i < lag->count; i++) {
        if (is_place(&lag->places[i], table, index)) {
            return &lag->places[i];
        }
    }
    return NULL;
}

static struct kept_place *add_place(struct index_lag *lag, const struct index_lag_place *place)
{
    if (lag->count == INDEX_LAG_PLACES_MAX) {
        return NULL;
    }
    struct kept_place *kept = &lag->places[lag->count++];
    memcpy(kept->table, place->table.data, place->table.length);
    kept->table_length = place->table.length;
    if (place->index.length > 0) {
        memcpy(kept->index, place->index.data, place->index.length);
    }
    kept->index_length = place->index.length;
    return kept;
}

bool index_lag_set(struct index_lag *lag, const struct index_lag_place *place)
{
    (void)pthread_mutex_lock(&lag->lock);
    int64_t *lag_ms = &lag->server_ms;
    if (place->table.length > 0) {
        struct kept_place *kept = find_place(lag, place->table, place->index);
        kept = kept != NULL ? kept : add_place(lag, place);
        lag_ms = kept != NULL ? &kept->lag_ms : NULL;
    }
    if (lag_ms != NULL) {
        *lag_ms = place->lag_ms;
        follow(lag);
    }
    (void)pthread_mutex_unlock(&lag->lock);
    return lag_ms != NULL;
}

void index_lag_reset(struct index_lag *lag)
{
    (void)pthread_mutex_lock(&lag->lock);
    lag->server_ms = lag->first_ms;
    lag->count = 0;
    follow(lag);
    (void)pthread_mutex_unlock(&lag->lock);
}

struct index_lag_place *
index_lag_list(struct index_lag *lag, struct arena *arena, size_t *out_count)
{
    (void)pthread_mutex_lock(&lag->lock);
    struct index_lag_place *list = arena_alloc_zero(arena, (lag->count + 1) * sizeof *list);
    list[0].lag_ms = lag->server_ms;
    for (size_t i = 0; i < lag->count; i++) {
        const struct kept_place *kept = &lag->places[i];
        list[i + 1] = (struct index_lag_place){
            .table = bytes_copy(arena, (struct bytes){ kept->table, kept->table_length }),
            .index = bytes_copy(arena, (struct bytes){ kept->index, kept->index_length }),
            .lag_ms = kept->lag_ms,
        };
    }
    *out_count = lag->count + 1;
    (void)pthread_mutex_unlock(&lag->lock);
    return list;
}

/* What is said of the index, else of its table, else of the server. */
static int64_t lag_of(struct index_lag *lag, struct bytes table, struct bytes index)
{
    if (atomic_load_explicit(&lag->longest_ms, memory_order_relaxed) == 0) {
        return 0;
    }
    (void)pthread_mutex_lock(&lag->lock);
    const struct kept_place *kept = find_place(lag, table, index);
    kept = kept != NULL ? kept : find_place(lag, table, BYTES(""));
    int64_t lag_ms = kept != NULL ? kept->lag_ms : lag->server_ms;
    (void)pthread_mutex_unlock(&lag->lock);
    return lag_ms;
}

/* ---- reading ---- */

void index_lag_begin(struct request *request,
                     const struct page_target *target,
                     struct index_lag_view *out_view)
{
    const struct table_definition *table = target->table;
    const struct index_definition *index = target->index;
    out_view->txn = request->txn;
    out_view->is_past = false;
    if (index == NULL || index->is_local) {
        return;
    }
    int64_t lag_ms = lag_of(request->api->index_lag, table->qualified_name, index->name);
    if (lag_ms > 0 &&
        index_past_begin(request->txn, request->arena, table, index, lag_ms, &out_view->past)) {
        out_view->txn = &out_view->past.txn;
        out_view->is_past = true;
    }
}

void index_lag_end(struct request *request, struct index_lag_view *view)
{
    if (!view->is_past) {
        return;
    }
    if (view->txn->status != STORAGE_OK) {
        txn_fail(request->txn, view->txn->status);
    }
    past_end(&view->past);
}
