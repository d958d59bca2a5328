#include "api/attribute_json.h"

#include "api/json.h"
#include "storage/base/arena.h"
#include "storage/value/item_codec.h"

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
    json_install_hooks();
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static const struct cJSON *parse(const char *json)
{
    const struct cJSON *document = NULL;
    if (!json_parse(&arena, bytes_of_text(json), &document)) {
        fail_msg("no JSON: %s", json);
    }
    return document;
}

/* {"a": value} there and back. */
static const struct {
    const char *sent;
    const char *replied;
} VALUES[] = {
    { "{\"S\":\"abc\"}", "{\"S\":\"abc\"}" },
    { "{\"S\":\"\"}", "{\"S\":\"\"}" },
    { "{\"S\":\"\\u0000\\\"\\\\\\n\\u00e9\"}", "{\"S\":\"\\u0000\\\"\\\\\\n\xC3\xA9\"}" },
    { "{\"N\":\"1.50\"}", "{\"N\":\"1.5\"}" },
    { "{\"N\":\"-1E2\"}", "{\"N\":\"-100\"}" },
    { "{\"B\":\"\"}", "{\"B\":\"\"}" },
    { "{\"B\":\"AAEC/w==\"}", "{\"B\":\"AAEC/w==\"}" },
    { "{\"BOOL\":true}", "{\"BOOL\":true}" },
    { "{\"BOOL\":false}", "{\"BOOL\":false}" },
    { "{\"BOOL\":\"no\"}", "{\"BOOL\":false}" },
    { "{\"NULL\":true}", "{\"NULL\":true}" },
    { "{\"SS\":[\"b\",\"a\"]}", "{\"SS\":[\"a\",\"b\"]}" },
    { "{\"SS\":[\"\",\"a\\n\"]}", "{\"SS\":[\"\",\"a\\n\"]}" },
    { "{\"NS\":[\"10\",\"9.0\",\"-2\",\"-10\"]}", "{\"NS\":[\"-10\",\"-2\",\"9\",\"10\"]}" },
    { "{\"BS\":[\"YWI=\",\"/w==\",\"YQ==\",\"\"]}", "{\"BS\":[\"\",\"YQ==\",\"YWI=\",\"/w==\"]}" },
    { "{\"L\":[]}", "{\"L\":[]}" },
    { "{\"L\":[{\"S\":\"a\"},{\"L\":[{\"N\":\"1\"}]}]}",
      "{\"L\":[{\"S\":\"a\"},{\"L\":[{\"N\":\"1\"}]}]}" },
    { "{\"M\":{}}", "{\"M\":{}}" },
    { "{\"M\":{\"z\":{\"S\":\"1\"},\"a\\t\":{\"M\":{\"k\":{\"NULL\":true}}}}}",
      "{\"M\":{\"a\\t\":{\"M\":{\"k\":{\"NULL\":true}}},\"z\":{\"S\":\"1\"}}}" },
    { "{\"S\":\"x\",\"N\":null,\"Unknown\":1}", "{\"S\":\"x\"}" },
    { "{\"S\":\"x\",\"S\":\"y\"}", "{\"S\":\"y\"}" },
};

static void values_go_in_and_come_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof VALUES / sizeof VALUES[0]; i++) {
        struct attribute_value value;
        struct api_error error;
        if (!attribute_of_json(&arena, parse(VALUES[i].sent), &value, &error)) {
            fail_msg("%s: %s", VALUES[i].sent, bytes_to_text(&arena, error.message));
        }
        assert_true(attribute_payload_is_valid(value.type, value.payload));
        struct buffer reply;
        buffer_init(&reply, &arena, 1);
        attribute_json_write(&reply, value);
        assert_string_equal(bytes_to_text(&arena, buffer_view(&reply)), VALUES[i].replied);
    }
}

#define INVALID "One or more parameter values were invalid: "
#define EMPTY                                                                                      \
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
#define SEVERAL                                                                                    \
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "    \
    "supported datatypes"

