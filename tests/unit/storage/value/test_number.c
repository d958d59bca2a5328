#include "storage/value/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define NINES_38    "99999999999999999999999999999999999999"
#define ZEROS_10    "0000000000"
#define ZEROS_60    ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10
#define ZEROS_88    ZEROS_60 ZEROS_10 ZEROS_10 "00000000"
#define ZEROS_125   ZEROS_60 ZEROS_60 "00000"
#define ZEROS_129   ZEROS_125 "0000"
#define NUMBER_MAX  NINES_38 ZEROS_88        /* 9.99…E+125 */
#define NUMBER_TINY "0." ZEROS_129 "1"       /* 1E-130 */
#define LONGEST     "-0." ZEROS_129 NINES_38 /* 38 digits from 10^-130 down */

enum { ROUNDS = 20000 };

static const char *text_of(const struct number_text *text)
{
    static char copies[2][NUMBER_TEXT_SIZE_MAX + 1];
    static int turn;
    char *copy = copies[turn ^= 1];
    memcpy(copy, text->data, text->length);
    copy[text->length] = '\0';
    return copy;
}

/* --- A naive model: one array long enough for every number, point at a fixed place. --- */

enum {
    MODEL_INTEGER = 130,
    MODEL_DIGITS = MODEL_INTEGER + 170,
};

struct model {
    bool is_negative;
    int digits[MODEL_DIGITS]; /* most significant first */
};

static int model_first(const struct model *value)
{
    int i = 0;
    while (i < MODEL_DIGITS && value->digits[i] == 0) {
        i++;
    }
    return i;
}

static int model_last(const struct model *value)
{
    int i = MODEL_DIGITS - 1;
    while (i >= 0 && value->digits[i] == 0) {
        i--;
    }
    return i;
}

static bool model_is_zero(const struct model *value)
{
    return model_last(value) < 0;
}

static struct model model_of(const char *canonical)
{
    struct model value = { .is_negative = canonical[0] == '-' };
    canonical += value.is_negative ? 1 : 0;
    int at = MODEL_INTEGER - (int)strcspn(canonical, ".");
    for (; *canonical != '\0'; canonical++) {
        if (*canonical != '.') {
            value.digits[at++] = *canonical - '0';
        }
    }
    return value;
}

static void model_print(const struct model *value, char *out)
{
    if (model_is_zero(value)) {
        memcpy(out, "0", sizeof "0");
        return;
    }
    int first = model_first(value);
    int last = model_last(value);
    first = first < MODEL_INTEGER ? first : MODEL_INTEGER - 1;
    last = last >= MODEL_INTEGER ? last : MODEL_INTEGER - 1;
    if (value->is_negative) {
        *out++ = '-';
    }
    for (int i = first; i <= last; i++) {
        if (i == MODEL_INTEGER) {
            *out++ = '.';
        }
        *out++ = (char)('0' + value->digits[i]);
    }
    *out = '\0';
}

static int model_compare_magnitudes(const struct model *left, const struct model *right)
{
    for (int i = 0; i < MODEL_DIGITS; i++) {
        if (left->digits[i] != right->digits[i]) {
            return left->digits[i] - right->digits[i];
        }
    }
    return 0;
}

static int model_compare(const struct model *left, const struct model *right)
{
    if (left->is_negative != right->is_negative) {
        return left->is_negative ? -1 : 1;
    }
    int order = model_compare_magnitudes(left, right);
    return left->is_negative ? -order : order;
}

static struct model model_add(const struct model *left, const struct model *right)
{
    bool subtract = left->is_negative != right->is_negative;
    bool swap = model_compare_magnitudes(left, right) < 0;
    const struct model *high = swap ? right : left;
    const struct model *low = swap ? left : right;
    struct model sum = { .is_negative = high->is_negative };
    int carry = 0;
    for (int i = MODEL_DIGITS - 1; i >= 0; i--) {
        int digit = high->digits[i] + carry + (subtract ? -low->digits[i] : low->digits[i]);
        carry = digit > 9 ? 1 : digit < 0 ? -1 : 0;
        sum.digits[i] = digit - 10 * carry;
    }
    return sum;
}

