/*
 * How far a comparison has come: where every segment of both sides stands and how long the store's
 * files were then. Kept in DIR/state.json, replaced as a whole, so that a comparison that was
 * broken off at any moment goes on from its last checkpoint. Without a directory it is in memory
 * alone.
 */

#ifndef REHEARSEDB_TOOLS_COMPARE_STATE_H
#define REHEARSEDB_TOOLS_COMPARE_STATE_H

#include "tools/compare/entry_store.h"
#include "tools/table/scanner.h"

struct state;

struct state_options {
    const char *directory; /* made if it is missing; NULL: none */
    const char *identity;  /* of what is compared; another's state is refused */
    size_t segment_count;  /* of a new one */
    struct entry_store *store;
};

/*
 * Begins anew, or goes on: then the store is brought to where it was, and `counts` to what had been
 * read. NULL: `out_reason` says why.
 */
struct state *state_open(const struct state_options *options,
                         uint64_t counts[SIDE_COUNT],
                         char *out_reason,
                         size_t reason_size);

/* `is_over`: the state and the store's files are removed. */
void state_close(struct state *state, bool is_over);

size_t state_segment_count(const struct state *state);
struct segment *state_segments(struct state *state, enum side side);

/* Saves now; false: state_reason. Not while a scan changes the segments, but in its page function.
 */
bool state_save(struct state *state, const uint64_t counts[SIDE_COUNT]);

/* The same, when the last time is some seconds past. */
bool state_checkpoint(struct state *state, const uint64_t counts[SIDE_COUNT]);
const char *state_reason(const struct state *state);

#endif
