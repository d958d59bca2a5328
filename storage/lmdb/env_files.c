/* Where LMDB's files are: in the data directory, or in memory. */

#include "storage/lmdb/env.h"
#include "storage/lmdb/file_copy.h"
#include "storage/lmdb/internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE_MAX = 4096 };

static const char *const NAMES[] = { "data.mdb", "lock.mdb" };

static bool complain(char *out_message, size_t size, const char *what, const char *path, int code)
{
    (void)snprintf(out_message, size, "%s %s: %s", what, path, mdb_strerror(code));
    return false;
}

/* What `errno` says, and what helps. */
static void
complain_of_directory(char *out_message, size_t size, const char *what, const char *directory)
{
    int error = errno;
    char advice[64] = "";
    if (error == ENOENT) {
        (void)snprintf(advice, sizeof advice, "make the directory above it first or ");
    } else if (error == EACCES || error == EPERM) {
        (void)snprintf(advice, sizeof advice, "make it writable for user id %u or ",
                       (unsigned)geteuid());
    }
    (void)snprintf(out_message, size,
                   "cannot %s the data directory %s: %s; %sname another with --data", what,
                   directory, mdb_strerror(error), advice);
}

/* One process at a time: two would each run the background steps. */
static bool
lock_directory(struct env *env, const char *directory, char *out_message, size_t message_size)
{
    char path[PATH_SIZE_MAX];
    assert(directory != NULL);
    if (mkdir(directory, 0755) != 0 && errno != EEXIST) {
        complain_of_directory(out_message, message_size, "create", directory);
        return false;
    }
    (void)snprintf(path, sizeof path, "%s/server.lock", directory);
    env->lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (env->lock_file < 0) {
        complain_of_directory(out_message, message_size, "write in", directory);
        return false;
    }
    if (flock(env->lock_file, LOCK_EX | LOCK_NB) != 0) {
        (void)snprintf(out_message, message_size,
                       "the data directory %s is in use by another rehearsedb; stop it or name "
                       "another with --data",
                       directory);
        return false;
    }
    return true;
}

/*
 * A directory that holds nothing but two links to anonymous files, so that LMDB, which opens by
 * path, gets memory that no mount's size limits (a container's /dev/shm is 64 MiB) and that
 * vanishes with the process. The directory is removed again once LMDB has opened the files.
 */
static bool make_memory_directory(char *out_path, size_t path_size, int out_files[2])
{
    static const char *const candidates[] = { "/dev/shm", "/tmp", "." };
    char *found = NULL;
    for (size_t i = 0; found == NULL && i < sizeof candidates / sizeof *candidates; i++) {
        (void)snprintf(out_path, path_size, "%s/rehearsedb-XXXXXX", candidates[i]);
        found = mkdtemp(out_path);
    }
    if (found == NULL) {
        return false;
    }
    bool linked = true;
    for (size_t i = 0; i < 2; i++) {
        char target[64];
        char link_path[PATH_SIZE_MAX + 16];
        out_files[i] = memfd_create(NAMES[i], MFD_CLOEXEC);
        (void)snprintf(target, sizeof target, "/proc/self/fd/%d", out_files[i]);
        (void)snprintf(link_path, sizeof link_path, "%s/%s", out_path, NAMES[i]);
        linked = out_files[i] >= 0 && symlink(target, link_path) == 0 && linked;
    }
    return linked;
}

static void remove_memory_directory(const char *path, const int files[2])
{
    for (size_t i = 0; i < 2; i++) {
        char link_path[PATH_SIZE_MAX + 16];
        (void)snprintf(link_path, sizeof link_path, "%s/%s", path, NAMES[i]);
        (void)unlink(link_path);
        if (files[i] >= 0) {
            (void)close(files[i]);
        }
    }
    (void)rmdir(path);
}

static int create_handle(struct env *env)
{
    int code = mdb_env_create(&env->store.handle);
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_mapsize(env->store.handle, env->options.map_size_bytes);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_maxdbs(env->store.handle, DATABASE_COUNT_MAX);
    }
    if (code == MDB_SUCCESS) {
        code =
            mdb_env_set_maxreaders(env->store.handle, env->options.readers_max + PAST_MOMENTS_MAX);
    }
    return code;
}

