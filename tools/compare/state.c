#include "tools/compare/state.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/process.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHECKPOINT_MS = 5000, STATE_VERSION = 1 };

struct state {
    char directory[PATH_MAX]; /* empty: none */
    char *identity;
    struct entry_store *store;
    size_t segment_count;
    struct segment segments[SIDE_COUNT][SEGMENTS_MAX];
    int64_t saved_ms;
    char reason[512];
};

static bool fail_state(struct state *state, const char *what)
{
    (void)snprintf(state->reason, sizeof state->reason, "cannot %s in %.100s: %s", what,
                   state->directory, strerror(errno));
    return false;
}

static bool path_of(const struct state *state, const char *name, char out_path[PATH_MAX])
{
    int length = snprintf(out_path, PATH_MAX, "%s/%s", state->directory, name);
    return length > 0 && length < PATH_MAX;
}

/* ---- saving ---- */

static void
append_side(struct buffer *to, const struct state *state, enum side side, uint64_t count)
{
    buffer_append_format(to, "{\"Count\":%llu,\"Segments\":[", (unsigned long long)count);
    for (size_t i = 0; i < state->segment_count; i++) {
        const struct segment *segment = &state->segments[side][i];
        buffer_append_format(to, "%s{\"Done\":%s", i > 0 ? "," : "",
                             segment->is_done ? "true" : "false");
        if (segment->start_key != NULL) {
            buffer_append_text(to, ",\"StartKey\":");
            buffer_append_text(to, segment->start_key);
        }
        buffer_append_text(to, "}");
    }
    buffer_append_text(to, "]}");
}

static bool write_file(struct state *state, struct bytes text)
{
    char path[PATH_MAX];
    char new_path[PATH_MAX];
    if (!path_of(state, "state.json", path) || !path_of(state, "state.json.new", new_path)) {
        errno = ENAMETOOLONG;
        return fail_state(state, "keep the state");
    }
    FILE *file = fopen(new_path, "wbe");
    bool written = file != NULL && fwrite(text.data, 1, text.length, file) == text.length &&
                   fflush(file) == 0 && fdatasync(fileno(file)) == 0;
    if (file != NULL && fclose(file) != 0) {
        written = false;
    }
    return (written && rename(new_path, path) == 0) || fail_state(state, "keep the state");
}

bool state_save(struct state *state, const uint64_t counts[SIDE_COUNT])
{
    uint64_t sizes[ENTRY_FILES];
    struct arena arena;
    struct buffer text;
    if (state->directory[0] == '\0') {
        return true;
    }
    if (!entry_store_flush(state->store, sizes)) {
        (void)snprintf(state->reason, sizeof state->reason, "%s", entry_store_reason(state->store));
        return false;
    }
    arena_init(&arena);
    buffer_init(&text, &arena, 8192);
    buffer_append_format(&text, "{\"Version\":%d,\"Identity\":", STATE_VERSION);
    json_append_text(&text, state->identity);
    buffer_append_text(&text, ",\"Sides\":[");
    append_side(&text, state, SIDE_LEFT, counts[SIDE_LEFT]);
    buffer_append_text(&text, ",");
    append_side(&text, state, SIDE_RIGHT, counts[SIDE_RIGHT]);
    buffer_append_text(&text, "],\"Sizes\":[");
    for (size_t i = 0; i < ENTRY_FILES; i++) {
        buffer_append_format(&text, "%s%llu", i > 0 ? "," : "", (unsigned long long)sizes[i]);
    }
    buffer_append_text(&text, "]}\n");
    bool saved = write_file(state, buffer_view(&text));
    arena_deinit(&arena);
    state->saved_ms = process_now_ms();
    return saved;
}

bool state_checkpoint(struct state *state, const uint64_t counts[SIDE_COUNT])
{
    return process_now_ms() - state->saved_ms < CHECKPOINT_MS || state_save(state, counts);
}

const char *state_reason(const struct state *state)
{
    return state->reason;
}

/* ---- going on ---- */

static char *copy_json(struct arena *arena, const struct cJSON *node)
{
    return node != NULL ? strdup(bytes_to_text(arena, json_print(arena, node))) : NULL;
}

static void
read_side(struct state *state, struct arena *arena, enum side side, const struct cJSON *node)
{
    const struct cJSON *one = json_first(json_member(node, "Segments"));
    for (size_t i = 0; i < state->segment_count && one != NULL; i++, one = json_next(one)) {
        state->segments[side][i].is_done = json_boolean(json_member(one, "Done"));
        state->segments[side][i].start_key = copy_json(arena, json_member(one, "StartKey"));
    }
}

