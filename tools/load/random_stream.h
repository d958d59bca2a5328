/*
 * Random numbers that can be drawn again: a stream is named by a seed, the number of an item and a
 * place in it, and says the same whoever asks, in whatever order. The caller owns the stream.
 *
 * The generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
 */

#ifndef REHEARSEDB_TOOLS_LOAD_RANDOM_STREAM_H
#define REHEARSEDB_TOOLS_LOAD_RANDOM_STREAM_H

#include <stdint.h>

struct random_stream {
    uint64_t state;
};

struct random_stream random_stream_of(uint64_t seed, uint64_t number, uint64_t place);

uint64_t random_stream_next(struct random_stream *random);

/* From `least` to `most`, both included, each as likely. */
int64_t random_stream_between(struct random_stream *random, int64_t least, int64_t most);

/* From 0 up to but without 1. */
double random_stream_fraction(struct random_stream *random);

#endif
