#include "api/tables/table_description.h"

#include "api/tables/settings_input.h"
#include "storage/base/arena.h"
#include "storage/base/time_text.h"
#include "storage/table/table_changes.h"

const char *index_status_text(const struct index_definition *index)
{
    switch (index->phase) {
    case INDEX_CREATING_WITH_TABLE:
    case INDEX_ALLOCATING:
        return "CREATING";
    case INDEX_BACKFILLING:
        return index->update_due_ms != 0 ? "UPDATING" : "CREATING";
    case INDEX_DELETING:
        return "DELETING";
    case INDEX_ACTIVE:
        break;
    }
    return index->update_due_ms != 0 ? "UPDATING" : "ACTIVE";
}

const char *table_status_text(const struct table_definition *table)
{
    if (table->status == TABLE_CREATING) {
        return "CREATING";
    }
    if (table->status == TABLE_DELETING) {
        return "DELETING";
    }
    if (table->billing.due_ms != 0 || table->stream.due_ms != 0 || table->table_class.due_ms != 0) {
        return "UPDATING";
    }
    for (size_t i = 0; i < table->index_count; i++) {
        enum index_phase phase = table->indexes[i].phase;
        if (phase == INDEX_ALLOCATING || phase == INDEX_DELETING) {
            return "UPDATING";
        }
    }
    return "ACTIVE";
}

