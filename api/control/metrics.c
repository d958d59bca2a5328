/*
 * metrics: what CloudWatch is told and facts of the process, as Prometheus text (exposition format
 * 0.0.4). Counters count from the start of the process.
 */

#include "storage/metrics/metrics.h"
#include "api/control/control.h"
#include "api/internal.h"
#include "storage/items/backfill.h"

#include <stdlib.h>
#include <string.h>

enum { TABLES_AT_ONCE = 100 };

/* A whole family follows its # lines. */
static void begin_family(struct buffer *page, const char *name, const char *type, const char *help)
{
    buffer_append_format(page, "# HELP rehearsedb_%s %s\n# TYPE rehearsedb_%s %s\n", name, help,
                         name, type);
}

/* ---- labels ---- */

static void append_escaped(struct buffer *page, struct bytes value)
{
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] == '\n') {
            buffer_append_text(page, "\\n");
            continue;
        }
        if (value.data[i] == '\\' || value.data[i] == '"') {
            buffer_append_u8(page, '\\');
        }
        buffer_append_u8(page, value.data[i]);
    }
}

/* { name "=" value }, braces around all there are */
static void append_label(struct buffer *page, bool *is_open, const char *name, struct bytes value)
{
    if (value.length == 0) {
        return;
    }
    buffer_append_u8(page, *is_open ? ',' : '{');
    *is_open = true;
    buffer_append_text(page, name);
    buffer_append_text(page, "=\"");
    append_escaped(page, value);
    buffer_append_u8(page, '"');
}

/* "KEY/REGION/NAME" is the table of a world; "KEY/REGION/" the world itself. */
static void append_table_labels(struct buffer *page, bool *is_open, struct bytes qualified_name)
{
    size_t length = qualified_name.length;
    while (length > 0 && qualified_name.data[length - 1] != WORLD_SEPARATOR) {
        length--;
    }
    struct bytes name = { qualified_name.data + length, qualified_name.length - length };
    if (length > 0) {
        append_label(page, is_open, "world", (struct bytes){ qualified_name.data, length - 1 });
    }
    append_label(page, is_open, "table", name);
}

static void append_sample(struct buffer *page,
                          const char *name,
                          const char *suffix,
                          const struct metric_series *series,
                          double value)
{
    bool is_open = false;
    buffer_append_format(page, "rehearsedb_%s%s", name, suffix);
    append_table_labels(page, &is_open, series->table_name);
    append_label(page, &is_open, "index", series->index_name);
    append_label(page, &is_open, "operation", series->operation);
    if (is_open) {
        buffer_append_u8(page, '}');
    }
    buffer_append_format(page, " %.15g\n", value);
}

static void append_fact(struct buffer *page, const char *name, const char *help, double value)
{
    static const struct metric_series none;
    begin_family(page, name, "gauge", help);
    append_sample(page, name, "", &none, value);
}

/* ---- what is counted ---- */

static const struct family {
    enum metric metric;
    bool is_summary;
    const char *name;
    const char *help;
} FAMILIES[] = {
    { METRIC_CONDITIONAL_CHECK_FAILED_REQUESTS, false, "conditional_check_failed_requests_total",
      "Writes whose condition failed" },
    { METRIC_CONSUMED_READ_CAPACITY_UNITS, false, "consumed_read_capacity_units_total",
      "Read capacity units consumed" },
    { METRIC_CONSUMED_WRITE_CAPACITY_UNITS, false, "consumed_write_capacity_units_total",
      "Write capacity units consumed" },
    { METRIC_ONLINE_INDEX_CONSUMED_WRITE_CAPACITY, false,
      "online_index_consumed_write_capacity_total",
      "Write capacity units that building an index consumed" },
    { METRIC_ONLINE_INDEX_THROTTLE_EVENTS, false, "online_index_throttle_events_total",
      "Writes of a build that were throttled" },
    { METRIC_READ_THROTTLE_EVENTS, false, "read_throttle_events_total",
      "Reads that were throttled" },
    { METRIC_RETURNED_ITEM_COUNT, false, "returned_item_count_total",
      "Items returned by Query and Scan" },
    { METRIC_SUCCESSFUL_REQUEST_LATENCY, true, "successful_request_latency_milliseconds",
      "Time in the server of successful requests" },
    { METRIC_SYSTEM_ERRORS, false, "system_errors_total", "Requests answered with HTTP 500" },
    { METRIC_THROTTLED_REQUESTS, false, "throttled_requests_total",
      "Requests refused as throttled" },
    { METRIC_TIME_TO_LIVE_DELETED_ITEM_COUNT, false, "time_to_live_deleted_item_count_total",
      "Items deleted because they had expired" },
    { METRIC_TRANSACTION_CONFLICT, false, "transaction_conflict_total",
      "Item-level requests refused for a transaction under way" },
    { METRIC_USER_ERRORS, false, "user_errors_total",
      "Requests answered with HTTP 400, but failed conditions and exceeded throughput" },
    { METRIC_WRITE_THROTTLE_EVENTS, false, "write_throttle_events_total",
      "Writes that were throttled" },
};

