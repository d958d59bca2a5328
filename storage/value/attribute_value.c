#include "storage/value/attribute_value.h"

#include "storage/value/number.h"

#include <assert.h>
#include <string.h>

enum {
    TAG_TYPE = 0x0F,
    TAG_PLAIN = 0x80,
    NESTING_MAX = 64, /* twice what a client may send; bounds recursion on damaged bytes */
};

static const char *const TYPE_NAMES[ATTRIBUTE_TYPE_COUNT] = {
    [ATTRIBUTE_S] = "S",       [ATTRIBUTE_N] = "N",       [ATTRIBUTE_B] = "B",
    [ATTRIBUTE_BOOL] = "BOOL", [ATTRIBUTE_NULL] = "NULL", [ATTRIBUTE_SS] = "SS",
    [ATTRIBUTE_NS] = "NS",     [ATTRIBUTE_BS] = "BS",     [ATTRIBUTE_L] = "L",
    [ATTRIBUTE_M] = "M",
};

const char *attribute_type_name(enum attribute_type type)
{
    assert(type < ATTRIBUTE_TYPE_COUNT);
    return TYPE_NAMES[type];
}

bool attribute_type_of_name(struct bytes name, enum attribute_type *out_type)
{
    for (int type = 0; type < ATTRIBUTE_TYPE_COUNT; type++) {
        if (bytes_equal(name, bytes_of_text(TYPE_NAMES[type]))) {
            *out_type = (enum attribute_type)type;
            return true;
        }
    }
    return false;
}

bool text_is_plain(struct bytes text)
{
    bool plain = true;
    for (size_t i = 0; i < text.length; i++) { /* no early exit: the compiler vectorises this */
        uint8_t byte = text.data[i];
        plain &= byte >= 0x20 && byte != '"' && byte != '\\';
    }
    return plain;
}

static bool is_set(enum attribute_type type)
{
    return type == ATTRIBUTE_SS || type == ATTRIBUTE_NS || type == ATTRIBUTE_BS;
}

static bool is_container(enum attribute_type type)
{
    return type >= ATTRIBUTE_SS;
}

static bool may_be_plain(enum attribute_type type)
{
    return type == ATTRIBUTE_S || type == ATTRIBUTE_SS;
}

/* tag, length, payload -> value; the reader fails on a tag or length that cannot be. */
static struct attribute_value read_value(struct reader *cursor)
{
    struct attribute_value value = { .type = ATTRIBUTE_NULL };
    uint8_t tag = reader_u8(cursor);
    if ((tag & TAG_TYPE) >= ATTRIBUTE_TYPE_COUNT || (tag & ~(TAG_TYPE | TAG_PLAIN)) != 0) {
        cursor->failed = true;
        return value;
    }
    value.type = (enum attribute_type)(tag & TAG_TYPE);
    value.is_plain = (tag & TAG_PLAIN) != 0;
    if (value.type == ATTRIBUTE_BOOL) {
        value.payload = reader_take(cursor, 1);
    } else if (value.type == ATTRIBUTE_NULL) {
        value.payload = reader_take(cursor, 0);
    } else if (is_container(value.type)) {
        uint32_t length = reader_u32(cursor);
        value.payload = reader_take(cursor, length);
    } else {
        value.payload = reader_sized(cursor);
    }
    return value;
}

static struct attribute_name read_name(struct reader *cursor)
{
    uint32_t head = reader_varint(cursor);
    return (struct attribute_name){
        .text = reader_take(cursor, head >> 1),
        .is_plain = (head & 1) != 0,
    };
}

bool set_next(struct reader *cursor, struct bytes *out_element)
{
    if (cursor->failed || cursor->next == cursor->end) {
        return false;
    }
    *out_element = reader_sized(cursor);
    return !cursor->failed;
}

bool list_next(struct reader *cursor, struct attribute_value *out_value)
{
    if (cursor->failed || cursor->next == cursor->end) {
        return false;
    }
    *out_value = read_value(cursor);
    return !cursor->failed;
}

/*
 * A short name and a short S, N or B, as most entries are: their lengths are one byte each. False,
 * and nothing read, for anything else.
 */
static bool read_short_entry(struct reader *cursor,
                             struct attribute_name *out_name,
                             struct attribute_value *out_value)
{
    const uint8_t *at = cursor->next;
    size_t left = reader_left(cursor);
    if (cursor->failed || left < 3 || at[0] >= 0x80 || left < (size_t)(at[0] >> 1) + 3) {
        return false;
    }
    size_t name_length = at[0] >> 1;
    const uint8_t *value = at + 1 + name_length;
    uint8_t tag = value[0];
    size_t length = value[1];
    if ((tag & ~TAG_PLAIN) > ATTRIBUTE_B || length >= 0x80 || left < name_length + 3 + length) {
        return false;
    }
    *out_name =
        (struct attribute_name){ .text = { at + 1, name_length }, .is_plain = (at[0] & 1) != 0 };
    *out_value = (struct attribute_value){ .type = (enum attribute_type)(tag & TAG_TYPE),
                                           .is_plain = (tag & TAG_PLAIN) != 0,
                                           .payload = { value + 2, length } };
    cursor->next = value + 2 + length;
    return true;
}

