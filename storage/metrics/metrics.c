#include "storage/metrics/metrics.h"

#include "storage/base/arena.h"
#include "storage/base/log.h"
#include "storage/lmdb/layout.h"
#include "storage/table/catalog.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    STRIPES = 8,
    TOTALS_FIRST = 64,
    BUCKETS_FIRST = 64,           /* of a stripe; a power of two, as are all that follow */
    FORGOTTEN_AFTER_MINUTES = 60, /* series of a table that is gone */
};

/* A minute that was over before the background came. */
struct past_minute {
    struct past_minute *next;
    int64_t minute;
    struct metric_value value;
};

struct series_entry {
    struct series_entry *next; /* in its bucket */
    uint32_t hash;
    struct metric_series series; /* names in the memory behind the entry */
    int64_t minute;              /* of `current`; never goes back */
    struct metric_value current;
    struct metric_value total;
    struct past_minute *past;
};

struct stripe {
    pthread_mutex_t lock;
    struct series_entry **buckets;
    size_t bucket_count;
    size_t entry_count;
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

    struct stripe stripes[STRIPES];
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
        (void)pthread_mutex_init(&metrics->stripes[i].lock, NULL);
    }
    return metrics;
}

static void free_past(struct series_entry *entry)
{
    while (entry->past != NULL) {
        struct past_minute *next = entry->past->next;
        free(entry->past);
        entry->past = next;
    }
}

