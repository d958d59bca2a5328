/*
 * The minutes that are over, in DATABASE_METRICS: one record an hour and series, so that a minute
 * costs a few bytes and what is too old is found at the front. docs/storage-format.md draws it.
 */

#ifndef REHEARSEDB_STORAGE_METRICS_METRIC_HISTORY_H
#define REHEARSEDB_STORAGE_METRICS_METRIC_HISTORY_H

#include "storage/lmdb/txn.h"
#include "storage/metrics/metric.h"

struct arena;

/* As long as CloudWatch keeps values of one minute. */
enum { METRIC_HISTORY_DAYS = 15, METRIC_HISTORY_MINUTES = METRIC_HISTORY_DAYS * 24 * 60 };

/* Merges the value into what is kept of that minute. */
void metric_history_add(struct txn *txn,
                        struct arena *arena,
                        const struct metric_series *series,
                        int64_t minute,
                        const struct metric_value *value);

/*
 * Merges what is kept of the minutes from `start` up to `end` (exclusive) into `values`, one a
 * minute, the first for `start`.
 */
void metric_history_read(struct txn *txn,
                         const struct metric_series *series,
                         int64_t start,
                         int64_t end,
                         struct metric_value *values);

/* Tells every series kept since `minute`, rounded down to the hour, once an hour; borrowed. */
typedef void metric_visit(void *context, const struct metric_series *series, int64_t last_minute);
void metric_history_visit(struct txn *txn, int64_t minute, metric_visit *visit, void *context);

/* One bounded step of removing what ended before `minute`. True when there may be more. */
bool metric_history_trim(struct txn *txn, int64_t minute);

#endif
