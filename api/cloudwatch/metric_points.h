/*
 * Metrics as CloudWatch cuts them: a series found by namespace, name and dimensions, its minutes
 * summed up in periods, its statistics.
 *
 * Periods start at StartTime, which is rounded down to the minute (API reference,
 * GetMetricStatistics, for data of the last fifteen days). Metrics are of regular resolution: a
 * period below a minute gives the minutes.
 */

#ifndef REHEARSEDB_API_CLOUDWATCH_METRIC_POINTS_H
#define REHEARSEDB_API_CLOUDWATCH_METRIC_POINTS_H

#include "api/cloudwatch/cloudwatch_input.h"
#include "storage/metrics/metrics.h"

#define METRIC_NAMESPACE "AWS/DynamoDB"

/* What the table is known by: its name after the caller's world. */
struct bytes metric_qualified_name(struct service_request *request, struct bytes table_name);

/* False when there can be no such metric: then there is no data, which is no error. */
bool metric_series_find(struct service_request *request,
                        const struct cJSON *metric,
                        struct metric_series *out_series);

enum metric_statistic {
    STATISTIC_AVERAGE,
    STATISTIC_MAXIMUM,
    STATISTIC_MINIMUM,
    STATISTIC_SAMPLE_COUNT,
    STATISTIC_SUM,
    STATISTIC_COUNT,
};

const char *metric_statistic_name(enum metric_statistic statistic);
bool metric_statistic_of_name(struct bytes name, enum metric_statistic *out_statistic);
double metric_statistic_of(const struct metric_value *value, enum metric_statistic statistic);

/* 1, 5, 10, 20, 30 or a multiple of 60. */
bool metric_period_is_valid(int64_t period_seconds);

struct metric_point {
    int64_t time_ms; /* the start of its period */
    struct metric_value value;
};

struct metric_range {
    int64_t start_ms;
    int64_t end_ms; /* exclusive */
    int64_t period_seconds;
};

/* The periods that have values, ascending, in `arena`. Returns how many. */
size_t metric_points_read(struct metrics_view *view,
                          struct arena *arena,
                          const struct metric_series *series,
                          const struct metric_range *range,
                          int64_t now_ms,
                          struct metric_point **out_points);

#endif
