/* Properties held to the registry's schema, and made what it wants. */

#include "api/template/node.h"
#include "api/template/property_schema.h"
#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

#define TABLE  "AWS::DynamoDB::Table"
#define GLOBAL "AWS::DynamoDB::GlobalTable"
#define KEY    "KeySchema: [{AttributeName: a, KeyType: HASH}]"
#define INDEX(more)                                                                                \
    KEY ", GlobalSecondaryIndexes: [{IndexName: i, " KEY                                           \
        ", Projection: {ProjectionType: ALL}, " more "}]"
#define REPLICA(more) "Replicas: [{Region: us-east-1" more "}]"

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

static const struct {
    const char *type;
    const char *properties;
    const char *lines; /* what is told after the beginning */
} REFUSED[] = {
    { TABLE, "", "\n#: required key [KeySchema] not found" },
    { TABLE, KEY ", Name: x", "\n#: extraneous key [Name] is not permitted" },
    { TABLE, KEY ", Arn: x", "\n#: extraneous key [Arn] is not permitted" },
    { TABLE, "Keys: 1, Names: 2",
      "\n#: required key [KeySchema] not found\n#: extraneous key [Keys] is not permitted"
      "\n#: extraneous key [Names] is not permitted" },
    { TABLE, "KeySchema: [{AttributeName: a, Type: HASH}]",
      "\n#/KeySchema/0: required key [KeyType] not found"
      "\n#/KeySchema/0: extraneous key [Type] is not permitted" },
    { TABLE, "KeySchema: {AttributeName: a}",
      "\n#/KeySchema: expected type: JSONArray, found: JSONObject" },
    { TABLE, KEY ", BillingMode: [a]", "\n#/BillingMode: expected type: String, found: JSONArray" },
    { TABLE, KEY ", DeletionProtectionEnabled: 'yes'",
      "\n#/DeletionProtectionEnabled: expected type: Boolean, found: String" },
    { TABLE, KEY ", ProvisionedThroughput: {ReadCapacityUnits: 1.5, WriteCapacityUnits: x}",
      "\n#/ProvisionedThroughput/ReadCapacityUnits: expected type: Integer, found: Number"
      "\n#/ProvisionedThroughput/WriteCapacityUnits: expected type: Integer, found: String" },
    { TABLE, KEY ", ProvisionedThroughput: 5",
      "\n#/ProvisionedThroughput: expected type: JSONObject, found: Number" },
    { TABLE, KEY ", OnDemandThroughput: {MaxReadRequestUnits: 0}",
      "\n#/OnDemandThroughput/MaxReadRequestUnits: 0 is not greater or equal to 1" },
    { TABLE,
      KEY ", PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, "
          "RecoveryPeriodInDays: 36}",
      "\n#/PointInTimeRecoverySpecification/RecoveryPeriodInDays: 36 is not less or equal to 35" },
    { TABLE, KEY ", ContributorInsightsSpecification: {Enabled: true, Mode: X}",
      "\n#/ContributorInsightsSpecification/Mode: X is not a valid enum value" },
    { TABLE, INDEX("Size: 1"),
      "\n#/GlobalSecondaryIndexes/0: extraneous key [Size] is not permitted" },
    { TABLE,
      KEY ", AttributeDefinitions: [{AttributeName: a, AttributeType: S}, "
          "{AttributeType: S, AttributeName: a}]",
      "\n#/AttributeDefinitions: array items are not unique" },
    { TABLE, KEY ", WarmThroughput: {}",
      "\n#/WarmThroughput: #: no subschema matched out of the total 2 subschemas" },
    { TABLE, KEY ", ResourcePolicy: {PolicyDocument: []}",
      "\n#/ResourcePolicy/PolicyDocument: expected type: JSONObject, found: JSONArray" },
    { GLOBAL, KEY, "\n#: required key [Replicas] not found" },
    { GLOBAL, "Replicas: []", "\n#/Replicas: expected minimum item count: 1, found: 0" },
    { GLOBAL, REPLICA("") ", KeySchema: []",
      "\n#/KeySchema: expected minimum item count: 1, found: 0" },
    { GLOBAL, REPLICA("") ", Tags: []", "\n#: extraneous key [Tags] is not permitted" },
    { GLOBAL, REPLICA(", GlobalSecondaryIndexes: [{IndexName: ab}]"),
      "\n#/Replicas/0/GlobalSecondaryIndexes/0/IndexName: expected minLength: 3, actual: 2" },
    { GLOBAL, REPLICA("") ", MultiRegionConsistency: SOME",
      "\n#/MultiRegionConsistency: SOME is not a valid enum value" },
};

