/* The parameters that were there before expressions, through whole operations: what they do, and
 * their refusals in order.
 */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define EQ(value) "{'ComparisonOperator':'EQ','AttributeValueList':[" value "]}"
#define S(text)   "{'S':'" text "'}"
#define N(number) "{'N':'" number "'}"

static int set_up(void **state)
{
    static const char table[] =
        "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
        "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk','AttributeType':'N'},"
        "{'AttributeName':'g','AttributeType':'S'}],"
        "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
        "{'AttributeName':'sk','KeyType':'RANGE'}],"
        "'GlobalSecondaryIndexes':[{'IndexName':'keys','Projection':{'ProjectionType':'KEYS_ONLY'},"
        "'KeySchema':[{'AttributeName':'g','KeyType':'HASH'}]}]}";
    static const char single[] =
        "{'TableName':'Single','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
        "{'AttributeName':'pk','AttributeType':'S'}],"
        "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";
    static const char *const items[] = {
        "{'pk':{'S':'a'},'sk':{'N':'1'},'g':{'S':'x'},'v':{'S':'one'},'c':{'N':'10'}}",
        "{'pk':{'S':'a'},'sk':{'N':'2'},'g':{'S':'x'},'v':{'S':'two'},'c':{'N':'20'}}",
        "{'pk':{'S':'a'},'sk':{'N':'3'},'v':{'S':'three'},'tags':{'SS':['p','q']}}",
        "{'pk':{'S':'a'},'sk':{'N':'4'},'e':{'S':''},'tags':{'SS':['r']}}",
        NULL,
    };
    static const char *const singles[] = {
        "{'pk':{'S':'k'},'v':{'S':'old'},'c':{'N':'5'},'m':{'M':{'x':{'N':'1'}}},"
        "'m.x':{'S':'dotted'}}",
        NULL,
    };
    (void)api_fixture_set_up(state);
    struct api_fixture *fixture = *state;
    create_table(fixture, table);
    create_table(fixture, single);
    put_items(fixture, "Tab", items);
    put_items(fixture, "Single", singles);
    return 0;
}

/* ---- Expected ---- */

static const struct {
    const char *members;
    bool holds;
} EXPECTATIONS[] = {
    { "'Expected':{}", true },
    { "'Expected':{'v':{'Value':" S("old") "}}", true },
    { "'Expected':{'v':{'Value':" S("new") "}}", false },
    { "'Expected':{'v':{'Exists':true,'Value':" S("old") "}}", true },
    { "'Expected':{'v':{'Exists':true,'Value':" S("new") "}}", false },
    { "'Expected':{'v':{'Exists':'yes','Value':" S("old") "}}", true },
    { "'Expected':{'v':{'Exists':false}}", false },
    { "'Expected':{'x':{'Exists':false}}", true },
    { "'Expected':{'x':{'Value':" S("") "}}", false },
    { "'Expected':{'c':{'ComparisonOperator':'GT','Value':" N("4.5") "}}", true },
    { "'Expected':{'c':{'ComparisonOperator':'GT','AttributeValueList':[" N("5") "]}}", false },
    { "'Expected':{'c':{'ComparisonOperator':'IN','AttributeValueList':[" N("1") "," N("5") "]}}",
      true },
    { "'Expected':{'c':{'ComparisonOperator':'NULL'}}", false },
    { "'Expected':{'c':{'ComparisonOperator':'NOT_NULL','AttributeValueList':[]}}", true },
    { "'Expected':{'x':{'ComparisonOperator':'NE','Value':" S("old") "}}", true },
    { "'Expected':{'m':" EQ("{'M':{'x':{'N':'1'}}}") "}", true },
    { "'Expected':{'m.x':" EQ(S("dotted")) "}", true },
    { "'Expected':{'v':" EQ(S("old")) ",'c':" EQ(N("5")) "}", true },
    { "'Expected':{'v':" EQ(S("old")) ",'c':" EQ(N("6")) "}", false },
    { "'Expected':{'v':" EQ(S("old")) ",'c':" EQ(N("6")) "},'ConditionalOperator':'AND'", false },
    { "'Expected':{'v':" EQ(S("old")) ",'c':" EQ(N("6")) "},'ConditionalOperator':'OR'", true },
    { "'Expected':{'v':" EQ(S("new")) ",'c':" EQ(N("6")) "},'ConditionalOperator':'OR'", false },
    { "'Expected':null,'ConditionExpression':'v = :v',"
      "'ExpressionAttributeValues':{':v':" S("old") "}",
      true },
};

