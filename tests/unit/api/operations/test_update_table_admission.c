/*
 * What a table admits while something of it changes: every state with every request. (What indexes
 * admit of each other: test_update_table_indexes.c.)
 */

#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KEYS DEFINE(S("pk") "," S("a")) "," KEY(HASH("pk"))

static const char DEMAND[] = TAB(KEYS "," ON_DEMAND "," GSIS(GSI("one", "a", "")));
static const char TEN[] =
    TAB(KEYS "," UNITS("10", "10") "," GSIS(GSI("one", "a", "," UNITS("10", "10"))));

#define MAKE(members) TAB(DEFINE(S("b")) "," UPDATES(CREATE("new", KEY(HASH("b")) "," ALL members)))
#define ENCRYPTED     TAB(ENCRYPT("'Enabled':true"))
#define TO_PROVISIONED                                                                             \
    TAB(PROVISIONED "," UNITS("5", "5") "," UPDATES(UPDATE("one", UNITS("5", "5"))))

/* How each state is reached. */
enum {
    THROUGHPUT,  /* provisioned: more units are coming */
    TO_DEMAND,   /* provisioned, on its way to on-demand */
    FROM_DEMAND, /* on demand, on its way to provisioned */
    STREAM_ON,   /* on demand, as all below; STREAM_OFF: a stream that goes */
    STREAM_OFF,
    CLASS_CHANGE,
    ENCRYPTION,
    WARMING,
    ALLOCATING, /* an index `new` */
    BACKFILLING,
    DELETING_INDEX, /* the index `one` */
    STATES_COUNT,
};

static const struct {
    const char *table;
    const char *requests[2];
    int64_t advance_ms[2]; /* after each */
} STATES[STATES_COUNT] = {
    [THROUGHPUT] = { TEN, { TAB(UNITS("20", "20")) }, { 0 } },
    [TO_DEMAND] = { TEN, { TAB(ON_DEMAND) }, { INDEX_UPDATE_MS } },
    [FROM_DEMAND] = { DEMAND, { TO_PROVISIONED }, { INDEX_UPDATE_MS } },
    [STREAM_ON] = { DEMAND, { TAB(STREAM("NEW_IMAGE")) }, { 0 } },
    [STREAM_OFF] = { DEMAND,
                     { TAB(STREAM("NEW_IMAGE")), TAB(NO_STREAM) },
                     { STREAM_UPDATE_MS, 0 } },
    [CLASS_CHANGE] = { DEMAND, { TAB(INFREQUENT) }, { 0 } },
    [ENCRYPTION] = { DEMAND, { ENCRYPTED }, { 0 } },
    [WARMING] = { DEMAND, { TAB(WARM("13000", "5000")) }, { 0 } },
    [ALLOCATING] = { DEMAND, { MAKE("") }, { 0 } },
    [BACKFILLING] = { DEMAND, { MAKE("") }, { INDEX_ALLOCATE_MS } },
    [DELETING_INDEX] = { DEMAND, { TAB(UPDATES(DELETE("one"))) }, { 0 } },
};

#define BUSY     IN_USE, STILL_IN_USE
#define ADMITTED NULL, NULL

#define IOPS_BUSY        BUSY "Table IOPS are currently being updated. Table: Tab"
#define WHILE_IOPS(what) BUSY what " while table IOPS are being updated. Table: Tab"
#define WHEN_STREAM(what, label, operation)                                                        \
    BUSY what                                                                                      \
        " when stream status is being updated. Table: Tab Stream: 2026-01-01T00:00:00." label      \
        " Operation: " operation
#define WHEN_CLASS(what)                                                                           \
    BUSY what " when a table class update is in progress. Table: Tab TableClassUpdateInProgress: " \
              "STANDARD_INFREQUENT_ACCESS"
#define WHEN_CREATED(what) BUSY what " when an index is being created. Table: Tab Indexes: [new]"
#define WHEN_DELETED(what) BUSY what " when an index is being deleted. Table: Tab Indexes: [one]"
#define LIMITS_BUSY(what)  BUSY "OnDemandThroughput cannot be updated while " what
#define NO_UNITS                                                                                   \
    VALIDATION, INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "  \
                        "BillingMode is PAY_PER_REQUEST"
