/* JSON as a tree of nodes, and where it is not well-formed; scalars of YAML. */

#include "api/template/json_document.h"

#include "api/template/node.h"
#include "api/template/yaml_document.h"
#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

static const struct {
    const char *text;
    const char *printed;
} WELL_FORMED[] = {
    { "{\"b\":[1,\"x\",true,null],\"a\":{}}", NULL },
    { " \t\r\n[ ] ", "[]" },
    { "[0,-0,12.50,1e3,-1.5E-07]", NULL },
    { "[12345678901234567890]", NULL },
    { "\"\\/\\b\\f\\n\\r\\t\\\\\\\"\"", "\"/\\u0008\\u000c\\u000a\\u000d\\u0009\\\\\\\"\"" },
    { "\"\\u00fc\\u20AC\\ud83d\\ude00\"", "\"\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\"" },
    { "{\"a\\u0000b\":\"\\u0000\"}", NULL },
    { "\"\xC3\xBC\xED\x9F\xBF\xF4\x8F\xBF\xBF\"", NULL },
};

static void what_is_well_formed_prints_as_it_was(void **state)
{
    for (size_t i = 0; i < sizeof WELL_FORMED / sizeof WELL_FORMED[0]; i++) {
        const char *wanted = WELL_FORMED[i].printed;
        const struct node *tree = NULL;
        struct document_error error = { .what = "" };
        if (!json_document_read(*state, bytes_of_text(WELL_FORMED[i].text), &tree, &error)) {
            fail_msg("%s: %s", WELL_FORMED[i].text, error.what);
        }
        struct buffer text;
        buffer_init(&text, *state, 64);
        node_append_json(&text, tree, false);
        assert_string_equal(bytes_to_text(*state, buffer_view(&text)),
                            wanted != NULL ? wanted : WELL_FORMED[i].text);
    }
}

static const struct {
    const char *text;
    size_t line;
    size_t column;
} BROKEN[] = {
    { "", 1, 1 },
    { "{\n  \"a\": 1\n  \"b\": 2\n}", 3, 3 },
    { "{\"a\" 1}", 1, 6 },
    { "{a: 1}", 1, 2 },
    { "[1,]", 1, 4 },
    { "[1", 1, 3 },
    { "{\"a\":1}\n}", 2, 1 },
    { "[01]", 1, 2 },
    { "[1.]", 1, 2 },
    { "[1e]", 1, 2 },
    { "[-]", 1, 2 },
    { "[tru]", 1, 2 },
    { "\"\\x\"", 1, 3 },
    { "\"\\u12g4\"", 1, 4 },
    { "\"\\ud83d\"", 1, 8 },
    { "\"\\ude00\"", 1, 8 },
    { "\"\\ud83d\\u0041\"", 1, 14 },
    { "\"a\nb\"", 1, 3 },
    { "\"\xC0\x80\"", 1, 2 },
    { "\"\xED\xA0\x80\"", 1, 2 },
    { "\"\xE0\x80\x80\"", 1, 2 },
    { "\"\xF4\x90\x80\x80\"", 1, 2 },
    { "\"\xC3\"", 1, 2 },
    { "\"a", 1, 3 },
};

static void what_is_broken_is_refused_where_it_breaks(void **state)
{
    for (size_t i = 0; i < sizeof BROKEN / sizeof BROKEN[0]; i++) {
        const struct node *tree = NULL;
        struct document_error error = { .what = NULL };
        if (json_document_read(*state, bytes_of_text(BROKEN[i].text), &tree, &error)) {
            fail_msg("accepted: %s", BROKEN[i].text);
        }
        assert_non_null(error.what);
        if (error.line != BROKEN[i].line || error.column != BROKEN[i].column) {
            fail_msg("%s: line %zu, column %zu", BROKEN[i].text, error.line, error.column);
        }
    }
}

static const struct {
    const char *yaml;
    const char *json;
} PLAIN[] = {
    { "5", "5" },         { "+5", "5" },
    { "-1.50", "-1.50" }, { "007", "\"007\"" },
    { "5.", "\"5.\"" },   { ".5", "\".5\"" },
    { "+-5", "\"+-5\"" }, { "'5'", "\"5\"" },
    { "1e3", "\"1e3\"" }, { "2012-10-17", "\"2012-10-17\"" },
    { "Yes", "true" },    { "off", "false" },
    { "~", "null" },
};

static void plain_scalars_of_yaml_are_written_as_json(void **state)
{
    for (size_t i = 0; i < sizeof PLAIN / sizeof PLAIN[0]; i++) {
        const struct node *tree = NULL;
        struct buffer text;
        struct document_error error;
        assert_true(yaml_document_read(*state, bytes_of_text(PLAIN[i].yaml), &tree, &error));
        buffer_init(&text, *state, 64);
        node_append_json(&text, tree, false);
        assert_string_equal(bytes_to_text(*state, buffer_view(&text)), PLAIN[i].json);
    }
}

static void a_document_too_deep_is_refused(void **state)
{
    struct buffer text;
    buffer_init(&text, *state, 1024);
    for (int i = 0; i <= NODE_DEPTH_MAX + 1; i++) {
        buffer_append_u8(&text, '[');
    }
    const struct node *tree = NULL;
    struct document_error error;
    assert_false(json_document_read(*state, buffer_view(&text), &tree, &error));
    assert_string_equal(error.what, "nested too deeply");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_well_formed_prints_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_broken_is_refused_where_it_breaks, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(plain_scalars_of_yaml_are_written_as_json, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_document_too_deep_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("json_document", tests, NULL, NULL);
}
