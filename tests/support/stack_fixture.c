#include "tests/support/stack_fixture.h"

#include "api/cloudformation/cloudformation.h"
#include "api/cloudformation/stack_events.h"
#include "api/cloudformation/stack_store.h"
#include "api/internal.h"
#include "api/json_writer.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TICK_MS = 50, TICKS_MAX = 10000, UUID_LENGTH = 36, REQUEST_SIZE_FIRST = 1024 };

static const char *with_double_quotes(struct api_fixture *fixture, const char *text)
{
    char *json = bytes_to_text(&fixture->arena, bytes_of_text(text));
    for (char *letter = json; *letter != '\0'; letter++) {
        if (*letter == '\'') {
            *letter = '"';
        }
    }
    return json;
}

static struct api_reply
send_body(struct api_fixture *fixture, const char *operation, struct bytes body)
{
    struct api_call call = {
        .arena = &fixture->arena,
        .target = bytes_of_text(operation),
        .body = body,
        .caller = fixture->caller,
        .request_id = BYTES("ID"),
    };
    struct api_reply reply = { 0 };
    if (call.caller.access_key_id.length == 0) {
        call.caller.access_key_id = BYTES("key");
    }
    service_call(&CLOUDFORMATION, fixture->api, &call, API_PROTOCOL_JSON);
    reply.status = call.status;
    reply.body = call.reply;
    (void)json_parse(&fixture->arena, call.reply, &reply.json);
    return reply;
}

struct api_reply stack_call(struct api_fixture *fixture, const char *operation, const char *request)
{
    return send_body(fixture, operation, bytes_of_text(with_double_quotes(fixture, request)));
}

struct api_reply stack_submit(struct api_fixture *fixture,
                              const char *operation,
                              const char *rest,
                              const char *template)
{
    struct buffer body;
    buffer_init(&body, &fixture->arena, REQUEST_SIZE_FIRST);
    buffer_append_format(&body, "{%s,\"TemplateBody\":", with_double_quotes(fixture, rest));
    json_append_text(&body, bytes_of_text(with_double_quotes(fixture, template)));
    buffer_append_text(&body, "}");
    return send_body(fixture, operation, buffer_view(&body));
}

void assert_begun(struct api_reply reply)
{
    if (reply.status != 200) {
        print_error("refused: %.*s\n", BYTES_ARGUMENTS(reply.body));
    }
    assert_int_equal(reply.status, 200);
}

void assert_stack_refused(struct api_fixture *fixture,
                          struct api_reply reply,
                          const char *type,
                          const char *message)
{
    const struct cJSON *found_type = json_member(reply.json, "__type");
    const struct cJSON *found = json_member(reply.json, "message");
    bool is_expected =
        reply.status / 100 == 4 && found_type != NULL && found != NULL &&
        strcmp(bytes_to_text(&fixture->arena, json_text(&fixture->arena, found_type)),
               api_fixture_text(fixture, "com.amazonaws.cloudformation#%s", type)) == 0 &&
        strcmp(bytes_to_text(&fixture->arena, json_text(&fixture->arena, found)), message) == 0;
    if (!is_expected) {
        print_error("is %d %.*s\nwanted %s %s\n", reply.status, BYTES_ARGUMENTS(reply.body), type,
                    message);
    }
    assert_true(is_expected);
}

struct stack *stack_of(struct api_fixture *fixture, const char *name)
{
    struct txn txn;
    txn_begin_read(fixture->api->storage.env, &txn);
    struct stack *stack = stack_find(&txn, &fixture->arena, BYTES(""), bytes_of_text(name));
    txn_abort(&txn);
    return stack;
}

const char *stack_finish(struct api_fixture *fixture, const char *name)
{
    const struct stack *stack = stack_of(fixture, name);
    assert_non_null(stack);
    for (int i = 0; i < TICKS_MAX; i++) {
        api_fixture_settle(fixture);
        stack = stack_of(fixture, stack->id);
        if (!stack_status_is_busy(stack->status)) {
            return stack_status_name(stack->status);
        }
        api_fixture_advance(fixture, TICK_MS);
    }
    print_error("stays %s\n%s", stack_status_name(stack->status),
                stack_story(fixture, stack->id, 0));
    fail();
    return NULL;
}

const char *stack_deploy(struct api_fixture *fixture,
                         const char *operation,
                         const char *rest,
                         const char *template)
{
    assert_begun(stack_submit(fixture, operation, rest, template));
    return stack_finish(fixture, "app");
}

/* ---- stories ---- */

static bool is_uuid(const char *text)
{
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : !isxdigit((unsigned char)text[i])) {
            return false;
        }
    }
    return true;
}

static void append_reason(struct buffer *story, const char *reason)
{
    while (*reason != '\0') {
        if (is_uuid(reason)) {
            buffer_append_text(story, "UUID");
            reason += UUID_LENGTH;
        } else {
            buffer_append_u8(story, (uint8_t)*reason++);
        }
    }
}

const char *stack_story(struct api_fixture *fixture, const char *name, uint64_t after)
{
    struct txn txn;
    struct stack_event event;
    struct buffer story;
    const struct stack *stack = stack_of(fixture, name);
    int64_t last_ms = 0;
    assert_non_null(stack);
    buffer_init(&story, &fixture->arena, REQUEST_SIZE_FIRST);
    txn_begin_read(fixture->api->storage.env, &txn);
    for (uint64_t number = after + 1; number <= stack->last_event; number++) {
        assert_true(stack_event_previous(&txn, &fixture->arena, stack, number + 1, &event));
        assert_int_equal(event.number, number);
        assert_true(event.time_ms > last_ms);
        last_ms = event.time_ms;
        buffer_append_format(&story, "%s %s", event.logical_id, event.status);
        if (event.reason[0] != '\0') {
            buffer_append_u8(&story, ' ');
            append_reason(&story, event.reason);
        }
        buffer_append_u8(&story, '\n');
    }
    txn_abort(&txn);
    return bytes_to_text(&fixture->arena, buffer_view(&story));
}

void assert_story(struct api_fixture *fixture,
                  const char *name,
                  uint64_t after,
                  const char *expected)
{
    const char *story = stack_story(fixture, name, after);
    if (strcmp(story, expected) != 0) {
        (void)fprintf(stderr, "the story is\n%swanted\n%s", story, expected);
    }
    assert_true(strcmp(story, expected) == 0);
}

const char *stack_physical_id(struct api_fixture *fixture, const char *name, const char *logical_id)
{
    const struct stack *stack = stack_of(fixture, name);
    const struct stack_resource *resource =
        stack == NULL ? NULL : stack_resources_find(&stack->resources, logical_id);
    return resource == NULL ? "" : resource->physical_id;
}
