#include "api/dispatch.h"

#include "api/internal.h"
#include "api/items/admission.h"
#include "api/metering.h"
#include "api/operations.h"
#include "api/request.h"
#include "api/shape.h"
#include "api/wording.h"
#include "api/world.h"

#include <assert.h>

enum { REPLY_SIZE_FIRST = 1024 };

/* A write on its way through the committer. */
struct write {
    struct commit_job job; /* first: the job is the write */
    struct api *api;
    struct api_call *call;
    struct request *request;
    const struct operation *operation;
    enum api_progress progress; /* in memory: of the whole call, once the job is done */
};

/* ---- reply ---- */

static void start_reply(struct request *request)
{
    admission_refund(request); /* of a run that was not committed */
    request->has_failed = false;
    request->consumed = NULL;
    request->consumed_end = &request->consumed;
    request->throttled = NULL;
    request->refusing_table = BYTES("");
    request->reply.length = 0;
    request->writer = json_writer_of(&request->reply);
}

/* API_PENDING: the answer is held back. */
static enum api_progress
finish(struct api_call *call, struct request *request, const struct operation *operation)
{
    metering_record(request, operation);
    rehearsal_observe(request, operation);
    call->status = 200;
    if (request->has_failed) {
        request->reply.length = 0;
        wording_apply(request->wording, request->arena, &request->error);
        api_error_write(&request->reply, &request->error);
        call->status = api_error_status(request->error.code);
    }
    call->reply = buffer_view(&request->reply);
    call->drops = request->drops;
    return rehearsal_delays(request, call) ? API_PENDING : API_DONE;
}

/* The store could not: retryable for every SDK; the log has the reason. */
static void fail_storage(struct request *request, enum storage_status status)
{
    admission_refund(request);
    request->has_failed = false;
    request->consumed = NULL;
    (void)api_fail(
        request, API_INTERNAL_SERVER_ERROR, "%s",
        status == STORAGE_FULL
            ? "The server has no room left on its disk or in its map; nothing was changed"
            : "The server could not read or write its store; nothing was changed");
}

/* ---- running ---- */

static bool run_in(struct request *request, const struct operation *operation, struct txn *txn)
{
    start_reply(request);
    request->txn = txn;
    struct txn_note **mark = txn->notes_end;
    bool done = rehearsal_admit(request, operation) && operation->run(request);
    admission_charge(request);
    assert(done != request->has_failed || txn->status != STORAGE_OK);
    if (!done) {
        txn_drop_notes(txn, mark);
    }
    request->txn = NULL;
    return done;
}

static bool run_write(struct commit_job *job, struct txn *txn)
{
    struct write *write = (struct write *)job;
    return run_in(write->request, write->operation, txn);
}

static enum api_progress finish_write(struct write *write, enum storage_status status)
{
    if (status != STORAGE_OK) {
        fail_storage(write->request, status);
    }
    if (write->operation->access == ACCESS_DEFINE || write->request->wakes_background) {
        background_wake(write->api->storage.background);
    }
    return finish(write->call, write->request, write->operation);
}

/* On the committer's thread; the call may be gone when `completed` returns. */
static void complete_write(struct commit_job *job, enum storage_status status)
{
    struct write *write = (struct write *)job;
    struct api_call *call = write->call;
    bool is_durable = env_is_durable(write->api->storage.env);
    enum api_progress progress = finish_write(write, status);
    if (!is_durable) {
        write->progress = progress;
    } else if (progress == API_DONE) {
        call->completed(call);
    }
}

