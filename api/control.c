/*
 * The control surface below /_rehearsedb/ (docs/rehearsal.md): JSON in and out, DynamoDB's own
 * member names. One row a path; a handler fills the request's reply or fails as an operation does.
 */

#include "api/internal.h"
#include "api/limits.h"
#include "api/request.h"
#include "api/shape.h"
#include "api/tables/table_description.h"
#include "api/world.h"
#include "storage/items/backfill.h"
#include "storage/table/holds.h"
#include "storage/table/lifecycle.h"

#include <string.h>

struct control {
    struct request request;
    struct bytes argument; /* what follows the path's prefix: the table in tables/T */
};

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

/* ---- tables/T ---- */

static const char *phase_text(const struct index_definition *index)
{
    switch (index->phase) {
    case INDEX_CREATING_WITH_TABLE:
    case INDEX_ALLOCATING:
        return "ALLOCATING";
    case INDEX_BACKFILLING:
        return "BACKFILLING";
    case INDEX_DELETING:
        return "DELETING";
    case INDEX_ACTIVE:
        break;
    }
    return "ACTIVE";
}

static void write_index(struct request *request,
                        const struct table_definition *table,
                        const struct index_definition *index)
{
    struct json_writer *writer = &request->writer;
    uint64_t total = txn_count(request->txn, table->database);
    struct backfill_progress progress = backfill_find(request->txn, index);
    bool is_building = index->phase == INDEX_ALLOCATING || index->phase == INDEX_BACKFILLING;
    uint64_t indexed = txn_count(request->txn, index->database);
    uint64_t scanned = is_building ? progress.items_scanned : total;
    uint64_t percent = total == 0 ? 100 : scanned * 100 / total;
    json_open_object(writer);
    json_member_text(writer, "IndexName", index->name);
    json_member_text(writer, "IndexStatus", bytes_of_text(index_status_text(index)));
    json_member_text(writer, "Phase", bytes_of_text(phase_text(index)));
    json_member_boolean(writer, "Held", index_is_held(request->txn, table, index));
    json_member_integer(writer, "ItemsTotal", (int64_t)total);
    json_member_integer(writer, "ItemsScanned", (int64_t)scanned);
    json_member_integer(writer, "ItemsIndexed", (int64_t)indexed);
    json_member_integer(writer, "ItemsSkipped",
                        (int64_t)(is_building       ? progress.items_skipped
                                  : indexed < total ? total - indexed
                                                    : 0));
    json_member_integer(writer, "PercentageProgress", (int64_t)(percent > 100 ? 100 : percent));
    json_member_integer(writer, "SizeBytes", (int64_t)database_size(request->txn, index->database));
    json_close_object(writer);
}

static bool show_table(struct control *control)
{
    struct request *request = &control->request;
    struct json_writer *writer = &request->writer;
    const struct table_definition *table = request_table(request, control->argument);
    if (table == NULL) {
        return false;
    }
    json_open_object(writer);
    json_member_text(writer, "TableName", table->name);
    json_member_text(writer, "TableStatus", bytes_of_text(table_status_text(table)));
    json_member_integer(writer, "ItemCount", (int64_t)txn_count(request->txn, table->database));
    json_member_integer(writer, "SizeBytes", (int64_t)database_size(request->txn, table->database));
    json_write_key(writer, "Indexes");
    json_open_array(writer);
    for (size_t i = 0; i < table->index_count; i++) {
        write_index(request, table, &table->indexes[i]);
    }
    json_close_array(writer);
    json_close_object(writer);
    return true;
}

/* ---- hold, release ---- */

static const struct shape HOLD_PHASE = { .kind = SHAPE_STRING,
                                         .values = "ALLOCATING, BACKFILLING" };
static const struct shape ITEM_COUNT = { .kind = SHAPE_LONG, .range = { 0, SHAPE_NO_MAX } };
static const struct member HOLD_MEMBERS[] = {
    { "TableName", &SHAPE_NEW_TABLE_NAME, REQUIRED },
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "Phase", &HOLD_PHASE, REQUIRED },
    { "AfterItems", &ITEM_COUNT, OPTIONAL },
};
static const struct shape HOLD = SHAPE_STRUCTURE_OF("Hold", HOLD_MEMBERS);
static const struct member RELEASE_MEMBERS[] = {
    { "TableName", &SHAPE_NEW_TABLE_NAME, REQUIRED },
    { "IndexName", &SHAPE_INDEX_NAME, REQUIRED },
    { "Items", &ITEM_COUNT, OPTIONAL },
};
static const struct shape RELEASE = SHAPE_STRUCTURE_OF("Release", RELEASE_MEMBERS);

