/* From documents to definitions: kinds of documents, functions of templates, defaults. */

#include "api/template/definition.h"
#include "api/template/definition_read.h"
#include "api/template/node.h"
#include "api/template/template.h"
#include "storage/base/arena.h"
#include "tests/support/template_definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define KEYS                                                                                       \
    "KeySchema: [{AttributeName: pk, KeyType: HASH}], AttributeDefinitions: [{AttributeName: pk, " \
    "AttributeType: S}]"

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

/* ---- functions ---- */

#define TEMPLATE_HEAD                                                                              \
    "Parameters:\n"                                                                                \
    "  Name: {Type: String, Default: approvals}\n"                                                 \
    "  Bare: {Type: String}\n"                                                                     \
    "  Given: {Type: String}\n"                                                                    \
    "  List: {Type: CommaDelimitedList, Default: 'a,b,c'}\n"                                       \
    "  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /path}\n"                     \
    "Mappings: {Stages: {prod: {Suffix: live}}}\n"                                                 \
    "Conditions:\n"                                                                                \
    "  IsSo: !Equals [!Ref Name, approvals]\n"                                                     \
    "  IsNot: !Not [{Condition: IsSo}]\n"                                                          \
    "  Both: !And [!Condition IsSo, !Condition IsNot]\n"                                           \
    "  Either: !Or [!Condition IsSo, !Condition Unclear]\n"                                        \
    "  Unclear: !Equals [!Ref 'AWS::Region', us-east-1]\n"                                         \
    "  Circle: !Not [!Condition Circle]\n"                                                         \
    "Resources:\n"                                                                                 \
    "  Key: {Type: 'AWS::KMS::Key'}\n"                                                             \
    "  T:\n"                                                                                       \
    "    Type: AWS::DynamoDB::Table\n"                                                             \
    "    Properties:\n"                                                                            \
    "      TableName: "

static const struct {
    const char *name;
    enum value_state state;
    const char *text; /* what is unknown begins with it */
} NAMES[] = {
    { "plain", VALUE_KNOWN, "plain" },
    { "!Ref Name", VALUE_KNOWN, "approvals" },
    { "{Ref: Name}", VALUE_KNOWN, "approvals" },
    { "!Ref Given", VALUE_KNOWN, "given" },
    { "!Ref Bare", VALUE_UNKNOWN, "Bare is a parameter without a value" },
    { "!Ref Stored", VALUE_UNKNOWN, "Stored is a parameter without a value" },
    { "!Ref AWS::Region", VALUE_UNKNOWN, "AWS::Region is a parameter without a value" },
    { "!Ref Key", VALUE_UNKNOWN, "Key is the name of another resource" },
    { "!Ref AWS::NoValue", VALUE_UNSAID, "" },
    { "!GetAtt Key.Arn", VALUE_UNKNOWN, "Fn::GetAtt is resolved by a deployment only" },
    { "!ImportValue x", VALUE_UNKNOWN, "Fn::ImportValue is resolved by a deployment only" },
    { "!Sub '${Name}-${Given}-${!literal}'", VALUE_KNOWN, "approvals-given-${literal}" },
    { "!Sub ['${Name}-${X}', {X: !Select [1, !Ref List]}]", VALUE_KNOWN, "approvals-b" },
    { "!Sub '${Name}-${Key.Arn}'", VALUE_UNKNOWN, "Key.Arn is an attribute" },
    { "!Sub 'open ${Name'", VALUE_KNOWN, "open ${Name" },
    { "!Join ['-', [a, !Ref Name, c]]", VALUE_KNOWN, "a-approvals-c" },
    { "!Join ['-', !Ref List]", VALUE_KNOWN, "a-b-c" },
    { "!Join ['-', [a, !Ref Bare]]", VALUE_UNKNOWN, "Bare is a parameter" },
    { "!Select [2, !Split ['/', 'x/y/z']]", VALUE_KNOWN, "z" },
    { "!Select [9, [a]]", VALUE_UNKNOWN, "Fn::Select finds no such element" },
    { "!FindInMap [Stages, prod, Suffix]", VALUE_KNOWN, "live" },
    { "!FindInMap [Stages, dev, Suffix]", VALUE_UNKNOWN, "Fn::FindInMap finds nothing" },
    { "!If [IsSo, yes-it-is, no-it-is-not]", VALUE_KNOWN, "yes-it-is" },
    { "!If [IsNot, yes-it-is, no-it-is-not]", VALUE_KNOWN, "no-it-is-not" },
    { "!If [Both, one, two]", VALUE_KNOWN, "two" },
    { "!If [Either, one, two]", VALUE_KNOWN, "one" },
    { "!If [Unclear, one, two]", VALUE_UNKNOWN, "Unclear is a condition" },
    { "!If [Circle, one, two]", VALUE_UNKNOWN, "Circle is a condition" },
    { "!If [Nowhere, one, two]", VALUE_UNKNOWN, "Nowhere is a condition" },
    { "!If [IsSo, !Ref 'AWS::NoValue', two]", VALUE_UNSAID, "" },
};

