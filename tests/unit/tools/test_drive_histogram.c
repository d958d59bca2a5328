/* Percentiles from buckets, a thirty-second too high at most. */

#include "tools/drive/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void nothing_has_percentile_0(void **state)
{
    (void)state;
    struct histogram histogram = { .count = 0 };
    assert_int_equal(histogram_percentile(&histogram, 0.5), 0);
    assert_int_equal(histogram_percentile(&histogram, 0.99), 0);
    assert_int_equal(histogram.most, 0);
}

static void one_value_is_every_percentile(void **state)
{
    static const int64_t values[] = { 0, 1, 31, 32, 63, 64, 65, 1000, 123456789, INT64_C(1) << 39 };
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct histogram histogram = { .count = 0 };
        histogram_add(&histogram, values[i]);
        assert_int_equal(histogram_percentile(&histogram, 0.5), values[i]);
        assert_int_equal(histogram_percentile(&histogram, 1), values[i]);
    }
}

static void percentiles_are_close(void **state)
{
    static const double shares[] = { 0.01, 0.25, 0.5, 0.9, 0.99, 0.999 };
    enum { COUNT = 100000, SCALE = 37 };
    (void)state;
    struct histogram histogram = { .count = 0 };
    for (int64_t i = 1; i <= COUNT; i++) {
        histogram_add(&histogram, i * SCALE);
    }
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        double exact = shares[i] * COUNT * SCALE;
        double found = (double)histogram_percentile(&histogram, shares[i]);
        assert_true(found >= exact - SCALE && found <= exact * 33 / 32 + SCALE);
    }
    assert_int_equal(histogram.most, COUNT * SCALE);
    assert_int_equal(histogram_percentile(&histogram, 1), COUNT * SCALE);
}

static void values_without_measure_are_kept_at_the_ends(void **state)
{
    (void)state;
    struct histogram histogram = { .count = 0 };
    histogram_add(&histogram, -5);
    assert_int_equal(histogram_percentile(&histogram, 1), 0);
    histogram_add(&histogram, INT64_MAX);
    assert_int_equal(histogram.count, 2);
    assert_int_equal(histogram.most, INT64_MAX);
    assert_int_equal(histogram_percentile(&histogram, 0.5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_percentile_0),
        cmocka_unit_test(one_value_is_every_percentile),
        cmocka_unit_test(percentiles_are_close),
        cmocka_unit_test(values_without_measure_are_kept_at_the_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
