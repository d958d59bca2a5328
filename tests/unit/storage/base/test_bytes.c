#include "storage/base/bytes.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct bytes NOTHING = { NULL, 0 };

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

static void bytes_are_equal_when_all_are(void **state)
{
    (void)state;
    assert_true(bytes_equal(BYTES("abc"), bytes_of_text("abc")));
    assert_true(bytes_equal(BYTES(""), NOTHING));
    assert_false(bytes_equal(BYTES("abc"), BYTES("ab")));
    assert_false(bytes_equal(BYTES("a\0b"), BYTES("a\0c")));
}

static void a_prefix_is_found_at_the_start_only(void **state)
{
    (void)state;
    assert_true(bytes_start_with(BYTES("abc"), BYTES("ab")));
    assert_true(bytes_start_with(BYTES("abc"), BYTES("abc")));
    assert_true(bytes_start_with(BYTES("abc"), NOTHING));
    assert_true(bytes_start_with(NOTHING, NOTHING));
    assert_false(bytes_start_with(BYTES("abc"), BYTES("bc")));
    assert_false(bytes_start_with(BYTES("abc"), BYTES("abcd")));
}

static void order_is_by_unsigned_byte_then_length(void **state)
{
    (void)state;
    const struct bytes ascending[] = {
        NOTHING,    BYTES("\0"),   BYTES("\0\0"), BYTES("A"),        BYTES("a"),    BYTES("aa"),
        BYTES("b"), BYTES("\x7F"), BYTES("\x80"), BYTES("\xC3\xA9"), BYTES("\xFF"),
    };
    size_t count = sizeof ascending / sizeof ascending[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int order = bytes_compare(ascending[i], ascending[j]);
            assert_true(i < j ? order < 0 : i > j ? order > 0 : order == 0);
        }
    }
}

static void a_copy_is_equal_and_elsewhere(void **state)
{
    struct bytes text = BYTES("a\0b");
    struct bytes copy = bytes_copy(*state, text);
    assert_true(bytes_equal(copy, text));
    assert_ptr_not_equal(copy.data, text.data);
    assert_int_equal(bytes_copy(*state, NOTHING).length, 0);
    assert_string_equal(bytes_to_text(*state, BYTES("abc")), "abc");
    assert_string_equal(bytes_to_text(*state, NOTHING), "");
}

static void what_is_appended_comes_in_order(void **state)
{
    struct buffer buffer;
    buffer_init(&buffer, *state, 0);
    assert_int_equal(buffer_view(&buffer).length, 0);
    buffer_append(&buffer, NULL, 0);
    buffer_append(&buffer, "ab", 2);
    buffer_append_bytes(&buffer, BYTES("c\0"));
    buffer_append_bytes(&buffer, NOTHING);
    buffer_append_text(&buffer, "d");
    buffer_append_format(&buffer, "%s-%d", "e", 42);
    buffer_append_format(&buffer, "%s", "");
    buffer_append_u8(&buffer, 0xFF);
    buffer_append_u32(&buffer, 0x04030201);
    buffer_append_u64(&buffer, UINT64_C(0x0807060504030201));
    buffer_append_sized(&buffer, BYTES("xyz"));
    static const char expected[] = "abc\0d"
                                   "e-42"
                                   "\xFF\x01\x02\x03\x04"
                                   "\x01\x02\x03\x04\x05\x06\x07\x08"
                                   "\x03xyz";
    assert_int_equal(buffer.length, sizeof expected - 1);
    assert_memory_equal(buffer.data, expected, buffer.length);
}

static void reserved_room_counts_when_committed(void **state)
{
    struct buffer buffer;
    buffer_init(&buffer, *state, 4);
    memcpy(buffer_reserve(&buffer, 100), "abc", 3);
    assert_int_equal(buffer.length, 0);
    buffer_commit(&buffer, 3);
    assert_true(bytes_equal(buffer_view(&buffer), BYTES("abc")));
}

static void a_patched_number_takes_the_old_place(void **state)
{
    struct buffer buffer;
    buffer_init(&buffer, *state, 16);
    buffer_append_text(&buffer, "a");
    buffer_append_u32(&buffer, 0);
    buffer_append_text(&buffer, "b");
    buffer_patch_u32(&buffer, 1, 0x01020304);
    assert_true(bytes_equal(buffer_view(&buffer), BYTES("a\x04\x03\x02\x01"
                                                        "b")));
}

static void two_buffers_of_an_arena_grow_side_by_side(void **state)
{
    struct buffer even;
    struct buffer odd;
    buffer_init(&even, *state, 1);
    buffer_init(&odd, *state, 1);
    enum { COUNT = 20000 };
    for (uint32_t i = 0; i < COUNT; i++) {
        buffer_append_u32(i % 2 == 0 ? &even : &odd, i);
    }
    struct reader even_reader = reader_of(buffer_view(&even));
    struct reader odd_reader = reader_of(buffer_view(&odd));
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(reader_u32(i % 2 == 0 ? &even_reader : &odd_reader), i);
    }
    assert_int_equal(reader_left(&even_reader) + reader_left(&odd_reader), 0);
}

