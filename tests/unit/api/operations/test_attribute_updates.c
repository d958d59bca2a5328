/* UpdateItem without expressions: AttributeUpdates and Expected, replies, refusals in order. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define EQ(value) "{'ComparisonOperator':'EQ','AttributeValueList':[" value "]}"

static int set_up(void **state)
{
    static const char table[] =
        "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
        "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'g','AttributeType':'S'}],"
        "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],"
        "'GlobalSecondaryIndexes':[{'IndexName':'keys','Projection':{'ProjectionType':'KEYS_ONLY'},"
        "'KeySchema':[{'AttributeName':'g','KeyType':'HASH'}]}]}";
    (void)api_fixture_set_up(state);
    struct api_fixture *fixture = *state;
    create_table(fixture, table);
    return 0;
}

static const char *update(struct api_fixture *fixture, const char *members)
{
    return api_fixture_text(fixture, "{'TableName':'Tab','Key':{'pk':{'S':'k'}},%s}", members);
}

static void assert_item(struct api_fixture *fixture, const char *attributes)
{
    assert_answer(fixture, "GetItem", "{'TableName':'Tab','Key':{'pk':{'S':'k'}}}",
                  api_fixture_text(fixture, "{'Item':{'pk':{'S':'k'}%s}}", attributes));
}

static void an_item_is_made_and_changed_attribute_by_attribute(void **state)
{
    struct api_fixture *fixture = *state;
    static const struct {
        const char *updates;
        const char *attributes; /* of the item afterwards, besides its key */
    } steps[] = {
        { "'n':{'Value':{'N':'1'}}", ",'n':{'N':'1'}" },
        { "'n':{'Value':{'N':'2.5'},'Action':'ADD'}", ",'n':{'N':'3.5'}" },
        { "'n':{'Action':'DELETE'},'s':{'Action':'ADD','Value':{'SS':['a']}}",
          ",'s':{'SS':['a']}" },
        { "'s':{'Action':'ADD','Value':{'SS':['b']}},'l':{'Action':'ADD','Value':{'L':[]}}",
          ",'s':{'SS':['a','b']},'l':{'L':[]}" },
        { "'s':{'Action':'DELETE','Value':{'SS':['a','b']}},"
          "'l':{'Action':'ADD','Value':{'L':[{'N':'1'},{'S':'x'}]}}",
          ",'l':{'L':[{'N':'1'},{'S':'x'}]}" },
        { "'l':{'Action':'ADD','Value':{'L':[{'N':'1'}]}},'e':{'Action':'PUT','Value':{'S':''}}",
          ",'l':{'L':[{'N':'1'},{'S':'x'},{'N':'1'}]},'e':{'S':''}" },
        { "'l':{'Action':'DELETE'},'e':{'Action':'DELETE'},'nothing':{'Action':'DELETE'}", "" },
        { "", "" },
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_answer(
            fixture, "UpdateItem",
            update(fixture, api_fixture_text(fixture, "'AttributeUpdates':{%s}", steps[i].updates)),
            "{}");
        assert_item(fixture, steps[i].attributes);
    }
}

static void nothing_is_made_where_there_is_nothing_to_delete(void **state)
{
    struct api_fixture *fixture = *state;
    assert_answer(fixture, "UpdateItem",
                  update(fixture, "'AttributeUpdates':{'a':{'Action':'DELETE'}}"), "{}");
    assert_answer(fixture, "GetItem", "{'TableName':'Tab','Key':{'pk':{'S':'k'}}}", "{}");
    assert_answer(fixture, "UpdateItem", update(fixture, "'AttributeUpdates':{}"), "{}");
    assert_item(fixture, "");
}

