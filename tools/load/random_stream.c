#include "tools/load/random_stream.h"

#include <assert.h>

static const uint64_t STEP = 0x9E3779B97F4A7C15u;

static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

struct random_stream random_stream_of(uint64_t seed, uint64_t number, uint64_t place)
{
    return (struct random_stream){ .state = mix(mix(mix(seed + STEP) + number) + place) };
}

uint64_t random_stream_next(struct random_stream *random)
{
    random->state += STEP;
    return mix(random->state);
}

int64_t random_stream_between(struct random_stream *random, int64_t least, int64_t most)
{
    assert(least <= most);
    uint64_t count = (uint64_t)most - (uint64_t)least + 1;
    uint64_t drawn = random_stream_next(random);
    if (count == 0) {
        return (int64_t)drawn; /* the whole range */
    }
    while (drawn >= UINT64_MAX - UINT64_MAX % count) {
        drawn = random_stream_next(random);
    }
    return (int64_t)((uint64_t)least + drawn % count);
}

double random_stream_fraction(struct random_stream *random)
{
    return (double)(random_stream_next(random) >> 11) * 0x1p-53;
}