static void append_family(struct buffer *page,
                          const struct family *family,
                          const struct metric_total *totals,
                          size_t count)
{
    begin_family(page, family->name, family->is_summary ? "summary" : "counter", family->help);
    for (size_t i = 0; i < count; i++) {
        if (totals[i].series.metric != family->metric) {
            continue;
        }
        append_sample(page, family->name, family->is_summary ? "_sum" : "", &totals[i].series,
                      totals[i].value.sum);
        if (family->is_summary) {
            append_sample(page, family->name, "_count", &totals[i].series,
                          (double)totals[i].value.count);
        }
    }
}

/* ---- what is so now ---- */

static void append_progress(struct buffer *page, struct request *request)
{
    struct bytes name = BYTES("");
    begin_family(page, "online_index_percentage_progress", "gauge",
                 "Progress of an index that is being built");
    while (catalog_next_unsettled(request->txn, request->arena, name, &name)) {
        const struct table_definition *table = catalog_find(request->txn, request->arena, name);
        for (size_t i = 0; table != NULL && i < table->index_count; i++) {
            const struct index_definition *index = &table->indexes[i];
            struct metric_series series = { .table_name = name, .index_name = index->name };
            if (index->phase == INDEX_ALLOCATING || index->phase == INDEX_BACKFILLING) {
                append_sample(
                    page, "online_index_percentage_progress", "", &series,
                    backfill_percentage(request->txn, table, backfill_find(request->txn, index)));
            }
        }
    }
}

static void append_provisioned_table(struct buffer *page,
                                     const char *family,
                                     bool is_read,
                                     const struct table_definition *table)
{
    struct metric_series series = { .table_name = table->qualified_name };
    const struct throughput *throughput = &table->capacity.throughput;
    append_sample(page, family, "", &series,
                  (double)(is_read ? throughput->read_units : throughput->write_units));
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_definition *index = &table->indexes[i];
        throughput = &index->capacity.throughput;
        series.index_name = index->name;
        if (!index->is_local) {
            append_sample(page, family, "", &series,
                          (double)(is_read ? throughput->read_units : throughput->write_units));
        }
    }
}

static void
append_provisioned(struct buffer *page, struct request *request, const char *family, bool is_read)
{
    struct bytes names[TABLES_AT_ONCE];
    struct catalog_range range = {
        .world = BYTES(""), .has_all = true, .after = BYTES(""), .limit = TABLES_AT_ONCE
    };
    bool more = true;
    begin_family(page, family, "gauge", "Capacity units provisioned");
    while (more) {
        size_t count = catalog_names(request->txn, request->arena, &range, names, &more);
        for (size_t i = 0; i < count; i++) {
            const struct table_definition *table =
                catalog_find(request->txn, request->arena, names[i]);
            if (table != NULL && !table->billing.is_on_demand) {
                append_provisioned_table(page, family, is_read, table);
            }
        }
        if (count == 0) {
            return;
        }
        range.after = names[count - 1];
    }
}

static void append_process(struct buffer *page, const struct request *request)
{
    uint64_t used_bytes;
    uint64_t map_bytes;
    bool is_open = false;
    env_usage(request->storage->env, &used_bytes, &map_bytes);
    begin_family(page, "build_info", "gauge", "Version and profile of this server");
    buffer_append_text(page, "rehearsedb_build_info");
    append_label(page, &is_open, "version", BYTES(REHEARSEDB_VERSION));
    append_label(page, &is_open, "profile", bytes_of_text(request->api->profile));
    buffer_append_text(page, "} 1\n");
    append_fact(page, "uptime_seconds", "Since the server was started",
                (double)(request_monotonic_ns() - request->api->started_ns) / 1e9);
    append_fact(page, "map_used_bytes", "Bytes of the store in use", (double)used_bytes);
    append_fact(page, "map_size_bytes", "Bytes that the store may grow to", (double)map_bytes);
    append_fact(page, "tables", "Tables there are", (double)catalog_count(request->txn));
}

bool control_show_metrics(struct control *control)
{
    struct request *request = &control->request;
    struct buffer *page = &request->reply;
    size_t count;
    const struct metric_total *totals =
        metrics_totals(request->storage->metrics, request->arena, &count);
    append_process(page, request);
    for (size_t i = 0; i < sizeof FAMILIES / sizeof *FAMILIES; i++) {
        append_family(page, &FAMILIES[i], totals, count);
    }
    append_progress(page, request);
    append_provisioned(page, request, "provisioned_read_capacity_units", true);
    append_provisioned(page, request, "provisioned_write_capacity_units", false);
    return true;
}
