/*
 * How long things took: counts in buckets that are a thirty-second of their value wide, so that any
 * number of values takes the same few kilobytes. Not thread-safe.
 */

#ifndef REHEARSEDB_TOOLS_DRIVE_HISTOGRAM_H
#define REHEARSEDB_TOOLS_DRIVE_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_STEPS = 32,   /* from one power of two to the next */
    HISTOGRAM_OCTAVES = 40, /* more than a year of microseconds */
    HISTOGRAM_BUCKETS = HISTOGRAM_OCTAVES * HISTOGRAM_STEPS,
};

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t count;
    int64_t most; /* exactly */
};

/* Negative values count as 0. */
void histogram_add(struct histogram *histogram, int64_t value);

/* The least value that `share` (0 to 1) of all do not exceed, at most 1/32 too high; 0 of none. */
int64_t histogram_percentile(const struct histogram *histogram, double share);

#endif
