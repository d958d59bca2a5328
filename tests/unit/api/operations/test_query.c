/* Query on a table: key conditions, order, filters, what comes back, and refusals in their order.
 */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A table with a partition key of type S and a sort key `sk` of this type. */
#define TABLE(name, sort_type)                                                                     \
    "{'TableName':'" name "','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["             \
    "{'AttributeName':'pk','AttributeType':'S'},"                                                  \
    "{'AttributeName':'sk','AttributeType':'" sort_type "'}],"                                     \
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"                                        \
    "{'AttributeName':'sk','KeyType':'RANGE'}]}"

static const char SINGLE[] =
    "{'TableName':'Single','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}";

static int set_up(void **state)
{
    static const char *const NUMBERS[] = {
        "{'pk':{'S':'a'},'sk':{'N':'10'},'v':{'S':'ten'}}",
        "{'pk':{'S':'a'},'sk':{'N':'-2'},'v':{'S':'minus two'}}",
        "{'pk':{'S':'a'},'sk':{'N':'9.5'}}",
        "{'pk':{'S':'a'},'sk':{'N':'1E3'},'v':{'S':'thousand'}}",
        "{'pk':{'S':'a'},'sk':{'N':'0'},'v':{'S':'zero'}}",
        "{'pk':{'S':'b'},'sk':{'N':'9'}}",
        NULL,
    };
    static const char *const TEXTS[] = {
        "{'pk':{'S':'a'},'sk':{'S':'b'}}",  "{'pk':{'S':'a'},'sk':{'S':'ab'}}",
        "{'pk':{'S':'a'},'sk':{'S':'a'}}",  "{'pk':{'S':'a'},'sk':{'S':'B'}}",
        "{'pk':{'S':'a'},'sk':{'S':'é'}}",  "{'pk':{'S':'a'},'sk':{'S':'abc'}}",
        "{'pk':{'S':'ab'},'sk':{'S':'a'}}", NULL,
    };
    static const char *const BINARIES[] = {
        "{'pk':{'S':'a'},'sk':{'B':'/w=='}}", "{'pk':{'S':'a'},'sk':{'B':'AA=='}}",
        "{'pk':{'S':'a'},'sk':{'B':'fw=='}}", "{'pk':{'S':'a'},'sk':{'B':'//8='}}",
        "{'pk':{'S':'a'},'sk':{'B':'/wA='}}", NULL,
    };
    (void)api_fixture_set_up(state);
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE("Num", "N"));
    create_table(fixture, TABLE("Txt", "S"));
    create_table(fixture, TABLE("Bin", "B"));
    create_table(fixture, SINGLE);
    put_items(fixture, "Num", NUMBERS);
    put_items(fixture, "Txt", TEXTS);
    put_items(fixture, "Bin", BINARIES);
    put_items(fixture, "Single", (const char *const[]){ "{'pk':{'S':'a'},'v':{'N':'1'}}", NULL });
    return 0;
}

static const char *
query(struct api_fixture *fixture, const char *table, const char *condition, const char *values)
{
    return api_fixture_text(fixture,
                            "{'TableName':'%s','KeyConditionExpression':'%s',"
                            "'ExpressionAttributeValues':{%s}}",
                            table, condition, values);
}

/* ---- conditions ---- */

#define A "':p':{'S':'a'}"

