#include "api/items/consumed_capacity.h"

#include "api/attribute_json.h"

enum { READ_UNIT_BYTES = 4096, WRITE_UNIT_BYTES = 1024 };

const struct shape SHAPE_RETURN_CONSUMED_CAPACITY = { .kind = SHAPE_STRING,
                                                      .values = "INDEXES, TOTAL, NONE" };
const struct shape SHAPE_RETURN_ITEM_COLLECTION_METRICS = { .kind = SHAPE_STRING,
                                                            .values = "SIZE, NONE" };

/* ReturnConsumedCapacity */
enum capacity_mode { CAPACITY_NONE, CAPACITY_TOTAL, CAPACITY_INDEXES };

static enum capacity_mode mode_of(const struct request *request)
{
    const struct cJSON *mode = json_member(request->input, "ReturnConsumedCapacity");
    if (shape_text_is(mode, "INDEXES")) {
        return CAPACITY_INDEXES;
    }
    return shape_text_is(mode, "TOTAL") ? CAPACITY_TOTAL : CAPACITY_NONE;
}

struct consumed_capacity *capacity_start(struct request *request,
                                         const struct table_definition *table,
                                         enum capacity_units kind)
{
    struct consumed_capacity *capacity = arena_alloc(request->arena, sizeof *capacity);
    *capacity = (struct consumed_capacity){
        .table = table,
        .kind = kind,
        .index_units =
            arena_alloc_zero(request->arena, table->index_count * sizeof *capacity->index_units),
    };
    *request->consumed_end = capacity;
    request->consumed_end = &capacity->next;
    return capacity;
}

void capacity_count_throttle(struct request *request,
                             const struct table_definition *table,
                             const struct index_definition *index,
                             enum capacity_units kind)
{
    struct throttle_event *event = arena_alloc(request->arena, sizeof *event);
    *event = (struct throttle_event){
        .next = request->throttled, .table = table, .index = index, .kind = kind
    };
    request->throttled = event;
}

/* Whole units, at least one. */
static double units(size_t size_bytes, size_t unit_bytes)
{
    size_t started = (size_bytes + unit_bytes - 1) / unit_bytes;
    return size_bytes == 0 ? 1 : (double)started;
}

double capacity_read_units(size_t size_bytes, bool is_consistent)
{
    return units(size_bytes, READ_UNIT_BYTES) * (is_consistent ? 1.0 : 0.5);
}

double capacity_write_units(size_t size_bytes)
{
    return units(size_bytes, WRITE_UNIT_BYTES);
}

static double index_write_units(const struct index_effect *effect)
{
    if (!effect->is_changed) {
        return 0;
    }
    if (effect->is_moved) {
        return capacity_write_units(effect->old_size_bytes) +
               capacity_write_units(effect->new_size_bytes);
    }
    size_t larger = effect->old_size_bytes > effect->new_size_bytes ? effect->old_size_bytes
                                                                    : effect->new_size_bytes;
    return capacity_write_units(larger);
}

void capacity_add_write(struct consumed_capacity *capacity,
                        size_t old_size_bytes,
                        size_t new_size_bytes,
                        const struct index_effect *effects)
{
    size_t larger = old_size_bytes > new_size_bytes ? old_size_bytes : new_size_bytes;
    capacity->table_units += capacity_write_units(larger);
    for (size_t i = 0; i < capacity->table->index_count; i++) {
        capacity->index_units[i] += index_write_units(&effects[i]);
    }
}

static void
write_units(struct json_writer *writer, const struct consumed_capacity *capacity, double amount)
{
    json_write_key(writer, "CapacityUnits");
    json_write_double(writer, amount);
    if (capacity->names_kind) {
        json_write_key(writer, capacity->kind == UNITS_OF_READS ? "ReadCapacityUnits"
                                                                : "WriteCapacityUnits");
        json_write_double(writer, amount);
    }
}

static void write_index_units(struct json_writer *writer,
                              const struct consumed_capacity *capacity,
                              bool is_local)
{
    bool any = false;
    for (size_t i = 0; i < capacity->table->index_count; i++) {
        const struct index_definition *index = &capacity->table->indexes[i];
        if (index->is_local != is_local || capacity->index_units[i] <= 0) {
            continue;
        }
        if (!any) {
            json_write_key(writer, is_local ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes");
            json_open_object(writer);
            any = true;
        }
        json_write_name(writer, index->name);
        json_open_object(writer);
        write_units(writer, capacity, capacity->index_units[i]);
        json_close_object(writer);
    }
    if (any) {
        json_close_object(writer);
    }
}

static void write_capacity(struct json_writer *writer,
                           enum capacity_mode mode,
                           const struct consumed_capacity *capacity)
{
    double total = capacity->table_units;
    for (size_t i = 0; i < capacity->table->index_count; i++) {
        total += capacity->index_units[i];
    }
    json_open_object(writer);
    json_member_text(writer, "TableName", capacity->table->name);
    write_units(writer, capacity, total);
    if (mode == CAPACITY_INDEXES) {
        if (capacity->table_units > 0) {
            json_write_key(writer, "Table");
            json_open_object(writer);
            write_units(writer, capacity, capacity->table_units);
            json_close_object(writer);
        }
        write_index_units(writer, capacity, false);
        write_index_units(writer, capacity, true);
    }
    json_close_object(writer);
}

void capacity_write_member(struct request *request, const struct consumed_capacity *capacity)
{
    enum capacity_mode mode = mode_of(request);
    if (mode != CAPACITY_NONE) {
        json_write_key(&request->writer, "ConsumedCapacity");
        write_capacity(&request->writer, mode, capacity);
    }
}

void capacity_write_list(struct request *request)
{
    enum capacity_mode mode = mode_of(request);
    if (mode == CAPACITY_NONE) {
        return;
    }
    json_write_key(&request->writer, "ConsumedCapacity");
    json_open_array(&request->writer);
    for (const struct consumed_capacity *one = request->consumed; one != NULL; one = one->next) {
        write_capacity(&request->writer, mode, one);
    }
    json_close_array(&request->writer);
}

static bool has_lsi(const struct table_definition *table)
{
    return table->index_count > 0 && table->indexes[0].is_local; /* LSIs come first */
}

bool collection_metrics_wanted(const struct request *request, const struct table_definition *table)
{
    return has_lsi(table) &&
           shape_text_is(json_member(request->input, "ReturnItemCollectionMetrics"), "SIZE");
}

void collection_metrics_write(struct json_writer *writer,
                              const struct table_definition *table,
                              struct attribute_value partition_value)
{
    json_open_object(writer);
    json_write_key(writer, "ItemCollectionKey");
    json_open_object(writer);
    json_write_name(writer, table->key.attributes[0].name);
    attribute_json_write(json_write_value_begin(writer), partition_value);
    json_write_value_end(writer);
    json_close_object(writer);
    json_write_key(writer, "SizeEstimateRangeGB");
    json_open_array(writer);
    json_write_double(writer, 0);
    json_write_double(writer, 1);
    json_close_array(writer);
    json_close_object(writer);
}

void collection_metrics_write_member(struct request *request,
                                     const struct table_definition *table,
                                     struct attribute_value partition_value)
{
    if (collection_metrics_wanted(request, table)) {
        json_write_key(&request->writer, "ItemCollectionMetrics");
        collection_metrics_write(&request->writer, table, partition_value);
    }
}
