/* UpdateTimeToLive, DescribeTimeToLive: checks in order, states, and items that expire. */

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

struct row {
    const char *difference; /* appended to a valid request */
    const char *type;
    const char *message;
};

static void assert_rows(struct api_fixture *fixture,
                        const char *operation,
                        const char *valid,
                        const struct row *rows,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *request = api_fixture_text(fixture, "{%s%s}", valid, rows[i].difference);
        assert_refused(fixture, operation, request, rows[i].type, rows[i].message);
    }
}

static const char DESCRIBE[] = "{'TableName':'Tab'}";
static const char COOL_DOWN[] =
    "Time to live has been modified multiple times within a fixed interval";

static void set(struct api_fixture *fixture, const char *enabled, const char *attribute)
{
    const char *specification =
        api_fixture_text(fixture, "{'TimeToLiveSpecification':{'Enabled':%s,'AttributeName':'%s'}}",
                         enabled, attribute);
    assert_answer(fixture, "UpdateTimeToLive",
                  api_fixture_text(fixture,
                                   "{'TableName':'Tab','TimeToLiveSpecification':{'Enabled':%s,"
                                   "'AttributeName':'%s'}}",
                                   enabled, attribute),
                  specification);
}

static void
refuse(struct api_fixture *fixture, const char *enabled, const char *attribute, const char *message)
{
    assert_refused(fixture, "UpdateTimeToLive",
                   api_fixture_text(fixture,
                                    "{'TableName':'Tab','TimeToLiveSpecification':{'Enabled':%s,"
                                    "'AttributeName':'%s'}}",
                                    enabled, attribute),
                   VALIDATION, message);
}

#define SPECIFICATION(members) ",'TimeToLiveSpecification':{" members "}"
#define NULL_AT(member)                                                                            \
    "Value null at 'timeToLiveSpecification." member                                               \
    "' failed to satisfy constraint: Member must not be null"

static void what_is_wrong_is_told_in_order(void **state)
{
    static const struct row rows[] = {
        { ",'TableName':null", VALIDATION,
          "The parameter 'TableName' is required but was not present in the request" },
        { ",'TimeToLiveSpecification':null", VALIDATION,
          "1 validation error detected: Value null at 'timeToLiveSpecification' failed to satisfy "
          "constraint: Member must not be null" },
        { SPECIFICATION(""), VALIDATION,
          "2 validation errors detected: " NULL_AT("attributeName") "; " NULL_AT("enabled") },
        { SPECIFICATION("'Enabled':true"), VALIDATION,
          "1 validation error detected: " NULL_AT("attributeName") },
        { SPECIFICATION("'AttributeName':'a'") ",'TableName':'none'", VALIDATION,
          "1 validation error detected: " NULL_AT("enabled") },
        { SPECIFICATION("'Enabled':true,'AttributeName':''"), VALIDATION,
          "1 validation error detected: Value '' at 'timeToLiveSpecification.attributeName' failed "
          "to satisfy constraint: Member must have length greater than or equal to 1" },
        { ",'TableName':'none'", NOT_FOUND, "Requested resource not found: Table: none not found" },
    };
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_rows(fixture, "UpdateTimeToLive",
                "'TableName':'Tab','TimeToLiveSpecification':{'Enabled':true,'AttributeName':'a'}",
                rows, sizeof rows / sizeof *rows);
    assert_refused(fixture, "DescribeTimeToLive", "{'TableName':'none'}", NOT_FOUND,
                   "Requested resource not found: Table: none not found");
}

static void states_end_by_the_clock(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_answer(fixture, "DescribeTimeToLive", DESCRIBE,
                  "{'TimeToLiveDescription':{'TimeToLiveStatus':'DISABLED'}}");
    set(fixture, "true", "pk"); /* a key attribute is allowed */
    assert_answer(fixture, "DescribeTimeToLive", DESCRIBE,
                  "{'TimeToLiveDescription':{'TimeToLiveStatus':'ENABLING','AttributeName':'pk'}}");
    api_fixture_advance(fixture, TTL_UPDATE_MS);
    assert_answer(fixture, "DescribeTimeToLive", DESCRIBE,
                  "{'TimeToLiveDescription':{'TimeToLiveStatus':'ENABLED','AttributeName':'pk'}}");
    api_fixture_advance(fixture, TTL_PAUSE_MS);
    set(fixture, "false", "pk");
    assert_answer(
        fixture, "DescribeTimeToLive", DESCRIBE,
        "{'TimeToLiveDescription':{'TimeToLiveStatus':'DISABLING','AttributeName':'pk'}}");
    api_fixture_advance(fixture, TTL_UPDATE_MS);
    assert_answer(fixture, "DescribeTimeToLive", DESCRIBE,
                  "{'TimeToLiveDescription':{'TimeToLiveStatus':'DISABLED'}}");
}

