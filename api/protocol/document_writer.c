#include "api/protocol/document_writer.h"

#include "api/protocol/cbor.h"
#include "api/protocol/timestamp.h"
#include "api/protocol/xml.h"

struct document_writer document_writer_of(enum document_format format, struct buffer *to)
{
    return (struct document_writer){ .format = format, .to = to, .json = json_writer_of(to) };
}

/* What stands before a value. */
static void begin(struct document_writer *writer, const char *name)
{
    switch (writer->format) {
    case DOCUMENT_XML:
        xml_open(writer->to, name != NULL ? name : "member");
        break;
    case DOCUMENT_JSON:
        if (name != NULL) {
            json_write_key(&writer->json, name);
        }
        break;
    case DOCUMENT_CBOR:
        if (name != NULL) {
            cbor_append_text(writer->to, bytes_of_text(name));
        }
        break;
    }
}

/* What stands behind a value. */
static void end(struct document_writer *writer, const char *name)
{
    if (writer->format == DOCUMENT_XML) {
        xml_close(writer->to, name != NULL ? name : "member");
    }
}

void document_open_structure(struct document_writer *writer, const char *name)
{
    begin(writer, name);
    if (writer->format == DOCUMENT_JSON) {
        json_open_object(&writer->json);
    } else if (writer->format == DOCUMENT_CBOR) {
        cbor_append_map(writer->to);
    }
}

void document_close_structure(struct document_writer *writer, const char *name)
{
    if (writer->format == DOCUMENT_JSON) {
        json_close_object(&writer->json);
    } else if (writer->format == DOCUMENT_CBOR) {
        cbor_append_break(writer->to);
    }
    end(writer, name);
}

void document_open_list(struct document_writer *writer, const char *name)
{
    begin(writer, name);
    if (writer->format == DOCUMENT_JSON) {
        json_open_array(&writer->json);
    } else if (writer->format == DOCUMENT_CBOR) {
        cbor_append_list(writer->to);
    }
}

void document_close_list(struct document_writer *writer, const char *name)
{
    if (writer->format == DOCUMENT_JSON) {
        json_close_array(&writer->json);
    } else if (writer->format == DOCUMENT_CBOR) {
        cbor_append_break(writer->to);
    }
    end(writer, name);
}

void document_write_text(struct document_writer *writer, const char *name, struct bytes text)
{
    begin(writer, name);
    switch (writer->format) {
    case DOCUMENT_XML:
        xml_append_text(writer->to, text);
        break;
    case DOCUMENT_JSON:
        json_write_text(&writer->json, text);
        break;
    case DOCUMENT_CBOR:
        cbor_append_text(writer->to, text);
        break;
    }
    end(writer, name);
}

/* In XML a number is what it is in JSON, but for the comma before it. */
static struct json_writer *scalar_writer(struct document_writer *writer)
{
    writer->json.needs_comma &= writer->format == DOCUMENT_JSON;
    return &writer->json;
}

void document_write_integer(struct document_writer *writer, const char *name, int64_t value)
{
    begin(writer, name);
    if (writer->format == DOCUMENT_CBOR) {
        cbor_append_integer(writer->to, value);
    } else {
        json_write_integer(scalar_writer(writer), value);
    }
    end(writer, name);
}

void document_write_boolean(struct document_writer *writer, const char *name, bool value)
{
    begin(writer, name);
    if (writer->format == DOCUMENT_CBOR) {
        cbor_append_boolean(writer->to, value);
    } else {
        json_write_boolean(scalar_writer(writer), value);
    }
    end(writer, name);
}

void document_write_double(struct document_writer *writer, const char *name, double value)
{
    begin(writer, name);
    if (writer->format == DOCUMENT_CBOR) {
        cbor_append_double(writer->to, value);
    } else {
        json_write_double(scalar_writer(writer), value);
    }
    end(writer, name);
}

void document_write_time(struct document_writer *writer, const char *name, int64_t milliseconds)
{
    begin(writer, name);
    switch (writer->format) {
    case DOCUMENT_XML:
        timestamp_append(writer->to, milliseconds);
        break;
    case DOCUMENT_JSON:
        json_write_seconds(&writer->json, milliseconds);
        break;
    case DOCUMENT_CBOR:
        cbor_append_time(writer->to, milliseconds);
        break;
    }
    end(writer, name);
}
