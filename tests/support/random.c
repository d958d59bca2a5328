#include "tests/support/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void random_start_with(struct random *random, uint64_t seed)
{
    random->state = seed;
}

void random_start(struct random *random, const char *test)
{
    const char *given = getenv("TEST_SEED");
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10)
                                  : (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    printf("%s: TEST_SEED=%llu\n", test, (unsigned long long)seed);
    (void)fflush(stdout); /* the seed must be visible if the test ends the program */
    random_start_with(random, seed);
}

/* splitmix64: any seed, zero included, gives a good sequence. */
static uint64_t next(struct random *random)
{
    random->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t mixed = random->state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

size_t random_below(struct random *random, size_t end)
{
    return (size_t)(next(random) % end);
}

bool random_once_in(struct random *random, size_t times)
{
    return random_below(random, times) == 0;
}

size_t random_rounds(size_t usual)
{
    const char *given = getenv("TEST_ROUNDS");
    return given != NULL ? (size_t)strtoull(given, NULL, 10) : usual;
}
