#include "api/attribute_json.h"
#include "api/base64.h"
#include "api/json_writer.h"
#include "storage/value/item_codec.h"

#include <string.h>

/*
 * The way out of api/attribute_json: encoded values to JSON. Room is reserved once an entry, for
 * the worst case, and then filled without further checks; `put_*` functions write at `at` and
 * return the end of what they wrote.
 *
 * Most texts are short, and a call of memcpy costs more than the copy. So a short one is copied as
 * a block of fixed size, whatever its length, when that many bytes may be read: `limit` is the end
 * of the bytes that the text lies in. What is written too much is overwritten by what follows.
 */

enum {
    WORD = 8,   /* what is copied of an opening, however short */
    BLOCK = 32, /* what is copied of a short text */
    FRAME = 16, /* the longest opening and closing around a value */
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

static inline uint8_t *put_opening(uint8_t *at, enum attribute_type type)
{
    memcpy(at, OPENINGS[type].text, WORD);
    return at + OPENINGS[type].length;
}

/* Room that put_bytes and put_text need. */
static inline size_t bytes_room(struct bytes from)
{
    return from.length + BLOCK;
}

static inline uint8_t *put_bytes(uint8_t *at, struct bytes from, const uint8_t *limit)
{
    if (from.length <= BLOCK && limit - from.data >= BLOCK) {
        memcpy(at, from.data, BLOCK);
    } else if (from.length > 0) {
        memcpy(at, from.data, from.length);
    }
    return at + from.length;
}

static inline size_t text_room(struct bytes text, bool is_plain)
{
    return is_plain ? bytes_room(text) : json_escaped_size_max(text);
}

static inline uint8_t *put_text(uint8_t *at, struct bytes text, bool is_plain, const uint8_t *limit)
{
    return is_plain ? put_bytes(at, text, limit) : json_escape(at, text);
}

static inline bool is_scalar(enum attribute_type type)
{
    return type <= ATTRIBUTE_NULL;
}

static inline size_t scalar_room(struct attribute_value value)
{
    if (value.type == ATTRIBUTE_S) {
        return FRAME + text_room(value.payload, value.is_plain);
    }
    return FRAME + (value.type == ATTRIBUTE_B ? base64_encoded_size(value.payload.length)
                                              : bytes_room(value.payload));
}

static inline uint8_t *put_truth(uint8_t *at, bool truth)
{
    memcpy(at, truth ? "true}" : "false}", 6); /* of the first, with its zero byte */
    return at + (truth ? 5 : 6);
}

static inline uint8_t *put_scalar(uint8_t *at, struct attribute_value value, const uint8_t *limit)
{
    at = put_opening(at, value.type);
    switch (value.type) {
    case ATTRIBUTE_S:
        at = put_text(at, value.payload, value.is_plain, limit);
        break;
    case ATTRIBUTE_N:
        at = put_bytes(at, value.payload, limit);
        break;
    case ATTRIBUTE_B:
        base64_encode(at, value.payload);
        at += base64_encoded_size(value.payload.length);
        break;
    case ATTRIBUTE_BOOL:
        return put_truth(at, value.payload.data[0] != 0);
    case ATTRIBUTE_NULL:
    case ATTRIBUTE_SS:
    case ATTRIBUTE_NS:
    case ATTRIBUTE_BS:
    case ATTRIBUTE_L:
    case ATTRIBUTE_M:
    case ATTRIBUTE_TYPE_COUNT:
        return put_truth(at, true);
    }
    *at++ = '"';
    *at++ = '}';
    return at;
}

/* An element is a scalar of the set's type without the frame around it. */
static void write_set(struct buffer *to, struct attribute_value set)
{
    buffer_append(to, OPENINGS[set.type].text, OPENINGS[set.type].length);
    bool is_plain = set.is_plain || set.type == ATTRIBUTE_NS;
    struct reader cursor = reader_of(set.payload);
    struct bytes element;
    bool is_first = true;
    while (set_next(&cursor, &element)) {
        bool is_binary = set.type == ATTRIBUTE_BS;
        size_t room =
            is_binary ? base64_encoded_size(element.length) : text_room(element, is_plain);
        uint8_t *start = buffer_reserve(to, room + sizeof ",\"\"");
        uint8_t *at = start;
        *at = ',';
        at += !is_first;
        *at++ = '"';
        if (is_binary) {
            base64_encode(at, element);
            at += room;
        } else {
            at = put_text(at, element, is_plain, cursor.end);
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
        uint8_t *start = buffer_reserve(to, scalar_room(value));
        uint8_t *end = put_scalar(start, value, value.payload.data + value.payload.length);
        buffer_commit(to, (size_t)(end - start));
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
        size_t room = text_room(name.text, name.is_plain) + sizeof ",\"\":";
        if (is_scalar(value.type)) {
            room += scalar_room(value);
        }
        uint8_t *start = buffer_reserve(to, room);
        uint8_t *at = start;
        *at = ',';
        at += !is_first;
        *at++ = '"';
        at = put_text(at, name.text, name.is_plain, cursor.end);
        *at++ = '"';
        *at++ = ':';
        if (is_scalar(value.type)) {
            at = put_scalar(at, value, cursor.end);
            buffer_commit(to, (size_t)(at - start));
        } else {
            buffer_commit(to, (size_t)(at - start));
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
