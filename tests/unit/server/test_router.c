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
        assert_int_equal(router_find(bytes_of_text(cases[i].method), bytes_of_text(cases[i].path)),
                         cases[i].endpoint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(method_and_path_lead_to_an_endpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
