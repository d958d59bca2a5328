/* The two resource types as data (property_schema.h). */

#include "api/template/property_schema.h"

#include <string.h>

#define END                                                                                        \
    {                                                                                              \
        NULL, NULL, false                                                                          \
    }

static const struct property_schema STRING = { .kind = SCHEMA_STRING };
static const struct property_schema BOOLEAN = { .kind = SCHEMA_BOOLEAN };
static const struct property_schema INTEGER = { .kind = SCHEMA_INTEGER, .min = -(1LL << 62) };
static const struct property_schema FROM_ZERO = { .kind = SCHEMA_INTEGER };
static const struct property_schema FROM_ONE = { .kind = SCHEMA_INTEGER, .min = 1 };
static const struct property_schema NUMBER = { .kind = SCHEMA_NUMBER };
static const struct property_schema DOCUMENT = { .kind = SCHEMA_DOCUMENT };
static const struct property_schema STRINGS = { .kind = SCHEMA_LIST, .element = &STRING };

/* ---- what both types have ---- */

static const struct schema_member ATTRIBUTE_MEMBERS[] = {
    { "AttributeName", &STRING, true },
    { "AttributeType", &STRING, true },
    END,
};
static const struct property_schema ATTRIBUTE = { .kind = SCHEMA_MAP,
                                                  .members = ATTRIBUTE_MEMBERS };

static const struct schema_member KEY_MEMBERS[] = {
    { "AttributeName", &STRING, true },
    { "KeyType", &STRING, true },
    END,
};
static const struct property_schema KEY = { .kind = SCHEMA_MAP, .members = KEY_MEMBERS };
static const struct property_schema KEYS = { .kind = SCHEMA_LIST,
                                             .element = &KEY,
                                             .is_unique = true };

static const char *const INSIGHTS_MODES[] = { "ACCESSED_AND_THROTTLED_KEYS", "THROTTLED_KEYS",
                                              NULL };
static const struct property_schema INSIGHTS_MODE = { .kind = SCHEMA_STRING,
                                                      .choices = INSIGHTS_MODES };
static const struct schema_member INSIGHTS_MEMBERS[] = {
    { "Enabled", &BOOLEAN, true },
    { "Mode", &INSIGHTS_MODE, false },
    END,
};
static const struct property_schema INSIGHTS = { .kind = SCHEMA_MAP, .members = INSIGHTS_MEMBERS };

static const char *const PRECISIONS[] = { "MICROSECOND", "MILLISECOND", NULL };
static const struct property_schema PRECISION = { .kind = SCHEMA_STRING, .choices = PRECISIONS };
static const struct schema_member KINESIS_MEMBERS[] = {
    { "StreamArn", &STRING, true },
    { "ApproximateCreationDateTimePrecision", &PRECISION, false },
    END,
};
static const struct property_schema KINESIS = { .kind = SCHEMA_MAP, .members = KINESIS_MEMBERS };

static const struct property_schema RECOVERY_PERIOD = { .kind = SCHEMA_INTEGER,
                                                        .min = 1,
                                                        .max = 35 };
static const struct schema_member RECOVERY_MEMBERS[] = {
    { "PointInTimeRecoveryEnabled", &BOOLEAN, false },
    { "RecoveryPeriodInDays", &RECOVERY_PERIOD, false },
    END,
};
static const struct property_schema RECOVERY = { .kind = SCHEMA_MAP, .members = RECOVERY_MEMBERS };

static const struct schema_member POLICY_MEMBERS[] = {
    { "PolicyDocument", &DOCUMENT, true },
    END,
};
static const struct property_schema POLICY = { .kind = SCHEMA_MAP, .members = POLICY_MEMBERS };

static const struct schema_member TAG_MEMBERS[] = {
    { "Key", &STRING, true },
    { "Value", &STRING, true },
    END,
};
static const struct property_schema TAG = { .kind = SCHEMA_MAP, .members = TAG_MEMBERS };
static const struct property_schema TAGS = { .kind = SCHEMA_LIST, .element = &TAG };

static const struct schema_member TIME_TO_LIVE_MEMBERS[] = {
    { "AttributeName", &STRING, false },
    { "Enabled", &BOOLEAN, true },
    END,
};
static const struct property_schema TIME_TO_LIVE = { .kind = SCHEMA_MAP,
                                                     .members = TIME_TO_LIVE_MEMBERS };

