/*
 * The listening socket and the thread that accepts on it.
 *
 * Accepting is our own thread's work because it spreads connections evenly over the pool (with one
 * socket in every thread's epoll set, whoever wakes first takes most of them) and because it can be
 * stopped before anything else is: libmicrohttpd's own way to stop accepting races with its
 * threads.
 */

#ifndef REHEARSEDB_SERVER_LISTENER_H
#define REHEARSEDB_SERVER_LISTENER_H

#include "server/address.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listener {
    int socket;
    uint16_t port; /* the actual one */
    pthread_t thread;
    atomic_bool stopping;
    /* NULL until started. */
    void (*accepted)(void *context, int socket, const struct sockaddr *peer, socklen_t length);
    void *context;
};

/*
 * Binds and listens; clients may connect from now on and wait. False when the address cannot be
 * had: `out_message` then says what happened, to what, and what to do.
 */
bool listener_open(struct listener *out_listener,
                   const char *host,
                   uint16_t port,
                   char *out_message,
                   size_t message_size);

/* Calls `accepted`, which owns the socket from then on, for every connection, on a thread of its
 * own. */
void listener_start(
    struct listener *listener,
    void (*accepted)(void *context, int socket, const struct sockaddr *peer, socklen_t length),
    void *context);

/* Stops accepting, waits for the thread if it was started, closes the socket. */
void listener_close(struct listener *listener);

#endif
