#include "server/request_id.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char DIGITS[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char SUFFIX[] = "VV4KQNSO5AEMVJF66Q9ASUAAJG";

enum {
    RADIX = sizeof DIGITS - 1,
    SUFFIX_LENGTH = sizeof SUFFIX - 1,
    RANDOM_LENGTH = REQUEST_ID_SIZE - 1 - SUFFIX_LENGTH,
    DIGITS_PER_WORD = 13, /* 36^12 < 2^64: the last digit of a word is less even than the others */
};

static_assert(RANDOM_LENGTH == 2 * DIGITS_PER_WORD, "two words of random digits");

/* SplitMix64 (Steele, Lea, Flood 2014): a counter and a mixer; one state per thread needs no lock.
 */
static uint64_t next_word(void)
{
    static _Thread_local bool seeded;
    static _Thread_local uint64_t state;
    if (!seeded) {
        if (getrandom(&state, sizeof state, 0) != sizeof state) {
            (void)fprintf(stderr, "rehearsedb: the system has no random numbers\n");
            abort();
        }
        seeded = true;
    }
    state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

void request_id_create(char out_id[REQUEST_ID_SIZE])
{
    char *next = out_id;
    while (next < out_id + RANDOM_LENGTH) {
        uint64_t word = next_word();
        for (int i = 0; i < DIGITS_PER_WORD; i++) {
            *next++ = DIGITS[word % RADIX];
            word /= RADIX;
        }
    }
    memcpy(next, SUFFIX, sizeof SUFFIX);
}
