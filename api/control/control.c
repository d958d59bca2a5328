#include "api/control/control.h"

#include "api/control/unknown.h"
#include "api/internal.h"
#include "api/world.h"

#include <string.h>

/* ---- health ---- */

static bool show_health(struct control *control)
{
    struct json_writer *writer = &control->request.writer;
    json_open_object(writer);
    json_member_text(writer, "Status", BYTES("ok"));
    json_member_text(writer, "Version", BYTES(REHEARSEDB_VERSION));
    json_member_text(writer, "Profile", bytes_of_text(control->request.api->profile));
    json_close_object(writer);
    return true;
}

/* ---- the table of paths ---- */

enum route_access {
    READS,  /* a snapshot */
    WRITES, /* the write transaction; wakes the background */
    WHOLE,  /* the store as a whole, in no transaction of the route's */
};

struct route {
    const char *method;
    const char *path; /* ends in '/': what follows is the argument */
    enum route_access access;
    bool has_table;            /* is about a table, so that its world must be known */
    const struct shape *input; /* NULL: takes no body */
    const char *query;         /* the names it may have, "After, Limit" */
    bool (*handle)(struct control *control);
};

#define WORLD_NAMES "AccessKeyId, Region"

static const struct route ROUTES[] = {
    { "GET", "health", READS, false, NULL, "", show_health },
    { "GET", "metrics", READS, false, NULL, "", control_show_metrics },
    { "GET", "tables/", READS, true, NULL, WORLD_NAMES, control_show_table },
    { "POST", "hold", WRITES, true, &CONTROL_HOLD, "", control_set_hold },
    { "POST", "release", WRITES, true, &CONTROL_RELEASE, "", control_release_hold },
    { "POST", "fail", WRITES, true, &CONTROL_FAIL, "", control_fail_build },
    { "GET", "clock", WHOLE, false, NULL, "", control_show_clock },
    { "POST", "clock", WHOLE, false, &CONTROL_CLOCK, "", control_advance_clock },
    { "GET", "snapshots", WHOLE, false, NULL, "", control_list_snapshots },
    { "POST", "snapshots", WHOLE, false, &CONTROL_SAVE, "", control_save_snapshot },
    { "POST", "snapshots/", WHOLE, false, NULL, "", control_restore_snapshot },
    { "DELETE", "snapshots/", WHOLE, false, NULL, "", control_delete_snapshot },
    { "GET", "lag", WHOLE, false, NULL, "", control_show_lag },
    { "PUT", "lag", WHOLE, false, &CONTROL_LAG, "", control_set_lag },
    { "DELETE", "lag", WHOLE, false, NULL, "", control_reset_lag },
    { "POST", "reset", WHOLE, false, NULL, "", control_reset },
    { "GET", "timeline", READS, false, NULL, "After, TableName, Limit, " WORLD_NAMES,
      control_show_timeline },
    { "GET", "readers", READS, true, NULL, "TableName, " WORLD_NAMES, control_show_readers },
    { "POST", "readers/reset", READS, true, &CONTROL_READERS_RESET, "", control_reset_readers },
    { "GET", "faults", READS, false, NULL, "", control_show_faults },
    { "PUT", "faults", READS, false, &CONTROL_FAULTS, "", control_put_faults },
    { "DELETE", "faults", READS, false, NULL, "", control_delete_faults },
    { "POST", "freeze", WRITES, true, &CONTROL_FREEZE, "", control_freeze },
    { "POST", "thaw", WRITES, true, &CONTROL_THAW, "", control_thaw },
};

static bool matches(const struct route *route, struct bytes path, struct bytes *out_argument)
{
    struct bytes own = bytes_of_text(route->path);
    bool takes_argument = own.data[own.length - 1] == '/';
    *out_argument = BYTES("");
    if (!takes_argument) {
        return bytes_equal(path, own);
    }
    if (!bytes_start_with(path, own) || path.length == own.length) {
        return false;
    }
    *out_argument = (struct bytes){ path.data + own.length, path.length - own.length };
    return true;
}

static bool needs_anything(const struct shape *input)
{
    size_t i = 0;
    while (i < input->members_count && input->members[i].need == OPTIONAL) {
        i++;
    }
    return i < input->members_count;
}

static bool is_empty_object(struct arena *arena, struct bytes body)
{
    const struct cJSON *tree;
    return json_parse(arena, body, &tree) && json_kind(tree) == JSON_OBJECT &&
           json_count(tree) == 0;
}

static bool
parse_input(struct request *request, const struct api_call *call, const struct route *route)
{
    struct api_error error;
    bool is_empty = call->body.length == 0;
    if (route->input == NULL) {
        return is_empty || is_empty_object(request->arena, call->body) ||
               api_fail(request, API_VALIDATION, "%s %s takes no body", route->method, route->path);
    }
    bool may_be_absent = is_empty && !needs_anything(route->input);
    struct bytes body = may_be_absent ? BYTES("{}") : call->body;
    if (!json_parse(request->arena, body, &request->input) ||
        json_kind(request->input) != JSON_OBJECT) {
        return api_fail(request, API_VALIDATION, "The body of %s %s must be a JSON object",
                        route->method, route->path);
    }
    if (!control_check_members(request, route->input, request->input)) {
        return false;
    }
    return shape_check(route->input, request->input, request->arena, &error) ||
           api_fail_with(request, &error);
}

