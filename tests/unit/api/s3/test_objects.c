/* Where addresses of objects lead, and bodies that come in chunks. */

#include "api/s3/aws_chunked.h"
#include "api/s3/objects.h"
#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void an_address_leads_to_a_bucket_and_a_key(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        const char *bucket; /* NULL: it is none */
        const char *key;
    } cases[] = {
        { "http://127.0.0.1:8000/bucket/key.json", "bucket", "key.json" },
        { "HTTPS://Localhost/bucket/a/b%20c+d?x=y#z", "bucket", "a/b c+d" },
        { "http://bucket.localhost:8000/a/b", "bucket", "a/b" },
        { "https://bucket.s3.amazonaws.com/key", "bucket", "key" },
        { "https://bucket.s3.eu-west-1.amazonaws.com/key", "bucket", "key" },
        { "https://my.bucket.s3-eu-west-1.amazonaws.com/key", "my.bucket", "key" },
        { "https://s3.eu-west-1.amazonaws.com/bucket/key", "bucket", "key" },
        { "https://s3-eu-west-1.amazonaws.com/bucket/key", "bucket", "key" },
        { "http://elsewhere.example/bucket/key", "bucket", "key" },
        { "http://[::1]:8000/bucket/key", "bucket", "key" },
        { "http://host/bucket/", NULL, NULL },
        { "http://host/bucket", NULL, NULL },
        { "http://host?bucket/key", NULL, NULL },
        { "http://host//key", NULL, NULL },
        { "http://", NULL, NULL },
        { "http:/host/bucket/key", NULL, NULL },
        { "file:///etc/passwd", NULL, NULL },
        { "s3://bucket/key", NULL, NULL },
        { "bucket/key", NULL, NULL },
        { "", NULL, NULL },
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct object_place place;
        bool is_place =
            object_place_of_url(&arena, BYTES("key/region/"), bytes_of_text(cases[i].url), &place);
        print_message("%s\n", cases[i].url);
        assert_int_equal(is_place, cases[i].bucket != NULL);
        if (is_place) {
            assert_string_equal(bytes_to_text(&arena, place.bucket), cases[i].bucket);
            assert_string_equal(bytes_to_text(&arena, place.key), cases[i].key);
            assert_string_equal(bytes_to_text(&arena, place.world), "key/region/");
        }
    }
    arena_deinit(&arena);
}

static void chunks_are_put_together(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const char *content; /* NULL: it is not in chunks */
    } cases[] = {
        { "0\r\n\r\n", "" },
        { "1\r\na\r\n0\r\n", "a" },
        { "A;chunk-signature=1\r\n0123456789\r\n1\r\nx\r\n0;e\r\nx-amz-checksum:1\r\n\r\n",
          "0123456789x" },
        { "", NULL },
        { "1", NULL },
        { "1\r\n", NULL },
        { "1\r\na\r\n", NULL },
        { "2\r\na\r\n0\r\n", NULL },
        { "1\na\r\n0\r\n", NULL },
        { "-1\r\na\r\n0\r\n", NULL },
        { "ffffffffffffffff1\r\na\r\n0\r\n", NULL },
        { "1 \r\na\r\n0\r\n", NULL },
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes content;
        bool decoded = aws_chunked_decode(&arena, bytes_of_text(cases[i].body), &content);
        print_message("case %zu\n", i);
        assert_int_equal(decoded, cases[i].content != NULL);
        if (decoded) {
            assert_string_equal(bytes_to_text(&arena, content), cases[i].content);
        }
    }
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_leads_to_a_bucket_and_a_key),
        cmocka_unit_test(chunks_are_put_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
