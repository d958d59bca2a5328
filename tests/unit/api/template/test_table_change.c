/* What CloudFormation does with new properties of a table: each property by kind of change. */

#include "api/template/node.h"
#include "api/template/table_change.h"
#include "storage/base/arena.h"
#include "storage/base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

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

#define TABLE         "AWS::DynamoDB::Table"
#define GLOBAL        "AWS::DynamoDB::GlobalTable"
#define KEY(name)     "KeySchema: [{AttributeName: " name ", KeyType: HASH}]"
#define TYPE(name, t) "{AttributeName: " name ", AttributeType: " t "}"
#define BY(name, key, rest)                                                                        \
    "{IndexName: " name ", " KEY(key) ", Projection: {ProjectionType: " rest "}}"
#define WITH(list, more)                                                                           \
    KEY("pk")                                                                                      \
    ", AttributeDefinitions: [" TYPE("pk", "S") more "], GlobalSecondaryIndexes: [" list "], "     \
                                                     "BillingMode: PAY_PER_REQUEST"
#define A           ", " TYPE("a", "S")
#define B           ", " TYPE("b", "S")
#define BARE        KEY("pk") ", AttributeDefinitions: [" TYPE("pk", "S") "]"
#define ON_DEMAND   BARE ", BillingMode: PAY_PER_REQUEST"
#define UNITS(n)    "ProvisionedThroughput: {ReadCapacityUnits: " n ", WriteCapacityUnits: 1}"
#define INSIGHTS(b) "ContributorInsightsSpecification: {Enabled: " b "}"
#define MODE(mode)  "ContributorInsightsSpecification: {Enabled: true, Mode: " mode "}"
#define PERIOD(n)                                                                                  \
    "PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, "                        \
    "RecoveryPeriodInDays: " n "}"
#define TTL(name) "TimeToLiveSpecification: {Enabled: true, AttributeName: " name "}"
#define STREAM(v) "StreamSpecification: {StreamViewType: " v "}"
#define NO_ATTRIBUTE                                                                               \
    "Invalid request provided: AttributeName property of TimeToLiveSpecification is required "     \
    "when TTL status is enabled or while enabling/disabling TTL."
#define OTHER_PROPERTIES                                                                           \
    "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights "   \
    "Specification. You can create a new GSI with a different name."
#define ONE_AT_A_TIME "Cannot perform more than one GSI creation or deletion in a single update"
#define RENAME                                                                                     \
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. "       \
    "Rename "                                                                                      \
    "named and update the stack again."

struct row {
    const char *from;
    const char *to;
    const char *properties; /* "KeySchema Always, …" */
    enum verdict verdict;
    const char *message; /* NULL: none */
    const char *calls;   /* operation, last member, wait; of what is in place */
};

