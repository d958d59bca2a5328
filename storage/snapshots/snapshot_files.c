#include "storage/snapshots/snapshot_files.h"

#include "storage/base/arena.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_NAME_SIZE = SNAPSHOT_NAME_SIZE_MAX + sizeof ".mdb", PATH_SIZE_MAX = 4096 };

/* No snapshot's file: those end in .mdb. */
static const char PART_NAME[] = "snapshot.part";
static const char ENDING[] = ".mdb";
static const char FOLDER[] = "snapshots";

struct memory_file {
    uint8_t name[SNAPSHOT_NAME_SIZE_MAX];
    size_t name_length;
    int file;
};

struct snapshot_files {
    char *folder; /* NULL: in memory */
    struct memory_file entries[SNAPSHOTS_MAX];
    size_t count;
};

bool snapshot_name_is_valid(struct bytes name)
{
    bool valid = name.length > 0 && name.length <= SNAPSHOT_NAME_SIZE_MAX;
    for (size_t i = 0; valid && i < name.length; i++) {
        uint8_t letter = name.data[i];
        valid = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
                (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '.';
    }
    return valid;
}

/* ---- the folder ---- */

/* -1 and errno when it cannot be used. */
static int open_folder(const struct snapshot_files *files)
{
    return open(files->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void file_name_of(struct bytes name, char out_name[FILE_NAME_SIZE])
{
    assert(snapshot_name_is_valid(name));
    (void)snprintf(out_name, FILE_NAME_SIZE, "%.*s%s", BYTES_ARGUMENTS(name), ENDING);
}

static int sync_and_close(int folder)
{
    int code = fsync(folder) == 0 ? 0 : errno;
    (void)close(folder);
    return code;
}

/* The first snapshot makes the folder. */
static int make_folder(const struct snapshot_files *files)
{
    if (mkdir(files->folder, 0755) != 0) {
        return errno == EEXIST ? 0 : errno;
    }
    char parent[PATH_SIZE_MAX];
    (void)snprintf(parent, sizeof parent, "%s/..", files->folder);
    int folder = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder >= 0 ? sync_and_close(folder) : errno;
}

static int finish_in_folder(struct snapshot_files *files, struct bytes name, int file)
{
    char file_name[FILE_NAME_SIZE];
    file_name_of(name, file_name);
    int folder = open_folder(files);
    if (folder < 0) {
        return errno;
    }
    int code = fsync(file) == 0 && renameat(folder, PART_NAME, folder, file_name) == 0 ? 0 : errno;
    if (code == 0) {
        (void)close(file);
        (void)fsync(folder); /* it has its name whatever this says */
    }
    (void)close(folder);
    return code;
}

static int remove_from_folder(struct snapshot_files *files, const char *file_name)
{
    int folder = open_folder(files);
    if (folder < 0) {
        return errno;
    }
    if (unlinkat(folder, file_name, 0) != 0) {
        int code = errno;
        (void)close(folder);
        return code;
    }
    return sync_and_close(folder);
}

/* The name in a file's name; false when it is no snapshot's. */
static bool name_of_file(const char *file_name, struct bytes *out_name)
{
    size_t length = strlen(file_name);
    size_t ending_length = sizeof ENDING - 1;
    if (length <= ending_length || strcmp(file_name + length - ending_length, ENDING) != 0) {
        return false;
    }
    *out_name = (struct bytes){ (const uint8_t *)file_name, length - ending_length };
    return snapshot_name_is_valid(*out_name);
}

static struct dirent *next_entry(DIR *folder)
{
    return readdir(folder); // NOLINT(concurrency-mt-unsafe): nobody else reads this stream
}

static size_t names_in_folder(struct snapshot_files *files,
                              struct arena *arena,
                              struct bytes names[SNAPSHOTS_MAX])
{
    size_t count = 0;
    struct bytes name;
    DIR *folder = opendir(files->folder);
    if (folder == NULL) {
        return 0;
    }
    for (struct dirent *entry = next_entry(folder); entry != NULL && count < SNAPSHOTS_MAX;
         entry = next_entry(folder)) {
        if (name_of_file(entry->d_name, &name)) {
            names[count++] = bytes_copy(arena, name);
        }
    }
    (void)closedir(folder);
    return count;
}

/* ---- in memory ---- */

static struct memory_file *find_in_memory(struct snapshot_files *files, struct bytes name)
{
    for (size_t i = 0; i < files->count; i++) {
        struct memory_file *entry = &files->entries[i];
        if (bytes_equal(name, (struct bytes){ entry->name, entry->name_length })) {
            return entry;
        }
    }
    return NULL;
}

static int finish_in_memory(struct snapshot_files *files, struct bytes name, int file)
{
    struct memory_file *entry = find_in_memory(files, name);
    if (entry != NULL) {
        (void)close(entry->file);
    } else if (files->count == SNAPSHOTS_MAX) {
        return EMFILE;
    } else {
        entry = &files->entries[files->count++];
        memcpy(entry->name, name.data, name.length);
        entry->name_length = name.length;
    }
    entry->file = file;
    return 0;
}

static int remove_from_memory(struct snapshot_files *files, struct bytes name)
{
    struct memory_file *entry = find_in_memory(files, name);
    if (entry == NULL) {
        return ENOENT;
    }
    (void)close(entry->file);
    *entry = files->entries[--files->count];
    return 0;
}

/* ---- either ---- */

struct snapshot_files *snapshot_files_open(const char *data_directory)
{
    struct snapshot_files *files = calloc(1, sizeof *files);
    if (files == NULL || data_directory == NULL) {
        return files;
    }
    size_t size = strlen(data_directory) + 1 + sizeof FOLDER;
    files->folder = malloc(size);
    if (files->folder == NULL) {
        free(files);
        return NULL;
    }
    (void)snprintf(files->folder, size, "%s/%s", data_directory, FOLDER);
    (void)remove_from_folder(files, PART_NAME); /* rarely there */
    return files;
}

void snapshot_files_close(struct snapshot_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        (void)close(files->entries[i].file);
    }
    free(files->folder);
    free(files);
}

int snapshot_files_begin(struct snapshot_files *files, int *out_file)
{
    if (files->folder == NULL) {
        *out_file = memfd_create("snapshot", MFD_CLOEXEC);
        return *out_file >= 0 ? 0 : errno;
    }
    int code = make_folder(files);
    int folder = code == 0 ? open_folder(files) : -1;
    if (folder < 0) {
        return code != 0 ? code : errno;
    }
    *out_file = openat(folder, PART_NAME, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    code = *out_file >= 0 ? 0 : errno;
    (void)close(folder);
    return code;
}

int snapshot_files_finish(struct snapshot_files *files, struct bytes name, int file)
{
    return files->folder != NULL ? finish_in_folder(files, name, file)
                                 : finish_in_memory(files, name, file);
}

void snapshot_files_discard(struct snapshot_files *files, int file)
{
    (void)close(file);
    if (files->folder != NULL) {
        (void)remove_from_folder(files, PART_NAME);
    }
}

int snapshot_files_find(struct snapshot_files *files, struct bytes name, int *out_file)
{
    if (files->folder == NULL) {
        const struct memory_file *entry = find_in_memory(files, name);
        *out_file = entry != NULL ? fcntl(entry->file, F_DUPFD_CLOEXEC, 0) : -1;
        return *out_file >= 0 ? 0 : entry != NULL ? errno : ENOENT;
    }
    char file_name[FILE_NAME_SIZE];
    file_name_of(name, file_name);
    int folder = open_folder(files);
    if (folder < 0) {
        return errno;
    }
    *out_file = openat(folder, file_name, O_RDONLY | O_CLOEXEC);
    int code = *out_file >= 0 ? 0 : errno;
    (void)close(folder);
    return code;
}

int snapshot_files_remove(struct snapshot_files *files, struct bytes name)
{
    if (files->folder == NULL) {
        return remove_from_memory(files, name);
    }
    char file_name[FILE_NAME_SIZE];
    file_name_of(name, file_name);
    return remove_from_folder(files, file_name);
}

static int compare_names(const void *left, const void *right)
{
    return bytes_compare(*(const struct bytes *)left, *(const struct bytes *)right);
}

struct bytes *
snapshot_files_names(struct snapshot_files *files, struct arena *arena, size_t *out_count)
{
    struct bytes *names = arena_alloc(arena, SNAPSHOTS_MAX * sizeof *names);
    size_t count = files->folder != NULL ? names_in_folder(files, arena, names) : files->count;
    for (size_t i = 0; files->folder == NULL && i < count; i++) {
        const struct memory_file *entry = &files->entries[i];
        names[i] = bytes_copy(arena, (struct bytes){ entry->name, entry->name_length });
    }
    qsort(names, count, sizeof *names, compare_names);
    *out_count = count;
    return names;
}
