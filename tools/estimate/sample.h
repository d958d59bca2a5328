/*
 * What some places of a table, chosen at random, say of the whole: each amount with an interval
 * that holds the truth in 95 of 100 samples. Pure functions.
 *
 * Items of a place lie together in the table's order of hashes and may be alike, so that places,
 * not items, are the units of the sample (a cluster sample): a total is the mean of a place times
 * the number of places, whatever way the server divides the table, and how much places differ among
 * each other says how sure that is (Cochran, Sampling Techniques, chapters 2 and 9).
 */

#ifndef REHEARSEDB_TOOLS_ESTIMATE_SAMPLE_H
#define REHEARSEDB_TOOLS_ESTIMATE_SAMPLE_H

#include "tools/estimate/place.h"

/* A sample of fewer places is none: everything is read. */
enum { PLACES_MIN = 50 };

struct sample {
    const struct place *places; /* that were read */
    size_t count;
    uint64_t total; /* places that the table is divided into; `count`: all were read */
};

struct interval {
    double value;
    double low;
    double high;
};

/* Of the whole table. Exact when all places were read; else there are at least PLACES_MIN. */
struct interval sample_total(const struct sample *sample, enum whose whose, enum amount amount);

/* Of one entry. False: the sample has no entry. */
bool sample_average(const struct sample *sample, enum amount amount, struct interval *out_average);

/* Of the places that were read. */
double sample_sum(const struct sample *sample, enum whose whose, enum amount amount);

/*
 * How many places it takes until an interval of the amount is to be trusted: places that differ
 * wildly, a few holding most of all, are told too little of by a few (Cochran's rule, 25 times the
 * square of their skewness).
 */
double sample_places_needed(const struct sample *sample, enum amount amount);

#endif
