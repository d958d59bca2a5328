#include "storage/value/item_codec.h"

#include <assert.h>

enum {
    ITEM_VERSION = 1,
    HEADER_SIZE = 1 + 4,
};

static size_t entries_size(struct bytes entries)
{
    size_t size = 0;
    struct reader cursor = reader_of(entries);
    struct attribute_name name;
    struct attribute_value value;
    while (map_next(&cursor, &name, &value)) {
        size += name.text.length + attribute_value_size(value);
    }
    return size;
}

size_t item_begin(struct buffer *to)
{
    size_t mark = to->length;
    buffer_append_u8(to, ITEM_VERSION);
    buffer_append_u32(to, 0);
    return mark;
}

struct bytes item_end(struct buffer *to, size_t mark)
{
    struct bytes item = { .data = to->data + mark, .length = to->length - mark };
    buffer_patch_u32(to, mark + 1, (uint32_t)entries_size(item_attributes(item)));
    return item;
}

struct bytes item_of_map(struct buffer *to, struct bytes payload)
{
    size_t mark = item_begin(to);
    buffer_append_bytes(to, payload);
    return item_end(to, mark);
}

struct bytes item_attributes(struct bytes item)
{
    assert(item.length >= HEADER_SIZE);
    return (struct bytes){ .data = item.data + HEADER_SIZE, .length = item.length - HEADER_SIZE };
}

size_t item_size(struct bytes item)
{
    struct reader reader = reader_of(item);
    (void)reader_u8(&reader);
    return reader_u32(&reader);
}

bool item_find(struct bytes item, struct bytes name, struct attribute_value *out_value)
{
    return map_find(item_attributes(item), name, out_value);
}

struct bytes
item_project(struct buffer *to, struct bytes item, const struct bytes *names, size_t names_count)
{
    size_t mark = item_begin(to);
    struct reader cursor = reader_of(item_attributes(item));
    struct attribute_name name;
    struct attribute_value value;
    size_t wanted = 0;
    while (wanted < names_count && map_next(&cursor, &name, &value)) {
        int order = bytes_compare(names[wanted], name.text);
        while (order < 0 && ++wanted < names_count) {
            order = bytes_compare(names[wanted], name.text);
        }
        if (order == 0) {
            write_name(to, name);
            write_value(to, value);
            wanted++;
        }
    }
    return item_end(to, mark);
}

bool item_is_valid(struct bytes item)
{
    if (item.length < HEADER_SIZE || item.data[0] != ITEM_VERSION) {
        return false;
    }
    struct bytes entries = item_attributes(item);
    return attribute_payload_is_valid(ATTRIBUTE_M, entries) &&
           item_size(item) == entries_size(entries);
}
