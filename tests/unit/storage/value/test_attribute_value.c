#include "storage/value/attribute_value.h"

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

/* --- Values for the cases; containers take their parts up to the count. --- */

static struct attribute_value scalar(enum attribute_type type, const char *payload)
{
    return (struct attribute_value){ .type = type, .payload = bytes_of_text(payload) };
}

static struct attribute_value boolean(bool is_true)
{
    return (struct attribute_value){
        .type = ATTRIBUTE_BOOL,
        .payload = is_true ? BYTES("\1") : BYTES("\0"),
    };
}

static struct attribute_value null(void)
{
    return (struct attribute_value){ .type = ATTRIBUTE_NULL };
}

/* Elements parted by blanks. */
static struct attribute_value set(enum attribute_type type, const char *elements)
{
    struct buffer buffer;
    buffer_init(&buffer, &arena, 64);
    while (*elements != '\0') {
        size_t length = strcspn(elements, " ");
        buffer_append_sized(&buffer, (struct bytes){ (const uint8_t *)elements, length });
        elements += length;
        elements += *elements == ' ' ? 1 : 0;
    }
    return (struct attribute_value){ .type = type, .payload = buffer_view(&buffer) };
}

static struct attribute_value list(const struct attribute_value *values, size_t count)
{
    struct buffer buffer;
    buffer_init(&buffer, &arena, 64);
    for (size_t i = 0; i < count; i++) {
        write_value(&buffer, values[i]);
    }
    return (struct attribute_value){ .type = ATTRIBUTE_L, .payload = buffer_view(&buffer) };
}

struct entry {
    const char *name;
    struct attribute_value value;
};

static struct attribute_value map(const struct entry *entries, size_t count)
{
    struct buffer buffer;
    buffer_init(&buffer, &arena, 64);
    for (size_t i = 0; i < count; i++) {
        write_name(&buffer, (struct attribute_name){ bytes_of_text(entries[i].name), true });
        write_value(&buffer, entries[i].value);
    }
    return (struct attribute_value){ .type = ATTRIBUTE_M, .payload = buffer_view(&buffer) };
}

static struct attribute_value nested_lists(int depth)
{
    struct attribute_value value = list(NULL, 0);
    for (int i = 1; i < depth; i++) {
        value = list(&value, 1);
    }
    return value;
}

/* --- Cases. --- */

static void types_have_the_names_of_the_wire(void **state)
{
    (void)state;
    static const char *const names[] = {
        "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"
    };
    for (int i = 0; i < ATTRIBUTE_TYPE_COUNT; i++) {
        enum attribute_type type = ATTRIBUTE_TYPE_COUNT;
        assert_string_equal(attribute_type_name((enum attribute_type)i), names[i]);
        assert_true(attribute_type_of_name(bytes_of_text(names[i]), &type));
        assert_int_equal(type, i);
    }
    static const char *const others[] = { "", "s", "Bool", "X", "SSS", "BOOLE" };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        enum attribute_type type;
        assert_false(attribute_type_of_name(bytes_of_text(others[i]), &type));
    }
}

static void text_is_plain_without_quote_backslash_and_control(void **state)
{
    (void)state;
    assert_true(text_is_plain(BYTES("")));
    assert_true(text_is_plain(BYTES("plain text ~\x7F \xC3\xA9")));
    assert_false(text_is_plain(BYTES("a \"quote\"")));
    assert_false(text_is_plain(BYTES("a\\b")));
    assert_false(text_is_plain(BYTES("a\nb")));
    assert_false(text_is_plain(BYTES("a\0b")));
    assert_false(text_is_plain(BYTES("\x1F")));
}

