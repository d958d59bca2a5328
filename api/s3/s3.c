#include "api/s3/s3.h"

#include "api/internal.h"
#include "api/json_scan.h"
#include "api/protocol/xml.h"
#include "api/s3/aws_chunked.h"
#include "api/world.h"
#include "storage/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STATUS_OK = 200, STATUS_NO_CONTENT = 204, BUCKET_SIZE_MIN = 3, BUCKET_SIZE_MAX = 63 };

const struct s3_error S3_INTERNAL_ERROR = { "InternalError", 500 };
const struct s3_error S3_INVALID_ARGUMENT = { "InvalidArgument", 400 };
static const struct s3_error ACCESS_DENIED = { "AccessDenied", 403 };
static const struct s3_error BUCKET_NOT_EMPTY = { "BucketNotEmpty", 409 };
static const struct s3_error INCOMPLETE_BODY = { "IncompleteBody", 400 };
static const struct s3_error INSUFFICIENT_STORAGE = { "EntityTooLarge", 400 };
static const struct s3_error INVALID_BUCKET_NAME = { "InvalidBucketName", 400 };
static const struct s3_error INVALID_URI = { "InvalidURI", 400 };
static const struct s3_error KEY_TOO_LONG = { "KeyTooLongError", 400 };
static const struct s3_error METHOD_NOT_ALLOWED = { "MethodNotAllowed", 405 };
static const struct s3_error NO_SUCH_KEY = { "NoSuchKey", 404 };
static const struct s3_error NO_ENCRYPTION = { "ServerSideEncryptionConfigurationNotFoundError",
                                               404 };

