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
    random_start(&random, "number");
    return 0;
}

/* ---- tables ---- */

static void accepted_text_becomes_canonical(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        const char *to;
    } cases[] = {
        { "0", "0" },
        { "-0", "0" },
        { "+0", "0" },
        { "000", "0" },
        { "0.000", "0" },
        { "-.0e-7", "0" },
        { "0e999999999999999999999999", "0" },
        { "0e-999999999999999999999999", "0" },
        { "1", "1" },
        { "+1", "1" },
        { "-1", "-1" },
        { "0042", "42" },
        { "12345", "12345" },
        { "100", "100" },
        { "1.0", "1" },
        { "1.50", "1.5" },
        { "0.5", "0.5" },
        { "00.5", "0.5" },
        { ".5", "0.5" },
        { "-.5", "-0.5" },
        { "5.", "5" },
        { "5.e1", "50" },
        { "1e0", "1" },
        { "1E+2", "100" },
        { "1e-2", "0.01" },
        { "-1.5e1", "-15" },
        { "123e-1", "12.3" },
        { "1e0000000000000000000000000000002", "100" },
        { "1e125", "1" ZEROS_125 },
        { "1e-130", NUMBER_TINY },
        { "0.00001e130", "1" ZEROS_125 },
        { "100000e-135", NUMBER_TINY },
        { NINES_38, NINES_38 },
        { "000" NINES_38 "000", NINES_38 "000" },
        { "0." NINES_38 "000", "0." NINES_38 },
        { "9.9999999999999999999999999999999999999E+125", NUMBER_MAX },
        { "-9.9999999999999999999999999999999999999E-130", LONGEST },
        { NUMBER_MAX, NUMBER_MAX },
        { LONGEST, LONGEST },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_text text;
        assert_int_equal(number_parse(bytes_of_text(cases[i].from), &text), NUMBER_OK);
        assert_string_equal(naive_number_text(&text), cases[i].to);
        assert_true(number_is_canonical(number_view(&text)));
    }
}

static void refused_text_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        enum number_status status;
    } cases[] = {
        { "", NUMBER_NOT_NUMERIC },
        { "-", NUMBER_NOT_NUMERIC },
        { "+", NUMBER_NOT_NUMERIC },
        { ".", NUMBER_NOT_NUMERIC },
        { "-.", NUMBER_NOT_NUMERIC },
        { "e5", NUMBER_NOT_NUMERIC },
        { ".e5", NUMBER_NOT_NUMERIC },
        { "1e", NUMBER_NOT_NUMERIC },
        { "1e+", NUMBER_NOT_NUMERIC },
        { "1e-", NUMBER_NOT_NUMERIC },
        { "1e1.5", NUMBER_NOT_NUMERIC },
        { "1e5 ", NUMBER_NOT_NUMERIC },
        { " 1", NUMBER_NOT_NUMERIC },
        { "1 ", NUMBER_NOT_NUMERIC },
        { "--1", NUMBER_NOT_NUMERIC },
        { "+-1", NUMBER_NOT_NUMERIC },
        { "1-", NUMBER_NOT_NUMERIC },
        { "1.2.3", NUMBER_NOT_NUMERIC },
        { "1,5", NUMBER_NOT_NUMERIC },
        { "1_0", NUMBER_NOT_NUMERIC },
        { "0x1", NUMBER_NOT_NUMERIC },
        { "1f", NUMBER_NOT_NUMERIC },
        { "NaN", NUMBER_NOT_NUMERIC },
        { "Infinity", NUMBER_NOT_NUMERIC },
        { "-inf", NUMBER_NOT_NUMERIC },
        { "\xD9\xA1", NUMBER_NOT_NUMERIC }, /* an Arabic 1 */
        { "1e126", NUMBER_OVERFLOW },
        { "-10e125", NUMBER_OVERFLOW },
        { "1" ZEROS_125 "0", NUMBER_OVERFLOW },
        { "1e99999999999999999999999999999", NUMBER_OVERFLOW },
        { "1e-131", NUMBER_UNDERFLOW },
        { "-0.1e-130", NUMBER_UNDERFLOW },
        { "0." ZEROS_129 "09", NUMBER_UNDERFLOW },
        { "1e-99999999999999999999999999999", NUMBER_UNDERFLOW },
        { NINES_38 "9", NUMBER_TOO_PRECISE },
        { "-1." NINES_38, NUMBER_TOO_PRECISE },
        { "1" ZEROS_60 "1", NUMBER_TOO_PRECISE },
        { NINES_38 "9e200", NUMBER_OVERFLOW },
        { NINES_38 "9e-200", NUMBER_UNDERFLOW },
        { NINES_38 "9x", NUMBER_NOT_NUMERIC },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_text text = { .data = "untouched", .length = 9 };
        assert_int_equal(number_parse(bytes_of_text(cases[i].from), &text), cases[i].status);
        assert_string_equal(naive_number_text(&text), "untouched");
        assert_false(number_is_canonical(bytes_of_text(cases[i].from)));
    }
    struct number_text text;
    assert_int_equal(number_parse((struct bytes){ NULL, 0 }, &text), NUMBER_NOT_NUMERIC);
    assert_false(number_is_canonical((struct bytes){ NULL, 0 }));
    assert_int_equal(number_parse(BYTES("1\0"), &text), NUMBER_NOT_NUMERIC);
}

