/*
 * The end of a drive: every item that it owns and every entry of theirs is read once more, those
 * that lag again after pauses; then the items are removed. Calls are retried as the SDKs do.
 */

#ifndef REHEARSEDB_TOOLS_DRIVE_VERIFICATION_H
#define REHEARSEDB_TOOLS_DRIVE_VERIFICATION_H

#include "tools/drive/drive.h"

#include <stdatomic.h>

struct verification {
    _Atomic uint64_t items;   /* read consistently */
    _Atomic uint64_t entries; /* looked for in an index */
    _Atomic uint64_t failed;  /* reads that were refused or had no answer */
    _Atomic uint64_t removed;
    _Atomic uint64_t left; /* items that could not be removed */
    char reason[512];      /* of the first failure */
};

/* What it finds wrong goes to the drive's tally. CODE_FINE, or an exit code with a message. */
int verification_run(struct drive *drive, struct verification *verification);
int verification_remove_items(struct drive *drive, struct verification *verification);

#endif