bool s3_fail(struct s3_request *request, const struct s3_error *error, const char *format, ...)
{
    if (request->error != NULL) {
        return false;
    }
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = arena_alloc(request->arena, (size_t)length + 1);
    (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    request->error = error;
    buffer_init(&request->message, request->arena, 0);
    buffer_append_text(&request->message, text);
    return false;
}

static bool end_write(struct s3_request *request, struct txn *txn)
{
    enum storage_status status = txn_commit(txn);
    if (status == STORAGE_FULL) {
        return s3_fail(request, &INSUFFICIENT_STORAGE,
                       "The store is full; start again with a larger --map-size");
    }
    return status == STORAGE_OK ||
           s3_fail(request, &S3_INTERNAL_ERROR, "The server could not write its store");
}

/* ---- objects ---- */

static bool put_object(struct s3_request *request)
{
    struct txn txn;
    struct object object = { .body = request->call->body,
                             .type = request->input->content_type,
                             .modified_ms = request->now_ms };
    if (request->input->is_copy) {
        return s3_fail(request, &METHOD_NOT_ALLOWED, "Objects are not copied here; put them");
    }
    if (request->input->is_chunked &&
        !aws_chunked_decode(request->arena, request->call->body, &object.body)) {
        return s3_fail(request, &INCOMPLETE_BODY,
                       "The request body terminated unexpectedly, or is not in chunks");
    }
    if (object.type.length == 0) {
        object.type = BYTES("binary/octet-stream");
    }
    txn_begin_write(request->api->storage.env, &txn);
    object_put(&txn, request->arena, &request->place, &object);
    request->output->etag = object.etag;
    return end_write(request, &txn);
}

static bool get_object(struct s3_request *request)
{
    struct txn txn;
    struct object object = { 0 };
    txn_begin_read(request->api->storage.env, &txn);
    bool found = object_find(&txn, request->arena, &request->place, &object);
    enum storage_status status = txn.status;
    txn_abort(&txn);
    if (status != STORAGE_OK) {
        return s3_fail(request, &S3_INTERNAL_ERROR, "The server could not read its store");
    }
    if (!found) {
        return s3_fail(request, &NO_SUCH_KEY, "The specified key does not exist.");
    }
    request->call->reply = object.body;
    request->output->reply_type = object.type;
    request->output->etag = object.etag;
    request->output->modified_ms = object.modified_ms;
    return true;
}

/* That there is none is no error. */
static bool delete_object(struct s3_request *request)
{
    struct txn txn;
    request->call->status = STATUS_NO_CONTENT;
    txn_begin_write(request->api->storage.env, &txn);
    (void)object_remove(&txn, request->arena, &request->place);
    return end_write(request, &txn);
}

/* ---- buckets ---- */

static bool accept_bucket(struct s3_request *request)
{
    (void)request;
    return true;
}

static bool delete_bucket(struct s3_request *request)
{
    struct txn txn;
    struct object object;
    txn_begin_read(request->api->storage.env, &txn);
    bool found = object_next(&txn, request->arena, &request->place, BYTES(""), &object);
    txn_abort(&txn);
    request->call->status = STATUS_NO_CONTENT;
    return !found ||
           s3_fail(request, &BUCKET_NOT_EMPTY, "The bucket you tried to delete is not empty");
}

static bool get_location(struct s3_request *request)
{
    struct buffer *to = &request->reply;
    bool is_first = bytes_equal(request->region, BYTES("us-east-1")); /* which has no name here */
    xml_open_in_namespace(to, "LocationConstraint", "http://s3.amazonaws.com/doc/2006-03-01/");
    xml_append_text(to, is_first ? BYTES("") : request->region);
    xml_close(to, "LocationConstraint");
    return true;
}

static bool get_encryption(struct s3_request *request)
{
    return s3_fail(request, &NO_ENCRYPTION,
                   "The server side encryption configuration was not found");
}

/* ---- finding the operation ---- */

typedef bool operation(struct s3_request *request);

static const struct {
    const char *method;
    const char *parameter; /* in the query; NULL: none */
    bool has_key;
    operation *run;
} OPERATIONS[] = {
    { "GET", NULL, true, get_object },
    { "HEAD", NULL, true, get_object },
    { "PUT", NULL, true, put_object },
    { "DELETE", NULL, true, delete_object },
    { "GET", "list-type", false, s3_list_objects },
    { "GET", "location", false, get_location },
    { "GET", "encryption", false, get_encryption },
    { "HEAD", NULL, false, accept_bucket },
    { "PUT", NULL, false, accept_bucket },
    { "DELETE", NULL, false, delete_bucket },
};

/* Parameters that say nothing about what is to be done, or belong to an operation. */
static bool is_harmless(struct bytes name)
{
    static const char *const names[] = { "x-id",          "prefix",      "delimiter",
                                         "max-keys",      "start-after", "continuation-token",
                                         "encoding-type", "fetch-owner" };
    bool harmless = bytes_start_with(name, BYTES("X-Amz-"));
    for (size_t i = 0; !harmless && i < sizeof names / sizeof *names; i++) {
        harmless = bytes_equal(name, bytes_of_text(names[i]));
    }
    return harmless;
}

static bool has_parameters(const struct s3_request *request, const char *parameter)
{
    bool has_it = parameter == NULL;
    for (size_t i = 0; i < request->query.count; i++) {
        struct bytes name = request->query.pairs[i].name;
        bool is_it = parameter != NULL && bytes_equal(name, bytes_of_text(parameter));
        has_it = has_it || is_it;
        if (!is_it && !is_harmless(name)) {
            return false;
        }
    }
    return has_it;
}

static operation *find_operation(const struct s3_request *request)
{
    bool has_key = request->place.key.length > 0;
    for (size_t i = 0; i < sizeof OPERATIONS / sizeof *OPERATIONS; i++) {
        if (OPERATIONS[i].has_key == has_key &&
            bytes_equal(request->input->method, bytes_of_text(OPERATIONS[i].method)) &&
            has_parameters(request, OPERATIONS[i].parameter)) {
            return OPERATIONS[i].run;
        }
    }
    return NULL;
}

/* ---- the call ---- */

static bool is_bucket_name(struct bytes name)
{
    bool is_name = name.length >= BUCKET_SIZE_MIN && name.length <= BUCKET_SIZE_MAX;
    for (size_t i = 0; is_name && i < name.length; i++) {
        uint8_t byte = name.data[i];
        is_name = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '.' ||
                  byte == '-';
    }
    return is_name;
}

/* "/BUCKET/KEY", or "/KEY" where the host is the bucket's. */
static void read_place(struct s3_request *request)
{
    struct bytes path = request->input->path;
    struct bytes bucket = object_bucket_of_host(request->call->caller.host);
    path = path.length > 0 ? (struct bytes){ path.data + 1, path.length - 1 } : path;
    if (bucket.length == 0) {
        const uint8_t *slash = path.length > 0 ? memchr(path.data, '/', path.length) : NULL;
        bucket = path;
        bucket.length = slash != NULL ? (size_t)(slash - path.data) : path.length;
        size_t skipped = bucket.length + (slash != NULL);
        path = (struct bytes){ path.data + skipped, path.length - skipped };
    }
    request->place.bucket = bucket;
    request->place.key = path;
}

static bool read_request(struct s3_request *request)
{
    const struct api_call *call = request->call;
    struct bytes query = form_decode(request->arena, request->input->query);
    if (call->refusal.type != NULL) {
        return s3_fail(request, &ACCESS_DENIED, "Access Denied");
    }
    if (request->api->is_isolated && !world_of(request->arena, call->caller.access_key_id,
                                               request->region, &request->place.world)) {
        return s3_fail(request, &ACCESS_DENIED, "Access Denied");
    }
    if (!json_scan_is_utf8(request->input->path) || !json_scan_is_utf8(query) ||
        !form_parse(request->arena, request->input->query, &request->query)) {
        return s3_fail(request, &INVALID_URI, "Couldn't parse the specified URI.");
    }
    read_place(request);
    if (request->place.bucket.length > 0 && !is_bucket_name(request->place.bucket)) {
        return s3_fail(request, &INVALID_BUCKET_NAME, "The specified bucket is not valid.");
    }
    return true;
}

static bool run(struct s3_request *request)
{
    if (!read_request(request)) {
        return false;
    }
    operation *found = request->place.bucket.length > 0 ? find_operation(request) : NULL;
    if (found == NULL) {
        return s3_fail(request, &METHOD_NOT_ALLOWED,
                       "Of S3, objects are put, got, listed (list-type=2) and deleted here, and "
                       "nothing else");
    }
    if (request->place.key.length > 0 && !object_place_is_valid(&request->place)) {
        return s3_fail(request, &KEY_TOO_LONG, "Your key is too long");
    }
    return found(request);
}

static void write_error(struct s3_request *request)
{
    struct buffer *to = &request->reply;
    to->length = 0;
    buffer_append_text(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml_open(to, "Error");
    xml_append_element(to, "Code", bytes_of_text(request->error->code));
    xml_append_element(to, "Message", buffer_view(&request->message));
    xml_append_element(to, "RequestId", request->call->request_id);
    xml_close(to, "Error");
    request->call->status = request->error->status;
    *request->output = (struct api_s3){ .reply_type = BYTES("application/xml") };
}

void api_s3(struct api *api, struct api_call *call, struct api_s3 *exchange)
{
    struct api_s3 input = *exchange;
    struct s3_request request = {
        .api = api,
        .call = call,
        .input = &input,
        .arena = call->arena,
        .place = { .world = BYTES("") },
        .region = call->caller.region.length > 0 ? call->caller.region : api->region,
        .now_ms = clock_now_ms(&api->clock),
        .output = exchange,
    };
    buffer_init(&request.reply, call->arena, 0);
    call->status = STATUS_OK;
    call->reply = BYTES("");
    bool is_done = run(&request);
    if (!is_done) {
        write_error(&request);
    }
    if (request.reply.length > 0) {
        call->reply = buffer_view(&request.reply);
        exchange->reply_type = BYTES("application/xml");
    }
}
