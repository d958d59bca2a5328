/*
 * What one UpdateTable may ask for at once: every pair of changes, which of several refusals is
 * told, what counts as a change, and what a refused call leaves behind.
 */

#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* ---- every pair ---- */

enum { CHANGES_COUNT = 13 };

static const char *const CHANGES[CHANGES_COUNT] = {
    UNITS("11", "11"),
    ON_DEMAND,
    STREAM("NEW_IMAGE"),
    ENCRYPT("'Enabled':true"),
    INFREQUENT,
    PROTECT("true"),
    MAX("7", "7"),
    WARM("13000", "5000"),
    UPDATES(CREATE("new", KEY(HASH("a")) "," ALL)),
    UPDATES(DELETE("one")),
    UPDATES(UPDATE("one", MAX("5", "5"))),
    "'ReplicaUpdates':[{'Create':{'RegionName':'eu-west-1'}}]",
    PROVISIONED "," UNITS("11", "11"),
};

/* The text that a letter below stands for. */
static const struct {
    char letter;
    const char *message;
} TEXTS[] = {
    { 's',
      INVALID "Server-Side Encryption modification must be the only operation in the request" },
    { 'c', INVALID "TableClass modification must be the only operation in the request" },
    { 'd', INVALID "DeletionProtection modification must be the only operation in the request" },
    { 'r', INVALID "Replica modification must be the only operation in the request" },
    { 'o', INVALID
      "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request" },
    { 'w', INVALID "WarmThroughput must be the only operation in the request" },
    { 'g',
      INVALID "Create global secondary index cannot be specified when updating WarmThroughput" },
    { 'i', INVALID "You cannot modify stream status while updating table IOPS" },
    { 'x', INVALID "You cannot create or delete index while updating table IOPS" },
    { 'y', INVALID "You cannot create or delete index while changing stream status" },
    { 'p',
      INVALID "ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST" },
};

/*
 * Row and column: two of CHANGES; '.': they may be combined, ' ': they are one member, or the cell
 * is on the other side.
 */
static const char *const PAIRS[CHANGES_COUNT] = {
    /* units    */ " piscdowxx.r ",
    /* demand   */ "  .scd.w...r ",
    /* stream   */ "   scdowyy.ri",
    /* encrypt  */ "    sssssssss",
    /* class    */ "     cccccccc",
    /* protect  */ "      ddddddd",
    /* limits   */ "       ooooro",
    /* warm     */ "        gwwrw",
    /* create   */ "           rx",
    /* delete   */ "           rx",
    /* update   */ "           r.",
    /* replica  */ "            r",
    /* provision*/ "             ",
};

static const char *text_of(char letter)
{
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        if (TEXTS[i].letter == letter) {
            return TEXTS[i].message;
        }
    }
    fail_msg("no text for %c", letter);
    return NULL;
}

/* There is no table, so that what may be combined meets the next check. */
static void every_pair_is_admitted_or_refused_before_the_table(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < CHANGES_COUNT; i++) {
        assert_int_equal(strlen(PAIRS[i]), CHANGES_COUNT);
        for (size_t j = i + 1; j < CHANGES_COUNT; j++) {
            char letter = PAIRS[i][j];
            const char *request =
                api_fixture_text(fixture, "{'TableName':'None',%s,%s}", CHANGES[i], CHANGES[j]);
            if (letter == '.') {
                assert_refused(fixture, "UpdateTable", request, NOT_FOUND,
                               "Requested resource not found: Table: None not found");
            } else if (letter != ' ') {
                assert_refused(fixture, "UpdateTable", request, VALIDATION, text_of(letter));
            }
        }
    }
}

/* ---- several at once, and what comes before and after ---- */

