/*
 * Whether an endpoint can be reached, and whether rehearsedb is behind it.
 *
 * Only the runbook's own commands speak DynamoDB to it; this is one look before the first step, so
 * that a wrong address is told at once and by its cause.
 */

#ifndef REHEARSEDB_TOOLS_ENDPOINT_H
#define REHEARSEDB_TOOLS_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

enum endpoint_kind {
    ENDPOINT_MALFORMED, /* not http://HOST[:PORT] or https://HOST[:PORT] */
    ENDPOINT_UNREACHABLE,
    ENDPOINT_REACHED,    /* something answers there */
    ENDPOINT_CLOSED,     /* rehearsedb, whose control surface is off or wants another token */
    ENDPOINT_REHEARSEDB, /* rehearsedb with its control surface */
};

/* For the first two and ENDPOINT_CLOSED, `out_reason` says why. Takes ten seconds at most. */
enum endpoint_kind endpoint_probe(const char *url, char *out_reason, size_t reason_size);

#endif
