#include "api/protocol/xml.h"

void xml_open(struct buffer *to, const char *name)
{
    buffer_append_u8(to, '<');
    buffer_append_text(to, name);
    buffer_append_u8(to, '>');
}

void xml_open_in_namespace(struct buffer *to, const char *name, const char *name_space)
{
    buffer_append_u8(to, '<');
    buffer_append_text(to, name);
    buffer_append_text(to, " xmlns=\"");
    xml_append_text(to, bytes_of_text(name_space));
    buffer_append_text(to, "\">");
}

void xml_close(struct buffer *to, const char *name)
{
    buffer_append_text(to, "</");
    buffer_append_text(to, name);
    buffer_append_u8(to, '>');
}

static const char *escape_of(uint8_t letter)
{
    switch (letter) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\r': /* a parser would make it a line feed */
        return "&#xD;";
    default:
        return letter < ' ' && letter != '\t' && letter != '\n' ? "\xEF\xBF\xBD" : NULL;
    }
}

void xml_append_text(struct buffer *to, struct bytes text)
{
    size_t start = 0;
    for (size_t i = 0; i < text.length; i++) {
        const char *escape = escape_of(text.data[i]);
        if (escape != NULL) {
            buffer_append(to, text.data + start, i - start);
            buffer_append_text(to, escape);
            start = i + 1;
        }
    }
    buffer_append(to, text.data + start, text.length - start);
}

void xml_append_element(struct buffer *to, const char *name, struct bytes text)
{
    xml_open(to, name);
    xml_append_text(to, text);
    xml_close(to, name);
}