static void sizes_are_those_of_the_service(void **state)
{
    (void)state;
    const struct attribute_value parts[] = { scalar(ATTRIBUTE_S, "ab"), scalar(ATTRIBUTE_N, "-1") };
    const struct entry entries[] = { { "n", scalar(ATTRIBUTE_N, "12") },
                                     { "name", list(parts, 2) } };
    const struct {
        struct attribute_value value;
        size_t size;
    } cases[] = {
        { scalar(ATTRIBUTE_S, ""), 0 },
        { scalar(ATTRIBUTE_S, "\xC3\xA9"), 2 },
        { scalar(ATTRIBUTE_B, "abc"), 3 },
        { scalar(ATTRIBUTE_N, "0"), 1 },
        { scalar(ATTRIBUTE_N, "-12.5"), 4 },
        { boolean(true), 1 },
        { null(), 1 },
        { set(ATTRIBUTE_SS, "a bcd"), 4 },
        { set(ATTRIBUTE_BS, "a bcd"), 4 },
        { set(ATTRIBUTE_NS, "-1 1 100"), 7 },
        { list(NULL, 0), 3 },
        { list(parts, 2), 3 + (1 + 2) + (1 + 3) },
        { map(NULL, 0), 3 },
        { map(entries, 2), 3 + (1 + 1 + 2) + (1 + 4 + 10) },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(attribute_value_size(cases[i].value), cases[i].size);
    }
}

static void values_are_equal_only_to_themselves(void **state)
{
    (void)state;
    const struct attribute_value parts[] = { scalar(ATTRIBUTE_S, "ab"), scalar(ATTRIBUTE_N, "1"),
                                             set(ATTRIBUTE_SS, "x y") };
    const struct entry entries[] = { { "a", parts[0] }, { "b", parts[1] }, { "c", parts[1] } };
    const struct attribute_value values[] = {
        scalar(ATTRIBUTE_S, ""),
        scalar(ATTRIBUTE_S, "1"),
        scalar(ATTRIBUTE_S, "11"),
        scalar(ATTRIBUTE_N, "1"),
        scalar(ATTRIBUTE_B, "1"),
        boolean(true),
        boolean(false),
        null(),
        set(ATTRIBUTE_SS, "1"),
        set(ATTRIBUTE_SS, "1 2"),
        set(ATTRIBUTE_SS, "1 3"),
        set(ATTRIBUTE_NS, "1 2"),
        set(ATTRIBUTE_BS, "1 2"),
        list(NULL, 0),
        list(parts, 1),
        list(parts, 2),
        list(parts + 1, 2),
        map(NULL, 0),
        map(entries, 1),
        map(entries, 2),
        map(entries + 1, 2),
    };
    size_t count = sizeof values / sizeof values[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            assert_int_equal(attribute_value_equal(values[i], values[j]), i == j);
        }
    }
}

static void containers_are_equal_when_their_parts_are(void **state)
{
    (void)state;
    const struct attribute_value one[] = { null(), set(ATTRIBUTE_SS, "a bb ccc") };
    const struct attribute_value other[] = { null(), set(ATTRIBUTE_SS, "a bb ccd") };
    const struct entry one_entry = { "x", list(one, 2) };
    const struct entry other_entry = { "x", list(other, 2) };
    assert_true(attribute_value_equal(map(&one_entry, 1), map(&one_entry, 1)));
    assert_false(attribute_value_equal(map(&one_entry, 1), map(&other_entry, 1)));
    assert_false(attribute_value_equal(list(one, 2), list(one, 1)));
    assert_false(attribute_value_equal(list(one, 1), list(one, 2)));
}

static void the_plain_bit_does_not_count_in_comparison(void **state)
{
    (void)state;
    struct attribute_value text = scalar(ATTRIBUTE_S, "a");
    struct attribute_value marked = text;
    marked.is_plain = true;
    assert_true(attribute_value_equal(text, marked));
    assert_true(attribute_value_equal(list(&text, 1), list(&marked, 1)));
}

static void keys_compare_by_bytes_or_by_value(void **state)
{
    (void)state;
    const enum attribute_type types[] = { ATTRIBUTE_S, ATTRIBUTE_B };
    for (size_t i = 0; i < 2; i++) {
        assert_true(attribute_value_compare(scalar(types[i], "10"), scalar(types[i], "9")) < 0);
        assert_true(attribute_value_compare(scalar(types[i], "b"), scalar(types[i], "ab")) > 0);
        assert_int_equal(attribute_value_compare(scalar(types[i], "b"), scalar(types[i], "b")), 0);
    }
    assert_true(attribute_value_compare(scalar(ATTRIBUTE_N, "10"), scalar(ATTRIBUTE_N, "9")) > 0);
    assert_true(attribute_value_compare(scalar(ATTRIBUTE_N, "-10"), scalar(ATTRIBUTE_N, "9")) < 0);
}

