/* Updates that are broken off, fail, or cannot go back, under a clock moved by hand. */

#include "tests/support/stack_fixture.h"
#include "tests/support/stack_templates.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define FAILED_INDEX "T UPDATE_FAILED " PROJECTION "\n"

/* Three tables; the last needs the first, by its name in a tag. */
#define THREE(first, second)                                                                       \
    "{'Resources':{'T':" first ",'U':" second ",'V':{'Type':'AWS::DynamoDB::Table',"               \
    "'DependsOn':'T','Properties':{'AttributeDefinitions':[{'AttributeName':'id',"                 \
    "'AttributeType':'S'}]," KEYS "'BillingMode':'PAY_PER_REQUEST'}}}}"

static uint64_t told(struct api_fixture *fixture)
{
    return stack_of(fixture, "app")->last_event;
}

static void create(struct api_fixture *fixture, const char *template)
{
    assert_string_equal(stack_deploy(fixture, "CreateStack", NAME, template), "CREATE_COMPLETE");
}

static const struct cJSON *describe(struct api_fixture *fixture, const char *logical_id)
{
    return assert_accepted(fixture, "DescribeTable",
                           api_fixture_text(fixture, "{'TableName':'%s'}",
                                            stack_physical_id(fixture, "app", logical_id)));
}

static void a_resource_waits_for_what_it_depends_on(void **state)
{
    struct api_fixture *fixture = *state;
    create(fixture, THREE(PLAIN(""), PLAIN("")));
    const char *story = stack_story(fixture, "app", 0);
    const char *first_ends = strstr(story, "T CREATE_COMPLETE\n");
    const char *second_begins = strstr(story, "U CREATE_IN_PROGRESS\n");
    const char *third_begins = strstr(story, "V CREATE_IN_PROGRESS\n");
    assert_non_null(first_ends);
    assert_non_null(second_begins);
    assert_non_null(third_begins);
    assert_true(second_begins < first_ends); /* they need not wait for each other */
    assert_true(first_ends < third_begins);
}

static void what_else_is_under_way_is_cancelled(void **state)
{
    struct api_fixture *fixture = *state;
    create(fixture, "{'Resources':{'A':" PLAIN("'TableClass':'STANDARD',") ",'T':" TABLE_OF(
                        KEYS, INDEX("by-user", "'a'"), "'DependsOn':[],") "}}");
    uint64_t before = told(fixture);
    assert_string_equal(
        stack_deploy(fixture, "UpdateStack", NAME,
                     "{'Resources':{'A':" PLAIN(
                         "'TableClass':'STANDARD_INFREQUENT_"
                         "ACCESS',") ",'T':" TABLE_OF(KEYS, INDEX("by-user", "'a','b'"),
                                                      "'DependsOn':[],") "}}"),
        "UPDATE_ROLLBACK_COMPLETE");
    const char *story = stack_story(fixture, "app", before);
    assert_non_null(strstr(story, FAILED_INDEX));
    assert_non_null(strstr(story, "A UPDATE_FAILED Resource update cancelled\n"));
    assert_non_null(strstr(story, "app UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) "
                                  "failed to update: [A, T]. \n"));
    assert_member_is(fixture, describe(fixture, "A"), "Table.TableClassSummary.TableClass",
                     "'STANDARD'");
}

/* "You must manually delete the index": the way back does not. */
static void an_index_that_was_being_added_stays_behind(void **state)
{
    struct api_fixture *fixture = *state;
    create(fixture, "{'Resources':{'T':" TABLE_OF(KEYS, INDEX("by-user", "'a'"), "") "}}");
    assert_string_equal(
        stack_deploy(fixture, "UpdateStack", NAME,
                     "{'Resources':{'T':" TABLE_OF(
                         KEYS, INDEX("by-user", "'a'") "," INDEX("by-user-2", "'b'"),
                         "") ",'W':{"
                             "'Type':'AWS::DynamoDB::Table','DependsOn':'T','Properties':{"
                             "'TableName':'app','AttributeDefinitions':[{'AttributeName':'other',"
                             "'AttributeType':'S'}]," KEYS "'BillingMode':'PAY_PER_REQUEST'}}}}"),
        "UPDATE_ROLLBACK_COMPLETE");
    assert_non_null(strstr(stack_story(fixture, "app", 0), "W CREATE_FAILED Resource handler "
                                                           "returned message: \"One or more"));
    assert_member_is(fixture, describe(fixture, "T"), "Table.GlobalSecondaryIndexes.1.IndexName",
                     "'by-user-2'");
    assert_null(stack_resources_find(&stack_of(fixture, "app")->resources, "W"));
}

