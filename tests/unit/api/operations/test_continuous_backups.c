/* UpdateContinuousBackups, DescribeContinuousBackups. */

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

#define TABLE_NOT_FOUND SERVICE "TableNotFoundException"

static const char DESCRIBE[] = "{'TableName':'Tab'}";
static const char ENABLE[] =
    "{'TableName':'Tab','PointInTimeRecoverySpecification':{'PointInTimeRecoveryEnabled':true}}";
static const char DISABLE[] =
    "{'TableName':'Tab','PointInTimeRecoverySpecification':{'PointInTimeRecoveryEnabled':false}}";
static const char OFF[] =
    "{'ContinuousBackupsDescription':{'ContinuousBackupsStatus':'ENABLED',"
    "'PointInTimeRecoveryDescription':{'PointInTimeRecoveryStatus':'DISABLED'}}}";

#define SPECIFICATION(members) ",'PointInTimeRecoverySpecification':{" members "}"
#define AT                     "at 'pointInTimeRecoverySpecification."

static void what_is_wrong_is_told_in_order(void **state)
{
    static const struct row rows[] = {
        { ",'TableName':null", VALIDATION,
          "The parameter 'TableName' is required but was not present in the request" },
        { ",'PointInTimeRecoverySpecification':null", VALIDATION,
          "1 validation error detected: Value null at 'pointInTimeRecoverySpecification' failed to "
          "satisfy constraint: Member must not be null" },
        { SPECIFICATION(""), VALIDATION,
          "1 validation error detected: Value null " AT
          "pointInTimeRecoveryEnabled' failed to satisfy constraint: Member must not be null" },
        { SPECIFICATION("'PointInTimeRecoveryEnabled':false,'RecoveryPeriodInDays':0"), VALIDATION,
          "1 validation error detected: Value '0' " AT
          "recoveryPeriodInDays' failed to satisfy constraint: Member must have value greater than "
          "or equal to 1" },
        { SPECIFICATION("'PointInTimeRecoveryEnabled':true,'RecoveryPeriodInDays':36"), VALIDATION,
          "1 validation error detected: Value '36' " AT
          "recoveryPeriodInDays' failed to satisfy constraint: Member must have value less than or "
          "equal to 35" },
        { SPECIFICATION(
              "'PointInTimeRecoveryEnabled':false,'RecoveryPeriodInDays':7") ",'TableName':'none'",
          VALIDATION,
          "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time "
          "recovery." },
        { ",'TableName':'none'", TABLE_NOT_FOUND, "Table not found: none" },
    };
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_rows(fixture, "UpdateContinuousBackups",
                "'TableName':'Tab'" SPECIFICATION("'PointInTimeRecoveryEnabled':true"), rows,
                sizeof rows / sizeof *rows);
    assert_refused(fixture, "DescribeContinuousBackups", "{'TableName':'none'}", TABLE_NOT_FOUND,
                   "Table not found: none");
}

static void a_new_table_can_be_backed_up_after_a_while(void **state)
{
    static const char NOT_YET[] =
        "{'ContinuousBackupsDescription':{'ContinuousBackupsStatus':'DISABLED',"
        "'PointInTimeRecoveryDescription':{'PointInTimeRecoveryStatus':'DISABLED'}}}";
    static const char LATER[] = "Backups are being enabled for the table: Tab. Please retry later";
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "CreateTable", TABLE);
    assert_answer(fixture, "DescribeContinuousBackups", DESCRIBE, NOT_YET);
    assert_refused(fixture, "UpdateContinuousBackups", ENABLE,
                   SERVICE "ContinuousBackupsUnavailableException", LATER);
    api_fixture_advance(fixture, TABLE_CREATE_MS + BACKUPS_ENABLE_MS - 1);
    assert_answer(fixture, "DescribeContinuousBackups", DESCRIBE, NOT_YET);
    assert_refused(fixture, "UpdateContinuousBackups", ENABLE,
                   SERVICE "ContinuousBackupsUnavailableException", LATER);
    api_fixture_advance(fixture, 1);
    assert_answer(fixture, "DescribeContinuousBackups", DESCRIBE, OFF);
}

/* The clock stands at 1767225600 when the fixture opens. */
static void the_window_begins_with_the_recovery(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "CreateTable", TABLE);
    api_fixture_advance(fixture, 10000);
    const struct cJSON *reply = assert_accepted(fixture, "UpdateContinuousBackups", ENABLE);
    assert_member_is(fixture, reply, "ContinuousBackupsDescription.PointInTimeRecoveryDescription",
                     "{'PointInTimeRecoveryStatus':'ENABLED','RecoveryPeriodInDays':35,"
                     "'EarliestRestorableDateTime':1767225610,"
                     "'LatestRestorableDateTime':1767225610}");
    api_fixture_advance(fixture, 400000);
    (void)assert_accepted(fixture, "UpdateContinuousBackups", ENABLE); /* changes nothing */
    reply = assert_accepted(fixture, "DescribeContinuousBackups", DESCRIBE);
    assert_member_is(fixture, reply, "ContinuousBackupsDescription.PointInTimeRecoveryDescription",
                     "{'PointInTimeRecoveryStatus':'ENABLED','RecoveryPeriodInDays':35,"
                     "'EarliestRestorableDateTime':1767225610,"
                     "'LatestRestorableDateTime':1767225710}");
    assert_answer(fixture, "UpdateContinuousBackups", DISABLE, OFF);
    assert_answer(fixture, "UpdateContinuousBackups", DISABLE, OFF);
    reply = assert_accepted(fixture, "UpdateContinuousBackups", ENABLE);
    assert_member_is(fixture, reply,
                     "ContinuousBackupsDescription.PointInTimeRecoveryDescription."
                     "EarliestRestorableDateTime",
                     "1767226010");
}

static void the_window_is_as_long_as_asked_for(void **state)
{
    struct api_fixture *fixture = *state;
    (void)assert_accepted(fixture, "CreateTable", TABLE);
    api_fixture_advance(fixture, 10000);
    (void)assert_accepted(fixture, "UpdateContinuousBackups",
                          "{'TableName':'Tab','PointInTimeRecoverySpecification':{"
                          "'PointInTimeRecoveryEnabled':true,'RecoveryPeriodInDays':1}}");
    api_fixture_advance(fixture, INT64_C(2) * 24 * 60 * 60 * 1000);
    const struct cJSON *reply = assert_accepted(fixture, "DescribeContinuousBackups", DESCRIBE);
    assert_member_is(fixture, reply, "ContinuousBackupsDescription.PointInTimeRecoveryDescription",
                     "{'PointInTimeRecoveryStatus':'ENABLED','RecoveryPeriodInDays':1,"
                     "'EarliestRestorableDateTime':1767312010,"
                     "'LatestRestorableDateTime':1767398110}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(what_is_wrong_is_told_in_order),
        API_TEST(a_new_table_can_be_backed_up_after_a_while),
        API_TEST(the_window_begins_with_the_recovery),
        API_TEST(the_window_is_as_long_as_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