static void other_spellings_are_not_canonical(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "-0", "+1", "01", "1.0", "1.", ".5", "00.5", "0.", "0.0", "-0.0", "1e2", "0.50", "-01.5",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_false(number_is_canonical(bytes_of_text(cases[i])));
    }
}

static void the_longest_text_fills_the_room_exactly(void **state)
{
    (void)state;
    assert_int_equal(strlen(LONGEST), NUMBER_TEXT_SIZE_MAX);
}

static void canonical_text_compares_by_value(void **state)
{
    (void)state;
    static const char *const ascending[] = {
        "-" NUMBER_MAX, "-1000", "-999",  "-10.5", "-10",           "-9.75", "-1.5",
        "-1",           "-0.51", "-0.5",  LONGEST, "-" NUMBER_TINY, "0",     NUMBER_TINY,
        "0.05",         "0.5",   "0.51",  "1",     "1.05",          "1.5",   "2",
        "9.99",         "10",    "10.01", "99",    "100",           "1001",  NUMBER_MAX,
    };
    size_t count = sizeof ascending / sizeof ascending[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            struct bytes left = bytes_of_text(ascending[i]);
            struct bytes right = bytes_of_text(ascending[j]);
            int order = number_compare(left, right);
            assert_true(i < j ? order < 0 : i > j ? order > 0 : order == 0);
        }
    }
}

static void sums_and_differences_are_exact_or_rounded_half_up(void **state)
{
    (void)state;
    static const struct {
        const char *left;
        const char *right; /* "-" in front: subtracted */
        const char *sum;
    } cases[] = {
        { "0", "0", "0" },
        { "0", "5", "5" },
        { "5", "0", "5" },
        { "0", "-5", "-5" },
        { "1", "2", "3" },
        { "999", "1", "1000" },
        { "1000", "-1", "999" },
        { "1", "-1", "0" },
        { "-1.5", "1.5", "0" },
        { "0.1", "0.2", "0.3" },
        { "1.5", "-3", "-1.5" },
        { "100", "0.001", "100.001" },
        { NINES_38, "1", "1" ZEROS_10 ZEROS_10 ZEROS_10 "00000000" },
        { NINES_38, "0.4", NINES_38 },
        { NINES_38, "0.5", "1" ZEROS_10 ZEROS_10 ZEROS_10 "00000000" },
        { "-" NINES_38, "-0.5", "-1" ZEROS_10 ZEROS_10 ZEROS_10 "00000000" },
        { "10000000000000000000000000000000000000", "-0.05",
          "10000000000000000000000000000000000000" },
        { "10000000000000000000000000000000000000", "-0.06",
          "9999999999999999999999999999999999999.9" },
        { "10000000000000000000000000000000000000", "-0.0099",
          "10000000000000000000000000000000000000" },
        { NUMBER_MAX, "-" NUMBER_TINY, NUMBER_MAX },
        { NUMBER_TINY, "-" NUMBER_MAX, "-" NUMBER_MAX },
        { "0." ZEROS_129 "2", "-" NUMBER_TINY, NUMBER_TINY },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_text sum;
        struct bytes left = bytes_of_text(cases[i].left);
        struct bytes right = bytes_of_text(cases[i].right);
        assert_int_equal(number_add(left, right, &sum), NUMBER_OK);
        assert_string_equal(naive_number_text(&sum), cases[i].sum);
        if (cases[i].right[0] == '-') {
            right = bytes_of_text(cases[i].right + 1);
            assert_int_equal(number_subtract(left, right, &sum), NUMBER_OK);
            assert_string_equal(naive_number_text(&sum), cases[i].sum);
        }
    }
}

