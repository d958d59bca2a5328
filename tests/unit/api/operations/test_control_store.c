/* The control surface's reach into the store as a whole: snapshots, reset, the clock. */

#include "tests/support/api_fixture.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] =
    "{'TableName':'Tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
    "{'AttributeName':'pk','AttributeType':'S'}],'KeySchema':["
    "{'AttributeName':'pk','KeyType':'HASH'}]}";

static const char GET[] = "{'TableName':'Tab','Key':{'pk':{'S':'k'}}}";

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    put_items(*state, "Tab", (const char *const[]){ "{'pk':{'S':'k'},'v':{'N':'1'}}", NULL });
    return 0;
}

static const struct cJSON *
accept(struct api_fixture *fixture, const char *method, const char *path, const char *request)
{
    struct api_reply reply = control(fixture, method, path, request);
    assert_int_equal(reply.status, 200);
    return reply.json;
}

static void refuse(struct api_fixture *fixture,
                   const char *method,
                   const char *path,
                   const char *request,
                   const char *type,
                   const char *message)
{
    struct api_reply reply = control(fixture, method, path, request);
    assert_in_range(reply.status, 400, 404);
    assert_member_is(fixture, reply.json, "__type", api_fixture_text(fixture, "'%s'", type));
    struct bytes text = json_text(&fixture->arena, json_at(reply.json, "message"));
    assert_string_equal(bytes_to_text(&fixture->arena, text), message);
}

/* ---- snapshots ---- */

static void a_snapshot_is_saved_listed_restored_and_deleted(void **state)
{
    struct api_fixture *fixture = *state;
    assert_member_is(fixture, accept(fixture, "GET", "snapshots", NULL), "", "{'Snapshots':[]}");
    const struct cJSON *saved = accept(fixture, "POST", "snapshots", "{'Name':'one'}");
    assert_member_is(fixture, saved, "Name", "'one'");
    assert_member_is(fixture, saved, "TableCount", "1");
    assert_member_is(fixture, saved, "Time", "1767225600.15"); /* the clock's start and CREATING */
    assert_non_null(json_at(saved, "SizeBytes"));
    const struct cJSON *list = accept(fixture, "GET", "snapshots", NULL);
    assert_member_is(fixture, list, "Snapshots.0.Name", "'one'");
    assert_member_is(fixture, list, "Snapshots.0.Time", "1767225600.15");
    assert_member_is(fixture, list, "Snapshots.1", NULL);

    put_items(fixture, "Tab", (const char *const[]){ "{'pk':{'S':'k'},'v':{'N':'2'}}", NULL });
    assert_member_is(fixture, accept(fixture, "POST", "snapshots/one/restore", NULL), "", "{}");
    assert_answer(fixture, "GetItem", GET, "{'Item':{'pk':{'S':'k'},'v':{'N':'1'}}}");

    assert_member_is(fixture, accept(fixture, "DELETE", "snapshots/one", NULL), "", "{}");
    assert_member_is(fixture, accept(fixture, "GET", "snapshots", NULL), "", "{'Snapshots':[]}");
    assert_answer(fixture, "GetItem", GET, "{'Item':{'pk':{'S':'k'},'v':{'N':'1'}}}");
}

static void a_snapshot_is_replaced_only_when_asked(void **state)
{
    struct api_fixture *fixture = *state;
    (void)accept(fixture, "POST", "snapshots", "{'Name':'one'}");
    put_items(fixture, "Tab", (const char *const[]){ "{'pk':{'S':'k'},'v':{'N':'2'}}", NULL });
    refuse(fixture, "POST", "snapshots", "{'Name':'one'}", SERVICE "ResourceInUseException",
           "There is a snapshot one already; say \"Replace\":true to replace it");
    (void)accept(fixture, "POST", "snapshots", "{'Name':'one','Replace':true}");
    (void)accept(fixture, "POST", "snapshots/one/restore", NULL);
    assert_answer(fixture, "GetItem", GET, "{'Item':{'pk':{'S':'k'},'v':{'N':'2'}}}");
}

static void snapshots_are_of_all_worlds(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_isolated(&fixture);
    static const char *const keys[] = { "TEAMA", "TEAMB" };
    for (size_t i = 0; i < 2; i++) {
        fixture.caller.access_key_id = bytes_of_text(keys[i]);
        create_table(&fixture, TABLE);
    }
    const struct cJSON *saved = accept(&fixture, "POST", "snapshots", "{'Name':'one'}");
    assert_member_is(&fixture, saved, "TableCount", "2");
    (void)accept(&fixture, "POST", "reset", NULL);
    for (size_t i = 0; i < 2; i++) {
        fixture.caller.access_key_id = bytes_of_text(keys[i]);
        assert_answer(&fixture, "ListTables", "{}", "{'TableNames':[]}");
    }
    (void)accept(&fixture, "POST", "snapshots/one/restore", NULL);
    for (size_t i = 0; i < 2; i++) {
        fixture.caller.access_key_id = bytes_of_text(keys[i]);
        assert_answer(&fixture, "ListTables", "{}", "{'TableNames':['Tab']}");
    }
    api_fixture_close(&fixture);
}

