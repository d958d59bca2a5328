#include "api/cloudwatch/metric_points.h"
#include "storage/storage.h"

enum { POINTS_MAX = 1440 };

static const struct shape TEXTS = { .kind = SHAPE_LIST, .element = &CLOUDWATCH_TEXT };
static const struct member MEMBERS[] = {
    { "Namespace", &CLOUDWATCH_TEXT, OPTIONAL },
    { "MetricName", &CLOUDWATCH_TEXT, OPTIONAL },
    { "Dimensions", &CLOUDWATCH_DIMENSIONS, OPTIONAL },
    { "StartTime", &CLOUDWATCH_TIME, OPTIONAL },
    { "EndTime", &CLOUDWATCH_TIME, OPTIONAL },
    { "Period", &CLOUDWATCH_INTEGER, OPTIONAL },
    { "Statistics", &TEXTS, OPTIONAL },
    { "ExtendedStatistics", &TEXTS, OPTIONAL },
    { "Unit", &CLOUDWATCH_TEXT, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("GetMetricStatisticsInput", MEMBERS);

struct wanted {
    bool statistics[STATISTIC_COUNT];
    struct metric_range range;
};

static bool check_statistics(struct service_request *request, struct wanted *wanted)
{
    const struct cJSON *statistics = json_member(request->input, "Statistics");
    unsigned position = 1;
    for (const struct cJSON *one = statistics != NULL ? json_first(statistics) : NULL; one != NULL;
         one = json_next(one)) {
        enum metric_statistic statistic;
        if (metric_statistic_of_name(json_text(request->arena, one), &statistic)) {
            wanted->statistics[statistic] = true;
        } else {
            (void)service_fail(request, &CLOUDWATCH_INVALID_PARAMETER_VALUE,
                               "The parameter Statistics.member.%u must be a value in the set [ "
                               "Minimum, Maximum, Average, SampleCount, Sum ].",
                               position);
        }
        position++;
    }
    if (json_member(request->input, "ExtendedStatistics") != NULL) {
        return service_fail(
            request, &CLOUDWATCH_INVALID_PARAMETER_VALUE,
            "The parameter ExtendedStatistics asks for statistics that are not kept here; use "
            "Statistics with Average, Maximum, Minimum, SampleCount or Sum.");
    }
    return request->error == NULL;
}

static bool check(struct service_request *request, struct wanted *wanted)
{
    static const char *const required[] = { "Namespace", "MetricName", "StartTime", "EndTime",
                                            "Period" };
    for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
        cloudwatch_require(request, request->input, "", required[i]);
    }
    if (json_member(request->input, "ExtendedStatistics") == NULL) {
        cloudwatch_require(request, request->input, "", "Statistics");
    }
    if (request->error != NULL || !check_statistics(request, wanted)) {
        return false;
    }
    struct metric_range *range = &wanted->range;
    range->start_ms = cloudwatch_time_ms(request->input, "StartTime");
    range->end_ms = cloudwatch_time_ms(request->input, "EndTime");
    range->period_seconds = json_integer(json_member(request->input, "Period"));
    if (!metric_period_is_valid(range->period_seconds)) {
        return service_fail(request, &CLOUDWATCH_INVALID_PARAMETER_VALUE,
                            "The parameter Period must be a multiple of 60.");
    }
    if (!cloudwatch_check_times(request, &CLOUDWATCH_INVALID_PARAMETER_VALUE)) {
        return false;
    }
    int64_t points = (range->end_ms - range->start_ms) / (range->period_seconds * 1000);
    return points <= POINTS_MAX ||
           service_fail(request, &CLOUDWATCH_INVALID_PARAMETER_COMBINATION,
                        "You have requested up to %lld datapoints, which exceeds the limit of "
                        "%d. You may reduce the datapoints requested by increasing Period, or "
                        "decreasing the time range.",
                        (long long)points, POINTS_MAX);
}

static void write_point(struct document_writer *reply,
                        const struct wanted *wanted,
                        const struct metric_point *point,
                        const char *unit)
{
    static const enum metric_statistic order[] = { STATISTIC_SAMPLE_COUNT, STATISTIC_AVERAGE,
                                                   STATISTIC_SUM, STATISTIC_MINIMUM,
                                                   STATISTIC_MAXIMUM };
    document_open_structure(reply, NULL);
    document_write_time(reply, "Timestamp", point->time_ms);
    for (size_t i = 0; i < STATISTIC_COUNT; i++) {
        if (wanted->statistics[order[i]]) {
            document_write_double(reply, metric_statistic_name(order[i]),
                                  metric_statistic_of(&point->value, order[i]));
        }
    }
    document_write_text(reply, "Unit", bytes_of_text(unit));
    document_close_structure(reply, NULL);
}

/* Values of one unit only; all have the metric's own. */
static bool has_unit(struct service_request *request, enum metric metric)
{
    const struct cJSON *unit = json_member(request->input, "Unit");
    return unit == NULL || json_text_is(unit, metric_unit(metric));
}

static bool run(struct service_request *request)
{
    struct wanted wanted = { 0 };
    struct metric_series series;
    struct metric_point *points = NULL;
    struct metrics_view view;
    size_t count = 0;
    if (!check(request, &wanted)) {
        return false;
    }
    if (metric_series_find(request, request->input, &series) && has_unit(request, series.metric)) {
        metrics_view_begin(request->storage->metrics, &view);
        count = metric_points_read(&view, request->arena, &series, &wanted.range, request->now_ms,
                                   &points);
        if (metrics_view_end(&view) != STORAGE_OK) {
            return service_fail_storage(request);
        }
    }
    struct document_writer *reply = request->reply;
    document_write_text(reply, "Label", service_text(request, request->input, "MetricName"));
    document_open_list(reply, "Datapoints");
    for (size_t i = 0; i < count; i++) {
        write_point(reply, &wanted, &points[i], metric_unit(series.metric));
    }
    document_close_list(reply, "Datapoints");
    return true;
}

const struct service_operation CLOUDWATCH_GET_METRIC_STATISTICS = {
    .name = "GetMetricStatistics",
    .input = &INPUT,
    .run = run,
};
