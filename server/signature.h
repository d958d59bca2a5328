/*
 * Who signed a request, from its Signature Version 4 header or query; pure.
 *
 *   Authorization: AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request,
 *                  SignedHeaders=host;x-amz-date, Signature=0123…
 *   ?X-Amz-Algorithm=…&X-Amz-Credential=…&X-Amz-Date=…&X-Amz-SignedHeaders=…&X-Amz-Signature=…
 *
 * Any key and any region are welcome, and neither the signature nor its age is verified: a
 * rehearsal has no secrets. But a request that lacks a piece is refused as AWS refuses it, so that
 * a client that forgot to sign learns it here.
 */

#ifndef REHEARSEDB_SERVER_SIGNATURE_H
#define REHEARSEDB_SERVER_SIGNATURE_H

#include "api/api.h"

/* The parts of a request that may say who signed it; empty if absent. */
struct signature_source {
    struct bytes authorization; /* the headers Authorization, X-Amz-Date and Date */
    struct bytes amz_date;
    struct bytes date;
    struct bytes query; /* as sent, without '?' */
};

/*
 * Fills in the caller's access key and region, or the refusal. Both are views of the source or,
 * like the refusal's message, in the arena.
 */
void signature_read(const struct signature_source *source,
                    struct arena *arena,
                    struct api_caller *out_caller,
                    struct api_refusal *out_refusal);

/* The service that the header's signature is for, "dynamodb"; empty if it does not say. */
struct bytes signature_service(struct bytes authorization);

#endif
