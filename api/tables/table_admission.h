/*
 * Whether the state of a table and of its indexes admits what is asked for: first the table's own
 * status, then that of every named index, then that at most one index is created or deleted at a
 * time, then what else is under way. What a change itself must be like (its input) is looked at
 * afterwards.
 *
 * Every combination of a state and a request is a cell of the admission matrix; most are measured
 * on the service, the rest are among the unconfirmed choices in docs/compatibility.md.
 *
 * Functions return false after api_fail; the table is not changed.
 */

#ifndef REHEARSEDB_API_TABLES_TABLE_ADMISSION_H
#define REHEARSEDB_API_TABLES_TABLE_ADMISSION_H

#include "api/tables/table_update.h"

#define ONE_ONLINE_INDEX                                                                           \
    "Subscriber limit exceeded: Only 1 online index can be created or deleted "                    \
    "simultaneously per table"

bool table_admits_update(struct request *request,
                         struct table_definition *table,
                         const struct table_update *update);

bool table_admits_delete(struct request *request, const struct table_definition *table);

#endif
