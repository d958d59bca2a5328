#include "storage/table/throttle.h"

#include "storage/lmdb/layout.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    KINDS = UNITS_OF_WRITES + 1,
    LOCKS = 64, /* a bucket's is that of its database modulo this */
};

struct bucket {
    bool is_made;
    double tokens;
    int64_t filled_ms; /* until when it is filled */
    int64_t units_per_second;
};

struct throttle {
    int64_t opened_ms;
    pthread_mutex_t locks[LOCKS];
    struct bucket buckets[DATABASE_COUNT_MAX][KINDS];
};

struct throttle *throttle_open(int64_t now_ms)
{
    struct throttle *throttle = calloc(1, sizeof *throttle);
    if (throttle == NULL) {
        return NULL;
    }
    throttle->opened_ms = now_ms;
    for (size_t i = 0; i < LOCKS; i++) {
        (void)pthread_mutex_init(&throttle->locks[i], NULL);
    }
    return throttle;
}

void throttle_close(struct throttle *throttle)
{
    for (size_t i = 0; i < LOCKS; i++) {
        (void)pthread_mutex_destroy(&throttle->locks[i]);
    }
    free(throttle);
}

/* ---- limits ---- */

static int64_t
units_of(const struct capacity *capacity, bool is_on_demand, enum capacity_units kind)
{
    if (is_on_demand) {
        return kind == UNITS_OF_READS ? capacity->max_read_units : capacity->max_write_units;
    }
    const struct throughput *throughput = &capacity->throughput;
    return kind == UNITS_OF_READS ? throughput->read_units : throughput->write_units;
}

struct throttle_limit throttle_limit_of_table(const struct table_definition *table,
                                              enum capacity_units kind)
{
    return (struct throttle_limit){
        .database = table->database,
        .kind = kind,
        .units_per_second = units_of(&table->capacity, table->billing.is_on_demand, kind),
        .since_ms = table->created_ms,
    };
}

struct throttle_limit throttle_limit_of_index(const struct table_definition *table,
                                              const struct index_definition *index,
                                              enum capacity_units kind)
{
    if (index->is_local) {
        return throttle_limit_of_table(table, kind);
    }
    return (struct throttle_limit){
        .database = index->database,
        .kind = kind,
        .units_per_second = units_of(&index->capacity, table->billing.is_on_demand, kind),
        .since_ms = index->phase == INDEX_ALLOCATING ? INT64_MAX : table->created_ms,
    };
}

/* ---- buckets ---- */

static void fill(struct bucket *bucket, int64_t now_ms)
{
    double rate = (double)bucket->units_per_second;
    if (now_ms > bucket->filled_ms) {
        bucket->tokens += rate * (double)(now_ms - bucket->filled_ms) / 1000;
        bucket->filled_ms = now_ms;
    }
    bucket->tokens = fmin(bucket->tokens, rate * THROTTLE_BURST_SECONDS);
}

/* Filled up to now, at the rate that it had, and from now on with the limit's. */
static void bring_up(struct bucket *bucket, int64_t units_per_second, int64_t now_ms)
{
    if (bucket->units_per_second == 0) { /* new, or without a limit until now */
        bucket->tokens = (double)units_per_second;
        bucket->filled_ms = now_ms;
    } else {
        fill(bucket, now_ms);
    }
    bucket->units_per_second = units_per_second;
    fill(bucket, now_ms); /* a lower rate saves up less */
}

/* When the limit's bucket was made: of tables that were there before, nothing older is known. */
static int64_t made_ms(const struct throttle *throttle, struct throttle_limit limit, int64_t now_ms)
{
    int64_t since_ms = limit.since_ms > throttle->opened_ms ? limit.since_ms : throttle->opened_ms;
    return since_ms < now_ms ? since_ms : now_ms;
}

/* The limit's bucket as it is now, locked. */
static struct bucket *
lock_bucket(struct throttle *throttle, struct throttle_limit limit, int64_t now_ms)
{
    struct bucket *bucket = &throttle->buckets[limit.database][limit.kind];
    (void)pthread_mutex_lock(&throttle->locks[limit.database % LOCKS]);
    if (!bucket->is_made) {
        bucket->is_made = true;
        bring_up(bucket, limit.units_per_second, made_ms(throttle, limit, now_ms));
    }
    bring_up(bucket, limit.units_per_second, now_ms);
    return bucket;
}

static void unlock_bucket(struct throttle *throttle, struct throttle_limit limit)
{
    (void)pthread_mutex_unlock(&throttle->locks[limit.database % LOCKS]);
}

double throttle_available(struct throttle *throttle, struct throttle_limit limit, int64_t now_ms)
{
    if (limit.units_per_second == 0) {
        return INFINITY;
    }
    double tokens = lock_bucket(throttle, limit, now_ms)->tokens;
    unlock_bucket(throttle, limit);
    return tokens;
}

void throttle_charge(struct throttle *throttle,
                     struct throttle_limit limit,
                     double units,
                     int64_t now_ms)
{
    if (limit.units_per_second != 0) {
        lock_bucket(throttle, limit, now_ms)->tokens -= units;
        unlock_bucket(throttle, limit);
    }
}

int64_t throttle_due_ms(struct throttle *throttle,
                        struct throttle_limit limit,
                        double units,
                        int64_t now_ms)
{
    double missing = units - throttle_available(throttle, limit, now_ms);
    if (missing < 0) {
        return now_ms;
    }
    return now_ms + (int64_t)floor(missing * 1000 / (double)limit.units_per_second) + 1;
}

/* ---- from where the definitions change ---- */

static void follow(struct throttle *throttle, struct throttle_limit limit, int64_t now_ms)
{
    (void)lock_bucket(throttle, limit, now_ms);
    unlock_bucket(throttle, limit);
}

void throttle_follow(struct throttle *throttle,
                     const struct table_definition *table,
                     int64_t now_ms)
{
    for (int kind = 0; kind < KINDS; kind++) {
        enum capacity_units units = (enum capacity_units)kind;
        follow(throttle, throttle_limit_of_table(table, units), now_ms);
        for (size_t i = 0; i < table->index_count; i++) {
            follow(throttle, throttle_limit_of_index(table, &table->indexes[i], units), now_ms);
        }
    }
}

void throttle_forget(struct throttle *throttle, uint32_t database)
{
    (void)pthread_mutex_lock(&throttle->locks[database % LOCKS]);
    for (int kind = 0; kind < KINDS; kind++) {
        throttle->buckets[database][kind] = (struct bucket){ .is_made = false };
    }
    (void)pthread_mutex_unlock(&throttle->locks[database % LOCKS]);
}
