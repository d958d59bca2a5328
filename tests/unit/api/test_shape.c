#include "api/shape.h"

#include "api/json.h"
#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A made-up operation with something of everything. */
static const struct shape LIMIT = { .kind = SHAPE_INTEGER, .range = { 1, SHAPE_NO_MAX } };
static const struct shape SEGMENT = { .kind = SHAPE_INTEGER, .range = { 0, 999999 } };
static const struct shape RATIO = { .kind = SHAPE_DOUBLE };
static const struct shape WHEN = { .kind = SHAPE_TIMESTAMP };
static const struct shape DATA = { .kind = SHAPE_BLOB };
static const struct shape TOKEN = { .kind = SHAPE_STRING, .range = { 1, 4 } };
static const struct shape KEY_TYPE = { .kind = SHAPE_STRING, .values = "HASH, RANGE" };
static const struct member ELEMENT_MEMBERS[] = {
    { "AttributeName", &SHAPE_ANY_STRING, REQUIRED },
    { "KeyType", &KEY_TYPE, REQUIRED },
};
static const struct shape ELEMENT = SHAPE_STRUCTURE_OF("KeySchemaElement", ELEMENT_MEMBERS);
static const struct shape KEY_SCHEMA = {
    .kind = SHAPE_LIST,
    .element = &ELEMENT,
    .range = { 1, 2 },
};
static const struct member PUT_MEMBERS[] = { { "Item", &SHAPE_ITEM, REQUIRED } };
static const struct shape PUT = SHAPE_STRUCTURE_OF("PutRequest", PUT_MEMBERS);
static const struct member WRITE_MEMBERS[] = { { "PutRequest", &PUT, OPTIONAL } };
static const struct shape WRITE = SHAPE_STRUCTURE_OF("WriteRequest", WRITE_MEMBERS);
static const struct shape WRITES = { .kind = SHAPE_LIST, .element = &WRITE, .range = { 1, 2 } };
static const struct shape REQUEST_ITEMS = {
    .kind = SHAPE_MAP,
    .key = &SHAPE_NEW_TABLE_NAME,
    .element = &WRITES,
    .range = { 1, 25 },
};
static const struct member MEMBERS[] = {
    { "TableName", &SHAPE_NEW_TABLE_NAME, REQUIRED_FIRST },
    { "Limit", &LIMIT, OPTIONAL },
    { "Segment", &SEGMENT, OPTIONAL },
    { "Size", &SHAPE_ANY_LONG, OPTIONAL },
    { "Ratio", &RATIO, OPTIONAL },
    { "When", &WHEN, OPTIONAL },
    { "Data", &DATA, OPTIONAL },
    { "Flag", &SHAPE_ANY_BOOLEAN, OPTIONAL },
    { "Token", &TOKEN, OPTIONAL },
    { "KeySchema", &KEY_SCHEMA, OPTIONAL },
    { "Element", &ELEMENT, OPTIONAL },
    { "RequestItems", &REQUEST_ITEMS, OPTIONAL },
    { "Names", &SHAPE_STRING_MAP, OPTIONAL },
    { "Key", &SHAPE_ITEM, OPTIONAL },
    { "Index", &SHAPE_INDEX_NAME, OPTIONAL },
};
static const struct shape INPUT = SHAPE_STRUCTURE_OF("TestInput", MEMBERS);

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

/* The members after a good TableName. */
static const struct cJSON *body_with(const char *members)
{
    struct buffer text;
    buffer_init(&text, &arena, 64);
    buffer_append_text(&text, "{\"TableName\":\"abc\",");
    buffer_append_text(&text, members);
    buffer_append_text(&text, "}");
    return parse(bytes_to_text(&arena, buffer_view(&text)));
}

static void assert_fails(const struct cJSON *body, enum api_error_code code, const char *message)
{
    struct api_error error;
    assert_false(shape_check(&INPUT, body, &arena, &error));
    assert_int_equal(error.code, code);
    assert_string_equal(bytes_to_text(&arena, error.message), message);
}

static void assert_passes(const struct cJSON *body)
{
    struct api_error error;
    if (!shape_check(&INPUT, body, &arena, &error)) {
        fail_msg("%s", bytes_to_text(&arena, error.message));
    }
}

#define V20120810 "com.amazonaws.dynamodb.v20120810."

