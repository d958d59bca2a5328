/*
 * The storage layer, opened and closed whole and in order: environment, snapshots, committer,
 * metrics, throttle, background. The clock goes on from where it was moved to before.
 */

#ifndef REHEARSEDB_STORAGE_STORAGE_H
#define REHEARSEDB_STORAGE_STORAGE_H

#include "storage/background.h"
#include "storage/base/clock.h"
#include "storage/committer.h"
#include "storage/lmdb/env.h"
#include "storage/lmdb/txn.h"
#include "storage/metrics/metrics.h"
#include "storage/snapshots/snapshots.h"
#include "storage/table/throttle.h"

struct storage_options {
    struct env_options env;
    struct durations durations;
    int64_t item_count_refresh_ms; /* 0: DescribeTable counts by itself */
    bool throttles;                /* refuse what exceeds the capacity of a table or index */
    struct clock *clock;           /* borrowed; must outlive the storage */
    const struct table_observer *observer; /* the same; NULL: none */
    bool is_stepped_by_hand;               /* no background thread: tests call background_step */
};

struct storage {
    struct env *env;
    struct snapshots *snapshots;
    struct committer *committer;
    struct metrics *metrics;
    struct throttle *throttle; /* NULL: nothing is throttled */
    struct background *background;
    struct clock *clock;
    struct durations durations;
    int64_t item_count_refresh_ms;
};

/* On failure false and a message for people. The result must stay where it is. */
bool storage_open(const struct storage_options *options,
                  struct storage *out_storage,
                  char *out_message,
                  size_t message_size);

/* Finishes submitted writes first. */
void storage_close(struct storage *storage);

#endif
