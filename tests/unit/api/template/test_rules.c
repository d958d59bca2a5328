/* Every rule is met by a change of two templates, and no change is without one. */

#include "api/template/definition.h"
#include "api/template/difference.h"
#include "storage/base/arena.h"
#include "tests/support/template_definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PK          "{AttributeName: pk, AttributeType: S}"
#define DEFINE(...) "AttributeDefinitions: [" PK __VA_ARGS__ "]"
#define KEY         "KeySchema: [{AttributeName: pk, KeyType: HASH}]"
#define BARE        KEY ", " DEFINE("")
#define A_OF(type)  ", {AttributeName: a, AttributeType: " type "}"
#define B           ", {AttributeName: b, AttributeType: S}"
#define BY(name, key, rest)                                                                        \
    "{IndexName: " name ", KeySchema: [{AttributeName: " key                                       \
    ", KeyType: HASH}], Projection: " rest "}"
#define ALL           "{ProjectionType: ALL}"
#define INDEXED(list) KEY ", GlobalSecondaryIndexes: [" list "], "
#define ONE           INDEXED(BY("by-a", "a", ALL)) DEFINE(A_OF("S"))
#define ON_DEMAND     "BillingMode: PAY_PER_REQUEST, "
#define UNITS(member, read, write)                                                                 \
    member ": {ReadCapacityUnits: " read ", WriteCapacityUnits: " write "}"
#define WARM(read)        "WarmThroughput: {ReadUnitsPerSecond: " read ", WriteUnitsPerSecond: 4000}"
#define MOST(read)        "OnDemandThroughput: {MaxReadRequestUnits: " read "}"
#define ONE_WITH(setting) ON_DEMAND INDEXED(BY("by-a", "a", ALL ", " setting)) DEFINE(A_OF("S"))
#define LOCAL(projection)                                                                          \
    "KeySchema: [{AttributeName: pk, KeyType: HASH}, {AttributeName: a, KeyType: RANGE}], "        \
    "LocalSecondaryIndexes: [{IndexName: local, KeySchema: [{AttributeName: pk, KeyType: HASH}, "  \
    "{AttributeName: b, KeyType: RANGE}], Projection: {ProjectionType: " projection                \
    "}}], " DEFINE(A_OF("S") B)
#define OTHER_PROPERTIES                                                                           \
    "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights "   \
    "Specification. You can create a new GSI with a different name."
#define ONE_AT_A_TIME "Cannot perform more than one GSI creation or deletion in a single update"
#define NOT_LOWER(what)                                                                            \
    "One or more parameter values were invalid: Requested ReadUnitsPerSecond for WarmThroughput "  \
    "for " what                                                                                    \
    " is lower than current WarmThroughput, decreasing WarmThroughput is not supported"

struct row {
    const char *from;
    const char *to;
    int property;
    const char *index;
    enum change_kind kind;
    enum verdict verdict;
    const char *message;
};

