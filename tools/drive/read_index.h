/*
 * Which index the readers query: always the same, or the one that a file names, the feature flag of
 * a cut-over. One thread looks at the file; any thread may ask for the name.
 *
 * The file holds the name, with blanks around it. A file that is empty or away for a moment (it is
 * being replaced) changes nothing.
 */

#ifndef REHEARSEDB_TOOLS_DRIVE_READ_INDEX_H
#define REHEARSEDB_TOOLS_DRIVE_READ_INDEX_H

#include <stdbool.h>
#include <stddef.h>

enum { INDEX_NAME_SIZE = 256 };

struct read_index;

/* Both NULL: the readers query no index. NULL: `out_reason` says why the file cannot be used. */
struct read_index *
read_index_open(const char *index, const char *path, char *out_reason, size_t reason_size);
void read_index_close(struct read_index *read_index);

/* Looks at the file; true: it names another index than before, which `out_name` gets. */
bool read_index_look(struct read_index *read_index, char out_name[INDEX_NAME_SIZE]);

/* From now on this one is queried. */
void read_index_switch(struct read_index *read_index, const char *name);

/* False: none. */
bool read_index_name(struct read_index *read_index, char out_name[INDEX_NAME_SIZE]);

#endif
