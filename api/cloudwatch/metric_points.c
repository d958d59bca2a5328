#include "api/cloudwatch/metric_points.h"

#include "storage/base/arena.h"
#include "storage/table/catalog.h"

#include <string.h>

/* CloudWatch sums up what is provisioned every five minutes (developer guide). */
enum { PROVISIONED_EVERY_MINUTES = 5, MINUTE_SECONDS = 60 };

/* ---- series ---- */

/* The place of a dimension in the series; NULL: DynamoDB's metrics have none of that name. */
static struct bytes *find_dimension(struct metric_series *series, const struct cJSON *name)
{
    if (json_text_is(name, "TableName")) {
        return &series->table_name;
    }
    if (json_text_is(name, "GlobalSecondaryIndexName")) {
        return &series->index_name;
    }
    return json_text_is(name, "Operation") ? &series->operation : NULL;
}

struct bytes metric_qualified_name(struct service_request *request, struct bytes table_name)
{
    struct buffer name;
    if (request->world.length == 0) {
        return table_name;
    }
    buffer_init(&name, request->arena, request->world.length + table_name.length);
    buffer_append_bytes(&name, request->world);
    buffer_append_bytes(&name, table_name);
    return buffer_view(&name);
}

bool metric_series_find(struct service_request *request,
                        const struct cJSON *metric,
                        struct metric_series *out_series)
{
    struct metric_series series = { .table_name = BYTES(""),
                                    .index_name = BYTES(""),
                                    .operation = BYTES("") };
    const struct cJSON *dimensions = json_member(metric, "Dimensions");
    if (!bytes_equal(service_text(request, metric, "Namespace"), BYTES(METRIC_NAMESPACE)) ||
        !metric_of_name(service_text(request, metric, "MetricName"), &series.metric)) {
        return false;
    }
    for (const struct cJSON *one = dimensions != NULL ? json_first(dimensions) : NULL; one != NULL;
         one = json_next(one)) {
        const struct cJSON *name = json_member(one, "Name");
        struct bytes *place = name != NULL ? find_dimension(&series, name) : NULL;
        if (place == NULL || place->length > 0) {
            return false;
        }
        *place = service_text(request, one, "Value");
    }
    series.table_name = metric_qualified_name(request, series.table_name);
    *out_series = series;
    return true;
}

/* ---- statistics ---- */

static const char *const STATISTICS[STATISTIC_COUNT] = {
    [STATISTIC_AVERAGE] = "Average", [STATISTIC_MAXIMUM] = "Maximum",
    [STATISTIC_MINIMUM] = "Minimum", [STATISTIC_SAMPLE_COUNT] = "SampleCount",
    [STATISTIC_SUM] = "Sum",
};

const char *metric_statistic_name(enum metric_statistic statistic)
{
    return STATISTICS[statistic];
}

bool metric_statistic_of_name(struct bytes name, enum metric_statistic *out_statistic)
{
    for (int i = 0; i < STATISTIC_COUNT; i++) {
        if (bytes_equal(name, bytes_of_text(STATISTICS[i]))) {
            *out_statistic = (enum metric_statistic)i;
            return true;
        }
    }
    return false;
}

double metric_statistic_of(const struct metric_value *value, enum metric_statistic statistic)
{
    switch (statistic) {
    case STATISTIC_AVERAGE:
        return value->sum / (double)value->count;
    case STATISTIC_MAXIMUM:
        return value->maximum;
    case STATISTIC_MINIMUM:
        return value->minimum;
    case STATISTIC_SAMPLE_COUNT:
        return (double)value->count;
    case STATISTIC_SUM:
    case STATISTIC_COUNT:
        break;
    }
    return value->sum;
}

bool metric_period_is_valid(int64_t period_seconds)
{
    static const int64_t high_resolution[] = { 1, 5, 10, 20, 30 };
    for (size_t i = 0; i < sizeof high_resolution / sizeof *high_resolution; i++) {
        if (period_seconds == high_resolution[i]) {
            return true;
        }
    }
    return period_seconds > 0 && period_seconds % MINUTE_SECONDS == 0;
}

