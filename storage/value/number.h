/*
 * DynamoDB's numbers: decimals of up to 38 significant digits, magnitude 0 or 1E-130 to
 * 9.9999999999999999999999999999999999999E+125 (developer guide, "Data types: Number").
 *
 * A number is kept and sent as canonical text: expanded decimal, no exponent, no leading or trailing
 * zeros, no "+", "-0" is "0", a zero before a leading point ("0.5"). Equal numbers have equal text.
 * At most NUMBER_TEXT_SIZE_MAX bytes ("-" and 1E-130 written out with 38 digits behind it).
 *
 * Sortable bytes: byte order is the order of the numbers, no encoding is a prefix of another. Base-100
 * digits after an exponent byte, as DynamoDB itself is observed to use for its hash order:
 *
 *   0          80
 *   positive   exponent byte, then each pair of digits d (00-99) as d + 1, closed by 00
 *   negative   complement of the exponent byte, then each pair as 101 - d, closed by 102
 *
 * with the value 0.d1d2d3… * 100^e (d1 not 00) and exponent byte (e - 64) modulo 256. The service's
 * own form (number_hash_bytes) is the same without the closing 00, and with the closing 102 only
 * when there are fewer than 20 pairs.
 *
 * Pure functions, no allocation.
 */

#ifndef REHEARSEDB_STORAGE_VALUE_NUMBER_H
#define REHEARSEDB_STORAGE_VALUE_NUMBER_H

#include "storage/base/bytes.h"

enum {
    NUMBER_DIGITS_MAX = 38,
    NUMBER_TEXT_SIZE_MAX = 1 + 2 + 130 + 38, /* sign, "0.", zeros, digits: rounded up */
    NUMBER_SORTABLE_SIZE_MAX = 1 + 20 + 1,
};

enum number_status {
    NUMBER_OK,
    NUMBER_NOT_NUMERIC, /* "The parameter cannot be converted to a numeric value" */
    NUMBER_OVERFLOW,    /* magnitude above 9.99…E+125 */
    NUMBER_UNDERFLOW,   /* magnitude below 1E-130, not zero */
    NUMBER_TOO_PRECISE, /* more than 38 significant digits */
};

struct number_text {
    char data[NUMBER_TEXT_SIZE_MAX];
    size_t length;
};

/*
 * What a client wrote -> canonical text. Accepts an optional sign, digits with an optional point,
 * and an optional exponent ("e" or "E", optional sign, digits of any length). `out_text` is written
 * only on NUMBER_OK.
 */
enum number_status number_parse(struct bytes text, struct number_text *out_text);

struct bytes number_view(const struct number_text *text);

/* True when `text` is exactly what number_parse would give for it. */
bool number_is_canonical(struct bytes text);

/* The functions below take canonical text. */

/* <0, 0 or >0 by value. */
int number_compare(struct bytes left, struct bytes right);

/* Exact; rounded half up to 38 digits past that. NUMBER_OVERFLOW or NUMBER_UNDERFLOW outside the range. */
enum number_status number_add(struct bytes left, struct bytes right, struct number_text *out_sum);
enum number_status
number_subtract(struct bytes left, struct bytes right, struct number_text *out_difference);

/*
 * DynamoDB's size of a number in bytes: 1, plus half the significant integer digits rounded up, plus
 * half the significant fraction digits rounded up, plus 1 when negative (measured on the service;
 * the developer guide says "approximately"). Zero is 1.
 */
size_t number_size(struct bytes text);

/* Sortable bytes into `out` (NUMBER_SORTABLE_SIZE_MAX); returns how many. */
size_t number_sortable_bytes(struct bytes text, uint8_t *out);

/* Back from sortable bytes. False when the bytes at the start of `from` are not such an encoding;
 * else the text and how many bytes it took. */
bool number_of_sortable_bytes(struct bytes from, struct number_text *out_text, size_t *out_used);

/* The form the service hashes into `out` (NUMBER_SORTABLE_SIZE_MAX); returns how many. */
size_t number_hash_bytes(struct bytes text, uint8_t *out);

#endif
