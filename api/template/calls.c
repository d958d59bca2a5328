#include "api/template/calls.h"

#include "api/template/definition_json.h"
#include "api/template/json_document.h"
#include "api/template/node.h"
#include "storage/base/arena.h"
#include "storage/base/bytes.h"

#include <assert.h>
#include <string.h>

struct calling {
    struct arena *arena;
    const char *table;
    const struct table_definition *before;
    const struct table_definition *after;
    struct call_list *out;
};

static const char *finish(const struct buffer *text)
{
    return bytes_to_text(text->arena, buffer_view(text));
}

/* A new call of an operation on the table; waits for the table when it is done. */
static struct call *begin_call(struct calling *calling, const char *operation)
{
    struct call_list *out = calling->out;
    if (out->count == out->capacity) {
        size_t capacity = out->capacity > 0 ? out->capacity * 2 : 16;
        out->items = arena_grow(calling->arena, out->items, out->count * sizeof *out->items,
                                capacity * sizeof *out->items);
        out->capacity = capacity;
    }
    struct call *call = &out->items[out->count++];
    *call = (struct call){ .operation = operation, .wait = CALL_WAIT_TABLE };
    return call;
}

static void add_member(struct call *call, const char *name, enum member_kind kind, const char *text)
{
    assert(call->member_count < CALL_MEMBER_COUNT_MAX);
    call->members[call->member_count++] = (struct call_member){ name, kind, text };
}

static struct call *begin_table_call(struct calling *calling, const char *operation)
{
    struct call *call = begin_call(calling, operation);
    add_member(call, "TableName", MEMBER_TEXT, calling->table);
    return call;
}

static struct call *begin_arn_call(struct calling *calling, const char *operation)
{
    struct call *call = begin_call(calling, operation);
    add_member(call, "ResourceArn", MEMBER_ARN, calling->before->arn);
    add_member(call, "TableName", MEMBER_ARN, calling->table); /* to ask for the ARN; not sent */
    call->wait = CALL_WAIT_NONE;
    return call;
}

static bool changes(const struct calling *calling, enum setting setting)
{
    return value_is_changed(&calling->before->settings[setting],
                            &calling->after->settings[setting]);
}

static const char *wanted(const struct calling *calling, enum setting setting)
{
    return calling->after->settings[setting].text;
}

/* ---- throughput ---- */

static void
append_update(struct buffer *to, const char *index, const char *member, const char *value)
{
    buffer_append_text(to, to->length > 1 ? ",{\"Update\":{\"IndexName\":"
                                          : "{\"Update\":{\"IndexName\":");
    json_document_append_text(to, index);
    buffer_append_format(to, ",\"%s\":%s}}", member, value);
}

/* Updates of one setting of all indexes that change it; NULL: none does. `otherwise` clears it. */
static const char *index_updates(struct calling *calling,
                                 enum setting setting,
                                 const char *member,
                                 const char *otherwise)
{
    struct buffer text;
    buffer_init(&text, calling->arena, 256);
    buffer_append_u8(&text, '[');
    const struct index_list *list = &calling->before->global_indexes;
    for (size_t i = 0; i < list->count; i++) {
        const struct index_definition *index = &list->items[i];
        const struct index_definition *after =
            definition_find_index(&calling->after->global_indexes, index->name);
        if (after == NULL ||
            !value_is_changed(&index->settings[setting], &after->settings[setting])) {
            continue;
        }
        const char *value = after->settings[setting].text;
        append_update(&text, index->name, member, value[0] != '\0' ? value : otherwise);
    }
    if (text.length == 1) {
        return NULL;
    }
    buffer_append_u8(&text, ']');
    return finish(&text);
}

