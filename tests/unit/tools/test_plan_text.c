/* A plan as people read it and as programs do. The example of docs/plan.md is compared whole by
   tests/wire/test_rehearse_plan.py. */

#include "api/template/node.h"
#include "storage/base/arena.h"
#include "storage/base/bytes.h"
#include "tests/support/template_definitions.h"
#include "tools/plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PK(more) "KeySchema: [{AttributeName: pk, KeyType: HASH}" more "], "
#define TABLE    "TableName: things, BillingMode: PAY_PER_REQUEST, " PK("")
#define DEFINE(type)                                                                               \
    "AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: a, "            \
    "AttributeType: " type "}]"
#define BARE TABLE "AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]"
#define INDEX(name)                                                                                \
    "{IndexName: " name ", KeySchema: [{AttributeName: a, KeyType: HASH}], Projection: "           \
    "{ProjectionType: ALL}}"
#define ONE(type) TABLE "GlobalSecondaryIndexes: [" INDEX("by-a") "], " DEFINE(type)
#define TWO       TABLE "GlobalSecondaryIndexes: [" INDEX("by-a") ", " INDEX("by-b") "], " DEFINE("S")

static int set_up(void **state)
{
    static struct arena arena;
    arena_init(&arena);
    *state = &arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_deinit(*state);
    return 0;
}

static void make_plan(struct arena *arena, const char *from, const char *to, struct plan *out)
{
    static const struct sequence_options options = { .keeps_names = false };
    *out = (struct plan){ .table = "things",
                          .from_source = "one",
                          .to_source = "other",
                          .from = definition_of_properties(arena, from),
                          .to = definition_of_properties(arena, to) };
    difference_find(arena, out->from, out->to, &out->difference);
    sequence_find(arena, out->from, out->to, &options, &out->sequence);
}

static const char *text_of(struct arena *arena, const char *from, const char *to)
{
    struct plan plan;
    struct buffer text;
    make_plan(arena, from, to, &plan);
    buffer_init(&text, arena, 4096);
    plan_append_text(&text, &plan, false);
    return bytes_to_text(arena, buffer_view(&text));
}

static const struct {
    const char *from;
    const char *to;
    bool is_plain;
    const char *verdict;
    const char *first_line;
    const char *also[4]; /* is in the text */
} ROWS[] = {
    { BARE, BARE, true, "NOTHING", "things: nothing to do\n", { NULL } },
    { BARE,
      ONE("S"),
      true,
      "IN_PLACE",
      "things: 1 change; in place; in 1 deployment: all of it\n",
      { "\nDeployment 1: create index by-a\n",
        "    rehearse wait --table things --index by-a\n" } },
    { BARE,
      TWO,
      false,
      "SEVERAL",
      "things: 2 changes; at once: more than one deployment; in 2 deployments: all of it\n",
      { "Cannot perform more than one GSI creation or deletion in a single update\n",
        "\nDeployment 2: create index by-b\n" } },
    { ONE("S"),
      ONE("N"),
      false,
      "REFUSED",
      "things: 1 change; at once: refused; in 2 deployments: all of it\n",
      { "    - a (S)\n    + a (N)\n", "  OUTAGE: its readers have no index",
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        "Rename things and update the stack again.\n" } },
    { TABLE "AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]",
      PK(", {AttributeName: a, KeyType: RANGE}") "BillingMode: PAY_PER_REQUEST, " DEFINE("S"),
      false,
      "REPLACEMENT",
      "things: 2 changes; at once: replaces the table, its items are lost; no update leads "
      "there\n",
      { "No sequence of updates leads to all that is wanted" } },
};

static void plans_read_as_they_should(void **state)
{
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct plan plan;
        make_plan(*state, ROWS[i].from, ROWS[i].to, &plan);
        assert_int_equal(plan_is_plain(&plan), ROWS[i].is_plain);
        assert_string_equal(plan_verdict_name(&plan), ROWS[i].verdict);
        const char *text = text_of(*state, ROWS[i].from, ROWS[i].to);
        if (strncmp(text, ROWS[i].first_line, strlen(ROWS[i].first_line)) != 0) {
            fail_msg("%s", text);
        }
        for (size_t j = 0; j < 4 && ROWS[i].also[j] != NULL; j++) {
            if (strstr(text, ROWS[i].also[j]) == NULL) {
                fail_msg("not in it: %s\n%s", ROWS[i].also[j], text);
            }
        }
    }
}

static void colors_are_for_terminals_only(void **state)
{
    struct plan plan;
    struct buffer text;
    make_plan(*state, BARE, TWO, &plan);
    assert_null(strchr(text_of(*state, BARE, TWO), '\033'));
    buffer_init(&text, *state, 4096);
    plan_append_text(&text, &plan, true);
    assert_non_null(strstr(bytes_to_text(*state, buffer_view(&text)),
                           "\033[33mmore than one deployment\033[0m"));
}

static void a_name_that_nobody_tells_is_asked_for(void **state)
{
    struct plan plan;
    struct buffer text;
    make_plan(*state, BARE, ONE("S"), &plan);
    plan.table = PLAN_NO_NAME;
    buffer_init(&text, *state, 4096);
    plan_append_text(&text, &plan, false);
    assert_non_null(strstr(bytes_to_text(*state, buffer_view(&text)),
                           "put it in place of TABLE_NAME, or give --table.\n"));
}

static void programs_get_one_object(void **state)
{
    struct plan plan;
    struct buffer text;
    const struct node *tree = NULL;
    const char *error = NULL;
    make_plan(*state, ONE("S"), ONE("N"), &plan);
    buffer_init(&text, *state, 4096);
    plan_append_json(&text, &plan);
    assert_true(node_read(*state, buffer_view(&text), &tree, &error));
    assert_true(node_is_text(node_member(tree, "Verdict"), "REFUSED"));
    assert_true(node_is_text(node_member(tree, "InOneDeployment"), "false"));
    assert_true(node_is_text(node_member(tree, "Complete"), "true"));
    const struct node *change = node_member(tree, "Changes")->first;
    assert_true(node_is_text(node_member(change, "Property"), "AttributeDefinitions"));
    assert_true(node_is_text(node_member(change, "Change"), "CHANGED"));
    assert_null(node_member(change, "IndexName"));
    const struct node *deployments = node_member(tree, "Deployments");
    assert_int_equal(node_count(deployments), 2);
    assert_true(node_is_text(node_member(deployments->first, "Kind"), "DELETE_INDEX"));
    assert_true(node_is_text(node_member(deployments->first, "Outage"), "true"));
    const struct node *call = node_member(deployments->last, "Calls")->first;
    assert_true(node_is_text(node_member(call, "Operation"), "UpdateTable"));
    assert_true(
        node_is_text(node_member(call, "Wait"), "rehearse wait --table things --index by-a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plans_read_as_they_should, set_up, tear_down),
        cmocka_unit_test_setup_teardown(colors_are_for_terminals_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_that_nobody_tells_is_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(programs_get_one_object, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("plan_text", tests, NULL, NULL);
}