static void functions_are_resolved_as_far_as_the_template_tells(void **state)
{
    static const struct name_value given[] = { { "Given", "given" } };
    static const struct template_options options = { .parameters = given, .parameter_count = 1 };
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        struct buffer text;
        const struct node *document = NULL;
        const char *error = "";
        struct table_definition definition;
        buffer_init(&text, *state, 1024);
        buffer_append_format(&text,
                             "%s%s\n      KeySchema: [{AttributeName: pk, KeyType: HASH}]\n"
                             "      AttributeDefinitions: [{AttributeName: pk, "
                             "AttributeType: S}]\n",
                             TEMPLATE_HEAD, NAMES[i].name);
        if (!node_read(*state, buffer_view(&text), &document, &error) ||
            !definition_read(*state, document, &options, &definition, &error)) {
            fail_msg("%s: %s", NAMES[i].name, error);
        }
        if (definition.name.state != NAMES[i].state ||
            strncmp(definition.name.text, NAMES[i].text, strlen(NAMES[i].text)) != 0) {
            fail_msg("%s gave %d %s", NAMES[i].name, (int)definition.name.state,
                     definition.name.text);
        }
    }
}

/* ---- documents that define no table ---- */

static const struct {
    const char *text;
    const char *error; /* is in it */
} FAULTS[] = {
    { "", "empty" },
    { "{", "line" },
    { "a: [1", "line" },
    { "a: 1\na: 2", "line 2: a name is there twice" },
    { "a: &x 1\nb: *x", "aliases" },
    { "a: {<<: {b: 1}}", "merges" },
    { "a: 1\n---\nb: 2", "more than one document" },
    { "[1, 2]", "neither an answer of DescribeTable" },
    { "{Resources: {}}", "holds no AWS::DynamoDB::Table" },
    { "{Resources: {A: {Type: 'AWS::DynamoDB::Table'}}}", "no Properties" },
    { "{Resources: {A: {Type: 'AWS::DynamoDB::Table'}, B: {Type: 'AWS::DynamoDB::GlobalTable'}}}",
      "several tables, choose one with --resource: A, B" },
    { "{Conditions: {Never: !Equals [a, b]}, Resources: {A: {Type: 'AWS::DynamoDB::Table', "
      "Condition: "
      "Never, Properties: {}}}}",
      "Condition does not hold" },
    { "{Resources: {A: {Type: 'AWS::DynamoDB::Table', Properties: {}}}}", "lacks KeySchema" },
    { "{KeySchema: [{AttributeName: pk, KeyType: HASH}]}",
      "AttributeDefinitions lacks the key attribute pk" },
    { "{" KEYS ", GlobalSecondaryIndexes: [{IndexName: one}]}", "one lacks KeySchema" },
    { "{" KEYS ", GlobalSecondaryIndexes: [{IndexName: one, KeySchema: [{AttributeName: pk, "
      "KeyType: HASH}]}]}",
      "one lacks ProjectionType" },
    { "{KeySchema: [{AttributeName: pk, KeyType: HASH}], AttributeDefinitions: [{AttributeName: "
      "pk, "
      "AttributeType: SS}]}",
      "AttributeType of pk is none of S N B" },
    { "{" KEYS ", GlobalSecondaryIndexes: [{IndexName: one, KeySchema: [{AttributeName: pk, "
      "KeyType: HASH}], Projection: {ProjectionType: SOME}}]}",
      "ProjectionType of one is none of ALL KEYS_ONLY INCLUDE" },
    { "{" KEYS ", VectorIndexes: [{IndexName: one}]}", "vector indexes cannot be planned" },
    { "{Resources: {A: {Type: 'AWS::DynamoDB::Table', Properties: {" KEYS
      ", GlobalSecondaryIndexes: [{IndexName: !Ref Name}]}}}}",
      "IndexName of an index cannot be told: Name is the name of another resource" },
};