static const struct row ROWS[] = {
    { BARE, BARE, "", VERDICT_IN_PLACE, NULL, "" },
    /* replacement */
    { BARE ", TableName: one", BARE ", TableName: two", "TableName Always", VERDICT_REPLACEMENT,
      NULL, NULL },
    { BARE, BARE ", TableName: two", "TableName Always", VERDICT_REPLACEMENT, NULL, NULL },
    { BARE, KEY("k") ", AttributeDefinitions: [" TYPE("k", "S") "]",
      "KeySchema Always, AttributeDefinitions Never", VERDICT_REPLACEMENT, NULL, NULL },
    { BARE ", TableName: named",
      KEY("k") ", AttributeDefinitions: [" TYPE("k", "S") "], TableName: named",
      "KeySchema Always, AttributeDefinitions Never", VERDICT_REPLACEMENT, RENAME, NULL },
    { BARE, KEY("pk") ", AttributeDefinitions: [" TYPE("pk", "N") "]",
      "AttributeDefinitions Conditionally", VERDICT_REPLACEMENT, NULL, NULL },
    /* global indexes */
    { ON_DEMAND, WITH(BY("i", "a", "ALL"), A),
      "AttributeDefinitions Never, GlobalSecondaryIndexes Never", VERDICT_IN_PLACE, NULL,
      "UpdateTable GlobalSecondaryIndexUpdates index" },
    { WITH(BY("i", "a", "ALL"), A), ON_DEMAND,
      "AttributeDefinitions Never, GlobalSecondaryIndexes Never", VERDICT_IN_PLACE, NULL,
      "UpdateTable GlobalSecondaryIndexUpdates gone" },
    { WITH(BY("i", "a", "ALL"), A), WITH(BY("i", "a", "KEYS_ONLY"), A),
      "GlobalSecondaryIndexes Never", VERDICT_REFUSED, OTHER_PROPERTIES, NULL },
    { WITH(BY("i", "a", "INCLUDE, NonKeyAttributes: [x]"), A),
      WITH(BY("i", "a", "INCLUDE, NonKeyAttributes: [x, y]"), A), "GlobalSecondaryIndexes Never",
      VERDICT_REFUSED, OTHER_PROPERTIES, NULL },
    { WITH(BY("i", "a", "INCLUDE, NonKeyAttributes: [x, y]"), A),
      WITH(BY("i", "a", "INCLUDE, NonKeyAttributes: [y, x]"), A), "GlobalSecondaryIndexes Never",
      VERDICT_IN_PLACE, NULL, "" },
    { WITH(BY("i", "a", "ALL"), A), WITH(BY("i", "b", "ALL"), B),
      "AttributeDefinitions Never, GlobalSecondaryIndexes Never", VERDICT_REFUSED, OTHER_PROPERTIES,
      NULL },
    { WITH(BY("i", "a", "ALL"), A), WITH(BY("j", "a", "ALL"), A), "GlobalSecondaryIndexes Never",
      VERDICT_REFUSED, ONE_AT_A_TIME, NULL },
    { ON_DEMAND, WITH(BY("i", "a", "ALL") ", " BY("j", "b", "ALL"), A B),
      "AttributeDefinitions Never, GlobalSecondaryIndexes Never", VERDICT_REFUSED, ONE_AT_A_TIME,
      NULL },
    { ON_DEMAND, WITH("", ", " TYPE("z", "S")),
      "AttributeDefinitions Never, "
      "GlobalSecondaryIndexes Never",
      VERDICT_REFUSED,
      "Number of attributes in KeySchema does not exactly match number of attributes defined in "
      "AttributeDefinitions",
      NULL },
    { WITH(BY("i", "a", "ALL"), A),
      WITH(BY("i", "a", "ALL}, ContributorInsightsSpecification: {Enabled: true"), A),
      "GlobalSecondaryIndexes Never", VERDICT_IN_PLACE, NULL,
      "UpdateContributorInsights ContributorInsightsAction none" },
    /* settings */
    { BARE ", " UNITS("1"), BARE ", " UNITS("2"), "ProvisionedThroughput Never", VERDICT_IN_PLACE,
      NULL, "UpdateTable ProvisionedThroughput table" },
    { BARE ", " UNITS("1"), ON_DEMAND, "BillingMode Never, ProvisionedThroughput Never",
      VERDICT_IN_PLACE, NULL, "UpdateTable BillingMode table" },
    { ON_DEMAND, ON_DEMAND ", OnDemandThroughput: {MaxReadRequestUnits: 5}",
      "OnDemandThroughput Never", VERDICT_IN_PLACE, NULL, "UpdateTable OnDemandThroughput table" },
    { ON_DEMAND,
      ON_DEMAND ", WarmThroughput: {ReadUnitsPerSecond: 13000, WriteUnitsPerSecond: "
                "5000}",
      "WarmThroughput Never", VERDICT_IN_PLACE, NULL, "UpdateTable WarmThroughput table" },
    { ON_DEMAND, ON_DEMAND ", " STREAM("KEYS_ONLY"), "StreamSpecification Never", VERDICT_IN_PLACE,
      NULL, "UpdateTable StreamSpecification table" },
    { ON_DEMAND ", " STREAM("KEYS_ONLY"), ON_DEMAND ", " STREAM("NEW_IMAGE"),
      "StreamSpecification Never", VERDICT_IN_PLACE, NULL,
      "UpdateTable StreamSpecification table; UpdateTable StreamSpecification table" },
    { ON_DEMAND, ON_DEMAND ", SSESpecification: {SSEEnabled: true}", "SSESpecification Never",
      VERDICT_IN_PLACE, NULL, "UpdateTable SSESpecification table" },
    { ON_DEMAND ", SSESpecification: {SSEEnabled: true}",
      ON_DEMAND ", SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: k}",
      "SSESpecification Never", VERDICT_IN_PLACE, NULL, "UpdateTable SSESpecification table" },
    { ON_DEMAND, ON_DEMAND ", TableClass: STANDARD_INFREQUENT_ACCESS", "TableClass Never",
      VERDICT_IN_PLACE, NULL, "UpdateTable TableClass table" },
    { ON_DEMAND, ON_DEMAND ", DeletionProtectionEnabled: true", "DeletionProtectionEnabled Never",
      VERDICT_IN_PLACE, NULL, "UpdateTable DeletionProtectionEnabled table" },
    { ON_DEMAND, ON_DEMAND ", " TTL("t"), "TimeToLiveSpecification Never", VERDICT_IN_PLACE, NULL,
      "UpdateTimeToLive TimeToLiveSpecification none" },
    { ON_DEMAND ", " TTL("t"), ON_DEMAND ", " TTL("u"), "TimeToLiveSpecification Never",
      VERDICT_IN_PLACE, NULL, "UpdateTimeToLive TimeToLiveSpecification none" },
    { ON_DEMAND ", " TTL("t"), ON_DEMAND ", TimeToLiveSpecification: {Enabled: false}",
      "TimeToLiveSpecification Never", VERDICT_IN_PLACE, NULL,
      "UpdateTimeToLive TimeToLiveSpecification none" },
    { ON_DEMAND ", " TTL("t"), ON_DEMAND, "TimeToLiveSpecification Never", VERDICT_REFUSED,
      NO_ATTRIBUTE, NULL },
    { ON_DEMAND, ON_DEMAND ", " PERIOD("7"), "PointInTimeRecoverySpecification Never",
      VERDICT_IN_PLACE, NULL, "UpdateContinuousBackups PointInTimeRecoverySpecification none" },
    { ON_DEMAND ", PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}",
      ON_DEMAND ", " PERIOD("7"), "PointInTimeRecoverySpecification Never", VERDICT_IN_PLACE, NULL,
      "UpdateContinuousBackups PointInTimeRecoverySpecification none" },
    { ON_DEMAND ", " PERIOD("7"), ON_DEMAND, "PointInTimeRecoverySpecification Never",
      VERDICT_IN_PLACE, NULL, "UpdateContinuousBackups PointInTimeRecoverySpecification none" },
    { ON_DEMAND, ON_DEMAND ", " INSIGHTS("true"), "ContributorInsightsSpecification Never",
      VERDICT_IN_PLACE, NULL, "UpdateContributorInsights ContributorInsightsAction none" },
    { ON_DEMAND, ON_DEMAND ", KinesisStreamSpecification: {StreamArn: x}",
      "KinesisStreamSpecification Never", VERDICT_IN_PLACE, NULL,
      "EnableKinesisStreamingDestination StreamArn table" },
    { ON_DEMAND,
      ON_DEMAND ", KinesisStreamSpecification: {StreamArn: x, "
                "ApproximateCreationDateTimePrecision: MICROSECOND}",
      "KinesisStreamSpecification Never", VERDICT_IN_PLACE, NULL,
      "EnableKinesisStreamingDestination EnableKinesisStreamingConfiguration table" },
    { ON_DEMAND ", KinesisStreamSpecification: {StreamArn: x}",
      ON_DEMAND ", KinesisStreamSpecification: {StreamArn: x, "
                "ApproximateCreationDateTimePrecision: MICROSECOND}",
      "KinesisStreamSpecification Never", VERDICT_IN_PLACE, NULL,
      "UpdateKinesisStreamingDestination UpdateKinesisStreamingConfiguration none" },
    { ON_DEMAND, ON_DEMAND ", " MODE("THROTTLED_KEYS"), "ContributorInsightsSpecification Never",
      VERDICT_IN_PLACE, NULL, "UpdateContributorInsights ContributorInsightsMode none" },
    { ON_DEMAND ", " MODE("THROTTLED_KEYS"), ON_DEMAND ", " INSIGHTS("true"),
      "ContributorInsightsSpecification Never", VERDICT_IN_PLACE, NULL,
      "UpdateContributorInsights ContributorInsightsMode none" },
    { ON_DEMAND ", " INSIGHTS("true"), ON_DEMAND ", " MODE("ACCESSED_AND_THROTTLED_KEYS"),
      "ContributorInsightsSpecification Never", VERDICT_IN_PLACE, NULL, "" },
    { ON_DEMAND ", " MODE("THROTTLED_KEYS"), ON_DEMAND, "ContributorInsightsSpecification Never",
      VERDICT_IN_PLACE, NULL, "UpdateContributorInsights ContributorInsightsAction none" },
    { WITH(BY("i", "a", "ALL}, " INSIGHTS("true") ", WarmThroughput: {ReadUnitsPerSecond: 1"), A),
      WITH(BY("i", "a", "ALL}, " MODE("THROTTLED_KEYS") ", WarmThroughput: {ReadUnitsPerSecond: 1"),
           A),
      "GlobalSecondaryIndexes Never", VERDICT_IN_PLACE, NULL,
      "UpdateContributorInsights ContributorInsightsMode none" },
    { ON_DEMAND, ON_DEMAND ", ResourcePolicy: {PolicyDocument: {Version: x}}",
      "ResourcePolicy Never", VERDICT_IN_PLACE, NULL, "PutResourcePolicy Policy none" },
    { ON_DEMAND ", Tags: [{Key: a, Value: b}]", ON_DEMAND ", Tags: [{Key: c, Value: d}]",
      "Tags Never", VERDICT_IN_PLACE, NULL, "UntagResource TagKeys none; TagResource Tags none" },
};

