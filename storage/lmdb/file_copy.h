/* Whole files, for copies of the store. Each gives 0 or an errno. */

#ifndef REHEARSEDB_STORAGE_LMDB_FILE_COPY_H
#define REHEARSEDB_STORAGE_LMDB_FILE_COPY_H

#include <stdint.h>

/* From the start of one file to the start of another. */
int file_copy(int from, int to);

/*
 * The bytes from `start` up to `end` to the same place; a file that ends before is filled up with
 * zeros. Where the file system can share them between files, nothing is copied.
 */
int file_copy_range(int from, int to, int64_t start, int64_t end);

int file_write_at(int to, const void *data, int64_t length, int64_t offset);

/* So that files made or renamed in it are still there after a crash. */
int directory_sync(const char *path);

#endif
