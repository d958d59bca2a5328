/*
 * What a template and a table have to do with each other: whether the items of the one can be put
 * into the other, and a template made from a table.
 */

#ifndef REHEARSEDB_TOOLS_LOAD_TABLE_TEMPLATE_H
#define REHEARSEDB_TOOLS_LOAD_TABLE_TEMPLATE_H

#include "tools/load/template.h"
#include "tools/table/table_shape.h"

/*
 * Whether every item has the table's key, and no index refuses it: an attribute that is the key of
 * an index must not have another type. False: `out_reason` says which attribute is at fault.
 */
bool table_template_fits(const struct template *template,
                         const struct table_shape *table,
                         char *out_reason,
                         size_t reason_size);

/* The text of a template with the keys of the table and its indexes, and a few attributes more. */
struct bytes table_template_derive(struct arena *arena, const struct table_shape *table);

#endif
