/* What a header of a caller says, made fit to be kept and shown. */

#ifndef REHEARSEDB_API_REHEARSAL_CALLER_TEXT_H
#define REHEARSEDB_API_REHEARSAL_CALLER_TEXT_H

#include "storage/base/bytes.h"

enum { CALLER_TEXT_SIZE_MAX = 256 };

struct arena;

/* At most the first 256 bytes of it; a view. */
struct bytes caller_text_cut(struct bytes text);

/* The same, with a question mark for every byte that is no printable ASCII; perhaps a copy. */
struct bytes caller_text_show(struct arena *arena, struct bytes text);

#endif
