/*
 * What is refused before an operation looks at its input, in the service's order: a body that is
 * not JSON, the target, authentication, an empty body, types, constraints.
 */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TARGET        "DynamoDB_20120810."
#define UNKNOWN       "{\"__type\":\"com.amazon.coral.service#UnknownOperationException\"}"
#define SERIALIZATION "{\"__type\":\"com.amazon.coral.service#SerializationException\"}"
#define NO_TOKEN                                                                                   \
    "{\"__type\":\"com.amazon.coral.service#MissingAuthenticationTokenException\","                \
    "\"message\":\"Request is missing Authentication Token\"}"

static const struct {
    const char *target;
    const char *body;
    bool is_unsigned;
    const char *reply;
} ORDER[] = {
    { TARGET "ListTables", "{}", false, NULL },
    { TARGET "ListTables", " \n{\t} ", false, NULL },

    /* not JSON: before everything */
    { "nonsense", "{", true, SERIALIZATION },
    { TARGET "ListTables", "{", true, SERIALIZATION },
    { TARGET "ListTables", "{}{}", false, SERIALIZATION },
    { TARGET "ListTables", "{'Limit':1}", false, SERIALIZATION },
    { TARGET "ListTables", "{\"Limit\":01}", false, SERIALIZATION },
    { TARGET "ListTables", "{\"Limit\":1,}", false, SERIALIZATION },
    { TARGET "ListTables", "{\"a\":\"\xff\"}", false, SERIALIZATION },
    { TARGET "ListTables", "{\"a\":\"\\ud800\"}", false, SERIALIZATION },

    /* the target: before authentication */
    { "", "{}", true, UNKNOWN },
    { "ListTables", "{}", true, UNKNOWN },
    { TARGET, "{}", true, UNKNOWN },
    { TARGET "listTables", "{}", true, UNKNOWN },
    { TARGET "ListTablesX", "{}", true, UNKNOWN },
    { TARGET "ListTable", "{}", true, UNKNOWN },
    { "DynamoDB_20111205.ListTables", "{}", true, UNKNOWN },
    { TARGET "Nothing", "", true, UNKNOWN },

    /* authentication: before an empty body, types and constraints */
    { TARGET "ListTables", "{}", true, NO_TOKEN },
    { TARGET "ListTables", "", true, NO_TOKEN },
    { TARGET "ListTables", "[]", true, NO_TOKEN },
    { TARGET "ListTables", "{\"Limit\":\"x\"}", true, NO_TOKEN },

    { TARGET "ListTables", "", false, SERIALIZATION },
    { TARGET "ListTables", "[]", false, SERIALIZATION },
    { TARGET "ListTables", "null", false, SERIALIZATION },
    { TARGET "ListTables", "\"x\"", false, SERIALIZATION },
    { TARGET "ListTables", "1", false, SERIALIZATION },
};

static void faults_of_the_protocol_have_an_order(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof ORDER / sizeof *ORDER; i++) {
        fixture->refusal = (struct api_refusal){ 0 };
        if (ORDER[i].is_unsigned) {
            fixture->refusal.type = "com.amazon.coral.service#MissingAuthenticationTokenException";
            fixture->refusal.message = BYTES("Request is missing Authentication Token");
        }
        struct api_reply reply =
            api_fixture_send(fixture, ORDER[i].target, bytes_of_text(ORDER[i].body));
        const char *expected = ORDER[i].reply != NULL ? ORDER[i].reply : "{\"TableNames\":[]}";
        assert_string_equal(bytes_to_text(&fixture->arena, reply.body), expected);
        assert_int_equal(reply.status, ORDER[i].reply != NULL ? 400 : 200);
    }
}

/* ---- types, before constraints ---- */

#define V20120810 "com.amazonaws.dynamodb.v20120810."

