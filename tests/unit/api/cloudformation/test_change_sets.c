/* Change sets and what operations on stacks refuse. */

#include "tests/support/stack_fixture.h"
#include "tests/support/stack_templates.h"

#include "api/cloudformation/change_set.h"
#include "api/cloudformation/stack_store.h"
#include "api/internal.h"
#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SET "'ChangeSetName':'set'"

static void create_first(struct api_fixture *fixture)
{
    assert_string_equal(stack_deploy(fixture, "CreateStack", NAME, FIRST), "CREATE_COMPLETE");
}

static struct change_set *find(struct api_fixture *fixture, const char *name)
{
    struct txn txn;
    const struct stack *stack = stack_of(fixture, "app");
    txn_begin_read(fixture->api->storage.env, &txn);
    struct change_set *found = change_set_find(&txn, &fixture->arena, stack, bytes_of_text(name));
    txn_abort(&txn);
    return found;
}

static struct change_set *make(struct api_fixture *fixture, const char *rest, const char *template)
{
    assert_begun(stack_submit(fixture, "CreateChangeSet",
                              api_fixture_text(fixture, NAME "," SET "%s", rest), template));
    struct change_set *made = find(fixture, "set");
    assert_non_null(made);
    return made;
}

/* "Modify T False Properties.GlobalSecondaryIndexes:Never" for each change, with blanks between. */
static const char *tell(struct api_fixture *fixture, const struct change_set *change_set)
{
    struct buffer text;
    buffer_init(&text, &fixture->arena, 256);
    for (size_t i = 0; i < change_set->change_count; i++) {
        const struct resource_change *change = &change_set->changes[i];
        buffer_append_format(&text, "%s%s %s", i > 0 ? "; " : "", change->action,
                             change->logical_id);
        if (change->replacement[0] != '\0') {
            buffer_append_format(&text, " %s", change->replacement);
        }
        if (change->policy_action[0] != '\0') {
            buffer_append_format(&text, " %s", change->policy_action);
        }
        for (size_t j = 0; j < change->detail_count; j++) {
            buffer_append_format(&text, " %s.%s:%s", change->details[j].attribute,
                                 change->details[j].name, change->details[j].recreation);
        }
    }
    return bytes_to_text(&fixture->arena, buffer_view(&text));
}

static void a_stack_is_reviewed_before_it_is_created(void **state)
{
    struct api_fixture *fixture = *state;
    const struct change_set *made = make(fixture, ",'ChangeSetType':'CREATE'", FIRST);
    assert_string_equal(tell(fixture, made), "Add T");
    assert_int_equal(made->execution, EXECUTION_AVAILABLE);
    assert_string_equal(stack_finish(fixture, "app"), "REVIEW_IN_PROGRESS");
    assert_begun(stack_call(fixture, "ExecuteChangeSet", "{" NAME "," SET "}"));
    assert_int_equal(find(fixture, "set")->execution, EXECUTION_IN_PROGRESS);
    assert_string_equal(stack_finish(fixture, "app"), "CREATE_COMPLETE");
    assert_int_equal(find(fixture, "set")->execution, EXECUTION_COMPLETE);
    assert_story(fixture, "app", 0,
                 "app REVIEW_IN_PROGRESS User Initiated\n"
                 "app CREATE_IN_PROGRESS User Initiated\n"
                 "T CREATE_IN_PROGRESS\n"
                 "T CREATE_IN_PROGRESS Resource creation Initiated\n"
                 "T CREATE_COMPLETE\n"
                 "app CREATE_COMPLETE\n");
}

static void a_reviewed_stack_is_deleted_at_once(void **state)
{
    struct api_fixture *fixture = *state;
    (void)make(fixture, ",'ChangeSetType':'CREATE'", FIRST);
    const char *id = stack_of(fixture, "app")->id;
    assert_begun(stack_call(fixture, "DeleteStack", "{" NAME "}"));
    assert_string_equal(stack_finish(fixture, id), "DELETE_COMPLETE");
    assert_null(stack_of(fixture, "app"));
}