static const struct {
    const char *members;
    const char *message;
} SEVERAL[] = {
    { WARM("1", "1") "," PROTECT("true") "," INFREQUENT "," ENCRYPT("'Enabled':true"),
      INVALID "Server-Side Encryption modification must be the only operation in the request" },
    { WARM("1", "1") "," PROTECT("true") "," INFREQUENT,
      INVALID "TableClass modification must be the only operation in the request" },
    { WARM("1", "1") "," MAX("1", "1") "," PROTECT("true"),
      INVALID "DeletionProtection modification must be the only operation in the request" },
    { STREAM("NEW_IMAGE") "," WARM("1", "1") "," MAX("1", "1"), INVALID
      "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request" },
    { UNITS("1", "1") "," STREAM("NEW_IMAGE") "," UPDATES(DELETE("one")),
      INVALID "You cannot modify stream status while updating table IOPS" },

    /* an index's empty warm throughput before everything, the form of other entries after it */
    { INFREQUENT "," ENCRYPT("'Enabled':true") "," UPDATES(UPDATE("one", WARM_OF("")) ",{}"),
      INVALID "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond "
              "specified for index: one" },
    { INFREQUENT "," UPDATES("{}"),
      INVALID "TableClass modification must be the only operation in the request" },
    { STREAM("NEW_IMAGE") ",'GlobalSecondaryIndexUpdates':[]",
      INVALID "List of GlobalSecondaryIndexUpdates is empty" },
    { INFREQUENT "," PROTECT("true") ",'GlobalSecondaryIndexUpdates':[]",
      INVALID "List of GlobalSecondaryIndexUpdates is empty" },

    /* then each member by itself: stream, encryption, class, entries, billing */
    { "'StreamSpecification':{'StreamEnabled':true}," UPDATES("{}"),
      INVALID "If stream is being enabled then UpdateViewType is required" },
    { "'StreamSpecification':{'StreamEnabled':false,'StreamViewType':'KEYS_ONLY'}," ON_DEMAND,
      INVALID "If stream is being disabled, then UpdateViewType must not be specified" },
    { ENCRYPT("'Enabled':false,'SSEType':'KMS'"),
      INVALID "SSEType can not be specified if Enabled is false" },
    { CLASS("WARM"),
      "Invalid table-class parameter provided. Please try again with a valid table-class value: "
      "[STANDARD, STANDARD_INFREQUENT_ACCESS]." },
    { PROVISIONED "," UPDATES("{}"),
      INVALID "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
              "GlobalSecondaryIndexUpdate.Delete must not be null" },
    { PROVISIONED,
      INVALID "ProvisionedThroughput must be specified when BillingMode is PROVISIONED" },
    { PROVISIONED "," UPDATES(UPDATE("one", UNITS("1", "1"))),
      INVALID "ProvisionedThroughput must be specified when BillingMode is PROVISIONED" },
    { PROVISIONED "," STREAM("NEW_IMAGE"),
      INVALID "You cannot modify stream status while updating table IOPS" },
};

static void of_several_faults_the_first_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof SEVERAL / sizeof *SEVERAL; i++) {
        assert_refused(fixture, "UpdateTable",
                       api_fixture_text(fixture, "{'TableName':'None',%s}", SEVERAL[i].members),
                       VALIDATION, SEVERAL[i].message);
    }
}

/* ---- empty structures ---- */

static const char TABLE[] =
    TAB(DEFINE(S("pk") "," S("a")) "," KEY(HASH("pk")) "," ON_DEMAND "," GSIS(GSI("one", "a", "")));

static struct bytes describe(struct api_fixture *fixture)
{
    return call(fixture, "DescribeTable", TAB_ALONE).body;
}

static void an_empty_structure_beside_a_change_is_none(void **state)
{
    static const char *const ROWS[] = {
        TAB(WARM_OF("") "," PROTECT("false")),
        TAB(WARM_OF("") "," CLASS("STANDARD")),
        TAB(LIMITS("") "," ON_DEMAND),
        TAB(LIMITS("") "," WARM_OF("") "," WARM_OF("'x':1") "," ON_DEMAND),
    };
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    struct bytes before = describe(fixture);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        (void)assert_accepted(fixture, "UpdateTable", ROWS[i]);
        assert_true(bytes_equal(before, describe(fixture)));
    }
}