static void free_stripe(struct stripe *stripe)
{
    for (size_t i = 0; i < stripe->bucket_count; i++) {
        for (struct series_entry *entry = stripe->buckets[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            free_past(entry);
            free(entry);
        }
    }
    free(stripe->buckets);
    (void)pthread_mutex_destroy(&stripe->lock);
}

static bool move_minutes(struct metrics *metrics, struct arena *arena, int64_t before);

void metrics_close(struct metrics *metrics)
{
    struct arena arena;
    arena_init(&arena);
    (void)move_minutes(metrics, &arena, INT64_MAX);
    arena_deinit(&arena);
    for (size_t i = 0; i < STRIPES; i++) {
        free_stripe(&metrics->stripes[i]);
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

static struct stripe *own_stripe(struct metrics *metrics)
{
    static atomic_uint threads;
    static _Thread_local unsigned number; /* 0: none yet */
    if (number == 0) {
        number = atomic_fetch_add(&threads, 1) % STRIPES + 1;
    }
    return &metrics->stripes[number - 1];
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL) {
        log_error("out of memory");
        abort();
    }
    return memory;
}

static void grow(struct stripe *stripe)
{
    size_t count = stripe->bucket_count == 0 ? BUCKETS_FIRST : stripe->bucket_count * 2;
    struct series_entry **buckets = allocate(count * sizeof(struct series_entry *));
    for (size_t i = 0; i < stripe->bucket_count; i++) {
        for (struct series_entry *entry = stripe->buckets[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            entry->next = buckets[entry->hash & (count - 1)];
            buckets[entry->hash & (count - 1)] = entry;
        }
    }
    free(stripe->buckets);
    stripe->buckets = buckets;
    stripe->bucket_count = count;
}

static struct bytes copy_name(uint8_t **to, struct bytes name)
{
    struct bytes copy = { *to, name.length };
    if (name.length > 0) {
        memcpy(*to, name.data, name.length);
    }
    *to += name.length;
    return copy;
}

static struct series_entry *
create_entry(struct stripe *stripe, const struct metric_series *series, uint32_t hash)
{
    if (stripe->entry_count >= stripe->bucket_count) {
        grow(stripe);
    }
    struct series_entry *entry = allocate(sizeof *entry + series->table_name.length +
                                          series->index_name.length + series->operation.length);
    uint8_t *names = (uint8_t *)(entry + 1);
    entry->hash = hash;
    entry->series.metric = series->metric;
    entry->series.table_name = copy_name(&names, series->table_name);
    entry->series.index_name = copy_name(&names, series->index_name);
    entry->series.operation = copy_name(&names, series->operation);
    struct series_entry **bucket = &stripe->buckets[hash & (stripe->bucket_count - 1)];
    entry->next = *bucket;
    *bucket = entry;
    stripe->entry_count++;
    return entry;
}

static struct series_entry *
find_entry(const struct stripe *stripe, const struct metric_series *series, uint32_t hash)
{
    if (stripe->bucket_count == 0) {
        return NULL;
    }
    struct series_entry *entry = stripe->buckets[hash & (stripe->bucket_count - 1)];
    while (entry != NULL && (entry->hash != hash || !metric_series_equal(&entry->series, series))) {
        entry = entry->next;
    }
    return entry;
}

static void add_sample(struct series_entry *entry, int64_t minute, double value)
{
    if (entry->minute < minute) {
        if (entry->current.count > 0) {
            struct past_minute *past = allocate(sizeof *past);
            *past = (struct past_minute){ .next = entry->past,
                                          .minute = entry->minute,
                                          .value = entry->current };
            entry->past = past;
        }
        entry->current = (struct metric_value){ 0 };
        entry->minute = minute;
    }
    metric_value_add(&entry->current, value);
    metric_value_add(&entry->total, value);
}

void metrics_record(struct metrics *metrics, const struct metric_sample *samples, size_t count)
{
    if (count == 0) {
        return;
    }
    struct stripe *stripe = own_stripe(metrics);
    (void)pthread_mutex_lock(&stripe->lock);
    int64_t minute = clock_now_ms(metrics->clock) / METRIC_MINUTE_MS;
    for (size_t i = 0; i < count; i++) {
        uint32_t hash = metric_series_hash(&samples[i].series);
        struct series_entry *entry = find_entry(stripe, &samples[i].series, hash);
        if (entry == NULL) {
            entry = create_entry(stripe, &samples[i].series, hash);
        }
        add_sample(entry, minute, samples[i].value);
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

/* Something to do with each entry of a stripe, under its lock. */
typedef void visit_entry(void *context, struct series_entry *entry);

static void visit_entries(struct stripe *stripe, visit_entry *visit, void *context)
{
    (void)pthread_mutex_lock(&stripe->lock);
    for (size_t i = 0; i < stripe->bucket_count; i++) {
        for (struct series_entry *entry = stripe->buckets[i]; entry != NULL; entry = entry->next) {
            visit(context, entry);
        }
    }
    (void)pthread_mutex_unlock(&stripe->lock);
}

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
take_minute(struct mover *mover, const struct series_entry *entry, const struct past_minute *from)
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

static void take_entry(void *context, struct series_entry *entry)
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
static void clear_entry(void *context, struct series_entry *entry)
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

static void visit_all(struct metrics *metrics, visit_entry *visit, void *context)
{
    for (size_t i = 0; i < STRIPES; i++) {
        visit_entries(&metrics->stripes[i], visit, context);
    }
}

/* A world alone is none. */
static bool names_table(const struct metric_series *series)
{
    struct bytes name = series->table_name;
    return name.length > 0 && name.data[name.length - 1] != WORLD_SEPARATOR;
}

/* Series of tables that are gone, one stripe a time. */
static void forget_gone(struct metrics *metrics, struct txn *txn, int64_t minute)
{
    struct stripe *stripe = &metrics->stripes[metrics->swept++ % STRIPES];
    (void)pthread_mutex_lock(&stripe->lock);
    for (size_t i = 0; i < stripe->bucket_count; i++) {
        struct series_entry **link = &stripe->buckets[i];
        while (*link != NULL) {
            struct series_entry *entry = *link;
            struct bytes record;
            if (entry->current.count == 0 && entry->past == NULL && names_table(&entry->series) &&
                entry->minute + FORGOTTEN_AFTER_MINUTES < minute &&
                !txn_get(txn, DATABASE_CATALOG, entry->series.table_name, &record)) {
                *link = entry->next;
                free(entry);
                stripe->entry_count--;
            } else {
                link = &entry->next;
            }
        }
    }
    (void)pthread_mutex_unlock(&stripe->lock);
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
    forget_gone(metrics, &txn, before);
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
    uint32_t hash = metric_series_hash(series);
    memset(out_values, 0, (size_t)(end - start) * sizeof *out_values);
    metric_history_read(&view->txn, series, start, end, out_values);
    for (size_t i = 0; i < STRIPES; i++) {
        struct stripe *stripe = &view->metrics->stripes[i];
        (void)pthread_mutex_lock(&stripe->lock);
        const struct series_entry *entry = find_entry(stripe, series, hash);
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

static void tell_entry(void *context, struct series_entry *entry)
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

static void take_total(void *context, struct series_entry *entry)
{
    struct totals *totals = context;
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
