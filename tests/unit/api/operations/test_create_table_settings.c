/*
 * CreateTable's stream, encryption, class and deletion protection: the refusals in the service's
 * order, from those of indexes to those of capacity, tags and policy, and that what was asked for
 * is described, in the reply and ever after.
 */

#include "api/json.h"
#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char BASE[] = "'TableName':'Tab'," DEFINE(S("pk") "," S("a")) "," KEY(
    HASH("pk")) "," ON_DEMAND "," GSIS(GSI("one", "a", ""));

#define ONE(name) GSI(name, "a", "")
#define FIVE(name)                                                                                 \
    ONE(name "1") "," ONE(name "2") "," ONE(name "3") "," ONE(name "4") "," ONE(name "5")
#define SEVEN(name)                                                                                \
    "'" name "1','" name "2','" name "3','" name "4','" name "5','" name "6','" name "7'"
#define WIDE(name)                                                                                 \
    "{'IndexName':'" name                                                                          \
    "'," KEY(HASH("a")) ",'Projection':{'ProjectionType':'INCLUDE',"                               \
                        "'NonKeyAttributes':[" SEVEN("x") "," SEVEN("y") ",'z1','z2','z3']}}"

/* Of two rows with different members the earlier one is told. */
static const struct fault {
    const char *member;
    const char *members; /* appended to BASE */
    const char *message;
} FAULTS[] = {
    { "Indexes", "'GlobalSecondaryIndexes':[]",
      INVALID "Some AttributeDefinitions are not used. AttributeDefinitions: [pk, a], keys used: "
              "[pk]" },
    { "Indexes", GSIS("{'IndexName':'one'," KEY(HASH("a")) ",'Projection':{}}"),
      INVALID "Unknown ProjectionType: null" },
    { "Indexes", GSIS(ONE("one") "," ONE("one")), INVALID "Duplicate index name: one" },
    { "Indexes", GSIS(FIVE("ga") "," FIVE("gb") "," FIVE("gc") "," FIVE("gd") "," ONE("one")),
      INVALID "GlobalSecondaryIndex count exceeds the per-table limit of 20" },
    { "Indexes",
      GSIS(WIDE("ga1") "," WIDE("ga2") "," WIDE("ga3") "," WIDE("ga4") "," WIDE("ga5") "," WIDE(
          "ga6")),
      INVALID "Number of NonKeyAttributes across all secondary indexes exceeds the per-table limit "
              "of 100" },

    { "Stream", "'StreamSpecification':{'StreamEnabled':true}",
      INVALID "Table is being created with a stream enabled, UpdateViewType is required" },
    { "Stream", "'StreamSpecification':{'StreamEnabled':false,'StreamViewType':'NEW_IMAGE'}",
      INVALID
      "Table is being created with a stream disabled, UpdateViewType should not be specified" },

    { "Encryption", ENCRYPT("'Enabled':false,'SSEType':'KMS'"),
      INVALID "SSEType can not be specified if Enabled is false" },
    { "Encryption", ENCRYPT("'Enabled':false,'SSEType':'AES256'"),
      INVALID "SSEType can not be specified if Enabled is false" },
    { "Encryption", ENCRYPT("'Enabled':false,'SSEType':'KMS','KMSMasterKeyId':'alias/mine'"),
      INVALID "SSEType can not be specified if Enabled is false" },
    { "Encryption", ENCRYPT("'Enabled':false,'KMSMasterKeyId':'alias/mine'"),
      INVALID "KMSMasterKeyId can not be specified if Enabled is false" },
    { "Encryption", ENCRYPT("'Enabled':true,'SSEType':'AES256'"),
      INVALID "SSEType AES256 is not supported" },
    { "Encryption", ENCRYPT("'SSEType':'AES256','KMSMasterKeyId':'alias/mine'"),
      INVALID "SSEType AES256 is not supported" },
    { "Encryption", ENCRYPT("'Enabled':true,'KMSMasterKeyId':'alias/mine'"),
      INVALID "SSEType KMS is required if KMSMasterKeyId is specified" },
    { "Encryption", ENCRYPT("'KMSMasterKeyId':'alias/mine'"),
      INVALID "SSEType KMS is required if KMSMasterKeyId is specified" },

    { "Class", CLASS("COLD"),
      "Invalid table-class parameter provided. Please try again with a valid table-class value: "
      "[STANDARD, STANDARD_INFREQUENT_ACCESS]." },
    { "Class", CLASS("standard"),
      "Invalid table-class parameter provided. Please try again with a valid table-class value: "
      "[STANDARD, STANDARD_INFREQUENT_ACCESS]." },

    { "Limits", MAX("0", "1"),
      INVALID "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid "
              "range" },

    { "Warm", WARM("1", "1"),
      INVALID "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than initial "
              "throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/"
              "developerguide/on-demand-capacity-mode.html#on-demand-capacity-mode-initial" },

    { "Tags", "'Tags':[{'Key':'aws:k','Value':''}]",
      "Tag Key cannot be prefixed with aws:, Key: aws:k" },

    { "Policy", "'ResourcePolicy':''",
      INVALID "Invalid policy document: This policy contains invalid Json" },
};
enum { FAULTS_COUNT = sizeof FAULTS / sizeof *FAULTS };

