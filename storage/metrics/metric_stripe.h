/*
 * A part of the metrics in memory: series by name, each with the minute under way, minutes that are
 * over and wait to be moved, and all since the start. Entries and names are the stripe's own.
 *
 * metric_stripe_add and metric_stripe_find are called with the lock held; the others take it.
 */

#ifndef REHEARSEDB_STORAGE_METRICS_METRIC_STRIPE_H
#define REHEARSEDB_STORAGE_METRICS_METRIC_STRIPE_H

#include "storage/metrics/metric.h"

#include <pthread.h>

/* A minute that was over before the background came. */
struct past_minute {
    struct past_minute *next;
    int64_t minute;
    struct metric_value value;
};

struct metric_entry {
    struct metric_entry *next; /* in its bucket */
    uint32_t hash;
    struct metric_series series; /* names in the memory behind the entry */
    int64_t minute;              /* of `current`; never goes back */
    struct metric_value current;
    struct metric_value total;
    struct past_minute *past;
};

struct metric_stripe {
    pthread_mutex_t lock;
    struct metric_entry **buckets;
    size_t bucket_count;
    size_t entry_count;
};

/* From memory that is all zero. */
void metric_stripe_init(struct metric_stripe *stripe);
void metric_stripe_deinit(struct metric_stripe *stripe);

void metric_stripe_add(struct metric_stripe *stripe,
                       const struct metric_series *series,
                       int64_t minute,
                       double value);

/* NULL when there is none. */
const struct metric_entry *metric_stripe_find(const struct metric_stripe *stripe,
                                              const struct metric_series *series);

typedef void metric_entry_visit(void *context, struct metric_entry *entry);
void metric_stripe_visit(struct metric_stripe *stripe, metric_entry_visit *visit, void *context);

/* Removes the entries for which it is true. */
typedef bool metric_entry_test(void *context, const struct metric_entry *entry);
void metric_stripe_remove(struct metric_stripe *stripe, metric_entry_test *test, void *context);

#endif