static const struct node *read_properties(struct arena *arena, const char *properties)
{
    struct buffer text;
    const struct node *tree = NULL;
    const char *error = NULL;
    buffer_init(&text, arena, 256);
    buffer_append_format(&text, "{%s}", properties);
    if (!node_read(arena, buffer_view(&text), &tree, &error)) {
        fail_msg("%s: %s", error, properties);
    }
    return tree;
}

static struct table_change
find_change(struct arena *arena, const char *type, const char *from, const char *to)
{
    struct table_change change;
    const char *error = NULL;
    struct table_properties properties = {
        .type = type,
        .physical_name = "named",
        .previous = from != NULL ? read_properties(arena, from) : NULL,
        .next = read_properties(arena, to),
    };
    if (!table_change_find(arena, &properties, &change, &error)) {
        fail_msg("%s: %s", error, to);
    }
    return change;
}

static const char *properties_text(struct arena *arena, const struct table_change *change)
{
    static const char *const names[] = { "Never", "Conditionally", "Always" };
    struct buffer text;
    buffer_init(&text, arena, 256);
    for (size_t i = 0; i < change->property_count; i++) {
        buffer_append_format(&text, "%s%s %s", i > 0 ? ", " : "", change->properties[i].name,
                             names[change->properties[i].recreation]);
    }
    return bytes_to_text(arena, buffer_view(&text));
}

