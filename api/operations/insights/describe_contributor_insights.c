#include "api/operations.h"
#include "api/shape.h"
#include "api/tables/insights_input.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
    { "IndexName", &SHAPE_ANY_STRING, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("DescribeContributorInsightsInput", MEMBERS);

/* DynamoDBContributorInsights-PKC-TABLE-INDEX-MILLISECONDS; PK and SK, C accessed and T throttled.
 */
static void write_rule(struct request *request,
                       const char *what,
                       const struct table_definition *table,
                       const struct insights *insights)
{
    struct buffer name;
    buffer_init(&name, request->arena, 128);
    buffer_append_format(&name, "DynamoDBContributorInsights-%s-", what);
    buffer_append_bytes(&name, table->name);
    if (insights->index_name.length > 0) {
        buffer_append_text(&name, "-");
        buffer_append_bytes(&name, insights->index_name);
    }
    buffer_append_format(&name, "-%lld", (long long)insights->rules_ms);
    json_write_text(&request->writer, buffer_view(&name));
}

static void write_rules(struct request *request,
                        const struct table_definition *table,
                        const struct key_schema *key,
                        const struct insights *insights)
{
    bool has_sort_key = key->sort_count > 0;
    bool counts_accesses = insights->mode == INSIGHTS_ACCESSED_AND_THROTTLED_KEYS;
    json_write_key(&request->writer, "ContributorInsightsRuleList");
    json_open_array(&request->writer);
    if (counts_accesses) {
        write_rule(request, "PKC", table, insights);
    }
    write_rule(request, "PKT", table, insights);
    if (counts_accesses && has_sort_key) {
        write_rule(request, "SKC", table, insights);
    }
    if (has_sort_key) {
        write_rule(request, "SKT", table, insights);
    }
    json_close_array(&request->writer);
}

static bool prepare(struct request *request)
{
    return insights_check_index_name(request);
}

static bool run(struct request *request)
{
    struct table_definition *table;
    const struct index_definition *index;
    if (!insights_find_target(request, &table, &index)) {
        return false;
    }
    struct bytes index_name = request_text(request, "IndexName");
    struct insights_list list = insights_find(request->txn, request->arena, table->qualified_name);
    const struct insights *insights = insights_of(&list, index_name);
    enum insights_status status =
        insights != NULL ? insights_status(insights, request->now_ms) : INSIGHTS_DISABLED;
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    insights_write_target(writer, table->name, index_name);
    json_member_text(writer, "ContributorInsightsStatus",
                     bytes_of_text(insights_status_name(status)));
    if (status == INSIGHTS_ENABLED) {
        write_rules(request, table, index != NULL ? &index->key : &table->key, insights);
    }
    if (insights != NULL) {
        json_member_seconds(writer, "LastUpdateDateTime", insights->updated_ms);
        json_member_text(writer, "ContributorInsightsMode",
                         bytes_of_text(insights_mode_name(insights->mode)));
    }
    json_close_object(writer);
    return true;
}

const struct operation OPERATION_DESCRIBE_CONTRIBUTOR_INSIGHTS = {
    .name = "DescribeContributorInsights",
    .access = ACCESS_READ,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