static const struct row ROWS[] = {
    { "TableName: one, " BARE, "TableName: two, " BARE, PROPERTY_TABLE_NAME, NULL, CHANGE_CHANGED,
      VERDICT_REPLACEMENT, NULL },
    { BARE, "TableName: two, " BARE, PROPERTY_TABLE_NAME, NULL, CHANGE_CHANGED, VERDICT_REPLACEMENT,
      NULL },
    { BARE, BARE ", ImportSourceSpecification: {InputFormat: CSV}", PROPERTY_IMPORT_SOURCE, NULL,
      CHANGE_ADDED, VERDICT_REPLACEMENT, NULL },
    { BARE,
      "KeySchema: [{AttributeName: a, KeyType: HASH}], AttributeDefinitions: [{AttributeName: a, "
      "AttributeType: S}]",
      PROPERTY_KEY_SCHEMA, NULL, CHANGE_CHANGED, VERDICT_REPLACEMENT, NULL },
    { "TableName: one, " BARE,
      "TableName: one, KeySchema: [{AttributeName: pk, KeyType: HASH}, {AttributeName: a, KeyType: "
      "RANGE}], " DEFINE(A_OF("S")),
      PROPERTY_KEY_SCHEMA, NULL, CHANGE_CHANGED, VERDICT_REFUSED,
      "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
      "Rename "
      "one and update the stack again." },
    { ONE, INDEXED(BY("by-a", "a", ALL)) DEFINE(A_OF("N")), PROPERTY_ATTRIBUTE_TYPE, NULL,
      CHANGE_CHANGED, VERDICT_REPLACEMENT, NULL },
    { BARE, KEY ", " DEFINE(A_OF("S")), PROPERTY_UNUSED_ATTRIBUTE, NULL, CHANGE_ADDED,
      VERDICT_REFUSED,
      "Number of attributes in KeySchema does not exactly match number of attributes defined in "
      "AttributeDefinitions" },
    { LOCAL("ALL"), LOCAL("KEYS_ONLY"), PROPERTY_LOCAL_INDEX, "local", CHANGE_CHANGED,
      VERDICT_REPLACEMENT, NULL },

    { BARE, ONE, PROPERTY_GLOBAL_INDEX, "by-a", CHANGE_ADDED, VERDICT_IN_PLACE, NULL },
    { ONE, BARE, PROPERTY_GLOBAL_INDEX, "by-a", CHANGE_REMOVED, VERDICT_IN_PLACE, NULL },
    { BARE, INDEXED(BY("one", "a", ALL) ", " BY("two", "a", ALL)) DEFINE(A_OF("S")),
      PROPERTY_GLOBAL_INDEX, "two", CHANGE_ADDED, VERDICT_SEVERAL, ONE_AT_A_TIME },
    { INDEXED(BY("one", "a", ALL)) DEFINE(A_OF("S")),
      INDEXED(BY("two", "a", ALL)) DEFINE(A_OF("S")), PROPERTY_GLOBAL_INDEX, "one", CHANGE_REMOVED,
      VERDICT_SEVERAL, ONE_AT_A_TIME },
    { ONE, INDEXED(BY("by-a", "a", "{ProjectionType: KEYS_ONLY}")) DEFINE(A_OF("S")),
      PROPERTY_INDEX_PROJECTION, "by-a", CHANGE_CHANGED, VERDICT_REFUSED, OTHER_PROPERTIES },
    { ONE, INDEXED(BY("by-a", "b", ALL)) DEFINE(B), PROPERTY_INDEX_KEY_SCHEMA, "by-a",
      CHANGE_CHANGED, VERDICT_REFUSED, OTHER_PROPERTIES },
    { UNITS("ProvisionedThroughput", "5", "5") ", " INDEXED(
          BY("by-a", "a", ALL ", " UNITS("ProvisionedThroughput", "5", "5"))) DEFINE(A_OF("S")),
      UNITS("ProvisionedThroughput", "5", "5") ", " INDEXED(
          BY("by-a", "a", ALL ", " UNITS("ProvisionedThroughput", "5", "6"))) DEFINE(A_OF("S")),
      SETTING_PROVISIONED_THROUGHPUT, "by-a", CHANGE_CHANGED, VERDICT_IN_PLACE, NULL },
    { ONE_WITH(MOST("5")), ONE_WITH(MOST("6")), SETTING_ON_DEMAND_THROUGHPUT, "by-a",
      CHANGE_CHANGED, VERDICT_IN_PLACE, NULL },
    { ONE_WITH(WARM("12000")), ONE_WITH(WARM("13000")), SETTING_WARM_THROUGHPUT, "by-a",
      CHANGE_CHANGED, VERDICT_IN_PLACE, NULL },
    { ONE_WITH(WARM("13000")), ONE_WITH(WARM("12000")), SETTING_WARM_THROUGHPUT, "by-a",
      CHANGE_LOWERED, VERDICT_REFUSED, NOT_LOWER("index") },
    { ONE_WITH("ContributorInsightsSpecification: {Enabled: false}"),
      ONE_WITH("ContributorInsightsSpecification: {Enabled: true}"), SETTING_CONTRIBUTOR_INSIGHTS,
      "by-a", CHANGE_ADDED, VERDICT_IN_PLACE, NULL },

    { UNITS("ProvisionedThroughput", "5", "5") ", " BARE, ON_DEMAND BARE, SETTING_BILLING_MODE,
      NULL, CHANGE_CHANGED, VERDICT_IN_PLACE, NULL },
    { UNITS("ProvisionedThroughput", "5", "5") ", " BARE,
      UNITS("ProvisionedThroughput", "5", "6") ", " BARE, SETTING_PROVISIONED_THROUGHPUT, NULL,
      CHANGE_CHANGED, VERDICT_IN_PLACE, NULL },
    { ON_DEMAND BARE, ON_DEMAND MOST("7") ", " BARE, SETTING_ON_DEMAND_THROUGHPUT, NULL,
      CHANGE_ADDED, VERDICT_IN_PLACE, NULL },
    { WARM("12000") ", " BARE, WARM("12001") ", " BARE, SETTING_WARM_THROUGHPUT, NULL,
      CHANGE_CHANGED, VERDICT_IN_PLACE, NULL },
    { WARM("12000") ", " BARE, WARM("11999") ", " BARE, SETTING_WARM_THROUGHPUT, NULL,
      CHANGE_LOWERED, VERDICT_REFUSED, NOT_LOWER("table") },
    { BARE, "StreamSpecification: {StreamViewType: NEW_IMAGE}, " BARE, SETTING_STREAM, NULL,
      CHANGE_ADDED, VERDICT_IN_PLACE, NULL },
    { "StreamSpecification: {StreamViewType: NEW_IMAGE}, " BARE,
      "StreamSpecification: {StreamViewType: KEYS_ONLY}, " BARE, SETTING_STREAM, NULL,
      CHANGE_CHANGED, VERDICT_IN_PLACE, NULL },
    { BARE, "SSESpecification: {SSEEnabled: true}, " BARE, SETTING_ENCRYPTION, NULL, CHANGE_ADDED,
      VERDICT_IN_PLACE, NULL },
    { "SSESpecification: {SSEEnabled: true, KMSMasterKeyId: one}, " BARE,
      "SSESpecification: {SSEEnabled: true, KMSMasterKeyId: two}, " BARE, SETTING_ENCRYPTION_KEY,
      NULL, CHANGE_CHANGED, VERDICT_IN_PLACE, NULL },
    { BARE, "TableClass: STANDARD_INFREQUENT_ACCESS, " BARE, SETTING_TABLE_CLASS, NULL,
      CHANGE_CHANGED, VERDICT_IN_PLACE, NULL },
    { BARE, "DeletionProtectionEnabled: true, " BARE, SETTING_DELETION_PROTECTION, NULL,
      CHANGE_ADDED, VERDICT_IN_PLACE, NULL },
    { BARE, "TimeToLiveSpecification: {Enabled: true, AttributeName: ttl}, " BARE,
      SETTING_TIME_TO_LIVE, NULL, CHANGE_ADDED, VERDICT_IN_PLACE, NULL },
    { "TimeToLiveSpecification: {Enabled: true, AttributeName: ttl}, " BARE,
      "TimeToLiveSpecification: {Enabled: true, AttributeName: end}, " BARE, SETTING_TIME_TO_LIVE,
      NULL, CHANGE_CHANGED, VERDICT_SEVERAL, NULL },
    { "TimeToLiveSpecification: {Enabled: true, AttributeName: ttl}, " BARE,
      "TimeToLiveSpecification: {Enabled: false, AttributeName: ttl}, " BARE, SETTING_TIME_TO_LIVE,
      NULL, CHANGE_REMOVED, VERDICT_IN_PLACE, NULL },
    { "TimeToLiveSpecification: {Enabled: true, AttributeName: ttl}, " BARE, BARE,
      SETTING_TIME_TO_LIVE, NULL, CHANGE_DROPPED, VERDICT_REFUSED,
      "Invalid request provided: AttributeName property of TimeToLiveSpecification is required "
      "when "
      "TTL status is enabled or while enabling/disabling TTL." },
    { BARE, "PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}, " BARE,
      SETTING_POINT_IN_TIME_RECOVERY, NULL, CHANGE_ADDED, VERDICT_IN_PLACE, NULL },
    { "PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: "
      "7}, " BARE,
      "PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: "
      "8}, " BARE,
      SETTING_RECOVERY_PERIOD, NULL, CHANGE_CHANGED, VERDICT_IN_PLACE, NULL },
    { BARE, "ContributorInsightsSpecification: {Enabled: true}, " BARE,
      SETTING_CONTRIBUTOR_INSIGHTS, NULL, CHANGE_ADDED, VERDICT_IN_PLACE, NULL },
    { BARE, "KinesisStreamSpecification: {StreamArn: 'arn:aws:kinesis:x'}, " BARE,
      SETTING_KINESIS_STREAM, NULL, CHANGE_ADDED, VERDICT_IN_PLACE, NULL },
    { BARE, "ResourcePolicy: {PolicyDocument: {Version: '2012-10-17'}}, " BARE,
      SETTING_RESOURCE_POLICY, NULL, CHANGE_ADDED, VERDICT_IN_PLACE, NULL },
    { "Tags: [{Key: team, Value: one}], " BARE, "Tags: [{Key: team, Value: two}], " BARE,
      SETTING_TAGS, NULL, CHANGE_CHANGED, VERDICT_IN_PLACE, NULL },
};

