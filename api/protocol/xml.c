#include "api/protocol/xml.h"

static const char REPLACEMENT[] = "\xEF\xBF\xBD"; /* U+FFFD */

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
        return letter < ' ' && letter != '\t' && letter != '\n' ? REPLACEMENT : NULL;
    }
}

/* U+FFFE or U+FFFF: no XML document holds them, not even escaped. */
static bool is_no_character(struct bytes text, size_t position)
{
    return text.length - position >= 3 && text.data[position] == 0xEF &&
           text.data[position + 1] == 0xBF && text.data[position + 2] >= 0xBE;
}

void xml_append_text(struct buffer *to, struct bytes text)
{
    size_t start = 0;
    for (size_t i = 0; i < text.length; i++) {
        bool is_wide = is_no_character(text, i);
        const char *escape = is_wide ? REPLACEMENT : escape_of(text.data[i]);
        if (escape != NULL) {
            buffer_append(to, text.data + start, i - start);
            buffer_append_text(to, escape);
            i += is_wide ? 2 : 0;
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
