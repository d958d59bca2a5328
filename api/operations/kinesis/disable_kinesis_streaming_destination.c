#include "api/internal.h"
#include "api/operations.h"
#include "api/tables/kinesis_input.h"

/* The length of the ARN is not looked at here, unlike in the other operations (measured). */
static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
    { "StreamArn", &SHAPE_ANY_STRING, REQUIRED },
    { "EnableKinesisStreamingConfiguration", &SHAPE_KINESIS_CONFIGURATION, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("KinesisStreamingDestinationInput", MEMBERS);

static bool prepare(struct request *request)
{
    if (request_has(request, "EnableKinesisStreamingConfiguration")) {
        return api_fail(request, API_VALIDATION,
                        "Stream cannot be disabled using EnableKinesisStreamingConfiguration "
                        "parameters");
    }
    return true;
}

static bool run(struct request *request)
{
    const struct table_definition *table = request_table(request, request_table_name(request));
    if (table == NULL) {
        return false;
    }
    struct kinesis_destinations destinations =
        kinesis_destinations_find(request->txn, request->arena, table->qualified_name);
    struct kinesis_destination *destination =
        kinesis_destination_of(&destinations, request_text(request, "StreamArn"));
    enum kinesis_status status =
        destination != NULL ? kinesis_status(destination, request->now_ms) : KINESIS_DISABLED;
    bool is_repetition = status == KINESIS_DISABLING;
    if (status != KINESIS_ACTIVE && !is_repetition) {
        return kinesis_fail_state(
            request,
            BYTES("KinesisStreamingDestination must be ACTIVE to perform DISABLE operation."));
    }
    if (!is_repetition) {
        destination->action = KINESIS_DISABLE;
        destination->precision = KINESIS_PRECISION_UNSET;
        destination->due_ms = request->now_ms + request->storage->durations.kinesis_enable_ms;
    }
    kinesis_write_reply(request, table, destination, NULL);
    kinesis_destinations_put(request->txn, request->arena, table->qualified_name, &destinations);
    return true;
}

const struct operation OPERATION_DISABLE_KINESIS_STREAMING_DESTINATION = {
    .name = "DisableKinesisStreamingDestination",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
