#include "tools/estimate/sample.h"

#include "tools/confidence.h"

#include <math.h>

/* Where fewer places than this have an entry, their number is what is not known. */
enum { RARE = 10 };

static bool is_whole(const struct sample *sample)
{
    return sample->count == sample->total;
}

double sample_sum(const struct sample *sample, enum whose whose, enum amount amount)
{
    double sum = 0;
    for (size_t i = 0; i < sample->count; i++) {
        sum += sample->places[i].amounts[whose][amount];
    }
    return sum;
}

/* The values of an amount in the places that were read. */
struct spread {
    double mean;
    double error; /* standard error of the mean, for what was not read */
    double skewness;
};

/* The standard error of a mean whose values are off it by these squares. */
static double error_of(const struct sample *sample, double squares)
{
    double count = (double)sample->count;
    double unread = 1 - count / (double)sample->total;
    return sqrt(unread * squares / (count - 1) / count);
}

static struct spread spread_of(const struct sample *sample, enum whose whose, enum amount amount)
{
    double count = (double)sample->count;
    double mean = sample_sum(sample, whose, amount) / count;
    double squares = 0;
    double cubes = 0;
    for (size_t i = 0; i < sample->count; i++) {
        double off = sample->places[i].amounts[whose][amount] - mean;
        squares += off * off;
        cubes += off * off * off;
    }
    return (struct spread){
        .mean = mean,
        .error = error_of(sample, squares),
        .skewness = squares > 0 ? cubes / count / pow(squares / count, 1.5) : 0,
    };
}

/* How many places have any, and the most that one has. */
static size_t
count_places(const struct sample *sample, enum whose whose, enum amount amount, double *out_most)
{
    size_t found = 0;
    *out_most = 0;
    for (size_t i = 0; i < sample->count; i++) {
        double value = sample->places[i].amounts[whose][amount];
        found += value > 0;
        *out_most = value > *out_most ? value : *out_most;
    }
    return found;
}

/*
 * When next to no place has an entry, the spread of those few says little: at most so many of all
 * places have one, and these no more than the fullest that was seen; if none was seen, as much as
 * if every item of theirs had one.
 */
static double rare_high(const struct sample *sample, enum amount amount)
{
    double most = 0;
    size_t found = count_places(sample, OF_ENTRIES, amount, &most);
    double share = confidence_share_below(found, sample->count, found == 0 ? 0.05 : 0.025);
    if (found == 0) {
        most = sample_sum(sample, OF_ITEMS, amount) / (double)sample->count;
    }
    return found < RARE ? share * (double)sample->total * most : 0;
}

struct interval sample_total(const struct sample *sample, enum whose whose, enum amount amount)
{
    double total = (double)sample->total;
    double sum = sample_sum(sample, whose, amount);
    if (is_whole(sample)) {
        return (struct interval){ .value = sum, .low = sum, .high = sum };
    }
    struct spread spread = spread_of(sample, whose, amount);
    double width = confidence_width(sample->count);
    double below = confidence_skewed_width(width, spread.skewness, sample->count);
    double above = -confidence_skewed_width(-width, spread.skewness, sample->count);
    struct interval interval = { .value = spread.mean * total,
                                 .low = (spread.mean - below * spread.error) * total,
                                 .high = (spread.mean + above * spread.error) * total };
    if (whose == OF_ENTRIES) { /* there are no more entries than items */
        interval.high = fmax(interval.high, rare_high(sample, amount));
        interval.high = fmin(interval.high, sample_total(sample, OF_ITEMS, amount).high);
    }
    interval.low = fmax(interval.low, sum); /* so much was seen */
    return interval;
}

bool sample_average(const struct sample *sample, enum amount amount, struct interval *out_average)
{
    double entries = sample_sum(sample, OF_ENTRIES, AMOUNT_NUMBER);
    if (entries == 0) {
        return false;
    }
    double ratio = sample_sum(sample, OF_ENTRIES, amount) / entries;
    double squares = 0;
    for (size_t i = 0; i < sample->count; i++) {
        const double *amounts = sample->places[i].amounts[OF_ENTRIES];
        double off = amounts[amount] - ratio * amounts[AMOUNT_NUMBER];
        squares += off * off;
    }
    double width = 0;
    if (!is_whole(sample)) {
        width = confidence_width(sample->count) * error_of(sample, squares) /
                (entries / (double)sample->count);
    }
    *out_average =
        (struct interval){ .value = ratio, .low = fmax(ratio - width, 0), .high = ratio + width };
    return true;
}

double sample_places_needed(const struct sample *sample, enum amount amount)
{
    if (is_whole(sample)) {
        return 0;
    }
    double skewness = spread_of(sample, OF_ENTRIES, amount).skewness;
    return ceil(25 * skewness * skewness);
}
