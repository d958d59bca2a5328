#include "storage/metrics/metrics.h"

#include "storage/base/arena.h"
#include "storage/base/log.h"
#include "storage/lmdb/layout.h"
#include "storage/metrics/metric_stripe.h"
#include "storage/table/catalog.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    STRIPES = 8,
    TOTALS_FIRST = 64,
    FORGOTTEN_AFTER_MINUTES = 60, /* series of a table that is gone */
};

struct metrics {
    struct env *env;
    struct clock *clock;
    void (*pending)(void *context);
    void *pending_context;
    atomic_bool is_pending; /* the background knows that there is something to move */
    bool is_long;           /* there may be more to remove; the background's */
    unsigned swept;         /* the stripe to look for gone tables next; the same */

    /* Held while minutes move from memory to the history, and by who looks at both. */
    pthread_mutex_t moving;

    struct metric_stripe stripes[STRIPES];
};

/* ---- opening, closing ---- */

struct metrics *metrics_open(struct env *env, struct clock *clock)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (metrics == NULL) {
        return NULL;
    }
    metrics->env = env;
    metrics->clock = clock;
    (void)pthread_mutex_init(&metrics->moving, NULL);
    for (size_t i = 0; i < STRIPES; i++) {
        metric_stripe_init(&metrics->stripes[i]);
    }
    return metrics;
}

static bool move_minutes(struct metrics *metrics, struct arena *arena, int64_t before);

void metrics_close(struct metrics *metrics)
{
    struct arena arena;
    arena_init(&arena);
    (void)move_minutes(metrics, &arena, INT64_MAX);
    arena_deinit(&arena);
    for (size_t i = 0; i < STRIPES; i++) {
        metric_stripe_deinit(&metrics->stripes[i]);
    }
    (void)pthread_mutex_destroy(&metrics->moving);
    free(metrics);
}

void metrics_on_pending(struct metrics *metrics, void (*pending)(void *context), void *context)
{
    metrics->pending = pending;
    metrics->pending_context = context;
}

/* ---- recording ---- */

static struct metric_stripe *own_stripe(struct metrics *metrics)
{
    static atomic_uint threads;
    static _Thread_local unsigned number; /* 0: none yet */
    if (number == 0) {
        number = atomic_fetch_add(&threads, 1) % STRIPES + 1;
    }
    return &metrics->stripes[number - 1];
}

void metrics_record(struct metrics *metrics, const struct metric_sample *samples, size_t count)
{
    if (count == 0) {
        return;
    }
    struct metric_stripe *stripe = own_stripe(metrics);
    (void)pthread_mutex_lock(&stripe->lock);
    int64_t minute = clock_now_ms(metrics->clock) / METRIC_MINUTE_MS;
    for (size_t i = 0; i < count; i++) {
        metric_stripe_add(stripe, &samples[i].series, minute, samples[i].value);
    }
    (void)pthread_mutex_unlock(&stripe->lock);
    if (!atomic_load_explicit(&metrics->is_pending, memory_order_relaxed) &&
        !atomic_exchange(&metrics->is_pending, true) && metrics->pending != NULL) {
        metrics->pending(metrics->pending_context);
    }
}

void metrics_add(struct metrics *metrics, const struct metric_series *series, double value)
{
    struct metric_sample sample = { .series = *series, .value = value };
    metrics_record(metrics, &sample, 1);
}

/* ---- moving to the history ---- */

/* A minute on its way; in the arena of the turn, names in the entry, which only this thread frees.
 */
struct moved_minute {
    struct moved_minute *next;
    const struct metric_series *series;
    int64_t minute;
    struct metric_value value;
};

struct mover {
    struct arena *arena;
    int64_t before; /* minutes before this one are over */
    struct moved_minute *moved;
    bool leaves_any;
};

static void
take_minute(struct mover *mover, const struct metric_entry *entry, const struct past_minute *from)
{
    struct moved_minute *moved = arena_alloc(mover->arena, sizeof *moved);
    *moved = (struct moved_minute){
        .next = mover->moved,
        .series = &entry->series,
        .minute = from->minute,
        .value = from->value,
    };
    mover->moved = moved;
}

