/* JSON of replies as it goes back into requests. */

#include "tools/client/json.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void what_is_parsed_prints_as_it_was(void **state)
{
    static const char *const texts[] = {
        "{\"a\":[1,\"x\",true,null],\"b\":{}}",
        "{\"zero\\u0000byte\":\"\\u0000\\u0000\"}",
        "{\"a\":\"\\\\u0000\"}",
        "[\"\\u0001\",\"\\\"\",\"\xC3\xBC\xE2\x82\xAC\"]",
    };
    struct arena arena;
    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct cJSON *tree = json_parse(bytes_of_text(texts[i]));
        assert_non_null(tree);
        assert_string_equal(bytes_to_text(&arena, json_print(&arena, tree)), texts[i]);
        json_free(tree);
    }
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_parsed_prints_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