static void write_attribute_definitions(struct json_writer *writer,
                                        const struct table_definition *table)
{
    json_write_key(writer, "AttributeDefinitions");
    json_open_array(writer);
    for (size_t i = 0; i < table->attribute_count; i++) {
        json_open_object(writer);
        json_member_text(writer, "AttributeName", table->attributes[i].name);
        json_member_text(writer, "AttributeType",
                         bytes_of_text(attribute_type_name(table->attributes[i].type)));
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void write_key_schema(struct json_writer *writer, const struct key_schema *key)
{
    json_write_key(writer, "KeySchema");
    json_open_array(writer);
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        json_open_object(writer);
        json_member_text(writer, "AttributeName", key->attributes[i].name);
        json_member_text(writer, "KeyType",
                         i < key->partition_count ? BYTES("HASH") : BYTES("RANGE"));
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void
write_throughput(struct json_writer *writer, const struct throughput *throughput, int64_t now_ms)
{
    json_write_key(writer, "ProvisionedThroughput");
    json_open_object(writer);
    if (throughput->last_increase_ms != 0) {
        json_member_seconds(writer, "LastIncreaseDateTime", throughput->last_increase_ms);
    }
    if (throughput->last_decrease_ms != 0) {
        json_member_seconds(writer, "LastDecreaseDateTime", throughput->last_decrease_ms);
    }
    json_member_integer(writer, "NumberOfDecreasesToday",
                        throughput_decreases_today(throughput, now_ms));
    json_member_integer(writer, "ReadCapacityUnits", throughput->read_units);
    json_member_integer(writer, "WriteCapacityUnits", throughput->write_units);
    json_close_object(writer);
}

static void write_on_demand_throughput(struct json_writer *writer, const struct capacity *capacity)
{
    if (capacity->max_read_units == 0 && capacity->max_write_units == 0) {
        return;
    }
    json_write_key(writer, "OnDemandThroughput");
    json_open_object(writer);
    if (capacity->max_read_units != 0) {
        json_member_integer(writer, "MaxReadRequestUnits", capacity->max_read_units);
    }
    if (capacity->max_write_units != 0) {
        json_member_integer(writer, "MaxWriteRequestUnits", capacity->max_write_units);
    }
    json_close_object(writer);
}

static void write_warm_throughput(struct json_writer *writer,
                                  const struct warm_throughput *warm,
                                  bool is_building)
{
    json_write_key(writer, "WarmThroughput");
    json_open_object(writer);
    json_member_integer(writer, "ReadUnitsPerSecond", warm->read_units);
    json_member_integer(writer, "WriteUnitsPerSecond", warm->write_units);
    json_member_text(writer, "Status",
                     warm->due_ms != 0 || is_building ? BYTES("UPDATING") : BYTES("ACTIVE"));
    json_close_object(writer);
}

/* DescribeTable always has it; a reply to a change only while it is being changed, and
 * CreateTable's only the table's own. */
static bool
shows_warm(const struct description *description, const struct warm_throughput *warm, bool is_index)
{
    switch (description->reader) {
    case DESCRIBE_FOR_READER:
        return true;
    case DESCRIBE_FOR_DELETE:
        return false;
    case DESCRIBE_FOR_CREATE:
        return warm->due_ms != 0 && !is_index;
    case DESCRIBE_FOR_UPDATE:
        break;
    }
    return warm->due_ms != 0;
}

void table_arn_append(struct buffer *to, const struct table_definition *table)
{
    buffer_append_text(to, "arn:aws:dynamodb:");
    buffer_append_bytes(to, table->region);
    buffer_append_text(to, ":");
    buffer_append_bytes(to, table->account);
    buffer_append_text(to, ":table/");
    buffer_append_bytes(to, table->name);
}

/* The region is the caller's own word, so it may need escaping. */
static void write_arn(struct json_writer *writer,
                      const char *name,
                      const struct table_definition *table,
                      const struct index_definition *index)
{
    struct buffer arn;
    buffer_init(&arn, writer->to->arena, 128);
    table_arn_append(&arn, table);
    if (index != NULL) {
        buffer_append_text(&arn, "/index/");
        buffer_append_bytes(&arn, index->name);
    }
    json_member_text(writer, name, buffer_view(&arn));
}

static void write_projection(struct json_writer *writer, const struct index_definition *index)
{
    static const char *const names[] = {
        [PROJECTION_ALL] = "ALL",
        [PROJECTION_KEYS_ONLY] = "KEYS_ONLY",
        [PROJECTION_INCLUDE] = "INCLUDE",
    };
    json_write_key(writer, "Projection");
    json_open_object(writer);
    json_member_text(writer, "ProjectionType", bytes_of_text(names[index->projection]));
    if (index->projection == PROJECTION_INCLUDE) {
        json_write_key(writer, "NonKeyAttributes");
        json_open_array(writer);
        for (size_t i = 0; i < index->non_key_count; i++) {
            json_write_text(writer, index->non_key_attributes[i]);
        }
        json_close_array(writer);
    }
    json_close_object(writer);
}

static void write_index(struct json_writer *writer,
                        const struct description *description,
                        const struct index_definition *index)
{
    json_open_object(writer);
    json_member_text(writer, "IndexName", index->name);
    write_key_schema(writer, &index->key);
    write_projection(writer, index);
    json_member_integer(writer, "IndexSizeBytes", index->size_bytes);
    json_member_integer(writer, "ItemCount", index->item_count);
    write_arn(writer, "IndexArn", description->table, index);
    if (!index->is_local) {
        bool is_building = index->phase == INDEX_ALLOCATING || index->phase == INDEX_BACKFILLING;
        json_member_text(writer, "IndexStatus", bytes_of_text(index_status_text(index)));
        if (is_building) {
            json_member_boolean(writer, "Backfilling", index->phase == INDEX_BACKFILLING);
        }
        write_throughput(writer, &index->capacity.throughput, description->now_ms);
        write_on_demand_throughput(writer, &index->capacity);
        if (shows_warm(description, &index->capacity.warm, true)) {
            write_warm_throughput(writer, &index->capacity.warm,
                                  is_building || index->phase == INDEX_CREATING_WITH_TABLE);
        }
    }
    json_close_object(writer);
}

static void
write_indexes(struct json_writer *writer, const struct description *description, bool is_local)
{
    const struct table_definition *table = description->table;
    bool any = false;
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].is_local != is_local) {
            continue;
        }
        if (!any) {
            json_write_key(writer, is_local ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes");
            json_open_array(writer);
            any = true;
        }
        write_index(writer, description, &table->indexes[i]);
    }
    if (any) {
        json_close_array(writer);
    }
}

static void write_billing_mode(struct json_writer *writer,
                               const char *summary,
                               const char *member,
                               struct bytes mode,
                               int64_t on_demand_since_ms)
{
    json_write_key(writer, summary);
    json_open_object(writer);
    json_member_text(writer, member, mode);
    if (on_demand_since_ms != 0) {
        json_member_seconds(writer, "LastUpdateToPayPerRequestDateTime", on_demand_since_ms);
    }
    json_close_object(writer);
}

/*
 * Absent on a table that never was on demand. The mode that a switch leads to shows at once; when
 * the table last became on demand does not in the reply to a switch, nor before the table is there.
 */
static void write_billing(struct json_writer *writer, const struct description *description)
{
    const struct table_definition *table = description->table;
    const struct billing *billing = &table->billing;
    bool is_on_demand = billing->is_on_demand != billing->is_switching;
    bool is_early = table->status == TABLE_CREATING ||
                    (description->reader == DESCRIBE_FOR_UPDATE && billing->is_switching);
    int64_t since_ms = is_early ? 0 : billing->on_demand_since_ms;
    struct bytes mode = is_on_demand ? BYTES("PAY_PER_REQUEST") : BYTES("PROVISIONED");
    if (!is_on_demand && !billing->was_on_demand) {
        return;
    }
    write_billing_mode(writer, "BillingModeSummary", "BillingMode", mode, since_ms);
    write_billing_mode(writer, "TableThroughputModeSummary", "TableThroughputMode", mode, since_ms);
}

/* The latest stream is told of for good, also when it is disabled. */
static void write_stream(struct json_writer *writer, const struct table_definition *table)
{
    const struct stream_settings *stream = &table->stream;
    struct buffer arn;
    struct buffer label;
    if (stream->is_enabled) {
        json_write_key(writer, "StreamSpecification");
        json_open_object(writer);
        json_member_boolean(writer, "StreamEnabled", true);
        json_member_text(writer, "StreamViewType", bytes_of_text(stream_view_name(stream->view)));
        json_close_object(writer);
    }
    if (stream->label_ms == 0) {
        return;
    }
    buffer_init(&label, writer->to->arena, 32);
    buffer_init(&arn, writer->to->arena, 128);
    time_append_iso(&label, stream->label_ms);
    table_arn_append(&arn, table);
    buffer_append_text(&arn, "/stream/");
    buffer_append_bytes(&arn, buffer_view(&label));
    json_member_text(writer, "LatestStreamLabel", buffer_view(&label));
    json_member_text(writer, "LatestStreamArn", buffer_view(&arn));
}

/* Of a change of keys, the first two fifths of its time still show the old one (measured). */
static void write_encryption(struct json_writer *writer, const struct description *description)
{
    const struct encryption *encryption = &description->table->encryption;
    bool is_changing = encryption->due_ms != 0;
    int64_t span_ms = encryption->due_ms - encryption->started_ms;
    bool shows_new = is_changing && description->now_ms - encryption->started_ms > 0 &&
                     (description->now_ms - encryption->started_ms) * 5 >= span_ms * 2;
    bool has_key = shows_new ? encryption->pending_enabled : encryption->is_enabled;
    if (!encryption->is_enabled && !is_changing) {
        return;
    }
    json_write_key(writer, "SSEDescription");
    json_open_object(writer);
    json_member_text(writer, "Status", is_changing ? BYTES("UPDATING") : BYTES("ENABLED"));
    if (has_key) {
        json_member_text(writer, "SSEType", BYTES("KMS"));
        json_member_text(writer, "KMSMasterKeyArn",
                         shows_new ? encryption->pending_key_arn : encryption->key_arn);
    }
    json_close_object(writer);
}

static void write_table_class(struct json_writer *writer, const struct table_definition *table)
{
    const struct table_class_settings *table_class = &table->table_class;
    if (table_class->value == TABLE_CLASS_UNSET) {
        return;
    }
    json_write_key(writer, "TableClassSummary");
    json_open_object(writer);
    json_member_text(writer, "TableClass", bytes_of_text(table_class_name(table_class->value)));
    if (table_class->changed_ms != 0) {
        json_member_seconds(writer, "LastUpdateDateTime", table_class->changed_ms);
    }
    json_close_object(writer);
}

static void write_settings(struct json_writer *writer, const struct description *description)
{
    const struct table_definition *table = description->table;
    write_billing(writer, description);
    write_on_demand_throughput(writer, &table->capacity);
    write_stream(writer, table);
    write_encryption(writer, description);
    write_table_class(writer, table);
    json_member_boolean(writer, "DeletionProtectionEnabled", table->is_deletion_protected);
    if (shows_warm(description, &table->capacity.warm, false)) {
        write_warm_throughput(writer, &table->capacity.warm, false);
    }
}

void table_description_write(struct json_writer *writer, const struct description *description)
{
    const struct table_definition *table = description->table;
    bool is_whole = description->reader != DESCRIBE_FOR_DELETE;
    const char *status =
        description->status != NULL ? description->status : table_status_text(table);
    json_open_object(writer);
    if (is_whole) {
        write_attribute_definitions(writer, table);
    }
    json_member_text(writer, "TableName", table->name);
    if (is_whole) {
        write_key_schema(writer, &table->key);
    }
    json_member_text(writer, "TableStatus", bytes_of_text(status));
    if (is_whole) {
        json_member_seconds(writer, "CreationDateTime", table->created_ms);
    }
    write_throughput(writer, &table->capacity.throughput, description->now_ms);
    json_member_integer(writer, "TableSizeBytes", table->size_bytes);
    json_member_integer(writer, "ItemCount", table->item_count);
    write_arn(writer, "TableArn", table, NULL);
    json_member_text(writer, "TableId", table->id);
    if (is_whole) {
        write_indexes(writer, description, true);
        write_indexes(writer, description, false);
    }
    write_settings(writer, description);
    json_close_object(writer);
}
