#include "api/template/rules.h"

#include <assert.h>

enum {
    ADDED = 1 << CHANGE_ADDED,
    REMOVED = 1 << CHANGE_REMOVED,
    DROPPED = 1 << CHANGE_DROPPED,
    CHANGED = 1 << CHANGE_CHANGED,
    LOWERED = 1 << CHANGE_LOWERED,
    ANY = ADDED | REMOVED | DROPPED | CHANGED | LOWERED,
};

#define TABLE_PAGE                                                                                 \
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"                      \
    "aws-resource-dynamodb-table.html"
#define GLOBAL_TABLE_PAGE                                                                          \
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"                      \
    "aws-resource-dynamodb-globaltable.html"
#define TTL_PAGE                                                                                   \
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"                      \
    "aws-properties-dynamodb-table-timetolivespecification.html"
#define UPDATE_TABLE_PAGE                                                                          \
    "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html"

#define OTHER_INDEX_PROPERTIES                                                                     \
    "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights "   \
    "Specification. You can create a new GSI with a different name."
#define ALONE    "UpdateTable takes it as the only change of a call"
#define OWN_CALL "an operation of its own, beside UpdateTable"
#define NO_API   "the API has no way to change it"

static const char IGNORED[] =
    "the SDKs and the AWS CLI refuse to send it; sent all the same, UpdateTable ignores the member "
    "in silence";

