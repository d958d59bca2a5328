#include "api/api.h"

#include "api/cloudformation/engine.h"
#include "api/dispatch.h"
#include "api/index_lag.h"
#include "api/internal.h"
#include "api/json.h"
#include "api/rehearsal/delays.h"
#include "api/rehearsal/faults.h"
#include "api/rehearsal/readers.h"
#include "api/request.h"
#include "storage/base/arena.h"

#include <stdio.h>
#include <stdlib.h>

/* 2026-01-01, so that times in replies look like times. */
static const int64_t MANUAL_CLOCK_START_MS = INT64_C(1767225600000);

/* The first event of the timeline, before the store goes on with what was under way. */
static void tell_start(struct api *api)
{
    struct arena arena;
    struct buffer details;
    struct json_writer writer = json_writer_of(&details);
    arena_init(&arena);
    buffer_init(&details, &arena, 128);
    json_member_text(&writer, "Version", BYTES(REHEARSEDB_VERSION));
    json_member_text(&writer, "Profile", bytes_of_text(api->profile));
    struct timeline_event event = { .kind = TIMELINE_START, .details = buffer_view(&details) };
    timeline_tell(api->rehearsal.timeline, &arena, &event);
    arena_deinit(&arena);
}

/* Who read what is gone is gone; rules may name what is made next. The timeline goes on. */
static void store_changed(void *context, enum store_change change)
{
    struct api *api = context;
    if (change == STORE_EMPTIED) {
        readers_forget_all(api->rehearsal.readers);
        faults_replace(api->rehearsal.faults, NULL, 0);
    }
    engine_wake(api->engine); /* what is restored may have been under way */
}

bool api_open(const struct api_options *options,
              struct api **out_api,
              char *out_message,
              size_t message_size)
{
    struct api *api = calloc(1, sizeof *api);
    if (api == NULL) {
        (void)snprintf(out_message, message_size, "out of memory");
        return false;
    }
    json_install_hooks();
    if (options->is_stepped_by_hand) {
        clock_init_manual(&api->clock, MANUAL_CLOCK_START_MS);
    } else {
        clock_init_real(&api->clock);
    }
    api->started_ns = request_monotonic_ns();
    api->region = bytes_of_text(options->region);
    api->profile = options->profile;
    api->wording = options->wording;
    api->is_isolated = options->is_isolated;
    api->other_resources = options->other_resources;
    struct storage_options storage_options = {
        .env = { .directory = options->data_directory,
                 .map_size_bytes = options->map_size_bytes,
                 .readers_max = options->readers_max },
        .durations = options->durations,
        .item_count_refresh_ms = options->item_count_refresh_ms,
        .throttles = options->throttles,
        .clock = &api->clock,
        .observer = &api->rehearsal.observer,
        .is_stepped_by_hand = options->is_stepped_by_hand,
    };
    if (!rehearsal_open(&api->rehearsal, &api->clock, api->is_isolated)) {
        (void)snprintf(out_message, message_size, "out of memory");
        free(api);
        return false;
    }
    tell_start(api);
    if (!storage_open(&storage_options, &api->storage, out_message, message_size)) {
        rehearsal_close(&api->rehearsal);
        free(api);
        return false;
    }
    api->index_lag = index_lag_open(&api->storage, options->index_lag_ms);
    if (api->index_lag == NULL) {
        (void)snprintf(out_message, message_size, "out of memory");
        api_close(api);
        return false;
    }
    const struct engine_options engine_options = {
        .has_thread = !options->is_stepped_by_hand,
        .waits_for_backfill = options->stacks_wait_for_index,
        .pace_ms = options->durations.stack_step_ms,
    };
    api->engine = engine_open(api, &engine_options);
    if (api->engine == NULL) {
        (void)snprintf(out_message, message_size, "a thread could not be started");
        api_close(api);
        return false;
    }
    snapshots_listen(api->storage.snapshots, store_changed, api);
    *out_api = api;
    return true;
}

void api_end_delays(struct api *api)
{
    delays_end(api->rehearsal.delays);
}

void api_close(struct api *api)
{
    api_end_delays(api);
    engine_close(api->engine);
    storage_close(&api->storage);
    if (api->index_lag != NULL) {
        index_lag_close(api->index_lag);
    }
    rehearsal_close(&api->rehearsal);
    free(api);
}

enum api_progress api_handle(struct api *api, struct api_call *call)
{
    return dispatch(api, call);
}

void api_advance_clock(struct api *api, int64_t by_ms)
{
    clock_advance(&api->clock, by_ms);
    background_wake(api->storage.background);
}

bool api_step(struct api *api)
{
    bool has_more = background_step(api->storage.background) <= clock_now_ms(&api->clock);
    return engine_step(api->engine) || has_more;
}
