/* What happens to stacks, told by their events, under a clock moved by hand. */

#include "tests/support/stack_fixture.h"
#include "tests/support/stack_templates.h"

#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static uint64_t told(struct api_fixture *fixture)
{
    return stack_of(fixture, "app")->last_event;
}

static void create_first(struct api_fixture *fixture)
{
    assert_string_equal(stack_deploy(fixture, "CreateStack", NAME, FIRST), "CREATE_COMPLETE");
}

static const struct cJSON *describe(struct api_fixture *fixture)
{
    return assert_accepted(
        fixture, "DescribeTable",
        api_fixture_text(fixture, "{'TableName':'%s'}", stack_physical_id(fixture, "app", "T")));
}

static void a_stack_is_created(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    assert_story(fixture, "app", 0,
                 "app CREATE_IN_PROGRESS User Initiated\n"
                 "T CREATE_IN_PROGRESS\n"
                 "T CREATE_IN_PROGRESS Resource creation Initiated\n"
                 "T CREATE_COMPLETE\n"
                 "app CREATE_COMPLETE\n");
    const char *name = stack_physical_id(fixture, "app", "T");
    assert_int_equal(strncmp(name, "app-T-", 6), 0);
    assert_int_equal(strlen(name), 6 + 13);
    assert_string_equal(stack_of(fixture, "app")->outputs[0].value, name);
    assert_member_is(fixture, describe(fixture), "Table.TableStatus", "'ACTIVE'");
}

static void an_index_is_added_in_place(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    uint64_t before = told(fixture);
    const char *name = stack_physical_id(fixture, "app", "T");
    assert_string_equal(stack_deploy(fixture, "UpdateStack", NAME, BESIDE), "UPDATE_COMPLETE");
    assert_story(fixture, "app", before,
                 "app UPDATE_IN_PROGRESS User Initiated\n"
                 "T UPDATE_IN_PROGRESS\n"
                 "T UPDATE_COMPLETE\n"
                 "app UPDATE_COMPLETE_CLEANUP_IN_PROGRESS\n"
                 "app UPDATE_COMPLETE\n");
    assert_string_equal(stack_physical_id(fixture, "app", "T"), name);
    assert_member_is(fixture, describe(fixture), "Table.GlobalSecondaryIndexes.1.IndexName",
                     "'by-user-2'");
}

static void a_changed_projection_is_refused_and_rolled_back(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    for (int i = 0; i < 2; i++) { /* the second time it is no less a change */
        uint64_t before = told(fixture);
        assert_string_equal(stack_deploy(fixture, "UpdateStack", NAME, CHANGED),
                            "UPDATE_ROLLBACK_COMPLETE");
        assert_story(fixture, "app", before,
                     "app UPDATE_IN_PROGRESS User Initiated\n"
                     "T UPDATE_IN_PROGRESS\n"
                     "T UPDATE_FAILED " PROJECTION "\n"
                     "app UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: "
                     "[T]. \n"
                     "T UPDATE_IN_PROGRESS\n"
                     "T UPDATE_COMPLETE\n"
                     "app UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS\n"
                     "app UPDATE_ROLLBACK_COMPLETE\n");
    }
}

static void a_table_is_replaced_and_the_old_one_deleted(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    uint64_t before = told(fixture);
    const char *old = stack_physical_id(fixture, "app", "T");
    assert_string_equal(stack_deploy(fixture, "UpdateStack", NAME, REPLACED), "UPDATE_COMPLETE");
    assert_story(fixture, "app", before,
                 "app UPDATE_IN_PROGRESS User Initiated\n"
                 "T UPDATE_IN_PROGRESS Requested update requires the creation of a new physical "
                 "resource; hence creating one.\n"
                 "T UPDATE_IN_PROGRESS Resource creation Initiated\n"
                 "T UPDATE_COMPLETE\n"
                 "app UPDATE_COMPLETE_CLEANUP_IN_PROGRESS\n"
                 "T DELETE_IN_PROGRESS\n"
                 "T DELETE_COMPLETE\n"
                 "app UPDATE_COMPLETE\n");
    assert_string_not_equal(stack_physical_id(fixture, "app", "T"), old);
    assert_string_equal(stack_of(fixture, "app")->outputs[0].value,
                        stack_physical_id(fixture, "app", "T"));
    assert_refused(
        fixture, "DescribeTable", api_fixture_text(fixture, "{'TableName':'%s'}", old), NOT_FOUND,
        api_fixture_text(fixture, "Requested resource not found: Table: %s not found", old));
}

