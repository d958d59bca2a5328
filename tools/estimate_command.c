#include "tools/estimate_command.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/estimate/build.h"
#include "tools/estimate/reading.h"
#include "tools/estimate/told.h"
#include "tools/exit_code.h"
#include "tools/process.h"
#include "tools/table/described.h"
#include "tools/table/scanner.h"

#include <stdio.h>
#include <string.h>

enum {
    SEGMENTS = 4,
    READ_UNITS_MAX = 1000 * 1000,
    WRITE_UNITS_MAX = 1000 * 1000 * 1000,
    SAMPLE_MAX = 10 * 1000 * 1000,
    SEED = 1,
    PROGRESS_MS = 200,
};

static const char HELP_TEXT[] =
    "usage: rehearse estimate --table T --definition FILE [options]\n"
    "\n"
    "Says what building a global secondary index over a table takes: entries, size, write units,\n"
    "time, and at given prices the cost. Reads the whole table, or a sample, and then how sure\n"
    "the result is.\n"
    "\n"
    "  --table T           the table, by name or ARN\n"
    "  --definition FILE   the planned index (- for standard input): itself, the input of\n"
    "                      UpdateTable or CreateTable, or a DescribeTable answer\n"
    "  --index I           the one meant, of several in the file\n"
    "  --sample N          read about N items from random places instead of all\n"
    "  --seed N            of the sample's places (1)\n"
    "  --write-units N     write units a second that the index will have (those in the file; if\n"
    "                      there are none and the table is on demand, 4000, as a new table has)\n"
    "  --live-write-units N\n"
    "                      of these, what the application's own writes to the index take (0)\n"
    "  --price-million-writes P\n"
    "                      price of a million write request units: what the build costs on "
    "demand,\n"
    "                      and later writes\n"
    "  --price-unit-hour P price of a provisioned write unit for an hour: what the index's write\n"
    "                      units cost while it is built\n"
    "  --price-gigabyte-month P\n"
    "                      price of storing 2^30 bytes for a month\n"
    "  --consistent        read consistently, for twice the read units\n"
    "  --read-units N      use at most N read units a second (without: no limit)\n"
    "  --segments N        read N parts of the table at once (4)\n" COMMAND_HELP "\n"
    "Prices are in any currency, such as 0.25; without one its cost is not told. Exit codes:\n"
    "0 fine, 1 there is no such table, 2 usage, 3 the endpoint or the file cannot be used.\n";

struct estimate {
    struct command command;
    const char *table;
    const char *definition;
    const char *index;
    int64_t sample;
    int64_t seed;
    int64_t write_units;
    int64_t live_write_units;
    int64_t read_units;
    int64_t segments;
    bool is_consistent;
    struct build_terms terms;

    struct described described;
    struct index_shape shape; /* of the index */
    bool is_on_demand;        /* nothing says how many write units the index will have */
    int64_t told_ms;
};

static void show_progress(void *context, uint64_t items)
{
    struct estimate *estimate = context;
    if (!command_shows_progress(&estimate->command) ||
        process_now_ms() - estimate->told_ms < PROGRESS_MS) {
        return;
    }
    estimate->told_ms = process_now_ms();
    (void)printf("\r\033[K%llu items read", (unsigned long long)items);
    (void)fflush(stdout);
}

static void tell(struct estimate *estimate, const struct reading *reading)
{
    const struct sample sample = { .places = reading->places,
                                   .count = reading->place_count,
                                   .total = reading->places_total };
    struct build build = build_of(&sample, &estimate->terms);
    const struct told told = { .table = estimate->described.shape.name,
                               .index = &estimate->shape,
                               .reading = reading,
                               .terms = &estimate->terms,
                               .build = &build,
                               .is_on_demand = estimate->is_on_demand };
    if (estimate->command.is_json) {
        told_json(&told);
        return;
    }
    if (command_shows_progress(&estimate->command)) {
        (void)fputs("\r\033[K", stdout);
    }
    told_text(&told);
}

static int read_and_tell(struct estimate *estimate)
{
    struct reading reading = { .command = &estimate->command,
                               .table = estimate->table,
                               .index = &estimate->shape,
                               .item_count = estimate->described.shape.item_count,
                               .wanted = (uint64_t)estimate->sample,
                               .seed = (uint64_t)estimate->seed,
                               .worker_count = (size_t)estimate->segments,
                               .read_units = estimate->read_units,
                               .is_consistent = estimate->is_consistent,
                               .progress = show_progress,
                               .context = estimate };
    int code = reading_run(&reading);
    process_yield_to_interrupt();
    if (code == CODE_FINE) {
        tell(estimate, &reading);
    }
    reading_free(&reading);
    return code;
}

