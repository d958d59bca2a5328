#include "tools/estimate/build.h"

#include <math.h>

static const double MILLION = 1e6;
static const double HOUR_SECONDS = 3600;
static const double GIGABYTE = 0x1p30;

static struct interval times(struct interval interval, double factor)
{
    return (struct interval){ .value = interval.value * factor,
                              .low = interval.low * factor,
                              .high = interval.high * factor };
}

static void add_time(struct build *build, const struct build_terms *terms)
{
    double left = terms->write_units - terms->live_write_units;
    build->has_time = left > 0;
    if (!build->has_time) {
        return;
    }
    build->writing_seconds = times(build->write_units, 1 / left);
    build->build_seconds = (struct interval){
        .low = fmax(build->writing_seconds.low, EMPTY_TABLE_SECONDS_LOW),
        .high = build->writing_seconds.high + EMPTY_TABLE_SECONDS_HIGH,
    };
}

static void add_costs(struct build *build, const struct build_terms *terms)
{
    if (terms->price_million_writes >= 0) {
        double price = terms->price_million_writes;
        build->has_on_demand_cost = true;
        build->on_demand_cost = times(build->write_units, price / MILLION);
        build->has_write_cost = build->has_averages;
        build->write_cost = times(build->average_write_units, price);
    }
    if (terms->price_unit_hour >= 0 && build->has_time) {
        double of_hour = terms->write_units * terms->price_unit_hour;
        build->has_provisioned_cost = true;
        build->provisioned_cost = (struct interval){
            .low = ceil(build->build_seconds.low / HOUR_SECONDS) * of_hour,
            .high = ceil(build->build_seconds.high / HOUR_SECONDS) * of_hour,
        };
    }
    if (terms->price_gigabyte_month >= 0) {
        build->has_storage_cost = true;
        build->storage_cost = times(build->storage_bytes, terms->price_gigabyte_month / GIGABYTE);
    }
}

static double places_needed(const struct sample *sample)
{
    double most = 0;
    for (int amount = 0; amount < AMOUNTS; amount++) {
        most = fmax(most, sample_places_needed(sample, (enum amount)amount));
    }
    return most > (double)sample->count ? most : 0;
}

struct build build_of(const struct sample *sample, const struct build_terms *terms)
{
    struct build build = {
        .items = sample_total(sample, OF_ITEMS, AMOUNT_NUMBER),
        .entries = sample_total(sample, OF_ENTRIES, AMOUNT_NUMBER),
        .entry_bytes = sample_total(sample, OF_ENTRIES, AMOUNT_BYTES),
        .storage_bytes = sample_total(sample, OF_ENTRIES, AMOUNT_STORAGE_BYTES),
        .write_units = sample_total(sample, OF_ENTRIES, AMOUNT_WRITE_UNITS),
        .places_needed = places_needed(sample),
    };
    build.has_averages = sample_average(sample, AMOUNT_BYTES, &build.average_bytes) &&
                         sample_average(sample, AMOUNT_WRITE_UNITS, &build.average_write_units);
    add_time(&build, terms);
    add_costs(&build, terms);
    return build;
}
