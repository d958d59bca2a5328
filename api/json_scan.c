#include "api/json_scan.h"

#include "storage/base/arena.h"

#include <string.h>

/* Everything below walks from `at` to `end` and returns where it stopped, or NULL for a fault. */

enum character_class {
    CHARACTER_BAD, /* outside strings */
    CHARACTER_SKIP,
    CHARACTER_QUOTE,
    CHARACTER_NUMBER,
};

/* What a byte begins outside strings. Letters are those of true, false and null. */
static const uint8_t CLASS_OF[256] = {
    ['\t'] = CHARACTER_SKIP,  ['\n'] = CHARACTER_SKIP,  ['\r'] = CHARACTER_SKIP,
    [' '] = CHARACTER_SKIP,   ['{'] = CHARACTER_SKIP,   ['}'] = CHARACTER_SKIP,
    ['['] = CHARACTER_SKIP,   [']'] = CHARACTER_SKIP,   [','] = CHARACTER_SKIP,
    [':'] = CHARACTER_SKIP,   ['t'] = CHARACTER_SKIP,   ['r'] = CHARACTER_SKIP,
    ['u'] = CHARACTER_SKIP,   ['e'] = CHARACTER_SKIP,   ['f'] = CHARACTER_SKIP,
    ['a'] = CHARACTER_SKIP,   ['l'] = CHARACTER_SKIP,   ['s'] = CHARACTER_SKIP,
    ['n'] = CHARACTER_SKIP,   ['"'] = CHARACTER_QUOTE,  ['-'] = CHARACTER_NUMBER,
    ['0'] = CHARACTER_NUMBER, ['1'] = CHARACTER_NUMBER, ['2'] = CHARACTER_NUMBER,
    ['3'] = CHARACTER_NUMBER, ['4'] = CHARACTER_NUMBER, ['5'] = CHARACTER_NUMBER,
    ['6'] = CHARACTER_NUMBER, ['7'] = CHARACTER_NUMBER, ['8'] = CHARACTER_NUMBER,
    ['9'] = CHARACTER_NUMBER,
};

/*
 * Whether all eight bytes are ASCII that stands for itself in a string. In a byte below 0x80 the
 * subtraction of n sets the high bit exactly when the byte is below n; the borrow may spoil the
 * bytes above it, but then the word is reported anyway.
 */
static bool are_plain(const uint8_t *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = ones * 0x80;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    uint64_t quote = word ^ (ones * '"');
    uint64_t backslash = word ^ (ones * '\\');
    uint64_t found = (word - ones * 0x20) | (quote - ones) | (backslash - ones) | word;
    return (found & highs) == 0;
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static const uint8_t *scan_digits(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *start = at;
    while (at < end && is_digit(*at)) {
        at++;
    }
    return at > start ? at : NULL;
}

/* number = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ("e" / "E") [ "+" / "-" ] 1*digit ]
 */
static const uint8_t *scan_number(const uint8_t *at, const uint8_t *end)
{
    if (*at == '-') {
        at++;
    }
    if (at < end && *at == '0') {
        at++;
        if (at < end && is_digit(*at)) {
            return NULL;
        }
    } else {
        at = scan_digits(at, end);
    }
    if (at != NULL && at < end && *at == '.') {
        at = scan_digits(at + 1, end);
    }
    if (at != NULL && at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) {
            at++;
        }
        at = scan_digits(at, end);
    }
    return at;
}

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* One character of two to four bytes: the table of well-formed sequences of RFC 3629, section 4. */
static const uint8_t *scan_multibyte(const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at);
    uint8_t lead = at[0];
    if (lead >= 0xC2 && lead <= 0xDF) {
        return left >= 2 && is_continuation(at[1]) ? at + 2 : NULL;
    }
    if ((lead & 0xF0) == 0xE0) {
        uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;  /* no overlong forms */
        uint8_t high = lead == 0xED ? 0x9F : 0xBF; /* no surrogates */
        return left >= 3 && at[1] >= low && at[1] <= high && is_continuation(at[2]) ? at + 3 : NULL;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
        uint8_t high = lead == 0xF4 ? 0x8F : 0xBF; /* nothing past U+10FFFF */
        return left >= 4 && at[1] >= low && at[1] <= high && is_continuation(at[2]) &&
                       is_continuation(at[3])
                   ? at + 4
                   : NULL;
    }
    return NULL;
}