static const struct {
    const char *sent;
    enum api_error_code code;
    const char *message;
} REFUSALS[] = {
    { "{}", API_VALIDATION, EMPTY },
    { "null", API_VALIDATION, EMPTY },
    { "{\"S\":null}", API_VALIDATION, EMPTY },
    { "{\"s\":\"x\"}", API_VALIDATION, EMPTY },
    { "{\"L\":[null]}", API_VALIDATION, EMPTY },
    { "{\"M\":{\"a\":{}}}", API_VALIDATION, EMPTY },
    { "{\"S\":\"a\",\"N\":\"1\"}", API_VALIDATION, SEVERAL },
    { "{\"S\":\"a\",\"N\":\"x\"}", API_VALIDATION,
      "The parameter cannot be converted to a numeric value: x" },
    { "{\"NULL\":false}", API_VALIDATION,
      INVALID "Null attribute value types must have the value of true" },
    { "{\"SS\":[]}", API_VALIDATION, INVALID "An string set  may not be empty" },
    { "{\"NS\":[]}", API_VALIDATION, INVALID "An number set  may not be empty" },
    { "{\"BS\":[]}", API_VALIDATION, INVALID "Binary sets should not be empty" },
    { "{\"SS\":[\"a\",\"a\"]}", API_VALIDATION,
      INVALID "Input collection [a, a] contains duplicates." },
    { "{\"NS\":[\"1\",\"1.0\"]}", API_VALIDATION, "Input collection contains duplicates" },
    { "{\"BS\":[\"Yg==\",\"Yg==\"]}", API_VALIDATION,
      INVALID "Input collection [Yg==, Yg==]of type BS contains duplicates." },
    { "{\"SS\":[null]}", API_VALIDATION,
      INVALID "An string set may not have a empty string as a member" },
    { "{\"N\":\"\"}", API_VALIDATION, "The parameter cannot be converted to a numeric value" },
    { "{\"N\":\"b\"}", API_VALIDATION, "The parameter cannot be converted to a numeric value: b" },
    { "{\"N\":\"1e126\"}", API_VALIDATION,
      "Number overflow. Attempting to store a number with magnitude larger than supported range" },
    { "{\"N\":\"1e-131\"}", API_VALIDATION,
      "Number underflow. Attempting to store a number with magnitude smaller than supported "
      "range" },
    { "{\"NS\":[\"123456789012345678901234567890123456789\"]}", API_VALIDATION,
      "Attempting to store more than 38 significant digits in a Number" },
    { "{\"M\":{\"\":{\"S\":\"a\"}}}", API_VALIDATION, "Empty attribute name" },
    { "{\"S\":1}", API_SERIALIZATION, "NUMBER_VALUE cannot be converted to String" },
    { "{\"SS\":[1]}", API_SERIALIZATION, "NUMBER_VALUE cannot be converted to String" },
    { "{\"L\":{}}", API_SERIALIZATION, "Start of structure or map found where not expected" },
    { "{\"B\":\"a\"}", API_SERIALIZATION,
      "Base64 encoded length is expected a multiple of 4 bytes but found: 1" },
    { "{\"BOOL\":\"11\"}", API_SERIALIZATION, "Unexpected token received from parser" },
    { "{\"BOOL\":1}", API_SERIALIZATION, "NUMBER_VALUE cannot be converted to Boolean" },
};

static void what_the_service_refuses_is_refused_in_its_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        struct attribute_value value;
        struct api_error error;
        assert_false(attribute_of_json(&arena, parse(REFUSALS[i].sent), &value, &error));
        assert_string_equal(bytes_to_text(&arena, error.message), REFUSALS[i].message);
        assert_int_equal(error.code, REFUSALS[i].code);
    }
}

static bool is_accepted_within(int wrappers)
{
    struct buffer text;
    buffer_init(&text, &arena, 64);
    for (int i = 0; i < wrappers; i++) {
        buffer_append_text(&text, i % 2 == 0 ? "{\"M\":{\"a\":" : "{\"L\":[");
    }
    buffer_append_text(&text, "{\"S\":\"x\"}");
    for (int i = wrappers - 1; i >= 0; i--) {
        buffer_append_text(&text, i % 2 == 0 ? "}}" : "]}");
    }
    struct attribute_value value;
    struct api_error error;
    bool accepted =
        attribute_of_json(&arena, parse(bytes_to_text(&arena, buffer_view(&text))), &value, &error);
    if (!accepted) {
        assert_string_equal(bytes_to_text(&arena, error.message),
                            "Nesting Levels have exceeded supported limits: Attributes in the "
                            "item have nested levels beyond supported limit");
    }
    return accepted;
}

static void thirty_one_lists_and_maps_may_wrap_a_scalar(void **state)
{
    (void)state;
    assert_true(is_accepted_within(31));
    assert_false(is_accepted_within(32));
    assert_false(is_accepted_within(300));
}

static struct bytes item_of(const char *json)
{
    struct bytes item = { NULL, 0 };
    struct api_error error;
    if (!item_of_json(&arena, parse(json), &item, &error)) {
        fail_msg("%s", bytes_to_text(&arena, error.message));
    }
    assert_true(item_is_valid(item));
    return item;
}

static const char *written(struct bytes item)
{
    struct buffer reply;
    buffer_init(&reply, &arena, 1);
    item_json_write(&reply, item);
    return bytes_to_text(&arena, buffer_view(&reply));
}