static const struct {
    const char *members;
    const char *message;
} TYPES[] = {
    { "\"Token\":1", "NUMBER_VALUE cannot be converted to String" },
    { "\"Token\":1.5", "DECIMAL_VALUE cannot be converted to String" },
    { "\"Token\":true", "TRUE_VALUE cannot be converted to String" },
    { "\"Token\":false", "FALSE_VALUE cannot be converted to String" },
    { "\"Token\":[]", "Unrecognized collection type class java.lang.String" },
    { "\"Token\":{}", "Start of structure or map found where not expected" },
    { "\"Limit\":\"1\"", "STRING_VALUE cannot be converted to Integer" },
    { "\"Limit\":true", "TRUE_VALUE cannot be converted to Integer" },
    { "\"Limit\":[]", "Unrecognized collection type class java.lang.Integer" },
    { "\"Size\":\"1\"", "STRING_VALUE cannot be converted to Long" },
    { "\"Ratio\":false", "FALSE_VALUE cannot be converted to Double" },
    { "\"When\":\"x\"", "STRING_VALUE cannot be converted to Date" },
    { "\"Flag\":1", "NUMBER_VALUE cannot be converted to Boolean" },
    { "\"Flag\":0.5", "DECIMAL_VALUE cannot be converted to Boolean" },
    { "\"Flag\":\"maybe\"", "Unexpected token received from parser" },
    { "\"Flag\":[]", "Unrecognized collection type class java.lang.Boolean" },
    { "\"Data\":1", "only base-64-encoded strings are convertible to bytes" },
    { "\"Data\":[]", "Unrecognized collection type class java.nio.ByteBuffer" },
    { "\"Data\":\"abc\"", "Base64 encoded length is expected a multiple of 4 bytes but found: 3" },
    { "\"Data\":\"a*==\"", "Invalid Base64 character: '*'" },
    { "\"Data\":\"\xC3\xA9==\"", "Invalid Base64 character: '\xC3\xA9'" },
    { "\"Data\":\"ab=c\"", "Invalid Base64 character: '='" },
    { "\"Data\":\"ab==\"", "Invalid last non-pad Base64 character dectected" },
    { "\"Data\":\"====\"", "Invalid last non-pad Base64 character dectected" },
    { "\"KeySchema\":1", "Unexpected field type" },
    { "\"KeySchema\":{}", "Start of structure or map found where not expected" },
    { "\"KeySchema\":[1]", "Unexpected value type in payload" },
    { "\"KeySchema\":[[]]", "Unrecognized collection type class " V20120810 "KeySchemaElement" },
    { "\"Element\":\"x\"", "Unexpected field type" },
    { "\"Element\":[]", "Unrecognized collection type class " V20120810 "KeySchemaElement" },
    { "\"Element\":{\"KeyType\":2}", "NUMBER_VALUE cannot be converted to String" },
    { "\"Names\":\"x\"", "Unexpected field type" },
    { "\"Names\":[]",
      "Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>" },
    { "\"RequestItems\":[]",
      "Unrecognized collection type java.util.Map<java.lang.String, java.util.List<" V20120810
      "WriteRequest>>" },
    { "\"RequestItems\":{\"abc\":1}",
      "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
      "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "
      "java.lang.Class are in module java.base of loader 'bootstrap')" },
    { "\"Key\":[]",
      "Unrecognized collection type java.util.Map<java.lang.String, " V20120810 "AttributeValue>" },
    { "\"Key\":{\"a\":\"x\"}", "Unexpected value type in payload" },
    { "\"Key\":{\"a\":[]}", "Unrecognized collection type class " V20120810 "AttributeValue" },
    { "\"Key\":{\"a\":{\"S\":1}}", "NUMBER_VALUE cannot be converted to String" },
    { "\"Key\":{\"a\":{\"N\":1}}", "NUMBER_VALUE cannot be converted to String" },
    { "\"Key\":{\"a\":{\"SS\":\"x\"}}", "Unexpected field type" },
    { "\"Key\":{\"a\":{\"SS\":[1]}}", "NUMBER_VALUE cannot be converted to String" },
    { "\"Key\":{\"a\":{\"M\":{\"b\":{\"L\":[{\"B\":\"x\"}]}}}}",
      "Base64 encoded length is expected a multiple of 4 bytes but found: 1" },
    { "\"Key\":{\"a\":{\"L\":{}}}", "Start of structure or map found where not expected" },
    { "\"Limit\":\"x\",\"Token\":1", "STRING_VALUE cannot be converted to Integer" },
    { "\"Token\":1,\"Limit\":\"x\"", "NUMBER_VALUE cannot be converted to String" },
};

