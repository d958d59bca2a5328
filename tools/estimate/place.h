/*
 * A place of a table: one segment of a parallel scan, read whole; what its items would take in an
 * index.
 *
 * Developer guide, "Using Global Secondary Indexes", write capacity and storage considerations: an
 * entry has the keys of the index and of the table and the projected attributes; writing it takes a
 * unit for each started kilobyte; it is stored with 100 bytes more.
 */

#ifndef REHEARSEDB_TOOLS_ESTIMATE_PLACE_H
#define REHEARSEDB_TOOLS_ESTIMATE_PLACE_H

#include "tools/table/item.h"

enum { WRITE_UNIT_BYTES = 1024, ENTRY_OVERHEAD_BYTES = 100 };

enum amount {
    AMOUNT_NUMBER,        /* entries, or items */
    AMOUNT_BYTES,         /* of the entries */
    AMOUNT_STORAGE_BYTES, /* that are charged for */
    AMOUNT_WRITE_UNITS,
    AMOUNTS,
};

enum whose {
    OF_ENTRIES, /* what the index takes */
    OF_ITEMS,   /* what it would be if the index took every item of the table */
    WHOSE_COUNT,
};

struct place {
    double amounts[WHOSE_COUNT][AMOUNTS];
};

/* Adds an item of the place. */
void place_add(struct place *place, const struct cJSON *item, const struct index_shape *index);

#endif
