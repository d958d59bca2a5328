#include "tools/endpoint.h"

#include "tools/process.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HOST_SIZE_MAX = 256,
    PORT_SIZE_MAX = 6,
    PROBE_MS = 5000,
};

struct address {
    char host[HOST_SIZE_MAX];
    char port[PORT_SIZE_MAX];
    bool secure;
};

static bool copy_part(char *to, size_t size, const char *from, size_t length)
{
    if (length == 0 || length >= size) {
        return false;
    }
    memcpy(to, from, length);
    to[length] = '\0';
    return true;
}

/* url = ( "http://" | "https://" ) host [ ":" port ] [ "/" ];  host may be an IPv6 "[…]" */
static bool parse_url(const char *url, struct address *out)
{
    const char *rest = NULL;
    if (strncmp(url, "http://", 7) == 0) {
        out->secure = false;
        rest = url + 7;
    } else if (strncmp(url, "https://", 8) == 0) {
        out->secure = true;
        rest = url + 8;
    } else {
        return false;
    }
    const char *host = rest;
    size_t host_length = strcspn(rest, ":/");
    rest += host_length;
    if (host[0] == '[') {
        host_length = strcspn(host, "]");
        if (host[host_length] == '\0') {
            return false;
        }
        rest = host + host_length + 1;
        host += 1;
        host_length -= 1;
    }
    (void)snprintf(out->port, sizeof out->port, "%s", out->secure ? "443" : "80");
    if (rest[0] == ':') {
        size_t digits = strspn(rest + 1, "0123456789");
        if (!copy_part(out->port, sizeof out->port, rest + 1, digits)) {
            return false;
        }
        rest += 1 + digits;
    }
    bool at_end = rest[0] == '\0' || strcmp(rest, "/") == 0;
    return at_end && copy_part(out->host, sizeof out->host, host, host_length);
}

/* Waits for `events` until the deadline; false when it has passed or we were interrupted. */
static bool wait_for(int fd, short events, int64_t deadline_ms)
{
    struct pollfd wait = { .fd = fd, .events = events };
    while (!process_interrupted()) {
        int64_t left_ms = deadline_ms - process_now_ms();
        if (left_ms <= 0) {
            break;
        }
        if (poll(&wait, 1, (int)left_ms) > 0) {
            return true;
        }
    }
    return false;
}

/* A connected socket, or -1 with errno. */
static int connect_to(const struct addrinfo *to, int64_t deadline_ms)
{
    int fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
    if (fd < 0) {
        return -1;
    }
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0) {
        return fd;
    }
    int failure = errno;
    if (failure == EINPROGRESS) {
        socklen_t size = sizeof failure;
        failure = ETIMEDOUT;
        if (wait_for(fd, POLLOUT, deadline_ms)) {
            (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size);
        }
    }
    if (failure != 0) {
        (void)close(fd);
        errno = failure;
        return -1;
    }
    return fd;
}

static int connect_any(const struct address *address,
                       int64_t deadline_ms,
                       char *out_reason,
                       size_t reason_size)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    int code = getaddrinfo(address->host, address->port, &hints, &found);
    if (code != 0) {
        (void)snprintf(out_reason, reason_size, "%s", gai_strerror(code));
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *each = found; each != NULL && fd < 0; each = each->ai_next) {
        fd = connect_to(each, deadline_ms);
    }
    if (fd < 0) {
        (void)snprintf(out_reason, reason_size, "%s", strerror(errno));
    }
    freeaddrinfo(found);
    return fd;
}

/* Whether GET /_rehearsedb/health is answered with status 200. */
static bool has_control_surface(int fd, const struct address *address, int64_t deadline_ms)
{
    char request[HOST_SIZE_MAX + 64];
    int length = snprintf(request, sizeof request,
                          "GET /_rehearsedb/health HTTP/1.0\r\nHost: %s\r\n\r\n", address->host);
    if (write(fd, request, (size_t)length) != length) {
        return false;
    }
    char status_line[] = "HTTP/1.x 200";
    size_t size = sizeof status_line - 1;
    size_t got = 0;
    while (got < size && wait_for(fd, POLLIN, deadline_ms)) {
        ssize_t more = read(fd, status_line + got, size - got);
        if (more <= 0) {
            return false;
        }
        got += (size_t)more;
    }
    return got == size && strncmp(status_line, "HTTP/1.", 7) == 0 &&
           strcmp(status_line + 8, " 200") == 0;
}

enum endpoint_kind endpoint_probe(const char *url, char *out_reason, size_t reason_size)
{
    struct address address;
    if (!parse_url(url, &address)) {
        (void)snprintf(out_reason, reason_size, "not of the form http://HOST:PORT");
        return ENDPOINT_MALFORMED;
    }
    int64_t deadline_ms = process_now_ms() + PROBE_MS;
    int fd = connect_any(&address, deadline_ms, out_reason, reason_size);
    if (fd < 0) {
        return ENDPOINT_UNREACHABLE;
    }
    bool found = !address.secure && has_control_surface(fd, &address, deadline_ms);
    (void)close(fd);
    return found ? ENDPOINT_REHEARSEDB : ENDPOINT_REACHED;
}
