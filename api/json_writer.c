#include "api/json_writer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    INTEGER_SIZE_MAX = 20,
    DOUBLE_SIZE_MAX = 32,
};

/* What follows the backslash; 'u' for the long form, 0 for bytes that stand for themselves. */
static const char ESCAPE_OF[256] = {
    [0x00] = 'u', [0x01] = 'u', [0x02] = 'u', [0x03] = 'u',  [0x04] = 'u', [0x05] = 'u',
    [0x06] = 'u', [0x07] = 'u', ['\b'] = 'b', ['\t'] = 't',  ['\n'] = 'n', [0x0B] = 'u',
    ['\f'] = 'f', ['\r'] = 'r', [0x0E] = 'u', [0x0F] = 'u',  [0x10] = 'u', [0x11] = 'u',
    [0x12] = 'u', [0x13] = 'u', [0x14] = 'u', [0x15] = 'u',  [0x16] = 'u', [0x17] = 'u',
    [0x18] = 'u', [0x19] = 'u', [0x1A] = 'u', [0x1B] = 'u',  [0x1C] = 'u', [0x1D] = 'u',
    [0x1E] = 'u', [0x1F] = 'u', ['"'] = '"',  ['\\'] = '\\',
};

size_t json_escaped_size_max(struct bytes text)
{
    size_t size = text.length;
    for (size_t i = 0; i < text.length; i++) { /* no branches: the compiler vectorises this */
        uint8_t byte = text.data[i];
        size += byte == '"' || byte == '\\' ? 1u : 0u;
        size += byte < 0x20 ? 5u : 0u;
    }
    return size;
}

/* Whether none of eight bytes needs an escape: the usual tricks for "has a byte below n". */
static bool are_plain(const uint8_t *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, at, sizeof word);
    uint64_t quote = word ^ (ones * '"');
    uint64_t backslash = word ^ (ones * '\\');
    uint64_t found = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) |
                     ((backslash - ones) & ~backslash);
    return (found & (ones * 0x80)) == 0;
}

uint8_t *json_escape(uint8_t *to, struct bytes text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t start = 0; /* of the run that waits to be copied as it is */
    size_t i = 0;
    while (i < text.length) {
        if (text.length - i >= sizeof(uint64_t) && are_plain(text.data + i)) {
            i += sizeof(uint64_t);
            continue;
        }
        uint8_t byte = text.data[i++];
        char escape = ESCAPE_OF[byte];
        if (escape == 0) {
            continue;
        }
        memcpy(to, text.data + start, i - 1 - start);
        to += i - 1 - start;
        start = i;
        *to++ = '\\';
        *to++ = (uint8_t)escape;
        if (escape == 'u') {
            *to++ = '0';
            *to++ = '0';
            *to++ = (uint8_t)hex[byte >> 4];
            *to++ = (uint8_t)hex[byte & 0x0F];
        }
    }
    if (text.length > start) {
        memcpy(to, text.data + start, text.length - start);
        to += text.length - start;
    }
    return to;
}

void json_append_text(struct buffer *to, struct bytes text)
{
    uint8_t *start = buffer_reserve(to, json_escaped_size_max(text) + 2);
    uint8_t *at = start;
    *at++ = '"';
    at = json_escape(at, text);
    *at++ = '"';
    buffer_commit(to, (size_t)(at - start));
}

struct json_writer json_writer_of(struct buffer *to)
{
    return (struct json_writer){ .to = to, .needs_comma = false };
}

struct buffer *json_write_value_begin(struct json_writer *writer)
{
    if (writer->needs_comma) {
        buffer_append_u8(writer->to, ',');
    }
    return writer->to;
}

void json_write_value_end(struct json_writer *writer)
{
    writer->needs_comma = true;
}

static void open_container(struct json_writer *writer, char bracket)
{
    buffer_append_u8(json_write_value_begin(writer), (uint8_t)bracket);
    writer->needs_comma = false;
}

static void close_container(struct json_writer *writer, char bracket)
{
    buffer_append_u8(writer->to, (uint8_t)bracket);
    json_write_value_end(writer);
}

void json_open_object(struct json_writer *writer)
{
    open_container(writer, '{');
}

void json_close_object(struct json_writer *writer)
{
    close_container(writer, '}');
}

