#include "server/signature.h"

#include "storage/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CORAL      "com.amazon.coral.service#"
#define INVALID    CORAL "InvalidSignatureException"
#define MISSING    CORAL "MissingAuthenticationTokenException"
#define INCOMPLETE CORAL "IncompleteSignatureException"

#define NO_CREDENTIAL     "Authorization header requires 'Credential' parameter. "
#define NO_SIGNATURE      "Authorization header requires 'Signature' parameter. "
#define NO_SIGNED_HEADERS "Authorization header requires 'SignedHeaders' parameter. "
#define NO_DATE                                                                                    \
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "

#define QUERY_LACKS(name) "AWS query-string parameters must include '" name "'. "
#define QUERY_AGAIN       "Re-examine the query-string parameters."

/* The refusals are those that dynalite's tests recorded from the service. */
static const struct {
    const char *authorization;
    const char *amz_date;
    const char *date;
    const char *query;
    const char *type;
    const char *message;
} REFUSALS[] = {
    { "", "", "", "", MISSING, "Request is missing Authentication Token" },
    { "AWS4", "d", "", "", MISSING, "Request is missing Authentication Token" },
    { "Bearer AWS4-", "d", "", "", MISSING, "Request is missing Authentication Token" },
    { "X", "", "", "X-Amz-Algorith", MISSING, "Request is missing Authentication Token" },
    { "", "", "", "X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-SignedHeaders=c&X-Amz-Date=d",
      MISSING, "Request is missing Authentication Token" },
    { "X", "", "", "X-Amz-Algorithm", INVALID,
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header." },
    { "AWS4-", "", "", "", INCOMPLETE,
      NO_CREDENTIAL NO_SIGNATURE NO_SIGNED_HEADERS NO_DATE "Authorization=AWS4-" },
    { "AWS4- Signature=b Credential=a", "", "a", "", INCOMPLETE,
      NO_SIGNED_HEADERS "Authorization=AWS4- Signature=b Credential=a" },
    { "AWS4- Signature=b,Credential=a", "", "a", "", INCOMPLETE,
      NO_SIGNED_HEADERS "Authorization=AWS4- Signature=b,Credential=a" },
    { "AWS4- Signature=b, Credential=a", "a", "", "", INCOMPLETE,
      NO_SIGNED_HEADERS "Authorization=AWS4- Signature=b, Credential=a" },
    { "AWS4-X Signature=, Credential, SignedHeaders=c", "a", "", "", INCOMPLETE,
      NO_CREDENTIAL NO_SIGNATURE "Authorization=AWS4-X Signature=, Credential, SignedHeaders=c" },
    { "AWS4-X Signature=b, Credential=a, SignedHeaders=c", "", "", "", INCOMPLETE,
      NO_DATE "Authorization=AWS4-X Signature=b, Credential=a, SignedHeaders=c" },
    { "", "", "", "X-Amz-Algorithm", INCOMPLETE,
      QUERY_LACKS("X-Amz-Algorithm") QUERY_LACKS("X-Amz-Credential") QUERY_LACKS("X-Amz-Signature")
          QUERY_LACKS("X-Amz-SignedHeaders") QUERY_LACKS("X-Amz-Date") QUERY_AGAIN },
    { "", "", "", "X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=c&X-Amz-Date=d", INCOMPLETE,
      QUERY_LACKS("X-Amz-SignedHeaders") QUERY_AGAIN },
};

static struct signature_source
source_of(const char *authorization, const char *amz_date, const char *date, const char *query)
{
    return (struct signature_source){ .authorization = bytes_of_text(authorization),
                                      .amz_date = bytes_of_text(amz_date),
                                      .date = bytes_of_text(date),
                                      .query = bytes_of_text(query) };
}

static void assert_bytes(struct bytes actual, const char *expected)
{
    print_message("%.*s\n", BYTES_ARGUMENTS(actual));
    assert_true(bytes_equal(actual, bytes_of_text(expected)));
}

static void what_lacks_a_piece_is_refused_in_the_words_of_the_service(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        struct arena arena;
        arena_init(&arena);
        struct signature_source source = source_of(REFUSALS[i].authorization, REFUSALS[i].amz_date,
                                                   REFUSALS[i].date, REFUSALS[i].query);
        struct api_caller caller = { 0 };
        struct api_refusal refusal = { 0 };
        signature_read(&source, &arena, &caller, &refusal);
        assert_non_null(refusal.type);
        assert_string_equal(refusal.type, REFUSALS[i].type);
        assert_bytes(refusal.message, REFUSALS[i].message);
        assert_int_equal(caller.access_key_id.length, 0);
        arena_deinit(&arena);
    }
}

static void key_and_region_are_read_from_header_and_query(void **state)
{
    (void)state;
    static const struct {
        const char *authorization;
        const char *query;
        const char *key;
        const char *region;
    } cases[] = {
        { "AWS4-HMAC-SHA256 Credential=AKIA1/20260101/eu-west-2/dynamodb/aws4_request, "
          "SignedHeaders=host;x-amz-date, Signature=abc",
          "", "AKIA1", "eu-west-2" },
        { "AWS4-HMAC-SHA256 Signature=abc,SignedHeaders=host,Credential=k/d/r/s/t", "", "k", "r" },
        { "AWS4-ECDSA-P256-SHA256 Credential=k, SignedHeaders=h, Signature=s", "", "k", "" },
        { "AWS4- Credential=k/d, SignedHeaders=h, Signature=s", "x=%zz&&=&a", "k", "" },
        { "",
          "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA2%2F20260101%2fus-west-1%"
          "2Fdynamodb"
          "%2Faws4_request&X-Amz-Date=d&X-Amz-SignedHeaders=host&X-Amz-Signature=s",
          "AKIA2", "us-west-1" },
        { "",
          "Action=x&X-Amz%2DAlgorithm=a&X-Amz-Credential=a+b/d/r%&X-Amz-Date=d&X-Amz-SignedHeaders="
          "host&X-Amz-Signature=s",
          "a b", "r%" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena;
        arena_init(&arena);
        struct signature_source source =
            source_of(cases[i].authorization, "20260101T000000Z", "", cases[i].query);
        struct api_caller caller = { 0 };
        struct api_refusal refusal = { 0 };
        signature_read(&source, &arena, &caller, &refusal);
        assert_null(refusal.type);
        assert_bytes(caller.access_key_id, cases[i].key);
        assert_bytes(caller.region, cases[i].region);
        arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lacks_a_piece_is_refused_in_the_words_of_the_service),
        cmocka_unit_test(key_and_region_are_read_from_header_and_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
