#include "api/operations.h"
#include "api/tables/kinesis_input.h"

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
};
static const struct shape INPUT =
    SHAPE_STRUCTURE_OF("DescribeKinesisStreamingDestinationInput", MEMBERS);

static void write_destination(struct request *request,
                              const struct kinesis_destination *destination)
{
    struct json_writer *writer = &request->writer;
    enum kinesis_status status = kinesis_status(destination, request->now_ms);
    json_open_object(writer);
    json_member_text(writer, "StreamArn", destination->stream_arn);
    json_member_text(writer, "DestinationStatus", bytes_of_text(kinesis_status_name(status)));
    if (status == KINESIS_ENABLE_FAILED) {
        json_member_text(
            writer, "DestinationStatusDescription",
            destination->failure == KINESIS_OTHER_REGION
                ? BYTES("The kinesis Arn used to enable kinesis replication belongs to a stream "
                        "which is not in the current region")
                : BYTES("User does not have a permission to use kinesis stream"));
    }
    kinesis_write_precision(writer, destination->precision);
    json_close_object(writer);
}

static bool run(struct request *request)
{
    const struct table_definition *table = request_table(request, request_table_name(request));
    if (table == NULL) {
        return false;
    }
    struct kinesis_destinations destinations =
        kinesis_destinations_find(request->txn, request->arena, table->qualified_name);
    struct json_writer *writer = &request->writer;
    json_open_object(writer);
    json_member_text(writer, "TableName", table->name);
    json_write_key(writer, "KinesisDataStreamDestinations");
    json_open_array(writer);
    for (size_t i = 0; i < destinations.count; i++) {
        write_destination(request, &destinations.entries[i]);
    }
    json_close_array(writer);
    json_close_object(writer);
    return true;
}

const struct operation OPERATION_DESCRIBE_KINESIS_STREAMING_DESTINATION = {
    .name = "DescribeKinesisStreamingDestination",
    .access = ACCESS_READ,
    .input = &INPUT,
    .run = run,
};
