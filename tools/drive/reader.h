/* One read of one item, from the table or from an index, and what it says of earlier writes. */

#ifndef REHEARSEDB_TOOLS_DRIVE_READER_H
#define REHEARSEDB_TOOLS_DRIVE_READER_H

#include "tools/drive/drive.h"

void reader_read(struct drive *drive,
                 struct dynamodb_client *client,
                 struct arena *arena,
                 uint64_t chance);

/*
 * Compares what the table has with the ledger; a loss is noted once. `item` is the member Item of a
 * consistent read, NULL: there was none.
 */
void reader_check_item(struct drive *drive, struct owned_item *owned, const struct cJSON *item);

/* What an index has of an item. */
struct entries_check {
    enum sight_verdict verdict;
    struct sight sight;                /* that it is about */
    const struct ledger_write *missed; /* BEHIND: the oldest of all entries */
};

struct entries_check reader_check_entries(const struct owned_item *owned,
                                          const struct item_plan *plan,
                                          const struct index_shape *index,
                                          const struct cJSON *entries);

/* Notes it as stale, or as unexpected. */
void reader_note_entries(struct drive *drive,
                         const struct owned_item *owned,
                         const char *index,
                         const struct entries_check *check,
                         int64_t age_ms);

#endif