static const struct {
    const char *table;
    const char *condition;
    const char *values;
    const char *expected; /* the sort keys, in order */
} CONDITIONS[] = {
    { "Num", "pk = :p", A, "-2 0 9.5 10 1000" },
    { "Num", "pk = :p", "':p':{'S':'b'}", "9" },
    { "Num", "pk = :p", "':p':{'S':'c'}", "" },
    { "Num", ":p = pk", A, "-2 0 9.5 10 1000" },
    { "Num", "pk = :p AND sk = :s", A ",':s':{'N':'10.0'}", "10" },
    { "Num", "sk = :s AND pk = :p", A ",':s':{'N':'1000'}", "1000" },
    { "Num", "pk = :p AND sk = :s", A ",':s':{'N':'9'}", "" },
    { "Num", "pk = :p AND sk < :s", A ",':s':{'N':'9.5'}", "-2 0" },
    { "Num", "pk = :p AND sk <= :s", A ",':s':{'N':'9.5'}", "-2 0 9.5" },
    { "Num", "pk = :p AND sk > :s", A ",':s':{'N':'9.5'}", "10 1000" },
    { "Num", "pk = :p AND sk >= :s", A ",':s':{'N':'9.5'}", "9.5 10 1000" },
    { "Num", "pk = :p AND :s < sk", A ",':s':{'N':'9.5'}", "10 1000" },
    { "Num", "pk = :p AND sk < :s", A ",':s':{'N':'-2'}", "" },
    { "Num", "pk = :p AND sk > :s", A ",':s':{'N':'-1E125'}", "-2 0 9.5 10 1000" },
    { "Num", "pk = :p AND sk BETWEEN :s AND :t", A ",':s':{'N':'0'},':t':{'N':'10'}", "0 9.5 10" },
    { "Num", "pk = :p AND sk BETWEEN :s AND :t", A ",':s':{'N':'1'},':t':{'N':'2'}", "" },
    { "Txt", "pk = :p", A, "B a ab abc b é" },
    { "Txt", "pk = :p AND sk < :s", A ",':s':{'S':'ab'}", "B a" },
    { "Txt", "pk = :p AND sk > :s", A ",':s':{'S':'ab'}", "abc b é" },
    { "Txt", "pk = :p AND begins_with(sk, :s)", A ",':s':{'S':'a'}", "a ab abc" },
    { "Txt", "pk = :p AND begins_with(sk, :s)", A ",':s':{'S':'ab'}", "ab abc" },
    { "Txt", "pk = :p AND begins_with(sk, :s)", A ",':s':{'S':'abcd'}", "" },
    { "Txt", "(pk = :p) AND (sk BETWEEN :s AND :t)", A ",':s':{'S':'a'},':t':{'S':'b'}",
      "a ab abc b" },
    { "Bin", "pk = :p", A, "AA== fw== /w== /wA= //8=" },
    { "Bin", "pk = :p AND begins_with(sk, :s)", A ",':s':{'B':'/w=='}", "/w== /wA= //8=" },
    { "Bin", "pk = :p AND sk > :s", A ",':s':{'B':'/w=='}", "/wA= //8=" },
    { "Single", "pk = :p", A, "-" },
};

static void conditions_find_their_range_in_both_directions(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof CONDITIONS / sizeof *CONDITIONS; i++) {
        const char *request =
            query(fixture, CONDITIONS[i].table, CONDITIONS[i].condition, CONDITIONS[i].values);
        const struct cJSON *reply = assert_accepted(fixture, "Query", request);
        assert_string_equal(column(fixture, reply, "sk"), CONDITIONS[i].expected);
        assert_member_is(fixture, reply, "LastEvaluatedKey", NULL);

        const struct cJSON *backward =
            assert_accepted(fixture, "Query",
                            api_fixture_text(fixture, "{'ScanIndexForward':false,%s", request + 1));
        const char *expected = column(fixture, reply, "sk");
        const char *reversed = "";
        while (*expected != '\0') {
            int length = 0;
            while (expected[length] != '\0' && expected[length] != ' ') {
                length++;
            }
            reversed = api_fixture_text(fixture, "%.*s%s%s", length, expected,
                                        *reversed != '\0' ? " " : "", reversed);
            expected += length + (expected[length] == ' ');
        }
        assert_string_equal(column(fixture, backward, "sk"), reversed);
    }
}

/* ---- filters, projections, Select ---- */

