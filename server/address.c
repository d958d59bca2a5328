#include "server/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { LOOPBACK_NETWORK = 127 };

bool address_read(struct bytes host, uint16_t port, struct address *out_address)
{
    if (bytes_equal(host, BYTES("localhost"))) {
        host = BYTES("127.0.0.1");
    } else if (host.length > 2 && host.data[0] == '[' && host.data[host.length - 1] == ']') {
        host = (struct bytes){ .data = host.data + 1, .length = host.length - 2 };
    }
    char text[INET6_ADDRSTRLEN];
    if (host.length >= sizeof text) {
        return false;
    }
    if (host.length > 0) {
        memcpy(text, host.data, host.length);
    }
    text[host.length] = '\0';

    struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons(port) };
    struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    memset(out_address, 0, sizeof *out_address);
    if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
        memcpy(&out_address->socket_address, &ipv4, sizeof ipv4);
        out_address->length = sizeof ipv4;
        return true;
    }
    if (inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1) {
        memcpy(&out_address->socket_address, &ipv6, sizeof ipv6);
        out_address->length = sizeof ipv6;
        return true;
    }
    return false;
}

bool address_is_loopback(const struct address *address)
{
    if (address->socket_address.ss_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, &address->socket_address, sizeof ipv4);
        return ntohl(ipv4.sin_addr.s_addr) >> 24 == LOOPBACK_NETWORK;
    }
    struct sockaddr_in6 ipv6;
    memcpy(&ipv6, &address->socket_address, sizeof ipv6);
    return IN6_IS_ADDR_LOOPBACK(&ipv6.sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr) &&
            ipv6.sin6_addr.s6_addr[12] == LOOPBACK_NETWORK);
}

struct bytes address_host_part(struct bytes authority)
{
    struct bytes host = { .data = authority.data, .length = 0 };
    if (authority.length > 0 && authority.data[0] == '[') {
        const uint8_t *end = memchr(authority.data, ']', authority.length);
        host.length = end != NULL ? (size_t)(end - authority.data) + 1 : authority.length;
    } else if (authority.length > 0) {
        const uint8_t *end = memchr(authority.data, ':', authority.length);
        host.length = end != NULL ? (size_t)(end - authority.data) : authority.length;
    }
    return host;
}