static void assert_fault(struct api_fixture *fixture, const char *members, const char *message)
{
    assert_refused(fixture, "CreateTable", api_fixture_text(fixture, "{%s,%s}", BASE, members),
                   VALIDATION, message);
}

static void each_fault_has_its_text(void **state)
{
    for (size_t i = 0; i < FAULTS_COUNT; i++) {
        assert_fault(*state, FAULTS[i].members, FAULTS[i].message);
    }
}

static void of_two_faults_the_earlier_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < FAULTS_COUNT; i++) {
        for (size_t j = i + 1; j < FAULTS_COUNT; j++) {
            if (strcmp(FAULTS[i].member, FAULTS[j].member) != 0) {
                assert_fault(
                    fixture,
                    api_fixture_text(fixture, "%s,%s", FAULTS[j].members, FAULTS[i].members),
                    FAULTS[i].message);
            }
        }
    }
}

/* ---- constraints, told before all of that and together ---- */

static const struct {
    const char *members;
    const char *type;
    const char *message;
} CONSTRAINTS[] = {
    { "'StreamSpecification':{}", VALIDATION,
      "1 validation error detected: Value null at 'streamSpecification.streamEnabled' failed to "
      "satisfy constraint: Member must not be null" },
    { "'StreamSpecification':{'StreamViewType':'new_image'}", VALIDATION,
      "2 validation errors detected: Value null at 'streamSpecification.streamEnabled' failed to "
      "satisfy constraint: Member must not be null; Value 'new_image' at "
      "'streamSpecification.streamViewType' failed to satisfy constraint: Member must satisfy enum "
      "value set: [OLD_IMAGE, KEYS_ONLY, NEW_AND_OLD_IMAGES, NEW_IMAGE]" },
    { ENCRYPT("'Enabled':false,'SSEType':'kms'"), VALIDATION,
      "1 validation error detected: Value 'kms' at 'sSESpecification.sSEType' failed to satisfy "
      "constraint: Member must satisfy enum value set: [AES256, KMS]" },
    { "'StreamSpecification':[]", SERIALIZES,
      "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.StreamSpecification" },
    { "'SSESpecification':'KMS'", SERIALIZES, "Unexpected field type" },
    { "'StreamSpecification':{'StreamEnabled':1}", SERIALIZES,
      "NUMBER_VALUE cannot be converted to Boolean" },
    { "'TableClass':7", SERIALIZES, "NUMBER_VALUE cannot be converted to String" },
    { "'DeletionProtectionEnabled':'perhaps'", SERIALIZES,
      "Unexpected token received from parser" },
};

static void constraints_and_types_come_first(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof CONSTRAINTS / sizeof *CONSTRAINTS; i++) {
        assert_refused(
            fixture, "CreateTable",
            api_fixture_text(fixture, "{%s," CLASS("COLD") ",%s}", BASE, CONSTRAINTS[i].members),
            CONSTRAINTS[i].type, CONSTRAINTS[i].message);
    }
}

/* ---- what is accepted is described ---- */

#define KEY_ARN         "arn:aws:kms:eu-test-1:000000000000:key/"
#define OWN_KEY         KEY_ARN "5ca1ab1e-0000-4000-8000-00000000cafe"
#define ENABLED_BY(arn) "{'Status':'ENABLED','SSEType':'KMS','KMSMasterKeyArn':'" arn "'}"

