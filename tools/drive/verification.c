#include "tools/drive/verification.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/drive/crew.h"
#include "tools/drive/reader.h"
#include "tools/drive/request.h"
#include "tools/exit_code.h"
#include "tools/process.h"

#include <stdio.h>
#include <stdlib.h>

enum { LOOKS = 6, PAUSE_FIRST_MS = 100, PAUSE_LONGEST_MS = 1600 };

/* One round over all items. */
struct round {
    struct drive *drive;
    struct verification *verification;
    const struct table_view *view;
    size_t count;
    atomic_size_t next;
    atomic_size_t behind; /* items */
    bool *is_behind;      /* of each */
    bool is_first;
    bool is_last;
};

/* Fails what could not be looked at, or removed. */
static void
note_failure(struct round *round, _Atomic uint64_t *count, const struct dynamodb_reply *reply)
{
    struct verification *verification = round->verification;
    struct tally *tally = &round->drive->tally;
    (void)pthread_mutex_lock(&tally->lock);
    if (verification->reason[0] == '\0') {
        (void)snprintf(verification->reason, sizeof verification->reason, "%s: %s", reply->error,
                       reply->message);
    }
    (void)pthread_mutex_unlock(&tally->lock);
    atomic_fetch_add(count, 1);
}

/* ---- looking ---- */

static void look_at_item(struct round *round,
                         struct dynamodb_client *client,
                         struct arena *arena,
                         struct owned_item *owned)
{
    struct dynamodb_reply reply;
    struct item_request request = { .table = round->drive->table,
                                    .plan = round->view->plan,
                                    .item = owned->identity };
    if (request_send(NULL, client, arena, (struct outcome){ .kind = REQUEST_GET },
                     request_get_body(arena, &request), &reply) == ANSWER_DONE) {
        reader_check_item(round->drive, owned, json_member(reply.json, "Item"));
        atomic_fetch_add(&round->verification->items, 1);
    } else {
        note_failure(round, &round->verification->failed, &reply);
    }
    dynamodb_reply_free(&reply);
}

/* True: the index lags behind, and this is not the last look. */
static bool look_at_entries(struct round *round,
                            struct dynamodb_client *client,
                            struct arena *arena,
                            const struct owned_item *owned,
                            const struct index_shape *index)
{
    struct dynamodb_reply reply;
    struct item_request request = { .table = round->drive->table,
                                    .plan = round->view->plan,
                                    .item = owned->identity };
    struct bytes body = request_query_body(arena, &request, index->name, index);
    bool is_behind = false;
    int64_t sent_ms = process_now_ms();
    if (request_send(NULL, client, arena,
                     (struct outcome){ .kind = REQUEST_QUERY, .index = index->name }, body,
                     &reply) == ANSWER_DONE) {
        struct entries_check check =
            reader_check_entries(owned, round->view->plan, index, json_member(reply.json, "Items"));
        is_behind = check.verdict == SIGHT_BEHIND && !round->is_last;
        if (check.verdict != SIGHT_CURRENT && !is_behind) {
            int64_t age_ms = check.missed != NULL ? sent_ms - check.missed->acknowledged_ms : 0;
            reader_note_entries(round->drive, owned, index->name, &check, age_ms);
        }
        atomic_fetch_add(&round->verification->entries, round->is_first ? 1 : 0);
    } else {
        note_failure(round, &round->verification->failed, &reply);
    }
    dynamodb_reply_free(&reply);
    return is_behind;
}

static void look_at_indexes(struct round *round,
                            struct dynamodb_client *client,
                            struct arena *arena,
                            struct owned_item *owned)
{
    const struct table_shape *table = &round->view->shape;
    bool is_behind = false;
    for (size_t i = 0; i < table->index_count && !process_interrupted(); i++) {
        if (table->indexes[i].is_ready) {
            is_behind =
                look_at_entries(round, client, arena, owned, &table->indexes[i]) || is_behind;
        }
    }
    round->is_behind[owned->identity.number] = is_behind;
    atomic_fetch_add(&round->behind, is_behind ? 1 : 0);
}