/* query -> name "=" value { "&" name "=" value } */
struct bytes control_query_value(const struct control *control, struct bytes name)
{
    struct bytes query = control->query;
    while (query.length > name.length) {
        const uint8_t *end = memchr(query.data, '&', query.length);
        size_t length = end != NULL ? (size_t)(end - query.data) : query.length;
        if (length > name.length && query.data[name.length] == '=' &&
            bytes_start_with(query, name)) {
            return (struct bytes){ query.data + name.length + 1, length - name.length - 1 };
        }
        size_t skipped = end != NULL ? length + 1 : length;
        query = (struct bytes){ query.data + skipped, query.length - skipped };
    }
    return BYTES("");
}

bool control_query_number(struct control *control,
                          struct bytes name,
                          int64_t otherwise,
                          int64_t *out_value)
{
    enum { DIGITS_MAX = 18 };
    struct bytes text = control_query_value(control, name);
    int64_t value = text.length > 0 ? 0 : otherwise;
    bool is_number = text.length <= DIGITS_MAX;
    for (size_t i = 0; is_number && i < text.length; i++) {
        is_number = text.data[i] >= '0' && text.data[i] <= '9';
        value = value * 10 + (text.data[i] - '0');
    }
    if (!is_number) {
        return api_fail(&control->request, API_VALIDATION, "%.*s must be a number, not negative",
                        BYTES_ARGUMENTS(name));
    }
    *out_value = value;
    return true;
}

bool control_reply_empty(struct request *request)
{
    json_open_object(&request->writer);
    json_close_object(&request->writer);
    return true;
}

/* Neither is signed: the control surface has no callers. */
bool control_enter_world(struct control *control, bool has_body)
{
    struct request *request = &control->request;
    if (!request->api->is_isolated) {
        return true;
    }
    struct bytes key = has_body ? request_text(request, "AccessKeyId")
                                : control_query_value(control, BYTES("AccessKeyId"));
    struct bytes region =
        has_body ? request_text(request, "Region") : control_query_value(control, BYTES("Region"));
    return world_of(request->arena, key, region, &request->world) ||
           api_fail(request, API_VALIDATION,
                    "This server keeps the tables of every access key and region apart "
                    "(--isolate): say whose table is meant with AccessKeyId and Region in the %s",
                    has_body ? "body" : "query");
}

struct control_job {
    struct control *control;
    const struct route *route;
};

static bool run_write(void *context, struct txn *txn)
{
    struct control_job *job = context;
    struct request *request = &job->control->request;
    request->has_failed = false;
    request->reply.length = 0;
    request->writer = json_writer_of(&request->reply);
    request->txn = txn;
    return job->route->handle(job->control);
}

static void run_route(struct control *control, const struct route *route)
{
    struct request *request = &control->request;
    const struct storage *storage = request->storage;
    enum storage_status status = STORAGE_OK;
    if (route->access == WHOLE) {
        (void)route->handle(control);
    } else if (route->access == WRITES) {
        struct control_job job = { .control = control, .route = route };
        status = committer_run(storage->committer, run_write, &job, false);
        background_wake(storage->background);
    } else {
        struct txn txn;
        txn_begin_read(storage->env, &txn);
        request->txn = &txn;
        (void)route->handle(control);
        status = txn.status;
        txn_abort(&txn);
    }
    if (status != STORAGE_OK) {
        (void)api_fail(request, API_INTERNAL_SERVER_ERROR, "The store could not answer: %s",
                       storage_status_text(status));
    }
}

void api_control(struct api *api,
                 struct api_call *call,
                 struct bytes method,
                 struct bytes path,
                 struct bytes query)
{
    struct control *control = arena_alloc_zero(call->arena, sizeof *control);
    struct request *request = &control->request;
    control->query = query;
    request->api = api;
    request->storage = &api->storage;
    request->arena = call->arena;
    request->caller = &call->caller;
    request->now_ms = clock_now_ms(&api->clock);
    buffer_init(&request->reply, call->arena, 1024);
    request->writer = json_writer_of(&request->reply);
    const struct route *route = NULL;
    for (size_t i = 0; route == NULL && i < sizeof ROUTES / sizeof *ROUTES; i++) {
        if (bytes_equal(method, bytes_of_text(ROUTES[i].method)) &&
            matches(&ROUTES[i], path, &control->argument)) {
            route = &ROUTES[i];
        }
    }
    call->status = 404;
    if (route == NULL) {
        (void)api_fail(request, API_UNKNOWN_OPERATION, "There is no %.*s /_rehearsedb/%.*s",
                       BYTES_ARGUMENTS(method), BYTES_ARGUMENTS(path));
    } else {
        if (control_check_query(request, query, bytes_of_text(route->query)) &&
            parse_input(request, call, route) &&
            (!route->has_table || control_enter_world(control, route->input != NULL))) {
            run_route(control, route);
        }
        call->status = request->has_failed ? api_error_status(request->error.code) : 200;
    }
    if (request->has_failed) {
        request->reply.length = 0;
        api_error_write(&request->reply, &request->error);
    }
    call->reply = buffer_view(&request->reply);
}
