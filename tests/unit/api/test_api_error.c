#include "api/api_error.h"

#include "storage/base/arena.h"

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
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static const char *body_of(const struct api_error *error)
{
    struct buffer body;
    buffer_init(&body, &arena, 1);
    api_error_write(&body, error);
    return bytes_to_text(&arena, buffer_view(&body));
}

static const struct {
    enum api_error_code code;
    int status;
    const char *body; /* with the message "m" */
} BODIES[] = {
    { API_VALIDATION, 400,
      "{\"__type\":\"com.amazon.coral.validate#ValidationException\",\"message\":\"m\"}" },
    { API_SERIALIZATION, 400,
      "{\"__type\":\"com.amazon.coral.service#SerializationException\",\"Message\":\"m\"}" },
    { API_RESOURCE_NOT_FOUND, 400,
      "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\","
      "\"message\":\"m\"}" },
    { API_TRANSACTION_CANCELED, 400,
      "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionCanceledException\","
      "\"Message\":\"m\"}" },
    { API_INTERNAL_SERVER_ERROR, 500,
      "{\"__type\":\"com.amazonaws.dynamodb.v20120810#InternalServerError\",\"message\":\"m\"}" },
    { API_SERVICE_UNAVAILABLE, 503,
      "{\"__type\":\"com.amazon.coral.availability#ServiceUnavailable\",\"message\":\"m\"}" },
};

static void a_body_has_type_and_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BODIES / sizeof BODIES[0]; i++) {
        struct api_error error;
        assert_false(api_error_set(&error, &arena, BODIES[i].code, "%s", "m"));
        assert_string_equal(body_of(&error), BODIES[i].body);
        assert_int_equal(api_error_status(BODIES[i].code), BODIES[i].status);
    }
}

static void a_body_may_have_no_message(void **state)
{
    (void)state;
    struct api_error error;
    assert_false(api_error_set_code(&error, API_SERIALIZATION));
    assert_string_equal(body_of(&error),
                        "{\"__type\":\"com.amazon.coral.service#SerializationException\"}");
}

static void details_follow_the_message(void **state)
{
    (void)state;
    struct api_error error;
    assert_false(api_error_set_message(&error, API_CONDITIONAL_CHECK_FAILED, BYTES("a \"b\"")));
    error.details = BYTES("\"Item\":{}");
    assert_string_equal(body_of(&error),
                        "{\"__type\":\"com.amazonaws.dynamodb.v20120810#"
                        "ConditionalCheckFailedException\",\"message\":\"a \\\"b\\\"\","
                        "\"Item\":{}}");
}

static void every_error_is_found_by_its_name(void **state)
{
    (void)state;
    for (int i = 0; i < API_ERROR_CODE_COUNT; i++) {
        enum api_error_code code = (enum api_error_code)i;
        enum api_error_code found = API_ERROR_CODE_COUNT;
        assert_non_null(api_error_type(code));
        assert_true(api_error_of_name(bytes_of_text(api_error_name(code)), &found));
        assert_int_equal(found, code);
    }
    enum api_error_code found;
    assert_false(api_error_of_name(BYTES("NoSuchException"), &found));
    assert_string_equal(api_error_name(API_LIMIT_EXCEEDED), "LimitExceededException");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_body_has_type_and_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_may_have_no_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(details_follow_the_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_error_is_found_by_its_name, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
