/* What an index takes of items, what places say of the whole, and what the build then takes. */

#include "tools/estimate/build.h"
#include "tools/estimate/reading.h"
#include "tools/estimate/sample.h"

#include "storage/base/bytes.h"
#include "tools/client/json.h"
#include "tools/confidence.h"
#include "tools/load/random_stream.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { POPULATION = 4000, READ = 200, DRAWS = 2000 };

static void assert_near(double value, double wanted, double by)
{
    if (!(fabs(value - wanted) <= by)) {
        fail_msg("%.9g is not %.9g", value, wanted);
    }
}

/* ---- entries ---- */

/* Key kind (S); projects it and the table's key pk. */
static struct index_shape by_kind(void)
{
    static const char *projected[] = { "pk", "kind" };
    return (struct index_shape){ .name = "by-kind",
                                 .keys = { { "kind", 'S', true } },
                                 .key_count = 1,
                                 .projection = PROJECTION_KEYS_ONLY,
                                 .projected = projected,
                                 .projected_count = 2 };
}

static void add(struct place *place, const char *text, const struct index_shape *index)
{
    struct cJSON *item = json_parse(bytes_of_text(text));
    assert_non_null(item);
    place_add(place, item, index);
    json_free(item);
}

static void an_entry_has_the_projected_attributes_and_a_hundred_bytes_more(void **state)
{
    struct index_shape index = by_kind();
    struct place place = { 0 };
    (void)state;
    add(&place, "{\"pk\":{\"S\":\"a\"},\"kind\":{\"S\":\"k\"},\"x\":{\"S\":\"left out\"}}", &index);
    const double *entries = place.amounts[OF_ENTRIES];
    assert_near(entries[AMOUNT_NUMBER], 1, 0);
    assert_near(entries[AMOUNT_BYTES], 3 + 5, 0);
    assert_near(entries[AMOUNT_STORAGE_BYTES], 108, 0);
    assert_near(entries[AMOUNT_WRITE_UNITS], 1, 0);
}

static void an_item_that_the_index_leaves_out_is_no_entry(void **state)
{
    struct index_shape index = by_kind();
    struct place place = { 0 };
    (void)state;
    add(&place, "{\"pk\":{\"S\":\"a\"}}", &index);
    add(&place, "{\"pk\":{\"S\":\"b\"},\"kind\":{\"N\":\"1\"}}", &index);
    for (int amount = 0; amount < AMOUNTS; amount++) {
        assert_near(place.amounts[OF_ENTRIES][amount], 0, 0);
    }
    assert_near(place.amounts[OF_ITEMS][AMOUNT_NUMBER], 2, 0);
}

static void a_started_kilobyte_is_a_write_unit(void **state)
{
    static const struct {
        size_t size;
        double units;
    } cases[] = { { 1023, 1 }, { 1024, 1 }, { 1025, 2 }, { 2048, 2 }, { 2049, 3 } };
    struct index_shape index = by_kind();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[2300];
        char key[2100] = { 0 };
        struct place place = { 0 };
        memset(key, 'p', cases[i].size - strlen("pk") - strlen("kind") - 1);
        (void)snprintf(text, sizeof text, "{\"pk\":{\"S\":\"%s\"},\"kind\":{\"S\":\"k\"}}", key);
        add(&place, text, &index);
        assert_near(place.amounts[OF_ENTRIES][AMOUNT_BYTES], (double)cases[i].size, 0);
        assert_near(place.amounts[OF_ENTRIES][AMOUNT_WRITE_UNITS], cases[i].units, 0);
    }
}

/* ---- samples ---- */

static struct place population[POPULATION];
static struct place chosen[READ];

static void set_item(struct place *place, double size_bytes, bool is_entry)
{
    for (int whose = is_entry ? OF_ENTRIES : OF_ITEMS; whose <= OF_ITEMS; whose++) {
        place->amounts[whose][AMOUNT_NUMBER] += 1;
        place->amounts[whose][AMOUNT_BYTES] += size_bytes;
        place->amounts[whose][AMOUNT_STORAGE_BYTES] += size_bytes + ENTRY_OVERHEAD_BYTES;
        place->amounts[whose][AMOUNT_WRITE_UNITS] += ceil(size_bytes / WRITE_UNIT_BYTES);
    }
}

/* Some twenty items a place; now and then a partition key with very many more. */
static void make_population(double entry_share, double big_share)
{
    struct random_stream random = random_stream_of(5, 0, 0);
    memset(population, 0, sizeof population);
    for (size_t i = 0; i < POPULATION; i++) {
        int64_t items = random_stream_between(&random, 8, 32);
        if (random_stream_fraction(&random) < big_share) {
            items += random_stream_between(&random, 50, 100);
        }
        for (int64_t j = 0; j < items; j++) {
            double size = 60 + 400 * -log(1 - random_stream_fraction(&random));
            set_item(&population[i], size, random_stream_fraction(&random) < entry_share);
        }
    }
}

