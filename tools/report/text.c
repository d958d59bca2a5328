#include "tools/report/text.h"

#include <stddef.h>

static const char REPLACEMENT[] = "\xEF\xBF\xBD"; /* U+FFFD */

/*
 * Takes one character and returns its bytes; empty when they are not UTF-8 (too long a form,
 * a surrogate, past U+10FFFF, cut short), in which case one byte is taken. `out_point` is its
 * number.
 */
static struct bytes take_character(struct reader *reader, uint32_t *out_point)
{
    static const struct {
        uint8_t mask;
        uint8_t lead;
        uint32_t point_min;
    } forms[] = {
        { 0x80, 0x00, 0 }, { 0xE0, 0xC0, 0x80 }, { 0xF0, 0xE0, 0x800 }, { 0xF8, 0xF0, 0x10000 }
    };
    const uint8_t *start = reader->next;
    size_t left = reader_left(reader);
    reader->next += 1;
    struct bytes nothing = { .data = start, .length = 0 };
    for (size_t size = 1; size <= 4; size++) {
        if ((start[0] & forms[size - 1].mask) != forms[size - 1].lead) {
            continue;
        }
        if (size > left) {
            return nothing;
        }
        uint32_t point = start[0] & (uint8_t)~forms[size - 1].mask;
        for (size_t i = 1; i < size; i++) {
            if ((start[i] & 0xC0) != 0x80) {
                return nothing;
            }
            point = point << 6 | (start[i] & 0x3F);
        }
        if (point < forms[size - 1].point_min || point > 0x10FFFF ||
            (point >= 0xD800 && point <= 0xDFFF)) {
            return nothing;
        }
        reader->next = start + size;
        *out_point = point;
        return (struct bytes){ .data = start, .length = size };
    }
    return nothing;
}

void report_append_json_string(struct buffer *to, struct bytes text)
{
    struct reader reader = reader_of(text);
    buffer_append_u8(to, '"');
    while (reader_left(&reader) > 0) {
        uint32_t point = 0;
        struct bytes character = take_character(&reader, &point);
        if (character.length == 0) {
            buffer_append_text(to, REPLACEMENT);
        } else if (point == '"' || point == '\\') {
            buffer_append_u8(to, '\\');
            buffer_append_bytes(to, character);
        } else if (point == '\n') {
            buffer_append_text(to, "\\n");
        } else if (point < 0x20) {
            buffer_append_format(to, "\\u%04x", (unsigned)point);
        } else {
            buffer_append_bytes(to, character);
        }
    }
    buffer_append_u8(to, '"');
}

/* Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]   (XML 1.0) */
static bool is_xml_character(uint32_t point)
{
    return point >= 0x20 ? point != 0xFFFE && point != 0xFFFF
                         : point == '\t' || point == '\n' || point == '\r';
}

void report_append_xml_text(struct buffer *to, struct bytes text)
{
    struct reader reader = reader_of(text);
    while (reader_left(&reader) > 0) {
        uint32_t point = 0;
        struct bytes character = take_character(&reader, &point);
        if (character.length == 0 || !is_xml_character(point)) {
            buffer_append_text(to, REPLACEMENT);
        } else if (point == '&') {
            buffer_append_text(to, "&amp;");
        } else if (point == '<') {
            buffer_append_text(to, "&lt;");
        } else if (point == '>') { /* "]]>" may not occur in text */
            buffer_append_text(to, "&gt;");
        } else if (point == '"') {
            buffer_append_text(to, "&quot;");
        } else if (point == '\r') { /* else read back as a line feed */
            buffer_append_text(to, "&#13;");
        } else {
            buffer_append_bytes(to, character);
        }
    }
}

void report_append_json_member(struct buffer *to, const char *name, const char *text)
{
    buffer_append_format(to, "\"%s\": ", name);
    if (text == NULL) {
        buffer_append_text(to, "null");
    } else {
        report_append_json_string(to, bytes_of_text(text));
    }
}

void report_append_time(struct buffer *to, time_t time)
{
    struct tm parts;
    char text[32];
    (void)gmtime_r(&time, &parts);
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    buffer_append_text(to, text);
}

void report_append_seconds(struct buffer *to, int64_t duration_ms)
{
    enum { MS_PER_SECOND = 1000 };
    buffer_append_format(to, "%lld.%03lld", (long long)(duration_ms / MS_PER_SECOND),
                         (long long)(duration_ms % MS_PER_SECOND));
}
