/*
 * Whole requests: the first byte picks the operation (or none of them), the rest is the body. The
 * store is in memory and kept over the runs, so that requests meet what others have left, and
 * begins anew now and then. Time goes by between requests, so that tables and indexes change state
 * under them.
 *
 * Whatever is sent, the answer is 200 or 400 and JSON, or nothing where an operation tells nothing;
 * to UpdateTable also 500, where the service fails over the request itself.
 */

#include "api/api.h"
#include "api/json.h"
#include "storage/base/arena.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RUNS_PER_STORE = 2000, STEPS_PER_RUN = 4, STEP_MS = 50 };

static const char *const TARGETS[] = {
    "DynamoDB_20120810.BatchGetItem",
    "DynamoDB_20120810.BatchWriteItem",
    "DynamoDB_20120810.CreateTable",
    "DynamoDB_20120810.DeleteItem",
    "DynamoDB_20120810.DeleteTable",
    "DynamoDB_20120810.DescribeTable",
    "DynamoDB_20120810.GetItem",
    "DynamoDB_20120810.ListTables",
    "DynamoDB_20120810.PutItem",
    "DynamoDB_20120810.Query",
    "DynamoDB_20120810.Scan",
    "DynamoDB_20120810.UpdateTable",
    "DynamoDB_20120810.NoSuchOperation",
    "DynamoDB_20120810.TransactGetItems", /* new ones last: the corpus knows them by their place */
    "DynamoDB_20120810.TransactWriteItems",
    "DynamoDB_20120810.UpdateItem",
    "DynamoDB_20120810.TagResource",
    "DynamoDB_20120810.UntagResource",
    "DynamoDB_20120810.ListTagsOfResource",
    "DynamoDB_20120810.UpdateTimeToLive",
    "DynamoDB_20120810.DescribeTimeToLive",
    "DynamoDB_20120810.UpdateContributorInsights",
    "DynamoDB_20120810.DescribeContributorInsights",
    "DynamoDB_20120810.ListContributorInsights",
    "DynamoDB_20120810.UpdateContinuousBackups",
    "DynamoDB_20120810.PutResourcePolicy",
    "DynamoDB_20120810.GetResourcePolicy",
    "DynamoDB_20120810.DeleteResourcePolicy",
    "DynamoDB_20120810.EnableKinesisStreamingDestination",
    "DynamoDB_20120810.DisableKinesisStreamingDestination",
    "DynamoDB_20120810.UpdateKinesisStreamingDestination",
    "DynamoDB_20120810.UpdateGlobalTable",
    "DynamoDB_20120810.UpdateTableReplicaAutoScaling",
};
enum { TARGETS_COUNT = sizeof TARGETS / sizeof *TARGETS };

#define DEFINE(name, type) "{\"AttributeName\":\"" name "\",\"AttributeType\":\"" type "\"}"
#define HASH(name)         "{\"AttributeName\":\"" name "\",\"KeyType\":\"HASH\"}"
#define RANGE(name)        "{\"AttributeName\":\"" name "\",\"KeyType\":\"RANGE\"}"

/* One table with two global indexes and a local one. */
static const char
    TABLE
        [] =
            "{\"TableName\":\"Tab\",\"BillingMode\":\"PAY_PER_REQUEST\",\"AttributeDefinitions\":"
            "[" DEFINE("pk", "S") "," DEFINE("sk", "N") "," DEFINE("g", "S") "," DEFINE("b", "B") "],\"KeySchema\":[" HASH(
                "pk") "," RANGE("sk") "],"
                                      "\"LocalSecondaryIndexes\":[{\"IndexName\":\"local\","
                                      "\"KeySchema\":[" HASH("pk") "," RANGE(
                                          "g") "],\"Projection\":{\"ProjectionType\":\"KEYS_ONLY\"}"
                                               "}],"
                                               "\"GlobalSecondaryIndexes\":[{\"IndexName\":\"all\","
                                               "\"KeySchema\":[" HASH(
                                                   "g") "],\"Projection\":{\"ProjectionType\":"
                                                        "\"ALL\"}},"
                                                        "{\"IndexName\":\"wide\",\"KeySchema\":"
                                                        "[" HASH("g") "," HASH("b") "," RANGE(
                                                            "sk") "," RANGE("pk") "],"
                                                                                  "\"Projection\":{"
                                                                                  "\"ProjectionType"
                                                                                  "\":\"INCLUDE\","
                                                                                  "\"NonKeyAttribut"
                                                                                  "es\":[\"i\"]}}]"
                                                                                  "}";

static struct api *api;
static size_t runs;

static void step(void)
{
    api_advance_clock(api, STEP_MS);
    for (int i = 0; i < STEPS_PER_RUN && api_step(api); i++) {
    }
}

static void handle(const char *target, struct bytes body)
{
    struct arena arena;
    arena_init(&arena);
    struct api_call call = { .arena = &arena, .target = bytes_of_text(target), .body = body };
    const struct cJSON *reply;
    bool may_fail = bytes_equal(call.target, BYTES("DynamoDB_20120810.UpdateTable"));
    if (api_handle(api, &call) != API_DONE ||
        (call.status != 200 && call.status != 400 && !(call.status == 500 && may_fail)) ||
        (call.reply.length > 0 && !json_parse(&arena, call.reply, &reply))) {
        (void)fprintf(stderr, "%d %.*s\n", call.status, BYTES_ARGUMENTS(call.reply));
        abort();
    }
    arena_deinit(&arena);
}

static void open_store(void)
{
    char message[256];
    struct api_options options = {
        .map_size_bytes = UINT64_C(1) << 30,
        .readers_max = 4,
        .durations = { .table_create_ms = STEP_MS,
                       .table_create_indexed_ms = STEP_MS,
                       .table_update_ms = STEP_MS,
                       .table_delete_ms = STEP_MS,
                       .index_allocate_ms = STEP_MS,
                       .index_backfill_ms = STEP_MS,
                       .index_update_ms = STEP_MS,
                       .index_delete_ms = STEP_MS,
                       .billing_provisioned_ms = 2 * STEP_MS,
                       .billing_on_demand_ms = 2 * STEP_MS,
                       .billing_return_ms = STEP_MS,
                       .stream_update_ms = STEP_MS,
                       .table_class_ms = STEP_MS,
                       .encryption_ms = 2 * STEP_MS,
                       .warm_throughput_ms = 2 * STEP_MS,
                       .ttl_update_ms = STEP_MS,
                       .ttl_sweep_ms = STEP_MS,
                       .insights_update_ms = STEP_MS,
                       .policy_update_ms = STEP_MS,
                       .kinesis_enable_ms = STEP_MS },
        .profile = "fuzz",
        .region = "us-east-1",
        .is_stepped_by_hand = true,
    };
    if (!api_open(&options, &api, message, sizeof message)) {
        (void)fprintf(stderr, "%s\n", message);
        abort();
    }
    handle("DynamoDB_20120810.CreateTable", bytes_of_text(TABLE));
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
    handle(TARGETS[(data[0] + 256U - 'A') % TARGETS_COUNT], (struct bytes){ data + 1, size - 1 });
    step();
    return 0;
}