/* A sample by the same means as the tool's: so many places, none twice. */
static struct sample draw(uint64_t seed)
{
    static size_t order[POPULATION];
    struct random_stream random = random_stream_of(seed, 7, 7);
    for (size_t i = 0; i < POPULATION; i++) {
        order[i] = i;
    }
    for (size_t i = 0; i < READ; i++) {
        size_t other = (size_t)random_stream_between(&random, (int64_t)i, POPULATION - 1);
        size_t place = order[other];
        order[other] = order[i];
        order[i] = place;
        chosen[i] = population[place];
    }
    return (struct sample){ .places = chosen, .count = READ, .total = POPULATION };
}

static const struct sample WHOLE = { .places = population,
                                     .count = POPULATION,
                                     .total = POPULATION };

/* In how many of 100 samples the interval holds the truth. */
static double covered(enum whose whose, enum amount amount)
{
    double truth = sample_total(&WHOLE, whose, amount).value;
    int count = 0;
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        struct sample sample = draw(seed);
        struct interval interval = sample_total(&sample, whose, amount);
        assert_true(interval.low <= interval.value && interval.value <= interval.high);
        count += interval.low <= truth && truth <= interval.high;
    }
    return 100.0 * count / DRAWS;
}

static void the_whole_table_has_no_uncertainty(void **state)
{
    (void)state;
    make_population(0.7, 0.02);
    for (int amount = 0; amount < AMOUNTS; amount++) {
        struct interval interval = sample_total(&WHOLE, OF_ENTRIES, (enum amount)amount);
        assert_near(interval.low, interval.value, 0);
        assert_near(interval.high, interval.value, 0);
        assert_near(sample_places_needed(&WHOLE, (enum amount)amount), 0, 0);
    }
}

static void intervals_of_totals_hold_the_truth_in_95_of_100_samples(void **state)
{
    (void)state;
    make_population(0.7, 0.02);
    for (int amount = 0; amount < AMOUNTS; amount++) {
        double of_entries = covered(OF_ENTRIES, (enum amount)amount);
        double of_items = covered(OF_ITEMS, (enum amount)amount);
        /* Places here are skewed, and two thousand samples tell 95 from 93.5. */
        assert_in_range((int)(of_entries * 10), 930, 970);
        assert_in_range((int)(of_items * 10), 930, 970);
    }
}

static void intervals_of_averages_hold_the_truth_in_95_of_100_samples(void **state)
{
    int count = 0;
    struct interval truth;
    struct interval interval;
    (void)state;
    make_population(0.7, 0.02);
    assert_true(sample_average(&WHOLE, AMOUNT_BYTES, &truth));
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        struct sample sample = draw(seed);
        assert_true(sample_average(&sample, AMOUNT_BYTES, &interval));
        count += interval.low <= truth.value && truth.value <= interval.high;
    }
    assert_in_range(1000 * count / DRAWS, 930, 970);
}

/* An index that takes next to nothing: most samples see no entry, or a few. */
static void intervals_of_rare_entries_hold_the_truth_no_less_often(void **state)
{
    static const double shares[] = { 0.00005, 0.0005, 0.002 };
    (void)state;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        make_population(shares[i], 0);
        assert_true(covered(OF_ENTRIES, AMOUNT_NUMBER) >= 94);
        assert_true(covered(OF_ENTRIES, AMOUNT_STORAGE_BYTES) >= 93.5);
    }
}

static void a_sample_without_entries_does_not_prove_that_there_are_none(void **state)
{
    struct interval interval;
    (void)state;
    make_population(0, 0);
    struct sample sample = draw(1);
    interval = sample_total(&sample, OF_ENTRIES, AMOUNT_NUMBER);
    assert_near(interval.value, 0, 0);
    assert_near(interval.low, 0, 0);
    /* 3 in 200 places of some 20 items each. */
    assert_true(interval.high > 4000 * 0.014 * 19 && interval.high < 4000 * 0.016 * 21);
    assert_false(sample_average(&sample, AMOUNT_BYTES, &interval));
}

static void uneven_places_ask_for_a_larger_sample(void **state)
{
    (void)state;
    make_population(0.7, 0);
    struct sample sample = draw(1);
    assert_true(sample_places_needed(&sample, AMOUNT_NUMBER) < READ);
    set_item(&chosen[0], 3e9, true);
    assert_true(sample_places_needed(&sample, AMOUNT_BYTES) > READ);
}

static void there_are_never_more_entries_than_items(void **state)
{
    (void)state;
    make_population(1, 0.02);
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct sample sample = draw(seed);
        struct interval entries = sample_total(&sample, OF_ENTRIES, AMOUNT_NUMBER);
        struct interval items = sample_total(&sample, OF_ITEMS, AMOUNT_NUMBER);
        assert_near(entries.high, items.high, 0);
        assert_near(entries.value, items.value, 0);
    }
}

/* Student's distribution, as tables have it. */
static void the_width_of_an_interval_is_students(void **state)
{
    static const struct {
        uint64_t count;
        double width;
    } cases[] = { { 11, 2.2281 }, { 31, 2.0423 }, { 50, 2.0096 }, { 101, 1.9840 } };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_near(confidence_width(cases[i].count), cases[i].width, 0.0004);
    }
}

