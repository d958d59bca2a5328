#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/expression/sets.h"
#include "storage/base/arena.h"
#include "storage/value/item_codec.h"
#include "tests/support/literal.h"

static const struct {
    const char *left;
    const char *right;
    const char *united;
    const char *subtracted;
} CASES[] = {
    { "<'a'>", "<'b'>", "<'a', 'b'>", "<'a'>" },
    { "<'b', 'a'>", "<'a', 'c'>", "<'b', 'a', 'c'>", "<'b'>" },
    { "<'a', 'b'>", "<'b', 'a'>", "<'a', 'b'>", NULL },
    { "<10, 2, -1>", "<2, 20>", "<10, 2, -1, 20>", "<10, -1>" },
    { "<x'00', x'0000'>", "<x'00', x'01'>", "<x'00', x'0000', x'01'>", "<x'0000'>" },
};

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

/* The same payload, order included; NULL: none. */
static void assert_set(struct attribute_value set, const char *expected)
{
    assert_true(attribute_payload_is_valid(set.type, set.payload));
    if (expected == NULL) {
        assert_int_equal(set.payload.length, 0);
        return;
    }
    assert_true(bytes_equal(set.payload, literal_value(&arena, expected).payload));
}

static void sets_are_united_and_subtracted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct attribute_value left = literal_value(&arena, CASES[i].left);
        struct attribute_value right = literal_value(&arena, CASES[i].right);
        assert_set(sets_unite(&arena, left, right), CASES[i].united);
        assert_set(sets_subtract(&arena, left, right), CASES[i].subtracted);
    }
}

static void a_united_set_is_plain_when_both_are(void **state)
{
    (void)state;
    struct attribute_value plain = literal_value(&arena, "<'a'>");
    struct attribute_value other = literal_value(&arena, "<'b'>");
    plain.is_plain = true;
    other.is_plain = false;
    assert_false(sets_unite(&arena, plain, other).is_plain);
    assert_true(sets_unite(&arena, plain, plain).is_plain);
    assert_true(sets_subtract(&arena, plain, other).is_plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sets_are_united_and_subtracted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_united_set_is_plain_when_both_are, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