static void the_first_wrong_type_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        assert_fails(body_with(TYPES[i].members), API_SERIALIZATION, TYPES[i].message);
    }
}

#define ONE     "1 validation error detected: "
#define FAILED  " failed to satisfy constraint: "
#define NOTNULL "Member must not be null"

static const struct {
    const char *members;
    const char *message;
} CONSTRAINTS[] = {
    { "\"Limit\":0",
      ONE "Value '0' at 'limit'" FAILED "Member must have value greater than or equal to 1" },
    { "\"Segment\":1000000", ONE "Value '1000000' at 'segment'" FAILED
                                 "Member must have value less than or equal to 999999" },
    { "\"Segment\":-1",
      ONE "Value '-1' at 'segment'" FAILED "Member must have value greater than or equal to 0" },
    { "\"Token\":\"\"",
      ONE "Value '' at 'token'" FAILED "Member must have length greater than or equal to 1" },
    { "\"Token\":\"abcde\"",
      ONE "Value 'abcde' at 'token'" FAILED "Member must have length less than or equal to 4" },
    { "\"Index\":\"a b\"", ONE "Value 'a b' at 'index'" FAILED
                               "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+" },
    { "\"Index\":\";\"",
      "2 validation errors detected: Value ';' at 'index'" FAILED
      "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value ';' at "
      "'index'" FAILED "Member must have length greater than or equal to 3" },
    { "\"KeySchema\":[]",
      ONE "Value '[]' at 'keySchema'" FAILED "Member must have length greater than or equal to 1" },
    { "\"KeySchema\":[{}]",
      "2 validation errors detected: Value null at 'keySchema.1.member.attributeName'" FAILED
          NOTNULL "; Value null at 'keySchema.1.member.keyType'" FAILED NOTNULL },
    { "\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"},"
      "{\"AttributeName\":\"b\",\"KeyType\":\"SORT\"}]",
      ONE "Value 'SORT' at 'keySchema.2.member.keyType'" FAILED
          "Member must satisfy enum value set: [HASH, RANGE]" },
    { "\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"},"
      "{\"AttributeName\":\"a\",\"KeyType\":\"RANGE\"},"
      "{\"AttributeName\":\"b\",\"KeyType\":\"RANGE\"}]",
      ONE "Value '[KeySchemaElement(attributeName=pk, keyType=HASH), "
          "KeySchemaElement(attributeName=a, keyType=RANGE), "
          "KeySchemaElement(attributeName=b, keyType=RANGE)]' at 'keySchema'" FAILED
          "Member must have length less than or equal to 2" },
    { "\"KeySchema\":[null]", ONE "Value null at 'keySchema.1.member'" FAILED NOTNULL },
    { "\"Element\":{\"AttributeName\":null,\"KeyType\":\"HASH\"}",
      ONE "Value null at 'element.attributeName'" FAILED NOTNULL },
    { "\"Names\":{\"#a\":null}", ONE "Value null at 'names.#a.member'" FAILED NOTNULL },
    { "\"RequestItems\":{}", ONE "Value '{}' at 'requestItems'" FAILED
                                 "Member must have length greater than or equal to 1" },
    { "\"RequestItems\":{\"abc\":[]}",
      ONE "Value '{abc=[]}' at 'requestItems'" FAILED
          "Map value must satisfy constraint: [Member must have length less than or equal to 2, "
          "Member must have length greater than or equal to 1]" },
    { "\"RequestItems\":{\"a\":[{}]}",
      ONE "Value '{a=[WriteRequest(putRequest=null)]}' at 'requestItems'" FAILED
          "Map keys must satisfy constraint: [Member must have length less than or equal to 255, "
          "Member must have length greater than or equal to 3, "
          "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]" },
    { "\"RequestItems\":{\"abc\":[{\"PutRequest\":{}}]}",
      ONE "Value null at 'requestItems.abc.member.1.member.putRequest.item'" FAILED NOTNULL },
};

