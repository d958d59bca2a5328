/* UpdateTable's StreamSpecification: on, off and on again, and what never may be. */

#include "tests/support/api_fixture.h"
#include "tests/support/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TABLE[] = TAB(DEFINE(S("pk")) "," KEY(HASH("pk")) "," ON_DEMAND);

#define ARN(label) "'arn:aws:dynamodb:eu-test-1:000000000000:table/Tab/stream/" label "'"

static const struct cJSON *described(struct api_fixture *fixture)
{
    return json_at(assert_accepted(fixture, "DescribeTable", TAB_ALONE), "Table");
}

static void assert_stream(struct api_fixture *fixture,
                          const struct cJSON *table,
                          const char *specification,
                          const char *label)
{
    assert_member_is(fixture, table, "StreamSpecification", specification);
    assert_member_is(fixture, table, "LatestStreamLabel",
                     label != NULL ? api_fixture_text(fixture, "'%s'", label) : NULL);
    assert_member_is(fixture, table, "LatestStreamArn",
                     label != NULL ? api_fixture_text(fixture, ARN("%s"), label) : NULL);
}

/* Begins a change and lets it end: the reply, and what is described until then and after it. */
static void
change(struct api_fixture *fixture, const char *request, const char *expected, const char *label)
{
    const struct cJSON *reply = assert_accepted(fixture, "UpdateTable", request);
    assert_member_is(fixture, reply, "TableDescription.TableStatus", "'UPDATING'");
    assert_stream(fixture, json_at(reply, "TableDescription"), expected, label);
    api_fixture_advance(fixture, STREAM_UPDATE_MS - 1);
    assert_member_is(fixture, described(fixture), "TableStatus", "'UPDATING'");
    assert_stream(fixture, described(fixture), expected, label);
    api_fixture_advance(fixture, 1);
    assert_member_is(fixture, described(fixture), "TableStatus", "'ACTIVE'");
    assert_stream(fixture, described(fixture), expected, label);
}

/* The requested values at once; the latest stream is told of for good, each has its own label. */
static void a_stream_is_turned_on_and_off_and_on(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_stream(fixture, described(fixture), NULL, NULL);
    change(fixture, TAB(STREAM("NEW_IMAGE")), "{'StreamEnabled':true,'StreamViewType':'NEW_IMAGE'}",
           "2026-01-01T00:00:00.150");
    change(fixture, TAB(NO_STREAM), NULL, "2026-01-01T00:00:00.150");
    change(fixture, TAB(STREAM("KEYS_ONLY")), "{'StreamEnabled':true,'StreamViewType':'KEYS_ONLY'}",
           "2026-01-01T00:00:01.950");
}

static void a_stream_changes_only_from_on_to_off_and_back(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, TABLE);
    assert_refused(fixture, "UpdateTable", TAB(NO_STREAM), VALIDATION,
                   "Table has no stream to disable: TableName: Tab");
    (void)assert_accepted(fixture, "UpdateTable", TAB(STREAM("NEW_IMAGE")));
    api_fixture_advance(fixture, STREAM_UPDATE_MS);
    assert_refused(fixture, "UpdateTable", TAB(STREAM("NEW_IMAGE")), VALIDATION,
                   "Table already has an enabled stream: TableName: Tab");
    assert_refused(fixture, "UpdateTable", TAB(STREAM("NEW_AND_OLD_IMAGES")), VALIDATION,
                   "Table already has an enabled stream: TableName: Tab");
    (void)assert_accepted(fixture, "UpdateTable", TAB(NO_STREAM));
    api_fixture_advance(fixture, STREAM_UPDATE_MS);
    assert_refused(fixture, "UpdateTable", TAB(NO_STREAM), VALIDATION,
                   "Table has no stream to disable: TableName: Tab");
}

static void a_stream_that_changes_does_so_after_a_restart(void **state)
{
    (void)state;
    struct api_fixture fixture;
    api_fixture_open_durable(&fixture);
    create_table(&fixture, TABLE);
    (void)assert_accepted(&fixture, "UpdateTable", TAB(STREAM("OLD_IMAGE")));
    api_fixture_reopen(&fixture);
    assert_member_is(&fixture, described(&fixture), "TableStatus", "'UPDATING'");
    api_fixture_advance(&fixture, TABLE_CREATE_INDEXED_MS + STREAM_UPDATE_MS);
    assert_member_is(&fixture, described(&fixture), "TableStatus", "'ACTIVE'");
    assert_stream(&fixture, described(&fixture),
                  "{'StreamEnabled':true,'StreamViewType':'OLD_IMAGE'}", "2026-01-01T00:00:00.150");
    api_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_stream_is_turned_on_and_off_and_on),
        API_TEST(a_stream_changes_only_from_on_to_off_and_back),
        cmocka_unit_test(a_stream_that_changes_does_so_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
