#include "api/tables/insights_input.h"

enum { INDEX_NAME_SIZE_MIN = 3, INDEX_NAME_SIZE_MAX = 255 };

bool insights_check_index_name(struct request *request)
{
    size_t length = request_text(request, "IndexName").length;
    if (request_has(request, "IndexName") &&
        (length < INDEX_NAME_SIZE_MIN || length > INDEX_NAME_SIZE_MAX)) {
        return api_fail(request, API_VALIDATION,
                        "IndexName must be at least 3 characters long and at most 255 characters "
                        "long");
    }
    return true;
}

bool insights_find_target(struct request *request,
                          struct table_definition **out_table,
                          const struct index_definition **out_index)
{
    struct bytes index_name = request_text(request, "IndexName");
    *out_index = NULL;
    *out_table = request_table(request, request_table_name(request));
    if (*out_table == NULL || index_name.length == 0) {
        return *out_table != NULL;
    }
    const struct index_definition *index = table_find_index(*out_table, index_name);
    if (index == NULL || index->is_local || index->phase == INDEX_ALLOCATING) {
        return api_fail(request, API_RESOURCE_NOT_FOUND,
                        "Requested resource not found: Index: %.*s not found for table: %.*s",
                        BYTES_ARGUMENTS(index_name), BYTES_ARGUMENTS((*out_table)->name));
    }
    *out_index = index;
    return true;
}

const char *insights_status_name(enum insights_status status)
{
    static const char *const names[] = {
        [INSIGHTS_DISABLED] = "DISABLED",
        [INSIGHTS_ENABLING] = "ENABLING",
        [INSIGHTS_ENABLED] = "ENABLED",
        [INSIGHTS_DISABLING] = "DISABLING",
    };
    return names[status];
}

const char *insights_mode_name(enum insights_mode mode)
{
    return mode == INSIGHTS_THROTTLED_KEYS ? "THROTTLED_KEYS" : "ACCESSED_AND_THROTTLED_KEYS";
}

void insights_write_target(struct json_writer *writer, struct bytes table, struct bytes index)
{
    json_member_text(writer, "TableName", table);
    if (index.length > 0) {
        json_member_text(writer, "IndexName", index);
    }
}