static struct owned_item *next_item(struct round *round)
{
    size_t number = atomic_fetch_add(&round->next, 1);
    bool is_left = number < round->count && !process_interrupted();
    return is_left ? item_pool_at(round->drive->pool, number) : NULL;
}

static void look(void *context, struct dynamodb_client *client, size_t member)
{
    (void)member;
    struct round *round = context;
    struct arena arena;
    arena_init(&arena);
    for (struct owned_item *owned = next_item(round); owned != NULL; owned = next_item(round)) {
        arena_reset(&arena);
        if (round->is_first) {
            look_at_item(round, client, &arena, owned);
        }
        if (round->is_first || round->is_behind[owned->identity.number]) {
            look_at_indexes(round, client, &arena, owned);
        }
    }
    arena_deinit(&arena);
}

/* ---- rounds ---- */

static int run_round(struct round *round, crew_work *work)
{
    struct crew *crew = NULL;
    atomic_store(&round->next, 0);
    atomic_store(&round->behind, 0);
    int code =
        crew_start(round->drive->command, (size_t)round->drive->connections, work, round, &crew);
    crew_join(crew);
    return code;
}

int verification_run(struct drive *drive, struct verification *verification)
{
    for (int i = 0; i < LOOKS && !table_watch_refresh(drive->watch); i++) {
        process_sleep_ms((int64_t)PAUSE_FIRST_MS << i); /* its states are to be those of now */
    }
    struct round round = { .drive = drive,
                           .verification = verification,
                           .view = table_watch_view(drive->watch),
                           .count = item_pool_count(drive->pool) };
    round.is_behind = calloc(round.count + 1, sizeof *round.is_behind);
    if (round.is_behind == NULL) {
        abort(); /* out of memory */
    }
    drive->progress(drive->context, "verifying");
    int64_t pause_ms = PAUSE_FIRST_MS;
    int code = CODE_FINE;
    bool goes_on = true;
    for (int i = 0; goes_on; i++) {
        round.is_first = i == 0;
        round.is_last =
            i >= LOOKS - 1 && process_now_ms() - drive->tally.ended_ms > drive->max_lag_ms;
        code = run_round(&round, look);
        goes_on = code == CODE_FINE && atomic_load(&round.behind) > 0 && !process_interrupted();
        if (goes_on) {
            process_sleep_ms(pause_ms);
            pause_ms = pause_ms * 2 < PAUSE_LONGEST_MS ? pause_ms * 2 : PAUSE_LONGEST_MS;
        }
    }
    free(round.is_behind);
    return code;
}

/* ---- removing ---- */

static void remove_items(void *context, struct dynamodb_client *client, size_t member)
{
    (void)member;
    struct round *round = context;
    struct arena arena;
    arena_init(&arena);
    for (struct owned_item *owned = next_item(round); owned != NULL; owned = next_item(round)) {
        struct dynamodb_reply reply;
        struct item_request request = { .table = round->drive->table,
                                        .plan = round->view->plan,
                                        .item = owned->identity,
                                        .version = owned->ledger.version };
        arena_reset(&arena);
        if (request_send(NULL, client, &arena, (struct outcome){ .kind = REQUEST_DELETE },
                         request_delete_body(&arena, &request), &reply) == ANSWER_DONE) {
            atomic_fetch_add(&round->verification->removed, 1);
        } else {
            note_failure(round, &round->verification->left, &reply);
        }
        dynamodb_reply_free(&reply);
    }
    arena_deinit(&arena);
}

int verification_remove_items(struct drive *drive, struct verification *verification)
{
    struct round round = { .drive = drive,
                           .verification = verification,
                           .view = table_watch_view(drive->watch),
                           .count = item_pool_count(drive->pool) };
    drive->progress(drive->context, "removing items");
    int code = run_round(&round, remove_items);
    if (process_interrupted()) {
        atomic_store(&verification->left, round.count - atomic_load(&verification->removed));
    }
    return code;
}
