#include "storage/base/time_text.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND_MS INT64_C(1000)

static const struct {
    int64_t time_ms;
    const char *iso;
    const char *in_words;
} ROWS[] = {
    { 0, "1970-01-01T00:00:00.000",
      "Thursday, January 1, 1970 at 12:00:00 AM Coordinated Universal Time" },
    { 1791501648 * SECOND_MS + 7, "2026-10-08T23:20:48.007",
      "Thursday, October 8, 2026 at 11:20:48 PM Coordinated Universal Time" },
    { 1791504000 * SECOND_MS, "2026-10-09T00:00:00.000",
      "Friday, October 9, 2026 at 12:00:00 AM Coordinated Universal Time" },
    { 1791508894 * SECOND_MS + 999, "2026-10-09T01:21:34.999",
      "Friday, October 9, 2026 at 1:21:34 AM Coordinated Universal Time" },
    { 1709208000 * SECOND_MS, "2024-02-29T12:00:00.000",
      "Thursday, February 29, 2024 at 12:00:00 PM Coordinated Universal Time" },
};

static void assert_text(void (*append)(struct buffer *to, int64_t time_ms),
                        int64_t time_ms,
                        const char *expected)
{
    struct arena arena;
    struct buffer text;
    arena_init(&arena);
    buffer_init(&text, &arena, 8);
    append(&text, time_ms);
    assert_string_equal(bytes_to_text(&arena, buffer_view(&text)), expected);
    arena_deinit(&arena);
}

static void a_time_has_milliseconds_and_no_zone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        assert_text(time_append_iso, ROWS[i].time_ms, ROWS[i].iso);
    }
}

static void in_words_the_day_has_twelve_hours_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        assert_text(time_append_long, ROWS[i].time_ms, ROWS[i].in_words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_has_milliseconds_and_no_zone),
        cmocka_unit_test(in_words_the_day_has_twelve_hours_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
