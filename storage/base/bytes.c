#include "storage/base/bytes.h"

#include "storage/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { VARINT_SIZE_MAX = 5 };

struct bytes bytes_of_text(const char *text)
{
    return (struct bytes){ .data = (const uint8_t *)text, .length = strlen(text) };
}

bool bytes_equal(struct bytes left, struct bytes right)
{
    return left.length == right.length &&
           (left.length == 0 || memcmp(left.data, right.data, left.length) == 0);
}

bool bytes_start_with(struct bytes text, struct bytes prefix)
{
    return text.length >= prefix.length &&
           (prefix.length == 0 || memcmp(text.data, prefix.data, prefix.length) == 0);
}

int bytes_compare(struct bytes left, struct bytes right)
{
    size_t shared = left.length < right.length ? left.length : right.length;
    int order = shared == 0 ? 0 : memcmp(left.data, right.data, shared);
    if (order != 0) {
        return order;
    }
    return left.length < right.length ? -1 : left.length > right.length;
}

struct bytes bytes_copy(struct arena *arena, struct bytes from)
{
    uint8_t *copy = arena_alloc(arena, from.length);
    if (from.length > 0) {
        memcpy(copy, from.data, from.length);
    }
    return (struct bytes){ .data = copy, .length = from.length };
}

char *bytes_to_text(struct arena *arena, struct bytes from)
{
    char *text = arena_alloc(arena, from.length + 1);
    if (from.length > 0) {
        memcpy(text, from.data, from.length);
    }
    text[from.length] = '\0';
    return text;
}

void buffer_init(struct buffer *buffer, struct arena *arena, size_t capacity)
{
    buffer->arena = arena;
    buffer->data = arena_alloc(arena, capacity);
    buffer->length = 0;
    buffer->capacity = capacity;
}

void buffer_grow(struct buffer *buffer, size_t size)
{
    size_t capacity = buffer->capacity * 2;
    if (capacity < buffer->length + size) {
        capacity = buffer->length + size;
    }
    buffer->data = arena_grow(buffer->arena, buffer->data, buffer->capacity, capacity);
    buffer->capacity = capacity;
}

void buffer_commit(struct buffer *buffer, size_t size)
{
    assert(buffer->capacity - buffer->length >= size);
    buffer->length += size;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    if (size > 0) {
        memcpy(buffer_reserve(buffer, size), data, size);
        buffer->length += size;
    }
}

void buffer_append_bytes(struct buffer *buffer, struct bytes from)
{
    buffer_append(buffer, from.data, from.length);
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    char *room = (char *)buffer_reserve(buffer, (size_t)length + 1);
    (void)vsnprintf(room, (size_t)length + 1, format, again);
    va_end(again);
    buffer->length += (size_t)length;
}

void buffer_append_u8(struct buffer *buffer, uint8_t value)
{
    *buffer_reserve(buffer, 1) = value;
    buffer->length += 1;
}

static void store_little_endian(uint8_t *to, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        to[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t load_little_endian(const uint8_t *from, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value |= (uint64_t)from[i] << (8 * i);
    }
    return value;
}

void buffer_append_u32(struct buffer *buffer, uint32_t value)
{
    store_little_endian(buffer_reserve(buffer, sizeof value), value, sizeof value);
    buffer->length += sizeof value;
}

void buffer_append_u64(struct buffer *buffer, uint64_t value)
{
    store_little_endian(buffer_reserve(buffer, sizeof value), value, sizeof value);
    buffer->length += sizeof value;
}

void buffer_append_varint(struct buffer *buffer, uint32_t value)
{
    uint8_t *room = buffer_reserve(buffer, VARINT_SIZE_MAX);
    size_t size = 0;
    while (value >= 0x80) {
        room[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    room[size++] = (uint8_t)value;
    buffer->length += size;
}

void buffer_append_sized(struct buffer *buffer, struct bytes from)
{
    assert(from.length <= UINT32_MAX);
    buffer_append_varint(buffer, (uint32_t)from.length);
    buffer_append_bytes(buffer, from);
}

void buffer_patch_u32(struct buffer *buffer, size_t offset, uint32_t value)
{
    assert(offset + sizeof value <= buffer->length);
    store_little_endian(buffer->data + offset, value, sizeof value);
}

struct bytes buffer_view(const struct buffer *buffer)
{
    return (struct bytes){ .data = buffer->data, .length = buffer->length };
}

struct reader reader_of(struct bytes from)
{
    static const uint8_t nothing;
    const uint8_t *start = from.data != NULL ? from.data : &nothing;
    return (struct reader){ .next = start, .end = start + from.length, .failed = false };
}

size_t reader_left(const struct reader *reader)
{
    return (size_t)(reader->end - reader->next);
}

uint8_t reader_u8(struct reader *reader)
{
    struct bytes taken = reader_take(reader, 1);
    return taken.length == 1 ? taken.data[0] : 0;
}

uint32_t reader_u32(struct reader *reader)
{
    struct bytes taken = reader_take(reader, sizeof(uint32_t));
    return (uint32_t)load_little_endian(taken.data, taken.length);
}

uint64_t reader_u64(struct reader *reader)
{
    struct bytes taken = reader_take(reader, sizeof(uint64_t));
    return load_little_endian(taken.data, taken.length);
}

uint32_t reader_long_varint(struct reader *reader)
{
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 7 * VARINT_SIZE_MAX; shift += 7) {
        uint8_t byte = reader_u8(reader);
        bool too_long = shift == 28 && byte > 0x0F; /* a sixth byte or more than 32 bits */
        bool has_shorter = shift > 0 && byte == 0;  /* or the bytes have ended */
        if (too_long || has_shorter) {
            reader->failed = true;
            return 0;
        }
        value |= (uint32_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0) {
            return value;
        }
    }
    reader->failed = true;
    return 0;
}

struct bytes reader_sized(struct reader *reader)
{
    uint32_t length = reader_varint(reader);
    return reader_take(reader, length);
}
