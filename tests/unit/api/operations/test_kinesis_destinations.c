/* Enable-, Disable-, Update- and DescribeKinesisStreamingDestination: states and refusals. */

#include "api/json.h"
#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";

#define STREAM       "arn:aws:kinesis:eu-test-1:000000000000:stream/one"
#define OTHER        "arn:aws:kinesis:eu-test-1:000000000000:stream/two"
#define FOREIGN      "arn:aws:kinesis:us-east-1:000000000000:stream/one"
#define CONSUMER     "arn:aws:kinesis:eu-test-1:000000000000:stream/one/consumer/c:1"
#define NOT_A_STREAM "arn:aws:dynamodb:eu-test-1:000000000000:table/T"
#define NOT_VALID    "Table is not in a valid state to enable Kinesis Streaming Destination: "
#define ENABLE_STATE                                                                               \
    NOT_VALID "EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform "    \
              "ENABLE operation."
#define DISABLE_STATE                                                                              \
    NOT_VALID "KinesisStreamingDestination must be ACTIVE to perform DISABLE operation."
#define UPDATE_STATE                                                                               \
    NOT_VALID                                                                                      \
    "Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. "         \
    "TableName: Tab, kdsArn: " STREAM
#define EMPTY_UPDATE                                                                               \
    "Streaming destination cannot be updated with given parameters: "                              \
    "UpdateKinesisStreamingConfiguration cannot be null or contain only null values"

static const char ONE[] = "{'TableName':'Tab','StreamArn':'" STREAM "'}";
static const char TWO[] = "{'TableName':'Tab','StreamArn':'" OTHER "'}";
static const char DESCRIBE[] = "{'TableName':'Tab'}";
static const char UPDATE[] =
    "{'TableName':'Tab','StreamArn':'" STREAM "','UpdateKinesisStreamingConfiguration':{"
    "'ApproximateCreationDateTimePrecision':'MICROSECOND'}}";

struct row {
    const char *difference; /* appended to a valid request */
    const char *type;
    const char *message;
};

static void assert_rows(struct api_fixture *fixture,
                        const char *operation,
                        const char *valid,
                        const struct row *rows,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *request = api_fixture_text(fixture, "{%s%s}", valid, rows[i].difference);
        assert_refused(fixture, operation, request, rows[i].type, rows[i].message);
    }
}

static void what_is_wrong_is_told_in_order(void **state)
{
    static const struct row rows[] = {
        { ",'TableName':null", VALIDATION,
          "The parameter 'TableName' is required but was not present in the request" },
        { ",'StreamArn':null", VALIDATION,
          "1 validation error detected: Value null at 'streamArn' failed to satisfy constraint: "
          "Member must not be null" },
        { ",'TableName':'none'", NOT_FOUND, "Requested resource not found: Table: none not found" },
        { ",'StreamArn':''", VALIDATION,
          "1 validation error detected: Value '' at 'streamArn' failed to satisfy constraint: "
          "Member must have length greater than or equal to 37" },
    };
    static const char VALID[] = "'TableName':'Tab','StreamArn':'" STREAM "'";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_rows(fixture, "EnableKinesisStreamingDestination", VALID, rows, 4);
    assert_rows(fixture, "DisableKinesisStreamingDestination", VALID, rows, 3);
    assert_refused(fixture, "EnableKinesisStreamingDestination",
                   "{'TableName':'none','StreamArn':'" STREAM
                   "','EnableKinesisStreamingConfiguration':{"
                   "'ApproximateCreationDateTimePrecision':'NANOSECOND'}}",
                   VALIDATION,
                   "1 validation error detected: Value 'NANOSECOND' at "
                   "'enableKinesisStreamingConfiguration.approximateCreationDateTimePrecision' "
                   "failed to satisfy constraint: Member must satisfy enum value set: "
                   "[MILLISECOND, MICROSECOND]");
    assert_refused(fixture, "DisableKinesisStreamingDestination",
                   "{'TableName':'none','StreamArn':'x','EnableKinesisStreamingConfiguration':{}}",
                   VALIDATION,
                   "Stream cannot be disabled using EnableKinesisStreamingConfiguration "
                   "parameters");
    assert_refused(fixture, "DisableKinesisStreamingDestination",
                   "{'TableName':'Tab','StreamArn':'not-an-arn'}", VALIDATION, DISABLE_STATE);
    assert_refused(fixture, "UpdateKinesisStreamingDestination",
                   "{'TableName':'none','StreamArn':'" STREAM "'}", VALIDATION, EMPTY_UPDATE);
    assert_refused(fixture, "UpdateKinesisStreamingDestination",
                   "{'TableName':'none','StreamArn':'" STREAM
                   "','UpdateKinesisStreamingConfiguration':{}}",
                   VALIDATION, EMPTY_UPDATE);
    assert_refused(fixture, "UpdateKinesisStreamingDestination", UPDATE, VALIDATION,
                   NOT_VALID "No streaming destination with streamArn: " STREAM
                             " found for table with tableName: Tab");
    assert_refused(fixture, "DescribeKinesisStreamingDestination", "{'TableName':'none'}",
                   NOT_FOUND, "Requested resource not found: Table: none not found");
}