static const struct {
    const char *template;
    const char *changes;
} CHANGES[] = {
    { CHANGED, "Modify T False Properties.GlobalSecondaryIndexes:Never" },
    { BESIDE, "Modify T False Properties.GlobalSecondaryIndexes:Never" },
    { REPLACED, "Modify T True ReplaceAndDelete Properties.KeySchema:Always" },
    { "{'Resources':{'T':" TABLE_OF(
          KEYS, INDEX("by-user", "'a'"), "'DeletionPolicy':'Retain',") "}}",
      "Modify T False DeletionPolicy.:Never" },
    { "{'Resources':{'U':" PLAIN("") "}}", "Add U; Remove T Delete" },
};

/* The cruel part: a change that will be refused looks harmless. */
static void changes_are_told_before_they_are_made(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
        assert_string_equal(tell(fixture, make(fixture, "", CHANGES[i].template)),
                            CHANGES[i].changes);
        assert_begun(stack_call(fixture, "DeleteChangeSet", "{" NAME "," SET "}"));
        assert_null(find(fixture, "set"));
    }
}

static void no_changes_are_a_failure(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    const struct change_set *made = make(fixture, "", FIRST);
    assert_true(made->has_failed);
    assert_string_equal(made->reason, "The submitted information didn't contain changes. Submit "
                                      "different information to create a change set.");
    assert_stack_refused(
        fixture, stack_call(fixture, "ExecuteChangeSet", "{" NAME "," SET "}"),
        "InvalidChangeSetStatusException",
        api_fixture_text(fixture,
                         "ChangeSet [%s] cannot be executed in its current status of [FAILED]",
                         made->id));
    assert_stack_refused(fixture, stack_submit(fixture, "UpdateStack", NAME, FIRST),
                         "ValidationError", "No updates are to be performed.");
}

static void an_executed_change_set_fails_with_its_update(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    (void)make(fixture, "", CHANGED);
    assert_begun(stack_submit(fixture, "CreateChangeSet", NAME ",'ChangeSetName':'other'", BESIDE));
    assert_begun(
        stack_call(fixture, "ExecuteChangeSet", "{" NAME "," SET ",'DisableRollback':true}"));
    assert_string_equal(stack_finish(fixture, "app"), "UPDATE_FAILED");
    assert_int_equal(find(fixture, "set")->execution, EXECUTION_FAILED);
    assert_null(find(fixture, "other"));
}

static void an_update_makes_change_sets_obsolete(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    const struct change_set *made = make(fixture, "", CHANGED);
    assert_string_equal(stack_deploy(fixture, "UpdateStack", NAME, BESIDE), "UPDATE_COMPLETE");
    assert_stack_refused(fixture, stack_call(fixture, "ExecuteChangeSet", "{" NAME "," SET "}"),
                         "InvalidChangeSetStatusException",
                         api_fixture_text(fixture,
                                          "ChangeSet [%s] cannot be executed in its current "
                                          "execution status of [OBSOLETE]",
                                          made->id));
}

static void a_change_set_is_deleted_though_it_is_not_there(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    assert_begun(stack_call(fixture, "DeleteChangeSet", "{" NAME "," SET "}"));
    assert_stack_refused(fixture, stack_call(fixture, "ExecuteChangeSet", "{" NAME "," SET "}"),
                         "ChangeSetNotFoundException", "ChangeSet [set] does not exist");
    assert_stack_refused(
        fixture, stack_call(fixture, "ExecuteChangeSet", "{" SET "}"), "ValidationError",
        "StackName must be specified if ChangeSetName is not specified as an ARN.");
}

static void names_are_taken_once(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    assert_stack_refused(fixture, stack_submit(fixture, "CreateStack", NAME, FIRST),
                         "AlreadyExistsException", "Stack [app] already exists");
    assert_stack_refused(
        fixture,
        stack_submit(fixture, "CreateChangeSet", NAME "," SET ",'ChangeSetType':'CREATE'", FIRST),
        "ValidationError",
        "Stack [app] already exists and cannot be created again with the changeSet [set].");
    assert_stack_refused(fixture, stack_submit(fixture, "UpdateStack", "'StackName':'no'", FIRST),
                         "ValidationError", "Stack [no] does not exist");
    (void)make(fixture, "", CHANGED);
    assert_stack_refused(
        fixture, stack_submit(fixture, "CreateChangeSet", NAME "," SET, BESIDE),
        "AlreadyExistsException",
        "ChangeSet set cannot be created due to a mismatch with existing attribute Template");
}

