#include "storage/storage.h"

#include <stdio.h>

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
    storage.committer = committer_open(storage.env);
    storage.metrics = metrics_open(storage.env, storage.clock);
    if (options->throttles) {
        storage.throttle = throttle_open(clock_now_ms(storage.clock));
    }
    bool has_throttle = storage.throttle != NULL || !options->throttles;
    if (storage.committer != NULL && storage.metrics != NULL && has_throttle) {
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
    env_close(storage->env);
}
