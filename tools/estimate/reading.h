/*
 * Reads places of a table for an estimate: all of it, or so many random places that about the
 * wanted number of items is in them.
 */

#ifndef REHEARSEDB_TOOLS_ESTIMATE_READING_H
#define REHEARSEDB_TOOLS_ESTIMATE_READING_H

#include "tools/command.h"
#include "tools/estimate/place.h"
#include "tools/estimate/sample.h"

struct reading {
    const struct command *command; /* for messages and the connection */
    const char *table;
    const struct index_shape *index; /* the places are counted for */
    double item_count;               /* of the table, as described; 0: not known */
    uint64_t wanted;                 /* items of a sample; 0: all */
    uint64_t seed;                   /* of the sample's places */
    size_t worker_count;             /* pages read at once, up to SEGMENTS_MAX */
    int64_t read_units;              /* a second, at most; 0: as fast as it goes */
    bool is_consistent;
    void (*progress)(void *context, uint64_t items); /* after each page, under a lock */
    void *context;

    /* What was read. */
    struct place *places; /* reading_free */
    size_t place_count;
    uint64_t places_total;
    uint64_t items;
    double units_read;
};

/* CODE_FINE, or an exit code with a message. Interrupted it ends early with CODE_FINE. */
int reading_run(struct reading *reading);

void reading_free(struct reading *reading);

/* How a table of about so many items is divided: into `total` places, of which `count` are read. */
struct division {
    uint64_t total;
    uint64_t count;
};

/* With `count` = `total` when a sample is no less than everything. `item_count` is above 0. */
struct division reading_divide(double item_count, uint64_t wanted);

#endif