static bool reply_empty(struct request *request)
{
    json_open_object(&request->writer);
    json_close_object(&request->writer);
    return true;
}

static bool set_hold(struct control *control)
{
    struct request *request = &control->request;
    bool is_backfilling = shape_text_is(json_member(request->input, "Phase"), "BACKFILLING");
    struct hold hold = {
        .phase = is_backfilling ? HOLD_BACKFILLING : HOLD_ALLOCATING,
        .after_items = (uint64_t)request_integer(request, "AfterItems", 0),
    };
    hold_set(request->txn, request_qualified_name(request, request_text(request, "TableName")),
             request_text(request, "IndexName"), hold);
    return reply_empty(request);
}

/* With Items: goes on for that many and holds again. */
static bool release_hold(struct control *control)
{
    struct request *request = &control->request;
    struct bytes table_name = request_qualified_name(request, request_text(request, "TableName"));
    struct bytes index_name = request_text(request, "IndexName");
    if (!hold_release(request->txn, table_name, index_name)) {
        return api_fail(request, API_RESOURCE_NOT_FOUND, "Nothing holds index %.*s of table %.*s",
                        BYTES_ARGUMENTS(index_name),
                        BYTES_ARGUMENTS(request_text(request, "TableName")));
    }
    if (request_has(request, "Items")) {
        struct table_definition *table = catalog_find(request->txn, request->arena, table_name);
        const struct index_definition *index =
            table != NULL ? table_find_index(table, index_name) : NULL;
        uint64_t scanned = index != NULL ? backfill_find(request->txn, index).items_scanned : 0;
        struct hold again = {
            .phase = HOLD_BACKFILLING,
            .after_items = scanned + (uint64_t)request_integer(request, "Items", 0),
        };
        hold_set(request->txn, table_name, index_name, again);
    }
    return reply_empty(request);
}

/* ---- the table of paths ---- */

struct route {
    const char *method;
    const char *path; /* ends in '/': what follows is the argument */
    bool writes;
    bool has_table; /* is about a table, so that its world must be known */
    const struct shape *input;
    bool (*handle)(struct control *control);
};

static const struct route ROUTES[] = {
    { "GET", "health", false, false, NULL, show_health },
    { "GET", "tables/", false, true, NULL, show_table },
    { "POST", "hold", true, true, &HOLD, set_hold },
    { "POST", "release", true, true, &RELEASE, release_hold },
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

static bool
parse_input(struct request *request, const struct api_call *call, const struct route *route)
{
    struct api_error error;
    if (route->input == NULL) {
        return true;
    }
    if (!json_parse(request->arena, call->body, &request->input) ||
        json_kind(request->input) != JSON_OBJECT) {
        return api_fail(request, API_VALIDATION, "The body of %s %s must be a JSON object",
                        route->method, route->path);
    }
    return shape_check(route->input, request->input, request->arena, &error) ||
           api_fail_with(request, &error);
}

/* query -> name "=" value { "&" name "=" value }; the value as sent, empty: absent. */
static struct bytes query_value(struct bytes query, struct bytes name)
{
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

/*
 * Where worlds are separate, AccessKeyId and Region say which is meant: members of the body, or of
 * the query where there is no body. Neither is signed: the control surface has no callers.
 */
static bool enter_world(struct request *request, const struct route *route, struct bytes query)
{
    if (!request->api->is_isolated || !route->has_table) {
        return true;
    }
    bool has_body = route->input != NULL;
    struct bytes key =
        has_body ? request_text(request, "AccessKeyId") : query_value(query, BYTES("AccessKeyId"));
    struct bytes region =
        has_body ? request_text(request, "Region") : query_value(query, BYTES("Region"));
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
    if (route->writes) {
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
        if (parse_input(request, call, route) && enter_world(request, route, query)) {
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
