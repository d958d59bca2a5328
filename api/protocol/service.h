/*
 * The frame of the AWS services that are told apart by their operations' names alone: a table of
 * operations and errors becomes a service that is called in up to three protocols. The call's input
 * becomes the same tree in each, its result is written once for all, and errors have the form of
 * each (docs/adr/0009-aws-protocols.md).
 *
 * One call is one struct service_request, all of which lives in its arena. The frame begins no
 * transaction: an operation begins its own.
 */

#ifndef REHEARSEDB_API_PROTOCOL_SERVICE_H
#define REHEARSEDB_API_PROTOCOL_SERVICE_H

#include "api/api.h"
#include "api/json.h"
#include "api/protocol/document_writer.h"
#include "api/shape.h"

struct storage;

struct service_error {
    const char *code;  /* for Query */
    const char *shape; /* for the others */
    int status;
    const char *message_name; /* for the others; NULL: "message" */
};

/* What every service says before it knows the operation. */
extern const struct service_error SERVICE_INCOMPLETE_SIGNATURE;
extern const struct service_error SERVICE_INVALID_ACTION;
extern const struct service_error SERVICE_INVALID_CLIENT_TOKEN;
extern const struct service_error SERVICE_INVALID_SIGNATURE;
extern const struct service_error SERVICE_MALFORMED_INPUT;
extern const struct service_error SERVICE_MISSING_AUTHENTICATION_TOKEN;

struct service_request {
    struct api *api;
    const struct service *service;
    const struct storage *storage;
    struct arena *arena;
    const struct api_caller *caller;
    struct bytes world;   /* of the caller, "ACCESS KEY/REGION/"; empty where tables are shared */
    struct bytes region;  /* of the caller, or the configured one */
    struct bytes account; /* twelve digits */
    struct bytes request_id;
    const struct cJSON *input; /* an object of the operation's shape */
    int64_t now_ms;
    struct document_writer *reply;
    const struct service_error *error; /* NULL: none */
    struct buffer message;             /* of the error */
};

struct service_operation {
    const char *name;
    const struct shape *input;
    bool (*run)(struct service_request *request); /* writes the members of the result */
};

struct service {
    const char *name_space; /* of XML */
    const char *version;
    const char *type_prefix; /* of an error's __type */
    const struct service_operation *const *operations;
    size_t operations_count;
    const struct service_error *internal_fault;
    /* What a constraint of the operation's shape that is not kept is reported as; NULL: operations
     * check by themselves. */
    const struct service_error *validation_error;
    bool tells_query_error; /* by x-amzn-query-error, where the protocol is another */
};

/* Fills in the reply of the call; done when it returns. */
void service_call(const struct service *service,
                  struct api *api,
                  struct api_call *call,
                  enum api_protocol protocol);

/* Always false. Of several failures the first kind counts, and more of the same kind are further
 * lines of its message. */
bool service_fail(struct service_request *request,
                  const struct service_error *error,
                  const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

/* The store could not: always false. */
bool service_fail_storage(struct service_request *request);

/* A member that is a string; empty when it is absent. */
struct bytes
service_text(struct service_request *request, const struct cJSON *object, const char *name);

#endif