static const char *calls_text(struct arena *arena, const struct call_list *calls)
{
    static const char *const waits[] = { [CALL_WAIT_NONE] = "none",
                                         [CALL_WAIT_TABLE] = "table",
                                         [CALL_WAIT_INDEX] = "index",
                                         [CALL_WAIT_INDEX_GONE] = "gone" };
    struct buffer text;
    buffer_init(&text, arena, 256);
    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = &calls->items[i];
        buffer_append_format(&text, "%s%s %s %s", i > 0 ? "; " : "", call->operation,
                             call->members[call->member_count - 1].name, waits[call->wait]);
    }
    return bytes_to_text(arena, buffer_view(&text));
}

static void each_change_has_its_verdict_and_its_calls(void **state)
{
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct row *row = &ROWS[i];
        struct table_change change = find_change(*state, TABLE, row->from, row->to);
        assert_string_equal(properties_text(*state, &change), row->properties);
        if (change.verdict != row->verdict) {
            fail_msg("%s: verdict %d", row->to, (int)change.verdict);
        }
        assert_int_equal(change.is_none, row->properties[0] == '\0');
        assert_string_equal(change.message != NULL ? change.message : "",
                            row->message != NULL ? row->message : "");
        if (row->calls != NULL) {
            assert_string_equal(calls_text(*state, &change.calls), row->calls);
        }
    }
}

