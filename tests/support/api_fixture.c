#include "tests/support/api_fixture.h"

#include "api/json.h"
#include "api/json_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { STEPS_MAX = 100000 };

/* ---- opening ---- */

/* cmocka cuts its own messages at a kilobyte. */
static void fail_with(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void fail_with(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    fail();
}

static const struct durations DURATIONS = { .table_create_ms = TABLE_CREATE_MS,
                                            .table_update_ms = TABLE_UPDATE_MS,
                                            .table_delete_ms = TABLE_DELETE_MS,
                                            .index_allocate_ms = INDEX_ALLOCATE_MS,
                                            .index_backfill_ms = INDEX_BACKFILL_MS,
                                            .index_delete_ms = INDEX_DELETE_MS,
                                            .table_create_indexed_ms = TABLE_CREATE_INDEXED_MS,
                                            .index_update_ms = INDEX_UPDATE_MS,
                                            .billing_provisioned_ms = BILLING_PROVISIONED_MS,
                                            .billing_on_demand_ms = BILLING_ON_DEMAND_MS,
                                            .billing_return_ms = BILLING_RETURN_MS,
                                            .stream_update_ms = STREAM_UPDATE_MS,
                                            .table_class_ms = TABLE_CLASS_MS,
                                            .encryption_ms = ENCRYPTION_MS,
                                            .warm_throughput_ms = WARM_THROUGHPUT_MS,
                                            .protection_pause_ms = PROTECTION_PAUSE_MS,
                                            .tags_update_ms = TAGS_UPDATE_MS,
                                            .ttl_update_ms = TTL_UPDATE_MS,
                                            .ttl_pause_ms = TTL_PAUSE_MS,
                                            .ttl_sweep_ms = TTL_SWEEP_MS,
                                            .insights_update_ms = INSIGHTS_UPDATE_MS,
                                            .backups_enable_ms = BACKUPS_ENABLE_MS,
                                            .policy_update_ms = POLICY_UPDATE_MS,
                                            .policy_pause_ms = POLICY_PAUSE_MS,
                                            .kinesis_enable_ms = KINESIS_ENABLE_MS,
                                            .kinesis_update_ms = KINESIS_UPDATE_MS };

static void open_api(struct api_fixture *fixture)
{
    const struct durations none = { .table_create_ms = 0 };
    char message[256];
    struct api_options options = {
        .data_directory = fixture->directory[0] != '\0' ? fixture->directory : NULL,
        .map_size_bytes = UINT64_C(1) << 30,
        .readers_max = 16,
        .durations = fixture->is_instant ? none : DURATIONS,
        .item_count_refresh_ms = fixture->counts_are_current ? 0 : ITEM_COUNT_REFRESH_MS,
        .throttles = fixture->throttles,
        .profile = "test",
        .region = "eu-test-1",
        .wording = fixture->wording,
        .is_isolated = fixture->is_isolated,
        .is_stepped_by_hand = true,
    };
    if (!api_open(&options, &fixture->api, message, sizeof message)) {
        fail_with("%s", message);
    }
}

static void open_fixture(struct api_fixture *fixture)
{
    arena_init(&fixture->arena);
    (void)pthread_mutex_init(&fixture->lock, NULL);
    (void)pthread_cond_init(&fixture->completed, NULL);
    open_api(fixture);
}

void api_fixture_open(struct api_fixture *fixture)
{
    api_fixture_open_worded(fixture, API_WORDING_CLASSIC);
}

void api_fixture_open_worded(struct api_fixture *fixture, enum api_wording wording)
{
    *fixture = (struct api_fixture){ .wording = wording };
    open_fixture(fixture);
}

void api_fixture_open_instant(struct api_fixture *fixture)
{
    *fixture = (struct api_fixture){ .is_instant = true };
    open_fixture(fixture);
}

void api_fixture_open_counting(struct api_fixture *fixture)
{
    *fixture = (struct api_fixture){ .counts_are_current = true };
    open_fixture(fixture);
}

void api_fixture_open_isolated(struct api_fixture *fixture)
{
    *fixture = (struct api_fixture){ .is_isolated = true };
    open_fixture(fixture);
}

static void open_durable(struct api_fixture *fixture)
{
    (void)snprintf(fixture->directory, sizeof fixture->directory, "/tmp/rehearsedb-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->directory));
    open_fixture(fixture);
}

void api_fixture_open_durable(struct api_fixture *fixture)
{
    *fixture = (struct api_fixture){ .wording = API_WORDING_CLASSIC };
    open_durable(fixture);
}

void api_fixture_open_throttling(struct api_fixture *fixture, bool is_durable)
{
    *fixture = (struct api_fixture){ .throttles = true };
    if (is_durable) {
        open_durable(fixture);
    } else {
        open_fixture(fixture);
    }
}

static void remove_directory(const char *directory)
{
    static const char *const FILES[] = { "data.mdb", "lock.mdb", "server.lock",
                                         "snapshots/one.mdb" };
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", directory, FILES[i]);
        (void)unlink(path);
    }
    char snapshots[128];
    (void)snprintf(snapshots, sizeof snapshots, "%s/snapshots", directory);
    (void)rmdir(snapshots);
    assert_int_equal(rmdir(directory), 0);
}

void api_fixture_close(struct api_fixture *fixture)
{
    api_close(fixture->api);
    if (fixture->directory[0] != '\0') {
        remove_directory(fixture->directory);
    }
    arena_deinit(&fixture->arena);
    (void)pthread_cond_destroy(&fixture->completed);
    (void)pthread_mutex_destroy(&fixture->lock);
}

int api_fixture_set_up(void **state)
{
    struct api_fixture *fixture = malloc(sizeof *fixture);
    assert_non_null(fixture);
    api_fixture_open(fixture);
    *state = fixture;
    return 0;
}

int api_fixture_set_up_throttling(void **state)
{
    struct api_fixture *fixture = malloc(sizeof *fixture);
    assert_non_null(fixture);
    api_fixture_open_throttling(fixture, false);
    *state = fixture;
    return 0;
}

int api_fixture_tear_down(void **state)
{
    api_fixture_close(*state);
    free(*state);
    return 0;
}

void api_fixture_reopen(struct api_fixture *fixture)
{
    assert_true(fixture->directory[0] != '\0');
    api_close(fixture->api);
    open_api(fixture);
}

void api_fixture_forget(struct api_fixture *fixture)
{
    arena_reset(&fixture->arena);
}

void api_fixture_settle(struct api_fixture *fixture)
{
    for (size_t i = 0; i < STEPS_MAX; i++) {
        if (!api_step(fixture->api)) {
            return;
        }
    }
    fail_with("the background does not come to rest");
}

void api_fixture_advance(struct api_fixture *fixture, int64_t by_ms)
{
    api_advance_clock(fixture->api, by_ms);
    api_fixture_settle(fixture);
}

/* ---- texts ---- */

const char *api_fixture_text(struct api_fixture *fixture, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert_true(length >= 0);
    char *text = arena_alloc(&fixture->arena, (size_t)length + 1);
    (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

const char *api_fixture_repeat(struct api_fixture *fixture, char character, size_t count)
{
    char *text = arena_alloc(&fixture->arena, count + 1);
    memset(text, character, count);
    text[count] = '\0';
    return text;
}

/* With double quotes for the single ones. */
static struct bytes json_of_text(struct api_fixture *fixture, const char *text)
{
    size_t length = strlen(text);
    uint8_t *json = arena_alloc(&fixture->arena, length);
    for (size_t i = 0; i < length; i++) {
        json[i] = text[i] == '\'' ? '"' : (uint8_t)text[i];
    }
    return (struct bytes){ json, length };
}

/* ---- calls ---- */

static void complete(struct api_call *call)
{
    struct api_fixture *fixture = call->context;
    (void)pthread_mutex_lock(&fixture->lock);
    fixture->is_complete = true;
    (void)pthread_cond_signal(&fixture->completed);
    (void)pthread_mutex_unlock(&fixture->lock);
}

static void wait_until_complete(struct api_fixture *fixture)
{
    (void)pthread_mutex_lock(&fixture->lock);
    while (!fixture->is_complete) {
        (void)pthread_cond_wait(&fixture->completed, &fixture->lock);
    }
    (void)pthread_mutex_unlock(&fixture->lock);
}

static struct api_call call_of(struct api_fixture *fixture, const char *target, struct bytes body)
{
    return (struct api_call){
        .arena = &fixture->arena,
        .target = bytes_of_text(target),
        .body = body,
        .caller = fixture->caller,
        .refusal = fixture->refusal,
        .completed = complete,
        .context = fixture,
    };
}

static struct api_reply reply_of(struct api_fixture *fixture, const struct api_call *call)
{
    struct api_reply reply = { .status = call->status, .body = call->reply, .drops = call->drops };
    if (reply.body.length > 0 && !json_parse(&fixture->arena, reply.body, &reply.json)) {
        fail_with("the reply is not JSON: %.*s", BYTES_ARGUMENTS(reply.body));
    }
    return reply;
}

struct api_reply
api_fixture_send(struct api_fixture *fixture, const char *target, struct bytes body)
{
    struct api_call call = call_of(fixture, target, body);
    fixture->is_complete = false;
    if (api_handle(fixture->api, &call) == API_PENDING) {
        wait_until_complete(fixture);
    }
    return reply_of(fixture, &call);
}

struct api_reply call(struct api_fixture *fixture, const char *operation, const char *request)
{
    const char *target = api_fixture_text(fixture, "DynamoDB_20120810.%s", operation);
    return api_fixture_send(fixture, target, json_of_text(fixture, request));
}

struct api_reply
control(struct api_fixture *fixture, const char *method, const char *path, const char *request)
{
    struct bytes body = request != NULL ? json_of_text(fixture, request) : BYTES("");
    struct api_call call = call_of(fixture, "", body);
    const char *query = strchr(path, '?');
    struct bytes before = { (const uint8_t *)path, strcspn(path, "?") };
    api_control(fixture->api, &call, bytes_of_text(method), before,
                bytes_of_text(query != NULL ? query + 1 : ""));
    return reply_of(fixture, &call);
}

/* ---- expectations ---- */

const struct cJSON *
assert_accepted(struct api_fixture *fixture, const char *operation, const char *request)
{
    struct api_reply reply = call(fixture, operation, request);
    if (reply.status != 200) {
        fail_with("%s %s\nis refused: %.*s", operation, request, BYTES_ARGUMENTS(reply.body));
    }
    return reply.json;
}

static bool text_at_is(struct api_fixture *fixture,
                       const struct cJSON *json,
                       const char *name,
                       const char *expected)
{
    const struct cJSON *text = json_member(json, name);
    if (text == NULL || expected == NULL) {
        return text == NULL && expected == NULL;
    }
    return bytes_equal(json_text(&fixture->arena, text), bytes_of_text(expected));
}

static void assert_error(struct api_fixture *fixture,
                         const char *operation,
                         const char *request,
                         int status,
                         const char *type,
                         const char *message)
{
    struct api_reply reply = call(fixture, operation, request);
    bool has_capital = strcmp(type, SERIALIZES) == 0 || strcmp(type, TRANSACTION_CANCELED) == 0 ||
                       strcmp(type, TOKEN_MISMATCH) == 0 || strcmp(type, ACCESS_DENIED) == 0;
    if (reply.status != status || !text_at_is(fixture, reply.json, "__type", type) ||
        !text_at_is(fixture, reply.json, has_capital ? "Message" : "message", message)) {
        fail_with("%s %s\nis answered %d %.*s\nwanted       %d %s\n%s", operation, request,
                  reply.status, BYTES_ARGUMENTS(reply.body), status, type,
                  message != NULL ? message : "(no message)");
    }
}

void assert_refused(struct api_fixture *fixture,
                    const char *operation,
                    const char *request,
                    const char *type,
                    const char *message)
{
    assert_error(fixture, operation, request, 400, type, message);
}

void assert_failed(struct api_fixture *fixture,
                   const char *operation,
                   const char *request,
                   const char *type,
                   const char *message)
{
    assert_error(fixture, operation, request, 500, type, message);
}

static bool is_equal(struct arena *arena, const struct cJSON *left, const struct cJSON *right);

static bool
objects_are_equal(struct arena *arena, const struct cJSON *left, const struct cJSON *right)
{
    bool equal = json_count(left) == json_count(right);
    for (const struct cJSON *one = json_first(left); equal && one != NULL; one = json_next(one)) {
        const struct cJSON *other = json_first(right);
        while (other != NULL && !bytes_equal(json_name(arena, one), json_name(arena, other))) {
            other = json_next(other);
        }
        equal = other != NULL && is_equal(arena, one, other);
    }
    return equal;
}

static bool
arrays_are_equal(struct arena *arena, const struct cJSON *left, const struct cJSON *right)
{
    bool equal = json_count(left) == json_count(right);
    const struct cJSON *other = json_first(right);
    for (const struct cJSON *one = json_first(left); equal && one != NULL; one = json_next(one)) {
        equal = is_equal(arena, one, other);
        other = json_next(other);
    }
    return equal;
}

static bool is_equal(struct arena *arena, const struct cJSON *left, const struct cJSON *right)
{
    if (json_kind(left) != json_kind(right)) {
        return false;
    }
    switch (json_kind(left)) {
    case JSON_NUMBER:
        return json_number(left) >= json_number(right) && json_number(left) <= json_number(right);
    case JSON_STRING:
        return bytes_equal(json_text(arena, left), json_text(arena, right));
    case JSON_ARRAY:
        return arrays_are_equal(arena, left, right);
    case JSON_OBJECT:
        return objects_are_equal(arena, left, right);
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE:
        break;
    }
    return true;
}

static void append_json(struct buffer *to, const struct cJSON *json);

static void append_container(struct buffer *to, const struct cJSON *json)
{
    bool is_object = json_kind(json) == JSON_OBJECT;
    buffer_append_u8(to, is_object ? '{' : '[');
    for (const struct cJSON *one = json_first(json); one != NULL; one = json_next(one)) {
        if (is_object) {
            json_append_text(to, json_name(to->arena, one));
            buffer_append_u8(to, ':');
        }
        append_json(to, one);
        buffer_append_text(to, json_next(one) != NULL ? "," : "");
    }
    buffer_append_u8(to, is_object ? '}' : ']');
}

/* For failures: what was found. */
static void append_json(struct buffer *to, const struct cJSON *json)
{
    switch (json_kind(json)) {
    case JSON_NULL:
        buffer_append_text(to, "null");
        break;
    case JSON_FALSE:
        buffer_append_text(to, "false");
        break;
    case JSON_TRUE:
        buffer_append_text(to, "true");
        break;
    case JSON_NUMBER:
        buffer_append_format(to, "%.15g", json_number(json));
        break;
    case JSON_STRING:
        json_append_text(to, json_text(to->arena, json));
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        append_container(to, json);
        break;
    }
}

static const char *text_of_json(struct api_fixture *fixture, const struct cJSON *json)
{
    struct buffer text;
    if (json == NULL) {
        return "(nothing)";
    }
    buffer_init(&text, &fixture->arena, 256);
    append_json(&text, json);
    return bytes_to_text(&fixture->arena, buffer_view(&text));
}

static const struct cJSON *parse(struct api_fixture *fixture, const char *text)
{
    const struct cJSON *json = NULL;
    if (!json_parse(&fixture->arena, json_of_text(fixture, text), &json)) {
        fail_with("the expectation is not JSON: %s", text);
    }
    return json;
}

const struct cJSON *json_at(const struct cJSON *json, const char *path)
{
    while (json != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");
        const struct cJSON *child = json_first(json);
        if (json_kind(json) == JSON_ARRAY) {
            for (long i = strtol(path, NULL, 10); i > 0 && child != NULL; i--) {
                child = json_next(child);
            }
        } else {
            char name[128];
            (void)snprintf(name, sizeof name, "%.*s", (int)length, path);
            child = json_member(json, name);
        }
        json = child;
        path += length + (path[length] == '.');
    }
    return json;
}

void assert_member_is(struct api_fixture *fixture,
                      const struct cJSON *json,
                      const char *path,
                      const char *expected)
{
    const struct cJSON *found = json_at(json, path);
    const struct cJSON *wanted = expected != NULL ? parse(fixture, expected) : NULL;
    if (found == NULL || wanted == NULL ? found != wanted
                                        : !is_equal(&fixture->arena, found, wanted)) {
        fail_with("%s of %s\nis     %s\nwanted %s", path, text_of_json(fixture, json),
                  text_of_json(fixture, found), text_of_json(fixture, wanted));
    }
}

void assert_answer(struct api_fixture *fixture,
                   const char *operation,
                   const char *request,
                   const char *expected)
{
    const struct cJSON *reply = assert_accepted(fixture, operation, request);
    if (!is_equal(&fixture->arena, reply, parse(fixture, expected))) {
        fail_with("%s %s\nis answered %s\nwanted      %s", operation, request,
                  text_of_json(fixture, reply), expected);
    }
}

const char *column(struct api_fixture *fixture, const struct cJSON *reply, const char *attribute)
{
    const struct cJSON *items = json_at(reply, "Items");
    struct buffer texts;
    buffer_init(&texts, &fixture->arena, 64);
    for (const struct cJSON *item = json_first(items); item != NULL; item = json_next(item)) {
        const struct cJSON *value = json_member(item, attribute);
        buffer_append_text(&texts, texts.length > 0 ? " " : "");
        buffer_append_bytes(&texts, value != NULL ? json_text(&fixture->arena, json_first(value))
                                                  : BYTES("-"));
    }
    return bytes_to_text(&fixture->arena, buffer_view(&texts));
}

/* ---- beginnings ---- */

void create_table(struct api_fixture *fixture, const char *request)
{
    (void)assert_accepted(fixture, "CreateTable", request);
    api_fixture_advance(fixture, TABLE_CREATE_INDEXED_MS);
}

void put_items(struct api_fixture *fixture, const char *table_name, const char *const *items)
{
    for (size_t i = 0; items[i] != NULL; i++) {
        (void)assert_accepted(
            fixture, "PutItem",
            api_fixture_text(fixture, "{'TableName':'%s','Item':%s}", table_name, items[i]));
    }
}