static void what_failed_is_kept_and_rolled_back_later(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    uint64_t before = told(fixture);
    assert_string_equal(
        stack_deploy(fixture, "UpdateStack", NAME ",'DisableRollback':true", CHANGED),
        "UPDATE_FAILED");
    assert_begun(stack_call(fixture, "RollbackStack", "{" NAME "}"));
    assert_string_equal(stack_finish(fixture, "app"), "UPDATE_ROLLBACK_COMPLETE");
    assert_story(fixture, "app", before,
                 "app UPDATE_IN_PROGRESS User Initiated\n"
                 "T UPDATE_IN_PROGRESS\n"
                 "T UPDATE_FAILED " PROJECTION "\n"
                 "app UPDATE_FAILED The following resource(s) failed to update: [T]. \n"
                 "app UPDATE_ROLLBACK_IN_PROGRESS User Initiated\n"
                 "T UPDATE_IN_PROGRESS\n"
                 "T UPDATE_COMPLETE\n"
                 "app UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS\n"
                 "app UPDATE_ROLLBACK_COMPLETE\n");
}

static void create_taken(struct api_fixture *fixture)
{
    create_table(fixture, "{'TableName':'taken','AttributeDefinitions':[{'AttributeName':'id',"
                          "'AttributeType':'S'}]," KEYS "'BillingMode':'PAY_PER_REQUEST'}");
}

static void a_failed_creation_is_rolled_back_and_can_only_be_deleted(void **state)
{
    struct api_fixture *fixture = *state;
    create_taken(fixture);
    assert_string_equal(stack_deploy(fixture, "CreateStack", NAME, TAKEN), "ROLLBACK_COMPLETE");
    assert_story(fixture, "app", 0,
                 "app CREATE_IN_PROGRESS User Initiated\n"
                 "T CREATE_IN_PROGRESS\n"
                 "T CREATE_FAILED taken already exists\n"
                 "app ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [T]. "
                 "Rollback requested by user.\n"
                 "T DELETE_IN_PROGRESS\n"
                 "T DELETE_COMPLETE\n"
                 "app ROLLBACK_COMPLETE\n");
    (void)assert_accepted(fixture, "DescribeTable", "{'TableName':'taken'}");
    assert_stack_refused(
        fixture, stack_submit(fixture, "UpdateStack", NAME, FIRST), "ValidationError",
        api_fixture_text(fixture, "Stack:%s is in ROLLBACK_COMPLETE state and can not be updated.",
                         stack_of(fixture, "app")->id));
    const char *id = stack_of(fixture, "app")->id;
    assert_begun(stack_call(fixture, "DeleteStack", "{" NAME "}"));
    assert_string_equal(stack_finish(fixture, id), "DELETE_COMPLETE");
}

static void a_failed_creation_is_deleted_when_asked_for(void **state)
{
    struct api_fixture *fixture = *state;
    create_taken(fixture);
    assert_begun(stack_submit(fixture, "CreateStack", NAME ",'OnFailure':'DELETE'", TAKEN));
    assert_string_equal(stack_finish(fixture, stack_of(fixture, "app")->id), "DELETE_COMPLETE");
    assert_null(stack_of(fixture, "app"));
}

static void a_table_of_another_stack_is_named_with_it(void **state)
{
    struct api_fixture *fixture = *state;
    assert_begun(stack_submit(fixture, "CreateStack", "'StackName':'other'", TAKEN));
    assert_string_equal(stack_finish(fixture, "other"), "CREATE_COMPLETE");
    assert_string_equal(stack_deploy(fixture, "CreateStack", NAME ",'DisableRollback':true", TAKEN),
                        "CREATE_FAILED");
    assert_non_null(strstr(stack_story(fixture, "app", 0),
                           "T CREATE_FAILED taken already exists in stack arn:aws:cloudformation:"
                           "eu-test-1:000000000000:stack/other/"));
}

static void a_custom_named_table_is_not_replaced(void **state)
{
    struct api_fixture *fixture = *state;
    assert_string_equal(stack_deploy(fixture, "CreateStack", NAME, TAKEN), "CREATE_COMPLETE");
    uint64_t before = told(fixture);
    assert_string_equal(
        stack_deploy(fixture, "UpdateStack", NAME,
                     STACK_OF("'T':{'Type':'AWS::DynamoDB::Table','Properties':{"
                              "'TableName':'taken','AttributeDefinitions':[{'AttributeName':'no',"
                              "'AttributeType':'S'}],'KeySchema':[{'AttributeName':'no',"
                              "'KeyType':'HASH'}],'BillingMode':'PAY_PER_REQUEST'}}")),
        "UPDATE_ROLLBACK_COMPLETE");
    assert_non_null(strstr(stack_story(fixture, "app", before),
                           "T UPDATE_FAILED CloudFormation cannot update a stack when a "
                           "custom-named resource requires replacing. Rename taken and update the "
                           "stack again.\n"));
}