static void what_defines_no_table_is_told(void **state)
{
    static const struct template_options none = { .parameter_count = 0 };
    for (size_t i = 0; i < sizeof FAULTS / sizeof FAULTS[0]; i++) {
        const char *error = definition_error_of_text(*state, FAULTS[i].text, &none);
        if (strstr(error, FAULTS[i].error) == NULL) {
            fail_msg("%s\ngave %s", FAULTS[i].text, error);
        }
    }
}

static void a_table_that_is_asked_for_is_found(void **state)
{
    static const struct template_options options = { .resource = "C" };
    const char *error = definition_error_of_text(
        *state, "{Resources: {A: {Type: 'AWS::DynamoDB::Table'}}}", &options);
    assert_string_equal(error, "no DynamoDB table with that --resource; tables: A");
}

/* ---- kinds of documents ---- */

static const char DESCRIBED[] =
    "{\"Table\":{\"TableName\":\"t\",\"TableStatus\":\"ACTIVE\","
    "\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}],"
    "\"AttributeDefinitions\":[{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"},"
    "{\"AttributeName\":\"a\",\"AttributeType\":\"N\"}],"
    "\"ProvisionedThroughput\":{\"ReadCapacityUnits\":5,\"WriteCapacityUnits\":6,"
    "\"NumberOfDecreasesToday\":0},"
    "\"StreamSpecification\":{\"StreamEnabled\":true,\"StreamViewType\":\"NEW_IMAGE\"},"
    "\"GlobalSecondaryIndexes\":[{\"IndexName\":\"one\",\"IndexStatus\":\"%s\","
    "\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"}],"
    "\"Projection\":{\"ProjectionType\":\"INCLUDE\",\"NonKeyAttributes\":[\"y\",\"x\"]},"
    "\"ProvisionedThroughput\":{\"ReadCapacityUnits\":1,\"WriteCapacityUnits\":2}}]},"
    "\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"ENABLED\",\"AttributeName\":\"ttl\"},"
    "\"Tags\":[{\"Key\":\"b\",\"Value\":\"2\"},{\"Key\":\"a\",\"Value\":\"1\"}]}";

static const struct table_definition *described(struct arena *arena, const char *status)
{
    const char *mark = strstr(DESCRIBED, "%s");
    struct buffer text;
    buffer_init(&text, arena, sizeof DESCRIBED);
    buffer_append(&text, DESCRIBED, (size_t)(mark - DESCRIBED));
    buffer_append_text(&text, status);
    buffer_append_text(&text, mark + 2);
    return definition_of_text(arena, bytes_to_text(arena, buffer_view(&text)));
}

static void an_answer_of_describe_table_is_read(void **state)
{
    const struct table_definition *table = described(*state, "ACTIVE");
    assert_int_equal(table->source, SOURCE_DEPLOYED);
    assert_null(table->busy);
    assert_string_equal(table->settings[SETTING_BILLING_MODE].text, "PROVISIONED");
    assert_string_equal(table->settings[SETTING_PROVISIONED_THROUGHPUT].text,
                        "{\"ReadCapacityUnits\":5,\"WriteCapacityUnits\":6}");
    assert_string_equal(table->settings[SETTING_STREAM].text, "NEW_IMAGE");
    assert_string_equal(table->settings[SETTING_TIME_TO_LIVE].text, "ttl");
    assert_string_equal(table->settings[SETTING_TAGS].text,
                        "[{\"Key\":\"a\",\"Value\":\"1\"},{\"Key\":\"b\",\"Value\":\"2\"}]");
    assert_int_equal(table->settings[SETTING_POINT_IN_TIME_RECOVERY].state, VALUE_UNSAID);
    assert_int_equal(table->global_indexes.count, 1);
    const struct index_definition *index = &table->global_indexes.items[0];
    assert_string_equal(index->key_schema.elements[0].type, "N");
    assert_string_equal(index->projection.attributes[0], "x");
}

