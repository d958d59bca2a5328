/* Times as text, there and back. */

#include "api/protocol/timestamp.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void times_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t milliseconds;
    } cases[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "1970-01-01", 0 },
        { "1970-01-01T00:00Z", 0 },
        { "2026-01-01T00:00:00Z", INT64_C(1767225600000) },
        { "2026-01-01T00:00:00", INT64_C(1767225600000) },
        { "2026-01-01T01:00:00+01:00", INT64_C(1767225600000) },
        { "2025-12-31T22:30:00-0130", INT64_C(1767225600000) },
        { "2026-01-01T00:00:00.5Z", INT64_C(1767225600500) },
        { "2026-01-01T00:00:00.123456Z", INT64_C(1767225600123) },
        { "2000-02-29T00:00:00Z", INT64_C(951782400000) },
        { "2000-03-01T00:00:00Z", INT64_C(951868800000) },
        { "1969-12-31T23:59:59Z", -1000 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t milliseconds;
        print_message("%s\n", cases[i].text);
        assert_true(timestamp_parse(bytes_of_text(cases[i].text), &milliseconds));
        assert_int_equal(milliseconds, cases[i].milliseconds);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "now",
        "2026",
        "2026-13-01",
        "2026-00-01",
        "2026-01-32",
        "2026-01-00",
        "2026-1-1",
        "2026-01-01 00:00:00",
        "2026-01-01T",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00ZZ",
        "2026-01-01T00:00:00+1",
        "2026-01-01T00:00:00+24:00",
        "1767225600",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t milliseconds;
        print_message("%s\n", cases[i]);
        assert_false(timestamp_parse(bytes_of_text(cases[i]), &milliseconds));
    }
}

static void times_are_written_as_they_are_read(void **state)
{
    (void)state;
    static const char *const cases[] = { "1970-01-01T00:00:00Z", "2026-11-24T19:02:52Z",
                                         "2024-02-29T23:59:59.007Z", "2099-12-31T00:00:00.120Z" };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t milliseconds;
        struct buffer text;
        buffer_init(&text, &arena, 32);
        assert_true(timestamp_parse(bytes_of_text(cases[i]), &milliseconds));
        timestamp_append(&text, milliseconds);
        assert_string_equal(bytes_to_text(&arena, buffer_view(&text)), cases[i]);
    }
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(times_are_written_as_they_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
