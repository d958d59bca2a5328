/* AttributeUpdates as plain data: what is refused, and what becomes of an item. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/expression/legacy_update.h"
#include "api/expression/update.h"
#include "storage/base/arena.h"
#include "tests/support/expressions.h"
#include "tests/support/literal.h"

#define INVALID "One or more parameter values were invalid: "

static struct legacy_update
update_of(struct arena *arena, const char *name, enum legacy_action action, const char *value)
{
    struct legacy_update update = {
        .attribute_name = bytes_of_text(name),
        .action = action,
        .has_value = value != NULL,
    };
    if (value != NULL) {
        update.value = literal_value(arena, value);
    }
    return update;
}

static const struct {
    const char *item;
    const char *name;
    enum legacy_action action;
    const char *value;
    const char *result; /* an item, or a refusal */
} CASES[] = {
    { "{k: 1}", "a", LEGACY_PUT, "'x'", "{k: 1, a: 'x'}" },
    { "{k: 1, a: 5}", "a", LEGACY_PUT, "'x'", "{k: 1, a: 'x'}" },
    { "{k: 1, a: 5}", "a", LEGACY_PUT, "''", "{k: 1, a: ''}" },
    { "{k: 1, m: {a: 5}}", "m.a", LEGACY_PUT, "6", "{k: 1, m: {a: 5}, 'm.a': 6}" },

    { "{k: 1, a: 5}", "a", LEGACY_DELETE, NULL, "{k: 1}" },
    { "{k: 1}", "a", LEGACY_DELETE, NULL, "{k: 1}" },
    { "{k: 1, a: <1, 2, 3>}", "a", LEGACY_DELETE, "<1, 3, 4>", "{k: 1, a: <2>}" },
    { "{k: 1, a: <'x'>}", "a", LEGACY_DELETE, "<'x'>", "{k: 1}" },
    { "{k: 1}", "a", LEGACY_DELETE, "<'x'>", "{k: 1}" },

    { "{k: 1, a: 5}", "a", LEGACY_ADD, "-2.5", "{k: 1, a: 2.5}" },
    { "{k: 1}", "a", LEGACY_ADD, "3", "{k: 1, a: 3}" },
    { "{k: 1, a: <'x'>}", "a", LEGACY_ADD, "<'x', 'y'>", "{k: 1, a: <'x', 'y'>}" },
    { "{k: 1}", "a", LEGACY_ADD, "<x'00'>", "{k: 1, a: <x'00'>}" },
    { "{k: 1, a: [1]}", "a", LEGACY_ADD, "[1, 'x']", "{k: 1, a: [1, 1, 'x']}" },
    { "{k: 1}", "a", LEGACY_ADD, "[1]", "{k: 1, a: [1]}" },
    { "{k: 1}", "a", LEGACY_ADD, "[]", "{k: 1, a: []}" },

    { "{k: 1, a: 'x'}", "a", LEGACY_ADD, "1", "Type mismatch for attribute to update" },
    { "{k: 1, a: <1>}", "a", LEGACY_ADD, "<'x'>", "Type mismatch for attribute to update" },
    { "{k: 1, a: 1}", "a", LEGACY_ADD, "[1]", "Type mismatch for attribute to update" },
    { "{k: 1, a: [1]}", "a", LEGACY_DELETE, "<1>", "Type mismatch for attribute to update" },

    { "{}", "a", LEGACY_PUT, NULL,
      INVALID "Only DELETE action is allowed when no attribute value is specified" },
    { "{}", "a", LEGACY_ADD, NULL,
      INVALID "Only DELETE action is allowed when no attribute value is specified" },
    { "{}", "a", LEGACY_ADD, "'x'", INVALID "ADD action is not supported for the type S" },
    { "{}", "a", LEGACY_ADD, "x'00'", INVALID "ADD action is not supported for the type B" },
    { "{}", "a", LEGACY_ADD, "true", INVALID "ADD action is not supported for the type BOOL" },
    { "{}", "a", LEGACY_ADD, "null", INVALID "ADD action is not supported for the type NULL" },
    { "{}", "a", LEGACY_ADD, "{}", INVALID "ADD action is not supported for the type M" },
    { "{}", "a", LEGACY_DELETE, "1",
      INVALID "DELETE action with value is not supported for the type N" },
    { "{}", "a", LEGACY_DELETE, "[1]",
      INVALID "DELETE action with value is not supported for the type L" },
};

static const char *apply(struct expression_context *context,
                         const struct legacy_update *updates,
                         size_t count,
                         const char *item)
{
    struct update *update;
    struct bytes result;
    for (size_t i = 0; i < count; i++) {
        if (!legacy_update_check(context, &updates[i])) {
            return expressions_refusal(context);
        }
    }
    if (!legacy_update_join(context, updates, count, &update) ||
        !update_apply(context, update, literal_item(context->arena, item), &result)) {
        return expressions_refusal(context);
    }
    return literal_of_item(context->arena, result);
}

/* Maps in the order in which they are written back; a refusal as it is. */
static const char *normal(struct arena *arena, const char *expected)
{
    return expected[0] == '{' ? literal_of_item(arena, literal_item(arena, expected)) : expected;
}

static void actions_do_to_an_attribute_what_they_say(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct expression_context context;
        struct legacy_update update =
            update_of(&arena, CASES[i].name, CASES[i].action, CASES[i].value);
        expression_init(&context, &arena, EXPRESSION_UPDATE);
        assert_string_equal(apply(&context, &update, 1, CASES[i].item),
                            normal(&arena, CASES[i].result));
    }
    arena_deinit(&arena);
}

static void several_attributes_are_updated_at_once(void **state)
{
    (void)state;
    struct arena arena;
    struct expression_context context;
    arena_init(&arena);
    const struct legacy_update updates[] = {
        update_of(&arena, "z", LEGACY_PUT, "[]"),
        update_of(&arena, "n", LEGACY_ADD, "1"),
        update_of(&arena, "a", LEGACY_DELETE, NULL),
        update_of(&arena, "s", LEGACY_DELETE, "<'x'>"),
    };
    expression_init(&context, &arena, EXPRESSION_UPDATE);
    assert_string_equal(apply(&context, updates, 4, "{a: 1, k: 'key', n: 1, s: <'x', 'y'>}"),
                        normal(&arena, "{k: 'key', n: 2, s: <'y'>, z: []}"));
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_do_to_an_attribute_what_they_say),
        cmocka_unit_test(several_attributes_are_updated_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