static const struct schema_member WARM_MEMBERS[] = {
    { "ReadUnitsPerSecond", &FROM_ONE, false },
    { "WriteUnitsPerSecond", &FROM_ONE, false },
    END,
};
static const struct property_schema WARM = { .kind = SCHEMA_MAP,
                                             .members = WARM_MEMBERS,
                                             .needs_any = true };

static const struct schema_member MOST_READS_MEMBERS[] = {
    { "MaxReadRequestUnits", &FROM_ONE, false },
    END,
};
static const struct schema_member MOST_WRITES_MEMBERS[] = {
    { "MaxWriteRequestUnits", &FROM_ONE, false },
    END,
};
static const struct property_schema MOST_READS = { .kind = SCHEMA_MAP,
                                                   .members = MOST_READS_MEMBERS };
static const struct property_schema MOST_WRITES = { .kind = SCHEMA_MAP,
                                                    .members = MOST_WRITES_MEMBERS };

/* ---- AWS::DynamoDB::Table ---- */

static const struct schema_member PROVISIONED_MEMBERS[] = {
    { "ReadCapacityUnits", &INTEGER, true },
    { "WriteCapacityUnits", &INTEGER, true },
    END,
};
static const struct property_schema PROVISIONED = { .kind = SCHEMA_MAP,
                                                    .members = PROVISIONED_MEMBERS };

static const struct schema_member ON_DEMAND_MEMBERS[] = {
    { "MaxReadRequestUnits", &FROM_ONE, false },
    { "MaxWriteRequestUnits", &FROM_ONE, false },
    END,
};
static const struct property_schema ON_DEMAND = { .kind = SCHEMA_MAP,
                                                  .members = ON_DEMAND_MEMBERS };

static const struct schema_member PROJECTION_MEMBERS[] = {
    { "NonKeyAttributes", &STRINGS, false },
    { "ProjectionType", &STRING, false },
    END,
};
static const struct property_schema PROJECTION = { .kind = SCHEMA_MAP,
                                                   .members = PROJECTION_MEMBERS };

static const struct schema_member INDEX_MEMBERS[] = {
    { "IndexName", &STRING, true },
    { "KeySchema", &KEYS, true },
    { "Projection", &PROJECTION, true },
    { "ContributorInsightsSpecification", &INSIGHTS, false },
    { "OnDemandThroughput", &ON_DEMAND, false },
    { "ProvisionedThroughput", &PROVISIONED, false },
    { "WarmThroughput", &WARM, false },
    END,
};
static const struct property_schema INDEX = { .kind = SCHEMA_MAP, .members = INDEX_MEMBERS };
static const struct property_schema INDEXES = { .kind = SCHEMA_LIST, .element = &INDEX };

static const struct schema_member LOCAL_INDEX_MEMBERS[] = {
    { "IndexName", &STRING, true },
    { "KeySchema", &KEYS, true },
    { "Projection", &PROJECTION, true },
    END,
};
static const struct property_schema LOCAL_INDEX = { .kind = SCHEMA_MAP,
                                                    .members = LOCAL_INDEX_MEMBERS };
static const struct property_schema LOCAL_INDEXES = { .kind = SCHEMA_LIST,
                                                      .element = &LOCAL_INDEX };

static const struct schema_member CSV_MEMBERS[] = {
    { "Delimiter", &STRING, false },
    { "HeaderList", &STRINGS, false },
    END,
};
static const struct property_schema CSV = { .kind = SCHEMA_MAP, .members = CSV_MEMBERS };
static const struct schema_member FORMAT_MEMBERS[] = { { "Csv", &CSV, false }, END };
static const struct property_schema FORMAT = { .kind = SCHEMA_MAP, .members = FORMAT_MEMBERS };
static const struct schema_member BUCKET_MEMBERS[] = {
    { "S3Bucket", &STRING, true },
    { "S3BucketOwner", &STRING, false },
    { "S3KeyPrefix", &STRING, false },
    END,
};
static const struct property_schema BUCKET = { .kind = SCHEMA_MAP, .members = BUCKET_MEMBERS };
static const struct schema_member IMPORT_MEMBERS[] = {
    { "InputFormat", &STRING, true },
    { "S3BucketSource", &BUCKET, true },
    { "InputCompressionType", &STRING, false },
    { "InputFormatOptions", &FORMAT, false },
    END,
};
static const struct property_schema IMPORT = { .kind = SCHEMA_MAP, .members = IMPORT_MEMBERS };

static const struct schema_member ENCRYPTION_MEMBERS[] = {
    { "SSEEnabled", &BOOLEAN, true },
    { "KMSMasterKeyId", &STRING, false },
    { "SSEType", &STRING, false },
    END,
};
static const struct property_schema ENCRYPTION = { .kind = SCHEMA_MAP,
                                                   .members = ENCRYPTION_MEMBERS };

