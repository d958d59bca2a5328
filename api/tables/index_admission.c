#include "api/tables/index_admission.h"

#include "api/internal.h"
#include "api/tables/table_input.h"

bool table_admission_check(struct request *request, const struct table_definition *table)
{
    if (table->status == TABLE_ACTIVE) {
        return true;
    }
    return api_fail(request, API_RESOURCE_IN_USE, IN_USE "Table is being %s: %.*s",
                    table->status == TABLE_CREATING ? "created" : "deleted",
                    BYTES_ARGUMENTS(table->name));
}

/* Two blanks before "Table" here, one in the allocation text of Delete: both are the service's. */
static bool fail_index_in_use(struct request *request,
                              const char *what,
                              const struct table_definition *table,
                              const struct index_definition *index)
{
    return api_fail(request, API_RESOURCE_IN_USE, IN_USE "%s  Table: %.*s Index: %.*s", what,
                    BYTES_ARGUMENTS(table->name), BYTES_ARGUMENTS(index->name));
}

static bool check_index_state(struct request *request,
                              const struct table_definition *table,
                              const struct index_definition *index,
                              enum index_action action)
{
    switch (index->phase) {
    case INDEX_CREATING_WITH_TABLE:
    case INDEX_ALLOCATING:
        if (action == INDEX_ACTION_DELETE) {
            return api_fail(request, API_RESOURCE_IN_USE,
                            IN_USE "Index creation is in resource allocation phase. Retry deletion "
                                   "during backfilling phase or when the index is active. "
                                   "Table: %.*s Index: %.*s",
                            BYTES_ARGUMENTS(table->name), BYTES_ARGUMENTS(index->name));
        }
        return fail_index_in_use(request,
                                 action == INDEX_ACTION_CREATE
                                     ? "Index is being created."
                                     : "Index is being created but is not backfilling yet.",
                                 table, index);
    case INDEX_BACKFILLING:
        return action != INDEX_ACTION_CREATE ||
               fail_index_in_use(request, "Index is being created.", table, index);
    case INDEX_DELETING:
        return fail_index_in_use(request, "Index is being deleted.", table, index);
    case INDEX_UPDATING:
        return action == INDEX_ACTION_CREATE ||
               fail_index_in_use(request, "Index is being updated.", table, index);
    case INDEX_ACTIVE:
        break;
    }
    return true;
}

static bool check_index_states(struct request *request,
                               struct table_definition *table,
                               const struct index_change *changes,
                               size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct index_definition *index = table_find_index(table, changes[i].index_name);
        if (index != NULL && !index->is_local &&
            !check_index_state(request, table, index, changes[i].action)) {
            return false;
        }
    }
    return true;
}

/*
 * At most one index is created or deleted at a time. The index that the call itself deletes in
 * mid-backfill is not counted: that is how a build is cancelled.
 */
static bool check_one_online_index(struct request *request,
                                   const struct table_definition *table,
                                   const struct index_change *changes,
                                   size_t count)
{
    size_t changing = 0;
    size_t asked = 0;
    struct bytes deleted = BYTES("");
    for (size_t i = 0; i < count; i++) {
        asked += changes[i].action != INDEX_ACTION_UPDATE;
        if (changes[i].action == INDEX_ACTION_DELETE) {
            deleted = changes[i].index_name;
        }
    }
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_definition *index = &table->indexes[i];
        bool is_changing = index->phase == INDEX_ALLOCATING || index->phase == INDEX_BACKFILLING ||
                           index->phase == INDEX_DELETING;
        changing += is_changing && !bytes_equal(index->name, deleted);
    }
    if (asked > 1 || (asked == 1 && changing > 0)) {
        return api_fail(request, API_LIMIT_EXCEEDED, ONE_ONLINE_INDEX);
    }
    return true;
}

bool index_admission_check(struct request *request,
                           struct table_definition *table,
                           const struct index_change *changes,
                           size_t count)
{
    return table_admission_check(request, table) &&
           check_index_states(request, table, changes, count) &&
           check_one_online_index(request, table, changes, count);
}
