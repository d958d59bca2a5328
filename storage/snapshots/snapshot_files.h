/*
 * Where snapshots are kept: files NAME.mdb in the folder snapshots of the data directory, made at
 * the first; or anonymous files in memory. A snapshot is there whole or not at all: it is written
 * to a file of another name, synced and renamed.
 *
 * Used by one thread at a time. Codes are 0 or an errno.
 */

#ifndef REHEARSEDB_STORAGE_SNAPSHOTS_SNAPSHOT_FILES_H
#define REHEARSEDB_STORAGE_SNAPSHOTS_SNAPSHOT_FILES_H

#include "storage/base/bytes.h"

struct arena;
struct snapshot_files;

enum {
    SNAPSHOT_NAME_SIZE_MAX = 64,
    SNAPSHOTS_MAX = 256, /* in memory each keeps a file open */
};

/* [a-zA-Z0-9_.-]{1,64} */
bool snapshot_name_is_valid(struct bytes name);

/* `data_directory` NULL: in memory. Removes what a crash left half written. NULL: no memory. */
struct snapshot_files *snapshot_files_open(const char *data_directory);
void snapshot_files_close(struct snapshot_files *files);

/* An empty file to write the snapshot to, until it is finished or discarded. */
int snapshot_files_begin(struct snapshot_files *files, int *out_file);

/* Gives the file its name, if need be in the place of another. The descriptor is taken over. */
int snapshot_files_finish(struct snapshot_files *files, struct bytes name, int file);
void snapshot_files_discard(struct snapshot_files *files, int file);

/* For reading; the caller closes it. */
int snapshot_files_find(struct snapshot_files *files, struct bytes name, int *out_file);

int snapshot_files_remove(struct snapshot_files *files, struct bytes name);

/* Ascending, in `arena`. */
struct bytes *
snapshot_files_names(struct snapshot_files *files, struct arena *arena, size_t *out_count);

#endif