static void an_update_under_way_is_cancelled(void **state)
{
    struct api_fixture *fixture = *state;
    create(fixture, FIRST);
    uint64_t before = told(fixture);
    const char *table = stack_physical_id(fixture, "app", "T");
    assert_stack_refused(fixture, stack_call(fixture, "CancelUpdateStack", "{" NAME "}"),
                         "ValidationError",
                         "CancelUpdateStack cannot be called from current stack status");
    assert_begun(stack_submit(fixture, "UpdateStack", NAME, REPLACED));
    api_fixture_settle(fixture); /* the new table is CREATING */
    assert_begun(stack_call(fixture, "CancelUpdateStack", "{" NAME "}"));
    assert_string_equal(stack_finish(fixture, "app"), "UPDATE_ROLLBACK_COMPLETE");
    assert_story(fixture, "app", before,
                 "app UPDATE_IN_PROGRESS User Initiated\n"
                 "T UPDATE_IN_PROGRESS Requested update requires the creation of a new physical "
                 "resource; hence creating one.\n"
                 "T UPDATE_IN_PROGRESS Resource creation Initiated\n"
                 "T UPDATE_FAILED Resource update cancelled\n"
                 "app UPDATE_ROLLBACK_IN_PROGRESS User Initiated\n"
                 "T UPDATE_IN_PROGRESS\n"
                 "T UPDATE_COMPLETE\n"
                 "app UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS\n"
                 "T DELETE_IN_PROGRESS\n"
                 "T DELETE_COMPLETE\n"
                 "app UPDATE_ROLLBACK_COMPLETE\n");
    assert_string_equal(stack_physical_id(fixture, "app", "T"), table);
    assert_answer(fixture, "ListTables", "{}",
                  api_fixture_text(fixture, "{'TableNames':['%s']}", table));
}

static void a_creation_under_way_is_deleted(void **state)
{
    struct api_fixture *fixture = *state;
    for (int steps = 0; steps < 12; steps++) {
        assert_begun(stack_submit(fixture, "CreateStack", NAME, FIRST));
        const char *id = stack_of(fixture, "app")->id;
        for (int i = 0; i < steps; i++) {
            (void)api_step(fixture->api);
        }
        assert_begun(stack_call(fixture, "DeleteStack", "{" NAME "}"));
        assert_string_equal(stack_finish(fixture, id), "DELETE_COMPLETE");
        assert_answer(fixture, "ListTables", "{}", "{'TableNames':[]}");
    }
}

static void fail_updates_of_tables(struct api_fixture *fixture)
{
    struct api_reply reply =
        control(fixture, "PUT", "faults",
                "{'Rules':[{'Operation':'UpdateTable','Error':'AccessDeniedException'}]}");
    assert_int_equal(reply.status / 100, 2);
}

static void allow_updates_of_tables(struct api_fixture *fixture)
{
    assert_int_equal(control(fixture, "PUT", "faults", "{'Rules':[]}").status / 100, 2);
}

#define PROTECTED(value) "{'Resources':{'T':" PLAIN("'DeletionProtectionEnabled':" value ",") "}}"

#define OF_CLASS(value) "{'Resources':{'T':" PLAIN("'TableClass':'" value "',") "}}"

/* The way forward gets through, the way back does not. */
static void get_stuck(struct api_fixture *fixture)
{
    create(fixture, OF_CLASS("STANDARD"));
    assert_begun(
        stack_submit(fixture, "UpdateStack", NAME, OF_CLASS("STANDARD_INFREQUENT_ACCESS")));
    api_fixture_settle(fixture);
    assert_begun(stack_call(fixture, "CancelUpdateStack", "{" NAME "}"));
    fail_updates_of_tables(fixture);
    assert_string_equal(stack_finish(fixture, "app"), "UPDATE_ROLLBACK_FAILED");
    assert_stack_refused(
        fixture, stack_submit(fixture, "UpdateStack", NAME, FIRST), "ValidationError",
        api_fixture_text(fixture,
                         "Stack:%s is in UPDATE_ROLLBACK_FAILED state and can not be updated.",
                         stack_of(fixture, "app")->id));
}

static void a_rollback_that_failed_goes_on_when_asked(void **state)
{
    struct api_fixture *fixture = *state;
    get_stuck(fixture);
    allow_updates_of_tables(fixture);
    uint64_t before = told(fixture);
    assert_begun(stack_call(fixture, "ContinueUpdateRollback", "{" NAME "}"));
    assert_string_equal(stack_finish(fixture, "app"), "UPDATE_ROLLBACK_COMPLETE");
    assert_story(fixture, "app", before,
                 "app UPDATE_ROLLBACK_IN_PROGRESS User Initiated\n"
                 "T UPDATE_IN_PROGRESS\n"
                 "T UPDATE_COMPLETE\n"
                 "app UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS\n"
                 "app UPDATE_ROLLBACK_COMPLETE\n");
    assert_member_is(fixture, describe(fixture, "T"), "Table.TableClassSummary.TableClass",
                     "'STANDARD'");
}

static void a_resource_is_left_out_of_the_rollback(void **state)
{
    struct api_fixture *fixture = *state;
    get_stuck(fixture);
    assert_stack_refused(
        fixture,
        stack_call(fixture, "ContinueUpdateRollback", "{" NAME ",'ResourcesToSkip':['X']}"),
        "ValidationError", "Resource [X] does not exist in stack [app]");
    assert_begun(
        stack_call(fixture, "ContinueUpdateRollback", "{" NAME ",'ResourcesToSkip':['T']}"));
    assert_string_equal(stack_finish(fixture, "app"), "UPDATE_ROLLBACK_COMPLETE");
    assert_member_is(fixture, describe(fixture, "T"), "Table.TableClassSummary.TableClass",
                     "'STANDARD_INFREQUENT_ACCESS'");
}

