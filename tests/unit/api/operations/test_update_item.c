/* UpdateItem: what it makes of an item, what it gives back, its refusals in their order. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'sk','AttributeType':'N'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
    "{'AttributeName':'sk','KeyType':'RANGE'}]}";

#define KEY           "'pk':{'S':'a'},'sk':{'N':'1'}"
#define UPDATE(rest)  "{'TableName':'Tab','Key':{" KEY "}," rest "}"
#define SET(text)     "'UpdateExpression':'" text "'"
#define VALUES(rest)  "'ExpressionAttributeValues':{" rest "}"
#define RETURN(which) "'ReturnValues':'" which "'"
#define ONE           VALUES("':v':{'N':'1'}")

static const char *const ITEMS[] = {
    "{" KEY ",'n':{'N':'5'},'s':{'SS':['x','y']},"
    "'m':{'M':{'a':{'N':'1'},'b':{'N':'2'}}},'l':{'L':[{'S':'p'},{'S':'q'},{'S':'r'}]}}",
    NULL,
};

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    put_items(*state, "Tab", ITEMS);
    return 0;
}

static void assert_item(struct api_fixture *fixture, const char *key, const char *expected)
{
    const struct cJSON *reply = assert_accepted(
        fixture, "GetItem",
        api_fixture_text(fixture, "{'TableName':'Tab','Key':{%s},'ConsistentRead':true}", key));
    assert_member_is(fixture, reply, "Item", expected);
}

/* ---- what is returned ---- */

static const struct {
    const char *request;
    const char *answer;
} RETURNS[] = {
    { UPDATE(SET("SET n = :v") "," ONE), "{}" },
    { UPDATE(SET("SET n = :v") "," ONE "," RETURN("NONE")), "{}" },
    { UPDATE(SET("SET n = :v") "," ONE "," RETURN("UPDATED_OLD")),
      "{'Attributes':{'n':{'N':'5'}}}" },
    { UPDATE(SET("SET n = n + :v, z = :v") "," ONE "," RETURN("UPDATED_NEW")),
      "{'Attributes':{'n':{'N':'6'},'z':{'N':'1'}}}" },
    { UPDATE(SET("SET z = :v") "," ONE "," RETURN("UPDATED_OLD")), "{}" },
    { UPDATE(SET("REMOVE n") "," RETURN("UPDATED_OLD")), "{'Attributes':{'n':{'N':'5'}}}" },
    { UPDATE(SET("REMOVE n") "," RETURN("UPDATED_NEW")), "{}" },

    /* only what is touched, within what is around it */
    { UPDATE(SET("SET m.a = :v, m.c = :v") "," ONE "," RETURN("UPDATED_OLD")),
      "{'Attributes':{'m':{'M':{'a':{'N':'1'}}}}}" },
    { UPDATE(SET("SET m.b = m.a, m.c = :v") "," ONE "," RETURN("UPDATED_NEW")),
      "{'Attributes':{'m':{'M':{'b':{'N':'1'},'c':{'N':'1'}}}}}" },
    { UPDATE(SET("SET l[2] = :v, l[0] = :v") "," ONE "," RETURN("UPDATED_OLD")),
      "{'Attributes':{'l':{'L':[{'S':'p'},{'S':'r'}]}}}" },
    { UPDATE(SET("SET l[1] = :v") "," ONE "," RETURN("UPDATED_NEW")),
      "{'Attributes':{'l':{'L':[{'N':'1'}]}}}" },
    { UPDATE(SET("ADD s :s") "," VALUES("':s':{'SS':['z']}") "," RETURN("UPDATED_NEW")),
      "{'Attributes':{'s':{'SS':['x','y','z']}}}" },
    { UPDATE(SET("DELETE s :s") "," VALUES("':s':{'SS':['x','y']}") "," RETURN("UPDATED_NEW")),
      "{}" },

    { UPDATE(SET("REMOVE m, l, s SET n = :v") "," ONE "," RETURN("ALL_NEW")),
      "{'Attributes':{" KEY ",'n':{'N':'1'}}}" },
    { UPDATE(SET("REMOVE n") "," RETURN("ALL_OLD")),
      "{'Attributes':{" KEY ",'n':{'N':'5'},'s':{'SS':['x','y']},"
      "'m':{'M':{'a':{'N':'1'},'b':{'N':'2'}}},'l':{'L':[{'S':'p'},{'S':'q'},{'S':'r'}]}}}" },
    { UPDATE(RETURN("UPDATED_NEW")), "{}" },

    /* there is no item yet */
    { "{'TableName':'Tab','Key':{'pk':{'S':'b'},'sk':{'N':'1'}}," SET(
          "SET n = :v") "," ONE "," RETURN("ALL_OLD") "}",
      "{}" },
    { "{'TableName':'Tab','Key':{'pk':{'S':'c'},'sk':{'N':'1'}}," SET(
          "SET n = :v") "," ONE "," RETURN("UPDATED_OLD") "}",
      "{}" },
    { "{'TableName':'Tab','Key':{'pk':{'S':'d'},'sk':{'N':'1'}}," SET(
          "SET n = :v") "," ONE "," RETURN("UPDATED_NEW") "}",
      "{'Attributes':{'n':{'N':'1'}}}" },
    { "{'TableName':'Tab','Key':{'pk':{'S':'e'},'sk':{'N':'1'}}," SET(
          "ADD n :v") "," ONE "," RETURN("ALL_NEW") "}",
      "{'Attributes':{'pk':{'S':'e'},'sk':{'N':'1'},'n':{'N':'1'}}}" },
    { "{'TableName':'Tab','Key':{'pk':{'S':'f'},'sk':{'N':'1'}}," RETURN("ALL_NEW") "}",
      "{'Attributes':{'pk':{'S':'f'},'sk':{'N':'1'}}}" },
};

