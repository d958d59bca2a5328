/* BatchWriteItem: all or nothing of the checks, limits, several tables, capacity. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TABLE(name)                                                                                \
    "{'TableName':'" name "','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["             \
    "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'g','AttributeType':'N'}],"       \
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],'GlobalSecondaryIndexes':["             \
    "{'IndexName':'idx','KeySchema':[{'AttributeName':'g','KeyType':'HASH'}],"                     \
    "'Projection':{'ProjectionType':'ALL'}}]}"

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE("Tab"));
    create_table(*state, TABLE("Tob"));
    put_items(*state, "Tab", (const char *const[]){ "{'pk':{'S':'old'},'g':{'N':'1'}}", NULL });
    return 0;
}

#define PUT(members)  "{'PutRequest':{'Item':{" members "}}}"
#define DELETE(key)   "{'DeleteRequest':{'Key':{'pk':{'S':'" key "'}}}}"
#define BATCH(tables) "{'RequestItems':{" tables "}}"
#define GOOD          PUT("'pk':{'S':'good'}")

/* ---- refusals ---- */

static const struct {
    const char *request;
    const char *type;
    const char *message;
} FAULTS[] = {
    { "{}", VALIDATION, "The requestItems parameter is required for BatchWriteItem" },
    { "{'RequestItems':{}}", VALIDATION,
      "The requestItems parameter is required for BatchWriteItem" },
    { BATCH("'Tab':[" GOOD ",{}]"), VALIDATION,
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
      "supported datatypes" },
    { BATCH("'Tab':[" GOOD ",{'PutRequest':{'Item':{'pk':{'S':'x'}}},'DeleteRequest':{'Key':"
            "{'pk':{'S':'y'}}}}]"),
      VALIDATION,
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
      "supported datatypes" },
    { BATCH("'Tab':[{'PutRequest':{}}]"), VALIDATION,
      "1 validation error detected: Value null at "
      "'requestItems.Tab.member.1.member.putRequest.item' "
      "failed to satisfy constraint: Member must not be null" },
    { BATCH("'None':[" PUT("'pk':{}") "]"), VALIDATION,
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { BATCH("'Tab':[" GOOD "],'None':[" GOOD "]"), NOT_FOUND, "Requested resource not found" },
    { BATCH("'Tab':[" GOOD "," PUT("'g':{'N':'1'}") "]"), VALIDATION,
      INVALID "Missing the key pk in the item" },
    { BATCH("'Tab':[" GOOD "," PUT("'pk':{'S':'x'},'g':{'S':'1'}") "]"), VALIDATION,
      INVALID "Type mismatch for Index Key g Expected: N Actual: S IndexName: idx" },
    { BATCH("'Tab':[" GOOD ",{'DeleteRequest':{'Key':{'x':{'S':'y'}}}}]"), VALIDATION,
      "The provided key element does not match the schema" },
    { BATCH("'Tab':[" GOOD "," DELETE("x") "," DELETE("good") "]"), VALIDATION,
      "Provided list of item keys contains duplicates" },
    { BATCH("'Tab':[" GOOD "],'Tob':[" GOOD "," GOOD "]"), VALIDATION,
      "Provided list of item keys contains duplicates" },
};

static void a_refused_batch_writes_nothing(void **state)
{
    static const char OLD[] =
        "{'Items':[{'pk':{'S':'old'},'g':{'N':'1'}}],'Count':1,'ScannedCount':1}";
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        assert_refused(fixture, "BatchWriteItem", FAULTS[i].request, FAULTS[i].type,
                       FAULTS[i].message);
    }
    assert_answer(fixture, "Scan", "{'TableName':'Tab'}", OLD);
    assert_answer(fixture, "Scan", "{'TableName':'Tab','IndexName':'idx'}", OLD);
    assert_answer(fixture, "Scan", "{'TableName':'Tob'}",
                  "{'Items':[],'Count':0,'ScannedCount':0}");
}

/* ---- limits ---- */

static const char *puts_of(struct api_fixture *fixture, size_t count)
{
    const char *list = "";
    for (size_t i = 0; i < count; i++) {
        list = api_fixture_text(fixture, "%s%s" PUT("'pk':{'S':'%zu'}"), list, i > 0 ? "," : "", i);
    }
    return list;
}

