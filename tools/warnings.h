/*
 * What there is to know about a run beside whether its steps held: drawn from what was observed.
 */

#ifndef REHEARSEDB_TOOLS_WARNINGS_H
#define REHEARSEDB_TOOLS_WARNINGS_H

#include "tools/record.h"

struct arena;

/* Fills in record->warnings, in the arena. */
void warnings_find(struct arena *arena, struct run_record *record);

#endif
