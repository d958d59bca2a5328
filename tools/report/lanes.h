/*
 * The timeline of a run as lanes: one for each table and each index, with the spans of its states,
 * and the moments at which something of it was refused or made to fail.
 */

#ifndef REHEARSEDB_TOOLS_REPORT_LANES_H
#define REHEARSEDB_TOOLS_REPORT_LANES_H

#include "tools/list.h"
#include "tools/record.h"

struct lane_span {
    int64_t from_ms;
    int64_t to_ms;
    const char *state;
};

struct lane {
    const char *table;
    const char *index; /* "" is the table itself */
    struct list spans; /* struct lane_span, in the order of time, with gaps where it is not there */
    struct list marks; /* const struct observed_event *, of refusals and faults */
    size_t hue;        /* of indexes: which colour its reads have, counted from 0 for each table */
    int64_t reads;
};

/* In the arena: a table's lane, then those of its indexes, each where it is first heard of. */
struct list lanes_of(struct arena *arena, const struct run_record *record);

#endif
