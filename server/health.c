#include "server/health.h"

#include "server/address.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    TIMEOUT_S = 2,
    PORT_DEFAULT = 80,
    PORT_MAX = 65535,
    REQUEST_SIZE = 512,
    STATUS_LINE_LENGTH = sizeof "HTTP/1.1 200" - 1,
    REASON_SIZE = 128,
};

/* port -> digit { digit } */
static bool read_port(struct bytes text, uint16_t *out_port)
{
    uint32_t port = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t digit = (uint8_t)(text.data[i] - '0');
        port = port * 10 + digit;
        if (digit > 9 || port > PORT_MAX) {
            return false;
        }
    }
    *out_port = (uint16_t)port;
    return text.length > 0;
}

/* endpoint -> "http://" address [ ":" port ] [ "/" ] */
static bool
read_endpoint(const char *endpoint, struct bytes *out_authority, struct address *out_address)
{
    struct bytes text = bytes_of_text(endpoint);
    struct bytes scheme = BYTES("http://");
    if (!bytes_start_with(text, scheme)) {
        return false;
    }
    struct bytes authority = { .data = text.data + scheme.length,
                               .length = text.length - scheme.length };
    if (authority.length > 0 && authority.data[authority.length - 1] == '/') {
        authority.length--;
    }
    struct bytes host = address_host_part(authority);
    uint16_t port = PORT_DEFAULT;
    if (host.length < authority.length) {
        struct bytes digits = { .data = authority.data + host.length + 1,
                                .length = authority.length - host.length - 1 };
        if (authority.data[host.length] != ':' || !read_port(digits, &port)) {
            return false;
        }
    }
    *out_authority = authority;
    return address_read(host, port, out_address);
}

/* SO_SNDTIMEO also bounds connect. */
static bool connect_to(int descriptor, const struct address *address)
{
    struct timeval timeout = { .tv_sec = TIMEOUT_S };
    return setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) == 0 &&
           setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) == 0 &&
           connect(descriptor, (const struct sockaddr *)&address->socket_address,
                   address->length) == 0;
}

static bool send_request(int descriptor, struct bytes authority)
{
    char request[REQUEST_SIZE];
    int length =
        snprintf(request, sizeof request, "GET /_rehearsedb/health HTTP/1.0\r\nHost: %.*s\r\n\r\n",
                 BYTES_ARGUMENTS(authority));
    if (length < 0 || length >= REQUEST_SIZE) {
        errno = ENAMETOOLONG;
        return false;
    }
    return send(descriptor, request, (size_t)length, MSG_NOSIGNAL) == length;
}

/* The start of the status line; shorter, with an error or without, when the server ends it early.
 */
static size_t receive_status(int descriptor, char out_line[STATUS_LINE_LENGTH + 1])
{
    size_t length = 0;
    errno = 0;
    while (length < STATUS_LINE_LENGTH) {
        ssize_t received = recv(descriptor, out_line + length, STATUS_LINE_LENGTH - length, 0);
        if (received <= 0) {
            break;
        }
        length += (size_t)received;
    }
    out_line[length] = '\0';
    return length;
}

static void explain(const char *endpoint, int error, char *out_message, size_t message_size)
{
    char reason[REASON_SIZE] = "the connection was closed without an answer";
    if (error == EAGAIN || error == EINPROGRESS) {
        (void)snprintf(reason, sizeof reason, "no answer within %d s", TIMEOUT_S);
    } else if (error != 0 && strerror_r(error, reason, sizeof reason) != 0) {
        (void)snprintf(reason, sizeof reason, "error %d", error);
    }
    (void)snprintf(out_message, message_size, "%s: %s", endpoint, reason);
}

bool health_check(const char *endpoint, char *out_message, size_t message_size)
{
    struct bytes authority;
    struct address address;
    if (!read_endpoint(endpoint, &authority, &address)) {
        (void)snprintf(out_message, message_size,
                       "'%s' is no endpoint; give one such as http://127.0.0.1:8000", endpoint);
        return false;
    }
    char line[STATUS_LINE_LENGTH + 1] = "";
    bool healthy = false;
    int descriptor = socket(address.socket_address.ss_family, SOCK_STREAM, 0);
    if (descriptor < 0 || !connect_to(descriptor, &address) ||
        !send_request(descriptor, authority) ||
        receive_status(descriptor, line) < STATUS_LINE_LENGTH) {
        explain(endpoint, errno, out_message, message_size);
    } else if (strncmp(line, "HTTP/1.", strlen("HTTP/1.")) != 0 ||
               strcmp(line + strlen("HTTP/1.1"), " 200") != 0) {
        (void)snprintf(out_message, message_size, "%s: answered '%s', not 200", endpoint, line);
    } else {
        healthy = true;
    }
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    return healthy;
}
