#include "storage/value/number.h"

#include "tests/support/naive_number.h"
#include "tests/support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 20000 };

static struct random random;

static int set_seed(void **state)
{
    (void)state;
    random_start(&random, "number_bytes");
    return 0;
}

/* ---- tables ---- */

/* The first part was measured on the service at the limit of the item size. */
static void the_size_is_that_of_the_stored_pairs(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        size_t size;
    } cases[] = {
        { "0", 1 },
        { "1", 2 },
        { "12", 2 },
        { "123", 3 },
        { "1234", 3 },
        { "12345678901234567890123456789012345678", 20 },
        { "0042", 2 },
        { "100", 2 },
        { "1010", 3 },
        { "0.0000001", 2 },
        { "1E125", 2 },
        { "1E-100", 2 },
        { "1.5", 3 },
        { "15", 2 },
        { "1.2", 3 },
        { "1.200", 3 },
        { "1.234", 4 },
        { "3.14159", 5 },
        { "123456", 4 },
        { "100.5", 4 },
        { "0.15", 2 },
        { "-42", 3 },
        { "-0", 1 },

        { "120", 3 },   /* 01 20 */
        { "0.012", 3 }, /* 01 20 */
        { "-1", 3 },
        { "1.2345678901234567890123456789012345678", 21 },
        { "-1.2345678901234567890123456789012345678", 21 }, /* 20 pairs: no closing byte */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_text text;
        assert_int_equal(number_parse(bytes_of_text(cases[i].from), &text), NUMBER_OK);
        assert_int_equal(number_size(number_view(&text)), cases[i].size);
    }
}

struct encoding {
    const char *text;
    size_t length;
    uint8_t bytes[NUMBER_SORTABLE_SIZE_MAX];
};

