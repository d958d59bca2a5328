/* The calls between two definitions, as the commands that are printed. */

#include "api/template/calls.h"
#include "api/template/definition.h"
#include "storage/base/arena.h"
#include "storage/base/bytes.h"
#include "tests/support/template_definitions.h"
#include "tools/plan/command_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define KEYS                                                                                       \
    "TableName: t, KeySchema: [{AttributeName: pk, KeyType: HASH}], "                              \
    "AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: a, "            \
    "AttributeType: N}]"
#define INDEX(more)                                                                                \
    "GlobalSecondaryIndexes: [{IndexName: by-a, KeySchema: [{AttributeName: a, KeyType: HASH}, "   \
    "{AttributeName: pk, KeyType: RANGE}], Projection: {ProjectionType: ALL}" more "}], "
#define ON_DEMAND    "BillingMode: PAY_PER_REQUEST, "
#define UNITS(read)  "ProvisionedThroughput: {ReadCapacityUnits: " read ", WriteCapacityUnits: 1}"
#define WARM(read)   "WarmThroughput: {ReadUnitsPerSecond: " read ", WriteUnitsPerSecond: 4000}"
#define MOST(read)   "OnDemandThroughput: {MaxReadRequestUnits: " read "}"
#define UPDATE(rest) "aws dynamodb update-table --table-name t " rest "\n"
#define ARN          "\"$(aws dynamodb describe-table --table-name t --query Table.TableArn --output text)\""
#define TABLE_WAIT   "rehearse wait --table t\n"

