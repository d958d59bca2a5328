#include "api/tables/table_description.h"

#include "storage/base/arena.h"

/* On demand, DescribeTable shows these on tables and GSIs (measured). */
enum { WARM_READ_UNITS = 12000, WARM_WRITE_UNITS = 4000 };

const char *index_status_text(const struct index_definition *index)
{
    switch (index->phase) {
    case INDEX_CREATING_WITH_TABLE:
    case INDEX_ALLOCATING:
    case INDEX_BACKFILLING:
        return "CREATING";
    case INDEX_UPDATING:
        return "UPDATING";
    case INDEX_DELETING:
        return "DELETING";
    case INDEX_ACTIVE:
        break;
    }
    return "ACTIVE";
}

const char *table_status_text(const struct table_definition *table)
{
    if (table->status == TABLE_CREATING) {
        return "CREATING";
    }
    if (table->status == TABLE_DELETING) {
        return "DELETING";
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

static void write_throughput(struct json_writer *writer, const struct throughput *throughput)
{
    json_write_key(writer, "ProvisionedThroughput");
    json_open_object(writer);
    if (throughput->last_increase_ms != 0) {
        json_member_seconds(writer, "LastIncreaseDateTime", throughput->last_increase_ms);
    }
    if (throughput->last_decrease_ms != 0) {
        json_member_seconds(writer, "LastDecreaseDateTime", throughput->last_decrease_ms);
    }
    json_member_integer(writer, "NumberOfDecreasesToday", throughput->decreases_today);
    json_member_integer(writer, "ReadCapacityUnits", throughput->read_units);
    json_member_integer(writer, "WriteCapacityUnits", throughput->write_units);
    json_close_object(writer);
}

static void write_warm_throughput(struct json_writer *writer,
                                  bool is_on_demand,
                                  const struct throughput *throughput,
                                  const char *status)
{
    json_write_key(writer, "WarmThroughput");
    json_open_object(writer);
    json_member_integer(writer, "ReadUnitsPerSecond",
                        is_on_demand ? WARM_READ_UNITS : throughput->read_units);
    json_member_integer(writer, "WriteUnitsPerSecond",
                        is_on_demand ? WARM_WRITE_UNITS : throughput->write_units);
    json_member_text(writer, "Status", bytes_of_text(status));
    json_close_object(writer);
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
                        const struct table_definition *table,
                        const struct index_definition *index,
                        enum describe_for reader)
{
    json_open_object(writer);
    json_member_text(writer, "IndexName", index->name);
    write_key_schema(writer, &index->key);
    write_projection(writer, index);
    json_member_integer(writer, "IndexSizeBytes", index->size_bytes);
    json_member_integer(writer, "ItemCount", index->item_count);
    write_arn(writer, "IndexArn", table, index);
    if (!index->is_local) {
        json_member_text(writer, "IndexStatus", bytes_of_text(index_status_text(index)));
        if (index->phase == INDEX_ALLOCATING || index->phase == INDEX_BACKFILLING) {
            json_member_boolean(writer, "Backfilling", index->phase == INDEX_BACKFILLING);
        }
        write_throughput(writer, &index->throughput);
        if (reader == DESCRIBE_FOR_READER) {
            bool is_building = index->phase == INDEX_ALLOCATING ||
                               index->phase == INDEX_BACKFILLING ||
                               index->phase == INDEX_CREATING_WITH_TABLE;
            write_warm_throughput(writer, table->is_on_demand, &index->throughput,
                                  is_building ? "UPDATING" : "ACTIVE");
        }
    }
    json_close_object(writer);
}

static void write_indexes(struct json_writer *writer,
                          const struct table_definition *table,
                          bool is_local,
                          enum describe_for reader)
{
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
        write_index(writer, table, &table->indexes[i], reader);
    }
    if (any) {
        json_close_array(writer);
    }
}

static void write_billing(struct json_writer *writer, const struct table_definition *table)
{
    if (!table->is_on_demand) {
        return;
    }
    json_write_key(writer, "BillingModeSummary");
    json_open_object(writer);
    json_member_text(writer, "BillingMode", BYTES("PAY_PER_REQUEST"));
    if (table->on_demand_since_ms != 0 && table->status != TABLE_CREATING) {
        json_member_seconds(writer, "LastUpdateToPayPerRequestDateTime", table->on_demand_since_ms);
    }
    json_close_object(writer);
    json_write_key(writer, "TableThroughputModeSummary");
    json_open_object(writer);
    json_member_text(writer, "TableThroughputMode", BYTES("PAY_PER_REQUEST"));
    json_close_object(writer);
}

void table_description_write(struct json_writer *writer,
                             const struct table_definition *table,
                             enum describe_for reader)
{
    json_open_object(writer);
    if (reader != DESCRIBE_FOR_DELETE) {
        write_attribute_definitions(writer, table);
    }
    json_member_text(writer, "TableName", table->name);
    if (reader != DESCRIBE_FOR_DELETE) {
        write_key_schema(writer, &table->key);
    }
    json_member_text(writer, "TableStatus", bytes_of_text(table_status_text(table)));
    json_member_seconds(writer, "CreationDateTime", table->created_ms);
    write_throughput(writer, &table->throughput);
    json_member_integer(writer, "TableSizeBytes", table->size_bytes);
    json_member_integer(writer, "ItemCount", table->item_count);
    write_arn(writer, "TableArn", table, NULL);
    json_member_text(writer, "TableId", table->id);
    write_billing(writer, table);
    if (reader != DESCRIBE_FOR_DELETE) {
        write_indexes(writer, table, true, reader);
        write_indexes(writer, table, false, reader);
    }
    json_member_boolean(writer, "DeletionProtectionEnabled", table->is_deletion_protected);
    if (reader == DESCRIBE_FOR_READER) {
        write_warm_throughput(writer, table->is_on_demand, &table->throughput, "ACTIVE");
    }
    json_close_object(writer);
}
