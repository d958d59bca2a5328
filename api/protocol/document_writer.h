/*
 * Replies of AWS services that speak several protocols: one way of writing, and the bytes are XML,
 * JSON or CBOR.
 *
 *     document_open_list(&writer, "Datapoints");
 *     document_open_structure(&writer, NULL);       an element of the list
 *     document_write_double(&writer, "Sum", 12);    a member of the structure
 *     document_close_structure(&writer, NULL);
 *     document_close_list(&writer, "Datapoints");
 *
 * What is nested is the caller's to get right; a NULL name means an element, and what is closed is
 * named as when it was opened. The outermost structure is the caller's.
 */

#ifndef REHEARSEDB_API_PROTOCOL_DOCUMENT_WRITER_H
#define REHEARSEDB_API_PROTOCOL_DOCUMENT_WRITER_H

#include "api/json_writer.h"

enum document_format {
    DOCUMENT_XML,
    DOCUMENT_JSON,
    DOCUMENT_CBOR,
};

struct document_writer {
    enum document_format format;
    struct buffer *to;
    struct json_writer json;
};

struct document_writer document_writer_of(enum document_format format, struct buffer *to);

void document_open_structure(struct document_writer *writer, const char *name);
void document_close_structure(struct document_writer *writer, const char *name);
void document_open_list(struct document_writer *writer, const char *name);
void document_close_list(struct document_writer *writer, const char *name);

void document_write_text(struct document_writer *writer, const char *name, struct bytes text);
void document_write_integer(struct document_writer *writer, const char *name, int64_t value);
void document_write_boolean(struct document_writer *writer, const char *name, bool value);
void document_write_double(struct document_writer *writer, const char *name, double value);
void document_write_time(struct document_writer *writer, const char *name, int64_t milliseconds);

#endif
