/*
 * One call under way: what came in, what goes out, and the transaction in between.
 *
 * An operation has two functions. `prepare` checks and decodes the input on the caller's thread,
 * without a transaction, and keeps what it decoded in `plan`. `run` reads and writes through `txn`,
 * on whichever thread commits; it computes first and applies last, so that a refusal leaves nothing
 * behind, and it may be called twice (storage/committer.h), so that it never changes the plan.
 *
 * Everything lives in the call's arena.
 */

#ifndef REHEARSEDB_API_REQUEST_H
#define REHEARSEDB_API_REQUEST_H

#include "api/api.h"
#include "api/api_error.h"
#include "api/json.h"
#include "api/json_writer.h"
#include "storage/base/arena.h"
#include "storage/table/catalog.h"

struct consumed_capacity;
struct storage;
struct throttle_event;

struct request {
    struct api *api;
    const struct storage *storage;
    struct arena *arena;
    const struct api_caller *caller; /* who calls, as the request says */
    struct bytes region;             /* of the caller, or the configured one */
    struct bytes account; /* a twelve-digit access key is taken for an account; else zeros */
    struct bytes world;   /* "ACCESS KEY/REGION/" where worlds are separate; else empty */
    const struct cJSON *input;
    int64_t now_ms;
    int64_t started_ns; /* request_monotonic_ns; for how long it takes */

    void *plan;
    struct txn *txn;       /* in `run` only */
    bool wakes_background; /* what `run` wrote is for the background to look at */

    /* What `run` has consumed, a table each (api/items/consumed_capacity.h), also if it refused. */
    struct consumed_capacity *consumed;
    struct consumed_capacity **consumed_end;
    struct throttle_event *throttled; /* the same */
    bool returns_items;               /* Query and Scan: how many */
    int64_t items_returned;

    /* Of a rehearsal (api/rehearsal/rehearsal.h). */
    struct bytes refusing_table; /* qualified: it, its index or its freeze stood in the way */
    bool is_disturbed;           /* a fault's error, or no answer, instead of the call itself */
    bool drops;                  /* the connection is closed without an answer */
    int64_t delay_ms;            /* how long the answer is held back */

    const struct wording *wording; /* of its errors; the operation's as soon as that is known */
    struct buffer reply;
    struct json_writer writer; /* into reply */
    bool has_failed;
    struct api_error error;
};

/* Nanoseconds of a clock that only goes forward and is nobody's to move. */
int64_t request_monotonic_ns(void);

/* The only way to fail: `return api_fail(request, …)`. The first error wins. */
bool api_fail(struct request *request, enum api_error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a finished text, which may hold zero bytes and must live as long as the request. */
bool api_fail_text(struct request *request, enum api_error_code code, struct bytes text);

/* The same with an error that another module has built. */
bool api_fail_with(struct request *request, const struct api_error *error);

/* Members of the input that passed the shape check. Absent: empty bytes, `otherwise`. */
struct bytes request_text(struct request *request, const char *name);
int64_t request_integer(struct request *request, const char *name, int64_t otherwise);
bool request_boolean(struct request *request, const char *name);
bool request_has(struct request *request, const char *name);

/*
 * The name in a TableName member, which may be an ARN of the table: what follows "table/". Views
 * into the input.
 */
struct bytes request_table_name(struct request *request);
struct bytes table_name_of_arn(struct bytes name_or_arn);

/*
 * The name after the world that the request is in: what the catalog knows a table by; and so for
 * whatever else a world has of its own.
 */
struct bytes request_qualified_name(struct request *request, struct bytes name);

/*
 * The table for an operation on tables, whatever its state; else ResourceNotFoundException
 * "Requested resource not found: Table: … not found". NULL after a failure.
 */
struct table_definition *request_table(struct request *request, struct bytes name);

/*
 * The table for an item operation: it must exist and not be CREATING, else
 * ResourceNotFoundException "Requested resource not found". NULL after a failure. (A table that is
 * DELETING: the same.)
 */
struct table_definition *request_item_table(struct request *request, struct bytes name);

#endif
