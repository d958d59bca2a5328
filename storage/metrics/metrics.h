/*
 * Metrics as they happen: summed up per minute of the clock in memory, moved to the history
 * (storage/metrics/metric_history.h) by the background once a minute is over, and read back from
 * both as one.
 *
 * Recording costs a lock that hardly anybody else wants: threads are spread over stripes, each with
 * series of its own, which are merged when they are read or moved. A crash loses what has not been
 * moved, at most about a minute; closing the storage moves everything.
 *
 * Nothing is written while nothing is recorded.
 */

#ifndef REHEARSEDB_STORAGE_METRICS_METRICS_H
#define REHEARSEDB_STORAGE_METRICS_METRICS_H

#include "storage/base/clock.h"
#include "storage/lmdb/txn.h"
#include "storage/metrics/metric_history.h"
#include "storage/metrics/metric_samples.h"

struct arena;
struct env;
struct metrics;

/* `env` and `clock` are borrowed. NULL when there is no memory. */
struct metrics *metrics_open(struct env *env, struct clock *clock);

/* Moves all there is to the history first. No other thread may use it any more. */
void metrics_close(struct metrics *metrics);

/* Called from any thread when there is something to move at the end of the minute. */
void metrics_on_pending(struct metrics *metrics, void (*pending)(void *context), void *context);

/* Samples of this minute; any thread. Names are copied when they are new. */
void metrics_record(struct metrics *metrics, const struct metric_sample *samples, size_t count);

/* One sample; the same. */
void metrics_add(struct metrics *metrics, const struct metric_series *series, double value);

/* As if nothing had ever been recorded; the history is the store's. */
void metrics_forget(struct metrics *metrics);

#define METRICS_NEVER INT64_MAX

/*
 * One bounded turn of the background: moves minutes that are over, removes what is too old. Returns
 * when to come again, in milliseconds of the clock; METRICS_NEVER when nothing waits. Takes a write
 * transaction of its own if there is something to do; what cannot be written is lost, and logged.
 */
int64_t metrics_step(struct metrics *metrics, struct arena *arena, int64_t now_ms);

/* ---- reading ---- */

/* A moment's look at history and memory. The background waits while there is one. */
struct metrics_view {
    struct metrics *metrics;
    struct txn txn;
};

void metrics_view_begin(struct metrics *metrics, struct metrics_view *out_view);

/* What the store says; STORAGE_OK unless it failed. */
enum storage_status metrics_view_end(struct metrics_view *view);

/* The minutes from `start` up to `end` (exclusive) into `out_values`, one a minute. */
void metrics_view_read(struct metrics_view *view,
                       const struct metric_series *series,
                       int64_t start,
                       int64_t end,
                       struct metric_value *out_values);

/* Tells every series that has a value since `minute`, some more than once; borrowed. */
void metrics_view_visit(struct metrics_view *view,
                        int64_t minute,
                        metric_visit *visit,
                        void *context);

struct metric_total {
    struct metric_series series;
    struct metric_value value;
};

/*
 * All that was recorded since the start, in the order of metric_series_compare, copied into
 * `arena`. A table that is gone keeps its totals for an hour of the clock.
 */
struct metric_total *
metrics_totals(struct metrics *metrics, struct arena *arena, size_t *out_count);

#endif
