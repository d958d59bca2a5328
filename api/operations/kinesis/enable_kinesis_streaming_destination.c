#include "api/internal.h"
#include "api/operations.h"
#include "api/tables/kinesis_input.h"
#include "api/tables/setting_admission.h"

#include <string.h>

static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_TABLE_NAME, REQUIRED_FIRST },
    { "StreamArn", &SHAPE_KINESIS_STREAM_ARN, REQUIRED },
    { "EnableKinesisStreamingConfiguration", &SHAPE_KINESIS_CONFIGURATION, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("KinesisStreamingDestinationInput", MEMBERS);

/* At most one destination of a table is in use. */
static bool check_none_in_use(struct request *request,
                              const struct kinesis_destinations *destinations)
{
    for (size_t i = 0; i < destinations->count; i++) {
        enum kinesis_status status = kinesis_status(&destinations->entries[i], request->now_ms);
        if (status != KINESIS_DISABLED && status != KINESIS_ENABLE_FAILED) {
            return kinesis_fail_state(request,
                                      BYTES("EnableKinesisStreamingDestination must be DISABLED or "
                                            "ENABLE_FAILED to perform ENABLE operation."));
        }
    }
    return true;
}

static bool contains(struct bytes text, struct bytes part)
{
    for (size_t i = 0; i + part.length <= text.length; i++) {
        if (memcmp(text.data + i, part.data, part.length) == 0) {
            return true;
        }
    }
    return false;
}

/* What becomes of an ARN: that of a stream, arn:aws:kinesis:REGION:ACCOUNT:stream/NAME, is taken
 * for one that is there. */
static enum kinesis_failure
failure_of(struct request *request, const struct table_definition *table, struct bytes arn)
{
    struct buffer prefix;
    buffer_init(&prefix, request->arena, 64);
    buffer_append_text(&prefix, "arn:aws:kinesis:");
    if (!bytes_start_with(arn, buffer_view(&prefix)) || !contains(arn, BYTES(":stream/")) ||
        contains(arn, BYTES("/consumer/"))) {
        return KINESIS_NOT_PERMITTED;
    }
    buffer_append_bytes(&prefix, table->region);
    buffer_append_u8(&prefix, ':');
    return bytes_start_with(arn, buffer_view(&prefix)) ? KINESIS_NO_FAILURE : KINESIS_OTHER_REGION;
}

static bool run(struct request *request)
{
    const struct table_definition *table = request_table(request, request_table_name(request));
    if (table == NULL) {
        return false;
    }
    struct kinesis_destinations destinations =
        kinesis_destinations_find(request->txn, request->arena, table->qualified_name);
    if (!check_none_in_use(request, &destinations) || !table_admits_setting(request, table)) {
        return false;
    }
    struct kinesis_destination *destination =
        kinesis_destination_add(&destinations, request_text(request, "StreamArn"));
    destination->action = KINESIS_ENABLE;
    destination->failure = failure_of(request, table, destination->stream_arn);
    destination->precision = kinesis_precision_of_json(
        json_member(request->input, "EnableKinesisStreamingConfiguration"));
    destination->due_ms = request->now_ms + request->storage->durations.kinesis_enable_ms;
    kinesis_write_reply(request, table, destination, "EnableKinesisStreamingConfiguration");
    kinesis_destinations_put(request->txn, request->arena, table->qualified_name, &destinations);
    return true;
}

const struct operation OPERATION_ENABLE_KINESIS_STREAMING_DESTINATION = {
    .name = "EnableKinesisStreamingDestination",
    .access = ACCESS_WRITE,
    .input = &INPUT,
    .run = run,
};