static void the_tags_of_a_stack_are_its_tables_as_well(void **state)
{
    struct api_fixture *fixture = *state;
    assert_string_equal(
        stack_deploy(fixture, "CreateStack",
                     NAME ",'Tags':[{'Key':'team','Value':'one'},"
                          "{'Key':'own','Value':'of the stack'}]",
                     STACK_OF("'T':" TABLE_OF(KEYS "'Tags':[{'Key':'own','Value':'of the table'}],",
                                              INDEX("by-user", "'a'"), ""))),
        "CREATE_COMPLETE");
    const char *table = stack_physical_id(fixture, "app", "T");
    assert_answer(fixture, "ListTagsOfResource",
                  api_fixture_text(fixture,
                                   "{'ResourceArn':'arn:aws:dynamodb:eu-test-1:000000000000:"
                                   "table/%s'}",
                                   table),
                  "{'Tags':[{'Key':'own','Value':'of the table'},"
                  "{'Key':'team','Value':'one'}]}");
}

static void a_retained_table_outlives_its_stack(void **state)
{
    struct api_fixture *fixture = *state;
    assert_string_equal(stack_deploy(fixture, "CreateStack", NAME,
                                     STACK_OF("'T':" TABLE_OF(KEYS, INDEX("by-user", "'a'"),
                                                              "'DeletionPolicy':'Retain',"))),
                        "CREATE_COMPLETE");
    uint64_t before = told(fixture);
    const char *id = stack_of(fixture, "app")->id;
    const char *table = stack_physical_id(fixture, "app", "T");
    assert_begun(stack_call(fixture, "DeleteStack", "{" NAME "}"));
    assert_string_equal(stack_finish(fixture, id), "DELETE_COMPLETE");
    assert_story(fixture, id, before,
                 "app DELETE_IN_PROGRESS User Initiated\n"
                 "T DELETE_SKIPPED\n"
                 "app DELETE_COMPLETE\n");
    assert_null(stack_of(fixture, "app"));
    (void)assert_accepted(fixture, "DescribeTable",
                          api_fixture_text(fixture, "{'TableName':'%s'}", table));
}

static void what_a_template_leaves_out_is_no_longer_in_the_stack(void **state)
{
    struct api_fixture *fixture = *state;
    assert_string_equal(stack_deploy(fixture, "CreateStack", NAME,
                                     "{'Resources':{'T':" PLAIN("") ",'K':" TABLE_OF(
                                         KEYS, INDEX("by-user", "'a'"),
                                         "'DeletionPolicy':'Retain',") ",'D':" PLAIN("") "}}"),
                        "CREATE_COMPLETE");
    uint64_t before = told(fixture);
    const char *kept = stack_physical_id(fixture, "app", "K");
    assert_string_equal(
        stack_deploy(fixture, "UpdateStack", NAME, "{'Resources':{'T':" PLAIN("") "}}"),
        "UPDATE_COMPLETE");
    assert_story(fixture, "app", before,
                 "app UPDATE_IN_PROGRESS User Initiated\n"
                 "app UPDATE_COMPLETE_CLEANUP_IN_PROGRESS\n"
                 "D DELETE_IN_PROGRESS\n"
                 "D DELETE_COMPLETE\n"
                 "K DELETE_SKIPPED\n"
                 "app UPDATE_COMPLETE\n");
    assert_int_equal(stack_of(fixture, "app")->resources.count, 1);
    (void)assert_accepted(fixture, "DescribeTable",
                          api_fixture_text(fixture, "{'TableName':'%s'}", kept));
}

static void a_stack_is_deleted_with_its_table(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    uint64_t before = told(fixture);
    const char *id = stack_of(fixture, "app")->id;
    assert_begun(stack_call(fixture, "DeleteStack", "{" NAME "}"));
    assert_string_equal(stack_finish(fixture, id), "DELETE_COMPLETE");
    assert_story(fixture, id, before,
                 "app DELETE_IN_PROGRESS User Initiated\n"
                 "T DELETE_IN_PROGRESS\n"
                 "T DELETE_COMPLETE\n"
                 "app DELETE_COMPLETE\n");
    assert_answer(fixture, "ListTables", "{}", "{'TableNames':[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_stack_is_created),
        API_TEST(an_index_is_added_in_place),
        API_TEST(a_changed_projection_is_refused_and_rolled_back),
        API_TEST(a_table_is_replaced_and_the_old_one_deleted),
        API_TEST(what_failed_is_kept_and_rolled_back_later),
        API_TEST(a_failed_creation_is_rolled_back_and_can_only_be_deleted),
        API_TEST(a_failed_creation_is_deleted_when_asked_for),
        API_TEST(a_table_of_another_stack_is_named_with_it),
        API_TEST(a_custom_named_table_is_not_replaced),
        API_TEST(the_tags_of_a_stack_are_its_tables_as_well),
        API_TEST(a_retained_table_outlives_its_stack),
        API_TEST(what_a_template_leaves_out_is_no_longer_in_the_stack),
        API_TEST(a_stack_is_deleted_with_its_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
