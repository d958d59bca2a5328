/* The lines of a gzip file, one after the other. The only owner of zlib. One thread at a time. */

#ifndef REHEARSEDB_TOOLS_LOAD_GZIP_LINES_H
#define REHEARSEDB_TOOLS_LOAD_GZIP_LINES_H

#include "storage/base/bytes.h"

struct gzip_lines;

enum gzip_line {
    GZIP_LINE,
    GZIP_END,
    GZIP_BROKEN, /* not gzip, cut off, damaged, or a line above 16 MiB */
};

/* NULL with errno. */
struct gzip_lines *gzip_lines_open(const char *path);
void gzip_lines_close(struct gzip_lines *lines);

/* The next line in the arena, without its end. */
enum gzip_line
gzip_lines_next(struct gzip_lines *lines, struct arena *arena, struct bytes *out_line);

/* The number of the line that was read last, from 1. */
uint64_t gzip_lines_number(const struct gzip_lines *lines);

#endif
