#include "api/s3/aws_chunked.h"

#include "storage/base/arena.h"

#include <string.h>

static int hex_digit(uint8_t letter)
{
    uint8_t lower = letter | 0x20;
    if (letter >= '0' && letter <= '9') {
        return letter - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* size [ ";" extension ] CRLF; goes behind it. No larger than what is left. */
static bool read_size(struct bytes *rest, size_t *out_size)
{
    size_t size = 0;
    size_t i = 0;
    while (i < rest->length && hex_digit(rest->data[i]) >= 0 && size <= rest->length) {
        size = size * 16 + (size_t)hex_digit(rest->data[i]);
        i++;
    }
    const uint8_t *end =
        i > 0 && i < rest->length ? memchr(rest->data + i, '\n', rest->length - i) : NULL;
    bool is_plain = end != NULL && (rest->data[i] == ';' || rest->data[i] == '\r');
    if (!is_plain || end[-1] != '\r') {
        return false;
    }
    rest->length -= (size_t)(end + 1 - rest->data);
    rest->data = end + 1;
    *out_size = size;
    return size <= rest->length;
}

bool aws_chunked_decode(struct arena *arena, struct bytes body, struct bytes *out_content)
{
    struct buffer content;
    struct bytes rest = body;
    size_t size;
    buffer_init(&content, arena, body.length);
    while (read_size(&rest, &size)) {
        if (size == 0) {
            *out_content = buffer_view(&content);
            return true;
        }
        buffer_append(&content, rest.data, size);
        rest = (struct bytes){ rest.data + size, rest.length - size };
        if (!bytes_start_with(rest, BYTES("\r\n"))) {
            return false;
        }
        rest = (struct bytes){ rest.data + 2, rest.length - 2 };
    }
    return false;
}
