/*
 * The tags of a table or stream. A change can be read a while after it was made; until then readers
 * see the tags of before, and the change under way is known, so that its repetition can be told
 * from another change (measured on the service; docs/compatibility.md).
 */

#ifndef REHEARSEDB_STORAGE_TABLE_TAGS_H
#define REHEARSEDB_STORAGE_TABLE_TAGS_H

#include "storage/table/table_settings.h"

#include <stdint.h>

enum { TAGS_MAX = 50 };

struct tag {
    struct bytes key;
    struct bytes value;
};

struct tag_set {
    struct tag *tags; /* in the order in which they were first given */
    size_t count;
};

struct tag_state {
    struct tag_set tags;
    struct tag_set before; /* what readers see until due_ms */
    struct tag_set change; /* what the last change set; empty: it removed */
    int64_t due_ms;
};

/* In the arena; all empty when there are none. */
struct tag_state tags_find(struct txn *txn, struct arena *arena, struct bytes owner);
void tags_put(struct txn *txn,
              struct arena *arena,
              struct bytes owner,
              const struct tag_state *state);

bool tags_are_changing(const struct tag_state *state, int64_t now_ms);
struct tag_set tags_seen(const struct tag_state *state, int64_t now_ms);

/* NULL: there is none of that key. */
struct tag *tag_find(const struct tag_set *set, struct bytes key);
bool tags_contain(const struct tag_set *set, const struct tag_set *others);

/* `set` with the others set, or without the keys, in the arena. */
struct tag_set
tags_with(struct arena *arena, const struct tag_set *set, const struct tag_set *others);
struct tag_set tags_without(struct arena *arena,
                            const struct tag_set *set,
                            const struct bytes *keys,
                            size_t key_count);

#endif
