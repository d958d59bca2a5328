#include "tools/confidence.h"

#include <assert.h>
#include <math.h>

/* The chance of at most `found` among `sampled` when each is so with the probability. */
static double chance_of_so_few(uint64_t found, uint64_t sampled, double probability)
{
    double chance = 0;
    double all = (double)sampled;
    for (uint64_t i = 0; i <= found; i++) {
        double count = (double)i;
        double ways = lgamma(all + 1) - lgamma(count + 1) - lgamma(all - count + 1);
        chance += exp(ways + count * log(probability) + (all - count) * log1p(-probability));
    }
    return chance;
}

double confidence_share_below(uint64_t found, uint64_t sampled, double error)
{
    double low = sampled > 0 ? (double)found / (double)sampled : 0;
    double high = 1;
    if (sampled == 0 || found >= sampled) {
        return 1;
    }
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (chance_of_so_few(found, sampled, middle) > error) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

/* The first terms of the Cornish-Fisher expansion around the normal distribution. */
double confidence_width(uint64_t count)
{
    static const double normal = 1.959963984540054;
    assert(count >= 10);
    double freedom = (double)count - 1;
    double first = (pow(normal, 3) + normal) / 4;
    double second = (5 * pow(normal, 5) + 16 * pow(normal, 3) + 3 * normal) / 96;
    double third =
        (3 * pow(normal, 7) + 19 * pow(normal, 5) + 17 * pow(normal, 3) - 15 * normal) / 384;
    return normal + (first + (second + third / freedom) / freedom) / freedom;
}

/* g(T) = T + shape T^2 / 3 + shape^2 T^3 / 27 + shape / 6 is next to normal; this is its inverse.
 */
double confidence_skewed_width(double width, double skewness, uint64_t count)
{
    double shape = skewness / sqrt((double)count);
    if (fabs(shape) < 1e-6) {
        return width;
    }
    return 3 / shape * (cbrt(1 + shape * (width - shape / 6)) - 1);
}
