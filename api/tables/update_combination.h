/*
 * What one UpdateTable may ask for at once: which of its members are changes, and which of these
 * stand no other beside them. The table is not looked at; every pair is measured on the service
 * (docs/compatibility.md has the sources).
 */

#ifndef REHEARSEDB_API_TABLES_UPDATE_COMBINATION_H
#define REHEARSEDB_API_TABLES_UPDATE_COMBINATION_H

#include "api/tables/table_update.h"

/* Whether GlobalSecondaryIndexUpdates has any. */
bool table_update_has_entries(struct request *request);

/*
 * False after api_fail. `update` has what the members say by themselves; whether there is nothing
 * to do is filled in (has_nothing).
 */
bool table_update_check_combination(struct request *request, struct table_update *update);

#endif
