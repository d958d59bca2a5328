#include "api/tables/global_table_input.h"

#include "api/tables/table_input.h"

static const struct shape UNITS = { .kind = SHAPE_LONG, .range = { 1, SHAPE_NO_MAX } };
static const struct shape POLICY_NAME = { .kind = SHAPE_STRING, .range = { 1, 256 } };
static const struct shape ROLE_ARN = { .kind = SHAPE_STRING, .range = { 1, 1600 } };
static const struct shape SECONDS = { .kind = SHAPE_INTEGER };
static const struct shape TARGET_VALUE = { .kind = SHAPE_DOUBLE };

static const struct member CONFIGURATION_MEMBERS[] = {
    { "DisableScaleIn", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "ScaleInCooldown", &SECONDS, OPTIONAL },
    { "ScaleOutCooldown", &SECONDS, OPTIONAL },
    { "TargetValue", &TARGET_VALUE, REQUIRED },
};
static const struct shape CONFIGURATION = SHAPE_STRUCTURE_OF(
    "AutoScalingTargetTrackingScalingPolicyConfigurationUpdate", CONFIGURATION_MEMBERS);
static const struct member POLICY_MEMBERS[] = {
    { "PolicyName", &POLICY_NAME, OPTIONAL },
    { "TargetTrackingScalingPolicyConfiguration", &CONFIGURATION, REQUIRED },
};
static const struct shape POLICY = SHAPE_STRUCTURE_OF("AutoScalingPolicyUpdate", POLICY_MEMBERS);
static const struct member UPDATE_MEMBERS[] = {
    { "MinimumUnits", &UNITS, OPTIONAL },
    { "MaximumUnits", &UNITS, OPTIONAL },
    { "AutoScalingDisabled", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "AutoScalingRoleArn", &ROLE_ARN, OPTIONAL },
    { "ScalingPolicyUpdate", &POLICY, OPTIONAL },
};
const struct shape SHAPE_AUTO_SCALING_UPDATE =
    SHAPE_STRUCTURE_OF("AutoScalingSettingsUpdate", UPDATE_MEMBERS);

enum { NAME_SIZE_MIN = 3, NAME_SIZE_MAX = 255 };

bool global_table_check_name(struct request *request)
{
    size_t length = request_text(request, "GlobalTableName").length;
    if (length < NAME_SIZE_MIN || length > NAME_SIZE_MAX) {
        return api_fail(request, API_VALIDATION,
                        "TableName must be at least 3 characters long and at most 255 characters "
                        "long");
    }
    return true;
}

bool global_table_fail_not_found(struct request *request)
{
    struct bytes name = request_text(request, "GlobalTableName");
    return api_fail(request, API_GLOBAL_TABLE_NOT_FOUND,
                    "Global table not found: Global table with name: '%.*s' does not exist.",
                    BYTES_ARGUMENTS(name));
}

bool global_table_fail_version(struct request *request)
{
    return api_fail(request, API_VALIDATION,
                    INVALID_PARAMETER
                    "DynamoDB global tables version 2017.11.29 is not supported. We recommend "
                    "using DynamoDB global tables version 2019.11.21, instead of version "
                    "2017.11.29 (Legacy).");
}

bool global_table_fail_missing(struct request *request, enum api_error_code code, struct bytes name)
{
    return api_fail(request, code, "Global table with name: '%.*s' does not exist.",
                    BYTES_ARGUMENTS(name));
}
