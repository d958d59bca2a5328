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
    storage.committer = committer_open(storage.env);
    if (storage.committer != NULL) {
        storage.background =
            background_open(storage.env, storage.clock, &storage.durations,
                            storage.item_count_refresh_ms, !options->is_stepped_by_hand);
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
    if (storage->background != NULL) {
        background_close(storage->background);
    }
    if (storage->committer != NULL) {
        committer_close(storage->committer);
    }
    env_close(storage->env);
}