static void change_provisioned(struct calling *calling)
{
    bool switches = changes(calling, SETTING_BILLING_MODE);
    bool is_provisioned = strcmp(wanted(calling, SETTING_BILLING_MODE), "PROVISIONED") == 0;
    const char *updates = is_provisioned ? index_updates(calling, SETTING_PROVISIONED_THROUGHPUT,
                                                         "ProvisionedThroughput", "{}")
                                         : NULL;
    bool has_own = is_provisioned && changes(calling, SETTING_PROVISIONED_THROUGHPUT);
    if (!switches && updates == NULL && !has_own) {
        return;
    }
    struct call *call = begin_table_call(calling, "UpdateTable");
    if (switches) {
        add_member(call, "BillingMode", MEMBER_TEXT, wanted(calling, SETTING_BILLING_MODE));
    }
    if (has_own) {
        add_member(call, "ProvisionedThroughput", MEMBER_JSON,
                   wanted(calling, SETTING_PROVISIONED_THROUGHPUT));
    }
    if (updates != NULL) {
        add_member(call, "GlobalSecondaryIndexUpdates", MEMBER_JSON, updates);
    }
}

static const char UNLIMITED[] = "{\"MaxReadRequestUnits\":-1,\"MaxWriteRequestUnits\":-1}";

/* A switch of the billing mode has dropped what there was: only what is wanted is left to set. */
static void change_on_demand(struct calling *calling)
{
    bool switches = changes(calling, SETTING_BILLING_MODE);
    const char *own = wanted(calling, SETTING_ON_DEMAND_THROUGHPUT);
    if (changes(calling, SETTING_ON_DEMAND_THROUGHPUT) && !(switches && own[0] == '\0')) {
        struct call *call = begin_table_call(calling, "UpdateTable");
        add_member(call, "OnDemandThroughput", MEMBER_JSON, own[0] != '\0' ? own : UNLIMITED);
    }
    const char *updates =
        index_updates(calling, SETTING_ON_DEMAND_THROUGHPUT, "OnDemandThroughput", UNLIMITED);
    bool is_dropped = switches && strcmp(wanted(calling, SETTING_BILLING_MODE), "PROVISIONED") == 0;
    if (updates != NULL && !is_dropped) {
        struct call *call = begin_table_call(calling, "UpdateTable");
        add_member(call, "GlobalSecondaryIndexUpdates", MEMBER_JSON, updates);
    }
}

static void change_warm(struct calling *calling)
{
    if (changes(calling, SETTING_WARM_THROUGHPUT)) {
        struct call *call = begin_table_call(calling, "UpdateTable");
        add_member(call, "WarmThroughput", MEMBER_JSON, wanted(calling, SETTING_WARM_THROUGHPUT));
    }
    const char *updates = index_updates(calling, SETTING_WARM_THROUGHPUT, "WarmThroughput", "{}");
    if (updates != NULL) {
        struct call *call = begin_table_call(calling, "UpdateTable");
        add_member(call, "GlobalSecondaryIndexUpdates", MEMBER_JSON, updates);
    }
}

/* ---- changes that UpdateTable takes alone ---- */

static const char *formatted(struct calling *calling, const char *format, const char *text)
{
    struct buffer to;
    struct buffer quoted;
    buffer_init(&quoted, calling->arena, 64);
    json_document_append_text(&quoted, text);
    buffer_init(&to, calling->arena, 128);
    const char *mark = strchr(format, '@');
    buffer_append(&to, format, (size_t)(mark - format));
    buffer_append_bytes(&to, buffer_view(&quoted));
    buffer_append_text(&to, mark + 1);
    return finish(&to);
}

static void change_stream(struct calling *calling)
{
    if (!changes(calling, SETTING_STREAM)) {
        return;
    }
    const char *view = wanted(calling, SETTING_STREAM);
    if (calling->before->settings[SETTING_STREAM].text[0] != '\0') {
        struct call *call = begin_table_call(calling, "UpdateTable");
        add_member(call, "StreamSpecification", MEMBER_JSON, "{\"StreamEnabled\":false}");
    }
    if (view[0] != '\0') {
        struct call *call = begin_table_call(calling, "UpdateTable");
        add_member(call, "StreamSpecification", MEMBER_JSON,
                   formatted(calling, "{\"StreamEnabled\":true,\"StreamViewType\":@}", view));
    }
}

