/*
 * What happened, in order: every call that changes a table, every refusal that a rehearsal is
 * about, every state that a table or index comes to, every hold, freeze and fault. In memory: a
 * server that starts begins a new one.
 *
 * An event gets its sequence number and its time, of the clock, when it is told. What happens in a
 * transaction is told when that is committed (storage/lmdb/txn.h, notes), so that sequence numbers
 * follow the order of the commits.
 *
 * Bounded by number and size. What calls of clients cause (REFUSAL, FAULT) is kept apart from the
 * rest: a client that is refused a thousand times a second does not push out the states.
 *
 * Any thread.
 */

#ifndef REHEARSEDB_API_REHEARSAL_TIMELINE_H
#define REHEARSEDB_API_REHEARSAL_TIMELINE_H

#include "api/json_writer.h"
#include "storage/lmdb/txn.h"

struct clock;
struct timeline;

enum timeline_kind {
    TIMELINE_START, /* of the server */
    TIMELINE_CALL,  /* that changes a table or a setting, and was accepted */
    TIMELINE_STATE, /* of a table, an index, or a setting */
    TIMELINE_HOLD,  /* was set */
    TIMELINE_HELD,  /* the build of an index stands at its hold */
    TIMELINE_RELEASE,
    TIMELINE_FREEZE,
    TIMELINE_THAW,
    TIMELINE_FAULTS, /* the rules were replaced */
    TIMELINE_READERS_RESET,
    TIMELINE_FAIL,     /* of the build of an index, as asked for */
    TIMELINE_CLOCK,    /* was moved */
    TIMELINE_SNAPSHOT, /* was saved */
    TIMELINE_RESTORE,  /* the store is as in a snapshot */
    TIMELINE_RESET,    /* the store is empty */
    TIMELINE_REFUSAL,  /* of a call that changes a table; or for a state, a freeze, or capacity */
    TIMELINE_FAULT,    /* a rule acted on a call */
    TIMELINE_KIND_COUNT,
};

/* What is empty is not told. Views; nothing of it is kept but a copy. */
struct timeline_event {
    enum timeline_kind kind;
    struct bytes operation;
    struct bytes table_name; /* qualified */
    struct bytes index_name;
    struct bytes from; /* states; empty: it was not there */
    struct bytes to;   /* empty: it is gone */
    struct bytes error;
    struct bytes message;
    struct bytes details; /* further members as finished JSON without braces */
    struct bytes access_key_id;
    struct bytes region;
    struct bytes user_agent;
};

/* `is_isolated`: qualified names begin with a world (api/world.h). NULL when there is no memory. */
struct timeline *timeline_open(struct clock *clock, bool is_isolated);
void timeline_close(struct timeline *timeline);

/* Tells it now. `arena` is for the work alone. */
void timeline_tell(struct timeline *timeline,
                   struct arena *arena,
                   const struct timeline_event *event);

/* Tells it when `txn` is committed, which must be before `arena` ends. */
void timeline_note(struct timeline *timeline,
                   struct txn *txn,
                   struct arena *arena,
                   const struct timeline_event *event);

struct timeline_query {
    uint64_t after;
    struct bytes table_name; /* qualified; empty: all */
    struct bytes world;      /* "ACCESS KEY/REGION/"; empty: all */
    size_t limit;
};

/*
 * Writes {"Events":[…],"LastSequence":…,"More":…,"Truncated":…}: the events after `after`, how far
 * they were looked at, whether there are more, and whether some of those asked for are not kept any
 * more.
 */
void timeline_write(struct timeline *timeline,
                    const struct timeline_query *query,
                    struct json_writer *writer);

#endif