static void assert_destinations(struct api_fixture *fixture, const char *destinations)
{
    assert_answer(fixture, "DescribeKinesisStreamingDestination", DESCRIBE,
                  api_fixture_text(fixture,
                                   "{'TableName':'Tab','KinesisDataStreamDestinations':[%s]}",
                                   destinations));
}

static void refuse_all(struct api_fixture *fixture)
{
    assert_refused(fixture, "EnableKinesisStreamingDestination", ONE, VALIDATION, ENABLE_STATE);
    assert_refused(fixture, "EnableKinesisStreamingDestination", TWO, VALIDATION, ENABLE_STATE);
    assert_refused(fixture, "UpdateKinesisStreamingDestination", UPDATE, VALIDATION, UPDATE_STATE);
}

static void a_destination_walks_through_its_states(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_destinations(fixture, "");
    assert_answer(fixture, "EnableKinesisStreamingDestination", ONE,
                  "{'TableName':'Tab','StreamArn':'" STREAM
                  "','DestinationStatus':'ENABLING','EnableKinesisStreamingConfiguration':{}}");
    refuse_all(fixture);
    assert_refused(fixture, "DisableKinesisStreamingDestination", ONE, VALIDATION, DISABLE_STATE);
    api_fixture_advance(fixture, KINESIS_ENABLE_MS - 1);
    assert_destinations(fixture, "{'StreamArn':'" STREAM "','DestinationStatus':'ENABLING'}");
    api_fixture_advance(fixture, 1);
    assert_destinations(fixture, "{'StreamArn':'" STREAM "','DestinationStatus':'ACTIVE'}");

    assert_answer(fixture, "UpdateKinesisStreamingDestination", UPDATE,
                  "{'TableName':'Tab','StreamArn':'" STREAM
                  "','DestinationStatus':'UPDATING','UpdateKinesisStreamingConfiguration':{"
                  "'ApproximateCreationDateTimePrecision':'MICROSECOND'}}");
    refuse_all(fixture);
    assert_refused(fixture, "DisableKinesisStreamingDestination", ONE, VALIDATION, DISABLE_STATE);
    api_fixture_advance(fixture, KINESIS_UPDATE_MS);
    assert_destinations(fixture, "{'StreamArn':'" STREAM "','DestinationStatus':'ACTIVE',"
                                 "'ApproximateCreationDateTimePrecision':'MICROSECOND'}");

    static const char DISABLING[] =
        "{'TableName':'Tab','StreamArn':'" STREAM "','DestinationStatus':'DISABLING'}";
    assert_answer(fixture, "DisableKinesisStreamingDestination", ONE, DISABLING);
    assert_answer(fixture, "DisableKinesisStreamingDestination", ONE, DISABLING);
    refuse_all(fixture);
    api_fixture_advance(fixture, KINESIS_ENABLE_MS);
    assert_destinations(fixture, "{'StreamArn':'" STREAM "','DestinationStatus':'DISABLED'}");
    assert_refused(fixture, "DisableKinesisStreamingDestination", ONE, VALIDATION, DISABLE_STATE);

    (void)assert_accepted(fixture, "EnableKinesisStreamingDestination", ONE); /* the same entry */
    assert_destinations(fixture, "{'StreamArn':'" STREAM "','DestinationStatus':'ENABLING'}");
}