static void writes_happen_when_the_expected_is_found(void **state)
{
    static const char item[] = "'Item':{'pk':{'S':'k'},'v':{'S':'old'},'c':{'N':'5'},"
                               "'m':{'M':{'x':{'N':'1'}}},'m.x':{'S':'dotted'}}";
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof EXPECTATIONS / sizeof *EXPECTATIONS; i++) {
        const char *put = api_fixture_text(fixture, "{'TableName':'Single',%s,%s}", item,
                                           EXPECTATIONS[i].members);
        const char *delete = api_fixture_text(
            fixture, "{'TableName':'Single','Key':{'pk':{'S':'k'}},%s}", EXPECTATIONS[i].members);
        if (EXPECTATIONS[i].holds) {
            assert_accepted(fixture, "PutItem", put);
            assert_accepted(fixture, "DeleteItem", delete);
            assert_accepted(fixture, "PutItem",
                            api_fixture_text(fixture, "{'TableName':'Single',%s}", item));
        } else {
            assert_refused(fixture, "PutItem", put, NOT_MET, "The conditional request failed");
            assert_refused(fixture, "DeleteItem", delete, NOT_MET,
                           "The conditional request failed");
        }
    }
    assert_refused(fixture, "PutItem",
                   "{'TableName':'Single','Item':{'pk':{'S':'new'}},"
                   "'Expected':{'v':{'Value':" S("old") "}}}",
                   NOT_MET, "The conditional request failed");
    assert_accepted(fixture, "PutItem",
                    "{'TableName':'Single','Item':{'pk':{'S':'new'}},"
                    "'Expected':{'pk':{'Exists':false}}}");
}

/* ---- Query and Scan ---- */

#define KEY "'KeyConditions':{'pk':" EQ(S("a")) "}"
#define KEY_AND(operation, values)                                                                 \
    "'KeyConditions':{'pk':" EQ(S("a")) ",'sk':{'ComparisonOperator':'" operation                  \
                                        "','AttributeValueList':[" values "]}}"
#define FILTER(attribute, operation, values)                                                       \
    "'QueryFilter':{'" attribute "':{'ComparisonOperator':'" operation                             \
    "','AttributeValueList':[" values "]}}"

static const struct {
    const char *members;
    const char *expected; /* the sort keys, in order */
} QUERIES[] = {
    { KEY, "1 2 3 4" },
    { KEY_AND("EQ", N("2")), "2" },
    { KEY_AND("LT", N("2")), "1" },
    { KEY_AND("LE", N("2")), "1 2" },
    { KEY_AND("GT", N("2")), "3 4" },
    { KEY_AND("GE", N("2")) ",'ScanIndexForward':false", "4 3 2" },
    { KEY_AND("BETWEEN", N("2") "," N("3")), "2 3" },
    { "'KeyConditions':{'sk':" EQ(N("2")) ",'pk':" EQ(S("a")) "}", "2" },
    { "'IndexName':'keys','KeyConditions':{'g':" EQ(S("x")) "}," FILTER("sk", "GT", N("1")), "2" },

    { KEY "," FILTER("v", "EQ", S("two")), "2" },
    { KEY "," FILTER("v", "BEGINS_WITH", S("t")), "2 3" },
    { KEY "," FILTER("c", "GT", N("10")), "2" },
    { KEY "," FILTER("tags", "CONTAINS", S("p")), "3" },
    { KEY "," FILTER("tags", "NOT_CONTAINS", S("p")), "4" },
    { KEY "," FILTER("v", "NULL", ""), "4" },
    { KEY "," FILTER("v", "NE", S("two")), "1 3 4" },
    { KEY "," FILTER("e", "EQ", S("")), "4" },
    { KEY ",'QueryFilter':{}", "1 2 3 4" },
    { KEY ",'ConditionalOperator':'OR','QueryFilter':{'v':" EQ(S("one")) ",'c':" EQ(N("20")) "}",
      "1 2" },
    { KEY ",'QueryFilter':{'v':" EQ(S("one")) ",'c':" EQ(N("20")) "}", "" },

    /* KeyConditions go with the other expressions */
    { KEY ",'FilterExpression':'v = :v','ExpressionAttributeValues':{':v':" S("two") "}", "2" },
    { KEY ",'ProjectionExpression':'sk'", "1 2 3 4" },
    { KEY ",'AttributesToGet':['sk']", "1 2 3 4" },
};

