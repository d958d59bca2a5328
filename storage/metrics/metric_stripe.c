#include "storage/metrics/metric_stripe.h"

#include "storage/base/log.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS_FIRST = 64 }; /* a power of two, as are all that follow */

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL) {
        log_error("out of memory");
        abort();
    }
    return memory;
}

static void free_entry(struct metric_entry *entry)
{
    while (entry->past != NULL) {
        struct past_minute *next = entry->past->next;
        free(entry->past);
        entry->past = next;
    }
    free(entry);
}

void metric_stripe_init(struct metric_stripe *stripe)
{
    (void)pthread_mutex_init(&stripe->lock, NULL);
}

void metric_stripe_deinit(struct metric_stripe *stripe)
{
    for (size_t i = 0; i < stripe->bucket_count; i++) {
        for (struct metric_entry *entry = stripe->buckets[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            free_entry(entry);
        }
    }
    free(stripe->buckets);
    (void)pthread_mutex_destroy(&stripe->lock);
}

static void grow(struct metric_stripe *stripe)
{
    size_t count = stripe->bucket_count == 0 ? BUCKETS_FIRST : stripe->bucket_count * 2;
    struct metric_entry **buckets = allocate(count * sizeof(struct metric_entry *));
    for (size_t i = 0; i < stripe->bucket_count; i++) {
        for (struct metric_entry *entry = stripe->buckets[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            entry->next = buckets[entry->hash & (count - 1)];
            buckets[entry->hash & (count - 1)] = entry;
        }
    }
    free(stripe->buckets);
    stripe->buckets = buckets;
    stripe->bucket_count = count;
}

static struct bytes copy_name(uint8_t **to, struct bytes name)
{
    struct bytes copy = { *to, name.length };
    if (name.length > 0) {
        memcpy(*to, name.data, name.length);
    }
    *to += name.length;
    return copy;
}

static struct metric_entry *
create_entry(struct metric_stripe *stripe, const struct metric_series *series, uint32_t hash)
{
    if (stripe->entry_count >= stripe->bucket_count) {
        grow(stripe);
    }
    struct metric_entry *entry = allocate(sizeof *entry + series->table_name.length +
                                          series->index_name.length + series->operation.length);
    uint8_t *names = (uint8_t *)(entry + 1);
    entry->hash = hash;
    entry->series.metric = series->metric;
    entry->series.table_name = copy_name(&names, series->table_name);
    entry->series.index_name = copy_name(&names, series->index_name);
    entry->series.operation = copy_name(&names, series->operation);
    struct metric_entry **bucket = &stripe->buckets[hash & (stripe->bucket_count - 1)];
    entry->next = *bucket;
    *bucket = entry;
    stripe->entry_count++;
    return entry;
}

static struct metric_entry *
find_entry(const struct metric_stripe *stripe, const struct metric_series *series, uint32_t hash)
{
    if (stripe->bucket_count == 0) {
        return NULL;
    }
    struct metric_entry *entry = stripe->buckets[hash & (stripe->bucket_count - 1)];
    while (entry != NULL && (entry->hash != hash || !metric_series_equal(&entry->series, series))) {
        entry = entry->next;
    }
    return entry;
}

void metric_stripe_add(struct metric_stripe *stripe,
                       const struct metric_series *series,
                       int64_t minute,
                       double value)
{
    uint32_t hash = metric_series_hash(series);
    struct metric_entry *entry = find_entry(stripe, series, hash);
    if (entry == NULL) {
        entry = create_entry(stripe, series, hash);
    }
    if (entry->minute < minute) {
        if (entry->current.count > 0) {
            struct past_minute *past = allocate(sizeof *past);
            *past = (struct past_minute){ .next = entry->past,
                                          .minute = entry->minute,
                                          .value = entry->current };
            entry->past = past;
        }
        entry->current = (struct metric_value){ 0 };
        entry->minute = minute;
    }
    metric_value_add(&entry->current, value);
    metric_value_add(&entry->total, value);
}

const struct metric_entry *metric_stripe_find(const struct metric_stripe *stripe,
                                              const struct metric_series *series)
{
    return find_entry(stripe, series, metric_series_hash(series));
}

void metric_stripe_visit(struct metric_stripe *stripe, metric_entry_visit *visit, void *context)
{
    (void)pthread_mutex_lock(&stripe->lock);
    for (size_t i = 0; i < stripe->bucket_count; i++) {
        for (struct metric_entry *entry = stripe->buckets[i]; entry != NULL; entry = entry->next) {
            visit(context, entry);
        }
    }
    (void)pthread_mutex_unlock(&stripe->lock);
}

void metric_stripe_remove(struct metric_stripe *stripe, metric_entry_test *test, void *context)
{
    (void)pthread_mutex_lock(&stripe->lock);
    for (size_t i = 0; i < stripe->bucket_count; i++) {
        struct metric_entry **link = &stripe->buckets[i];
        while (*link != NULL) {
            struct metric_entry *entry = *link;
            if (test(context, entry)) {
                *link = entry->next;
                free_entry(entry);
                stripe->entry_count--;
            } else {
                link = &entry->next;
            }
        }
    }
    (void)pthread_mutex_unlock(&stripe->lock);
}