static void a_precision_is_changed_to_another(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    (void)assert_accepted(fixture, "EnableKinesisStreamingDestination", ONE);
    api_fixture_advance(fixture, KINESIS_ENABLE_MS);
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", DESCRIBE);
    struct bytes id = json_text(&fixture->arena, json_at(reply, "Table.TableId"));
    assert_refused(fixture, "UpdateKinesisStreamingDestination",
                   "{'TableName':'Tab','StreamArn':'" STREAM
                   "','UpdateKinesisStreamingConfiguration':{"
                   "'ApproximateCreationDateTimePrecision':'MILLISECOND'}}",
                   VALIDATION,
                   api_fixture_text(fixture,
                                    "Invalid Request: Precision is already set to the desired "
                                    "value of MILLISECOND for tableId: %.*s, kdsArn: " STREAM,
                                    BYTES_ARGUMENTS(id)));
}

static void what_is_no_stream_of_the_region_fails(void **state)
{
    struct api_fixture *fixture = *state;
    static const char *const ARNS[] = { FOREIGN, CONSUMER, NOT_A_STREAM };
    create_table(fixture, TABLE);
    for (size_t i = 0; i < sizeof ARNS / sizeof *ARNS; i++) {
        (void)assert_accepted(
            fixture, "EnableKinesisStreamingDestination",
            api_fixture_text(fixture, "{'TableName':'Tab','StreamArn':'%s'}", ARNS[i]));
        api_fixture_advance(fixture, KINESIS_ENABLE_MS);
    }
    assert_destinations(
        fixture,
        "{'StreamArn':'" NOT_A_STREAM "','DestinationStatus':'ENABLE_FAILED',"
        "'DestinationStatusDescription':'User does not have a permission to use kinesis stream'},"
        "{'StreamArn':'" CONSUMER "','DestinationStatus':'ENABLE_FAILED',"
        "'DestinationStatusDescription':'User does not have a permission to use kinesis stream'},"
        "{'StreamArn':'" FOREIGN "','DestinationStatus':'ENABLE_FAILED',"
        "'DestinationStatusDescription':'The kinesis Arn used to enable kinesis replication "
        "belongs to a stream which is not in the current region'}");
}

static void the_oldest_of_many_goes(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    for (int i = 0; i < 21; i++) {
        (void)assert_accepted(
            fixture, "EnableKinesisStreamingDestination",
            api_fixture_text(fixture, "{'TableName':'Tab','StreamArn':'" FOREIGN "%d'}", i));
        api_fixture_advance(fixture, KINESIS_ENABLE_MS);
    }
    const struct cJSON *reply =
        assert_accepted(fixture, "DescribeKinesisStreamingDestination", DESCRIBE);
    assert_member_is(fixture, reply, "KinesisDataStreamDestinations.0.StreamArn",
                     "'" FOREIGN "20'");
    assert_member_is(fixture, reply, "KinesisDataStreamDestinations.19.StreamArn",
                     "'" FOREIGN "1'");
    assert_member_is(fixture, reply, "KinesisDataStreamDestinations.20", NULL);
}

static void the_state_of_the_table_counts(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "CreateTable", TABLE);
    assert_destinations(fixture, "");
    assert_refused(fixture, "EnableKinesisStreamingDestination", ONE, IN_USE,
                   STILL_IN_USE "Table is being created: Tab");
    api_fixture_advance(fixture, TABLE_CREATE_MS);
    (void)assert_accepted(fixture, "EnableKinesisStreamingDestination", ONE);
    (void)assert_accepted(fixture, "DeleteTable", DESCRIBE);
    assert_refused(fixture, "EnableKinesisStreamingDestination", TWO, VALIDATION, ENABLE_STATE);
    api_fixture_advance(fixture, TABLE_DELETE_MS);
    create_table(fixture, TABLE);
    assert_destinations(fixture, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(what_is_wrong_is_told_in_order),
        API_TEST(a_destination_walks_through_its_states),
        API_TEST(a_precision_is_changed_to_another),
        API_TEST(what_is_no_stream_of_the_region_fails),
        API_TEST(the_oldest_of_many_goes),
        API_TEST(the_state_of_the_table_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
