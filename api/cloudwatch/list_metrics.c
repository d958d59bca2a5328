#include "api/cloudwatch/metric_points.h"
#include "storage/base/arena.h"
#include "storage/storage.h"
#include "storage/table/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE_METRICS = 500,
    LISTED_MINUTES = 14 * 24 * 60, /* "metrics that have data in the past two weeks" */
    RECENT_MINUTES = 3 * 60,
    TABLES_AT_ONCE = 100,
};

static const struct member MEMBERS[] = {
    { "Namespace", &CLOUDWATCH_TEXT, OPTIONAL },
    { "MetricName", &CLOUDWATCH_TEXT, OPTIONAL },
    { "Dimensions", &CLOUDWATCH_DIMENSIONS, OPTIONAL },
    { "NextToken", &CLOUDWATCH_TEXT, OPTIONAL },
    { "RecentlyActive", &CLOUDWATCH_TEXT, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("ListMetricsInput", MEMBERS);

/* ---- collecting ---- */

struct listing {
    struct service_request *request;
    int64_t since_minute;
    struct metric_series *series;
    size_t count;
    size_t capacity;
};

/* Of a dimension that the filter names: there, and of that value if it has one. */
static bool passes(struct service_request *request, const struct cJSON *filter, struct bytes value)
{
    const struct cJSON *wanted = json_member(filter, "Value");
    return value.length > 0 &&
           (wanted == NULL || bytes_equal(json_text(request->arena, wanted), value));
}

static bool is_wanted(struct service_request *request, const struct metric_series *series)
{
    const struct cJSON *name = json_member(request->input, "MetricName");
    const struct cJSON *filters = json_member(request->input, "Dimensions");
    bool wanted = name == NULL || json_text_is(name, metric_name(series->metric));
    for (const struct cJSON *one = filters != NULL ? json_first(filters) : NULL;
         wanted && one != NULL; one = json_next(one)) {
        const struct cJSON *dimension = json_member(one, "Name");
        struct bytes value = BYTES("");
        if (json_text_is(dimension, "TableName")) {
            value = series->table_name;
        } else if (json_text_is(dimension, "GlobalSecondaryIndexName")) {
            value = series->index_name;
        } else if (json_text_is(dimension, "Operation")) {
            value = series->operation;
        }
        wanted = passes(request, one, value);
    }
    return wanted;
}

/* Copies: what is told is borrowed. */
static void keep(struct listing *listing, const struct metric_series *series)
{
    struct arena *arena = listing->request->arena;
    if (listing->count == listing->capacity) {
        size_t size_bytes = listing->capacity * sizeof *listing->series;
        listing->series = arena_grow(arena, listing->series, size_bytes, size_bytes * 2);
        listing->capacity *= 2;
    }
    listing->series[listing->count++] = (struct metric_series){
        .metric = series->metric,
        .table_name = bytes_copy(arena, series->table_name),
        .index_name = bytes_copy(arena, series->index_name),
        .operation = bytes_copy(arena, series->operation),
    };
}

static int compare_series(const void *left, const void *right)
{
    return metric_series_compare(left, right);
}

/* In order, each once. */
static void settle(struct listing *listing)
{
    size_t kept = 0;
    qsort(listing->series, listing->count, sizeof *listing->series, compare_series);
    for (size_t i = 0; i < listing->count; i++) {
        if (kept == 0 || !metric_series_equal(&listing->series[kept - 1], &listing->series[i])) {
            listing->series[kept++] = listing->series[i];
        }
    }
    listing->count = kept;
}

/* Of the caller's world, whose name the table then goes without. */
static bool enter_world(const struct listing *listing, struct metric_series *series)
{
    struct bytes world = listing->request->world;
    bool is_in_world = world.length > 0;
    if (is_in_world && bytes_start_with(series->table_name, world)) {
        series->table_name = (struct bytes){ series->table_name.data + world.length,
                                             series->table_name.length - world.length };
        return true;
    }
    /* What the server has kept of separate worlds is nobody's when tables are shared. */
    return !is_in_world &&
           (series->table_name.length == 0 ||
            memchr(series->table_name.data, WORLD_SEPARATOR, series->table_name.length) == NULL);
}

static void take(void *context, const struct metric_series *told, int64_t last_minute)
{
    struct listing *listing = context;
    struct metric_series series = *told;
    if (last_minute < listing->since_minute || !enter_world(listing, &series) ||
        !is_wanted(listing->request, &series)) {
        return;
    }
    if (listing->count == listing->capacity) {
        settle(listing); /* the history tells a series once an hour */
    }
    keep(listing, &series);
}

static void
take_provisioned(struct listing *listing, struct bytes table_name, struct bytes index_name)
{
    static const enum metric metrics[] = { METRIC_PROVISIONED_READ_CAPACITY_UNITS,
                                           METRIC_PROVISIONED_WRITE_CAPACITY_UNITS };
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        struct metric_series series = { .metric = metrics[i],
                                        .table_name = table_name,
                                        .index_name = index_name,
                                        .operation = BYTES("") };
        take(listing, &series, INT64_MAX);
    }
}

static void take_table(struct listing *listing, const struct table_definition *table)
{
    if (table->billing.is_on_demand) {
        return;
    }
    take_provisioned(listing, table->qualified_name, BYTES(""));
    for (size_t i = 0; i < table->index_count; i++) {
        if (!table->indexes[i].is_local) {
            take_provisioned(listing, table->qualified_name, table->indexes[i].name);
        }
    }
}

static void take_tables(struct listing *listing, struct txn *txn)
{
    struct arena *arena = listing->request->arena;
    struct bytes names[TABLES_AT_ONCE];
    struct catalog_range range = { .world = listing->request->world,
                                   .after = BYTES(""),
                                   .limit = TABLES_AT_ONCE };
    bool more = true;
    while (more) {
        size_t count = catalog_names(txn, arena, &range, names, &more);
        for (size_t i = 0; i < count; i++) {
            struct bytes name = metric_qualified_name(listing->request, names[i]);
            const struct table_definition *table = catalog_find(txn, arena, name);
            if (table != NULL) {
                take_table(listing, table);
            }
        }
        if (count == 0) {
            return;
        }
        range.after = names[count - 1];
    }
}

static bool collect(struct listing *listing)
{
    struct service_request *request = listing->request;
    struct bytes name_space = service_text(request, request->input, "Namespace");
    struct metrics_view view;
    listing->capacity = PAGE_METRICS;
    listing->series = arena_alloc(request->arena, listing->capacity * sizeof *listing->series);
    if (name_space.length > 0 && !bytes_equal(name_space, BYTES(METRIC_NAMESPACE))) {
        return true;
    }
    metrics_view_begin(request->storage->metrics, &view);
    metrics_view_visit(&view, listing->since_minute, take, listing);
    take_tables(listing, &view.txn);
    settle(listing);
    return metrics_view_end(&view) == STORAGE_OK || service_fail_storage(request);
}

/* ---- the operation ---- */

static bool check(struct service_request *request, struct listing *listing, size_t *out_start)
{
    const struct cJSON *recently = json_member(request->input, "RecentlyActive");
    const struct cJSON *filters = json_member(request->input, "Dimensions");
    struct bytes token = service_text(request, request->input, "NextToken");
    int64_t minutes = LISTED_MINUTES;
    unsigned position = 1;
    for (const struct cJSON *one = filters != NULL ? json_first(filters) : NULL; one != NULL;
         one = json_next(one)) {
        char path[64];
        (void)snprintf(path, sizeof path, "Dimensions.member.%u.", position++);
        cloudwatch_require(request, one, path, "Name");
    }
    if (recently != NULL) {
        minutes = RECENT_MINUTES;
        if (!json_text_is(recently, "PT3H")) {
            (void)service_fail(request, &CLOUDWATCH_INVALID_PARAMETER_VALUE,
                               "The parameter RecentlyActive must be a value in the set [ PT3H "
                               "].");
        }
    }
    listing->since_minute = request->now_ms / METRIC_MINUTE_MS - minutes;
    *out_start = 0;
    if (token.length > 0) {
        char *end;
        const char *text = bytes_to_text(request->arena, token);
        unsigned long start = strtoul(text, &end, 10);
        if (*end != '\0' || start == 0 || start > UINT32_MAX || start % PAGE_METRICS != 0) {
            (void)service_fail(request, &CLOUDWATCH_INVALID_PARAMETER_VALUE, "Invalid nextToken");
        }
        *out_start = start;
    }
    return request->error == NULL;
}

static void write_dimension(struct document_writer *reply, const char *name, struct bytes value)
{
    if (value.length > 0) {
        document_open_structure(reply, NULL);
        document_write_text(reply, "Name", bytes_of_text(name));
        document_write_text(reply, "Value", value);
        document_close_structure(reply, NULL);
    }
}

static void write_metric(struct document_writer *reply, const struct metric_series *series)
{
    document_open_structure(reply, NULL);
    document_write_text(reply, "Namespace", BYTES(METRIC_NAMESPACE));
    document_write_text(reply, "MetricName", bytes_of_text(metric_name(series->metric)));
    document_open_list(reply, "Dimensions");
    write_dimension(reply, "TableName", series->table_name);
    write_dimension(reply, "GlobalSecondaryIndexName", series->index_name);
    write_dimension(reply, "Operation", series->operation);
    document_close_list(reply, "Dimensions");
    document_close_structure(reply, NULL);
}

static bool run(struct service_request *request)
{
    struct listing listing = { .request = request };
    struct document_writer *reply = request->reply;
    size_t start;
    if (!check(request, &listing, &start) || !collect(&listing)) {
        return false;
    }
    size_t end = start + PAGE_METRICS;
    document_open_list(reply, "Metrics");
    for (size_t i = start; i < listing.count && i < end; i++) {
        write_metric(reply, &listing.series[i]);
    }
    document_close_list(reply, "Metrics");
    if (end < listing.count) {
        char token[32];
        (void)snprintf(token, sizeof token, "%zu", end);
        document_write_text(reply, "NextToken", bytes_of_text(token));
    }
    return true;
}

const struct service_operation CLOUDWATCH_LIST_METRICS = {
    .name = "ListMetrics",
    .input = &INPUT,
    .run = run,
};