/* Four hexadecimal digits; false when there are none. */
static bool read_hex(const uint8_t *at, const uint8_t *end, unsigned *out_code)
{
    if (end - at < 4) {
        return false;
    }
    unsigned code = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t byte = at[i];
        uint8_t lower = byte | 0x20;
        if (is_digit(byte)) {
            code = code * 16 + (unsigned)(byte - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            code = code * 16 + (unsigned)(lower - 'a' + 10);
        } else {
            return false;
        }
    }
    *out_code = code;
    return true;
}

/*
 * An escape; `at` is its backslash. A surrogate without its other half is refused: it has no UTF-8,
 * and to keep something else than what was sent would be worse.
 */
static const uint8_t *scan_escape(const uint8_t *at, const uint8_t *end, bool *has_zero)
{
    if (end - at < 2) {
        return NULL;
    }
    if (at[1] != 'u') {
        return at[1] != '\0' && strchr("\"\\/bfnrt", at[1]) != NULL ? at + 2 : NULL;
    }
    unsigned code;
    if (!read_hex(at + 2, end, &code)) {
        return NULL;
    }
    *has_zero |= code == 0;
    at += 6;
    if (code < 0xD800 || code > 0xDFFF) {
        return at;
    }
    unsigned low;
    bool is_pair = code <= 0xDBFF && end - at >= 6 && at[0] == '\\' && at[1] == 'u' &&
                   read_hex(at + 2, end, &low) && low >= 0xDC00 && low <= 0xDFFF;
    return is_pair ? at + 6 : NULL;
}

/* A string after its first quote; stops behind the second. */
static const uint8_t *scan_string(const uint8_t *at, const uint8_t *end, bool *has_zero)
{
    while (at != NULL && at < end) {
        if ((size_t)(end - at) >= sizeof(uint64_t) && are_plain(at)) {
            at += sizeof(uint64_t);
        } else if (*at == '"') {
            return at + 1;
        } else if (*at == '\\') {
            at = scan_escape(at, end, has_zero);
        } else if (*at >= 0x80) {
            at = scan_multibyte(at, end);
        } else {
            at = *at >= 0x20 ? at + 1 : NULL;
        }
    }
    return NULL;
}

bool json_scan(struct bytes text, bool *out_has_zero)
{
    bool has_zero = false;
    const uint8_t *at = text.data;
    const uint8_t *end = at + text.length;
    while (at != NULL && at < end) {
        switch ((enum character_class)CLASS_OF[*at]) {
        case CHARACTER_SKIP:
            at++;
            break;
        case CHARACTER_QUOTE:
            at = scan_string(at + 1, end, &has_zero);
            break;
        case CHARACTER_NUMBER:
            at = scan_number(at, end);
            break;
        case CHARACTER_BAD:
            at = NULL;
            break;
        }
    }
    *out_has_zero = has_zero;
    return at != NULL;
}

struct bytes json_scan_hide_zeros(struct arena *arena, struct bytes text)
{
    static const char zero[] = "\\u0000";
    uint8_t *hidden = arena_alloc(arena, text.length);
    size_t length = 0;
    size_t i = 0;
    while (i < text.length) {
        if (text.data[i] != '\\') {
            hidden[length++] = text.data[i++];
        } else if (text.length - i >= sizeof zero - 1 &&
                   memcmp(text.data + i, zero, sizeof zero - 1) == 0) {
            hidden[length++] = 0xC0;
            hidden[length++] = 0x80;
            i += sizeof zero - 1;
        } else { /* both bytes, so that the second half of \\ does not begin an escape */
            hidden[length++] = text.data[i++];
            hidden[length++] = text.data[i++];
        }
    }
    return (struct bytes){ .data = hidden, .length = length };
}

bool json_scan_is_utf8(struct bytes text)
{
    const uint8_t *at = text.data;
    const uint8_t *end = text.data + text.length;
    while (at != NULL && at < end) {
        at = *at < 0x80 ? at + 1 : scan_multibyte(at, end);
    }
    return at != NULL || text.length == 0;
}
