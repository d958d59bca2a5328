#include "tools/drive/histogram.h"

#include <math.h>
#include <stddef.h>

/* Up to 31 a bucket for each value; then 32 for each power of two. */
static size_t bucket_of(uint64_t value)
{
    size_t shift = 0;
    while (value >> shift >= (uint64_t)2 * HISTOGRAM_STEPS) {
        shift++;
    }
    size_t bucket = shift * HISTOGRAM_STEPS + (size_t)(value >> shift);
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static uint64_t highest_of(size_t bucket)
{
    if (bucket < (size_t)2 * HISTOGRAM_STEPS) {
        return bucket;
    }
    size_t shift = bucket / HISTOGRAM_STEPS - 1;
    uint64_t step = bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS;
    return ((step + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, int64_t value)
{
    value = value > 0 ? value : 0;
    histogram->counts[bucket_of((uint64_t)value)]++;
    histogram->count++;
    histogram->most = value > histogram->most ? value : histogram->most;
}

int64_t histogram_percentile(const struct histogram *histogram, double share)
{
    uint64_t wanted = (uint64_t)ceil(share * (double)histogram->count);
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->counts[i];
        if (histogram->counts[i] > 0 && seen >= wanted) {
            int64_t highest = (int64_t)highest_of(i);
            return highest < histogram->most ? highest : histogram->most;
        }
    }
    return histogram->most;
}
