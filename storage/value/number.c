#include "storage/value/number.h"

#include <assert.h>
#include <string.h>

/*
 * Arithmetic here is on decimal digits, as in school. Text comes in and text goes out, so a binary
 * coefficient would only add a conversion each way.
 */

enum {
    POINT_MAX = 126,  /* 9.99…E+125 is 0.999… * 10^126 */
    POINT_MIN = -129, /* 1E-130 is 0.1 * 10^-129 */
    PAIRS_MAX = 20,
    GAP_MAX = NUMBER_DIGITS_MAX + 1,                   /* see add_magnitudes */
    WIDE_DIGITS_MAX = 1 + GAP_MAX + NUMBER_DIGITS_MAX, /* a carry, then the widest overlap */
    EXPONENT_BYTE_MIN = 0x80,                          /* of e = -64, the least */
    EXPONENT_BYTE_OF_ZERO = 0xC0,                      /* of e = 0 */
    CLOSING_POSITIVE = 0,
    CLOSING_NEGATIVE = 102,
};

/* 0.d1d2d3… * 10^point. Neither the first nor the last digit is 0; zero has none. */
struct decimal {
    bool is_negative;
    int point;
    int count;
    uint8_t digits[NUMBER_DIGITS_MAX];
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* The digits at the front of `text`. */
static struct bytes leading_digits(struct bytes text)
{
    size_t length = 0;
    while (length < text.length && is_digit(text.data[length])) {
        length++;
    }
    return (struct bytes){ .data = text.data, .length = length };
}

static struct bytes skip(struct bytes text, size_t length)
{
    return (struct bytes){ .data = text.data + length, .length = text.length - length };
}

static bool starts_with_either(struct bytes text, uint8_t one, uint8_t other)
{
    return text.length > 0 && (text.data[0] == one || text.data[0] == other);
}

/* A decimal being read: digits since the first that is not 0, of which the first 38 are kept. */
struct digit_run {
    size_t seen;
    size_t count; /* up to the last that is not 0 */
    uint8_t *kept;
};

static void take_digits(struct digit_run *run, struct bytes digits)
{
    size_t zeros = 0;
    while (run->seen == 0 && zeros < digits.length && digits.data[zeros] == '0') {
        zeros++;
    }
    digits = skip(digits, zeros);
    size_t room = run->seen < NUMBER_DIGITS_MAX ? NUMBER_DIGITS_MAX - run->seen : 0;
    size_t kept = digits.length < room ? digits.length : room;
    for (size_t i = 0; i < kept; i++) {
        run->kept[run->seen + i] = (uint8_t)(digits.data[i] - '0');
    }
    size_t last = digits.length;
    while (last > 0 && digits.data[last - 1] == '0') {
        last--;
    }
    run->count = last > 0 ? run->seen + last : run->count;
    run->seen += digits.length;
}

/* Saturates where no number of digits in memory can bring the point back into range. */
static int64_t exponent_of_digits(struct bytes digits)
{
    const int64_t limit = INT64_C(100000000000000000);
    int64_t exponent = 0;
    for (size_t i = 0; i < digits.length && exponent < limit; i++) {
        exponent = exponent * 10 + (digits.data[i] - '0');
    }
    return exponent;
}

/* [("e" | "E") ["+" | "-"] digits], to the end of the text. */
static bool parse_exponent(struct bytes text, int64_t *out_exponent)
{
    if (text.length == 0) {
        *out_exponent = 0;
        return true;
    }
    if (!starts_with_either(text, 'e', 'E')) {
        return false;
    }
    text = skip(text, 1);
    bool is_negative = starts_with_either(text, '-', '-');
    text = skip(text, starts_with_either(text, '+', '-') ? 1 : 0);
    struct bytes digits = leading_digits(text);
    if (digits.length == 0 || digits.length < text.length) {
        return false;
    }
    int64_t exponent = exponent_of_digits(digits);
    *out_exponent = is_negative ? -exponent : exponent;
    return true;
}

static enum number_status check_range(int64_t point)
{
    if (point > POINT_MAX) {
        return NUMBER_OVERFLOW;
    }
    return point < POINT_MIN ? NUMBER_UNDERFLOW : NUMBER_OK;
}

/* ["+" | "-"] (digits ["." [digits]] | "." digits) [exponent] */
static enum number_status parse_decimal(struct bytes text, struct decimal *out_number)
{
    if (text.length == 0) {
        return NUMBER_NOT_NUMERIC;
    }
    out_number->is_negative = starts_with_either(text, '-', '-');
    text = skip(text, starts_with_either(text, '+', '-') ? 1 : 0);
    struct bytes integer = leading_digits(text);
    text = skip(text, integer.length);
    struct bytes fraction = { .data = text.data, .length = 0 };
    if (starts_with_either(text, '.', '.')) {
        text = skip(text, 1);
        fraction = leading_digits(text);
        text = skip(text, fraction.length);
    }
    int64_t exponent;
    if (integer.length + fraction.length == 0 || !parse_exponent(text, &exponent)) {
        return NUMBER_NOT_NUMERIC;
    }