bool map_next(struct reader *cursor,
              struct attribute_name *out_name,
              struct attribute_value *out_value)
{
    if (read_short_entry(cursor, out_name, out_value)) {
        return true;
    }
    if (cursor->failed || cursor->next == cursor->end) {
        return false;
    }
    *out_name = read_name(cursor);
    *out_value = read_value(cursor);
    return !cursor->failed;
}

bool map_find(struct bytes payload, struct bytes name, struct attribute_value *out_value)
{
    struct reader cursor = reader_of(payload);
    struct attribute_name candidate;
    struct attribute_value value;
    while (map_next(&cursor, &candidate, &value)) {
        if (bytes_equal(candidate.text, name)) {
            *out_value = value;
            return true;
        }
    }
    return false;
}

static size_t set_size(struct attribute_value set)
{
    size_t size = 0;
    struct reader cursor = reader_of(set.payload);
    struct bytes element;
    while (set_next(&cursor, &element)) {
        size += set.type == ATTRIBUTE_NS ? number_size(element) : element.length;
    }
    return size;
}

static size_t list_size(struct bytes payload)
{
    size_t size = 3;
    struct reader cursor = reader_of(payload);
    struct attribute_value value;
    while (list_next(&cursor, &value)) {
        size += 1 + attribute_value_size(value);
    }
    return size;
}

static size_t map_size(struct bytes payload)
{
    size_t size = 3;
    struct reader cursor = reader_of(payload);
    struct attribute_name name;
    struct attribute_value value;
    while (map_next(&cursor, &name, &value)) {
        size += 1 + name.text.length + attribute_value_size(value);
    }
    return size;
}

size_t attribute_value_size(struct attribute_value value)
{
    switch (value.type) {
    case ATTRIBUTE_S:
    case ATTRIBUTE_B:
        return value.payload.length;
    case ATTRIBUTE_N:
        return number_size(value.payload);
    case ATTRIBUTE_SS:
    case ATTRIBUTE_NS:
    case ATTRIBUTE_BS:
        return set_size(value);
    case ATTRIBUTE_L:
        return list_size(value.payload);
    case ATTRIBUTE_M:
        return map_size(value.payload);
    case ATTRIBUTE_BOOL:
    case ATTRIBUTE_NULL:
    case ATTRIBUTE_TYPE_COUNT:
        break;
    }
    return 1;
}

static bool lists_equal(struct bytes left, struct bytes right)
{
    struct reader left_cursor = reader_of(left);
    struct reader right_cursor = reader_of(right);
    struct attribute_value one;
    struct attribute_value other;
    while (list_next(&left_cursor, &one)) {
        if (!list_next(&right_cursor, &other) || !attribute_value_equal(one, other)) {
            return false;
        }
    }
    return !list_next(&right_cursor, &other);
}

static bool maps_equal(struct bytes left, struct bytes right)
{
    struct reader left_cursor = reader_of(left);
    struct reader right_cursor = reader_of(right);
    struct attribute_name left_name;
    struct attribute_name right_name;
    struct attribute_value one;
    struct attribute_value other;
    while (map_next(&left_cursor, &left_name, &one)) { /* both are in order of name */
        if (!map_next(&right_cursor, &right_name, &other) ||
            !bytes_equal(left_name.text, right_name.text) || !attribute_value_equal(one, other)) {
            return false;
        }
    }
    return !map_next(&right_cursor, &right_name, &other);
}

bool attribute_value_equal(struct attribute_value left, struct attribute_value right)
{
    if (left.type != right.type) {
        return false;
    }
    if (bytes_equal(left.payload, right.payload)) { /* all there is to say of scalars and sets */
        return true;
    }
    if (left.type == ATTRIBUTE_L) {
        return lists_equal(left.payload, right.payload);
    }
    return left.type == ATTRIBUTE_M && maps_equal(left.payload, right.payload);
}

int attribute_value_compare(struct attribute_value left, struct attribute_value right)
{
    assert(left.type == right.type);
    if (left.type == ATTRIBUTE_N) {
        return number_compare(left.payload, right.payload);
    }
    return bytes_compare(left.payload, right.payload);
}

int set_compare_elements(enum attribute_type type, struct bytes left, struct bytes right)
{
    return type == ATTRIBUTE_NS ? number_compare(left, right) : bytes_compare(left, right);
}

