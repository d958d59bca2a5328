#include "tools/estimate/reading.h"

#include "tools/client/json.h"
#include "tools/exit_code.h"
#include "tools/load/random_stream.h"
#include "tools/process.h"
#include "tools/table/scanner.h"

#include <math.h>
#include <stdlib.h>

enum {
    ITEMS_A_PLACE = 20,       /* about; fewer would be more requests, more would be fewer places */
    PLACES_MAX = 1000 * 1000, /* TotalSegments of Scan */
    PILOT_PLACES = 100,
    PILOT_ITEMS = 100,
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) {
        abort(); /* out of memory */
    }
    return memory;
}

void reading_free(struct reading *reading)
{
    free(reading->places);
    reading->places = NULL;
    reading->place_count = 0;
}

/* ---- which places ---- */

struct division reading_divide(double item_count, uint64_t wanted)
{
    double total = fmin(fmax(ceil(item_count / ITEMS_A_PLACE), 1), PLACES_MAX);
    double count = fmax(ceil((double)wanted * total / item_count), PLACES_MIN);
    return (struct division){ .total = (uint64_t)total, .count = (uint64_t)fmin(count, total) };
}

/* So many of all places, each as likely as any other, none twice. */
static uint64_t *choose_places(const struct division *division, uint64_t seed)
{
    uint64_t *places = allocate(division->total, sizeof *places);
    struct random_stream random = random_stream_of(seed, division->total, 0);
    for (uint64_t i = 0; i < division->total; i++) {
        places[i] = i;
    }
    for (uint64_t i = 0; i < division->count; i++) {
        uint64_t chosen =
            (uint64_t)random_stream_between(&random, (int64_t)i, (int64_t)division->total - 1);
        uint64_t place = places[chosen];
        places[chosen] = places[i];
        places[i] = place;
    }
    return places;
}

/* ---- reading them ---- */

static bool take_page(void *context, size_t segment, const struct cJSON *items)
{
    struct reading *reading = context;
    for (const struct cJSON *item = json_first(items); item != NULL; item = json_next(item)) {
        place_add(&reading->places[segment], item, reading->index);
        reading->items++;
    }
    reading->progress(reading->context, reading->items);
    return true;
}

/* What an entry has of an item: all there is, or the projected attributes. */
static struct scan_options options_of(struct reading *reading)
{
    const struct index_shape *index = reading->index;
    bool has_all = index->projection == PROJECTION_ALL;
    return (struct scan_options){ .command = reading->command,
                                  .table = reading->table,
                                  .attributes = has_all ? NULL : index->projected,
                                  .attribute_count = has_all ? 0 : index->projected_count,
                                  .is_consistent = reading->is_consistent,
                                  .read_units = reading->read_units,
                                  .worker_count = reading->worker_count,
                                  .units_read = &reading->units_read };
}

static int read_places(struct reading *reading, const struct division *division)
{
    struct scan_options options = options_of(reading);
    struct segment *segments = allocate(division->count, sizeof *segments);
    uint64_t *numbers = choose_places(division, reading->seed);
    reading_free(reading);
    reading->places = allocate(division->count, sizeof *reading->places);
    reading->place_count = division->count;
    reading->places_total = division->total;
    reading->items = 0;
    options.segment_count = division->count;
    options.segments = segments;
    options.numbers = numbers;
    options.segments_total = division->total;
    int code = scan_run(&options, take_page, reading);
    segments_free(segments, division->count);
    free(segments);
    free(numbers);
    return code;
}

static int read_all(struct reading *reading)
{
    const struct division division = { .total = reading->worker_count,
                                       .count = reading->worker_count };
    return read_places(reading, &division);
}

/*
 * Of a table whose size is not told yet: from a few places, so small that they are nothing of a
 * large table, and if there is next to nothing in them, from larger ones. 0: it is small.
 */
static int count_items(struct reading *reading, double *out_count)
{
    static const uint64_t totals[] = { PLACES_MAX, PLACES_MAX / 100 };
    int code = CODE_FINE;
    *out_count = 0;
    for (size_t i = 0; *out_count <= 0 && i < sizeof totals / sizeof *totals; i++) {
        const struct division division = { .total = totals[i], .count = PILOT_PLACES };
        code = read_places(reading, &division);
        if (code != CODE_FINE || process_interrupted()) {
            break;
        }
        if (reading->items >= PILOT_ITEMS) {
            *out_count = (double)reading->items * (double)totals[i] / PILOT_PLACES;
        }
    }
    return code;
}

int reading_run(struct reading *reading)
{
    double item_count = reading->item_count;
    int code = CODE_FINE;
    if (reading->wanted > 0 && item_count <= 0) {
        code = count_items(reading, &item_count);
    }
    if (code != CODE_FINE || process_interrupted()) {
        return code;
    }
    if (reading->wanted == 0 || item_count <= 0) {
        return read_all(reading);
    }
    struct division division = reading_divide(item_count, reading->wanted);
    if (division.count == division.total) {
        return read_all(reading);
    }
    code = read_places(reading, &division);
    if (code == CODE_FINE && reading->items == 0 && !process_interrupted()) {
        code = read_all(reading); /* nothing like as many items as described */
    }
    return code;
}