/* A key that only a deployment knows is a placeholder, which no service takes for a key. */
static const char *encryption_specification(struct calling *calling)
{
    const struct value *key = &calling->after->settings[SETTING_ENCRYPTION_KEY];
    if (wanted(calling, SETTING_ENCRYPTION)[0] == '\0') {
        return "{\"Enabled\":false}";
    }
    if (key->state == VALUE_UNSAID || key->text[0] == '\0') {
        return "{\"Enabled\":true,\"SSEType\":\"KMS\"}";
    }
    return formatted(calling, "{\"Enabled\":true,\"SSEType\":\"KMS\",\"KMSMasterKeyId\":@}",
                     key->state == VALUE_KNOWN ? key->text : "KMS_KEY_ID");
}

static void change_encryption(struct calling *calling)
{
    if (changes(calling, SETTING_ENCRYPTION) || changes(calling, SETTING_ENCRYPTION_KEY)) {
        add_member(begin_table_call(calling, "UpdateTable"), "SSESpecification", MEMBER_JSON,
                   encryption_specification(calling));
    }
}

static void change_alone(struct calling *calling,
                         enum setting setting,
                         const char *member,
                         enum member_kind kind)
{
    if (changes(calling, setting)) {
        add_member(begin_table_call(calling, "UpdateTable"), member, kind,
                   wanted(calling, setting));
    }
}

/* ---- operations of their own ---- */

static void change_time_to_live(struct calling *calling)
{
    if (!changes(calling, SETTING_TIME_TO_LIVE)) {
        return;
    }
    const char *new = wanted(calling, SETTING_TIME_TO_LIVE);
    const char *old = calling->before->settings[SETTING_TIME_TO_LIVE].text;
    struct call *call = begin_table_call(calling, "UpdateTimeToLive");
    add_member(call, "TimeToLiveSpecification", MEMBER_JSON,
               new[0] != '\0' ? formatted(calling, "{\"Enabled\":true,\"AttributeName\":@}", new)
                              : formatted(calling, "{\"Enabled\":false,\"AttributeName\":@}", old));
    call->wait = CALL_WAIT_NONE;
}

static void change_recovery(struct calling *calling)
{
    if (!changes(calling, SETTING_POINT_IN_TIME_RECOVERY) &&
        !changes(calling, SETTING_RECOVERY_PERIOD)) {
        return;
    }
    bool is_on = strcmp(wanted(calling, SETTING_POINT_IN_TIME_RECOVERY), "true") == 0;
    const struct value *period = &calling->after->settings[SETTING_RECOVERY_PERIOD];
    struct buffer text;
    buffer_init(&text, calling->arena, 96);
    buffer_append_format(&text, "{\"PointInTimeRecoveryEnabled\":%s", is_on ? "true" : "false");
    if (is_on && period->state == VALUE_KNOWN) {
        buffer_append_format(&text, ",\"RecoveryPeriodInDays\":%s", period->text);
    }
    buffer_append_u8(&text, '}');
    struct call *call = begin_table_call(calling, "UpdateContinuousBackups");
    add_member(call, "PointInTimeRecoverySpecification", MEMBER_JSON, finish(&text));
    call->wait = CALL_WAIT_NONE;
}

static void set_insights(struct calling *calling,
                         const char *index,
                         const struct value *before,
                         const struct value *after)
{
    if (!value_is_changed(before, after)) {
        return;
    }
    struct call *call = begin_table_call(calling, "UpdateContributorInsights");
    if (index != NULL) {
        add_member(call, "IndexName", MEMBER_TEXT, index);
    }
    add_member(call, "ContributorInsightsAction", MEMBER_TEXT,
               strcmp(after->text, "true") == 0 ? "ENABLE" : "DISABLE");
    call->wait = CALL_WAIT_NONE;
}

