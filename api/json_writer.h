/*
 * Replies, written straight into a buffer; commas come by themselves.
 *
 *     struct json_writer reply = json_writer_of(&buffer);
 *     json_open_object(&reply);
 *     json_write_key(&reply, "Count");
 *     json_write_integer(&reply, count);
 *     json_close_object(&reply);
 *
 * The writer keeps one bit, whether the next value needs a comma, so others may append to the
 * buffer in between: json_write_value_begin, then any complete JSON value, then
 * json_write_value_end. Nesting is the caller's to get right.
 */

#ifndef REHEARSEDB_API_JSON_WRITER_H
#define REHEARSEDB_API_JSON_WRITER_H

#include "storage/base/bytes.h"

struct json_writer {
    struct buffer *to;
    bool needs_comma;
};

struct json_writer json_writer_of(struct buffer *to);

void json_open_object(struct json_writer *writer);
void json_close_object(struct json_writer *writer);
void json_open_array(struct json_writer *writer);
void json_close_array(struct json_writer *writer);

/* A member's name that needs no escaping, mostly a literal; the value follows. */
void json_write_key(struct json_writer *writer, const char *name);

/* A member's name from outside: a table, an index, an attribute. */
void json_write_name(struct json_writer *writer, struct bytes name);

void json_write_text(struct json_writer *writer, struct bytes text);
void json_write_plain(struct json_writer *writer, struct bytes text); /* text_is_plain */
void json_write_integer(struct json_writer *writer, int64_t value);
void json_write_boolean(struct json_writer *writer, bool value);

/* Finite; as many digits as are needed (capacity units: 0.5, 12.0). */
void json_write_double(struct json_writer *writer, double value);

/* A time as DynamoDB writes it, seconds with a fraction: 1363729002358 ms gives 1363729002.358. */
void json_write_seconds(struct json_writer *writer, int64_t milliseconds);

/* One complete value that is JSON already. */
void json_write_raw(struct json_writer *writer, struct bytes json);

/* Around a complete value that somebody else appends to the buffer. */
struct buffer *json_write_value_begin(struct json_writer *writer);
void json_write_value_end(struct json_writer *writer);

/* A whole member: key and value in one call. */
void json_member_text(struct json_writer *writer, const char *name, struct bytes text);
void json_member_integer(struct json_writer *writer, const char *name, int64_t value);
void json_member_boolean(struct json_writer *writer, const char *name, bool value);
void json_member_seconds(struct json_writer *writer, const char *name, int64_t milliseconds);

/* `text` between quotes with everything escaped that JSON wants escaped; no comma. */
void json_append_text(struct buffer *to, struct bytes text);

/* The parts of that: at most how many bytes the escaped text takes, and the escaping itself, which
 * returns the end of what it wrote. */
size_t json_escaped_size_max(struct bytes text);
uint8_t *json_escape(uint8_t *to, struct bytes text);

#endif