static void replies_hold_the_image_asked_for(void **state)
{
    struct api_fixture *fixture = *state;
#define UPDATES                                                                                    \
    "'AttributeUpdates':{'n':{'Action':'ADD','Value':{'N':'1'}},'v':{'Action':'DELETE'}}"
    static const struct {
        const char *returned;
        const char *reply;
    } cases[] = {
        { "NONE", "{}" },
        { "ALL_OLD", "{'Attributes':{'pk':{'S':'k'},'n':{'N':'1'},'v':{'S':'x'},'w':{'S':'y'}}}" },
        { "UPDATED_OLD", "{'Attributes':{'n':{'N':'1'},'v':{'S':'x'}}}" },
        { "ALL_NEW", "{'Attributes':{'pk':{'S':'k'},'n':{'N':'2'},'w':{'S':'y'}}}" },
        { "UPDATED_NEW", "{'Attributes':{'n':{'N':'2'}}}" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_accepted(fixture, "PutItem",
                        "{'TableName':'Tab','Item':{'pk':{'S':'k'},'n':{'N':'1'},'v':{'S':'x'},"
                        "'w':{'S':'y'}}}");
        assert_answer(fixture, "UpdateItem",
                      update(fixture, api_fixture_text(fixture, UPDATES ",'ReturnValues':'%s'",
                                                       cases[i].returned)),
                      cases[i].reply);
    }
}

static void updates_happen_when_the_expected_is_found(void **state)
{
    struct api_fixture *fixture = *state;
#define COUNT_UP "'AttributeUpdates':{'n':{'Action':'ADD','Value':{'N':'1'}}}"
    assert_accepted(fixture, "UpdateItem",
                    update(fixture, COUNT_UP ",'Expected':{'n':{'Exists':false}}"));
    assert_refused(fixture, "UpdateItem",
                   update(fixture, COUNT_UP ",'Expected':{'n':{'Exists':false}}"), NOT_MET,
                   "The conditional request failed");
    assert_accepted(fixture, "UpdateItem",
                    update(fixture, COUNT_UP ",'ConditionalOperator':'OR','Expected':{"
                                             "'n':" EQ("{'N':'1'}") ",'x':" EQ("{'N':'1'}") "}"));
    assert_item(fixture, ",'n':{'N':'2'}");
}

#define MIXED(legacy, expressions)                                                                 \
    "Can not use both expression and non-expression parameters in the same request: "              \
    "Non-expression parameters: {" legacy "} Expression parameters: {" expressions "}"
#define NO_VALUE INVALID "Only DELETE action is allowed when no attribute value is specified"

/* The last two come once the table is known. */
static const struct {
    const char *members;
    const char *message;
} FAULTS[] = {
    { "'AttributeUpdates':{'a':{'Action':'put'}}",
      "1 validation error detected: Value 'put' at 'attributeUpdates.a.member.action' failed to "
      "satisfy constraint: Member must satisfy enum value set: [ADD, PUT, DELETE]" },
    { "'AttributeUpdates':{},'UpdateExpression':''",
      MIXED("AttributeUpdates", "UpdateExpression") },
    { "'AttributeUpdates':{},'ConditionExpression':''",
      MIXED("AttributeUpdates", "ConditionExpression") },
    { "'Expected':{},'UpdateExpression':''", MIXED("Expected", "UpdateExpression") },
    { "'AttributeUpdates':{},'Expected':{},'ConditionalOperator':'AND','UpdateExpression':'a',"
      "'ConditionExpression':'b'",
      MIXED("AttributeUpdates, Expected, ConditionalOperator",
            "UpdateExpression, ConditionExpression") },
    { "'AttributeUpdates':{'a':{}},'ConditionalOperator':'AND'",
      "ConditionalOperator cannot be used without Filter or Expected" },
    { "'AttributeUpdates':{'a':{}},'Key':{'pk':{}}",
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { "'AttributeUpdates':{'a':{}},'Expected':{'a':{}}", NO_VALUE },
    { "'AttributeUpdates':{'a':{'Action':'ADD'}}", NO_VALUE },
    { "'AttributeUpdates':{'a':{'Value':{}}}",
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { "'AttributeUpdates':{'a':{'Action':'ADD','Value':{'S':'x'}}}",
      INVALID "ADD action is not supported for the type S" },
    { "'AttributeUpdates':{'a':{'Action':'DELETE','Value':{'N':'1'}}}",
      INVALID "DELETE action with value is not supported for the type N" },
    { "'AttributeUpdates':{'a':{'Action':'DELETE'}},'Expected':{'a':{}}",
      INVALID "Value must be provided when Exists is null for Attribute: a" },

    { "'TableName':'Tab','AttributeUpdates':{'pk':{'Value':{'S':'x'}}}",
      INVALID "Cannot update attribute pk. This attribute is part of the key" },
    { "'TableName':'Tab','AttributeUpdates':{'g':{'Value':{'N':'1'}}}",
      INVALID "Type mismatch for Index Key g Expected: S Actual: N IndexName: keys" },
};

static void faults_are_refused(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(
            fixture, "UpdateItem",
            update(fixture, api_fixture_text(fixture, "'TableName':'None',%s", FAULTS[i].members)),
            VALIDATION, FAULTS[i].message);
    }
    assert_accepted(fixture, "UpdateItem",
                    update(fixture, "'AttributeUpdates':{'a':{'Value':{'S':'x'}}}"));
    assert_refused(fixture, "UpdateItem",
                   update(fixture, "'AttributeUpdates':{'a':{'Action':'ADD','Value':{'N':'1'}}}"),
                   VALIDATION, "Type mismatch for attribute to update");
    assert_item(fixture, ",'a':{'S':'x'}");
}

#define UPDATE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UPDATE_TEST(an_item_is_made_and_changed_attribute_by_attribute),
        UPDATE_TEST(nothing_is_made_where_there_is_nothing_to_delete),
        UPDATE_TEST(replies_hold_the_image_asked_for),
        UPDATE_TEST(updates_happen_when_the_expected_is_found),
        UPDATE_TEST(faults_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