static void queries_find_what_their_conditions_say(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof QUERIES / sizeof *QUERIES; i++) {
        const struct cJSON *reply = assert_accepted(
            fixture, "Query",
            api_fixture_text(fixture, "{'TableName':'Tab',%s}", QUERIES[i].members));
        if (strcmp(column(fixture, reply, "sk"), QUERIES[i].expected) != 0) {
            fail_msg("%s found %s", QUERIES[i].members, column(fixture, reply, "sk"));
        }
    }
}

static void scans_find_what_their_filter_says(void **state)
{
    struct api_fixture *fixture = *state;
    static const struct {
        const char *members;
        const char *expected;
    } cases[] = {
        { "'ScanFilter':{}", "1 2 3 4" },
        { "'ScanFilter':{'v':" EQ(S("two")) "}", "2" },
        { "'ScanFilter':{'sk':{'ComparisonOperator':'GE','AttributeValueList':[" N("3") "]}}",
          "3 4" },
        { "'ScanFilter':{'v':" EQ(S("two")) ",'c':" EQ(N("20")) "}", "2" },
        { "'ScanFilter':{'v':" EQ(S("two")) ",'c':" EQ(N("10")) "}", "" },
        { "'ScanFilter':{'v':" EQ(S("two")) ",'c':" EQ(N("10")) "},'ConditionalOperator':'OR'",
          "1 2" },
        { "'ScanFilter':{'v':{'ComparisonOperator':'NOT_NULL'}},'AttributesToGet':['sk']",
          "1 2 3" },
        /* an index has only what it projects */
        { "'IndexName':'keys','ScanFilter':{'v':{'ComparisonOperator':'NOT_NULL'}}", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct cJSON *reply = assert_accepted(
            fixture, "Scan", api_fixture_text(fixture, "{'TableName':'Tab',%s}", cases[i].members));
        assert_string_equal(column(fixture, reply, "sk"), cases[i].expected);
    }
}

static void attributes_to_get_are_all_that_comes(void **state)
{
    struct api_fixture *fixture = *state;
    assert_answer(fixture, "GetItem",
                  "{'TableName':'Single','Key':{'pk':{'S':'k'}},"
                  "'AttributesToGet':['m.x','c','nothing']}",
                  "{'Item':{'m.x':{'S':'dotted'},'c':{'N':'5'}}}");
    assert_answer(fixture, "GetItem",
                  "{'TableName':'Single','Key':{'pk':{'S':'k'}},'AttributesToGet':['nothing']}",
                  "{'Item':{}}");
    assert_answer(fixture, "BatchGetItem",
                  "{'RequestItems':{'Single':{'Keys':[{'pk':{'S':'k'}}],'AttributesToGet':['v']}}}",
                  "{'Responses':{'Single':[{'v':{'S':'old'}}]},'UnprocessedKeys':{}}");
    assert_answer(fixture, "Query",
                  "{'TableName':'Tab','Limit':1,'Select':'SPECIFIC_ATTRIBUTES',"
                  "'AttributesToGet':['v']," KEY "}",
                  "{'Count':1,'ScannedCount':1,'Items':[{'v':{'S':'one'}}],"
                  "'LastEvaluatedKey':{'pk':{'S':'a'},'sk':{'N':'1'}}}");
    assert_answer(fixture, "Scan", "{'TableName':'Single','AttributesToGet':['pk','c']}",
                  "{'Count':1,'ScannedCount':1,'Items':[{'pk':{'S':'k'},'c':{'N':'5'}}]}");
}

/* ---- refusals ---- */

#define PUT(members)    "PutItem", "{'TableName':'None','Item':{'pk':{'S':'k'}}," members "}"
#define DELETE(members) "DeleteItem", "{'TableName':'None','Key':{'pk':{'S':'k'}}," members "}"
#define GET(members)    "GetItem", "{'TableName':'None','Key':{'pk':{'S':'k'}}," members "}"
#define BATCH(members)                                                                             \
    "BatchGetItem", "{'RequestItems':{'None':{'Keys':[{'pk':{'S':'k'}}]," members "}}}"
#define QUERY(members) "Query", "{'TableName':'None'," members "}"
#define SCAN(members)  "Scan", "{'TableName':'None'," members "}"

#define MIXED(legacy, expressions)                                                                 \
    "Can not use both expression and non-expression parameters in the same request: "              \
    "Non-expression parameters: {" legacy "} Expression parameters: {" expressions "}"
#define NO_FILTER "ConditionalOperator cannot be used without Filter or Expected"
#define ONE_FILTER                                                                                 \
    "ConditionalOperator can only be used when Filter or Expected has two or more elements"
#define OPERATORS                                                                                  \
    "[IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]"
#define TWO EQ(S("a")) ",'b':" EQ(S("b"))

/* All come before the table is looked for. */
static const struct {
    const char *operation;
    const char *request;
    const char *message;
} FAULTS[] = {
    /* constraints */
    { PUT("'Expected':{'a':{'ComparisonOperator':'eq'}}"),
      "1 validation error detected: Value 'eq' at 'expected.a.member.comparisonOperator' failed to "
      "satisfy constraint: Member must satisfy enum value set: " OPERATORS },
    { PUT("'Expected':{'a':null}"),
      "1 validation error detected: Value null at 'expected.a.member' failed to satisfy "
      "constraint: Member must not be null" },
    { SCAN("'ScanFilter':{'a':{}}"),
      "1 validation error detected: Value null at 'scanFilter.a.member.comparisonOperator' failed "
      "to satisfy constraint: Member must not be null" },
    { QUERY("'ConditionalOperator':'NOT','AttributesToGet':[]"),
      "2 validation errors detected: Value '[]' at 'attributesToGet' failed to satisfy "
      "constraint: Member must have length greater than or equal to 1; Value 'NOT' at "
      "'conditionalOperator' failed to satisfy constraint: Member must satisfy enum value set: "
      "[OR, AND]" },

    /* both kinds at once */
    { PUT("'Expected':{},'ConditionExpression':''"), MIXED("Expected", "ConditionExpression") },
    { PUT("'Expected':{'a':" TWO "},'ConditionalOperator':'AND','ConditionExpression':'a'"),
      MIXED("Expected, ConditionalOperator", "ConditionExpression") },
    { DELETE("'ConditionalOperator':'AND','ConditionExpression':'a'"),
      MIXED("ConditionalOperator", "ConditionExpression") },
    { GET("'AttributesToGet':['a','a'],'ProjectionExpression':'a'"),
      MIXED("AttributesToGet", "ProjectionExpression") },
    { BATCH("'AttributesToGet':['a'],'ProjectionExpression':'a'"),
      MIXED("AttributesToGet", "ProjectionExpression") },
    { SCAN("'ScanFilter':{},'ConditionalOperator':'OR','AttributesToGet':['a'],"
           "'FilterExpression':'a','ProjectionExpression':'b'"),
      MIXED("AttributesToGet, ScanFilter, ConditionalOperator",
            "ProjectionExpression, FilterExpression") },
    { QUERY("'KeyConditions':{},'QueryFilter':{},'ConditionalOperator':'AND',"
            "'AttributesToGet':['a'],'KeyConditionExpression':'a','FilterExpression':'b',"
            "'ProjectionExpression':'c'"),
      MIXED("AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions",
            "ProjectionExpression, FilterExpression, KeyConditionExpression") },
    { QUERY("'KeyConditions':{},'KeyConditionExpression':'a'"),
      MIXED("KeyConditions", "KeyConditionExpression") },
    { QUERY("'QueryFilter':{},'KeyConditionExpression':'a'"),
      MIXED("QueryFilter", "KeyConditionExpression") },
    { QUERY("'KeyConditions':{},'QueryFilter':{},'ProjectionExpression':'a'"),
      MIXED("QueryFilter", "ProjectionExpression") },

    /* ConditionalOperator */
    { PUT("'ConditionalOperator':'AND'"), NO_FILTER },
    { PUT("'ConditionalOperator':'OR','Expected':{}"), NO_FILTER },
    { DELETE("'ConditionalOperator':'AND','Expected':{'a':{}}"), ONE_FILTER },
    { QUERY("'ConditionalOperator':'AND'"), NO_FILTER },
    { QUERY("'ConditionalOperator':'AND'," KEY), NO_FILTER },
    { QUERY("'ConditionalOperator':'AND','QueryFilter':{'a':" EQ(S("b")) "}"), ONE_FILTER },
    { SCAN("'ConditionalOperator':'AND','AttributesToGet':['a','b']"), NO_FILTER },
    { SCAN("'ConditionalOperator':'OR','ScanFilter':{'a':" EQ(S("b")) "}"), ONE_FILTER },
    { SCAN("'ExpressionAttributeNames':{},'ScanFilter':{'a':" EQ(S("b")) "}"),
      "ExpressionAttributeNames can only be specified when using expressions" },

    /* Expected: after the item, one attribute after the other */
    { PUT("'Expected':{'a':{}},'Item':{'pk':{}}"),
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { PUT("'Expected':{'a':{}},'ReturnValues':'ALL_NEW'"),
      "ReturnValues can only be ALL_OLD or NONE" },
    { PUT("'Expected':{'a':{}}"),
      INVALID "Value must be provided when Exists is null for Attribute: a" },
    { PUT("'Expected':{'b':{'ComparisonOperator':'EQ'},'a':{}}"),
      INVALID "Value or AttributeValueList must be used with ComparisonOperator: EQ for "
              "Attribute: b" },
    { DELETE("'Expected':{'a':{'Exists':false,'Value':" S("b") "}}"),
      INVALID "Value cannot be used when Exists is false for Attribute: a" },
    { DELETE("'Expected':{'a':{'Exists':true,'ComparisonOperator':'NULL'}}"),
      INVALID "Exists and ComparisonOperator cannot be used together for Attribute: a" },
    { DELETE("'Expected':{'a':{'ComparisonOperator':'NULL','Value':" S("b") "}}"),
      INVALID "Invalid number of argument(s) for the NULL ComparisonOperator" },
    { PUT("'Expected':{'a':{'Value':{'N':'b'}}}"),
      "The parameter cannot be converted to a numeric value: b" },
    { PUT("'Expected':{'a':" EQ("{}") "}"),
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { PUT("'Expected':{'a':" EQ("null") "}"),
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { PUT("'Expected':{'a':{'ComparisonOperator':'BETWEEN','AttributeValueList':[" N("10") "," N(
          "9") "]}}"),
      "The BETWEEN condition was provided a range where the lower bound is greater than the upper "
      "bound" },

    /* AttributesToGet */
    { GET("'AttributesToGet':['a','b','a']"), INVALID "Duplicate value in attribute name: a" },
    { GET("'AttributesToGet':['a','a'],'Key':{'pk':{}}"),
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { BATCH("'AttributesToGet':['b','b']"), INVALID "Duplicate value in attribute name: b" },
    { QUERY("'AttributesToGet':['a'],'Select':'ALL_ATTRIBUTES'," KEY),
      "Cannot specify the AttributesToGet when choosing to get ALL_ATTRIBUTES" },
    { QUERY("'AttributesToGet':['a'],'Select':'COUNT'," KEY),
      "Cannot specify the AttributesToGet when choosing to get only the Count" },
    { SCAN("'AttributesToGet':['a'],'Select':'ALL_PROJECTED_ATTRIBUTES','IndexName':'idx'"),
      "Cannot specify the AttributesToGet when choosing to get ALL_PROJECTED_ATTRIBUTES" },

    /* Query: its filter, AttributesToGet, ExclusiveStartKey, then its key conditions */
    { QUERY("'AttributesToGet':['a','a'],'QueryFilter':{'a':" EQ("") "}"),
      INVALID "Invalid number of argument(s) for the EQ ComparisonOperator" },
    { QUERY("'AttributesToGet':['a','a'],'ExclusiveStartKey':{'a':{}}"),
      INVALID "Duplicate value in attribute name: a" },
    { QUERY("'QueryFilter':{'a':" EQ(S("b")) "},'ExclusiveStartKey':{'a':{}}"),
      "The provided starting key is invalid: Supplied AttributeValue is empty, must contain "
      "exactly one of the supported datatypes" },
    { QUERY("'QueryFilter':{'a':" EQ(S("b")) "}"),
      "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
      "request." },
    { QUERY("'KeyConditions':{'a':" EQ("") "},'FilterExpression':''"),
      "Invalid FilterExpression: The expression can not be empty;" },
    { QUERY("'KeyConditions':{'a':" EQ("{'N':'x'}") "}"),
      "The parameter cannot be converted to a numeric value: x" },
    { QUERY("'KeyConditions':{'a':" EQ("") "}"),
      INVALID "Invalid number of argument(s) for the EQ ComparisonOperator" },
    { QUERY("'KeyConditions':{}"), "Conditions can be of length 1 or 2 only" },
    { QUERY("'KeyConditions':{'a':" TWO ",'c':" EQ(S("c")) "}"),
      "Conditions can be of length 1 or 2 only" },

    /* Scan: AttributesToGet, its filter, ExclusiveStartKey */
    { SCAN("'AttributesToGet':['a','a'],'ScanFilter':{'a':" EQ("") "}"),
      INVALID "Duplicate value in attribute name: a" },
    { SCAN("'ScanFilter':{'a':" EQ("") "},'ExclusiveStartKey':{'a':{}}"),
      INVALID "Invalid number of argument(s) for the EQ ComparisonOperator" },
    { SCAN("'ScanFilter':{'a':{'ComparisonOperator':'CONTAINS',"
           "'AttributeValueList':[{'SS':['a']}]}}"),
      INVALID "ComparisonOperator CONTAINS is not valid for SS AttributeValue type" },
    { SCAN("'ScanFilter':{'a':{'ComparisonOperator':'IN','AttributeValueList':[" S("b") "," N(
          "1") "]}}"),
      INVALID "AttributeValues inside AttributeValueList must be of same type" },
};

static void faults_are_refused_before_the_table_is_looked_for(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, FAULTS[i].operation, FAULTS[i].request, VALIDATION,
                       FAULTS[i].message);
    }
}

#define ON_TAB(members)    "{'TableName':'Tab'," members "}"
#define ON_SINGLE(members) "{'TableName':'Single'," members "}"

static void queries_are_refused_against_the_key(void **state)
{
    struct api_fixture *fixture = *state;
    static const struct {
        const char *request;
        const char *message;
    } cases[] = {
        { ON_TAB("'KeyConditions':{'sk':" EQ(N("1")) "}"),
          "Query condition missed key schema element: pk" },
        { ON_TAB("'KeyConditions':{'pk':" EQ(S("a")) ",'v':" EQ(S("a")) "}"),
          "Query condition missed key schema element: sk" },
        { ON_SINGLE("'KeyConditions':{'pk':" EQ(S("a")) ",'v':" EQ(S("a")) "}"),
          "Query key condition not supported" },
        { ON_TAB("'KeyConditions':{'pk':{'ComparisonOperator':'GT','AttributeValueList':[" S(
              "a") "]}}"),
          "Query key condition not supported" },
        { ON_TAB("'KeyConditions':{'pk':{'ComparisonOperator':'NULL'}}"),
          "Attempted conditional constraint is not an indexable operation" },
        { ON_TAB(KEY_AND("NE", N("1"))),
          "Attempted conditional constraint is not an indexable operation" },
        { ON_TAB(KEY_AND("EQ", S("1"))),
          INVALID "Condition parameter type does not match schema type" },
        { ON_TAB("'KeyConditions':{'pk':" EQ(S("")) "}"),
          "One or more parameter values are not valid. The AttributeValue for a key attribute "
          "cannot contain an empty string value. Key: pk" },
        { ON_TAB(KEY ",'QueryFilter':{'v':" EQ(S("x")) ",'sk':" EQ(N("1")) "}"),
          "QueryFilter can only contain non-primary key attributes: Primary key attribute: sk" },
        { ON_TAB("'IndexName':'keys','KeyConditions':{'g':" EQ(
              S("x")) "},"
                      "'QueryFilter':{'v':" EQ(S("x")) ",'c':" EQ(N("1")) ",'sk':" EQ(N("1")) "}"),
          INVALID "Secondary index keys does not project one or more filter attributes: [c, v]" },
        { ON_TAB("'IndexName':'keys','KeyConditions':{'g':" EQ(
              S("x")) "},"
                      "'AttributesToGet':['v','sk','c']"),
          INVALID "Global secondary index keys does not project [v, c]" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_refused(fixture, "Query", cases[i].request, VALIDATION, cases[i].message);
    }
}

static void others_parameters_are_unknown_members(void **state)
{
    struct api_fixture *fixture = *state;
    assert_accepted(fixture, "GetItem",
                    "{'TableName':'Single','Key':{'pk':{'S':'k'}},'Expected':{'a':{}},"
                    "'ConditionalOperator':'x','ScanFilter':1}");
    assert_accepted(fixture, "Scan",
                    "{'TableName':'Single','QueryFilter':{'a':{}},'KeyConditions':{}}");
}

#define LEGACY_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEGACY_TEST(writes_happen_when_the_expected_is_found),
        LEGACY_TEST(queries_find_what_their_conditions_say),
        LEGACY_TEST(scans_find_what_their_filter_says),
        LEGACY_TEST(attributes_to_get_are_all_that_comes),
        LEGACY_TEST(faults_are_refused_before_the_table_is_looked_for),
        LEGACY_TEST(queries_are_refused_against_the_key),
        LEGACY_TEST(others_parameters_are_unknown_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
