/*
 * An index as it was a while ago, for reads that lag behind the table.
 *
 * An index is looked at no further back than to when it became ACTIVE: before that nobody could
 * read it, and what its build has put in would seem to be missing. One that was made with its table
 * is empty then.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_INDEX_PAST_H
#define REHEARSEDB_STORAGE_TABLE_INDEX_PAST_H

#include "storage/lmdb/past.h"
#include "storage/table/table_definition.h"

struct arena;

/*
 * True: `out_view` is the index as it was `age_ms` ago, to be ended with past_end. False: read it
 * in `present`.
 */
bool index_past_begin(struct txn *present,
                      struct arena *arena,
                      const struct table_definition *table,
                      const struct index_definition *index,
                      int64_t age_ms,
                      struct past_view *out_view);

#endif