static const struct schema_member STREAM_MEMBERS[] = {
    { "StreamViewType", &STRING, true },
    { "ResourcePolicy", &POLICY, false },
    END,
};
static const struct property_schema STREAM = { .kind = SCHEMA_MAP, .members = STREAM_MEMBERS };

static const struct property_schema ATTRIBUTES = { .kind = SCHEMA_LIST,
                                                   .element = &ATTRIBUTE,
                                                   .is_unique = true };

static const struct schema_member TABLE_MEMBERS[] = {
    { "KeySchema", &KEYS, true },
    { "AttributeDefinitions", &ATTRIBUTES, false },
    { "BillingMode", &STRING, false },
    { "ContributorInsightsSpecification", &INSIGHTS, false },
    { "DeletionProtectionEnabled", &BOOLEAN, false },
    { "GlobalSecondaryIndexes", &INDEXES, false },
    { "ImportSourceSpecification", &IMPORT, false },
    { "KinesisStreamSpecification", &KINESIS, false },
    { "LocalSecondaryIndexes", &LOCAL_INDEXES, false },
    { "OnDemandThroughput", &ON_DEMAND, false },
    { "PointInTimeRecoverySpecification", &RECOVERY, false },
    { "ProvisionedThroughput", &PROVISIONED, false },
    { "ResourcePolicy", &POLICY, false },
    { "SSESpecification", &ENCRYPTION, false },
    { "StreamSpecification", &STREAM, false },
    { "TableClass", &STRING, false },
    { "TableName", &STRING, false },
    { "Tags", &TAGS, false },
    { "TimeToLiveSpecification", &TIME_TO_LIVE, false },
    { "WarmThroughput", &WARM, false },
    END,
};
static const struct property_schema TABLE = { .kind = SCHEMA_MAP, .members = TABLE_MEMBERS };

/* ---- AWS::DynamoDB::GlobalTable ---- */

static const struct schema_member TARGET_MEMBERS[] = {
    { "TargetValue", &NUMBER, true },
    { "DisableScaleIn", &BOOLEAN, false },
    { "ScaleInCooldown", &FROM_ZERO, false },
    { "ScaleOutCooldown", &FROM_ZERO, false },
    END,
};
static const struct property_schema TARGET = { .kind = SCHEMA_MAP, .members = TARGET_MEMBERS };
static const struct schema_member SCALING_MEMBERS[] = {
    { "MaxCapacity", &FROM_ONE, true },
    { "MinCapacity", &FROM_ONE, true },
    { "TargetTrackingScalingPolicyConfiguration", &TARGET, true },
    { "SeedCapacity", &FROM_ONE, false },
    END,
};
static const struct property_schema SCALING = { .kind = SCHEMA_MAP, .members = SCALING_MEMBERS };
static const struct schema_member WRITES_MEMBERS[] = {
    { "WriteCapacityAutoScalingSettings", &SCALING, false },
    END,
};
static const struct property_schema WRITES = { .kind = SCHEMA_MAP, .members = WRITES_MEMBERS };
static const struct schema_member READS_MEMBERS[] = {
    { "ReadCapacityAutoScalingSettings", &SCALING, false },
    { "ReadCapacityUnits", &FROM_ONE, false },
    END,
};
static const struct property_schema READS = { .kind = SCHEMA_MAP, .members = READS_MEMBERS };
static const struct schema_member GLOBAL_READS_MEMBERS[] = {
    { "ReadCapacityUnits", &FROM_ONE, false },
    END,
};
static const struct property_schema GLOBAL_READS = { .kind = SCHEMA_MAP,
                                                     .members = GLOBAL_READS_MEMBERS };

static const struct property_schema ATTRIBUTE_NAME = { .kind = SCHEMA_STRING,
                                                       .min = 1,
                                                       .max = 255 };
static const struct property_schema INDEX_NAME = { .kind = SCHEMA_STRING, .min = 3, .max = 255 };

static const struct schema_member NAMED_ATTRIBUTE_MEMBERS[] = {
    { "AttributeName", &ATTRIBUTE_NAME, true },
    { "AttributeType", &STRING, true },
    END,
};
static const struct property_schema NAMED_ATTRIBUTE = { .kind = SCHEMA_MAP,
                                                        .members = NAMED_ATTRIBUTE_MEMBERS };