enum { FLAGS_ALWAYS = MDB_NOTLS | MDB_NOMEMINIT, FLAGS_IN_MEMORY = MDB_NOSYNC | MDB_WRITEMAP };

bool env_files_open(struct env *env, char *out_message, size_t message_size)
{
    int code = create_handle(env);
    if (code != MDB_SUCCESS) {
        return complain(out_message, message_size, "cannot set up", "the store", code);
    }
    if (env->is_durable) {
        const char *directory = env->options.directory;
        if (!lock_directory(env, directory, out_message, message_size)) {
            return false;
        }
        env_files_discard_beside(env); /* of a process that was killed while it restored */
        code = mdb_env_open(env->store.handle, directory, FLAGS_ALWAYS, 0644);
        return code == MDB_SUCCESS ||
               complain(out_message, message_size, "cannot open the store in", directory, code);
    }
    char path[PATH_SIZE_MAX];
    int files[2] = { -1, -1 };
    if (!make_memory_directory(path, sizeof path, files)) {
        (void)snprintf(
            out_message, message_size,
            "cannot make a directory in /dev/shm, /tmp or here: %s; --in-memory needs one "
            "of them writable",
            mdb_strerror(errno));
        return false;
    }
    code = mdb_env_open(env->store.handle, path, FLAGS_ALWAYS | FLAGS_IN_MEMORY, 0600);
    remove_memory_directory(path, files);
    return code == MDB_SUCCESS ||
           complain(out_message, message_size, "cannot open", "a store in memory", code);
}

/* ---- a second store beside the first ---- */

/* Its files while it is beside the first, and what they become. */
static const char *const BESIDE_NAMES[] = { "restored.mdb", "restored.mdb-lock" };

static void path_in(const struct env *env, const char *name, char out_path[PATH_SIZE_MAX])
{
    (void)snprintf(out_path, PATH_SIZE_MAX, "%s/%s", env->options.directory, name);
}

void env_files_discard_beside(const struct env *env)
{
    for (size_t i = 0; env->is_durable && i < 2; i++) {
        char path[PATH_SIZE_MAX];
        path_in(env, BESIDE_NAMES[i], path);
        (void)unlink(path);
    }
}

static int open_beside_on_disk(struct env *env, int image)
{
    char path[PATH_SIZE_MAX];
    env_files_discard_beside(env);
    path_in(env, BESIDE_NAMES[0], path);
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0) {
        return errno;
    }
    int code = image >= 0 ? file_copy(image, file) : 0;
    (void)close(file);
    return code != 0 ? code
                     : mdb_env_open(env->store.handle, path, FLAGS_ALWAYS | MDB_NOSUBDIR, 0644);
}

static int open_beside_in_memory(struct env *env, int image)
{
    char path[PATH_SIZE_MAX];
    int files[2] = { -1, -1 };
    if (!make_memory_directory(path, sizeof path, files)) {
        return errno;
    }
    int code = image >= 0 ? file_copy(image, files[0]) : 0;
    if (code == 0) {
        code = mdb_env_open(env->store.handle, path, FLAGS_ALWAYS | FLAGS_IN_MEMORY, 0600);
    }
    remove_memory_directory(path, files);
    return code;
}

int env_files_open_beside(struct env *env, int image)
{
    int code = create_handle(env);
    if (code != MDB_SUCCESS) {
        return code;
    }
    return env->is_durable ? open_beside_on_disk(env, image) : open_beside_in_memory(env, image);
}

/*
 * The first rename is the moment: a crash before it finds the old store, one after it the new. A
 * lock file that is not the store's is LMDB's to set up anew, as it does whenever it starts.
 */
int env_files_publish(struct env *beside)
{
    for (size_t i = 0; beside->is_durable && i < 2; i++) {
        char from[PATH_SIZE_MAX];
        char to[PATH_SIZE_MAX];
        path_in(beside, BESIDE_NAMES[i], from);
        path_in(beside, NAMES[i], to);
        if (rename(from, to) != 0 && i == 0) {
            return errno;
        }
    }
    if (beside->is_durable) { /* too late to go back: status_of_lmdb logs what is wrong */
        (void)status_of_lmdb(directory_sync(beside->options.directory), "sync the data directory");
    }
    return MDB_SUCCESS;
}
