/*
 * What is measured, under CloudWatch's names and with its meanings (developer guide, "DynamoDB
 * metrics and dimensions"), and the plain data that the other modules of this folder share.
 *
 * A series is a metric with its dimensions. A value sums up the samples of a series in one minute.
 */

#ifndef REHEARSEDB_STORAGE_METRICS_METRIC_H
#define REHEARSEDB_STORAGE_METRICS_METRIC_H

#include "storage/base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum metric {
    METRIC_CONDITIONAL_CHECK_FAILED_REQUESTS,
    METRIC_CONSUMED_READ_CAPACITY_UNITS,
    METRIC_CONSUMED_WRITE_CAPACITY_UNITS,
    METRIC_ONLINE_INDEX_CONSUMED_WRITE_CAPACITY,
    METRIC_ONLINE_INDEX_PERCENTAGE_PROGRESS,
    METRIC_ONLINE_INDEX_THROTTLE_EVENTS,
    METRIC_PROVISIONED_READ_CAPACITY_UNITS,  /* told from the catalog, never recorded */
    METRIC_PROVISIONED_WRITE_CAPACITY_UNITS, /* the same */
    METRIC_READ_THROTTLE_EVENTS,
    METRIC_RETURNED_ITEM_COUNT,
    METRIC_SUCCESSFUL_REQUEST_LATENCY,
    METRIC_SYSTEM_ERRORS,
    METRIC_THROTTLED_REQUESTS,
    METRIC_TIME_TO_LIVE_DELETED_ITEM_COUNT,
    METRIC_TRANSACTION_CONFLICT,
    METRIC_USER_ERRORS,
    METRIC_WRITE_THROTTLE_EVENTS,
    METRIC_COUNT,
};

/* "ConsumedReadCapacityUnits" */
const char *metric_name(enum metric metric);
bool metric_of_name(struct bytes name, enum metric *out_metric);

/* "Count", "Milliseconds" */
const char *metric_unit(enum metric metric);

/*
 * Empty: the series has no such dimension. Where worlds are separate (storage/table/catalog.h) a
 * table goes by its qualified name, and the world alone stands for no table of that world.
 */
struct metric_series {
    enum metric metric;
    struct bytes table_name; /* TableName */
    struct bytes index_name; /* GlobalSecondaryIndexName */
    struct bytes operation;  /* Operation */
};

bool metric_series_equal(const struct metric_series *left, const struct metric_series *right);

/* By name, then table, index and operation; <0, 0 or >0. */
int metric_series_compare(const struct metric_series *left, const struct metric_series *right);

/* For tables in memory. */
uint32_t metric_series_hash(const struct metric_series *series);

struct metric_value {
    double sum;
    double minimum;
    double maximum;
    uint64_t count; /* of samples; 0: none, and the others mean nothing */
};

void metric_value_add(struct metric_value *value, double sample);
void metric_value_merge(struct metric_value *into, const struct metric_value *from);

/* Minutes and hours since 1970, of the clock. */
enum { METRIC_MINUTE_MS = 60 * 1000, METRIC_HOUR_MINUTES = 60 };

#endif