static void twenty_five_writes_are_allowed(void **state)
{
    struct api_fixture *fixture = *state;
    assert_answer(fixture, "BatchWriteItem",
                  api_fixture_text(fixture, BATCH("'Tab':[%s]"), puts_of(fixture, 25)),
                  "{'UnprocessedItems':{}}");
    assert_answer(fixture, "Scan", "{'TableName':'Tab','Select':'COUNT'}",
                  "{'Count':26,'ScannedCount':26}");
    assert_refused(fixture, "BatchWriteItem",
                   api_fixture_text(fixture, BATCH("'Tab':[%s],'Tob':[%s]"), puts_of(fixture, 13),
                                    puts_of(fixture, 13)),
                   VALIDATION, "Too many items requested for the BatchWriteItem call");
}

/* The echo of the whole map is not the service's alone, so only the end is told here. */
static void a_table_with_none_or_too_many_is_a_failed_constraint(void **state)
{
    static const char CONSTRAINT[] =
        "failed to satisfy constraint: Map value must satisfy constraint: [Member must have length "
        "less "
        "than or equal to 25, Member must have length greater than or equal to 1]\"}";
    struct api_fixture *fixture = *state;
    const char *const REQUESTS[] = {
        BATCH("'Tab':[]"),
        api_fixture_text(fixture, BATCH("'Tab':[%s]"), puts_of(fixture, 26)),
    };
    for (size_t i = 0; i < sizeof REQUESTS / sizeof *REQUESTS; i++) {
        struct api_reply reply = call(fixture, "BatchWriteItem", REQUESTS[i]);
        assert_int_equal(reply.status, 400);
        assert_true(reply.body.length > sizeof CONSTRAINT);
        assert_string_equal(bytes_to_text(&fixture->arena, reply.body) + reply.body.length -
                                (sizeof CONSTRAINT - 1),
                            CONSTRAINT);
    }
}

/* ---- what it does ---- */

static void puts_and_deletes_reach_tables_and_indexes(void **state)
{
    struct api_fixture *fixture = *state;
    assert_answer(
        fixture, "BatchWriteItem",
        "{'RequestItems':{'Tab':[" DELETE("old") "," PUT(
            "'pk':{'S':'new'},'g':{'N':'2'}") "],'Tob':[" PUT("'pk':{'S':'old'}") "]},'"
                                                                                  "ReturnConsumedCa"
                                                                                  "pacity':'"
                                                                                  "INDEXES'}",
        "{'UnprocessedItems':{},'ConsumedCapacity':["
        "{'TableName':'Tab','CapacityUnits':4,'Table':{'CapacityUnits':2},"
        "'GlobalSecondaryIndexes':{'idx':{'CapacityUnits':2}}},"
        "{'TableName':'Tob','CapacityUnits':1,'Table':{'CapacityUnits':1}}]}");
    static const char NEW[] =
        "{'Items':[{'pk':{'S':'new'},'g':{'N':'2'}}],'Count':1,'ScannedCount':1}";
    assert_answer(fixture, "Scan", "{'TableName':'Tab'}", NEW);
    assert_answer(fixture, "Scan", "{'TableName':'Tab','IndexName':'idx'}", NEW);
    assert_answer(fixture, "Scan", "{'TableName':'Tob'}",
                  "{'Items':[{'pk':{'S':'old'}}],'Count':1,'ScannedCount':1}");
}

static void the_table_may_be_named_by_its_arn(void **state)
{
    struct api_fixture *fixture = *state;
    assert_answer(fixture, "BatchWriteItem",
                  BATCH("'arn:aws:dynamodb:eu-test-1:000000000000:table/Tob':[" GOOD "]"),
                  "{'UnprocessedItems':{}}");
    assert_answer(fixture, "Scan", "{'TableName':'Tob'}",
                  "{'Items':[{'pk':{'S':'good'}}],'Count':1,'ScannedCount':1}");
}

int main(void)
{
#define BATCH_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        BATCH_TEST(a_refused_batch_writes_nothing),
        BATCH_TEST(twenty_five_writes_are_allowed),
        BATCH_TEST(a_table_with_none_or_too_many_is_a_failed_constraint),
        BATCH_TEST(puts_and_deletes_reach_tables_and_indexes),
        BATCH_TEST(the_table_may_be_named_by_its_arn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
