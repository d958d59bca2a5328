/* CBOR to JSON, by the examples of RFC 8949, appendix A, and what is refused. */

#include "api/protocol/cbor.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct bytes from_hex(struct arena *arena, const char *hex)
{
    struct buffer bytes;
    buffer_init(&bytes, arena, strlen(hex) / 2);
    for (size_t i = 0; hex[i] != '\0'; i += 2) {
        char digits[] = { hex[i], hex[i + 1], '\0' };
        buffer_append_u8(&bytes, (uint8_t)strtoul(digits, NULL, 16));
    }
    return buffer_view(&bytes);
}

static void values_become_json(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        const char *json;
    } cases[] = {
        { "00", "0" },
        { "1864", "100" },
        { "1903e8", "1000" },
        { "1a000f4240", "1000000" },
        { "1b000000e8d4a51000", "1000000000000" },
        { "20", "-1" },
        { "3903e7", "-1000" },
        { "f93c00", "1.0" },
        { "fa47c35000", "100000.0" },
        { "fb3ff199999999999a", "1.1" },
        { "f4", "false" },
        { "f5", "true" },
        { "f6", "null" },
        { "f7", "null" },
        { "c11a514b67b0", "1363896240" },
        { "c1fb41d452d9ec200000", "1363896240.5" },
        { "44deadbeef", "\"3q2+7w==\"" },
        { "5f42dead42beefff", "\"3q2+7w==\"" },
        { "60", "\"\"" },
        { "6449455446", "\"IETF\"" },
        { "62c3bc", "\"\xC3\xBC\"" },
        { "7f657374726561646d696e67ff", "\"streaming\"" },
        { "80", "[]" },
        { "83010203", "[1,2,3]" },
        { "8301820203820405", "[1,[2,3],[4,5]]" },
        { "9fff", "[]" },
        { "9f018202039f0405ffff", "[1,[2,3],[4,5]]" },
        { "a0", "{}" },
        { "a26161016162820203", "{\"a\":1,\"b\":[2,3]}" },
        { "bf61610161629f0203ffff", "{\"a\":1,\"b\":[2,3]}" },
        { "a17f6161ff01", "{\"a\":1}" },
        { "a16161a16162a16163f6", "{\"a\":{\"b\":{\"c\":null}}}" },
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes json;
        print_message("%s\n", cases[i].hex);
        assert_true(cbor_to_json(&arena, from_hex(&arena, cases[i].hex), &json));
        assert_string_equal(bytes_to_text(&arena, json), cases[i].json);
    }
    arena_deinit(&arena);
}

static void what_is_not_one_whole_value_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",                   /* nothing */
        "0000",               /* two values */
        "18",                 /* an integer without its byte */
        "62c3",               /* a text that ends early */
        "8301",               /* a list that does */
        "9f01",               /* one without its break */
        "a16161",             /* a key without a value */
        "bf6161ff",           /* the same before a break */
        "a10101",             /* a key that is a number */
        "a1800101",           /* a key that is a list */
        "a1c1616101",         /* a tagged key */
        "ff",                 /* a break in nothing */
        "8101ff",             /* one after a value */
        "81ff",               /* one in a list with a length */
        "7f00ff",             /* a number in a text */
        "7f4100ff",           /* bytes in a text */
        "7f7f6161ffff",       /* a text of texts of texts */
        "1bffffffffffffffff", /* beyond 64 bits signed */
        "f97e00",             /* not a number */
        "f97c00",             /* infinity */
        "1c",                 /* reserved */
        "bbffffffffffffffff", /* as many members as there can be */
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes json;
        print_message("%s\n", cases[i]);
        assert_false(cbor_to_json(&arena, from_hex(&arena, cases[i]), &json));
    }
    arena_deinit(&arena);
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    struct arena arena;
    struct bytes json;
    uint8_t levels[65];
    arena_init(&arena);
    memset(levels, 0x81, sizeof levels);
    levels[64] = 0x00;
    assert_true(cbor_to_json(&arena, (struct bytes){ levels, 65 }, &json));
    levels[64] = 0x80;
    assert_false(cbor_to_json(&arena, (struct bytes){ levels, 65 }, &json));
    arena_deinit(&arena);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    struct arena arena;
    struct buffer cbor;
    struct bytes json;
    arena_init(&arena);
    buffer_init(&cbor, &arena, 16);
    cbor_append_map(&cbor);
    cbor_append_text(&cbor, BYTES("Time"));
    cbor_append_time(&cbor, INT64_C(1767225600500));
    cbor_append_text(&cbor, BYTES("Values"));
    cbor_append_list(&cbor);
    cbor_append_double(&cbor, 0.5);
    cbor_append_text(&cbor, BYTES("x"));
    cbor_append_break(&cbor);
    cbor_append_break(&cbor);
    assert_true(cbor_to_json(&arena, buffer_view(&cbor), &json));
    assert_string_equal(bytes_to_text(&arena, json),
                        "{\"Time\":1767225600.5,\"Values\":[0.5,\"x\"]}");
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_become_json),
        cmocka_unit_test(what_is_not_one_whole_value_is_refused),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(what_is_written_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
