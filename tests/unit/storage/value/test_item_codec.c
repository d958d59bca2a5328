#include "storage/value/item_codec.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

static struct buffer new_buffer(void)
{
    struct buffer buffer;
    buffer_init(&buffer, &arena, 1); /* grows while items are written */
    return buffer;
}

/* An item of strings: each letter of `names` is a name and its value. */
static struct bytes write_item(struct buffer *to, const char *names)
{
    size_t mark = item_begin(to);
    for (; *names != '\0'; names++) {
        struct bytes letter = { (const uint8_t *)names, 1 };
        write_name(to, (struct attribute_name){ letter, true });
        write_value(to, (struct attribute_value){ ATTRIBUTE_S, true, letter });
    }
    return item_end(to, mark);
}

static struct bytes item_of_names(const char *names)
{
    struct buffer buffer = new_buffer();
    return write_item(&buffer, names);
}

static void an_item_has_the_documented_form(void **state)
{
    (void)state;
    struct bytes item = item_of_names("ab");
    assert_true(bytes_equal(item, BYTES("\x01\x04\0\0\0"
                                        "\x03"
                                        "a\x80\x01"
                                        "a\x03"
                                        "b\x80\x01"
                                        "b")));
    assert_true(item_is_valid(item));
    assert_int_equal(item_size(item), 4);
    assert_int_equal(item_attributes(item).length, item.length - 5);
}

static void an_empty_item_has_size_0(void **state)
{
    (void)state;
    struct bytes item = item_of_names("");
    assert_true(item_is_valid(item));
    assert_int_equal(item_size(item), 0);
    assert_int_equal(item_attributes(item).length, 0);
}

static void items_may_follow_one_another_in_a_buffer(void **state)
{
    (void)state;
    struct buffer buffer = new_buffer();
    buffer_append_text(&buffer, "before");
    size_t first_mark = buffer.length;
    size_t first_length = write_item(&buffer, "abc").length;
    struct bytes second = write_item(&buffer, "xy");
    struct bytes first = { buffer.data + first_mark, first_length };
    assert_true(bytes_equal(first, item_of_names("abc")));
    assert_true(bytes_equal(second, item_of_names("xy")));
    assert_int_equal(buffer.length, strlen("before") + first_length + second.length);
}

static void a_map_payload_becomes_an_item(void **state)
{
    (void)state;
    struct bytes item = item_of_names("abc");
    struct buffer buffer = new_buffer();
    assert_true(bytes_equal(item_of_map(&buffer, item_attributes(item)), item));
}

static void attributes_are_found_by_name(void **state)
{
    (void)state;
    struct bytes item = item_of_names("ace");
    struct attribute_value value;
    assert_true(item_find(item, BYTES("c"), &value));
    assert_int_equal(value.type, ATTRIBUTE_S);
    assert_true(bytes_equal(value.payload, BYTES("c")));
    assert_false(item_find(item, BYTES("b"), &value));
    assert_false(item_find(item, BYTES("f"), &value));
}

static void a_projection_holds_what_both_have(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        const char *names;
        const char *expected;
    } cases[] = {
        { "abcde", "", "" },       { "abcde", "abcde", "abcde" },
        { "abcde", "ace", "ace" }, { "abcde", "e", "e" },
        { "bd", "abcde", "bd" },   { "bd", "ace", "" },
        { "bd", "adz", "d" },      { "", "abc", "" },
        { "z", "a", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes names[8];
        size_t count = strlen(cases[i].names);
        for (size_t j = 0; j < count; j++) {
            names[j] = (struct bytes){ (const uint8_t *)cases[i].names + j, 1 };
        }
        struct buffer buffer = new_buffer();
        struct bytes projected = item_project(&buffer, item_of_names(cases[i].item), names, count);
        assert_true(bytes_equal(projected, item_of_names(cases[i].expected)));
        assert_true(item_is_valid(projected));
    }
}

static void the_size_counts_names_and_nested_values(void **state)
{
    (void)state;
    struct buffer buffer = new_buffer();
    size_t mark = item_begin(&buffer);
    write_name(&buffer, (struct attribute_name){ BYTES("list"), true });
    size_t list = write_open(&buffer, ATTRIBUTE_L);
    write_value(&buffer, (struct attribute_value){ ATTRIBUTE_N, false, BYTES("-1") });
    size_t map = write_open(&buffer, ATTRIBUTE_M);
    write_name(&buffer, (struct attribute_name){ BYTES("no"), true });
    write_value(&buffer, (struct attribute_value){ ATTRIBUTE_NULL, false, { NULL, 0 } });
    write_close(&buffer, map);
    write_close(&buffer, list);
    struct bytes item = item_end(&buffer, mark);
    assert_true(item_is_valid(item));
    assert_int_equal(item_size(item), 4 + (3 + (1 + 3) + (1 + (3 + (1 + 2 + 1)))));
}

static void every_shorter_or_longer_item_is_damaged(void **state)
{
    (void)state;
    struct bytes item = item_of_names("abc");
    for (size_t length = 0; length < item.length; length++) {
        assert_false(item_is_valid((struct bytes){ item.data, length }));
    }
    struct buffer buffer = new_buffer();
    buffer_append_bytes(&buffer, item);
    buffer_append_u8(&buffer, 0);
    assert_false(item_is_valid(buffer_view(&buffer)));
}

static void another_version_or_size_is_damaged(void **state)
{
    (void)state;
    struct buffer buffer = new_buffer();
    (void)write_item(&buffer, "abc");
    buffer.data[0] = 2;
    assert_false(item_is_valid(buffer_view(&buffer)));
    buffer.data[0] = 1;
    assert_true(item_is_valid(buffer_view(&buffer)));
    buffer.data[1]++;
    assert_false(item_is_valid(buffer_view(&buffer)));
}

static void attributes_out_of_order_are_damage(void **state)
{
    (void)state;
    assert_false(item_is_valid(item_of_names("ba")));
    assert_false(item_is_valid(item_of_names("aa")));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_item_has_the_documented_form),
        CASE(an_empty_item_has_size_0),
        CASE(items_may_follow_one_another_in_a_buffer),
        CASE(a_map_payload_becomes_an_item),
        CASE(attributes_are_found_by_name),
        CASE(a_projection_holds_what_both_have),
        CASE(the_size_counts_names_and_nested_values),
        CASE(every_shorter_or_longer_item_is_damaged),
        CASE(another_version_or_size_is_damaged),
        CASE(attributes_out_of_order_are_damage),
    };
    return cmocka_run_group_tests_name("item_codec", tests, NULL, NULL);
}
