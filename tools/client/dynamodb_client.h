/*
 * DynamoDB over HTTP, at AWS or anywhere else: one call after the other, signed, retried as the
 * SDKs do. A client belongs to one thread.
 */

#ifndef REHEARSEDB_TOOLS_CLIENT_DYNAMODB_CLIENT_H
#define REHEARSEDB_TOOLS_CLIENT_DYNAMODB_CLIENT_H

#include "storage/base/bytes.h"

struct cJSON;
struct dynamodb_client;

struct dynamodb_client_options {
    const char *endpoint; /* NULL: AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, else AWS itself */
    const char *region;   /* NULL: as the AWS CLI finds it */
    const char *program;  /* "rehearse wait": part of the user agent */
    int attempts_max;     /* of a call; 0: as many as the SDKs make */
    long timeout_ms;      /* of an attempt; 0: as long as the SDKs wait */
};

/* False: `out_reason` says what is missing. Nothing is sent yet. */
bool dynamodb_client_open(const struct dynamodb_client_options *options,
                          struct dynamodb_client **out_client,
                          char *out_reason,
                          size_t reason_size);
void dynamodb_client_close(struct dynamodb_client *client);

/* Where it sends to, for messages. */
const char *dynamodb_client_url(const struct dynamodb_client *client);

struct dynamodb_reply {
    int status;         /* HTTP; 0: no answer, and `message` says why */
    struct cJSON *json; /* of an answer; dynamodb_reply_free */
    struct bytes body;  /* as it came; in the arena */
    const char *error;  /* "ResourceNotFoundException"; NULL: it went well */
    const char *message;
    int attempts;
};

/*
 * Calls an operation with a JSON body. What may pass by itself (throttling, 5xx, a broken
 * connection) is tried again, up to ten times in all, with growing pauses. True when it went well.
 */
bool dynamodb_client_call(struct dynamodb_client *client,
                          struct arena *arena,
                          const char *operation,
                          struct bytes body,
                          struct dynamodb_reply *out_reply);

void dynamodb_reply_free(struct dynamodb_reply *reply);

/* Whether the call got through to something that speaks DynamoDB. */
bool dynamodb_reply_is_answer(const struct dynamodb_reply *reply);

#endif
