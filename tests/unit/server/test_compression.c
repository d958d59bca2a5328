#include "server/compression.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    MIB = 1024 * 1024,
    BOMB_SIZE = 64 * MIB,
    GZIP_TRAILER_SIZE = 8,
};

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

/* ---- headers ---- */

static const struct {
    const char *header;
    enum encoding encoding;
} CONTENT_ENCODINGS[] = {
    { "", ENCODING_IDENTITY },       { "identity", ENCODING_IDENTITY },
    { "gzip", ENCODING_GZIP },       { "GZip", ENCODING_GZIP },
    { " gzip\t", ENCODING_GZIP },    { "deflate", ENCODING_DEFLATE },
    { "DEFLATE", ENCODING_DEFLATE }, { "br", ENCODING_UNKNOWN },
    { "gzi", ENCODING_UNKNOWN },     { "gzipp", ENCODING_UNKNOWN },
    { "*", ENCODING_UNKNOWN },       { "gzip, deflate", ENCODING_UNKNOWN },
};

static void a_request_names_its_encoding_in_any_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CONTENT_ENCODINGS / sizeof CONTENT_ENCODINGS[0]; i++) {
        struct bytes header = bytes_of_text(CONTENT_ENCODINGS[i].header);
        if (encoding_of_request(header) != CONTENT_ENCODINGS[i].encoding) {
            fail_msg("'%s' is taken for %d", CONTENT_ENCODINGS[i].header,
                     (int)encoding_of_request(header));
        }
    }
}

static const struct {
    const char *header;
    enum encoding encoding;
} ACCEPT_ENCODINGS[] = {
    { "", ENCODING_IDENTITY },
    { "identity", ENCODING_IDENTITY }, /* what botocore and most other SDKs send */
    { "gzip", ENCODING_GZIP },
    { "GZIP", ENCODING_GZIP },
    { "deflate", ENCODING_DEFLATE },
    { "gzip, deflate", ENCODING_GZIP },
    { "deflate,gzip", ENCODING_GZIP },
    { "gzip, deflate, br, zstd", ENCODING_GZIP },
    { "br, zstd", ENCODING_IDENTITY },
    { "x-gzip", ENCODING_IDENTITY },
    { "identity, gzip", ENCODING_GZIP },
    { "*", ENCODING_GZIP },
    { "gzip;q=0, *", ENCODING_DEFLATE },
    { "*, gzip;q=0, deflate;q=0", ENCODING_IDENTITY },
    { "*;q=0", ENCODING_IDENTITY },
    { "*;q=0, deflate", ENCODING_DEFLATE },
    { "identity;q=0", ENCODING_IDENTITY },
    { "gzip;q=0", ENCODING_IDENTITY },
    { "gzip;q=0.000", ENCODING_IDENTITY },
    { "gzip;q=0.001", ENCODING_GZIP },
    { "gzip ; Q = 0.5 ", ENCODING_GZIP },
    { "gzip;q=1.0, deflate;q=0.5", ENCODING_GZIP },
    { "gzip;q=0.5, deflate;q=0.8", ENCODING_DEFLATE },
    { "gzip;q=0.5, identity;q=0.8", ENCODING_IDENTITY },
    { "gzip;q=0.5, deflate;q=0.5, identity;q=0.5", ENCODING_GZIP },
    { "gzip;level=9;q=0", ENCODING_IDENTITY },
    { "gzip;q=high, deflate", ENCODING_DEFLATE }, /* what is no weight allows nothing */
    { "gzip;q=2", ENCODING_IDENTITY },
    { "gzip;q=-1", ENCODING_IDENTITY },
    { "gzip;q=0.5.5", ENCODING_IDENTITY },
    { "gzip;q=", ENCODING_IDENTITY },
    { "gzip;q", ENCODING_IDENTITY },
    { ",, ;; ,gzip,", ENCODING_GZIP },
    { ";q=1", ENCODING_IDENTITY },
};

static void the_best_accepted_encoding_is_chosen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ACCEPT_ENCODINGS / sizeof ACCEPT_ENCODINGS[0]; i++) {
        struct bytes header = bytes_of_text(ACCEPT_ENCODINGS[i].header);
        if (encoding_for_reply(header) != ACCEPT_ENCODINGS[i].encoding) {
            fail_msg("'%s' gives %d", ACCEPT_ENCODINGS[i].header, (int)encoding_for_reply(header));
        }
    }
}

/* ---- streams ---- */

