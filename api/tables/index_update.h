/*
 * The entries of GlobalSecondaryIndexUpdates, each looked at on its own: existence, name, keys,
 * projection, capacity.
 *
 * An Update entry has no Projection or KeySchema: sent raw they are unknown members and ignored, so
 * no call ever changes a projection in place.
 */

#ifndef REHEARSEDB_API_TABLES_INDEX_UPDATE_H
#define REHEARSEDB_API_TABLES_INDEX_UPDATE_H

#include "api/tables/table_update.h"

/*
 * Changes the definition. A new index is appended to it without a database, which is taken last
 * (index_begin_create), when nothing can be refused any more. False after api_fail.
 */
bool index_updates_apply(struct request *request,
                         const struct table_update *update,
                         struct table_definition *table);

#endif