static void change_insights(struct calling *calling)
{
    set_insights(calling, NULL, &calling->before->settings[SETTING_CONTRIBUTOR_INSIGHTS],
                 &calling->after->settings[SETTING_CONTRIBUTOR_INSIGHTS]);
    const struct index_list *list = &calling->before->global_indexes;
    for (size_t i = 0; i < list->count; i++) {
        const struct index_definition *index =
            definition_find_index(&calling->after->global_indexes, list->items[i].name);
        if (index != NULL) {
            set_insights(calling, index->name,
                         &list->items[i].settings[SETTING_CONTRIBUTOR_INSIGHTS],
                         &index->settings[SETTING_CONTRIBUTOR_INSIGHTS]);
        }
    }
}

static void change_kinesis(struct calling *calling)
{
    if (!changes(calling, SETTING_KINESIS_STREAM)) {
        return;
    }
    const char *old = calling->before->settings[SETTING_KINESIS_STREAM].text;
    const char *new = wanted(calling, SETTING_KINESIS_STREAM);
    if (old[0] != '\0') {
        struct call *call = begin_table_call(calling, "DisableKinesisStreamingDestination");
        add_member(call, "StreamArn", MEMBER_TEXT, old);
    }
    if (new[0] != '\0') {
        struct call *call = begin_table_call(calling, "EnableKinesisStreamingDestination");
        add_member(call, "StreamArn", MEMBER_TEXT, new);
    }
}

static void change_policy(struct calling *calling)
{
    if (!changes(calling, SETTING_RESOURCE_POLICY)) {
        return;
    }
    const char *policy = wanted(calling, SETTING_RESOURCE_POLICY);
    struct call *call =
        begin_arn_call(calling, policy[0] != '\0' ? "PutResourcePolicy" : "DeleteResourcePolicy");
    if (policy[0] != '\0') {
        add_member(call, "Policy", MEMBER_TEXT, policy);
    }
}

static const struct node *tags_of(struct calling *calling, const struct value *value)
{
    const struct node *tags = NULL;
    const char *error = NULL;
    bool is_list = value->text[0] != '\0' &&
                   node_read(calling->arena, bytes_of_text(value->text), &tags, &error);
    return is_list ? tags : NULL;
}

static bool has_tag(const struct node *tags, const char *key)
{
    for (const struct node *tag = tags != NULL ? tags->first : NULL; tag != NULL; tag = tag->next) {
        if (node_is_text(node_member(tag, "Key"), key)) {
            return true;
        }
    }
    return false;
}

static void change_tags(struct calling *calling)
{
    if (!changes(calling, SETTING_TAGS)) {
        return;
    }
    const struct node *old = tags_of(calling, &calling->before->settings[SETTING_TAGS]);
    const struct node *new = tags_of(calling, &calling->after->settings[SETTING_TAGS]);
    struct buffer gone;
    buffer_init(&gone, calling->arena, 64);
    for (const struct node *tag = old != NULL ? old->first : NULL; tag != NULL; tag = tag->next) {
        const char *key = node_text(node_member(tag, "Key"), "");
        if (!has_tag(new, key)) {
            buffer_append_u8(&gone, gone.length == 0 ? '[' : ',');
            json_document_append_text(&gone, key);
        }
    }
    if (gone.length > 0) {
        buffer_append_u8(&gone, ']');
        struct call *call = begin_arn_call(calling, "UntagResource");
        add_member(call, "TagKeys", MEMBER_JSON, finish(&gone));
    }
    if (new != NULL) {
        struct call *call = begin_arn_call(calling, "TagResource");
        add_member(call, "Tags", MEMBER_JSON, wanted(calling, SETTING_TAGS));
    }
}

/* ---- indexes ---- */

/* One without a type is not defined at all. */
static const char *attribute_definitions(struct calling *calling, const struct key_schema *keys)
{
    struct buffer text;
    buffer_init(&text, calling->arena, 128);
    buffer_append_u8(&text, '[');
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->elements[i].type[0] == '\0') {
            continue;
        }
        buffer_append_text(&text, text.length > 1 ? ",{\"AttributeName\":" : "{\"AttributeName\":");
        json_document_append_text(&text, keys->elements[i].attribute);
        buffer_append_text(&text, ",\"AttributeType\":");
        json_document_append_text(&text, keys->elements[i].type);
        buffer_append_u8(&text, '}');
    }
    buffer_append_u8(&text, ']');
    return finish(&text);
}

