/* What an index takes of an item, and the digest of two images. */

#include "tools/table/item.h"

#include "storage/base/arena.h"
#include "tools/client/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

/* Keys kind (S) and rank (N); projects them, the table's key pk, and title. */
static struct index_shape by_kind(void)
{
    static const char *projected[] = { "kind", "rank", "pk", "title" };
    return (struct index_shape){ .name = "by-kind",
                                 .keys = { { "kind", 'S', true }, { "rank", 'N', false } },
                                 .key_count = 2,
                                 .projection = PROJECTION_INCLUDE,
                                 .projected = projected,
                                 .projected_count = 4 };
}

static struct skip skip_of(const char *text, const char **out_attribute)
{
    struct index_shape index = by_kind();
    struct cJSON *item = json_parse(bytes_of_text(text));
    assert_non_null(item);
    struct skip skip = item_skip(item, &index);
    *out_attribute = skip.attribute;
    skip.type = NULL; /* goes with the item */
    json_free(item);
    return skip;
}

static void an_item_with_both_keys_is_taken(void **state)
{
    (void)state;
    const char *attribute;
    struct skip skip = skip_of(
        "{\"kind\":{\"S\":\"a\"},\"rank\":{\"N\":\"1\"},\"x\":{\"NULL\":true}}", &attribute);
    assert_int_equal(skip.reason, SKIP_NONE);
}

static void the_first_key_attribute_at_fault_is_named(void **state)
{
    static const struct {
        const char *item;
        enum skip_reason reason;
        const char *attribute;
    } cases[] = {
        { "{}", SKIP_MISSING, "kind" },
        { "{\"kind\":{\"S\":\"a\"}}", SKIP_MISSING, "rank" },
        { "{\"kind\":{\"N\":\"1\"}}", SKIP_WRONG_TYPE, "kind" },
        { "{\"kind\":{\"S\":\"a\"},\"rank\":{\"S\":\"1\"}}", SKIP_WRONG_TYPE, "rank" },
        { "{\"kind\":{\"S\":\"\"},\"rank\":{\"S\":\"1\"}}", SKIP_EMPTY, "kind" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *attribute;
        struct skip skip = skip_of(cases[i].item, &attribute);
        assert_int_equal(skip.reason, cases[i].reason);
        assert_string_equal(attribute, cases[i].attribute);
    }
}

static void a_partition_key_is_too_large_beyond_2048_bytes(void **state)
{
    (void)state;
    for (size_t length = 2048; length <= 2049; length++) {
        char text[2200];
        char value[2100] = { 0 };
        const char *attribute;
        memset(value, 'k', length);
        (void)snprintf(text, sizeof text, "{\"kind\":{\"S\":\"%s\"},\"rank\":{\"N\":\"1\"}}",
                       value);
        struct skip skip = skip_of(text, &attribute);
        assert_int_equal(skip.reason, length > 2048 ? SKIP_TOO_LARGE : SKIP_NONE);
    }
}

static size_t size_of(const char *text, const struct index_shape *index)
{
    struct cJSON *item = json_parse(bytes_of_text(text));
    assert_non_null(item);
    size_t size = item_size(item, index);
    json_free(item);
    return size;
}

/* Developer guide, "DynamoDB item sizes and formats". */
static void the_size_counts_names_and_values(void **state)
{
    struct index_shape index = by_kind();
    static const char item[] = "{\"pk\":{\"S\":\"a\"},\"kind\":{\"S\":\"\xC3\xBC\"},"
                               "\"b\":{\"B\":\"AAEC\"},\"t\":{\"BOOL\":true},"
                               "\"l\":{\"L\":[{\"NULL\":true}]},\"title\":{\"S\":\"xy\"}}";
    (void)state;
    /* pk 2+1, kind 4+2, b 1+3, t 1+1, l 1+3+1+1, title 5+2 */
    assert_int_equal(size_of(item, NULL), 3 + 6 + 4 + 2 + 6 + 7);
    assert_int_equal(size_of(item, &index), 3 + 6 + 7);
}

static void digest_of(const char *text, uint8_t out_digest[DIGEST_SIZE])
{
    struct index_shape index = by_kind();
    struct cJSON *item = json_parse(bytes_of_text(text));
    assert_non_null(item);
    item_digest(&arena, item, &index, &index, out_digest);
    json_free(item);
}

static bool same_digest(const char *left, const char *right)
{
    uint8_t digests[2][DIGEST_SIZE];
    digest_of(left, digests[0]);
    digest_of(right, digests[1]);
    return memcmp(digests[0], digests[1], DIGEST_SIZE) == 0;
}

static void equal_images_have_equal_digests_in_any_order(void **state)
{
    (void)state;
    assert_true(same_digest("{\"pk\":{\"S\":\"a\"},\"title\":{\"SS\":[\"x\",\"y\"]}}",
                            "{\"title\":{\"SS\":[\"y\",\"x\"]},\"pk\":{\"S\":\"a\"}}"));
    assert_true(same_digest("{\"title\":{\"M\":{\"a\":{\"N\":\"1\"},\"b\":{\"S\":\"\"}}}}",
                            "{\"title\":{\"M\":{\"b\":{\"S\":\"\"},\"a\":{\"N\":\"1\"}}}}"));
    /* What is not projected is not compared. */
    assert_true(
        same_digest("{\"pk\":{\"S\":\"a\"},\"other\":{\"S\":\"x\"}}", "{\"pk\":{\"S\":\"a\"}}"));
}

static void other_images_have_other_digests(void **state)
{
    (void)state;
    assert_false(same_digest("{\"title\":{\"S\":\"1\"}}", "{\"title\":{\"N\":\"1\"}}"));
    assert_false(same_digest("{\"title\":{\"S\":\"a\"}}", "{\"pk\":{\"S\":\"a\"}}"));
    assert_false(same_digest("{\"title\":{\"S\":\"a\"}}", "{}"));
    assert_false(same_digest("{\"title\":{\"L\":[{\"S\":\"a\"},{\"S\":\"b\"}]}}",
                             "{\"title\":{\"L\":[{\"S\":\"b\"},{\"S\":\"a\"}]}}"));
    assert_false(same_digest("{\"title\":{\"L\":[{\"S\":\"a\"}]}}",
                             "{\"title\":{\"L\":[{\"L\":[{\"S\":\"a\"}]}]}}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_with_both_keys_is_taken),
        cmocka_unit_test(the_first_key_attribute_at_fault_is_named),
        cmocka_unit_test(a_partition_key_is_too_large_beyond_2048_bytes),
        cmocka_unit_test(the_size_counts_names_and_values),
        cmocka_unit_test_setup_teardown(equal_images_have_equal_digests_in_any_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(other_images_have_other_digests, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
