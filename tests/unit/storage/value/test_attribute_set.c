/* Sets: their order, union and difference. */

#include "storage/value/attribute_set.h"

#include "storage/base/arena.h"
#include "tests/support/literal.h"
#include "tests/support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static void assert_same(struct attribute_value left, struct attribute_value right)
{
    assert_true(attribute_payload_is_valid(left.type, left.payload));
    assert_int_equal(left.type, right.type);
    assert_int_equal(left.is_plain, right.is_plain);
    assert_true(bytes_equal(left.payload, right.payload));
}

static const struct {
    const char *left;
    const char *right;
    const char *united;
    const char *difference; /* NULL: nothing is left */
} CASES[] = {
    { "<'a'>", "<'a'>", "<'a'>", NULL },
    { "<'a', 'b'>", "<'c'>", "<'a', 'b', 'c'>", "<'a', 'b'>" },
    { "<'c'>", "<'a', 'b'>", "<'a', 'b', 'c'>", "<'c'>" },
    { "<'a', 'c', 'e'>", "<'b', 'c', 'd'>", "<'a', 'b', 'c', 'd', 'e'>", "<'a', 'e'>" },
    { "<'', 'a'>", "<'aa', 'a'>", "<'', 'a', 'aa'>", "<''>" },
    { "<1, 10, 9>", "<9, -3>", "<-3, 1, 9, 10>", "<1, 10>" },
    { "<x'ff', x'00'>", "<x'', x'00ff'>", "<x'', x'00', x'00ff', x'ff'>", "<x'00', x'ff'>" },
    { "<'a\\', 'b'>", "<'a\\'>", "<'a\\', 'b'>", "<'b'>" },
    { "<'b'>", "<'a\"'>", "<'a\"', 'b'>", "<'b'>" },
};

static void union_and_difference_are_sets_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct attribute_value left = literal_value(&arena, CASES[i].left);
        struct attribute_value right = literal_value(&arena, CASES[i].right);
        assert_same(set_unite(&arena, left, right), literal_value(&arena, CASES[i].united));
        struct attribute_value difference = set_subtract(&arena, left, right);
        if (CASES[i].difference == NULL) {
            assert_int_equal(difference.payload.length, 0);
        } else {
            assert_same(difference, literal_value(&arena, CASES[i].difference));
        }
    }
}

/* Below and above the length that is sorted by insertion. */
static void any_order_becomes_the_one_order(void **state)
{
    enum { COUNT_MAX = 200 };
    (void)state;
    struct random random;
    random_start(&random, "attribute_set");
    for (size_t count = 1; count <= COUNT_MAX; count++) {
        struct bytes elements[COUNT_MAX];
        for (size_t i = 0; i < count; i++) {
            char digits[16];
            (void)snprintf(digits, sizeof digits, "%d", (int)i - COUNT_MAX / 2);
            elements[i] = bytes_copy(&arena, bytes_of_text(digits));
        }
        for (size_t i = count; i > 1; i--) {
            size_t other = random_below(&random, i);
            struct bytes moving = elements[i - 1];
            elements[i - 1] = elements[other];
            elements[other] = moving;
        }
        enum attribute_type type = random_once_in(&random, 2) ? ATTRIBUTE_NS : ATTRIBUTE_SS;
        assert_true(set_sort(type, elements, count));
        for (size_t i = 1; i < count; i++) {
            assert_true(set_compare_elements(type, elements[i - 1], elements[i]) < 0);
        }
        if (count > 1) {
            elements[random_below(&random, count - 1)] = elements[count - 1];
            assert_false(set_sort(type, elements, count));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(union_and_difference_are_sets_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_order_becomes_the_one_order, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("attribute_set", tests, NULL, NULL);
}
