#include "api/cloudwatch/metric_points.h"
#include "storage/base/arena.h"
#include "storage/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERIES_MAX = 500, POINTS_MAX = 100800, PATH_SIZE_MAX = 64 };

static const struct member METRIC_MEMBERS[] = {
    { "Namespace", &CLOUDWATCH_TEXT, OPTIONAL },
    { "MetricName", &CLOUDWATCH_TEXT, OPTIONAL },
    { "Dimensions", &CLOUDWATCH_DIMENSIONS, OPTIONAL },
};
static const struct shape METRIC = SHAPE_STRUCTURE_OF("Metric", METRIC_MEMBERS);
static const struct member STAT_MEMBERS[] = {
    { "Metric", &METRIC, OPTIONAL },
    { "Period", &CLOUDWATCH_INTEGER, OPTIONAL },
    { "Stat", &CLOUDWATCH_TEXT, OPTIONAL },
    { "Unit", &CLOUDWATCH_TEXT, OPTIONAL },
};
static const struct shape STAT = SHAPE_STRUCTURE_OF("MetricStat", STAT_MEMBERS);
static const struct member QUERY_MEMBERS[] = {
    { "Id", &CLOUDWATCH_TEXT, OPTIONAL },           { "MetricStat", &STAT, OPTIONAL },
    { "Expression", &CLOUDWATCH_TEXT, OPTIONAL },   { "Label", &CLOUDWATCH_TEXT, OPTIONAL },
    { "ReturnData", &SHAPE_ANY_BOOLEAN, OPTIONAL }, { "Period", &CLOUDWATCH_INTEGER, OPTIONAL },
};
static const struct shape QUERY = SHAPE_STRUCTURE_OF("MetricDataQuery", QUERY_MEMBERS);
static const struct shape QUERIES = { .kind = SHAPE_LIST, .element = &QUERY };
static const struct member MEMBERS[] = {
    { "MetricDataQueries", &QUERIES, OPTIONAL }, { "StartTime", &CLOUDWATCH_TIME, OPTIONAL },
    { "EndTime", &CLOUDWATCH_TIME, OPTIONAL },   { "NextToken", &CLOUDWATCH_TEXT, OPTIONAL },
    { "ScanBy", &CLOUDWATCH_TEXT, OPTIONAL },    { "MaxDatapoints", &CLOUDWATCH_INTEGER, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("GetMetricDataInput", MEMBERS);

struct query {
    const struct cJSON *input;
    const struct cJSON *stat; /* MetricStat */
    struct bytes id;
    enum metric_statistic statistic;
    bool is_returned; /* ReturnData */
};

/* Where a page begins; the token of the page before says it. */
struct position {
    size_t query;
    size_t point;
};

struct plan {
    struct query *queries;
    size_t query_count;
    struct metric_range range; /* but the period, which is each query's */
    struct position start;
    size_t points_max;
    bool is_ascending;
};

/* ---- checks ---- */

/* [a-z][a-zA-Z0-9_]* */
static bool is_id(struct bytes text)
{
    bool fits = text.length > 0 && text.data[0] >= 'a' && text.data[0] <= 'z';
    for (size_t i = 0; fits && i < text.length; i++) {
        uint8_t letter = text.data[i];
        fits = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '_';
    }
    return fits;
}

static void check_stat(struct service_request *request, struct query *query, const char *path)
{
    char longer[PATH_SIZE_MAX];
    const struct cJSON *metric = json_member(query->stat, "Metric");
    (void)snprintf(longer, sizeof longer, "%sMetricStat.", path);
    cloudwatch_require(request, query->stat, longer, "Metric");
    cloudwatch_require(request, query->stat, longer, "Period");
    cloudwatch_require(request, query->stat, longer, "Stat");
    if (request->error == &CLOUDWATCH_MISSING_PARAMETER) {
        return;
    }
    (void)snprintf(longer, sizeof longer, "%sMetricStat.Metric.", path);
    cloudwatch_require(request, metric, longer, "Namespace");
    cloudwatch_require(request, metric, longer, "MetricName");
    struct bytes name = service_text(request, query->stat, "Stat");
    if (!metric_statistic_of_name(name, &query->statistic)) {
        (void)service_fail(request, &CLOUDWATCH_VALIDATION_ERROR,
                           "The value %.*s for parameter %sMetricStat.Stat is not a valid "
                           "statistic.",
                           BYTES_ARGUMENTS(name), path);
    }
    if (!metric_period_is_valid(json_integer(json_member(query->stat, "Period")))) {
        (void)service_fail(request, &CLOUDWATCH_VALIDATION_ERROR,
                           "The parameter %sMetricStat.Period must be a multiple of 60.", path);
    }
}

static void check_query(struct service_request *request, struct query *query, unsigned number)
{
    char path[PATH_SIZE_MAX];
    (void)snprintf(path, sizeof path, "MetricDataQueries.member.%u.", number);
    query->id = service_text(request, query->input, "Id");
    query->stat = json_member(query->input, "MetricStat");
    query->is_returned = json_member(query->input, "ReturnData") == NULL ||
                         shape_boolean(json_member(query->input, "ReturnData"));
    const struct cJSON *expression = json_member(query->input, "Expression");
    cloudwatch_require(request, query->input, path, "Id");
    if (query->id.length > 0 && !is_id(query->id)) {
        (void)service_fail(request, &CLOUDWATCH_VALIDATION_ERROR,
                           "The value %.*s for parameter %sId is not matching the expected "
                           "pattern ^[a-z][a-zA-Z0-9_]*$.",
                           BYTES_ARGUMENTS(query->id), path);
    }
    if (query->stat != NULL && expression != NULL) {
        (void)service_fail(request, &CLOUDWATCH_VALIDATION_ERROR,
                           "The parameters %sExpression and %sMetricStat are mutually exclusive "
                           "and you have specified both.",
                           path, path);
    } else if (expression != NULL) {
        (void)service_fail(request, &CLOUDWATCH_VALIDATION_ERROR,
                           "Error in expression '%.*s': metric math is not evaluated here; ask "
                           "for the metrics themselves",
                           BYTES_ARGUMENTS(query->id));
    } else if (query->stat == NULL) {
        (void)service_fail(request, &CLOUDWATCH_VALIDATION_ERROR,
                           "The parameter %sMetricStat is required.", path);
    } else {
        check_stat(request, query, path);
    }
}

static void check_ids(struct service_request *request, const struct plan *plan)
{
    for (size_t i = 0; i < plan->query_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (bytes_equal(plan->queries[i].id, plan->queries[j].id)) {
                (void)service_fail(
                    request, &CLOUDWATCH_VALIDATION_ERROR,
                    "The values for parameter id in MetricDataQueries are not unique.");
                return;
            }
        }
    }
}

static bool check_queries(struct service_request *request, struct plan *plan)
{
    const struct cJSON *queries = json_member(request->input, "MetricDataQueries");
    plan->query_count = json_count(queries);
    if (plan->query_count > QUERIES_MAX) {
        (void)service_fail(request, &CLOUDWATCH_VALIDATION_ERROR,
                           "The collection MetricDataQueries must not have a size greater than "
                           "%d.",
                           QUERIES_MAX);
        return false;
    }
    plan->queries = arena_alloc_zero(request->arena, plan->query_count * sizeof *plan->queries);
    size_t count = 0;
    for (const struct cJSON *one = json_first(queries); one != NULL; one = json_next(one)) {
        plan->queries[count].input = one;
        check_query(request, &plan->queries[count], (unsigned)count + 1);
        count++;
    }
    if (request->error == NULL) {
        check_ids(request, plan);
    }
    return request->error == NULL;
}

/* token -> query "." point */
static bool read_token(struct service_request *request, struct plan *plan)
{
    struct bytes token = service_text(request, request->input, "NextToken");
    if (token.length == 0) {
        return true;
    }
    char *end;
    const char *text = bytes_to_text(request->arena, token);
    plan->start.query = strtoul(text, &end, 10);
    if (end == text || *end != '.') {
        return service_fail(request, &CLOUDWATCH_INVALID_NEXT_TOKEN, "Invalid NextToken");
    }
    text = end + 1;
    plan->start.point = strtoul(text, &end, 10);
    return (end != text && *end == '\0' && plan->start.query < plan->query_count) ||
           service_fail(request, &CLOUDWATCH_INVALID_NEXT_TOKEN, "Invalid NextToken");
}

static bool check_paging(struct service_request *request, struct plan *plan)
{
    const struct cJSON *scan_by = json_member(request->input, "ScanBy");
    const struct cJSON *points = json_member(request->input, "MaxDatapoints");
    int64_t points_max = points != NULL ? json_integer(points) : POINTS_MAX;
    plan->is_ascending = scan_by != NULL && json_text_is(scan_by, "TimestampAscending");
    if (scan_by != NULL && !plan->is_ascending && !json_text_is(scan_by, "TimestampDescending")) {
        (void)service_fail(request, &CLOUDWATCH_VALIDATION_ERROR,
                           "The parameter ScanBy must be a value in the set [ "
                           "TimestampDescending, TimestampAscending ].");
    }
    if (points_max < 1 || points_max > POINTS_MAX) {
        (void)service_fail(request, &CLOUDWATCH_VALIDATION_ERROR,
                           "The parameter MaxDatapoints must be between 1 and %d.", POINTS_MAX);
    }
    plan->points_max = (size_t)points_max;
    return request->error == NULL && read_token(request, plan);
}

static bool check(struct service_request *request, struct plan *plan)
{
    cloudwatch_require(request, request->input, "", "MetricDataQueries");
    cloudwatch_require(request, request->input, "", "StartTime");
    cloudwatch_require(request, request->input, "", "EndTime");
    if (request->error != NULL) {
        return false;
    }
    plan->range.start_ms = cloudwatch_time_ms(request->input, "StartTime");
    plan->range.end_ms = cloudwatch_time_ms(request->input, "EndTime");
    return cloudwatch_check_times(request, &CLOUDWATCH_VALIDATION_ERROR) &&
           check_queries(request, plan) && check_paging(request, plan);
}

/* ---- running ---- */

/* Values of one unit only; all have the metric's own. */
static bool has_unit(const struct query *query, enum metric metric)
{
    const struct cJSON *unit = json_member(query->stat, "Unit");
    return unit == NULL || json_text_is(unit, metric_unit(metric));
}

static size_t read_points(struct service_request *request,
                          struct metrics_view *view,
                          struct arena *arena,
                          const struct plan *plan,
                          const struct query *query,
                          struct metric_point **out_points)
{
    struct metric_series series;
    struct metric_range range = plan->range;
    range.period_seconds = json_integer(json_member(query->stat, "Period"));
    if (!metric_series_find(request, json_member(query->stat, "Metric"), &series) ||
        !has_unit(query, series.metric)) {
        return 0;
    }
    return metric_points_read(view, arena, &series, &range, request->now_ms, out_points);
}

/* What of a query's points is in this page. */
struct slice {
    const struct metric_point *points;
    size_t count; /* of all points */
    size_t first;
    size_t end;
    bool is_ascending;
};

static const struct metric_point *slice_point(const struct slice *slice, size_t position)
{
    return &slice->points[slice->is_ascending ? position : slice->count - 1 - position];
}

static void
write_result(struct service_request *request, const struct query *query, const struct slice *slice)
{
    struct document_writer *reply = request->reply;
    const struct cJSON *metric = json_member(query->stat, "Metric");
    const struct cJSON *label = json_member(query->input, "Label");
    document_open_structure(reply, NULL);
    document_write_text(reply, "Id", query->id);
    document_write_text(reply, "Label",
                        label != NULL ? json_text(request->arena, label)
                                      : service_text(request, metric, "MetricName"));
    document_open_list(reply, "Timestamps");
    for (size_t i = slice->first; i < slice->end; i++) {
        document_write_time(reply, NULL, slice_point(slice, i)->time_ms);
    }
    document_close_list(reply, "Timestamps");
    document_open_list(reply, "Values");
    for (size_t i = slice->first; i < slice->end; i++) {
        document_write_double(reply, NULL,
                              metric_statistic_of(&slice_point(slice, i)->value, query->statistic));
    }
    document_close_list(reply, "Values");
    document_write_text(reply, "StatusCode",
                        slice->end < slice->count ? BYTES("PartialData") : BYTES("Complete"));
    document_close_structure(reply, NULL);
}

/* Results until the page is full. True, and where to go on, when there is more. */
static bool write_results(struct service_request *request,
                          const struct plan *plan,
                          struct metrics_view *view,
                          struct position *out_next)
{
    struct arena arena; /* a query's points */
    size_t left = plan->points_max;
    bool has_more = false;
    arena_init(&arena);
    for (size_t i = plan->start.query; i < plan->query_count && !has_more; i++) {
        const struct query *query = &plan->queries[i];
        struct metric_point *points = NULL;
        arena_reset(&arena);
        if (!query->is_returned) {
            continue;
        }
        size_t count = read_points(request, view, &arena, plan, query, &points);
        size_t first = i == plan->start.query && plan->start.point < count ? plan->start.point : 0;
        struct slice slice = { .points = points,
                               .count = count,
                               .first = first,
                               .end = count - first > left ? first + left : count,
                               .is_ascending = plan->is_ascending };
        has_more = slice.end < count;
        *out_next = (struct position){ i, slice.end };
        left -= slice.end - first;
        write_result(request, query, &slice);
    }
    arena_deinit(&arena);
    return has_more;
}

static bool run(struct service_request *request)
{
    struct plan plan = { 0 };
    struct metrics_view view;
    struct position next;
    struct document_writer *reply = request->reply;
    if (!check(request, &plan)) {
        return false;
    }
    document_open_list(reply, "MetricDataResults");
    metrics_view_begin(request->storage->metrics, &view);
    bool has_more = write_results(request, &plan, &view, &next);
    if (metrics_view_end(&view) != STORAGE_OK) {
        return service_fail_storage(request);
    }
    document_close_list(reply, "MetricDataResults");
    if (has_more) {
        char token[64];
        (void)snprintf(token, sizeof token, "%zu.%zu", next.query, next.point);
        document_write_text(reply, "NextToken", bytes_of_text(token));
    }
    document_open_list(reply, "Messages");
    document_close_list(reply, "Messages");
    return true;
}

const struct service_operation CLOUDWATCH_GET_METRIC_DATA = {
    .name = "GetMetricData",
    .input = &INPUT,
    .run = run,
};