enum { ROW_COUNT = sizeof ROWS / sizeof ROWS[0] };

/* Two templates whose resources differ in more than their properties. */
static const struct row WHOLE_ROWS[] = {
    { "{Resources: {One: {Type: 'AWS::DynamoDB::Table', Properties: {" BARE "}}}}",
      "{Resources: {Two: {Type: 'AWS::DynamoDB::Table', Properties: {" BARE "}}}}",
      PROPERTY_LOGICAL_ID, NULL, CHANGE_CHANGED, VERDICT_REPLACEMENT, NULL },
    { "{Resources: {One: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: t, " BARE "}}}}",
      "{Resources: {Two: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: t, " BARE "}}}}",
      PROPERTY_LOGICAL_ID, NULL, CHANGE_CHANGED, VERDICT_REFUSED, "t already exists" },
    { "{Resources: {T: {Type: 'AWS::DynamoDB::Table', Properties: {" ON_DEMAND BARE "}}}}",
      "{Resources: {T: {Type: 'AWS::DynamoDB::GlobalTable', Properties: {" ON_DEMAND BARE
      ", Replicas: [{Region: us-east-1}]}}}}",
      PROPERTY_RESOURCE_TYPE, NULL, CHANGE_CHANGED, VERDICT_REPLACEMENT, NULL },
};