static void an_empty_structure_alone_is_a_failure_of_the_service(void **state)
{
    static const char *const ROWS[] = {
        WARM_OF(""),
        LIMITS(""),
        LIMITS("") "," WARM_OF(""),
        LIMITS("'MaxReadRequestUnits':null") "," DEFINE(S("pk")),
    };
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        assert_failed(fixture, "UpdateTable",
                      api_fixture_text(fixture, "{'TableName':'Tab',%s}", ROWS[i]), FAILURE, "");
        assert_refused(fixture, "UpdateTable",
                       api_fixture_text(fixture, "{'TableName':'None',%s}", ROWS[i]), NOT_FOUND,
                       "Requested resource not found: Table: None not found");
    }
    assert_refused(fixture, "UpdateTable", TAB(WARM_OF("") "," UNITS("1", "1")), VALIDATION,
                   INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                           "BillingMode is PAY_PER_REQUEST");
}

/* ---- what a refused call leaves behind ---- */

static const struct {
    const char *members;
    const char *type;
    const char *message;
} LATE[] = {
    /* the table's own change is at fault, that of an index not */
    { DEFINE(S("b")) "," MAX("1", "50000") "," ON_DEMAND, LIMIT,
      "Subscriber limit exceeded: Requested MaxWriteRequestUnits for OnDemandThroughput for table "
      "exceeds TableMaxWriteCapacityUnits of the account in region eu-test-1" },
    { DEFINE(S("b")) "," NO_STREAM "," UPDATES(UPDATE("one", MAX("9", "9"))), VALIDATION,
      "Table has no stream to disable: TableName: Tab" },
    { DEFINE(S("b")) "," ON_DEMAND "," NO_STREAM, VALIDATION,
      "Table has no stream to disable: TableName: Tab" },
    /* the second entry is, the first not */
    { DEFINE(S("b")) "," UPDATES(
          CREATE("new", KEY(HASH("b")) "," ALL) "," UPDATE("none", MAX("1", "1"))),
      NOT_FOUND, "Requested resource not found: Index none for table Tab" },
    { DEFINE(S("b")) "," UPDATES(
          UPDATE("one", MAX("9", "9")) "," CREATE("new", KEY(HASH("b")) ",'Projection':{}")),
      VALIDATION, INVALID "Unknown ProjectionType: null" },
    { UPDATES(UPDATE("one", MAX("9", "9")) "," UPDATE("none", MAX("1", "1"))), NOT_FOUND,
      "Requested resource not found: Index none for table Tab" },
};

static void a_refused_call_leaves_nothing_behind(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    struct bytes before = describe(fixture);
    for (size_t i = 0; i < sizeof LATE / sizeof *LATE; i++) {
        assert_refused(fixture, "UpdateTable",
                       api_fixture_text(fixture, "{'TableName':'Tab',%s}", LATE[i].members),
                       LATE[i].type, LATE[i].message);
        assert_true(bytes_equal(before, describe(fixture)));
    }
    api_fixture_advance(fixture, INT64_C(3600000));
    assert_true(bytes_equal(before, describe(fixture)));
}

/* ---- both changes of a pair happen ---- */

static void a_switch_and_a_stream_go_together(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TAB(DEFINE(S("pk")) "," KEY(HASH("pk")) "," UNITS("5", "5")));
    const struct cJSON *reply =
        assert_accepted(fixture, "UpdateTable", TAB(ON_DEMAND "," STREAM("KEYS_ONLY")));
    assert_member_is(fixture, reply, "TableDescription.BillingModeSummary.BillingMode",
                     "'PAY_PER_REQUEST'");
    assert_member_is(fixture, reply, "TableDescription.StreamSpecification.StreamViewType",
                     "'KEYS_ONLY'");
    api_fixture_advance(fixture, STREAM_UPDATE_MS);
    reply = assert_accepted(fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(fixture, reply, "Table.TableStatus", "'ACTIVE'");
}

