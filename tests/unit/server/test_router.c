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
        enum api_service service;
        assert_int_equal(router_find(&request, &service), cases[i].endpoint);
    }
}

#define SIGNED(service)                                                                            \
    "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/" service "/aws4_request"
#define FORM "application/x-www-form-urlencoded; charset=utf-8"

#define DYNAMODB API_SERVICE_COUNT

static void a_post_that_names_another_service_is_its(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        const char *path;
        const char *authorization;
        const char *content_type;
        const char *body;
        enum api_service service;
    } cases[] = {
        { "GraniteServiceVersion20100801.ListMetrics", "/", NULL, NULL, "", API_CLOUDWATCH },
        { "DynamoDB_20120810.ListTables", "/", SIGNED("monitoring"), NULL, "", DYNAMODB },
        { NULL, "/service/GraniteServiceVersion20100801/operation/ListMetrics", NULL, NULL, "",
          API_CLOUDWATCH },
        { NULL, "/service/Other/operation/ListMetrics", NULL, NULL, "", DYNAMODB },
        { NULL, "/", SIGNED("monitoring"), FORM, "Action=ListMetrics", API_CLOUDWATCH },
        { NULL, "/", SIGNED("dynamodb"), FORM, "Action=ListMetrics", DYNAMODB },
        { NULL, "/", NULL, FORM, "Action=ListMetrics&Version=2010-08-01", API_CLOUDWATCH },
        { NULL, "/", NULL, FORM, "Version=2010-08-01&Action=ListMetrics", API_CLOUDWATCH },
        { NULL, "/", NULL, FORM, "Action=ListUsers&Version=2010-05-08", DYNAMODB },
        { "AmazonSSM.GetParameter", "/", SIGNED("ssm"), NULL, "", API_SSM },
        { NULL, "/", SIGNED("cloudformation"), FORM, "Action=ListStacks", API_CLOUDFORMATION },
        { NULL, "/", NULL, FORM, "Action=ListStacks&Version=2010-05-15", API_CLOUDFORMATION },
        { NULL, "/", SIGNED("sts"), FORM, "Action=GetCallerIdentity", API_STS },
        { NULL, "/", NULL, FORM, "Action=GetCallerIdentity&Version=2011-06-15", API_STS },
        { NULL, "/", NULL, FORM, "Version=2010-08-011", DYNAMODB },
        { NULL, "/", NULL, NULL, "Version=2010-08-01", DYNAMODB },
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
        enum api_service service = API_SERVICE_COUNT;
        enum endpoint endpoint = router_find(&request, &service);
        assert_int_equal(service, cases[i].service);
        assert_int_equal(endpoint, service == DYNAMODB ? ENDPOINT_DYNAMODB_CALL : ENDPOINT_SERVICE);
    }
}

static void what_is_signed_for_s3_is_its_whatever_the_method(void **state)
{
    (void)state;
    static const char *const methods[] = { "GET", "HEAD", "PUT", "DELETE", "POST" };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct http_request request = { .method = bytes_of_text(methods[i]),
                                        .path = BYTES("/bucket/key"),
                                        .headers.authorization = BYTES(SIGNED("s3")) };
        enum api_service service;
        assert_int_equal(router_find(&request, &service), ENDPOINT_S3);
        request.headers.x_amz_target = BYTES("DynamoDB_20120810.ListTables");
        assert_int_not_equal(router_find(&request, &service), ENDPOINT_S3);
        request.path = BYTES("/_rehearsedb/health");
        assert_int_equal(router_find(&request, &service), ENDPOINT_CONTROL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(method_and_path_lead_to_an_endpoint),
        cmocka_unit_test(a_post_that_names_another_service_is_its),
        cmocka_unit_test(what_is_signed_for_s3_is_its_whatever_the_method),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
