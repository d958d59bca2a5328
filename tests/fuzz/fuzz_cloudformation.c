/*
 * Whole calls of CloudFormation and STS as forms, and of Systems Manager as JSON: the first byte
 * picks the service, the rest is the body. A stack is there, and the store is kept over the runs,
 * so that calls meet what others have left; it begins anew now and then. Time goes by between
 * calls.
 *
 * Whatever is sent, the answer is no failure of the server, and XML or JSON.
 */

#include "api/api.h"
#include "api/json.h"
#include "storage/base/arena.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RUNS_PER_STORE = 1000, STEPS_PER_RUN = 8, STEP_MS = 50, STATUS_FAILED = 500 };

static const char STACK[] =
    "Action=CreateStack&StackName=S&TemplateBody=Resources%3A%0A+T%3A%0A++Type%3A+AWS%3A%3ADynamoDB"
    "%3A%3ATable%0A++Properties%3A+%7BBillingMode%3A+PAY_PER_REQUEST%2C+AttributeDefinitions%3A+"
    "%5B%7BAttributeName%3A+p%2C+AttributeType%3A+S%7D%5D%2C+KeySchema%3A+%5B%7BAttributeName%3A+"
    "p%2C+KeyType%3A+HASH%7D%5D%7D";

static struct api *api;
static size_t runs;

static void step(void)
{
    api_advance_clock(api, STEP_MS);
    for (int i = 0; i < STEPS_PER_RUN && api_step(api); i++) {
    }
}

static void require(bool condition, const struct api_call *call)
{
    if (!condition) {
        (void)fprintf(stderr, "%d %.*s\n", call->status, BYTES_ARGUMENTS(call->reply));
        abort();
    }
}

static void handle(enum api_service service, enum api_protocol protocol, struct bytes body)
{
    struct arena arena;
    const struct cJSON *json;
    arena_init(&arena);
    struct api_call call = { .arena = &arena,
                             .target = BYTES("GetParameter"),
                             .body = body,
                             .caller.access_key_id = BYTES("key"),
                             .request_id = BYTES("ID") };
    api_service(api, &call, service, protocol);
    require(call.status >= 200 && call.status < STATUS_FAILED, &call);
    require(call.reply.length > 0, &call);
    if (protocol == API_PROTOCOL_JSON) {
        require(json_parse(&arena, call.reply, &json), &call);
    } else {
        require(call.reply.data[0] == '<' && call.reply.data[call.reply.length - 1] == '>', &call);
    }
    arena_deinit(&arena);
}

static void open_store(void)
{
    char message[256];
    struct api_options options = { .map_size_bytes = UINT64_C(1) << 28,
                                   .readers_max = 4,
                                   .profile = "fuzz",
                                   .region = "us-east-1",
                                   .is_stepped_by_hand = true };
    if (!api_open(&options, &api, message, sizeof message)) {
        (void)fprintf(stderr, "%s\n", message);
        abort();
    }
    handle(API_CLOUDFORMATION, API_PROTOCOL_QUERY, bytes_of_text(STACK));
    step();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    if (runs++ % RUNS_PER_STORE == 0) {
        if (api != NULL) {
            api_close(api);
        }
        open_store();
    }
    struct bytes body = { data + 1, size - 1 };
    if (data[0] == 's') {
        handle(API_STS, API_PROTOCOL_QUERY, body);
    } else if (data[0] == 'p') {
        handle(API_SSM, API_PROTOCOL_JSON, body);
    } else {
        handle(API_CLOUDFORMATION, API_PROTOCOL_QUERY, body);
    }
    step();
    return 0;
}
