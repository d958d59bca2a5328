/*
 * How many items a table and its indexes have, and how many bytes, as DescribeTable tells it: not
 * as it is but as it was at the last mark of the clock. Marks stand a fixed interval apart and are
 * the same for all tables; a table made since the last one tells 0.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_ITEM_COUNTS_H
#define REHEARSEDB_STORAGE_TABLE_ITEM_COUNTS_H

#include "storage/table/catalog.h"

/* The counts and sizes as they are, into the definition alone. */
void item_counts_read(struct txn *txn, struct table_definition *table);

/*
 * One bounded step of a sweep over all tables, in order of name: refreshes the next few after
 * `after` (empty: from the start) that were not since `mark_ms`. True when there are more, and then
 * the name of the last one that was looked at, in `arena`.
 */
bool item_counts_refresh(struct txn *txn,
                         struct arena *arena,
                         int64_t mark_ms,
                         struct bytes after,
                         struct bytes *out_last);

#endif