void json_open_array(struct json_writer *writer)
{
    open_container(writer, '[');
}

void json_close_array(struct json_writer *writer)
{
    close_container(writer, ']');
}

/* "text" as it is, between quotes. */
static void append_quoted(struct buffer *to, struct bytes text)
{
    uint8_t *at = buffer_reserve(to, text.length + 2);
    at[0] = '"';
    if (text.length > 0) {
        memcpy(at + 1, text.data, text.length);
    }
    at[text.length + 1] = '"';
    buffer_commit(to, text.length + 2);
}

void json_write_key(struct json_writer *writer, const char *name)
{
    struct buffer *to = json_write_value_begin(writer);
    append_quoted(to, bytes_of_text(name));
    buffer_append_u8(to, ':');
    writer->needs_comma = false;
}

void json_write_name(struct json_writer *writer, struct bytes name)
{
    struct buffer *to = json_write_value_begin(writer);
    json_append_text(to, name);
    buffer_append_u8(to, ':');
    writer->needs_comma = false;
}

void json_write_text(struct json_writer *writer, struct bytes text)
{
    json_append_text(json_write_value_begin(writer), text);
    json_write_value_end(writer);
}

void json_write_plain(struct json_writer *writer, struct bytes text)
{
    append_quoted(json_write_value_begin(writer), text);
    json_write_value_end(writer);
}

static void append_integer(struct buffer *to, int64_t value)
{
    uint8_t digits[INTEGER_SIZE_MAX];
    size_t first = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--first] = (uint8_t)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        digits[--first] = '-';
    }
    buffer_append(to, digits + first, sizeof digits - first);
}

void json_write_integer(struct json_writer *writer, int64_t value)
{
    append_integer(json_write_value_begin(writer), value);
    json_write_value_end(writer);
}

void json_write_boolean(struct json_writer *writer, bool value)
{
    buffer_append_text(json_write_value_begin(writer), value ? "true" : "false");
    json_write_value_end(writer);
}

/* Java's form, as far as size allows: always a point, at least one digit behind it. */
void json_write_double(struct json_writer *writer, double value)
{
    assert(isfinite(value));
    char text[DOUBLE_SIZE_MAX];
    int precision = 15; /* enough for all decimals of that many digits; else the 17 of any double */
    (void)snprintf(text, sizeof text, "%.*g", precision, value);
    if (strtod(text, NULL) != value) {
        (void)snprintf(text, sizeof text, "%.17g", value);
    }
    struct buffer *to = json_write_value_begin(writer);
    buffer_append_text(to, text);
    if (strpbrk(text, ".e") == NULL) {
        buffer_append_text(to, ".0");
    }
    json_write_value_end(writer);
}

void json_write_seconds(struct json_writer *writer, int64_t milliseconds)
{
    assert(milliseconds >= 0);
    struct buffer *to = json_write_value_begin(writer);
    append_integer(to, milliseconds / 1000);
    int fraction = (int)(milliseconds % 1000);
    if (fraction != 0) {
        uint8_t digits[] = { '.', (uint8_t)('0' + fraction / 100),
                             (uint8_t)('0' + fraction / 10 % 10), (uint8_t)('0' + fraction % 10) };
        size_t length = sizeof digits;
        while (digits[length - 1] == '0') {
            length--;
        }
        buffer_append(to, digits, length);
    }
    json_write_value_end(writer);
}

void json_write_raw(struct json_writer *writer, struct bytes json)
{
    buffer_append_bytes(json_write_value_begin(writer), json);
    json_write_value_end(writer);
}

void json_member_text(struct json_writer *writer, const char *name, struct bytes text)
{
    json_write_key(writer, name);
    json_write_text(writer, text);
}

void json_member_integer(struct json_writer *writer, const char *name, int64_t value)
{
    json_write_key(writer, name);
    json_write_integer(writer, value);
}

void json_member_boolean(struct json_writer *writer, const char *name, bool value)
{
    json_write_key(writer, name);
    json_write_boolean(writer, value);
}

void json_member_seconds(struct json_writer *writer, const char *name, int64_t milliseconds)
{
    json_write_key(writer, name);
    json_write_seconds(writer, milliseconds);
}
