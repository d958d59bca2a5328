/*
 * Attribute values for the model of conditions: trees of nodes that share nothing with the server's
 * values. Numbers are counted in halves, strings and binaries are lists of letters, sets are
 * compared element by element. All of them live in the arena they were made in.
 */

#ifndef REHEARSEDB_TESTS_MODEL_NAIVE_VALUE_H
#define REHEARSEDB_TESTS_MODEL_NAIVE_VALUE_H

#include "storage/base/arena.h"
#include "storage/base/bytes.h"
#include "storage/value/attribute_value.h"
#include "tests/support/random.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    NAIVE_VALUE_LETTERS_MAX = 3,
    NAIVE_VALUE_NAMES_COUNT = 4,
};

/* What the entries of maps are called. */
extern const char *const NAIVE_VALUE_NAMES[NAIVE_VALUE_NAMES_COUNT];

struct naive_value {
    enum attribute_type type;
    bool truth;                              /* BOOL */
    int halves;                              /* N */
    size_t letters[NAIVE_VALUE_LETTERS_MAX]; /* S, B: which */
    struct naive_value *parts[NAIVE_VALUE_NAMES_COUNT];
    size_t names[NAIVE_VALUE_NAMES_COUNT]; /* M: which, of each part */
    size_t count;                          /* letters or parts */
};

/* Empty: zero, false, no letters or no parts. */
struct naive_value *naive_value_new(struct arena *arena, enum attribute_type type);

/* True of S and B. */
bool naive_value_is_text(const struct naive_value *node);

/* NULL: the map has no entry of that name. */
const struct naive_value *naive_value_entry(const struct naive_value *map, size_t name);

bool naive_value_equal(const struct naive_value *left, const struct naive_value *right);

/* True when both are of one type and that type has an order: S, N and B. */
bool naive_value_is_ordered_pair(const struct naive_value *left, const struct naive_value *right);

/* Of an ordered pair: below, at or above zero. */
int naive_value_order(const struct naive_value *left, const struct naive_value *right);

/* True when `part` is in `text` from `start` on. */
bool naive_value_matches_at(const struct naive_value *text,
                            size_t start,
                            const struct naive_value *part);

/* As the function contains() has it. */
bool naive_value_contains(const struct naive_value *value, const struct naive_value *wanted);

/* As the function size() has it; NULL: the value has none. */
const struct naive_value *naive_value_size(struct arena *arena, const struct naive_value *value);

/* Of any type; `depth` bounds how deep lists and maps nest. */
struct naive_value *naive_value_random(struct random *random, struct arena *arena, size_t depth);
struct naive_value *naive_value_random_of_type(struct random *random,
                                               struct arena *arena,
                                               enum attribute_type type,
                                               size_t depth);

/* S or B; S, N or B; SS, NS or BS; M, whose entries nest `depth` deep. */
struct naive_value *
naive_value_random_text(struct random *random, struct arena *arena, enum attribute_type type);
struct naive_value *
naive_value_random_scalar(struct random *random, struct arena *arena, enum attribute_type type);
struct naive_value *
naive_value_random_set(struct random *random, struct arena *arena, enum attribute_type type);
struct naive_value *
naive_value_random_map(struct random *random, struct arena *arena, size_t depth);

/* As a literal (tests/support/literal.h). */
void naive_value_print(struct buffer *to, const struct naive_value *node);

#endif
