/*
 * Random choices that can be made again. A test prints its seed; TEST_SEED=… replays it, and
 * TEST_ROUNDS=… makes any of them longer or shorter.
 */

#ifndef REHEARSEDB_TESTS_SUPPORT_RANDOM_H
#define REHEARSEDB_TESTS_SUPPORT_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

/* Seeded by TEST_SEED or by the time; prints which. */
void random_start(struct random *random, const char *test);
void random_start_with(struct random *random, uint64_t seed);

/* 0 to `end` - 1. */
size_t random_below(struct random *random, size_t end);

/* True once in `times`. */
bool random_once_in(struct random *random, size_t times);

/* TEST_ROUNDS, or `usual`. */
size_t random_rounds(size_t usual);

#endif
