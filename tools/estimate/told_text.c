/* An estimate for people. */

#include "tools/estimate/told.h"

#include <math.h>
#include <stdio.h>

enum { TEXT_SIZE = 48 };

static bool is_whole(const struct told *told)
{
    return told->reading->place_count == told->reading->places_total;
}

/* ---- amounts ---- */

static const char *write_count(char *text, double value)
{
    (void)snprintf(text, TEXT_SIZE, "%.0f", value);
    return text;
}

static const char *write_bytes(char *text, double value)
{
    static const char *const units[] = { "bytes", "KB", "MB", "GB", "TB", "PB" };
    size_t unit = 0;
    while (value >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024;
        unit++;
    }
    (void)snprintf(text, TEXT_SIZE, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return text;
}

static const char *write_duration(char *text, double seconds)
{
    static const struct {
        double seconds;
        const char *name;
    } units[] = { { 2.0 * 86400, "days" }, { 2.0 * 3600, "h" }, { 120, "min" }, { 0, "s" } };
    size_t unit = 0;
    while (seconds < units[unit].seconds) {
        unit++;
    }
    double divisor = units[unit].seconds > 0 ? units[unit].seconds / 2 : 1;
    divisor = unit == 2 ? 60 : divisor;
    (void)snprintf(text, TEXT_SIZE, "%.*f %s", seconds / divisor < 10 ? 1 : 0, seconds / divisor,
                   units[unit].name);
    return text;
}

static const char *write_money(char *text, double value)
{
    (void)snprintf(text, TEXT_SIZE, value < 1 ? "%.4f" : "%.2f", value);
    return text;
}

static const char *write_average(char *text, double value)
{
    (void)snprintf(text, TEXT_SIZE, "%.2f", value);
    return text;
}

typedef const char *write_value(char *text, double value);

/* "  entries              4998      (4900 to 5100)" */
static void print_row(const struct told *told,
                      const char *name,
                      const struct interval *interval,
                      write_value *write)
{
    char value[TEXT_SIZE];
    char low[TEXT_SIZE];
    char high[TEXT_SIZE];
    (void)printf("  %-34s %14s", name, write(value, interval->value));
    if (!is_whole(told)) {
        (void)printf("  (%s to %s)", write(low, interval->low), write(high, interval->high));
    }
    (void)putchar('\n');
}

static void print_range(const char *name, const struct interval *interval, write_value *write)
{
    char low[TEXT_SIZE];
    char high[TEXT_SIZE];
    (void)printf("  %-34s %s to %s\n", name, write(low, interval->low),
                 write(high, interval->high));
}

/* ---- paragraphs ---- */

static void print_head(const struct told *told)
{
    const struct reading *reading = told->reading;
    (void)printf("%s on %s: ", told->index->name, told->table);
    if (is_whole(told)) {
        (void)printf("all %llu items read", (unsigned long long)reading->items);
    } else {
        (void)printf("%llu items read in %zu of %llu places, intervals with 95 %% confidence",
                     (unsigned long long)reading->items, reading->place_count,
                     (unsigned long long)reading->places_total);
    }
    (void)printf(", %.1f read units used\n", reading->units_read);
}

static void print_size(const struct told *told)
{
    const struct build *build = told->build;
    print_row(told, "items of the table", &build->items, write_count);
    print_row(told, "entries", &build->entries, write_count);
    print_row(told, "size of the entries", &build->entry_bytes, write_bytes);
    print_row(told, "storage, 100 bytes an entry more", &build->storage_bytes, write_bytes);
    print_row(told, "write units of the build", &build->write_units, write_count);
    if (build->has_averages) {
        print_row(told, "bytes of an entry", &build->average_bytes, write_average);
        print_row(told, "write units of an entry", &build->average_write_units, write_average);
    }
}

static void print_time(const struct told *told)
{
    const struct build_terms *terms = told->terms;
    char name[TEXT_SIZE];
    if (!told->build->has_time) {
        (void)puts("  no time: --write-units says how many the index will have a second");
        return;
    }
    (void)snprintf(name, sizeof name, "writing at %.0f units a second",
                   terms->write_units - terms->live_write_units);
    print_row(told, name, &told->build->writing_seconds, write_duration);
    print_range("until ACTIVE, on AWS", &told->build->build_seconds, write_duration);
    (void)puts("    (8 to 17 minutes of it also for an empty table)");
    if (told->is_on_demand) {
        (void)puts("    (on demand: the rate a new table takes at least; AWS may take more)");
    }
}

static void print_costs(const struct told *told)
{
    const struct build *build = told->build;
    if (build->has_on_demand_cost) {
        print_row(told, "cost of the build, on demand", &build->on_demand_cost, write_money);
    }
    if (build->has_write_cost) {
        print_row(told, "of a million later writes", &build->write_cost, write_money);
    }
    if (build->has_provisioned_cost) {
        print_range("cost of the build, provisioned", &build->provisioned_cost, write_money);
    }
    if (build->has_storage_cost) {
        print_row(told, "cost of storage, a month", &build->storage_cost, write_money);
    }
}

void told_text(const struct told *told)
{
    print_head(told);
    print_size(told);
    print_time(told);
    print_costs(told);
    if (told->build->places_needed > 0) {
        double items = told->build->places_needed * (double)told->reading->items /
                       (double)told->reading->place_count;
        (void)printf("the places differ too much for these intervals to be trusted: take --sample "
                     "%.0f or more, or read all\n",
                     ceil(items));
    }
}
