#include "tools/load/gzip_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

enum { PART_SIZE = 128 * 1024, LINE_LENGTH_MAX = 16 * 1024 * 1024 };

struct gzip_lines {
    gzFile file;
    uint64_t number;
    size_t next; /* in `part` */
    size_t end;
    bool is_at_end;
    uint8_t part[PART_SIZE];
};

struct gzip_lines *gzip_lines_open(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return NULL;
    }
    struct gzip_lines *lines = calloc(1, sizeof *lines);
    if (lines == NULL) {
        abort(); /* out of memory */
    }
    lines->file = gzdopen(descriptor, "rb");
    if (lines->file == NULL) {
        (void)close(descriptor);
        free(lines);
        errno = ENOMEM;
        return NULL;
    }
    (void)gzbuffer(lines->file, PART_SIZE);
    return lines;
}

void gzip_lines_close(struct gzip_lines *lines)
{
    (void)gzclose_r(lines->file);
    free(lines);
}

uint64_t gzip_lines_number(const struct gzip_lines *lines)
{
    return lines->number;
}

/* False: what follows is damaged, or was never compressed: zlib would hand it on as it is. */
static bool read_part(struct gzip_lines *lines)
{
    int state = Z_OK;
    int length = gzread(lines->file, lines->part, PART_SIZE);
    (void)gzerror(lines->file, &state);
    lines->next = 0;
    lines->end = length > 0 ? (size_t)length : 0;
    lines->is_at_end = length <= 0;
    return length >= 0 && (state == Z_OK || state == Z_STREAM_END) &&
           (length == 0 || gzdirect(lines->file) == 0);
}

enum gzip_line
gzip_lines_next(struct gzip_lines *lines, struct arena *arena, struct bytes *out_line)
{
    struct buffer line;
    buffer_init(&line, arena, 1024);
    lines->number++;
    while (line.length <= LINE_LENGTH_MAX) {
        if (lines->next == lines->end && !lines->is_at_end && !read_part(lines)) {
            return GZIP_BROKEN;
        }
        if (lines->is_at_end) {
            *out_line = buffer_view(&line);
            return line.length > 0 ? GZIP_LINE : GZIP_END;
        }
        const uint8_t *from = lines->part + lines->next;
        const uint8_t *feed = memchr(from, '\n', lines->end - lines->next);
        size_t length = feed != NULL ? (size_t)(feed - from) : lines->end - lines->next;
        buffer_append(&line, from, length);
        lines->next += length + (feed != NULL ? 1 : 0);
        if (feed != NULL) {
            *out_line = buffer_view(&line);
            return GZIP_LINE;
        }
    }
    return GZIP_BROKEN;
}