    struct digit_run run = { .kept = out_number->digits };
    take_digits(&run, integer);
    take_digits(&run, fraction);
    if (run.count == 0) {
        out_number->count = 0;
        return NUMBER_OK;
    }
    int64_t point = (int64_t)run.seen - (int64_t)fraction.length + exponent;
    enum number_status status = check_range(point);
    if (status == NUMBER_OK && run.count > NUMBER_DIGITS_MAX) {
        status = NUMBER_TOO_PRECISE;
    }
    if (status == NUMBER_OK) {
        out_number->point = (int)point;
        out_number->count = (int)run.count;
    }
    return status;
}

/* Digits before the point of a magnitude in canonical text. */
static size_t integer_length(struct bytes magnitude)
{
    const uint8_t *point = memchr(magnitude.data, '.', magnitude.length);
    return point != NULL ? (size_t)(point - magnitude.data) : magnitude.length;
}

static struct decimal decimal_of_canonical(struct bytes text)
{
    struct decimal number;
    number.is_negative = text.data[0] == '-';
    text = skip(text, number.is_negative ? 1 : 0);
    struct bytes integer = { .data = text.data, .length = integer_length(text) };
    struct bytes fraction = skip(text, integer.length);
    fraction = skip(fraction, fraction.length > 0 ? 1 : 0); /* the point */
    struct digit_run run = { .kept = number.digits };
    take_digits(&run, integer);
    take_digits(&run, fraction);
    assert(run.count <= NUMBER_DIGITS_MAX);
    number.point = (int)run.seen - (int)fraction.length;
    number.count = (int)run.count;
    return number;
}

static char *put_zeros(char *to, int count)
{
    for (int i = 0; i < count; i++) {
        *to++ = '0';
    }
    return to;
}

static char *put_digits(char *to, const uint8_t *digits, int count)
{
    for (int i = 0; i < count; i++) {
        *to++ = (char)('0' + digits[i]);
    }
    return to;
}

static void print_decimal(const struct decimal *number, struct number_text *out_text)
{
    char *to = out_text->data;
    if (number->is_negative && number->count > 0) {
        *to++ = '-';
    }
    if (number->count == 0) {
        *to++ = '0';
    } else if (number->point <= 0) {
        *to++ = '0';
        *to++ = '.';
        to = put_zeros(to, -number->point);
        to = put_digits(to, number->digits, number->count);
    } else if (number->point >= number->count) {
        to = put_digits(to, number->digits, number->count);
        to = put_zeros(to, number->point - number->count);
    } else {
        to = put_digits(to, number->digits, number->point);
        *to++ = '.';
        to = put_digits(to, number->digits + number->point, number->count - number->point);
    }
    out_text->length = (size_t)(to - out_text->data);
}

enum number_status number_parse(struct bytes text, struct number_text *out_text)
{
    if (number_is_canonical(text)) { /* what nearly all clients send */
        memcpy(out_text->data, text.data, text.length);
        out_text->length = text.length;
        return NUMBER_OK;
    }
    struct decimal number;
    enum number_status status = parse_decimal(text, &number);
    if (status == NUMBER_OK) {
        print_decimal(&number, out_text);
    }
    return status;
}

struct bytes number_view(const struct number_text *text)
{
    return (struct bytes){ .data = (const uint8_t *)text->data, .length = text->length };
}

static bool integer_is_canonical(struct bytes digits, bool is_negative)
{
    if (digits.data[0] == '0') {
        return digits.length == 1 && !is_negative;
    }
    size_t significant = digits.length;
    while (significant > NUMBER_DIGITS_MAX && digits.data[significant - 1] == '0') {
        significant--;
    }
    return significant <= NUMBER_DIGITS_MAX && digits.length <= POINT_MAX;
}

bool number_is_canonical(struct bytes text)
{
    if (text.length == 0) {
        return false;
    }
    bool is_negative = starts_with_either(text, '-', '-');
    text = skip(text, is_negative ? 1 : 0);
    struct bytes integer = leading_digits(text);
    if (integer.length == 0) {
        return false;
    }
    if (integer.length == text.length) {
        return integer_is_canonical(integer, is_negative);
    }
    struct bytes fraction = leading_digits(skip(text, integer.length + 1));
    if (text.data[integer.length] != '.' || fraction.length == 0 ||
        integer.length + 1 + fraction.length < text.length ||
        fraction.data[fraction.length - 1] == '0') {
        return false;
    }
    if (integer.data[0] != '0') {
        return integer.length + fraction.length <= NUMBER_DIGITS_MAX;
    }
    size_t zeros = 0;
    while (fraction.data[zeros] == '0') { /* the last digit is not */
        zeros++;
    }
    return integer.length == 1 && zeros <= -POINT_MIN &&
           fraction.length - zeros <= NUMBER_DIGITS_MAX;
}

/*
 * No leading zeros: the longer integer part is greater. Of the same length, points align, and the
 * order is that of text, a longer fraction being greater.
 */
int number_compare(struct bytes left, struct bytes right)
{
    bool is_negative = left.data[0] == '-';
    if (is_negative != (right.data[0] == '-')) {
        return is_negative ? -1 : 1;
    }
    if (is_negative) { /* -left and -right, the other way round */
        struct bytes magnitude = skip(left, 1);
        left = skip(right, 1);
        right = magnitude;
    }
    size_t left_length = integer_length(left);
    size_t right_length = integer_length(right);
    if (left_length != right_length) {
        return left_length < right_length ? -1 : 1;
    }
    return bytes_compare(left, right);
}

static int compare_magnitudes(const struct decimal *left, const struct decimal *right)
{
    if (left->count == 0 || right->count == 0) {
        return left->count - right->count;
    }
    if (left->point != right->point) {
        return left->point - right->point;
    }
    int shared = left->count < right->count ? left->count : right->count;
    int order = memcmp(left->digits, right->digits, (size_t)shared);
    return order != 0 ? order : left->count - right->count;
}

/* Adds 1 to the last of the digits. True when all were 9: they are then 1, 0, 0, … */
static bool increment(uint8_t *digits, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        if (digits[i] < 9) {
            digits[i]++;
            return false;
        }
        digits[i] = 0;
    }
    digits[0] = 1;
    return true;
}