enum { WHOLE_ROW_COUNT = sizeof WHOLE_ROWS / sizeof WHOLE_ROWS[0] };

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

static bool is_same_text(const char *left, const char *right)
{
    return left == NULL || right == NULL ? left == right : strcmp(left, right) == 0;
}

/* Finds the row's change and checks it; the rule that judged it. */
static const struct rule *check_row(const struct difference *difference, const struct row *row)
{
    for (size_t i = 0; i < difference->change_count; i++) {
        const struct change *change = &difference->changes[i];
        if (change->property == row->property && is_same_text(change->index, row->index)) {
            assert_int_equal(change->kind, row->kind);
            assert_int_equal(change->verdict, row->verdict);
            assert_true(is_same_text(change->message, row->message));
            return change->rule;
        }
    }
    fail_msg("no such change from %s\nto %s", row->from, row->to);
    return NULL;
}

static const struct rule *judge_row(struct arena *arena, size_t number)
{
    bool is_whole = number >= ROW_COUNT;
    const struct row *row = is_whole ? &WHOLE_ROWS[number - ROW_COUNT] : &ROWS[number];
    const struct table_definition *from = is_whole ? definition_of_text(arena, row->from)
                                                   : definition_of_properties(arena, row->from);
    const struct table_definition *to =
        is_whole ? definition_of_text(arena, row->to) : definition_of_properties(arena, row->to);
    struct difference difference;
    difference_find(arena, from, to, &difference);
    return check_row(&difference, row);
}

static void every_change_has_its_verdict_and_sentence(void **state)
{
    for (size_t i = 0; i < ROW_COUNT + WHOLE_ROW_COUNT; i++) {
        (void)judge_row(*state, i);
    }
}

static void every_rule_is_met(void **state)
{
    bool is_met[128] = { false };
    bool several = false;
    bool custom_name = false;
    bool name_taken = false;
    assert_true(RULE_COUNT <= sizeof is_met);
    for (size_t i = 0; i < ROW_COUNT + WHOLE_ROW_COUNT; i++) {
        const struct rule *rule = judge_row(*state, i);
        several = several || rule == &RULE_SEVERAL_INDEX_CHANGES;
        custom_name = custom_name || rule == &RULE_CUSTOM_NAME;
        name_taken = name_taken || rule == &RULE_NAME_TAKEN;
        if (rule >= RULES && rule < RULES + RULE_COUNT) {
            is_met[rule - RULES] = true;
        }
    }
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (!is_met[i]) {
            fail_msg("no row meets rule %zu, on %s", i,
                     rules_property_name(RULES[i].property, RULES[i].is_of_index));
        }
    }
    assert_true(several && custom_name && name_taken);
}

static void every_rule_names_its_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        assert_non_null(RULES[i].source);
        assert_true(RULES[i].verdict != VERDICT_REFUSED || RULES[i].message != NULL);
    }
}

static void equal_definitions_have_no_difference(void **state)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct table_definition *one = definition_of_properties(*state, ROWS[i].from);
        const struct table_definition *other = definition_of_properties(*state, ROWS[i].from);
        struct difference difference;
        difference_find(*state, one, other, &difference);
        assert_int_equal(difference.change_count, 0);
    }
}

static void order_is_no_difference(void **state)
{
    const struct table_definition *one = definition_of_properties(
        *state,
        INDEXED(BY("one", "a", "{ProjectionType: INCLUDE, NonKeyAttributes: [x, y]}") ", " BY(
            "two", "b", ALL)) DEFINE(A_OF("S") B) ", Tags: [{Key: a, Value: b}, {Key: c, "
                                                  "Value: d}]");
    const struct table_definition *other = definition_of_properties(
        *state, INDEXED(BY("two", "b", ALL) ", " BY("one", "a",
                                                    "{ProjectionType: INCLUDE, NonKeyAttributes: "
                                                    "[y, x]}"))
                    DEFINE(B A_OF("S")) ", Tags: [{Key: c, Value: d}, {Key: a, Value: b}]");
    struct difference difference;
    difference_find(*state, one, other, &difference);
    assert_int_equal(difference.change_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_change_has_its_verdict_and_sentence, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(every_rule_is_met, set_up, tear_down),
        cmocka_unit_test(every_rule_names_its_source),
        cmocka_unit_test_setup_teardown(equal_definitions_have_no_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(order_is_no_difference, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
