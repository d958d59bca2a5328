#include "api/attribute_json.h"
#include "api/base64.h"
#include "api/json_writer.h"
#include "storage/value/item_codec.h"

#include <string.h>

/*
 * The way out of api/attribute_json: encoded values to JSON. Room is reserved once a value, for the
 * worst case, and then filled without further checks; `put_*` functions write at `at` and return
 * the end of what they wrote.
 */

enum {
    WORD = 8,           /* what is copied of an opening, however short: one machine word */
    FRAME_SIZE_MAX = 16 /* the longest opening and closing around a value */
};

struct opening {
    char text[WORD];
    size_t length;
};

static const struct opening OPENINGS[ATTRIBUTE_TYPE_COUNT] = {
    [ATTRIBUTE_S] = { "{\"S\":\"", 6 },     [ATTRIBUTE_N] = { "{\"N\":\"", 6 },
    [ATTRIBUTE_B] = { "{\"B\":\"", 6 },     [ATTRIBUTE_BOOL] = { "{\"BOOL\":", 8 },
    [ATTRIBUTE_NULL] = { "{\"NULL\":", 8 }, [ATTRIBUTE_SS] = { "{\"SS\":[", 7 },
    [ATTRIBUTE_NS] = { "{\"NS\":[", 7 },    [ATTRIBUTE_BS] = { "{\"BS\":[", 7 },
    [ATTRIBUTE_L] = { "{\"L\":[", 6 },      [ATTRIBUTE_M] = { "{\"M\":{", 6 },
};

static uint8_t *put_opening(uint8_t *at, enum attribute_type type)
{
    memcpy(at, OPENINGS[type].text, WORD);
    return at + OPENINGS[type].length;
}

static uint8_t *put_bytes(uint8_t *at, struct bytes from)
{
    if (from.length > 0) {
        memcpy(at, from.data, from.length);
    }
    return at + from.length;
}

static size_t text_size_max(struct bytes text, bool is_plain)
{
    return is_plain ? text.length : json_escaped_size_max(text);
}

static uint8_t *put_text(uint8_t *at, struct bytes text, bool is_plain)
{
    return is_plain ? put_bytes(at, text) : json_escape(at, text);
}

static bool is_scalar(enum attribute_type type)
{
    return type <= ATTRIBUTE_NULL;
}

static size_t scalar_size_max(struct attribute_value value)
{
    size_t size = FRAME_SIZE_MAX;
    if (value.type == ATTRIBUTE_S) {
        size += text_size_max(value.payload, value.is_plain);
    } else if (value.type == ATTRIBUTE_B) {
        size += base64_encoded_size(value.payload.length);
    } else {
        size += value.payload.length;
    }
    return size;
}

static uint8_t *put_scalar(uint8_t *at, struct attribute_value value)
{
    at = put_opening(at, value.type);
    if (value.type == ATTRIBUTE_BOOL || value.type == ATTRIBUTE_NULL) {
        bool truth = value.type == ATTRIBUTE_NULL || value.payload.data[0] != 0;
        return put_bytes(at, truth ? BYTES("true}") : BYTES("false}"));
    }
    if (value.type == ATTRIBUTE_S) {
        at = put_text(at, value.payload, value.is_plain);
    } else if (value.type == ATTRIBUTE_N) {
        at = put_bytes(at, value.payload);
    } else {
        base64_encode(at, value.payload);
        at += base64_encoded_size(value.payload.length);
    }
    *at++ = '"';
    *at++ = '}';
    return at;
}

static void write_set(struct buffer *to, struct attribute_value set)
{
    uint8_t *start = buffer_reserve(to, FRAME_SIZE_MAX);
    buffer_commit(to, (size_t)(put_opening(start, set.type) - start));
    struct reader cursor = reader_of(set.payload);
    struct bytes element;
    bool is_first = true;
    while (set_next(&cursor, &element)) {
        /* An element is a scalar of the set's type without the frame around it. */
        bool is_plain = set.is_plain || set.type == ATTRIBUTE_NS;
        size_t size_max = set.type == ATTRIBUTE_BS ? base64_encoded_size(element.length)
                                                   : text_size_max(element, is_plain);
        start = buffer_reserve(to, size_max + 3);
        uint8_t *at = start;
        if (!is_first) {
            *at++ = ',';
        }
        *at++ = '"';
        if (set.type == ATTRIBUTE_BS) {
            base64_encode(at, element);
            at += size_max;
        } else {
            at = put_text(at, element, is_plain);
        }
        *at++ = '"';
        buffer_commit(to, (size_t)(at - start));
        is_first = false;
    }
    buffer_append(to, "]}", 2);
}

static void write_list(struct buffer *to, struct bytes payload)
{
    buffer_append(to, OPENINGS[ATTRIBUTE_L].text, OPENINGS[ATTRIBUTE_L].length);
    struct reader cursor = reader_of(payload);
    struct attribute_value value;
    bool is_first = true;
    while (list_next(&cursor, &value)) {
        if (!is_first) {
            buffer_append_u8(to, ',');
        }
        attribute_json_write(to, value);
        is_first = false;
    }
    buffer_append(to, "]}", 2);
}

/* Recursion is bounded by the nesting that item_of_json lets in. */
static void write_container(struct buffer *to, struct attribute_value value)
{
    if (value.type == ATTRIBUTE_M) {
        buffer_append(to, "{\"M\":", 5);
        attributes_json_write(to, value.payload);
        buffer_append_u8(to, '}');
    } else if (value.type == ATTRIBUTE_L) {
        write_list(to, value.payload);
    } else {
        write_set(to, value);
    }
}

void attribute_json_write(struct buffer *to, struct attribute_value value)
{
    if (is_scalar(value.type)) {
        uint8_t *start = buffer_reserve(to, scalar_size_max(value));
        buffer_commit(to, (size_t)(put_scalar(start, value) - start));
    } else {
        write_container(to, value);
    }
}

void attributes_json_write(struct buffer *to, struct bytes payload)
{
    buffer_append_u8(to, '{');
    struct reader cursor = reader_of(payload);
    struct attribute_name name;
    struct attribute_value value;
    bool is_first = true;
    while (map_next(&cursor, &name, &value)) {
        size_t size_max = text_size_max(name.text, name.is_plain) + sizeof ",\"\":";
        if (is_scalar(value.type)) {
            size_max += scalar_size_max(value);
        }
        uint8_t *start = buffer_reserve(to, size_max);
        uint8_t *at = start;
        if (!is_first) {
            *at++ = ',';
        }
        *at++ = '"';
        at = put_text(at, name.text, name.is_plain);
        *at++ = '"';
        *at++ = ':';
        if (is_scalar(value.type)) {
            at = put_scalar(at, value);
        }
        buffer_commit(to, (size_t)(at - start));
        if (!is_scalar(value.type)) {
            write_container(to, value);
        }
        is_first = false;
    }
    buffer_append_u8(to, '}');
}

void item_json_write(struct buffer *to, struct bytes item)
{
    attributes_json_write(to, item_attributes(item));
}