static void take_entry(void *context, struct metric_entry *entry)
{
    struct mover *mover = context;
    const struct past_minute current = { .minute = entry->minute, .value = entry->current };
    for (const struct past_minute *past = entry->past; past != NULL; past = past->next) {
        take_minute(mover, entry, past);
    }
    if (entry->current.count > 0 && entry->minute < mover->before) {
        take_minute(mover, entry, &current);
    } else if (entry->current.count > 0) {
        mover->leaves_any = true;
    }
}

/* What was taken; the minute may have changed since, and with it what is current. */
static void clear_entry(void *context, struct metric_entry *entry)
{
    const struct mover *mover = context;
    struct past_minute **link = &entry->past;
    while (*link != NULL) {
        struct past_minute *past = *link;
        if (past->minute < mover->before) {
            *link = past->next;
            free(past);
        } else {
            link = &past->next;
        }
    }
    if (entry->minute < mover->before) {
        entry->current.count = 0;
    }
}

static void visit_all(struct metrics *metrics, metric_entry_visit *visit, void *context)
{
    for (size_t i = 0; i < STRIPES; i++) {
        metric_stripe_visit(&metrics->stripes[i], visit, context);
    }
}

/* A world alone is none. */
static bool names_table(const struct metric_series *series)
{
    struct bytes name = series->table_name;
    return name.length > 0 && name.data[name.length - 1] != WORLD_SEPARATOR;
}

struct sweep {
    struct txn *txn;
    int64_t minute;
};

static bool is_gone(void *context, const struct metric_entry *entry)
{
    const struct sweep *sweep = context;
    struct bytes record;
    return entry->current.count == 0 && entry->past == NULL && names_table(&entry->series) &&
           entry->minute + FORGOTTEN_AFTER_MINUTES < sweep->minute &&
           !txn_get(sweep->txn, DATABASE_CATALOG, entry->series.table_name, &record);
}

/* True when minutes are left that are not over. */
static bool move_minutes(struct metrics *metrics, struct arena *arena, int64_t before)
{
    struct mover mover = { .arena = arena, .before = before };
    struct txn txn;
    int64_t oldest = clock_now_ms(metrics->clock) / METRIC_MINUTE_MS - METRIC_HISTORY_MINUTES;
    visit_all(metrics, take_entry, &mover);
    if (mover.moved == NULL && !metrics->is_long) {
        return mover.leaves_any;
    }
    (void)pthread_mutex_lock(&metrics->moving);
    txn_begin_write(metrics->env, &txn);
    for (const struct moved_minute *one = mover.moved; one != NULL; one = one->next) {
        metric_history_add(&txn, arena, one->series, one->minute, &one->value);
    }
    metrics->is_long = metric_history_trim(&txn, oldest);
    struct sweep sweep = { .txn = &txn, .minute = before };
    metric_stripe_remove(&metrics->stripes[metrics->swept++ % STRIPES], is_gone, &sweep);
    enum storage_status status = txn_commit(&txn);
    if (status != STORAGE_OK) {
        log_error("metrics: %s; those of a minute are lost", storage_status_text(status));
    }
    visit_all(metrics, clear_entry, &mover);
    (void)pthread_mutex_unlock(&metrics->moving);
    return mover.leaves_any;
}

int64_t metrics_step(struct metrics *metrics, struct arena *arena, int64_t now_ms)
{
    int64_t minute = now_ms / METRIC_MINUTE_MS;
    atomic_store(&metrics->is_pending, false); /* first: what comes from here on tells again */
    bool leaves_any = move_minutes(metrics, arena, minute);
    if (metrics->is_long) {
        return now_ms;
    }
    if (!leaves_any) {
        return METRICS_NEVER;
    }
    atomic_store(&metrics->is_pending, true);
    return (minute + 1) * METRIC_MINUTE_MS;
}

/* The entry itself stays: the background may hold it, and forgets it with its table. */
static void empty_entry(void *context, struct metric_entry *entry)
{
    (void)context;
    while (entry->past != NULL) {
        struct past_minute *next = entry->past->next;
        free(entry->past);
        entry->past = next;
    }
    entry->current = (struct metric_value){ 0 };
    entry->total = (struct metric_value){ 0 };
}

void metrics_forget(struct metrics *metrics)
{
    visit_all(metrics, empty_entry, NULL);
}

/* ---- reading ---- */

