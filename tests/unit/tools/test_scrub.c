#include "tools/scrub.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

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

static struct scrub scrub_in(struct arena *arena)
{
    return (struct scrub){
        .arena = arena,
        .address = "127.0.0.1:43121",
        .directory = "/tmp/rehearse-Xc09aL",
    };
}

static void assert_scrubbed(struct scrub *scrub, const char *text, const char *expected)
{
    struct bytes clean = scrub_text(scrub, bytes_of_text(text));
    assert_string_equal(bytes_to_text(scrub->arena, clean), expected);
}

static void what_is_random_gets_a_name(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        { "", "" },
        { "plain text\n", "plain text\n" },
        { "http://127.0.0.1:43121/", "http://127.0.0.1:PORT/" },
        { "127.0.0.1:43122", "127.0.0.1:43122" }, /* another server */
        { "/tmp/rehearse-Xc09aL/page.md: line 3: x", "page.md: line 3: x" },
        { "/tmp/rehearse-Xc09aL/background-12/page.md: line 3", "page.md: line 3" },
        { "/tmp/rehearse-Xc09aL/tmp", "TMPDIR" },
        { "/tmp/rehearse-Xc09aL/tmp/tmp.Hs73nDk2aP/x", "TMPDIR/tmp.1/x" },
        { "tmp.short", "tmp.short" },
        { "xtmp.Hs73nDk2aP", "xtmp.Hs73nDk2aP" },
        { "\"0b9dba9f-6a3c-4a0e-8a5b-0d1f2c3e4a5b\"", "\"00000000-0000-0000-0000-000000000001\"" },
        { "0b9dba9f-6a3c-4a0e-8a5b-0d1f2c3e4a5", "0b9dba9f-6a3c-4a0e-8a5b-0d1f2c3e4a5" },
        { "0b9dba9f-6a3c-4a0e-8a5b_0d1f2c3e4a5b", "0b9dba9f-6a3c-4a0e-8a5b_0d1f2c3e4a5b" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scrub scrub = scrub_in(*state);
        assert_scrubbed(&scrub, rows[i].text, rows[i].expected);
    }
}

static void the_same_thing_keeps_its_name(void **state)
{
    struct scrub scrub = scrub_in(*state);
    assert_scrubbed(&scrub, "tmp.aaaaaaaaaa tmp.bbbbbbbbbb tmp.aaaaaaaaaa", "tmp.1 tmp.2 tmp.1");
    assert_scrubbed(&scrub, "tmp.bbbbbbbbbb", "tmp.2");
    assert_scrubbed(&scrub,
                    "11111111-1111-1111-1111-111111111111 22222222-2222-2222-2222-222222222222",
                    "00000000-0000-0000-0000-000000000001 00000000-0000-0000-0000-000000000002");
    assert_scrubbed(&scrub, "22222222-2222-2222-2222-222222222222",
                    "00000000-0000-0000-0000-000000000002");
}

static void without_a_private_server_addresses_stay(void **state)
{
    struct scrub scrub = scrub_in(*state);
    scrub.address = NULL;
    assert_scrubbed(&scrub, "http://127.0.0.1:43121", "http://127.0.0.1:43121");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_random_gets_a_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_thing_keeps_its_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_private_server_addresses_stay, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("scrub", tests, NULL, NULL);
}
