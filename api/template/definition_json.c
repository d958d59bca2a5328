#include "api/template/definition_json.h"

#include "api/template/json_document.h"
#include "storage/base/bytes.h"

void definition_append_key_schema(struct buffer *to, const struct key_schema *keys)
{
    buffer_append_text(to, "\"KeySchema\":");
    for (size_t i = 0; i < keys->count; i++) {
        buffer_append_text(to, i == 0 ? "[{\"AttributeName\":" : ",{\"AttributeName\":");
        json_document_append_text(to, keys->elements[i].attribute);
        buffer_append_format(to, ",\"KeyType\":\"%s\"}",
                             keys->elements[i].is_hash ? "HASH" : "RANGE");
    }
    buffer_append_u8(to, ']');
}

void definition_append_projection(struct buffer *to, const struct projection *projection)
{
    buffer_append_text(to, "\"Projection\":{\"ProjectionType\":");
    json_document_append_text(to, projection->type);
    for (size_t i = 0; i < projection->attribute_count; i++) {
        buffer_append_text(to, i == 0 ? ",\"NonKeyAttributes\":[" : ",");
        json_document_append_text(to, projection->attributes[i]);
    }
    buffer_append_text(to, projection->attribute_count > 0 ? "]}" : "}");
}

void definition_append_setting(struct buffer *to, const char *member, const struct value *value)
{
    if (value->state == VALUE_KNOWN && value->text[0] != '\0') {
        buffer_append_format(to, ",\"%s\":%s", member, value->text);
    }
}

void definition_append_index(struct buffer *to, const struct index_definition *index)
{
    buffer_append_text(to, "{\"IndexName\":");
    json_document_append_text(to, index->name);
    buffer_append_u8(to, ',');
    definition_append_key_schema(to, &index->key_schema);
    buffer_append_u8(to, ',');
    definition_append_projection(to, &index->projection);
    definition_append_setting(to, "ProvisionedThroughput",
                              &index->settings[SETTING_PROVISIONED_THROUGHPUT]);
    definition_append_setting(to, "OnDemandThroughput",
                              &index->settings[SETTING_ON_DEMAND_THROUGHPUT]);
    definition_append_setting(to, "WarmThroughput", &index->settings[SETTING_WARM_THROUGHPUT]);
    buffer_append_u8(to, '}');
}