/* Trims zeros at both ends and rounds to 38 digits; `digits` is scratch afterwards. */
static void set_digits(struct decimal *number, uint8_t *digits, int count)
{
    while (count > 0 && digits[0] == 0) {
        digits++;
        count--;
        number->point--;
    }
    if (count > NUMBER_DIGITS_MAX) {
        count = NUMBER_DIGITS_MAX;
        if (digits[count] >= 5 && increment(digits, count)) {
            number->point++;
        }
    }
    while (count > 0 && digits[count - 1] == 0) {
        count--;
    }
    memcpy(number->digits, digits, (size_t)count);
    number->count = count;
}

/*
 * |high| + |low| or |high| - |low|, where |high| >= |low|, with the sign of `high`.
 *
 * `low` starts `gap` digits behind `high`. Past GAP_MAX it is less than a hundredth of the last of
 * 38 digits. Adding or taking so little away never changes the rounded result, not even below a
 * power of ten, where that digit is worth a tenth: 1000 - 0.00… rounds back up to 1000.
 */
static struct decimal
add_magnitudes(const struct decimal *high, const struct decimal *low, bool subtract)
{
    int gap = high->point - low->point;
    if (low->count == 0 || gap > GAP_MAX) {
        return *high;
    }
    uint8_t wide[WIDE_DIGITS_MAX] = { 0 };
    int width = 1 + (high->count > gap + low->count ? high->count : gap + low->count);
    memcpy(wide + 1, high->digits, (size_t)high->count);
    int carry = 0; /* or borrow, when negative */
    for (int i = width - 1; i >= 0; i--) {
        int low_index = i - 1 - gap;
        int digit = low_index >= 0 && low_index < low->count ? low->digits[low_index] : 0;
        int sum = wide[i] + (subtract ? -digit : digit) + carry;
        carry = sum > 9 ? 1 : sum < 0 ? -1 : 0;
        wide[i] = (uint8_t)(sum - 10 * carry);
    }
    struct decimal result = { .is_negative = high->is_negative, .point = high->point + 1 };
    set_digits(&result, wide, width);
    return result;
}

static enum number_status
add_decimals(const struct decimal *left, const struct decimal *right, struct number_text *out_sum)
{
    bool left_is_high = compare_magnitudes(left, right) >= 0;
    const struct decimal *high = left_is_high ? left : right;
    const struct decimal *low = left_is_high ? right : left;
    struct decimal sum = add_magnitudes(high, low, left->is_negative != right->is_negative);
    enum number_status status = sum.count == 0 ? NUMBER_OK : check_range(sum.point);
    if (status == NUMBER_OK) {
        print_decimal(&sum, out_sum);
    }
    return status;
}