static struct bytes repeated(char character, size_t count)
{
    uint8_t *data = arena_alloc(&arena, count);
    memset(data, character, count);
    return (struct bytes){ data, count };
}

/* Compressed and then some bytes more. */
static struct bytes shrunk(enum encoding encoding, struct bytes from, struct bytes more)
{
    struct bytes stream;
    struct buffer all;
    assert_true(compression_shrink(&arena, encoding, from, &stream));
    buffer_init(&all, &arena, stream.length + more.length);
    buffer_append_bytes(&all, stream);
    buffer_append_bytes(&all, more);
    return buffer_view(&all);
}

static struct bytes joined(struct bytes left, struct bytes right)
{
    struct buffer all;
    buffer_init(&all, &arena, left.length + right.length);
    buffer_append_bytes(&all, left);
    buffer_append_bytes(&all, right);
    return buffer_view(&all);
}

static void assert_expands(enum encoding encoding, struct bytes stream, struct bytes expected)
{
    struct bytes expanded;
    assert_int_equal(compression_expand(&arena, encoding, stream, MIB, &expanded), EXPANSION_DONE);
    assert_true(bytes_equal(expanded, expected));
}

static void assert_fails(enum encoding encoding, struct bytes stream, enum expansion expected)
{
    struct bytes expanded;
    assert_int_equal(compression_expand(&arena, encoding, stream, MIB, &expanded), expected);
}

static void what_is_shrunk_expands_again(void **state)
{
    (void)state;
    static const size_t sizes[] = { 100, 4096, 100000, MIB };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bytes text = repeated('x', sizes[i]);
        assert_expands(ENCODING_GZIP, shrunk(ENCODING_GZIP, text, BYTES("")), text);
        assert_expands(ENCODING_DEFLATE, shrunk(ENCODING_DEFLATE, text, BYTES("")), text);
    }
}

static void what_does_not_shrink_is_left(void **state)
{
    (void)state;
    struct bytes stream;
    assert_false(compression_shrink(&arena, ENCODING_GZIP, BYTES("short"), &stream));
    assert_false(compression_shrink(&arena, ENCODING_DEFLATE, BYTES(""), &stream));
}

static void members_of_gzip_are_joined(void **state)
{
    (void)state;
    struct bytes left = repeated('a', 1000);
    struct bytes right = repeated('b', 300000); /* more than the guess allows for */
    struct bytes stream = shrunk(ENCODING_GZIP, left, shrunk(ENCODING_GZIP, right, BYTES("")));
    assert_expands(ENCODING_GZIP, stream, joined(left, right));
    stream = shrunk(ENCODING_GZIP, right, shrunk(ENCODING_GZIP, left, BYTES("")));
    assert_expands(ENCODING_GZIP, stream, joined(right, left));
}

static void of_deflate_streams_the_first_counts(void **state)
{
    (void)state;
    struct bytes left = repeated('a', 1000);
    struct bytes right = shrunk(ENCODING_DEFLATE, repeated('b', 1000), BYTES(""));
    assert_expands(ENCODING_DEFLATE, shrunk(ENCODING_DEFLATE, left, right), left);
}

static void junk_after_a_gzip_trailer_is_ignored(void **state)
{
    (void)state;
    struct bytes text = repeated('a', 1000);
    const struct bytes junk[] = {
        BYTES("\0"), BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        BYTES("neither gzip nor anything else"), BYTES("\x1F\x8B\x08"), /* too short for a member */
        BYTES("\x1F\x8B\x07 of another method ...")                     /* no deflate */
    };
    for (size_t i = 0; i < sizeof junk / sizeof junk[0]; i++) {
        assert_expands(ENCODING_GZIP, shrunk(ENCODING_GZIP, text, junk[i]), text);
    }
    /* But what begins as a member must be one. */
    assert_fails(ENCODING_GZIP,
                 shrunk(ENCODING_GZIP, text, BYTES("\x1F\x8B\x08\0\0\0\0\0\0\0\xFF\xFF........")),
                 EXPANSION_CORRUPT);
}

static void a_stream_cut_anywhere_is_corrupt(void **state)
{
    (void)state;
    struct bytes text = BYTES("{\"TableName\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}");
    for (enum encoding encoding = ENCODING_GZIP; encoding <= ENCODING_DEFLATE; encoding++) {
        struct bytes stream = shrunk(encoding, text, BYTES(""));
        for (size_t length = 0; length < stream.length; length++) {
            uint8_t *cut = malloc(length + (length == 0)); /* so that an overrun is seen */
            assert_non_null(cut);
            memcpy(cut, stream.data, length);
            assert_fails(encoding, (struct bytes){ cut, length }, EXPANSION_CORRUPT);
            free(cut);
        }
    }
}