static void failed_constraints_are_told_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CONSTRAINTS / sizeof CONSTRAINTS[0]; i++) {
        assert_fails(body_with(CONSTRAINTS[i].members), API_VALIDATION, CONSTRAINTS[i].message);
    }
}

static const char *const GOOD[] = {
    "\"Limit\":1,\"Segment\":0,\"Size\":-5,\"Ratio\":1,\"When\":1.5,\"Data\":\"YQ==\"",
    "\"Flag\":true,\"Token\":\"abcd\",\"Element\":null",
    "\"Flag\":\"YES\"",
    "\"Token\":\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\"", /* four characters, eight bytes */
    "\"Unknown\":{\"Token\":1}",
    "\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\",\"Unknown\":[]}]",
    "\"Key\":{\"a\":{\"S\":\"x\",\"Unknown\":1},\"b\":null}",
    "\"Data\":\"\"",
};

static void what_fits_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        assert_passes(body_with(GOOD[i]));
    }
}

static const struct {
    const char *body;
    const char *message;
} FIRST[] = {
    { "{\"Limit\":0}", "The parameter 'TableName' is required but was not present in the request" },
    { "{\"TableName\":null}",
      "The parameter 'TableName' is required but was not present in the request" },
    { "{\"TableName\":\"ab\",\"Limit\":0}",
      ONE "Value 'ab' at 'tableName'" FAILED "Member must have length greater than or equal to 3" },
    { "{\"TableName\":\"ab;\",\"Limit\":0}",
      "2 validation errors detected: Value 'ab;' at 'tableName'" FAILED
      "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value '0' at "
      "'limit'" FAILED "Member must have value greater than or equal to 1" },
};

static void the_first_member_is_refused_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FIRST / sizeof FIRST[0]; i++) {
        assert_fails(parse(FIRST[i].body), API_VALIDATION, FIRST[i].message);
    }
}

static void at_most_ten_failures_are_told(void **state)
{
    (void)state;
    struct api_error error;
    const struct cJSON *body = body_with("\"KeySchema\":[{},{},{},{},{},{},{}]");
    assert_false(shape_check(&INPUT, body, &arena, &error));
    const char *message = bytes_to_text(&arena, error.message);
    assert_memory_equal(message, "10 validation errors detected: ", 31);
    assert_non_null(strstr(message, "keySchema.5.member.attributeName"));
    assert_null(strstr(message, "keySchema.5.member.keyType"));
}

static void a_body_that_is_no_object_has_no_message(void **state)
{
    (void)state;
    struct api_error error;
    assert_false(shape_check(&INPUT, parse("[]"), &arena, &error));
    assert_int_equal(error.code, API_SERIALIZATION);
    assert_false(error.has_message);
}

static void echoes_are_cut(void **state)
{
    (void)state;
    struct buffer members;
    buffer_init(&members, &arena, 64);
    buffer_append_text(&members, "\"Token\":\"");
    for (int i = 0; i < 10000; i++) {
        buffer_append_text(&members, "\xC3\xA9");
    }
    buffer_append_text(&members, "\"");
    struct api_error error;
    const struct cJSON *body = body_with(bytes_to_text(&arena, buffer_view(&members)));
    assert_false(shape_check(&INPUT, body, &arena, &error));
    assert_in_range(error.message.length, 8192, 8400);
}

static void booleans_may_be_words(void **state)
{
    (void)state;
    const struct cJSON *body = body_with("\"a\":true,\"b\":\"Yes\",\"c\":\"0\",\"d\":false");
    assert_true(shape_boolean(json_member(body, "a")));
    assert_true(shape_boolean(json_member(body, "b")));
    assert_false(shape_boolean(json_member(body, "c")));
    assert_false(shape_boolean(json_member(body, "d")));
    assert_false(shape_boolean(json_member(body, "e")));
    assert_true(shape_text_is(json_member(body, "b"), "Yes"));
    assert_false(shape_text_is(json_member(body, "b"), "yes"));
    assert_false(shape_text_is(json_member(body, "e"), "yes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_wrong_type_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failed_constraints_are_told_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_fits_passes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_member_is_refused_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(at_most_ten_failures_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_that_is_no_object_has_no_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(echoes_are_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(booleans_may_be_words, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