static void sortable_bytes_have_the_documented_form(void **state)
{
    (void)state;
    static const struct encoding cases[] = {
        { "0", 2, { 0x80, 0x00 } },
        { "1", 3, { 0xC1, 0x02, 0x00 } },
        { "-1", 3, { 0x3E, 100, 102 } },
        { "10", 3, { 0xC1, 0x0B, 0x00 } },
        { "99", 3, { 0xC1, 100, 0x00 } },
        { "100", 3, { 0xC2, 0x02, 0x00 } },
        { "120", 4, { 0xC2, 0x02, 0x15, 0x00 } },
        { "0.5", 3, { 0xC0, 51, 0x00 } },
        { "-12.5", 4, { 0x3E, 89, 51, 102 } },
        { NUMBER_TINY, 3, { 0x80, 0x02, 0x00 } },
        { "-" NUMBER_TINY, 3, { 0x7F, 100, 102 } },
        { "1" ZEROS_125, 3, { 0xFF, 0x0B, 0x00 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[NUMBER_SORTABLE_SIZE_MAX];
        size_t length = number_sortable_bytes(bytes_of_text(cases[i].text), bytes);
        assert_int_equal(length, cases[i].length);
        assert_memory_equal(bytes, cases[i].bytes, length);
    }
}

static void hash_bytes_have_the_form_of_the_service(void **state)
{
    (void)state;
    static const struct encoding cases[] = {
        { "0", 1, { 0x80 } },
        { "1", 2, { 0xC1, 0x02 } },
        { "-1", 3, { 0x3E, 100, 102 } },
        { "251", 3, { 0xC2, 0x03, 0x34 } },
        { "-251", 4, { 0x3D, 99, 50, 102 } },
        { "0.01", 2, { 0xC0, 0x02 } },
        { "-1.2345678901234567890123456789012345678", 21, { 0x3E, 100, 78,  56, 34,  12, 100,
                                                            78,   56,  34,  12, 100, 78, 56,
                                                            34,   12,  100, 78, 56,  34, 21 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[NUMBER_SORTABLE_SIZE_MAX];
        size_t length = number_hash_bytes(bytes_of_text(cases[i].text), bytes);
        assert_int_equal(length, cases[i].length);
        assert_memory_equal(bytes, cases[i].bytes, length);
    }
}

static void bytes_that_no_number_gives_are_refused(void **state)
{
    (void)state;
    static const struct encoding cases[] = {
        { "nothing", 0, { 0 } },
        { "a positive zero elsewhere", 2, { 0xC1, 0x00 } },
        { "a negative zero", 2, { 0x7F, 102 } },
        { "no closing byte", 2, { 0xC1, 0x02 } },
        { "no closing byte after zero", 1, { 0x80 } },
        { "a first pair of 00", 4, { 0xC1, 0x01, 0x02, 0x00 } },
        { "a last pair of 00", 4, { 0xC1, 0x02, 0x01, 0x00 } },
        { "a pair of 100", 3, { 0xC1, 101, 0x00 } },
        { "a negative pair of 100", 3, { 0x3E, 1, 102 } },
        { "a byte after the negative closing", 3, { 0x3E, 103, 102 } },
        { "39 digits", 22, { 0xC1, 2,  12, 12, 12, 12, 12, 12, 12, 12, 12,
                             12,   12, 12, 12, 12, 12, 12, 12, 12, 12, 0 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_text text;
        size_t used;
        struct bytes from = { cases[i].bytes, cases[i].length };
        assert_false(number_of_sortable_bytes(from, &text, &used));
    }
    uint8_t endless[64];
    memset(endless, 12, sizeof endless);
    endless[0] = 0xC1;
    struct number_text text;
    size_t used;
    assert_false(number_of_sortable_bytes((struct bytes){ endless, sizeof endless }, &text, &used));
}

/* ---- properties ---- */

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static void sortable_bytes_are_ordered_as_the_model(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct naive_number one = naive_number_random(&random);
        struct naive_number other = naive_number_random_neighbour(&random, &one);
        char left[512];
        char right[512];
        naive_number_print(&one, left);
        naive_number_print(&other, right);
        one = naive_number_of(left); /* -0 is 0 */
        other = naive_number_of(right);
        int expected = sign(naive_number_compare(&one, &other));

        uint8_t left_room[NUMBER_SORTABLE_SIZE_MAX];
        uint8_t right_room[NUMBER_SORTABLE_SIZE_MAX];
        struct bytes left_bytes = { left_room,
                                    number_sortable_bytes(bytes_of_text(left), left_room) };
        struct bytes right_bytes = { right_room,
                                     number_sortable_bytes(bytes_of_text(right), right_room) };
        assert_int_equal(sign(bytes_compare(left_bytes, right_bytes)), expected);
        assert_int_equal(bytes_start_with(left_bytes, right_bytes), expected == 0);
    }
}

static void sortable_bytes_lead_back_to_the_text(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct naive_number value = naive_number_random(&random);
        char expected[512];
        naive_number_print(&value, expected);
        uint8_t room[NUMBER_SORTABLE_SIZE_MAX + 3] = { 0 };
        size_t length = number_sortable_bytes(bytes_of_text(expected), room);
        struct number_text text;
        size_t used;
        struct bytes with_more_behind = { room, length + random_below(&random, 3) };
        assert_true(number_of_sortable_bytes(with_more_behind, &text, &used));
        assert_string_equal(naive_number_text(&text), expected);
        assert_int_equal(used, length);

        uint8_t hash[NUMBER_SORTABLE_SIZE_MAX]; /* the same but for the closing byte */
        size_t hash_length = number_hash_bytes(bytes_of_text(expected), hash);
        bool is_open = expected[0] != '-' || length == NUMBER_SORTABLE_SIZE_MAX;
        assert_int_equal(hash_length, is_open ? length - 1 : length);
        assert_memory_equal(hash, room, hash_length);
        assert_int_equal(number_size(bytes_of_text(expected)), hash_length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_size_is_that_of_the_stored_pairs),
        cmocka_unit_test(sortable_bytes_have_the_documented_form),
        cmocka_unit_test(hash_bytes_have_the_form_of_the_service),
        cmocka_unit_test(bytes_that_no_number_gives_are_refused),
        cmocka_unit_test(sortable_bytes_are_ordered_as_the_model),
        cmocka_unit_test(sortable_bytes_lead_back_to_the_text),
    };
    return cmocka_run_group_tests_name("number_bytes", tests, set_seed, NULL);
}
