/*
 * One call of DynamoDB on a stack's behalf, made as any client's: through dispatch, in the world
 * and with the access key of who began the operation. Waits for the answer.
 */

#ifndef REHEARSEDB_API_CLOUDFORMATION_SERVICE_CALL_H
#define REHEARSEDB_API_CLOUDFORMATION_SERVICE_CALL_H

#include "storage/base/bytes.h"

#include <stdbool.h>

struct api;
struct arena;
struct stack;

struct call_outcome {
    bool is_done;
    bool is_worth_repeating; /* throttled, or an error of the service */
    const char *error;       /* "ValidationException"; "": it is done, or there was no answer */
    const char *reason;      /* the resource's reason, in the words of CloudFormation's handler */
};

/* `operation` is "CreateTable"; `input` is JSON. */
void service_call_make(struct api *api,
                       struct arena *arena,
                       const struct stack *stack,
                       const char *operation,
                       struct bytes input,
                       struct call_outcome *out_outcome);

/* "Resource handler returned message: "…" (RequestToken: …, HandlerErrorCode: …)" */
const char *handler_reason(struct arena *arena, const char *message, const char *code);

#endif
