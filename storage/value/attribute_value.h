/*
 * One attribute value: a type and its encoded payload, borrowed from wherever the bytes live (an
 * item in LMDB, a request's arena). There is no second, decoded form: conditions, projections and
 * replies all read the payload in place.
 *
 *   S, B      the bytes themselves; a string is UTF-8 and may hold zero bytes
 *   N         canonical decimal text (storage/value/number.h)
 *   BOOL      one byte, 0 or 1
 *   NULL      nothing
 *   SS NS BS  elements, each a varint length and its bytes (S, N and B as above), in ascending
 * order and none twice; the order a client gave is not kept, nor does the service keep it L encoded
 * values, one after the other M         entries in ascending order of their names: name, encoded
 * value
 *
 *   value     tag (1 byte), length, payload
 *     tag       low 4 bits: enum attribute_type; 0x80: needs no escaping in JSON (S; SS when all of
 *               its elements need none)
 *     length    varint for S, N, B; none for BOOL (payload 1 byte) and NULL (0 bytes);
 *               u32 for sets, L and M, so that it can be filled in afterwards
 *   name      varint of (length * 2 + 1 if it needs no escaping in JSON), then UTF-8 bytes
 *
 * All functions are pure. They trust their input: bytes of a client are checked where they are
 * encoded (api/attribute_json), bytes of the store by item_is_valid.
 */

#ifndef REHEARSEDB_STORAGE_VALUE_ATTRIBUTE_VALUE_H
#define REHEARSEDB_STORAGE_VALUE_ATTRIBUTE_VALUE_H

#include "storage/base/bytes.h"

enum attribute_type {
    ATTRIBUTE_S,
    ATTRIBUTE_N,
    ATTRIBUTE_B,
    ATTRIBUTE_BOOL,
    ATTRIBUTE_NULL,
    ATTRIBUTE_SS,
    ATTRIBUTE_NS,
    ATTRIBUTE_BS,
    ATTRIBUTE_L,
    ATTRIBUTE_M,
    ATTRIBUTE_TYPE_COUNT,
};

struct attribute_value {
    enum attribute_type type;
    bool is_plain; /* needs no escaping in JSON */
    struct bytes payload;
};

/* "S", "N", … as on the wire; static text. */
const char *attribute_type_name(enum attribute_type type);

/* True and the type when `name` is one of the ten names, case-sensitively. */
bool attribute_type_of_name(struct bytes name, enum attribute_type *out_type);

/* True when no byte of `text` needs escaping in JSON: no quote, backslash or control character. */
bool text_is_plain(struct bytes text);

/*
 * DynamoDB's size of a value in bytes, without its name: strings and binaries their length, numbers
 * by number_size, BOOL and NULL 1, sets the sum of their elements, lists and maps 3 plus contents
 * plus 1 an element (developer guide, "Item sizes and formats"; the last two documented only).
 */
size_t attribute_value_size(struct attribute_value value);

/* Same type and same value; of a value's parts, too, the plain bit does not count. */
bool attribute_value_equal(struct attribute_value left, struct attribute_value right);

/* <0, 0 or >0. Both must be of the same type, one of S, N, B. */
int attribute_value_compare(struct attribute_value left, struct attribute_value right);

/* <0, 0 or >0: the order of elements in a set of `type`; numbers by value, others by bytes. */
int set_compare_elements(enum attribute_type type, struct bytes left, struct bytes right);

/* Elements of a set, values of a list, entries of a map. */
size_t attribute_value_count(struct attribute_value value);

/* Depth of nesting: 0 for scalars and sets, 1 for a list or map of those, … */
size_t attribute_value_depth(struct attribute_value value);

/*
 * Walking. A cursor starts on a payload; each *_next gives the next part and true, or false at the
 * end.
 *
 *     struct reader cursor = reader_of(set.payload);
 *     struct bytes element;
 *     while (set_next(&cursor, &element)) …
 */
bool set_next(struct reader *cursor, struct bytes *out_element);
bool list_next(struct reader *cursor, struct attribute_value *out_value);

struct attribute_name {
    struct bytes text;
    bool is_plain;
};

bool map_next(struct reader *cursor,
              struct attribute_name *out_name,
              struct attribute_value *out_value);

/* The entry of that name in an M payload. */
bool map_find(struct bytes payload, struct bytes name, struct attribute_value *out_value);

/* True when `payload` is well-formed for `type`: names and elements of sets ascend, nesting stays
 * below a limit. */
bool attribute_payload_is_valid(enum attribute_type type, struct bytes payload);

/*
 * Writing. Scalars in one call; a container is opened, its parts written, and closed with the mark
 * that opening gave. Map entries must be written in ascending order of name; sets are written by
 * storage/value/attribute_set.h.
 */
void write_value(struct buffer *to, struct attribute_value value);
void write_name(struct buffer *to, struct attribute_name name);
size_t write_open(struct buffer *to, enum attribute_type type);
void write_close(struct buffer *to, size_t mark);

/* After write_close, for SS: says that all elements need no escaping. */
void write_mark_plain(struct buffer *to, size_t mark);

#endif
