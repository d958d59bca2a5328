#include "storage/value/attribute_set.h"

#include <assert.h>
#include <stdlib.h>

enum {
    FEW = 24
}; /* up to so many are sorted by insertion, which is linear when they are in order */

static int compare_bytes(const void *left, const void *right)
{
    return set_compare_elements(ATTRIBUTE_BS, *(const struct bytes *)left,
                                *(const struct bytes *)right);
}

static int compare_numbers(const void *left, const void *right)
{
    return set_compare_elements(ATTRIBUTE_NS, *(const struct bytes *)left,
                                *(const struct bytes *)right);
}

static void insertion_sort(enum attribute_type type, struct bytes *elements, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct bytes moving = elements[i];
        size_t place = i;
        while (place > 0 && set_compare_elements(type, elements[place - 1], moving) > 0) {
            elements[place] = elements[place - 1];
            place--;
        }
        elements[place] = moving;
    }
}

bool set_sort(enum attribute_type type, struct bytes *elements, size_t count)
{
    if (count <= FEW) {
        insertion_sort(type, elements, count);
    } else {
        qsort(elements, count, sizeof *elements,
              type == ATTRIBUTE_NS ? compare_numbers : compare_bytes);
    }
    for (size_t i = 1; i < count; i++) {
        if (bytes_equal(elements[i - 1], elements[i])) { /* canonical numbers are equal as text */
            return false;
        }
    }
    return true;
}

void write_set(struct buffer *to,
               enum attribute_type type,
               const struct bytes *elements,
               size_t count)
{
    size_t mark = write_open(to, type);
    bool is_plain = type == ATTRIBUTE_SS;
    for (size_t i = 0; i < count; i++) {
        is_plain = is_plain && text_is_plain(elements[i]);
        buffer_append_sized(to, elements[i]);
    }
    write_close(to, mark);
    if (is_plain) {
        write_mark_plain(to, mark);
    }
}

struct attribute_value
set_unite(struct arena *arena, struct attribute_value left, struct attribute_value right)
{
    assert(left.type == right.type);
    struct buffer elements;
    buffer_init(&elements, arena, left.payload.length + right.payload.length);
    struct reader left_cursor = reader_of(left.payload);
    struct reader right_cursor = reader_of(right.payload);
    struct bytes one;
    struct bytes other;
    bool has_one = set_next(&left_cursor, &one);
    bool has_other = set_next(&right_cursor, &other);
    while (has_one && has_other) {
        int order = set_compare_elements(left.type, one, other);
        buffer_append_sized(&elements, order <= 0 ? one : other);
        has_one = order <= 0 ? set_next(&left_cursor, &one) : true;
        has_other = order >= 0 ? set_next(&right_cursor, &other) : true;
    }
    for (; has_one; has_one = set_next(&left_cursor, &one)) {
        buffer_append_sized(&elements, one);
    }
    for (; has_other; has_other = set_next(&right_cursor, &other)) {
        buffer_append_sized(&elements, other);
    }
    return (struct attribute_value){ .type = left.type,
                                     .is_plain = left.is_plain && right.is_plain,
                                     .payload = buffer_view(&elements) };
}

struct attribute_value
set_subtract(struct arena *arena, struct attribute_value left, struct attribute_value right)
{
    assert(left.type == right.type);
    struct buffer elements;
    buffer_init(&elements, arena, left.payload.length);
    struct reader left_cursor = reader_of(left.payload);
    struct reader right_cursor = reader_of(right.payload);
    struct bytes element;
    struct bytes taken;
    bool has_taken = set_next(&right_cursor, &taken);
    bool is_plain = left.type == ATTRIBUTE_SS; /* may be so only now: what was not plain is gone */
    while (set_next(&left_cursor, &element)) {
        while (has_taken && set_compare_elements(left.type, taken, element) < 0) {
            has_taken = set_next(&right_cursor, &taken);
        }
        if (!has_taken || !bytes_equal(taken, element)) {
            is_plain = is_plain && text_is_plain(element);
            buffer_append_sized(&elements, element);
        }
    }
    return (struct attribute_value){ .type = left.type,
                                     .is_plain = is_plain,
                                     .payload = buffer_view(&elements) };
}
