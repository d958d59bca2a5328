/*
 * How a table stands, for those who wait for it: straight from the catalog, so that waiting makes
 * no calls that a timeline would show.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_TABLE_STATE_H
#define REHEARSEDB_API_CLOUDFORMATION_TABLE_STATE_H

#include <stdbool.h>
#include <stddef.h>

struct api;
struct arena;

struct index_state {
    const char *name;
    bool is_active;
};

/* All in the arena. Of a table that is not there everything else is 0 and "". */
struct table_state {
    bool exists;
    bool is_active; /* no change of the table itself is under way */
    const char *id;
    const char *arn;
    const char *stream_arn; /* of the latest stream */
    const struct index_state *indexes;
    size_t index_count;
};

void table_state_read(struct api *api,
                      struct arena *arena,
                      const char *world,
                      const char *table,
                      struct table_state *out_state);

/* NULL: there is none of that name. */
const struct index_state *table_state_index(const struct table_state *state, const char *name);

#endif