static void a_protected_table_keeps_its_stack(void **state)
{
    struct api_fixture *fixture = *state;
    create(fixture, PROTECTED("true"));
    uint64_t before = told(fixture);
    assert_begun(stack_call(fixture, "DeleteStack", "{" NAME "}"));
    assert_string_equal(stack_finish(fixture, "app"), "DELETE_FAILED");
    assert_non_null(strstr(stack_story(fixture, "app", before),
                           "app DELETE_FAILED The following resource(s) failed to delete: [T]. "));
    const char *id = stack_of(fixture, "app")->id;
    assert_begun(stack_call(fixture, "DeleteStack", "{" NAME ",'RetainResources':['T']}"));
    assert_string_equal(stack_finish(fixture, id), "DELETE_COMPLETE");
}

static void a_failed_creation_is_gone_on_with(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, "{'TableName':'taken','AttributeDefinitions':[{'AttributeName':'id',"
                          "'AttributeType':'S'}]," KEYS "'BillingMode':'PAY_PER_REQUEST'}");
    assert_string_equal(stack_deploy(fixture, "CreateStack", NAME ",'DisableRollback':true", TAKEN),
                        "CREATE_FAILED");
    assert_string_equal(stack_deploy(fixture, "UpdateStack", NAME, FIRST), "UPDATE_COMPLETE");
    assert_member_is(fixture, describe(fixture, "T"), "Table.TableStatus", "'ACTIVE'");
}

/* Two tables; the second has a name that is taken, and waits for the first. */
#define RETAINED_AND_TAKEN                                                                         \
    "{'Resources':{'A':" TABLE_OF(                                                                 \
        KEYS, INDEX("by-user", "'a'"),                                                             \
        "'DeletionPolicy':'Retain',") ",'T':{'Type':'AWS::DynamoDB::Table','DependsOn':'A','"      \
                                      "Properties':{'TableName':'taken',"                          \
                                      "'AttributeDefinitions':[{'AttributeName':'id','"            \
                                      "AttributeType':'S'}]," KEYS                                 \
                                      "'BillingMode':'PAY_PER_REQUEST'}}}}"

static void a_retained_table_survives_a_failed_creation_unless_told_otherwise(void **state)
{
    struct api_fixture *fixture = *state;
    create_table(fixture, "{'TableName':'taken','AttributeDefinitions':[{'AttributeName':'id',"
                          "'AttributeType':'S'}]," KEYS "'BillingMode':'PAY_PER_REQUEST'}");
    assert_string_equal(stack_deploy(fixture, "CreateStack", NAME ",'RetainExceptOnCreate':true",
                                     RETAINED_AND_TAKEN),
                        "ROLLBACK_COMPLETE");
    assert_non_null(strstr(stack_story(fixture, "app", 0), "A DELETE_COMPLETE\n"));
    assert_answer(fixture, "ListTables", "{}", "{'TableNames':['taken']}");
    const char *id = stack_of(fixture, "app")->id;
    assert_begun(stack_call(fixture, "DeleteStack", "{" NAME "}"));
    assert_string_equal(stack_finish(fixture, id), "DELETE_COMPLETE");
    assert_string_equal(stack_deploy(fixture, "CreateStack", NAME, RETAINED_AND_TAKEN),
                        "ROLLBACK_COMPLETE");
    assert_non_null(strstr(stack_story(fixture, "app", 0), "A DELETE_SKIPPED\n"));
}

static void a_creation_that_takes_too_long_is_rolled_back(void **state)
{
    struct api_fixture *fixture = *state;
    assert_begun(stack_submit(fixture, "CreateStack", NAME ",'TimeoutInMinutes':1", FIRST));
    api_fixture_advance(fixture, 60000);
    assert_string_equal(stack_finish(fixture, "app"), "ROLLBACK_COMPLETE");
    assert_non_null(strstr(stack_story(fixture, "app", 0),
                           "app ROLLBACK_IN_PROGRESS Stack creation time exceeded the specified "
                           "timeout. Rollback requested by user.\n"));
    assert_answer(fixture, "ListTables", "{}", "{'TableNames':[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_resource_waits_for_what_it_depends_on),
        API_TEST(what_else_is_under_way_is_cancelled),
        API_TEST(an_index_that_was_being_added_stays_behind),
        API_TEST(an_update_under_way_is_cancelled),
        API_TEST(a_creation_under_way_is_deleted),
        API_TEST(a_rollback_that_failed_goes_on_when_asked),
        API_TEST(a_resource_is_left_out_of_the_rollback),
        API_TEST(a_protected_table_keeps_its_stack),
        API_TEST(a_failed_creation_is_gone_on_with),
        API_TEST(a_retained_table_survives_a_failed_creation_unless_told_otherwise),
        API_TEST(a_creation_that_takes_too_long_is_rolled_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