/* ---- places ---- */

static void a_table_is_divided_into_places_of_twenty_items(void **state)
{
    static const struct {
        double items;
        uint64_t wanted;
        struct division division;
    } cases[] = {
        { 1000000, 10000, { 50000, 500 } },
        { 1000000, 10, { 50000, PLACES_MIN } },
        { 1000, 100, { 50, 50 } }, /* no fewer than all */
        { 3, 100, { 1, 1 } },
        { 1000000, 10000000, { 50000, 50000 } },
        { 1e9, 100000, { 1000000, 100 } },
        { 1e300, 1000, { 1000000, PLACES_MIN } },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct division division = reading_divide(cases[i].items, cases[i].wanted);
        assert_int_equal(division.total, cases[i].division.total);
        assert_int_equal(division.count, cases[i].division.count);
    }
}

/* ---- builds ---- */

static struct build build_with(const struct build_terms *terms, double entries)
{
    static struct place place;
    struct sample sample = { .places = &place, .count = 1, .total = 1 };
    double of_one[AMOUNTS] = { 1, 200, 300, 2 };
    for (int amount = 0; amount < AMOUNTS; amount++) {
        place.amounts[OF_ITEMS][amount] = of_one[amount] * entries;
        place.amounts[OF_ENTRIES][amount] = of_one[amount] * entries;
    }
    return build_of(&sample, terms);
}

static const struct build_terms NO_PRICES = { .price_million_writes = -1,
                                              .price_unit_hour = -1,
                                              .price_gigabyte_month = -1 };

static void writing_goes_at_what_live_writes_leave(void **state)
{
    struct build_terms terms = NO_PRICES;
    (void)state;
    assert_false(build_with(&terms, 1000).has_time);
    terms.write_units = 500;
    assert_near(build_with(&terms, 1000000).writing_seconds.value, 4000, 1e-6);
    terms.live_write_units = 300;
    struct build build = build_with(&terms, 1000000);
    assert_near(build.writing_seconds.value, 10000, 1e-6);
    assert_near(build.build_seconds.low, 10000, 1e-6);
    assert_near(build.build_seconds.high, 10000 + EMPTY_TABLE_SECONDS_HIGH, 1e-6);
}

static void no_build_is_faster_than_that_of_an_empty_table(void **state)
{
    struct build_terms terms = NO_PRICES;
    (void)state;
    terms.write_units = 1000;
    struct build build = build_with(&terms, 0);
    assert_near(build.writing_seconds.high, 0, 0);
    assert_near(build.build_seconds.low, EMPTY_TABLE_SECONDS_LOW, 0);
    assert_near(build.build_seconds.high, EMPTY_TABLE_SECONDS_HIGH, 0);
    assert_false(build.has_averages);
}

static void costs_are_told_at_the_prices_that_are_given(void **state)
{
    struct build_terms terms = NO_PRICES;
    (void)state;
    terms.write_units = 500;
    struct build build = build_with(&terms, 1000000);
    assert_false(build.has_on_demand_cost || build.has_write_cost || build.has_provisioned_cost ||
                 build.has_storage_cost);
    terms.price_million_writes = 0.5;
    terms.price_unit_hour = 0.001;
    terms.price_gigabyte_month = 0.25;
    build = build_with(&terms, 1000000);
    assert_near(build.on_demand_cost.value, 1, 1e-9); /* two million units */
    assert_near(build.write_cost.value, 1, 1e-9);     /* two units each */
    assert_near(build.provisioned_cost.low, 1, 1e-9); /* 4000 to 5003 s: two hours */
    assert_near(build.provisioned_cost.high, 1, 1e-9);
    assert_near(build.storage_cost.value, 3e8 / 0x1p30 * 0.25, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_has_the_projected_attributes_and_a_hundred_bytes_more),
        cmocka_unit_test(an_item_that_the_index_leaves_out_is_no_entry),
        cmocka_unit_test(a_started_kilobyte_is_a_write_unit),
        cmocka_unit_test(the_whole_table_has_no_uncertainty),
        cmocka_unit_test(intervals_of_totals_hold_the_truth_in_95_of_100_samples),
        cmocka_unit_test(intervals_of_averages_hold_the_truth_in_95_of_100_samples),
        cmocka_unit_test(intervals_of_rare_entries_hold_the_truth_no_less_often),
        cmocka_unit_test(a_sample_without_entries_does_not_prove_that_there_are_none),
        cmocka_unit_test(uneven_places_ask_for_a_larger_sample),
        cmocka_unit_test(there_are_never_more_entries_than_items),
        cmocka_unit_test(the_width_of_an_interval_is_students),
        cmocka_unit_test(a_table_is_divided_into_places_of_twenty_items),
        cmocka_unit_test(writing_goes_at_what_live_writes_leave),
        cmocka_unit_test(no_build_is_faster_than_that_of_an_empty_table),
        cmocka_unit_test(costs_are_told_at_the_prices_that_are_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