/* True when digits were lost. */
static bool model_round(struct model *value)
{
    int end = model_first(value) + NUMBER_DIGITS_MAX;
    if (model_last(value) < end) {
        return false;
    }
    bool up = value->digits[end] >= 5;
    memset(value->digits + end, 0, (size_t)(MODEL_DIGITS - end) * sizeof value->digits[0]);
    for (int i = end - 1; up; i--) {
        up = value->digits[i] == 9;
        value->digits[i] = up ? 0 : value->digits[i] + 1;
    }
    return true;
}

static enum number_status model_status(const struct model *value)
{
    if (model_is_zero(value)) {
        return NUMBER_OK;
    }
    int exponent = MODEL_INTEGER - 1 - model_first(value);
    return exponent > 125 ? NUMBER_OVERFLOW : exponent < -130 ? NUMBER_UNDERFLOW : NUMBER_OK;
}

/* --- Random numbers, biased towards what goes wrong. --- */

static uint64_t random_state;

static int set_seed(void **state)
{
    (void)state;
    const char *chosen = getenv("TEST_SEED"); /* NOLINT(concurrency-mt-unsafe) */
    random_state = chosen != NULL ? strtoull(chosen, NULL, 10) : (uint64_t)time(NULL);
    print_message("TEST_SEED=%llu\n", (unsigned long long)random_state);
    return 0;
}

static int random_below(int limit) /* splitmix64 */
{
    random_state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t mixed = random_state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (int)((mixed ^ (mixed >> 31)) % (uint64_t)limit);
}

static int random_digit(void)
{
    int kind = random_below(4);
    return kind == 0 ? 0 : kind == 1 ? 9 : random_below(10);
}

static struct model random_model(void)
{
    struct model value = { .is_negative = false };
    if (random_below(20) == 0) {
        return value;
    }
    int count = 1 + random_below(random_below(2) == 0 ? 4 : NUMBER_DIGITS_MAX);
    int exponent = random_below(3) == 0 ? random_below(256) - 130 : random_below(60) - 30;
    int first = MODEL_INTEGER - 1 - exponent;
    for (int i = 0; i < count; i++) {
        value.digits[first + i] = random_digit();
    }
    value.digits[first] = 1 + random_below(9);
    value.is_negative = random_below(2) == 0;
    return value;
}

/* A number near `value`, so that sums cancel and comparisons reach the last digits. */
static struct model random_neighbour(const struct model *value)
{
    struct model other = *value;
    if (model_is_zero(value) || random_below(2) == 0) {
        return random_model();
    }
    int first = model_first(value);
    int at = first + random_below(NUMBER_DIGITS_MAX);
    other.digits[at] = at == first ? 1 + random_below(9) : random_digit();
    other.is_negative = random_below(2) == 0;
    return other;
}

/* Some way a client may write the number: zeros about it, the point anywhere, an exponent. */
static void print_scrambled(const struct model *value, char *out)
{
    int first = model_first(value) - random_below(3);
    int last = model_last(value) + 1 + random_below(3);
    if (model_is_zero(value)) {
        first = MODEL_INTEGER;
        last = MODEL_INTEGER + 1 + random_below(3);
    }
    first = first < 0 ? 0 : first;
    last = last > MODEL_DIGITS ? MODEL_DIGITS : last;
    int point = first + random_below(last - first + 1);
    if (value->is_negative) {
        *out++ = '-';
    } else if (random_below(2) == 0) {
        *out++ = '+';
    }
    for (int i = first; i < last; i++) {
        if (i == point) {
            *out++ = '.';
        }
        *out++ = (char)('0' + value->digits[i]);
    }
    (void)sprintf(out, "%s%c%s%03d", point == last && random_below(2) == 0 ? "." : "",
                  random_below(2) == 0 ? 'e' : 'E',
                  MODEL_INTEGER > point   ? random_below(2) == 0 ? "+" : ""
                  : MODEL_INTEGER < point ? "-"
                                          : "",
                  abs(MODEL_INTEGER - point));
}

