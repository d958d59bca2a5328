/*
 * Contributor insights of a table and of its indexes: whether they are asked for. There is no
 * CloudWatch here, so they count nothing.
 *
 * One record a table: two names in full would make a key longer than LMDB takes.
 */

#ifndef REHEARSEDB_STORAGE_TABLE_CONTRIBUTOR_INSIGHTS_H
#define REHEARSEDB_STORAGE_TABLE_CONTRIBUTOR_INSIGHTS_H

#include "storage/table/table_settings.h"

#include <stdint.h>

enum insights_mode {
    INSIGHTS_ACCESSED_AND_THROTTLED_KEYS,
    INSIGHTS_THROTTLED_KEYS,
};

enum insights_status {
    INSIGHTS_DISABLED,
    INSIGHTS_ENABLING,
    INSIGHTS_ENABLED,
    INSIGHTS_DISABLING,
};

struct insights {
    struct bytes index_name; /* empty: of the table itself */
    bool is_enabled;         /* as asked for */
    enum insights_mode mode;
    int64_t rules_ms;   /* when its rules were made; part of their names */
    int64_t updated_ms; /* the last change */
    int64_t due_ms;     /* when that is done */
};

/* Of one table: its own first, then of its indexes in the order in which they were first asked for.
 */
struct insights_list {
    struct insights *entries;
    size_t count;
};

/* In the arena, with room for one more. */
struct insights_list insights_find(struct txn *txn, struct arena *arena, struct bytes table);
void insights_put(struct txn *txn,
                  struct arena *arena,
                  struct bytes table,
                  const struct insights_list *list);

/* NULL: never asked for. An empty name stands for the table itself. */
struct insights *insights_of(const struct insights_list *list, struct bytes index_name);

/* The same; made when there is none. */
struct insights *insights_add(struct insights_list *list, struct bytes index_name);

enum insights_status insights_status(const struct insights *insights, int64_t now_ms);

/* When an index goes. */
void insights_forget_index(struct txn *txn,
                           struct arena *arena,
                           struct bytes table,
                           struct bytes index_name);

/* The first table after `after` that has some, by qualified name; in the arena. */
bool insights_next(struct txn *txn,
                   struct arena *arena,
                   struct bytes after,
                   struct bytes *out_table,
                   struct insights_list *out_list);

#endif