void metrics_view_begin(struct metrics *metrics, struct metrics_view *out_view)
{
    (void)pthread_mutex_lock(&metrics->moving);
    out_view->metrics = metrics;
    txn_begin_read(metrics->env, &out_view->txn);
}

enum storage_status metrics_view_end(struct metrics_view *view)
{
    enum storage_status status = view->txn.status;
    txn_abort(&view->txn);
    (void)pthread_mutex_unlock(&view->metrics->moving);
    return status;
}

static void merge_minute(struct metric_value *values,
                         int64_t start,
                         int64_t end,
                         int64_t minute,
                         const struct metric_value *value)
{
    if (minute >= start && minute < end) {
        metric_value_merge(&values[minute - start], value);
    }
}

void metrics_view_read(struct metrics_view *view,
                       const struct metric_series *series,
                       int64_t start,
                       int64_t end,
                       struct metric_value *out_values)
{
    memset(out_values, 0, (size_t)(end - start) * sizeof *out_values);
    metric_history_read(&view->txn, series, start, end, out_values);
    for (size_t i = 0; i < STRIPES; i++) {
        struct metric_stripe *stripe = &view->metrics->stripes[i];
        (void)pthread_mutex_lock(&stripe->lock);
        const struct metric_entry *entry = metric_stripe_find(stripe, series);
        if (entry != NULL) {
            merge_minute(out_values, start, end, entry->minute, &entry->current);
            for (const struct past_minute *past = entry->past; past != NULL; past = past->next) {
                merge_minute(out_values, start, end, past->minute, &past->value);
            }
        }
        (void)pthread_mutex_unlock(&stripe->lock);
    }
}

struct visitor {
    int64_t minute;
    metric_visit *visit;
    void *context;
};

static void tell_entry(void *context, struct metric_entry *entry)
{
    const struct visitor *visitor = context;
    bool has_value = entry->current.count > 0 || entry->past != NULL;
    if (has_value && entry->minute >= visitor->minute) {
        visitor->visit(visitor->context, &entry->series, entry->minute);
    }
}

void metrics_view_visit(struct metrics_view *view,
                        int64_t minute,
                        metric_visit *visit,
                        void *context)
{
    struct visitor visitor = { .minute = minute, .visit = visit, .context = context };
    metric_history_visit(&view->txn, minute, visit, context);
    visit_all(view->metrics, tell_entry, &visitor);
}

/* ---- totals ---- */

struct totals {
    struct arena *arena;
    struct metric_total *entries;
    size_t count;
    size_t capacity;
};

static void take_total(void *context, struct metric_entry *entry)
{
    struct totals *totals = context;
    if (entry->total.count == 0) {
        return;
    }
    if (totals->count == totals->capacity) {
        size_t size_bytes = totals->capacity * sizeof *totals->entries;
        totals->entries = arena_grow(totals->arena, totals->entries, size_bytes, size_bytes * 2);
        totals->capacity *= 2;
    }
    totals->entries[totals->count++] = (struct metric_total){
        .series = { .metric = entry->series.metric,
                    .table_name = bytes_copy(totals->arena, entry->series.table_name),
                    .index_name = bytes_copy(totals->arena, entry->series.index_name),
                    .operation = bytes_copy(totals->arena, entry->series.operation) },
        .value = entry->total,
    };
}

static int compare_totals(const void *left, const void *right)
{
    const struct metric_total *one = left;
    const struct metric_total *other = right;
    return metric_series_compare(&one->series, &other->series);
}

struct metric_total *metrics_totals(struct metrics *metrics, struct arena *arena, size_t *out_count)
{
    struct totals totals = { .arena = arena, .capacity = TOTALS_FIRST };
    totals.entries = arena_alloc(arena, TOTALS_FIRST * sizeof *totals.entries);
    visit_all(metrics, take_total, &totals);
    qsort(totals.entries, totals.count, sizeof *totals.entries, compare_totals);
    size_t kept = 0;
    for (size_t i = 0; i < totals.count; i++) {
        struct metric_total *last = kept > 0 ? &totals.entries[kept - 1] : NULL;
        if (last != NULL && compare_totals(last, &totals.entries[i]) == 0) {
            metric_value_merge(&last->value, &totals.entries[i].value);
        } else {
            totals.entries[kept++] = totals.entries[i];
        }
    }
    *out_count = kept;
    return totals.entries;
}