/* --- Tables. --- */

static void accepted_text_becomes_canonical(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        const char *to;
    } cases[] = {
        { "0", "0" },
        { "-0", "0" },
        { "+0", "0" },
        { "000", "0" },
        { "0.000", "0" },
        { "-.0e-7", "0" },
        { "0e999999999999999999999999", "0" },
        { "0e-999999999999999999999999", "0" },
        { "1", "1" },
        { "+1", "1" },
        { "-1", "-1" },
        { "0042", "42" },
        { "12345", "12345" },
        { "100", "100" },
        { "1.0", "1" },
        { "1.50", "1.5" },
        { "0.5", "0.5" },
        { "00.5", "0.5" },
        { ".5", "0.5" },
        { "-.5", "-0.5" },
        { "5.", "5" },
        { "5.e1", "50" },
        { "1e0", "1" },
        { "1E+2", "100" },
        { "1e-2", "0.01" },
        { "-1.5e1", "-15" },
        { "123e-1", "12.3" },
        { "1e0000000000000000000000000000002", "100" },
        { "1e125", "1" ZEROS_125 },
        { "1e-130", NUMBER_TINY },
        { "0.00001e130", "1" ZEROS_125 },
        { "100000e-135", NUMBER_TINY },
        { NINES_38, NINES_38 },
        { "000" NINES_38 "000", NINES_38 "000" },
        { "0." NINES_38 "000", "0." NINES_38 },
        { "9.9999999999999999999999999999999999999E+125", NUMBER_MAX },
        { "-9.9999999999999999999999999999999999999E-130", LONGEST },
        { NUMBER_MAX, NUMBER_MAX },
        { LONGEST, LONGEST },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_text text;
        assert_int_equal(number_parse(bytes_of_text(cases[i].from), &text), NUMBER_OK);
        assert_string_equal(text_of(&text), cases[i].to);
        assert_true(number_is_canonical(number_view(&text)));
    }
}

static void refused_text_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        enum number_status status;
    } cases[] = {
        { "", NUMBER_NOT_NUMERIC },
        { "-", NUMBER_NOT_NUMERIC },
        { "+", NUMBER_NOT_NUMERIC },
        { ".", NUMBER_NOT_NUMERIC },
        { "-.", NUMBER_NOT_NUMERIC },
        { "e5", NUMBER_NOT_NUMERIC },
        { ".e5", NUMBER_NOT_NUMERIC },
        { "1e", NUMBER_NOT_NUMERIC },
        { "1e+", NUMBER_NOT_NUMERIC },
        { "1e-", NUMBER_NOT_NUMERIC },
        { "1e1.5", NUMBER_NOT_NUMERIC },
        { "1e5 ", NUMBER_NOT_NUMERIC },
        { " 1", NUMBER_NOT_NUMERIC },
        { "1 ", NUMBER_NOT_NUMERIC },
        { "--1", NUMBER_NOT_NUMERIC },
        { "+-1", NUMBER_NOT_NUMERIC },
        { "1-", NUMBER_NOT_NUMERIC },
        { "1.2.3", NUMBER_NOT_NUMERIC },
        { "1,5", NUMBER_NOT_NUMERIC },
        { "1_0", NUMBER_NOT_NUMERIC },
        { "0x1", NUMBER_NOT_NUMERIC },
        { "1f", NUMBER_NOT_NUMERIC },
        { "NaN", NUMBER_NOT_NUMERIC },
        { "Infinity", NUMBER_NOT_NUMERIC },
        { "-inf", NUMBER_NOT_NUMERIC },
        { "\xD9\xA1", NUMBER_NOT_NUMERIC }, /* an Arabic 1 */
        { "1e126", NUMBER_OVERFLOW },
        { "-10e125", NUMBER_OVERFLOW },
        { "1" ZEROS_125 "0", NUMBER_OVERFLOW },
        { "1e99999999999999999999999999999", NUMBER_OVERFLOW },
        { "1e-131", NUMBER_UNDERFLOW },
        { "-0.1e-130", NUMBER_UNDERFLOW },
        { "0." ZEROS_129 "09", NUMBER_UNDERFLOW },
        { "1e-99999999999999999999999999999", NUMBER_UNDERFLOW },
        { NINES_38 "9", NUMBER_TOO_PRECISE },
        { "-1." NINES_38, NUMBER_TOO_PRECISE },
        { "1" ZEROS_60 "1", NUMBER_TOO_PRECISE },
        { NINES_38 "9e200", NUMBER_OVERFLOW },
        { NINES_38 "9e-200", NUMBER_UNDERFLOW },
        { NINES_38 "9x", NUMBER_NOT_NUMERIC },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_text text = { .data = "untouched", .length = 9 };
        assert_int_equal(number_parse(bytes_of_text(cases[i].from), &text), cases[i].status);
        assert_string_equal(text_of(&text), "untouched");
        assert_false(number_is_canonical(bytes_of_text(cases[i].from)));
    }
    struct number_text text;
    assert_int_equal(number_parse((struct bytes){ NULL, 0 }, &text), NUMBER_NOT_NUMERIC);
    assert_false(number_is_canonical((struct bytes){ NULL, 0 }));
    assert_int_equal(number_parse(BYTES("1\0"), &text), NUMBER_NOT_NUMERIC);
}