static void counts_are_of_the_direct_parts(void **state)
{
    (void)state;
    const struct attribute_value parts[] = { null(), list(NULL, 0) };
    const struct entry entries[] = { { "a", list(parts, 2) } };
    assert_int_equal(attribute_value_count(set(ATTRIBUTE_NS, "1 2 3")), 3);
    assert_int_equal(attribute_value_count(list(NULL, 0)), 0);
    assert_int_equal(attribute_value_count(list(parts, 2)), 2);
    assert_int_equal(attribute_value_count(map(entries, 1)), 1);
}

static void depth_is_of_the_deepest_part(void **state)
{
    (void)state;
    const struct attribute_value parts[] = { nested_lists(3), null(), nested_lists(2) };
    const struct entry entries[] = { { "a", null() }, { "b", list(parts, 3) } };
    assert_int_equal(attribute_value_depth(null()), 0);
    assert_int_equal(attribute_value_depth(set(ATTRIBUTE_SS, "a")), 0);
    assert_int_equal(attribute_value_depth(nested_lists(1)), 1);
    assert_int_equal(attribute_value_depth(list(parts, 3)), 4);
    assert_int_equal(attribute_value_depth(map(entries, 2)), 5);
}

static void a_map_finds_its_entries_by_name(void **state)
{
    (void)state;
    const struct entry entries[] = { { "a", scalar(ATTRIBUTE_S, "1") },
                                     { "ab", scalar(ATTRIBUTE_S, "2") },
                                     { "b", scalar(ATTRIBUTE_S, "3") } };
    struct attribute_value value = map(entries, 3);
    struct attribute_value found;
    for (size_t i = 0; i < 3; i++) {
        assert_true(map_find(value.payload, bytes_of_text(entries[i].name), &found));
        assert_true(attribute_value_equal(found, entries[i].value));
    }
    assert_false(map_find(value.payload, BYTES("aa"), &found));
    assert_false(map_find(value.payload, BYTES(""), &found));
    assert_false(map_find(map(NULL, 0).payload, BYTES("a"), &found));
}

static void what_is_written_has_the_documented_form(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, &arena, 1);
    write_name(&buffer, (struct attribute_name){ BYTES("id"), true });
    write_value(&buffer, (struct attribute_value){ ATTRIBUTE_S, true, BYTES("x") });
    write_name(&buffer, (struct attribute_name){ BYTES("x\""), false });
    size_t mark = write_open(&buffer, ATTRIBUTE_SS);
    buffer_append_sized(&buffer, BYTES("y"));
    write_close(&buffer, mark);
    write_mark_plain(&buffer, mark);
    static const char expected[] = "\x05id\x80\x01x"
                                   "\x04x\"\x85\x02\0\0\0\x01y";
    assert_int_equal(buffer.length, sizeof expected - 1);
    assert_memory_equal(buffer.data, expected, buffer.length);
    assert_true(attribute_payload_is_valid(ATTRIBUTE_M, buffer_view(&buffer)));

    struct reader cursor = reader_of(buffer_view(&buffer));
    struct attribute_name name;
    struct attribute_value value;
    assert_true(map_next(&cursor, &name, &value));
    assert_true(name.is_plain && value.is_plain && value.type == ATTRIBUTE_S);
    assert_true(map_next(&cursor, &name, &value));
    assert_true(!name.is_plain && value.is_plain && value.type == ATTRIBUTE_SS);
    assert_false(map_next(&cursor, &name, &value));
    assert_false(cursor.failed);
}

