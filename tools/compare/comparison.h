/*
 * A comparison under way: both sides read whole into the store, or a sample of them, and what they
 * do not agree on looked at again.
 */

#ifndef REHEARSEDB_TOOLS_COMPARE_COMPARISON_H
#define REHEARSEDB_TOOLS_COMPARE_COMPARISON_H

#include "tools/compare/entry_check.h"
#include "tools/table/scanner.h"

struct comparison {
    const struct command *command;
    struct entry_checker checker;
    double item_count; /* of the table, as it was described: for progress and sampling */

    /* How to read. */
    size_t segment_count;
    int64_t read_units;
    const char *state_directory; /* NULL: nothing is kept */
    const char *identity;        /* of what is compared, for the state */

    /* What was found. */
    uint64_t entries[SIDE_COUNT];
    uint64_t settled; /* looked different at first */
    uint64_t differences[VERDICT_COUNT];
    uint64_t differences_max; /* then it is broken off */
    uint64_t sampled;         /* entries; 0: all were read */

    /* Tells of a difference; `context` is the caller's. */
    void (*tell)(void *context, const struct entry *entry, const struct difference *difference);
    /* "reading LEFT", how much, of how much (0: unknown). */
    void (*progress)(void *context, const char *what, uint64_t done, double all);
    void *context;
};

uint64_t comparison_differences(const struct comparison *comparison);

/* Both: CODE_FINE whatever was found, or an exit code with a message. */
int comparison_run(struct comparison *comparison);

/* Of both sides some `count` entries, half of each, from random places. */
int comparison_sample(struct comparison *comparison, uint64_t count, uint64_t seed);

/*
 * The share of differences in all entries is below this, with 95 % confidence, when `found` of
 * `sampled` random entries differ (Clopper and Pearson's bound).
 */
double comparison_bound(uint64_t found, uint64_t sampled);

/* What of an item has to be read to compare it; NULL: everything. The array lives in the arena. */
const char **comparison_attributes(struct arena *arena,
                                   const struct sides *sides,
                                   enum side side,
                                   size_t *out_count);

/* The entry that an item read from a side is; false: it is none (an item that the index leaves
 * out). In the arena. */
bool comparison_entry(struct arena *arena,
                      const struct sides *sides,
                      enum side side,
                      const struct cJSON *item,
                      struct entry *out_entry);

/* "LEFT" or "RIGHT" by name: the index's, or "the table". */
const char *side_name(const struct sides *sides, enum side side);

#endif