static void other_spellings_are_not_canonical(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "-0", "+1", "01", "1.0", "1.", ".5", "00.5", "0.", "0.0", "-0.0", "1e2", "0.50", "-01.5",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_false(number_is_canonical(bytes_of_text(cases[i])));
    }
}

static void the_longest_text_fills_the_room_exactly(void **state)
{
    (void)state;
    assert_int_equal(strlen(LONGEST), NUMBER_TEXT_SIZE_MAX);
}

static void canonical_text_compares_by_value(void **state)
{
    (void)state;
    static const char *const ascending[] = {
        "-" NUMBER_MAX, "-1000", "-999",  "-10.5", "-10",           "-9.75", "-1.5",
        "-1",           "-0.51", "-0.5",  LONGEST, "-" NUMBER_TINY, "0",     NUMBER_TINY,
        "0.05",         "0.5",   "0.51",  "1",     "1.05",          "1.5",   "2",
        "9.99",         "10",    "10.01", "99",    "100",           "1001",  NUMBER_MAX,
    };
    size_t count = sizeof ascending / sizeof ascending[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            struct bytes left = bytes_of_text(ascending[i]);
            struct bytes right = bytes_of_text(ascending[j]);
            int order = number_compare(left, right);
            assert_true(i < j ? order < 0 : i > j ? order > 0 : order == 0);
        }
    }
}

static void sums_and_differences_are_exact_or_rounded_half_up(void **state)
{
    (void)state;
    static const struct {
        const char *left;
        const char *right; /* "-" in front: subtracted */
        const char *sum;
    } cases[] = {
        { "0", "0", "0" },
        { "0", "5", "5" },
        { "5", "0", "5" },
        { "0", "-5", "-5" },
        { "1", "2", "3" },
        { "999", "1", "1000" },
        { "1000", "-1", "999" },
        { "1", "-1", "0" },
        { "-1.5", "1.5", "0" },
        { "0.1", "0.2", "0.3" },
        { "1.5", "-3", "-1.5" },
        { "100", "0.001", "100.001" },
        { NINES_38, "1", "1" ZEROS_10 ZEROS_10 ZEROS_10 "00000000" },
        { NINES_38, "0.4", NINES_38 },
        { NINES_38, "0.5", "1" ZEROS_10 ZEROS_10 ZEROS_10 "00000000" },
        { "-" NINES_38, "-0.5", "-1" ZEROS_10 ZEROS_10 ZEROS_10 "00000000" },
        { "10000000000000000000000000000000000000", "-0.05",
          "10000000000000000000000000000000000000" },
        { "10000000000000000000000000000000000000", "-0.06",
          "9999999999999999999999999999999999999.9" },
        { "10000000000000000000000000000000000000", "-0.0099",
          "10000000000000000000000000000000000000" },
        { NUMBER_MAX, "-" NUMBER_TINY, NUMBER_MAX },
        { NUMBER_TINY, "-" NUMBER_MAX, "-" NUMBER_MAX },
        { "0." ZEROS_129 "2", "-" NUMBER_TINY, NUMBER_TINY },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_text sum;
        struct bytes left = bytes_of_text(cases[i].left);
        struct bytes right = bytes_of_text(cases[i].right);
        assert_int_equal(number_add(left, right, &sum), NUMBER_OK);
        assert_string_equal(text_of(&sum), cases[i].sum);
        if (cases[i].right[0] == '-') {
            right = bytes_of_text(cases[i].right + 1);
            assert_int_equal(number_subtract(left, right, &sum), NUMBER_OK);
            assert_string_equal(text_of(&sum), cases[i].sum);
        }
    }
}

