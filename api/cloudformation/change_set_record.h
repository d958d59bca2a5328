/* The record of a change set: a JSON document, written and read whole. Pure. */

#ifndef REHEARSEDB_API_CLOUDFORMATION_CHANGE_SET_RECORD_H
#define REHEARSEDB_API_CLOUDFORMATION_CHANGE_SET_RECORD_H

#include "api/cloudformation/change_set.h"

void change_set_record_write(struct buffer *to, const struct change_set *change_set);

/* NULL: it is no record; there is a line in the log. */
struct change_set *change_set_record_read(struct arena *arena, struct bytes record);

#endif
