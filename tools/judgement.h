/*
 * What a step's output and exit status say about its annotations.
 */

#ifndef REHEARSEDB_TOOLS_JUDGEMENT_H
#define REHEARSEDB_TOOLS_JUDGEMENT_H

#include "tools/record.h"

#include <stdbool.h>

struct arena;

/* Whether the step needs no other try: what it waits for holds, or it waits for nothing. */
bool judgement_is_done(const struct step *step, const struct step_record *record);

/* Fills in record->held; true when everything holds. */
bool judgement_pass(struct arena *arena, const struct step *step, struct step_record *record);

/*
 * What the capture finds in the output: the first group of the first match, or all of it in an
 * expression without a group. False: nothing matches.
 */
bool judgement_capture(const struct capture *capture,
                       const struct step_record *record,
                       struct bytes *out_value);

#endif
