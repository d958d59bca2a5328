/* Rules by themselves: what they match, when they act, which one decides. */

#include "api/rehearsal/faults.h"
#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct faults *faults;
static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    faults = faults_open();
    assert_non_null(faults);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    faults_close(faults);
    arena_deinit(&arena);
    return 0;
}

static const struct target TABLES[] = { { .table_name = { (const uint8_t *)"First", 5 } },
                                        { .table_name = { (const uint8_t *)"Second", 6 } } };
static const struct targets TARGETS = { .tables = TABLES,
                                        .count = 2,
                                        .index_name = { (const uint8_t *)"index", 5 } };

/* Which rule acts on a call of KEY in eu-west-1; -1: none. */
static int choose(const struct operation *operation)
{
    struct fault_call call = { .operation = operation,
                               .targets = &TARGETS,
                               .access_key_id = BYTES("KEY"),
                               .region = BYTES("eu-west-1") };
    size_t rule;
    struct fault fault;
    return faults_choose(faults, &call, &rule, &fault) ? (int)rule : -1;
}

static void without_rules_nothing_is_disturbed(void **state)
{
    (void)state;
    assert_false(faults_exist(faults));
    assert_int_equal(choose(&OPERATION_QUERY), -1);
}

static void all_that_a_rule_names_must_match(void **state)
{
    (void)state;
    const struct {
        struct fault_rule rule;
        bool matches;
    } rows[] = {
        { { .repeat = FAULT_ALWAYS }, true },
        { { .operation = BYTES("Query") }, true },
        { { .operation = BYTES("Scan") }, false },
        { { .table_name = BYTES("First") }, true },
        { { .table_name = BYTES("Second") }, true },
        { { .table_name = BYTES("Third") }, false },
        { { .index_name = BYTES("index") }, true },
        { { .index_name = BYTES("ind") }, false },
        { { .access_key_id = BYTES("KEY") }, true },
        { { .access_key_id = BYTES("KEYS") }, false },
        { { .region = BYTES("eu-west-1") }, true },
        { { .region = BYTES("us-east-1") }, false },
        { { .operation = BYTES("Query"), .table_name = BYTES("First"), .region = BYTES("x") },
          false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fault_rule rule = rows[i].rule;
        rule.repeat = FAULT_ALWAYS;
        faults_replace(faults, &rule, 1);
        assert_int_equal(choose(&OPERATION_QUERY), rows[i].matches ? 0 : -1);
    }
}

static void a_rule_acts_after_its_countdown_and_as_often_as_it_says(void **state)
{
    (void)state;
    struct fault_rule rule = { .countdown = 2, .repeat = 3 };
    static const int expected[] = { -1, -1, 0, 0, 0, -1, -1 };
    faults_replace(faults, &rule, 1);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_int_equal(choose(&OPERATION_QUERY), expected[i]);
    }
    size_t count;
    const struct fault_rule *rules = faults_copy(faults, &arena, &count);
    assert_int_equal(count, 1);
    assert_int_equal(rules[0].matched, 7);
    assert_int_equal(rules[0].acted, 3);
}

/* The first that acts: one that counts down, or is spent, lets the next decide. */
static void the_first_rule_that_acts_decides(void **state)
{
    (void)state;
    const struct fault_rule rules[] = { { .operation = BYTES("Scan"), .repeat = FAULT_ALWAYS },
                                        { .countdown = 1, .repeat = 1 },
                                        { .repeat = 2 } };
    static const int expected[] = { 2, 1, 2, -1 };
    faults_replace(faults, rules, 3);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_int_equal(choose(&OPERATION_QUERY), expected[i]);
    }
    assert_int_equal(choose(&OPERATION_SCAN), 0);
}

static void replacing_counts_anew(void **state)
{
    (void)state;
    struct fault_rule rule = { .repeat = 1 };
    faults_replace(faults, &rule, 1);
    assert_true(faults_exist(faults));
    assert_int_equal(choose(&OPERATION_QUERY), 0);
    assert_int_equal(choose(&OPERATION_QUERY), -1);
    size_t count;
    struct fault_rule *spent = faults_copy(faults, &arena, &count);
    faults_replace(faults, spent, count);
    assert_int_equal(choose(&OPERATION_QUERY), 0);
    faults_replace(faults, NULL, 0);
    assert_false(faults_exist(faults));
    assert_int_equal(choose(&OPERATION_QUERY), -1);
}

int main(void)
{
#define FAULTS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FAULTS_TEST(without_rules_nothing_is_disturbed),
        FAULTS_TEST(all_that_a_rule_names_must_match),
        FAULTS_TEST(a_rule_acts_after_its_countdown_and_as_often_as_it_says),
        FAULTS_TEST(the_first_rule_that_acts_decides),
        FAULTS_TEST(replacing_counts_anew),
    };
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
