/*
 * What a table and its indexes look like, as far as their entries go: keys and projections, from a
 * DescribeTable answer or from a file with an index that is only planned. Everything is copied into
 * the arena.
 */

#ifndef REHEARSEDB_TOOLS_TABLE_TABLE_SHAPE_H
#define REHEARSEDB_TOOLS_TABLE_TABLE_SHAPE_H

#include "storage/base/bytes.h"

struct cJSON;

enum { KEY_PARTS_MAX = 8 }; /* four HASH and four RANGE attributes */

struct key_part {
    const char *name;
    char type; /* 'S', 'N' or 'B' */
    bool is_hash;
};

enum projection { PROJECTION_ALL, PROJECTION_KEYS_ONLY, PROJECTION_INCLUDE };

struct index_shape {
    const char *name; /* NULL: the table itself */
    struct key_part keys[KEY_PARTS_MAX];
    size_t key_count;
    bool is_local;
    bool is_ready; /* ACTIVE and not backfilling; of a planned one false */
    enum projection projection;
    const char **projected; /* all names in an entry, keys included; NULL with PROJECTION_ALL */
    size_t projected_count;
    double write_units; /* provisioned for it; 0: not told */
};

struct table_shape {
    const char *name;
    struct index_shape self; /* its own keys; PROJECTION_ALL */
    struct index_shape *indexes;
    size_t index_count;
    double item_count; /* as DescribeTable tells it: hours old */
    double size_bytes;
};

/* Of the member Table. False: `out_reason` says what is wrong with it. */
bool table_shape_read(struct arena *arena,
                      const struct cJSON *table,
                      struct table_shape *out_shape,
                      char *out_reason,
                      size_t reason_size);

/* NULL: there is none. */
const struct index_shape *table_shape_find(const struct table_shape *table, const char *index);

/*
 * An index that is planned, in a document of one of these forms: an index alone ({"IndexName",
 * "KeySchema", "Projection"}), the input of UpdateTable or CreateTable, or a DescribeTable answer.
 * Types come from its AttributeDefinitions, else from the table's own.
 */
struct planned_index {
    const struct cJSON *document;
    const char *name; /* NULL: the only one in the document */
    const struct cJSON *table_definitions;
    const struct table_shape *table;
};

/* False: `out_reason` says what is wrong with the document. */
bool index_shape_of_document(struct arena *arena,
                             const struct planned_index *planned,
                             struct index_shape *out_shape,
                             char *out_reason,
                             size_t reason_size);

/* Whether an entry has the attribute, if its item has. */
bool index_shape_projects(const struct index_shape *index, const char *attribute);

#endif
