/*
 * All that the server may call: DynamoDB as a function, without sockets.
 *
 * `api_open` … `api_close` bracket everything. `api_handle` may be called from any number of
 * threads at once. A call's memory (body, reply) lives in the call's own arena, which the server
 * makes before the call and frees after the reply has been sent.
 */

#ifndef REHEARSEDB_API_API_H
#define REHEARSEDB_API_API_H

#include "storage/base/bytes.h"
#include "storage/base/durations.h"

#include <stdbool.h>
#include <stdint.h>

struct api;
struct arena;

/* Validation errors are worded in two ways, api/wording.h. */
enum api_wording {
    API_WORDING_CLASSIC,
    API_WORDING_2026,
};

/* What becomes of resources of a CloudFormation stack that are no tables. */
enum api_other_resources {
    API_OTHER_RESOURCES_FAIL, /* the template is refused */
    API_OTHER_RESOURCES_NOOP, /* they are placeholders, and their events say so */
};

struct api_options {
    const char *data_directory; /* NULL: in memory, nothing is kept */
    uint64_t map_size_bytes;
    uint32_t readers_max; /* threads that read at once */
    struct durations durations;
    int64_t item_count_refresh_ms; /* of what DescribeTable tells; 0: it is always current */
    bool throttles;                /* refuse what exceeds the capacity of a table or index */
    const char *profile;           /* the name shown by health */
    const char *region;            /* used where the caller names none */
    enum api_wording wording;
    int64_t index_lag_ms; /* how far reads of global indexes are behind; 0: not at all */
    bool is_isolated;     /* every access key and region has tables of its own */
    enum api_other_resources other_resources;
    bool stacks_wait_for_index; /* a stack's update that adds an index waits for its backfill */

    /* For tests and rehearsals in steps: the clock stands until it is moved, and nothing happens in
     * the background but by api_step. */
    bool is_stepped_by_hand;
};

/*
 * False when the store cannot be opened: `out_message` (at least 256 bytes) then says what
 * happened, to what, and what to do.
 */
bool api_open(const struct api_options *options,
              struct api **out_api,
              char *out_message,
              size_t message_size);

/* Completes the calls whose answers are held back, and holds back no more: the server ends. */
void api_end_delays(struct api *api);

/* Finishes what was accepted, then closes. No call may be under way or come after. */
void api_close(struct api *api);

/* Moves the clock forward; what is due then happens in the background, or with the next api_step.
 */
void api_advance_clock(struct api *api, int64_t by_ms);

/* One turn of the background work. True when there is more to do at once. */
bool api_step(struct api *api);

/* Who calls, as the request says; nothing of it is verified. Views into the request's memory. */
struct api_caller {
    struct bytes access_key_id;
    struct bytes region;     /* empty: the configured one */
    struct bytes user_agent; /* empty if none */
    struct bytes host;       /* and port, as the caller knows the server; empty if none */
};

/* A refusal that the transport found and that DynamoDB reports at its own place in the order. */
struct api_refusal {
    const char *type;     /* exception name with its prefix; NULL: none */
    struct bytes message; /* empty: the body has no message */
};

enum api_progress {
    API_DONE,    /* status and reply are filled in */
    API_PENDING, /* `completed` will be called, once, from another thread; perhaps before this
                    returns */
};

struct api_call {
    /* Filled in by the server before api_handle; must stay as they are until the call is complete.
     */
    struct arena *arena;
    struct bytes target; /* X-Amz-Target as sent, empty if none */
    struct bytes body;
    struct api_caller caller;
    struct api_refusal
        refusal; /* authentication faults: after the target check, before the body's */
    void (*completed)(struct api_call *call); /* must not block */
    void *context;                            /* the server's own */
    struct bytes request_id;                  /* for protocols that have it in the reply's body */

    /* Filled in when the call is complete; in the arena. */
    int status; /* HTTP */
    struct bytes reply;
    struct bytes query_error; /* api_service: the header x-amzn-query-error; else empty */
    bool drops;               /* close the connection instead of answering */
};

enum api_progress api_handle(struct api *api, struct api_call *call);

/*
 * The control surface below /_rehearsedb/ (docs/rehearsal.md): `path` is what follows that prefix,
 * `method` is GET, POST, PUT or DELETE, `query` what follows '?'. Fills in status and reply (JSON,
 * or empty) and returns when done; call->target is not looked at. May wait for the disk.
 */
void api_control(struct api *api,
                 struct api_call *call,
                 struct bytes method,
                 struct bytes path,
                 struct bytes query);

/* How a client of a service with several protocols speaks. */
enum api_protocol {
    API_PROTOCOL_QUERY, /* a form in, XML out */
    API_PROTOCOL_JSON,  /* AWS JSON 1.0 or 1.1 */
    API_PROTOCOL_CBOR,  /* Smithy RPC v2 CBOR */
};

/* The services beside DynamoDB whose operations are told apart by name. */
enum api_service {
    API_CLOUDFORMATION, /* stacks of tables (docs/cloudformation.md) */
    API_CLOUDWATCH,     /* as far as it shows DynamoDB's metrics (docs/compatibility.md) */
    API_SSM,            /* what a deployment asks before it begins */
    API_STS,            /* the same */
    API_SERVICE_COUNT,
};

/*
 * A call of such a service. With QUERY the body is the form, which names the operation; otherwise
 * call->target is its name. Fills in the reply and returns when done; may wait for the disk.
 */
void api_service(struct api *api,
                 struct api_call *call,
                 enum api_service service,
                 enum api_protocol protocol);

/* What a call of S3 is beside its body, and what its reply is beside body and status. */
struct api_s3 {
    struct bytes method;
    struct bytes path;  /* percent-decoded */
    struct bytes query; /* as sent, without '?' */
    struct bytes content_type;
    bool is_chunked; /* the body is in pieces: Content-Encoding aws-chunked */
    bool is_copy;    /* it has X-Amz-Copy-Source */

    /* Filled in; empty or 0 where the reply has no such header. In the arena. */
    struct bytes reply_type;
    struct bytes etag; /* without quotes */
    int64_t modified_ms;
};

/* Objects, in which templates are kept (docs/cloudformation.md). Done when it returns; may wait for
 * the disk. */
void api_s3(struct api *api, struct api_call *call, struct api_s3 *exchange);

#endif