static void the_handlers_own_words_are_wrapped_and_cloudformations_are_not(void **state)
{
    struct table_change change =
        find_change(*state, TABLE, WITH(BY("i", "a", "ALL"), A), WITH(BY("j", "a", "ALL"), A));
    assert_true(change.is_wrapped);
    change = find_change(*state, TABLE, BARE ", TableName: named",
                         KEY("k") ", AttributeDefinitions: [" TYPE("k", "S") "], TableName: named");
    assert_false(change.is_wrapped);
}

static const char *input_text(struct arena *arena, const struct call *call)
{
    struct buffer text;
    buffer_init(&text, arena, 512);
    calls_append_input(&text, call);
    return bytes_to_text(arena, buffer_view(&text));
}

static void a_new_table_is_created_then_given_what_creation_does_not_take(void **state)
{
    struct table_change change = find_change(
        *state, TABLE, NULL,
        WITH(
            BY("i", "a", "INCLUDE, NonKeyAttributes: [x]") ", " BY("j", "a", "ALL"),
            A) ", " STREAM("KEYS_ONLY") ", " TTL("t") ", " PERIOD("7") ", " INSIGHTS("true") ", "
                                                                                             "Kines"
                                                                                             "isStr"
                                                                                             "eamSp"
                                                                                             "ecifi"
                                                                                             "catio"
                                                                                             "n: "
                                                                                             "{Stre"
                                                                                             "amArn"
                                                                                             ": "
                                                                                             "s}, "
                                                                                             "SSESp"
                                                                                             "ecifi"
                                                                                             "catio"
                                                                                             "n: "
                                                                                             "{SSEE"
                                                                                             "nable"
                                                                                             "d: "
                                                                                             "true,"
                                                                                             " "
                                                                                             "SSETy"
                                                                                             "pe: "
                                                                                             "KMS, "
                                                                                             "KMSMa"
                                                                                             "sterK"
                                                                                             "eyId:"
                                                                                             " k}, "
                                                                                             "Table"
                                                                                             "Class"
                                                                                             ": "
                                                                                             "STAND"
                                                                                             "ARD, "
                                                                                             "Delet"
                                                                                             "ionPr"
                                                                                             "otect"
                                                                                             "ionEn"
                                                                                             "abled"
                                                                                             ": "
                                                                                             "true,"
                                                                                             " "
                                                                                             "Tags:"
                                                                                             " [{"
                                                                                             "Key: "
                                                                                             "a, "
                                                                                             "Value"
                                                                                             ": "
                                                                                             "b}], "
                                                                                             "Resou"
                                                                                             "rcePo"
                                                                                             "licy:"
                                                                                             " {"
                                                                                             "Polic"
                                                                                             "yDocu"
                                                                                             "ment:"
                                                                                             " {"
                                                                                             "Versi"
                                                                                             "on: "
                                                                                             "x}}");
    assert_string_equal(calls_text(*state, &change.calls),
                        "CreateTable Tags table; UpdateTimeToLive TimeToLiveSpecification none; "
                        "UpdateContinuousBackups PointInTimeRecoverySpecification none; "
                        "UpdateContributorInsights ContributorInsightsAction none; "
                        "EnableKinesisStreamingDestination StreamArn table");
    assert_string_equal(
        input_text(*state, &change.calls.items[0]),
        "{\"TableName\":\"named\",\"AttributeDefinitions\":[{\"AttributeName\":\"pk\","
        "\"AttributeType\":\"S\"},{\"AttributeName\":\"a\",\"AttributeType\":\"S\"}],"
        "\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}],"
        "\"BillingMode\":\"PAY_PER_REQUEST\",\"GlobalSecondaryIndexes\":[{\"IndexName\":\"i\","
        "\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"}],\"Projection\":"
        "{\"ProjectionType\":\"INCLUDE\",\"NonKeyAttributes\":[\"x\"]}},{\"IndexName\":\"j\","
        "\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"}],\"Projection\":"
        "{\"ProjectionType\":\"ALL\"}}],\"StreamSpecification\":{\"StreamEnabled\":true,"
        "\"StreamViewType\":\"KEYS_ONLY\"},\"SSESpecification\":{\"Enabled\":true,"
        "\"SSEType\":\"KMS\",\"KMSMasterKeyId\":\"k\"},\"TableClass\":\"STANDARD\","
        "\"DeletionProtectionEnabled\":true,\"ResourcePolicy\":\"{\\\"Version\\\":\\\"x\\\"}\","
        "\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"}]}");
}