#define NO_LIMITS                                                                                  \
    VALIDATION, INVALID "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the " \
                        "table BillingMode is PROVISIONED"
#define INDEXES_BUSY                                                                               \
    BUSY "Cannot delete table while indexes are being created, updated, or deleted."
#define TABLE_BUSY BUSY "Table: Tab is in the process of being updated."

#define IOPS   "Can't change table IOPS"
#define INDEX  "Can't create or delete an index"
#define KLASS  "Can't update table class"
#define STATUS "Can't change stream status"

static const struct {
    int in;
    const char *request; /* of UpdateTable; NULL: DeleteTable */
    const char *type;    /* NULL: admitted */
    const char *message;
} CELLS[] = {
    { THROUGHPUT, TAB(UNITS("30", "30")), IOPS_BUSY },
    { THROUGHPUT, TAB(UNITS("10", "10")), IOPS_BUSY }, /* not "will not change" */
    { THROUGHPUT, TAB(ON_DEMAND), IOPS_BUSY },
    { THROUGHPUT, TAB(STREAM("NEW_IMAGE")), WHILE_IOPS("Can't enable or disable stream") },
    { THROUGHPUT, TAB(INFREQUENT), WHILE_IOPS(KLASS) },
    { THROUGHPUT, MAKE("," UNITS("1", "1")), WHILE_IOPS("Can't create or delete indexes") },
    { THROUGHPUT, TAB(UPDATES(DELETE("one"))), WHILE_IOPS("Can't create or delete indexes") },
    { THROUGHPUT, TAB(UPDATES(UPDATE("one", UNITS("20", "20")))), ADMITTED },
    { THROUGHPUT, TAB(MAX("1", "1")), NO_LIMITS },
    { THROUGHPUT, TAB(WARM("50", "50")), ADMITTED },
    { THROUGHPUT, ENCRYPTED, ADMITTED },
    { THROUGHPUT, TAB(PROTECT("true")), ADMITTED },
    { THROUGHPUT, NULL, TABLE_BUSY },

    { TO_DEMAND, TAB(UNITS("30", "30")), IOPS_BUSY },
    { TO_DEMAND, TAB(PROVISIONED "," UNITS("10", "10")), IOPS_BUSY },
    { TO_DEMAND, TAB(ON_DEMAND), IOPS_BUSY },
    { TO_DEMAND, TAB(STREAM("NEW_IMAGE")), WHILE_IOPS("Can't enable or disable stream") },
    { TO_DEMAND, TAB(INFREQUENT), WHILE_IOPS(KLASS) },
    { TO_DEMAND, MAKE(""), WHILE_IOPS("Can't create or delete indexes") },
    { TO_DEMAND, TAB(MAX("1", "1")), NO_LIMITS }, /* as of the mode it comes from */
    { TO_DEMAND, TAB(WARM("13000", "5000")), ADMITTED },
    { TO_DEMAND, ENCRYPTED, ADMITTED },
    { TO_DEMAND, TAB(PROTECT("true")), ADMITTED },
    { TO_DEMAND, NULL, TABLE_BUSY },

    { FROM_DEMAND, TAB(UNITS("30", "30")), IOPS_BUSY },
    { FROM_DEMAND, TAB(PROVISIONED "," UNITS("30", "30")), IOPS_BUSY },
    { FROM_DEMAND, TAB(ON_DEMAND), ADMITTED },
    { FROM_DEMAND, TAB(STREAM("NEW_IMAGE")), WHILE_IOPS("Can't enable or disable stream") },
    { FROM_DEMAND, TAB(INFREQUENT), WHILE_IOPS(KLASS) },
    { FROM_DEMAND, MAKE(""), WHILE_IOPS("Can't create or delete indexes") },
    { FROM_DEMAND, TAB(MAX("1", "1")), LIMITS_BUSY("BillingMode update is in progress") },
    { FROM_DEMAND, TAB(WARM("13000", "5000")), ADMITTED },
    { FROM_DEMAND, ENCRYPTED, ADMITTED },
    { FROM_DEMAND, TAB(PROTECT("true")), ADMITTED },
    { FROM_DEMAND, NULL, TABLE_BUSY },

    { STREAM_ON, TAB(STREAM("NEW_IMAGE")),
      BUSY "A stream status change is currently in progress. Table: Tab Stream: "
           "2026-01-01T00:00:00.150 Operation: ENABLE" },
    { STREAM_ON, TAB(NO_STREAM),
      BUSY "A stream status change is currently in progress. Table: Tab Stream: "
           "2026-01-01T00:00:00.150 Operation: ENABLE" },
    { STREAM_ON, TO_PROVISIONED, WHEN_STREAM(IOPS, "150", "ENABLE") },
    { STREAM_ON, TAB(ON_DEMAND), ADMITTED },
    { STREAM_ON, TAB(INFREQUENT), WHEN_STREAM(KLASS, "150", "ENABLE") },
    { STREAM_ON, MAKE(""), WHEN_STREAM(INDEX, "150", "ENABLE") },
    { STREAM_ON, TAB(UPDATES(DELETE("one"))), WHEN_STREAM(INDEX, "150", "ENABLE") },
    { STREAM_ON, TAB(UPDATES(UPDATE("one", MAX("9", "9")))), ADMITTED },
    { STREAM_ON, TAB(MAX("1", "1")), LIMITS_BUSY("stream status update is in progress") },
    { STREAM_ON, TAB(WARM("13000", "5000")), ADMITTED },
    { STREAM_ON, ENCRYPTED, ADMITTED },
    { STREAM_ON, TAB(PROTECT("true")), ADMITTED },
    { STREAM_ON, NULL, BUSY "Cannot delete table while stream is being enabled/disabled." },

    { STREAM_OFF, TAB(INFREQUENT), WHEN_STREAM(KLASS, "150", "DISABLE") },
    { STREAM_OFF, NULL, BUSY "Cannot delete table while stream is being enabled/disabled." },

    { CLASS_CHANGE, TAB(INFREQUENT), WHEN_CLASS(KLASS) },
    { CLASS_CHANGE, TAB(CLASS("STANDARD")), WHEN_CLASS(KLASS) },
    { CLASS_CHANGE, TAB(STREAM("NEW_IMAGE")), WHEN_CLASS(STATUS) },
    { CLASS_CHANGE, TAB(PROVISIONED "," UNITS("5", "5")), WHEN_CLASS(IOPS) },
    { CLASS_CHANGE, TAB(ON_DEMAND), ADMITTED },
    { CLASS_CHANGE, MAKE(""), WHEN_CLASS(INDEX) },
    { CLASS_CHANGE, TAB(MAX("1", "1")),
      LIMITS_BUSY("TableClass update is in progress. TableClassUpdateInProgress: "
                  "STANDARD_INFREQUENT_ACCESS") },
    { CLASS_CHANGE, TAB(WARM("13000", "5000")), ADMITTED },
    { CLASS_CHANGE, ENCRYPTED, ADMITTED },
    { CLASS_CHANGE, TAB(PROTECT("true")), ADMITTED },
    { CLASS_CHANGE, TAB(UPDATES(DELETE("one"))),
      BUSY "Index is being updated.  Table: Tab Index: one" },
    { CLASS_CHANGE, NULL, INDEXES_BUSY },

    { ENCRYPTION, TAB(UNITS("30", "30")), NO_UNITS },
    { ENCRYPTION, TO_PROVISIONED, ADMITTED },
    { ENCRYPTION, TAB(STREAM("NEW_IMAGE")), ADMITTED },
    { ENCRYPTION, TAB(INFREQUENT), ADMITTED },
    { ENCRYPTION, MAKE(""), ADMITTED },
    { ENCRYPTION, TAB(UPDATES(DELETE("one"))), ADMITTED },
    { ENCRYPTION, TAB(MAX("1", "1")), ADMITTED },
    { ENCRYPTION, TAB(WARM("13000", "5000")), ADMITTED },
    { ENCRYPTION, ENCRYPTED, ADMITTED },
    { ENCRYPTION, TAB(ENCRYPT("'Enabled':false")),
      BUSY "Server-Side Encryption is still being updated" },
    { ENCRYPTION, TAB(PROTECT("true")), ADMITTED },
    { ENCRYPTION, NULL, TABLE_BUSY },

    { WARMING, TO_PROVISIONED, ADMITTED },
    { WARMING, TAB(STREAM("NEW_IMAGE")), ADMITTED },
    { WARMING, TAB(INFREQUENT), ADMITTED },
    { WARMING, MAKE(""), ADMITTED },
    { WARMING, TAB(MAX("1", "1")), ADMITTED },
    { WARMING, TAB(WARM("14000", "6000")), ADMITTED },
    { WARMING, ENCRYPTED, ADMITTED },
    { WARMING, TAB(PROTECT("true")), ADMITTED },
    { WARMING, NULL, TABLE_BUSY },

    { ALLOCATING, TAB(PROVISIONED "," UNITS("5", "5")), WHEN_CREATED(IOPS) },
    { ALLOCATING, TAB(UNITS("5", "5")), WHEN_CREATED(IOPS) },
    { ALLOCATING, TAB(ON_DEMAND), ADMITTED },
    { ALLOCATING, TAB(STREAM("NEW_IMAGE")), WHEN_CREATED(STATUS) },
    { ALLOCATING, TAB(INFREQUENT), WHEN_CREATED(KLASS) },
    { ALLOCATING, TAB(MAX("1", "1")),
      LIMITS_BUSY("index creation is in progress for indexes: [new]") },
    { ALLOCATING, ENCRYPTED, ADMITTED },
    { ALLOCATING, TAB(PROTECT("true")), ADMITTED },
    { ALLOCATING, TAB(UPDATES(UPDATE("one", WARM("13000", "5000")))), ADMITTED },
    { ALLOCATING, NULL, INDEXES_BUSY },

    { BACKFILLING,
      TAB(PROVISIONED "," UNITS("5", "5") "," UPDATES(
          UPDATE("one", UNITS("5", "5")) "," UPDATE("new", UNITS("5", "5")))),
      ADMITTED },
    { BACKFILLING, TAB(PROVISIONED "," UNITS("5", "5")), VALIDATION,
      INVALID "ProvisionedThroughput must be specified for index: one,new" },
    { BACKFILLING, TAB(STREAM("NEW_IMAGE")), ADMITTED },
    { BACKFILLING, TAB(INFREQUENT), ADMITTED },
    { BACKFILLING, TAB(MAX("1", "1")), ADMITTED },
    { BACKFILLING, TAB(WARM("13000", "5000")), ADMITTED },
    { BACKFILLING, ENCRYPTED, ADMITTED },
    { BACKFILLING, TAB(PROTECT("true")), ADMITTED },
    { BACKFILLING, NULL, INDEXES_BUSY },

    { DELETING_INDEX, TAB(PROVISIONED "," UNITS("5", "5")), WHEN_DELETED(IOPS) },
    { DELETING_INDEX, TO_PROVISIONED, BUSY "Index is being deleted.  Table: Tab Index: one" },
    { DELETING_INDEX, TAB(ON_DEMAND), ADMITTED },
    { DELETING_INDEX, TAB(STREAM("NEW_IMAGE")), WHEN_DELETED(STATUS) },
    { DELETING_INDEX, TAB(INFREQUENT), WHEN_DELETED(KLASS) },
    { DELETING_INDEX, TAB(MAX("1", "1")),
      LIMITS_BUSY("index deletion is in progress for indexes: [one]") },
    { DELETING_INDEX, TAB(WARM("13000", "5000")), ADMITTED },
    { DELETING_INDEX, ENCRYPTED, ADMITTED },
    { DELETING_INDEX, TAB(PROTECT("true")), ADMITTED },
    { DELETING_INDEX, NULL, INDEXES_BUSY },
};

