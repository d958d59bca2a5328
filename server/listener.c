#include "server/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    BACKLOG = 1024, /* connections that wait to be accepted; the kernel cuts it to its own limit */
    RETRY_NS = 10 * 1000 * 1000,
};

static const char *advice(int error)
{
    switch (error) {
    case EADDRINUSE:
        return "stop the program that uses the port, or choose another one with --port";
    case EACCES:
        return "choose a port above 1023 with --port";
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return "give --host an address of this machine";
    default:
        return "check --host and --port";
    }
}

static bool listen_on(int socket, const struct address *address, uint16_t *out_port)
{
    int on = 1;
    int off = 0;
    struct sockaddr_storage actual;
    socklen_t length = sizeof actual;
    bool ipv6 = address->socket_address.ss_family == AF_INET6;
    if ((ipv6 && setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0) ||
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(socket, (const struct sockaddr *)&address->socket_address, address->length) != 0 ||
        listen(socket, BACKLOG) != 0 ||
        getsockname(socket, (struct sockaddr *)&actual, &length) != 0) {
        return false;
    }
    /* The port is at the same place in both families. */
    struct sockaddr_in name;
    memcpy(&name, &actual, sizeof name);
    *out_port = ntohs(name.sin_port);
    return true;
}

bool listener_open(struct listener *out_listener,
                   const char *host,
                   uint16_t port,
                   char *out_message,
                   size_t message_size)
{
    struct address address;
    if (!address_read(bytes_of_text(host), port, &address)) {
        (void)snprintf(out_message, message_size,
                       "cannot listen on '%s': not a numeric address; give --host an IPv4 or IPv6 "
                       "address, such as 127.0.0.1 or 0.0.0.0",
                       host);
        return false;
    }
    int socket_type = SOCK_STREAM | SOCK_CLOEXEC;
    int descriptor = socket(address.socket_address.ss_family, socket_type, 0);
    uint16_t actual_port = 0;
    if (descriptor < 0 || !listen_on(descriptor, &address, &actual_port)) {
        int error = errno;
        char reason[128];
        if (strerror_r(error, reason, sizeof reason) != 0) {
            (void)snprintf(reason, sizeof reason, "error %d", error);
        }
        (void)snprintf(out_message, message_size, "cannot listen on %s port %u: %s; %s", host,
                       (unsigned)port, reason, advice(error));
        if (descriptor >= 0) {
            (void)close(descriptor);
        }
        return false;
    }
    *out_listener = (struct listener){ .socket = descriptor, .port = actual_port };
    return true;
}

/* Out of descriptors or memory: those who wait in the backlog get their turn when others have gone.
 */
static void wait_for_room(void)
{
    struct timespec pause = { .tv_nsec = RETRY_NS };
    (void)nanosleep(&pause, NULL);
}

static void *accept_all(void *argument)
{
    struct listener *listener = argument;
    while (!atomic_load(&listener->stopping)) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        int connection = accept(listener->socket, (struct sockaddr *)&peer, &length);
        if (connection >= 0) {
            listener->accepted(listener->context, connection, (const struct sockaddr *)&peer,
                               length);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            wait_for_room();
        }
        /* Any other failure belongs to a client that has already gone, or is listener_close. */
    }
    return NULL;
}

void listener_start(
    struct listener *listener,
    void (*accepted)(void *context, int socket, const struct sockaddr *peer, socklen_t length),
    void *context)
{
    listener->accepted = accepted;
    listener->context = context;
    if (pthread_create(&listener->thread, NULL, accept_all, listener) != 0) {
        (void)fprintf(stderr, "rehearsedb: cannot start the thread that accepts connections\n");
        abort();
    }
}

void listener_close(struct listener *listener)
{
    atomic_store(&listener->stopping, true);
    (void)shutdown(listener->socket, SHUT_RDWR); /* wakes accept; later connections are refused */
    if (listener->accepted != NULL) {
        (void)pthread_join(listener->thread, NULL);
    }
    (void)close(listener->socket);
}
