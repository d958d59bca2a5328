/*
 * The reads of a table's indexes over time, as columns of equal width in which the indexes lie on
 * each other.
 */

#ifndef REHEARSEDB_TOOLS_REPORT_CHART_H
#define REHEARSEDB_TOOLS_REPORT_CHART_H

#include "tools/record.h"
#include "tools/report/lanes.h"
#include "tools/report/scale.h"

enum { CHART_HUE_COUNT = 6 }; /* the page's classes hue-0 to hue-5; then they begin again */

struct chart_place {
    struct scale scale;
    double y;
};

/* Draws nothing when none of the lanes' indexes is read. Returns the height that was needed. */
double chart_append(struct buffer *to,
                    const struct run_record *record,
                    const struct lane *lanes,
                    size_t lane_count,
                    const struct chart_place *place);

#endif