static const struct {
    const char *from;
    const char *to;
    const char *commands;
} ROWS[] = {
    { ON_DEMAND, ON_DEMAND INDEX(""),
      UPDATE("--attribute-definitions '[{\"AttributeName\":\"a\",\"AttributeType\":\"N\"},"
             "{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"}]' "
             "--global-secondary-index-updates '[{\"Create\":{\"IndexName\":\"by-a\","
             "\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"},"
             "{\"AttributeName\":\"pk\",\"KeyType\":\"RANGE\"}],"
             "\"Projection\":{\"ProjectionType\":\"ALL\"}}}]'") "rehearse wait --table t --index "
                                                                "by-a\n" },
    { ON_DEMAND INDEX(""), ON_DEMAND,
      UPDATE(
          "--global-secondary-index-updates '[{\"Delete\":{\"IndexName\":\"by-a\"}}]'") "rehearse "
                                                                                        "wait "
                                                                                        "--table t "
                                                                                        "--index "
                                                                                        "by-a "
                                                                                        "--"
                                                                                        "gone\n" },
    { ON_DEMAND, ON_DEMAND "DeletionProtectionEnabled: true, ",
      UPDATE("--deletion-protection-enabled") TABLE_WAIT },
    { ON_DEMAND "DeletionProtectionEnabled: true, ", ON_DEMAND,
      UPDATE("--no-deletion-protection-enabled") TABLE_WAIT },
    { UNITS("5") ", " INDEX(", " UNITS("2")), ON_DEMAND INDEX(""),
      UPDATE("--billing-mode PAY_PER_REQUEST") TABLE_WAIT },
    { ON_DEMAND MOST("7") ", " INDEX(", " MOST("8")), UNITS("5") ", " INDEX(", " UNITS("2")),
      UPDATE("--billing-mode PROVISIONED --provisioned-throughput "
             "'{\"ReadCapacityUnits\":5,\"WriteCapacityUnits\":1}' "
             "--global-secondary-index-updates '[{\"Update\":{\"IndexName\":\"by-a\","
             "\"ProvisionedThroughput\":{\"ReadCapacityUnits\":2,\"WriteCapacityUnits\":1}}}]'")
          TABLE_WAIT },
    { UNITS("5") ", " INDEX(", " UNITS("2")), UNITS("5") ", " INDEX(", " UNITS("3")),
      UPDATE("--global-secondary-index-updates '[{\"Update\":{\"IndexName\":\"by-a\","
             "\"ProvisionedThroughput\":{\"ReadCapacityUnits\":3,\"WriteCapacityUnits\":1}}}]'")
          TABLE_WAIT },
    { ON_DEMAND MOST("7") ", " INDEX(""), ON_DEMAND INDEX(", " MOST("8")),
      UPDATE("--on-demand-throughput '{\"MaxReadRequestUnits\":-1,\"MaxWriteRequestUnits\":-1}'")
          TABLE_WAIT UPDATE(
              "--global-secondary-index-updates '[{\"Update\":{\"IndexName\":\"by-a\","
              "\"OnDemandThroughput\":{\"MaxReadRequestUnits\":8,\"MaxWriteRequestUnits\":-1}}}]'")
              TABLE_WAIT },
    { ON_DEMAND WARM("12000") ", " INDEX(", " WARM("12000")),
      ON_DEMAND WARM("13000") ", " INDEX(", " WARM("14000")),
      UPDATE("--warm-throughput '{\"ReadUnitsPerSecond\":13000,\"WriteUnitsPerSecond\":4000}'")
          TABLE_WAIT UPDATE(
              "--global-secondary-index-updates '[{\"Update\":{\"IndexName\":\"by-a\","
              "\"WarmThroughput\":{\"ReadUnitsPerSecond\":14000,\"WriteUnitsPerSecond\":4000}}}]'")
              TABLE_WAIT },
    { "StreamSpecification: {StreamViewType: NEW_IMAGE}, ",
      "StreamSpecification: {StreamViewType: KEYS_ONLY}, ",
      UPDATE("--stream-specification '{\"StreamEnabled\":false}'") TABLE_WAIT UPDATE(
          "--stream-specification '{\"StreamEnabled\":true,\"StreamViewType\":\"KEYS_ONLY\"}'")
          TABLE_WAIT },
    { "", "SSESpecification: {SSEEnabled: true, KMSMasterKeyId: alias/mine}, ",
      UPDATE("--sse-specification '{\"Enabled\":true,\"SSEType\":\"KMS\",\"KMSMasterKeyId\":"
             "\"alias/mine\"}'") TABLE_WAIT },
    { "", "SSESpecification: {SSEEnabled: true, KMSMasterKeyId: !GetAtt K.Arn}, ",
      UPDATE("--sse-specification '{\"Enabled\":true,\"SSEType\":\"KMS\",\"KMSMasterKeyId\":"
             "\"KMS_KEY_ID\"}'") TABLE_WAIT },
    { "SSESpecification: {SSEEnabled: true}, ", "",
      UPDATE("--sse-specification '{\"Enabled\":false}'") TABLE_WAIT },
    { "", "TableClass: STANDARD_INFREQUENT_ACCESS, ",
      UPDATE("--table-class STANDARD_INFREQUENT_ACCESS") TABLE_WAIT },
    { "", "TimeToLiveSpecification: {Enabled: true, AttributeName: it's}, ",
      "aws dynamodb update-time-to-live --table-name t --time-to-live-specification "
      "'{\"Enabled\":true,\"AttributeName\":\"it'\\''s\"}'\n" },
    { "TimeToLiveSpecification: {Enabled: true, AttributeName: ttl}, ", "",
      "aws dynamodb update-time-to-live --table-name t --time-to-live-specification "
      "'{\"Enabled\":false,\"AttributeName\":\"ttl\"}'\n" },
    { "",
      "PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, "
      "RecoveryPeriodInDays: 7}, ",
      "aws dynamodb update-continuous-backups --table-name t "
      "--point-in-time-recovery-specification "
      "'{\"PointInTimeRecoveryEnabled\":true,\"RecoveryPeriodInDays\":7}'\n" },
    { "ContributorInsightsSpecification: {Enabled: true}, " INDEX(""),
      INDEX(", ContributorInsightsSpecification: {Enabled: true}"),
      "aws dynamodb update-contributor-insights --table-name t --contributor-insights-action "
      "DISABLE\n"
      "aws dynamodb update-contributor-insights --table-name t --index-name by-a "
      "--contributor-insights-action ENABLE\n" },
    { "KinesisStreamSpecification: {StreamArn: 'arn:one'}, ",
      "KinesisStreamSpecification: {StreamArn: 'arn:two'}, ",
      "aws dynamodb disable-kinesis-streaming-destination --table-name t --stream-arn "
      "arn:one\n" TABLE_WAIT "aws dynamodb enable-kinesis-streaming-destination --table-name t "
      "--stream-arn arn:two\n" TABLE_WAIT },
    { "", "ResourcePolicy: {PolicyDocument: {Version: '2012-10-17'}}, ",
      "aws dynamodb put-resource-policy --resource-arn " ARN
      " --policy '{\"Version\":\"2012-10-17\"}'\n" },
    { "ResourcePolicy: {PolicyDocument: {}}, ", "",
      "aws dynamodb delete-resource-policy --resource-arn " ARN "\n" },
    { "Tags: [{Key: a, Value: '1'}, {Key: b, Value: '2'}], ", "Tags: [{Key: b, Value: '3'}], ",
      "aws dynamodb untag-resource --resource-arn " ARN " --tag-keys '[\"a\"]'\n"
      "aws dynamodb tag-resource --resource-arn " ARN
      " --tags '[{\"Key\":\"b\",\"Value\":\"3\"}]'\n" },
};

