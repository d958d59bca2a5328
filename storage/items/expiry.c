#include "storage/items/expiry.h"

#include "storage/base/arena.h"
#include "storage/base/log.h"
#include "storage/items/item_change.h"
#include "storage/items/items.h"
#include "storage/lmdb/env.h"
#include "storage/table/catalog.h"
#include "storage/table/freezes.h"
#include "storage/table/time_to_live.h"

#include <string.h>
#include <time.h>

enum {
    ITEMS_PER_LOOK = 64, /* between looks at the time */
    STEP_NS_MAX = 10 * 1000 * 1000,
    DELETES_PER_STEP_MAX = 256,
    DELETES_PER_STEP_MIN = 16, /* done even when a client waits to write */
    REST_FACTOR = 10,          /* of the time a sweep took */
    PAUSE_AFTER_FAILURE_MS = 1000,
    SECONDS_DIGITS_MAX = 15, /* more of them are far in the future */
};

/* ---- what has expired ---- */

/* The seconds in a canonical number, without their fraction; false: later than any clock. */
static bool read_seconds(struct bytes number, int64_t *out_seconds)
{
    int64_t seconds = 0;
    size_t digits = 0;
    while (digits < number.length && number.data[digits] >= '0' && number.data[digits] <= '9') {
        if (digits == SECONDS_DIGITS_MAX) {
            return false;
        }
        seconds = seconds * 10 + (number.data[digits] - '0');
        digits++;
    }
    *out_seconds = seconds;
    return digits > 0; /* a minus sign: before 1970, so before every window */
}

bool item_is_expired(struct bytes item, struct bytes attribute_name, int64_t now_ms)
{
    struct attribute_value value;
    int64_t seconds;
    int64_t now_s = now_ms / 1000;
    return item_find(item, attribute_name, &value) && value.type == ATTRIBUTE_N &&
           read_seconds(value.payload, &seconds) && seconds <= now_s &&
           seconds >= now_s - EXPIRY_WINDOW_S;
}

/* ---- reading ---- */

/* What a step found: the expired items of a stretch of one table. */
struct stretch {
    struct bytes attribute_name;
    struct bytes keys[DELETES_PER_STEP_MAX];
    size_t key_count;
    struct bytes last;  /* the last key looked at; empty: none */
    bool is_table_done; /* nothing comes after it */
};

static int64_t monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Goes through the table from the position on, until the time or the room for keys is used up. */
static void read_stretch(struct txn *txn,
                         struct arena *arena,
                         uint32_t database,
                         const struct expiry *expiry,
                         int64_t now_ms,
                         struct stretch *out_stretch)
{
    int64_t started_ns = monotonic_ns();
    struct buffer start;
    buffer_init(&start, arena, KEY_SIZE_MAX + 1);
    buffer_append(&start, expiry->position, expiry->position_length);
    if (start.length > 0) {
        buffer_append_u8(&start, 0); /* the smallest key after it */
    }
    struct cursor cursor;
    struct bytes key;
    struct bytes item;
    cursor_open(txn, database, &cursor);
    bool found = cursor_seek(&cursor, buffer_view(&start), &key, &item);
    for (size_t looked = 0; found && out_stretch->key_count < DELETES_PER_STEP_MAX; looked++) {
        if (looked % ITEMS_PER_LOOK == ITEMS_PER_LOOK - 1 &&
            monotonic_ns() - started_ns > STEP_NS_MAX) {
            break;
        }
        if (item_is_expired(item, out_stretch->attribute_name, now_ms)) {
            out_stretch->keys[out_stretch->key_count++] = bytes_copy(arena, key);
        }
        out_stretch->last = key;
        found = cursor_next(&cursor, &key, &item);
    }
    out_stretch->last = bytes_copy(arena, out_stretch->last);
    out_stretch->is_table_done = !found;
    cursor_close(&cursor);
}

/* The table's items expire now. NULL: they do not, or there is no such table any more. */
static const struct table_definition *find_table(struct txn *txn,
                                                 struct arena *arena,
                                                 struct bytes name,
                                                 int64_t now_ms,
                                                 struct bytes *out_attribute_name)
{
    struct time_to_live time_to_live = time_to_live_find(txn, arena, name);
    if (time_to_live_status(&time_to_live, now_ms) != TIME_TO_LIVE_ENABLED) {
        return NULL;
    }
    *out_attribute_name = time_to_live.attribute_name;
    struct bytes error;
    const struct table_definition *table = catalog_find(txn, arena, name);
    bool expires =
        table != NULL && table->status == TABLE_ACTIVE && !freeze_find(txn, name, &error);
    return expires ? table : NULL;
}

/* ---- deleting ---- */

/*
 * "Deleted by the service": what tells these deletes from a client's begins here.
 */
static void delete_item(struct txn *txn,
                        struct arena *arena,
                        const struct table_definition *table,
                        struct bytes key_bytes,
                        struct bytes item)
{
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    struct key key;
    if (!item_key_values(item, &table->key, values)) {
        txn_fail(txn, STORAGE_CORRUPT);
        return;
    }
    memcpy(key.data, key_bytes.data, key_bytes.length);
    key.length = key_bytes.length;
    struct index_effect *effects = arena_alloc(arena, table->index_count * sizeof *effects);
    const struct item_change change = {
        .table = table, .key_values = values, .key = &key, .old_item = item
    };
    item_change_apply(txn, arena, &change, effects);
}

