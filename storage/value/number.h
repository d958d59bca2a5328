/*
 * DynamoDB's numbers: decimals of up to 38 significant digits, magnitude 0 or 1E-130 to
 * 9.9999999999999999999999999999999999999E+125 (developer guide, "Data types: Number").
 *
 * A number is kept and sent as canonical text: expanded decimal, no exponent, no "+", no zeros in
 * front nor at the end of a fraction, a zero before a leading point ("0.5"), "0" for "-0". Equal
 * numbers have equal text.
 *
 * Sortable bytes: byte order is the order of the numbers, no encoding is a prefix of another.
 * Base-100 digits after an exponent byte, as DynamoDB itself is observed to use for its hash order:
 *
 *   0          80, closed by 00
 *   positive   exponent byte, then each pair of digits d (00-99) as d + 1, closed by 00
 *   negative   complement of the exponent byte, then each pair as 101 - d, closed by 66 (102)
 *
 * with the value 0.d1d2d3… * 100^e (d1 and the last pair not 00) and exponent byte (e - 64) modulo
 * 256, so that a pair never straddles the decimal point. Zero needs its 00: 80 is also the exponent
 * byte of 1E-130. The service's own form (number_hash_bytes) is the same without the closing 00,
 * and with the closing 66 only when there are fewer than 20 pairs; its length is the number's size.
 *
 * Pure functions, no allocation.
 */

#ifndef REHEARSEDB_STORAGE_VALUE_NUMBER_H
#define REHEARSEDB_STORAGE_VALUE_NUMBER_H

#include "storage/base/bytes.h"

enum {
    NUMBER_DIGITS_MAX = 38,
    NUMBER_TEXT_SIZE_MAX = 1 + 2 + 129 + 38, /* "-", "0.", the zeros of 1E-130, digits */
    NUMBER_SORTABLE_SIZE_MAX = 1 + 20 + 1,   /* exponent, pairs (38 digits, one off), closing */
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
 * What a client wrote -> canonical text. Accepts an optional sign, digits with an optional point
 * before, among or after them, and an optional exponent ("e" or "E", optional sign, digits of any
 * length): the grammar of Java's BigDecimal. Zero may carry any exponent. `out_text` is written
 * only on NUMBER_OK. What fails in several ways is, in this order, not numeric, outside the range,
 * too precise.
 */
enum number_status number_parse(struct bytes text, struct number_text *out_text);

struct bytes number_view(const struct number_text *text);

/* True when `text` is exactly what number_parse would give for it. */
bool number_is_canonical(struct bytes text);

/* The functions below take canonical text. */

/* <0, 0 or >0 by value. */
int number_compare(struct bytes left, struct bytes right);

/*
 * Exact; past 38 digits rounded half up (away from zero). NUMBER_OVERFLOW or NUMBER_UNDERFLOW
 * outside the range, and then nothing is written.
 */
enum number_status number_add(struct bytes left, struct bytes right, struct number_text *out_sum);
enum number_status
number_subtract(struct bytes left, struct bytes right, struct number_text *out_difference);

/*
 * DynamoDB's size of a number in bytes, the length of number_hash_bytes: 1, plus 1 a pair of
 * digits, pairs counted from the decimal point, plus 1 when negative, at most 21. Zero is 1. The
 * developer guide says "approximately 1 byte per two significant digits"; this is what was measured
 * at the limit of the item size.
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
