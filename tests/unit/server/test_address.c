#include "server/address.h"

#include <netinet/in.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void numeric_addresses_and_localhost_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
        bool loopback;
    } cases[] = {
        { "127.0.0.1", true, true },
        { "localhost", true, true },
        { "127.8.9.10", true, true },
        { "::1", true, true },
        { "[::1]", true, true },
        { "::ffff:127.0.0.1", true, true },
        { "::ffff:10.0.0.1", true, false },
        { "0.0.0.0", true, false },
        { "::", true, false },
        { "128.0.0.1", true, false },
        { "192.168.1.10", true, false },
        { "", false, false },
        { "[]", false, false },
        { "[::1", false, false },
        { "example.com", false, false },
        { "127.0.0.1.evil.example", false, false },
        { "127.1", false, false },
        { "0123456789012345678901234567890123456789012345678901234567890", false, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address address;
        print_message("%s\n", cases[i].text);
        assert_int_equal(address_read(bytes_of_text(cases[i].text), 0, &address), cases[i].valid);
        if (cases[i].valid) {
            assert_int_equal(address_is_loopback(&address), cases[i].loopback);
        }
    }
}

static void the_port_is_kept(void **state)
{
    (void)state;
    struct address address;
    struct sockaddr_in ipv4;
    assert_true(address_read(BYTES("10.0.0.1"), 8000, &address));
    assert_int_equal(address.length, sizeof ipv4);
    memcpy(&ipv4, &address.socket_address, sizeof ipv4);
    assert_int_equal(ntohs(ipv4.sin_port), 8000);
}

static void the_host_part_ends_before_the_port(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "localhost:8000", "localhost" },
        { "localhost", "localhost" },
        { "[::1]:8000", "[::1]" },
        { "[::1]", "[::1]" },
        { "[::1", "[::1" },
        { ":8000", "" },
        { "", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes host = address_host_part(bytes_of_text(cases[i][0]));
        assert_true(bytes_equal(host, bytes_of_text(cases[i][1])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numeric_addresses_and_localhost_are_read),
        cmocka_unit_test(the_port_is_kept),
        cmocka_unit_test(the_host_part_ends_before_the_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
