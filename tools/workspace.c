#include "tools/workspace.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_FOLDERS_MAX = 16 };

const char *workspace_parent(void)
{
    const char *parent = getenv("TMPDIR");
    return parent != NULL && parent[0] != '\0' ? parent : "/tmp";
}

/* Makes directory/bin with a link to this very program, and lets it be found there first. */
static bool add_program_to_path(const char *directory)
{
    char program[PATH_MAX];
    char folder[PATH_MAX + sizeof "/bin"];
    char link[sizeof folder + sizeof "/rehearse"];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0) {
        return false;
    }
    program[length] = '\0';
    (void)snprintf(folder, sizeof folder, "%s/bin", directory);
    (void)snprintf(link, sizeof link, "%s/rehearse", folder);
    if (mkdir(folder, 0700) != 0 || symlink(program, link) != 0) {
        return false;
    }
    const char *others = getenv("PATH");
    others = others != NULL ? others : "/usr/bin:/bin";
    size_t size = strlen(folder) + strlen(others) + sizeof ":";
    char *path = malloc(size);
    if (path == NULL) {
        return false;
    }
    (void)snprintf(path, size, "%s:%s", folder, others);
    bool is_set = setenv("PATH", path, 1) == 0;
    free(path);
    return is_set;
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
    return add_program_to_path(workspace->directory);
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