static void items_have_their_attributes_in_order_of_name(void **state)
{
    (void)state;
    struct bytes item = item_of("{\"b\":{\"N\":\"1\"},\"a\":{\"S\":\"x\"},\"ab\":{\"L\":[]},"
                                "\"\\u0000\":{\"BOOL\":true},\"b\":{\"N\":\"2\"}}");
    assert_string_equal(written(item),
                        "{\"\\u0000\":{\"BOOL\":true},\"a\":{\"S\":\"x\"},\"ab\":{\"L\":[]},"
                        "\"b\":{\"N\":\"2\"}}");
    assert_string_equal(written(item_of("{}")), "{}");
}

static void many_attributes_are_sorted_too(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    struct buffer text;
    buffer_init(&text, &arena, 64);
    buffer_append_text(&text, "{");
    for (int i = 0; i < COUNT; i++) {
        buffer_append_format(&text, "%s\"a%05d\":{\"NS\":[\"%d\",\"-1\"]}", i == 0 ? "" : ",",
                             (i * 7919) % COUNT, i);
    }
    buffer_append_text(&text, "}");
    struct bytes item = item_of(bytes_to_text(&arena, buffer_view(&text)));
    struct attribute_value value;
    assert_true(item_find(item, BYTES("a07919"), &value));
    struct reader cursor = reader_of(value.payload);
    struct bytes element;
    assert_true(set_next(&cursor, &element));
    assert_true(bytes_equal(element, BYTES("-1")));
}

static void duplicates_are_found_in_large_sets(void **state)
{
    (void)state;
    for (int with_duplicate = 0; with_duplicate < 2; with_duplicate++) {
        struct buffer text;
        buffer_init(&text, &arena, 64);
        buffer_append_text(&text, "{\"NS\":[");
        for (int i = 0; i < 20000; i++) {
            buffer_append_format(&text, "\"%d\",", i);
        }
        buffer_append_text(&text, with_duplicate ? "\"77.0\"]}" : "\"20000\"]}");
        struct attribute_value value;
        struct api_error error;
        const struct cJSON *node = parse(bytes_to_text(&arena, buffer_view(&text)));
        assert_int_equal(attribute_of_json(&arena, node, &value, &error), !with_duplicate);
    }
}

static void equal_sets_are_equal_bytes(void **state)
{
    (void)state;
    assert_true(bytes_equal(item_of("{\"a\":{\"L\":[{\"SS\":[\"x\",\"\\n\",\"y\"]}]}}"),
                            item_of("{\"a\":{\"L\":[{\"SS\":[\"y\",\"x\",\"\\n\"]}]}}")));
    assert_true(bytes_equal(item_of("{\"a\":{\"NS\":[\"1\",\"1E1\"]}}"),
                            item_of("{\"a\":{\"NS\":[\"10.0\",\"1\"]}}")));
}

static void attribute_names_have_a_limit(void **state)
{
    (void)state;
    for (size_t length = 65535; length <= 65536; length++) {
        struct buffer text;
        buffer_init(&text, &arena, 70000);
        buffer_append_text(&text, "{\"");
        memset(buffer_reserve(&text, length), 'n', length);
        buffer_commit(&text, length);
        buffer_append_text(&text, "\":{\"S\":\"x\"}}");
        const struct cJSON *map = parse(bytes_to_text(&arena, buffer_view(&text)));
        struct bytes item;
        struct api_error error;
        bool accepted = item_of_json(&arena, map, &item, &error);
        assert_int_equal(accepted, length == 65535);
        if (!accepted) {
            assert_string_equal(bytes_to_text(&arena, error.message),
                                "Attribute name is too large, must be less than 65536 bytes");
        }
    }
}

static void only_maps_are_items(void **state)
{
    (void)state;
    struct bytes item;
    struct api_error error;
    assert_false(item_of_json(&arena, parse("1"), &item, &error));
    assert_string_equal(bytes_to_text(&arena, error.message), "Unexpected field type");
    assert_false(item_of_json(&arena, parse("null"), &item, &error));
    assert_int_equal(error.code, API_SERIALIZATION);
    assert_false(item_of_json(&arena, parse("{\"a\":1}"), &item, &error));
    assert_string_equal(bytes_to_text(&arena, error.message), "Unexpected value type in payload");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_go_in_and_come_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_service_refuses_is_refused_in_its_words, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(thirty_one_lists_and_maps_may_wrap_a_scalar, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(items_have_their_attributes_in_order_of_name, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(many_attributes_are_sorted_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(duplicates_are_found_in_large_sets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_sets_are_equal_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(attribute_names_have_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_maps_are_items, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