static const struct property_schema NAMED_ATTRIBUTES = {
    .kind = SCHEMA_LIST, .min = 1, .element = &NAMED_ATTRIBUTE, .is_unique = true
};
static const struct schema_member NAMED_KEY_MEMBERS[] = {
    { "AttributeName", &ATTRIBUTE_NAME, true },
    { "KeyType", &STRING, true },
    END,
};
static const struct property_schema NAMED_KEY = { .kind = SCHEMA_MAP,
                                                  .members = NAMED_KEY_MEMBERS };
static const struct property_schema TABLE_KEYS = {
    .kind = SCHEMA_LIST, .min = 1, .max = 2, .element = &NAMED_KEY, .is_unique = true
};
static const struct property_schema INDEX_KEYS = {
    .kind = SCHEMA_LIST, .min = 1, .element = &NAMED_KEY, .is_unique = true
};

static const struct property_schema FEW_STRINGS = {
    .kind = SCHEMA_LIST, .max = 20, .element = &STRING, .is_unique = true
};
static const struct schema_member GLOBAL_PROJECTION_MEMBERS[] = {
    { "NonKeyAttributes", &FEW_STRINGS, false },
    { "ProjectionType", &STRING, false },
    END,
};
static const struct property_schema GLOBAL_PROJECTION = { .kind = SCHEMA_MAP,
                                                          .members = GLOBAL_PROJECTION_MEMBERS };

static const struct schema_member GLOBAL_INDEX_MEMBERS[] = {
    { "IndexName", &INDEX_NAME, true },
    { "KeySchema", &INDEX_KEYS, true },
    { "Projection", &GLOBAL_PROJECTION, true },
    { "ReadOnDemandThroughputSettings", &MOST_READS, false },
    { "ReadProvisionedThroughputSettings", &GLOBAL_READS, false },
    { "WarmThroughput", &WARM, false },
    { "WriteOnDemandThroughputSettings", &MOST_WRITES, false },
    { "WriteProvisionedThroughputSettings", &WRITES, false },
    END,
};
static const struct property_schema GLOBAL_INDEX = { .kind = SCHEMA_MAP,
                                                     .members = GLOBAL_INDEX_MEMBERS };
static const struct property_schema GLOBAL_INDEXES = { .kind = SCHEMA_LIST,
                                                       .element = &GLOBAL_INDEX,
                                                       .is_unique = true };
static const struct schema_member GLOBAL_LOCAL_INDEX_MEMBERS[] = {
    { "IndexName", &INDEX_NAME, true },
    { "KeySchema", &TABLE_KEYS, true },
    { "Projection", &GLOBAL_PROJECTION, true },
    END,
};
static const struct property_schema GLOBAL_LOCAL_INDEX = { .kind = SCHEMA_MAP,
                                                           .members = GLOBAL_LOCAL_INDEX_MEMBERS };
static const struct property_schema GLOBAL_LOCAL_INDEXES = { .kind = SCHEMA_LIST,
                                                             .element = &GLOBAL_LOCAL_INDEX,
                                                             .is_unique = true };

static const struct schema_member REPLICA_INDEX_MEMBERS[] = {
    { "IndexName", &INDEX_NAME, true },
    { "ContributorInsightsSpecification", &INSIGHTS, false },
    { "ReadOnDemandThroughputSettings", &MOST_READS, false },
    { "ReadProvisionedThroughputSettings", &READS, false },
    END,
};
static const struct property_schema REPLICA_INDEX = { .kind = SCHEMA_MAP,
                                                      .members = REPLICA_INDEX_MEMBERS };
static const struct property_schema REPLICA_INDEXES = { .kind = SCHEMA_LIST,
                                                        .element = &REPLICA_INDEX,
                                                        .is_unique = true };
static const struct schema_member REPLICA_ENCRYPTION_MEMBERS[] = {
    { "KMSMasterKeyId", &STRING, true },
    END,
};
static const struct property_schema REPLICA_ENCRYPTION = { .kind = SCHEMA_MAP,
                                                           .members = REPLICA_ENCRYPTION_MEMBERS };
static const struct schema_member REPLICA_STREAM_MEMBERS[] = {
    { "ResourcePolicy", &POLICY, true },
    END,
};
static const struct property_schema REPLICA_STREAM = { .kind = SCHEMA_MAP,
                                                       .members = REPLICA_STREAM_MEMBERS };
static const char *const REPLICATION_MODES[] = { "ENABLED", "DISABLED", "ENABLED_WITH_OVERRIDES",
                                                 NULL };
static const struct property_schema REPLICATION_MODE = { .kind = SCHEMA_STRING,
                                                         .choices = REPLICATION_MODES };
