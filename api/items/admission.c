#include "api/items/admission.h"

#include "api/tables/table_description.h"
#include "storage/storage.h"

bool admission_is_limited(const struct request *request)
{
    return request->storage->throttle != NULL;
}

static struct throttle_limit limit_of(const struct consumed_capacity *capacity,
                                      const struct index_definition *index)
{
    return index != NULL ? throttle_limit_of_index(capacity->table, index, capacity->kind)
                         : throttle_limit_of_table(capacity->table, capacity->kind);
}

/* What goes to the table: its own units and those of its local indexes. */
static double units_of_table(const struct consumed_capacity *capacity)
{
    double units = capacity->table_units;
    for (size_t i = 0; i < capacity->table->index_count; i++) {
        units += capacity->table->indexes[i].is_local ? capacity->index_units[i] : 0;
    }
    return units;
}

/* `index`: global, or NULL. */
static bool has_capacity(const struct request *request,
                         const struct consumed_capacity *capacity,
                         const struct index_definition *index)
{
    double consumed = index != NULL ? capacity->index_units[index - capacity->table->indexes]
                                    : units_of_table(capacity);
    double available =
        throttle_available(request->storage->throttle, limit_of(capacity, index), request->now_ms);
    return available > consumed;
}

/* ---- the refusal ---- */

static void write_reason(struct json_writer *writer,
                         const struct consumed_capacity *capacity,
                         const struct index_definition *index)
{
    struct buffer reason;
    struct buffer resource;
    buffer_init(&reason, writer->to->arena, 64);
    buffer_init(&resource, writer->to->arena, 128);
    buffer_append_text(&reason, index != NULL ? "Index" : "Table");
    buffer_append_text(&reason, capacity->kind == UNITS_OF_READS ? "Read" : "Write");
    buffer_append_text(&reason, capacity->table->billing.is_on_demand
                                    ? "MaxOnDemandThroughputExceeded"
                                    : "ProvisionedThroughputExceeded");
    table_arn_append(&resource, capacity->table);
    if (index != NULL) {
        buffer_append_text(&resource, "/index/");
        buffer_append_bytes(&resource, index->name);
    }
    json_open_object(writer);
    json_member_text(writer, "reason", buffer_view(&reason));
    json_member_text(writer, "resource", buffer_view(&resource));
    json_close_object(writer);
}

/* The table itself (with its local indexes) or some of its global indexes. */
static bool refuse(struct request *request,
                   const struct consumed_capacity *capacity,
                   const struct index_definition *const *indexes,
                   size_t index_count)
{
    struct api_error error;
    if (capacity->table->billing.is_on_demand) {
        (void)api_error_set_message(&error, API_THROTTLING,
                                    BYTES("Throughput exceeds the maximum OnDemandThroughput "
                                          "configured on table or index"));
    } else if (index_count > 0) {
        (void)api_error_set_message(
            &error, API_PROVISIONED_THROUGHPUT_EXCEEDED,
            BYTES("The level of configured provisioned throughput for one or more global secondary "
                  "indexes of the table was exceeded. Consider increasing your provisioning level "
                  "for the under-provisioned global secondary indexes with the UpdateTable API"));
    } else {
        (void)api_error_set_message(
            &error, API_PROVISIONED_THROUGHPUT_EXCEEDED,
            BYTES("The level of configured provisioned throughput for the table was exceeded. "
                  "Consider increasing your provisioning level with the UpdateTable API."));
    }
    struct buffer details;
    struct json_writer writer = json_writer_of(&details);
    buffer_init(&details, request->arena, 256);
    json_write_key(&writer, "ThrottlingReasons");
    json_open_array(&writer);
    if (index_count == 0) {
        capacity_count_throttle(request, capacity->table, NULL, capacity->kind);
        write_reason(&writer, capacity, NULL);
    }
    for (size_t i = 0; i < index_count; i++) {
        capacity_count_throttle(request, capacity->table, indexes[i], capacity->kind);
        write_reason(&writer, capacity, indexes[i]);
    }
    json_close_array(&writer);
    error.details = buffer_view(&details);
    return api_fail_with(request, &error);
}

/* ---- checks ---- */

bool admission_check(struct request *request,
                     const struct consumed_capacity *capacity,
                     const struct index_definition *index)
{
    if (!admission_is_limited(request)) {
        return true;
    }
    const struct index_definition *global = index != NULL && !index->is_local ? index : NULL;
    return has_capacity(request, capacity, global) ||
           refuse(request, capacity, &global, global != NULL ? 1 : 0);
}

bool admission_check_effects(struct request *request,
                             const struct consumed_capacity *capacity,
                             const struct index_effect *effects)
{
    const struct table_definition *table = capacity->table;
    const struct index_definition *short_of[INDEXES_MAX];
    size_t short_count = 0;
    if (!admission_is_limited(request)) {
        return true;
    }
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_definition *index = &table->indexes[i];
        if (!index->is_local && effects[i].is_changed && !has_capacity(request, capacity, index)) {
            short_of[short_count++] = index;
        }
    }
    return short_count == 0 || refuse(request, capacity, short_of, short_count);
}

bool admission_take_refusal(struct request *request, struct api_error *out_error)
{
    enum api_error_code code = request->error.code;
    if (!request->has_failed || request->txn->status != STORAGE_OK ||
        (code != API_PROVISIONED_THROUGHPUT_EXCEEDED && code != API_THROTTLING)) {
        return false;
    }
    *out_error = request->error;
    request->has_failed = false;
    return true;
}

/* ---- charging ---- */

static void charge(const struct request *request, double factor)
{
    struct throttle *throttle = request->storage->throttle;
    if (throttle == NULL) {
        return;
    }
    for (const struct consumed_capacity *one = request->consumed; one != NULL; one = one->next) {
        throttle_charge(throttle, limit_of(one, NULL), factor * units_of_table(one),
                        request->now_ms);
        for (size_t i = 0; i < one->table->index_count; i++) {
            const struct index_definition *index = &one->table->indexes[i];
            if (!index->is_local && one->index_units[i] > 0) {
                throttle_charge(throttle, limit_of(one, index), factor * one->index_units[i],
                                request->now_ms);
            }
        }
    }
}

void admission_charge(const struct request *request)
{
    charge(request, 1);
}

void admission_refund(const struct request *request)
{
    charge(request, -1);
}