static void what_does_not_fit_is_told_line_by_line(void **state)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        const struct node *coerced = NULL;
        const char *error = NULL;
        struct buffer wanted;
        if (property_schema_check(*state, "T", REFUSED[i].type,
                                  read_properties(*state, REFUSED[i].properties), &coerced,
                                  &error)) {
            fail_msg("accepted: %s", REFUSED[i].properties);
        }
        buffer_init(&wanted, *state, 256);
        buffer_append_format(&wanted, "Properties validation failed for resource T with message:%s",
                             REFUSED[i].lines);
        assert_string_equal(error, bytes_to_text(*state, buffer_view(&wanted)));
    }
}

static const struct {
    const char *type;
    const char *properties;
    const char *coerced;
} ACCEPTED[] = {
    { TABLE,
      KEY ", TableName: 5, DeletionProtectionEnabled: 'true', "
          "ProvisionedThroughput: {ReadCapacityUnits: '5', WriteCapacityUnits: 6}",
      "{\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"}],\"TableName\":\"5\","
      "\"DeletionProtectionEnabled\":true,\"ProvisionedThroughput\":{\"ReadCapacityUnits\":5,"
      "\"WriteCapacityUnits\":6}}" },
    { TABLE, KEY ", ResourcePolicy: {PolicyDocument: {A: [1]}}, Tags: [{Key: k, Value: true}]",
      "{\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"}],\"ResourcePolicy\":"
      "{\"PolicyDocument\":{\"A\":[1]}},\"Tags\":[{\"Key\":\"k\",\"Value\":\"true\"}]}" },
    { GLOBAL,
      REPLICA("") ", WriteProvisionedThroughputSettings: {WriteCapacityAutoScalingSettings: "
                  "{MinCapacity: '1', MaxCapacity: 10, TargetTrackingScalingPolicyConfiguration: "
                  "{TargetValue: '70.5'}}}",
      "{\"Replicas\":[{\"Region\":\"us-east-1\"}],\"WriteProvisionedThroughputSettings\":"
      "{\"WriteCapacityAutoScalingSettings\":{\"MinCapacity\":1,\"MaxCapacity\":10,"
      "\"TargetTrackingScalingPolicyConfiguration\":{\"TargetValue\":70.5}}}}" },
    { "AWS::CDK::Metadata", "Analytics: 'v2:deflate64'", "{\"Analytics\":\"v2:deflate64\"}" },
};

static void what_fits_is_made_what_the_schema_wants(void **state)
{
    for (size_t i = 0; i < sizeof ACCEPTED / sizeof ACCEPTED[0]; i++) {
        const struct node *coerced = NULL;
        const char *error = NULL;
        struct buffer text;
        if (!property_schema_check(*state, "T", ACCEPTED[i].type,
                                   read_properties(*state, ACCEPTED[i].properties), &coerced,
                                   &error)) {
            fail_msg("%s", error);
        }
        buffer_init(&text, *state, 256);
        node_append_json(&text, coerced, false);
        assert_string_equal(bytes_to_text(*state, buffer_view(&text)), ACCEPTED[i].coerced);
    }
}

static void what_is_not_known_yet_fits_everywhere(void **state)
{
    struct node *properties = node_new(*state, NODE_MAP, "");
    node_append(properties, "KeySchema", node_new(*state, NODE_UNKNOWN, "later"));
    node_append(properties, "ProvisionedThroughput", node_new(*state, NODE_UNKNOWN, "later"));
    const struct node *coerced = NULL;
    const char *error = NULL;
    assert_true(property_schema_check(*state, "T", TABLE, properties, &coerced, &error));
    assert_int_equal(node_member(coerced, "KeySchema")->kind, NODE_UNKNOWN);
}

/* Every property of the reference's pages is in the tables, with a schema that can be walked. */
static size_t count_properties(const struct property_schema *schema)
{
    size_t count = 0;
    if (schema->kind == SCHEMA_LIST) {
        return count_properties(schema->element);
    }
    for (const struct schema_member *member = schema->members;
         schema->kind == SCHEMA_MAP && member->name != NULL; member++) {
        count += 1 + count_properties(member->schema);
    }
    return count;
}

static void both_types_have_all_their_properties(void **state)
{
    (void)state;
    assert_int_equal(count_properties(property_schema_of(TABLE)), 83);
    assert_int_equal(count_properties(property_schema_of(GLOBAL)), 129);
    assert_null(property_schema_of("AWS::CDK::Metadata"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_told_line_by_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_fits_is_made_what_the_schema_wants, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_known_yet_fits_everywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_types_have_all_their_properties, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("property_schema", tests, NULL, NULL);
}
