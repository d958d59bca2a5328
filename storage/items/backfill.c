#include "storage/items/backfill.h"

#include "storage/base/arena.h"
#include "storage/lmdb/env.h"
#include "storage/lmdb/layout.h"

#include <string.h>
#include <time.h>

enum {
    ITEMS_PER_LOOK = 64,  /* between looks at the clock and at waiting writers */
    STEP_ITEMS_MIN = 256, /* done even when a writer waits, so that a build always ends */
    /* One sync for many entries, and yet a commit of some 10 MB: what a writer may wait for that
     * comes while it is written. Before it, a writer waits for no more than ITEMS_PER_LOOK items.
     */
    STEP_ITEMS_MAX = 10 * 1000,
    STEP_NS_MAX = 100 * 1000 * 1000,
    WRITE_UNIT_BYTES = 1024,
};

struct build {
    struct backfill_progress progress;
    struct bytes position; /* key of the last item scanned; empty at the start */
};

static struct bytes build_key(const struct index_definition *index, uint8_t out_key[4])
{
    for (size_t i = 0; i < 4; i++) {
        out_key[i] = (uint8_t)(index->database >> (24 - 8 * i));
    }
    return (struct bytes){ out_key, 4 };
}

static struct build read_build(struct txn *txn, const struct index_definition *index)
{
    struct build build = { .position = BYTES("") };
    uint8_t key[4];
    struct bytes record;
    if (txn_get(txn, DATABASE_BUILDS, build_key(index, key), &record)) {
        struct reader reader = reader_of(record);
        build.progress.items_scanned = reader_u64(&reader);
        build.progress.items_skipped = reader_u64(&reader);
        build.progress.is_complete = reader_u8(&reader) != 0;
        build.position = reader_sized(&reader);
        if (reader.failed) {
            txn_fail(txn, STORAGE_CORRUPT);
        }
    }
    return build;
}

static void write_build(struct txn *txn,
                        struct arena *arena,
                        const struct index_definition *index,
                        const struct build *build)
{
    uint8_t key[4];
    struct buffer record;
    buffer_init(&record, arena, 64);
    buffer_append_u64(&record, build->progress.items_scanned);
    buffer_append_u64(&record, build->progress.items_skipped);
    buffer_append_u8(&record, build->progress.is_complete);
    buffer_append_sized(&record, build->position);
    txn_put(txn, DATABASE_BUILDS, build_key(index, key), buffer_view(&record));
}

struct backfill_progress backfill_find(struct txn *txn, const struct index_definition *index)
{
    return read_build(txn, index).progress;
}

double backfill_percentage(struct txn *txn,
                           const struct table_definition *table,
                           struct backfill_progress progress)
{
    double total = (double)txn_count(txn, table->database);
    double scanned = (double)progress.items_scanned;
    if (progress.is_complete || scanned > total) { /* items may have been deleted since */
        return 100;
    }
    return total > 0 ? scanned * 100 / total : 0;
}

void backfill_forget(struct txn *txn, const struct index_definition *index)
{
    uint8_t key[4];
    (void)txn_delete(txn, DATABASE_BUILDS, build_key(index, key));
}

/*
 * Puts the entry unless a client's write has put the same already. True when the item has one;
 * `write_units` counts what was put.
 */
static bool put_entry(struct txn *txn,
                      struct arena *arena,
                      const struct table_definition *table,
                      const struct index_definition *index,
                      struct bytes item,
                      uint64_t *write_units)
{
    struct attribute_value values[KEY_ATTRIBUTES_MAX];
    struct index_entry entry;
    uint8_t hash[KEY_HASH_SIZE];
    if (!item_key_values(item, &table->key, values)) {
        txn_fail(txn, STORAGE_CORRUPT);
        return false;
    }
    index_item_hash(arena, &table->key, values, hash);
    index_entry_of_item(arena, index, item, hash, &entry);
    if (!entry.exists) {
        return false;
    }
    if (txn_put_new(txn, index->database, key_view(&entry.key), entry.item)) {
        size_t size_bytes = item_size(entry.item);
        txn_grow(txn, index->database, (int64_t)size_bytes);
        *write_units += (size_bytes + WRITE_UNIT_BYTES - 1) / WRITE_UNIT_BYTES;
    }
    return true;
}

static int64_t monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool has_time(struct txn *txn, uint64_t done, int64_t started_ns)
{
    if (done % ITEMS_PER_LOOK != 0) {
        return true;
    }
    if (done >= STEP_ITEMS_MIN && env_writer_waits(txn->env)) {
        return false;
    }
    return done < STEP_ITEMS_MAX && monotonic_ns() - started_ns < STEP_NS_MAX;
}

struct backfill_progress backfill_step(struct txn *txn,
                                       struct arena *arena,
                                       const struct table_definition *table,
                                       const struct index_definition *index,
                                       uint64_t items_end,
                                       double units_end)
{
    struct build build = read_build(txn, index);
    int64_t started_ns = monotonic_ns();
    uint64_t done = 0;
    struct cursor cursor;
    struct bytes key;
    struct bytes item;
    struct arena entries; /* a few items' at a time */
    struct buffer position;
    arena_init(&entries);
    buffer_init(&position, arena, KEY_SIZE_MAX + 1);
    buffer_append_bytes(&position, build.position);
    if (position.length > 0) {
        buffer_append_u8(&position, 0); /* the smallest key after it */
    }
    cursor_open(txn, table->database, &cursor);
    bool found = cursor_seek(&cursor, buffer_view(&position), &key, &item);
    while (found && build.progress.items_scanned < items_end &&
           (double)build.progress.write_units < units_end &&
           (done == 0 || has_time(txn, done, started_ns))) {
        if (done % ITEMS_PER_LOOK == 0) {
            arena_reset(&entries);
        }
        build.progress.items_skipped +=
            !put_entry(txn, &entries, table, index, item, &build.progress.write_units);
        build.progress.items_scanned++;
        build.position = key;
        done++;
        found = cursor_next(&cursor, &key, &item);
    }
    build.progress.is_complete = !found && txn->status == STORAGE_OK;
    if (done > 0 || build.progress.is_complete) {
        build.position = bytes_copy(arena, build.position);
        write_build(txn, arena, index, &build);
    }
    cursor_close(&cursor);
    arena_deinit(&entries);
    return build.progress;
}