static void varints_have_the_shortest_form(void **state)
{
    static const struct {
        uint32_t value;
        struct bytes encoded;
    } cases[] = {
        { 0, { (const uint8_t *)"\x00", 1 } },
        { 1, { (const uint8_t *)"\x01", 1 } },
        { 127, { (const uint8_t *)"\x7F", 1 } },
        { 128, { (const uint8_t *)"\x80\x01", 2 } },
        { 300, { (const uint8_t *)"\xAC\x02", 2 } },
        { 16383, { (const uint8_t *)"\xFF\x7F", 2 } },
        { 16384, { (const uint8_t *)"\x80\x80\x01", 3 } },
        { 2097152, { (const uint8_t *)"\x80\x80\x80\x01", 4 } },
        { 268435456, { (const uint8_t *)"\x80\x80\x80\x80\x01", 5 } },
        { UINT32_MAX, { (const uint8_t *)"\xFF\xFF\xFF\xFF\x0F", 5 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer buffer;
        buffer_init(&buffer, *state, 8);
        buffer_append_varint(&buffer, cases[i].value);
        assert_true(bytes_equal(buffer_view(&buffer), cases[i].encoded));
        struct reader reader = reader_of(cases[i].encoded);
        assert_int_equal(reader_varint(&reader), cases[i].value);
        assert_false(reader.failed);
        assert_int_equal(reader_left(&reader), 0);
    }
}

static void other_varints_are_refused(void **state)
{
    (void)state;
    const struct bytes cases[] = {
        NOTHING,
        BYTES("\x80"),                     /* more to come */
        BYTES("\xFF\xFF\xFF\xFF"),         /* still more */
        BYTES("\xFF\xFF\xFF\xFF\x10"),     /* 33 bits */
        BYTES("\xFF\xFF\xFF\xFF\x8F\x00"), /* six bytes */
        BYTES("\x80\x00"),                 /* 0 in two bytes */
        BYTES("\xFF\x80\x00"),             /* 127 in three */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reader reader = reader_of(cases[i]);
        assert_int_equal(reader_varint(&reader), 0);
        assert_true(reader.failed);
    }
}

static void a_reader_gives_back_what_was_written(void **state)
{
    (void)state;
    struct reader reader = reader_of(BYTES("\xFE\x01\x02\x03\x04\x01\x02\x03\x04\x05\x06\x07\x08"
                                           "ab\x02"
                                           "cd"));
    assert_int_equal(reader_u8(&reader), 0xFE);
    assert_int_equal(reader_u32(&reader), 0x04030201);
    assert_true(reader_u64(&reader) == UINT64_C(0x0807060504030201));
    assert_true(bytes_equal(reader_take(&reader, 2), BYTES("ab")));
    assert_int_equal(reader_left(&reader), 3);
    assert_true(bytes_equal(reader_sized(&reader), BYTES("cd")));
    assert_int_equal(reader_take(&reader, 0).length, 0);
    assert_int_equal(reader_left(&reader), 0);
    assert_false(reader.failed);
}

static void a_failed_reader_gives_nothing_more(void **state)
{
    (void)state;
    struct reader reader = reader_of(BYTES("abc"));
    assert_int_equal(reader_u32(&reader), 0);
    assert_true(reader.failed);
    assert_int_equal(reader_u8(&reader), 0);
    assert_int_equal(reader_u32(&reader), 0);
    assert_true(reader_u64(&reader) == 0);
    assert_int_equal(reader_varint(&reader), 0);
    assert_int_equal(reader_take(&reader, 0).length, 0);
    assert_int_equal(reader_take(&reader, 1).length, 0);
    assert_int_equal(reader_sized(&reader).length, 0);
    assert_true(reader.failed);
}

static void a_length_past_the_end_fails(void **state)
{
    (void)state;
    struct reader reader = reader_of(BYTES("\x04"
                                           "abc"));
    assert_int_equal(reader_sized(&reader).length, 0);
    assert_true(reader.failed);
    reader = reader_of(BYTES("\xFF\xFF\xFF\xFF\x0F"
                             "abc"));
    assert_int_equal(reader_sized(&reader).length, 0);
    assert_true(reader.failed);
    reader = reader_of(NOTHING);
    assert_int_equal(reader_take(&reader, SIZE_MAX).length, 0);
    assert_true(reader.failed);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(bytes_are_equal_when_all_are),
        CASE(a_prefix_is_found_at_the_start_only),
        CASE(order_is_by_unsigned_byte_then_length),
        CASE(a_copy_is_equal_and_elsewhere),
        CASE(what_is_appended_comes_in_order),
        CASE(reserved_room_counts_when_committed),
        CASE(a_patched_number_takes_the_old_place),
        CASE(two_buffers_of_an_arena_grow_side_by_side),
        CASE(varints_have_the_shortest_form),
        CASE(other_varints_are_refused),
        CASE(a_reader_gives_back_what_was_written),
        CASE(a_failed_reader_gives_nothing_more),
        CASE(a_length_past_the_end_fails),
    };
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
