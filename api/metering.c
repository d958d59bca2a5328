#include "api/metering.h"

#include "api/items/consumed_capacity.h"
#include "api/operations.h"
#include "api/request.h"
#include "storage/storage.h"

enum { SAMPLES_AT_ONCE = 16 };

/* Samples are handed over together, so that a call takes the lock once. */
struct meter {
    struct metrics *metrics;
    struct bytes operation;
    size_t count;
    struct metric_sample samples[SAMPLES_AT_ONCE];
};

static void hand_over(struct meter *meter)
{
    metrics_record(meter->metrics, meter->samples, meter->count);
    meter->count = 0;
}

static struct metric_series *add(struct meter *meter, enum metric metric, double value)
{
    if (meter->count == SAMPLES_AT_ONCE) {
        hand_over(meter);
    }
    struct metric_sample *sample = &meter->samples[meter->count++];
    *sample = (struct metric_sample){ .series.metric = metric, .value = value };
    return &sample->series;
}

static void add_of_table(struct meter *meter, enum metric metric, struct bytes table, double value)
{
    add(meter, metric, value)->table_name = table;
}

static void
add_of_operation(struct meter *meter, enum metric metric, struct bytes table, double value)
{
    struct metric_series *series = add(meter, metric, value);
    series->table_name = table;
    series->operation = meter->operation;
}

static void add_of_place(struct meter *meter,
                         enum metric metric,
                         const struct table_definition *table,
                         const struct index_definition *index,
                         double value)
{
    struct metric_series *series = add(meter, metric, value);
    series->table_name = table->qualified_name;
    if (index != NULL && !index->is_local) { /* a local index is part of its table */
        series->index_name = index->name;
    }
}

/* A local index takes from its table, a global one from what is its own. */
static void add_units(struct meter *meter, const struct consumed_capacity *capacity)
{
    enum metric metric = capacity->kind == UNITS_OF_READS ? METRIC_CONSUMED_READ_CAPACITY_UNITS
                                                          : METRIC_CONSUMED_WRITE_CAPACITY_UNITS;
    double table_units = capacity->table_units;
    for (size_t i = 0; i < capacity->table->index_count; i++) {
        const struct index_definition *index = &capacity->table->indexes[i];
        if (index->is_local) {
            table_units += capacity->index_units[i];
        } else if (capacity->index_units[i] > 0) {
            add_of_place(meter, metric, capacity->table, index, capacity->index_units[i]);
        }
    }
    if (table_units > 0) {
        add_of_table(meter, metric, capacity->table->qualified_name, table_units);
    }
}

static double milliseconds_since(int64_t started_ns)
{
    return (double)(request_monotonic_ns() - started_ns) / 1e6;
}

static void add_success(struct meter *meter, const struct request *request)
{
    double latency_ms = milliseconds_since(request->started_ns);
    for (const struct consumed_capacity *one = request->consumed; one != NULL; one = one->next) {
        struct bytes table = one->table->qualified_name;
        add_of_operation(meter, METRIC_SUCCESSFUL_REQUEST_LATENCY, table, latency_ms);
        if (request->returns_items) {
            add_of_operation(meter, METRIC_RETURNED_ITEM_COUNT, table,
                             (double)request->items_returned);
        }
    }
}

static void add_refusals(struct meter *meter, const struct consumed_capacity *capacity)
{
    if (capacity->fails_condition) {
        add_of_table(meter, METRIC_CONDITIONAL_CHECK_FAILED_REQUESTS,
                     capacity->table->qualified_name, 1);
    }
    for (size_t i = 0; i < capacity->conflict_count; i++) {
        add_of_table(meter, METRIC_TRANSACTION_CONFLICT, capacity->table->qualified_name, 1);
    }
}

static bool was_told_before(const struct throttle_event *first, const struct throttle_event *event)
{
    while (first != event &&
           !bytes_equal(first->table->qualified_name, event->table->qualified_name)) {
        first = first->next;
    }
    return first != event;
}

/* Each event, and once a table the request, if it was refused for them. */
static void add_throttles(struct meter *meter, const struct request *request)
{
    const struct throttle_event *first = request->throttled;
    for (const struct throttle_event *one = first; one != NULL; one = one->next) {
        enum metric metric = one->kind == UNITS_OF_READS ? METRIC_READ_THROTTLE_EVENTS
                                                         : METRIC_WRITE_THROTTLE_EVENTS;
        add_of_place(meter, metric, one->table, one->index, 1);
        if (request->has_failed && !was_told_before(first, one)) {
            add_of_operation(meter, METRIC_THROTTLED_REQUESTS, one->table->qualified_name, 1);
        }
    }
}

/* Refusals with a metric of their own are no user errors. */
static void add_error(struct meter *meter, struct request *request)
{
    enum api_error_code code = request->error.code;
    int status = api_error_status(code);
    if (status >= 500 && meter->operation.length > 0 && request_has(request, "TableName")) {
        add_of_operation(meter, METRIC_SYSTEM_ERRORS,
                         request_qualified_name(request, request_table_name(request)), 1);
    } else if (status < 500 && code != API_CONDITIONAL_CHECK_FAILED &&
               code != API_PROVISIONED_THROUGHPUT_EXCEEDED) {
        add_of_table(meter, METRIC_USER_ERRORS, request->world, 1);
    }
}

void metering_record(struct request *request, const struct operation *operation)
{
    struct meter meter;
    meter.metrics = request->storage->metrics;
    meter.operation = operation != NULL ? bytes_of_text(operation->name) : BYTES("");
    meter.count = 0;
    for (const struct consumed_capacity *one = request->consumed; one != NULL; one = one->next) {
        add_units(&meter, one);
        add_refusals(&meter, one);
    }
    if (request->has_failed) {
        add_error(&meter, request);
    } else {
        add_success(&meter, request);
    }
    add_throttles(&meter, request);
    hand_over(&meter);
}
