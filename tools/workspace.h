/*
 * A directory of a run's own: the steps' files, what they print in the background, `bin` with a
 * link to this program, first in PATH, so that a page's `rehearse` is the one that runs it, and
 * `tmp` for the temporary files that the steps make (TMPDIR points there), so that nothing is left
 * behind.
 */

#ifndef REHEARSEDB_TOOLS_WORKSPACE_H
#define REHEARSEDB_TOOLS_WORKSPACE_H

#include <limits.h>
#include <stdbool.h>

struct workspace {
    char directory[PATH_MAX];
    bool keep; /* after workspace_close */
};

/* Where it is made: TMPDIR, or /tmp. */
const char *workspace_parent(void);

/* False with errno. Sets TMPDIR and PATH. */
bool workspace_open(struct workspace *workspace);

/* Removes it with all that is in it. */
void workspace_close(struct workspace *workspace);

#endif