static void a_sum_outside_the_range_is_refused(void **state)
{
    (void)state;
    struct number_text sum = { .data = "untouched", .length = 9 };
    struct bytes max = BYTES(NUMBER_MAX);
    struct bytes minus_max = BYTES("-" NUMBER_MAX);
    assert_int_equal(number_add(max, max, &sum), NUMBER_OVERFLOW);
    assert_int_equal(number_subtract(minus_max, max, &sum), NUMBER_OVERFLOW);
    assert_int_equal(number_add(max, BYTES("5" ZEROS_60 ZEROS_10 ZEROS_10 "0000000"), &sum),
                     NUMBER_OVERFLOW); /* by rounding */
    assert_int_equal(number_subtract(BYTES("0." ZEROS_129 "11"), BYTES(NUMBER_TINY), &sum),
                     NUMBER_UNDERFLOW);
    assert_string_equal(naive_number_text(&sum), "untouched");
}

/* ---- properties ---- */

static void any_spelling_gives_the_canonical_text(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct naive_number value = naive_number_random(&random);
        char expected[512];
        char scrambled[512];
        naive_number_print(&value, expected);
        naive_number_print_scrambled(&random, &value, scrambled);
        struct number_text text;
        assert_int_equal(number_parse(bytes_of_text(scrambled), &text), NUMBER_OK);
        assert_string_equal(naive_number_text(&text), expected);
        assert_true(number_is_canonical(number_view(&text)));
        struct number_text again;
        assert_int_equal(number_parse(number_view(&text), &again), NUMBER_OK);
        assert_string_equal(naive_number_text(&again), expected);
    }
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static void comparison_agrees_with_the_model(void **state)
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
        assert_int_equal(sign(number_compare(bytes_of_text(left), bytes_of_text(right))), expected);
    }
}

static void sums_agree_with_the_model(void **state)
{
    (void)state;
    int exact_sums = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct naive_number one = naive_number_random(&random);
        struct naive_number other = naive_number_random_neighbour(&random, &one);
        char left[512];
        char right[512];
        char expected[512];
        naive_number_print(&one, left);
        naive_number_print(&other, right);
        struct naive_number total = naive_number_add(&one, &other);
        bool was_rounded = naive_number_round(&total);
        naive_number_print(&total, expected);

        struct number_text sum;
        enum number_status status = number_add(bytes_of_text(left), bytes_of_text(right), &sum);
        assert_int_equal(status, naive_number_status(&total));
        if (status != NUMBER_OK) {
            continue;
        }
        assert_string_equal(naive_number_text(&sum), expected);
        if (!was_rounded) { /* then the way back is exact too */
            struct number_text back;
            exact_sums++;
            assert_int_equal(number_subtract(number_view(&sum), bytes_of_text(right), &back),
                             NUMBER_OK);
            assert_string_equal(naive_number_text(&back), left);
        }
    }
    assert_true(exact_sums > ROUNDS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_text_becomes_canonical),
        cmocka_unit_test(refused_text_says_why),
        cmocka_unit_test(other_spellings_are_not_canonical),
        cmocka_unit_test(the_longest_text_fills_the_room_exactly),
        cmocka_unit_test(canonical_text_compares_by_value),
        cmocka_unit_test(sums_and_differences_are_exact_or_rounded_half_up),
        cmocka_unit_test(a_sum_outside_the_range_is_refused),
        cmocka_unit_test(any_spelling_gives_the_canonical_text),
        cmocka_unit_test(comparison_agrees_with_the_model),
        cmocka_unit_test(sums_agree_with_the_model),
    };
    return cmocka_run_group_tests_name("number", tests, set_seed, NULL);
}
