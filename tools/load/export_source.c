#include "tools/load/export_source.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/exit_code.h"
#include "tools/load/export_folder.h"
#include "tools/load/gzip_lines.h"
#include "tools/table/item.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *path_of(const struct export_source *source, struct arena *arena, size_t file)
{
    struct buffer path;
    buffer_init(&path, arena, 128);
    buffer_append_format(&path, "%s/data/%s", source->folder, source->files.list[file].name);
    return bytes_to_text(arena, buffer_view(&path));
}

/* ---- lines, from one file after the other ---- */

static int end_file(struct export_source *source, struct arena *arena)
{
    const struct export_file *file = &source->files.list[source->file];
    gzip_lines_close(source->lines);
    source->lines = NULL;
    if (source->lines_read != file->item_count) {
        return command_fail(source->command, CODE_UNREACHABLE,
                            "%s holds %" PRIu64 " items, but %" PRIu64 " by manifest-files.json",
                            path_of(source, arena, source->file), source->lines_read,
                            file->item_count);
    }
    source->file++;
    source->lines_read = 0;
    return CODE_FINE;
}

/* The next line that is not empty, and where it stands; an empty one: there are no more. */
static int next_line(struct export_source *source,
                     struct arena *arena,
                     struct bytes *out_line,
                     size_t *out_file,
                     uint64_t *out_number)
{
    int code = CODE_FINE;
    *out_line = (struct bytes){ .length = 0 };
    while (code == CODE_FINE && out_line->length == 0 && source->file < source->files.count) {
        const char *path = path_of(source, arena, source->file);
        if (source->lines == NULL) {
            source->lines = gzip_lines_open(path);
        }
        if (source->lines == NULL) {
            return command_fail(source->command, CODE_UNREACHABLE, "cannot read %s: %s", path,
                                strerror(errno));
        }
        switch (gzip_lines_next(source->lines, arena, out_line)) {
        case GZIP_LINE:
            *out_file = source->file;
            *out_number = gzip_lines_number(source->lines);
            source->lines_read += out_line->length > 0;
            break;
        case GZIP_END:
            code = end_file(source, arena);
            break;
        case GZIP_BROKEN:
            code = command_fail(source->command, CODE_UNREACHABLE,
                                "%s is no gzip file, or damaged, at line %" PRIu64, path,
                                gzip_lines_number(source->lines));
            break;
        }
    }
    return code;
}

/* ---- items ---- */

/* {"Item":{…}} and nothing else, with the table's key. Returns what is wrong, or NULL. */
static const char *read_item(const struct export_source *source,
                             struct arena *arena,
                             const struct cJSON *document,
                             struct put *out_put)
{
    const struct cJSON *item = json_member(document, "Item");
    struct buffer text;
    buffer_init(&text, arena, 128);
    if (!json_is_object(document) || !json_is_object(item) || json_count(document) != 1) {
        return "is not {\"Item\":{…}}";
    }
    struct skip skip = item_skip(item, source->keys);
    if (skip.reason != SKIP_NONE) {
        buffer_append_format(&text, "does not fit the table's key: %s: %s",
                             skip_reason_text(skip.reason), skip.attribute);
        return bytes_to_text(arena, buffer_view(&text));
    }
    item_append_key(&text, item, source->keys);
    out_put->key = buffer_view(&text);
    return NULL;
}

static int take_locked(struct export_source *source, struct arena *arena, struct put *out_put)
{
    struct bytes line;
    size_t file = 0;
    uint64_t number = 0;
    int code = next_line(source, arena, &line, &file, &number);
    if (code != CODE_FINE || line.length == 0) {
        return code;
    }
    struct cJSON *document = json_parse(line);
    const char *wrong = read_item(source, arena, document, out_put);
    json_free(document);
    if (wrong != NULL) {
        return command_fail(source->command, CODE_UNREACHABLE, "line %" PRIu64 " of %s %s", number,
                            path_of(source, arena, file), wrong);
    }
    out_put->request = line;
    return CODE_FINE;
}

/* What is wrong is told once, to whichever connection meets it first. */
static int take_item(void *context, size_t connection, struct arena *arena, struct put *out_put)
{
    struct export_source *source = context;
    (void)connection;
    (void)pthread_mutex_lock(&source->lock);
    if (source->code == CODE_FINE) {
        source->code = take_locked(source, arena, out_put);
    }
    int code = source->code;
    (void)pthread_mutex_unlock(&source->lock);
    return code;
}

struct item_source export_source_items(struct export_source *source)
{
    return (struct item_source){ .context = source, .take = take_item };
}

/* ---- the whole ---- */

static void rewind_source(struct export_source *source)
{
    if (source->lines != NULL) {
        gzip_lines_close(source->lines);
    }
    source->lines = NULL;
    source->lines_read = 0;
    source->file = 0;
}

int export_source_open(struct export_source *source,
                       const struct command *command,
                       struct arena *arena,
                       const char *directory,
                       const struct index_shape *keys)
{
    struct put first = { .request = { .length = 0 } };
    *source = (struct export_source){ .command = command, .keys = keys };
    (void)pthread_mutex_init(&source->lock, NULL);
    int code = export_folder_find(command, arena, directory, &source->folder);
    if (code == CODE_FINE) {
        code = export_folder_read(command, arena, source->folder, &source->summary, &source->files);
    }
    for (size_t i = 0; code == CODE_FINE && i < source->files.count; i++) {
        code = export_folder_check_file(command, path_of(source, arena, i), &source->files.list[i]);
    }
    if (code == CODE_FINE) {
        code = take_item(source, 0, arena, &first);
    }
    rewind_source(source);
    return code;
}

void export_source_close(struct export_source *source)
{
    rewind_source(source);
    (void)pthread_mutex_destroy(&source->lock);
}