static void each_form_of_return_values_has_its_shape(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof RETURNS / sizeof *RETURNS; i++) {
        put_items(fixture, "Tab", ITEMS);
        assert_answer(fixture, "UpdateItem", RETURNS[i].request, RETURNS[i].answer);
    }
}

/* ---- what is stored ---- */

static void an_item_is_updated_and_what_is_not_named_stays(void **state)
{
    struct api_fixture *fixture = *state;
    assert_answer(fixture, "UpdateItem",
                  UPDATE("'UpdateExpression':'SET #n = #n + :v, m.c = m.a REMOVE l[0], m.b "
                         "ADD t :v DELETE s :s','ExpressionAttributeNames':{'#n':'n'}," VALUES(
                             "':v':{'N':'1'},':s':{'SS':['x']}")),
                  "{}");
    assert_item(fixture, KEY,
                "{" KEY ",'n':{'N':'6'},'s':{'SS':['y']},'t':{'N':'1'},"
                "'m':{'M':{'a':{'N':'1'},'c':{'N':'1'}}},'l':{'L':[{'S':'q'},{'S':'r'}]}}");
}

static void an_update_makes_the_item_that_is_not_there(void **state)
{
    struct api_fixture *fixture = *state;
    static const char other[] = "'pk':{'S':'b'},'sk':{'N':'2'}";
    assert_answer(
        fixture, "UpdateItem",
        api_fixture_text(
            fixture, "{'TableName':'Tab','Key':{%s}," SET("SET a = :v, b = pk") "," ONE "}", other),
        "{}");
    assert_item(fixture, other, "{'pk':{'S':'b'},'sk':{'N':'2'},'a':{'N':'1'},'b':{'S':'b'}}");
}

static void without_an_expression_the_key_alone_is_made(void **state)
{
    struct api_fixture *fixture = *state;
    static const char other[] = "'pk':{'S':'b'},'sk':{'N':'2'}";
    assert_answer(fixture, "UpdateItem",
                  "{'TableName':'Tab','Key':{'pk':{'S':'b'},'sk':{'N':'2'}}}", "{}");
    assert_item(fixture, other, "{'pk':{'S':'b'},'sk':{'N':'2'}}");
    assert_answer(fixture, "UpdateItem", UPDATE("'ReturnValues':'NONE'"), "{}");
    assert_item(fixture, KEY, ITEMS[0]);
}

