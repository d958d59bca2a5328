/*
 * The items of a template, from number 0 up, for the writer.
 *
 * Items with equal keys all go to the same connection, in the order of their numbers, so that the
 * last of them is what stays, however many connections there are. Each connection therefore makes
 * the keys of all items and takes its own.
 */

#ifndef REHEARSEDB_TOOLS_LOAD_TEMPLATE_SOURCE_H
#define REHEARSEDB_TOOLS_LOAD_TEMPLATE_SOURCE_H

#include "tools/load/value.h"
#include "tools/load/writer.h"

struct template_source {
    const struct template *template;
    const struct index_shape *keys;
    uint64_t seed;
    uint64_t item_count;
    size_t connection_count;
    uint64_t next[CONNECTIONS_MAX]; /* of each connection: the number it goes on with */
};

/* `source` must outlive it. */
struct item_source template_source_items(struct template_source *source);

#endif