static void a_switch_and_limits_go_together(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TAB(DEFINE(S("pk") "," S("a")) "," KEY(HASH("pk")) "," UNITS(
                              "5", "5") "," GSIS(GSI("one", "a", "," UNITS("5", "5")))));
    (void)assert_accepted(fixture, "UpdateTable", TAB(ON_DEMAND "," MAX("100", "200")));
    api_fixture_advance(fixture, BILLING_ON_DEMAND_MS);
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(fixture, reply, "Table.OnDemandThroughput",
                     "{'MaxReadRequestUnits':100,'MaxWriteRequestUnits':200}");
}

static void a_switch_and_limits_of_an_index_go_together(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TAB(DEFINE(S("pk") "," S("a")) "," KEY(HASH("pk")) "," UNITS(
                              "5", "5") "," GSIS(GSI("one", "a", "," UNITS("5", "5")))));
    (void)assert_accepted(fixture, "UpdateTable",
                          TAB(ON_DEMAND "," UPDATES(UPDATE("one", MAX("100", "200")))));
    api_fixture_advance(fixture, BILLING_ON_DEMAND_MS);
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.0.OnDemandThroughput",
                     "{'MaxReadRequestUnits':100,'MaxWriteRequestUnits':200}");
}

/* The index is made for the mode that the table becomes. */
static void a_switch_and_a_new_index_go_together(void **state)
{
    static const char NEW[] = "Table.GlobalSecondaryIndexes.0";
    struct api_fixture *fixture = *state;
    create_table(fixture, TAB(DEFINE(S("pk")) "," KEY(HASH("pk")) "," UNITS("5", "5")));
    (void)assert_accepted(
        fixture, "UpdateTable",
        TAB(ON_DEMAND "," DEFINE(S("b")) "," UPDATES(CREATE("new", KEY(HASH("b")) "," ALL))));
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(fixture, json_at(reply, NEW), "IndexStatus", "'CREATING'");
    assert_member_is(fixture, json_at(reply, NEW), "WarmThroughput",
                     "{'ReadUnitsPerSecond':12000,'WriteUnitsPerSecond':4000,'Status':'UPDATING'}");
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    reply = assert_accepted(fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(fixture, reply, "Table.TableStatus", "'UPDATING'"); /* the switch goes on */
    assert_member_is(fixture, json_at(reply, NEW), "Backfilling", "true");
    api_fixture_advance(fixture, BILLING_ON_DEMAND_MS + INDEX_BACKFILL_MS);
    reply = assert_accepted(fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(fixture, reply, "Table.TableStatus", "'ACTIVE'");
    assert_member_is(fixture, reply, "Table.BillingModeSummary.BillingMode", "'PAY_PER_REQUEST'");
    assert_member_is(fixture, json_at(reply, NEW), "IndexStatus", "'ACTIVE'");
    assert_refused(fixture, "UpdateTable",
                   TAB(PROVISIONED "," UNITS("1", "1") "," DEFINE(S("c")) "," UPDATES(
                       CREATE("newer", KEY(HASH("c")) "," ALL))),
                   VALIDATION,
                   INVALID "You cannot create or delete index while updating table IOPS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(every_pair_is_admitted_or_refused_before_the_table),
        API_TEST(of_several_faults_the_first_is_told),
        API_TEST(an_empty_structure_beside_a_change_is_none),
        API_TEST(an_empty_structure_alone_is_a_failure_of_the_service),
        API_TEST(a_refused_call_leaves_nothing_behind),
        API_TEST(a_switch_and_a_stream_go_together),
        API_TEST(a_switch_and_limits_go_together),
        API_TEST(a_switch_and_limits_of_an_index_go_together),
        API_TEST(a_switch_and_a_new_index_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
