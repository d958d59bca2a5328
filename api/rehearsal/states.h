/*
 * The states that tables, indexes and settings come to, as events of the timeline: found by
 * comparing the definitions before and after a transaction's change. So nothing that others could
 * see is left out, and nothing told that nobody could.
 */

#ifndef REHEARSEDB_API_REHEARSAL_STATES_H
#define REHEARSEDB_API_REHEARSAL_STATES_H

#include "api/rehearsal/timeline.h"
#include "storage/table/table_definition.h"

/* Notes what is different; either may be NULL, not both. For when `txn` is committed. */
void states_note(struct timeline *timeline,
                 struct txn *txn,
                 struct arena *arena,
                 const struct table_definition *before,
                 const struct table_definition *after);

/* The build of the index stands at its hold; states_note tells of one that begins a phase there. */
void states_note_hold(struct timeline *timeline,
                      struct txn *txn,
                      struct arena *arena,
                      const struct table_definition *table,
                      const struct index_definition *index);

#endif