static int set_up(void **state)
{
    static struct arena arena;
    arena_init(&arena);
    *state = &arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_deinit(*state);
    return 0;
}

/* `properties` end with a comma. */
static const struct table_definition *define(struct arena *arena, const char *properties)
{
    struct buffer text;
    buffer_init(&text, arena, 1024);
    buffer_append_format(&text, "%s" KEYS, properties);
    return definition_of_properties(arena, bytes_to_text(arena, buffer_view(&text)));
}

static const char *commands_between(struct arena *arena,
                                    const char *from,
                                    const char *to,
                                    const struct command_target *target)
{
    struct call_list calls;
    struct buffer text;
    calls_find(arena, "t", define(arena, from), define(arena, to), &calls);
    buffer_init(&text, arena, 1024);
    for (size_t i = 0; i < calls.count; i++) {
        command_line_append(&text, &calls.items[i], target);
        buffer_append_u8(&text, '\n');
        if (calls.items[i].wait != CALL_WAIT_NONE) {
            command_line_append_wait(&text, &calls.items[i], target);
            buffer_append_u8(&text, '\n');
        }
    }
    return bytes_to_text(arena, buffer_view(&text));
}

static void each_change_has_its_commands(void **state)
{
    static const struct command_target nowhere = { .endpoint = NULL };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_string_equal(commands_between(*state, ROWS[i].from, ROWS[i].to, &nowhere),
                            ROWS[i].commands);
    }
}

static void commands_go_where_the_plan_was_made(void **state)
{
    static const struct command_target there = { "http://127.0.0.1:8000", "eu-west-1" };
    static const struct command_target aws = { "aws", NULL };
    assert_string_equal(
        commands_between(*state, "", "TableClass: X, ", &there),
        "aws dynamodb update-table --table-name t --table-class X "
        "--endpoint-url http://127.0.0.1:8000 --region eu-west-1\n"
        "rehearse wait --table t --endpoint http://127.0.0.1:8000 --region eu-west-1\n");
    assert_string_equal(commands_between(*state, "", "TableClass: X, ", &aws),
                        "aws dynamodb update-table --table-name t --table-class X\n" TABLE_WAIT);
}

static void the_input_is_that_of_the_api(void **state)
{
    struct call_list calls;
    struct buffer text;
    calls_find(*state, "t", define(*state, ""),
               define(*state, "DeletionProtectionEnabled: true, Tags: [{Key: a, Value: b}], "),
               &calls);
    assert_int_equal(calls.count, 2);
    buffer_init(&text, *state, 256);
    calls_append_input(&text, &calls.items[0]);
    calls_append_input(&text, &calls.items[1]);
    assert_string_equal(bytes_to_text(*state, buffer_view(&text)),
                        "{\"TableName\":\"t\",\"DeletionProtectionEnabled\":true}"
                        "{\"ResourceArn\":null,\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_change_has_its_commands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(commands_go_where_the_plan_was_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_input_is_that_of_the_api, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("plan_calls", tests, NULL, NULL);
}
