/* The operations on global tables, where no table has a replica. */

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

#define NO_GLOBAL_TABLE SERVICE "GlobalTableNotFoundException"
#define MISSING         "Global table with name: 'Tab' does not exist."
#define LEGACY                                                                                     \
    INVALID "DynamoDB global tables version 2017.11.29 is not supported. We recommend using "      \
            "DynamoDB global tables version 2019.11.21, instead of version 2017.11.29 (Legacy)."
#define LENGTH "TableName must be at least 3 characters long and at most 255 characters long"
#define NO_NAME                                                                                    \
    "1 validation error detected: Value null at 'globalTableName' failed to satisfy constraint: "  \
    "Member must not be null"

struct question {
    const char *operation;
    const char *request;
    const char *type;
    const char *message;
};

static const struct question QUESTIONS[] = {
    { "DescribeGlobalTable", "{}", VALIDATION, NO_NAME },
    { "DescribeGlobalTable", "{'GlobalTableName':''}", VALIDATION, LENGTH },
    { "DescribeGlobalTable", "{'GlobalTableName':'Tab'}", NO_GLOBAL_TABLE,
      "Global table not found: " MISSING },
    { "DescribeGlobalTableSettings", "{}", VALIDATION, NO_NAME },
    { "DescribeGlobalTableSettings", "{'GlobalTableName':'ab'}", VALIDATION, LENGTH },
    { "DescribeGlobalTableSettings", "{'GlobalTableName':'Tab'}", NO_GLOBAL_TABLE, MISSING },
    { "UpdateGlobalTableSettings", "{}", VALIDATION, NO_NAME },
    { "UpdateGlobalTableSettings", "{'GlobalTableName':'ab','ReplicaSettingsUpdate':[{}]}",
      VALIDATION,
      "1 validation error detected: Value null at 'replicaSettingsUpdate.1.member.regionName' "
      "failed to satisfy constraint: Member must not be null" },
    { "UpdateGlobalTableSettings", "{'GlobalTableName':'ab'}", VALIDATION, LENGTH },
    { "UpdateGlobalTableSettings",
      "{'GlobalTableName':'Tab','GlobalTableBillingMode':'PAY_PER_REQUEST'}", NO_GLOBAL_TABLE,
      MISSING },
    { "CreateGlobalTable", "{}", VALIDATION,
      "2 validation errors detected: Value null at 'globalTableName' failed to satisfy "
      "constraint: Member must not be null; Value null at 'replicationGroup' failed to satisfy "
      "constraint: Member must not be null" },
    { "CreateGlobalTable",
      "{'GlobalTableName':'Tab','ReplicationGroup':[{'RegionName':'eu-test-1'}]}", VALIDATION,
      LEGACY },
    { "UpdateGlobalTable", "{'GlobalTableName':'Tab'}", VALIDATION,
      "1 validation error detected: Value null at 'replicaUpdates' failed to satisfy constraint: "
      "Member must not be null" },
    { "UpdateGlobalTable", "{'GlobalTableName':'Tab','ReplicaUpdates':[{'Create':{}}]}", VALIDATION,
      "1 validation error detected: Value null at "
      "'replicaUpdates.1.member.create.regionName' failed to satisfy constraint: Member must not "
      "be null" },
    { "UpdateGlobalTable", "{'GlobalTableName':'Tab','ReplicaUpdates':[]}", VALIDATION,
      "One or more parameter values were invalid" },
    { "UpdateGlobalTable", "{'GlobalTableName':'Tab','ReplicaUpdates':[{}]}", VALIDATION,
      "One or more parameter values were invalid" },
    { "UpdateGlobalTable",
      "{'GlobalTableName':'Tab','ReplicaUpdates':[{'Delete':{'RegionName':'r'}},"
      "{'Create':{'RegionName':'r'}}]}",
      VALIDATION, LEGACY },
    { "UpdateGlobalTable",
      "{'GlobalTableName':'Tab','ReplicaUpdates':[{'Delete':{'RegionName':'r'}}]}", NO_GLOBAL_TABLE,
      "Global table not found: " MISSING },
    { "DescribeTableReplicaAutoScaling", "{}", VALIDATION,
      "The parameter 'TableName' is required but was not present in the request" },
    { "DescribeTableReplicaAutoScaling", "{'TableName':'Tab'}", NOT_FOUND, MISSING },
    { "UpdateTableReplicaAutoScaling", "{'TableName':'Tab','ReplicaUpdates':[]}", VALIDATION,
      "1 validation error detected: Value '[]' at 'replicaUpdates' failed to satisfy constraint: "
      "Member must have length greater than or equal to 1" },
    { "UpdateTableReplicaAutoScaling",
      "{'TableName':'Tab','ProvisionedWriteCapacityAutoScalingUpdate':{'MinimumUnits':1}}",
      NOT_FOUND, MISSING },
};

static void ask_all(struct api_fixture *fixture)
{
    for (size_t i = 0; i < sizeof QUESTIONS / sizeof *QUESTIONS; i++) {
        const struct question *question = &QUESTIONS[i];
        assert_refused(fixture, question->operation, question->request, question->type,
                       question->message);
    }
}

static void a_table_without_replicas_is_no_global_table(void **state)
{
    struct api_fixture *fixture = *state;
    ask_all(fixture);
    create_table(fixture, TABLE);
    ask_all(fixture);
}

static void there_are_none_to_list(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_answer(fixture, "ListGlobalTables", "{}", "{'GlobalTables':[]}");
    assert_answer(fixture, "ListGlobalTables", "{'Limit':1,'RegionName':'us-east-1'}",
                  "{'GlobalTables':[]}");
    assert_refused(fixture, "ListGlobalTables", "{'Limit':0}", VALIDATION,
                   "1 validation error detected: Value '0' at 'limit' failed to satisfy "
                   "constraint: Member must have value greater than or equal to 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_table_without_replicas_is_no_global_table),
        API_TEST(there_are_none_to_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