static const struct {
    const char *members;
    const char *expected; /* the whole reply */
} REPLIES[] = {
    { "'FilterExpression':'begins_with(v, :t)','ExpressionAttributeValues':{" A ",':t':{'S':'t'}}",
      "{'Count':2,'ScannedCount':5,'Items':["
      "{'pk':{'S':'a'},'sk':{'N':'10'},'v':{'S':'ten'}},"
      "{'pk':{'S':'a'},'sk':{'N':'1000'},'v':{'S':'thousand'}}]}" },
    { "'FilterExpression':'attribute_not_exists(v)'",
      "{'Count':1,'ScannedCount':5,'Items':[{'pk':{'S':'a'},'sk':{'N':'9.5'}}]}" },
    { "'FilterExpression':'attribute_exists(nothing)'", "{'Count':0,'ScannedCount':5,'Items':[]}" },
    { "'Select':'COUNT'", "{'Count':5,'ScannedCount':5}" },
    { "'Select':'COUNT','FilterExpression':'attribute_exists(v)'", "{'Count':4,'ScannedCount':5}" },
    { "'Limit':1,'Select':'ALL_ATTRIBUTES'",
      "{'Count':1,'ScannedCount':1,"
      "'Items':[{'pk':{'S':'a'},'sk':{'N':'-2'},'v':{'S':'minus two'}}],"
      "'LastEvaluatedKey':{'pk':{'S':'a'},'sk':{'N':'-2'}}}" },
    { "'Limit':1,'ProjectionExpression':'v, nothing'",
      "{'Count':1,'ScannedCount':1,'Items':[{'v':{'S':'minus two'}}],"
      "'LastEvaluatedKey':{'pk':{'S':'a'},'sk':{'N':'-2'}}}" },
    { "'Limit':1,'ProjectionExpression':'#s','ExpressionAttributeNames':{'#s':'sk'},"
      "'Select':'SPECIFIC_ATTRIBUTES'",
      "{'Count':1,'ScannedCount':1,'Items':[{'sk':{'N':'-2'}}],"
      "'LastEvaluatedKey':{'pk':{'S':'a'},'sk':{'N':'-2'}}}" },
    /* Limit counts items before the filter */
    { "'Limit':3,'FilterExpression':'v = :v',"
      "'ExpressionAttributeValues':{" A ",':v':{'S':'thousand'}}",
      "{'Count':0,'ScannedCount':3,'Items':[],"
      "'LastEvaluatedKey':{'pk':{'S':'a'},'sk':{'N':'9.5'}}}" },
    { "'Select':'COUNT','ReturnConsumedCapacity':'TOTAL'",
      "{'Count':5,'ScannedCount':5,'ConsumedCapacity':{'TableName':'Num','CapacityUnits':0.5}}" },
    { "'Select':'COUNT','ReturnConsumedCapacity':'INDEXES','ConsistentRead':true",
      "{'Count':5,'ScannedCount':5,'ConsumedCapacity':{'TableName':'Num','CapacityUnits':1,"
      "'Table':{'CapacityUnits':1}}}" },
};

static void replies_hold_what_was_asked_for(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof REPLIES / sizeof *REPLIES; i++) {
        assert_answer(fixture, "Query",
                      api_fixture_text(fixture,
                                       "{'TableName':'Num','KeyConditionExpression':'pk = :p',"
                                       "'ExpressionAttributeValues':{" A "},%s}",
                                       REPLIES[i].members),
                      REPLIES[i].expected);
    }
}

/* ---- refusals ---- */

