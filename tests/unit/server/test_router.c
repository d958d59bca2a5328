#include "server/router.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void method_and_path_lead_to_an_endpoint(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        const char *path;
        enum endpoint endpoint;
    } cases[] = {
        { "POST", "/", ENDPOINT_DYNAMODB_CALL },
        { "POST", "/any/path", ENDPOINT_DYNAMODB_CALL },
        { "GET", "/", ENDPOINT_DYNAMODB_GREETING },
        { "GET", "/any/path", ENDPOINT_DYNAMODB_GREETING },
        { "OPTIONS", "/", ENDPOINT_DYNAMODB_PREFLIGHT },
        { "PUT", "/", ENDPOINT_DYNAMODB_NOTHING },
        { "DELETE", "/", ENDPOINT_DYNAMODB_NOTHING },
        { "HEAD", "/", ENDPOINT_DYNAMODB_NOTHING },
        { "get", "/", ENDPOINT_DYNAMODB_NOTHING },
        { "", "", ENDPOINT_DYNAMODB_NOTHING },
        { "GET", "/_rehearsedb", ENDPOINT_CONTROL },
        { "GET", "/_rehearsedb/", ENDPOINT_CONTROL },
        { "POST", "/_rehearsedb/hold", ENDPOINT_CONTROL },
        { "OPTIONS", "/_rehearsedb/hold", ENDPOINT_CONTROL },
        { "GET", "/_rehearsedbx", ENDPOINT_DYNAMODB_GREETING },
        { "GET", "/x/_rehearsedb/", ENDPOINT_DYNAMODB_GREETING },
        { "GET", "/_rehearse", ENDPOINT_DYNAMODB_GREETING },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("%s %s\n", cases[i].method, cases[i].path);
        struct http_request request = { .method = bytes_of_text(cases[i].method),
                                        .path = bytes_of_text(cases[i].path) };
        assert_int_equal(router_find(&request), cases[i].endpoint);
    }
}

#define SIGNED(service)                                                                            \
    "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/" service "/aws4_request"
#define FORM "application/x-www-form-urlencoded; charset=utf-8"

static void a_post_that_names_cloudwatch_is_its(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        const char *path;
        const char *authorization;
        const char *content_type;
        const char *body;
        enum endpoint endpoint;
    } cases[] = {
        { "GraniteServiceVersion20100801.ListMetrics", "/", NULL, NULL, "", ENDPOINT_CLOUDWATCH },
        { "DynamoDB_20120810.ListTables", "/", SIGNED("monitoring"), NULL, "",
          ENDPOINT_DYNAMODB_CALL },
        { NULL, "/service/GraniteServiceVersion20100801/operation/ListMetrics", NULL, NULL, "",
          ENDPOINT_CLOUDWATCH },
        { NULL, "/service/Other/operation/ListMetrics", NULL, NULL, "", ENDPOINT_DYNAMODB_CALL },
        { NULL, "/", SIGNED("monitoring"), FORM, "Action=ListMetrics", ENDPOINT_CLOUDWATCH },
        { NULL, "/", SIGNED("dynamodb"), FORM, "Action=ListMetrics", ENDPOINT_DYNAMODB_CALL },
        { NULL, "/", NULL, FORM, "Action=ListMetrics&Version=2010-08-01", ENDPOINT_CLOUDWATCH },
        { NULL, "/", NULL, FORM, "Version=2010-08-01&Action=ListMetrics", ENDPOINT_CLOUDWATCH },
        { NULL, "/", NULL, FORM, "Action=ListStacks&Version=2010-05-15", ENDPOINT_DYNAMODB_CALL },
        { NULL, "/", NULL, FORM, "Version=2010-08-011", ENDPOINT_DYNAMODB_CALL },
        { NULL, "/", NULL, NULL, "Version=2010-08-01", ENDPOINT_DYNAMODB_CALL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct http_request request = { .method = BYTES("POST"),
                                        .path = bytes_of_text(cases[i].path),
                                        .body = bytes_of_text(cases[i].body) };
        struct http_headers *headers = &request.headers;
        if (cases[i].target != NULL) {
            headers->x_amz_target = bytes_of_text(cases[i].target);
        }
        if (cases[i].authorization != NULL) {
            headers->authorization = bytes_of_text(cases[i].authorization);
        }
        if (cases[i].content_type != NULL) {
            headers->content_type = bytes_of_text(cases[i].content_type);
        }
        print_message("case %zu\n", i);
        assert_int_equal(router_find(&request), cases[i].endpoint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(method_and_path_lead_to_an_endpoint),
        cmocka_unit_test(a_post_that_names_cloudwatch_is_its),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
