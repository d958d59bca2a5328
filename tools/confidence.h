/* What a sample proves: bounds that hold with a stated chance. Pure functions. */

#ifndef REHEARSEDB_TOOLS_CONFIDENCE_H
#define REHEARSEDB_TOOLS_CONFIDENCE_H

#include <stdint.h>

/*
 * The share of all that is so when `found` of `sampled` random ones are: it is below this, but for
 * a chance of `error` (Clopper and Pearson's one-sided bound). 1 without a sample.
 */
double confidence_share_below(uint64_t found, uint64_t sampled, double error);

/*
 * So many standard errors on either side of a mean of `count` values hold the truth in 95 of 100
 * samples (Student's distribution); `count` is at least 10.
 */
double confidence_width(uint64_t count);

/*
 * The same for values that are skewed: how many standard errors the truth is below the mean (with
 * `width` as above) or above it (with its negative). Hall, On the removal of skewness by
 * transformation, Journal of the Royal Statistical Society B 54 (1992).
 */
double confidence_skewed_width(double width, double skewness, uint64_t count);

#endif
