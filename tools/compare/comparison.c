#include "tools/compare/comparison.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"
#include "tools/compare/state.h"
#include "tools/confidence.h"
#include "tools/exit_code.h"
#include "tools/process.h"

#include <string.h>

uint64_t comparison_differences(const struct comparison *comparison)
{
    uint64_t count = 0;
    for (int i = VERDICT_SAME + 1; i < VERDICT_COUNT; i++) {
        count += comparison->differences[i];
    }
    return count;
}

const char *side_name(const struct sides *sides, enum side side)
{
    const char *name = sides->shapes[side]->name;
    return name != NULL ? name : "the table";
}

/* ---- entries ---- */

static void add_name(const char **names, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(names[i], name) == 0) {
            return;
        }
    }
    names[(*count)++] = name;
}

static void add_keys(const char **names, size_t *count, const struct index_shape *index)
{
    for (size_t i = 0; i < index->key_count; i++) {
        add_name(names, count, index->keys[i].name);
    }
}

const char **comparison_attributes(struct arena *arena,
                                   const struct sides *sides,
                                   enum side side,
                                   size_t *out_count)
{
    const struct index_shape *left = sides->shapes[SIDE_LEFT];
    const struct index_shape *right = sides->shapes[SIDE_RIGHT];
    const struct index_shape *narrow = left->projection != PROJECTION_ALL ? left : right;
    const struct index_shape *other = narrow == left ? right : left;
    *out_count = 0;
    if (narrow->projection == PROJECTION_ALL) {
        return NULL;
    }
    const char **names =
        arena_alloc(arena, (narrow->projected_count + (size_t)3 * KEY_PARTS_MAX) * sizeof *names);
    add_keys(names, out_count, sides->keys);
    add_keys(names, out_count, sides->shapes[side]);
    if (sides->shapes[side]->name == NULL) { /* whether the index takes an item of the table */
        add_keys(names, out_count, sides->shapes[1 - side]);
    }
    for (size_t i = 0; i < narrow->projected_count; i++) {
        if (index_shape_projects(other, narrow->projected[i])) {
            add_name(names, out_count, narrow->projected[i]);
        }
    }
    return names;
}

bool comparison_entry(struct arena *arena,
                      const struct sides *sides,
                      enum side side,
                      const struct cJSON *item,
                      struct entry *out_entry)
{
    struct buffer key;
    struct buffer index_key;
    const struct index_shape *own = sides->shapes[side];
    const struct index_shape *other = sides->shapes[1 - side];
    if (own->name == NULL && item_skip(item, other).reason != SKIP_NONE) {
        return false;
    }
    buffer_init(&key, arena, 128);
    buffer_init(&index_key, arena, 128);
    item_append_key(&key, item, sides->keys);
    item_append_key(&index_key, item, own);
    out_entry->side = side;
    out_entry->key = buffer_view(&key);
    out_entry->index_key = buffer_view(&index_key);
    bytes_digest(out_entry->key, out_entry->hash);
    item_digest(arena, item, sides->shapes[SIDE_LEFT], sides->shapes[SIDE_RIGHT],
                out_entry->digest);
    return true;
}

/* ---- reading both sides ---- */

struct reading {
    struct comparison *comparison;
    struct entry_store *store;
    struct state *state;
    enum side side;
    struct arena page;
};

static bool take_page(void *context, size_t segment, const struct cJSON *items)
{
    struct reading *reading = context;
    struct comparison *comparison = reading->comparison;
    (void)segment;
    bool is_kept = true;
    for (const struct cJSON *item = json_first(items); is_kept && item != NULL;
         item = json_next(item)) {
        struct entry entry;
        if (comparison_entry(&reading->page, &comparison->checker.sides, reading->side, item,
                             &entry)) {
            is_kept = entry_store_add(reading->store, &entry);
            comparison->entries[reading->side]++;
        }
    }
    arena_reset(&reading->page);
    comparison->progress(comparison->context, side_name(&comparison->checker.sides, reading->side),
                         comparison->entries[reading->side], comparison->item_count);
    return is_kept && state_checkpoint(reading->state, comparison->entries);
}