/* So that it says so in its own words. */
static void what_dynamodb_refuses_is_sent_to_it(void **state)
{
    struct table_change change =
        find_change(*state, TABLE, NULL,
                    KEY("pk") ", AttributeDefinitions: [" TYPE("z", "X") "], BillingMode: SOME");
    assert_string_equal(
        input_text(*state, &change.calls.items[0]),
        "{\"TableName\":\"named\",\"AttributeDefinitions\":[{\"AttributeName\":\"z\","
        "\"AttributeType\":\"X\"}],\"KeySchema\":[{\"AttributeName\":\"pk\","
        "\"KeyType\":\"HASH\"}],\"BillingMode\":\"SOME\",\"TableClass\":\"STANDARD\","
        "\"DeletionProtectionEnabled\":false}");
    change = find_change(*state, TABLE, ON_DEMAND, WITH(BY("i", "a", "ALL"), ""));
    assert_int_equal(change.verdict, VERDICT_IN_PLACE);
    assert_string_equal(
        input_text(*state, &change.calls.items[0]),
        "{\"TableName\":\"named\",\"AttributeDefinitions\":[],\"GlobalSecondaryIndexUpdates\":"
        "[{\"Create\":{\"IndexName\":\"i\",\"KeySchema\":[{\"AttributeName\":\"a\","
        "\"KeyType\":\"HASH\"}],\"Projection\":{\"ProjectionType\":\"ALL\"}}}]}");
}

#define G(list, more)                                                                              \
    KEY("pk")                                                                                      \
    ", AttributeDefinitions: [" TYPE("pk", "S") more "], GlobalSecondaryIndexes: [" list "], "     \
                                                     "BillingMode: PAY_PER_REQUEST"
#define REPLICA(more) "Replicas: [{Region: us-east-1" more "}]"

static const struct row GLOBAL_ROWS[] = {
    { G("", "") ", " REPLICA(""),
      G("", "") ", " REPLICA(", TableClass: STANDARD_INFREQUENT_ACCESS"), "Replicas Never",
      VERDICT_IN_PLACE, NULL, "UpdateTable TableClass table" },
    { G(BY("i", "a", "ALL"), A) ", " REPLICA(", GlobalSecondaryIndexes: [{IndexName: i}]"),
      G(BY("i", "a", "KEYS_ONLY"), A) ", " REPLICA(", GlobalSecondaryIndexes: [{IndexName: i}]"),
      "GlobalSecondaryIndexes Never", VERDICT_REFUSED, OTHER_PROPERTIES, NULL },
    { G(BY("i", "a", "ALL"), A) ", " REPLICA(", GlobalSecondaryIndexes: [{IndexName: i}]"),
      G(BY("i", "a", "ALL"),
        A) ", " REPLICA(", GlobalSecondaryIndexes: [{IndexName: i, " INSIGHTS("true") "}]"),
      "Replicas Never", VERDICT_IN_PLACE, NULL,
      "UpdateContributorInsights ContributorInsightsAction none" },
    { G("", "") ", " REPLICA(""),
      G(BY("i", "a", "ALL"), A) ", " REPLICA(", GlobalSecondaryIndexes: [{IndexName: i}]"),
      "AttributeDefinitions Never, GlobalSecondaryIndexes Never, Replicas Never", VERDICT_IN_PLACE,
      NULL, "UpdateTable GlobalSecondaryIndexUpdates index" },
};

