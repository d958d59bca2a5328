/*
 * The annotations of one step: the text after `bash` in a fence's info string -> what is expected.
 * The grammar is in runbook.h.
 */

#ifndef REHEARSEDB_TOOLS_ANNOTATION_H
#define REHEARSEDB_TOOLS_ANNOTATION_H

#include "storage/base/bytes.h"
#include "tools/runbook.h"

struct arena;

/*
 * Fills in a step of which only name and line are set, all but its command. The step that ends
 * a background step is not looked for. Returns NULL, or what is wrong as a phrase in the arena,
 * e.g. `unknown annotation "contain"`.
 */
const char *annotation_parse(struct arena *arena, struct bytes text, struct step *out_step);

#endif
