#include "api/tables/kinesis_input.h"

static const struct shape PRECISION = { .kind = SHAPE_STRING,
                                        .values = "MILLISECOND, MICROSECOND" };
static const struct member CONFIGURATION_MEMBERS[] = {
    { "ApproximateCreationDateTimePrecision", &PRECISION, OPTIONAL },
};
const struct shape SHAPE_KINESIS_CONFIGURATION =
    SHAPE_STRUCTURE_OF("KinesisStreamingConfiguration", CONFIGURATION_MEMBERS);
const struct shape SHAPE_KINESIS_STREAM_ARN = { .kind = SHAPE_STRING, .range = { 37, 1024 } };

const char *kinesis_status_name(enum kinesis_status status)
{
    static const char *const names[] = {
        [KINESIS_ENABLING] = "ENABLING", [KINESIS_ACTIVE] = "ACTIVE",
        [KINESIS_UPDATING] = "UPDATING", [KINESIS_DISABLING] = "DISABLING",
        [KINESIS_DISABLED] = "DISABLED", [KINESIS_ENABLE_FAILED] = "ENABLE_FAILED",
    };
    return names[status];
}

enum kinesis_precision kinesis_precision_of_json(const struct cJSON *configuration)
{
    const struct cJSON *precision =
        json_member(configuration, "ApproximateCreationDateTimePrecision");
    if (precision == NULL) {
        return KINESIS_PRECISION_UNSET;
    }
    return shape_text_is(precision, "MICROSECOND") ? KINESIS_MICROSECOND : KINESIS_MILLISECOND;
}

const char *kinesis_precision_name(enum kinesis_precision precision)
{
    return precision == KINESIS_MICROSECOND ? "MICROSECOND" : "MILLISECOND";
}

void kinesis_write_precision(struct json_writer *writer, enum kinesis_precision precision)
{
    if (precision != KINESIS_PRECISION_UNSET) {
        json_member_text(writer, "ApproximateCreationDateTimePrecision",
                         bytes_of_text(kinesis_precision_name(precision)));
    }
}

bool kinesis_fail_state(struct request *request, struct bytes text)
{
    return api_fail(request, API_VALIDATION,
                    "Table is not in a valid state to enable Kinesis Streaming Destination: %.*s",
                    BYTES_ARGUMENTS(text));
}

void kinesis_write_reply(struct request *request,
                         const struct table_definition *table,
                         const struct kinesis_destination *destination,
                         const char *configuration)
{
    struct json_writer *writer = &request->writer;
    enum kinesis_status status = kinesis_status(destination, request->now_ms);
    json_open_object(writer);
    json_member_text(writer, "TableName", table->name);
    json_member_text(writer, "StreamArn", destination->stream_arn);
    json_member_text(writer, "DestinationStatus", bytes_of_text(kinesis_status_name(status)));
    if (configuration != NULL) {
        json_write_key(writer, configuration);
        json_open_object(writer);
        kinesis_write_precision(writer, destination->precision);
        json_close_object(writer);
    }
    json_close_object(writer);
}
