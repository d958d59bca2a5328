/*
 * Samples collected while a transaction runs, to be recorded once it is committed. In the caller's
 * arena, and so are the names they point to.
 */

#ifndef REHEARSEDB_STORAGE_METRICS_METRIC_SAMPLES_H
#define REHEARSEDB_STORAGE_METRICS_METRIC_SAMPLES_H

#include "storage/metrics/metric.h"

struct arena;

struct metric_sample {
    struct metric_series series;
    double value;
};

struct metric_samples {
    struct arena *arena;
    struct metric_sample *entries;
    size_t count;
    size_t capacity;
};

void metric_samples_add(struct metric_samples *samples, struct metric_series series, double value);

#endif
