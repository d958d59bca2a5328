/*
 * Whether the state of a table and of its indexes admits the changes that an UpdateTable asks for:
 * first the table's state, then that of every named index, then that at most one index is created
 * or deleted at a time.
 *
 * What a change itself must be like (its input) is the operation's to check, afterwards.
 */

#ifndef REHEARSEDB_API_TABLES_INDEX_ADMISSION_H
#define REHEARSEDB_API_TABLES_INDEX_ADMISSION_H

#include "api/request.h"

#define ONE_ONLINE_INDEX                                                                           \
    "Subscriber limit exceeded: Only 1 online index can be created or deleted "                    \
    "simultaneously per table"

enum index_action { INDEX_ACTION_UPDATE, INDEX_ACTION_CREATE, INDEX_ACTION_DELETE };

/* One entry of GlobalSecondaryIndexUpdates. */
struct index_change {
    enum index_action action;
    const struct cJSON *input; /* of the action */
    struct bytes index_name;
};

/* Whether the table is neither CREATING nor DELETING. False after api_fail. */
bool table_admission_check(struct request *request, const struct table_definition *table);

/* False after api_fail; the table is not changed. */
bool index_admission_check(struct request *request,
                           struct table_definition *table,
                           const struct index_change *changes,
                           size_t count);

#endif
