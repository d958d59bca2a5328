/*
 * A naive model of numbers for their tests: one array long enough for every number, the point at a
 * fixed place. Also random numbers, biased towards what goes wrong, and the texts of the outermost.
 */

#ifndef REHEARSEDB_TESTS_SUPPORT_NAIVE_NUMBER_H
#define REHEARSEDB_TESTS_SUPPORT_NAIVE_NUMBER_H

#include "storage/value/number.h"
#include "tests/support/random.h"

#include <stdbool.h>

#define NINES_38    "99999999999999999999999999999999999999"
#define ZEROS_10    "0000000000"
#define ZEROS_60    ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10
#define ZEROS_88    ZEROS_60 ZEROS_10 ZEROS_10 "00000000"
#define ZEROS_125   ZEROS_60 ZEROS_60 "00000"
#define ZEROS_129   ZEROS_125 "0000"
#define NUMBER_MAX  NINES_38 ZEROS_88        /* 9.99…E+125 */
#define NUMBER_TINY "0." ZEROS_129 "1"       /* 1E-130 */
#define LONGEST     "-0." ZEROS_129 NINES_38 /* 38 digits from 10^-130 down */

enum {
    NAIVE_NUMBER_INTEGER = 130,
    NAIVE_NUMBER_DIGITS = NAIVE_NUMBER_INTEGER + 170,
};

struct naive_number {
    bool is_negative;
    int digits[NAIVE_NUMBER_DIGITS]; /* most significant first */
};

/* From canonical text and back to it. */
struct naive_number naive_number_of(const char *canonical);
void naive_number_print(const struct naive_number *value, char *out);

/* Below, at or above zero. */
int naive_number_compare(const struct naive_number *left, const struct naive_number *right);

struct naive_number naive_number_add(const struct naive_number *left,
                                     const struct naive_number *right);

/* To 38 digits; true when digits were lost. */
bool naive_number_round(struct naive_number *value);

/* Whether it is in the range. */
enum number_status naive_number_status(const struct naive_number *value);

struct naive_number naive_number_random(struct random *random);

/* A number near `value`, so that sums cancel and comparisons reach the last digits. */
struct naive_number naive_number_random_neighbour(struct random *random,
                                                  const struct naive_number *value);

/* Some way a client may write the number: zeros about it, the point anywhere, an exponent. */
void naive_number_print_scrambled(struct random *random,
                                  const struct naive_number *value,
                                  char *out);

/* As a C string that lives until the second next call. */
const char *naive_number_text(const struct number_text *text);

#endif
