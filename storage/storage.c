#include "storage/storage.h"

#include "storage/lmdb/layout.h"
#include "storage/snapshots/stored_clock.h"

#include <stdio.h>

/* To where it was moved before the restart. */
static enum storage_status move_clock_on(struct storage *storage)
{
    struct txn txn;
    txn_begin_read(storage->env, &txn);
    int64_t offset_ms = stored_clock_read(&txn);
    txn_abort(&txn);
    int64_t by_ms = offset_ms - clock_offset_ms(storage->clock);
    if (by_ms > 0) {
        clock_advance(storage->clock, by_ms);
    }
    return txn.status;
}

static void store_changed(void *context, enum store_change change)
{
    const struct storage *storage = context;
    if (change == STORE_EMPTIED) {
        metrics_forget(storage->metrics);
    }
    for (uint32_t database = DATABASE_FIRST;
         storage->throttle != NULL && database < DATABASE_COUNT_MAX; database++) {
        throttle_forget(storage->throttle, database); /* it is another table's */
    }
    background_wake(storage->background);
}

bool storage_open(const struct storage_options *options,
                  struct storage *out_storage,
                  char *out_message,
                  size_t message_size)
{
    struct storage storage = { .clock = options->clock,
                               .durations = options->durations,
                               .item_count_refresh_ms = options->item_count_refresh_ms };
    if (!env_open(&options->env, &storage.env, out_message, message_size)) {
        return false;
    }
    env_set_observer(storage.env, options->observer);
    enum storage_status status = move_clock_on(&storage);
    if (status != STORAGE_OK) {
        (void)snprintf(out_message, message_size, "cannot read the store: %s",
                       storage_status_text(status));
        env_close(storage.env);
        return false;
    }
    storage.snapshots = snapshots_open(storage.env, storage.clock, options->env.directory);
    storage.committer = committer_open(storage.env);
    storage.metrics = metrics_open(storage.env, storage.clock);
    if (options->throttles) {
        storage.throttle = throttle_open(clock_now_ms(storage.clock));
    }
    bool has_throttle = storage.throttle != NULL || !options->throttles;
    if (storage.snapshots != NULL && storage.committer != NULL && storage.metrics != NULL &&
        has_throttle) {
        storage.background = background_open(
            storage.env, storage.clock, storage.metrics,
            &(struct background_options){ .durations = storage.durations,
                                          .throttle = storage.throttle,
                                          .item_count_refresh_ms = storage.item_count_refresh_ms,
                                          .has_thread = !options->is_stepped_by_hand });
    }
    if (storage.background == NULL) {
        (void)snprintf(out_message, message_size, "cannot start a thread for the store");
        storage_close(&storage);
        return false;
    }
    *out_storage = storage;
    snapshots_listen(storage.snapshots, store_changed, out_storage);
    return true;
}

void storage_close(struct storage *storage)
{
    if (storage->committer != NULL) { /* its last jobs wake the background and are metered */
        committer_close(storage->committer);
    }
    if (storage->background != NULL) {
        background_close(storage->background);
    }
    if (storage->metrics != NULL) {
        metrics_close(storage->metrics);
    }
    if (storage->throttle != NULL) {
        throttle_close(storage->throttle);
    }
    if (storage->snapshots != NULL) {
        snapshots_close(storage->snapshots);
    }
    env_close(storage->env);
}
