#include "api/json_writer.h"

#include "api/json.h"
#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct buffer buffer;
static struct json_writer writer;

static int set_up(void **state)
{
    (void)state;
    json_install_hooks();
    arena_init(&arena);
    buffer_init(&buffer, &arena, 1);
    writer = json_writer_of(&buffer);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static void assert_written(const char *expected)
{
    assert_string_equal(bytes_to_text(&arena, buffer_view(&buffer)), expected);
    buffer.length = 0;
    writer = json_writer_of(&buffer);
}

static void commas_come_by_themselves(void **state)
{
    (void)state;
    json_open_object(&writer);
    json_member_text(&writer, "A", BYTES("x"));
    json_write_key(&writer, "B");
    json_open_array(&writer);
    json_write_integer(&writer, 1);
    json_open_object(&writer);
    json_close_object(&writer);
    json_write_plain(&writer, BYTES("p"));
    json_close_array(&writer);
    json_member_boolean(&writer, "C", true);
    json_write_name(&writer, BYTES("\"d\""));
    buffer_append_text(json_write_value_begin(&writer), "null");
    json_write_value_end(&writer);
    json_write_raw(&writer, BYTES("\"E\":0"));
    json_close_object(&writer);
    assert_written("{\"A\":\"x\",\"B\":[1,{},\"p\"],\"C\":true,\"\\\"d\\\"\":null,\"E\":0}");
}

static const struct {
    int64_t milliseconds;
    const char *text;
} SECONDS[] = {
    { INT64_C(1363729002358), "1363729002.358" }, { INT64_C(1363729002350), "1363729002.35" },
    { INT64_C(1363729002300), "1363729002.3" },   { INT64_C(1363729002003), "1363729002.003" },
    { INT64_C(1363729002000), "1363729002" },     { 0, "0" },
};

static void times_are_seconds_with_a_fraction(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof SECONDS / sizeof SECONDS[0]; i++) {
        json_write_seconds(&writer, SECONDS[i].milliseconds);
        assert_written(SECONDS[i].text);
    }
}

static const struct {
    int64_t value;
    const char *text;
} INTEGERS[] = {
    { 0, "0" },
    { 7, "7" },
    { -10, "-10" },
    { INT64_MAX, "9223372036854775807" },
    { INT64_MIN, "-9223372036854775808" },
};

static void integers_are_written_in_full(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof INTEGERS / sizeof INTEGERS[0]; i++) {
        json_write_integer(&writer, INTEGERS[i].value);
        assert_written(INTEGERS[i].text);
    }
}

static const struct {
    double value;
    const char *text;
} DOUBLES[] = {
    { 0.5, "0.5" },
    { 12, "12.0" },
    { 0, "0.0" },
    { 0.1, "0.1" },
    { 1.0 / 3, "0.33333333333333331" },
    { 1e300, "1e+300" },
};

static void doubles_have_as_many_digits_as_they_need(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof DOUBLES / sizeof DOUBLES[0]; i++) {
        json_write_double(&writer, DOUBLES[i].value);
        assert_written(DOUBLES[i].text);
    }
}

static void what_must_be_escaped_is(void **state)
{
    (void)state;
    json_write_text(&writer, BYTES("\"\\/\b\f\n\r\t\x01\x1f\x7f\0\xC3\xA9"));
    assert_written("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\x7f\\u0000\xC3\xA9\"");
    json_write_text(&writer, (struct bytes){ NULL, 0 });
    assert_written("\"\"");
}

static void escaping_works_at_any_place_of_a_word(void **state)
{
    (void)state;
    for (int byte = 0; byte < 0x80; byte++) {
        for (size_t place = 0; place < 20; place++) {
            uint8_t text[20];
            memset(text, 'a', sizeof text);
            text[place] = (uint8_t)byte;
            struct bytes view = { text, sizeof text };
            json_write_text(&writer, view);
            assert_true(buffer.length <= json_escaped_size_max(view) + 2);
            const struct cJSON *node = NULL;
            assert_true(json_parse(&arena, buffer_view(&buffer), &node));
            assert_true(bytes_equal(json_text(&arena, node), view));
            buffer.length = 0;
            writer = json_writer_of(&buffer);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commas_come_by_themselves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(times_are_seconds_with_a_fraction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(integers_are_written_in_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(doubles_have_as_many_digits_as_they_need, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_must_be_escaped_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(escaping_works_at_any_place_of_a_word, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