static enum api_progress run_operation(struct api *api,
                                       struct api_call *call,
                                       struct request *request,
                                       const struct operation *operation)
{
    if (operation->access == ACCESS_READ) {
        struct txn txn;
        txn_begin_read(api->storage.env, &txn);
        (void)run_in(request, operation, &txn);
        if (txn.status != STORAGE_OK) {
            fail_storage(request, txn.status);
        }
        txn_abort(&txn);
        return finish(call, request, operation);
    }
    struct write *write = arena_alloc(request->arena, sizeof *write);
    *write = (struct write){
        .job = { .run = run_write,
                 .done = complete_write,
                 .takes_databases = operation->access == ACCESS_DEFINE },
        .api = api,
        .call = call,
        .request = request,
        .operation = operation,
    };
    committer_submit(api->storage.committer, &write->job);
    return env_is_durable(api->storage.env) ? API_PENDING : write->progress;
}

/* ---- before running ---- */

/* What the transport found wrong is an error of its own making. */
static bool refuse(struct request *request, const struct api_refusal *refusal)
{
    struct bytes type = bytes_of_text(refusal->type);
    for (size_t i = type.length; i > 0; i--) { /* the table knows names without their prefix */
        if (type.data[i - 1] == '#') {
            type = (struct bytes){ type.data + i, type.length - i };
            break;
        }
    }
    struct api_error error = { .code = API_INTERNAL_FAILURE };
    (void)api_error_of_name(type, &error.code);
    error.has_message = refusal->message.length > 0;
    error.message = refusal->message;
    return api_fail_with(request, &error);
}

static bool fail_code(struct request *request, enum api_error_code code)
{
    struct api_error error;
    (void)api_error_set_code(&error, code);
    return api_fail_with(request, &error);
}

/* Where worlds are separate, a caller that cannot have one is told as one with an unknown key. */
static bool enter_world(struct request *request)
{
    return !request->api->is_isolated ||
           world_of(request->arena, request->caller->access_key_id, request->region,
                    &request->world) ||
           api_fail(request, API_UNRECOGNIZED_CLIENT,
                    "The security token included in the request is invalid.");
}

/*
 * The service's order: a body that is not JSON, an unknown target, authentication, an empty body,
 * the types, the constraints, then the operation's own checks.
 */
static const struct operation *check(struct api_call *call, struct request *request)
{
    bool is_empty = call->body.length == 0;
    if (!is_empty && !json_parse(request->arena, call->body, &request->input)) {
        (void)fail_code(request, API_SERIALIZATION);
        return NULL;
    }
    const struct operation *operation = operation_find(call->target);
    if (operation == NULL) {
        (void)fail_code(request, API_UNKNOWN_OPERATION);
        return NULL;
    }
    if (call->refusal.type != NULL) {
        (void)refuse(request, &call->refusal);
        return NULL;
    }
    if (!enter_world(request)) {
        return NULL;
    }
    if (is_empty || json_kind(request->input) != JSON_OBJECT) {
        (void)fail_code(request, API_SERIALIZATION);
        return NULL;
    }
    request->wording = wording_of_operation(request->api->wording, operation->name);
    struct api_error error;
    if (!shape_check_types(operation->input, request->input, request->arena, &error) ||
        !shape_check_constraints(operation->input, request->input, request->wording, request->arena,
                                 &error)) {
        (void)api_fail_with(request, &error);
        return NULL;
    }
    if (operation->prepare != NULL && !operation->prepare(request)) {
        return NULL;
    }
    return operation;
}

enum api_progress dispatch(struct api *api, struct api_call *call)
{
    struct request *request = arena_alloc_zero(call->arena, sizeof *request);
    request->api = api;
    request->storage = &api->storage;
    request->arena = call->arena;
    request->wording = &WORDING_CLASSIC;
    request->caller = &call->caller;
    request->region = call->caller.region.length > 0 ? call->caller.region : api->region;
    request->account = world_account(call->caller.access_key_id);
    request->now_ms = clock_now_ms(&api->clock);
    request->started_ns = request_monotonic_ns();
    buffer_init(&request->reply, call->arena, REPLY_SIZE_FIRST);
    const struct operation *operation = check(call, request);
    if (operation == NULL || !rehearsal_disturb(request, operation)) {
        return finish(call, request, operation);
    }
    return run_operation(api, call, request, operation);
}
