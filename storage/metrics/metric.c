#include "storage/metrics/metric.h"

#include <string.h>

static const struct {
    const char *name;
    const char *unit;
} METRICS[METRIC_COUNT] = {
    [METRIC_CONDITIONAL_CHECK_FAILED_REQUESTS] = { "ConditionalCheckFailedRequests", "Count" },
    [METRIC_CONSUMED_READ_CAPACITY_UNITS] = { "ConsumedReadCapacityUnits", "Count" },
    [METRIC_CONSUMED_WRITE_CAPACITY_UNITS] = { "ConsumedWriteCapacityUnits", "Count" },
    [METRIC_ONLINE_INDEX_CONSUMED_WRITE_CAPACITY] = { "OnlineIndexConsumedWriteCapacity", "Count" },
    [METRIC_ONLINE_INDEX_PERCENTAGE_PROGRESS] = { "OnlineIndexPercentageProgress", "Count" },
    [METRIC_ONLINE_INDEX_THROTTLE_EVENTS] = { "OnlineIndexThrottleEvents", "Count" },
    [METRIC_PROVISIONED_READ_CAPACITY_UNITS] = { "ProvisionedReadCapacityUnits", "Count" },
    [METRIC_PROVISIONED_WRITE_CAPACITY_UNITS] = { "ProvisionedWriteCapacityUnits", "Count" },
    [METRIC_READ_THROTTLE_EVENTS] = { "ReadThrottleEvents", "Count" },
    [METRIC_RETURNED_ITEM_COUNT] = { "ReturnedItemCount", "Count" },
    [METRIC_SUCCESSFUL_REQUEST_LATENCY] = { "SuccessfulRequestLatency", "Milliseconds" },
    [METRIC_SYSTEM_ERRORS] = { "SystemErrors", "Count" },
    [METRIC_THROTTLED_REQUESTS] = { "ThrottledRequests", "Count" },
    [METRIC_TIME_TO_LIVE_DELETED_ITEM_COUNT] = { "TimeToLiveDeletedItemCount", "Count" },
    [METRIC_TRANSACTION_CONFLICT] = { "TransactionConflict", "Count" },
    [METRIC_USER_ERRORS] = { "UserErrors", "Count" },
    [METRIC_WRITE_THROTTLE_EVENTS] = { "WriteThrottleEvents", "Count" },
};

const char *metric_name(enum metric metric)
{
    return METRICS[metric].name;
}

const char *metric_unit(enum metric metric)
{
    return METRICS[metric].unit;
}

bool metric_of_name(struct bytes name, enum metric *out_metric)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (bytes_equal(name, bytes_of_text(METRICS[i].name))) {
            *out_metric = (enum metric)i;
            return true;
        }
    }
    return false;
}

bool metric_series_equal(const struct metric_series *left, const struct metric_series *right)
{
    return left->metric == right->metric && bytes_equal(left->table_name, right->table_name) &&
           bytes_equal(left->index_name, right->index_name) &&
           bytes_equal(left->operation, right->operation);
}

int metric_series_compare(const struct metric_series *left, const struct metric_series *right)
{
    if (left->metric != right->metric) {
        return strcmp(metric_name(left->metric), metric_name(right->metric));
    }
    int order = bytes_compare(left->table_name, right->table_name);
    if (order == 0) {
        order = bytes_compare(left->index_name, right->index_name);
    }
    return order != 0 ? order : bytes_compare(left->operation, right->operation);
}

/* FNV-1a */
static uint32_t hash_bytes(uint32_t hash, struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        hash = (hash ^ text.data[i]) * 16777619U;
    }
    return (hash ^ 0xFF) * 16777619U;
}

uint32_t metric_series_hash(const struct metric_series *series)
{
    uint32_t hash = (2166136261U ^ (uint32_t)series->metric) * 16777619U;
    hash = hash_bytes(hash, series->table_name);
    hash = hash_bytes(hash, series->index_name);
    return hash_bytes(hash, series->operation);
}

void metric_value_add(struct metric_value *value, double sample)
{
    if (value->count == 0 || sample < value->minimum) {
        value->minimum = sample;
    }
    if (value->count == 0 || sample > value->maximum) {
        value->maximum = sample;
    }
    value->sum = value->count == 0 ? sample : value->sum + sample;
    value->count++;
}

void metric_value_merge(struct metric_value *into, const struct metric_value *from)
{
    if (from->count == 0) {
        return;
    }
    if (into->count == 0) {
        *into = *from;
        return;
    }
    into->sum += from->sum;
    into->count += from->count;
    into->minimum = from->minimum < into->minimum ? from->minimum : into->minimum;
    into->maximum = from->maximum > into->maximum ? from->maximum : into->maximum;
}
