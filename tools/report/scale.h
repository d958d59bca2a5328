/* Where a moment of a run lies in its picture. */

#ifndef REHEARSEDB_TOOLS_REPORT_SCALE_H
#define REHEARSEDB_TOOLS_REPORT_SCALE_H

#include <stdint.h>

struct buffer;
struct run_record;

enum { SCALE_PICTURE_WIDTH = 1000 };

struct scale {
    int64_t duration_ms; /* never 0 */
    double left;
    double width;
};

struct scale scale_of(const struct run_record *record);

double scale_x(const struct scale *scale, int64_t at_ms);

/* The distance of the axis's marks: a round number of which ten or so fit. */
int64_t scale_tick_ms(const struct scale *scale);

/* "12 s", "1:30" or, with marks closer than a second, "0.2 s". */
void scale_append_time(struct buffer *to, int64_t at_ms, int64_t tick_ms);

#endif