/* Its key attributes are declared again, also those the table knows. */
static void create_index(struct calling *calling, const struct index_definition *index)
{
    struct buffer text;
    buffer_init(&text, calling->arena, 512);
    buffer_append_text(&text, "[{\"Create\":");
    definition_append_index(&text, index);
    buffer_append_text(&text, "}]");
    struct call *call = begin_table_call(calling, "UpdateTable");
    add_member(call, "AttributeDefinitions", MEMBER_JSON,
               attribute_definitions(calling, &index->key_schema));
    add_member(call, "GlobalSecondaryIndexUpdates", MEMBER_JSON, finish(&text));
    call->wait = CALL_WAIT_INDEX;
    call->index = index->name;
    static const struct value off = { .state = VALUE_KNOWN, .text = "false" };
    set_insights(calling, index->name, &off, &index->settings[SETTING_CONTRIBUTOR_INSIGHTS]);
}

static void delete_index(struct calling *calling, const char *name)
{
    struct call *call = begin_table_call(calling, "UpdateTable");
    add_member(call, "GlobalSecondaryIndexUpdates", MEMBER_JSON,
               formatted(calling, "[{\"Delete\":{\"IndexName\":@}}]", name));
    call->wait = CALL_WAIT_INDEX_GONE;
    call->index = name;
}

static void change_indexes(struct calling *calling)
{
    const struct index_list *before = &calling->before->global_indexes;
    const struct index_list *after = &calling->after->global_indexes;
    for (size_t i = 0; i < before->count; i++) {
        if (definition_find_index(after, before->items[i].name) == NULL) {
            delete_index(calling, before->items[i].name);
        }
    }
    for (size_t i = 0; i < after->count; i++) {
        if (definition_find_index(before, after->items[i].name) == NULL) {
            create_index(calling, &after->items[i]);
        }
    }
}

void calls_find(struct arena *arena,
                const char *table,
                const struct table_definition *before,
                const struct table_definition *after,
                struct call_list *out)
{
    *out = (struct call_list){ .items = arena_alloc(arena, 0) };
    struct calling calling = {
        .arena = arena, .table = table, .before = before, .after = after, .out = out
    };
    change_alone(&calling, SETTING_DELETION_PROTECTION, "DeletionProtectionEnabled",
                 MEMBER_BOOLEAN);
    change_provisioned(&calling);
    change_on_demand(&calling);
    change_warm(&calling);
    change_stream(&calling);
    change_encryption(&calling);
    change_alone(&calling, SETTING_TABLE_CLASS, "TableClass", MEMBER_TEXT);
    change_time_to_live(&calling);
    change_recovery(&calling);
    change_insights(&calling);
    change_kinesis(&calling);
    change_policy(&calling);
    change_tags(&calling);
    change_indexes(&calling);
}

/* ---- a call's input ---- */

bool call_member_is_sent(const struct call_member *member)
{
    return member->kind != MEMBER_ARN || strcmp(member->name, "ResourceArn") == 0;
}

void calls_append_input(struct buffer *to, const struct call *call)
{
    const char *separator = "{";
    for (size_t i = 0; i < call->member_count; i++) {
        const struct call_member *member = &call->members[i];
        if (!call_member_is_sent(member)) {
            continue;
        }
        buffer_append_format(to, "%s\"%s\":", separator, member->name);
        separator = ",";
        if (member->kind == MEMBER_JSON || member->kind == MEMBER_BOOLEAN) {
            buffer_append_text(to, member->text);
        } else if (member->text != NULL) {
            json_document_append_text(to, member->text);
        } else {
            buffer_append_text(to, "null");
        }
    }
    buffer_append_u8(to, '}');
}