static const struct {
    const char *members; /* after a good query of Num */
    const char *type;
    const char *message;
} FAULTS[] = {
    /* constraints */
    { "'TableName':null,'Limit':0,'Select':'SOME'", VALIDATION,
      "3 validation errors detected: Value null at 'tableName' failed to satisfy constraint: "
      "Member "
      "must not be null; Value 'SOME' at 'select' failed to satisfy constraint: Member must "
      "satisfy "
      "enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]; "
      "Value "
      "'0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal "
      "to 1" },

    /* without the table: parameters, expressions, Select, ExclusiveStartKey */
    { "'KeyConditionExpression':null,'ExpressionAttributeValues':null,'TableName':'None'",
      VALIDATION,
      "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
      "request." },
    { "'KeyConditionExpression':'','TableName':'None'", VALIDATION,
      "Invalid KeyConditionExpression: The expression can not be empty;" },
    { "'KeyConditionExpression':'pk = :q','TableName':'None'", VALIDATION,
      "Invalid KeyConditionExpression: An expression attribute value used in expression is not "
      "defined; attribute value: :q" },
    { "'KeyConditionExpression':'pk = :p OR pk = :p','TableName':'None'", VALIDATION,
      "Invalid operator used in KeyConditionExpression: OR" },
    { "'FilterExpression':'v = ','TableName':'None'", VALIDATION,
      "Invalid FilterExpression: Syntax error; token: \"<EOF>\", near: \"=\"" },
    { "'ExpressionAttributeNames':{'#x':'v'},'TableName':'None'", VALIDATION,
      "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}" },
    { "'ExpressionAttributeValues':{" A ",':q':{'S':'x'}},'TableName':'None'", VALIDATION,
      "Value provided in ExpressionAttributeValues unused in expressions: keys: {:q}" },
    { "'Select':'SPECIFIC_ATTRIBUTES','TableName':'None'", VALIDATION,
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
      "SPECIFIC_ATTRIBUTES" },
    { "'Select':'ALL_PROJECTED_ATTRIBUTES','TableName':'None'", VALIDATION,
      "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName" },
    { "'Select':'ALL_ATTRIBUTES','ProjectionExpression':'v','TableName':'None'", VALIDATION,
      "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES" },
    { "'Select':'ALL_PROJECTED_ATTRIBUTES','ProjectionExpression':'v','IndexName':'idx'",
      VALIDATION,
      "Cannot specify the ProjectionExpression when choosing to get ALL_PROJECTED_ATTRIBUTES" },
    { "'Select':'COUNT','ProjectionExpression':'v','TableName':'None'", VALIDATION,
      "Cannot specify the ProjectionExpression when choosing to get only the Count" },
    { "'ExclusiveStartKey':{'pk':{}},'TableName':'None'", VALIDATION,
      "The provided starting key is invalid: Supplied AttributeValue is empty, must contain "
      "exactly "
      "one of the supported datatypes" },

    /* the table, the index, then filter and key condition against them */
    { "'TableName':'None','IndexName':'idx'", NOT_FOUND, "Requested resource not found" },
    { "'IndexName':'idx','ConsistentRead':true", VALIDATION,
      "The table does not have the specified index: idx" },
    { "'FilterExpression':'sk = :p'", VALIDATION,
      "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk" },
    { "'FilterExpression':'v = :p AND pk = :p'", VALIDATION,
      "Filter Expression can only contain non-primary key attributes: Primary key attribute: pk" },
    { "'KeyConditionExpression':'sk = :p'", VALIDATION,
      "Query condition missed key schema element: pk" },
    { "'KeyConditionExpression':'pk = :p AND v = :p'", VALIDATION,
      "Query condition missed key schema element: sk" },
    { "'TableName':'Single','KeyConditionExpression':'pk = :p AND v = :p'", VALIDATION,
      "Query key condition not supported" },
    { "'KeyConditionExpression':'pk > :p'", VALIDATION, "Query key condition not supported" },
    { "'KeyConditionExpression':'pk = :p AND sk = :p'", VALIDATION,
      INVALID "Condition parameter type does not match schema type" },
    { "'ExpressionAttributeValues':{':p':{'N':'1'}}", VALIDATION,
      INVALID "Condition parameter type does not match schema type" },
    { "'ExpressionAttributeValues':{':p':{'S':''}}", VALIDATION,
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
      "contain an empty string value. Key: pk" },
};

static void faults_are_refused(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "Query",
                       api_fixture_text(fixture,
                                        "{'TableName':'Num','KeyConditionExpression':'pk = :p',"
                                        "'ExpressionAttributeValues':{" A "},%s}",
                                        FAULTS[i].members),
                       FAULTS[i].type, FAULTS[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(conditions_find_their_range_in_both_directions, set_up,
                                        api_fixture_tear_down),
        cmocka_unit_test_setup_teardown(replies_hold_what_was_asked_for, set_up,
                                        api_fixture_tear_down),
        cmocka_unit_test_setup_teardown(faults_are_refused, set_up, api_fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