static void a_sum_outside_the_range_is_refused(void **state)
{
    (void)state;
    struct number_text sum = { .data = "untouched", .length = 9 };
    struct bytes max = BYTES(NUMBER_MAX);
    struct bytes minus_max = BYTES("-" NUMBER_MAX);
    assert_int_equal(number_add(max, max, &sum), NUMBER_OVERFLOW);
    assert_int_equal(number_subtract(minus_max, max, &sum), NUMBER_OVERFLOW);
    assert_int_equal(number_add(max, BYTES("5" ZEROS_60 ZEROS_10 ZEROS_10 "0000000"), &sum),
                     NUMBER_OVERFLOW); /* by rounding */
    assert_int_equal(number_subtract(BYTES("0." ZEROS_129 "11"), BYTES(NUMBER_TINY), &sum),
                     NUMBER_UNDERFLOW);
    assert_string_equal(text_of(&sum), "untouched");
}

/* The first part was measured on the service at the limit of the item size. */
static void the_size_is_that_of_the_stored_pairs(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        size_t size;
    } cases[] = {
        { "0", 1 },
        { "1", 2 },
        { "12", 2 },
        { "123", 3 },
        { "1234", 3 },
        { "12345678901234567890123456789012345678", 20 },
        { "0042", 2 },
        { "100", 2 },
        { "1010", 3 },
        { "0.0000001", 2 },
        { "1E125", 2 },
        { "1E-100", 2 },
        { "1.5", 3 },
        { "15", 2 },
        { "1.2", 3 },
        { "1.200", 3 },
        { "1.234", 4 },
        { "3.14159", 5 },
        { "123456", 4 },
        { "100.5", 4 },
        { "0.15", 2 },
        { "-42", 3 },
        { "-0", 1 },

        { "120", 3 },   /* 01 20 */
        { "0.012", 3 }, /* 01 20 */
        { "-1", 3 },
        { "1.2345678901234567890123456789012345678", 21 },
        { "-1.2345678901234567890123456789012345678", 21 }, /* 20 pairs: no closing byte */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_text text;
        assert_int_equal(number_parse(bytes_of_text(cases[i].from), &text), NUMBER_OK);
        assert_int_equal(number_size(number_view(&text)), cases[i].size);
    }
}

struct encoding {
    const char *text;
    size_t length;
    uint8_t bytes[NUMBER_SORTABLE_SIZE_MAX];
};