static void what_is_wrong_with_a_snapshot_is_told(void **state)
{
    struct api_fixture *fixture = *state;
    static const char *const unknown[][2] = {
        { "POST", "snapshots/none/restore" },
        { "DELETE", "snapshots/none" },
    };
    for (size_t i = 0; i < 2; i++) {
        refuse(fixture, unknown[i][0], unknown[i][1], NULL, NOT_FOUND, "There is no snapshot none");
    }
    refuse(fixture, "DELETE", "snapshots/../data", NULL, NOT_FOUND, "There is no snapshot ../data");
    refuse(fixture, "POST", "snapshots/a/b/restore", NULL, NOT_FOUND, "There is no snapshot a/b");
    refuse(fixture, "POST", "snapshots/one", NULL, PROTOCOL "UnknownOperationException",
           "There is no POST /_rehearsedb/snapshots/one; did you mean snapshots/NAME/restore?");
    refuse(fixture, "POST", "snapshots", "{'Name':'a/b'}", VALIDATION,
           "1 validation error detected: Value 'a/b' at 'name' failed to satisfy constraint: "
           "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    refuse(fixture, "POST", "snapshots", "{}", VALIDATION,
           "1 validation error detected: Value null at 'name' failed to satisfy constraint: "
           "Member must not be null");
}

/* ---- reset ---- */

static void a_reset_leaves_nothing_but_snapshots(void **state)
{
    struct api_fixture *fixture = *state;
    (void)accept(fixture, "POST", "hold",
                 "{'TableName':'Tab','IndexName':'new','Phase':'ALLOCATING'}");
    (void)accept(fixture, "POST", "snapshots", "{'Name':'one'}");
    (void)accept(fixture, "PUT", "faults",
                 "{'Rules':[{'Operation':'CreateTable','Error':'InternalServerError'}]}");
    assert_member_is(fixture, accept(fixture, "POST", "reset", NULL), "", "{}");
    assert_answer(fixture, "ListTables", "{}", "{'TableNames':[]}");
    assert_member_is(fixture, accept(fixture, "GET", "faults", NULL), "Rules", "[]");
    refuse(fixture, "POST", "release", "{'TableName':'Tab','IndexName':'new'}", NOT_FOUND,
           "Nothing holds index new of table Tab");
    create_table(fixture, TABLE);
    assert_answer(fixture, "GetItem", GET, "{}");
    (void)accept(fixture, "POST", "snapshots/one/restore", NULL);
    assert_answer(fixture, "GetItem", GET, "{'Item':{'pk':{'S':'k'},'v':{'N':'1'}}}");
    (void)accept(fixture, "POST", "release", "{'TableName':'Tab','IndexName':'new'}");
}

/* ---- the clock ---- */

static void the_clock_is_shown_and_moved(void **state)
{
    struct api_fixture *fixture = *state;
    assert_member_is(fixture, accept(fixture, "GET", "clock", NULL), "",
                     "{'Time':1767225600.15,'OffsetMilliseconds':150}");
    /* no thread settles what is stepped by hand */
    assert_member_is(fixture, accept(fixture, "POST", "clock", "{'AdvanceMilliseconds':1500}"), "",
                     "{'Time':1767225601.65,'OffsetMilliseconds':1650,'Settled':false}");
    assert_member_is(fixture, accept(fixture, "POST", "clock", "{'AdvanceMilliseconds':0}"),
                     "OffsetMilliseconds", "1650");
}

static void the_clock_goes_forward_within_bounds(void **state)
{
    struct api_fixture *fixture = *state;
    refuse(fixture, "POST", "clock", "{'AdvanceMilliseconds':-1}", VALIDATION,
           "1 validation error detected: Value '-1' at 'advanceMilliseconds' failed to satisfy "
           "constraint: Member must have value greater than or equal to 0");
    refuse(fixture, "POST", "clock", "{'AdvanceMilliseconds':315360000001}", VALIDATION,
           "1 validation error detected: Value '315360000001' at 'advanceMilliseconds' failed to "
           "satisfy constraint: Member must have value less than or equal to 315360000000");
    refuse(fixture, "POST", "clock", "{}", VALIDATION,
           "1 validation error detected: Value null at 'advanceMilliseconds' failed to satisfy "
           "constraint: Member must not be null");
    for (int i = 0; i < 9; i++) {
        (void)accept(fixture, "POST", "clock", "{'AdvanceMilliseconds':315360000000}");
    }
    refuse(fixture, "POST", "clock", "{'AdvanceMilliseconds':315360000000}", VALIDATION,
           "The clock may be moved 100 years ahead of the system's and no further");
    assert_member_is(fixture, accept(fixture, "GET", "clock", NULL), "OffsetMilliseconds",
                     "2838240000150");
}

static void a_moved_clock_and_a_snapshot_survive_a_restart(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_durable(&fixture);
    create_table(&fixture, TABLE);
    (void)accept(&fixture, "POST", "clock", "{'AdvanceMilliseconds':5000}");
    (void)accept(&fixture, "POST", "snapshots", "{'Name':'one'}");
    api_fixture_reopen(&fixture);
    const struct cJSON *clock = accept(&fixture, "GET", "clock", NULL);
    assert_member_is(&fixture, clock, "OffsetMilliseconds", "5150");
    (void)accept(&fixture, "POST", "reset", NULL);
    (void)accept(&fixture, "POST", "snapshots/one/restore", NULL);
    assert_answer(&fixture, "ListTables", "{}", "{'TableNames':['Tab']}");
    api_fixture_close(&fixture);
}

int main(void)
{
#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_snapshot_is_saved_listed_restored_and_deleted),
        STORE_TEST(a_snapshot_is_replaced_only_when_asked),
        cmocka_unit_test(snapshots_are_of_all_worlds),
        STORE_TEST(what_is_wrong_with_a_snapshot_is_told),
        STORE_TEST(a_reset_leaves_nothing_but_snapshots),
        STORE_TEST(the_clock_is_shown_and_moved),
        STORE_TEST(the_clock_goes_forward_within_bounds),
        cmocka_unit_test(a_moved_clock_and_a_snapshot_survive_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
