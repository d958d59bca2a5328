#include "api/internal.h"
#include "api/operations.h"
#include "api/shape.h"
#include "api/tables/insights_input.h"

static const struct shape ACTION = { .kind = SHAPE_STRING, .values = "ENABLE, DISABLE" };
static const struct shape MODE = { .kind = SHAPE_STRING,
                                   .values = "THROTTLED_KEYS, ACCESSED_AND_THROTTLED_KEYS" };
static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
    { "IndexName", &SHAPE_ANY_STRING, OPTIONAL },
    { "ContributorInsightsAction", &ACTION, REQUIRED },
    { "ContributorInsightsMode", &MODE, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("UpdateContributorInsightsInput", MEMBERS);

/* "Key Access Insights" is the service's own name for it. */
static bool check_active(struct request *request,
                         const struct table_definition *table,
                         const struct index_definition *index)
{
    const char *what =
        table->status == TABLE_CREATING ? "TableStatus"
        : index != NULL && index->phase != INDEX_ACTIVE && index->phase != INDEX_DELETING
            ? "IndexStatus"
            : NULL;
    return what == NULL ||
           api_fail(request, API_VALIDATION,
                    "Table or Index is not in a valid state to update Key Access Insights: %s must "
                    "be ACTIVE to enable ContributorInsights.",
                    what);
}

/* Asking for what is so already changes nothing. A mode that is not given is the default one. */
static void change(struct request *request, bool is_wanted, struct insights *insights)
{
    bool is_throttled_only =
        shape_text_is(json_member(request->input, "ContributorInsightsMode"), "THROTTLED_KEYS");
    enum insights_mode mode =
        is_throttled_only ? INSIGHTS_THROTTLED_KEYS : INSIGHTS_ACCESSED_AND_THROTTLED_KEYS;
    if (insights->is_enabled == is_wanted && (!is_wanted || insights->mode == mode)) {
        return;
    }
    if (is_wanted) {
        insights->rules_ms = insights->is_enabled ? insights->rules_ms : request->now_ms;
        insights->mode = mode;
    }
    insights->is_enabled = is_wanted;
    insights->updated_ms = request->now_ms;
    insights->due_ms = request->now_ms + request->storage->durations.insights_update_ms;
}

static bool prepare(struct request *request)
{
    return insights_check_index_name(request);
}

static bool run(struct request *request)
{
    struct table_definition *table;
    const struct index_definition *index;
    bool is_wanted =
        shape_text_is(json_member(request->input, "ContributorInsightsAction"), "ENABLE");
    if (!insights_find_target(request, &table, &index) ||
        (is_wanted && !check_active(request, table, index))) {
        return false;
    }
    struct bytes index_name = request_text(request, "IndexName");
    struct insights_list list = insights_find(request->txn, request->arena, table->qualified_name);
    bool is_new = insights_of(&list, index_name) == NULL;
    struct insights *insights = insights_add(&list, index_name);
    change(request, is_wanted, insights);
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    insights_write_target(writer, table->name, index_name);
    json_member_text(
        writer, "ContributorInsightsStatus",
        bytes_of_text(insights_status_name(insights_status(insights, request->now_ms))));
    if (is_wanted || !is_new) {
        json_member_text(writer, "ContributorInsightsMode",
                         bytes_of_text(insights_mode_name(insights->mode)));
    }
    json_close_object(writer);
    if (is_wanted || !is_new) {
        insights_put(request->txn, request->arena, table->qualified_name, &list);
    }
    return true;
}

const struct operation OPERATION_UPDATE_CONTRIBUTOR_INSIGHTS = {
    .name = "UpdateContributorInsights",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
