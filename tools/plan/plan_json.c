/* A plan for programs (plan.h). */

#include "storage/base/arena.h"
#include "storage/base/bytes.h"
#include "tools/client/json.h"
#include "tools/plan/plan.h"

enum { INDEX_BUILD_MINUTES = 8 }; /* measured on AWS for an empty table: 8 to 17 */

static void append_name(struct buffer *to, const char *name)
{
    buffer_append_format(to, "\"%s\":", name);
}

/* A member and the comma before it; `text` NULL: null. */
static void append_member(struct buffer *to, const char *name, const char *text)
{
    buffer_append_u8(to, ',');
    append_name(to, name);
    if (text != NULL) {
        json_append_text(to, text);
    } else {
        buffer_append_text(to, "null");
    }
}

static void append_truth(struct buffer *to, const char *name, bool truth)
{
    buffer_append_format(to, ",\"%s\":%s", name, truth ? "true" : "false");
}

static void append_source(struct buffer *to,
                          const char *name,
                          const char *source,
                          const struct table_definition *table)
{
    static const char *const kinds[] = { "DescribeTable", "CreateTable", "CloudFormation" };
    buffer_append_u8(to, ',');
    append_name(to, name);
    buffer_append_format(to, "{\"Kind\":\"%s\"", kinds[table->source]);
    append_member(to, "Source", source);
    buffer_append_u8(to, '}');
}

static void append_change(struct buffer *to, const struct change *change)
{
    bool is_of_index = change->index != NULL && change->property < SETTING_COUNT;
    buffer_append_format(to, "{\"Property\":\"%s\"",
                         rules_property_name(change->property, is_of_index));
    append_member(to, "IndexName", change->index);
    append_member(to, "Change", rules_kind_name(change->kind));
    append_member(to, "From", change->from);
    append_member(to, "To", change->to);
    append_member(to, "Verdict", rules_verdict_name(change->verdict));
    append_member(to, "CloudFormation", change->message);
    append_member(to, "API", change->rule->api);
    append_member(to, "Certainty", rules_certainty_name(change->rule->certainty));
    append_member(to, "Basis", change->rule->source);
    buffer_append_u8(to, '}');
}

static void append_call(struct buffer *to, const struct plan *plan, const struct call *call)
{
    buffer_append_format(to, "{\"Operation\":\"%s\",\"Input\":", call->operation);
    calls_append_input(to, call);
    struct buffer command;
    buffer_init(&command, to->arena, 256);
    command_line_append(&command, call, &plan->target);
    append_member(to, "Command", bytes_to_text(to->arena, buffer_view(&command)));
    buffer_init(&command, to->arena, 256);
    command_line_append_wait(&command, call, &plan->target);
    append_member(to, "Wait",
                  command.length > 0 ? bytes_to_text(to->arena, buffer_view(&command)) : NULL);
    buffer_append_u8(to, '}');
}

static void
append_deployment(struct buffer *to, const struct plan *plan, const struct deployment *deployment)
{
    static const char *const kinds[] = { "SETTINGS", "CREATE_INDEX", "DELETE_INDEX" };
    const struct index_list *list = &deployment->after->global_indexes;
    buffer_append_format(to, "{\"Kind\":\"%s\"", kinds[deployment->kind]);
    append_member(to, "IndexName", deployment->index);
    append_member(to, deployment->kind == DEPLOYMENT_CREATE_INDEX ? "ReadersFrom" : "ReadersTo",
                  deployment->partner);
    append_truth(to, "HasSettings", deployment->has_settings);
    append_truth(to, "Outage", deployment->leaves_readers);
    append_truth(to, "AwaitsTimeToLive", deployment->awaits_ttl);
    buffer_append_format(to, ",\"MinimumMinutes\":%d",
                         deployment->kind == DEPLOYMENT_CREATE_INDEX ? (int)INDEX_BUILD_MINUTES
                                                                     : 0);
    buffer_append_text(to, ",\"GlobalSecondaryIndexes\":[");
    for (size_t i = 0; i < list->count; i++) {
        buffer_append_text(to, i > 0 ? "," : "");
        json_append_text(to, list->items[i].name);
    }
    struct call_list calls;
    calls_find(to->arena, plan->table, deployment->before, deployment->after, &calls);
    buffer_append_text(to, "],\"Calls\":[");
    for (size_t i = 0; i < calls.count; i++) {
        buffer_append_text(to, i > 0 ? "," : "");
        append_call(to, plan, &calls.items[i]);
    }
    buffer_append_text(to, "]}");
}

void plan_append_json(struct buffer *to, const struct plan *plan)
{
    const struct difference *difference = &plan->difference;
    const struct sequence *sequence = &plan->sequence;
    buffer_append_format(to, "{\"Verdict\":\"%s\"", plan_verdict_name(plan));
    append_truth(to, "InOneDeployment", plan_is_plain(plan));
    append_truth(to, "Complete", sequence->is_complete);
    append_member(to, "TableName", plan->table);
    append_source(to, "From", plan->from_source, plan->from);
    append_source(to, "To", plan->to_source, plan->to);
    append_member(to, "Busy", plan->from->busy);
    buffer_append_text(to, ",\"Changes\":[");
    for (size_t i = 0; i < difference->change_count; i++) {
        buffer_append_text(to, i > 0 ? "," : "");
        append_change(to, &difference->changes[i]);
    }
    buffer_append_text(to, "],\"NotCompared\":[");
    for (size_t i = 0; i < difference->note_count; i++) {
        buffer_append_text(to, i > 0 ? "," : "");
        json_append_text(to, difference->notes[i]);
    }
    buffer_append_text(to, "],\"Deployments\":[");
    for (size_t i = 0; i < sequence->count; i++) {
        buffer_append_text(to, i > 0 ? "," : "");
        append_deployment(to, plan, &sequence->deployments[i]);
    }
    buffer_append_text(to, "]}\n");
}
