#include "storage/metrics/metric_samples.h"

#include "storage/base/arena.h"

enum { SAMPLES_FIRST = 8 };

void metric_samples_add(struct metric_samples *samples, struct metric_series series, double value)
{
    if (samples->entries == NULL) {
        samples->capacity = SAMPLES_FIRST;
        samples->entries = arena_alloc(samples->arena, SAMPLES_FIRST * sizeof *samples->entries);
    } else if (samples->count == samples->capacity) {
        size_t size_bytes = samples->capacity * sizeof *samples->entries;
        samples->entries = arena_grow(samples->arena, samples->entries, size_bytes, size_bytes * 2);
        samples->capacity *= 2;
    }
    samples->entries[samples->count++] = (struct metric_sample){ .series = series, .value = value };
}
