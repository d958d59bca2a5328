/* One write to one item, noted in its ledger. */

#ifndef REHEARSEDB_TOOLS_DRIVE_WRITER_H
#define REHEARSEDB_TOOLS_DRIVE_WRITER_H

#include "tools/drive/drive.h"

void writer_write(struct drive *drive,
                  struct dynamodb_client *client,
                  struct arena *arena,
                  uint64_t chance);

#endif