/* The rate of the index's writes: as told, else of the definition, else on demand. */
static int find_rate(struct estimate *estimate)
{
    struct build_terms *terms = &estimate->terms;
    const struct cJSON *mode = json_at(estimate->described.table, "BillingModeSummary.BillingMode");
    terms->write_units =
        estimate->write_units > 0 ? (double)estimate->write_units : estimate->shape.write_units;
    terms->live_write_units = (double)estimate->live_write_units;
    if (terms->write_units <= 0 && strcmp(json_text(mode, ""), "PAY_PER_REQUEST") == 0) {
        estimate->is_on_demand = true;
        terms->write_units = ON_DEMAND_WRITE_UNITS;
    }
    if (terms->live_write_units > 0 && terms->live_write_units >= terms->write_units) {
        return command_fail(&estimate->command, CODE_USAGE,
                            "--live-write-units %.0f leave nothing for the build of %.0f",
                            terms->live_write_units, terms->write_units);
    }
    if (terms->price_unit_hour >= 0 && terms->write_units <= 0) {
        return command_fail(&estimate->command, CODE_USAGE,
                            "--price-unit-hour needs --write-units: the definition has none");
    }
    return CODE_FINE;
}

static int run(struct estimate *estimate, struct arena *arena)
{
    int code = described_ask(&estimate->command, arena, estimate->table, &estimate->described);
    if (code != CODE_FINE) {
        return code;
    }
    code = described_read_planned(&estimate->command, &estimate->described, arena,
                                  estimate->definition, estimate->index, &estimate->shape);
    if (code == CODE_FINE && estimate->shape.is_local) {
        code = command_fail(&estimate->command, CODE_UNREACHABLE,
                            "%s: %s is a local secondary index, which no table can be given later",
                            estimate->definition, estimate->shape.name);
    }
    code = code == CODE_FINE ? find_rate(estimate) : code;
    code = code == CODE_FINE ? read_and_tell(estimate) : code;
    described_free(&estimate->described);
    return code;
}

static int read_options(struct estimate *estimate, int argc, char **argv)
{
    const struct command_option options[] = {
        { .name = "--table", .text = &estimate->table },
        { .name = "--definition", .text = &estimate->definition },
        { .name = "--index", .text = &estimate->index },
        { .name = "--sample", .number = &estimate->sample, .least = 1, .most = SAMPLE_MAX },
        { .name = "--seed", .number = &estimate->seed, .least = 0, .most = INT64_MAX },
        { .name = "--write-units",
          .number = &estimate->write_units,
          .least = 1,
          .most = WRITE_UNITS_MAX },
        { .name = "--live-write-units",
          .number = &estimate->live_write_units,
          .least = 0,
          .most = WRITE_UNITS_MAX },
        { .name = "--price-million-writes", .decimal = &estimate->terms.price_million_writes },
        { .name = "--price-unit-hour", .decimal = &estimate->terms.price_unit_hour },
        { .name = "--price-gigabyte-month", .decimal = &estimate->terms.price_gigabyte_month },
        { .name = "--consistent", .flag = &estimate->is_consistent },
        { .name = "--read-units",
          .number = &estimate->read_units,
          .least = 1,
          .most = READ_UNITS_MAX },
        { .name = "--segments", .number = &estimate->segments, .least = 1, .most = SEGMENTS_MAX },
    };
    return command_read_options(&estimate->command, argc, argv, options,
                                sizeof options / sizeof *options);
}

int estimate_command(int argc, char **argv)
{
    struct estimate estimate = {
        .command = { .name = "estimate", .help = HELP_TEXT },
        .seed = SEED,
        .segments = SEGMENTS,
        .terms = { .price_million_writes = -1, .price_unit_hour = -1, .price_gigabyte_month = -1 }
    };
    int code = read_options(&estimate, argc, argv);
    if (code != CODE_FINE) {
        return code == COMMAND_HELPED ? CODE_FINE : code;
    }
    if (estimate.table == NULL || estimate.definition == NULL) {
        return command_fail(&estimate.command, CODE_USAGE,
                            "--table and --definition are needed; see rehearse estimate --help");
    }
    struct arena arena;
    arena_init(&arena);
    process_catch_interrupts();
    code = run(&estimate, &arena);
    arena_deinit(&arena);
    return code;
}