static void reach(struct api_fixture *fixture, int wanted)
{
    create_table(fixture, STATES[wanted].table);
    for (size_t i = 0; i < 2 && STATES[wanted].requests[i] != NULL; i++) {
        (void)assert_accepted(fixture, "UpdateTable", STATES[wanted].requests[i]);
        api_fixture_advance(fixture, STATES[wanted].advance_ms[i]);
    }
}

static void every_state_has_its_answer_to_every_request(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CELLS / sizeof *CELLS; i++) {
        struct api_fixture fixture;
        api_fixture_open(&fixture);
        reach(&fixture, CELLS[i].in);
        const char *operation = CELLS[i].request != NULL ? "UpdateTable" : "DeleteTable";
        const char *request = CELLS[i].request != NULL ? CELLS[i].request : TAB_ALONE;
        if (CELLS[i].type == NULL) {
            (void)assert_accepted(&fixture, operation, request);
        } else {
            struct bytes before = call(&fixture, "DescribeTable", TAB_ALONE).body;
            assert_refused(&fixture, operation, request, CELLS[i].type, CELLS[i].message);
            assert_true(bytes_equal(before, call(&fixture, "DescribeTable", TAB_ALONE).body));
        }
        api_fixture_close(&fixture);
    }
}

/* A conflict that the service reports as its own failure; over with the allocation. */
static void warm_throughput_during_an_allocation_is_a_failure_of_the_service(void **state)
{
    struct api_fixture *fixture = *state;
    reach(fixture, ALLOCATING);
    assert_failed(fixture, "UpdateTable", TAB(WARM("13000", "5000")), SERVER_ERROR,
                  "Table is under system maintenance, please try again later");
    api_fixture_advance(fixture, INDEX_ALLOCATE_MS);
    (void)assert_accepted(fixture, "UpdateTable", TAB(WARM("13000", "5000")));
}