static bool read_sizes(struct state *state, const struct cJSON *list)
{
    uint64_t sizes[ENTRY_FILES] = { 0 };
    const struct cJSON *one = json_first(list);
    for (size_t i = 0; i < ENTRY_FILES && one != NULL; i++, one = json_next(one)) {
        sizes[i] = (uint64_t)json_number(one, 0);
    }
    if (!entry_store_truncate(state->store, sizes)) {
        (void)snprintf(state->reason, sizeof state->reason, "%s", entry_store_reason(state->store));
        return false;
    }
    return true;
}

static bool go_on(struct state *state, const struct cJSON *saved, uint64_t counts[SIDE_COUNT])
{
    const struct cJSON *left = json_at(saved, "Sides.0");
    const struct cJSON *right = json_at(saved, "Sides.1");
    size_t count = json_count(json_member(left, "Segments"));
    const char *identity = json_text(json_member(saved, "Identity"), "");
    if ((int)json_number(json_member(saved, "Version"), 0) != STATE_VERSION || count == 0 ||
        count > SEGMENTS_MAX || strcmp(identity, state->identity) != 0) {
        (void)snprintf(state->reason, sizeof state->reason,
                       "%.100s keeps the state of another comparison (%.80s); choose another "
                       "directory, or remove it",
                       state->directory, identity);
        return false;
    }
    struct arena arena;
    arena_init(&arena);
    state->segment_count = count;
    read_side(state, &arena, SIDE_LEFT, left);
    read_side(state, &arena, SIDE_RIGHT, right);
    counts[SIDE_LEFT] = (uint64_t)json_number(json_member(left, "Count"), 0);
    counts[SIDE_RIGHT] = (uint64_t)json_number(json_member(right, "Count"), 0);
    arena_deinit(&arena);
    return read_sizes(state, json_member(saved, "Sizes"));
}

/* False: there is none. The saved state is to be freed; NULL if it is no JSON. */
static bool read_saved(const struct state *state, struct cJSON **out_saved)
{
    char path[PATH_MAX];
    char part[4096];
    struct arena arena;
    struct buffer text;
    FILE *file = path_of(state, "state.json", path) ? fopen(path, "rbe") : NULL;
    *out_saved = NULL;
    if (file == NULL) {
        return false;
    }
    arena_init(&arena);
    buffer_init(&text, &arena, sizeof part);
    for (size_t length; (length = fread(part, 1, sizeof part, file)) > 0;) {
        buffer_append(&text, part, length);
    }
    (void)fclose(file);
    *out_saved = json_parse(buffer_view(&text));
    arena_deinit(&arena);
    return true;
}

static bool begin(struct state *state, uint64_t counts[SIDE_COUNT])
{
    static const uint64_t nothing[ENTRY_FILES];
    struct cJSON *saved = NULL;
    bool is_begun = read_saved(state, &saved) ? go_on(state, saved, counts)
                                              : entry_store_truncate(state->store, nothing);
    json_free(saved);
    return is_begun;
}

struct state *state_open(const struct state_options *options,
                         uint64_t counts[SIDE_COUNT],
                         char *out_reason,
                         size_t reason_size)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL || (state->identity = strdup(options->identity)) == NULL) {
        abort(); /* out of memory */
    }
    state->store = options->store;
    state->segment_count = options->segment_count;
    state->saved_ms = process_now_ms();
    if (options->directory != NULL) {
        (void)snprintf(state->directory, sizeof state->directory, "%s", options->directory);
        if (!begin(state, counts)) {
            (void)snprintf(out_reason, reason_size, "%s", state->reason);
            state_close(state, false);
            return NULL;
        }
    }
    return state;
}

void state_close(struct state *state, bool is_over)
{
    char path[PATH_MAX];
    if (is_over && state->directory[0] != '\0') {
        for (size_t i = 0; i < ENTRY_FILES; i++) {
            char name[32];
            (void)snprintf(name, sizeof name, "%02zx.entries", i);
            if (path_of(state, name, path)) {
                (void)unlink(path);
            }
        }
        if (path_of(state, "state.json", path)) {
            (void)unlink(path);
        }
        (void)rmdir(state->directory); /* stays if there is more in it */
    }
    for (int side = 0; side < SIDE_COUNT; side++) {
        segments_free(state->segments[side], SEGMENTS_MAX);
    }
    free(state->identity);
    free(state);
}

size_t state_segment_count(const struct state *state)
{
    return state->segment_count;
}

struct segment *state_segments(struct state *state, enum side side)
{
    return state->segments[side];
}
