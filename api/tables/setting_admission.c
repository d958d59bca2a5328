#include "api/tables/setting_admission.h"

#include "api/tables/table_input.h"
#include "storage/table/resource_policy.h"
#include "storage/table/tags.h"

bool table_admits_setting(struct request *request, const struct table_definition *table)
{
    if (table->status == TABLE_ACTIVE) {
        return true;
    }
    return api_fail(request, API_RESOURCE_IN_USE, IN_USE "Table is being %s: %.*s",
                    table->status == TABLE_CREATING ? "created" : "deleted",
                    BYTES_ARGUMENTS(table->name));
}

bool settings_admit_delete(struct request *request, const struct table_definition *table)
{
    struct tag_state tags = tags_find(request->txn, request->arena, table->qualified_name);
    if (tags_are_changing(&tags, request->now_ms)) {
        return api_fail(request, API_RESOURCE_IN_USE, IN_USE "Table tags are being updated: %.*s",
                        BYTES_ARGUMENTS(table->name));
    }
    struct resource_policy policy =
        resource_policy_find(request->txn, request->arena, table->qualified_name);
    if (resource_policy_is_changing(&policy, request->now_ms)) {
        return api_fail(request, API_RESOURCE_IN_USE,
                        IN_USE "Table: %.*s has a pending resource-based policy update.",
                        BYTES_ARGUMENTS(table->name));
    }
    return true;
}
