#include "storage/snapshots/snapshots.h"

#include "storage/base/arena.h"
#include "storage/lmdb/env.h"
#include "storage/lmdb/layout.h"
#include "storage/lmdb/txn.h"
#include "storage/snapshots/stored_clock.h"
#include "storage/table/catalog.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct listener {
    void (*changed)(void *context, enum store_change change);
    void *context;
};

struct snapshots {
    struct env *env;
    struct clock *clock;
    struct snapshot_files *files;
    pthread_mutex_t turn; /* one operation at a time */
    struct listener listeners[STORE_LISTENERS_MAX];
    size_t listener_count;
};

struct snapshots *snapshots_open(struct env *env, struct clock *clock, const char *directory)
{
    struct snapshots *snapshots = calloc(1, sizeof *snapshots);
    struct snapshot_files *files = snapshot_files_open(directory);
    if (snapshots == NULL || files == NULL) {
        free(snapshots);
        if (files != NULL) {
            snapshot_files_close(files);
        }
        return NULL;
    }
    snapshots->env = env;
    snapshots->clock = clock;
    snapshots->files = files;
    (void)pthread_mutex_init(&snapshots->turn, NULL);
    return snapshots;
}

void snapshots_close(struct snapshots *snapshots)
{
    snapshot_files_close(snapshots->files);
    (void)pthread_mutex_destroy(&snapshots->turn);
    free(snapshots);
}

void snapshots_listen(struct snapshots *snapshots,
                      void (*changed)(void *context, enum store_change change),
                      void *context)
{
    assert(snapshots->listener_count < STORE_LISTENERS_MAX);
    snapshots->listeners[snapshots->listener_count++] =
        (struct listener){ .changed = changed, .context = context };
}

static enum storage_status status_of_errno(int code)
{
    switch (code) {
    case 0:
        return STORAGE_OK;
    case ENOENT:
        return STORAGE_NOT_FOUND;
    case ENOSPC:
    case EDQUOT:
        return STORAGE_FULL;
    default:
        return STORAGE_IO;
    }
}

static enum snapshot_outcome outcome_of(enum storage_status status, enum storage_status *out_status)
{
    *out_status = status;
    return status == STORAGE_OK          ? SNAPSHOT_DONE
           : status == STORAGE_NOT_FOUND ? SNAPSHOT_UNKNOWN
                                         : SNAPSHOT_FAILED;
}

/* ---- what a snapshot says of itself: in DATABASE_META "snapshot", when it was taken ---- */

static void write_time(struct txn *txn, int64_t now_ms)
{
    uint8_t record[8];
    for (size_t i = 0; i < sizeof record; i++) {
        record[i] = (uint8_t)((uint64_t)now_ms >> (8 * i));
    }
    txn_put(txn, DATABASE_META, BYTES("snapshot"), (struct bytes){ record, sizeof record });
}

static enum storage_status look_into(int file, struct snapshot *out_snapshot)
{
    struct env *image = NULL;
    struct stat status;
    enum storage_status opened = env_open_image(file, &image);
    if (opened != STORAGE_OK) { /* also when a database that every store has is not found */
        return opened == STORAGE_NOT_FOUND ? STORAGE_CORRUPT : opened;
    }
    struct txn txn;
    struct bytes record = { NULL, 0 };
    txn_begin_read(image, &txn);
    (void)txn_get(&txn, DATABASE_META, BYTES("snapshot"), &record);
    struct reader reader = reader_of(record);
    out_snapshot->taken_ms = (int64_t)reader_u64(&reader);
    out_snapshot->table_count = (int64_t)catalog_count(&txn);
    if (reader.failed || fstat(file, &status) != 0) {
        txn_fail(&txn, STORAGE_CORRUPT);
    } else {
        out_snapshot->size_bytes = status.st_size;
    }
    txn_abort(&txn);
    env_close(image);
    return txn.status;
}

/* ---- saving ---- */

static bool exists(struct snapshots *snapshots, struct bytes name)
{
    int file;
    bool found = snapshot_files_find(snapshots->files, name, &file) == 0;
    if (found) {
        (void)close(file);
    }
    return found;
}

static bool has_room(struct snapshots *snapshots)
{
    size_t count;
    struct arena arena;
    arena_init(&arena);
    (void)snapshot_files_names(snapshots->files, &arena, &count);
    arena_deinit(&arena);
    return count < SNAPSHOTS_MAX;
}

static enum storage_status write_snapshot(struct snapshots *snapshots, int file)
{
    struct txn txn;
    struct env_copy copy;
    txn_begin_urgent_write(snapshots->env, &txn);
    write_time(&txn, clock_now_ms(snapshots->clock));
    enum storage_status status = txn_commit_to_copy(&txn, &copy);
    return status == STORAGE_OK ? env_copy_write(&copy, file) : status;
}

static enum storage_status
save(struct snapshots *snapshots, struct bytes name, struct snapshot *out_snapshot)
{
    int file;
    int code = snapshot_files_begin(snapshots->files, &file);
    if (code != 0) {
        return code == ENOENT ? STORAGE_IO : status_of_errno(code);
    }
    enum storage_status status = write_snapshot(snapshots, file);
    if (status == STORAGE_OK) {
        status = look_into(file, out_snapshot);
    }
    if (status == STORAGE_OK) {
        status = status_of_errno(snapshot_files_finish(snapshots->files, name, file));
    }
    if (status != STORAGE_OK) {
        snapshot_files_discard(snapshots->files, file);
    }
    return status;
}

