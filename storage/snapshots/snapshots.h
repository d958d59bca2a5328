/*
 * What is done to the store as a whole: named snapshots of it, going back to one, emptying it,
 * moving its clock. One of these at a time; requests go on meanwhile.
 *
 * Durable: a snapshot is a file, snapshots/NAME.mdb in the data directory, whole or not there.
 * In memory: an anonymous file, gone with the process.
 *
 * The clock is not part of a snapshot: it never goes back.
 */

#ifndef REHEARSEDB_STORAGE_SNAPSHOTS_SNAPSHOTS_H
#define REHEARSEDB_STORAGE_SNAPSHOTS_SNAPSHOTS_H

#include "storage/base/bytes.h"
#include "storage/base/clock.h"
#include "storage/base/status.h"
#include "storage/snapshots/snapshot_files.h"

#include <stdbool.h>

struct arena;
struct env;
struct snapshots;

enum { STORE_LISTENERS_MAX = 16 };

/*
 * `directory` is the data directory, NULL in memory; environment and clock are borrowed. NULL when
 * there is no memory.
 */
struct snapshots *snapshots_open(struct env *env, struct clock *clock, const char *directory);
void snapshots_close(struct snapshots *snapshots);

enum store_change {
    STORE_RESTORED,
    STORE_EMPTIED,
};

/*
 * For what keeps in memory what belongs to the content of the store: `changed` is called on the
 * thread that restores or empties, when requests see the new content already. Before threads start.
 */
void snapshots_listen(struct snapshots *snapshots,
                      void (*changed)(void *context, enum store_change change),
                      void *context);

enum snapshot_outcome {
    SNAPSHOT_DONE,
    SNAPSHOT_EXISTS,
    SNAPSHOT_UNKNOWN,
    SNAPSHOT_TOO_MANY,
    SNAPSHOT_FAILED, /* `out_status` says how; the store and its snapshots are as before */
};

struct snapshot {
    struct bytes name;
    int64_t taken_ms; /* of the clock */
    int64_t size_bytes;
    int64_t table_count; /* of all worlds */
};

/* With `replaces` a snapshot of that name is replaced, once the new one is complete. */
enum snapshot_outcome snapshots_save(struct snapshots *snapshots,
                                     struct bytes name,
                                     bool replaces,
                                     struct snapshot *out_snapshot,
                                     enum storage_status *out_status);

/* What there is, ascending by name, in `arena`. A damaged file is left out, and logged. */
struct snapshot *
snapshots_list(struct snapshots *snapshots, struct arena *arena, size_t *out_count);

/*
 * The store as it was. A request sees the old or the new one; when this returns, the new one.
 */
enum snapshot_outcome
snapshots_restore(struct snapshots *snapshots, struct bytes name, enum storage_status *out_status);

enum snapshot_outcome
snapshots_delete(struct snapshots *snapshots, struct bytes name, enum storage_status *out_status);

/* An empty store, as after the first start. Snapshots stay. */
enum storage_status snapshots_reset(struct snapshots *snapshots);

/*
 * Moves the clock forward (not negative) and keeps that in the store, so that a restart goes on
 * from there. Nothing happens beyond `limit_ms` ahead of the system's clock: then false.
 */
bool snapshots_advance_clock(struct snapshots *snapshots,
                             int64_t by_ms,
                             int64_t limit_ms,
                             enum storage_status *out_status);

#endif
