/*
 * What the items look like that a drive writes: its own keys, a value for every key attribute of
 * every index, so that each has an entry, and the version in all that can change.
 *
 *   identity  of an item, for the table's keys and the partition keys of indexes. S and B:
 *             rehearse/drive/<run>/<number>, twelve digits each (as base64 this is 30 bytes);
 *             N: -8<run><number>, 26 digits
 *   version   for sort keys of indexes and projected attributes. S and B:
 *             rehearse/state/<run>/<version>; N: the version
 *
 * A plan does not change; when the table gets another index there is a new one. Pure.
 */

#ifndef REHEARSEDB_TOOLS_DRIVE_ITEM_PLAN_H
#define REHEARSEDB_TOOLS_DRIVE_ITEM_PLAN_H

#include "tools/table/table_shape.h"

#include <stdint.h>

#define DRIVE_RUN_ATTRIBUTE     "rehearse_drive_run"     /* S: whose item it is */
#define DRIVE_VERSION_ATTRIBUTE "rehearse_drive_version" /* N */

enum { DRIVE_VERSION_UNKNOWN = -1 };

struct planned_attribute {
    const char *name; /* borrowed from the table's shape */
    char type;
    bool is_identity; /* else it holds the version */
    bool is_table_key;
};

struct item_plan {
    const struct index_shape *keys; /* of the table */
    struct planned_attribute *attributes;
    size_t count;
};

/* Which item of which run. */
struct item_identity {
    int64_t run;
    int64_t number;
};

/* In the arena, with borrowed parts of the shape. */
const struct item_plan *item_plan_make(struct arena *arena, const struct table_shape *table);

/* Whether an item of this plan has an entry in the index, under its identity. */
bool item_plan_covers(const struct item_plan *plan, const struct index_shape *index);

/* "pk":{"S":"…"},… : the table's key attributes. */
void item_plan_append_key(struct buffer *to,
                          const struct item_plan *plan,
                          const struct item_identity *item);

/* {"S":"…"}: what the item has there. */
void item_plan_append_value(struct buffer *to,
                            const struct planned_attribute *attribute,
                            const struct item_identity *item,
                            int64_t version);

/* The version that an item or an entry tells; DRIVE_VERSION_UNKNOWN: it has none projected. */
int64_t item_plan_version(const struct item_plan *plan, const struct cJSON *item);

#endif