static void a_global_table_changes_as_the_table_it_is_in_its_region(void **state)
{
    for (size_t i = 0; i < sizeof GLOBAL_ROWS / sizeof GLOBAL_ROWS[0]; i++) {
        const struct row *row = &GLOBAL_ROWS[i];
        struct table_change change = find_change(*state, GLOBAL, row->from, row->to);
        assert_string_equal(properties_text(*state, &change), row->properties);
        assert_int_equal(change.verdict, row->verdict);
        assert_string_equal(change.message != NULL ? change.message : "",
                            row->message != NULL ? row->message : "");
        if (row->calls != NULL) {
            assert_string_equal(calls_text(*state, &change.calls), row->calls);
        }
    }
}

static void scaled_capacity_begins_at_its_seed_or_its_least(void **state)
{
#define SCALING(more)                                                                              \
    "CapacityAutoScalingSettings: {MinCapacity: 2, MaxCapacity: 9, " more                          \
    "TargetTrackingScalingPolicyConfiguration: {TargetValue: 70}}"
    struct table_change change =
        find_change(*state, GLOBAL, NULL,
                    BARE ", WriteProvisionedThroughputSettings: {Write" SCALING(
                        "SeedCapacity: 3, ") "}, " REPLICA(", ReadProvisionedThroughputSettings: "
                                                           "{Read" SCALING("") "}"));
    assert_string_equal(
        input_text(*state, &change.calls.items[0]),
        "{\"TableName\":\"named\",\"AttributeDefinitions\":[{\"AttributeName\":\"pk\","
        "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"pk\","
        "\"KeyType\":\"HASH\"}],\"BillingMode\":\"PROVISIONED\",\"ProvisionedThroughput\":"
        "{\"ReadCapacityUnits\":2,\"WriteCapacityUnits\":3},\"TableClass\":\"STANDARD\","
        "\"DeletionProtectionEnabled\":false}");
}

static void what_cannot_be_rehearsed_is_told(void **state)
{
    static const struct {
        const char *type;
        const char *properties;
        const char *error;
    } rows[] = {
        { TABLE, BARE ", ImportSourceSpecification: {InputFormat: CSV}",
          "ImportSourceSpecification cannot be rehearsed: leave it out" },
        { TABLE, BARE ", StreamSpecification: {StreamViewType: KEYS_ONLY, ResourcePolicy: {}}",
          "The ResourcePolicy of a stream cannot be rehearsed: leave it out" },
        { GLOBAL, BARE ", " REPLICA("}, {Region: eu-west-1"),
          "A global table with replicas in other regions cannot be rehearsed: there is one region "
          "here. Keep the replica of this region alone" },
        { GLOBAL, BARE ", MultiRegionConsistency: STRONG, " REPLICA(""),
          "MultiRegionConsistency STRONG cannot be rehearsed: there is one region here" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct table_change change;
        const char *error = NULL;
        struct table_properties properties = {
            .type = rows[i].type,
            .physical_name = "named",
            .next = read_properties(*state, rows[i].properties),
        };
        assert_false(table_change_find(*state, &properties, &change, &error));
        assert_string_equal(error, rows[i].error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_change_has_its_verdict_and_its_calls, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            the_handlers_own_words_are_wrapped_and_cloudformations_are_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_new_table_is_created_then_given_what_creation_does_not_take, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_dynamodb_refuses_is_sent_to_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_global_table_changes_as_the_table_it_is_in_its_region,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(scaled_capacity_begins_at_its_seed_or_its_least, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_rehearsed_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("table_change", tests, NULL, NULL);
}