enum snapshot_outcome snapshots_save(struct snapshots *snapshots,
                                     struct bytes name,
                                     bool replaces,
                                     struct snapshot *out_snapshot,
                                     enum storage_status *out_status)
{
    enum snapshot_outcome outcome;
    struct snapshot snapshot = { .name = name };
    *out_status = STORAGE_OK;
    (void)pthread_mutex_lock(&snapshots->turn);
    bool is_there = exists(snapshots, name);
    if (is_there && !replaces) {
        outcome = SNAPSHOT_EXISTS;
    } else if (!is_there && !has_room(snapshots)) {
        outcome = SNAPSHOT_TOO_MANY;
    } else {
        outcome = outcome_of(save(snapshots, name, &snapshot), out_status);
    }
    (void)pthread_mutex_unlock(&snapshots->turn);
    if (outcome == SNAPSHOT_DONE) {
        *out_snapshot = snapshot;
    }
    return outcome;
}

/* ---- listing, deleting ---- */

struct snapshot *snapshots_list(struct snapshots *snapshots, struct arena *arena, size_t *out_count)
{
    size_t name_count;
    size_t count = 0;
    (void)pthread_mutex_lock(&snapshots->turn);
    struct bytes *names = snapshot_files_names(snapshots->files, arena, &name_count);
    struct snapshot *list = arena_alloc(arena, name_count * sizeof *list);
    for (size_t i = 0; i < name_count; i++) {
        int file;
        list[count].name = names[i];
        if (snapshot_files_find(snapshots->files, names[i], &file) == 0) {
            count += look_into(file, &list[count]) == STORAGE_OK;
            (void)close(file);
        }
    }
    (void)pthread_mutex_unlock(&snapshots->turn);
    *out_count = count;
    return list;
}

enum snapshot_outcome
snapshots_delete(struct snapshots *snapshots, struct bytes name, enum storage_status *out_status)
{
    (void)pthread_mutex_lock(&snapshots->turn);
    int code = snapshot_files_remove(snapshots->files, name);
    (void)pthread_mutex_unlock(&snapshots->turn);
    return outcome_of(status_of_errno(code), out_status);
}

/* ---- replacing the store ---- */

static void tell_listeners(struct snapshots *snapshots, enum store_change change)
{
    for (size_t i = 0; i < snapshots->listener_count; i++) {
        snapshots->listeners[i].changed(snapshots->listeners[i].context, change);
    }
}

/* By what is in `file`, or -1: by nothing. */
static enum storage_status
replace_store(struct snapshots *snapshots, int file, enum store_change change)
{
    struct env *beside = NULL;
    enum storage_status status = env_open_beside(snapshots->env, file, &beside);
    if (status != STORAGE_OK) {
        return status;
    }
    struct txn txn;
    txn_begin_write(beside, &txn);
    stored_clock_write(&txn, clock_offset_ms(snapshots->clock));
    status = txn_commit(&txn);
    if (status != STORAGE_OK) {
        env_close_beside(beside);
        return status;
    }
    status = env_replace(snapshots->env, beside);
    if (status == STORAGE_OK) {
        tell_listeners(snapshots, change);
    }
    return status;
}

enum snapshot_outcome
snapshots_restore(struct snapshots *snapshots, struct bytes name, enum storage_status *out_status)
{
    int file;
    (void)pthread_mutex_lock(&snapshots->turn);
    enum storage_status status =
        status_of_errno(snapshot_files_find(snapshots->files, name, &file));
    enum snapshot_outcome outcome = outcome_of(status, out_status);
    if (status == STORAGE_OK) {
        struct snapshot snapshot;
        status = look_into(file, &snapshot); /* LMDB takes an empty file for a new store */
        if (status == STORAGE_OK) {
            status = replace_store(snapshots, file, STORE_RESTORED);
        }
        outcome = status == STORAGE_OK ? SNAPSHOT_DONE : SNAPSHOT_FAILED;
        *out_status = status;
        (void)close(file);
    }
    (void)pthread_mutex_unlock(&snapshots->turn);
    return outcome;
}

enum storage_status snapshots_reset(struct snapshots *snapshots)
{
    (void)pthread_mutex_lock(&snapshots->turn);
    enum storage_status status = replace_store(snapshots, -1, STORE_EMPTIED);
    (void)pthread_mutex_unlock(&snapshots->turn);
    return status;
}

/* ---- the clock ---- */

bool snapshots_advance_clock(struct snapshots *snapshots,
                             int64_t by_ms,
                             int64_t limit_ms,
                             enum storage_status *out_status)
{
    *out_status = STORAGE_OK;
    (void)pthread_mutex_lock(&snapshots->turn);
    int64_t offset_ms = clock_offset_ms(snapshots->clock);
    bool is_within = by_ms <= limit_ms - offset_ms;
    if (is_within) {
        struct txn txn;
        txn_begin_urgent_write(snapshots->env, &txn);
        stored_clock_write(&txn, offset_ms + by_ms); /* first: what is due is due for good */
        *out_status = txn_commit(&txn);
        if (*out_status == STORAGE_OK) {
            clock_advance(snapshots->clock, by_ms);
        }
    }
    (void)pthread_mutex_unlock(&snapshots->turn);
    return is_within;
}
