#include "tools/load/export_folder.h"

#include "storage/base/arena.h"
#include "tools/document.h"
#include "tools/exit_code.h"
#include "tools/process.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/md5.h>

static const char SUMMARY[] = "manifest-summary.json";

static const char *join(struct arena *arena, const char *folder, const char *name)
{
    struct buffer path;
    buffer_init(&path, arena, 128);
    buffer_append_format(&path, "%s/%s", folder, name);
    return bytes_to_text(arena, buffer_view(&path));
}

/* ---- where it is ---- */

struct search {
    struct arena *arena;
    const char *found; /* the first by name */
    size_t count;
};

static bool has_summary(struct arena *arena, const char *folder)
{
    return access(join(arena, folder, SUMMARY), F_OK) == 0;
}

static void search_below(struct search *search, const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        const char *path = join(search->arena, folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && has_summary(search->arena, path)) {
            search->found = search->count == 0 ? path : search->found;
            search->count++;
        }
        free(entries[i]);
    }
    free(entries);
}

int export_folder_find(const struct command *command,
                       struct arena *arena,
                       const char *directory,
                       const char **out_folder)
{
    struct search search = { .arena = arena, .found = directory, .count = 1 };
    if (!has_summary(arena, directory)) {
        search.count = 0;
        search_below(&search, join(arena, directory, "AWSDynamoDB"));
        search_below(&search, directory);
    }
    if (search.count == 0) {
        return command_fail(command, CODE_UNREACHABLE,
                            "%s is no export: neither it nor AWSDynamoDB/<id> in it has %s",
                            directory, SUMMARY);
    }
    if (search.count > 1) {
        return command_fail(command, CODE_UNREACHABLE,
                            "%s has %zu exports; give the folder of one, like %s", directory,
                            search.count, search.found);
    }
    *out_folder = search.found;
    return CODE_FINE;
}

/* ---- the manifests ---- */

int export_folder_read(const struct command *command,
                       struct arena *arena,
                       const char *folder,
                       struct export_summary *out_summary,
                       struct export_files *out_files)
{
    const char *names[] = { SUMMARY, "manifest-files.json" };
    struct bytes texts[2];
    char reason[256];
    for (size_t i = 0; i < 2; i++) {
        const char *path = join(arena, folder, names[i]);
        if (!document_read_bytes(arena, path, &texts[i])) {
            return command_fail(command, CODE_UNREACHABLE, "cannot read %s: %s", path,
                                strerror(errno));
        }
    }
    if (!export_summary_read(texts[0], out_summary, reason, sizeof reason) ||
        !export_files_read(arena, texts[1], out_files, reason, sizeof reason)) {
        return command_fail(command, CODE_UNREACHABLE, "%s: %s", folder, reason);
    }
    if (out_files->item_count != out_summary->item_count) {
        return command_fail(command, CODE_UNREACHABLE,
                            "%s: the files have %" PRIu64 " items by manifest-files.json, but the "
                            "table %" PRIu64 " by %s",
                            folder, out_files->item_count, out_summary->item_count, SUMMARY);
    }
    return CODE_FINE;
}

/* ---- the data ---- */

int export_folder_check_file(const struct command *command,
                             const char *path,
                             const struct export_file *file)
{
    FILE *stream = fopen(path, "rbe");
    uint8_t part[16384];
    uint8_t digest[MD5_DIGEST_SIZE];
    struct md5_ctx md5;
    md5_init(&md5);
    for (size_t length; stream != NULL && !process_interrupted() &&
                        (length = fread(part, 1, sizeof part, stream)) > 0;) {
        md5_update(&md5, length, part);
    }
    bool is_read = stream != NULL && ferror(stream) == 0;
    int reason = errno;
    if (stream != NULL) {
        (void)fclose(stream);
    }
    if (!is_read) {
        return command_fail(command, CODE_UNREACHABLE, "cannot read %s: %s", path,
                            strerror(reason));
    }
    process_yield_to_interrupt();
    md5_digest(&md5, sizeof digest, digest);
    return export_file_is(file, digest)
               ? CODE_FINE
               : command_fail(command, CODE_UNREACHABLE,
                              "%s is damaged: its checksum is not that of the manifest", path);
}