static void a_change_must_change_something_and_not_come_too_soon(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    refuse(fixture, "false", "a", "TimeToLive is already disabled");
    set(fixture, "true", "a");
    refuse(fixture, "true", "a", "TimeToLive is already enabled");
    refuse(fixture, "true", "b",
           "TimeToLive is active on a different AttributeName: current AttributeName is a");
    refuse(fixture, "false", "b",
           "TimeToLive is active on a different AttributeName: current AttributeName is a");
    refuse(fixture, "false", "a", COOL_DOWN);
    api_fixture_advance(fixture, TTL_PAUSE_MS - 1);
    refuse(fixture, "false", "a", COOL_DOWN);
    api_fixture_advance(fixture, 1);
    set(fixture, "false", "a");
    refuse(fixture, "true", "b", COOL_DOWN);
    refuse(fixture, "false", "a", "TimeToLive is already disabled");
    api_fixture_advance(fixture, TTL_PAUSE_MS);
    set(fixture, "true", "b");
}

static void the_state_of_the_table_counts(void **state)
{
    static const char ENABLE[] =
        "{'TableName':'Tab','TimeToLiveSpecification':{'Enabled':true,'AttributeName':'a'}}";
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "CreateTable", TABLE);
    assert_refused(fixture, "UpdateTimeToLive", ENABLE, IN_USE,
                   STILL_IN_USE "Table Tab is being created");
    assert_refused(fixture, "DescribeTimeToLive", DESCRIBE, VALIDATION,
                   "Cannot describe time to live while table is in CREATING state: Current table "
                   "state is CREATING");
    api_fixture_advance(fixture, TABLE_CREATE_MS);
    (void)assert_accepted(fixture, "DeleteTable", DESCRIBE);
    assert_refused(fixture, "DescribeTimeToLive", DESCRIBE, VALIDATION,
                   "Cannot describe time to live while table is in DELETING state: Current table "
                   "state is DELETING");
    (void)assert_accepted(fixture, "UpdateTimeToLive", ENABLE);
    api_fixture_advance(fixture, TABLE_DELETE_MS);
    create_table(fixture, TABLE);
    assert_answer(fixture, "DescribeTimeToLive", DESCRIBE,
                  "{'TimeToLiveDescription':{'TimeToLiveStatus':'DISABLED'}}");
}

/* The clock stands at 1767225600 when the fixture opens. */
static void items_are_seen_until_they_are_deleted(void **state)
{
    static const char GET[] = "{'TableName':'Tab','Key':{'pk':{'S':'old'}}}";
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    put_items(fixture, "Tab",
              (const char *const[]){ "{'pk':{'S':'old'},'at':{'N':'1767225000'}}",
                                     "{'pk':{'S':'later'},'at':{'N':'1767225660'}}",
                                     "{'pk':{'S':'text'},'at':{'S':'1767225000'}}",
                                     "{'pk':{'S':'none'}}", NULL });
    set(fixture, "true", "at");
    api_fixture_settle(fixture); /* a sweep, while it is ENABLING still */
    api_fixture_advance(fixture, TTL_SWEEP_MS - 1);
    assert_answer(fixture, "GetItem", GET, "{'Item':{'pk':{'S':'old'},'at':{'N':'1767225000'}}}");
    api_fixture_advance(fixture, 1);
    assert_answer(fixture, "GetItem", GET, "{}");
    const struct cJSON *reply = assert_accepted(fixture, "Scan", DESCRIBE);
    assert_member_is(fixture, reply, "Count", "3");
    api_fixture_advance(fixture, TTL_SWEEP_MS); /* 1767225680 */
    reply = assert_accepted(fixture, "Scan", DESCRIBE);
    assert_member_is(fixture, reply, "Count", "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(what_is_wrong_is_told_in_order),
        API_TEST(states_end_by_the_clock),
        API_TEST(a_change_must_change_something_and_not_come_too_soon),
        API_TEST(the_state_of_the_table_counts),
        API_TEST(items_are_seen_until_they_are_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