size_t attribute_value_count(struct attribute_value value)
{
    size_t count = 0;
    struct reader cursor = reader_of(value.payload);
    if (is_set(value.type)) {
        struct bytes element;
        while (set_next(&cursor, &element)) {
            count++;
        }
    } else if (value.type == ATTRIBUTE_L) {
        struct attribute_value element;
        while (list_next(&cursor, &element)) {
            count++;
        }
    } else if (value.type == ATTRIBUTE_M) {
        struct attribute_name name;
        struct attribute_value element;
        while (map_next(&cursor, &name, &element)) {
            count++;
        }
    }
    return count;
}

size_t attribute_value_depth(struct attribute_value value)
{
    size_t deepest = 0;
    struct reader cursor = reader_of(value.payload);
    struct attribute_name name;
    struct attribute_value element;
    if (value.type != ATTRIBUTE_L && value.type != ATTRIBUTE_M) {
        return 0;
    }
    while (value.type == ATTRIBUTE_L ? list_next(&cursor, &element)
                                     : map_next(&cursor, &name, &element)) {
        size_t depth = attribute_value_depth(element);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

static bool value_is_valid(struct attribute_value value, int depth);

static bool map_is_valid(struct bytes payload, int depth)
{
    struct reader cursor = reader_of(payload);
    struct attribute_name name;
    struct attribute_value value;
    struct attribute_name before = { .text = { NULL, 0 } };
    bool first = true;
    while (map_next(&cursor, &name, &value)) {
        if ((!first && bytes_compare(before.text, name.text) >= 0) ||
            (name.is_plain && !text_is_plain(name.text)) || !value_is_valid(value, depth + 1)) {
            return false;
        }
        before = name;
        first = false;
    }
    return !cursor.failed;
}

static bool list_is_valid(struct bytes payload, int depth)
{
    struct reader cursor = reader_of(payload);
    struct attribute_value value;
    while (list_next(&cursor, &value)) {
        if (!value_is_valid(value, depth + 1)) {
            return false;
        }
    }
    return !cursor.failed;
}

static bool set_is_valid(struct attribute_value set)
{
    struct reader cursor = reader_of(set.payload);
    struct bytes element;
    struct bytes before;
    bool first = true;
    while (set_next(&cursor, &element)) {
        if ((set.type == ATTRIBUTE_NS && !number_is_canonical(element)) ||
            (set.is_plain && !text_is_plain(element)) ||
            (!first && set_compare_elements(set.type, before, element) >= 0)) {
            return false;
        }
        before = element;
        first = false;
    }
    return !cursor.failed;
}

static bool value_is_valid(struct attribute_value value, int depth)
{
    if (depth > NESTING_MAX || (value.is_plain && !may_be_plain(value.type))) {
        return false;
    }
    switch (value.type) {
    case ATTRIBUTE_S:
        return !value.is_plain || text_is_plain(value.payload);
    case ATTRIBUTE_N:
        return number_is_canonical(value.payload);
    case ATTRIBUTE_B:
        return true;
    case ATTRIBUTE_BOOL:
        return value.payload.length == 1 && value.payload.data[0] <= 1;
    case ATTRIBUTE_NULL:
        return value.payload.length == 0;
    case ATTRIBUTE_SS:
    case ATTRIBUTE_NS:
    case ATTRIBUTE_BS:
        return set_is_valid(value);
    case ATTRIBUTE_L:
        return list_is_valid(value.payload, depth);
    case ATTRIBUTE_M:
        return map_is_valid(value.payload, depth);
    case ATTRIBUTE_TYPE_COUNT:
        break;
    }
    return false;
}

bool attribute_payload_is_valid(enum attribute_type type, struct bytes payload)
{
    return value_is_valid((struct attribute_value){ .type = type, .payload = payload }, 0);
}

void write_value(struct buffer *to, struct attribute_value value)
{
    buffer_append_u8(to, (uint8_t)((unsigned)value.type | (value.is_plain ? TAG_PLAIN : 0u)));
    if (is_container(value.type)) {
        buffer_append_u32(to, (uint32_t)value.payload.length);
    } else if (value.type != ATTRIBUTE_BOOL && value.type != ATTRIBUTE_NULL) {
        buffer_append_varint(to, (uint32_t)value.payload.length);
    }
    buffer_append_bytes(to, value.payload);
}

void write_name(struct buffer *to, struct attribute_name name)
{
    buffer_append_varint(to, (uint32_t)name.text.length << 1 | (name.is_plain ? 1u : 0u));
    buffer_append_bytes(to, name.text);
}

size_t write_open(struct buffer *to, enum attribute_type type)
{
    assert(is_container(type));
    buffer_append_u8(to, (uint8_t)type);
    buffer_append_u32(to, 0);
    return to->length;
}

void write_close(struct buffer *to, size_t mark)
{
    buffer_patch_u32(to, mark - sizeof(uint32_t), (uint32_t)(to->length - mark));
}

void write_mark_plain(struct buffer *to, size_t mark)
{
    to->data[mark - sizeof(uint32_t) - 1] |= TAG_PLAIN;
}