static void a_repeated_request_is_the_same(void **state)
{
    struct api_fixture *fixture = *state;
    const char *with_token = NAME ",'ClientRequestToken':'again'";
    assert_begun(stack_submit(fixture, "CreateStack", with_token, FIRST));
    assert_begun(stack_submit(fixture, "CreateStack", with_token, FIRST));
    assert_string_equal(stack_finish(fixture, "app"), "CREATE_COMPLETE");
    with_token = NAME ",'ClientRequestToken':'more'";
    assert_begun(stack_submit(fixture, "UpdateStack", with_token, BESIDE));
    assert_string_equal(stack_finish(fixture, "app"), "UPDATE_COMPLETE");
    assert_begun(stack_submit(fixture, "UpdateStack", with_token, BESIDE));
    assert_string_equal(stack_finish(fixture, "app"), "UPDATE_COMPLETE");
}

static void a_protected_stack_is_not_deleted(void **state)
{
    struct api_fixture *fixture = *state;
    assert_string_equal(
        stack_deploy(fixture, "CreateStack", NAME ",'EnableTerminationProtection':true", FIRST),
        "CREATE_COMPLETE");
    assert_stack_refused(fixture, stack_call(fixture, "DeleteStack", "{" NAME "}"),
                         "ValidationError",
                         "Stack [app] cannot be deleted while TerminationProtection is enabled");
}

static void what_is_under_way_is_not_disturbed(void **state)
{
    struct api_fixture *fixture = *state;
    create_first(fixture);
    assert_begun(stack_submit(fixture, "UpdateStack", NAME, BESIDE));
    const char *id = stack_of(fixture, "app")->id;
    assert_stack_refused(
        fixture, stack_submit(fixture, "UpdateStack", NAME, FIRST), "ValidationError",
        api_fixture_text(fixture, "Stack:%s is in UPDATE_IN_PROGRESS state and can not be updated.",
                         id));
    assert_stack_refused(
        fixture, stack_call(fixture, "DeleteStack", "{" NAME "}"), "ValidationError",
        api_fixture_text(fixture, "Stack [%s] cannot be deleted while in status UPDATE_IN_PROGRESS",
                         id));
}

static void the_old_template_is_there_again_after_a_rollback(void **state)
{
    struct api_fixture *fixture = *state;
    struct txn txn;
    create_first(fixture);
    uint64_t number = stack_of(fixture, "app")->content.template_number;
    assert_string_equal(stack_deploy(fixture, "UpdateStack", NAME, CHANGED),
                        "UPDATE_ROLLBACK_COMPLETE");
    const struct stack *stack = stack_of(fixture, "app");
    assert_int_equal(stack_shown_content(stack)->template_number, number);
    txn_begin_read(fixture->api->storage.env, &txn);
    struct bytes text = stack_template_text(&txn, &fixture->arena, stack, number);
    txn_abort(&txn);
    assert_int_equal(text.length, strlen(FIRST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_stack_is_reviewed_before_it_is_created),
        API_TEST(a_reviewed_stack_is_deleted_at_once),
        API_TEST(changes_are_told_before_they_are_made),
        API_TEST(no_changes_are_a_failure),
        API_TEST(an_executed_change_set_fails_with_its_update),
        API_TEST(an_update_makes_change_sets_obsolete),
        API_TEST(a_change_set_is_deleted_though_it_is_not_there),
        API_TEST(names_are_taken_once),
        API_TEST(a_repeated_request_is_the_same),
        API_TEST(a_protected_stack_is_not_deleted),
        API_TEST(what_is_under_way_is_not_disturbed),
        API_TEST(the_old_template_is_there_again_after_a_rollback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
