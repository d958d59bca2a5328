/* DescribeLimits, DescribeEndpoints. */

#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_limits_are_those_an_account_begins_with(void **state)
{
    assert_answer(*state, "DescribeLimits", "{}",
                  "{'AccountMaxReadCapacityUnits':80000,'AccountMaxWriteCapacityUnits':80000,"
                  "'TableMaxReadCapacityUnits':40000,'TableMaxWriteCapacityUnits':40000}");
}

static void the_endpoint_is_where_the_caller_is(void **state)
{
    struct api_fixture *fixture = *state;
    assert_answer(fixture, "DescribeEndpoints", "{}",
                  "{'Endpoints':[{'Address':'dynamodb.eu-test-1.amazonaws.com',"
                  "'CachePeriodInMinutes':1440}]}");
    fixture->caller.host = BYTES("localhost:8000");
    assert_answer(fixture, "DescribeEndpoints", "{}",
                  "{'Endpoints':[{'Address':'localhost:8000','CachePeriodInMinutes':1440}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(the_limits_are_those_an_account_begins_with),
        API_TEST(the_endpoint_is_where_the_caller_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