/* Members that one request leads to; every other of these is absent. */
static const struct {
    const char *members;
    struct {
        const char *path;
        const char *expected;
    } described[4];
} ACCEPTED[] = {
    { "'x':1", { { "DeletionProtectionEnabled", "false" } } },
    { PROTECT("true"), { { "DeletionProtectionEnabled", "true" } } },
    { PROTECT("'yes'"), { { "DeletionProtectionEnabled", "true" } } },

    { NO_STREAM, { { "DeletionProtectionEnabled", "false" } } },
    { STREAM("NEW_IMAGE"),
      { { "StreamSpecification", "{'StreamEnabled':true,'StreamViewType':'NEW_IMAGE'}" },
        { "LatestStreamLabel", "'2026-01-01T00:00:00.000'" },
        { "LatestStreamArn", "'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab/stream/"
                             "2026-01-01T00:00:00.000'" } } },
    { STREAM("OLD_IMAGE"),
      { { "StreamSpecification", "{'StreamEnabled':true,'StreamViewType':'OLD_IMAGE'}" },
        { "LatestStreamLabel", "'2026-01-01T00:00:00.000'" },
        { "LatestStreamArn", "'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab/stream/"
                             "2026-01-01T00:00:00.000'" } } },

    { ENCRYPT(""), { { "DeletionProtectionEnabled", "false" } } },
    { ENCRYPT("'Enabled':false"), { { "DeletionProtectionEnabled", "false" } } },
    { ENCRYPT("'Enabled':true,'SSEType':'KMS','KMSMasterKeyId':'" OWN_KEY "'"),
      { { "SSEDescription", ENABLED_BY(OWN_KEY) } } },
    { ENCRYPT("'SSEType':'KMS','KMSMasterKeyId':'5ca1ab1e-0000-4000-8000-00000000cafe'"),
      { { "SSEDescription", ENABLED_BY(OWN_KEY) } } },

    { CLASS("STANDARD"), { { "TableClassSummary", "{'TableClass':'STANDARD'}" } } },
    { INFREQUENT, { { "TableClassSummary", "{'TableClass':'STANDARD_INFREQUENT_ACCESS'}" } } },
};

static void assert_described(struct api_fixture *fixture, size_t row, const struct cJSON *table)
{
    static const char *const MEMBERS[] = { "StreamSpecification", "LatestStreamLabel",
                                           "LatestStreamArn", "SSEDescription",
                                           "TableClassSummary" };
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++) {
        const char *expected = NULL;
        for (size_t j = 0; j < 4 && ACCEPTED[row].described[j].path != NULL; j++) {
            if (strcmp(ACCEPTED[row].described[j].path, MEMBERS[i]) == 0) {
                expected = ACCEPTED[row].described[j].expected;
            }
        }
        assert_member_is(fixture, table, MEMBERS[i], expected);
    }
    for (size_t j = 0; j < 4 && ACCEPTED[row].described[j].path != NULL; j++) {
        assert_member_is(fixture, table, ACCEPTED[row].described[j].path,
                         ACCEPTED[row].described[j].expected);
    }
}

static void what_was_asked_for_is_described(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ACCEPTED / sizeof *ACCEPTED; i++) {
        struct api_fixture fixture;
        api_fixture_open(&fixture);
        const struct cJSON *reply =
            assert_accepted(&fixture, "CreateTable",
                            api_fixture_text(&fixture, "{%s,%s}", BASE, ACCEPTED[i].members));
        assert_described(&fixture, i, json_at(reply, "TableDescription"));
        api_fixture_advance(&fixture, TABLE_CREATE_INDEXED_MS);
        reply = assert_accepted(&fixture, "DescribeTable", TAB_ALONE);
        assert_described(&fixture, i, json_at(reply, "Table"));
        api_fixture_close(&fixture);
    }
}

/* The key that AWS manages for DynamoDB: the same however it is asked for. */
static void every_way_to_the_managed_key_leads_to_one_key(void **state)
{
    static const char *const WAYS[] = {
        ENCRYPT("'Enabled':true"),
        ENCRYPT("'SSEType':'KMS'"),
        ENCRYPT("'Enabled':true,'SSEType':'KMS'"),
        ENCRYPT("'Enabled':true,'SSEType':'KMS','KMSMasterKeyId':'alias/aws/dynamodb'"),
    };
    struct api_fixture *fixture = *state;
    struct bytes first = BYTES("");
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
        const struct cJSON *reply = assert_accepted(
            fixture, "CreateTable",
            api_fixture_text(fixture, "{%s,'TableName':'Tab%zu',%s}", BASE, i, WAYS[i]));
        const struct cJSON *arn = json_at(reply, "TableDescription.SSEDescription.KMSMasterKeyArn");
        assert_non_null(arn);
        struct bytes text = json_text(&fixture->arena, arn);
        assert_true(bytes_start_with(text, BYTES(KEY_ARN)));
        assert_true(i == 0 || bytes_equal(text, first));
        first = text;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(each_fault_has_its_text),
        API_TEST(of_two_faults_the_earlier_is_told),
        API_TEST(constraints_and_types_come_first),
        cmocka_unit_test(what_was_asked_for_is_described),
        API_TEST(every_way_to_the_managed_key_leads_to_one_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
