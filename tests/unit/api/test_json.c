#include "api/json.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    json_install_hooks();
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static bool parses(struct bytes text)
{
    const struct cJSON *document;
    return json_parse(&arena, text, &document);
}

static const struct cJSON *parse(struct bytes text)
{
    const struct cJSON *document = NULL;
    assert_true(json_parse(&arena, text, &document));
    return document;
}

static const char *const ACCEPTED[] = {
    "{}",
    "[]",
    "0",
    "-0.5e+10",
    "1E3",
    "true",
    "null",
    " \t\r\n{ \"a\" : [ 1 , 2 ] }\n",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
    "\"\\ud83d\\ude00\"",            /* a pair of surrogates */
    "\"\xC3\xA9\xE2\x82\xAC\"",      /* two and three bytes */
    "\"\xF0\x9F\x98\x80 12345678\"", /* four */
    "\"\xED\x9F\xBF\xEE\x80\x80\"",  /* the neighbours of the surrogates */
    "\"\xF4\x8F\xBF\xBF\"",          /* the last character */
    "\"\x7F\"",
};

static const char *const REFUSED[] = {
    "",
    " ",
    "{",
    "}",
    "{\"a\"}",
    "{\"a\":1,}",
    "[1 2]",
    "{} {}",
    "nul",
    "'a'",
    "01",
    "1.",
    ".5",
    "-",
    "+1",
    "1e",
    "0x10",
    "NaN",
    "\"",
    "\"a",
    "\"\\",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\ud800\"",        /* a lone high surrogate */
    "\"\\udc00\"",        /* a lone low one */
    "\"\\ud800\\u0041\"", /* a high one and a letter */
    "\"\\ud800\\ud800\"", /* two high ones */
    "\"\n\"",             /* raw control characters */
    "\"1234567\x1F\"",
    "\"\x80\"",     /* a continuation alone */
    "\"\xC3\"",     /* a start alone */
    "\"\xC0\x80\"", /* overlong forms */
    "\"\xC1\xBF\"",
    "\"\xE0\x80\x80\"",
    "\"\xF0\x80\x80\x80\"",
    "\"\xED\xA0\x80\"",     /* a surrogate */
    "\"\xF4\x90\x80\x80\"", /* past the last character */
    "\"\xF5\x80\x80\x80\"",
    "\xEF\xBB\xBF{}", /* a byte order mark */
    "{}\v",
};

static void json_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ACCEPTED / sizeof ACCEPTED[0]; i++) {
        if (!parses(bytes_of_text(ACCEPTED[i]))) {
            fail_msg("refused: %s", ACCEPTED[i]);
        }
    }
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        if (parses(bytes_of_text(REFUSED[i]))) {
            fail_msg("accepted: %s", REFUSED[i]);
        }
    }
    assert_false(parses(BYTES("{}\0")));
    assert_false(parses(BYTES("\"\0\"")));
}

static void a_fault_at_any_place_of_a_word_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < 24; i++) {
        char text[] = "\"aaaaaaaaaaaaaaaaaaaaaaaa\"";
        assert_true(parses(bytes_of_text(text)));
        text[i + 1] = '\x01';
        assert_false(parses(bytes_of_text(text)));
        text[i + 1] = '\x80';
        assert_false(parses(bytes_of_text(text)));
        text[i + 1] = '"';
        assert_false(parses(bytes_of_text(text)));
    }
}

static void depth_is_limited(void **state)
{
    (void)state;
    char text[4000];
    memset(text, '[', 1000);
    memset(text + 1000, ']', 1000);
    assert_true(parses((struct bytes){ (uint8_t *)text, 2000 }));
    memset(text, '[', 1001);
    memset(text + 1001, ']', 1001);
    assert_false(parses((struct bytes){ (uint8_t *)text, 2002 }));
}