static void sortable_bytes_have_the_documented_form(void **state)
{
    (void)state;
    static const struct encoding cases[] = {
        { "0", 2, { 0x80, 0x00 } },
        { "1", 3, { 0xC1, 0x02, 0x00 } },
        { "-1", 3, { 0x3E, 100, 102 } },
        { "10", 3, { 0xC1, 0x0B, 0x00 } },
        { "99", 3, { 0xC1, 100, 0x00 } },
        { "100", 3, { 0xC2, 0x02, 0x00 } },
        { "120", 4, { 0xC2, 0x02, 0x15, 0x00 } },
        { "0.5", 3, { 0xC0, 51, 0x00 } },
        { "-12.5", 4, { 0x3E, 89, 51, 102 } },
        { NUMBER_TINY, 3, { 0x80, 0x02, 0x00 } },
        { "-" NUMBER_TINY, 3, { 0x7F, 100, 102 } },
        { "1" ZEROS_125, 3, { 0xFF, 0x0B, 0x00 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[NUMBER_SORTABLE_SIZE_MAX];
        size_t length = number_sortable_bytes(bytes_of_text(cases[i].text), bytes);
        assert_int_equal(length, cases[i].length);
        assert_memory_equal(bytes, cases[i].bytes, length);
    }
}

static void hash_bytes_have_the_form_of_the_service(void **state)
{
    (void)state;
    static const struct encoding cases[] = {
        { "0", 1, { 0x80 } },
        { "1", 2, { 0xC1, 0x02 } },
        { "-1", 3, { 0x3E, 100, 102 } },
        { "251", 3, { 0xC2, 0x03, 0x34 } },
        { "-251", 4, { 0x3D, 99, 50, 102 } },
        { "0.01", 2, { 0xC0, 0x02 } },
        { "-1.2345678901234567890123456789012345678", 21, { 0x3E, 100, 78,  56, 34,  12, 100,
                                                            78,   56,  34,  12, 100, 78, 56,
                                                            34,   12,  100, 78, 56,  34, 21 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[NUMBER_SORTABLE_SIZE_MAX];
        size_t length = number_hash_bytes(bytes_of_text(cases[i].text), bytes);
        assert_int_equal(length, cases[i].length);
        assert_memory_equal(bytes, cases[i].bytes, length);
    }
}

static void bytes_that_no_number_gives_are_refused(void **state)
{
    (void)state;
    static const struct encoding cases[] = {
        { "nothing", 0, { 0 } },
        { "a positive zero elsewhere", 2, { 0xC1, 0x00 } },
        { "a negative zero", 2, { 0x7F, 102 } },
        { "no closing byte", 2, { 0xC1, 0x02 } },
        { "no closing byte after zero", 1, { 0x80 } },
        { "a first pair of 00", 4, { 0xC1, 0x01, 0x02, 0x00 } },
        { "a last pair of 00", 4, { 0xC1, 0x02, 0x01, 0x00 } },
        { "a pair of 100", 3, { 0xC1, 101, 0x00 } },
        { "a negative pair of 100", 3, { 0x3E, 1, 102 } },
        { "a byte after the negative closing", 3, { 0x3E, 103, 102 } },
        { "39 digits", 22, { 0xC1, 2,  12, 12, 12, 12, 12, 12, 12, 12, 12,
                             12,   12, 12, 12, 12, 12, 12, 12, 12, 12, 0 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_text text;
        size_t used;
        struct bytes from = { cases[i].bytes, cases[i].length };
        assert_false(number_of_sortable_bytes(from, &text, &used));
    }
    uint8_t endless[64];
    memset(endless, 12, sizeof endless);
    endless[0] = 0xC1;
    struct number_text text;
    size_t used;
    assert_false(number_of_sortable_bytes((struct bytes){ endless, sizeof endless }, &text, &used));
}

/* --- Properties. --- */

static void any_spelling_gives_the_canonical_text(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct model value = random_model();
        char expected[512];
        char scrambled[512];
        model_print(&value, expected);
        print_scrambled(&value, scrambled);
        struct number_text text;
        assert_int_equal(number_parse(bytes_of_text(scrambled), &text), NUMBER_OK);
        assert_string_equal(text_of(&text), expected);
        assert_true(number_is_canonical(number_view(&text)));
        struct number_text again;
        assert_int_equal(number_parse(number_view(&text), &again), NUMBER_OK);
        assert_string_equal(text_of(&again), expected);
    }
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static void comparison_and_sortable_bytes_agree_with_the_model(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct model one = random_model();
        struct model other = random_neighbour(&one);
        char left[512];
        char right[512];
        model_print(&one, left);
        model_print(&other, right);
        one = model_of(left); /* -0 is 0 */
        other = model_of(right);
        int expected = sign(model_compare(&one, &other));
        assert_int_equal(sign(number_compare(bytes_of_text(left), bytes_of_text(right))), expected);

        uint8_t left_room[NUMBER_SORTABLE_SIZE_MAX];
        uint8_t right_room[NUMBER_SORTABLE_SIZE_MAX];
        struct bytes left_bytes = { left_room,
                                    number_sortable_bytes(bytes_of_text(left), left_room) };
        struct bytes right_bytes = { right_room,
                                     number_sortable_bytes(bytes_of_text(right), right_room) };
        assert_int_equal(sign(bytes_compare(left_bytes, right_bytes)), expected);
        assert_int_equal(bytes_start_with(left_bytes, right_bytes), expected == 0);
    }
}

static void sortable_bytes_lead_back_to_the_text(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct model value = random_model();
        char expected[512];
        model_print(&value, expected);
        uint8_t room[NUMBER_SORTABLE_SIZE_MAX + 3] = { 0 };
        size_t length = number_sortable_bytes(bytes_of_text(expected), room);
        struct number_text text;
        size_t used;
        struct bytes with_more_behind = { room, length + (size_t)random_below(3) };
        assert_true(number_of_sortable_bytes(with_more_behind, &text, &used));
        assert_string_equal(text_of(&text), expected);
        assert_int_equal(used, length);

        uint8_t hash[NUMBER_SORTABLE_SIZE_MAX]; /* the same but for the closing byte */
        size_t hash_length = number_hash_bytes(bytes_of_text(expected), hash);
        bool is_open = expected[0] != '-' || length == NUMBER_SORTABLE_SIZE_MAX;
        assert_int_equal(hash_length, is_open ? length - 1 : length);
        assert_memory_equal(hash, room, hash_length);
        assert_int_equal(number_size(bytes_of_text(expected)), hash_length);
    }
}

static void sums_agree_with_the_model(void **state)
{
    (void)state;
    int exact_sums = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct model one = random_model();
        struct model other = random_neighbour(&one);
        char left[512];
        char right[512];
        char expected[512];
        model_print(&one, left);
        model_print(&other, right);
        struct model total = model_add(&one, &other);
        bool was_rounded = model_round(&total);
        model_print(&total, expected);

        struct number_text sum;
        enum number_status status = number_add(bytes_of_text(left), bytes_of_text(right), &sum);
        assert_int_equal(status, model_status(&total));
        if (status != NUMBER_OK) {
            continue;
        }
        assert_string_equal(text_of(&sum), expected);
        if (!was_rounded) { /* then the way back is exact too */
            struct number_text back;
            exact_sums++;
            assert_int_equal(number_subtract(number_view(&sum), bytes_of_text(right), &back),
                             NUMBER_OK);
            assert_string_equal(text_of(&back), left);
        }
    }
    assert_true(exact_sums > ROUNDS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_text_becomes_canonical),
        cmocka_unit_test(refused_text_says_why),
        cmocka_unit_test(other_spellings_are_not_canonical),
        cmocka_unit_test(the_longest_text_fills_the_room_exactly),
        cmocka_unit_test(canonical_text_compares_by_value),
        cmocka_unit_test(sums_and_differences_are_exact_or_rounded_half_up),
        cmocka_unit_test(a_sum_outside_the_range_is_refused),
        cmocka_unit_test(the_size_is_that_of_the_stored_pairs),
        cmocka_unit_test(sortable_bytes_have_the_documented_form),
        cmocka_unit_test(hash_bytes_have_the_form_of_the_service),
        cmocka_unit_test(bytes_that_no_number_gives_are_refused),
        cmocka_unit_test(any_spelling_gives_the_canonical_text),
        cmocka_unit_test(comparison_and_sortable_bytes_agree_with_the_model),
        cmocka_unit_test(sortable_bytes_lead_back_to_the_text),
        cmocka_unit_test(sums_agree_with_the_model),
    };
    return cmocka_run_group_tests_name("number", tests, set_seed, NULL);
}