/* ---- minutes ---- */

static int64_t later(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

static int64_t sooner(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* What a table or index has provisioned, and since when; false: nothing. */
static bool find_provisioned(struct metrics_view *view,
                             struct arena *arena,
                             const struct metric_series *series,
                             double *out_units,
                             int64_t *out_since_ms)
{
    struct table_definition *table =
        series->table_name.length > 0 ? catalog_find(&view->txn, arena, series->table_name) : NULL;
    const struct throughput *throughput = table != NULL ? &table->capacity.throughput : NULL;
    if (table == NULL || table->billing.is_on_demand || series->operation.length > 0) {
        return false;
    }
    if (series->index_name.length > 0) {
        const struct index_definition *index = table_find_index(table, series->index_name);
        if (index == NULL || index->is_local) {
            return false;
        }
        throughput = &index->capacity.throughput;
    }
    bool is_read = series->metric == METRIC_PROVISIONED_READ_CAPACITY_UNITS;
    *out_units = (double)(is_read ? throughput->read_units : throughput->write_units);
    *out_since_ms =
        later(table->created_ms, later(throughput->last_increase_ms, throughput->last_decrease_ms));
    return true;
}

/* Told from the definition as it is: nobody need write down what does not change. */
static void read_provisioned(struct metrics_view *view,
                             struct arena *arena,
                             const struct metric_series *series,
                             int64_t start,
                             int64_t end,
                             struct metric_value *values)
{
    double units;
    int64_t since_ms;
    memset(values, 0, (size_t)(end - start) * sizeof *values);
    if (!find_provisioned(view, arena, series, &units, &since_ms)) {
        return;
    }
    int64_t since = since_ms / METRIC_MINUTE_MS;
    for (int64_t minute = later(start, since); minute < end; minute++) {
        if (minute == since || minute % PROVISIONED_EVERY_MINUTES == 0) {
            metric_value_add(&values[minute - start], units);
        }
    }
}

size_t metric_points_read(struct metrics_view *view,
                          struct arena *arena,
                          const struct metric_series *series,
                          const struct metric_range *range,
                          int64_t now_ms,
                          struct metric_point **out_points)
{
    int64_t now = now_ms / METRIC_MINUTE_MS;
    int64_t origin = range->start_ms / METRIC_MINUTE_MS;
    int64_t period = later(range->period_seconds / MINUTE_SECONDS, 1);
    int64_t start = later(origin, now - METRIC_HISTORY_MINUTES);
    int64_t end = sooner((range->end_ms + METRIC_MINUTE_MS - 1) / METRIC_MINUTE_MS, now + 1);
    size_t count = 0;
    if (start >= end) {
        return 0;
    }
    size_t minutes = (size_t)(end - start);
    struct metric_value *values = arena_alloc(arena, minutes * sizeof *values);
    struct metric_point *points = arena_alloc(arena, minutes * sizeof *points);
    if (series->metric == METRIC_PROVISIONED_READ_CAPACITY_UNITS ||
        series->metric == METRIC_PROVISIONED_WRITE_CAPACITY_UNITS) {
        read_provisioned(view, arena, series, start, end, values);
    } else {
        metrics_view_read(view, series, start, end, values);
    }
    for (int64_t minute = start; minute < end; minute++) {
        const struct metric_value *value = &values[minute - start];
        int64_t time_ms = (origin + (minute - origin) / period * period) * METRIC_MINUTE_MS;
        if (value->count > 0 && (count == 0 || points[count - 1].time_ms != time_ms)) {
            points[count++] = (struct metric_point){ .time_ms = time_ms };
        }
        if (value->count > 0) {
            metric_value_merge(&points[count - 1].value, value);
        }
    }
    *out_points = points;
    return count;
}