static void a_wrong_checksum_is_corrupt(void **state)
{
    (void)state;
    struct bytes text = repeated('a', 1000);
    struct bytes gzip = shrunk(ENCODING_GZIP, text, BYTES(""));
    uint8_t *data = memcpy(arena_alloc(&arena, gzip.length), gzip.data, gzip.length);
    data[gzip.length - GZIP_TRAILER_SIZE] ^= 1;
    assert_fails(ENCODING_GZIP, (struct bytes){ data, gzip.length }, EXPANSION_CORRUPT);
    struct bytes deflate = shrunk(ENCODING_DEFLATE, text, BYTES(""));
    data = memcpy(arena_alloc(&arena, deflate.length), deflate.data, deflate.length);
    data[deflate.length - 1] ^= 1;
    assert_fails(ENCODING_DEFLATE, (struct bytes){ data, deflate.length }, EXPANSION_CORRUPT);
}

static void one_encoding_is_not_the_other(void **state)
{
    (void)state;
    struct bytes text = repeated('a', 1000);
    assert_fails(ENCODING_GZIP, shrunk(ENCODING_DEFLATE, text, BYTES("")), EXPANSION_CORRUPT);
    assert_fails(ENCODING_DEFLATE, shrunk(ENCODING_GZIP, text, BYTES("")), EXPANSION_CORRUPT);
    struct bytes zlib = shrunk(ENCODING_DEFLATE, text, BYTES(""));
    struct bytes bare = { zlib.data + 2, zlib.length - 2 - 4 };
    assert_fails(ENCODING_DEFLATE, bare, EXPANSION_CORRUPT);
}

static void a_byte_more_than_allowed_is_too_large(void **state)
{
    (void)state;
    for (enum encoding encoding = ENCODING_GZIP; encoding <= ENCODING_DEFLATE; encoding++) {
        struct bytes most = repeated(' ', MIB);
        assert_expands(encoding, shrunk(encoding, most, BYTES("")), most);
        struct bytes more = shrunk(encoding, repeated(' ', MIB + 1), BYTES(""));
        assert_fails(encoding, more, EXPANSION_TOO_LARGE);
    }
    struct bytes half = shrunk(ENCODING_GZIP, repeated(' ', MIB / 2), BYTES(""));
    struct bytes byte = shrunk(ENCODING_GZIP, repeated(' ', 100), BYTES(""));
    assert_fails(ENCODING_GZIP, joined(half, joined(half, byte)), EXPANSION_TOO_LARGE);
}

static void a_bomb_takes_bounded_memory(void **state)
{
    (void)state;
    struct bytes bomb;
    struct arena small;
    assert_true(compression_shrink(&arena, ENCODING_GZIP, repeated(' ', BOMB_SIZE), &bomb));
    /* A trailer that lies about the size, in both directions. */
    static const uint8_t said[][4] = { { 0 }, { 0xFF, 0xFF, 0xFF, 0xFF }, { 0, 0, 0x10 } };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        memcpy((uint8_t *)bomb.data + bomb.length - 4, said[i], 4);
        arena_init(&small);
        struct bytes expanded;
        assert_int_equal(compression_expand(&small, ENCODING_GZIP, bomb, MIB, &expanded),
                         EXPANSION_TOO_LARGE);
        assert_true(arena_footprint(&small) <= 2 * MIB + 4096);
        arena_deinit(&small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_names_its_encoding_in_any_case),
        cmocka_unit_test(the_best_accepted_encoding_is_chosen),
        cmocka_unit_test(what_is_shrunk_expands_again),
        cmocka_unit_test(what_does_not_shrink_is_left),
        cmocka_unit_test(members_of_gzip_are_joined),
        cmocka_unit_test(of_deflate_streams_the_first_counts),
        cmocka_unit_test(junk_after_a_gzip_trailer_is_ignored),
        cmocka_unit_test(a_stream_cut_anywhere_is_corrupt),
        cmocka_unit_test(a_wrong_checksum_is_corrupt),
        cmocka_unit_test(one_encoding_is_not_the_other),
        cmocka_unit_test(a_byte_more_than_allowed_is_too_large),
        cmocka_unit_test(a_bomb_takes_bounded_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