/* scylladb/scylladb#5862, seen on the service. */
static void an_update_that_only_removes_makes_no_item(void **state)
{
    struct api_fixture *fixture = *state;
    static const char other[] = "'pk':{'S':'b'},'sk':{'N':'2'}";
    assert_answer(
        fixture, "UpdateItem",
        "{'TableName':'Tab','Key':{'pk':{'S':'b'},'sk':{'N':'2'}}," SET(
            "REMOVE a DELETE s :s") "," VALUES("':s':{'SS':['x']}") "," RETURN("ALL_NEW") "}",
        "{}");
    assert_item(fixture, other, NULL);
}

/* ---- conditions ---- */

static void a_condition_decides_whether_the_item_is_updated(void **state)
{
    struct api_fixture *fixture = *state;
    static const char refused[] =
        UPDATE(SET("SET n = :v") "," ONE ",'ConditionExpression':'n < :v'");
    assert_refused(fixture, "UpdateItem", refused, NOT_MET, "The conditional request failed");
    assert_item(fixture, KEY, ITEMS[0]);
    assert_answer(fixture, "UpdateItem",
                  UPDATE(SET("SET n = :v") "," ONE ",'ConditionExpression':'n > :v'"), "{}");
    struct api_reply reply =
        call(fixture, "UpdateItem",
             UPDATE(SET("SET n = :v") "," ONE ",'ConditionExpression':'n > :v',"
                                      "'ReturnValuesOnConditionCheckFailure':'ALL_OLD'"));
    assert_int_equal(reply.status, 400);
    assert_member_is(fixture, reply.json, "Item.n", "{'N':'1'}");
}

static void the_condition_comes_before_what_the_item_does_not_allow(void **state)
{
    struct api_fixture *fixture = *state;
    assert_refused(
        fixture, "UpdateItem",
        UPDATE(SET("SET zz.x = :v") "," ONE ",'ConditionExpression':'attribute_exists(zz)'"),
        NOT_MET, "The conditional request failed");
}

/* ---- refusals ---- */

#define PART_OF_THE_KEY(name)                                                                      \
    INVALID "Cannot update attribute " name ". This attribute is part of the key"

static const struct {
    const char *request;
    const char *type;
    const char *message;
} FAULTS[] = {
    { "{'TableName':'Tab'}", VALIDATION,
      "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member must "
      "not be null" },
    { UPDATE("'ReturnValues':'UPDATED'"), VALIDATION,
      "1 validation error detected: Value 'UPDATED' at 'returnValues' failed to satisfy "
      "constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, "
      "UPDATED_NEW]" },
    { "{'TableName':'None','Key':{'v':{}}," ONE "}", VALIDATION,
      "ExpressionAttributeValues can only be specified when using expressions: UpdateExpression "
      "and ConditionExpression are null" },
    { "{'TableName':'None','Key':{'v':{}},'ExpressionAttributeNames':{'#a':'a'}}", VALIDATION,
      "ExpressionAttributeNames can only be specified when using expressions" },
    { "{'TableName':'None','Key':{'v':{}}," SET("SET") "}", VALIDATION,
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },

    /* the update before the condition, both before the table */
    { "{'TableName':'None','Key':{'v':{'S':'x'}}," SET("SET") ",'ConditionExpression':''}",
      VALIDATION, "Invalid UpdateExpression: Syntax error; token: \"<EOF>\", near: \"SET\"" },
    { "{'TableName':'None','Key':{'v':{'S':'x'}}," SET("REMOVE a") ",'ConditionExpression':''}",
      VALIDATION, "Invalid ConditionExpression: The expression can not be empty;" },
    { "{'TableName':'None','Key':{'v':{'S':'x'}}," SET("SET a = :w") "," ONE "}", VALIDATION,
      "Invalid UpdateExpression: An expression attribute value used in expression is not defined; "
      "attribute value: :w" },
    { "{'TableName':'None','Key':{'v':{'S':'x'}}," SET("REMOVE a") "," ONE "}", VALIDATION,
      "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}" },
    { "{'TableName':'None','Key':{'v':{'S':'x'}}," SET("REMOVE a") "}", NOT_FOUND,
      "Requested resource not found" },

    /* the key, then what the update does to it, then the item */
    { "{'TableName':'Tab','Key':{'pk':{'S':'x'}}," SET("REMOVE pk") "}", VALIDATION,
      "The provided key element does not match the schema" },
    { UPDATE(SET("REMOVE sk, pk.x, zz.x")), VALIDATION, PART_OF_THE_KEY("pk") },
    { UPDATE(SET("SET sk = sk")), VALIDATION, PART_OF_THE_KEY("sk") },
    { UPDATE(SET("ADD sk :v") "," ONE), VALIDATION, PART_OF_THE_KEY("sk") },
    { UPDATE(SET("SET a = zz, b = pk.x")), VALIDATION,
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
      "Key: pk" },
    { UPDATE(SET("SET a = zz")), VALIDATION,
      "The provided expression refers to an attribute that does not exist in the item" },
    { UPDATE(SET("SET zz.x = :v") "," ONE), VALIDATION,
      "The document path provided in the update expression is invalid for update" },
    { UPDATE(SET("ADD s :v") "," ONE), VALIDATION,
      "An operand in the update expression has an incorrect data type" },
};