static void an_index_in_change_is_told(void **state)
{
    assert_string_equal(described(*state, "CREATING")->busy, "one is CREATING");
    const struct table_definition *table = described(*state, "DELETING");
    assert_string_equal(table->busy, "one is DELETING");
    assert_int_equal(table->global_indexes.count, 0);
}

static void defaults_are_explicit(void **state)
{
    const struct table_definition *table = definition_of_properties(*state, KEYS);
    assert_int_equal(table->name.state, VALUE_UNSAID);
    assert_string_equal(table->settings[SETTING_BILLING_MODE].text, "PROVISIONED");
    assert_string_equal(table->settings[SETTING_TABLE_CLASS].text, "STANDARD");
    assert_string_equal(table->settings[SETTING_DELETION_PROTECTION].text, "false");
    assert_true(table->settings[SETTING_TIME_TO_LIVE].is_dropped);
    const struct table_definition *input = definition_of_text(*state, "{TableName: t, " KEYS "}");
    assert_int_equal(input->source, SOURCE_CREATE_TABLE);
    assert_int_equal(input->settings[SETTING_TIME_TO_LIVE].state, VALUE_UNSAID);
}

static void a_global_table_takes_its_settings_from_the_first_replica(void **state)
{
    const struct table_definition *table = definition_of_text(
        *state,
        "{Resources: {G: {Type: 'AWS::DynamoDB::GlobalTable', Properties: {BillingMode: "
        "PAY_PER_REQUEST, KeySchema: [{AttributeName: pk, KeyType: HASH}], AttributeDefinitions: "
        "[{AttributeName: pk, AttributeType: S}], GlobalSecondaryIndexes: [{IndexName: one, "
        "KeySchema: [{AttributeName: pk, KeyType: HASH}], Projection: {ProjectionType: ALL}, "
        "WriteOnDemandThroughputSettings: {MaxWriteRequestUnits: 9}}], Replicas: [{Region: !Ref "
        "AWS::Region, DeletionProtectionEnabled: true, GlobalSecondaryIndexes: [{IndexName: one, "
        "ContributorInsightsSpecification: {Enabled: true}}]}]}}}}");
    assert_true(table->is_global_table);
    assert_string_equal(table->settings[SETTING_DELETION_PROTECTION].text, "true");
    const struct value *settings = table->global_indexes.items[0].settings;
    assert_string_equal(settings[SETTING_CONTRIBUTOR_INSIGHTS].text, "true");
    assert_string_equal(settings[SETTING_ON_DEMAND_THROUGHPUT].text,
                        "{\"MaxReadRequestUnits\":-1,\"MaxWriteRequestUnits\":9}");
}

static void a_deep_document_is_refused(void **state)
{
    static const struct template_options none = { .parameter_count = 0 };
    struct buffer json;
    struct buffer yaml;
    buffer_init(&json, *state, 1024);
    buffer_init(&yaml, *state, 1024);
    for (int i = 0; i < 2 * NODE_DEPTH_MAX; i++) {
        buffer_append_u8(&json, '[');
        buffer_append_text(&yaml, "- ");
    }
    for (int i = 0; i < 2 * NODE_DEPTH_MAX; i++) {
        buffer_append_u8(&json, ']');
    }
    buffer_append_text(&yaml, "x");
    assert_string_equal(
        definition_error_of_text(*state, bytes_to_text(*state, buffer_view(&json)), &none),
        "nested too deeply");
    assert_string_equal(
        definition_error_of_text(*state, bytes_to_text(*state, buffer_view(&yaml)), &none),
        "line 1: nested too deeply");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(functions_are_resolved_as_far_as_the_template_tells, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_defines_no_table_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_table_that_is_asked_for_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_of_describe_table_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_index_in_change_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(defaults_are_explicit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_global_table_takes_its_settings_from_the_first_replica,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_deep_document_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