static const struct {
    struct bytes json;
    struct bytes text;
} ZEROS[] = {
    { { (const uint8_t *)"\"\\u0000\"", 8 }, { (const uint8_t *)"\0", 1 } },
    { { (const uint8_t *)"\"a\\u0000b\\u0000\"", 16 }, { (const uint8_t *)"a\0b\0", 4 } },
    { { (const uint8_t *)"\"\\\\u0000\"", 9 }, { (const uint8_t *)"\\u0000", 6 } },
    { { (const uint8_t *)"\"\\\\\\u0000\"", 10 }, { (const uint8_t *)"\\\0", 2 } },
    { { (const uint8_t *)"\"\\u00000\"", 9 },
      { (const uint8_t *)"\0"
                         "0",
        2 } },
    { { (const uint8_t *)"\"\\u0001\"", 8 }, { (const uint8_t *)"\x01", 1 } },
};

static void an_escaped_zero_is_a_zero_byte_of_the_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ZEROS / sizeof ZEROS[0]; i++) {
        const struct cJSON *node = parse(ZEROS[i].json);
        assert_true(bytes_equal(json_text(&arena, node), ZEROS[i].text));
    }
    const struct cJSON *object = parse(BYTES("{\"a\\u0000\":1}"));
    assert_true(bytes_equal(json_name(&arena, json_first(object)), BYTES("a\0")));
}

static void the_last_of_several_members_counts(void **state)
{
    (void)state;
    const struct cJSON *object =
        parse(BYTES("{\"a\":1,\"b\":2,\"a\":3,\"A\":4,\"a\":5,\"b\":null}"));
    assert_int_equal(json_count(object), 3);
    assert_int_equal(json_integer(json_member(object, "a")), 5);
    assert_int_equal(json_integer(json_member(object, "A")), 4);
    assert_null(json_member(object, "b"));
    const struct cJSON *nested = parse(BYTES("[{\"k\":{\"x\":1,\"x\":2}}]"));
    assert_int_equal(json_count(json_member(json_first(nested), "k")), 1);
}

static void the_last_counts_among_many_members_too(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, &arena, 64);
    buffer_append_text(&text, "{\"m0\":-1");
    for (int i = 0; i < 5000; i++) {
        buffer_append_format(&text, ",\"m%d\":%d", i % 1000, i);
    }
    buffer_append_text(&text, "}");
    const struct cJSON *object = parse(buffer_view(&text));
    assert_int_equal(json_count(object), 1000);
    assert_int_equal(json_integer(json_member(object, "m0")), 4000);
    assert_int_equal(json_integer(json_member(object, "m999")), 4999);
}

static void members_are_found_by_exact_name(void **state)
{
    (void)state;
    const struct cJSON *object = parse(BYTES("{\"TableName\":\"t\",\"Gone\":null,\"L\":[1,2]}"));
    assert_true(json_text_is(json_member(object, "TableName"), "t"));
    assert_null(json_member(object, "tableName"));
    assert_null(json_member(object, "Gone"));
    assert_null(json_member(NULL, "TableName"));
    assert_null(json_member(json_member(object, "L"), "TableName"));
    assert_null(json_member(json_member(object, "TableName"), "TableName"));
    assert_int_equal(json_count(json_member(object, "L")), 2);
    assert_true(json_text_is_in_any_case(json_member(object, "TableName"), "T"));
}

static void numbers_are_cut_and_held_in_range(void **state)
{
    (void)state;
    assert_int_equal(json_integer(parse(BYTES("12.9"))), 12);
    assert_int_equal(json_integer(parse(BYTES("-12.9"))), -12);
    assert_true(json_integer(parse(BYTES("1e30"))) == INT64_MAX);
    assert_true(json_integer(parse(BYTES("-1e400"))) == INT64_MIN);
    assert_true(json_is_integral(parse(BYTES("34"))));
    assert_true(json_is_integral(parse(BYTES("1e30"))));
    assert_false(json_is_integral(parse(BYTES("34.56"))));
    assert_int_equal(json_kind(parse(BYTES("34.56"))), JSON_NUMBER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(json_is_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(anything_else_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_fault_at_any_place_of_a_word_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(depth_is_limited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_escaped_zero_is_a_zero_byte_of_the_text, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_last_of_several_members_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_last_counts_among_many_members_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(members_are_found_by_exact_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_are_cut_and_held_in_range, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
