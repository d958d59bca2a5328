/* An estimate as it is printed on stdout. */

#ifndef REHEARSEDB_TOOLS_ESTIMATE_TOLD_H
#define REHEARSEDB_TOOLS_ESTIMATE_TOLD_H

#include "tools/estimate/build.h"
#include "tools/estimate/reading.h"

struct told {
    const char *table;
    const struct index_shape *index;
    const struct reading *reading;
    const struct build_terms *terms;
    const struct build *build;
    bool is_on_demand; /* the rate of writes is what a new table on demand takes */
};

void told_text(const struct told *told);
void told_json(const struct told *told);

#endif