static const struct {
    const char *operation;
    const char *request;
    const char *message;
} TYPES[] = {
    { "GetItem", "{'TableName':1}", "NUMBER_VALUE cannot be converted to String" },
    { "GetItem", "{'TableName':1.5}", "DECIMAL_VALUE cannot be converted to String" },
    { "GetItem", "{'TableName':true}", "TRUE_VALUE cannot be converted to String" },
    { "GetItem", "{'TableName':false}", "FALSE_VALUE cannot be converted to String" },
    { "GetItem", "{'TableName':{}}", "Start of structure or map found where not expected" },
    { "GetItem", "{'TableName':[]}", "Unrecognized collection type class java.lang.String" },
    { "GetItem", "{'Key':1}", "Unexpected field type" },
    { "GetItem", "{'Key':[]}",
      "Unrecognized collection type java.util.Map<java.lang.String, " V20120810 "AttributeValue>" },
    { "GetItem", "{'Key':{'a':'b'}}", "Unexpected value type in payload" },
    { "GetItem", "{'Key':{'a':{'S':1}}}", "NUMBER_VALUE cannot be converted to String" },
    { "GetItem", "{'Key':{'a':{'N':1}}}", "NUMBER_VALUE cannot be converted to String" },
    { "GetItem", "{'Key':{'a':{'B':1}}}", "only base-64-encoded strings are convertible to bytes" },
    { "GetItem", "{'Key':{'a':{'B':'abc'}}}",
      "Base64 encoded length is expected a multiple of 4 bytes but found: 3" },
    { "GetItem", "{'Key':{'a':{'SS':'x'}}}", "Unexpected field type" },
    { "GetItem", "{'ConsistentRead':'maybe'}", "Unexpected token received from parser" },
    { "GetItem", "{'ConsistentRead':1}", "NUMBER_VALUE cannot be converted to Boolean" },
    { "ListTables", "{'Limit':'1'}", "STRING_VALUE cannot be converted to Integer" },
    { "ListTables", "{'Limit':true}", "TRUE_VALUE cannot be converted to Integer" },
    { "CreateTable", "{'KeySchema':'x'}", "Unexpected field type" },
    { "CreateTable", "{'KeySchema':{}}", "Start of structure or map found where not expected" },
    { "CreateTable", "{'KeySchema':['x']}", "Unexpected value type in payload" },
    { "CreateTable", "{'ProvisionedThroughput':[]}",
      "Unrecognized collection type class " V20120810 "ProvisionedThroughput" },
    { "CreateTable", "{'ProvisionedThroughput':{'ReadCapacityUnits':'1'}}",
      "STRING_VALUE cannot be converted to Long" },
    /* the first in the order sent, however deep */
    { "CreateTable", "{'GlobalSecondaryIndexes':[{'KeySchema':[{'KeyType':1}]}],'TableName':{}}",
      "NUMBER_VALUE cannot be converted to String" },
};

static void wrong_types_are_told_before_constraints(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        assert_refused(fixture, TYPES[i].operation, TYPES[i].request, SERIALIZES, TYPES[i].message);
    }
}

/* ---- null and unknown members ---- */

static const struct {
    const char *operation;
    const char *request;
} IGNORED[] = {
    { "ListTables", "{'Limit':null,'ExclusiveStartTableName':null}" },
    { "ListTables", "{'limit':'x','LIMIT':0,'Unknown':{'a':[{}]}}" },
    { "ListTables", "{'Limit':'x','Limit':5}" }, /* the last of a name counts */
    { "CreateTable",
      "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','ProvisionedThroughput':null,"
      "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S','Unknown':1}],"
      "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH','AttributeType':{}}],"
      "'GlobalSecondaryIndexes':null,'LocalSecondaryIndexes':null,'VectorIndexes':'any'}" },
};

static void null_is_absent_and_unknown_members_are_ignored(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof IGNORED / sizeof *IGNORED; i++) {
        (void)assert_accepted(fixture, IGNORED[i].operation, IGNORED[i].request);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(faults_of_the_protocol_have_an_order),
        API_TEST(wrong_types_are_told_before_constraints),
        API_TEST(null_is_absent_and_unknown_members_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
