#include "api/internal.h"
#include "api/operations.h"
#include "api/tables/kinesis_input.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
    { "StreamArn", &SHAPE_KINESIS_STREAM_ARN, REQUIRED },
    { "UpdateKinesisStreamingConfiguration", &SHAPE_KINESIS_CONFIGURATION, OPTIONAL },
};
static const struct shape INPUT =
    SHAPE_STRUCTURE_OF("UpdateKinesisStreamingDestinationInput", MEMBERS);

static enum kinesis_precision precision_of(struct request *request)
{
    return kinesis_precision_of_json(
        json_member(request->input, "UpdateKinesisStreamingConfiguration"));
}

static bool prepare(struct request *request)
{
    if (precision_of(request) == KINESIS_PRECISION_UNSET) {
        return api_fail(request, API_VALIDATION,
                        "Streaming destination cannot be updated with given parameters: "
                        "UpdateKinesisStreamingConfiguration cannot be null or contain only null "
                        "values");
    }
    return true;
}

/* A precision that was never set is that of milliseconds. */
static bool check_change(struct request *request,
                         const struct table_definition *table,
                         const struct kinesis_destination *destination,
                         struct bytes arn)
{
    enum kinesis_precision wanted = precision_of(request);
    struct buffer text;
    buffer_init(&text, request->arena, 256);
    if (destination == NULL) {
        buffer_append_text(&text, "No streaming destination with streamArn: ");
        buffer_append_bytes(&text, arn);
        buffer_append_text(&text, " found for table with tableName: ");
        buffer_append_bytes(&text, table->name);
        return kinesis_fail_state(request, buffer_view(&text));
    }
    if (kinesis_status(destination, request->now_ms) != KINESIS_ACTIVE) {
        buffer_append_text(&text, "Kinesis streaming is not in ACTIVE state. Updates are only "
                                  "allowed in ACTIVE state. TableName: ");
        buffer_append_bytes(&text, table->name);
        buffer_append_text(&text, ", kdsArn: ");
        buffer_append_bytes(&text, arn);
        return kinesis_fail_state(request, buffer_view(&text));
    }
    bool is_microsecond = destination->precision == KINESIS_MICROSECOND;
    if (is_microsecond == (wanted == KINESIS_MICROSECOND)) {
        return api_fail(request, API_VALIDATION,
                        "Invalid Request: Precision is already set to the desired value of %s for "
                        "tableId: %.*s, kdsArn: %.*s",
                        kinesis_precision_name(wanted), BYTES_ARGUMENTS(table->id),
                        BYTES_ARGUMENTS(arn));
    }
    return true;
}

static bool run(struct request *request)
{
    const struct table_definition *table = request_table(request, request_table_name(request));
    if (table == NULL) {
        return false;
    }
    struct bytes arn = request_text(request, "StreamArn");
    struct kinesis_destinations destinations =
        kinesis_destinations_find(request->txn, request->arena, table->qualified_name);
    struct kinesis_destination *destination = kinesis_destination_of(&destinations, arn);
    if (!check_change(request, table, destination, arn)) {
        return false;
    }
    destination->action = KINESIS_UPDATE;
    destination->precision = precision_of(request); /* shown while it is UPDATING already */
    destination->due_ms = request->now_ms + request->storage->durations.kinesis_update_ms;
    kinesis_write_reply(request, table, destination, "UpdateKinesisStreamingConfiguration");
    kinesis_destinations_put(request->txn, request->arena, table->qualified_name, &destinations);
    return true;
}

const struct operation OPERATION_UPDATE_KINESIS_STREAMING_DESTINATION = {
    .name = "UpdateKinesisStreamingDestination",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .prepare = prepare,
    .run = run,
};