/* Encryption never leaves ACTIVE, and its reply says so whatever else goes on. */
static void encryption_is_answered_as_active(void **state)
{
    static const int BUSY_STATES[] = { THROUGHPUT, FROM_DEMAND, STREAM_ON, ALLOCATING,
                                       DELETING_INDEX };
    (void)state;
    for (size_t i = 0; i < sizeof BUSY_STATES / sizeof *BUSY_STATES; i++) {
        struct api_fixture fixture;
        api_fixture_open(&fixture);
        reach(&fixture, BUSY_STATES[i]);
        const struct cJSON *reply = assert_accepted(&fixture, "UpdateTable", ENCRYPTED);
        assert_member_is(&fixture, reply, "TableDescription.TableStatus", "'ACTIVE'");
        reply = assert_accepted(&fixture, "DescribeTable", TAB_ALONE);
        assert_member_is(&fixture, reply, "Table.TableStatus", "'UPDATING'");
        assert_member_is(&fixture, reply, "Table.SSEDescription.Status", "'UPDATING'");
        api_fixture_close(&fixture);
    }
}

/* Everything that may overlap does, and comes to its own end. */
static void changes_of_different_kinds_overlap(void **state)
{
    struct api_fixture *fixture = *state;
    reach(fixture, BACKFILLING);
    (void)assert_accepted(fixture, "UpdateTable", ENCRYPTED);
    (void)assert_accepted(fixture, "UpdateTable", TAB(WARM("13000", "5000")));
    (void)assert_accepted(fixture, "UpdateTable", TAB(UPDATES(UPDATE("new", MAX("3", "3")))));
    (void)assert_accepted(fixture, "UpdateTable", TAB(STREAM("NEW_IMAGE")));
    const struct cJSON *reply = assert_accepted(fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.1.IndexStatus", "'UPDATING'");
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.1.Backfilling", "true");
    api_fixture_advance(fixture, INDEX_UPDATE_MS);
    reply = assert_accepted(fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.1.IndexStatus", "'CREATING'");
    api_fixture_advance(fixture, WARM_THROUGHPUT_MS);
    reply = assert_accepted(fixture, "DescribeTable", TAB_ALONE);
    assert_member_is(fixture, reply, "Table.TableStatus", "'ACTIVE'");
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.1.IndexStatus", "'ACTIVE'");
    assert_member_is(fixture, reply, "Table.GlobalSecondaryIndexes.1.Backfilling", NULL);
    assert_member_is(fixture, reply, "Table.SSEDescription.Status", "'ENABLED'");
    assert_member_is(fixture, reply, "Table.WarmThroughput.Status", "'ACTIVE'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_has_its_answer_to_every_request),
        API_TEST(warm_throughput_during_an_allocation_is_a_failure_of_the_service),
        cmocka_unit_test(encryption_is_answered_as_active),
        API_TEST(changes_of_different_kinds_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