static void refusals_come_in_the_order_of_the_service(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "UpdateItem", FAULTS[i].request, FAULTS[i].type, FAULTS[i].message);
    }
    assert_item(fixture, KEY, ITEMS[0]);
}

static void an_item_may_not_grow_past_400_kilobytes(void **state)
{
    struct api_fixture *fixture = *state;
    const char *half = api_fixture_repeat(fixture, 'x', 204800);
    const char *request =
        api_fixture_text(fixture, UPDATE(SET("SET a = :s") "," VALUES("':s':{'S':'%s'}")), half);
    assert_answer(fixture, "UpdateItem", request, "{}");
    request =
        api_fixture_text(fixture, UPDATE(SET("SET b = :s") "," VALUES("':s':{'S':'%s'}")), half);
    assert_refused(fixture, "UpdateItem", request, VALIDATION,
                   "Item size to update has exceeded the maximum allowed size");
}

/* ---- capacity ---- */

static void the_larger_of_both_items_is_paid_for(void **state)
{
    struct api_fixture *fixture = *state;
    const char *text = api_fixture_repeat(fixture, 'x', 2100);
    assert_answer(fixture, "UpdateItem",
                  api_fixture_text(fixture,
                                   UPDATE(SET("SET a = :s") "," VALUES(
                                       "':s':{'S':'%s'}") ",'ReturnConsumedCapacity':'TOTAL'"),
                                   text),
                  "{'ConsumedCapacity':{'TableName':'Tab','CapacityUnits':3}}");
    assert_answer(fixture, "UpdateItem",
                  UPDATE(SET("REMOVE a") ",'ReturnConsumedCapacity':'TOTAL'"),
                  "{'ConsumedCapacity':{'TableName':'Tab','CapacityUnits':3}}");
    assert_answer(fixture, "UpdateItem",
                  UPDATE(SET("REMOVE a") ",'ReturnConsumedCapacity':'INDEXES'"),
                  "{'ConsumedCapacity':{'TableName':'Tab','CapacityUnits':1,"
                  "'Table':{'CapacityUnits':1}}}");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_form_of_return_values_has_its_shape),
        TEST(an_item_is_updated_and_what_is_not_named_stays),
        TEST(an_update_makes_the_item_that_is_not_there),
        TEST(without_an_expression_the_key_alone_is_made),
        TEST(an_update_that_only_removes_makes_no_item),
        TEST(a_condition_decides_whether_the_item_is_updated),
        TEST(the_condition_comes_before_what_the_item_does_not_allow),
        TEST(refusals_come_in_the_order_of_the_service),
        TEST(an_item_may_not_grow_past_400_kilobytes),
        TEST(the_larger_of_both_items_is_paid_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
