/* Comparing a sample: pages from random places of each side, every entry of them looked at. */

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/compare/comparison.h"
#include "tools/exit_code.h"
#include "tools/process.h"

#include <stdlib.h>
#include <string.h>

enum {
    ENTRIES_A_PLACE = 20, /* about; entries that lie together are not independent */
    PLACES_MAX = 1000 * 1000,
    PLACES_UNKNOWN = 1000, /* when the size of the table is not told yet */
};

struct sample {
    struct comparison *comparison;
    enum side side;
    uint64_t wanted;
    uint64_t taken;
    uint64_t places; /* that the side is divided into */
    uint64_t random;
    struct arena arena;
};

/* splitmix64: the same places for the same seed. */
static uint64_t next_random(struct sample *sample)
{
    uint64_t number = (sample->random += UINT64_C(0x9E3779B97F4A7C15));
    number = (number ^ (number >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94D049BB133111EB);
    return number ^ (number >> 31);
}

static struct bytes page_body(struct sample *sample, uint64_t place, const struct cJSON *start)
{
    const struct sides *sides = &sample->comparison->checker.sides;
    const char *index = sides->shapes[sample->side]->name;
    struct buffer body;
    buffer_init(&body, &sample->arena, 256);
    buffer_append_text(&body, "{\"TableName\":");
    json_append_text(&body, sides->table);
    if (index != NULL) {
        buffer_append_text(&body, ",\"IndexName\":");
        json_append_text(&body, index);
    }
    buffer_append_format(&body, ",\"Segment\":%llu,\"TotalSegments\":%llu",
                         (unsigned long long)place, (unsigned long long)sample->places);
    if (start != NULL) {
        buffer_append_text(&body, ",\"ExclusiveStartKey\":");
        buffer_append_bytes(&body, json_print(&sample->arena, start));
    }
    buffer_append_text(&body, "}");
    return buffer_view(&body);
}

static int check_item(struct sample *sample, const struct cJSON *item)
{
    struct comparison *comparison = sample->comparison;
    struct entry entry;
    struct difference difference = { .verdict = VERDICT_SAME };
    if (!comparison_entry(&sample->arena, &comparison->checker.sides, sample->side, item, &entry)) {
        return CODE_FINE;
    }
    int code = entry_check(&comparison->checker, &sample->arena, &entry, 1, &difference);
    if (code != CODE_FINE) {
        return code;
    }
    sample->taken++;
    comparison->sampled++;
    comparison->entries[sample->side]++;
    comparison->differences[difference.verdict] += difference.verdict != VERDICT_SAME;
    if (difference.verdict != VERDICT_SAME) {
        comparison->tell(comparison->context, &entry, &difference);
    }
    comparison->progress(comparison->context, "sampling", sample->taken, (double)sample->wanted);
    return CODE_FINE;
}

static bool wants_more(const struct sample *sample)
{
    const struct comparison *comparison = sample->comparison;
    return sample->taken < sample->wanted && !process_interrupted() &&
           comparison_differences(comparison) < comparison->differences_max;
}

/* All entries of one place, or as many as are wanted. */
static int check_place(struct sample *sample, uint64_t place)
{
    struct comparison *comparison = sample->comparison;
    struct cJSON *last = NULL;
    int code = CODE_FINE;
    do {
        struct dynamodb_reply reply;
        struct bytes body = page_body(sample, place, json_member(last, "LastEvaluatedKey"));
        if (!dynamodb_client_call(comparison->checker.client, &sample->arena, "Scan", body,
                                  &reply)) {
            code =
                command_fail_call(comparison->command, comparison->checker.client, "Scan", &reply);
        }
        json_free(last);
        last = reply.json;
        const struct cJSON *item = json_first(json_member(last, "Items"));
        for (; code == CODE_FINE && item != NULL && wants_more(sample); item = json_next(item)) {
            code = check_item(sample, item);
        }
        arena_reset(&sample->arena);
    } while (code == CODE_FINE && wants_more(sample) &&
             json_member(last, "LastEvaluatedKey") != NULL);
    json_free(last);
    return code;
}

/* The places in random order, each once, until there is enough. */
static int check_side(struct sample *sample)
{
    uint64_t *places = malloc(sample->places * sizeof *places);
    int code = CODE_FINE;
    if (places == NULL) {
        abort(); /* out of memory */
    }
    for (uint64_t i = 0; i < sample->places; i++) {
        places[i] = i;
    }
    for (uint64_t i = 0; code == CODE_FINE && i < sample->places && wants_more(sample); i++) {
        uint64_t chosen = i + next_random(sample) % (sample->places - i);
        uint64_t place = places[chosen];
        places[chosen] = places[i];
        code = check_place(sample, place);
    }
    free(places);
    return code;
}

int comparison_sample(struct comparison *comparison, uint64_t count, uint64_t seed)
{
    double places = comparison->item_count / ENTRIES_A_PLACE;
    struct sample sample = { .comparison = comparison, .random = seed };
    int code = CODE_FINE;
    places = comparison->item_count > 0 ? places : PLACES_UNKNOWN;
    sample.places = places < 1 ? 1 : places > PLACES_MAX ? PLACES_MAX : (uint64_t)places;
    for (int side = 0; code == CODE_FINE && side < SIDE_COUNT; side++) {
        sample.side = (enum side)side;
        sample.taken = 0;
        sample.wanted = side == SIDE_LEFT ? (count + 1) / 2 : count / 2;
        arena_init(&sample.arena);
        code = check_side(&sample);
        arena_deinit(&sample.arena);
    }
    return code;
}
