/*
 * Looks at the server while a runbook runs, by its control surface: the timeline, who reads what,
 * what a build skips; and takes and restores snapshots there.
 *
 * Where there is no control surface, or only a part of it, the run goes on all the same and the
 * report says what it lacks.
 */

#ifndef REHEARSEDB_TOOLS_OBSERVATION_H
#define REHEARSEDB_TOOLS_OBSERVATION_H

#include "tools/client/control_surface.h"
#include "tools/list.h"
#include "tools/observed.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

struct observation {
    struct arena *arena;   /* the run's */
    struct arena *scratch; /* emptied after each look */
    struct control_surface surface;
    const char *world; /* whose tables, as a query: "AccessKeyId=…&Region=…"; or empty */
    bool has_timeline;
    bool has_readers;
    bool has_snapshots;
    bool is_truncated; /* the timeline; noted as lacking */
    bool has_too_many_tables;
    int64_t began_ms;       /* the run, by process_now_ms */
    int64_t clock_began_ms; /* the same moment by the calendar's clock */
    int64_t looked_ms;      /* the last look, since the run began */
    int64_t next_after;     /* the last event's sequence */
    const char *version;
    const char *profile;
    struct list events;
    struct list uses;
    struct list skips;
    struct list lacks;
    struct list counters; /* what was read and written at the last look */
    struct list tables;   /* the names seen */
};

/*
 * `url` NULL: the endpoint is not rehearsedb, as `what_it_is` says ("AWS"). Both arenas and the
 * text must be there until observation_close. The run begins now. Where the server keeps the tables
 * of every access key and region apart, those of the environment are observed, as `aws` uses them.
 */
void observation_open(struct observation *observation,
                      struct arena *arena,
                      struct arena *scratch,
                      const char *url,
                      const char *what_it_is);
void observation_close(struct observation *observation);

/* Looks now. */
void observation_look(struct observation *observation);

/* Looks if the last look is a second ago. To be called often while something runs. */
void observation_tick(struct observation *observation);

/* False: `out_wrong` says why. Where there are no snapshots it is true, and noted as lacking. */
bool observation_take_snapshot(struct observation *observation,
                               const char *name,
                               const char **out_wrong);

enum observation_restore {
    OBSERVATION_RESTORED,
    OBSERVATION_NO_SNAPSHOT, /* none of that name, or none at all */
    OBSERVATION_NOT_RESTORED,
};

/* `out_wrong` says why, unless restored. */
enum observation_restore observation_restore_snapshot(struct observation *observation,
                                                      const char *name,
                                                      const char **out_wrong);

/* All that was seen; it lives as long as the run's arena. */
struct observed observation_result(const struct observation *observation);

#endif
