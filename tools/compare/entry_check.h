/*
 * One item and its two entries, looked at afresh: what the table has now, what each side should
 * have of it, and what it has.
 *
 * Reads of indexes are eventually consistent, and writers write while one compares: what looks
 * different is looked at again, with growing pauses, before it is called so.
 */

#ifndef REHEARSEDB_TOOLS_COMPARE_ENTRY_CHECK_H
#define REHEARSEDB_TOOLS_COMPARE_ENTRY_CHECK_H

#include "tools/command.h"
#include "tools/compare/entry_store.h"
#include "tools/table/table_shape.h"

struct sides {
    const char *table;                            /* name or ARN, as given */
    const struct index_shape *keys;               /* of the table */
    const struct index_shape *shapes[SIDE_COUNT]; /* the table itself has no name */
};

enum verdict {
    VERDICT_SAME,
    VERDICT_MISSING,   /* the item belongs to the side, which has no entry */
    VERDICT_DIFFERENT, /* the entry says something else than the item */
    VERDICT_STALE,     /* there is an entry that no item has */
    VERDICT_LEFT_OUT,  /* the other side has the item, this one cannot take it */
};

enum { VERDICT_COUNT = VERDICT_LEFT_OUT + 1 };

struct difference {
    enum verdict verdict;
    enum side side;
    struct skip skip;        /* LEFT_OUT: why; borrowed texts are copied into the arena */
    struct bytes attributes; /* DIFFERENT: "a, b" */
};

struct entry_checker {
    const struct command *command;
    struct dynamodb_client *client;
    struct sides sides;
    int looks; /* at most, before a difference is one */
};

/*
 * Looks at the item that `entries` are of, once or until they agree. CODE_FINE and what the last
 * look saw, in the arena, or an exit code with a message.
 */
int entry_check(const struct entry_checker *checker,
                struct arena *arena,
                const struct entry *entries,
                size_t count,
                struct difference *out_difference);

#endif
