/*
 * The calls of the API that lead from one definition to the next.
 *
 * UpdateTable takes one kind of change a call, with few exceptions; each call here is one that it
 * takes. What follows a call must wait as the call says.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
 *
 * All memory is the arena's.
 */

#ifndef REHEARSEDB_API_TEMPLATE_CALLS_H
#define REHEARSEDB_API_TEMPLATE_CALLS_H

#include "api/template/definition.h"

struct buffer;

enum member_kind {
    MEMBER_TEXT,
    MEMBER_BOOLEAN, /* "true" or "false" */
    MEMBER_JSON,
    MEMBER_ARN, /* the table's; text NULL: not known, to be asked for */
};

struct call_member {
    const char *name; /* "GlobalSecondaryIndexUpdates" */
    enum member_kind kind;
    const char *text;
};

enum { CALL_MEMBER_COUNT_MAX = 16 };

enum call_wait {
    CALL_WAIT_NONE,
    CALL_WAIT_TABLE, /* with all its indexes */
    CALL_WAIT_INDEX,
    CALL_WAIT_INDEX_GONE,
};

struct call {
    const char *operation; /* "UpdateTable" */
    struct call_member members[CALL_MEMBER_COUNT_MAX];
    size_t member_count;
    enum call_wait wait;
    const char *index; /* that is waited for */
};

struct call_list {
    struct call *items;
    size_t count;
    size_t capacity;
};

void calls_find(struct arena *arena,
                const char *table,
                const struct table_definition *before,
                const struct table_definition *after,
                struct call_list *out);

/*
 * The calls that make a table from nothing: CreateTable, then what it does not take.
 * `attribute_definitions` is its member of that name, as JSON.
 */
void calls_find_creation(struct arena *arena,
                         const char *table,
                         const char *attribute_definitions,
                         const struct table_definition *wanted,
                         struct call_list *out);

/* False for a member that is there only to ask for the table's ARN. */
bool call_member_is_sent(const struct call_member *member);

/* The input as JSON. */
void calls_append_input(struct buffer *to, const struct call *call);

#endif