static const struct property_schema UNIQUE_TAGS = { .kind = SCHEMA_LIST,
                                                    .element = &TAG,
                                                    .is_unique = true };

static const struct schema_member REPLICA_MEMBERS[] = {
    { "Region", &STRING, true },
    { "ContributorInsightsSpecification", &INSIGHTS, false },
    { "DeletionProtectionEnabled", &BOOLEAN, false },
    { "GlobalSecondaryIndexes", &REPLICA_INDEXES, false },
    { "GlobalTableSettingsReplicationMode", &REPLICATION_MODE, false },
    { "KinesisStreamSpecification", &KINESIS, false },
    { "PointInTimeRecoverySpecification", &RECOVERY, false },
    { "ReadOnDemandThroughputSettings", &MOST_READS, false },
    { "ReadProvisionedThroughputSettings", &READS, false },
    { "ReplicaStreamSpecification", &REPLICA_STREAM, false },
    { "ResourcePolicy", &POLICY, false },
    { "SSESpecification", &REPLICA_ENCRYPTION, false },
    { "TableClass", &STRING, false },
    { "Tags", &UNIQUE_TAGS, false },
    END,
};
static const struct property_schema REPLICA = { .kind = SCHEMA_MAP, .members = REPLICA_MEMBERS };
static const struct property_schema REPLICAS = {
    .kind = SCHEMA_LIST, .min = 1, .element = &REPLICA, .is_unique = true
};

static const struct schema_member WITNESS_MEMBERS[] = { { "Region", &STRING, false }, END };
static const struct property_schema WITNESS = { .kind = SCHEMA_MAP, .members = WITNESS_MEMBERS };
static const struct property_schema WITNESSES = {
    .kind = SCHEMA_LIST, .min = 1, .max = 1, .element = &WITNESS, .is_unique = true
};
static const char *const CONSISTENCIES[] = { "EVENTUAL", "STRONG", NULL };
static const struct property_schema CONSISTENCY = { .kind = SCHEMA_STRING,
                                                    .choices = CONSISTENCIES };
static const struct schema_member GLOBAL_ENCRYPTION_MEMBERS[] = {
    { "SSEEnabled", &BOOLEAN, true },
    { "SSEType", &STRING, false },
    END,
};
static const struct property_schema GLOBAL_ENCRYPTION = { .kind = SCHEMA_MAP,
                                                          .members = GLOBAL_ENCRYPTION_MEMBERS };
static const struct schema_member GLOBAL_STREAM_MEMBERS[] = {
    { "StreamViewType", &STRING, true },
    END,
};
static const struct property_schema GLOBAL_STREAM = { .kind = SCHEMA_MAP,
                                                      .members = GLOBAL_STREAM_MEMBERS };

static const struct schema_member GLOBAL_TABLE_MEMBERS[] = {
    { "Replicas", &REPLICAS, true },
    { "AttributeDefinitions", &NAMED_ATTRIBUTES, false },
    { "BillingMode", &STRING, false },
    { "GlobalSecondaryIndexes", &GLOBAL_INDEXES, false },
    { "GlobalTableSourceArn", &STRING, false },
    { "GlobalTableWitnesses", &WITNESSES, false },
    { "KeySchema", &TABLE_KEYS, false },
    { "LocalSecondaryIndexes", &GLOBAL_LOCAL_INDEXES, false },
    { "MultiRegionConsistency", &CONSISTENCY, false },
    { "ReadOnDemandThroughputSettings", &MOST_READS, false },
    { "ReadProvisionedThroughputSettings", &GLOBAL_READS, false },
    { "SSESpecification", &GLOBAL_ENCRYPTION, false },
    { "StreamSpecification", &GLOBAL_STREAM, false },
    { "TableName", &STRING, false },
    { "TimeToLiveSpecification", &TIME_TO_LIVE, false },
    { "WarmThroughput", &WARM, false },
    { "WriteOnDemandThroughputSettings", &MOST_WRITES, false },
    { "WriteProvisionedThroughputSettings", &WRITES, false },
    END,
};
static const struct property_schema GLOBAL_TABLE = { .kind = SCHEMA_MAP,
                                                     .members = GLOBAL_TABLE_MEMBERS };

const struct property_schema *property_schema_of(const char *type)
{
    if (strcmp(type, "AWS::DynamoDB::Table") == 0) {
        return &TABLE;
    }
    return strcmp(type, "AWS::DynamoDB::GlobalTable") == 0 ? &GLOBAL_TABLE : NULL;
}
