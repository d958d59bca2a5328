#include "api/template/calls.h"
#include "api/template/definition_json.h"
#include "api/template/json_document.h"
#include "storage/base/arena.h"
#include "storage/base/bytes.h"

#include <string.h>

enum { TEXT_SIZE_FIRST = 256 };

static const char *finish(const struct buffer *text)
{
    return bytes_to_text(text->arena, buffer_view(text));
}

static void add_member(struct call *call, const char *name, enum member_kind kind, const char *text)
{
    call->members[call->member_count++] = (struct call_member){ name, kind, text };
}

static void add_setting(struct call *call,
                        const char *name,
                        enum member_kind kind,
                        const struct table_definition *wanted,
                        enum setting setting)
{
    const struct value *value = &wanted->settings[setting];
    if (value->state == VALUE_KNOWN && value->text[0] != '\0') {
        add_member(call, name, kind, value->text);
    }
}

static const char *key_schema_of(struct arena *arena, const struct key_schema *keys)
{
    struct buffer text;
    buffer_init(&text, arena, TEXT_SIZE_FIRST);
    definition_append_key_schema(&text, keys);
    return strchr(finish(&text), '[');
}

static void add_indexes(struct arena *arena,
                        struct call *call,
                        const char *name,
                        const struct index_list *indexes)
{
    struct buffer text;
    buffer_init(&text, arena, TEXT_SIZE_FIRST);
    for (size_t i = 0; i < indexes->count; i++) {
        buffer_append_u8(&text, i == 0 ? '[' : ',');
        definition_append_index(&text, &indexes->items[i]);
    }
    buffer_append_u8(&text, ']');
    if (indexes->count > 0) {
        add_member(call, name, MEMBER_JSON, finish(&text));
    }
}

static void
add_stream(struct arena *arena, struct call *call, const struct table_definition *wanted)
{
    const struct value *view = &wanted->settings[SETTING_STREAM];
    struct buffer text;
    if (view->state == VALUE_KNOWN && view->text[0] != '\0') {
        buffer_init(&text, arena, TEXT_SIZE_FIRST);
        buffer_append_text(&text, "{\"StreamEnabled\":true,\"StreamViewType\":");
        json_document_append_text(&text, view->text);
        buffer_append_u8(&text, '}');
        add_member(call, "StreamSpecification", MEMBER_JSON, finish(&text));
    }
}

static void
add_encryption(struct arena *arena, struct call *call, const struct table_definition *wanted)
{
    const struct value *key = &wanted->settings[SETTING_ENCRYPTION_KEY];
    struct buffer text;
    if (wanted->settings[SETTING_ENCRYPTION].text[0] == '\0') {
        return;
    }
    buffer_init(&text, arena, TEXT_SIZE_FIRST);
    buffer_append_text(&text, "{\"Enabled\":true,\"SSEType\":\"KMS\"");
    if (key->state == VALUE_KNOWN && key->text[0] != '\0') {
        buffer_append_text(&text, ",\"KMSMasterKeyId\":");
        json_document_append_text(&text, key->text);
    }
    buffer_append_u8(&text, '}');
    add_member(call, "SSESpecification", MEMBER_JSON, finish(&text));
}

static struct call create_table(struct arena *arena,
                                const char *table,
                                const char *attribute_definitions,
                                const struct table_definition *wanted)
{
    struct call call = { .operation = "CreateTable", .wait = CALL_WAIT_TABLE };
    add_member(&call, "TableName", MEMBER_TEXT, table);
    add_member(&call, "AttributeDefinitions", MEMBER_JSON, attribute_definitions);
    add_member(&call, "KeySchema", MEMBER_JSON, key_schema_of(arena, &wanted->key_schema));
    add_setting(&call, "BillingMode", MEMBER_TEXT, wanted, SETTING_BILLING_MODE);
    add_setting(&call, "ProvisionedThroughput", MEMBER_JSON, wanted,
                SETTING_PROVISIONED_THROUGHPUT);
    add_setting(&call, "OnDemandThroughput", MEMBER_JSON, wanted, SETTING_ON_DEMAND_THROUGHPUT);
    add_setting(&call, "WarmThroughput", MEMBER_JSON, wanted, SETTING_WARM_THROUGHPUT);
    add_indexes(arena, &call, "LocalSecondaryIndexes", &wanted->local_indexes);
    add_indexes(arena, &call, "GlobalSecondaryIndexes", &wanted->global_indexes);
    add_stream(arena, &call, wanted);
    add_encryption(arena, &call, wanted);
    add_setting(&call, "TableClass", MEMBER_TEXT, wanted, SETTING_TABLE_CLASS);
    add_setting(&call, "DeletionProtectionEnabled", MEMBER_BOOLEAN, wanted,
                SETTING_DELETION_PROTECTION);
    add_setting(&call, "ResourcePolicy", MEMBER_TEXT, wanted, SETTING_RESOURCE_POLICY);
    add_setting(&call, "Tags", MEMBER_JSON, wanted, SETTING_TAGS);
    return call;
}

void calls_find_creation(struct arena *arena,
                         const char *table,
                         const char *attribute_definitions,
                         const struct table_definition *wanted,
                         struct call_list *out)
{
    static const struct value none = { .state = VALUE_KNOWN, .text = "" };
    static const struct value off = { .state = VALUE_KNOWN, .text = "false" };
    struct call_list later;
    struct table_definition *made = definition_copy(arena, wanted);
    made->settings[SETTING_TIME_TO_LIVE] = none;
    made->settings[SETTING_POINT_IN_TIME_RECOVERY] = off;
    made->settings[SETTING_RECOVERY_PERIOD] = none;
    made->settings[SETTING_KINESIS_STREAM] = none;
    made->settings[SETTING_CONTRIBUTOR_INSIGHTS] = off;
    for (size_t i = 0; i < made->global_indexes.count; i++) {
        made->global_indexes.items[i].settings[SETTING_CONTRIBUTOR_INSIGHTS] = off;
    }
    calls_find(arena, table, made, wanted, &later);
    out->count = later.count + 1;
    out->capacity = out->count;
    out->items = arena_alloc(arena, out->count * sizeof *out->items);
    out->items[0] = create_table(arena, table, attribute_definitions, wanted);
    if (later.count > 0) {
        memcpy(out->items + 1, later.items, later.count * sizeof *later.items);
    }
}