/* Deletes what is still expired; returns how many. Shortens the stretch when a client waits. */
static size_t delete_expired(struct txn *txn,
                             struct arena *arena,
                             struct bytes qualified_name,
                             int64_t now_ms,
                             struct stretch *stretch)
{
    size_t deleted = 0;
    struct bytes attribute_name;
    const struct table_definition *table =
        find_table(txn, arena, qualified_name, now_ms, &attribute_name);
    if (table == NULL) {
        return 0;
    }
    for (size_t i = 0; i < stretch->key_count; i++) {
        struct bytes item;
        if (i >= DELETES_PER_STEP_MIN && env_writer_waits(txn->env)) {
            stretch->last = stretch->keys[i - 1];
            stretch->is_table_done = false;
            break;
        }
        if (txn_get(txn, table->database, stretch->keys[i], &item) &&
            item_is_expired(item, attribute_name, now_ms)) {
            delete_item(txn, arena, table, stretch->keys[i], item);
            deleted++;
        }
    }
    return deleted;
}

/* False: the store could not, and nothing was deleted. */
static bool delete_stretch(struct env *env,
                           struct arena *arena,
                           struct bytes qualified_name,
                           int64_t now_ms,
                           struct stretch *stretch,
                           struct metric_samples *samples)
{
    struct txn txn;
    txn_begin_write(env, &txn);
    size_t deleted = delete_expired(&txn, arena, qualified_name, now_ms, stretch);
    enum storage_status status = txn_commit(&txn);
    if (status != STORAGE_OK) {
        log_error("time to live: %s; trying again in a second", storage_status_text(status));
        return false;
    }
    if (deleted > 0) {
        struct metric_series series = { .metric = METRIC_TIME_TO_LIVE_DELETED_ITEM_COUNT,
                                        .table_name = qualified_name };
        metric_samples_add(samples, series, (double)deleted);
    }
    return true;
}

/* ---- the sweep ---- */

static struct bytes table_of(const struct expiry *expiry)
{
    return (struct bytes){ expiry->table, expiry->table_length };
}

/* Goes on to the next table; false when there is none. */
static bool enter_next_table(struct txn *txn, struct arena *arena, struct expiry *expiry)
{
    struct bytes name;
    struct time_to_live time_to_live;
    if (!time_to_live_next(txn, arena, table_of(expiry), &name, &time_to_live)) {
        return false;
    }
    memcpy(expiry->table, name.data, name.length);
    expiry->table_length = name.length;
    expiry->position_length = 0;
    expiry->is_in_table = true;
    return true;
}

static bool is_wanted(struct env *env, struct arena *arena)
{
    struct txn txn;
    struct bytes name;
    struct time_to_live time_to_live;
    txn_begin_read(env, &txn);
    bool wanted = time_to_live_next(&txn, arena, BYTES(""), &name, &time_to_live);
    txn_abort(&txn);
    return wanted;
}

static int64_t end_sweep(struct expiry *expiry, int64_t now_ms)
{
    int64_t rest_ms = expiry->worked_ns * REST_FACTOR / 1000000;
    expiry->is_sweeping = false;
    expiry->due_ms = now_ms + (rest_ms > expiry->interval_ms ? rest_ms : expiry->interval_ms);
    return expiry->due_ms;
}

/* A stretch of the table the sweep is in. False: the store could not. */
static bool sweep_on(struct env *env,
                     struct arena *arena,
                     struct expiry *expiry,
                     int64_t now_ms,
                     struct metric_samples *samples)
{
    struct txn txn;
    struct stretch *stretch = arena_alloc_zero(arena, sizeof *stretch);
    txn_begin_read(env, &txn);
    if (!expiry->is_in_table && !enter_next_table(&txn, arena, expiry)) {
        txn_abort(&txn);
        expiry->is_sweeping = false;
        return true;
    }
    const struct table_definition *table =
        find_table(&txn, arena, table_of(expiry), now_ms, &stretch->attribute_name);
    stretch->is_table_done = true;
    if (table != NULL) {
        read_stretch(&txn, arena, table->database, expiry, now_ms, stretch);
    }
    txn_abort(&txn);
    if (stretch->key_count > 0 &&
        !delete_stretch(env, arena, table_of(expiry), now_ms, stretch, samples)) {
        return false;
    }
    expiry->is_in_table = !stretch->is_table_done;
    if (stretch->last.length > 0) {
        memcpy(expiry->position, stretch->last.data, stretch->last.length);
    }
    expiry->position_length = stretch->last.length;
    return true;
}

int64_t expiry_step(struct env *env,
                    struct arena *arena,
                    struct expiry *expiry,
                    int64_t now_ms,
                    struct metric_samples *samples)
{
    if (expiry->interval_ms == 0 || !is_wanted(env, arena)) {
        expiry->is_sweeping = false;
        return EXPIRY_NEVER;
    }
    if (!expiry->is_sweeping) {
        if (now_ms < expiry->due_ms) {
            return expiry->due_ms;
        }
        expiry->is_sweeping = true;
        expiry->is_in_table = false;
        expiry->table_length = 0;
        expiry->worked_ns = 0;
    }
    int64_t started_ns = monotonic_ns();
    if (!sweep_on(env, arena, expiry, now_ms, samples)) {
        return now_ms + PAUSE_AFTER_FAILURE_MS;
    }
    expiry->worked_ns += monotonic_ns() - started_ns;
    return expiry->is_sweeping ? now_ms : end_sweep(expiry, now_ms);
}