static void well_formed_payloads_are_valid(void **state)
{
    (void)state;
    assert_true(attribute_payload_is_valid(ATTRIBUTE_S, BYTES("any \"text\"")));
    assert_true(attribute_payload_is_valid(ATTRIBUTE_N, BYTES("-1.5")));
    assert_true(attribute_payload_is_valid(ATTRIBUTE_B, BYTES("\xFF\0")));
    assert_true(attribute_payload_is_valid(ATTRIBUTE_BOOL, BYTES("\1")));
    assert_true(attribute_payload_is_valid(ATTRIBUTE_NULL, BYTES("")));
    assert_true(attribute_payload_is_valid(ATTRIBUTE_NS, set(ATTRIBUTE_NS, "-1 9 10").payload));
    assert_true(attribute_payload_is_valid(ATTRIBUTE_SS, set(ATTRIBUTE_SS, "10 9").payload));
    assert_true(attribute_payload_is_valid(ATTRIBUTE_L, nested_lists(33).payload));
}

static void damaged_payloads_are_not_valid(void **state)
{
    (void)state;
    const struct {
        enum attribute_type type;
        struct bytes payload;
    } cases[] = {
        { ATTRIBUTE_N, BYTES("") },
        { ATTRIBUTE_N, BYTES("01") },
        { ATTRIBUTE_BOOL, BYTES("\2") },
        { ATTRIBUTE_BOOL, BYTES("") },
        { ATTRIBUTE_NULL, BYTES("x") },
        { ATTRIBUTE_SS, BYTES("\2a") },
        { ATTRIBUTE_NS, BYTES("\1x") },
        { ATTRIBUTE_SS, BYTES("\1b\1a") }, /* out of order */
        { ATTRIBUTE_BS, BYTES("\1a\1a") }, /* twice */
        { ATTRIBUTE_NS, BYTES("\2"
                              "10"
                              "\1"
                              "9") },   /* by value, not by bytes */
        { ATTRIBUTE_L, BYTES("\x0A") }, /* no such type */
        { ATTRIBUTE_L, BYTES("\x14") }, /* a bit without a meaning */
        { ATTRIBUTE_L, BYTES("\x84") }, /* a NULL that needs no escaping */
        { ATTRIBUTE_L, BYTES("\x81\1"
                             "1") },                /* a number that needs none */
        { ATTRIBUTE_L, BYTES("\x80\1\"") },         /* a string that does */
        { ATTRIBUTE_L, BYTES("\x85\2\0\0\0\1\n") }, /* an element that does */
        { ATTRIBUTE_L, BYTES("\3\2") },             /* neither false nor true */
        { ATTRIBUTE_L, BYTES("\3") },
        { ATTRIBUTE_L, BYTES("\0\2a") },
        { ATTRIBUTE_L, BYTES("\0\x81\0"
                             "a") }, /* a length longer than it needs to be */
        { ATTRIBUTE_L, BYTES("\x08\1\0\0\0") },
        { ATTRIBUTE_M, BYTES("\2a") },
        { ATTRIBUTE_M, BYTES("\2") },
        { ATTRIBUTE_M, BYTES("\3\"\4") },     /* a name that needs escaping */
        { ATTRIBUTE_M, BYTES("\2b\4\2a\4") }, /* out of order */
        { ATTRIBUTE_M, BYTES("\2a\4\2a\4") }, /* twice */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_false(attribute_payload_is_valid(cases[i].type, cases[i].payload));
    }
    assert_false(attribute_payload_is_valid(ATTRIBUTE_L, nested_lists(1000).payload));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(types_have_the_names_of_the_wire),
        CASE(text_is_plain_without_quote_backslash_and_control),
        CASE(sizes_are_those_of_the_service),
        CASE(values_are_equal_only_to_themselves),
        CASE(containers_are_equal_when_their_parts_are),
        CASE(the_plain_bit_does_not_count_in_comparison),
        CASE(keys_compare_by_bytes_or_by_value),
        CASE(counts_are_of_the_direct_parts),
        CASE(depth_is_of_the_deepest_part),
        CASE(a_map_finds_its_entries_by_name),
        CASE(what_is_written_has_the_documented_form),
        CASE(well_formed_payloads_are_valid),
        CASE(damaged_payloads_are_not_valid),
    };
    return cmocka_run_group_tests_name("attribute_value", tests, NULL, NULL);
}
