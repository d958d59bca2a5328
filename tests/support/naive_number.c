#include "tests/support/naive_number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int first_digit(const struct naive_number *value)
{
    int i = 0;
    while (i < NAIVE_NUMBER_DIGITS && value->digits[i] == 0) {
        i++;
    }
    return i;
}

static int last_digit(const struct naive_number *value)
{
    int i = NAIVE_NUMBER_DIGITS - 1;
    while (i >= 0 && value->digits[i] == 0) {
        i--;
    }
    return i;
}

static bool is_zero(const struct naive_number *value)
{
    return last_digit(value) < 0;
}

struct naive_number naive_number_of(const char *canonical)
{
    struct naive_number value = { .is_negative = canonical[0] == '-' };
    canonical += value.is_negative ? 1 : 0;
    int at = NAIVE_NUMBER_INTEGER - (int)strcspn(canonical, ".");
    for (; *canonical != '\0'; canonical++) {
        if (*canonical != '.') {
            value.digits[at++] = *canonical - '0';
        }
    }
    return value;
}

void naive_number_print(const struct naive_number *value, char *out)
{
    if (is_zero(value)) {
        memcpy(out, "0", sizeof "0");
        return;
    }
    int first = first_digit(value);
    int last = last_digit(value);
    first = first < NAIVE_NUMBER_INTEGER ? first : NAIVE_NUMBER_INTEGER - 1;
    last = last >= NAIVE_NUMBER_INTEGER ? last : NAIVE_NUMBER_INTEGER - 1;
    if (value->is_negative) {
        *out++ = '-';
    }
    for (int i = first; i <= last; i++) {
        if (i == NAIVE_NUMBER_INTEGER) {
            *out++ = '.';
        }
        *out++ = (char)('0' + value->digits[i]);
    }
    *out = '\0';
}

static int compare_magnitudes(const struct naive_number *left, const struct naive_number *right)
{
    for (int i = 0; i < NAIVE_NUMBER_DIGITS; i++) {
        if (left->digits[i] != right->digits[i]) {
            return left->digits[i] - right->digits[i];
        }
    }
    return 0;
}

int naive_number_compare(const struct naive_number *left, const struct naive_number *right)
{
    if (left->is_negative != right->is_negative) {
        return left->is_negative ? -1 : 1;
    }
    int order = compare_magnitudes(left, right);
    return left->is_negative ? -order : order;
}

struct naive_number naive_number_add(const struct naive_number *left,
                                     const struct naive_number *right)
{
    bool subtract = left->is_negative != right->is_negative;
    bool swap = compare_magnitudes(left, right) < 0;
    const struct naive_number *high = swap ? right : left;
    const struct naive_number *low = swap ? left : right;
    struct naive_number sum = { .is_negative = high->is_negative };
    int carry = 0;
    for (int i = NAIVE_NUMBER_DIGITS - 1; i >= 0; i--) {
        int digit = high->digits[i] + carry + (subtract ? -low->digits[i] : low->digits[i]);
        carry = digit > 9 ? 1 : digit < 0 ? -1 : 0;
        sum.digits[i] = digit - 10 * carry;
    }
    return sum;
}

bool naive_number_round(struct naive_number *value)
{
    int end = first_digit(value) + NUMBER_DIGITS_MAX;
    if (last_digit(value) < end) {
        return false;
    }
    bool up = value->digits[end] >= 5;
    memset(value->digits + end, 0, (size_t)(NAIVE_NUMBER_DIGITS - end) * sizeof value->digits[0]);
    for (int i = end - 1; up; i--) {
        up = value->digits[i] == 9;
        value->digits[i] = up ? 0 : value->digits[i] + 1;
    }
    return true;
}

enum number_status naive_number_status(const struct naive_number *value)
{
    if (is_zero(value)) {
        return NUMBER_OK;
    }
    int exponent = NAIVE_NUMBER_INTEGER - 1 - first_digit(value);
    return exponent > 125 ? NUMBER_OVERFLOW : exponent < -130 ? NUMBER_UNDERFLOW : NUMBER_OK;
}

/* ---- random numbers ---- */

static int below(struct random *random, int end)
{
    return (int)random_below(random, (size_t)end);
}

static int random_digit(struct random *random)
{
    int kind = below(random, 4);
    return kind == 0 ? 0 : kind == 1 ? 9 : below(random, 10);
}

struct naive_number naive_number_random(struct random *random)
{
    struct naive_number value = { .is_negative = false };
    if (below(random, 20) == 0) {
        return value;
    }
    int count = 1 + below(random, below(random, 2) == 0 ? 4 : NUMBER_DIGITS_MAX);
    int exponent = below(random, 3) == 0 ? below(random, 256) - 130 : below(random, 60) - 30;
    int first = NAIVE_NUMBER_INTEGER - 1 - exponent;
    for (int i = 0; i < count; i++) {
        value.digits[first + i] = random_digit(random);
    }
    value.digits[first] = 1 + below(random, 9);
    value.is_negative = below(random, 2) == 0;
    return value;
}

struct naive_number naive_number_random_neighbour(struct random *random,
                                                  const struct naive_number *value)
{
    struct naive_number other = *value;
    if (is_zero(value) || below(random, 2) == 0) {
        return naive_number_random(random);
    }
    int first = first_digit(value);
    int at = first + below(random, NUMBER_DIGITS_MAX);
    other.digits[at] = at == first ? 1 + below(random, 9) : random_digit(random);
    other.is_negative = below(random, 2) == 0;
    return other;
}

void naive_number_print_scrambled(struct random *random,
                                  const struct naive_number *value,
                                  char *out)
{
    int first = first_digit(value) - below(random, 3);
    int last = last_digit(value) + 1 + below(random, 3);
    if (is_zero(value)) {
        first = NAIVE_NUMBER_INTEGER;
        last = NAIVE_NUMBER_INTEGER + 1 + below(random, 3);
    }
    first = first < 0 ? 0 : first;
    last = last > NAIVE_NUMBER_DIGITS ? NAIVE_NUMBER_DIGITS : last;
    int point = first + below(random, last - first + 1);
    if (value->is_negative) {
        *out++ = '-';
    } else if (below(random, 2) == 0) {
        *out++ = '+';
    }
    for (int i = first; i < last; i++) {
        if (i == point) {
            *out++ = '.';
        }
        *out++ = (char)('0' + value->digits[i]);
    }
    (void)sprintf(out, "%s%c%s%03d", point == last && below(random, 2) == 0 ? "." : "",
                  below(random, 2) == 0 ? 'e' : 'E',
                  NAIVE_NUMBER_INTEGER > point   ? below(random, 2) == 0 ? "+" : ""
                  : NAIVE_NUMBER_INTEGER < point ? "-"
                                                 : "",
                  abs(NAIVE_NUMBER_INTEGER - point));
}

const char *naive_number_text(const struct number_text *text)
{
    static char copies[2][NUMBER_TEXT_SIZE_MAX + 1];
    static int turn;
    char *copy = copies[turn ^= 1];
    memcpy(copy, text->data, text->length);
    copy[text->length] = '\0';
    return copy;
}
