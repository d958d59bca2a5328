#include "storage/table/tags.h"

#include "storage/base/arena.h"

/* ---- record ---- */

static void write_set(struct buffer *to, const struct tag_set *set)
{
    buffer_append_varint(to, (uint32_t)set->count);
    for (size_t i = 0; i < set->count; i++) {
        buffer_append_sized(to, set->tags[i].key);
        buffer_append_sized(to, set->tags[i].value);
    }
}

static struct tag_set read_set(struct reader *reader, struct arena *arena)
{
    uint32_t count = reader_varint(reader);
    if (count > TAGS_MAX) {
        reader->failed = true;
        count = 0;
    }
    struct tag_set set = { .tags = arena_alloc(arena, count * sizeof *set.tags), .count = count };
    for (uint32_t i = 0; i < count; i++) {
        set.tags[i].key = reader_sized(reader);
        set.tags[i].value = reader_sized(reader);
    }
    return set;
}

struct tag_state tags_find(struct txn *txn, struct arena *arena, struct bytes owner)
{
    struct tag_state state = { .due_ms = 0 };
    struct bytes record;
    if (!setting_find(txn, SETTING_TAGS, owner, &record)) {
        return state;
    }
    struct reader reader = reader_of(bytes_copy(arena, record));
    state.due_ms = (int64_t)reader_u64(&reader);
    state.tags = read_set(&reader, arena);
    state.before = read_set(&reader, arena);
    state.change = read_set(&reader, arena);
    if (reader.failed) {
        txn_fail(txn, STORAGE_CORRUPT);
        state = (struct tag_state){ .due_ms = 0 };
    }
    return state;
}

void tags_put(struct txn *txn,
              struct arena *arena,
              struct bytes owner,
              const struct tag_state *state)
{
    struct buffer record;
    buffer_init(&record, arena, 256);
    buffer_append_u64(&record, (uint64_t)state->due_ms);
    write_set(&record, &state->tags);
    write_set(&record, &state->before);
    write_set(&record, &state->change);
    setting_put(txn, SETTING_TAGS, owner, buffer_view(&record));
}

/* ---- sets ---- */

bool tags_are_changing(const struct tag_state *state, int64_t now_ms)
{
    return now_ms < state->due_ms;
}

struct tag_set tags_seen(const struct tag_state *state, int64_t now_ms)
{
    return tags_are_changing(state, now_ms) ? state->before : state->tags;
}

struct tag *tag_find(const struct tag_set *set, struct bytes key)
{
    for (size_t i = 0; i < set->count; i++) {
        if (bytes_equal(set->tags[i].key, key)) {
            return &set->tags[i];
        }
    }
    return NULL;
}

bool tags_contain(const struct tag_set *set, const struct tag_set *others)
{
    for (size_t i = 0; i < others->count; i++) {
        const struct tag *tag = tag_find(set, others->tags[i].key);
        if (tag == NULL || !bytes_equal(tag->value, others->tags[i].value)) {
            return false;
        }
    }
    return true;
}

struct tag_set
tags_with(struct arena *arena, const struct tag_set *set, const struct tag_set *others)
{
    size_t room = set->count + others->count;
    struct tag_set result = { .tags = arena_alloc(arena, room * sizeof *result.tags) };
    for (size_t i = 0; i < set->count; i++) {
        result.tags[result.count++] = set->tags[i];
    }
    for (size_t i = 0; i < others->count; i++) {
        struct tag *tag = tag_find(&result, others->tags[i].key);
        if (tag == NULL) {
            tag = &result.tags[result.count++];
        }
        *tag = others->tags[i];
    }
    return result;
}

struct tag_set tags_without(struct arena *arena,
                            const struct tag_set *set,
                            const struct bytes *keys,
                            size_t key_count)
{
    struct tag_set result = { .tags = arena_alloc(arena, set->count * sizeof *result.tags) };
    for (size_t i = 0; i < set->count; i++) {
        bool is_removed = false;
        for (size_t j = 0; !is_removed && j < key_count; j++) {
            is_removed = bytes_equal(set->tags[i].key, keys[j]);
        }
        if (!is_removed) {
            result.tags[result.count++] = set->tags[i];
        }
    }
    return result;
}