static int read_side(struct reading *reading, struct arena *arena)
{
    struct comparison *comparison = reading->comparison;
    const struct sides *sides = &comparison->checker.sides;
    size_t count = 0;
    const char **attributes = comparison_attributes(arena, sides, reading->side, &count);
    struct scan_options options = {
        .command = comparison->command,
        .table = sides->table,
        .index = sides->shapes[reading->side]->name,
        .attributes = attributes,
        .attribute_count = count,
        .read_units = comparison->read_units,
        .segment_count = state_segment_count(reading->state),
        .segments = state_segments(reading->state, reading->side),
    };
    return scan_run(&options, take_page, reading);
}

static int read_sides(struct reading *reading, struct arena *arena)
{
    int code = CODE_FINE;
    for (int side = 0; code == CODE_FINE && side < SIDE_COUNT; side++) {
        reading->side = (enum side)side;
        code = read_side(reading, arena);
        if (code == CODE_FINE && !state_save(reading->state, reading->comparison->entries)) {
            code = command_fail(reading->comparison->command, CODE_UNREACHABLE, "%s",
                                state_reason(reading->state));
        }
        code = code == CODE_FINE && process_interrupted() ? CODE_NOT_SO : code;
    }
    return code;
}

/* ---- joining them ---- */

struct joining {
    struct comparison *comparison;
    struct arena arena; /* of one key */
    uint64_t joined;
    int code;
};

static bool check_key(struct joining *joining, const struct entry *entries, size_t count)
{
    struct comparison *comparison = joining->comparison;
    struct difference difference = { .verdict = VERDICT_SAME };
    joining->code = entry_check(&comparison->checker, &joining->arena, entries, count, &difference);
    if (joining->code != CODE_FINE || process_interrupted()) {
        return false;
    }
    if (difference.verdict == VERDICT_SAME) {
        comparison->settled++;
    } else {
        comparison->differences[difference.verdict]++;
        comparison->tell(comparison->context, &entries[0], &difference);
    }
    arena_reset(&joining->arena);
    return comparison_differences(comparison) < comparison->differences_max;
}

static bool join_key(void *context, const struct entry *entries, size_t count)
{
    struct joining *joining = context;
    struct comparison *comparison = joining->comparison;
    bool is_same = count == 2 && entries[0].side != entries[1].side &&
                   memcmp(entries[0].digest, entries[1].digest, DIGEST_SIZE) == 0;
    joining->joined += count;
    comparison->progress(
        comparison->context, "comparing", joining->joined,
        (double)(comparison->entries[SIDE_LEFT] + comparison->entries[SIDE_RIGHT]));
    return is_same ? !process_interrupted() : check_key(joining, entries, count);
}

static int join_sides(struct comparison *comparison, struct entry_store *store)
{
    struct joining joining = { .comparison = comparison, .code = CODE_FINE };
    arena_init(&joining.arena);
    bool is_whole = entry_store_visit(store, join_key, &joining);
    arena_deinit(&joining.arena);
    if (!is_whole && joining.code == CODE_FINE && entry_store_reason(store)[0] != '\0') {
        return command_fail(comparison->command, CODE_UNREACHABLE, "%s", entry_store_reason(store));
    }
    return joining.code;
}

int comparison_run(struct comparison *comparison)
{
    char reason[512];
    struct arena arena;
    struct reading reading = { .comparison = comparison };
    reading.store = entry_store_open(comparison->state_directory, reason, sizeof reason);
    if (reading.store == NULL) {
        return command_fail(comparison->command, CODE_UNREACHABLE, "%s", reason);
    }
    arena_init(&arena);
    arena_init(&reading.page);
    struct state_options options = { .directory = comparison->state_directory,
                                     .identity = comparison->identity,
                                     .segment_count = comparison->segment_count,
                                     .store = reading.store };
    reading.state = state_open(&options, comparison->entries, reason, sizeof reason);
    int code = reading.state != NULL
                   ? read_sides(&reading, &arena)
                   : command_fail(comparison->command, CODE_UNREACHABLE, "%s", reason);
    if (code == CODE_FINE) {
        code = join_sides(comparison, reading.store);
    }
    if (reading.state != NULL) {
        state_close(reading.state, code == CODE_FINE && !process_interrupted());
    }
    entry_store_close(reading.store);
    arena_deinit(&reading.page);
    arena_deinit(&arena);
    return code;
}

/* ---- confidence ---- */

double comparison_bound(uint64_t found, uint64_t sampled)
{
    return confidence_share_below(found, sampled, 0.05);
}
