#include "tools/workspace.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_FOLDERS_MAX = 16 };

const char *workspace_parent(void)
{
    const char *parent = getenv("TMPDIR");
    return parent != NULL && parent[0] != '\0' ? parent : "/tmp";
}

bool workspace_open(struct workspace *workspace)
{
    char temporary[PATH_MAX];
    const char *parent = workspace_parent();
    int length =
        snprintf(workspace->directory, sizeof workspace->directory, "%s/rehearse-XXXXXX", parent);
    workspace->keep = false;
    if (length < 0 || (size_t)length + sizeof "/tmp" > sizeof workspace->directory) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (mkdtemp(workspace->directory) == NULL) {
        return false;
    }
    (void)snprintf(temporary, sizeof temporary, "%.*s/tmp", length, workspace->directory);
    if (mkdir(temporary, 0700) != 0) {
        return false;
    }
    (void)setenv("TMPDIR", temporary, 1);
    return true;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0; /* what cannot be removed stays, the rest goes */
}

void workspace_close(struct workspace *workspace)
{
    if (!workspace->keep) {
        (void)nftw(workspace->directory, remove_one, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS);
    }
}
