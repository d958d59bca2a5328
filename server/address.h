/*
 * Numeric internet addresses. Names are not looked up: a static program has no resolver, and whom a
 * server listens to should not depend on one. "localhost" means 127.0.0.1.
 */

#ifndef REHEARSEDB_SERVER_ADDRESS_H
#define REHEARSEDB_SERVER_ADDRESS_H

#include "storage/base/bytes.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
    struct sockaddr_storage socket_address;
    socklen_t length;
};

/* An IPv4 or IPv6 address (in brackets or bare), or "localhost". False for anything else. */
bool address_read(struct bytes host, uint16_t port, struct address *out_address);

/* 127.0.0.0/8, also when mapped into IPv6, and ::1. */
bool address_is_loopback(const struct address *address);

/* The host part of "HOST", "HOST:PORT", "[IPv6]" or "[IPv6]:PORT"; brackets stay. */
struct bytes address_host_part(struct bytes authority);

#endif