enum number_status number_add(struct bytes left, struct bytes right, struct number_text *out_sum)
{
    struct decimal one = decimal_of_canonical(left);
    struct decimal other = decimal_of_canonical(right);
    return add_decimals(&one, &other, out_sum);
}

enum number_status
number_subtract(struct bytes left, struct bytes right, struct number_text *out_difference)
{
    struct decimal one = decimal_of_canonical(left);
    struct decimal other = decimal_of_canonical(right);
    other.is_negative = !other.is_negative;
    return add_decimals(&one, &other, out_difference);
}

/* The exponent byte and the pairs of a number that is not zero. Returns how many bytes. */
static size_t put_pairs(const struct decimal *number, uint8_t *out)
{
    int lead = number->point % 2 != 0 ? 1 : 0; /* a zero in front, so that pairs meet the point */
    int exponent_byte = EXPONENT_BYTE_OF_ZERO + (number->point + lead) / 2;
    size_t size = 0;
    out[size++] = (uint8_t)(number->is_negative ? ~exponent_byte : exponent_byte);
    for (int i = -lead; i < number->count; i += 2) {
        int tens = i >= 0 ? number->digits[i] : 0;
        int units = i + 1 < number->count ? number->digits[i + 1] : 0;
        int pair = 10 * tens + units;
        out[size++] = (uint8_t)(number->is_negative ? 101 - pair : pair + 1);
    }
    return size;
}

size_t number_sortable_bytes(struct bytes text, uint8_t *out)
{
    struct decimal number = decimal_of_canonical(text);
    size_t size = 1;
    if (number.count == 0) {
        out[0] = EXPONENT_BYTE_MIN;
    } else {
        size = put_pairs(&number, out);
    }
    out[size++] = number.is_negative ? CLOSING_NEGATIVE : CLOSING_POSITIVE;
    return size;
}

size_t number_hash_bytes(struct bytes text, uint8_t *out)
{
    struct decimal number = decimal_of_canonical(text);
    if (number.count == 0) {
        out[0] = EXPONENT_BYTE_MIN;
        return 1;
    }
    size_t size = put_pairs(&number, out);
    if (number.is_negative && size < 1 + PAIRS_MAX) {
        out[size++] = CLOSING_NEGATIVE;
    }
    return size;
}

size_t number_size(struct bytes text)
{
    uint8_t scratch[NUMBER_SORTABLE_SIZE_MAX];
    return number_hash_bytes(text, scratch);
}

/* Pairs up to the closing byte, as digits. False without one, or on what is not a pair. */
static bool
read_pairs(struct reader *from, bool is_negative, uint8_t digits[2 * PAIRS_MAX], int *out_count)
{
    uint8_t closing = is_negative ? CLOSING_NEGATIVE : CLOSING_POSITIVE;
    int count = 0;
    for (uint8_t byte = reader_u8(from); byte != closing; byte = reader_u8(from)) {
        int pair = is_negative ? 101 - byte : byte - 1;
        if (from->failed || pair < 0 || pair > 99 || count == 2 * PAIRS_MAX) {
            return false;
        }
        digits[count++] = (uint8_t)(pair / 10);
        digits[count++] = (uint8_t)(pair % 10);
    }
    *out_count = count;
    return !from->failed;
}

bool number_of_sortable_bytes(struct bytes from, struct number_text *out_text, size_t *out_used)
{
    struct reader reader = reader_of(from);
    uint8_t head = reader_u8(&reader);
    struct decimal number = { .is_negative = head < EXPONENT_BYTE_MIN };
    int exponent_byte = number.is_negative ? 0xFF - head : head;
    number.point = 2 * (exponent_byte - EXPONENT_BYTE_OF_ZERO);
    uint8_t digits[2 * PAIRS_MAX];
    int count;
    if (reader.failed || !read_pairs(&reader, number.is_negative, digits, &count)) {
        return false;
    }
    if (count == 0) {
        if (head != EXPONENT_BYTE_MIN) {
            return false;
        }
    } else { /* one zero at either end may fill a pair, not two */
        int lead = digits[0] == 0 ? 1 : 0;
        int trail = digits[count - 1] == 0 ? 1 : 0;
        if (digits[lead] == 0 || digits[count - 1 - trail] == 0 ||
            count - lead - trail > NUMBER_DIGITS_MAX) {
            return false;
        }
        set_digits(&number, digits, count);
    }
    print_decimal(&number, out_text);
    *out_used = from.length - reader_left(&reader);
    return true;
}
