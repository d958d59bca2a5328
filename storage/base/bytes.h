/*
 * Text and binary as data plus length: the view, the growable buffer, the checked reader.
 *
 * `struct bytes` borrows; whoever holds the memory says how long it lives. `struct buffer` grows in
 * an arena and lives as long as the arena. `struct reader` walks foreign bytes: after the first
 * read past the end it has failed, every later read gives zero or nothing, and one check at the end
 * is enough.
 *
 * Numbers are little-endian. A varint holds seven bits a byte, low bits first, the high bit set on
 * all bytes but the last; at most five bytes (32 bits), and never more than the value needs.
 */

#ifndef REHEARSEDB_STORAGE_BASE_BYTES_H
#define REHEARSEDB_STORAGE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct bytes {
    const uint8_t *data;
    size_t length;
};

/* A view of a string literal, without its final zero. */
#define BYTES(literal)                                                                             \
    ((struct bytes){ .data = (const uint8_t *)("" literal), .length = sizeof(literal) - 1 })

/* Arguments for the printf conversion "%.*s". */
#define BYTES_ARGUMENTS(view) (int)(view).length, (const char *)(view).data

struct bytes bytes_of_text(const char *text);
bool bytes_equal(struct bytes left, struct bytes right);
bool bytes_start_with(struct bytes text, struct bytes prefix);

/* <0, 0 or >0: unsigned bytes, then length. DynamoDB's order of strings and binaries. */
int bytes_compare(struct bytes left, struct bytes right);

struct bytes bytes_copy(struct arena *arena, struct bytes from);

/* The same with a final zero byte that is not counted, for libraries that want C strings. */
char *bytes_to_text(struct arena *arena, struct bytes from);

struct buffer {
    struct arena *arena;
    uint8_t *data;
    size_t length;
    size_t capacity;
};

/* `capacity` is a first guess; the buffer grows as needed. */
void buffer_init(struct buffer *buffer, struct arena *arena, size_t capacity);

/* Makes room for `size` more bytes and returns where they go; buffer_commit counts them. */
static inline uint8_t *buffer_reserve(struct buffer *buffer, size_t size);
void buffer_commit(struct buffer *buffer, size_t size);

void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_append_bytes(struct buffer *buffer, struct bytes from);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_append_u8(struct buffer *buffer, uint8_t value);
void buffer_append_u32(struct buffer *buffer, uint32_t value);
void buffer_append_u64(struct buffer *buffer, uint64_t value);
void buffer_append_varint(struct buffer *buffer, uint32_t value);

/* A varint length, then the bytes. */
void buffer_append_sized(struct buffer *buffer, struct bytes from);

/* Overwrites the four bytes at `offset`, which must have been written already. */
void buffer_patch_u32(struct buffer *buffer, size_t offset, uint32_t value);

/* What was written; dead after the next append. */
struct bytes buffer_view(const struct buffer *buffer);

struct reader {
    const uint8_t *next;
    const uint8_t *end;
    bool failed;
};

struct reader reader_of(struct bytes from);
size_t reader_left(const struct reader *reader);
uint8_t reader_u8(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
static inline uint32_t reader_varint(struct reader *reader);
static inline struct bytes reader_take(struct reader *reader, size_t size);

/* A varint length, then that many bytes. */
struct bytes reader_sized(struct reader *reader);

/* The bodies of what replies and scans call for every value; the rare part of each is elsewhere. */

void buffer_grow(struct buffer *buffer, size_t size);
uint32_t reader_long_varint(struct reader *reader);

static inline uint8_t *buffer_reserve(struct buffer *buffer, size_t size)
{
    if (buffer->capacity - buffer->length < size) {
        buffer_grow(buffer, size);
    }
    return buffer->data + buffer->length;
}

static inline struct bytes reader_take(struct reader *reader, size_t size)
{
    if (reader->failed || (size_t)(reader->end - reader->next) < size) {
        reader->failed = true;
        return (struct bytes){ .data = reader->end, .length = 0 };
    }
    struct bytes taken = { .data = reader->next, .length = size };
    reader->next += size;
    return taken;
}

static inline uint32_t reader_varint(struct reader *reader)
{
    if (!reader->failed && reader->next < reader->end && *reader->next < 0x80) {
        return *reader->next++;
    }
    return reader_long_varint(reader);
}

#endif
