/*
 * Watching and disturbing: what dispatch tells and asks about a call. Watching cannot change what a
 * call does; disturbing has its two doors here, faults and freezes.
 */

#ifndef REHEARSEDB_API_REHEARSAL_REHEARSAL_H
#define REHEARSEDB_API_REHEARSAL_REHEARSAL_H

#include "api/operations.h"
#include "api/rehearsal/timeline.h"
#include "storage/table/catalog.h"

struct api_call;
struct delays;
struct faults;
struct readers;
struct request;

struct rehearsal {
    struct timeline *timeline;
    struct readers *readers;
    struct faults *faults;
    struct delays *delays;
    struct table_observer observer; /* for the storage; its context is the rehearsal */
};

/* The rehearsal stays where it is until it is closed. False when there is no memory. */
bool rehearsal_open(struct rehearsal *rehearsal, struct clock *clock, bool is_isolated);

/* After everything that may tell or ask. */
void rehearsal_close(struct rehearsal *rehearsal);

/* Before the call runs: false when a fault stands in its place; the request has failed then, or
 * drops its connection. */
bool rehearsal_disturb(struct request *request, const struct operation *operation);

/* In the call's transaction, before anything else: false, failed, when a table it writes is frozen.
 * A call that changes tables is noted. */
bool rehearsal_admit(struct request *request, const struct operation *operation);

/* When the call is complete and its reply or error final. `operation` is NULL when it was not
 * found. */
void rehearsal_observe(struct request *request, const struct operation *operation);

/* True: the answer waits, and call->completed will say when. Nothing of the call may be touched
 * any more. */
bool rehearsal_delays(struct request *request, struct api_call *call);

/* An event with the caller of the request. */
struct timeline_event rehearsal_event(const struct request *request, enum timeline_kind kind);

#endif