const struct rule RULES[] = {
    /* ---- the resource ---- */
    { PROPERTY_TABLE_NAME, false, ANY, VERDICT_REPLACEMENT, NULL, NO_API, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { PROPERTY_LOGICAL_ID, false, ANY, VERDICT_REPLACEMENT, NULL, NULL, CERTAINTY_DOCUMENTED,
      "another logical id is another resource" },
    { PROPERTY_RESOURCE_TYPE, false, ANY, VERDICT_REPLACEMENT, NULL, NULL, CERTAINTY_DOCUMENTED,
      GLOBAL_TABLE_PAGE },
    { PROPERTY_IMPORT_SOURCE, false, ANY, VERDICT_REPLACEMENT, NULL, NO_API, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { PROPERTY_KEY_SCHEMA, false, ANY, VERDICT_REPLACEMENT, NULL, NO_API, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { PROPERTY_ATTRIBUTE_TYPE, false, ANY, VERDICT_REPLACEMENT, NULL,
      "a definition can change only after the last index that uses it is gone",
      CERTAINTY_DOCUMENTED, TABLE_PAGE },
    { PROPERTY_UNUSED_ATTRIBUTE, false, ANY, VERDICT_REFUSED,
      "Number of attributes in KeySchema does not exactly match number of attributes defined in "
      "AttributeDefinitions",
      "UpdateTable ignores definitions that no new index uses; CreateTable refuses them",
      CERTAINTY_REPORTED, "pulumi/pulumi-aws-native#729" },
    { PROPERTY_LOCAL_INDEX, false, ANY, VERDICT_REPLACEMENT, NULL, NO_API, CERTAINTY_DOCUMENTED,
      GLOBAL_TABLE_PAGE " (of a Table the pages have said so and \"not supported\")" },

    /* ---- global indexes ---- */
    { PROPERTY_GLOBAL_INDEX, false, ADDED | REMOVED, VERDICT_IN_PLACE, NULL,
      "one created or deleted at a time; the next waits until it is ACTIVE or gone",
      CERTAINTY_DOCUMENTED, TABLE_PAGE },
    { PROPERTY_INDEX_KEY_SCHEMA, true, ANY, VERDICT_REFUSED, OTHER_INDEX_PROPERTIES, IGNORED,
      CERTAINTY_REPORTED, "aws-amplify/amplify-cli#11384" },
    { PROPERTY_INDEX_PROJECTION, true, ANY, VERDICT_REFUSED, OTHER_INDEX_PROPERTIES, IGNORED,
      CERTAINTY_REPORTED, "aws-amplify/amplify-cli#11384" },
    { SETTING_PROVISIONED_THROUGHPUT, true, ANY, VERDICT_IN_PLACE, NULL, NULL, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_ON_DEMAND_THROUGHPUT, true, ANY, VERDICT_IN_PLACE, NULL, NULL, CERTAINTY_INFERRED,
      UPDATE_TABLE_PAGE },
    { SETTING_WARM_THROUGHPUT, true, LOWERED, VERDICT_REFUSED,
      "One or more parameter values were invalid: Requested ReadUnitsPerSecond for WarmThroughput "
      "for index is lower than current WarmThroughput, decreasing WarmThroughput is not supported",
      NULL, CERTAINTY_INFERRED, UPDATE_TABLE_PAGE },
    { SETTING_WARM_THROUGHPUT, true, ANY, VERDICT_IN_PLACE, NULL, NULL, CERTAINTY_INFERRED,
      UPDATE_TABLE_PAGE },
    { SETTING_CONTRIBUTOR_INSIGHTS, true, ANY, VERDICT_IN_PLACE, NULL, OWN_CALL,
      CERTAINTY_DOCUMENTED, TABLE_PAGE },

    /* ---- the table ---- */
    { SETTING_BILLING_MODE, false, ANY, VERDICT_IN_PLACE, NULL,
      "to PROVISIONED it needs a throughput for every index in the same call", CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_PROVISIONED_THROUGHPUT, false, ANY, VERDICT_IN_PLACE, NULL,
      "not in one call with a new or deleted index or a stream", CERTAINTY_DOCUMENTED, TABLE_PAGE },
    { SETTING_ON_DEMAND_THROUGHPUT, false, ANY, VERDICT_IN_PLACE, NULL,
      "in one call with the billing mode at most", CERTAINTY_DOCUMENTED, TABLE_PAGE },
    { SETTING_WARM_THROUGHPUT, false, LOWERED, VERDICT_REFUSED,
      "One or more parameter values were invalid: Requested ReadUnitsPerSecond for WarmThroughput "
      "for table is lower than current WarmThroughput, decreasing WarmThroughput is not supported",
      NULL, CERTAINTY_REPORTED, UPDATE_TABLE_PAGE },
    { SETTING_WARM_THROUGHPUT, false, ANY, VERDICT_IN_PLACE, NULL, ALONE, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_STREAM, false, CHANGED, VERDICT_IN_PLACE, NULL,
      "an enabled stream cannot change its view type: disabled, then enabled again, which gives it "
      "another ARN and loses the records not yet read",
      CERTAINTY_INFERRED, "scylladb/scylladb#6939" },
    { SETTING_STREAM, false, ANY, VERDICT_IN_PLACE, NULL,
      "not in one call with throughput or a new or deleted index", CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_ENCRYPTION, false, ANY, VERDICT_IN_PLACE, NULL, ALONE, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_ENCRYPTION_KEY, false, ANY, VERDICT_IN_PLACE, NULL, ALONE, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_TABLE_CLASS, false, ANY, VERDICT_IN_PLACE, NULL, ALONE, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_DELETION_PROTECTION, false, ANY, VERDICT_IN_PLACE, NULL, ALONE, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_TIME_TO_LIVE, false, CHANGED, VERDICT_SEVERAL, NULL,
      "refused while it is on with another attribute; after it was turned off, for up to an hour",
      CERTAINTY_DOCUMENTED, TTL_PAGE },
    { SETTING_TIME_TO_LIVE, false, DROPPED, VERDICT_REFUSED,
      "Invalid request provided: AttributeName property of TimeToLiveSpecification is required "
      "when TTL status is enabled or while enabling/disabling TTL.",
      "UpdateTimeToLive turns it off", CERTAINTY_REPORTED, "aws/aws-cdk#25655" },
    { SETTING_TIME_TO_LIVE, false, ANY, VERDICT_IN_PLACE, NULL, OWN_CALL, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_POINT_IN_TIME_RECOVERY, false, ANY, VERDICT_IN_PLACE, NULL, OWN_CALL,
      CERTAINTY_DOCUMENTED, TABLE_PAGE },
    { SETTING_RECOVERY_PERIOD, false, ANY, VERDICT_IN_PLACE, NULL, OWN_CALL, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_CONTRIBUTOR_INSIGHTS, false, ANY, VERDICT_IN_PLACE, NULL, OWN_CALL,
      CERTAINTY_DOCUMENTED, TABLE_PAGE },
    { SETTING_KINESIS_STREAM, false, ANY, VERDICT_IN_PLACE, NULL, OWN_CALL, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_RESOURCE_POLICY, false, ANY, VERDICT_IN_PLACE, NULL, OWN_CALL, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
    { SETTING_TAGS, false, ANY, VERDICT_IN_PLACE, NULL, OWN_CALL, CERTAINTY_DOCUMENTED,
      TABLE_PAGE },
};

const size_t RULE_COUNT = sizeof RULES / sizeof RULES[0];

const struct rule RULE_SEVERAL_INDEX_CHANGES = {
    PROPERTY_GLOBAL_INDEX,
    false,
    ADDED | REMOVED,
    VERDICT_SEVERAL,
    "Cannot perform more than one GSI creation or deletion in a single update",
    "LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or "
    "deleted simultaneously per table",
    CERTAINTY_REPORTED,
    "aws-amplify/amplify-cli#12826",
};

const struct rule RULE_CUSTOM_NAME = {
    PROPERTY_TABLE_NAME,
    false,
    ANY,
    VERDICT_REFUSED,
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename "
    "<name> and update the stack again.",
    NO_API,
    CERTAINTY_REPORTED,
    "serverless/serverless#716",
};

const struct rule RULE_NAME_TAKEN = {
    PROPERTY_LOGICAL_ID,
    false,
    ANY,
    VERDICT_REFUSED,
    "<name> already exists",
    NULL,
    CERTAINTY_REPORTED,
    "serverless/serverless#1677",
};

const struct rule *rules_find(int property, bool is_of_index, enum change_kind kind)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (RULES[i].property == property && RULES[i].is_of_index == is_of_index &&
            (RULES[i].kinds & (1U << kind)) != 0) {
            return &RULES[i];
        }
    }
    assert(false && "every change has a rule");
    return NULL;
}

bool rules_is_wrapped(const struct rule *rule)
{
    return rule->message != NULL && rule != &RULE_CUSTOM_NAME && rule != &RULE_NAME_TAKEN;
}

const char *rules_property_name(int property, bool is_of_index)
{
    static const char *const names[] = {
        [SETTING_PROVISIONED_THROUGHPUT] = "ProvisionedThroughput",
        [SETTING_ON_DEMAND_THROUGHPUT] = "OnDemandThroughput",
        [SETTING_WARM_THROUGHPUT] = "WarmThroughput",
        [SETTING_CONTRIBUTOR_INSIGHTS] = "ContributorInsightsSpecification",
        [SETTING_BILLING_MODE] = "BillingMode",
        [SETTING_STREAM] = "StreamSpecification",
        [SETTING_ENCRYPTION] = "SSESpecification",
        [SETTING_ENCRYPTION_KEY] = "SSESpecification.KMSMasterKeyId",
        [SETTING_TABLE_CLASS] = "TableClass",
        [SETTING_DELETION_PROTECTION] = "DeletionProtectionEnabled",
        [SETTING_TIME_TO_LIVE] = "TimeToLiveSpecification",
        [SETTING_POINT_IN_TIME_RECOVERY] = "PointInTimeRecoverySpecification",
        [SETTING_RECOVERY_PERIOD] = "PointInTimeRecoverySpecification.RecoveryPeriodInDays",
        [SETTING_KINESIS_STREAM] = "KinesisStreamSpecification",
        [SETTING_RESOURCE_POLICY] = "ResourcePolicy",
        [SETTING_TAGS] = "Tags",
        [PROPERTY_TABLE_NAME] = "TableName",
        [PROPERTY_LOGICAL_ID] = "logical id",
        [PROPERTY_RESOURCE_TYPE] = "Type",
        [PROPERTY_IMPORT_SOURCE] = "ImportSourceSpecification",
        [PROPERTY_KEY_SCHEMA] = "KeySchema",
        [PROPERTY_ATTRIBUTE_TYPE] = "AttributeDefinitions",
        [PROPERTY_UNUSED_ATTRIBUTE] = "AttributeDefinitions",
        [PROPERTY_LOCAL_INDEX] = "LocalSecondaryIndexes",
        [PROPERTY_GLOBAL_INDEX] = "GlobalSecondaryIndexes",
        [PROPERTY_INDEX_KEY_SCHEMA] = "GlobalSecondaryIndexes.KeySchema",
        [PROPERTY_INDEX_PROJECTION] = "GlobalSecondaryIndexes.Projection",
    };
    static const char *const index_names[] = {
        [SETTING_PROVISIONED_THROUGHPUT] = "GlobalSecondaryIndexes.ProvisionedThroughput",
        [SETTING_ON_DEMAND_THROUGHPUT] = "GlobalSecondaryIndexes.OnDemandThroughput",
        [SETTING_WARM_THROUGHPUT] = "GlobalSecondaryIndexes.WarmThroughput",
        [SETTING_CONTRIBUTOR_INSIGHTS] = "GlobalSecondaryIndexes.ContributorInsightsSpecification",
    };
    return is_of_index && property < INDEX_SETTING_COUNT ? index_names[property] : names[property];
}

const char *rules_verdict_name(enum verdict verdict)
{
    static const char *const names[] = { "IN_PLACE", "SEVERAL", "REFUSED", "REPLACEMENT" };
    return names[verdict];
}

const char *rules_kind_name(enum change_kind kind)
{
    static const char *const names[] = { "ADDED", "REMOVED", "REMOVED", "CHANGED", "LOWERED" };
    return names[kind];
}

const char *rules_certainty_name(enum certainty certainty)
{
    static const char *const names[] = { "DOCUMENTED", "REPORTED", "INFERRED" };
    return names[certainty];
}
