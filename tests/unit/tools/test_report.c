#include "tools/report/text.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define U_FFFD "\xEF\xBF\xBD"

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

static const struct {
    const char *text;
    const char *json;
    const char *xml;
} rows[] = {
    { "", "\"\"", "" },
    { "plain", "\"plain\"", "plain" },
    { "\"q\" \\", "\"\\\"q\\\" \\\\\"", "&quot;q&quot; \\" },
    { "<a>&]]>", "\"<a>&]]>\"", "&lt;a&gt;&amp;]]&gt;" },
    { "a\tb\nc\r", "\"a\\u0009b\\nc\\u000d\"", "a\tb\nc&#13;" },
    { "\x1b[31m", "\"\\u001b[31m\"", U_FFFD "[31m" },
    { "ä€𝄞", "\"ä€𝄞\"", "ä€𝄞" },
    { "\xEF\xBF\xBE", "\"\xEF\xBF\xBE\"", U_FFFD },                           /* U+FFFE */
    { "\xC3", "\"" U_FFFD "\"", U_FFFD },                                     /* cut short */
    { "\xC0\x80", "\"" U_FFFD U_FFFD "\"", U_FFFD U_FFFD },                   /* too long a form */
    { "\xED\xA0\x80", "\"" U_FFFD U_FFFD U_FFFD "\"", U_FFFD U_FFFD U_FFFD }, /* a surrogate */
    { "\xF4\x90\x80\x80x", "\"" U_FFFD U_FFFD U_FFFD U_FFFD "x\"",
      U_FFFD U_FFFD U_FFFD U_FFFD "x" }, /* past U+10FFFF */
    { "\xFFx", "\"" U_FFFD "x\"", U_FFFD "x" },
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static void any_bytes_become_a_json_string(void **state)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct buffer buffer;
        buffer_init(&buffer, *state, 16);
        report_append_json_string(&buffer, bytes_of_text(rows[i].text));
        assert_string_equal(bytes_to_text(*state, buffer_view(&buffer)), rows[i].json);
    }
}

static void any_bytes_become_xml_text(void **state)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct buffer buffer;
        buffer_init(&buffer, *state, 16);
        report_append_xml_text(&buffer, bytes_of_text(rows[i].text));
        assert_string_equal(bytes_to_text(*state, buffer_view(&buffer)), rows[i].xml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_bytes_become_a_json_string, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_bytes_become_xml_text, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
